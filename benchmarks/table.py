"""Bring the results in benchmarks/results into README.md, between the two marks.

    python benchmarks/table.py [--check]

With --check nothing is written, and the exit code is 1 if README.md says something else.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
START, END = "<!-- benchmarks: written by benchmarks/table.py -->", "<!-- end of benchmarks -->"


def table(results: list[dict[str, Any]], unmeasured: list[str]) -> str:
    """Make the table in Markdown.

    Parameters
    ----------
    results
        The contents of the result files, as `_record.as_json` makes them.
    unmeasured
        Names of the benchmarks without a result.

    Returns
    -------
    str
        The table and, below it, what was measured where.
    """
    lines = ["| measured side by side | usual way | this book | ratio |", "| --- | ---: | ---: | ---: |"]
    below = []
    for result in results:
        for row in result["rows"]:
            usual, book = (f"{number(row[way])} {row['unit']}" for way in ("usual", "book"))
            lines.append(f"| {row['what']} | {usual} | {book} | {row['ratio']:.1f} |")
        versions = ", ".join(f"{name} {version}" for name, version in sorted(result["versions"].items()))
        threads = f"{result['threads']} thread{'s' if result['threads'] != 1 else ''}"
        notes = "".join(f" {note[0].upper()}{note[1:].rstrip('.')}." for note in result["notes"])
        below.append(
            f"- `benchmarks/{result['benchmark']}.py`: {result['title']}. {result['device']}, {threads}, "
            f"{versions}, {result['date']}, load {result['load']}.{notes}"
        )
    below += [f"- `benchmarks/{name}.py`: not measured yet." for name in unmeasured]
    return "\n".join([*lines, "", *below])


def number(value: float) -> str:
    """Write three digits, never in powers of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value >= 0.001 else f"{value:.6f}"


def current() -> str:
    """Make the table from the files that are there."""
    results = [json.loads(path.read_text("utf-8")) for path in sorted((HERE / "results").glob("*.json"))]
    measured = {result["benchmark"] for result in results}
    scripts = {p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_")} - {"table"}
    return table(results, sorted(scripts - measured))


def replaced(text: str, new: str) -> str:
    """Put a table between the marks of a text."""
    before, mark, rest = text.partition(START)
    _old, end, after = rest.partition(END)
    if not mark or not end:
        raise SystemExit(
            f"README.md lacks the lines {START!r} and {END!r}; put them where the table belongs."
        )
    return f"{before}{START}\n\n{new}\n\n{END}{after}"


def main(words: list[str] | None = None) -> int:
    """Write README.md, or check it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true")
    check = options.parse_args(words).check
    readme = HERE.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    new = replaced(text, current())
    if check and new != text:
        print("README.md does not say what benchmarks/results say; run python benchmarks/table.py")
        return 1
    if not check:
        readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
