"""The slowest cell is named by a place that a person finds."""

from pathlib import Path

import pytest

from dlbook.site.chapters import Cell, Chapter
from dlbook.site.rows import first_line, slowest_cell, slowest_of


@pytest.fixture
def chapter():
    """Three cells in a file."""
    cells = tuple(Cell(f"# Comment.\nstep({n})\nmore()", (), 10 * n) for n in (1, 2, 3))
    made = Chapter("a/one", Path("book/a/one.md"), "")
    made.__dict__["cells"] = cells  # what the text would hold
    return made


def test_the_slowest_cell_is_the_one_that_took_longest(chapter):
    record = {"cells": [{"seconds": seconds} for seconds in (0.5, 9.25, 10.0 - 1)]}
    found = slowest_cell(chapter, record)
    assert found == {"index": 2, "line": 20, "first_line": "step(2)", "seconds": 9.25}


def test_the_slowest_of_the_book_is_named_with_its_chapter():
    rows = [{"slug": s, "slowest_cell": {"seconds": t}} for s, t in (("a", 9.5), ("b", 10.0), ("c", 2.0))]
    assert slowest_of([*rows, {"slug": "d", "slowest_cell": None}]) == {"slug": "b", "seconds": 10.0}
    assert slowest_of([]) is None


@pytest.mark.parametrize(
    ("source", "shown"),
    [("", ""), ("# only words", "# only words"), ("\n  fit(net)\n", "fit(net)"), ("x" * 99, "x" * 70 + " …")],
)
def test_a_cell_is_known_by_its_first_line_of_code(source, shown):
    assert first_line(source) == shown
