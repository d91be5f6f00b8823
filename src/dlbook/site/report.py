"""The report on the last build: what ran, for how long, in how much memory, on which data."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from dlbook.site.chapters import Chapter
from dlbook.site.derivations import total
from dlbook.site.exercises import key_tables, needs_python, total_exercises
from dlbook.site.marker import missing
from dlbook.site.project import BuildError, Project, Settings
from dlbook.site.records import Records, write_atomically
from dlbook.site.rows import chapter_row, place_of_cell, slowest_of

MOST_SECONDS = 60.0
MOST_MEGABYTES = 1500.0
_COUNTED = ("exercises", "solutions", "keys", "mistakes")


def make_report(chapters: Sequence[Chapter], project: Project, settings: Settings) -> dict[str, Any]:
    """Put the report on the last build together.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book; plain ones are passed over.
    project : Project
        The book.
    settings : Settings
        Tells which budget's records to read.

    Returns
    -------
    dict
        ``chapters`` (each as :func:`dlbook.site.rows.chapter_row` gives it, with ``executed`` and
        ``cached``), ``totals`` (with the ``slowest_cell`` of all and its chapter's ``slug``), ``versions``,
        ``warnings`` and what the build was asked for.

    Raises
    ------
    BuildError
        If a chapter has no record.
    """
    records = Records(project.execution(settings.budget))
    manifest = records.manifest()
    rows, missing = [], []
    for chapter in chapters:
        if not chapter.is_notebook:
            continue
        entry = manifest.get("chapters", {}).get(chapter.slug)
        row = chapter_row(chapter, records, entry["key"]) if entry else None
        if entry is None or row is None:
            missing.append(chapter.slug)
        else:
            del row["checked"]  # the page "What was checked" has it
            rows.append(row | {"executed": entry["executed"], "cached": not entry["executed"]})
    if missing:
        raise BuildError(f"no execution of {', '.join(missing)} is recorded; run make book first")
    return {
        "chapters": rows,
        "totals": {
            "chapters": len(rows),
            "executed": sum(row["executed"] for row in rows),
            "cached": sum(row["cached"] for row in rows),
            "seconds": round(sum(row["seconds"] for row in rows), 3),
            "execution_seconds": manifest.get("execution_seconds", 0.0),
            "peak_rss_mb": max((row["peak_rss_mb"] for row in rows), default=0.0),
            "cell_seconds": round(sum(row["cell_seconds"] for row in rows), 3),
            "slowest_cell": slowest_of(rows),
            "words": sum(row["words"] for row in rows),
            **total(rows),
            **total_exercises(rows),
        },
        "versions": {
            "python": platform.python_version(),
            "torch": next((row.pop("torch") for row in rows if row["torch"]), "") or _version("torch"),
            "dlbook": _version("dlbook"),
        },
        "budget": settings.budget,
        "device": settings.device,
        "threads": manifest.get("threads", settings.threads),
        "cores": manifest.get("cores", settings.cores),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "warnings": over_budget(rows) + _unmarked(chapters, project),
    }


def over_budget(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Name the chapters that take more than a reader's machine is asked for.

    Parameters
    ----------
    rows : sequence of dict
        Chapters as in the report.

    Returns
    -------
    list of str
        One sentence for each limit passed under the ``cpu`` budget. Time is judged by the processor's
        seconds where they are less than those of the clock, but by half of the latter at least: a machine
        busy with other things makes no chapter too long, and one that only waits is found all the same.

    Examples
    --------
    >>> row = {"slug": "a", "budget": "cpu", "seconds": 61.0, "cpu_seconds": 63.0, "peak_rss_mb": 10.0}
    >>> over_budget([row])
    ['a takes 61.0 s under the cpu budget; the limit is 60 s']
    """
    warnings = []
    for row in rows:
        if row["budget"] != "cpu":
            continue
        seconds = min(row["seconds"], max(row["cpu_seconds"], row["seconds"] / 2))
        if seconds > MOST_SECONDS:
            took, most = f"{seconds:.1f} s", f"{MOST_SECONDS:g} s"
            warnings.append(f"{row['slug']} takes {took} under the cpu budget; the limit is {most}")
        if row["peak_rss_mb"] > MOST_MEGABYTES:
            took, most = f"{row['peak_rss_mb']:.0f} MB", f"{MOST_MEGABYTES:g} MB"
            warnings.append(f"{row['slug']} takes {took} under the cpu budget; the limit is {most}")
    return warnings


def write_report(report: dict[str, Any], project: Project) -> None:
    """Write a report to ``_build/report.json`` in one step.

    Parameters
    ----------
    report : dict
        As :func:`make_report` gives it.
    project : Project
        The book.
    """
    write_atomically(project.report, json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def as_table(report: dict[str, Any]) -> str:
    """Lay a report out for a terminal.

    Parameters
    ----------
    report : dict
        As :func:`make_report` gives it.

    Returns
    -------
    str
        One line per chapter and one for the whole; one more for the kinds of answer keys, if there are any,
        and one for each chapter's slowest cell.
    """
    rows = report["chapters"]
    width = max([len(row["slug"]) for row in rows] + [7])
    lines = [
        f"{'chapter':{width}}  {'state':8}  {'seconds':>8}  {'in cells':>8}  {'peak MB':>8}  {'words':>6}"
        f"  {_counts(_COUNTED)}  data"
    ]
    for row in rows:
        state = "executed" if row["executed"] else "cached"
        data = ", ".join(f"{d['name']} ({d['source']})" for d in row["data"])
        counts = _counts([row[name] for name in _COUNTED])
        lines.append(
            f"{row['slug']:{width}}  {state:8}  {row['seconds']:8.1f}  {row['cell_seconds']:8.1f}"
            f"  {row['peak_rss_mb']:8.0f}  {row['words']:6}  {counts}  {data}"
        )
    totals = report["totals"]
    lines.append(
        f"{'total':{width}}  {totals['executed']:8}  {totals['seconds']:8.1f}  {totals['cell_seconds']:8.1f}"
        f"  {totals['peak_rss_mb']:8.0f}  {totals['words']:6}  {_counts([totals[name] for name in _COUNTED])}"
    )
    if totals["kinds"]:
        lines.append(f"keys by kind: {', '.join(f'{name} {n}' for name, n in totals['kinds'].items())}")
    for row in rows:
        if cell := row["slowest_cell"]:
            lines.append(f"slowest cell: {row['file']}:{cell['line']}: {place_of_cell(cell)}")
    return "\n".join(lines)


def _counts(values: Sequence[object]) -> str:
    """Lay out the columns of exercises and keys, each as wide as its name."""
    return "  ".join(f"{value!s:>{len(name)}}" for name, value in zip(_COUNTED, values, strict=True))


def _unmarked(chapters: Sequence[Chapter], project: Project) -> list[str]:
    """Say if the site lacks what marks formulas; the forms that need it say so too."""
    if not any(needs_python(key_tables(chapter.path)) for chapter in chapters):
        return []
    reason = missing(project.html)
    return (
        [f"this copy of the site cannot mark formulas, numbers as formulas, or code: {reason}"]
        if reason
        else []
    )


def _version(package: str) -> str:
    """Look up an installed package's version, or nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
