"""The keys of the chapter on optimization against oracles that know nothing of them.

Formulas are read by the few lines of `test_keys_backpropagation`, not by the book's own reader, and compared
with autograd, with PyTorch's optimisers, with SymPy and mpmath, or with brute force.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
import torch
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom
from test_keys_backpropagation import compare, evaluate, made, member, orders_that_work, same, tensor, texts

from dlbook.answers import keys
from dlbook.answers.marking import mark

FILE = Path(__file__).parents[2] / "book" / "foundations" / "optimization.answers.toml"
TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]
ORACLES: dict[str, Callable[[dict[str, Any]], None]] = {}

Check = Callable[[dict[str, Any]], None]
Sample = Callable[[torch.Generator], tuple[dict[str, Any], Any]]


def oracle(*names: str) -> Callable[[Check], Check]:
    """Register a check for keys."""

    def register(check: Check) -> Check:
        for name in names:
            assert name not in ORACLES
            ORACLES[name] = check
        return check

    return register


def formula(name: str, sample: Sample) -> None:
    """Register a sampler: it gives values of all symbols, and what the right answer is there."""
    oracle(name)(lambda table: compare(table, sample))


def number(name: str, find: Callable[[], float]) -> None:
    """Register an oracle for a single number; mistakes have to lie farther off than a key's digits tell."""

    def check(table: dict[str, Any]) -> None:
        expected = float(find())
        near = 0.0 if table.get("integer") else 0.5 * 10.0 ** -table.get("digits", 3) * abs(expected)
        assert float(evaluate(str(table["answer"]), {})) == pytest.approx(expected, rel=1e-6)
        for mistake in table["mistakes"]:
            ends = mistake.get("between") or [mistake["answer"]]
            assert all(abs(float(evaluate(str(end), {})) - expected) > near for end in ends), mistake
            assert not ends[0] < expected < ends[-1] if "between" in mistake else True

    oracle(name)(check)


@pytest.mark.parametrize("name", TABLES)
def test_an_answer_is_what_its_oracle_finds_and_no_mistake_is(name):
    ORACLES[name](TABLES[name])


def test_every_key_has_an_oracle():
    assert set(TABLES) == set(ORACLES)


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name]["kind"] == "number"])
def test_a_number_is_marked_right_as_a_calculator_shows_it_and_wrong_when_it_is_off(name):
    key, value = keys.find(f"optimization/{name}"), float(evaluate(str(TABLES[name]["answer"]), {}))
    assert mark(key, f"{value:.12g}").right
    assert not mark(key, f"{1.1 * value:.12g}").right


def right_text(table: dict[str, Any], field: str = "options") -> str:
    """Give the text of the one option that is right."""
    (right,) = [option["text"] for option in table[field] if option.get("right")]
    return right


def random_numbers(generator: torch.Generator, count: int) -> list[float]:
    """Draw numbers between 0.05 and 0.95."""
    return (0.05 + 0.9 * torch.rand(count, generator=generator, dtype=torch.float64)).tolist()


# ---------------------------------------------------------------- quadratics


def one_sgd_step(f: Callable[[torch.Tensor], torch.Tensor], w: float, eta: float) -> float:
    """Take one step of PyTorch's own optimiser."""
    weight = torch.nn.Parameter(tensor(w))
    f(weight).backward()
    torch.optim.SGD([weight], lr=eta).step()
    return weight.item()


number("one-factor", lambda: one_sgd_step(lambda w: 3 * (w - 2) ** 2, 3.0, 0.3) - 2)


@oracle("safe-rates")
def _(table):
    for lam in (0.5, 2.0, 4.0):

        def converges(eta: float, lam: float = lam) -> bool:
            error = 1.0
            for _ in range(60):
                error -= eta * lam * error
            return abs(error) < 1

        grid = [k / 16 / lam for k in range(-8, 49)] + [k / 8 for k in range(-2, 40)]

        def agrees(text: str, grid: list[float] = grid, lam: float = lam) -> bool:
            text = text.replace("lambda", f"({lam})")
            return all(member(text, eta, "eta") == converges(eta) for eta in grid)

        assert all(agrees(text) for text in texts(table))
        wrong = [mistake["answer"] for mistake in table["mistakes"]]
        assert not any(agrees(text) for text in wrong if text != "(0, 1)" or lam != 2.0)


