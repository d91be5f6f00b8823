"""Lets the tests import the benchmarks, which are scripts and not part of the package."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.append(str(FOLDER))
