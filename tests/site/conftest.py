"""A throw-away book for every test that asks for one."""

from pathlib import Path

import pytest
from tinybook import TinyBook


@pytest.fixture
def book(tmp_path: Path) -> TinyBook:
    return TinyBook(tmp_path / "project")
