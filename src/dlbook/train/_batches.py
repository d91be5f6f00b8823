"""Batches from tensors that are already in memory, without a Python step per sample."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Shaped
from torch import Tensor


@dataclass(frozen=True)
class Batches:
    r"""An iterable over batches, made by `batches`; ``len`` gives their number.

    Every new iteration is one epoch, in a new random order if it shuffles.
    """

    tensors: tuple[Tensor, ...]
    batch_size: int
    generator: torch.Generator | None
    shuffle: bool
    drop_last: bool

    def __len__(self) -> int:
        """Count the batches of one epoch."""
        n = len(self.tensors[0])
        return n // self.batch_size if self.drop_last else math.ceil(n / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """Run through one epoch."""
        n, B = len(self.tensors[0]), self.batch_size
        order = self._order() if self.shuffle else None
        for start in range(0, len(self) * B, B):
            stop = min(start + B, n)
            if order is None:
                yield tuple(tensor[start:stop] for tensor in self.tensors)  # (B, ...), a view
            else:
                rows = order[start:stop]  # (B,)
                yield tuple(tensor.index_select(0, rows) for tensor in self.tensors)  # (B, ...)

    def _order(self) -> Tensor:
        """Draw a random order of the samples, as indices on the data's device."""
        here = self.tensors[0].device
        # A generator can draw only on its own device; without one the data's device does.
        there = self.generator.device if self.generator is not None else here
        order = torch.randperm(len(self.tensors[0]), generator=self.generator, device=there)  # (n,)
        return order.to(here)


def batches(
    *tensors: Shaped[Tensor, "..."],
    batch_size: int,
    generator: torch.Generator | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
) -> Batches:
    r"""Cut tensors into batches, shuffled where they lie.

    All samples of an epoch are put in order by one random permutation and each batch is one indexing
    operation, so a GPU is never kept waiting for Python. For a data set that fits into memory this is much
    faster than ``torch.utils.data.DataLoader``, which handles samples one at a time.

    Parameters
    ----------
    *tensors
        One or more tensors of shape ``(n, ...)`` on the same device; row ``i`` of each belongs together.
    batch_size
        Samples in a batch. The last batch is smaller if `n` is no multiple of it.
    generator
        Source of the order. A CPU generator gives the same order on every device; one on the data's device
        shuffles there. Without it PyTorch's default generator of the data's device draws.
    shuffle
        Draw a new order in every epoch. Without it the batches are views of the data in its own order.
    drop_last
        Leave out a last batch that is smaller than the others.

    Returns
    -------
    Batches
        Iterate over it for one epoch; each item is a tuple with one tensor ``(batch_size, ...)`` per input.
        ``len`` is the number of batches, :math:`\lceil n / \text{batch\_size} \rceil`.

    Raises
    ------
    ValueError
        If there is no tensor or no sample, if lengths or devices differ, if `batch_size` is below 1, or if
        `drop_last` would leave nothing.

    Examples
    --------
    >>> x, y = torch.zeros(10, 3), torch.arange(10)
    >>> [tuple(xb.shape) for xb, yb in batches(x, y, batch_size=4)]
    [(4, 3), (4, 3), (2, 3)]
    """
    if not tensors:
        raise ValueError("batches: no tensor given; expected for example batches(x, y, batch_size=32).")
    shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors)
    if any(tensor.ndim == 0 for tensor in tensors):
        raise ValueError(f"batches: the shapes are {shapes}; each needs a first dimension of samples.")
    n = len(tensors[0])
    if any(len(tensor) != n for tensor in tensors):
        raise ValueError(
            f"batches: the shapes are {shapes}; the first dimensions must be equal, because row i of every "
            "tensor is the same sample."
        )
    if n == 0:
        raise ValueError(f"batches: the shapes are {shapes}; there is no sample to make a batch of.")
    if len({tensor.device for tensor in tensors}) > 1:
        places = ", ".join(str(tensor.device) for tensor in tensors)
        raise ValueError(f"batches: the tensors lie on {places}; move them to one device with .to(device).")
    if batch_size < 1:
        raise ValueError(f"batches: batch_size is {batch_size}; expected 1 or more.")
    if drop_last and batch_size > n:
        raise ValueError(
            f"batches: {n} samples do not fill one batch of {batch_size}, and drop_last=True leaves that "
            "out: nothing would remain. Make batch_size smaller or keep the last batch."
        )
    return Batches(tensors, batch_size, generator, shuffle, drop_last)
