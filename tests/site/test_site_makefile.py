"""Set-up by the Makefile: once, repeated when it was interrupted, clear when it cannot be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Stands in for Python: keeps a log, makes a "virtual environment" of itself, and computes with the
# real one whatever the Makefile asks with -c.
STUB = """\
#!/bin/sh
echo "python $*" >> "$LOG"
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$STUBS/uv" "$3/bin/uv"
             echo "#!$(pwd -P)/$3/bin/python" > "$3/bin/pip" ;;
  "-m pip") ;;
  "-m dlbook.site") echo "built" ;;
  *) exec "$REAL" "$@" ;;
esac
"""
UV = '#!/bin/sh\necho "uv $*" >> "$LOG"\n[ ! -e "$STUBS/refuse" ]\n'


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root, self.stubs, self.log = root / "book", root / "stubs", root / "log"
        self.root.mkdir()
        self.stubs.mkdir()
        shutil.copy(ROOT / "Makefile", self.root)
        (self.root / "requirements.lock").write_text("uv==0.1\n")
        (self.root / "pyproject.toml").write_text("")
        for name, text in (("python3", STUB), ("uv", UV)):
            (self.stubs / name).write_text(text)
            (self.stubs / name).chmod(0o755)

    def make(self, *words: str, **variables: str) -> tuple[int, str, list[str]]:
        """Run make: its exit status, what it printed, and the commands of set-up that it ran."""
        self.log.write_text("")
        env = {"PATH": f"{self.stubs}:/usr/bin:/bin", "HOME": str(self.root), "LOG": str(self.log)}
        env |= {"STUBS": str(self.stubs), "REAL": sys.executable} | variables
        run = subprocess.run(["make", *words], cwd=self.root, env=env, capture_output=True, text=True)
        calls = [line for line in self.log.read_text().splitlines() if " -c " not in line]
        steps = [
            " ".join(line.split()[:3])
            for line in calls
            if "--version" not in line and "dlbook.site" not in line
        ]
        return run.returncode, run.stdout + run.stderr, steps


WHOLE = ["python -m venv", "python -m pip", "uv pip install", "uv pip install"]
INSTALL = WHOLE[1:]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_first_command_sets_up_and_the_second_does_not(checkout):
    status, output, steps = checkout.make("book")
    assert (status, steps) == (0, WHOLE), output
    assert "Set-up 1/3" in output
    status, output, steps = checkout.make("book")
    assert (status, steps) == (0, [])
    assert output == "built\n"


def test_an_interrupted_set_up_is_repeated(checkout):
    (checkout.stubs / "refuse").touch()
    status, _, steps = checkout.make("book")
    assert status != 0
    (checkout.stubs / "refuse").unlink()
    status, _, steps = checkout.make("book")
    assert (status, steps) == (0, INSTALL)


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed(checkout, name):
    checkout.make("book")
    later = (checkout.root / ".venv/.ready").stat().st_mtime + 10
    os.utime(checkout.root / name, (later, later))
    assert checkout.make("book")[2] == INSTALL


def test_a_moved_environment_is_made_anew(checkout):
    checkout.make("book")
    moved = checkout.root.with_name("elsewhere")
    checkout.root.rename(moved)
    checkout.root = moved
    assert checkout.make("book")[2] == WHOLE
    assert checkout.make("book")[2] == []


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    checkout.make("book")
    python = checkout.root / ".venv/bin/python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    assert checkout.make("book")[2] == WHOLE


def test_no_python_that_is_new_enough_is_said_so(checkout):
    (checkout.stubs / "python3").write_text("#!/bin/sh\nexit 1\n")
    status, output, _ = checkout.make("book", "PYTHONS=python3 python9")
    assert status != 0
    assert "no Python 3.11 or later" in output
    assert not (checkout.root / ".venv").exists()


def test_a_python_without_venv_is_said_so(checkout):
    script = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexec "$REAL" "$@"\n'
    (checkout.stubs / "python3").write_text(script)
    status, output, _ = checkout.make("book", "PYTHONS=python3")
    assert status != 0
    assert "python3-venv" in output


def test_make_alone_lists_every_command(checkout):
    status, output, steps = checkout.make()
    assert (status, steps) == (0, [])
    for target in ("book", "test", "serve", "check", "lint", "report", "lock", "clean", "help"):
        assert f"\n  {target} " in output


def test_a_failing_build_fails_make(checkout):
    (checkout.stubs / "python3").write_text(STUB.replace('echo "built"', "exit 1"))
    assert checkout.make("book")[0] != 0
