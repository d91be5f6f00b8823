"""dlbook.page.record, read back by myst-nb's own reader."""

import math
import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from dlbook import page


class _Log:
    """Collects what myst-nb would print as a warning, which the build treats as an error."""

    def __init__(self):
        self.warnings = []

    def warning(self, message, **_):
        self.warnings.append(message)


def _execute(*cells: str, build: bool = True, allow_errors: bool = False) -> nbformat.NotebookNode:
    """Run cells in a kernel, with the environment of a build or of a reader."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=allow_errors)
    client.execute(env=os.environ | {"DLBOOK_BUILD": "1" if build else ""})
    return notebook


@pytest.fixture(scope="module")
def built():
    """Run one chapter-like notebook as the build does, for all tests that read it."""
    return _execute(
        "import numpy as np, torch\nfrom dlbook.page import record",
        "record(loss=0.12345, n=60_000, best='ReLU', **{'test-error_2': np.float32(0.25)})",
        "record(tensor=torch.tensor(-1.5, requires_grad=True))\n"
        "record(big=1e300, tiny=-1e-300, quote='a \"b\" \\'c\\'')",
        "record(n=60_000, again=1)  # the same value once more",
        "from myst_nb import glue\n"
        "for k, v in dict(loss=0.12345, n=60_000, best='ReLU').items(): glue(k, v, False)",
        "record(n=59_999)",
        "record(fine=1.0, broken=float('nan'))",
        allow_errors=True,
    )


@pytest.fixture(scope="module")
def read(built):
    """Read the recorded values as a page does, and what is left of the outputs."""
    from myst_nb.ext.glue import extract_glue_data

    log, copy = _Log(), nbformat.from_dict({**built, "cells": [dict(cell) for cell in built.cells[:4]]})
    data = extract_glue_data(copy, list(range(len(copy.cells))), log)
    return data, copy, log


@pytest.mark.parametrize(
    ("name", "form", "text"),
    [
        ("loss", ".3f", "0.123"),
        ("loss", ".1%", "12.3%"),
        ("n", ",d", "60,000"),
        ("n", ".1f", "60000.0"),
        ("best", "s", "ReLU"),
        ("test-error_2", ".2f", "0.25"),
        ("tensor", ".2f", "-1.50"),
        ("big", ".0e", "1e+300"),
        ("tiny", ".0e", "-1e-300"),
        ("quote", "s", "a \"b\" 'c'"),
    ],
)
def test_the_prose_reads_what_was_recorded_in_the_format_it_asks_for(read, name, form, text):
    from myst_nb.core.variables import format_plain_text

    assert format_plain_text(read[0][name]["data"]["text/plain"], form) == text


def test_nothing_is_left_to_show_on_the_page(read):
    assert [cell.outputs for cell in read[1].cells] == [[]] * 4


def test_an_equal_value_recorded_twice_gives_no_duplicate_to_warn_of(read):
    data, _, log = read
    assert log.warnings == []
    assert data["again"]["data"]["text/plain"] == "1"


def test_the_outputs_are_those_of_glue_itself(built):
    ours, theirs = built.cells[1].outputs[:3], built.cells[4].outputs
    assert len(theirs) == 3
    assert ours == theirs


def test_in_a_build_one_name_cannot_mean_two_numbers(built):
    (error,) = built.cells[5].outputs
    assert error.ename == "ValueError"
    assert "'n' already holds 60000 and cannot also be 59999" in error.evalue


def test_a_refused_call_records_nothing_of_itself(built):
    (error,) = built.cells[6].outputs
    assert error.ename == "ValueError"
    assert "broken is NaN" in error.evalue


def test_a_reader_may_run_a_cell_again_with_another_result():
    notebook = _execute("from dlbook.page import record", "record(a=1)", "record(a=2)", build=False)
    texts = [
        out["data"]["application/papermill.record/text/plain"] for c in notebook.cells for out in c.outputs
    ]
    assert texts == ["1", "2"]


def test_a_script_prints_nothing(capsys):
    page.record(a=1)
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def sent(monkeypatch):
    """Collect what would be published, in this process."""
    values = {}
    monkeypatch.setattr(page, "in_kernel", lambda: True)
    monkeypatch.setattr(page, "_send", values.__setitem__)
    monkeypatch.setattr(page, "_recorded", {})
    return values


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3, 3),
        (np.int64(3), 3),
        (np.uint8(200), 200),
        (np.float64(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.array(0.5), 0.5),
        (np.str_("a"), "a"),
        (torch.tensor(7), 7),
        (torch.tensor(0.5, dtype=torch.bfloat16), 0.5),
        (math.inf, math.inf),
    ],
)
def test_scalars_of_numpy_and_torch_become_python_numbers(sent, value, plain):
    page.record(a=value)
    assert sent == {"a": plain}
    assert type(sent["a"]) is type(plain)
    assert repr(sent["a"]) == repr(plain)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        np.bool_(True),
        torch.tensor(True),
        1j,
        np.complex64(1),
        torch.tensor(1j),
        [1.0],
        (1,),
        b"a",
        np.zeros(1),
        torch.zeros(1),
        torch.zeros(2, 2),
        np.datetime64("2024-01-01"),
        np.longdouble(1) if np.finfo(np.longdouble).bits > 64 else None,
    ],
)
def test_what_is_not_one_number_or_a_string_is_refused(sent, value):
    with pytest.raises(TypeError, match=r"a is a .*; expected a single number or a string"):
        page.record(good=1, a=value)
    assert sent == {}


@pytest.mark.parametrize("value", [math.nan, np.float32("nan"), torch.tensor(float("nan"))])
def test_nan_is_refused_and_the_word_is_not(sent, value):
    with pytest.raises(ValueError, match="a is NaN"):
        page.record(a=value)
    page.record(a="nan")
    assert sent == {"a": "nan"}


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a::b", "ä", "a.b", "a\n", "a`"])
def test_a_name_that_the_prose_could_not_write_is_refused(sent, name):
    with pytest.raises(ValueError, match="letters, digits"):
        page.record(**{name: 1})
    assert sent == {}


def test_outside_a_build_the_last_value_counts(sent, monkeypatch):
    monkeypatch.delenv("DLBOOK_BUILD", raising=False)
    page.record(a=1)
    page.record(a=2)
    assert sent == {"a": 2}


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), ("", False), (None, False)])
def test_in_build_is_decided_by_the_environment(monkeypatch, value, expected):
    if value is None:
        monkeypatch.delenv("DLBOOK_BUILD", raising=False)
    else:
        monkeypatch.setenv("DLBOOK_BUILD", value)
    assert page.in_build() is expected


def test_importing_page_needs_neither_myst_nor_torch():
    code = "import sys, dlbook.page as p; p.record(a=1)\n"
    code += "print({'myst_nb','sphinx','torch','IPython'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_what_other_threads_ask_for_is_done_by_the_main_thread_between_cells():
    notebook = _execute(
        "import threading, time\nfrom dlbook.page import on_main_thread\n"
        "done = []\n"
        "def note(): done.append(threading.current_thread() is threading.main_thread())\n"
        "on_main_thread(note)\nprint(done)",
        "thread = threading.Thread(target=on_main_thread, args=[note])\n"
        "thread.start(); thread.join(); time.sleep(0.3)\nprint(done)",
        "print(done)",
    )
    printed = ["".join(output.text for output in cell.outputs).strip() for cell in notebook.cells]
    assert printed == ["[True]", "[True]", "[True, True]"]
