"""How long builds take, and what they cost as a book grows.

Run ``python benchmarks/build.py`` from the project's top folder. Books of 1, 5, 10 and 20 made-up chapters
are built, edited and built again with the real commands, all in one run; the last column compares the largest
book with the smallest. ``--book`` measures the clean execution of the real book's chapters instead.

CPU seconds are those of the build and all that it starts. On a machine that does other things meanwhile, they
and the ratios say more than the clock on the wall.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "site"))

from tinybook import TinyBook  # noqa: E402

from _record import Row, finish  # noqa: E402
from dlbook.site.project import available_cores  # noqa: E402
from dlbook.site.typeset import TEMML  # noqa: E402
from dlbook.site.vendor import fetch_npm  # noqa: E402

SIZES = (1, 5, 10, 20)
SECTIONS = 10  # of a chapter: about 2,500 words and 10 cells with it
_PATIENCE = 600.0  # seconds until a page counts as never written

_SENTENCES = (
    "The gradient of the loss with respect to the weight $w_{%d}$ is a product of %d factors, "
    "one for each layer. ",
    "Each of them can be read off the picture, and none may be left out. ",
    "Where the factor $\\frac{\\partial L}{\\partial a_{%d}}$ is small, the layers before it learn slowly, "
    "which is why the scale of the first %d weights matters as much as their sign. ",
)
_DRAWING = """---
mystnb:
  image:
    alt: A line that rises
---
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(4, 3))
axes.plot([{n}, {n} + 1, {n} + 3])
plt.show()"""

Timing = tuple[float, float, int]  # seconds on the wall, seconds of CPU, chapters executed


def make_book(root: Path, chapters: int) -> TinyBook:
    """Write a book whose chapters are of the usual size; each imports a module of its own."""
    book = TinyBook(root)
    book.write("src/helper/__init__.py", "")
    for number in range(chapters):
        book.write(f"src/helper/own{number}.py", f"def f():\n    return {number}\n")
        cells = [f"from helper.own{number} import f\nprint('chapter {number} says', f())"]
        cells += [f"print({number} + {n})" for n in range(SECTIONS - 2)] + [_DRAWING.format(n=number)]
        book.chapter(f"part/c{number}", *cells, prose=_prose(number))
    return book


def _prose(number: int) -> str:
    """Make up some sections of text, other in each chapter."""
    parts = ["Some prose."]
    for section in range(SECTIONS):
        places = iter(range(number * 100 + section, 10**6))
        text = "".join(s % tuple(next(places) for _ in range(s.count("%d"))) for s in _SENTENCES * 5)
        parts.append(f"(sec-{number}-{section})=\n## Section {section} of {number}\n\n{text}")
    return "\n\n".join(parts) + f"\n\nSee {{ref}}`sec-{number}-0`."


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a process, of those that it started and that have ended, and of those that have not."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def timed_build(book: TinyBook) -> Timing:
    """Build with the real command."""
    before, began = os.times(), time.perf_counter()
    executed, _output = book.build()
    took, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return took, cpu, len(executed)


@contextlib.contextmanager
def served(book: TinyBook) -> Iterator[psutil.Process]:
    """Run ``make serve``, from its first page to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dlbook.site", "serve", "--root", str(book.root), "--port", "8790"],
        env=book.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Serving"):
                break
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def timed_edit(book: TinyBook, server: psutil.Process, words: str) -> Timing:
    """Edit the first chapter and wait for the words to be on its page."""
    time.sleep(2)  # the server has to have settled
    cpu, began = cpu_of(server), time.perf_counter()
    book.edit("book/part/c0.md", "Some prose.", f"Some prose. {words}.")
    while words not in book.page("part/c0"):
        if time.perf_counter() - began > _PATIENCE:
            raise SystemExit(f"the page was not written in {_PATIENCE:g} s")
        time.sleep(0.02)
    return time.perf_counter() - began, cpu_of(server) - cpu, 0