TURN = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64))[0]
BENDS = TURN @ torch.diag(tensor([1, 4, 9])) @ TURN.T  # the three curvatures, in directions of their own


def radius(eta: float) -> float:
    """Give the spectral norm of a step of gradient descent."""
    return torch.linalg.matrix_norm(torch.eye(3, dtype=torch.float64) - eta * BENDS, 2).item()


def best_rate() -> float:
    """Find the best rate by trying."""
    return float(minimize_scalar(radius, bounds=(0.01, 0.3), method="bounded", options={"xatol": 1e-10}).x)


number("best-rate", best_rate)
number("best-factor", lambda: radius(best_rate()))


@oracle("thousand")
def _(table):
    step = torch.eye(3, dtype=torch.float64) - 0.2 * BENDS
    power, count = torch.eye(3, dtype=torch.float64), 0
    while torch.linalg.matrix_norm(power, 2) > 1e-3:
        power, count = step @ power, count + 1
    assert table["answer"] == count
    assert all(mistake["answer"] != count for mistake in table["mistakes"])


@oracle("units")
def _(table):
    def sample(generator):
        X = torch.randn(6, 3, generator=generator, dtype=torch.float64)
        (c,) = random_numbers(generator, 1)
        limit, moved = (2 / torch.linalg.matrix_norm(data, 2).item() ** 2 * 6 for data in (X, 7 * c * X))
        return {"s": limit, "c": 7 * c}, moved

    compare(table, sample)


# ---------------------------------------------------------------- momentum


def heavy_ball_sample(generator):
    w, g_old, g = torch.randn(3, generator=generator, dtype=torch.float64).tolist()
    eta, beta = random_numbers(generator, 2)
    weight = torch.nn.Parameter(tensor(w))
    method, places = torch.optim.SGD([weight], lr=eta, momentum=beta), [w]
    for slope in (g_old, g):
        weight.grad = tensor(slope)
        method.step()
        places.append(weight.item())
    return {"w_old": places[0], "w": places[1], "g": g, "eta": eta, "beta": beta}, places[2]


formula("heavy-ball", heavy_ball_sample)


@oracle("momentum-code")
def _(table):
    space: dict[str, Any] = {}
    exec(table["inputs"], space)

    def torch_run(grad, w, eta, beta, steps):
        weight = torch.nn.Parameter(tensor(w))
        method = torch.optim.SGD([weight], lr=eta, momentum=beta)
        for _ in range(steps):
            weight.grad = tensor(grad(weight.item()))
            method.step()
        return weight.item()

    expected = [torch_run(*case) for case in space["inputs"]]

    def results(source):
        return [made(source, table["function"])(*case) for case in space["inputs"]]

    assert results(table["answer"]) == pytest.approx(expected)
    for source in [table["starter"], *(mistake["answer"] for mistake in table["mistakes"])]:
        assert results(source) != pytest.approx(expected), source


def ball_radius(eta: float, beta: float, lam: float) -> float:
    """Give the largest absolute eigenvalue of the two-step recursion, as a matrix."""
    return float(np.abs(np.linalg.eigvals([[1 + beta - eta * lam, -beta], [1, 0]])).max())


def momentum_limit_sample(generator):
    beta, lam = random_numbers(generator, 2)
    edge = brentq(lambda eta: ball_radius(eta, beta, lam) - 1, 0.5 / lam, 8 / lam, xtol=1e-14, rtol=1e-14)
    return {"beta": beta, "lam": lam}, edge


formula("momentum-limit", momentum_limit_sample)


# ---------------------------------------------------------------- statements


@oracle("less-variance")
def _(table):
    values = np.random.default_rng(0).normal(size=400)
    shuffled = np.stack([np.random.default_rng(k).permutation(values) for k in range(300)])
    assert shuffled[:, :64].mean(1).var() > 1e-3 > shuffled.mean(1).var()
    assert table["answer"] is False
    assert "varies with the draw" in right_text(table, "reasons")


