"""What the build does not import although libraries would, and how it imports the rest sooner.

Together this takes two seconds off every start, four where no byte code may be written. Call both functions
before anything else is imported.
"""

from __future__ import annotations

import gc
import importlib.metadata
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

# jsonschema (through nbformat) compiles 38 grammars of internationalised addresses at its import, 1.0 s;
# with None here it goes on without that check, which no notebook asks for.
_ABSENT = ("rfc3987_syntax",)

# MyST-NB imports its two ways to execute notebooks, and with them SQLAlchemy: 0.5 s. The book executes its
# chapters itself, and extension.py refuses a configuration that would have MyST-NB do it.
_EXECUTORS = {
    "myst_nb.core.execute.cache": "NotebookClientCache",
    "myst_nb.core.execute.direct": "NotebookClientDirect",
}


def spare_imports() -> None:
    """Keep this process from importing what it will not use, and from looking things up again and again.

    Nothing here is needed to make pages; whoever should come to need it gets an error that says so.
    """
    for name in _ABSENT:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name, client in _EXECUTORS.items():
        if name not in sys.modules and "myst_nb.core.execute" not in sys.modules:
            module = ModuleType(name, "Stands in for a module of MyST-NB; see dlbook.site.spared.")
            setattr(module, client, _Refused)
            sys.modules[name] = module
    # What is installed does not change under a build. pybtex asks for each of its parts, and each time the
    # papers of all packages are read.
    if not hasattr(importlib.metadata.entry_points, "cache_clear"):
        importlib.metadata.entry_points = cache(importlib.metadata.entry_points)  # type: ignore[assignment]
    # A build makes a great many objects and throws few away; with Python's own setting a sixth of its time
    # goes into looking for garbage.
    gc.set_threshold(100_000, 50, 100)


def keep_bytecode(folder: Path) -> None:
    """Keep compiled modules in a folder of the build's where Python is told not to write any beside sources.

    Without, a thousand modules are compiled at each start. As ever, Python compares time and size of the
    source before it uses one.

    Parameters
    ----------
    folder : Path
        Where they are kept; nothing is done where Python keeps them itself.
    """
    if sys.dont_write_bytecode and sys.pycache_prefix is None:
        sys.pycache_prefix = str(folder.resolve())
        sys.dont_write_bytecode = False


class _Refused:
    """Stands where a class of MyST-NB would."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise RuntimeError(
            "MyST-NB may not execute chapters, since make book does; have _config.yml say 'off'"
        )
