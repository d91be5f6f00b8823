"""What all benchmarks share: a clock, a table of ratios on the screen, and a file for README's table."""

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from dlbook.site.project import available_cores

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Row:
    """One comparison: what the usual way needs, what the book's way needs.

    Attributes
    ----------
    what
        What both do.
    usual, book
        The measured number of each, smaller being better.
    unit
        Their unit, ``s`` for seconds of wall-clock time and ``CPU s`` for seconds of processor time.
    aim
        The ratio that the project asks for; None without one.
    """

    what: str
    usual: float
    book: float
    unit: str = "s"
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """How many times less the book's way needs."""
        return self.usual / self.book


class Clock:
    """Wall-clock and processor seconds of the block that it is opened for.

    Processor seconds count this process alone and hardly grow when other programs keep the machine busy.
    """

    wall = cpu = 0.0

    def __enter__(self) -> "Clock":
        """Start, adding to what an earlier block has taken."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.wall += time.perf_counter() - self._wall
        self.cpu += time.process_time() - self._cpu


def rows_of(what: str, usual: Sequence[Clock], book: Sequence[Clock], aim: float | None = None) -> list[Row]:
    """Compare medians of wall-clock and of processor time."""
    wall = (median(c.wall for c in usual), median(c.wall for c in book))
    cpu = (median(c.cpu for c in usual), median(c.cpu for c in book))
    return [Row(what, *wall, "s", aim), Row(what, *cpu, "CPU s", aim)]


def parser(description: str) -> argparse.ArgumentParser:
    """Start a benchmark's options with the one that all have."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--write", action="store_true", help="write benchmarks/results/NAME.json")
    return options


def finish(
    name: str, title: str, rows: Sequence[Row], *, write: bool, device: str = "", notes: Sequence[str] = ()
) -> None:
    """Print the comparison and, if asked, write it to its file.

    Parameters
    ----------
    name
        The script's, and the file's.
    title
        One line that says what was compared.
    rows
        The comparisons; the usual way and the book's were measured in this very run.
    write
        Whether to write the file.
    device
        The GPU's name; the processor is named where there was none.
    notes
        Sentences on conditions and further results.
    """
    width = max(len(row.what) for row in rows)
    print(f"\n{title}\n{'':{width}}  {'usual':>10}  {'book':>10}  {'':5}  {'ratio':>7}")
    for row in rows:
        aim = f"  (aim: {row.aim:g})" if row.aim else ""
        print(
            f"{row.what:{width}}  {row.usual:10.3g}  {row.book:10.3g}  {row.unit:5}  {row.ratio:6.1f}x{aim}"
        )
    for note in notes:
        print(f"  {note}")
    if write:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.json"
        content = as_json(name, title, rows, device, notes)
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"Written: benchmarks/results/{path.name}; python benchmarks/table.py brings it into README.md")


def as_json(name: str, title: str, rows: Sequence[Row], device: str, notes: Sequence[str]) -> dict[str, Any]:
    """Put a result together with what it was measured on."""
    import torch

    return {
        "benchmark": name,
        "title": title,
        "rows": [asdict(row) | {"ratio": row.ratio} for row in rows],
        "notes": list(notes),
        "device": device or processor(),
        "threads": torch.get_num_threads(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
        "load": round(os.getloadavg()[0], 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def processor() -> str:
    """Name the processor, with the number of its cores that may be used."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    return f"{model}, {available_cores()} cores"