@oracle("more-memory")
def _(table):
    layer = torch.nn.Linear(5, 2)
    X = torch.randn(12, 5, generator=torch.Generator().manual_seed(0))
    layer(X).square().sum().backward()
    whole = layer.weight.grad.clone()
    layer.zero_grad()
    for piece in X.split(5):  # backward adds up: one gradient is kept, whatever the pieces
        layer(piece).square().sum().backward()
    assert layer.weight.grad.shape == layer.weight.shape
    assert torch.allclose(layer.weight.grad, whole, atol=1e-4)
    assert table["answer"] is False
    assert "one batch and one gradient" in right_text(table, "reasons")


@oracle("global")
def _(table):
    def quartic(w):
        return w**4 - 3 * w**2 + w

    w = 2.0
    for _ in range(2_000):
        w = one_sgd_step(quartic, w, 0.02)
    grid = np.linspace(-3, 3, 100_001)
    assert quartic(grid).min() < quartic(w) - 2  # the full gradient, and not the global minimum
    assert table["answer"] is False
    assert "local slopes" in right_text(table, "reasons")


@oracle("less-stuck")
def _(table):
    def slope(w):  # the mean of two examples, each 6 away from it
        return 4 * w**3 - 6 * w + 1

    rng = np.random.default_rng(0)
    calm, noisy = np.full(500, 2.0), np.full(500, 2.0)
    for _ in range(3_000):
        calm = calm - 0.02 * slope(calm)
        noisy = np.clip(noisy - 0.02 * (slope(noisy) + rng.choice([-6.0, 6.0], size=500)), -3, 3)
    assert (calm > 0).all()  # the full gradient stays in the worse valley
    assert 0 < (noisy > 0).mean() < 0.5  # most of the noisy runs do not, some do
    assert table["answer"] is True
    assert "some runs are kicked out; others stay" in right_text(table, "reasons")


@oracle("ravine")
def _(table):
    for kappa in (1e2, 1e4):
        hessian = np.diag([1.0, kappa])
        newton = np.ones(2) - np.linalg.solve(hessian, hessian @ np.ones(2))
        assert np.abs(newton).max() < 1e-12
        root = math.sqrt(kappa)
        assert ball_radius(4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2, kappa) > 0.5
    assert table["answer"] is False
    assert "by its curvature" in right_text(table, "reasons")


@oracle("solver")
def _(table):
    assert math.isclose(root_of_cubic(2.0), 1.0)  # from a root finder
    assert mpmath.diff(root_of_cubic, 2.0) == pytest.approx(0.25)
    assert table["answer"] is False
    assert "condition" in right_text(table, "reasons")


# ---------------------------------------------------------------- noise and batches


def epoch_steps() -> int:
    """Let PyTorch's own loader count."""
    return len(torch.utils.data.DataLoader(range(50_000), batch_size=128))  # type: ignore[arg-type]


def sixteenth() -> int:
    """Find the batch size by doubling, with the exact variance of a mean of coin tosses."""

    def variance(size):
        return binom(size, 0.5).var() / size**2

    size = 128
    while variance(size) > variance(128) / 16 * (1 + 1e-9):
        size *= 2
    return size


number("epoch-steps", epoch_steps)
number("sixteenth", sixteenth)


def best_gain(B: float, B0: float, lam: float = 1.3) -> float:
    """Maximise the expected fall of a parabola over the rate; two equally likely kicks are the noise."""
    kick = math.sqrt(B0 / B)  # in units of the gradient, which is 1

    def change(eta):
        error = 1 / lam
        ends = [lam * (error - eta * (1 + s * kick)) ** 2 / 2 for s in (-1, 1)]
        return sum(ends) / 2 - lam * error**2 / 2

    return -float(minimize_scalar(change, bounds=(0, 2 / lam), method="bounded", options={"xatol": 1e-9}).fun)


def double_sample(generator):
    B, B0 = random_numbers(generator, 2)
    return {"B": B, "B0": B0}, best_gain(B, B0) / best_gain(2 * B, B0)


