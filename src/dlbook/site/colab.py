"""Run published notebooks inside Colab's own image, the way a reader on Colab does.

Their set-up cell installs the package, from the network, beside what Colab has; nothing that Colab has may
change by it. The image has no environment of this project, so this module imports what the image comes with:
``make colab`` inside it is all there is to call.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dlbook.site.project import BuildError

KEPT = ("torch", "torchvision", "numpy", "sympy", "matplotlib", "scikit-learn", "ipywidgets", "pillow")
"""Packages that a set-up cell must leave as Colab has them."""

LONGEST = 600  # seconds a cell may take
_VERSIONS = "import importlib.metadata as m; print(*(f'{{n}} {{m.version(n)}}' for n in {names}), sep='; ')"


def run_published(folder: Path) -> list[str]:
    """Run every notebook of a folder from top to bottom, under the ``smoke`` budget.

    Parameters
    ----------
    folder : Path
        A checkout of the notebooks' branch.

    Returns
    -------
    list of str
        The notebooks that ran.

    Raises
    ------
    BuildError
        If this is not Colab's image, there is no notebook, a notebook fails (all are tried), or one of them
        replaces what Colab has.
    """
    if "COLAB_RELEASE_TAG" not in os.environ:
        raise BuildError(
            "this is not Colab's image (it sets COLAB_RELEASE_TAG), so the set-up cells would install nothing"
        )
    notebooks = sorted(folder.rglob("*.ipynb"))
    if not notebooks:
        raise BuildError(f"there is no notebook in {folder}; check out the notebooks' branch there")
    before, faults = versions(), []
    print(f"Colab {os.environ['COLAB_RELEASE_TAG']}: {before}", flush=True)
    for path in notebooks:
        name, began = path.relative_to(folder).as_posix(), time.monotonic()
        fault = run(path)
        print(f"  {name}: {'FAILED' if fault else 'ran'}, {time.monotonic() - began:.0f} s", flush=True)
        if fault:
            faults.append(f"{name}: {fault}")
        if (after := versions()) != before:
            faults.append(f"{name} replaces what Colab has: {before} became {after}")
            before = after
    if faults:
        raise BuildError("the published notebooks do not work in Colab:\n" + "\n".join(faults))
    return [path.relative_to(folder).as_posix() for path in notebooks]


def run(path: Path) -> str:
    """Run one notebook in a kernel and a folder of its own.

    Parameters
    ----------
    path : Path
        The notebook; it is not changed.

    Returns
    -------
    str
        What went wrong; empty when nothing did.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as place:
        client = NotebookClient(
            notebook, timeout=LONGEST, kernel_name="python3", resources={"metadata": {"path": place}}
        )
        try:
            client.execute(env=surroundings())
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            return str(error).strip()[-1500:]
    return ""


def surroundings() -> dict[str, str]:
    """Give a kernel's variables: as they are, less the path that leads to this checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "DLBOOK_BUDGET": "smoke"}


def versions() -> str:
    """Tell the versions of :data:`KEPT`, as a new process finds them."""
    command = [sys.executable, "-c", _VERSIONS.format(names=KEPT)]
    return subprocess.run(
        command, env=surroundings(), capture_output=True, text=True, check=True
    ).stdout.strip()


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : list of str, optional
        Its words; by default those of this process.

    Returns
    -------
    int
        0 when all is well, else 1.
    """
    parser = argparse.ArgumentParser(prog="python -m dlbook.site.colab", description=__doc__)
    parser.add_argument("folder", type=Path, help="a checkout of the notebooks' branch")
    try:
        ran = run_published(parser.parse_args(argv).folder)
    except BuildError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    print(f"Colab: {len(ran)} notebooks ran, and Colab's own packages are as they were")
    return 0


if __name__ == "__main__":
    sys.exit(main())
