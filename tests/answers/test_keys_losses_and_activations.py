"""The keys of the chapter on losses and activations against oracles that know nothing of them.

Formulas are read by the few lines of the test for the first chapter, not by the book's own reader, and
compared with autograd in double precision, with mpmath, with enumeration, or with networks that are built.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import pytest
import torch
from scipy.optimize import minimize_scalar
from sklearn.datasets import load_digits
from test_keys_backpropagation import compare, evaluate, made, member, slope_of, tensor, texts
from torch import nn
from torch.nn import functional as F

from dlbook.answers import keys
from dlbook.answers.marking import mark

FILE = Path(__file__).parents[2] / "book" / "foundations" / "losses-and-activations.answers.toml"
TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]
Check = Callable[[dict[str, Any]], None]
ORACLES: dict[str, Check] = {}


def oracle(name: str) -> Callable[[Check], Check]:
    """Register a check for a key."""

    def register(check: Check) -> Check:
        assert name not in ORACLES
        ORACLES[name] = check
        return check

    return register


def formula(name: str) -> Callable[[Callable], Callable]:
    """Register a sampler: it gives values of all symbols, and what the right answer is there."""

    def register(sample: Callable) -> Callable:
        oracle(name)(lambda table: compare(table, sample))
        return sample

    return register


def number(name: str, find: Callable[[], Any]) -> None:
    """Register the value that a number should have, up to the tolerance of its key."""

    def check(table: dict[str, Any]) -> None:
        expected = float(find())
        near = 0.0 if table.get("integer") else table.get("absolute") or 0.5 * 10.0 ** _last(table, expected)
        assert abs(float(evaluate(str(table["answer"]), {})) - expected) <= 0.1 * near
        for mistake in table["mistakes"]:
            ends = mistake.get("between") or [evaluate(str(mistake["answer"]), {})] * 2
            assert float(ends[0]) > expected + near or float(ends[1]) < expected - near, mistake

    oracle(name)(check)


def _last(table: dict[str, Any], value: float) -> int:
    """Give the power of ten of the last digit that counts."""
    return math.floor(math.log10(abs(value))) - table.get("digits", 3) + 1


@pytest.mark.parametrize("name", TABLES)
def test_an_answer_is_what_its_oracle_finds_and_no_mistake_is(name):
    ORACLES[name](TABLES[name])


def test_every_key_has_an_oracle():
    assert set(TABLES) == set(ORACLES)


def test_every_key_models_two_mistakes_or_more():
    assert all(len(table["mistakes"]) >= 2 or table["kind"] == "true-false" for table in TABLES.values())
    options = [len(table["reasons"]) for table in TABLES.values() if table["kind"] == "true-false"]
    assert min(options) >= 3  # the two wrong reasons of a statement have words of their own


@pytest.mark.parametrize("name", [n for n, t in TABLES.items() if t["kind"] == "number" and n != "absolute"])
def test_a_number_is_marked_right_as_a_calculator_shows_it_and_wrong_when_it_is_off(name):
    key, value = keys.find(f"losses/{name}"), evaluate(str(TABLES[name]["answer"]), {})
    digits = 7 if not TABLES[name].get("integer") else 12
    assert mark(key, f"{value:.{digits}g}").right
    assert not mark(key, f"{1.1 * value:.{digits}g}").right


# ---------------------------------------------------------------- slopes of losses, by autograd


def by_logit(loss: Callable[[torch.Tensor], torch.Tensor], z: float) -> float:
    """Differentiate a loss of one logit."""
    return float(torch.func.grad(loss)(tensor(z)))


def cross_entropy(y: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Give PyTorch's loss for a label."""
    return lambda z: F.binary_cross_entropy_with_logits(z, tensor(y))


def squared_error(y: float) -> Callable[[torch.Tensor], torch.Tensor]:
    """Give the squared error of the probability for a label."""
    return lambda z: F.mse_loss(torch.sigmoid(z), tensor(y))


number("hand-ce", lambda: by_logit(cross_entropy(0), math.log(3)))
number("hand-sq", lambda: by_logit(squared_error(0), math.log(3)))