formula("double-factor", double_sample)
number("double-number", lambda: best_gain(1, 1) / best_gain(2, 1))


@oracle("double-when")
def _(table):
    assert best_gain(0.01, 1) / best_gain(0.02, 1) == pytest.approx(0.5, abs=0.01)  # far below, best rates
    assert best_gain(100, 1) / best_gain(200, 1) == pytest.approx(1, abs=0.01)  # far above
    right = right_text(table)
    assert "doubled too" in right
    assert "far below the noise scale" in right


@oracle("pieces")
def _(table):
    def expected(pieces):
        return float(np.concatenate([np.array(piece) for piece in pieces]).mean())

    shown = [case["args"][0] for case in table["cases"]]
    assert [case["gives"] for case in table["cases"]] == pytest.approx([expected(p) for p in shown])

    def results(source):
        return [made(source, table["function"])(pieces) for pieces in shown]

    assert results(table["answer"]) == pytest.approx([expected(pieces) for pieces in shown])
    for source in (mistake["answer"] for mistake in table["mistakes"]):
        assert results(source) != pytest.approx([expected(pieces) for pieces in shown]), source
    assert made(table["starter"], table["function"])(shown[0]) is None


def settled(eta: float, sigma: float) -> float:
    """Add up what is left of all kicks so far."""
    kept = mpmath.nsum(lambda k: (1 - mpmath.mpf(eta)) ** (2 * k), [0, mpmath.inf])
    return float(mpmath.mpf(eta) ** 2 * mpmath.mpf(sigma) ** 2 * kept)


def cloud_sample(generator):
    eta, sigma = random_numbers(generator, 2)
    return {"eta": 1.5 * eta, "sigma": sigma}, settled(1.5 * eta, sigma)


formula("cloud", cloud_sample)
number("cloud-number", lambda: settled(0.5, 1))


@oracle("cloud-halved")
def _(table):
    assert settled(0.005, 1) / settled(0.01, 1) == pytest.approx(0.5, abs=0.01)
    assert math.log(0.99) / math.log(0.995) == pytest.approx(2, abs=0.01)  # steps for the same shrinking
    assert right_text(table) == "... are halved and doubled."


# ---------------------------------------------------------------- Newton


X, Y = sp.symbols("x y")


def newton(f: sp.Expr, place: tuple[int, int]) -> torch.Tensor:
    """Take one step in exact arithmetic."""
    at = dict(zip((X, Y), place, strict=True))
    slope = sp.Matrix([f.diff(X), f.diff(Y)]).subs(at)
    moved = sp.Matrix(place) - sp.hessian(f, (X, Y)).subs(at).inv() * slope
    return tensor([float(value) for value in moved])


BOWL, SADDLE = X**2 + X * Y + 2 * Y**2 - 3 * X, X**2 - Y**2
formula("newton-point", lambda generator: ({}, newton(BOWL, (0, 0))))
formula("newton-saddle", lambda generator: ({}, newton(SADDLE, (3, 1))))


@oracle("newton-kind")
def _(table):
    bends = sp.hessian(SADDLE, (X, Y)).eigenvals()
    assert {sp.sign(value) for value in bends} == {-1, 1}
    assert SADDLE.subs({X: 1, Y: 0}) > 0 > SADDLE.subs({X: 0, Y: 1})
    assert right_text(table) == "A saddle: lowest along $x$, highest along $y$."


# ---------------------------------------------------------------- Adam


def raw_first_step(beta1: float, beta2: float, g: float = -3.7) -> float:
    """Run the two means from zero, without corrections, and look how far the weight goes at rate 1."""
    m, v = beta1 * 0.0 + (1 - beta1) * g, beta2 * 0.0 + (1 - beta2) * g * g
    return abs(m / math.sqrt(v))


def adam_raw_sample(generator):
    beta1, beta2 = random_numbers(generator, 2)
    return {"beta1": beta1, "beta2": beta2}, raw_first_step(beta1, beta2)


formula("adam-raw", adam_raw_sample)
number("adam-number", lambda: raw_first_step(0.9, 0.99))


