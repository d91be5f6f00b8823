"""A throw-away book of a few small chapters, and the real commands to drive it with."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

"""


class TinyBook:
    """A book project in a folder of its own, with the real configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "book" / "reference", root / "book" / "reference")
        shutil.copy(ROOT / "_config.yml", root)
        (root / "book" / "references.bib").write_text("")
        (root / "requirements.lock").write_text("numpy==1\n")
        self.chapters: list[str] = []
        self.write("book/index.md", "# A tiny book\n\nWords.\n")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def chapter(self, slug: str, *cells: str, prose: str = "Some prose.") -> Path:
        """Add a chapter with these code cells; a cell may begin with option lines (``:tags: [x]``)."""
        fences = "\n\n".join(f"```{{code-cell}} ipython3\n{textwrap.dedent(cell)}\n```" for cell in cells)
        path = self.write(
            f"book/{slug}.md", f"{HEADER}# Chapter {slug.split('/')[-1]}\n\n{prose}\n\n{fences}\n"
        )
        if slug not in self.chapters:
            self.chapters.append(slug)
        self.toc()
        return path

    def toc(self) -> None:
        entries = "".join(f"      - file: {slug}\n" for slug in self.chapters)
        self.write(
            "_toc.yml",
            "format: jb-book\nroot: index\nparts:\n  - caption: Part\n    numbered: true\n    chapters:\n"
            + entries
            + "  - caption: Reference\n    chapters:\n      - file: reference/bibliography\n",
        )

    def environment(self, **variables: str) -> dict[str, str]:
        # GITHUB_*: on GitHub's machines they give the book an address, which a test gives it itself.
        clean = {
            k: v for k, v in os.environ.items() if not k.startswith(("DLBOOK_", "GITHUB_")) and k != "CI"
        }
        return clean | {"OMP_NUM_THREADS": "1", "DLBOOK_OFFLINE": "1"} | variables

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "dlbook.site", *words, "--root", str(self.root)],
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, **variables: str) -> tuple[int, str]:
        """Run a command of the build to its end: exit status and everything it printed."""
        process = self.start(*words, **variables)
        try:
            output, _ = process.communicate(timeout=180)
        finally:
            process.kill()  # a command that hangs fails the test and does not outlive it
        return process.returncode, output

    def build(self, **variables: str) -> tuple[list[str], str]:
        """Build, which must succeed: slugs of the chapters that were executed, and the output."""
        status, output = self.run("build", **variables)
        assert status == 0, output
        return [row["slug"] for row in self.report()["chapters"] if row["executed"]], output

    def execute(self, **variables: str) -> tuple[list[str], str]:
        """Execute, which must succeed: slugs of the chapters that ran, and the output."""
        status, output = self.run("execute", **variables)
        assert status == 0, output
        entries = self.manifest(variables.get("DLBOOK_BUDGET", "cpu"))["chapters"]
        return [slug for slug, entry in entries.items() if entry["executed"]], output

    def report(self) -> dict:
        return json.loads((self.root / "_build" / "report.json").read_text())

    def manifest(self, budget: str = "cpu") -> dict:
        return json.loads((self.root / "_build" / "execution" / budget / "manifest.json").read_text())[
            "record"
        ]

    def record(self, slug: str, budget: str = "cpu") -> dict:
        key = self.manifest(budget)["chapters"][slug]["key"]
        path = self.root / "_build" / "execution" / budget / slug / f"{key[:32]}.json"
        return json.loads(path.read_text())["record"]

    def printed(self, slug: str, cell: int = 0, budget: str = "cpu") -> str:
        outputs = self.record(slug, budget)["cells"][cell]["outputs"]
        return "".join(o["text"] for o in outputs if o["output_type"] == "stream")

    def page(self, slug: str) -> str:
        return (self.root / "_build" / "html" / f"{slug}.html").read_text()


def wait_for(condition, seconds=60.0):
    """Wait until something holds; fail loudly when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def in_order(value):
    """A JSON value with its lists sorted."""
    if isinstance(value, dict):
        return {k: in_order(v) for k, v in value.items()}
    return sorted(map(in_order, value), key=str) if isinstance(value, list) else value


def site(book):
    """Every file of the site, less what differs between two builds of the same book."""
    html = book.root / "_build/html"
    files = {}
    for path in sorted(p for p in html.rglob("*") if p.is_file()):
        if path.name == ".buildinfo":
            continue
        text = path.read_bytes()
        if path.name == "searchindex.js":  # Sphinx writes sets in any order
            index = json.loads(text.decode().removeprefix("Search.setIndex(").removesuffix(")"))
            timed = [term for term in index["terms"] if term.isdigit() or term == "second"]
            for term in timed:  # the words of "runs in 2 seconds"
                del index["terms"][term]
            for terms in ("terms", "titleterms"):  # words that no page has any more
                index[terms] = {term: pages for term, pages in index[terms].items() if pages != []}
            text = json.dumps(in_order(index), sort_keys=True).encode()
        files[path.relative_to(html).as_posix()] = re.sub(
            rb"runs in \d+ seconds?|runs in 1 second", b"", text
        )
    return files
