"""Builds that start at once: a process that has everything imported, and forks for each build.

Most of a short build is starting up: a thousand modules are read before the first page is. The process here
does that once. It builds nothing itself: each build is a fork of it, which begins as fresh as any other, and
leaves nothing behind but what it wrote. When a file that it has read is not what it was, an edited module of
this package or a package installed meanwhile, a new process takes its place.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from dlbook.site.project import Project
from dlbook.site.spared import keep_bytecode, spare_imports

_BUILD, _STALE = b"b", b"\xff"  # no build ends with the status 255
_OWN = Path(__file__).parents[1]
_NEVER = ("__main__", "__mp_main__")


class WarmBuilder:
    """Builds a book again and again.

    Parameters
    ----------
    project : Project
        The book.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def build(self) -> bool:
        """Build; its messages go where this process's go.

        Returns
        -------
        bool
            Whether the build succeeded.
        """
        for _attempt in range(2):
            if self._process is None:
                self._start()
            answer = self._ask()
            if answer not in (b"", _STALE):
                return answer == b"\0"
            self.close()  # it has become stale, or has died; a new one has not had the time
        return False

    def close(self) -> None:
        """End the process, and the build under way if there is one."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def _start(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "dlbook.site.warm", str(theirs.fileno()), str(self.project.root)]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])

    def _ask(self) -> bytes:
        """Ask for a build and wait for how it ended; nothing if there is nobody to answer."""
        assert self._line is not None
        try:
            self._line.sendall(_BUILD)
            return self._line.recv(1)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def answer_requests(line: socket.socket, root: str) -> None:
    """Fork a build for each request, until nobody is left to ask.

    Parameters
    ----------
    line : socket
        Requests come and ends of builds go through it, one byte each: an exit status, or that this process
        has read what is not so any more.
    root : str
        The project's top folder.
    """
    keep_bytecode(Project(Path(root)).build / "bytecode")
    spare_imports()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to the build as well, which ends
    # Taken before the first build reads the rest of this package, so that no edit slips in between.
    seen = _state(_files())
    while line.recv(1) == _BUILD:
        if seen != _state(_files()):
            line.sendall(_STALE)
            continue
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if not child:
            os.close(reading)
            line.close()
            _build_and_exit(writing, root)
        os.close(writing)
        signal.signal(signal.SIGTERM, lambda *_, child=child: _end(child))
        with os.fdopen(reading) as modules:
            names = modules.read().split()
        _, status = os.waitpid(child, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ended = os.waitstatus_to_exitcode(status) % 256
        line.sendall(bytes([min(ended, _STALE[0] - 1)]))
        _import(names)
        _read_ahead(Project(Path(root)))
        seen = _state(_files()) | seen  # what was read earlier stays as it was then


def _build_and_exit(writing: int, root: str) -> None:
    """In the fork: build, tell which modules that took, and end without a way back."""
    status = 1
    gc.disable()  # the fork lives for one build
    try:
        from dlbook.site.__main__ import main

        status = main(["build", "--root", root])
        os.write(writing, " ".join(sorted(sys.modules)).encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end(child: int) -> None:
    """Take the build along when this process is asked to end."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
    os._exit(130)


def _import(names: Iterable[str]) -> None:
    """Import what a build has imported, so that the next need not."""
    for name in names:
        if name not in sys.modules and name not in _NEVER:
            with contextlib.suppress(Exception):  # not every name there is one that can be imported
                importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is here stays; forks need not look through it for garbage


def _read_ahead(project: Project) -> None:
    """Read what the next build will need again; it is kept by content, so an edit is never missed."""
    from dlbook.site.answer_data import load_keys
    from dlbook.site.chapters import read_chapters
    from dlbook.site.closure import import_closure
    from dlbook.site.memory import remembering

    with contextlib.suppress(Exception), remembering(project):  # what is wrong, the build says
        for chapter in read_chapters(project):
            import_closure((cell.source for cell in chapter.cells), project.src)
            load_keys(chapter.path)


def _files() -> list[str]:
    """List the files that this process has read: its modules, and all that lies in this package."""
    modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    own = (str(path) for path in _OWN.rglob("*") if path.suffix != ".pyc" and path.is_file())
    return sorted({file for file in modules if file} | set(own))


def _state(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Tell files' times and sizes."""
    states = {}
    for file in files:
        try:
            stat = os.stat(file)
            states[file] = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            states[file] = (0, 0)
    return states


if __name__ == "__main__":
    answer_requests(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