def first_move(method: type, scale: float) -> float:
    """Measure the first move of one of PyTorch's optimisers on a loss that has been multiplied."""
    weight = torch.nn.Parameter(tensor(2.0))
    (scale * weight**3).backward()
    more = {"eps": 0.0} if method is torch.optim.Adam else {}
    method([weight], lr=1e-3, **more).step()
    return 2.0 - weight.item()


@oracle("adam-scale")
def _(table):
    assert first_move(torch.optim.Adam, 1000) == pytest.approx(first_move(torch.optim.Adam, 1))
    assert first_move(torch.optim.SGD, 1000) == pytest.approx(1000 * first_move(torch.optim.SGD, 1))
    right = right_text(table)
    assert "Adam does not change" in right
    assert "1000 times longer" in right


@oracle("adam-order")
def _(table):
    weight = torch.nn.Parameter(tensor(2.0))
    method = torch.optim.Adam([weight], lr=0.1)
    for _ in range(2):
        weight.grad = 3 * weight.detach() ** 2
        method.step()
    once = 2.0 - 0.1  # the first step has the length of the rate
    m, v = 0.1 * 12.0, 0.001 * 144.0

    def correct(s):
        s["m_up"], s["v_up"] = s["m"] / (1 - 0.9**2), s["v"] / (1 - 0.999**2)

    steps = [
        lambda s: s.update(g=3 * once**2),
        lambda s: s.update(m=0.9 * m + 0.1 * s["g"]),
        lambda s: s.update(v=0.999 * v + 0.001 * s["g"] ** 2),
        correct,
        lambda s: s.update(quotient=s["m_up"] / (s["v_up"] ** 0.5 + 1e-8)),
        lambda s: s.update(w=once - 0.1 * s["quotient"]),
    ]
    found = orders_that_work(steps, lambda s: math.isclose(s["w"], weight.item(), rel_tol=1e-8))
    assert sorted(found) == [[1, 2, 3, 4, 5, 6], [1, 3, 2, 4, 5, 6]]
    assert table["equivalent"] == [[2, 3]]
    words = ["gradient of a batch", "mean of the gradients", "squares", "corrections", "quotient", "root"]
    words[4:] = ["root of the other", "Subtract"]
    assert all(word in text for word, text in zip(words, table["steps"], strict=True))


# ---------------------------------------------------------------- an inner problem


def root_of_cubic(x: float) -> Any:
    """Solve y^3 + y = x."""
    return mpmath.findroot(lambda y: y**3 + y - x, 0.5 * float(mpmath.mpf(x)))


def inner_sample(generator):
    x = 4 * random_numbers(generator, 1)[0]
    return {"y": float(root_of_cubic(x))}, float(mpmath.diff(root_of_cubic, x))


formula("inner-slope", inner_sample)


def unrolled_sample(generator):
    alpha, q = random_numbers(generator, 2)
    k = int(torch.randint(1, 9, (), generator=generator))
    x, b = tensor(0.7).requires_grad_(), -1.3
    y = tensor(0.0)
    for _ in range(k):
        y = y - alpha * (q * y + b * x)
    (slope,) = torch.autograd.grad(y, x)
    return {"alpha": alpha, "q": q, "k": k}, slope / (-b / q)


formula("unrolled-share", unrolled_sample)


# ---------------------------------------------------------------- mistakes are what their words say


