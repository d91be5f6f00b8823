"""The key under which an execution is stored: everything that could change what a chapter prints."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dlbook.site.chapters import Chapter
from dlbook.site.closure import UnreadableCodeError, import_closure, parse
from dlbook.site.memory import recall
from dlbook.site.project import Project, Settings
from dlbook.site.records import digest

FORMAT = 2  # raise it when a record's content or the kernels' surroundings change

# Tags that change what happens when a cell runs; the others only change how it is shown.
EXECUTION_TAGS = frozenset({"raises-exception", "allow-stderr", "skip-execution"})


def execution_key(
    chapter: Chapter, project: Project, settings: Settings, data: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """Compute a chapter's key and the parts it is made of.

    Parameters
    ----------
    chapter : Chapter
        The chapter; its prose does not count.
    project : Project
        The book, for ``src/`` and the lock.
    settings : Settings
        Budget, threads and device count; the timeout and the number of cores do not.
    data : mapping of str to str
        Fingerprint of each dataset that the chapter names (see :func:`named_datasets`).

    Returns
    -------
    key : str
        64 hexadecimal digits.
    parts : dict
        What went into it, for telling why a chapter runs again.
    """
    files = import_closure([cell.source for cell in chapter.cells], project.src)
    parts = {
        "format": FORMAT,
        "code": digest([[c.source, sorted(EXECUTION_TAGS & set(c.tags))] for c in chapter.cells]),
        "src": {p.relative_to(project.src).as_posix(): file_digest(p) for p in sorted(files)},
        "lock": file_digest(project.lock) if project.lock.exists() else "",
        "python": ".".join(map(str, sys.version_info[:3])),
        "budget": settings.budget,
        "threads": settings.threads,
        "device": settings.device,
        "data": dict(sorted(data.items())),
    }
    return digest(parts), parts


def named_datasets(chapter: Chapter, names: Iterable[str]) -> list[str]:
    """List the datasets that a chapter's code names literally.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    names : iterable of str
        The names of all datasets.

    Returns
    -------
    list of str
        Sorted, without repetition; empty where the code is not Python (the cell will say so).
    """
    known, sources = sorted(set(names)), [cell.source for cell in chapter.cells]
    return recall("datasets", [sources, known], lambda: _named(sources, frozenset(known)))


def _named(sources: Iterable[str], known: frozenset[str]) -> list[str]:
    """Find the known names among the constants of some code."""
    found = set()
    for source in sources:
        try:
            tree = parse(source)
        except UnreadableCodeError:
            continue
        found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in known}
    return sorted(found)


def reason(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> str:
    """Say in a few words why a chapter has to run.

    Parameters
    ----------
    old : mapping or None
        Parts of the key of the chapter's newest record.
    new : mapping
        Parts of the key wanted now.

    Returns
    -------
    str
        Such as ``changed: src (train.py)``.

    Examples
    --------
    >>> reason({"code": "a", "src": {}}, {"code": "b", "src": {}})
    'changed: code'
    """
    if old is None:
        return "not executed before"
    words = []
    for name in new:
        if old.get(name) == new[name]:
            continue
        detail = ""
        if name in ("src", "data"):
            before, after = old.get(name) or {}, new[name]
            changed = [k for k in sorted({*before, *after}) if before.get(k) != after.get(k)]
            detail = f" ({', '.join(changed[:3])}{', ...' if len(changed) > 3 else ''})"
        words.append(name + detail)
    return f"changed: {', '.join(words)}" if words else "its record was lost"


def file_digest(path: Path) -> str:
    """Fingerprint a file's content.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its SHA-256.
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()
