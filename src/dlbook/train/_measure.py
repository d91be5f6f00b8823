"""Measuring a model: averages over samples, never averages of averages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from dlbook.train._batches import batches
from dlbook.train._speed import Speed

Rule = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Evaluation:
    r"""Result of `evaluate`: averages over all samples.

    Attributes
    ----------
    loss : float
        Mean loss per sample.
    accuracy : float or None
        Share of samples that are right, between 0 and 1; None if there was no rule to tell.
    n : int
        Number of samples.
    """

    loss: float
    accuracy: float | None
    n: int


def top1(scores: Shaped[Tensor, "..."], y: Shaped[Tensor, "..."]) -> Shaped[Tensor, " n"]:
    r"""Tell for each sample whether the class with the highest score is the right one.

    Parameters
    ----------
    scores
        Scores or probabilities, ``(n, classes)``; ``(n, classes, ...)`` for one label per position.
    y
        Class numbers, ``(n,)`` or ``(n, ...)``.

    Returns
    -------
    Tensor
        ``(n,)``: 1.0 for right and 0.0 for wrong; with several labels per sample the share that is right.

    Raises
    ------
    ValueError
        If the shapes do not fit or `y` holds no whole numbers.

    Examples
    --------
    >>> top1(torch.tensor([[0.1, 0.9], [0.8, 0.2]]), torch.tensor([1, 1]))
    tensor([1., 0.])
    """
    if scores.ndim < 2 or y.is_floating_point() or scores.shape[:1] + scores.shape[2:] != y.shape:
        raise ValueError(
            f"top1: scores are {tuple(scores.shape)} and y is {tuple(y.shape)} of {y.dtype}; expected scores "
            "(n, classes) and class numbers (n,). For another kind of target pass your own rule as "
            "correct=..., or correct=None to measure the loss alone."
        )
    hits = (scores.argmax(1) == y).float()  # (n, ...)
    return hits.reshape(len(y), -1).mean(1)  # (n,)


def evaluate(
    model: Callable[[Tensor], Tensor],
    x: Shaped[Tensor, "n ..."],
    y: Shaped[Tensor, "n ..."],
    *,
    loss: Rule = nn.functional.cross_entropy,
    correct: Rule | None = top1,
    batch_size: int = 1024,
    speed: Speed | None = None,
) -> Evaluation:
    r"""Measure a model on a data set.

    .. math:: \text{loss} = \frac1n \sum_{i=1}^{n} \ell_i, \qquad
              \text{accuracy} = \frac1n \sum_{i=1}^{n} [\hat y_i = y_i]

    The sums run over samples, in batches only to save memory. A mean of batch means would give the samples
    of a small last batch too much weight.

    Parameters
    ----------
    model
        A module or any function from a batch to scores. A module is set to evaluation mode and afterwards
        back, each of its parts to the mode it had; nothing is recorded for gradients.
    x, y
        Inputs ``(n, ...)`` and targets ``(n, ...)``, on the model's device.
    loss
        Function of (scores, targets) that returns the mean over the samples of a batch.
    correct
        Function of (scores, targets) that returns one number from 0 to 1 per sample; None for no accuracy.
    batch_size
        Samples at a time.
    speed
        How to compute, as in `fit`. The model is not compiled for this.

    Returns
    -------
    Evaluation
        ``loss``, ``accuracy`` and ``n``.

    Raises
    ------
    ValueError
        If the data are empty, of unequal lengths or on another device than the model, or if `loss` or
        `correct` return something of another shape.

    Examples
    --------
    >>> evaluate(lambda x: x, torch.eye(3), torch.tensor([0, 1, 0])).accuracy
    0.6666666666666666
    """
    check_device(model, x, "evaluate")
    rounds = batches(x, y, batch_size=batch_size, shuffle=False)
    speed = Speed.of(x.device) if speed is None else speed
    tally = Tally(x.device)
    with mode(model, training=False), torch.inference_mode():
        for xb, yb in rounds:
            with speed.arithmetic(x.device):
                scores = model(xb)
                value = loss(scores, yb)
            tally.add(value, None if correct is None else correct(scores, yb), len(xb))
    return tally.result()


class Tally:
    """Sums over samples, kept on the device: reading them there would stop it once per batch."""

    def __init__(self, device: torch.device) -> None:
        # Double precision keeps a sum of many small terms exact enough; Apple's GPUs have none.
        precise = torch.float32 if device.type == "mps" else torch.float64
        self.loss = torch.zeros((), dtype=precise, device=device)
        self.hits: Tensor | None = None
        self.n = 0

    def add(self, loss: Tensor, hits: Tensor | None, n: int) -> None:
        """Add a batch of n samples with its mean loss and, per sample, how right it is."""
        if loss.ndim != 0:
            raise ValueError(
                f"loss returned shape {tuple(loss.shape)}; expected the mean over the batch as one number, "
                "for example with reduction='mean'."
            )
        self.loss += loss.to(self.loss.dtype) * n
        if hits is not None:
            if hits.shape != (n,):
                raise ValueError(
                    f"correct returned shape {tuple(hits.shape)}; expected one number per sample, ({n},)."
                )
            total = hits.sum(dtype=self.loss.dtype)
            self.hits = total if self.hits is None else self.hits + total
        self.n += n

    def result(self) -> Evaluation:
        """Divide by the number of samples; the one moment at which the device is waited for."""
        accuracy = None if self.hits is None else self.hits.item() / self.n
        return Evaluation(self.loss.item() / self.n, accuracy, self.n)


@contextmanager
def mode(model: object, *, training: bool) -> Iterator[None]:
    """Set a module to training or evaluation mode, and every part of it back afterwards."""
    before = {part: part.training for part in model.modules()} if isinstance(model, nn.Module) else {}
    try:
        if isinstance(model, nn.Module):
            model.train(training)
        yield
    finally:
        # One by one: a part that was frozen in evaluation mode must not wake up.
        for part, was in before.items():
            part.training = was


def check_device(model: object, x: Tensor, caller: str) -> None:
    """Refuse data that lie on another device than the model."""
    parameter = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    if parameter is not None and parameter.device != x.device:
        raise ValueError(
            f"{caller}: the model is on {parameter.device} and the data on {x.device}; "
            f"move the data with x.to('{parameter.device}')."
        )
