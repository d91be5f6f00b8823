"""dlbook.train.evaluate and top1 against scikit-learn, and their promises about the model's mode."""

import jaxtyping
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss, mean_squared_error
from torch import nn

from dlbook.train import evaluate, top1


@pytest.fixture
def unchecked():
    """Switch the shape checks of the tests off: readers run without them and see our own messages."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@settings(deadline=None)  # a promise about values; a busy machine takes its time
@given(n=st.integers(1, 30), batch_size=st.integers(1, 32), seed=st.integers(0, 5))
def test_loss_and_accuracy_are_scikit_learns_for_every_batch_size(n, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 3, dtype=torch.float64, generator=g)
    y = torch.randint(3, (n,), generator=g)
    result = evaluate(lambda x: x, x, y, batch_size=batch_size)
    assert result.loss == pytest.approx(log_loss(y, x.softmax(1), labels=[0, 1, 2]), rel=1e-9)
    assert result.accuracy == pytest.approx(accuracy_score(y, x.argmax(1)), rel=1e-12)
    assert result.n == n


def test_a_small_last_batch_gets_no_extra_weight():
    # 32 right and 16 wrong in batches of 32: two thirds, where the mean of batch means says one half.
    x = torch.cat([torch.tensor([[0.0, 9.0]]).repeat(32, 1), torch.tensor([[9.0, 0.0]]).repeat(16, 1)])
    result = evaluate(lambda x: x, x, torch.ones(48, dtype=torch.long), batch_size=32)
    assert result.accuracy == 2 / 3
    assert result.loss == pytest.approx(9 / 3, rel=1e-3)


def test_a_regression_needs_no_accuracy():
    x = torch.randn(10, 1, generator=torch.Generator().manual_seed(0))
    y = x.roll(1, 0)
    result = evaluate(lambda x: x, x, y, loss=nn.functional.mse_loss, correct=None, batch_size=4)
    assert result.loss == pytest.approx(mean_squared_error(y, x), rel=1e-6)
    assert result.accuracy is None


def test_half_a_million_samples_lose_no_precision():
    # 64 equal numbers of 11 bits have an exact mean; their total in single precision has not enough bits.
    x = torch.full((2**19, 1), 1365 / 4096)
    result = evaluate(lambda x: x, x, x, loss=lambda s, y: s.mean(), correct=None, batch_size=64)
    assert result.loss == 1365 / 4096


def _model() -> nn.Sequential:
    """Make a net with a frozen part, which stays in evaluation mode while the rest trains."""
    model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    model.train()
    model[1].eval()
    return model


X, Y = torch.randn(6, 2, generator=torch.Generator().manual_seed(1)), torch.tensor([0, 1, 0, 1, 1, 0])


def test_evaluation_runs_in_evaluation_mode_and_without_gradients():
    model, seen = _model(), []
    model.register_forward_hook(lambda m, i, out: seen.append((m[2].training, out.requires_grad)))
    first, again = evaluate(model, X, Y, batch_size=4), evaluate(model, X, Y, batch_size=4)
    assert first == again  # dropout would make them differ
    assert set(seen) == {(False, False)}


def test_evaluation_leaves_the_model_as_it_was():
    model = _model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluate(model, X, Y)
    assert [part.training for part in model] == [True, False, True, True]
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


def test_the_mode_comes_back_after_an_error_too():
    model = _model()
    with pytest.raises(RuntimeError, match="boom"):
        evaluate(model, X, Y, loss=lambda s, y: (_ for _ in ()).throw(RuntimeError("boom")))
    assert [part.training for part in model] == [True, False, True, True]


@pytest.mark.usefixtures("unchecked")
def test_unequal_lengths_are_refused_in_our_words():
    with pytest.raises(ValueError, match=r"\(6, 2\), \(5,\).*must be equal"):
        evaluate(_model(), X, Y[:5])


def test_no_data_and_data_on_another_device_are_refused():
    with pytest.raises(ValueError, match="no sample"):
        evaluate(_model(), X[:0], Y[:0])
    with pytest.raises(ValueError, match="model is on cpu and the data on meta"):
        evaluate(_model(), X.to("meta"), Y.to("meta"))


def test_a_loss_per_sample_is_refused():
    with pytest.raises(ValueError, match="reduction='mean'"):
        evaluate(_model(), X, Y, loss=nn.CrossEntropyLoss(reduction="none"))


def test_a_rule_that_does_not_answer_per_sample_is_refused():
    with pytest.raises(ValueError, match=r"one number per sample, \(6,\)"):
        evaluate(_model(), X, Y, correct=lambda s, y: top1(s, y).mean())


def test_top1_counts_per_position_where_there_is_a_label_per_position():
    scores = torch.tensor([[[9.0, 0.0], [0.0, 9.0]]])  # (1, classes, positions): classes 0, 1
    assert top1(scores, torch.tensor([[0, 0]])).tolist() == [0.5]


@pytest.mark.parametrize(
    ("scores", "y"),
    [
        (torch.zeros(4), torch.zeros(4, dtype=torch.long)),
        (torch.zeros(4, 3), torch.zeros(4)),
        (torch.zeros(4, 3), torch.zeros(4, 1, dtype=torch.long)),
        (torch.zeros(4, 3, 2), torch.zeros(4, dtype=torch.long)),
    ],
)
def test_top1_refuses_what_would_broadcast_into_nonsense(scores, y):
    with pytest.raises(ValueError, match=r"correct=None"):
        top1(scores, y)
