"""What an execution leaves behind, kept so that it need not be repeated.

A record is one file per chapter and key. It is written beside its place, flushed to the disk and
renamed, so that a reader sees all of it or none; it carries its own checksum, so that a damaged
one is as good as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from dlbook.site.memory import recall

KEEP = 3  # records kept per chapter and budget: going back and forth between two edits stays free


def digest(value: Any) -> str:
    """Give a fingerprint of anything that JSON can hold.

    Parameters
    ----------
    value : Any
        Numbers, texts, lists, dictionaries.

    Returns
    -------
    str
        64 hexadecimal digits, the same for equal values in any order of keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step; a kill leaves the old one or the new one, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made if need be.
    text : str
        Its new content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf8", errors="surrogatepass") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would not survive being copied to a web server
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


class Records:
    """The records of one budget in one folder.

    Parameters
    ----------
    folder : Path
        Where they lie; made when the first is written.

    Examples
    --------
    >>> Records(Path("nowhere")).get("chapter", "key") is None
    True
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, slug: str, key: str) -> dict[str, Any] | None:
        """Return the record of a chapter under a key; None when absent or damaged."""
        return self._read(self._path(slug, key))

    def sum(self, slug: str, key: str) -> str:
        """Return the fingerprint of a record; empty when it is absent or damaged."""
        return self._sum(self._path(slug, key))

    def put(self, slug: str, key: str, record: dict[str, Any]) -> None:
        """Store a record and drop the oldest beyond the few that are kept."""
        path = self._path(slug, key)
        write_atomically(path, json.dumps({"sha256": digest(record), "record": record}))
        for old in self._newest_first(slug)[KEEP:]:
            old.unlink(missing_ok=True)

    def touch(self, slug: str, key: str) -> None:
        """Mark a record as in use, so that it is not the next to be dropped."""
        with contextlib.suppress(OSError):
            os.utime(self._path(slug, key))

    def latest(self, slug: str) -> dict[str, Any] | None:
        """Return the chapter's newest sound record under any key."""
        return next((r for p in self._newest_first(slug) if (r := self._read(p))), None)

    def manifest(self) -> dict[str, Any]:
        """Say which record each chapter used in the last execution; empty when there is none."""
        return self._read(self.folder / "manifest.json") or {}

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Store what :meth:`manifest` returns."""
        text = json.dumps({"sha256": digest(manifest), "record": manifest}, indent=1)
        write_atomically(self.folder / "manifest.json", text)

    def current(self, slug: str) -> dict[str, Any] | None:
        """Return the record that the last execution used for a chapter."""
        entry = self.manifest().get("chapters", {}).get(slug)
        return self.get(slug, entry["key"]) if entry else None

    def _path(self, slug: str, key: str) -> Path:
        return self.folder / slug / f"{key[:32]}.json"

    def _newest_first(self, slug: str) -> list[Path]:
        """List the chapter's record files by age; a file that vanishes meanwhile counts as oldest."""

        def age(path: Path) -> int:
            try:
                return -path.stat().st_mtime_ns
            except OSError:
                return 0

        return sorted((self.folder / slug).glob("*.json"), key=age)

    @classmethod
    def _read(cls, path: Path) -> dict[str, Any] | None:
        if not cls._sum(path):
            return None
        try:
            record: dict[str, Any] = json.loads(path.read_bytes())["record"]
            return record
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def _sum(path: Path) -> str:
        """Return the checksum that a file states, if it is that of the record in it."""
        try:
            content = path.read_bytes()
        except OSError:
            return ""
        # To fingerprint the file is fast; to parse it and to write it out again in a fixed order is not.
        return recall("sums", hashlib.sha256(content).hexdigest(), lambda: _stated_sum(content))


def _stated_sum(content: bytes) -> str:
    """Return the checksum in a stored file, or nothing where it does not fit."""
    try:
        stored = json.loads(content)
        stated = str(stored["sha256"])
        return stated if stated == digest(stored["record"]) else ""
    except (ValueError, KeyError, TypeError):
        return ""
