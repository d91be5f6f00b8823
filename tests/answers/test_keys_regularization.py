"""The keys of the chapter on regularization against oracles that know nothing of them.

Formulas are compared with autograd, enumeration of all masks, PyTorch's own optimisers, or a search over a
grid. The formulas are read from the file by the few lines of `python` below, not by the book's own reader.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from torch import nn

from dlbook.answers import keys
from dlbook.answers.marking import mark

FILE = Path(__file__).parents[2] / "book" / "foundations" / "regularization.answers.toml"
TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]
Check = Callable[[dict[str, Any]], None]
ORACLES: dict[str, Check] = {}
POINTS = 20


def oracle(name: str) -> Callable[[Check], Check]:
    """Register a check for a key."""

    def register(check: Check) -> Check:
        assert name not in ORACLES
        ORACLES[name] = check
        return check

    return register


@pytest.mark.parametrize("name", TABLES)
def test_an_answer_is_what_its_oracle_finds_and_no_mistake_is(name):
    ORACLES[name](TABLES[name])


def test_every_key_has_an_oracle():
    assert set(TABLES) == set(ORACLES)


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name]["kind"] == "number"])
def test_a_number_is_marked_right_as_a_calculator_shows_it_and_wrong_when_it_is_off(name):
    key, value = keys.find(f"regularization/{name}"), value_of(TABLES[name]["answer"])
    assert mark(key, f"{value:.6g}" if not TABLES[name].get("integer") else f"{value:.0f}").right
    assert not mark(key, f"{1.1 * value:.6g}").right


# ---------------------------------------------------------------- reading the formulas of the file


def python(text: str) -> str:
    """Turn a formula of the file into Python; blanks between factors become products."""
    text = text.replace("^", "**").replace("lambda", "lam")
    return re.sub(r"(?<=[\w)])\s+(?=[\w(])", " * ", text)


def evaluate(text: str, values: dict[str, Any]) -> Any:
    """Give the value of a formula of the file."""
    return eval(python(text), {"__builtins__": {}, "exp": math.exp, "sqrt": math.sqrt}, values)


def value_of(text: object) -> float:
    """Give the value of a formula without symbols."""
    return float(evaluate(str(text), {}))


def close(value: Any, expected: Any, tolerance: float = 1e-9) -> bool:
    """Compare numbers or vectors."""
    return bool(
        np.allclose(np.asarray(value, float), np.asarray(expected, float), rtol=tolerance, atol=1e-12)
    )


def number(name: str) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Register an oracle for a single number."""

    def register(find: Callable[[], float]) -> Callable[[], float]:
        def check(table: dict[str, Any]) -> None:
            expected = float(find())
            near = 0.5 if table.get("integer") else 0.005 * abs(expected)
            assert close(value_of(table["answer"]), expected, 1e-6)
            for mistake in table["mistakes"]:
                assert abs(value_of(mistake["answer"]) - expected) > near, mistake

        oracle(name)(check)
        return find

    return register


Sample = Callable[[np.random.Generator], tuple[dict[str, Any], float]]


def formula(name: str) -> Callable[[Sample], Sample]:
    """Register a sampler: it gives values of all symbols, and what the right answer is there."""

    def register(sample: Sample) -> Sample:
        def check(table: dict[str, Any]) -> None:
            rng = np.random.default_rng(4)
            points = [sample(rng) for _ in range(POINTS)]
            for text in [table["answer"], *table.get("also", [])]:
                assert all(close(evaluate(text, at), expected, 1e-6) for at, expected in points), text
            for mistake in table["mistakes"]:
                text = mistake["answer"]
                assert not all(close(evaluate(text, at), expected, 1e-3) for at, expected in points), text

        oracle(name)(check)
        return sample

    return register


