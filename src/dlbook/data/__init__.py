"""Real datasets in memory, each with its source, licence and checksum: ``load("mnist", "train")``.

Importing this package imports no torch; the first `load` does.
"""

from typing import TYPE_CHECKING, Any

from dlbook.data.dataset import Dataset
from dlbook.data.errors import DataCorrupt, DataError, DataUnavailable, UnknownDataset
from dlbook.data.record import used
from dlbook.data.registry import names
from dlbook.data.sources import Located, fetch, locate

if TYPE_CHECKING:
    from dlbook.data.loading import load

__all__ = [
    "DataCorrupt",
    "DataError",
    "DataUnavailable",
    "Dataset",
    "Located",
    "UnknownDataset",
    "fetch",
    "load",
    "locate",
    "names",
    "used",
]


def __getattr__(name: str) -> Any:
    """Import torch, which `load` needs, only when `load` is asked for (PEP 562)."""
    if name == "load":
        from dlbook.data.loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