def escape(loss: Callable, start: float) -> mpmath.mpf:
    """Integrate one over the speed that autograd finds, from a negative logit to zero."""
    return mpmath.quad(lambda z: -1 / by_logit(loss, float(z)), [start, start / 2, 0])


number("escape-time", lambda: escape(squared_error(1), -5.0))
number("escape-factor", lambda: escape(squared_error(1), -16.0) / escape(squared_error(1), -15.0))


def mean_costs(p: list[float]) -> tuple[float, float]:
    """Give the mean squared error and the mean cross-entropy of probabilities of the right class."""
    probabilities = tensor(p)
    ones = torch.ones_like(probabilities)
    return float(F.mse_loss(probabilities, ones)), float(F.binary_cross_entropy(probabilities, ones))


@oracle("pair")
def _(table):
    found = []
    for letter, option in zip("abc", table["options"], strict=True):
        one, other = (
            [float(v) for v in part.split(",")] for part in re.findall(r"\(([^)]*)\)", option["text"])
        )
        (square_1, log_1), (square_2, log_2) = mean_costs(one), mean_costs(other)
        parted = (square_1 < square_2) != (log_1 < log_2)
        assert parted == option.get("right", False)
        found += [letter] * parted
    assert found == ["b"]
    assert {mistake["answer"] for mistake in table["mistakes"]} == {"a", "c"}


number("mislabelled", lambda: mean_costs([0.001])[1])


@oracle("outliers")
def _(table):
    costs = [mean_costs([10.0**-k]) for k in range(1, 12)]
    assert max(square for square, _ in costs) < 1
    assert [b - a for (_, a), (_, b) in itertools.pairwise(costs)] == pytest.approx([math.log(10)] * 10)
    assert table["answer"] is False


@oracle("equal-cost")
def _(table):
    assert mean_costs([0.01])[1] > 5 * mean_costs([0.49])[1]
    assert table["answer"] is False


def mean_loss(loss: Callable, p: float, q: float = 0.25) -> float:
    """Take the mean of a loss of an answer over the two labels."""
    answer = tensor(p)
    return q * float(loss(answer, tensor(1))) + (1 - q) * float(loss(answer, tensor(0)))


def least(loss: Callable) -> float:
    """Search the least mean loss among all answers."""
    return minimize_scalar(lambda p: mean_loss(loss, p), bounds=(1e-9, 1 - 1e-9), method="bounded").fun


number("floor-ce", lambda: least(F.binary_cross_entropy))
number("floor-sq", lambda: least(F.mse_loss))
number("absolute", lambda: min((k / 100 for k in range(101)), key=lambda p: mean_loss(F.l1_loss, p)))


# ---------------------------------------------------------------- softmax


@formula("soft-labels")
def _(generator):
    z, y = torch.randn(4, generator=generator).double(), torch.rand(4, generator=generator).double()
    slope = torch.func.grad(lambda z: -(y * z.log_softmax(0)).sum())(z)
    return {"s": z.softmax(0)[2], "y": y[2], "S": y.sum()}, slope[2]


def softmax_jacobian(z: torch.Tensor) -> torch.Tensor:
    """Let autograd find the Jacobian of a softmax."""
    return torch.func.jacrev(lambda z: z.softmax(0))(z)


SHARES = tensor([1 / 2, 1 / 3, 1 / 6])
formula("jacobian")(lambda generator: ({}, softmax_jacobian(SHARES.log())))


@formula("off-diagonal")
def _(generator):
    z = torch.randn(4, generator=generator).double()
    s = z.softmax(0)
    return {"s1": s[0], "s2": s[1]}, softmax_jacobian(z)[0, 1]


# ---------------------------------------------------------------- floating point