def vector(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register an oracle for a vector."""

    def register(find: Callable[[], Any]) -> Callable[[], Any]:
        def check(table: dict[str, Any]) -> None:
            for text in [table["answer"], *table.get("also", [])]:
                assert close(evaluate(text, {}), find(), 1e-6)
            for mistake in table["mistakes"]:
                assert not close(evaluate(mistake["answer"], {}), find(), 1e-4), mistake

        oracle(name)(check)
        return find

    return register


def right_options(table: dict[str, Any], field: str = "options") -> list[str]:
    """List the texts of the right options."""
    return [option["text"] for option in table[field] if option.get("right")]


# ---------------------------------------------------------------- two errors, four darts, one factor

PEOPLE, CLASSIFIERS = 15, {1: (39, 40), 2: (25, 30), 3: (50, 50), 4: (15, 60)}
DARTS, TRUTH = [Fraction(d) for d in (3, 5, 3, 5)], Fraction(2)
NOISE = [Fraction(-1, 2), Fraction(1, 2)]  # variance 1/4

number("avoidable-bias")(lambda: CLASSIFIERS[2][0] - PEOPLE)
number("darts-bias")(lambda: float((TRUTH - sum(DARTS) / 4) ** 2))
number("darts-error")(
    lambda: float(sum((TRUTH + e - d) ** 2 for e, d in itertools.product(NOISE, DARTS)) / 8)
)


@oracle("more-data")
def _(table):
    gaps = {model: new - old for model, (old, new) in CLASSIFIERS.items()}
    assert right_options(table) == [f"Model {max(gaps, key=gaps.get)}"]


@oracle("darts-board")
def _(table):
    """Model 1 has the bias of a straight line with many points: tight, and off."""
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 150)
    fits = [
        np.polyval(np.polyfit(x, np.sin(2 * np.pi * x) + rng.normal(0, 0.5, 150), 1), 0.25) for _ in range(50)
    ]
    assert abs(np.mean(fits) - 1) > 5 * np.std(fits)
    old, new = CLASSIFIERS[1]
    assert old - PEOPLE > 20 > new - old
    (text,) = right_options(table)
    assert "tight" in text
    assert "off the centre" in text


@formula("best-factor")
def _(rng):
    mu, sigma, n = rng.normal(0, 2), rng.uniform(0.3, 3), int(rng.integers(1, 8))
    c = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    # Over all 2^n readings, each wrong by sigma: the squared error is a parabola in c; Newton ends in a step.
    readings = torch.tensor(list(itertools.product([mu - sigma, mu + sigma], repeat=n)), dtype=torch.float64)
    error = ((c * readings.mean(1) - mu) ** 2).mean()
    (slope,) = torch.autograd.grad(error, c, create_graph=True)
    (bend,) = torch.autograd.grad(slope, c)
    return {"mu": mu, "sigma": sigma, "n": n}, (c - slope / bend).item()


# ---------------------------------------------------------------- steps of PyTorch's own optimisers


def stepped(optimizer: type, w: list[float], g: list[float], **settings: float) -> list[float]:
    """Take one step."""
    weights = nn.Parameter(torch.tensor(w, dtype=torch.float64))
    weights.grad = torch.tensor(g, dtype=torch.float64)
    optimizer([weights], **settings).step()
    return weights.tolist()


@oracle("decay-step")
def _(table):
    rng = np.random.default_rng(1)
    equations = [table["answer"], *table["also"]]
    mistakes = [mistake["answer"] for mistake in table["mistakes"]]
    missed = dict.fromkeys(mistakes, 0)
    for _ in range(POINTS):
        w, g, eta, lam = rng.normal(), rng.normal(), rng.uniform(0.01, 1), rng.uniform(0.01, 1)
        (new,) = stepped(torch.optim.SGD, [w], [g], lr=eta, weight_decay=lam)
        values = {"w": w, "g": g, "eta": eta, "lam": lam, "w_new": new}
        for equation in equations:
            left, right = (evaluate(side, values) for side in equation.split("="))
            assert close(left, right)
            assert not close(*(evaluate(s, {**values, "w_new": new + 1}) for s in equation.split("=")))
        for equation in mistakes:
            missed[equation] += not close(*(evaluate(side, values) for side in equation.split("=")))
    assert min(missed.values()) > POINTS // 2


@number("half-life")
def _():
    w, count = nn.Parameter(torch.tensor([1.0], dtype=torch.float64)), 0
    sgd = torch.optim.SGD([w], lr=0.1, weight_decay=0.01)
    w.grad = torch.zeros_like(w)
    while w.item() >= 0.5:
        sgd.step()
        count += 1
    return count


ADAM = {"w": [3.0, -1.0], "g": [0.5, 0.02], "lr": 0.1, "weight_decay": 0.1, "eps": 0}
vector("adam-coupled")(lambda: stepped(torch.optim.Adam, **ADAM))
vector("adam-decoupled")(lambda: stepped(torch.optim.AdamW, **ADAM))


# ---------------------------------------------------------------- code


def made(source: str, name: str) -> Callable[..., Any]:
    """Run a key's source and take its function."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace[name]


def sources(table: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """List the sources of a key, and whether they are right."""
    yield table["answer"], True
    yield table["starter"], False
    for mistake in table["mistakes"]:
        yield mistake["answer"], False


@oracle("penalty-code")
def _(table):
    generator = torch.Generator().manual_seed(2)
    extra = [
        [torch.randn(2, 3, generator=generator).tolist(), torch.randn(3, 1, generator=generator).tolist()]
        for _ in range(4)
    ]
    cases = [case["args"] for case in table["cases"]] + [[matrices, 0.3, 7] for matrices in extra]
    expected = []
    for matrices, l2, n in cases:
        flat = torch.cat([torch.tensor(m, dtype=torch.float64).flatten() for m in matrices])
        expected.append(l2 * torch.linalg.vector_norm(flat).item() ** 2 / n / 2)
    assert close([case["gives"] for case in table["cases"]], expected[: len(table["cases"])])
    shown = len(table["cases"])
    for source, right in sources(table):
        found = [made(source, "penalty")(*case) for case in cases]
        assert close(found, expected) == right, source
        assert close(found[:shown], expected[:shown]) == right, source  # the cases of the key find it


def patience_by_definition(losses: list[float], patience: int) -> tuple[int, int]:
    """Try every epoch as the last: the first whose last `patience` epochs brought no new minimum."""
    for end in range(patience + 1, len(losses) + 1):
        if min(losses[end - patience : end]) >= min(losses[: end - patience]):
            return int(np.argmin(losses[: end - patience])) + 1, end
    return int(np.argmin(losses)) + 1, len(losses)


@oracle("early-stop")
def _(table):
    rng = np.random.default_rng(3)
    cases = [case["args"] for case in table["cases"]]
    cases += [[rng.integers(0, 12, size=int(rng.integers(1, 9))).tolist(), k] for k in (1, 2, 3) * 30]
    expected = [patience_by_definition(*case) for case in cases]
    assert [tuple(case["gives"]) for case in table["cases"]] == expected[: len(table["cases"])]
    shown = len(table["cases"])
    for source, right in sources(table):
        found = [tuple(made(source, "early_stop")(*case)) for case in cases]
        assert (found == expected) == right, source
        assert (found[:shown] == expected[:shown]) == right, source


@number("penalty-ratio")
def _():
    n, l2 = 32, 0.1
    return eval("l2 / 2 * n", {"l2": l2, "n": n}) / eval("l2 / (2 * n)", {"l2": l2, "n": n})


# ---------------------------------------------------------------- dropout, by all its masks


def masks(*ps: float) -> Iterator[tuple[float, list[float]]]:
    """List all masks with their probabilities; a kept unit is stretched."""
    for kept in itertools.product([0, 1], repeat=len(ps)):
        weight = math.prod(1 - p if k else p for p, k in zip(ps, kept, strict=True))
        yield weight, [k / (1 - p) for p, k in zip(ps, kept, strict=True)]


def mean_over_masks(f: Callable[..., float], *ps: float) -> float:
    """Average a function of the masks."""
    return sum(weight * f(*values) for weight, values in masks(*ps))


number("two-dropouts")(lambda: mean_over_masks(lambda a, b: a * b == 0, 0.3, 0.5))
number("relu-of-sum")(lambda: mean_over_masks(lambda a, b: max(0.0, a - b), 0.2, 0.2))
number("dropout-loss")(lambda: mean_over_masks(lambda a, b: (a * 0.5 * 1 + b * -1 * 2) ** 2, 0.5, 0.5))


@formula("three-dropouts")
def _(rng):
    p = rng.uniform(0.05, 0.95)
    return {"p": p}, mean_over_masks(lambda a, b, c: a * b * c == 0, p, p, p)


@formula("unit-variance")
def _(rng):
    p, values, shares = rng.uniform(0.05, 0.95), rng.normal(0, 2, 5), rng.dirichlet(np.ones(5))
    m = shares @ values
    v = shares @ (values - m) ** 2
    square = mean_over_masks(lambda a: float(shares @ (a * values) ** 2), p)
    mean = mean_over_masks(lambda a: float(shares @ (a * values)), p)
    return {"p": p, "m": m, "v": v}, square - mean**2


@oracle("means-kept")
def _(table):
    weights = np.array([1.0, -2.0, 0.5])
    functions = {
        "a dense layer with biases": lambda y: weights @ y + 1,
        "the sigmoid of each unit": lambda y: 1 / (1 + np.exp(-y)),
        "the ReLU of each unit": lambda y: np.maximum(y, 0),
        "the ReLU of a weighted sum of the units": lambda y: np.maximum(weights @ y, 0),
        "the mean of all units": lambda y: y.mean(),
        "the largest of all units": lambda y: y.max(),
    }
    keep = []
    for letter, option in zip("abcdef", table["options"], strict=True):
        f, gaps = functions[option["text"]], []
        for y in ([1.0, 0.7, -0.4], [-1.0, 0.3, 2.0], [0.5, 1.5, 1.0]):
            units = np.array(y)
            mean = sum(w * f(np.array(a) * units) for w, a in masks(0.3, 0.3, 0.3))
            gaps.append(np.abs(mean - f(units)).max())
        assert (max(gaps) < 1e-12) == option.get("right", False), option
        keep += letter if option.get("right") else []
    assert all(mistake["answer"] != " ".join(keep) for mistake in table["mistakes"])


# ---------------------------------------------------------------- ridge, belief, early stopping


@vector("ridge-weights")
def _():
    return Ridge(alpha=1.0, fit_intercept=False).fit(np.diag([3.0, 1.0]), [6.0, 2.0]).coef_


@number("half-lambda")
def _():
    def share(lam):
        return Ridge(alpha=lam, fit_intercept=False, tol=1e-12).fit([[0.1]], [0.1]).coef_[0]  # 1 without

    low, high = 1e-6, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) > 0.5 else (low, middle)
    return low


def lambda_of_the_belief(*, mean: bool) -> float:
    """Find the most probable weight by autograd of the log-densities, and the penalty with that minimum."""
    generator = torch.Generator().manual_seed(5)
    x, noise = torch.randn(2, 100, generator=generator, dtype=torch.float64)
    y = 1.3 * x + 0.5 * noise
    w = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    normal = torch.distributions.Normal

    def log_posterior():
        return normal(w * x, 0.5).log_prob(y).sum() + normal(0.0, 2.0).log_prob(w)

    for _ in range(3):  # a parabola: Newton's first step arrives
        (slope,) = torch.autograd.grad(log_posterior(), w, create_graph=True)
        (bend,) = torch.autograd.grad(slope, w)
        w = (w - slope / bend).detach().requires_grad_()
    data = ((w * x - y) ** 2 / 2).mean() if mean else ((w * x - y) ** 2 / 2).sum()
    (pull,) = torch.autograd.grad(data, w)
    return (-pull / w).item()  # pull + lambda w = 0


number("prior-lambda")(lambda: lambda_of_the_belief(mean=False))
number("prior-mean")(lambda: lambda_of_the_belief(mean=True))


def walked(eta: float, h: float, t: int) -> float:
    """Descend t steps from 0 in a bowl with its bottom at 1, by PyTorch's SGD."""
    w = nn.Parameter(torch.zeros((), dtype=torch.float64))
    sgd = torch.optim.SGD([w], lr=eta)
    for _ in range(t):
        sgd.zero_grad()
        (h / 2 * (w - 1) ** 2).backward()
        sgd.step()
    return w.item()


@formula("share-reached")
def _(rng):
    eta, h, t = rng.uniform(0.01, 0.9), rng.uniform(0.1, 1), int(rng.integers(2, 9))
    return {"eta": eta, "h": h, "t": t}, walked(eta, h, t)


@number("stop-lambda")
def _():
    reached, low, high = walked(0.1, 0.5, 10), 0.0, 10.0
    for _ in range(60):  # the penalised minimum falls with lambda
        lam = (low + high) / 2
        minimum = Ridge(alpha=lam, fit_intercept=False).fit([[math.sqrt(0.5)]], [math.sqrt(0.5)]).coef_[0]
        low, high = (lam, high) if minimum > reached else (low, lam)
    return low


# ---------------------------------------------------------------- claims


@oracle("best-of-twenty")
def _(table):
    rng = np.random.default_rng(6)
    scores = rng.binomial(500, 0.9, size=(500, 20)) / 500  # equally good, independent
    assert scores.max(1).mean() > 0.9 + 0.02
    assert table["answer"] is False
    (reason,) = right_options(table, "reasons")
    assert "luck" in reason


@oracle("hard-images")
def _(table):
    rng = np.random.default_rng(7)
    right = rng.random((2, 10_000)) < rng.beta(4, 1, 10_000)  # some images are harder than others
    hard = ~right[0]
    assert right[0][hard].mean() == 0
    assert right[1][hard].mean() < right[1].mean() - 0.1  # as good, and it looks worse
    assert table["answer"] is False
    (reason,) = right_options(table, "reasons")
    assert "chosen by the model" in reason


@oracle("too-much-data")
def _(table):
    rng, x_new, gaps = np.random.default_rng(8), np.linspace(-1, 1, 200), []
    for n in (12, 48, 192):
        x, excess = np.linspace(-1, 1, n), []
        for _ in range(30):
            fit = np.polynomial.Chebyshev.fit(x, np.sin(3 * x) + rng.normal(0, 0.3, n), 9)
            excess.append(np.mean((fit(x_new) - np.sin(3 * x_new)) ** 2))
        gaps.append(np.mean(excess))
    assert gaps == sorted(gaps, reverse=True)
    assert table["answer"] is False
    (reason,) = right_options(table, "reasons")
    assert "approach each other" in reason


@oracle("without-a-charge")
def _(table):
    rng = np.random.default_rng(9)
    for _ in range(POINTS):
        x, w, p = rng.normal(size=2), rng.normal(size=2), rng.uniform(0.1, 0.9)
        loss = mean_over_masks(lambda a, b, x=x, w=w: (a * w[0] * x[0] + b * w[1] * x[1]) ** 2, p, p)
        assert close(loss - (w @ x) ** 2, p / (1 - p) * (w**2 @ x**2))  # a sum of squares of weights
    assert table["answer"] is True
    (reason,) = right_options(table, "reasons")
    assert "linear model" in reason


# ---------------------------------------------------------------- counting


def parameters(layer: nn.Module) -> int:
    """Count the weights and biases."""
    return sum(p.numel() for p in layer.parameters())


number("head-flat")(lambda: parameters(nn.Sequential(nn.Flatten(), nn.Linear(96 * 4 * 4, 43))))
number("head-pooled")(
    lambda: parameters(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(96, 43)))
)


