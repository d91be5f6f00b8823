"""dlbook.train.fit against a slow reference in NumPy, and its promises."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import ExponentialLR, ReduceLROnPlateau
from torch.utils._python_dispatch import TorchDispatchMode

from dlbook.train import evaluate, fit, seed


@pytest.fixture(params=["cpu", "cuda"])
def where(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here; run on a machine with an NVIDIA GPU to check this")
    return torch.device(request.param)


def _data(n: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(7)
    return torch.randn(n, 3, dtype=torch.float64, generator=g), torch.randint(4, (n,), generator=g)


def _linear() -> nn.Linear:
    torch.manual_seed(2)
    return nn.Linear(3, 4, dtype=torch.float64)


def _sgd(model: nn.Module, lr: float = 0.5) -> torch.optim.SGD:
    return torch.optim.SGD(model.parameters(), lr=lr)


def _numpy_softmax_regression(W, b, x, y, orders, B, eta, decay):
    """Train softmax regression by the printed formulas, sample by sample where that is clearer."""
    losses, accuracies = [], []
    for order in orders:
        total, right = 0.0, 0
        for start in range(0, len(order), B):
            rows = order[start : start + B]
            dW, db = np.zeros_like(W), np.zeros_like(b)
            for i in rows:
                z = W @ x[i] + b
                s = np.exp(z) / np.exp(z).sum()
                total -= np.log(s[y[i]])
                right += int(z.argmax() == y[i])
                delta = s - np.eye(len(b))[y[i]]
                dW += np.outer(delta, x[i]) / len(rows)
                db += delta / len(rows)
            W, b = W - eta * dW, b - eta * db
        losses.append(total / len(order))
        accuracies.append(right / len(order))
        eta *= decay
    return W, b, losses, accuracies


def test_fit_takes_the_steps_of_the_printed_formulas_and_reports_sample_means():
    x, y = _data()  # 10 samples in batches of 4: the last has 2
    model = _linear()
    W, b = (p.detach().numpy().copy() for p in (model.weight, model.bias))
    optimizer = _sgd(model)
    g = torch.Generator().manual_seed(0)
    history = fit(
        model,
        (x, y),
        epochs=3,
        optimizer=optimizer,
        batch_size=4,
        scheduler=ExponentialLR(optimizer, 0.5),
        generator=g,
    )
    g.manual_seed(0)
    orders = [torch.randperm(10, generator=g).tolist() for _ in range(3)]
    W, b, losses, accuracies = _numpy_softmax_regression(W, b, x.numpy(), y.numpy(), orders, 4, 0.5, 0.5)
    np.testing.assert_allclose(model.weight.detach(), W, rtol=1e-12)
    np.testing.assert_allclose(model.bias.detach(), b, rtol=1e-12)
    np.testing.assert_allclose(history.train_loss, losses, rtol=1e-12)
    assert history.train_accuracy == accuracies


def _run(n: int):
    generator = seed(n)
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 4))
    x, y = _data(50)
    history = fit(
        model,
        (x.float(), y),
        epochs=3,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.01),
        batch_size=8,
        validation=(x.float(), y),
        generator=generator,
    )
    return history, [p.detach().clone() for p in model.parameters()]


def test_the_same_seed_gives_the_same_numbers_to_the_last_bit_and_another_seed_others():
    (history, parameters), (same, same_parameters), (other, _) = _run(0), _run(0), _run(1)
    assert history == same
    assert all(p.equal(q) for p, q in zip(parameters, same_parameters, strict=True))
    assert history != other


def test_history_has_one_entry_per_epoch_and_the_validation_is_evaluates(where):
    x, y = (part.to(where) for part in _data(20))
    model = _linear().to(where)
    history = fit(model, (x, y), epochs=4, optimizer=_sgd(model), batch_size=6, validation=(x[:5], y[:5]))
    assert history.epochs == [1, 2, 3, 4]
    lists = (history.train_loss, history.train_accuracy, history.validation_loss, history.validation_accuracy)
    assert all(len(values) == 4 and all(type(v) is float for v in values) for values in lists)
    assert len(history.seconds) == 4
    assert min(history.seconds) > 0
    last = evaluate(model, x[:5], y[:5])
    assert (history.validation_loss[-1], history.validation_accuracy[-1]) == (last.loss, last.accuracy)
    assert history.train_loss[-1] < history.train_loss[0]


def test_without_validation_or_rule_their_lists_are_empty():
    x, y = _data()
    model = _linear()
    history = fit(model, (x, y), epochs=2, optimizer=_sgd(model), batch_size=5, correct=None)
    assert history.train_accuracy == history.validation_loss == history.validation_accuracy == []
    assert len(history.train_loss) == 2


def test_the_model_trains_in_training_mode_is_judged_in_evaluation_mode_and_gets_its_own_back():
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)).double().eval()
    seen = []
    model.register_forward_hook(lambda m, inputs, out: seen.append((m[1].training, out.requires_grad)))
    fit(model, _data(8), epochs=2, optimizer=_sgd(model), batch_size=4, validation=_data(8))
    assert seen == [(True, True), (True, True), (False, False)] * 2
    assert not model.training
    assert not model[1].training
    model.train()
    with pytest.raises(RuntimeError):
        fit(model, (torch.zeros(4, 2), torch.zeros(4).long()), epochs=1, optimizer=_sgd(model), batch_size=4)
    assert model.training


class _CountReads(TorchDispatchMode):
    """Counts how often a number is read from a tensor; on a GPU each such read waits for the device."""

    def __init__(self):
        super().__init__()
        self.reads = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.reads += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("correct", [True, False])
def test_nothing_is_read_from_the_device_inside_the_batch_loop(correct):
    counts = []
    for batch_size in (40, 1):  # 1 or 40 steps an epoch
        model = _linear()
        options = {} if correct else {"correct": None}
        with _CountReads() as counter:
            fit(model, _data(40), epochs=2, optimizer=_sgd(model), batch_size=batch_size, **options)
        counts.append(counter.reads)
    assert counts == [4, 4] if correct else [2, 2]


@pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device here; run with an NVIDIA GPU to check this"
)
def test_on_a_gpu_the_batch_loop_waits_for_nothing():
    x, y = (part.cuda() for part in _data(40))
    model = _linear().cuda()
    batches_seen = []

    def loss(scores, targets):
        batches_seen.append(len(targets))
        torch.cuda.set_sync_debug_mode("error")  # from the first batch on
        return nn.functional.cross_entropy(scores, targets)

    try:
        # The one read at the end of the epoch waits, and is the first to do so.
        with pytest.raises(RuntimeError, match="synchronizing"):
            fit(model, (x, y), epochs=1, optimizer=_sgd(model), batch_size=4, loss=loss)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert batches_seen == [4] * 10


def test_a_run_that_diverges_is_reported_as_it_is():
    x = torch.full((4, 1), 1e6)
    model = nn.Linear(1, 1)
    history = fit(
        model,
        (x, x),
        epochs=6,
        optimizer=_sgd(model, 1e6),
        batch_size=4,
        loss=nn.functional.mse_loss,
        correct=None,
    )
    assert not np.isfinite(history.train_loss[-1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs is 0; expected 1 or more"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"optimizer": _sgd(nn.Linear(1, 1))}, "none of the model's parameters"),
        ({"data": (torch.zeros(4, 3, device="meta"), torch.zeros(4, device="meta"))}, "data on meta"),
        ({"validation": (torch.zeros(0, 3), torch.zeros(0).long())}, "no sample"),
        ({"validation": (torch.zeros(4, 3, device="meta"),) * 2}, r"fit \(validation\).*data on meta"),
        ({"scheduler": ReduceLROnPlateau(_sgd(nn.Linear(1, 1)))}, "ReduceLROnPlateau"),
    ],
)
def test_bad_settings_are_refused_before_the_model_is_touched(change, message):
    model = _linear()
    before = copy.deepcopy(model.state_dict())
    settings = {"data": _data(), "epochs": 1, "optimizer": _sgd(model), "batch_size": 5} | change
    with pytest.raises(ValueError, match=message):
        fit(model, settings.pop("data"), **settings)
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
