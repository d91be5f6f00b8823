"""What a chapter's source says of its exercises: their solutions, and the answer keys beside it."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlbook.answers.keys import SUFFIX
from dlbook.site.chapters import Chapter
from dlbook.site.closure import UnreadableCodeError, parse
from dlbook.site.lint.page import Block, Cell, Page, read_page
from dlbook.site.memory import recall

TABLE_KINDS = frozenset({"choice", "true-false", "shape", "order"})
"""Kinds that the page marks without Python; a number may be typed as a formula, which needs it."""

_NO_CELL = (
    "has no code cell that asserts anything, so nothing shows that it is right; "
    "put one between {solution-start} and {solution-end}"
)
_NOT_RUN = frozenset({"skip-execution"})


def key_file(path: Path) -> Path:
    """Give the place of the answer keys of a chapter.

    Parameters
    ----------
    path : Path
        The chapter's Markdown file.

    Returns
    -------
    Path
        Beside it; need not exist.

    Examples
    --------
    >>> key_file(Path("book/part/chapter.md")).as_posix()
    'book/part/chapter.answers.toml'
    """
    return path.with_suffix(SUFFIX)


def key_tables(path: Path) -> Mapping[str, Any]:
    """Read the answer keys beside a chapter as they stand in their file, unchecked.

    Parameters
    ----------
    path : Path
        The chapter's Markdown file.

    Returns
    -------
    mapping
        Empty where there is no such file, or none that is TOML: making the page tells of that.
    """
    try:
        return tomllib.loads(key_file(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def needs_python(tables: Mapping[str, Any]) -> bool:
    """Tell whether the page can mark some answer to these keys only by Python.

    Parameters
    ----------
    tables : mapping
        A file of answer keys.

    Returns
    -------
    bool
        True if a key is of a kind with formulas, numbers or code.
    """
    return any(key.get("kind") not in TABLE_KINDS for key in _keys(tables))


def exercise_statistics(chapter: Chapter) -> dict[str, Any]:
    """Count a chapter's exercises and answer keys.

    Parameters
    ----------
    chapter : Chapter
        The page.

    Returns
    -------
    dict
        ``exercises``, ``solutions`` (worked, with code that asserts), ``keys``, ``mistakes`` (modelled in
        the keys) and ``kinds`` (number of keys of each kind).
    """
    page = read_page(chapter.text)
    keys = list(_keys(key_tables(chapter.path)))
    return {
        "exercises": sum(b.directive in ("exercise", "exercise-start") for b in _blocks(page)),
        "solutions": sum(_asserts(page, start, end) for start, end, _ in _solutions(page)),
        "keys": len(keys),
        "mistakes": sum(len(key.get("mistakes", [])) for key in keys),
        "kinds": dict(sorted(Counter(str(key.get("kind")) for key in keys).items())),
    }


def total_exercises(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up what :func:`exercise_statistics` counted in several chapters.

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
    >>> total_exercises([])["kinds"]
    {}
    """
    kinds: Counter[str] = Counter()
    for row in rows:
        kinds.update(row["kinds"])
    plain = ("exercises", "solutions", "keys", "mistakes")
    return {name: sum(row[name] for row in rows) for name in plain} | {"kinds": dict(sorted(kinds.items()))}


def unsolved(text: str) -> list[tuple[int, str]]:
    r"""Find exercises without a solution that shows itself to be right.

    Parameters
    ----------
    text : str
        A chapter's source.

    Returns
    -------
    list of (int, str)
        Line, counted from 1, and what is wrong, in the order of the page.

    Examples
    --------
    >>> unsolved("```{exercise-start} Try\n:label: a\n```\nDo.\n```{exercise-end}\n```\n")
    [(1, 'the exercise a has no solution')]
    """
    return [(line, fault) for line, fault in recall("unsolved", text, lambda: _unsolved(text))]


def _unsolved(text: str) -> list[tuple[int, str]]:
    """Find the exercises; see :func:`unsolved`."""
    page = read_page(text)
    solved, faults = set(), []
    for start, end, label in _solutions(page):
        solved.add(label)
        if not _asserts(page, start, end):
            faults.append((start, f"the solution of {label} {_NO_CELL}"))
    for block in _blocks(page):
        if block.directive in ("exercise", "exercise-start") and block.label not in solved:
            faults.append((block.line + 1, f"the exercise {block.label or 'without label'} has no solution"))
    return sorted(faults)


def _keys(tables: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the tables of the single keys."""
    keys = tables.get("keys", {})
    yield from (key for key in keys.values() if isinstance(key, dict))


def _blocks(page: Page) -> list[Block]:
    """List a page's blocks, those in directives included."""
    return [block for level in page.levels for block in level]


def _solutions(page: Page) -> Iterator[tuple[int, int, str]]:
    """Yield the first and last line of each solution, from 1, and the exercise that it solves.

    A solution that is one directive ends where it begins: no cell inside it would be executed.
    """
    for level in page.levels:
        for number, block in enumerate(level):
            if block.directive == "solution":
                yield block.line + 1, block.line + 1, block.argument
            elif block.directive == "solution-start":
                after = (b.line + 1 for b in level[number:] if b.directive == "solution-end")
                yield block.line + 1, next(after, block.line + 1), block.argument


def _asserts(page: Page, start: int, end: int) -> bool:
    """Whether an executed cell between two lines asserts something."""
    return any(start < cell.line < end and _cell_asserts(cell) for cell in page.cells)


def _cell_asserts(cell: Cell) -> bool:
    """Whether a cell holds an assertion: the statement, or a function such as ``assert_close``."""
    tags = cell.options.get("tags")
    if isinstance(tags, list) and _NOT_RUN & {str(tag) for tag in tags}:
        return False
    try:
        tree = parse(cell.code)
    except UnreadableCodeError:
        return False
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and _called(node).startswith("assert"))
        for node in ast.walk(tree)
    )


def _called(node: ast.Call) -> str:
    """Name of the function that is called, without what it belongs to."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
