"""Every chapter of the book runs under the smoke budget, in smoke's time, and its prose lints clean."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.site.chapters import read_chapters
from dlbook.site.project import TIMEOUTS, Project
from dlbook.site.records import Records

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Project(ROOT)
PAGES = read_chapters(PROJECT)
CHAPTERS = [chapter for chapter in PAGES if chapter.is_notebook]


@pytest.fixture(scope="session")
def outcome() -> subprocess.CompletedProcess[str]:
    """Execute all chapters once, as a build does; those whose record is at hand do not run again."""
    env = {k: v for k, v in os.environ.items() if k not in ("DLBOOK_TIMEOUT", "DLBOOK_THREADS")}
    command = [sys.executable, "-m", "dlbook.site", "execute", "--budget", "smoke", "--root", str(ROOT)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_the_book_has_chapters_to_execute():
    assert CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_chapter_executes_under_smoke_within_its_time(chapter, outcome):
    entry = Records(PROJECT.execution("smoke")).manifest().get("chapters", {}).get(chapter.slug)
    assert entry is not None, outcome.stdout + outcome.stderr
    record = Records(PROJECT.execution("smoke")).current(chapter.slug)
    assert record is not None
    assert [cell["source"] for cell in record["cells"]] == [cell.source for cell in chapter.cells]
    assert record["budget"] == "smoke"
    assert record["seconds"] < TIMEOUTS["smoke"]
    json.dumps(record)  # nothing in it that a page could not store


def test_every_chapter_executes_without_data_and_without_a_network(tmp_path):
    copy = tmp_path / "book-without-data"
    for name in ("_config.yml", "_toc.yml", "pyproject.toml", "requirements.lock"):
        copy.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    for name in ("book", "src"):
        shutil.copytree(ROOT / name, copy / name)
    env = {k: v for k, v in os.environ.items() if not k.startswith("DLBOOK_")}
    env |= {"DLBOOK_OFFLINE": "1", "DLBOOK_CACHE": str(tmp_path / "empty")}
    command = [sys.executable, "-m", "dlbook.site", "execute", "--budget", "smoke", "--root", str(copy)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for chapter in CHAPTERS:
        record = Records(Project(copy).execution("smoke")).current(chapter.slug)
        assert record is not None
        assert {use["source"] for use in record["data"]} <= {"embedded"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_page_lints_clean(page):
    from dlbook.site.lint import lint_file

    errors = [finding for finding in lint_file(page.path) if finding.is_error]
    assert not errors, "\n".join(map(str, errors))
