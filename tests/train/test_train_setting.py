"""dlbook.train: budget, device, seed."""

import random

import numpy as np
import pytest
import torch

from dlbook.train import budget, device, seed


@pytest.mark.parametrize(("name", "expected"), [("smoke", 1), ("cpu", "five"), ("gpu", [40])])
def test_budget_returns_the_value_of_the_budget_in_force(monkeypatch, name, expected):
    monkeypatch.setenv("DLBOOK_BUDGET", name)
    assert budget(smoke=1, cpu="five", gpu=[40]) == expected


@pytest.mark.parametrize("value", [None, ""])
def test_budget_is_cpu_unless_said_otherwise(monkeypatch, value):
    if value is None:
        monkeypatch.delenv("DLBOOK_BUDGET", raising=False)
    else:
        monkeypatch.setenv("DLBOOK_BUDGET", value)
    assert budget(smoke=1, cpu=5, gpu=40) == 5


@pytest.mark.parametrize("name", ["CPU", "fast", " gpu"])
def test_an_unknown_budget_is_refused_with_the_known_ones(monkeypatch, name):
    monkeypatch.setenv("DLBOOK_BUDGET", name)
    with pytest.raises(ValueError, match=r"'smoke', 'cpu' or 'gpu'"):
        budget(smoke=1, cpu=5, gpu=40)


def _machine(monkeypatch, *, cuda: int, mps: bool) -> None:
    """Pretend to sit at another machine."""
    monkeypatch.delenv("DLBOOK_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(2, True, "cuda"), (1, False, "cuda"), (0, True, "mps"), (0, False, "cpu")],
)
def test_device_takes_the_fastest_that_is_there(monkeypatch, cuda, mps, expected):
    _machine(monkeypatch, cuda=cuda, mps=mps)
    assert device() == torch.device(expected)


def test_the_environment_overrides_the_choice_and_the_argument_overrides_both(monkeypatch):
    _machine(monkeypatch, cuda=2, mps=False)
    monkeypatch.setenv("DLBOOK_DEVICE", "cuda:1")
    assert device() == torch.device("cuda:1")
    assert device("cpu") == torch.device("cpu")
    assert device(torch.device("cuda:0")) == torch.device("cuda:0")


@pytest.mark.parametrize("wish", ["cuda", "cuda:0", "mps", "xpu"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(monkeypatch, wish):
    _machine(monkeypatch, cuda=0, mps=False)
    with pytest.raises(ValueError, match=r"prefer asks for .* not available here. Available: cpu \(1\)"):
        device(wish)
    monkeypatch.setenv("DLBOOK_DEVICE", wish)
    with pytest.raises(ValueError, match="DLBOOK_DEVICE asks for"):
        device()


def test_a_device_number_beyond_the_last_is_refused(monkeypatch):
    _machine(monkeypatch, cuda=2, mps=False)
    with pytest.raises(ValueError, match=r"'cuda:2'.*cuda \(2\), cpu \(1\)"):
        device("cuda:2")


def test_a_word_that_is_no_device_is_refused_in_our_words():
    with pytest.raises(ValueError, match="expected 'cpu', 'cuda'"):
        device("gpu")


def _draws(n: int) -> list[float]:
    """Draw from every global generator after seeding, and from the one returned."""
    generator = seed(n)
    return [
        random.random(),
        np.random.rand(),  # noqa: NPY002 - the global generator is what is tested
        torch.rand(()).item(),
        torch.rand((), generator=generator).item(),
    ]


def test_seed_fixes_python_numpy_torch_and_the_returned_generator():
    first, again, other = _draws(3), _draws(3), _draws(4)
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_the_returned_generator_does_not_repeat_the_global_stream():
    generator = seed(0)
    assert not torch.rand(8).equal(torch.rand(8, generator=generator))


def test_drawing_from_the_returned_generator_leaves_the_global_stream_alone():
    seed(0)
    expected = torch.rand(8)
    torch.rand(100, generator=seed(0))
    assert torch.rand(8).equal(expected)


def test_seed_leaves_the_global_stream_as_manual_seed_does():
    seed(5)
    ours = torch.rand(8)
    torch.manual_seed(5)
    assert ours.equal(torch.rand(8))


@pytest.mark.parametrize("n", [-1, 2**32])
def test_a_seed_out_of_range_is_refused_before_anything_is_seeded(n):
    torch.manual_seed(1)
    state = torch.get_rng_state()
    with pytest.raises(ValueError, match=r"from 0 to 2\*\*32 - 1"):
        seed(n)
    assert torch.get_rng_state().equal(state)


def test_a_numpy_integer_is_a_seed():
    assert seed(np.int64(7)).initial_seed() == seed(7).initial_seed()
