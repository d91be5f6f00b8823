"""The training loop that chapters share."""

from dataclasses import dataclass, field
from time import perf_counter

import torch
from jaxtyping import Shaped
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from dlbook.train._batches import batches
from dlbook.train._measure import Rule, Tally, check_device, evaluate, mode, top1
from dlbook.train._progress import progress_bar
from dlbook.train._speed import Speed, new_step


@dataclass
class History:
    r"""What `fit` measured, one entry per epoch in every list, ready to plot.

    Two histories are equal if their results are; the seconds do not count.

    Attributes
    ----------
    train_loss, train_accuracy : list of float
        Averages over the samples of the epoch, each taken before the step that its batch led to: the model
        changes while they are measured, so they lag behind `validation_loss`.
    validation_loss, validation_accuracy : list of float
        Averages over the validation set after the epoch; empty without one.
    seconds : list of float
        Time for the epoch's training in seconds, validation excluded.
    compile_seconds : float
        Time for compiling the step, before the first epoch; 0 if it was not compiled.

    Notes
    -----
    The accuracies are empty if `fit` was called with ``correct=None``.
    """

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list, compare=False)
    compile_seconds: float = field(default=0.0, compare=False)

    @property
    def epochs(self) -> list[int]:
        """The epochs 1, 2, ..., for the horizontal axis."""
        return list(range(1, len(self.train_loss) + 1))


def fit(
    model: nn.Module,
    data: tuple[Shaped[Tensor, "n ..."], Shaped[Tensor, "n ..."]],
    *,
    epochs: int,
    optimizer: Optimizer,
    batch_size: int,
    loss: Rule = nn.functional.cross_entropy,
    correct: Rule | None = top1,
    validation: tuple[Shaped[Tensor, "m ..."], Shaped[Tensor, "m ..."]] | None = None,
    scheduler: LRScheduler | None = None,
    generator: torch.Generator | None = None,
    progress: bool | None = None,
    speed: Speed | None = None,
) -> History:
    r"""Train a model by mini-batch gradient descent and return what was measured on the way.

    Parameters
    ----------
    model
        The module to train, changed in place. It is in training mode while it trains and in the end back in
        the mode that it came in.
    data
        Inputs ``(n, ...)`` and targets ``(n, ...)``, on the model's device.
    epochs
        Number of runs through the data.
    optimizer
        A PyTorch optimizer over the model's parameters.
    batch_size
        Samples per step.
    loss, correct
        As in `evaluate`.
    validation
        Inputs ``(m, ...)`` and targets ``(m, ...)`` to evaluate on after every epoch.
    scheduler
        A learning-rate schedule, advanced once per epoch.
    generator
        Source of the order of samples, see `batches`.
    progress
        Whether to show a progress bar; None decides by where the code runs, see `progress_bar`.
    speed
        How to compute, see `Speed`; None takes what suits the data's device, which on a CPU is nothing
        special.

    Returns
    -------
    History
        Losses, accuracies and seconds per epoch. A loss that diverges is reported as it is, inf or nan.

    Raises
    ------
    ValueError
        If `epochs` or `batch_size` is below 1, if the data do not fit together or lie on another device, if
        the optimizer holds none of the model's parameters, or if the schedule needs a measured value.

    Examples
    --------
    >>> x = torch.tensor([[-2.0], [-1.0], [1.0], [2.0]])
    >>> model = nn.Linear(1, 2)
    >>> sgd = torch.optim.SGD(model.parameters(), lr=1.0)
    >>> history = fit(model, (x, (x[:, 0] > 0).long()), epochs=50, optimizer=sgd, batch_size=2)
    >>> history.train_accuracy[-1]
    1.0
    """
    x, y = data
    _check_fit(model, epochs, optimizer, scheduler)
    check_device(model, x, "fit")
    rounds = batches(x, y, batch_size=batch_size, generator=generator)
    if validation is not None:
        check_device(model, validation[0], "fit (validation)")
        batches(*validation, batch_size=batch_size)  # bad validation data is refused now, not after an epoch
    speed = Speed.of(x.device) if speed is None else speed
    history = History()
    bar = progress_bar(total=epochs * len(rounds), title="fit", show=progress)
    with bar, mode(model, training=True):
        forward, history.compile_seconds = speed.prepared(model, loss, x[:batch_size], y[:batch_size])
        for _ in range(epochs):
            start = perf_counter()
            tally = Tally(x.device)
            for xb, yb in rounds:
                new_step(speed, x.device)
                with speed.arithmetic(x.device):
                    # A smaller last batch is not worth compiling for a second time.
                    scores = forward(xb) if len(xb) == batch_size else model(xb)
                    value = loss(scores, yb)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                hits = None if correct is None else correct(scores.detach(), yb)
                tally.add(value.detach(), hits, len(xb))
                bar.update()
            train = tally.result()
            history.seconds.append(perf_counter() - start)
            if scheduler is not None:
                scheduler.step()
            history.train_loss.append(train.loss)
            if train.accuracy is not None:
                history.train_accuracy.append(train.accuracy)
            if validation is not None:
                held_out = evaluate(model, *validation, loss=loss, correct=correct, speed=speed)
                history.validation_loss.append(held_out.loss)
                if held_out.accuracy is not None:
                    history.validation_accuracy.append(held_out.accuracy)
            bar.set_postfix(loss=train.loss)
    return history


def _check_fit(model: nn.Module, epochs: int, optimizer: Optimizer, scheduler: LRScheduler | None) -> None:
    """Refuse settings of fit that cannot work."""
    if epochs < 1:
        raise ValueError(f"fit: epochs is {epochs}; expected 1 or more.")
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    if not any(id(parameter) in held for parameter in model.parameters()):
        raise ValueError(
            "fit: the optimizer holds none of the model's parameters, so nothing would be learned. "
            "Make it after the model: optimizer = torch.optim.SGD(model.parameters(), lr=...)."
        )
    if isinstance(scheduler, ReduceLROnPlateau):
        raise ValueError(
            "fit: ReduceLROnPlateau needs a measured value at every step, which fit does not pass on. "
            "Use a schedule that depends on the epoch alone, for example CosineAnnealingLR."
        )
