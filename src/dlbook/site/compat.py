"""The package and its tests with other versions than the locked ones: the oldest and the newest allowed.

The ranges in ``pyproject.toml`` promise that the package works with whatever they allow, in Colab for
instance. Here the two ends of the promise are tried, in an environment and a copy of the project that are
made for it and removed afterwards, so that neither stored runs nor the checkout can hide a fault.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from dlbook.site.project import BuildError, Project

WATCHED = ("torch", "torchvision", "numpy", "sympy", "matplotlib")
"""Packages whose versions are told."""

# The site is built with locked versions only, and the papers do not depend on any.
TESTS = ("tests", "--ignore=tests/site", "--ignore=tests/repo")

# An old library beside a newer one warns of things that neither can mend now; a fault is what counts.
CALM = ("-o", "filterwarnings=ignore::Warning")
_NAME = re.compile(r"[\w.-]+")


def check(project: Project, which: str, python: str = sys.executable, tests: Sequence[str] = ()) -> None:
    """Install the package with one end of its ranges, and run its tests.

    Parameters
    ----------
    project : Project
        The book.
    which : str
        ``oldest`` or ``newest``.
    python : str, optional
        The interpreter, by path or version; by default this one.
    tests : sequence of str, optional
        Files and options for pytest; by default every test that needs no built site.

    Raises
    ------
    BuildError
        If no such versions go together, or a test fails.
    """
    began = time.monotonic()
    place = (project.build / "compat" / which).resolve()
    shutil.rmtree(place, ignore_errors=True)
    try:
        interpreter = install(project, which, python, place)
        told = versions(interpreter)
        print(f"Compat: {which} versions: {told}", flush=True)
        command = [str(interpreter), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += [*(CALM if which == "oldest" else ()), *(tests or TESTS)]
        if subprocess.run(command, cwd=place / "tree", env=surroundings(), check=False).returncode:
            raise BuildError(
                f"tests fail with the {which} versions that pyproject.toml allows ({told}); mend the code, "
                "or narrow the range if an old version cannot do it"
            )
    finally:
        shutil.rmtree(place, ignore_errors=True)
    print(f"Compat: {which} versions pass ({told}; {time.monotonic() - began:.0f} s)", flush=True)


def install(project: Project, which: str, python: str, place: Path) -> Path:
    """Make an environment with one end of the ranges, and a copy of the project beside it.

    Parameters
    ----------
    project : Project
        The book.
    which : str
        ``oldest`` or ``newest``.
    python : str
        The interpreter, by path or version.
    place : Path
        An empty folder: gets ``environment`` and ``tree``.

    Returns
    -------
    Path
        The environment's interpreter.

    Raises
    ------
    BuildError
        If uv finds no such versions or cannot install them.
    """
    tree, environment = place / "tree", place / "environment"
    copy_tree(project.root, tree)
    uv("venv", "--python", python, str(environment), cwd=tree)
    interpreter = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = place / "requirements.txt"
    wanted.write_text(resolve(tree, which, str(interpreter)), encoding="utf8")
    uv("pip", "install", "--python", str(interpreter), "--requirement", str(wanted), cwd=tree)
    uv("pip", "install", "--python", str(interpreter), "--no-deps", ".", cwd=tree)
    return interpreter


def resolve(tree: Path, which: str, python: str) -> str:
    """Choose versions: one end of the ranges for what chapters need, the newest for the tools.

    Parameters
    ----------
    tree : Path
        The project's folder.
    which : str
        ``oldest`` or ``newest``.
    python : str
        The interpreter that they are for.

    Returns
    -------
    str
        Lines of exact requirements.
    """
    common = ("pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python", python)
    tools = (*common, "--extra", "book", "--extra", "test", "pyproject.toml")
    if which == "newest":
        return uv(*tools, "--upgrade", cwd=tree)
    # Old tools are no promise, so only what the package itself depends on is held to its lower end.
    lowest = uv(*common, "--resolution", "lowest-direct", "pyproject.toml", cwd=tree)
    project = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf8"))["project"]
    direct = {match[0] for text in project["dependencies"] if (match := _NAME.match(text))}
    held = [line for line in lowest.splitlines() if line.partition("==")[0] in direct]
    (tree.parent / "oldest.txt").write_text("\n".join(held), encoding="utf8")
    return uv(*tools, "--constraints", str(tree.parent / "oldest.txt"), cwd=tree)


def copy_tree(root: Path, to: Path) -> None:
    """Copy the files that belong to the project, tracked or new, and nothing that a build made.

    Parameters
    ----------
    root : Path
        The project's folder, a git checkout.
    to : Path
        A folder that does not exist.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    for name in sorted(set(listed.stdout.decode().split("\0"))):
        if name and (root / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)


def versions(python: Path) -> str:
    """Tell the versions of an environment in one line.

    Parameters
    ----------
    python : Path
        Its interpreter.

    Returns
    -------
    str
        Python's, then those of :data:`WATCHED`.
    """
    code = (
        "import importlib.metadata as m, platform; print('Python', platform.python_version(), "
        f"*(f', {{n}} {{m.version(n)}}' for n in {WATCHED}), sep='')"
    )
    shown = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout
    return shown.strip().replace("Python", "Python ", 1)


def surroundings() -> dict[str, str]:
    """Give the variables for the tests: data and caches stay, what would lead to this checkout goes."""
    gone = ("PYTHONPATH", "VIRTUAL_ENV", "DLBOOK_BUDGET", "DLBOOK_THREADS", "DLBOOK_TIMEOUT", "DLBOOK_KEYS")
    kept = {name: value for name, value in os.environ.items() if name not in gone}
    return {"OMP_NUM_THREADS": "1", **kept}


def uv(*words: str, cwd: Path) -> str:
    """Run uv.

    Parameters
    ----------
    *words : str
        What it is to do.
    cwd : Path
        Where.

    Returns
    -------
    str
        What it printed.

    Raises
    ------
    BuildError
        If uv is missing or fails; the message has its last words.
    """
    beside = Path(sys.executable).with_name("uv")
    program = str(beside) if beside.exists() else shutil.which("uv")
    if program is None:
        raise BuildError("uv is not installed here; the Makefile's set-up does it (make compat)")
    done = subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"uv {' '.join(words[:2])} failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout
