r"""The sections of the book that messages send a reader to: their titles, and where they are on the site.

Keys name a section by its label. In a checkout titles are read from ``book/`` itself; an installed package
has them in ``_keys/sections.json``, which ``setup.py`` writes with this module. So it imports nothing else.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

LISTING = "sections.json"
_LABEL = re.compile(r"\(([^\s()]+)\)=\s*")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,}|:{3,})")
_ADDRESS = re.compile(r"""^\s+baseurl:\s*["']?(https?://[^"'\s#]+)""", re.M)


class Section(NamedTuple):
    """A section with a label.

    Parameters
    ----------
    title : str
        Its heading, in Markdown.
    chapter : str
        The title of its page; the same for a page's own label.
    page : str
        The page's name, such as ``foundations/backpropagation``.
    anchor : str
        Its id on the page.
    """

    title: str
    chapter: str
    page: str
    anchor: str


def read_sections(book: Path) -> dict[str, Section]:
    """Find the labelled sections of all chapters.

    Parameters
    ----------
    book : Path
        The folder of Markdown files.

    Returns
    -------
    dict of str to Section
        By label.
    """
    found: dict[str, Section] = {}
    for path in sorted(book.rglob("*.md")):
        page = path.relative_to(book).with_suffix("").as_posix()
        headings = list(_headings(path.read_text(encoding="utf-8")))
        chapter = next((title for depth, title, _ in headings if depth == 1), page)
        for _, title, labels in headings:
            for label in labels:
                found[label] = Section(title, chapter, page, _anchor(label))
    return found


def as_json(book: Path) -> str:
    """Write what an installed package needs to know, for ``setup.py``.

    Parameters
    ----------
    book : Path
        The folder of Markdown files; ``_config.yml`` lies beside it.

    Returns
    -------
    str
        JSON: the site's ``address`` (empty while it has none) and ``sections``.
    """
    return json.dumps({"address": _address(book), "sections": read_sections(book)}, indent=1) + "\n"


def _headings(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield depth, title and labels of each heading that is no comment in code."""
    labels: list[str] = []
    fence = ""
    for line in text.splitlines():
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence) and not line.strip(fence[0] + " "):
                fence = ""
        elif fence or not line.strip():
            continue
        elif label := _LABEL.fullmatch(line):
            labels.append(label[1])
        else:
            if heading := _HEADING.fullmatch(line):
                yield len(heading[1]), heading[2], labels
            labels = []


def _anchor(label: str) -> str:
    """Write a label as Sphinx writes it for an id."""
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def _address(book: Path) -> str:
    """Read the site's address; without a reader of YAML, which need not be installed."""
    config = book.parent / "_config.yml"
    found = _ADDRESS.search(config.read_text(encoding="utf-8")) if config.is_file() else None
    return found[1].rstrip("/") if found else ""


@functools.cache
def _known(folder: Path) -> tuple[str, Mapping[str, Section]]:
    """Load address and sections, from a package's own file or from the checkout."""
    listing = folder / LISTING
    if not listing.is_file():
        return _address(folder), read_sections(folder)
    stored = json.loads(listing.read_text(encoding="utf-8"))
    return stored["address"], {label: Section(*fields) for label, fields in stored["sections"].items()}


def find_section(label: str) -> tuple[Section, str] | None:
    """Look up where a label leads.

    Parameters
    ----------
    label : str
        A section's label.

    Returns
    -------
    tuple of Section and str, or None
        The section and its address, which is empty while the site has none; None for a label that no section
        has.
    """
    from dlbook.answers.keys import folders  # which needs more than Python, unlike setup.py

    for folder in folders()[:1]:
        address, sections = _known(folder)
        if section := sections.get(label):
            return section, f"{address}/{section.page}.html#{section.anchor}" if address else ""
    return None


def pointer(label: str) -> str:
    """Say in Markdown what to read again.

    Parameters
    ----------
    label : str
        A section's label.

    Returns
    -------
    str
        One line with a link, or with the section's title while the site has no address; empty for a label
        that no section has.

    Examples
    --------
    >>> pointer("no-such-section")
    ''
    """
    found = find_section(label)
    if found is None:
        return ""
    section, address = found
    if address:
        return f"Read again: [{section.title}]({address})"
    inside = f" in “{section.chapter}”" if section.chapter != section.title else ""
    return f"Read again: “{section.title}”{inside}"
