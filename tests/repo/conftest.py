"""The repository's files, for the tests that hold its papers in agreement."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file that is tracked, or would be by ``git add .``."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so which files belong to it is unknown; clone the repository")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [Path(name) for name in sorted(set(listed)) if name and (ROOT / name).is_file()]
