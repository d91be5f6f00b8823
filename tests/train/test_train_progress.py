"""dlbook.train.progress_bar: a bar where somebody watches, none where nobody does."""

import importlib
import io
import os
import subprocess
import sys

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from torch import nn

from dlbook.train import fit, progress_bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def open_terminal(monkeypatch):
    """Give a function that makes standard error a terminal, outside a build.

    It must be called in the test itself: pytest puts its own standard error in place after the fixtures.
    """
    return lambda: _open(monkeypatch)


def _open(monkeypatch) -> _Terminal:
    monkeypatch.delenv("DLBOOK_BUILD", raising=False)
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def test_a_terminal_shows_a_bar_with_its_title(open_terminal):
    terminal = open_terminal()
    assert list(progress_bar(range(3), title="sweep")) == [0, 1, 2]
    assert "sweep" in terminal.getvalue()
    assert "/3" in terminal.getvalue()


def test_fit_counts_every_batch_of_every_epoch(open_terminal, monkeypatch):
    open_terminal()
    bars = []
    module = importlib.import_module("dlbook.train._fit")
    monkeypatch.setattr(module, "progress_bar", lambda **given: bars.append(progress_bar(**given)) or bars[0])
    model = nn.Linear(1, 2)
    x = torch.zeros(7, 1)
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    fit(model, (x, x[:, 0].long()), epochs=2, optimizer=sgd, batch_size=2)
    assert (bars[0].n, bars[0].total) == (8, 8)


def test_a_build_shows_none_even_in_a_terminal(open_terminal, monkeypatch):
    terminal = open_terminal()
    monkeypatch.setenv("DLBOOK_BUILD", "1")
    assert list(progress_bar(range(3))) == [0, 1, 2]
    assert terminal.getvalue() == ""


def test_a_log_file_shows_none(open_terminal, monkeypatch):
    open_terminal()
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    list(progress_bar(range(3)))
    assert log.getvalue() == ""


def test_show_overrides_the_choice_both_ways(open_terminal, monkeypatch):
    terminal = open_terminal()
    list(progress_bar(range(3), show=False))
    assert terminal.getvalue() == ""
    monkeypatch.setenv("DLBOOK_BUILD", "1")
    list(progress_bar(range(3), show=True))
    assert "/3" in terminal.getvalue()


def test_a_program_without_standard_error_runs_without_a_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert list(progress_bar(range(3))) == [0, 1, 2]


def test_a_kernel_shows_a_widget_and_a_build_leaves_nothing_in_the_page():
    code = "from dlbook.train import progress_bar\nfor i in progress_bar(range(3)): pass"
    cells = [
        "import os; os.environ.pop('DLBOOK_BUILD', None)",
        code,
        "os.environ['DLBOOK_BUILD'] = '1'",
        code,
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    _, shown, _, built = (cell.outputs for cell in notebook.cells)
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    assert not any(output.output_type == "stream" for output in shown)  # no warning beside it
    assert built == []


def test_a_kernel_without_ipywidgets_gets_text_and_no_warning():
    # What tqdm sees there: a kernel's module is loaded, ipywidgets cannot be imported.
    code = (
        "import sys, types; sys.modules['ipywidgets'] = None\n"
        "sys.modules['ipykernel.zmqshell'] = types.ModuleType('zmqshell')\n"
        "from dlbook.train import progress_bar\n"
        "for i in progress_bar(range(3), show=True): pass\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "/3" in run.stderr
    assert "Warning" not in run.stderr