MODELLED = {
    ("one-factor", "3 for the curvature"): lambda: 1 - 0.3 * 3,
    ("one-factor", "climbs"): lambda: one_sgd_step(lambda w: -3 * (w - 2) ** 2, 3.0, 0.3) - 2,
    ("one-factor", "The curvature is missing"): lambda: 1 - 0.3,
    ("one-factor", "2 for the curvature"): lambda: 1 - 0.3 * 2,
    ("one-factor", "*loss*"): lambda: (one_sgd_step(lambda w: 3 * (w - 2) ** 2, 3.0, 0.3) - 2) ** 2,
    ("best-rate", "limit of stability"): lambda: brentq(lambda eta: radius(eta) - 1, 0.21, 0.3),
    ("best-factor", "rate $1/9$"): lambda: radius(1 / 9),
    ("best-factor", "takes momentum"): lambda: ball_radius(4 / (3 + 1) ** 2, ((3 - 1) / (3 + 1)) ** 2, 4.0),
    ("best-factor", "in the middle"): lambda: 1 - best_rate() * 4,
    ("thousand", "$e^{-0.2 t}$"): lambda: math.ceil(math.log(1000) / 0.2),
    ("thousand", "rate $1/9$"): lambda: math.ceil(math.log(1e-3, radius(1 / 9))),
    ("thousand", "factor $0.5$"): lambda: math.ceil(math.log(1e-3, 0.5)),
    ("thousand", "in the middle"): lambda: math.ceil(math.log(1e-3, 0.2)),
    ("thousand", "*loss*"): lambda: math.ceil(math.log(1e-3, 0.8**2)),
    ("sixteenth", "*standard deviation*"): lambda: 128 * 16**2,
    ("double-number", "ratio of the examples"): lambda: 2 * best_gain(1, 1) / best_gain(2, 1),
    ("double-number", "that is saved"): lambda: 1 - best_gain(1, 1) / best_gain(2, 1),
    ("adam-number", "from the text"): lambda: raw_first_step(0.9, 0.999),
    ("cloud-number", "standard deviation"): lambda: math.sqrt(settled(0.5, 1)),
    ("newton-point", "gradient descent"): lambda: (3.0, 0.0),
    ("newton-saddle", "*size* of the curvature"): lambda: (3 - 6 / 2, 1 - (-2) / abs(-2)),
    ("newton-saddle", "gradient descent"): lambda: (3 - 6, 1 + 2),
}


@pytest.mark.parametrize(("name", "words"), MODELLED)
def test_a_mistake_comes_to_what_its_words_speak_of(name, words):
    (mistake,) = [mistake for mistake in TABLES[name]["mistakes"] if words in mistake["says"]]
    found = tensor(MODELLED[name, words]())
    assert torch.allclose(tensor(evaluate(str(mistake["answer"]), {})), found, rtol=1e-6)
    assert not same(found, tensor(evaluate(str(TABLES[name]["answer"]), {})))


MOMENTUM = """def momentum(grad, w, eta, beta, steps):
    v = 0.0
    for _ in range({count}):
        v = beta * v + grad(w)
        w = w {minus} eta * v
    return w
"""
LEARNERS = [
    ("momentum-limit", "0 < eta < 2(1+beta)/lambda", "right", ""),
    ("momentum-limit", r"\eta < \frac{2(1+\beta)}{\lambda}", "right", ""),
    ("momentum-limit", "(0, 2/lambda)", "wrong", "without momentum"),
    ("units", "η < s/c²", "right", ""),
    ("inner-slope", r"\frac{1}{3 {y^\ast}^2 + 1}", "right", ""),
    ("safe-rates", "eta > 0, eta < 2/lambda", "right", ""),
    ("thousand", "31 steps", "right", ""),
    ("epoch-steps", "-(-50000//128)", "right", ""),
    ("one-factor", "-1.8", "wrong", "step at a time"),  # once: the base of a logarithm
    ("best-rate", "0.8", "wrong", "curvature 9"),  # once: the other of two cases
    ("best-rate", "0.15", "wrong", "curvature 1 "),
    ("best-rate", "0.2", "right", ""),
    ("best-factor", "0.98", "wrong", "step at a time"),
    ("adam-number", "0.91", "wrong", "holds squares"),  # once: nearly right
    ("newton-point", "(12/7 -3/7)", "right", ""),
    ("momentum-code", MOMENTUM.format(count="1, steps", minus="-"), "wrong", "one step less"),
    ("momentum-code", MOMENTUM.format(count="steps", minus="+"), "wrong", "This climbs"),
]


@pytest.mark.parametrize(("name", "answer", "status", "words"), LEARNERS)
def test_what_learners_type_gets_the_words_for_it(name, answer, status, words):
    verdict = mark(keys.find(f"optimization/{name}"), answer)
    assert verdict.status == status, verdict
    assert words in verdict.message
