"""The keys of the chapter on backpropagation against oracles that know nothing of them.

The formulas are read from the file of keys by the few lines of `python` below, not by the book's own reader,
and compared with autograd in double precision, with brute force, or with another library.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mpmath
import pytest
import torch
from sklearn.metrics import accuracy_score
from torch.utils.flop_counter import FlopCounterMode

from dlbook.answers import keys
from dlbook.answers.marking import mark

FILE = Path(__file__).parents[2] / "book" / "foundations" / "backpropagation.answers.toml"
TABLES = tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]
ORACLES: dict[str, Callable[[dict[str, Any]], None]] = {}
POINTS = 20

Sample = Callable[[torch.Generator], tuple[dict[str, Any], Any]]


def oracle(*names: str) -> Callable[[Callable[[dict[str, Any]], None]], Callable[[dict[str, Any]], None]]:
    """Register a check for keys."""

    def register(check: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        for name in names:
            assert name not in ORACLES
            ORACLES[name] = check
        return check

    return register


def formula(name: str) -> Callable[[Sample], Sample]:
    """Register a sampler: it gives values of all symbols, and what the right answer is there."""

    def register(sample: Sample) -> Sample:
        oracle(name)(lambda table: compare(table, sample))
        return sample

    return register


@pytest.mark.parametrize("name", TABLES)
def test_an_answer_is_what_its_oracle_finds_and_no_mistake_is(name):
    ORACLES[name](TABLES[name])


def test_every_key_has_an_oracle():
    assert set(TABLES) == set(ORACLES)


@pytest.mark.parametrize("name", [name for name in TABLES if TABLES[name]["kind"] == "number"])
def test_a_number_is_marked_right_as_a_calculator_shows_it_and_wrong_when_it_is_off(name):
    key, value = keys.find(f"backprop/{name}"), evaluate(str(TABLES[name]["answer"]), {})
    digits = 6 if not TABLES[name].get("integer") else 12
    assert mark(key, f"{value:.{digits}g}").right
    assert not mark(key, f"{1.1 * value:.{digits}g}").right


# ---------------------------------------------------------------- reading the formulas of the file


def python(text: str) -> str:
    """Turn a formula of the file into Python; blanks between factors become products."""
    text = re.sub(r"1\[([^\]]*)\]", r"where(\1)", text).replace("^", "**").replace("lambda", "lam")
    text = re.sub(r"\b(relu|phi|tanh|sigmoid)'\(", r"d\1(", text)
    text = re.sub(r"(?<=[\w)])\s+(?=[\w(])|(?<=\))(?=[\w(])", " * ", text)
    return text.replace(".T", ".mT")


def step(a: Any) -> torch.Tensor:
    """Give the slope of the ReLU, 0 at the corner."""
    return (torch.as_tensor(a) > 0).double()


def slope_of(f: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    """Differentiate an elementwise function by autograd."""
    return torch.func.grad(lambda t: f(t).sum())


FUNCTIONS = {
    "relu": lambda a: torch.relu(torch.as_tensor(a)),
    "drelu": step,
    "step": step,
    "where": lambda condition: torch.as_tensor(condition).double(),
    "tanh": torch.tanh,
    "dtanh": slope_of(torch.tanh),
    "dsigmoid": slope_of(torch.sigmoid),
    "sign": torch.sign,
    "cosh": torch.cosh,
    "norm": torch.linalg.norm,
    "sqrt": lambda a: a**0.5,
    "ln": math.log,
    "e": math.e,
}


def evaluate(text: str, values: dict[str, Any]) -> Any:
    """Give the value of a formula of the file."""
    return eval(python(text), {"__builtins__": {}}, {**FUNCTIONS, **values})


def tensor(value: Any) -> torch.Tensor:
    """Make one of a number, of brackets, or of a tensor."""
    return torch.as_tensor(value, dtype=torch.float64)


def same(value: Any, expected: Any) -> bool:
    """Compare shapes and values."""
    value, expected = tensor(value), tensor(expected)
    return value.shape == expected.shape and torch.allclose(value, expected, rtol=1e-9, atol=1e-12)


def holds(text: str, values: dict[str, Any], expected: Any, unknown: str | None) -> bool:
    """Tell whether an answer is the expected one at a point; an equation has to hold for its unknown."""
    if unknown is None:
        return same(evaluate(text, values), expected)
    left, right = text.split("=")
    values = {**values, unknown: expected}
    return same(evaluate(left, values), evaluate(right, values))


def texts(table: dict[str, Any]) -> Iterator[str]:
    """List the right answers, without those in LaTeX, which are for the book's own reader."""
    yield str(table["answer"])
    yield from (text for text in table.get("also", []) if "\\" not in text)


