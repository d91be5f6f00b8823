"""The directive `part-chapters`: on the first page of a part, what its chapters ask, hold and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from dlbook.site.chapters import reading_minutes
from dlbook.site.checked_page import remembered, rows_of

_ = get_translation("dlbook")


class part_chapters(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """Where the list will stand; it needs all pages read and all records written."""


class PartChapters(SphinxDirective):
    """Stands where the list of the pages below this one in the table of contents is wanted."""

    def run(self) -> list[nodes.Node]:
        """Leave a place-holder."""
        remembered(self.env)[self.env.docname] = ""
        return [part_chapters()]


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Put the list where the directive stands.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page about to be written.
    docname : str
        Its name.
    """
    places = list(document.findall(part_chapters))
    if not places:
        return
    rows = {row["slug"]: row for row in rows_of(app)}
    for place in places:
        items = [_entry(app, docname, slug, rows.get(slug)) for slug in app.env.toctree_includes[docname]]
        place.replace_self(nodes.bullet_list("", *items, classes=["part-chapters"]))


def _entry(app: Sphinx, docname: str, slug: str, row: Mapping[str, Any] | None) -> nodes.list_item:
    """Describe one page: its title as a link, what it is about, and its facts if it has code."""
    title = full_title(app.env, slug)
    address = app.builder.get_relative_uri(docname, slug)
    link = nodes.reference("", "", *[node.deepcopy() for node in title], refuri=address, internal=True)
    item = nodes.list_item("", nodes.paragraph("", "", link, classes=["part-chapter"]))
    about = app.env.metadata[slug].get("description")
    if about:
        item += nodes.paragraph("", str(about))
    if row is not None:
        item += nodes.paragraph("", content_text(row), classes=["dlbook-facts"])
    return item


def full_title(env: BuildEnvironment, slug: str) -> list[nodes.Node]:
    """Give a page's title with its number, if the table of contents numbers it.

    Parameters
    ----------
    env : BuildEnvironment
        Sphinx's, with all pages read.
    slug : str
        A page's name.

    Returns
    -------
    list of nodes
        Of running text.
    """
    number = env.toc_secnumbers.get(slug, {}).get("")
    shown: list[nodes.Node] = [nodes.Text(".".join(map(str, number)) + ". ")] if number else []
    return [*shown, *env.titles[slug].children]


def content_text(row: Mapping[str, Any]) -> str:
    """Say in one line what a chapter takes and holds.

    Parameters
    ----------
    row : mapping
        As :func:`dlbook.site.rows.chapter_row` gives it.

    Returns
    -------
    str
        Parts that are nought are left out.

    Examples
    --------
    >>> content_text({"words": 900, "seconds": 8.2, "derivations": 1, "exercises": 5, "keys": 0})
    '5 minutes to read · 8 seconds to run · 1 checked derivation · 5 exercises'
    """
    numbers = [
        (reading_minutes(row["words"]), _("minute to read"), _("minutes to read")),
        (max(1, round(row["seconds"])), _("second to run"), _("seconds to run")),
        (row["derivations"], _("checked derivation"), _("checked derivations")),
        (row["exercises"], _("exercise"), _("exercises")),
        (row["keys"], _("answer marked on the page"), _("answers marked on the page")),
    ]
    return " · ".join(f"{n} {one if n == 1 else many}" for n, one, many in numbers if n)


def setup_part_pages(app: Sphinx) -> None:
    """Make the directive known to Sphinx; :mod:`dlbook.site.checked_page` keeps its pages fresh.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(part_chapters)
    app.add_directive("part-chapters", PartChapters)
    app.connect("doctree-resolved", fill)
