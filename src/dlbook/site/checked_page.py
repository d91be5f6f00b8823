"""The directive `what-was-checked`: everything that the build verified, chapter by chapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from dlbook.site.chapters import Chapter, reading_minutes
from dlbook.site.derivation_log import table
from dlbook.site.derivation_parts import with_maths
from dlbook.site.derivations import total
from dlbook.site.exercises import total_exercises
from dlbook.site.numbering import order_of_contents
from dlbook.site.reader import records_of
from dlbook.site.records import digest
from dlbook.site.rows import chapter_row

_ = get_translation("dlbook")


class what_was_checked(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """Where the tables will stand; they need all pages read and all records written."""


class WhatWasChecked(SphinxDirective):
    """Stands where the tables are wanted; with the option `totals`, where the sum of all is."""

    option_spec: ClassVar = {"totals": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Leave a place-holder."""
        remembered(self.env)[self.env.docname] = ""  # what the page will show is known when all are read
        return [what_was_checked("", totals="totals" in self.options)]


def remembered(env: BuildEnvironment) -> dict[str, str]:
    """Return, for each page with a list of chapters, the state of them that it shows."""
    if not hasattr(env, "dlbook_checked"):
        env.dlbook_checked = {}  # type: ignore[attr-defined]
    return env.dlbook_checked  # type: ignore[attr-defined]


def state(app: Sphinx) -> str:
    """Fingerprint what pages can show of all chapters: most edits of prose leave it as it is."""
    rows = []
    for row in rows_of(app):
        cell = {**(row["slowest_cell"] or {}), "line": 0}
        rows.append({**row, "words": reading_minutes(row["words"]), "slowest_cell": cell})
    about = {slug: str(known.get("description")) for slug, known in sorted(app.env.metadata.items())}
    return digest([rows, about])


def rows_of(app: Sphinx) -> list[Mapping[str, Any]]:
    """Gather the chapters that were executed, in reading order.

    Parameters
    ----------
    app : Sphinx
        The application; all its pages have been read.

    Returns
    -------
    list of dict
        One for each, as :func:`dlbook.site.rows.chapter_row` gives it.
    """
    records, rows = records_of(app.outdir), list[Mapping[str, Any]]()
    executed = records.manifest().get("chapters", {})
    for slug in order_of_contents(app.env):
        if slug in executed:
            path = Path(app.env.doc2path(slug))
            chapter = Chapter(slug, path, path.read_text(encoding="utf8"))
            if row := chapter_row(chapter, records, executed[slug]["key"]):
                rows.append(row)
    return rows


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Put the tables where the directive stands.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page about to be written.
    docname : str
        Its name.
    """
    places = list(document.findall(what_was_checked))
    if not places:
        return
    rows = rows_of(app)
    for place in places:
        place.replace_self(
            [_paragraph(sentence(rows))] if place["totals"] else [*_chapters(app, rows, docname)]
        )


def sentence(rows: list[Mapping[str, Any]]) -> str:
    """Sum everything up in one sentence.

    Parameters
    ----------
    rows : list of dict
        The chapters.

    Returns
    -------
    str
        With the totals.
    """
    all_of = total(rows) | total_exercises(rows)
    equations = all_of["equations"]
    return _(
        "On {pages}, {derivations} with {steps} were checked in {seconds:.1f} seconds; of {made} mutants, "
        "{killed} were rejected and {same} proved equivalent to what they were made from; the pages show "
        "{equations} ({checked} checked, {definition} by definition, {cited} cited) and {exercises} with "
        "{solutions}. {keys} can be marked, and {mistakes} are known."
    ).format(
        pages=_count(len(rows), _("page"), _("pages")),
        derivations=_count(all_of["derivations"], _("derivation"), _("derivations")),
        steps=_count(all_of["steps"], _("step"), _("steps")),
        seconds=all_of["check_seconds"],
        killed=all_of["mutants_killed"],
        made=all_of["mutants_made"],
        same=all_of["mutants_equivalent"],
        equations=_count(sum(equations.values()), _("displayed equation"), _("displayed equations")),
        checked=equations["checked"],
        definition=equations["definition"],
        cited=equations["cited"],
        exercises=_count(all_of["exercises"], _("exercise"), _("exercises")),
        solutions=_count(all_of["solutions"], _("worked solution"), _("worked solutions")),
        keys=_count(all_of["keys"], _("answer"), _("answers")),
        mistakes=_count(all_of["mistakes"], _("mistake"), _("mistakes")),
    )


def _chapters(app: Sphinx, rows: list[Mapping[str, Any]], docname: str) -> Iterator[nodes.Element]:
    """Yield the part of each chapter."""
    for row in rows:
        slug = row["slug"]
        address = app.builder.get_relative_uri(docname, slug)
        title = app.env.titles[slug].astext()
        link = nodes.reference("", title, refuri=address, internal=True)
        section = nodes.section("", nodes.title("", "", link), ids=[nodes.make_id(f"checked-{slug}")])
        section += [_run(row), _paragraph(_equations(row))]
        if row["checked"]:
            section += _derivations(row, address)
        yield section


def _derivations(row: Mapping[str, Any], address: str) -> nodes.table:
    """Make the table of a chapter's derivations."""
    lines: list[list[str | nodes.Node]] = []
    for data in row["checked"]:
        name = nodes.inline("", "", *with_maths(data["title"] or data["name"]))
        place = f"{address}#{data['anchor']}"
        link = nodes.reference("", "", name, refuri=place, internal=True) if data["anchor"] else name
        lines.append(
            [
                link,
                data["level"],
                str(data["steps"]),
                _("{killed} of {made}").format(killed=data["mutants_killed"], made=data["mutants_made"]),
                str(data["mutants_equivalent"]),
                data["oracle"],
                f"{data['seconds']:.2f}",
            ]
        )
    return table(
        [
            _("Derivation"),
            _("Level"),
            _("Steps"),
            _("Mutants rejected"),
            _("Equivalent"),
            _("Confirmed by"),
            _("Seconds"),
        ],
        lines,
    )


def _run(row: Mapping[str, Any]) -> nodes.paragraph:
    """Say how a chapter ran."""
    used = dict.fromkeys(
        _("{name} (the embedded digits stand in)").format(name=d["name"])
        if d["source"] == "embedded" and d["name"] != "digits"
        else d["name"]
        for d in row["data"]
    )
    text = _(
        "Ran in {seconds:.1f} seconds, {cells:.1f} of them in its cells, with the {budget} budget on "
        "{device}, with at most {memory:.0f} MB of memory; data: {data}."
    ).format(
        seconds=row["seconds"],
        cells=row["cell_seconds"],
        budget=row["budget"],
        device=_("the CPU") if row["device"] == "cpu" else row["device"],
        memory=row["peak_rss_mb"],
        data=", ".join(used) or _("none"),
    )
    paragraph = _paragraph(text)
    if cell := row["slowest_cell"]:
        paragraph += nodes.Text(_(" The slowest is code cell {n}, ").format(n=cell["index"]))
        paragraph += nodes.literal("", cell["first_line"])
        paragraph += nodes.Text(_(", with {seconds:.1f} seconds.").format(seconds=cell["seconds"]))
    return paragraph


def _equations(row: Mapping[str, Any]) -> str:
    """Count a chapter's equations and exercises in words."""
    return _(
        "Equations: {checked} checked, {definition} by definition, {cited} cited. "
        "Exercises: {exercises}, with {solutions}."
    ).format(
        **row["equations"],
        exercises=row["exercises"],
        solutions=_count(row["solutions"], _("worked solution"), _("worked solutions")),
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", text)


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name the pages to be written again because a chapter is not what they show of it any more."""
    known = remembered(env)
    if not known or app.builder.format != "html":
        return []
    now = state(app)
    stale = [name for name, then in known.items() if name in env.found_docs and then != now]
    known.update(dict.fromkeys(stale, now))
    return stale


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    remembered(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    theirs = remembered(other)
    remembered(env).update({name: theirs[name] for name in docnames if name in theirs})


def setup_checked_page(app: Sphinx) -> None:
    """Make the directive known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(what_was_checked)
    app.add_directive("what-was-checked", WhatWasChecked)
    app.connect("doctree-resolved", fill)
    app.connect("env-get-updated", outdated)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