def compare(table: dict[str, Any], sample: Sample) -> None:
    """Hold right answers and mistakes against a sampler at many points."""
    generator = torch.Generator().manual_seed(4)
    points = [sample(generator) for _ in range(POINTS)]
    unknown = table.get("unknown")
    for text in texts(table):
        assert all(holds(text, values, expected, unknown) for values, expected in points), text
    if unknown:  # the equation says nothing else
        for values, expected in points:
            assert not any(
                holds(table["answer"], values, other, unknown) for other in (-expected, expected + 1)
            )
    for mistake in table["mistakes"]:
        if "between" in mistake:
            low, high = mistake["between"]
            assert not any(low <= expected <= high for _, expected in points), mistake
        else:
            assert not all(holds(str(mistake["answer"]), *point, unknown) for point in points), mistake


def number(name: str) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Register an oracle for a single number, which a key may give rounded to its digits."""

    def register(find: Callable[[], float]) -> Callable[[], float]:
        def check(table: dict[str, Any]) -> None:
            expected = float(find())
            last = math.floor(math.log10(abs(expected))) - table.get("digits", 3) + 1
            near = 0.0 if table.get("integer") else 0.5 * 10.0**last
            value = float(evaluate(str(table["answer"]), {}))
            assert abs(value - expected) <= 0.1 * near
            for mistake in table["mistakes"]:
                if "between" in mistake:
                    low, high = mistake["between"]
                    assert high < expected - near or low > expected + near, mistake
                else:
                    assert abs(float(evaluate(str(mistake["answer"]), {})) - expected) > near, mistake

        oracle(name)(check)
        return find

    return register


# ---------------------------------------------------------------- the tiny network, by autograd


START = {"w11": 0.2, "w21": 0.1, "w12": -0.1, "w22": 0.2, "w1": 0.1, "w2": 0.2}


def tiny(y: float = 0.0, relu=torch.relu, x=(-1.0, 2.0), **changed: float) -> SimpleNamespace:
    """Run the network of the chapter's beginning and differentiate it."""
    w = {name: tensor(value).requires_grad_() for name, value in {**START, **changed}.items()}
    a1, a2 = w["w11"] * x[0] + w["w21"] * x[1], w["w12"] * x[0] + w["w22"] * x[1]
    h1, h2 = relu(a1), relu(a2)
    y_hat = torch.sigmoid(w["w1"] * h1 + w["w2"] * h2)
    loss = torch.nn.functional.binary_cross_entropy(y_hat, tensor(y))
    loss.backward()
    slopes = {name: value.grad.item() for name, value in w.items()}
    values = {name: value.item() for name, value in w.items()}
    return SimpleNamespace(
        loss=loss.item(), slopes=slopes, w=values, a2=a2.detach(), h2=h2.detach(), y_hat=y_hat.detach()
    )


def stepped(run: SimpleNamespace, eta: float = 0.1, *, climb: bool = False) -> dict[str, float]:
    """Take one step of PyTorch's own optimiser."""
    names = list(run.w)
    weights = torch.nn.Parameter(tensor([run.w[name] for name in names]))
    weights.grad = tensor([run.slopes[name] for name in names])
    torch.optim.SGD([weights], lr=eta, maximize=climb).step()
    return dict(zip(names, weights.tolist(), strict=True))


number("other-loss")(lambda: tiny(y=1.0).loss)
number("other-slope")(lambda: tiny(y=1.0).slopes["w2"])
number("away-slope")(lambda: tiny(w11=0.1).slopes["w12"])
number("away-loss")(lambda: tiny(**stepped(tiny(w11=0.1))).loss)
number("corner-step")(lambda: stepped(tiny(relu=lambda a: torch.where(a >= 0, a, 0 * a)))["w11"])


