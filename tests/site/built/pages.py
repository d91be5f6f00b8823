"""What tests in a browser share: where it is, servers as readers meet them, a window that notes faults."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from dlbook.site.project import Project

PROJECT = Project(Path(__file__).resolve().parents[3])
AXE = ("axe-core", "4.10.3", "0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292")
HELP = (
    "there is no Chromium here: install one (apt install chromium, or playwright install chromium) "
    "or name one in DLBOOK_CHROMIUM"
)


def chromium() -> str | None:
    """Where a browser is, or None for the one that playwright may have."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("DLBOOK_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder below a path, compressed, with the folder's own 404 page: as GitHub Pages does."""

    def do_GET(self) -> None:
        site, path = self.server, urlsplit(self.path).path
        below = path.removeprefix(site.prefix)
        file = (site.folder / below.lstrip("/")).resolve()
        if file.is_dir():
            file /= "index.html"
        found = path.startswith(site.prefix) and file.is_relative_to(site.folder) and file.is_file()
        if not found:
            file = site.folder / "404.html"
        body = file.read_bytes()
        if file.suffix in (".html", ".css", ".js", ".svg", ".json"):
            body = gzip.compress(body, 6, mtime=0)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(file)))
        if body[:2] == b"\x1f\x8b":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path, prefix: str = "/") -> Iterator[str]:
    """Serve a folder; gives the address of its first page's folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.folder, server.prefix = folder.resolve(), prefix
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Visit:
    """A page in the browser, and everything it did that a reader should never see."""

    page: object
    home: str
    requests: list[str] = field(default_factory=list)
    bytes: int = 0
    faults: list[str] = field(default_factory=list)

    def open(self, path: str, wait: str = "load") -> None:
        self.page.goto(self.home + path, wait_until=wait)


@contextmanager
def visit(
    browser: object, home: str, width: int = 1280, scheme: str = "light", scripts: bool = True
) -> Iterator[Visit]:
    """Open a browser window that refuses every host but the site's, and notes what goes wrong."""
    height = 900 if width > 600 else 780
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page = context.new_page()
    seen = Visit(page, home)
    host = urlsplit(home).netloc

    def decide(route: object) -> None:
        address = route.request.url
        seen.requests.append(address)
        if urlsplit(address).netloc == host or address.startswith(("data:", "blob:")):
            route.continue_()
        else:
            seen.faults.append(f"asks another host: {address}")
            route.abort()

    context.route("**/*", decide)
    if scripts:
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e =>"
            " console.error(`forbidden by the policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`))"
        )
    page.on(
        "console",
        lambda m: seen.faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: seen.faults.append(f"script error: {error}"))
    try:
        yield seen
    finally:
        context.close()
