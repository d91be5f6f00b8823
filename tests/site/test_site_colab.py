"""Published notebooks in Colab's image: all run, a failure is told, and nothing of Colab's may change."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from dlbook.site import colab
from dlbook.site.colab import main, run_published, surroundings
from dlbook.site.project import BuildError

ROOT = Path(__file__).resolve().parents[2]

SEES = """\
import os, sys
assert os.environ["DLBOOK_BUDGET"] == "smoke"
assert "PYTHONPATH" not in os.environ
assert os.listdir() == [], "the folder holds what the reader would not have"
print(os.environ["COLAB_RELEASE_TAG"])"""


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder to put notebooks into, on what says that it is Colab."""
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-test")

    def put(name: str, *cells: str) -> Path:
        path = tmp_path / "published" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path
        )
        return tmp_path / "published"

    return put


def test_every_notebook_runs_in_a_folder_of_its_own_without_the_checkout(published, capfd):
    published("one.ipynb", SEES)
    folder = published("part/two.ipynb", SEES)
    before = (folder / "one.ipynb").read_bytes()
    assert main([str(folder)]) == 0
    shown = capfd.readouterr().out
    assert "part/two.ipynb: ran" in shown
    assert "2 notebooks ran" in shown
    assert (folder / "one.ipynb").read_bytes() == before


def test_a_failing_notebook_is_told_and_the_others_still_run(published, capfd):
    published("a.ipynb", "1 / 0")
    folder = published("b.ipynb", "print(1)")
    assert main([str(folder)]) == 1
    shown = capfd.readouterr()
    assert "b.ipynb: ran" in shown.out
    assert "a.ipynb: " in shown.err
    assert "ZeroDivisionError" in shown.err
    assert "Traceback (most recent call last):\n  File" not in shown.err


def test_a_notebook_that_replaces_what_colab_has_is_told(published, monkeypatch):
    folder = published("one.ipynb", "print(1)")
    seen = iter(["torch 2.11.0", "torch 2.15.0"])
    monkeypatch.setattr(colab, "versions", lambda: next(seen))
    with pytest.raises(
        BuildError, match=r"one.ipynb replaces what Colab has: torch 2.11.0 became torch 2.15.0"
    ):
        run_published(folder)


def test_elsewhere_than_on_colab_and_without_notebooks_it_is_refused(published, monkeypatch, tmp_path):
    folder = published("one.ipynb", "print(1)")
    with pytest.raises(BuildError, match="there is no notebook"):
        run_published(tmp_path / "empty")
    monkeypatch.delenv("COLAB_RELEASE_TAG")
    with pytest.raises(BuildError, match="not Colab's image"):
        run_published(folder)


def test_the_versions_that_must_stay_are_read_by_a_new_process():
    assert "torch " in colab.versions()
    assert "PYTHONPATH" not in surroundings()


def test_the_command_needs_only_what_colab_has():
    # What the image has no reason to hold: the book's tools and the checks'.
    code = (
        "import sys, importlib.abc\n"
        "class Bar(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'sphinx', 'myst_nb', 'jupyter_book', 'psutil', 'torch'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Bar())\n"
        "from dlbook.site.colab import main\n"
        "sys.exit(main(['nowhere']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    environment.pop("COLAB_RELEASE_TAG", None)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, "not Colab's image" in done.stderr) == (1, True), done.stderr