@formula("every-factor")
def _(generator):
    draw = torch.randn(8, generator=generator, dtype=torch.float64)
    y = float(torch.randint(2, (), generator=generator))
    run = tiny(y, x=draw[:2], **dict(zip(START, draw[2:].tolist(), strict=True)))
    symbols = {"y_hat": run.y_hat, "y": y, "a2": run.a2, "h2": run.h2, "x1": draw[0], "x2": draw[1], **run.w}
    return symbols, run.slopes["w22"]


@number("blind-weight")
def _():
    def gap(w2):
        run = tiny(w2=w2)
        return run.slopes["w22"] - float(run.y_hat) * float(run.h2) * 2.0  # the second student's line

    return mpmath.findroot(lambda w2: gap(float(w2)), (0.3, 0.8), solver="secant", tol=1e-20)


@oracle("falling-loss")
def _(table):
    run = tiny()
    wrong = {**run.slopes, "w12": 2.5 * run.slopes["w12"], "w22": 2.5 * run.slopes["w22"]}
    after = tiny(**{name: run.w[name] - 0.1 * wrong[name] for name in wrong}).loss
    assert after < tiny(**stepped(run)).loss < run.loss  # so a right gradient need not win, either
    assert table["answer"] is False


@oracle("small-steps")
def _(table):
    generator = torch.Generator().manual_seed(1)
    for _ in range(POINTS):
        draw = torch.randn(6, generator=generator, dtype=torch.float64).tolist()
        run = tiny(relu=torch.tanh, **dict(zip(START, draw, strict=True)))
        assert tiny(relu=torch.tanh, **stepped(run, 1e-4)).loss < run.loss
    assert table["answer"] is True


@oracle("zero-entry")
def _(table):
    wrong = float(tiny().y_hat) * max(0.0, 0.2 * -1 + 0.1 * 2) * -1  # h1 where w1 belongs
    assert wrong == tiny().slopes["w11"] == 0  # the zero is right, and yet ...
    run = tiny(w11=-0.5)
    assert float(run.y_hat) * (0.5 + 0.2) * -1 != pytest.approx(run.slopes["w11"])  # ... the line is wrong
    assert table["answer"] is False


@oracle("double-rate")
def _(table):
    run = tiny()
    doubled = SimpleNamespace(w=run.w, slopes={name: 2 * slope for name, slope in run.slopes.items()})
    assert stepped(run, 0.1) == pytest.approx(stepped(doubled, 0.05))
    assert stepped(run, 0.1) != pytest.approx(stepped(run, 0.01))  # the direction alone is not enough
    assert table["answer"] is True


@formula("update")
def _(generator):
    w, g, eta = torch.randn(3, generator=generator, dtype=torch.float64).tolist()
    weight = torch.nn.Parameter(tensor(w))
    weight.grad = tensor(g)
    torch.optim.SGD([weight], lr=abs(eta)).step()
    return {"w": w, "g": g, "eta": abs(eta)}, weight.item()


@formula("penalty-step")
def _(generator):
    w, eta, lam = torch.randn(3, generator=generator, dtype=torch.float64).tolist()
    weight = torch.nn.Parameter(tensor(w))
    weight.grad = tensor(0.0)
    torch.optim.SGD([weight], lr=abs(eta), weight_decay=abs(lam)).step()
    return {"w": w, "eta": abs(eta), "lam": abs(lam)}, weight.item()


# ---------------------------------------------------------------- orders: every order is tried


def orders_that_work(
    steps: list[Callable[[dict[str, Any]], None]], right: Callable[[dict[str, Any]], bool]
) -> list:
    """Try the steps in all orders; one that lacks something, or multiplies what does not fit, fails."""
    found = []
    for order in itertools.permutations(range(1, len(steps) + 1)):
        state: dict[str, Any] = {}
        try:
            for index in order:
                steps[index - 1](state)
        except (KeyError, RuntimeError):
            continue
        if right(state):
            found.append(list(order))
    return found


