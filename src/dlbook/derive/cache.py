"""Verdicts kept by content, so that an unchanged derivation is not checked again."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import sympy as sp

from .verdict import Verdict


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Return a fingerprint of this package's source and of SymPy: a change of either empties the cache."""
    found = hashlib.sha256(sp.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def cache_folder(given: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the folder given, or the one in DLBOOK_DERIVE_CACHE, or None: no cache."""
    where = given if given is not None else os.environ.get("DLBOOK_DERIVE_CACHE")
    return Path(where) if where else None


def load(folder: Path | None, digest: str) -> Verdict | None:
    """Return the stored verdict, or None if there is none or it cannot be read."""
    if folder is None:
        return None
    try:
        data = json.loads((folder / f"{digest}.json").read_text(encoding="utf-8"))
        verdict = Verdict.from_dict(data)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    verdict.cached = True
    return verdict if verdict.digest == digest else None


def store(folder: Path | None, verdict: Verdict) -> None:
    """Write a verdict in one move, so that a reader never sees half a file."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as f:
            json.dump(verdict.to_dict(), f)
        os.replace(name, folder / f"{verdict.digest}.json")
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
