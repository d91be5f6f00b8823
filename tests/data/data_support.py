"""Helpers of these tests: a tiny set of known content, and what a server may answer."""

import gzip
import hashlib
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np

from dlbook.data.registry import Entry, File, Variant

NOBODY = "http://127.0.0.1:1"  # a port that nothing listens on


@dataclass
class Tiny:
    """Ten training and five test pictures in MNIST's form; `write` puts them into a folder."""

    contents: dict[str, bytes]
    x: np.ndarray
    y: np.ndarray

    def write(self, folder: Path) -> Path:
        for path, content in self.contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder


def idx(array: np.ndarray) -> bytes:
    """IDX written by hand, from the description of the format."""
    header = struct.pack(">HBB", 0, 8, array.ndim) + b"".join(struct.pack(">I", n) for n in array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


def tiny_entry(contents: dict[str, bytes], *mirrors: str) -> Entry:
    files = tuple(
        File(
            path, "sha256:" + hashlib.sha256(content).hexdigest(), tuple(f"{base}/{path}" for base in mirrors)
        )
        for path, content in contents.items()
    )
    variants = (Variant("packed", files),)
    return Entry("mnist", ("train", "test"), "none", "nobody", "nowhere", variants, shape=(1, 28, 28))


Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def send(handler: BaseHTTPRequestHandler, body: bytes, length: int | None = None, **headers: str) -> None:
    """Answer 200 with a body, possibly under a wrong length."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@dataclass
class Server:
    """Serves `contents`; `answers` (path ending -> behaviour) replaces the right behaviour."""

    base: str
    contents: dict[str, bytes]
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)


def files_in(folder: Path) -> list[str]:
    """Every file below a folder, by relative path."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
