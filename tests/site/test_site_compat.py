"""The tests with other versions: what is chosen, where they run, and that a failure is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.site import compat
from dlbook.site.compat import check, copy_tree, resolve, surroundings, uv, versions
from dlbook.site.project import BuildError, Project

PYPROJECT = """\
[project]
name = "small"
dependencies = ["torch>=2.6", "scikit-learn>=1.5 ; python_version > '3'", "tqdm[notebook]>=4"]
[project.optional-dependencies]
book = ["sphinx>=7"]
test = ["pytest>=8"]
"""


@pytest.fixture
def tree(tmp_path) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    return root


def test_the_oldest_are_those_of_the_package_and_tools_are_new(tree, monkeypatch):
    calls = []

    def fake(*words: str, cwd: Path) -> str:
        calls.append(words)
        assert cwd == tree
        return "torch==2.6.0\nscikit-learn==1.5.0\ntqdm==4.0\nnetworkx==9\nsphinx==7.0\n"

    monkeypatch.setattr(compat, "uv", fake)
    resolve(tree, "oldest", "python3.11")
    lowest, full = calls
    assert "lowest-direct" in lowest
    assert "--extra" not in lowest, "a tool would be held to its lower end as well"
    assert "lowest-direct" not in full
    constraints = Path(full[full.index("--constraints") + 1]).read_text().split()
    assert constraints == ["torch==2.6.0", "scikit-learn==1.5.0", "tqdm==4.0"], "what comes along is free"
    calls.clear()
    resolve(tree, "newest", "python3.11")
    (newest,) = calls
    assert "--upgrade" in newest
    assert "--constraints" not in newest


def test_the_copy_has_new_files_and_nothing_that_a_build_made(tmp_path):
    root = tmp_path / "book"
    (root / "_build").mkdir(parents=True)
    for name, text in {
        ".gitignore": "_build\n",
        "kept.py": "1",
        "_build/record.json": "stale",
        "gone.py": "1",
    }.items():
        (root / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    (root / "new.py").write_text("2")
    (root / "gone.py").unlink()
    copy_tree(root, tmp_path / "copy")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [".gitignore", "kept.py", "new.py"]


@pytest.fixture
def installed(monkeypatch):
    """Have this Python stand in for an environment, with one test in the tree."""

    def use(test: str) -> None:
        def install(project: Project, which: str, python: str, place: Path) -> Path:
            (place / "tree").mkdir(parents=True)
            (place / "tree" / "test_one.py").write_text(test)
            return Path(sys.executable)

        monkeypatch.setattr(compat, "install", install)

    return use


@pytest.mark.parametrize("which", ["oldest", "newest"])
def test_a_failing_test_is_an_error_that_names_the_versions(which, installed, tmp_path):
    installed("def test_it():\n    assert 1 == 2\n")
    with pytest.raises(BuildError, match=rf"tests fail with the {which} versions .*torch \d+\.\d+.*numpy"):
        check(Project(tmp_path), which, tests=["test_one.py"])
    assert not (tmp_path / "_build" / "compat" / which).exists(), "gigabytes are left behind"


def test_an_empty_run_is_no_success(installed, tmp_path):
    installed("")
    with pytest.raises(BuildError, match="tests fail"):
        check(Project(tmp_path), "newest", tests=["test_one.py"])


def test_old_versions_may_warn_and_new_ones_may_not(installed, tmp_path, capfd):
    (tmp_path / "_build").mkdir()
    installed("import warnings\n\ndef test_it():\n    warnings.warn('old', DeprecationWarning)\n")
    check(Project(tmp_path), "oldest", tests=["test_one.py"])
    assert "oldest versions pass" in capfd.readouterr().out
    with pytest.raises(BuildError):
        check(Project(tmp_path), "newest", tests=["-W", "error", "test_one.py"])


def test_the_tests_see_the_installed_package_and_not_the_checkout(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("DLBOOK_BUDGET", "gpu")
    monkeypatch.setenv("DLBOOK_DATA", "/data")
    seen = surroundings()
    assert "PYTHONPATH" not in seen
    assert "DLBOOK_BUDGET" not in seen
    assert seen["DLBOOK_DATA"] == "/data"


def test_the_versions_told_are_those_of_the_environment():
    import torch

    told = versions(Path(sys.executable))
    assert told.startswith(f"Python {sys.version_info.major}.{sys.version_info.minor}.")
    assert f", torch {torch.__version__.partition('+')[0]}" in told


def test_uv_that_fails_is_told_in_its_own_words(tmp_path):
    with pytest.raises(BuildError, match=r"uv pip compile failed:\n.*nowhere\.in"):
        uv("pip", "compile", "--offline", "nowhere.in", cwd=tmp_path)


def test_uv_that_is_missing_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(BuildError, match="uv is not installed here"):
        uv("--version", cwd=tmp_path)
