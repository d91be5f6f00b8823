"""A JupyterLab server on this machine, and a notebook in it, driven through the browser."""

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
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from pages import PROJECT

WIDGETS = "@jupyter-widgets/jupyterlab-manager"
LONGEST = 120_000  # milliseconds; the first cell starts a kernel, on a machine that may do other things


@contextmanager
def lab(folder: Path, widgets: bool = True, **variables: str) -> Iterator[str]:
    """Start JupyterLab with a home of its own; gives its address. Whatever happens, it is ended."""
    home = folder / "home"
    for part in ("config/labconfig", "runtime", "data", "files"):
        (home / part).mkdir(parents=True)
    settings = {"disabledExtensions": {} if widgets else {WIDGETS: True}}
    (home / "config/labconfig/page_config.json").write_text(json.dumps(settings))
    environment = os.environ | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONPATH": str(PROJECT.src),
        **variables,
    }
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.open_browser": "False",
        "ServerApp.allow_root": "True",
        "ServerApp.root_dir": str(home / "files"),
        # It outlives nothing: not even a test run that is killed and cannot end it.
        "ServerApp.shutdown_no_activity_timeout": "600",
        "IdentityProvider.token": "",
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    with (home / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield _address(home, process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # kernels are in the same group
        process.wait(15)


def _address(home: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait for the server to say where it is."""
    end = time.monotonic() + LONGEST / 1000
    while time.monotonic() < end and process.poll() is None:
        for file in (home / "runtime").glob("jpserver-*.json"):
            with suppress(ValueError, URLError, OSError):
                url = json.loads(file.read_text())["url"]
                urlopen(f"{url}api", timeout=5).close()
                return url
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start:\n" + (home / "log.txt").read_text()[-3000:])


def write_notebook(folder: Path, name: str, *cells: str) -> None:
    """Put a notebook where the server finds it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "home" / "files" / name)


def open_notebook(page: object, address: str, name: str) -> None:
    """Open a notebook and run all its cells, to the end of the last one."""
    page.goto(f"{address}lab/tree/{name}?reset")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.first.wait_for(timeout=LONGEST)
    page.get_by_text("Python 3 (ipykernel) | Idle").or_(page.get_by_text("Python 3 | Idle")).first.wait_for(
        timeout=LONGEST
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).first.click()
    count = cells.count()
    prompts = page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-prompt")
    page.wait_for_function(
        "([n]) => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputArea-prompt')]"
        ".filter(p => /\\[\\d+\\]/.test(p.textContent)).length >= n",
        arg=[count],
        timeout=LONGEST,
    )
    assert prompts.count() == count
