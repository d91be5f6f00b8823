"""The first cell of a notebook: on Colab it installs the package and nothing else, and says what is wrong."""

import importlib.metadata
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from dlbook.site.launch import Repository
from dlbook.site.notebooks.setup_cell import (
    COLAB_HAS,
    light_requirements,
    setup_source,
)
from dlbook.site.project import Project

ROOT = Path(__file__).resolve().parents[2]
WHERE = Repository("https://github.com/me/book", revision="0123abcd")
SOURCE = setup_source(WHERE, ["einops>=0.8", "jaxtyping>=0.2.36"])


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return {match[0].lower().replace("_", "-") for match in found if match}


@pytest.fixture
def calls(monkeypatch):
    """What the cell has run; pip itself is never called."""
    made: list[list[str]] = []

    def run(command, **_):
        made.append(command)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return made


def in_ipython(source: str, before: str = "") -> str:
    """Run a cell in IPython, in a process of its own, and return everything it printed."""
    script = f"""
        {before}
        from IPython.core.interactiveshell import InteractiveShell
        InteractiveShell.instance(colors="NoColor").run_cell({source!r})
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False
    )
    return run.stdout + run.stderr


def test_cell_is_short_enough_to_be_read():
    assert len(SOURCE.splitlines()) <= 15
    assert SOURCE.isascii()


def test_outside_colab_it_does_nothing_where_the_package_is(calls, monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    exec(compile(SOURCE, "cell", "exec"), {})
    assert calls == []


def test_on_colab_it_installs_this_commit_and_lets_colab_s_packages_be(calls, monkeypatch):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release-colab")
    exec(compile(SOURCE, "cell", "exec"), {})
    (command,) = calls
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert "--no-deps" in command
    assert "dlbook @ git+https://github.com/me/book@0123abcd" in command
    assert not names(command[4:]) & COLAB_HAS


def test_offline_it_says_so_in_a_sentence_and_stops(tmp_path):
    pip = tmp_path / "pip"
    pip.mkdir()
    (pip / "__init__.py").write_text("")
    (pip / "__main__.py").write_text("import sys\nsys.exit('ERROR: could not resolve host: github.com')\n")
    before = f"import os; os.environ |= dict(COLAB_RELEASE_TAG='x', PYTHONPATH={str(tmp_path)!r})"
    printed = in_ipython(SOURCE + "\nprint('went on')", before)
    assert (
        "Set-up: the book's helper package could not be fetched from https://github.com/me/book." in printed
    )
    assert "Is this machine online?" in printed
    assert "could not resolve host" in printed
    assert "Traceback" not in printed
    assert "went on" not in printed
    assert len(printed.strip().splitlines()) == 1


@pytest.mark.parametrize("where", [WHERE, Repository()], ids=["published", "unpublished"])
def test_where_the_package_is_missing_it_says_how_to_get_it(where):
    before = "import os, sys; os.environ.pop('COLAB_RELEASE_TAG', None); sys.modules['dlbook'] = None"
    printed = in_ipython(setup_source(where, []), before).strip()
    package = f"'dlbook @ git+{where.url}@0123abcd'" if where.url else "."
    assert printed.startswith("Set-up: this Python lacks the book's helper package")
    assert printed.endswith(f"pip install {package}")
    assert len(printed.splitlines()) == 1


def test_what_colab_lacks_is_installed_with_all_that_it_needs():
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = names(tomllib.load(file)["project"]["dependencies"])
    light = light_requirements(Project(ROOT))
    assert declared <= names(light) | COLAB_HAS
    assert not names(light) & COLAB_HAS
    for name in names(light):
        needs = [need for need in importlib.metadata.requires(name) or [] if ";" not in need]
        assert names(needs) <= names(light) | COLAB_HAS


def test_requirements_keep_their_ranges():
    with (ROOT / "pyproject.toml").open("rb") as file:
        declared = tomllib.load(file)["project"]["dependencies"]
    light = light_requirements(Project(ROOT))
    assert set(declared) & set(light) == {name for name in declared if not names([name]) & COLAB_HAS}
