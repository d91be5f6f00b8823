"""The examples in the docstrings of train, plots and page."""

import doctest
import importlib

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

MODULES = [
    "dlbook.page",
    "dlbook.plots._charts",
    "dlbook.plots._network",
    "dlbook.plots._style",
    "dlbook.train._batches",
    "dlbook.train._fit",
    "dlbook.train._measure",
    "dlbook.train._progress",
    "dlbook.train._setting",
    "dlbook.train._speed",
]


@pytest.mark.parametrize("name", MODULES)
def test_the_docstrings_tell_the_truth(name, monkeypatch):
    for variable in ("DLBOOK_BUILD", "DLBOOK_BUDGET", "DLBOOK_DEVICE"):
        monkeypatch.delenv(variable, raising=False)
    with mpl.rc_context():
        result = doctest.testmod(importlib.import_module(name))
    plt.close("all")
    assert result.attempted > 0
    assert result.failed == 0