@oracle("training-step")
def _(table):
    x, y, w = tensor([-1.0, 2.0]), tensor(0.0), tensor([0.3, 0.4])

    def update(s):
        s["w"] = w - 0.1 * s["gradient"]

    steps = [
        lambda s: s.update(x=x, y=y),
        lambda s: s.update(y_hat=torch.sigmoid(w @ s["x"]), kept=s["x"]),
        lambda s: s.update(delta=s["y_hat"] - s["y"]),
        lambda s: s.update(gradient=s["delta"] * s["kept"]),
        update,
    ]
    slope = torch.func.grad(lambda w: torch.nn.functional.binary_cross_entropy(torch.sigmoid(w @ x), y))(w)
    assert orders_that_work(steps, lambda s: same(s["w"], w - 0.1 * slope)) == [[1, 2, 3, 4, 5]]
    words = ["batch", "forwards", "derivative by the output", "Walk back", "Subtract"]
    words[2] = "output pre-activations"
    assert all(word in text for word, text in zip(words, table["steps"], strict=True))


def batch(generator: torch.Generator, phi: Callable, n=6, d=5, m=3, c=4) -> SimpleNamespace:
    """Run the two layers of the chapter on random numbers and keep what autograd finds."""
    X, W1, W2 = (
        torch.randn(size, generator=generator, dtype=torch.float64).requires_grad_()
        for size in [(n, d), (d, m), (m, c)]
    )
    labels = torch.randint(c, (n,), generator=generator)
    Z1 = X @ W1 + torch.randn(m, generator=generator, dtype=torch.float64)
    H = phi(Z1)
    Z2 = H @ W2
    Z2.retain_grad()
    torch.nn.functional.cross_entropy(Z2, labels).backward()
    parts = {"X": X, "W1": W1, "W2": W2, "Z1": Z1, "H": H, "Z2": Z2}
    return SimpleNamespace(
        labels=labels, by_W1=W1.grad, Delta2=Z2.grad, **{name: part.detach() for name, part in parts.items()}
    )


@oracle("way-back")
def _(table):
    b = batch(torch.Generator().manual_seed(2), torch.sigmoid)

    def begin(s):
        s["D"] = (b.Z2.softmax(1) - torch.eye(4, dtype=torch.float64)[b.labels]) / 6

    steps = [
        begin,
        lambda s: s.update(D=s["D"] @ b.W2.T),
        lambda s: s.update(D=s["D"] * b.H * (1 - b.H)),
        lambda s: s.update(D=b.X.T @ s["D"]),
        lambda s: s.update(D=s["D"] + 0.3 * b.W1),
    ]
    assert orders_that_work(steps, lambda s: same(s["D"], b.by_W1 + 0.3 * b.W1)) == [[1, 2, 3, 4, 5]]
    words = ["one-hot", "W_2", "odot", "of $X$", "lambda"]
    assert all(word in text for word, text in zip(words, table["steps"], strict=True))


# ---------------------------------------------------------------- sets: membership by brute force


def member(text: str, value: float, name: str) -> bool:
    """Tell whether a number is in a set as the file writes it."""
    if name in text:
        return bool(evaluate(text, {name: value}))
    ends = [float(evaluate(part, {})) for part in text[1:-1].split(",") if part.strip()]
    if text[0] == "{":
        return value in ends
    above = value >= ends[0] if text[0] == "[" else value > ends[0]
    below = value <= ends[1] if text[-1] == "]" else value < ends[1]
    return above and below


def check_set(table: dict[str, Any], inside: Callable[[float], bool]) -> None:
    """Hold a set and its mistakes against a test of single numbers."""
    grid = [k / 8 for k in range(-16, 25)] + [1e-9, -1e-9, 1 + 1e-9, 1 - 1e-9]
    name = table["variable"]
    for text in texts(table):
        assert all(member(text, value, name) == inside(value) for value in grid), text
    for mistake in table["mistakes"]:
        assert any(member(mistake["answer"], value, name) != inside(value) for value in grid), mistake


@oracle("corner-slopes")
def _(table):
    t = torch.linspace(-4, 4, 801, dtype=torch.float64)
    check_set(table, lambda slope: bool((slope * t <= torch.relu(t)).all()))


BITS = tensor([[0, 0], [0, 1], [1, 0], [1, 1]])


def xor_net(x: torch.Tensor, bend: Callable) -> torch.Tensor:
    """Run the network of the section on XOR, with matrices."""
    return bend(x @ tensor([[1, 1], [1, 1]]) + tensor([0, -1])) @ tensor([1, -2])


