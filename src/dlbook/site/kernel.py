"""Execute the code cells of one chapter in a kernel of its own."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import copy
import os
import re
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from dlbook.site.chapters import Cell, Chapter
from dlbook.site.project import Project, Settings

ALLOW_STDERR = "allow-stderr"
STARTUP_SECONDS = 120.0  # a cold disk under several kernels that all import torch is slow

# Asked of the kernel after its last cell. They lean on nothing that a chapter may have redefined.
_QUESTIONS = {
    "data": "__import__('sys').modules['dlbook.data'].used()"
    " if 'dlbook.data' in __import__('sys').modules else []",
    "torch": "getattr(__import__('sys').modules.get('torch'), '__version__', '') + ''",
    "gpu": "(lambda t: t.cuda.get_device_name()"
    " if t and t.cuda.is_initialized() and t.cuda.max_memory_allocated() else '')"
    "(__import__('sys').modules.get('torch'))",
    "cpu": "__import__('time').process_time()",
    "python": "__import__('platform').python_version()",
    # Linux hands a new process the peak of the process it was forked from as the start of its
    # ru_maxrss, but not as the start of VmHWM.
    "peak": "[l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1] + ''"
    if sys.platform.startswith("linux")
    else "str(__import__('resource').getrusage(__import__('resource').RUSAGE_SELF).ru_maxrss)",
}


@dataclass(frozen=True)
class Failure:
    """Why a chapter did not run to its end.

    Parameters
    ----------
    slug : str
        The chapter.
    path : Path
        Its file.
    line : int
        Line in the file, from 1.
    cell : int
        Number of the code cell, from 1; 0 where no cell is to blame.
    message : str
        What happened, and what to do where that is known.
    """

    slug: str
    path: Path
    line: int
    cell: int
    message: str

    def __str__(self) -> str:
        where = f", code cell {self.cell}" if self.cell else ""
        return f"{self.path}:{self.line}: {self.slug}{where}: {self.message}"


class _OwnSpecs(KernelSpecManager):
    """Offers one kernel: this very Python, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        # -P keeps the script's folder off sys.path, where its neighbours could shadow modules.
        launcher = Path(__file__).with_name("kernel_main.py")
        argv = [sys.executable, "-P", str(launcher), "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


async def run_chapter(
    chapter: Chapter, project: Project, settings: Settings, folder: Path
) -> dict[str, Any] | Failure:
    """Run a chapter from its first code cell to its last.

    Parameters
    ----------
    chapter : Chapter
        What to run.
    project : Project
        The book; its ``src`` is first on the kernel's path.
    settings : Settings
        Threads, budget, device, timeout.
    folder : Path
        An empty folder of the build's own, for the kernel's working directory and settings.

    Returns
    -------
    dict or Failure
        The record (outputs, seconds, peak memory, data used), or why there is none.
    """
    work = folder / "work"
    work.mkdir(parents=True)
    notebook = copy.deepcopy(chapter.notebook)
    sockets = tempfile.TemporaryDirectory(prefix="dlbook-")
    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=_OwnSpecs(),
        connection_file=str(folder / "kernel.json"),
        **own_sockets(sockets.name),
    )
    client = NotebookClient(notebook, km=manager, timeout=None, coalesce_streams=True)
    run = _Run(chapter, client, manager, settings, folder / "kernel.log")
    started = time.monotonic()
    try:
        with (folder / "kernel.log").open("wb") as log:
            await manager.start_kernel(
                cwd=str(work),
                env=kernel_environment(project, settings, folder),
                stdout=log,
                stderr=log,
                extra_arguments=["--HistoryManager.enabled=False"],
            )
        return await run.cells(started)
    finally:
        await _stop(client, manager)
        sockets.cleanup()


def own_sockets(folder: str) -> dict[str, str]:
    """Say how to talk to a kernel: through files, since of two kernels one may find its port taken.

    Parameters
    ----------
    folder : str
        An empty folder of a short name: the system allows some 100 signs for a socket's.

    Returns
    -------
    dict
        Settings of a kernel manager.
    """
    return {"transport": "ipc", "ip": f"{folder}/k"}