@oracle("bce")
def _(table):
    namespace: dict[str, Any] = {}
    exec(table["inputs"], namespace)
    with mpmath.workdps(60):
        exact = [
            -mpmath.log(1 / (1 + mpmath.exp(-z if y else z))) if abs(z) < 100 else max(z, 0) - y * z
            for z, y in ((mpmath.mpf(case[0]), case[1]) for case in namespace["inputs"])
        ]

    def misses(source: str) -> int:
        function, count = made(source, table["function"]), 0
        for (z, y), right in zip(namespace["inputs"], exact, strict=True):
            count += not math.isclose(function(z, y), float(right), rel_tol=1e-9, abs_tol=1e-30)
        return count

    assert misses(table["answer"]) == 0
    for source in [table["starter"], *(mistake["answer"] for mistake in table["mistakes"])]:
        assert misses(source) > 0, source


number("log-sum-exp", lambda: mpmath.log(2 * mpmath.exp(1000) + 1))


# ---------------------------------------------------------------- activations


@formula("tanh-slope")
def _(generator):
    x = torch.randn((), generator=generator).double()
    return {"s": 1 / (1 + torch.exp(-2 * x))}, torch.func.grad(torch.tanh)(x)


def check_set(table: dict[str, Any], inside: Callable[[float], bool], grid: list[float]) -> None:
    """Hold a set and its mistakes against a test of single numbers."""
    name = table["variable"]
    for text in texts(table):
        text = text.replace("inf", "1e999")
        assert [member(text, v, name) for v in grid] == [inside(v) for v in grid], text
    for mistake in table["mistakes"]:
        text = mistake["answer"].replace("inf", "1e999")
        assert any(member(text, v, name) != inside(v) for v in grid), mistake


@oracle("tanh-range")
def _(table):
    with mpmath.workdps(1000):
        low, high = (mpmath.diff(mpmath.tanh, x) for x in (400, 0))  # the slope falls on the way
        assert 0 < low < 1e-300

        def inside(m: float) -> bool:
            return bool(low <= m <= high)

        check_set(table, inside, [k / 8 for k in range(-12, 17)] + [1e-9, -1e-9, 1 + 1e-9, 1 - 1e-9])


def weight_gradients(w: float, b: float) -> torch.Tensor:
    """Give the slopes by the weight of a ReLU unit, one for each input from 0 to 1."""
    x = torch.linspace(0, 1, 257, dtype=torch.float64)
    return torch.func.vmap(torch.func.grad(lambda w, x: torch.relu(w * x + b)), (None, 0))(tensor(w), x)


@oracle("dead")
def _(table):
    grid = [k / 8 for k in range(-40, 25)] + [-2 + 1e-9, -2 - 1e-9, 1e-9, -1e-9]
    check_set(table, lambda b: bool((weight_gradients(2.0, b) == 0).all()), grid)


@oracle("negative-weight")
def _(table):
    assert (weight_gradients(-1.0, 5.0)[1:] != 0).all()
    assert table["answer"] is False


@oracle("relu-linear")
def _(table):
    slopes = [by_logit(torch.relu, a) for a in (0.5, 1.0, 2.0, 10.0)]
    assert slopes == [1.0] * 4
    assert table["answer"] is False


def one_epoch(phi: type[nn.Module]) -> tuple[float, list[float]]:
    """Train a smaller cousin of the two networks on scikit-learn's digits."""
    digits = load_digits()
    X, y = torch.tensor(digits.data).float() / 8 - 1, torch.tensor(digits.target)
    torch.manual_seed(66)
    net = nn.Sequential(
        nn.Linear(64, 128), phi(), nn.Linear(128, 256), phi(), nn.Linear(256, 128), phi(), nn.Linear(128, 10)
    )
    optimizer, sizes = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.5), []
    for part in torch.randperm(len(X), generator=torch.Generator().manual_seed(0)).split(4):
        optimizer.zero_grad()
        F.cross_entropy(net(X[part]), y[part]).backward()
        optimizer.step()
        sizes.append([float(net[k].weight.grad.abs().mean()) for k in (0, 2, 4, 6)])
    return float((net(X).argmax(1) == y).float().mean()), tensor(sizes).mean(0).tolist()


