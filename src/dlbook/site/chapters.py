"""The pages of the book in reading order, and what a build needs to know of each."""

from __future__ import annotations

import pickle
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlbook.site.memory import recall
from dlbook.site.project import BuildError, Project

if TYPE_CHECKING:
    from nbformat import NotebookNode

WORDS_PER_MINUTE = 200  # unhurried reading of technical prose


@dataclass(frozen=True)
class Cell:
    """One code cell of a chapter.

    Parameters
    ----------
    source : str
        The code.
    tags : tuple of str
        The cell's tags.
    line : int
        Line of the code's first line in the Markdown file, counted from 1.
    """

    source: str
    tags: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Chapter:
    """A page of the book; a notebook page when it holds code cells to execute.

    Parameters
    ----------
    slug : str
        Path under ``book/`` without its ending, e.g. ``foundations/backpropagation``.
    path : Path
        The Markdown file.
    text : str
        What the file holds.
    """

    slug: str
    path: Path
    text: str = field(repr=False)

    @cached_property
    def is_notebook(self) -> bool:
        """Whether the page's header declares it a notebook."""
        from myst_nb.core.read import is_myst_markdown_notebook

        return is_myst_markdown_notebook(self.text)

    @cached_property
    def notebook(self) -> NotebookNode:
        """The page as a notebook without outputs."""
        return read_notebook(self.text, self.path)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The code cells in order; none on a plain page."""
        return tuple(Cell(source, tuple(tags), line) for source, tags, line in self._contents["cells"])

    @cached_property
    def title(self) -> str:
        """The first heading, or the slug where there is none."""
        fence = False
        for line in self.text.splitlines():
            fence ^= line.startswith(("```", "~~~"))
            if not fence and (found := re.match(r"#\s+(.+?)\s*#*\s*$", line)):
                return found[1]
        return self.slug

    @cached_property
    def words(self) -> int:
        """How many words of prose the page has."""
        return int(self._contents["words"])

    @cached_property
    def _contents(self) -> dict[str, Any]:
        """The cells and the number of words, which depend on the text alone."""
        return recall("contents", self.text, self._read_contents)

    def _read_contents(self) -> dict[str, Any]:
        """Find the cells, as lists, and count the words."""
        if not self.is_notebook:
            return {"cells": [], "words": count_words(self.text)}
        lines = self.text.splitlines()
        starts = self.notebook.metadata["source_map"]
        cells = [
            [cell.source, list(cell.metadata.get("tags", ())), _line_of(cell.source, lines, start)]
            for cell, start in zip(self.notebook.cells, starts, strict=True)
            if cell.cell_type == "code"
        ]
        prose = (cell.source for cell in self.notebook.cells if cell.cell_type == "markdown")
        return {"cells": cells, "words": sum(map(count_words, prose))}


def read_notebook(text: str, path: Path) -> NotebookNode:
    """Read a chapter's Markdown as a notebook without outputs.

    Parameters
    ----------
    text : str
        A MyST Markdown notebook.
    path : Path
        Where it lies, for messages.

    Returns
    -------
    NotebookNode
        With ``metadata.source_map`` and cell ids that depend on position alone, so that equal
        pages give equal files.

    Raises
    ------
    BuildError
        If the header or a cell's options cannot be read.
    """
    return pickle.loads(_notebook(text, path))


@lru_cache(maxsize=64)  # a build asks for each chapter several times, and every time for one of its own
def _notebook(text: str, path: Path) -> bytes:
    """Read a chapter; see :func:`read_notebook`."""
    from myst_nb.core.read import read_myst_markdown_notebook

    try:
        notebook = read_myst_markdown_notebook(text, add_source_map=True, path=path)
    except Exception as error:  # the reader raises what its YAML and Markdown parsers raise
        raise BuildError(f"{path}: {error}") from error
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index}"
    return pickle.dumps(notebook)


def read_chapters(project: Project) -> list[Chapter]:
    """Read the table of contents and every page it names.

    Parameters
    ----------
    project : Project
        The book.

    Returns
    -------
    list of Chapter
        In reading order, the front page first.

    Raises
    ------
    BuildError
        If the table of contents is malformed, or names a page that does not exist.
    """
    from sphinx_external_toc.parsing import parse_toc_yaml

    project.check()
    try:
        site = parse_toc_yaml(project.toc)
    except Exception as error:  # YAML errors and the parser's own have no common base
        raise BuildError(f"{project.toc.name} cannot be read: {error}") from error
    chapters, missing = [], []
    for name in _in_reading_order(site):
        slug = name.removesuffix(".md")
        path = project.book / f"{slug}.md"
        if path.is_file():
            chapters.append(Chapter(slug, path, path.read_text(encoding="utf8")))
        else:
            missing.append(f"book/{slug}.md")
    if missing:
        raise BuildError(
            f"{project.toc.name} names pages that do not exist: {', '.join(missing)}. "
            "Write them or take them out of the table of contents."
        )
    return chapters


def count_words(markdown: str) -> int:
    r"""Count the words of prose in Markdown, leaving out code, maths and markup.

    Parameters
    ----------
    markdown : str
        The text.

    Returns
    -------
    int
        Number of words.

    Examples
    --------
    >>> count_words("Two words, $x = 3$ and `code` {ref}`here`.")
    3
    """
    text = re.sub(r"\A---\n.*?\n---\n", " ", markdown, flags=re.S)
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(
        r"^(`{3,})(?!\{)[^\n]*\n.*?^\1`*\s*$|^(`{3,})\{(?:code|math|eval)[^\n]*\n.*?^\2`*\s*$",
        " ",
        text,
        flags=re.S | re.M,
    )
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.S)
    text = re.sub(r"\$[^$\n]+\$", " ", text)
    text = re.sub(r"(\{[^}\n]*\})?(`+)[^`\n]+\2", " ", text)
    text = re.sub(r"^\s*(:{3,}|`{3,}|:[\w-]+:|\(.*\)=\s*$).*$", " ", text, flags=re.M)
    text = re.sub(r"\]\([^)]*\)|https?://\S+", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’-]*", text))


def reading_minutes(words: int) -> int:
    """Minutes that reading so many words takes, at least one.

    Parameters
    ----------
    words : int
        Number of words.

    Returns
    -------
    int
        Minutes, rounded up.

    Examples
    --------
    >>> reading_minutes(401)
    3
    """
    return max(1, -(-words // WORDS_PER_MINUTE))


def _in_reading_order(site: Any) -> list[str]:
    """Page names of a site map, depth first."""
    names: list[str] = []

    def visit(name: str) -> None:
        names.append(name)
        for child in site[name].child_files():
            visit(str(child))

    visit(site.root.docname)
    return names


def _line_of(source: str, lines: list[str], start: int) -> int:
    """Find the line (from 1) where a cell's code begins: options may stand between fence and code."""
    code = source.splitlines()
    for offset in range(start, len(lines)):
        if lines[offset : offset + len(code)] == code:
            return offset + 1
    return start + 1
