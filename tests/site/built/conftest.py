"""A browser for the finished site, and addresses to open in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from browsing import FLAGS
from pages import AXE, HELP, PROJECT, chromium, served

from dlbook.site.vendor import fetch_npm


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Headless Chromium; without one, tests are skipped with a word on how to get it, and fail in CI."""
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as play:
        try:
            opened = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        except Error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(HELP)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what keeps people out."""
    return (fetch_npm(*AXE) / "axe.min.js").read_text(encoding="utf8")


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the finished site, served from a sub-path like a project on GitHub Pages."""
    assert (PROJECT.html / "index.html").exists(), "there is no finished site here; run make book first"
    with served(PROJECT.html, "/some/book/") as address:
        yield address


@pytest.fixture(scope="session")
def root_site() -> Iterator[str]:
    """The same below the path that the book's address has: a page for lost readers needs to know it."""
    base = re.search(r'<base href="([^"]*)">', (PROJECT.html / "404.html").read_text(encoding="utf8"))
    with served(PROJECT.html, base[1]) as address:
        yield address


@pytest.fixture
def home(request: pytest.FixtureRequest) -> str:
    """The address of the site for the page that a test is about."""
    slug = request.node.callspec.params["slug"]
    return request.getfixturevalue("root_site" if slug == "404" else "site")
