"""What `dlbook.data.load` returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """One split of one set, in memory, with where it came from and on what terms.

    Attributes
    ----------
    name, split
        As `load` was asked for them.
    x, y
        Inputs and targets. For image classification: `x` uint8 of shape (N, C, H, W) with values
        0 to 255, `y` int64 of shape (N,). The other kinds are listed in `load`.
    classes
        Names of the classes; class `k` is `classes[k]`. Empty where a set has none.
    source
        ``"DLBOOK_DATA"``, ``"cache"``, ``"download"`` or ``"embedded"``.
    licence, citation, homepage
        The terms as the source states them, the paper to cite, where the set comes from.
    sha256
        Checksum of the whole set: of its file, or, where it has several, of the lines
        ``<sha256>  <path>`` of all its files. Verified before anything was decoded. For the
        embedded digits: of the arrays.
    note
        What differs from the original; empty where nothing does.
    extra
        Further fields of single sets, listed in `load`.

    Examples
    --------
    >>> from dlbook.data import load
    >>> load("digits", "test")
    <digits/test: x (296, 1, 8, 8) uint8, y (296,) int64, 10 classes, embedded>
    """

    name: str
    split: str
    x: Any
    y: Any
    classes: tuple[str, ...]
    source: str
    licence: str
    citation: str
    homepage: str
    sha256: str
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        parts = [f"x {_shape(self.x)}"]
        if self.y is not None:
            parts.append(f"y {_shape(self.y)}")
        if self.classes:
            parts.append(f"{len(self.classes)} classes")
        return f"<{self.name}/{self.split}: {', '.join([*parts, self.source])}>"


def _shape(value: Any) -> str:
    """Shape and type of a tensor, length and type of anything else."""
    if hasattr(value, "dtype"):
        return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    return f"{type(value).__name__} of {len(value):,}"