@dataclass
class _Run:
    """One chapter on its way through a kernel."""

    chapter: Chapter
    client: NotebookClient
    manager: AsyncKernelManager
    settings: Settings
    log: Path
    timed_out: bool = False

    async def cells(self, started: float) -> dict[str, Any] | Failure:
        """Execute the cells in order; stop at the first that fails."""
        watchdog = asyncio.create_task(self._end_when_late())
        number, done = 0, []
        try:
            self.client.kc = self.manager.client()
            self.client.kc.start_channels()
            await self.client.kc.wait_for_ready(timeout=STARTUP_SECONDS)
            self.client.kc.allow_stdin = False
            code = [(i, c) for i, c in enumerate(self.client.nb.cells) if c.cell_type == "code"]
            for number, ((index, node), cell) in enumerate(zip(code, self.chapter.cells, strict=True), 1):
                begun = time.monotonic()
                await self.client.async_execute_cell(node, index)
                done.append({"seconds": round(time.monotonic() - begun, 3)})
                if broken := _broken_display(node, cell):
                    return self._failure(number, *broken)
                if problem := _unexpected_stderr(node, cell):
                    return self._failure(number, problem)
            self.client.set_widgets_metadata()
            answers = await self._ask()
        except CellExecutionError as error:
            return self._error(number, error)
        except (DeadKernelError, RuntimeError) as error:
            return self._failure(number, await self._death(error))
        finally:
            watchdog.cancel()
        for entry, (_, node) in zip(done, code, strict=True):
            entry |= {"source": node.source, "outputs": node.outputs, "execution_count": node.execution_count}
        return {
            "slug": self.chapter.slug,
            "cells": done,
            "widgets": self.client.nb.metadata.get("widgets", {}),
            "seconds": round(time.monotonic() - started, 3),
            "cell_seconds": round(sum(entry["seconds"] for entry in done), 3),
            # Far less than the seconds: the machine was busy with other things.
            "cpu_seconds": round(answers["cpu"], 3),
            "peak_rss_mb": _megabytes(int(answers["peak"])),
            "data": answers["data"],
            "device": answers["gpu"] or "cpu",
            "python": answers["python"],
            "torch": answers["torch"],
            "budget": self.settings.budget,
            "threads": self.settings.threads,
            "cores": self.settings.cores,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    async def _end_when_late(self) -> None:
        """Kill the kernel when its time is up: an interrupt cannot reach native code."""
        await asyncio.sleep(self.settings.timeout)
        self.timed_out = True
        _kill(self.manager)

    async def _ask(self) -> dict[str, Any]:
        """Put the questions to the kernel and read its answers."""
        assert self.client.kc is not None
        request = self.client.kc.execute("", silent=True, user_expressions=_QUESTIONS)
        reply = await self.client.async_wait_for_reply(request)
        assert reply is not None
        answers = {}
        for name, answer in reply["content"]["user_expressions"].items():
            if answer["status"] != "ok":
                raise RuntimeError(f"{name}: {answer['ename']}: {answer['evalue']}")
            answers[name] = ast.literal_eval(answer["data"]["text/plain"])
        return answers

    async def _death(self, error: Exception) -> str:
        """Say how a kernel came to its end."""
        if self.timed_out:
            return (
                f"not finished after {self.settings.timeout:g} s, so it was ended. Make it smaller under "
                f"the {self.settings.budget} budget; DLBOOK_TIMEOUT sets another limit."
            )
        code = None
        for _ in range(20):  # the channel can be seen to close before the process is seen to end
            code = await self.manager.provisioner.poll() if self.manager.provisioner else None
            if code is not None:
                break
            await asyncio.sleep(0.1)
        tail = "".join(f"\n    {line}" for line in _tail(self.log))
        if code is None:
            return f"the kernel does not answer: {error}{tail}"
        if code < 0:
            name = signal.Signals(-code).name
            hint = " - most likely the machine ran out of memory" if -code == signal.SIGKILL else ""
            return f"the kernel was killed by {name}{hint}.{tail}"
        return f"the kernel ended itself with exit code {code}.{tail}"

    def _error(self, number: int, error: CellExecutionError) -> Failure:
        """Describe a cell that raised: message, end of the traceback, the line it points to."""
        cell = self.chapter.cells[number - 1]
        if error.ename == "NoneType" and (broken := _broken_display(self._node(number), cell)):
            return self._failure(number, *broken)
        trace = re.sub(r"\x1b\[[0-9;]*m", "", error.traceback)
        inside = re.findall(rf"Cell In\[{number}\], line (\d+)", trace)
        line = cell.line + int(inside[-1]) - 1 if inside else cell.line
        shown = "".join(f"\n    {text}" for text in trace.rstrip().splitlines()[-14:])
        message = f"{error.ename}: {error.evalue}{shown}"
        return Failure(self.chapter.slug, self.chapter.path, line, number, message)

    def _node(self, number: int) -> Any:
        """Give a code cell as it was executed."""
        return [cell for cell in self.client.nb.cells if cell.cell_type == "code"][number - 1]

    def _failure(self, number: int, message: str, line: int = 0) -> Failure:
        """Describe a failure that the cell as a whole is to blame for, unless a line of the file is known."""
        line = line or (self.chapter.cells[number - 1].line if number else 1)
        return Failure(self.chapter.slug, self.chapter.path, line, number, message)


def kernel_environment(project: Project, settings: Settings, folder: Path) -> dict[str, str]:
    """Compose the environment of a kernel: nothing in it may make two machines print differently.

    Parameters
    ----------
    project : Project
        The book.
    settings : Settings
        Threads, budget, device.
    folder : Path
        Stands in for the folders of personal settings.

    Returns
    -------
    dict of str to str
        All variables of the kernel.
    """
    personal = re.compile(r"PYTHON|JUPYTER|IPYTHON|MPL|MATPLOTLIB|COVERAGE|PYTEST")
    env = {name: value for name, value in os.environ.items() if not personal.match(name)}
    threads = str(settings.threads)
    pools = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA")
    env |= {f"{pool}_NUM_THREADS": threads for pool in pools}
    env |= {
        "VECLIB_MAXIMUM_THREADS": threads,
        "PYTHONPATH": str(project.src.resolve()),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else every kernel greets with a warning
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # deterministic matrix products on CUDA
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "MPLCONFIGDIR": str(matplotlib_folder(project)),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TZ": "UTC",
        "DLBOOK_BUILD": "1",
        "DLBOOK_OFFLINE": "1",  # the build has fetched what is needed: see execute.py
        "DLBOOK_BUDGET": settings.budget,
        "DLBOOK_DERIVE_CACHE": str(project.derivations.resolve()),
        "DLBOOK_THREADS": threads,
    }
    for name in ("DLBOOK_DATA", "DLBOOK_CACHE"):
        if env.get(name):  # the kernel's working directory is another one
            env[name] = str(Path(env[name]).resolve())
    return env


def matplotlib_folder(project: Project) -> Path:
    """Give matplotlib a folder of its own, without the user's settings but kept between builds.

    Parameters
    ----------
    project : Project
        The book.

    Returns
    -------
    Path
        The folder; it holds the list of fonts, which takes seconds to make.
    """
    return (project.build / "execution" / ".matplotlib").resolve()


def _broken_display(node: Any, cell: Cell) -> tuple[str, int] | None:
    """Say why, and on which line, a thing could not be shown: to IPython that is no error of the cell."""
    error = next((o for o in node.outputs if o.output_type == "error"), None)
    if error is None or "raises-exception" in cell.tags:
        return None
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    inside = re.findall(r"Cell In\[\d+\], line (\d+)", trace)
    return f"{error.ename}: {error.evalue}", cell.line + int(inside[-1]) - 1 if inside else _last_line(cell)


def _last_line(cell: Cell) -> int:
    """Give the line of the file where a cell's last statement begins: what it evaluates to is shown."""
    try:
        body = ast.parse(cell.source).body
    except SyntaxError:  # a cell with magics
        return cell.line
    return cell.line + body[-1].lineno - 1 if body else cell.line


def _unexpected_stderr(node: Any, cell: Cell) -> str:
    """Say what a cell wrote to stderr although it does not say that it will."""
    if ALLOW_STDERR in cell.tags:
        return ""
    text = "".join(o.text for o in node.outputs if o.output_type == "stream" and o.name == "stderr").strip()
    if not text:
        return ""
    shown = "".join(f"\n    {line}" for line in text.splitlines()[:8])
    return f"it wrote to stderr; a warning counts as an error. Mend it or tag the cell {ALLOW_STDERR}.{shown}"


def _kill(manager: AsyncKernelManager) -> None:
    """Kill a kernel and whatever processes it started."""
    process = getattr(manager.provisioner, "process", None)
    if process is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # each kernel leads a session of its own


async def _stop(client: NotebookClient, manager: AsyncKernelManager) -> None:
    """End a kernel and let go of its channels; there is nothing in it worth a polite goodbye."""
    _kill(manager)
    if manager.has_kernel:
        await manager.shutdown_kernel(now=True)
    if client.kc is not None:
        client.kc.stop_channels()
    await manager.cleanup_resources()


def _tail(log: Path, lines: int = 6) -> list[str]:
    """Read the last lines that a kernel wrote outside any cell."""
    try:
        return log.read_text(encoding="utf8", errors="replace").splitlines()[-lines:]
    except OSError:
        return []


def _megabytes(peak: int) -> float:
    """Bring the system's unit (kilobytes; bytes on macOS) to megabytes of 10^6 bytes."""
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
