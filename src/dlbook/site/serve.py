"""Show the finished site on this machine and build it again whenever the book is edited."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue

from dlbook.site.project import BuildError, Project
from dlbook.site.warm import WarmBuilder


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line per request, and asks browsers not to keep old pages."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Show the book's own page for an address that leads nowhere, as the published site does."""
        own = Path(self.directory, "404.html")
        if code != 404 or not own.is_file():
            super().send_error(code, message, explain)
            return
        body = own.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Add the header that makes a reload show the new page."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Listen on this machine only, on the first free port from the one asked for.

    Parameters
    ----------
    folder : Path
        What to serve.
    port : int
        The first port to try; 0 lets the system choose.

    Returns
    -------
    ThreadingHTTPServer
        Not yet running.

    Raises
    ------
    BuildError
        If twenty ports in a row are taken.
    """
    handler = partial(_Quiet, directory=str(folder))
    for candidate in range(port, port + 20):
        try:
            return ThreadingHTTPServer(("127.0.0.1", candidate), handler)
        except OSError:
            continue
    raise BuildError(f"the ports {port} to {port + 19} are all in use; choose another with --port")


def serve(project: Project, port: int = 8000, say: Callable[[str], None] = print) -> None:
    """Serve the site until interrupted, rebuilding after each edit.

    Parameters
    ----------
    project : Project
        The book.
    port : int, optional
        The first port to try.
    say : callable, optional
        Takes lines of progress.
    """
    watched = [project.book, project.config, project.toc, project.lock, project.src]
    # From before the first build on: an edit made while it runs must not be lost.
    edits = _watch([path for path in watched if path.exists()])
    builder = WarmBuilder(project)
    builder.build()
    server = open_server(project.html, port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(f"Serving on http://127.0.0.1:{server.server_port}/ - edit, save, reload; Ctrl-C ends it")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            while edits.get():
                while not edits.empty():  # one build for all that came while the last one ran
                    edits.get()
                builder.build()
    finally:
        builder.close()
        server.shutdown()
        server.server_close()


def _watch(paths: list[Path]) -> SimpleQueue[object]:
    """Watch files and folders, less what editors and Python leave there; each item is a set of edits."""
    from watchfiles import watch

    edits: SimpleQueue[object] = SimpleQueue()

    def pass_on() -> None:
        for changes in watch(*paths, raise_interrupt=False):
            edits.put(changes)

    threading.Thread(target=pass_on, daemon=True).start()
    return edits
