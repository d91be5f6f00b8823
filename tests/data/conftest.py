"""Isolation (no network, own cache, no leftovers), a tiny set of known content, and a faulty server."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from data_support import NOBODY, Server, Tiny, idx, send, tiny_entry

from dlbook.data import catalogue, checksums, download, loading, record

_REAL = os.environ.get("DLBOOK_DATA", "")


@pytest.fixture(autouse=True)
def isolated(monkeypatch, tmp_path):
    """Every test starts with no data folder, an empty cache of its own and no network."""
    for name in ("DLBOOK_DATA", "DLBOOK_DATA_STRICT"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    monkeypatch.setenv("DLBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(loading, "_standing_in", set())
    monkeypatch.setattr(record, "_loaded", [])
    monkeypatch.setattr(checksums, "_remembered", {})
    monkeypatch.setattr(download, "CONNECT_SECONDS", 2.0)
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.4)
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def real(monkeypatch) -> Path:
    """The folder with the real sets."""
    if not _REAL:
        pytest.skip("needs the real datasets: set DLBOOK_DATA to the folder that holds them (MNIST/raw/...)")
    folder = Path(_REAL).resolve()
    monkeypatch.setenv("DLBOOK_DATA", str(folder))
    return folder


@pytest.fixture
def tiny(monkeypatch) -> Tiny:
    """`load("mnist")` means this set of 10 + 5 pictures for the length of the test."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (15, 28, 28), dtype=np.uint8)
    y = np.arange(15) % 10
    contents = {
        "MNIST/raw/train-images-idx3-ubyte.gz": idx(x[:10]),
        "MNIST/raw/train-labels-idx1-ubyte.gz": idx(y[:10]),
        "MNIST/raw/t10k-images-idx3-ubyte.gz": idx(x[10:]),
        "MNIST/raw/t10k-labels-idx1-ubyte.gz": idx(y[10:]),
    }
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", tiny_entry(contents, NOBODY))
    return Tiny(contents, x, y)


@pytest.fixture
def server(tiny, monkeypatch) -> Iterator[Server]:
    """The tiny set on a server on loopback, with downloads allowed."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            content = state.contents.get(self.path.lstrip("/").partition("mirror/")[2] or self.path[1:])
            for ending, answer in state.answers.items():
                if self.path.endswith(ending):
                    return answer(self, content or b"")
            if content is None:
                return self.send_error(404)
            return send(self, content)

        def log_message(self, *args: object) -> None:
            """Keep the test's output clean."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up is what these tests are about."""

    http = Quiet(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{http.server_port}", dict(tiny.contents))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.delenv("DLBOOK_OFFLINE")
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", tiny_entry(tiny.contents, state.base))
    yield state
    state.closing.set()
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"
