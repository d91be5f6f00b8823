"""Batches of images: torch's DataLoader, one sample at a time, against tensors that are cut where they lie.

    python benchmarks/loading.py [--repeats 3] [--write]

Both give the same batches in the same order, which is checked; both turn bytes into numbers on the clock.
"""

import tempfile
from collections.abc import Callable, Iterable
from functools import partial

import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from _record import Clock, finish, parser, rows_of
from dlbook.data import load
from fashion_lenet import B, in_memory, loader, usual_data


def drained(feed: Callable[[], Iterable[tuple[Tensor, ...]]]) -> Clock:
    """Time one epoch in which nothing is done with the batches."""
    with Clock() as clock:
        for _batch in feed():
            pass
    return clock


def main() -> None:
    """Measure and report."""
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--repeats", type=int, default=3)
    asked = options.parse_args()
    x, y = (lambda part: (part.x, part.y))(load("fashion-mnist", "train"))

    def stacked(seed: int) -> DataLoader:
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed)).tolist()
        return DataLoader(TensorDataset(x.float() / 255, y), B, sampler=order)

    with tempfile.TemporaryDirectory() as folder:
        data = usual_data(folder)
        for theirs, ours in zip(loader(data, 0), in_memory(x, y, 0), strict=True):
            assert all(a.equal(b) for a, b in zip(theirs, ours, strict=True)), "not the same batches"
        ways = (partial(loader, data), stacked, partial(in_memory, x, y))
        turns = [[drained(partial(way, k)) for way in ways] for k in range(asked.repeats)]
    images, tensors, book = zip(*turns, strict=True)
    rows = [
        *rows_of("an epoch of batches, DataLoader with ToTensor", images, book),
        *rows_of("an epoch of batches, DataLoader on tensors", tensors, book),
    ]
    title = f"Fashion-MNIST in batches of {B}: DataLoader against dlbook.train.batches"
    notes = [f"medians of {asked.repeats}; nothing else is done with the batches"]
    finish("loading", title, rows, write=asked.write, notes=notes)


if __name__ == "__main__":
    main()