# ---------------------------------------------------------------- mistakes are what their words say

NOT_STRETCHED = Fraction(9, 4) + Fraction(1, 4) * (Fraction(1, 4) + 4)
MODELLED: dict[tuple[str, str], Callable[[], Any]] = {
    ("avoidable-bias", "gap between the two"): lambda: CLASSIFIERS[2][1] - CLASSIFIERS[2][0],
    ("avoidable-bias", "whole training error"): lambda: CLASSIFIERS[2][0],
    ("avoidable-bias", "error on new photographs"): lambda: CLASSIFIERS[2][1] - PEOPLE,
    ("darts-bias", "up to its sign"): lambda: sum(DARTS) / 4 - TRUTH,
    ("darts-bias", "mean of the four squared"): lambda: sum((d - TRUTH) ** 2 for d in DARTS) / 4,
    ("darts-bias", "This is the variance"): lambda: np.var([float(d) for d in DARTS]),
    ("darts-error", "divided by three"): lambda: 4 + np.var([3, 5, 3, 5], ddof=1) + 0.25,
    ("half-life", "same amount"): lambda: 0.5 / (0.1 * 0.01),
    ("half-life", "factor 0.99"): lambda: math.ceil(math.log(0.5) / math.log(0.99)),
    ("half-life", "factor 0.9 "): lambda: math.ceil(math.log(0.5) / math.log(0.9)),
    ("half-life", "one half in the penalty"): lambda: math.ceil(math.log(0.5) / math.log(1 - 2 * 0.1 * 0.01)),
    ("adam-coupled", "step of SGD"): lambda: stepped(
        torch.optim.SGD, [3.0, -1.0], [0.5, 0.02], lr=0.1, weight_decay=0.1
    ),
    ("adam-coupled", "This is AdamW"): lambda: stepped(torch.optim.AdamW, **ADAM),
    ("adam-decoupled", "penalty in the loss"): lambda: stepped(torch.optim.Adam, **ADAM),
    ("adam-decoupled", "without any decay"): lambda: stepped(torch.optim.Adam, **{**ADAM, "weight_decay": 0}),
    ("adam-coupled", "counts twice"): lambda: stepped(
        torch.optim.AdamW, [3.0, -1.0], [0.5 + 0.1 * 3, 0.02 - 0.1], lr=0.1, weight_decay=0.1, eps=0
    ),
    ("adam-decoupled", "decay alone"): lambda: stepped(
        torch.optim.SGD, [3.0, -1.0], [0.0, 0.0], lr=0.1, weight_decay=0.1
    ),
    ("two-dropouts", "first one keeps"): lambda: mean_over_masks(lambda a, b: a > 0, 0.3, 0.5),
    ("two-dropouts", "at least one of them keeps"): lambda: mean_over_masks(lambda a, b: a + b > 0, 0.3, 0.5),
    ("two-dropouts", "both drop it"): lambda: mean_over_masks(lambda a, b: a + b == 0, 0.3, 0.5),
    ("two-dropouts", "probability to be kept."): lambda: (
        1 - mean_over_masks(lambda a, b: a * b == 0, 0.3, 0.5)
    ),
    ("relu-of-sum", "Without dropout"): lambda: max(0.0, 1.0 - 1.0),
    ("relu-of-sum", "the probability that"): lambda: mean_over_masks(lambda a, b: a > b, 0.2, 0.2),
    ("relu-of-sum", "one of the mixed"): lambda: mean_over_masks(lambda a, b: abs(a - b), 0.2, 0.2),
    ("dropout-loss", "without dropout"): lambda: (0.5 - 2) ** 2,
    ("dropout-loss", "penalty alone"): lambda: 0.5**2 * 1 + 1 * 2**2,
    ("dropout-loss", "kept inputs are stretched"): lambda: NOT_STRETCHED,
    ("dropout-loss", "Without the factor"): lambda: (
        sum((a * 0.5 - b * 2) ** 2 for a, b in itertools.product([0, 1], repeat=2)) / 4
    ),
    ("dropout-loss", "left the inputs out"): lambda: 2.25 + 0.5**2 + 1,
    ("ridge-weights", "least squares, without"): lambda: np.linalg.lstsq(
        np.diag([3.0, 1.0]), np.array([6.0, 2.0]), rcond=None
    )[0],
    ("ridge-weights", "beside $\\lambda$, not $s$"): lambda: [2 * 3 / (3 + 1), 2 * 1 / (1 + 1)],
    ("ridge-weights", "what is taken off"): lambda: [
        2 - w for w in Ridge(alpha=1.0, fit_intercept=False).fit(np.diag([3.0, 1.0]), [6.0, 2.0]).coef_
    ],
    ("prior-lambda", "Upside down"): lambda: 2**2 / 0.5**2,
    ("prior-lambda", "ratio of the standard"): lambda: 0.5 / 2,
    ("prior-lambda", "divided a variance"): lambda: 0.5**2 / 2,
    ("prior-lambda", "halved once too often"): lambda: lambda_of_the_belief(mean=False) / 2,
    ("prior-mean", "belongs to the sum"): lambda: lambda_of_the_belief(mean=False),
    ("prior-mean", "multiplied by $N$"): lambda: 100 * lambda_of_the_belief(mean=False),
    ("stop-lambda", "for flat directions"): lambda: 1 / (0.1 * 10),
    ("stop-lambda", "distance that is left"): lambda: 1 - walked(0.1, 0.5, 10),
    ("stop-lambda", "has been reached"): lambda: walked(0.1, 0.5, 10),
    ("stop-lambda", "curvature is missing"): lambda: 1 / walked(0.1, 0.5, 10) - 1,
    ("head-flat", "These are the weights"): lambda: nn.Linear(96 * 4 * 4, 43).weight.numel(),
    ("head-flat", "side of a map once"): lambda: parameters(nn.Linear(96 * 4, 43)),
    ("head-flat", "not of the maps"): lambda: nn.Linear(96 * 4 * 4, 43).weight.numel() + 96,
    ("head-flat", "layer on the means"): lambda: parameters(nn.Linear(96, 43)),
    ("head-flat", "one for each input"): lambda: nn.Linear(96 * 4 * 4, 43).weight.numel() + 96 * 4 * 4,
    ("head-pooled", "These are the weights"): lambda: nn.Linear(96, 43).weight.numel(),
    ("head-pooled", "all numbers"): lambda: parameters(nn.Linear(96 * 4 * 4, 43)),
    ("head-pooled", "How many outputs"): lambda: nn.Linear(96, 43).weight.numel() + 96,
    ("head-pooled", "no biases of their own"): lambda: parameters(nn.Linear(96, 43)) + 96,
}


