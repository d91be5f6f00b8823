"""CIFAR-10 to 94 % in seconds on one GPU: a small convolutional net, tuned by many people for speed.

The method is that of Keller Jordan's airbench (arXiv 2404.00498), in this book's words. On the clock: moving
the data, whitening, training, testing. Apart: compiling, once. The usual way is the same training in single
precision and not compiled. With `--device cpu --small` a toy of it runs in under a minute.
"""

from collections.abc import Callable, Iterator
from functools import partial
from statistics import mean, stdev
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from _record import Clock, finish, parser, rows_of
from dlbook.data import load
from dlbook.train import Speed, batches, device, evaluate, place, seed

MEAN, STD = (125.3, 123.0, 113.9), (62.9, 62.1, 66.7)  # of the training images, per channel, 0 to 255
RATE, DECAY, BIAS_FACTOR = 1.5, 0.002, 64  # for batches of 1024; batch norm's biases get 64 times the rate
smoothed = partial(F.cross_entropy, label_smoothing=0.2)


class Size(NamedTuple):
    """How much to do; the full size is that of airbench."""

    images: int = 50_000
    epochs: float = 9.9
    batch: int = 1024
    widths: tuple[int, int, int] = (64, 256, 256)


def block(inputs: int, outputs: int) -> list[nn.Module]:
    """Halve the picture and mix it twice; each convolution passes its input on at first."""
    convs = [nn.Conv2d(n, outputs, 3, padding=1, bias=False) for n in (inputs, outputs)]
    norms = [nn.BatchNorm2d(outputs, eps=1e-12, momentum=0.4) for _ in convs]
    for conv, norm in zip(convs, norms, strict=True):
        nn.init.dirac_(conv.weight.data[: conv.in_channels])
        norm.weight.requires_grad_(False)  # it shifts but does not stretch
    return [convs[0], nn.MaxPool2d(2), norms[0], nn.GELU(), convs[1], norms[1], nn.GELU()]


def make_net(images: Tensor, widths: tuple[int, int, int]) -> nn.Sequential:
    """Make the net; its first layer's weights whiten 2 x 2 patches of the images and stay as they are."""
    whiten = nn.Conv2d(3, 24, 2, device=images.device)
    patches = F.unfold(images.float(), 2).transpose(1, 2).reshape(-1, 12)  # (patches, 12)
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))  # vectors are columns
    directions = (vectors / (values + 5e-4).sqrt()).T.reshape(12, 3, 2, 2)
    whiten.weight.requires_grad_(False).copy_(torch.cat([directions, -directions]))
    nn.init.zeros_(whiten.bias)
    w1, w2, w3 = widths
    blocks = [*block(24, w1), *block(w1, w2), *block(w2, w3)]
    head = [nn.MaxPool2d(3), nn.Flatten(), nn.Linear(w3, 10, bias=False)]
    return nn.Sequential(whiten, nn.GELU(), *blocks, *head).to(images.device)


def shifted(padded: Tensor) -> Tensor:
    """Cut a window of 32 x 32 out of each padded image, at a random place of its own."""
    n, _, side, _ = padded.shape
    image, window = torch.arange(n, device=padded.device), torch.arange(32, device=padded.device)
    rows, columns = torch.randint(side - 31, (2, n, 1), device=padded.device) + window  # (n, 32) each
    pixels = padded.permute(0, 2, 3, 1)[image[:, None, None], rows[:, :, None], columns[:, None]]
    return pixels.permute(0, 3, 1, 2)  # (n, 3, 32, 32)


def augmented(x: Tensor, y: Tensor, batch: int) -> Iterator[tuple[Tensor, ...]]:
    """Yield batches without end; an image is flipped in every other epoch, half of them in the first."""
    flip = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
    padded = F.pad(torch.where(flip, x.flip(3), x), (2, 2, 2, 2), mode="reflect")
    while True:
        yield from batches(shifted(padded), y, batch_size=batch, drop_last=True)
        padded = padded.flip(3)


def six_views(net: nn.Module, x: Tensor) -> Tensor:
    """Average the scores of an image, of two copies moved by a pixel, and of their mirror images."""
    padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
    views = [(2, x), (1, padded[:, :, :32, :32]), (1, padded[:, :, 2:, 2:])]
    return torch.stack([w * (net(view) + net(view.flip(3))) / 8 for w, view in views]).sum(0)