@oracle("five")
def _(table):
    a = torch.linspace(-8, 8, 1601, dtype=torch.float64)
    steepest = {phi: float(slope_of(phi)(a).max()) for phi in (torch.sigmoid, torch.tanh, torch.relu)}
    sigmoid, relu = one_epoch(nn.Sigmoid), one_epoch(nn.ReLU)
    truths = {
        "performs poorly": sigmoid[0] < 0.25,
        "much higher in the layers near the input": sigmoid[1][0] > sigmoid[1][3],
        "never exceeds 1/4": steepest[torch.sigmoid] <= 0.25,
        "performs much better": relu[0] > sigmoid[0] + 0.3,
        "always exceed 1": min(steepest[torch.tanh], steepest[torch.relu]) > 1,
    }
    for (words, truth), option in zip(truths.items(), table["options"], strict=True):
        assert words in option["text"]
        assert truth == option.get("right", False), words
    right = " ".join(letter for letter, truth in zip("abcde", truths.values(), strict=True) if truth)
    assert right not in [mistake["answer"] for mistake in table["mistakes"]]


# ---------------------------------------------------------------- depth


def chain(w: float, depth: int, start: float = 0.5) -> float:
    """Differentiate a chain of sigmoid layers of one unit."""
    h = first = tensor(start).requires_grad_()
    for _ in range(depth):
        h = torch.sigmoid(w * (h - 0.5))
    return float(torch.autograd.grad(h, first)[0])


@formula("depth")
def _(generator):
    w, depth = (
        float(8 * torch.rand((), generator=generator)),
        int(torch.randint(1, 9, (), generator=generator)),
    )
    return {"w": w, "n": depth}, chain(w, depth)


number(
    "depth-weight", lambda: mpmath.findroot(lambda w: chain(float(w), 10) - 1 / 32, (1, 4), solver="anderson")
)


@oracle("bound")
def _(table):
    assert (8 / 4) ** 20 > 1e6 > 1 > 1e-6 > chain(8.0, 20, start=0.6) > 0
    assert table["answer"] is False


def stack(shared: bool) -> nn.Sequential:
    """Build the networks of the exercise layer by layer."""
    net, one = nn.Sequential(nn.Linear(10, 64)), nn.Linear(64, 64)
    for _ in range(10):
        net.append(one if shared else nn.Linear(64, 64))
    return net.append(nn.Linear(64, 1))


number("shared", lambda: sum(p.numel() for p in stack(True).parameters()))
number("separate", lambda: sum(p.numel() for p in stack(False).parameters()))


@formula("layer-factor")
def _(generator):
    n, v = int(torch.randint(1, 5, (), generator=generator)), float(torch.rand((), generator=generator))
    signs = tensor(list(itertools.product((-1, 1), repeat=n)))  # all pre-activations of size 1, all weights
    following = torch.relu(signs) @ (math.sqrt(v) * signs).T
    return {"n": n, "v": v}, (following.square().mean() / signs.square().mean()).sqrt()


number("he-scale", lambda: nn.init.calculate_gain("relu") / math.sqrt(512))


# ---------------------------------------------------------------- penalty and shapes


@oracle("penalty")
def _(table):
    W = nn.Parameter(tensor([[1, 2], [3, 4]]))
    W.grad = torch.zeros_like(W)
    torch.optim.SGD([W], lr=1.0, weight_decay=0.2).step()
    slope = (
        tensor([[1, 2], [3, 4]]) - W.detach()
    )  # of the penalty; a quadratic is half its slope times its place
    assert float((slope * tensor([[1, 2], [3, 4]])).sum()) / 2 == pytest.approx(table["answer"])
    for mistake in table["mistakes"]:
        assert evaluate(str(mistake["answer"]), {}) != pytest.approx(table["answer"], abs=1e-3)


