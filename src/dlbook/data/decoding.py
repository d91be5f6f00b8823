"""What the decoders share: verified bytes in, plain parts of a `Dataset` out."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dlbook.data.checksums import read_verified
from dlbook.data.sources import Located


@dataclass(frozen=True, eq=False)
class Parts:
    """The decoded fields of a `Dataset`."""

    x: Any
    y: Any = None
    classes: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


# (set, split, side in pixels or None) -> parts
Decoder = Callable[[Located, str, int | None], Parts]


def read(located: Located, filename: str) -> bytes:
    """Bytes of one file of a set, checked as they were read; a name may stand without ``.gz``."""
    if located.root is None:
        raise ValueError(f"{located.name} has no files")
    for file in located.variant.files:
        if file.filename == filename:
            return read_verified(located.root, file, located.remedy)
        if file.filename == f"{filename}.gz":
            return gzip.decompress(read_verified(located.root, file, located.remedy))
    raise ValueError(f"{located.name} has no file {filename!r}")


def to_tensor(array: np.ndarray) -> Tensor:
    """Copy an array into a tensor of its own: contiguous, native byte order, writable."""
    return torch.from_numpy(np.array(array, order="C"))