def measure(chapters: int, folder: Path) -> dict[str, Timing]:
    """Take all measurements of a book of so many chapters."""
    book = make_book(folder / f"book{chapters}", chapters)
    edits: dict[str, Callable[[], object]] = {
        "clean": lambda: None,
        "no change": lambda: None,
        "prose edit": lambda: book.edit("book/part/c0.md", "Some prose.", "Some prose. Some more."),
        "new section": lambda: book.edit(
            "book/part/c0.md", "See {ref}", "## One more\n\nWords.\n\nSee {ref}"
        ),
        "code edit": lambda: book.edit("book/part/c0.md", "print(0 + 0)", "print(0 + 0 + 1)"),
        "edit in src": lambda: book.write("src/helper/own0.py", "def f():\n    return 'new'\n"),
    }
    found = {}
    for name, edit in edits.items():
        edit()
        found[name] = timed_build(book)
    with served(book) as server:
        timed_edit(book, server, "warming up")  # the server's first build had everything to import
        found["serve edit"] = timed_edit(book, server, "then this")
    return found


def table(results: dict[int, dict[str, Timing]]) -> str:
    """Lay the results out: wall and CPU seconds for each size, and how the CPU seconds grew."""
    sizes = list(results)
    head = f"{'':12}" + "".join(f"{n:>4} chapter{'s' if n > 1 else ' '}  " for n in sizes)
    lines = [head, f"{'':12}" + "".join(f"{'wall':>7}{'CPU':>7} " for _ in sizes) + "   CPU, last : first"]
    for name in results[sizes[0]]:
        cells = "".join(f"{results[n][name][0]:7.1f}{results[n][name][1]:7.1f} " for n in sizes)
        ratio = results[sizes[-1]][name][1] / results[sizes[0]][name][1]
        lines.append(f"{name:12}{cells}   {ratio:5.2f}")
    ran = {name: [results[n][name][2] for n in sizes] for name in results[sizes[0]]}
    lines += [
        f"executed at {name}: {', '.join(map(str, counts))}" for name, counts in ran.items() if any(counts)
    ]
    return "\n".join(lines)


def rows_of_edits(results: dict[int, dict[str, Timing]]) -> list[Row]:
    """Compare each build of the largest book with its clean one, in seconds on the wall."""
    size = max(results)
    clean, *edits = results[size].items()
    what = {"serve edit": "prose edit with make serve"}
    return [Row(f"{size} chapters, {what.get(name, name)}", clean[1][0], wall) for name, (wall, *_) in edits]


def growth(results: dict[int, dict[str, Timing]]) -> str:
    """Say how the cost of builds grows with the book."""
    few, many = min(results), max(results)
    ratios = [f"{name} {results[many][name][1] / results[few][name][1]:.1f}" for name in results[few]]
    return f"CPU seconds with {many} chapters, in multiples of those with {few}: {', '.join(ratios)}"


def clean_execution() -> str:
    """Execute the real book's chapters from nothing, and compare with what its cells add up to."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "project")
        root.mkdir()
        for name in ("book", "src"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("_config.yml", "_toc.yml", "requirements.lock"):
            shutil.copy(ROOT / name, root)
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "dlbook.site", "execute", "--root", str(root)],
            check=True,
            env=os.environ | {"PYTHONPATH": str(root / "src")},
        )
        took = time.perf_counter() - began
        folder = root / "_build/execution/cpu"
        manifest = json.loads((folder / "manifest.json").read_text())["record"]["chapters"]
        cells = sum(
            json.loads((folder / slug / f"{entry['key'][:32]}.json").read_text())["record"]["cell_seconds"]
            for slug, entry in manifest.items()
        )
    cores = available_cores()
    allowed = 1.15 * cells / cores + 20
    return (
        f"this book's {len(manifest)} chapters with code, run anew: {took:.1f} s, "
        f"for {cells:.1f} s in their cells on {cores} cores "
        f"(the aim: 1.15 x {cells:.1f} s / {cores} + 20 s = {allowed:.1f} s)"
    )


def main() -> None:
    """Measure and print."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("--book", action="store_true", help="the clean execution of the real book")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of chapters")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/build.json")
    options = parser.parse_args()
    load = "load average at the start {:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg())
    print(f"{available_cores()} cores, {load}")
    if options.book:
        print(clean_execution())
        return
    fetch_npm(*TEMML)
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for chapters in options.sizes:
            results[chapters] = measure(chapters, Path(folder))
            print(f"{chapters} done", flush=True)
    print(table(results))
    print("load average at the end {:.1f}, {:.1f}, {:.1f}".format(*os.getloadavg()))
    title = "Builds: a whole book anew (usual way) against what the edit asks for"
    notes = [growth(results), *([clean_execution()] if options.write else [])]
    finish("build", title, rows_of_edits(results), write=options.write, notes=notes)


if __name__ == "__main__":
    main()
