"""Execute exported notebooks as a reader does: in a fresh process, elsewhere, with the installed package.

A wheel of this package goes into an environment of its own, which sees the libraries of the environment that
runs this and nothing of the checkout. There every notebook runs from top to bottom, and what it records is
compared with what the page shows under the same budget.
"""

from __future__ import annotations

import ast
import math
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from dlbook.site.answer_forms import recorded_values
from dlbook.site.kernel import _stop, kernel_environment, own_sockets
from dlbook.site.project import BuildError, Project, Settings

MOST_MB = 1500.0
"""Binder gives a kernel 2 GB."""

TOLERANCE = 1e-5
"""Relative; another number of threads may sum in another order."""

_QUESTIONS = {
    "peak": "[l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1]"
    if sys.platform.startswith("linux")
    else "str(__import__('resource').getrusage(__import__('resource').RUSAGE_SELF).ru_maxrss)",
    "package": "__import__('dlbook').__file__",
}
_WHEEL_NEEDS = ("pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "book")


@dataclass(frozen=True)
class Ran:
    """What became of a notebook.

    Parameters
    ----------
    slug : str
        The chapter.
    seconds : float
        Wall time.
    peak_mb : float
        Most memory that its kernel held, in units of 10^6 bytes.
    package : str
        The file that ``import dlbook`` found.
    values : dict of str to str
        What it recorded, as Python writes it.
    notebook : NotebookNode
        With its outputs.
    """

    slug: str
    seconds: float
    peak_mb: float
    package: str
    values: dict[str, str]
    notebook: Any


class _Specs(KernelSpecManager):
    """Offers the kernel of one Python."""

    python: Path = Path(sys.executable)

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def installed_package(project: Project, folder: Path) -> Path:
    """Install a wheel of the project's package into an environment that has its libraries and not its source.

    Parameters
    ----------
    project : Project
        The book with its package.
    folder : Path
        An empty folder outside the project.

    Returns
    -------
    Path
        The environment's Python.

    Raises
    ------
    BuildError
        If there is no package in the project, or it cannot be built.
    """
    if not (project.root / "setup.py").is_file():
        raise BuildError(f"{project.root} has no setup.py, so there is no package to install")
    copy = folder / "source"
    copy.mkdir(parents=True)
    for name in _WHEEL_NEEDS:  # a copy: building leaves files beside the source
        source = (project.root / name).resolve()
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, copy / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(folder),
        str(copy),
    ]
    _call([*pip, *build])
    home = folder / "venv"
    venv.create(home, with_pip=False, symlinks=os.name != "nt")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wheel = next(folder.glob("dlbook-*.whl"))
    _call([*pip, "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)])
    # Found after the environment's own packages. The .pth files in it, an editable install among them, are
    # not read, for only folders that Python takes for its own have theirs read.
    own = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf8")
    return python


def _call(command: list[str]) -> None:
    """Run a command that must succeed."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{' '.join(command[:5])} failed:\n{done.stdout}{done.stderr}")


async def run_notebook(
    slug: str, path: Path, python: Path, project: Project, settings: Settings, folder: Path
) -> Ran:
    """Run a notebook from its first cell to its last.

    Parameters
    ----------
    slug : str
        The chapter, for messages.
    path : Path
        The notebook.
    python : Path
        Whose kernel runs it.
    project : Project
        The book, of whose build nothing is used but the list of fonts.
    settings : Settings
        Budget, threads, timeout.
    folder : Path
        An empty folder, in which it runs.

    Returns
    -------
    Ran
        What came of it.

    Raises
    ------
    BuildError
        If a cell fails, or takes too long.
    """
    notebook = nbformat.read(path, as_version=4)
    specs = _Specs()
    specs.python = python
    folder.mkdir(parents=True, exist_ok=True)
    sockets = tempfile.TemporaryDirectory(prefix="dlbook-")
    manager = AsyncKernelManager(
        kernel_spec_manager=specs,
        connection_file=str(folder / "kernel.json"),
        **own_sockets(sockets.name),
    )
    client = NotebookClient(notebook, km=manager, timeout=int(settings.timeout), coalesce_streams=True)
    client.extra_arguments = ["--HistoryManager.enabled=False"]
    env = kernel_environment(project, settings, folder)
    for name in ("PYTHONPATH", "DLBOOK_BUILD", "DLBOOK_DERIVE_CACHE"):
        env.pop(name, None)  # a reader has none of these
    started = time.monotonic()
    try:
        with (folder / "kernel.log").open("wb") as log:
            async with client.async_setup_kernel(cwd=str(folder), env=env, stdout=log, stderr=log):
                for index, cell in enumerate(notebook.cells):
                    await client.async_execute_cell(cell, index)
                answers = await _ask(client)
    except CellExecutionError as error:
        raise BuildError(f"{slug}: its notebook does not run through: {error}") from error
    except (DeadKernelError, TimeoutError, RuntimeError) as error:
        raise BuildError(f"{slug}: its notebook did not come to its end: {error}") from error
    finally:
        await _stop(client, manager)  # nbclient leaves a kernel running that it was handed
        sockets.cleanup()
    values = recorded_values({"cells": [cell for cell in notebook.cells if cell.cell_type == "code"]})
    peak = int(answers["peak"]) * (1 if sys.platform == "darwin" else 1024) / 1e6
    return Ran(slug, time.monotonic() - started, peak, answers["package"], values, notebook)


async def _ask(client: NotebookClient) -> dict[str, Any]:
    """Put questions to the kernel."""
    assert client.kc is not None
    request = client.kc.execute("", silent=True, user_expressions=_QUESTIONS)
    reply = await client.async_wait_for_reply(request)
    assert reply is not None
    answers = reply["content"]["user_expressions"]
    return {name: ast.literal_eval(answer["data"]["text/plain"]) for name, answer in answers.items()}


def differences(page: Mapping[str, str], notebook: Mapping[str, str], timed: set[str]) -> list[str]:
    """Compare what a notebook recorded with what the page shows.

    Parameters
    ----------
    page, notebook : mapping of str to str
        Recorded values as Python writes them, by name.
    timed : set of str
        Names of numbers that came from a clock: they have to be there, and no more.

    Returns
    -------
    list of str
        One sentence for each difference.

    Examples
    --------
    >>> differences({"loss": "0.5", "took": "1.2"}, {"loss": "0.5000001", "took": "1.9"}, {"took"})
    []
    >>> differences({"loss": "0.5"}, {"loss": "0.6"}, set())
    ['loss is 0.5 on the page and 0.6 in the notebook']
    """
    missing = [f"{name} is missing in the notebook" for name in page.keys() - notebook.keys()]
    return sorted(missing) + [
        f"{name} is {page[name]} on the page and {notebook[name]} in the notebook"
        for name in sorted(page.keys() & notebook.keys() - timed)
        if not _same(page[name], notebook[name])
    ]


def _same(one: str, other: str) -> bool:
    """Compare two values as recorded; texts have to be equal, numbers nearly."""
    try:
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=1e-12)
    except ValueError:
        return one == other
