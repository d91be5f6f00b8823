"""The log of a check, as a reader opens it under a derivation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docutils import nodes
from sphinx.locale import get_translation

from dlbook.site.derivation_parts import formula

_ = get_translation("dlbook")

EXAMPLES = 2  # mutants shown per line
_SYMBOLS = 6  # symbols shown of a point


def log(data: Mapping[str, Any], source: nodes.Element | None = None) -> Iterator[nodes.Element]:
    """Yield what is under a badge.

    Parameters
    ----------
    data : mapping
        A derivation as it stands in the notebook.
    source : node, optional
        The code of its cell.

    Yields
    ------
    node
        A table of the lines; mutants; what was assumed; what confirms the result; the code.
    """
    yield table(
        [_("Line"), _("Level"), _("Checked at"), _("Seconds"), _("Mutants rejected"), _("Equivalent")],
        [_row(step) for step in data["steps"]],
    )
    yield from _mutants(data["steps"])
    for title, formulas in (
        (_("Definitions"), data["definitions"]),
        (_("Assumptions"), data["assumptions"]),
        (_("Domains"), data["domains"]),
    ):
        if formulas:
            yield _facts(title, formulas)
    if oracle := data["oracle"]:
        level = f" ({oracle['level']})" if oracle.get("level") else ""
        note = f": {oracle['note']}" if oracle.get("note") else ""
        yield _titled(_("Confirmed by"), nodes.Text(f"{oracle.get('name', '')}{level}{note}"))
    for note in data["notes"]:
        yield _titled(_("Note"), nodes.Text(str(note)))
    if source is not None:
        yield _titled(_("The code of this derivation"))
        yield source


def table(head: Sequence[str], rows: Sequence[Sequence[str | nodes.Node]]) -> nodes.table:
    """Make a table.

    Parameters
    ----------
    head : sequence of str
        Titles of the columns.
    rows : sequence of sequence
        Texts or inline nodes.

    Returns
    -------
    docutils.nodes.table
        As any other of the page.

    Examples
    --------
    >>> table(["a", "b"], [["1", "2"]]).astext().split()
    ['a', 'b', '1', '2']
    """
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec("", colwidth=12) for _column in head]
    group += nodes.thead("", _table_row(head))
    group += nodes.tbody("", *[_table_row(row) for row in rows])
    return nodes.table("", group, classes=["dlbook-log"])


def _table_row(cells: Sequence[str | nodes.Node]) -> nodes.row:
    entries = []
    for cell in cells:
        inline = (
            cell if isinstance(cell, nodes.Node) else nodes.Text(str(cell))
        )  # a title may be a lazy string
        entries.append(nodes.entry("", nodes.paragraph("", "", inline)))
    return nodes.row("", *entries)


def _row(step: Mapping[str, Any]) -> list[str | nodes.Node]:
    """One line of the derivation in the table."""
    killed, same = (sum(m["status"] == s for m in step["mutants"]) for s in ("killed", "equivalent"))
    made = len(step["mutants"])
    return [
        str(step["number"]),
        step["level"] or step["kind"],
        step["note"],
        f"{step['seconds']:.2f}",
        _("{killed} of {made}").format(killed=killed, made=made),
        str(same),
    ]


def _mutants(steps: Sequence[Mapping[str, Any]]) -> Iterator[nodes.Element]:
    """Yield a few wrong versions of each line, and where each of them fails."""
    items = []
    for step in steps:
        killed = [m for m in step["mutants"] if m["status"] == "killed"]
        same = [m for m in step["mutants"] if m["status"] == "equivalent"][:1]
        for mutant in _varied(killed)[:EXAMPLES] + same:
            head = _("Line {n}, {kind}: ").format(n=step["number"], kind=mutant["kind"])
            why = mutant["reason"] if mutant["status"] == "killed" else _("the same as the line, not counted")
            text = f" \u2013 {why}{_point(mutant['point'])}"
            items.append(
                nodes.list_item(
                    "",
                    nodes.paragraph("", "", nodes.Text(head), formula(mutant["latex"]), nodes.Text(text)),
                )
            )
    if items:
        yield _titled(_("Some of the mutants"))
        yield nodes.bullet_list("", *items, bullet="-")


def _varied(mutants: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Bring mutants of different kinds to the front."""
    first = {m["kind"]: m for m in reversed(mutants)}
    chosen = [m for m in mutants if first[m["kind"]] is m]
    return chosen + [m for m in mutants if first[m["kind"]] is not m]


def _point(point: Mapping[str, Any] | None) -> str:
    """Word the values at which a mutant was found wrong."""
    if not point:
        return ""
    shown = [f"{str(name).replace('_{', '').replace('}', '')} = {point[name]}" for name in point]
    more = ", ..." if len(shown) > _SYMBOLS else ""
    return _(" at {values}").format(values=", ".join(shown[:_SYMBOLS]) + more)


def _facts(title: str, formulas: Sequence[str]) -> nodes.paragraph:
    """List formulas in a paragraph."""
    parts: list[nodes.Node] = []
    for each in formulas:
        parts += [nodes.Text(", "), formula(each)]
    return _titled(title, *parts[1:])


def _titled(title: str, *content: nodes.Node) -> nodes.paragraph:
    """Make a paragraph that begins with its subject; no heading: the page's outline is the author's."""
    return nodes.paragraph("", "", nodes.strong("", f"{title}: " if content else f"{title}:"), *content)
