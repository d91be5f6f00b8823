"""Fashion-MNIST on a CPU: LeNet as it is usually trained, against this book's way.

The usual way is the recipe that d2l.ai gives for LeNet: sigmoids, average pooling, Xavier's start, SGD with
rate 0.1 on batches of 128 for ten epochs, and torchvision's data set through a DataLoader, which turns one
image at a time into a tensor. The book's way keeps all images in one tensor, and trains the same layers with
ReLU, maximum pooling and momentum on a rate that rises and falls within a single epoch.

    python benchmarks/fashion_lenet.py [--seeds 3] [--epochs 10] [--write]

Where single epochs of one net are compared, the book's side also updates all weights in one call (`fused`).
Reading and unpacking the files, and evaluation, are on neither clock; turning bytes into numbers is on both.
"""

import argparse
import copy
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import mean

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

from _record import Clock, Row, finish, parser, rows_of
from dlbook.data import Dataset, load, locate
from dlbook.site.project import available_cores
from dlbook.train import batches, evaluate

B = 128
cross_entropy = nn.functional.cross_entropy


@dataclass(frozen=True)
class Seed:
    """What was measured with one seed."""

    clocks: dict[str, Clock]
    usual: float
    book: float


def lenet(activation: type[nn.Module], pool: nn.Module) -> nn.Sequential:
    """Make LeNet: two convolutions, each pooled, and three linear layers."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), activation(), pool),  # (B, 6, 14, 14)
        *(nn.Conv2d(6, 16, 5), activation(), pool),  # (B, 16, 5, 5)
        nn.Flatten(),
        *(nn.Linear(400, 120), activation(), nn.Linear(120, 84), activation(), nn.Linear(84, 10)),
    )


def usual_net(pool: nn.Module) -> nn.Sequential:
    """Make the usual net with the usual start."""
    net = lenet(nn.Sigmoid, pool)
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
    return net


class MatrixPool(nn.Module):
    """Average pooling as what it is, a linear map: two rows of W pixels times a matrix of quarters.

    PyTorch's own ``AvgPool2d`` takes a quarter of this net's time on a CPU, since it is written pixel by
    pixel; a product of matrices uses the processor's wide registers.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Halve height and width of images (B, C, H, W)."""
        rows, W = x.reshape(-1, 2 * x.shape[-1]), x.shape[-1]  # (B C H/2, 2 W)
        quarters = torch.eye(W // 2).repeat_interleave(2, 0).repeat(2, 1) / 4  # (2 W, W/2)
        return (rows @ quarters).view(*x.shape[:2], x.shape[2] // 2, W // 2)


def usual_data(folder: str) -> FashionMNIST:
    """Open torchvision's data set on the files that the book found."""
    found = locate("fashion-mnist")
    if found is None or found.root is None:
        raise SystemExit(
            "fashion-mnist is not on this machine; set DLBOOK_DATA, or load it once to download it."
        )
    raw = Path(folder, "FashionMNIST", "raw")
    raw.mkdir(parents=True)
    for file in found.variant.files:
        name = Path(file.filename).name
        (raw / name).symlink_to(next(found.root.rglob(name)).resolve())
    return FashionMNIST(folder, train=True, download=True, transform=transforms.ToTensor())  # only unpacks


def loader(data: FashionMNIST, seed: int, workers: int = 0) -> DataLoader:
    """Make a DataLoader whose next epoch has the same order as `in_memory` with the same seed."""
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(seed))
    return DataLoader(data, B, sampler=order.tolist(), num_workers=workers)


def in_memory(x: Tensor, y: Tensor, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut batches from one tensor of bytes; only a batch at a time is turned into numbers."""
    order = torch.Generator().manual_seed(seed)
    return ((xb.float() / 255, yb) for xb, yb in batches(x, y, batch_size=B, generator=order))


def epoch(net: nn.Module, data: Iterable[tuple[Tensor, ...]], *, fused: bool = False) -> None:
    """Run one epoch of the usual recipe; `fused` updates all weights in one call, with the same result."""
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, fused=fused)
    for x, y in data:
        sgd.zero_grad()
        cross_entropy(net(x), y).backward()
        sgd.step()


def book_way(x: Tensor, y: Tensor, seed: int) -> Iterator[nn.Module]:
    """Train for one epoch, handing the net over after every step."""
    torch.manual_seed(seed)
    net = lenet(nn.ReLU, nn.MaxPool2d(2)).to(memory_format=torch.channels_last)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(sgd, 0.1, total_steps=-(-len(x) // B), pct_start=0.3)
    for xb, yb in in_memory(x, y, seed):
        loss = cross_entropy(net(xb), yb, label_smoothing=0.05)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        schedule.step()
        yield net


def reach(
    target: float, x: Tensor, y: Tensor, test: tuple[Tensor, Tensor], seed: int
) -> tuple[Clock, Clock, float]:
    """Time the book's way to an accuracy and to the end of its epoch; evaluation stops the clock."""
    clock, steps, there = Clock(), book_way(x, y, seed), None
    while True:
        with clock:
            nets = list(islice(steps, 10))  # ten steps of one and the same net
        if nets:
            accuracy = evaluate(nets[-1], *test).accuracy or 0.0
            if there is None and accuracy >= target:
                there = copy.copy(clock)
        else:
            if there is None:
                raise SystemExit(f"seed {seed}: the book's way ended at {accuracy:.1%}, below {target:.1%}.")
            return there, clock, accuracy


def compare_epochs(
    net: nn.Module, data: FashionMNIST, x: Tensor, y: Tensor, workers: int
) -> dict[str, Clock]:
    """Time the first epoch of one net on the same batches, fed in four ways."""
    start = copy.deepcopy(net)
    ways: dict[str, Callable[[], Iterable[tuple[Tensor, ...]]]] = {
        "loader": lambda: loader(data, 0),
        "memory": lambda: in_memory(x, y, 0),
        "matrix": lambda: in_memory(x, y, 0),
        "workers": lambda: loader(data, 0, workers),
    }
    clocks = {}
    for name, feed in ways.items():
        other = lenet(nn.Sigmoid, MatrixPool()) if name == "matrix" else copy.deepcopy(start)
        other.load_state_dict(start.state_dict())
        with Clock() as clocks[name]:
            epoch(other, feed(), fused=name in ("memory", "matrix"))
        if name == "loader":
            net.load_state_dict(other.state_dict())
        for ours, theirs in zip(other.parameters(), net.parameters(), strict=True):
            # Fair: the same batches in the same order give the same weights.
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    return clocks


def one_seed(seed: int, asked: argparse.Namespace, data: FashionMNIST, train: Dataset, test: tuple) -> Seed:
    """Measure everything once, both ways side by side."""
    torch.manual_seed(seed)
    net = usual_net(nn.AvgPool2d(2))
    clocks = compare_epochs(net, data, train.x, train.y, asked.workers)
    with copy.copy(clocks["loader"]) as total:
        for number in range(1, asked.epochs):
            epoch(net, loader(data, number))
    usual = evaluate(net, *test).accuracy or 0.0
    there, end, book = reach(usual, train.x, train.y, test, seed)
    print(f"seed {seed}: usual {usual:.2%} in {total.wall:.0f} s;", end=" ")
    print(f"book there after {there.wall:.2f} s, {book:.2%} after {end.wall:.2f} s", flush=True)
    return Seed(clocks | {"usual": total, "there": there, "end": end}, usual, book)


def main() -> None:
    """Measure and report."""
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--epochs", type=int, default=10, help="epochs of the usual way")
    options.add_argument("--workers", type=int, default=4, help="d2l's default, measured beside none")
    asked = options.parse_args()
    train, test = load("fashion-mnist", "train"), load("fashion-mnist", "test")
    held_out = (test.x.float() / 255, test.y)
    # On a machine with fewer cores than workers PyTorch says so each time; it is what d2l does.
    warnings.filterwarnings("ignore", "This DataLoader will create")
    with tempfile.TemporaryDirectory() as folder:
        data = usual_data(folder)
        seeds = [one_seed(seed, asked, data, train, held_out) for seed in range(asked.seeds)]

    def compare(what: str, usual: str, book: str, aim: float | None = None) -> list[Row]:
        return rows_of(what, [s.clocks[usual] for s in seeds], [s.clocks[book] for s in seeds], aim)

    rows = [
        *compare(f"to the usual way's accuracy after {asked.epochs} epochs", "usual", "there", 10),
        # The workers' processor time is not this process's, so seconds alone.
        compare(f"one epoch, same net; DataLoader with {asked.workers} workers", "workers", "memory", 2)[0],
        *compare("one epoch, same net; DataLoader without workers", "loader", "memory", 2),
        *compare("the same, our pooling as a matrix product", "loader", "matrix", 2),
    ]
    seconds = mean(s.clocks["end"].wall for s in seeds)
    notes = [
        f"usual way: {mean(s.usual for s in seeds):.1%} test accuracy after {asked.epochs} epochs",
        f"book's way: {mean(s.book for s in seeds):.1%} after its one epoch, in {seconds:.1f} s",
        f"4 workers are what d2l sets; here they share {available_cores()} cores",
        f"medians over {asked.seeds} seeds; tested on {len(test.y):,} images ({test.source})",
    ]
    title = "LeNet on Fashion-MNIST: DataLoader and the usual recipe, against tensors in memory"
    finish("fashion_lenet", title, rows, write=asked.write, notes=notes)


if __name__ == "__main__":
    main()
