"""A page gets the outputs of its own code, and none of any other."""

import pytest

from dlbook.site.chapters import read_notebook
from dlbook.site.extension import facts_text
from dlbook.site.project import BuildError
from dlbook.site.reader import join


def record_of(*sources):
    cells = [
        {
            "source": s,
            "execution_count": n,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": f"out {n}"}],
        }
        for n, s in enumerate(sources, 1)
    ]
    return {"cells": cells, "widgets": {}}


@pytest.fixture
def page(book):
    return book.chapter("a", "x = 1", ":tags: [hide-input]\ny = 2", prose="Before.\n\nAfter.")


def test_outputs_go_to_the_cell_that_made_them(page):
    notebook = join(page.read_text(), page, "a", record_of("x = 1", "y = 2"))
    code = [c for c in notebook.cells if c.cell_type == "code"]
    assert [c.outputs[0].text for c in code] == ["out 1", "out 2"]
    assert [c.execution_count for c in code] == [1, 2]


def test_lines_still_lead_to_the_markdown(page):
    plain = read_notebook(page.read_text(), page)
    joined = join(page.read_text(), page, "a", record_of("x = 1", "y = 2"))
    lines = page.read_text().splitlines()
    assert joined.metadata["source_map"] == plain.metadata["source_map"]
    starts = dict(zip(joined.metadata["source_map"], joined.cells, strict=True))
    assert all(lines[n].startswith(("#", ":tags:", "x", "")) for n in starts)
    assert sum(lines[n] == "x = 1" for n in starts) == 1


@pytest.mark.parametrize(
    "record",
    [
        None,
        record_of("x = 1"),
        record_of("x = 1", "y = 3"),
        record_of("y = 2", "x = 1"),
        record_of("x = 1", "y = 2", "z"),
    ],
)
def test_outputs_of_other_code_are_refused(page, record):
    with pytest.raises(BuildError, match="make book"):
        join(page.read_text(), page, "a", record)


def test_a_header_that_is_not_yaml_is_refused_with_the_file(book):
    path = book.write("book/x.md", "---\na: [\n---\n\n# X\n")
    with pytest.raises(BuildError, match=r"x\.md"):
        read_notebook(path.read_text(), path)


KNOWN = {
    "words": 2000,
    "seconds": 23.4,
    "threads": 2,
    "budget": "cpu",
    "device": "cpu",
    "data": [("mnist", False)],
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "10 minutes to read, runs in 23 seconds on 2 CPU cores (cpu budget; data: mnist)."),
        ({"threads": 1, "data": []}, "10 minutes to read, runs in 23 seconds on one CPU core (cpu budget)."),
        (
            {"words": 1, "seconds": 0.2, "data": []},
            "1 minute to read, runs in 1 second on 2 CPU cores (cpu budget).",
        ),
        (
            {"device": "NVIDIA H100", "budget": "gpu", "data": []},
            "10 minutes to read, runs in 23 seconds on one NVIDIA H100 (gpu budget).",
        ),
        (
            {"data": [("mnist", True), ("digits", False)]},
            "10 minutes to read, runs in 23 seconds on 2 CPU cores (cpu budget; "
            "data: mnist (the embedded digits stand in), digits).",
        ),
    ],
)
def test_the_facts_are_worded_as_a_person_would(change, text):
    assert facts_text(KNOWN | change) == text