def optimizer(net: nn.Sequential, batch: int, steps: int, first: int) -> tuple:
    """Make Nesterov's SGD and its rate: a triangle; the first layer's bias stops after `first` steps."""
    rate, decay, peak = RATE * batch / 1024, DECAY * batch / 1024, 0.23 * steps
    fast = [layer.bias for layer in net if isinstance(layer, nn.BatchNorm2d)]
    rest = [layer.weight for layer in net[1:] if isinstance(layer, nn.Conv2d | nn.Linear)]
    parts = [(fast, rate * BIAS_FACTOR), (rest, rate), ([net[0].bias], rate)]
    groups = [{"params": part, "lr": lr, "weight_decay": decay / lr} for part, lr in parts]
    sgd = torch.optim.SGD(groups, momentum=0.85, nesterov=True)

    def triangle(i: int) -> float:
        return 0.2 + 0.8 * i / peak if i < peak else 1 - 0.93 * (i - peak) / (steps - peak)

    shapes = [triangle, triangle, lambda i: triangle(i) * (i < first)]
    return sgd, torch.optim.lr_scheduler.LambdaLR(sgd, shapes)


def train(net: nn.Sequential, forward: Callable, x: Tensor, y: Tensor, size: Size, speed: Speed) -> None:
    """Train in place through `forward`, the net or its compiled form; no step waits for the device."""
    per_epoch = len(x) // size.batch
    steps = int(size.epochs * per_epoch)
    sgd, schedule = optimizer(net.train(), size.batch, steps, 3 * per_epoch)
    values = [v for v in net.state_dict().values() if v.is_floating_point()]
    slow = [v.clone() for v in values]
    for step, (xb, yb) in zip(range(1, steps + 1), augmented(x, y, size.batch), strict=False):
        with speed.arithmetic(x.device):
            loss = smoothed(forward(xb) / 9, yb)  # smaller scores: the softmax starts undecided
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        schedule.step()
        if step % 5 == 0 or step == steps:  # lookahead: the net goes on from an average of its past
            keep = 1.0 if step == steps else 0.95**5 * (step / steps) ** 3
            torch._foreach_lerp_(slow, values, 1 - keep)
            torch._foreach_copy_(values, slow)


def on_device(x: Tensor, there: torch.device, speed: Speed) -> Tensor:
    """Move bytes to the device, and turn them into numbers of mean 0 and spread 1 there."""
    centre, spread = (torch.tensor(v, device=there).view(3, 1, 1) for v in (MEAN, STD))
    return place(((x.to(there) - centre) / spread).to(speed.autocast or torch.float32), there)


def measure(data: list, there: torch.device, size: Size, speed: Speed, runs: int) -> tuple[list, list, float]:
    """Train and test some nets, each on a clock; return clocks, accuracies, seconds for compiling."""
    x, y = on_device(data[0][0][:5000], there, speed), data[0][1][:5000].to(there)
    net = place(make_net(x, size.widths), there)  # every run takes its place: it was compiled
    forward, compiling = speed.prepared(net.train(), smoothed, x[: size.batch], y[: size.batch])
    clocks, accuracies = [Clock() for _ in range(runs)], []
    for number, clock in enumerate(clocks):
        seed(number)
        with clock:
            (x, y), (x1, y1) = [(on_device(part, there, speed), z.to(there)) for part, z in data]
            net.load_state_dict(make_net(x[:5000], size.widths).state_dict())
            train(net, forward, x, y, size, speed)
            tested = evaluate(partial(six_views, net.eval()), x1, y1, batch_size=2000, speed=speed)
        accuracies.append(tested.accuracy)
    return clocks, accuracies, compiling


def main() -> None:
    """Measure and report."""
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--device", type=device, default=None)
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--small", action="store_true")
    asked = options.parse_args()
    there, size = asked.device or device(), Size(4_000, 4, 128, (16, 32, 32)) if asked.small else Size()
    sets = [load("cifar10", split) for split in ("train", "test")]
    data = [(part.x[: size.images], part.y[: size.images]) for part in sets]
    gpu = there.type == "cuda"
    fast = Speed.of(there, compile=gpu)
    clocks, accuracies, compiling = measure(data, there, size, fast, asked.runs)
    usual = measure(data, there, size, Speed(), 3)[0] if gpu else clocks  # on a CPU both ways are the same
    spread = stdev(accuracies) if asked.runs > 1 else float("nan")
    notes = [
        f"test accuracy {mean(accuracies):.2%}, standard deviation {spread:.2%}",
        f"mean of {asked.runs} trainings: {mean(c.wall for c in clocks):.2f} s; compiling: {compiling:.0f} s",
        f"data: {sets[0].source}. {sets[0].note}",
    ]
    rows = rows_of(f"{size.epochs} epochs and the test, on a GPU", usual, clocks)[:1]
    name = torch.cuda.get_device_name() if gpu else ""
    title = "CIFAR-10 in seconds: single precision, against bfloat16 and a compiled step"
    finish("cifar10_speed", title, rows, write=asked.write and gpu, device=name, notes=notes)


if __name__ == "__main__":
    main()
