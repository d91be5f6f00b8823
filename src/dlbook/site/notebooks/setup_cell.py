"""The first cell of every notebook: on Colab it fetches this package, elsewhere it only looks for it."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Iterable, Sequence

from dlbook.site.launch import Repository
from dlbook.site.project import Project

COLAB_HAS = {
    *("ipython", "ipywidgets", "matplotlib", "mpmath", "numpy", "pillow", "pooch", "requests"),
    *("scikit-learn", "sympy", "torch", "torchvision", "tqdm"),
}
"""What Colab's machines come with (googlecolab/backend-info, pip-freeze.txt); it stays as it is."""

_TEMPLATE = """\
# Set-up, to be run first: on Colab it installs the book's helper package, elsewhere it only looks for it.
import importlib.util, os, subprocess, sys
class SetUpError(Exception):  # shows its sentence, and no traceback
    _render_traceback_ = lambda self: [f"Set-up: {{self}}"]

if "COLAB_RELEASE_TAG" in os.environ:
    # Without their dependencies, so that Colab's own torch and NumPy stay as they are.
    wanted = {wanted}
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", *wanted]
    pip = subprocess.run(install, capture_output=True, text=True)
    if pip.returncode:
        raise SetUpError(f"{failed} pip says: {{pip.stderr.strip()[-300:]}}")
    importlib.invalidate_caches()
if not importlib.util.find_spec("dlbook"):
    raise SetUpError({absent!r})"""

_NO_ADDRESS = """\
# Set-up, to be run first: it looks whether the book's helper package is there.
import importlib.util

class SetUpError(Exception):  # shows its sentence, and no traceback
    _render_traceback_ = lambda self: [f"Set-up: {{self}}"]

if not importlib.util.find_spec("dlbook"):
    raise SetUpError({absent!r})"""


def setup_source(where: Repository, light: Iterable[str]) -> str:
    """Write the code of the set-up cell.

    Parameters
    ----------
    where : Repository
        Where the package comes from.
    light : iterable of str
        Requirements that Colab may lack.

    Returns
    -------
    str
        Python, at most 15 lines.

    Examples
    --------
    >>> len(setup_source(Repository("https://github.com/name/book"), ["einops>=0.8"]).splitlines())
    15
    """
    if not where.url:
        absent = (
            "this Python lacks the book's helper package, dlbook. In a copy of the book's folder, "
            "install it with: pip install ."
        )
        return _NO_ADDRESS.format(absent=absent)
    package = f"dlbook @ git+{where.url}@{where.revision}"
    wanted = ", ".join(f'"{name}"' for name in [package, *light])
    failed = f"the book's helper package could not be fetched from {where.url}. Is this machine online?"
    absent = f"this Python lacks the book's helper package. Install it with: pip install '{package}'"
    return _TEMPLATE.format(wanted=f"[{wanted}]", failed=failed, absent=absent)


def light_requirements(project: Project) -> list[str]:
    """List what the set-up cell installs on Colab beside this package.

    Parameters
    ----------
    project : Project
        The book.

    Returns
    -------
    list of str
        The package's dependencies that Colab does not come with, and theirs in turn: they are installed
        without looking for any, so that nothing that Colab has can be replaced.
    """
    file = project.root / "pyproject.toml"
    if not file.is_file():  # a book that uses this package as it is
        return []
    wanted = tomllib.loads(file.read_text(encoding="utf8")).get("project", {}).get("dependencies", [])
    return _with_their_own([name for name in wanted if _name(name) not in COLAB_HAS])


def _with_their_own(requirements: Sequence[str]) -> list[str]:
    """Add what the installed versions of these need in turn."""
    found: dict[str, str] = {}
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop(0)
        name = _name(requirement)
        if name in found or name in COLAB_HAS:
            continue
        found[name] = requirement
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        waiting += [need.replace(" ", "") for need in needs if ";" not in need]
    return [found[name] for name in sorted(found)]


def _name(requirement: str) -> str:
    """Give the name of what a requirement asks for, as registries compare it."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement
