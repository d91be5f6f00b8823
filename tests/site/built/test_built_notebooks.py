"""The notebooks of the finished book: complete, readable by themselves, and doing what the pages show."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import pytest
from bs4 import BeautifulSoup
from pages import PROJECT

from dlbook.site.answer_data import load_keys
from dlbook.site.chapters import read_chapters
from dlbook.site.launch import DOWNLOADS
from dlbook.site.notebooks import exported
from dlbook.site.notebooks.check import faults

PAGES = read_chapters(PROJECT)
CHAPTERS = [chapter for chapter in PAGES if chapter.cells]
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)


def read(chapter) -> nbformat.NotebookNode:
    return nbformat.read(exported(PROJECT)[chapter.slug], as_version=4)


def words(chapter) -> str:
    return "\n\n".join(cell.source for cell in read(chapter).cells if cell.cell_type == "markdown")


def page(chapter) -> BeautifulSoup:
    html = (PROJECT.html / f"{chapter.slug}.html").read_text(encoding="utf8")
    return BeautifulSoup(html, "html.parser").find("main")


def test_pages_with_code_have_notebooks_and_others_none():
    assert CHAPTERS
    assert sorted(exported(PROJECT)) == sorted(chapter.slug for chapter in CHAPTERS)
    for slug, path in exported(PROJECT).items():
        assert (PROJECT.html / DOWNLOADS / f"{slug}.ipynb").read_bytes() == path.read_bytes()


@every_chapter
def test_notebook_is_valid_and_clean(chapter):
    notebook = read(chapter)
    nbformat.validate(notebook)
    assert [str(fault) for fault in faults(notebook, chapter.slug)] == []
    assert notebook.cells[0].source.startswith("# Set-up")


@every_chapter
def test_code_is_the_chapter_s_code_in_its_order(chapter):
    code = [cell.source for cell in read(chapter).cells[1:] if cell.cell_type == "code"]
    assert [s for s in code if "dlbook.answers import check" not in s] == [c.source for c in chapter.cells]


@every_chapter
def test_equations_have_the_numbers_of_the_page(chapter):
    numbers = [found.get_text().strip("()¶#") for found in page(chapter).select(".eqno")]
    shown = re.findall(r"\\tag\{([\d.]+)\}|&& \(([\d.]+)\)", words(chapter))
    assert [one or other for one, other in shown] == numbers


@every_chapter
def test_figures_and_exercises_have_the_numbers_of_the_page(chapter):
    figures = [f.get_text().strip() for f in page(chapter).select("figcaption .caption-number")]
    assert re.findall(r"^\*\*(Fig\. [\d.]+)\.\*\*", words(chapter), re.M) == figures
    numbers = [found.get_text().strip() for found in page(chapter).select(".exercise .caption-number")]
    assert re.findall(r"^#+ (Exercise [\d.]+)", words(chapter), re.M) == numbers


@every_chapter
def test_every_exercise_has_its_solution_and_every_question_a_cell_that_marks(chapter):
    exercises = re.findall(r"^#+ (Exercise\b[^\n(]*?)(?: \(|$)", words(chapter), re.M)
    solutions = re.findall(r"Solution to (Exercise\b[^\n<(*,]*)", words(chapter))
    assert list(dict.fromkeys(s.strip() for s in solutions)) == [e.strip() for e in exercises]
    code = "\n".join(cell.source for cell in read(chapter).cells if cell.cell_type == "code")
    assert set(re.findall(r'check\("([^"]+)"', code)) >= set(load_keys(chapter.path))


@pytest.fixture(scope="session")
def outcome() -> subprocess.CompletedProcess[str]:
    """Run every notebook under smoke, elsewhere, with the installed package; pages under smoke first."""
    env = {k: v for k, v in os.environ.items() if k not in ("DLBOOK_TIMEOUT", "DLBOOK_THREADS")}
    for command in ("execute", "notebooks"):
        words = [
            sys.executable,
            "-m",
            "dlbook.site",
            command,
            "--budget",
            "smoke",
            "--root",
            str(PROJECT.root),
        ]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            break
    return done


@every_chapter
def test_notebook_runs_elsewhere_within_its_memory_and_records_what_the_page_records(chapter, outcome):
    """One that fails or differs is not among those of which the command tells that they ran."""
    said = outcome.stdout + outcome.stderr
    assert re.search(rf"^  \[\d+/\d+\]  {chapter.slug}  [\d.]+ s, \d+ MB, \d+ numbers$", said, re.M), said
    assert f"{chapter.slug}: " not in said, said


def test_all_notebooks_agree_with_their_pages(outcome):
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert f"Notebooks: {len(CHAPTERS)} run from top to bottom" in outcome.stdout
