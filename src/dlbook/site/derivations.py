"""What a stored execution says of the derivations in a chapter, and how many equations are of which kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docutils.nodes import make_id

from dlbook.site.chapters import Cell, Chapter
from dlbook.site.lint.page import read_page

MIME = "application/vnd.dlbook.derivation.v1+json"
LEVELS = ("symbolic", "instantiated", "numeric")
KINDS = ("checked", "definition", "cited", "undeclared")

# With these tags MyST-NB leaves a cell's output off the page.
_UNSEEN = frozenset({"remove-output", "remove_output", "remove-cell", "remove_cell"})


@dataclass(frozen=True)
class Checked:
    """A derivation in a record.

    Parameters
    ----------
    cell : int
        Number of its code cell, from 1.
    shown : bool
        Whether the page shows it.
    data : dict
        What the derivation handed to the notebook under :data:`MIME`.
    """

    cell: int
    shown: bool
    data: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return anchor(self.data["name"])


def anchor(name: str) -> str:
    """Give the id of a derivation's place on its page.

    Parameters
    ----------
    name : str
        The derivation's name.

    Returns
    -------
    str
        An HTML id.

    Examples
    --------
    >>> anchor("dL-dw12")
    'derivation-dl-dw12'
    """
    return make_id(f"derivation-{name}")


def numbered(data: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Tell which lines of a derivation carry a number, and under which label.

    Parameters
    ----------
    data : mapping
        A derivation as under :data:`MIME`.

    Returns
    -------
    list of (int, str)
        Index of a line, from 0, and its label. Where the author labelled no line, the last one has the
        number of the whole, under the derivation's name.

    Examples
    --------
    >>> numbered({"name": "square", "lines": [{"label": None}, {"label": None}]})
    [(1, 'square')]
    """
    lines = data["lines"]
    labelled = [(n, line["label"]) for n, line in enumerate(lines) if line["label"]]
    return labelled or [(len(lines) - 1, data["name"])]


def derivations_of(record: Mapping[str, Any], cells: Sequence[Cell]) -> list[Checked]:
    """List the derivations that an execution checked.

    Parameters
    ----------
    record : mapping
        The execution of a chapter.
    cells : sequence of Cell
        The chapter's code cells, for their tags.

    Returns
    -------
    list of Checked
        In the order of the page.
    """
    found = []
    for number, (entry, cell) in enumerate(zip(record["cells"], cells, strict=False), 1):
        for output in entry["outputs"]:
            if data := output.get("data", {}).get(MIME):
                found.append(Checked(number, not _UNSEEN & set(cell.tags), data))
    return found


def statistics(chapter: Chapter, record: Mapping[str, Any]) -> dict[str, Any]:
    """Count a chapter's equations and what was done to check its derivations.

    Parameters
    ----------
    chapter : Chapter
        The page.
    record : mapping
        Its stored execution.

    Returns
    -------
    dict
        ``equations`` (see :func:`equations_of`), ``derivations``, ``steps``, ``levels`` (steps by level),
        ``mutants_made``, ``mutants_killed``, ``mutants_equivalent``, ``check_seconds`` (in s; what the
        checks took when they were last made, also where their verdict has come from the cache since),
        ``step_seconds`` (the same for each step, by derivation).
    """
    found = derivations_of(record, chapter.cells)
    steps = [step for one in found for step in one.data["steps"]]
    levels = Counter(dict.fromkeys(LEVELS, 0)) + Counter(step["level"] for step in steps if step["level"])
    return {
        "equations": equations_of(chapter, found),
        "derivations": len(found),
        "steps": len(steps),
        "levels": dict.fromkeys(LEVELS, 0) | dict(levels),
        **{
            name: sum(one.data[name] for one in found)
            for name in ("mutants_made", "mutants_killed", "mutants_equivalent")
        },
        "check_seconds": round(sum(one.data["seconds"] for one in found), 3),
        "step_seconds": {one.data["name"]: [step["seconds"] for step in one.data["steps"]] for one in found},
    }


def equations_of(chapter: Chapter, found: Sequence[Checked] = ()) -> dict[str, int]:
    """Count the displayed equations of a page by kind.

    Parameters
    ----------
    chapter : Chapter
        The page.
    found : sequence of Checked, optional
        Its derivations.

    Returns
    -------
    dict of str to int
        ``checked``: what a reader can cite of the derivations shown, that is each labelled line, and one
        for a derivation without labelled lines. ``definition`` and ``cited``: equations that declare
        themselves so, cells that show one included. ``undeclared``: all others.
    """
    counts = dict.fromkeys(KINDS, 0)
    counts["checked"] = sum(len(numbered(one.data)) for one in found if one.shown)
    for equation in read_page(chapter.text).equations:
        counts[equation.kind if equation.kind in KINDS else "undeclared"] += 1
    for cell in chapter.cells:
        for kind in {"definition", "cited"} & set(cell.tags):
            counts[kind] += 1
    return counts


def total(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up what :func:`statistics` counted in several chapters.

    Parameters
    ----------
    rows : sequence of mapping
        One for each chapter; other fields are passed over.

    Returns
    -------
    dict
        The same fields.

    Examples
    --------
    >>> total([])["equations"]
    {'checked': 0, 'definition': 0, 'cited': 0, 'undeclared': 0}
    """
    plain = ("derivations", "steps", "mutants_made", "mutants_killed", "mutants_equivalent")
    levels: Counter[str] = Counter()
    for row in rows:
        levels.update(row["levels"])
    return {
        "equations": {kind: sum(row["equations"][kind] for row in rows) for kind in KINDS},
        "levels": dict.fromkeys(LEVELS, 0) | dict(levels),
        **{name: sum(row[name] for row in rows) for name in plain},
        "check_seconds": round(sum(row["check_seconds"] for row in rows), 3),
    }
