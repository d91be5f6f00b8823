"""A throw-away book for every test that asks for one."""

from pathlib import Path

import pytest
from tinybook import TinyBook

from dlbook.site.typeset import TEMML
from dlbook.site.vendor import fetch_npm


@pytest.fixture
def book(tmp_path: Path) -> TinyBook:
    fetch_npm(*TEMML)  # the book is built offline, and may have formulas
    return TinyBook(tmp_path / "project")
