"""JupyterLab on this machine, with a home of its own, and a notebook in it, run through the browser."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import nbformat
from pages import PROJECT

WIDGETS = "@jupyter-widgets/jupyterlab-manager"
NEWS = "@jupyterlab/apputils-extension:announcements"
SECONDS = 180  # for a server or a kernel to start, on a machine that does other things as well
DARK = {"theme": "JupyterLab Dark"}


@contextmanager
def jupyterlab(folder: Path, widgets: bool = True, dark: bool = False) -> Iterator[str]:
    """Start JupyterLab; gives its address. It is ended, and its kernels with it, whatever happens."""
    home = folder / "home"
    for part in ("config/labconfig", "runtime", "data", "files"):
        (home / part).mkdir(parents=True)
    hidden = {"disabledExtensions": {NEWS: True} | ({} if widgets else {WIDGETS: True})}
    (home / "config/labconfig/page_config.json").write_text(json.dumps(hidden))
    if dark:
        settings = home / "config/lab/user-settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps(DARK))
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": str(PROJECT.src),
    }
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.open_browser": "False",
        "ServerApp.allow_root": "True",
        "ServerApp.root_dir": str(home / "files"),
        # Should the tests be killed and unable to end it, it ends itself.
        "ServerApp.shutdown_no_activity_timeout": "600",
        "MappingKernelManager.cull_idle_timeout": "600",
        "IdentityProvider.token": "",
        "LabApp.extension_manager": "readonly",  # the other one asks the package index
    }
    with (home / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _address(home, server)
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server politely, then everything in its group: its kernels die with it."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait(15)


def _address(home: Path, server: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers at the address that it has written down."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            with suppress(ValueError, OSError):
                address = json.loads(file.read_text())["url"]
                urlopen(f"{address}api", timeout=5).close()
                return address
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start:\n" + (home / "log.txt").read_text()[-3000:])


def run_notebook(page: object, address: str, folder: Path, name: str, cells: list[str]) -> None:
    """Write a notebook, open it in the browser, and run its cells to the end of the last one."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "home" / "files" / name)
    page.set_default_timeout(SECONDS * 1000)
    page.goto(f"{address}lab/tree/{name}?reset")
    page.get_by_text("| Idle").first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).first.click()
    page.wait_for_function(
        "count => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputArea-prompt')]"
        ".filter(prompt => /\\[\\d+\\]/.test(prompt.textContent)).length === count",
        arg=len(cells),
    )


def output(page: object, number: int) -> object:
    """What a cell shows, counted from 0."""
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number).locator(".jp-OutputArea")


def words(place: object) -> str:
    """The text of a place without its formulas, which typesetting may write in any way."""
    return " ".join(
        place.evaluate(
            "node => { const copy = node.cloneNode(true);"
            " copy.querySelectorAll('mjx-container, .MathJax, script').forEach(part => part.remove());"
            " return copy.textContent }"
        ).split()
    )
