"""What a build worked out and the next need not work out again, kept by content.

An entry's name is made of everything that the result depends on: what it was worked out from, the code
that did it, the libraries. So there is no question of an entry being out of date; one that is damaged is as
good as absent. Cost then grows with what was edited, and not with the book.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from dlbook.site.project import Project

T = TypeVar("T")

KEPT_DAYS = 14.0  # entries that no build asked for in this time are dropped
_TOUCH_DAYS = 1.0  # an entry's time is brought up to date when it is older than this
_DAY = 86_400.0

# Whose results are kept: an edit in any of these files makes all of them anew.
_CODE = (Path(__file__).parent, Path(__file__).parents[1] / "answers", Path(__file__).parents[1] / "derive")


class Memory:
    """Entries in a folder.

    Parameters
    ----------
    folder : Path
        Where they lie; made when the first is written.
    version : str
        Fingerprint of what all entries depend on.

    Examples
    --------
    >>> Memory(Path("nowhere"), "1").path("links", ["a"]).parent.as_posix()
    'nowhere/links'
    """

    def __init__(self, folder: Path, version: str) -> None:
        self.folder, self.version = folder, version

    def path(self, kind: str, of: Any) -> Path:
        """Give the place of an entry; `of` is what it is worked out from, as JSON can hold it."""
        text = json.dumps([self.version, kind, of], ensure_ascii=False, sort_keys=True)
        name = hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()[:40]
        return self.folder / kind / f"{name}.json"

    def recall(self, kind: str, of: Any, make: Callable[[], T]) -> T:
        """Return an entry, made first if need be; it is what JSON can hold."""
        path = self.path(kind, of)
        try:
            stored = json.loads(path.read_text(encoding="utf8"))
            result: T = stored["result"]
            self._touch(path)
            return result
        except (OSError, ValueError, KeyError, TypeError):
            pass
        result = make()
        self._write(path, json.dumps({"result": result}, ensure_ascii=False))
        return result

    def drop_old(self) -> None:
        """Delete the entries that no build has asked for in a long time."""
        oldest = time.time() - KEPT_DAYS * _DAY
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _touch(self, path: Path) -> None:
        """Note that an entry is in use, not more often than need be."""
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _TOUCH_DAYS * _DAY:
                os.utime(path)

    def _write(self, path: Path, text: str) -> None:
        """Store an entry in one step; it need not survive a power cut, so there is no wait for the disk."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(text, encoding="utf8", errors="surrogatepass")
        part.replace(path)


_active: Memory | None = None


@contextlib.contextmanager
def remembering(project: Project) -> Iterator[None]:
    """Have :func:`recall` look into a book's memory.

    Parameters
    ----------
    project : Project
        The book.
    """
    global _active
    before, _active = _active, Memory(project.build / "memory", _version(project))
    try:
        yield
        _active.drop_old()
    finally:
        _active = before


def recall(kind: str, of: Any, make: Callable[[], T]) -> T:
    """Return what was worked out before from the same things by the same code, or work it out.

    Parameters
    ----------
    kind : str
        Name of a folder, one for each use.
    of : Any
        All that the result depends on besides this package and the libraries; what JSON can hold.
    make : callable
        Works it out. It must have no other effect, such as a warning, since it is not always called.

    Returns
    -------
    Any
        As JSON holds it, also when it has just been made.

    Examples
    --------
    >>> recall("sums", [1, 2], lambda: 1 + 2)
    3
    """
    return make() if _active is None else _active.recall(kind, of, make)


def _version(project: Project) -> str:
    """Fingerprint this package, what it leans on, and Python."""
    sums = [f"{sys.version_info[:3]}"]
    files = sorted(path for folder in _CODE for path in folder.rglob("*.py"))
    for path in [*files, project.lock]:
        if path.is_file():
            sums.append(hashlib.sha256(path.read_bytes()).hexdigest())
    return hashlib.sha256(" ".join(sums).encode()).hexdigest()