def by_size() -> float:
    """Divide the two numbers of the exercise."""
    each = torch.rand(8, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 1
    return round(float(each.sum() / each.size(-2) / each.mean()), 9)


number("size", by_size)


# ---------------------------------------------------------------- mistakes are what their words say


MODELLED: dict[tuple[str, str], Callable[[], Any]] = {
    ("hand-ce", "label 1"): lambda: by_logit(cross_entropy(1), math.log(3)),
    ("hand-ce", "sigmoid alone"): lambda: by_logit(torch.sigmoid, math.log(3)),
    ("hand-ce", "by the probability"): lambda: by_logit(lambda p: F.binary_cross_entropy(p, tensor(0)), 0.75),
    ("hand-ce", "the loss itself"): lambda: F.binary_cross_entropy(tensor(0.75), tensor(0)),
    ("hand-sq", "squared error itself"): lambda: 0.75**2,
    ("hand-sq", "slope of the sigmoid. The"): lambda: by_logit(torch.sigmoid, math.log(3)),
    ("hand-sq", "for the label 1"): lambda: by_logit(squared_error(1), math.log(3)),
    ("hand-sq", "by the probability"): lambda: by_logit(lambda p: p**2, 0.75),
    ("hand-sq", "of the cross-entropy"): lambda: by_logit(cross_entropy(0), math.log(3)),
    ("escape-time", "of the cross-entropy"): lambda: float(escape(cross_entropy(1), -5.0)),
    ("escape-time", "Twice too long"): lambda: 2 * float(escape(squared_error(1), -5.0)),
    ("mislabelled", "squared error charges"): lambda: mean_costs([0.001])[0],
    ("mislabelled", "if the label were right"): lambda: mean_costs([0.999])[1],
    ("floor-ce", "with a dog"): lambda: mean_costs([0.25])[1],
    ("floor-sq", "with a dog"): lambda: mean_costs([0.25])[0],
    ("floor-sq", "standard deviation"): lambda: tensor([1, 0, 0, 0]).std(correction=0),
    ("floor-ce", "one half"): lambda: mean_loss(F.binary_cross_entropy, 0.5),
    ("floor-ce", "without a dog"): lambda: mean_costs([0.75])[1],
    ("floor-sq", "the answer 0, or the answer 1/2"): lambda: mean_loss(F.mse_loss, 0.0),
    ("floor-sq", "square of $q$"): lambda: mean_costs([0.75])[0],
    ("jacobian", "diagonal is right"): lambda: torch.diag(softmax_jacobian(SHARES.log()).diagonal()),
    ("jacobian", "everywhere"): lambda: torch.outer(SHARES, 1 - SHARES),
    ("jacobian", "Which sign"): lambda: softmax_jacobian(SHARES.log()).abs(),
    ("jacobian", "outer product is there"): lambda: -torch.outer(SHARES, SHARES),
    ("depth-weight", "w/4"): lambda: 32 ** (-1 / 10),
    ("shared", "layers of their own"): lambda: sum(p.numel() for p in stack(False).parameters()),
    ("shared", "the weights"): lambda: sum(p.numel() for p in stack(True).parameters() if p.ndim == 2),
    ("separate", "used ten times"): lambda: sum(p.numel() for p in stack(True).parameters()),
    ("separate", "the weights"): lambda: sum(p.numel() for p in stack(False).parameters() if p.ndim == 2),
    ("he-scale", "uniform weights reach"): lambda: math.sqrt(3) * math.sqrt(2 / 512),
    ("he-scale", "default weights"): lambda: (
        nn.init.calculate_gain("leaky_relu", math.sqrt(5)) / math.sqrt(512)
    ),
    ("penalty", "lam / 2 * n"): lambda: 0.2 / 2 * 4 * 30,
    ("penalty", "largest singular value"): lambda: (
        0.1 * torch.linalg.matrix_norm(tensor([[1, 2], [3, 4]]), 2) ** 2
    ),
    ("penalty", "divided by the batch size"): lambda: 0.2 / (2 * 4) * 30,
}


@pytest.mark.parametrize(("name", "words"), MODELLED)
def test_a_mistake_comes_to_what_its_words_speak_of(name, words):
    (mistake,) = [mistake for mistake in TABLES[name]["mistakes"] if words in mistake["says"]]
    assert torch.allclose(tensor(evaluate(str(mistake["answer"]), {})), tensor(MODELLED[name, words]()))
