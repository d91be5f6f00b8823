"""The finished site as it lies in _build/html: made by "make book", checked by "make verify"."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dlbook.answers.sections import read_sections
from dlbook.site.chapters import read_chapters
from dlbook.site.links import check_links, read_page
from dlbook.site.project import Project

ROOT = Path(__file__).resolve().parents[3]
PROJECT = Project(ROOT)
PAGES = read_chapters(PROJECT)
CHAPTERS = [page for page in PAGES if page.is_notebook]


@pytest.fixture(scope="session")
def report() -> dict:
    assert PROJECT.report.exists(), "there is no finished site here; run make book first"
    return json.loads(PROJECT.report.read_text())


def html(slug: str) -> str:
    path = PROJECT.html / f"{slug}.html"
    assert path.exists(), f"the page {slug} is missing; run make book first"
    return path.read_text(encoding="utf8")


def test_the_last_build_came_to_its_end(report):
    assert not (PROJECT.build / ".incomplete").exists(), "the last build failed or was killed; run make book"


def test_every_internal_link_leads_somewhere_and_ids_are_unique():
    assert (PROJECT.html / "index.html").exists(), "there is no finished site here; run make book first"
    assert check_links(PROJECT.html) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_every_page_is_there_and_leads_to_every_other(page):
    text = html(page.slug)
    assert "<h1" in text
    links = {address.split("#")[0] for _, address in read_page(text).links}
    for other in PAGES:
        if other is not page:
            target = os.path.relpath(other.slug + ".html", Path(page.slug).parent)
            assert target in links, f"the sidebar lacks {other.slug}"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_every_chapter_was_executed_within_its_limits_on_the_data_it_names(chapter, report):
    row = next(row for row in report["chapters"] if row["slug"] == chapter.slug)
    assert row["budget"] == report["budget"]
    assert row["seconds"] > 0
    if os.environ.get("DLBOOK_DATA_STRICT"):
        stand_ins = [d["name"] for d in row["data"] if d["source"] == "embedded" and d["name"] != "digits"]
        assert not stand_ins, f"the embedded digits stand in for {stand_ins}"
    assert chapter.slug == "index" or "dlbook-facts" in html(chapter.slug)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_no_page_shows_a_traceback_or_an_unresolved_number(chapter):
    text = html(chapter.slug)
    for trouble in (
        "Traceback (most recent call last)",
        "system-message",
        "pasted text",
        'class="problematic"',
    ):
        assert trouble not in text


def test_no_chapter_is_over_its_limits(report):
    assert report["warnings"] == []


def test_every_section_that_a_notebooks_message_may_link_to_is_on_the_site():
    sections = read_sections(PROJECT.book)
    assert sections
    for label, section in sections.items():
        page = (PROJECT.html / f"{section.page}.html").read_text(encoding="utf8")
        assert f'id="{section.anchor}"' in page, label