@oracle("xor-thresholds")
def _(table):
    wanted = [bool(a) != bool(b) for a, b in BITS.tolist()]
    check_set(table, lambda tau: (xor_net(BITS, torch.relu) > tau).tolist() == wanted)


@formula("xor-collapse")
def _(generator):
    x = torch.randn(2, generator=generator, dtype=torch.float64)
    return {"x1": x[0], "x2": x[1]}, xor_net(x, lambda a: a)


@formula("signs-sum")
def _(generator):
    w1, w2, b = torch.randn(3, generator=generator, dtype=torch.float64).tolist()
    unit = torch.nn.Linear(2, 1, dtype=torch.float64)
    unit.load_state_dict({"weight": tensor([[w1, w2]]), "bias": tensor([b])})
    return {"w1": w1, "w2": w2, "b": b}, unit(tensor([[-1, -1], [1, 1]])).sum().detach()


@number("signs-bias")
def _():
    points = list(itertools.product((-1, 1), repeat=2))
    needed = {(1 if p != q else -1) - max(0, p - q) - max(0, q - p) for p, q in points}
    assert len(needed) == 1
    return needed.pop()


# ---------------------------------------------------------------- deltas, shapes, counts


def delta_network(target: float = 4) -> SimpleNamespace:
    """Differentiate the network with the units 1 to 6."""
    x = tensor([1, -2])
    W = tensor([[0.5, -1], [1, 1], [2, 0.5]]).requires_grad_()
    s = W @ x
    s.retain_grad()
    (0.5 * (target - tensor([1, -2, 0.5]) @ torch.relu(s)) ** 2).backward()
    return SimpleNamespace(deltas=s.grad, weights=W.grad)


formula("deltas")(lambda generator: ({}, delta_network().deltas))
formula("delta-weights")(lambda generator: ({}, delta_network().weights))


def layers() -> torch.nn.Sequential:
    """Make the network with 784 inputs, 128 hidden units and 10 outputs."""
    return torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.Sigmoid(), torch.nn.Linear(128, 10))


@oracle("shape-z1", "shape-delta2", "shape-w2", "shape-delta1", "shape-b1", "shape-x")
def shapes_of_the_batch(table):
    X = torch.rand(32, 784, requires_grad=True)
    W1, b1, W2, b2 = (torch.rand(s, requires_grad=True) for s in [(784, 128), (128,), (128, 10), (10,)])
    Z1 = X @ W1 + b1
    Z2 = torch.sigmoid(Z1) @ W2 + b2
    Z1.retain_grad()
    Z2.retain_grad()
    torch.nn.functional.cross_entropy(Z2, torch.zeros(32, dtype=torch.long)).backward()
    asked = {
        "Z_1$": Z1, r"\Delta_2$": Z2.grad, r"\partial W_2$": W2.grad,
        r"\Delta_1$": Z1.grad, r"\partial b_1$": b1.grad, r"\partial X$": X.grad,
    }  # fmt: skip
    (found,) = [value for words, value in asked.items() if table["prompt"].endswith(words)]
    assert evaluate(table["answer"], {}) == tuple(found.shape)
    assert all(evaluate(mistake["answer"], {}) != tuple(found.shape) for mistake in table["mistakes"])


def flops(backwards: bool) -> int:
    """Let PyTorch count the multiplications for one image."""
    net, image = layers(), torch.rand(1, 784)
    with FlopCounterMode(display=False) as counted:
        loss = torch.nn.functional.cross_entropy(net(image), torch.tensor([3]))
        if backwards:
            loss.backward()
    return counted.get_total_flops() // 2


number("count")(lambda: sum(p.numel() for p in layers().parameters()))
number("cost-forward")(lambda: flops(False))
number("cost-backward")(lambda: flops(True) - flops(False))


@number("cost-check")
def _():
    calls = 0

    def f(w):
        nonlocal calls
        calls += 1
        return (w**2).sum()

    for nudge in torch.eye(7):  # a check of seven weights
        f(nudge), f(-nudge)
    return calls * sum(p.numel() for p in layers().parameters()) // 7


# ---------------------------------------------------------------- matrices, softmax, two examples


@formula("penalty-share")
def _(generator):
    W1 = torch.randn(3, 2, generator=generator, dtype=torch.float64)
    lam = float(torch.rand((), generator=generator))
    expected = torch.func.grad(lambda W: lam / 2 * torch.linalg.matrix_norm(W) ** 2)(W1)
    return {"W1": W1, "lam": lam}, expected


