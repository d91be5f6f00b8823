"""What is told of one chapter: the report and the page "What was checked" are made of these rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlbook.site.chapters import Chapter
from dlbook.site.derivations import derivations_of, statistics
from dlbook.site.exercises import exercise_statistics, key_file
from dlbook.site.memory import recall
from dlbook.site.records import Records

_LONGEST = 72  # signs of a cell's first line that are shown
_OF_A_DERIVATION = (
    "name",
    "title",
    "level",
    "mutants_made",
    "mutants_killed",
    "mutants_equivalent",
    "seconds",
)
_OF_A_RECORD = ("seconds", "cell_seconds", "cpu_seconds", "peak_rss_mb", "budget", "device", "date", "torch")


def chapter_row(chapter: Chapter, records: Records, key: str) -> dict[str, Any] | None:
    """Gather what is told of a chapter.

    Parameters
    ----------
    chapter : Chapter
        The page.
    records : Records
        Where its execution is stored.
    key : str
        Under which key.

    Returns
    -------
    dict or None
        None where there is no sound record. ``slug``, ``file``, ``title``, ``words``; of the execution
        ``seconds`` (wall time from the kernel's start to its end, in s), ``cell_seconds`` (in cells),
        ``cpu_seconds``, ``peak_rss_mb`` (in 10^6 bytes), ``budget``, ``device``, ``data``, ``date``,
        ``torch`` and ``slowest_cell`` (see :func:`slowest_cell`); ``checked`` (one entry a
        derivation); and the counts
        of :func:`dlbook.site.derivations.statistics` and
        :func:`dlbook.site.exercises.exercise_statistics`.
    """
    known = records.sum(chapter.slug, key)
    if not known:
        return None
    keys = key_file(chapter.path)
    of = [chapter.slug, chapter.text, known, keys.read_text(encoding="utf8") if keys.is_file() else ""]
    return recall("rows", of, lambda: _row(chapter, records.get(chapter.slug, key) or {}))


def _row(chapter: Chapter, record: Mapping[str, Any]) -> dict[str, Any]:
    """Gather a row from a chapter and its record."""
    data = {(d["name"], d["source"]): {"name": d["name"], "source": d["source"]} for d in record["data"]}
    return {
        "slug": chapter.slug,
        "file": f"book/{chapter.slug}.md",
        "title": chapter.title,
        **{name: record[name] for name in _OF_A_RECORD},
        "data": list(data.values()),
        "slowest_cell": slowest_cell(chapter, record),
        "words": chapter.words,
        **statistics(chapter, record),
        **exercise_statistics(chapter),
        "checked": [
            {name: one.data[name] for name in _OF_A_DERIVATION}
            | {"anchor": one.anchor if one.shown else "", "steps": len(one.data["steps"])}
            | {"oracle": one.data["oracle"].get("name", "")}
            for one in derivations_of(record, chapter.cells)
        ],
    }


def slowest_cell(chapter: Chapter, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Find the cell that took longest, and say where a person finds it.

    Parameters
    ----------
    chapter : Chapter
        The page.
    record : mapping
        Its execution.

    Returns
    -------
    dict or None
        ``index`` (number of the code cell, from 1), ``line`` (of the chapter's file, where its code begins),
        ``first_line`` (the first line of code that is no comment) and ``seconds``; None without cells.
    """
    timed = [
        {"index": n, "line": cell.line, "first_line": first_line(cell.source), "seconds": entry["seconds"]}
        for n, (cell, entry) in enumerate(zip(chapter.cells, record["cells"], strict=False), 1)
    ]
    return max(timed, key=lambda cell: float(cell["seconds"]), default=None)


def slowest_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Find the slowest cell of several chapters.

    Parameters
    ----------
    rows : sequence of mapping
        One for each chapter.

    Returns
    -------
    dict or None
        As :func:`slowest_cell` gives it, with the chapter's ``slug``.

    Examples
    --------
    >>> slowest_of([{"slug": "a", "slowest_cell": {"seconds": 1.0}}, {"slug": "b", "slowest_cell": None}])
    {'slug': 'a', 'seconds': 1.0}
    """
    found = [{"slug": row["slug"]} | row["slowest_cell"] for row in rows if row["slowest_cell"]]
    return max(found, key=lambda cell: float(cell["seconds"]), default=None)


def first_line(source: str) -> str:
    r"""Give what an author knows a cell by.

    Parameters
    ----------
    source : str
        Its code.

    Returns
    -------
    str
        The first line that is neither empty nor a comment, cut to a readable length.

    Examples
    --------
    >>> first_line("# Train.\n\nfit(net)")
    'fit(net)'
    """
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    line = next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 2]} …"


def place_of_cell(cell: Mapping[str, Any]) -> str:
    """Word where a cell is and how long it took.

    Parameters
    ----------
    cell : mapping
        As :func:`slowest_cell` gives it.

    Returns
    -------
    str
        For a terminal.

    Examples
    --------
    >>> place_of_cell({"index": 2, "line": 30, "first_line": "fit(net)", "seconds": 8.34})
    'code cell 2, fit(net): 8.3 s'
    """
    return f"code cell {cell['index']}, {cell['first_line']}: {cell['seconds']:.1f} s"
