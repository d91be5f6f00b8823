"""Checksums of files, remembered within the process by path, size and time of change."""

import hashlib
import os
from pathlib import Path

from dlbook.data.errors import DataCorrupt
from dlbook.data.registry import File

_remembered: dict[tuple[str, int, int, str], str] = {}


def digest_of(path: Path, algorithm: str = "sha256") -> str:
    """Hex digest of a file; an unchanged file (path, size, time) is read once per process."""
    state = os.stat(path)
    key = (os.path.realpath(path), state.st_size, state.st_mtime_ns, algorithm)
    if key not in _remembered:
        with path.open("rb") as stream:
            _remembered[key] = hashlib.file_digest(stream, algorithm).hexdigest()
    return _remembered[key]


def verify(root: Path, file: File, remedy: str) -> str:
    """Check a file below `root` and return its SHA-256; `DataCorrupt` when it is another file."""
    algorithm, _, expected = file.digest.partition(":")
    path = root / file.path
    found = digest_of(path, algorithm)
    if found != expected:
        raise DataCorrupt(mismatch(str(path), algorithm, expected, found, path.stat().st_size, remedy))
    return digest_of(path)


def read_verified(root: Path, file: File, remedy: str) -> bytes:
    """Read a file and check the very bytes that are returned: what is decoded is what was checked."""
    algorithm, _, expected = file.digest.partition(":")
    content = (root / file.path).read_bytes()
    found = hashlib.new(algorithm, content).hexdigest()
    if found != expected:
        where = str(root / file.path)
        raise DataCorrupt(mismatch(where, algorithm, expected, found, len(content), remedy))
    return content


def mismatch(where: str, algorithm: str, expected: str, found: str, size: int, remedy: str) -> str:
    """Say that a file is not the published one."""
    return (
        f"{where} is not the published file: expected {algorithm} {expected}, found {found} "
        f"({size:,} bytes; truncated, damaged or another version). {remedy}"
    )


def fingerprint(digests: dict[str, str]) -> str:
    """One checksum for a set: its file's own, or that of the lines ``<sha256>  <path>`` of its files."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{digest}  {path}\n" for path, digest in digests.items())
    return hashlib.sha256(lines.encode()).hexdigest()
