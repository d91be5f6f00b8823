"""What is done on a device so that it computes fast; nothing on a CPU."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Placed = TypeVar("Placed", Tensor, nn.Module)
# Three: the first call compiles, the second records what the GPU is told, the third is what all others are.
WARM_UPS = 3


@dataclass(frozen=True)
class Speed:
    r"""How `fit` and `evaluate` run a model.

    Attributes
    ----------
    autocast : torch.dtype or None
        Number format for matrix products and convolutions. ``torch.bfloat16`` has the range of single
        precision and 8 bits of its 24, and a GPU multiplies it many times faster. Weights, losses and sums
        stay in the format that they have; double precision is left alone. None changes nothing.
    compile : bool
        Have PyTorch compile the model's training step, on a GPU as a recorded sequence of kernels (a CUDA
        graph) that is replayed without Python. Costs 5 to 60 seconds once, so it pays for thousands of steps.
    backend : str
        Which of PyTorch's compilers to use.

    Examples
    --------
    >>> Speed.of("cpu")
    Speed(autocast=None, compile=False, backend='inductor')
    """

    autocast: torch.dtype | None = None
    compile: bool = False
    backend: str = "inductor"

    @classmethod
    def of(cls, device: str | torch.device, *, compile: bool = False) -> "Speed":
        r"""Choose what a device is good at.

        Parameters
        ----------
        device
            Where the model lies.
        compile
            Whether the training is long enough to compile for, for example
            ``compile=budget(smoke=False, cpu=False, gpu=True)``.

        Returns
        -------
        Speed
            With bfloat16 on an NVIDIA GPU that has it; a CPU computes as it always does.
        """
        brief = torch.device(device).type == "cuda" and torch.cuda.is_bf16_supported()
        return cls(torch.bfloat16 if brief else None, compile)

    def arithmetic(self, device: torch.device) -> AbstractContextManager[Any]:
        """Open the block in which a model's scores and their loss are computed."""
        if self.autocast is None:
            return nullcontext()
        # Weights change at every step, so casts of them kept from the last one would be wrong in a graph.
        return torch.autocast(device.type, self.autocast, cache_enabled=not self.compile)

    def prepared(
        self, model: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor
    ) -> tuple[Callable[[Tensor], Tensor], float]:
        r"""Compile a model, if that is wanted, and try it on one batch; the model stays as it is.

        Parameters
        ----------
        model
            In training mode.
        loss
            As in `fit`.
        x, y
            One batch of the size that will come.

        Returns
        -------
        forward : callable
            From a batch of that size to scores; the model itself if nothing was compiled.
        seconds : float
            What the preparation took, in seconds.
        """
        if not self.compile:
            return model, 0.0
        start = perf_counter()
        rows = torch.arange(len(x), device=x.device)
        x, y = x.index_select(0, rows), y.index_select(0, rows)  # in memory as `batches` will give them
        mode = "reduce-overhead" if x.device.type == "cuda" and self.backend == "inductor" else None
        forward = torch.compile(model, backend=self.backend, mode=mode, dynamic=False)
        with _unchanged(model, x.device):
            for _ in range(WARM_UPS):
                new_step(self, x.device)
                with self.arithmetic(x.device):
                    value = loss(forward(x), y)
                value.backward()
        if x.device.type == "cuda":
            torch.cuda.synchronize(x.device)
        return forward, perf_counter() - start


def new_step(speed: Speed, device: torch.device) -> None:
    """Tell a recorded sequence of kernels that the results of the last step are no longer needed."""
    if speed.compile and device.type == "cuda":
        torch.compiler.cudagraph_mark_step_begin()


def place(thing: Placed, device: str | torch.device) -> Placed:
    r"""Put a tensor or a module onto a device, in the order of memory that it computes fastest in.

    A GPU convolves fastest if the channels of a pixel lie side by side (``torch.channels_last``); shapes,
    indices and results are the same in either order. Put data there once, before the first epoch.

    Parameters
    ----------
    thing
        A tensor of any shape; one of four dimensions is taken for images ``(n, channels, height, width)``.
        A module is changed in place.
    device
        Where it is to lie; see `device`.

    Returns
    -------
    Tensor or Module
        The tensor there (the same one, if nothing had to be done), or the module.

    Examples
    --------
    >>> place(torch.zeros(2, 3, 4, 4), "cpu").shape
    torch.Size([2, 3, 4, 4])
    """
    target = torch.device(device)
    # Measured on CPUs with LeNet: the same speed within a few per cent, so their order stays as it is.
    if target.type != "cuda" or (isinstance(thing, Tensor) and thing.ndim != 4):
        return thing.to(target)
    # Through Any: to() has overloads for modules and for tensors, but none for either.
    anything: Any = thing
    return anything.to(target, memory_format=torch.channels_last)


@contextmanager
def _unchanged(model: nn.Module, device: torch.device) -> Iterator[None]:
    """Give a model its buffers and missing gradients back, and every random generator its state."""
    before = [(buffer, buffer.clone()) for buffer in model.buffers()]
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        yield
    with torch.no_grad():
        for buffer, value in before:
            buffer.copy_(value)
    model.zero_grad()