@formula("activations-w1")
def _(generator):
    phi = [torch.tanh, torch.nn.functional.softplus][int(torch.randint(2, (), generator=generator))]
    b = batch(generator, phi)
    symbols = {name: getattr(b, name) for name in ("X", "W1", "W2", "Z1", "H", "Delta2")}
    return {**symbols, "phi": phi, "dphi": slope_of(phi)}, b.by_W1


@formula("activations-tanh")
def _(generator):
    z = torch.randn((), generator=generator, dtype=torch.float64)
    return {"h": torch.tanh(z)}, torch.func.grad(torch.tanh)(z)


ROW, LABEL = tensor([0.5, 0.25, 0.25]), tensor([0, 1, 0])
formula("row-probabilities")(lambda generator: ({}, torch.func.grad(lambda p: -(LABEL * p.log()).sum())(ROW)))
formula("row-logits")(
    lambda generator: ({}, torch.func.grad(lambda z: torch.nn.functional.cross_entropy(z, LABEL))(ROW.log()))
)


def two_examples(generator: torch.Generator) -> tuple[dict[str, Any], SimpleNamespace]:
    """Differentiate the network of the exercise, with the squared loss in the place of any loss."""
    names = ["w1", "w2", "x1", "x2", "b", "y1", "y2"]
    v = dict(zip(names, torch.randn(7, generator=generator, dtype=torch.float64), strict=True))
    w2, x1 = v["w2"].requires_grad_(), v["x1"].requires_grad_()
    z = torch.stack([v["w1"] * x1 + v["b"], v["w1"] * v["x2"] + v["b"]])
    y_hat = w2 * torch.tanh(z)
    y_hat.retain_grad()
    torch.nn.functional.mse_loss(y_hat, torch.stack([v["y1"], v["y2"]])).backward()
    e = 2 * y_hat.grad  # by the own loss of each example, of which the mean was taken
    values = {name: value.detach() for name, value in v.items()}
    return {**values, "z1": z[0].detach(), "z2": z[1].detach(), "e1": e[0], "e2": e[1]}, SimpleNamespace(
        by_w2=w2.grad, by_x1=x1.grad
    )


@formula("two-examples-weight")
def _(generator):
    symbols, slopes = two_examples(generator)
    return symbols, slopes.by_w2


@formula("two-examples-input")
def _(generator):
    symbols, slopes = two_examples(generator)
    return symbols, slopes.by_x1


# ---------------------------------------------------------------- differences


def least_sum(eps: float, A: float, B: float) -> float:
    """Find the step with the least sum of the two errors, from the zero of its slope."""
    guess = (eps * A / B) ** (1 / 3)
    slope = torch.func.grad(lambda u: B * (u * guess) ** 2 / 6 + eps * A / (u * guess))
    low, high = 0.1, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(tensor(middle)) < 0 else (low, middle)
    return low * guess


@formula("best-step")
def _(generator):
    eps, A, B = (torch.rand(3, generator=generator, dtype=torch.float64) + 0.1).tolist()
    return {"eps": eps, "A": A, "B": B}, least_sum(eps, A, B)


number("best-step-number")(lambda: least_sum(torch.finfo(torch.float64).eps, 1, 1))


@oracle("weak-checks")
def _(table):
    functions = {
        "$3 w_1 - w_2$": lambda w: 3 * w[0] - w[1],
        "$w_1^2$": lambda w: w[0] ** 2,
        r"$\max(0, w_1) + 5 w_2$": lambda w: w[0].clamp_min(0) + 5 * w[1],
        r"$\sigma(w_1 w_2)$": lambda w: torch.sigmoid(w[0] * w[1]),
        "the constant 5": lambda w: 5 + 0 * w[0],
    }
    place, shows = tensor([1, 2]), []
    for letter, option in zip("abcde", table["options"], strict=True):
        f = functions[option["text"]]
        quotients = [(f(place + 0.1 * e) - f(place)) / 0.1 for e in torch.eye(2, dtype=torch.float64)]
        found = (torch.stack(quotients) - torch.func.grad(f)(place)).abs().max() > 1e-3
        assert found == option.get("right", False)
        shows += letter if found else []
    assert all(mistake["answer"] != " ".join(shows) for mistake in table["mistakes"])


