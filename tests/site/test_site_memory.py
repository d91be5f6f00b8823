"""What is remembered is what would be worked out now."""

import json
import os
import time
from pathlib import Path

import pytest

from dlbook.site import memory
from dlbook.site.closure import UnreadableCodeError, imported_names
from dlbook.site.memory import KEPT_DAYS, Memory, recall, remembering
from dlbook.site.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "requirements.lock").write_text("numpy==1\n")
    return Project(tmp_path)


def made(project: Project, of: object) -> bool:
    """Whether something has to be worked out."""
    calls: list[object] = []
    with remembering(project):
        recall("kind", of, lambda: calls.append(of) or "result")
    return bool(calls)


def test_a_result_is_worked_out_once(project):
    assert made(project, ["a", 1])
    assert not made(project, ["a", 1])


def test_a_result_is_not_taken_for_that_of_other_things(project):
    assert made(project, ["a", 1])
    for other in (["a", 2], ["a1"], "a", {"a": 1}):
        assert made(project, other)


def test_another_lock_or_other_code_makes_everything_anew(project, tmp_path, monkeypatch):
    code = tmp_path / "code"
    code.mkdir()
    (code / "one.py").write_text("x = 1\n")
    monkeypatch.setattr(memory, "_CODE", (code,))
    assert made(project, "a")
    assert not made(project, "a")
    (code / "one.py").write_text("x = 2\n")
    assert made(project, "a"), "a result of code that is no more"
    project.lock.write_text("numpy==2\n")
    assert made(project, "a"), "a result of other libraries"


def test_the_code_that_counts_is_all_that_has_results_remembered():
    files = {path.name for folder in memory._CODE for path in folder.rglob("*.py")}
    package = Path(memory.__file__).parents[1]
    users = [path for path in package.rglob("*.py") if "recall(" in path.read_text()]
    assert len(users) > 5
    assert {path.name for path in users} <= files


@pytest.mark.parametrize("damage", ["", "{", '{"result"', "[]", '{"other": 1}'])
def test_a_damaged_entry_is_made_again(project, damage):
    assert made(project, "a")
    (path,) = (project.build / "memory/kind").iterdir()
    path.write_text(damage)
    assert made(project, "a")
    assert not made(project, "a")


def test_what_fails_is_not_remembered(project):
    with remembering(project):
        for _ in range(2):
            with pytest.raises(UnreadableCodeError):
                imported_names("def broken(:")


def test_entries_long_unused_go_and_those_in_use_stay(project):
    for name in ("old", "used"):
        made(project, name)
    store = Memory(project.build / "memory", memory._version(project))
    past = time.time() - (KEPT_DAYS + 1) * 86_400
    for name in ("old", "used"):
        os.utime(store.path("kind", name), (past, past))
    assert not made(project, "used")
    assert not store.path("kind", "old").exists()
    assert json.loads(store.path("kind", "used").read_text()) == {"result": "result"}


def test_without_a_book_nothing_is_kept():
    calls = []
    for _ in range(2):
        recall("kind", "x", lambda: calls.append(1))
    assert len(calls) == 2
