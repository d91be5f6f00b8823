"""The import closure is what Python really loads: no file too few."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlbook.site.closure import import_closure, imported_names

FILES = {
    "kit/__init__.py": "",
    "kit/plots.py": "from . import colours\nfrom .deep.wells import water\n",
    "kit/colours.py": "RED = 1\n",
    "kit/style.mplstyle": "font.size: 11\n",
    "kit/lazy.py": "def f():\n    from kit import hidden\n    return hidden\n",
    "kit/hidden.py": "",
    "kit/deep/__init__.py": "",
    "kit/deep/wells.py": "from ..above import level\nwater = level\n",
    "kit/deep/table.csv": "1,2\n",
    "kit/deep/more/data.json": "{}",
    "kit/above.py": "level = 3\n",
    "kit/apart.py": "import kit.colours\n",
    "kit/starred/__init__.py": "__all__ = ['one']\n",
    "kit/starred/one.py": "",
    "kit/dynamic.py": "import importlib\nimportlib.import_module('kit.hidden')\n",
    "lone.py": "import math, numpy\n",
}


@pytest.fixture
def src(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(code, src):
    return {p.relative_to(src).as_posix() for p in import_closure([code], src)}


BESIDE = {"kit/__init__.py", "kit/style.mplstyle"}
PLOTS = BESIDE | {
    "kit/plots.py",
    "kit/colours.py",
    "kit/above.py",
    "kit/deep/wells.py",
    "kit/deep/__init__.py",
}
PLOTS |= {"kit/deep/table.csv", "kit/deep/more/data.json"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import math\nimport numpy as np", set()),
        ("import lone", {"lone.py"}),
        ("import kit", BESIDE),
        ("from kit import colours", BESIDE | {"kit/colours.py"}),
        ("from kit.colours import RED", BESIDE | {"kit/colours.py"}),
        ("import kit.colours as c", BESIDE | {"kit/colours.py"}),
        ("from kit import plots", PLOTS),
        ("def f():\n    import kit.colours", BESIDE | {"kit/colours.py"}),
        ("from kit.lazy import f", BESIDE | {"kit/lazy.py", "kit/hidden.py"}),
        ("from kit.starred import *", BESIDE | {"kit/starred/__init__.py", "kit/starred/one.py"}),
        ("import kit.dynamic", BESIDE | {"kit/dynamic.py", "kit/hidden.py"}),
        ("__import__('kit.hidden')", BESIDE | {"kit/hidden.py"}),
        ("%matplotlib inline\nfrom kit import colours", BESIDE | {"kit/colours.py"}),
        ("%%time\nfrom kit import colours", BESIDE | {"kit/colours.py"}),
        ("%time import lone", {"lone.py"}),
        ("files = !ls\nimport lone", {"lone.py"}),
        ("from kit import nothing_there", BESIDE),
    ],
)
def test_closure_holds_every_file_the_imports_reach_and_no_other(src, code, expected):
    assert names(code, src) == expected


def test_code_that_is_not_python_reaches_everything(src):
    assert names("def (", src) == set(FILES)


def test_byte_code_is_no_part_of_a_closure(src):
    cache = src / "kit" / "__pycache__"
    cache.mkdir()
    (cache / "colours.cpython-311.pyc").write_bytes(b"x")
    assert not any("__pycache__" in name for name in names("import kit.colours", src) | names("def (", src))


def test_relative_imports_are_resolved_against_the_package():
    assert imported_names("from ..a import b", "top.mid.low") == ["top.mid.a", "top.mid.a.b"]


MODULES = ["p.a", "p.b", "p.q", "p.q.c", "p.q.d", "p.r", "p.r.e"]
PACKAGES = {"p", "p.q", "p.r"}


def statement(importer, target):
    """Every way that one module can import another, as source."""
    parent, _, leaf = target.rpartition(".")
    ways = [f"import {target}", f"from {parent} import {leaf}", f"import {target} as z"]
    package = importer if importer in PACKAGES else importer.rpartition(".")[0]
    if parent == package:
        ways.append(f"from . import {leaf}")
    if parent == package.rpartition(".")[0] and parent:
        ways.append(f"from .. import {leaf}")
    return st.sampled_from(ways)


@st.composite
def package_trees(draw):
    """A random package whose modules import random modules further down the list (no cycles)."""
    order = ["p", *MODULES]
    texts = {}
    for index, module in enumerate(order):
        later = [m for m in order[index + 1 :] if m != "p"]
        chosen = draw(st.lists(st.sampled_from(later), max_size=2, unique=True)) if later else []
        texts[module] = "".join(draw(statement(module, target)) + "\n" for target in chosen)
    return texts, draw(st.sampled_from(MODULES))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(package_trees())
def test_closure_holds_all_that_python_really_loads(tmp_path_factory, tree):
    texts, start = tree
    src = tmp_path_factory.mktemp("src")
    for module, text in texts.items():
        inner = module.replace(".", "/")
        path = src / (f"{inner}/__init__.py" if module in PACKAGES else f"{inner}.py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    probe = "import sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\n"
    probe += f"import {start}\nprint(*[m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'p'])"
    run = subprocess.run([sys.executable, "-S", "-I", "-c", probe, str(src)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    loaded = {Path(line) for line in run.stdout.split()}
    assert import_closure([f"import {start}"], src) == loaded
