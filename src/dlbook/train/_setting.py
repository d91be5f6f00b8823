"""How much to compute, on which device, from which random numbers."""

import operator
import os
import random
from typing import SupportsIndex, TypeVar

import numpy as np
import torch

T = TypeVar("T")


def budget(*, smoke: T, cpu: T, gpu: T) -> T:
    r"""Choose the size of an experiment: a quick test, a laptop, or a GPU.

    One source serves three budgets. The environment variable ``DLBOOK_BUDGET`` names the one in force;
    without it the budget is ``cpu``, which is what the published pages show.

    Parameters
    ----------
    smoke
        Value for tests: the chapter runs in seconds and its results mean little.
    cpu
        Value for two CPU cores: the chapter runs in at most 60 s.
    gpu
        Value for one GPU: the chapter runs there in at most 60 s.

    Returns
    -------
    T
        The value that belongs to the budget in force, as it was given.

    Raises
    ------
    ValueError
        If ``DLBOOK_BUDGET`` names no budget.

    Examples
    --------
    >>> budget(smoke=1, cpu=5, gpu=40)
    5
    """
    values = {"smoke": smoke, "cpu": cpu, "gpu": gpu}
    name = os.environ.get("DLBOOK_BUDGET") or "cpu"
    if name not in values:
        raise ValueError(
            f"DLBOOK_BUDGET is {name!r}; expected 'smoke', 'cpu' or 'gpu'. "
            "Set it to one of these, or unset it to get 'cpu'."
        )
    return values[name]


def device(prefer: str | torch.device | None = None) -> torch.device:
    r"""Choose the device to compute on.

    Parameters
    ----------
    prefer
        The device you want, for example ``"cpu"`` or ``"cuda:1"``. Without it ``$DLBOOK_DEVICE`` decides,
        and without that the first that is there of ``cuda``, ``mps`` (Apple) and ``cpu``.

    Returns
    -------
    torch.device
        A device that is there.

    Raises
    ------
    ValueError
        If the device asked for is none that PyTorch knows, or is not in this machine.

    Examples
    --------
    >>> device("cpu")
    device(type='cpu')
    """
    wish = prefer if prefer is not None else os.environ.get("DLBOOK_DEVICE") or None
    if wish is None:
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if _count(kind)))
    source = "prefer" if prefer is not None else "DLBOOK_DEVICE"
    try:
        chosen = torch.device(wish)
    except RuntimeError:
        raise ValueError(f"{source} is {wish!r}; expected 'cpu', 'cuda', 'cuda:<number>' or 'mps'.") from None
    if (chosen.index or 0) >= _count(chosen.type):
        there = ", ".join(f"{kind} ({_count(kind)})" for kind in ("cuda", "mps", "cpu") if _count(kind))
        raise ValueError(
            f"{source} asks for {str(chosen)!r}, which is not available here. Available: {there}. "
            "Choose one of these, or leave the choice to device()."
        )
    return chosen


def _count(kind: str) -> int:
    """Count the devices of a kind in this machine."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    return int(kind == "cpu")


def seed(n: SupportsIndex, device: str | torch.device = "cpu") -> torch.Generator:
    r"""Seed everything that draws random numbers, and return a generator for your own draws.

    Python's ``random``, NumPy's global generator and PyTorch's default generators (CPU and GPU) all start
    from `n`. The generator that comes back is a separate stream, also fixed by `n`: drawing from it does
    not disturb the others, and it does not repeat the numbers that they draw. (With the very same seed it
    would: the noise on your data would then equal your initial weights.)

    Parameters
    ----------
    n
        The seed, :math:`0 \le n < 2^{32}` (the range of NumPy's).
    device
        Where the returned generator draws. `batches` takes a generator on any device: one on the CPU gives
        the same order of samples everywhere, one on the GPU shuffles there.

    Returns
    -------
    torch.Generator
        A generator on `device`.

    Raises
    ------
    ValueError
        If `n` is outside its range.

    Notes
    -----
    The same seed gives the same numbers on a CPU, with the same number of threads and the same PyTorch. On
    a GPU some operations add in an order that changes from run to run; see PyTorch's notes on randomness.

    Examples
    --------
    >>> torch.randperm(5, generator=seed(0)).equal(torch.randperm(5, generator=seed(0)))
    True
    """
    n = operator.index(n)
    if not 0 <= n < 2**32:
        raise ValueError(f"seed is {n}; expected a whole number from 0 to 2**32 - 1.")
    random.seed(n)
    np.random.seed(n)  # noqa: NPY002 - scikit-learn and others still draw from the global generator
    torch.manual_seed(n)
    # SeedSequence mixes n into a seed that has nothing to do with n itself: a second, unrelated stream.
    other = int(np.random.SeedSequence(n).generate_state(1)[0])
    return torch.Generator(device=device).manual_seed(other)