@oracle("larger-batch")
def _(table):
    generator = torch.Generator().manual_seed(0)
    X, w = torch.randn(25_600, 8, generator=generator), torch.zeros(8)
    y = X @ torch.ones(8) + torch.randn(25_600, generator=generator)
    gradient = torch.func.grad(lambda w, X, y: ((X @ w - y) ** 2).mean())
    small, large = (
        torch.stack([gradient(w, *part) for part in zip(X.split(size), y.split(size), strict=True)])
        for size in (32, 256)
    )
    assert len(small) == 8 * len(large)  # an eighth of the steps
    assert large.norm(dim=1).mean() > 0.8 * small.norm(dim=1).mean()  # each about as long
    assert large.std(0).mean() < small.std(0).mean()  # and not less exact
    (right,) = [option["text"] for option in table["options"] if option.get("right")]
    assert "an eighth of the steps" in right
    assert "as long" in right


# ---------------------------------------------------------------- code


def made(source: str, name: str) -> Callable[..., Any]:
    """Run a key's source and take its function."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace[name]


@oracle("central-slopes")
def _(table):
    delta, place = 0.5, [0.75, -1.25]

    def cubic(w):
        return w[0] ** 3 + 2 * w[0] ** 2 * w[1] - w[1] ** 3

    slopes = torch.func.grad(cubic)(tensor(place))
    thirds = tensor([6, -6])  # by w_1 three times, by w_2 three times
    found = made(table["answer"], table["function"])(cubic, place, delta)
    assert same(found, slopes + thirds * delta**2 / 6)
    assert place == [0.75, -1.25]
    for source in [table["starter"], *(mistake["answer"] for mistake in table["mistakes"])]:
        assert not same(made(source, table["function"])(cubic, list(place), delta), found), source


@oracle("share-right")
def _(table):
    generator = torch.Generator().manual_seed(3)
    cases = [case["args"][0] for case in table["cases"]]
    for sizes in [(4, 4, 4), (5, 2), (1, 1, 7), (3,)]:
        draws = [torch.randint(3, (2, size), generator=generator).tolist() for size in sizes]
        cases.append([tuple(draw) for draw in draws])
    flat = [[list(itertools.chain(*column)) for column in zip(*parts, strict=True)] for parts in cases]
    expected = [accuracy_score(labels, answers) for answers, labels in flat]
    assert [case["gives"] for case in table["cases"]] == pytest.approx(expected[: len(table["cases"])])

    def results(source):
        return [made(source, table["function"])(parts) for parts in cases]

    assert results(table["answer"]) == pytest.approx(expected)
    for source in [table["starter"], *(mistake["answer"] for mistake in table["mistakes"])]:
        shown = [made(source, table["function"])(case["args"][0]) for case in table["cases"]]
        assert shown != pytest.approx(expected[: len(shown)]), source  # the cases of the key find it


# ---------------------------------------------------------------- mistakes are what their words say


def second_student(**changed: float) -> SimpleNamespace:
    """Put the value h_j where the weight w_j belongs."""
    run = tiny(**changed)
    h1 = max(0.0, -run.w["w11"] + 2 * run.w["w21"])
    p, h2 = float(run.y_hat), float(run.h2)
    hidden = {"w11": -p * h1, "w21": 2 * p * h1, "w12": -p * h2, "w22": 2 * p * h2}
    return SimpleNamespace(**{**vars(run), "slopes": {**run.slopes, **hidden}})


def first_order() -> float:
    """Predict the loss after a step from the gradient alone."""
    run = tiny(w11=0.1)
    return run.loss - 0.1 * sum(slope**2 for slope in run.slopes.values())


JACOBIAN = torch.diag(ROW) - torch.outer(ROW, ROW)
BERNOULLI = (ROW - LABEL) / (ROW * (1 - ROW))
MODELLED = {
    ("other-loss", "of the other label"): lambda: tiny(y=0.0).loss,
    ("other-loss", "the probability"): lambda: tiny().y_hat,
    ("other-loss", "to label 0"): lambda: 1 - tiny().y_hat,
    ("other-loss", "a squared error"): lambda: (1 - tiny().y_hat) ** 2,
    ("other-slope", "without passing"): lambda: -tiny().h2 / tiny().y_hat,
    ("other-slope", "it cancels"): lambda: tiny(y=1.0).slopes["w2"] * tiny().y_hat * (1 - tiny().y_hat),
    ("other-slope", "for the label 0"): lambda: tiny(y=0.0).slopes["w2"],
    ("other-slope", "by the weight"): lambda: tiny(y=1.0).slopes["w2"] * 0.2 / 0.5,
    ("blind-weight", "the ratio"): lambda: second_student().slopes["w12"] / tiny().slopes["w12"],
    ("away-slope", "stands where an edge"): lambda: second_student(w11=0.1).slopes["w12"],
    ("away-slope", "old prediction"): lambda: tiny().slopes["w12"],
    ("away-slope", "the other input"): lambda: tiny(w11=0.1).slopes["w22"],
    ("away-slope", "the edge of unit 1"): lambda: tiny(w11=0.1).slopes["w11"] * 0.2 / 0.1 / 2,
    ("away-slope", "for the label 1"): lambda: tiny(y=1.0, w11=0.1).slopes["w12"],
    ("away-loss", "second student"): lambda: tiny(**stepped(second_student(w11=0.1))).loss,
    ("away-loss", "risen"): lambda: tiny(**stepped(tiny(w11=0.1), climb=True)).loss,
    ("away-loss", "before the step"): lambda: tiny(w11=0.1).loss,
    ("away-loss", "first order"): first_order,
    ("corner-step", "Nothing moved"): lambda: stepped(second_student())["w11"],
    ("deltas", "turned round"): lambda: -delta_network().deltas,
    ("deltas", "old target"): lambda: delta_network(target=1).deltas,
    ("deltas", "values of the units"): lambda: -torch.relu(tensor([2.5, -1, 1])),
    ("delta-weights", "wrong places"): lambda: delta_network().weights.T,
    ("delta-weights", "turned round"): lambda: -delta_network().weights,
    ("delta-weights", "of the text"): lambda: delta_network(target=1).weights,
    ("count", "of the hidden layer"): lambda: sum(p.numel() for p in layers().parameters()) - 128,
    ("count", "of the output layer"): lambda: sum(p.numel() for p in layers().parameters()) - 10,
    ("count", "the weights"): lambda: sum(p.numel() for p in layers().parameters() if p.ndim == 2),
    ("count", "first layer"): lambda: sum(p.numel() for p in layers()[0].parameters()),
    ("row-probabilities", "sigmoid output"): lambda: BERNOULLI,
    ("row-probabilities", "by the logits"): lambda: ROW - LABEL,
    ("row-probabilities", "left out the label"): lambda: -1 / ROW,
    ("row-logits", "the same number"): lambda: ROW - 1,
    ("row-logits", "number of the class"): lambda: ROW - 2,
    ("row-logits", "diagonal alone"): lambda: JACOBIAN.diagonal() * (-LABEL / ROW),
    ("row-logits", "sigmoid output"): lambda: JACOBIAN @ BERNOULLI,
    ("row-logits", "truth minus prediction"): lambda: LABEL - ROW,
    ("best-step-number", "two errors equal"): lambda: (6 * torch.finfo(torch.float64).eps) ** (1 / 3),
    ("best-step-number", "square root"): lambda: torch.finfo(torch.float64).eps ** 0.5,
    ("best-step-number", "single precision"): lambda: least_sum(torch.finfo(torch.float32).eps, 1, 1),
    ("cost-forward", "biases too"): lambda: sum(p.numel() for p in layers().parameters()),
    ("cost-backward", "forwards and backwards"): lambda: flops(True),
    ("cost-backward", "twice a forward pass"): lambda: 2 * flops(False),
}


@pytest.mark.parametrize(("name", "words"), MODELLED)
def test_a_mistake_comes_to_what_its_words_speak_of(name, words):
    (mistake,) = [mistake for mistake in TABLES[name]["mistakes"] if words in mistake["says"]]
    found = MODELLED[name, words]()
    if "between" in mistake:
        low, high = mistake["between"]
        assert low < found < high
        assert high - low < 2e-4
    else:
        assert same(evaluate(str(mistake["answer"]), {}), found)