@pytest.mark.parametrize(("name", "words"), MODELLED)
def test_a_mistake_comes_to_what_its_words_speak_of(name, words):
    (mistake,) = [mistake for mistake in TABLES[name]["mistakes"] if words in mistake["says"]]
    assert close(evaluate(str(mistake["answer"]), {}), MODELLED[name, words](), 1e-6)


LATE = """def early_stop(losses, patience):
    best = wait = 0
    for epoch in range(1, len(losses)):
        wait += 1
        if losses[epoch] < losses[best]:
            best, wait = epoch, 0
        if wait > patience:
            return best + 1, epoch + 1
    return best + 1, len(losses)
"""
LEARNERS = [
    ("avoidable-bias", "10 %", "right", ""),
    ("avoidable-bias", "10 percentage points", "right", ""),
    ("avoidable-bias", "25% - 15%", "right", ""),
    ("darts-error", "2.25", "wrong", "step at a time"),  # once: the base of a logarithm
    ("dropout-loss", "4.5", "wrong", "step at a time"),
    ("two-dropouts", "0.7", "wrong", "first one keeps"),  # once: right, with too few digits
    ("decay-step", "w_new = w - eta g", "wrong", "without the penalty"),
    ("share-reached", "1 - (1 - eta lambda)^t", "unreadable", "I do not know `lambda`"),
    ("adam-coupled", "2.9 -0.9", "right", ""),
    ("penalty-ratio", "by a factor of 1024", "right", ""),
    ("head-flat", "66091 parameters", "right", ""),
    ("early-stop", LATE, "wrong", "one epoch too long"),  # once: rising epoch after epoch
]


@pytest.mark.parametrize(("name", "answer", "status", "words"), LEARNERS)
def test_what_learners_type_gets_the_words_for_it(name, answer, status, words):
    verdict = mark(keys.find(f"regularization/{name}"), answer)
    assert verdict.status == status, verdict
    assert words in verdict.message
