"""What `dlbook.answers` may lean on: it has to run where there is nothing but Python and mpmath."""

import subprocess
import sys
from pathlib import Path

from dlbook.site.closure import import_closure

SRC = Path(__file__).resolve().parents[2] / "src"

LOADED = """
import sys
before = set(sys.modules)
import dlbook.answers
import dlbook.answers.page
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
"""


def test_answers_reach_no_other_part_of_the_package_but_what_tells_where_they_run():
    found = import_closure(["import dlbook.answers, dlbook.answers.page"], SRC)
    outside = {
        path.relative_to(SRC).as_posix()
        for path in found
        if "answers" not in path.parts and path.name != "__init__.py" and path.name != "py.typed"
    }
    assert outside == {"dlbook/page.py"}


def test_answers_load_nothing_but_python_and_mpmath():
    shown = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert set(shown.split()) <= {"dlbook", "mpmath", "latex2mathml", "gmpy2"}
