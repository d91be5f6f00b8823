"""Values of formulas: right to many digits, defined where they should be, never slow."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import torch

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Undecided, Unreadable
from dlbook.answers.reading.parse import read
from dlbook.answers.symbols import FunctionSpec, SymbolSpec, Vocabulary
from dlbook.answers.tree import Binary, Call, Node, Number, Unary
from dlbook.answers.values import functions
from dlbook.answers.values.evaluate import Program, number
from dlbook.answers.values.numbers import CTX, Array, Machine, ShapeClash, TooLarge, Undefined
from dlbook.answers.values.points import sample
from dlbook.answers.values.shapes import infer

WORDS = Vocabulary({n: SymbolSpec(n, n) for n in "xyz"}, {"phi": FunctionSpec("phi", r"\varphi")})
ARRAYS = Vocabulary(
    {
        "X": SymbolSpec("X", "X", shape=("B", "d")),
        "D": SymbolSpec("D", r"\Delta", shape=("B", "h")),
        "W": SymbolSpec("W", "W", shape=("d", "h")),
        "A": SymbolSpec("A", "A", shape=("d", "d")),
        "b": SymbolSpec("b", "b", shape=("h",)),
        "v": SymbolSpec("v", "v", shape=("d",)),
        "B": SymbolSpec("B", "B", domain="natural"),
    },
    sizes={"B": (3, 2), "d": (4, 5), "h": (2, 3)},
)
EMPTY = Vocabulary()


def n(value: int) -> Number:
    return Number(Fraction(value), 1, True)


def value(text: str, vocabulary: Vocabulary = WORDS, **values: float) -> float:
    return Program(read(text, vocabulary), vocabulary).run(
        {k: CTX.mpf(v) for k, v in values.items()}, Clock()
    )


ORACLES = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log10": mpmath.log10,
    "sqrt": mpmath.sqrt,
    "abs": abs,
    "sin": mpmath.sin,
    "log2": lambda x: mpmath.log(x, 2),
    "sign": mpmath.sign,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "asinh": mpmath.asinh,
    "atanh": mpmath.atanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "relu": lambda x: max(x, 0),
    "step": lambda x: int(x > 0),
    "dsigmoid": lambda x: mpmath.diff(lambda t: 1 / (1 + mpmath.exp(-t)), x),
    "dtanh": lambda x: mpmath.diff(mpmath.tanh, x),
}


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize("x", ["0.37", "-0.61"])
def test_functions_of_one_number_agree_with_mpmath(name: str, x: str) -> None:
    if name in ("log", "log10", "log2", "sqrt") and x.startswith("-"):
        with pytest.raises(Undefined):
            functions.apply(Machine(200, Clock()), name, [CTX.mpf(x)])
        return
    with mpmath.workdps(80):
        expected = ORACLES[name](mpmath.mpf(x))
        found = mpmath.mp.make_mpf(functions.apply(Machine(200, Clock()), name, [CTX.mpf(x)])._mpf_)
        assert abs(found - expected) <= mpmath.mpf(10) ** -25 * max(1, abs(expected))


def test_acosh_begins_at_one() -> None:
    assert float(value("acosh(2)")) == pytest.approx(np.arccosh(2))
    with pytest.raises(Undefined):
        value("acosh(0.5)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2^3^2", 512),
        ("-x^2", -9),
        ("x!", 6),
        ("5%", 0.05),
        ("0^0", 1),
        ("(-8)^2", 64),
        ("(-2)^-1", -0.5),
        ("max(1, x, 2)", 3),
        ("1[x > 2]", 1),
        ("1[2 < x < 3]", 0),
        ("1[x = 3]", 1),
        ("1[x >= 3]", 1),
        ("1[x < 3]", 0),
        ("1[x <= 3]", 1),
        ("1[x != 3]", 0),
        ("pi", np.pi),
        ("e^x", np.exp(3)),
        ("relu'(0)", 0),
    ],
)
def test_operators_and_comparisons_have_their_usual_values(text: str, expected: float) -> None:
    assert float(value(text, x=3)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["1/(x-3)", "log(x-3)", "log(-x)", "sqrt(-x)", "(-x)^0.5", "0^-1", "(x-5)!", "0.5!"]
)
def test_what_has_no_value_is_undefined_and_says_where(text: str) -> None:
    with pytest.raises(Undefined) as caught:
        value(text, x=3)
    start, end = caught.value.span
    assert 0 <= start < end <= len(text)


def nested(depth: int) -> Node:
    node: Node = n(9)
    for _ in range(depth):
        node = Binary("^", n(9), node)
    return node


@pytest.mark.parametrize(
    "node",
    [
        nested(2),
        nested(3),
        nested(40),
        Binary("^", n(3), Binary("^", n(10), n(20000))),
        Unary("!", n(1001)),
        Unary("!", Unary("!", n(999))),
        Call("exp", (Call("exp", (n(1000),)),)),
        Binary("^", Call("exp", (n(60000),)), n(50)),
        Call("sin", (Call("exp", (n(50000),)),)),
        Call("cosh", (n(10**9),)),
        Call("tanh", (n(10**30),)),
        Call("sigmoid", (n(10**9),)),
        Call("softplus", (n(10**9),)),
        Call("exp", (Unary("-", n(10**6)),)),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_computed(node: Node) -> None:
    begin = time.perf_counter()
    with pytest.raises(Undecided):
        number(node, EMPTY)
    assert time.perf_counter() - begin < 0.2


def test_a_sum_of_thousands_of_terms_is_no_deeper_than_one_of_two() -> None:
    node: Node = n(1)
    for _ in range(3000):
        node = Binary("+", node, n(1))
    assert number(node, EMPTY) == 3001


def test_the_clock_is_asked_while_computing() -> None:
    node: Node = n(1)
    for _ in range(100):
        node = Binary("+", node, n(1))
    with pytest.raises(Undecided):
        number(node, EMPTY, Clock(-1.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(10^50 + x) - 10^50", "1.37"),
        ("(exp(3000) + x) - exp(3000)", "1.37"),
        ("log(1 + 1e-70) * 1e70", "1"),
        ("(exp(1e-80) - 1) * 1e80", "1"),
        ("(1 - sigma(150)) * (1 + exp(150))", "1"),
        ("(1 - tanh(150)) * (1 + exp(300)) / 2", "1"),
        ("log(cos(10^-28)) * 10^56", "-1/2"),
        ("(4^(10^-70) - 1) * 10^70 / ln(4)", "1"),
        ("1/((10^80 + x) - 10^80)", str(1 / Fraction("1.37"))),
    ],
)
def test_cancellation_is_noticed_and_computed_with_more_digits(text: str, expected: str) -> None:
    found = value(text, x=1.37)
    assert float(found) == pytest.approx(float(Fraction(expected)), rel=1e-12)


def test_what_cancels_altogether_is_exactly_zero() -> None:
    assert value("(sqrt(2) + x)^2 - 2 - 2 sqrt(2) x - x^2", x=0.3) == 0


def test_other_code_keeps_its_precision() -> None:
    before = mpmath.mp.prec
    value("exp(x) - exp(x + 10^-80)", x=1)
    assert mpmath.mp.prec == before


@pytest.mark.parametrize("variant", [0, 1])
def test_open_functions_come_with_their_own_derivative(variant: int) -> None:
    machine = Machine(200, Clock())
    x, h = CTX.mpf("0.7"), CTX.mpf("1e-20")
    f = [functions.open_function(machine, 0, variant, False, x + s * h) for s in (1, -1)]
    slope = functions.open_function(machine, 0, variant, True, x)
    assert abs((f[0] - f[1]) / (2 * h) - slope) < 1e-30


def test_open_functions_are_neither_even_nor_odd_nor_linear_nor_each_other() -> None:
    machine = Machine(200, Clock())
    x = CTX.mpf("0.7")
    found = {
        (k, v, s): functions.open_function(machine, k, v, False, s * x)
        for k in (0, 1)
        for v in (0, 1)
        for s in (1, -1)
    }
    values = sorted(abs(f) for f in found.values())
    assert all(b - a > 1e-3 for a, b in pairwise(values))


def test_number_refuses_symbols_and_lists() -> None:
    with pytest.raises(Unreadable, match="put it in"):
        number(read("2x", WORDS), WORDS)
    with pytest.raises(Unreadable, match="not several"):
        number(read("(1, 2)", WORDS), WORDS)


def test_infinity_is_a_number_only_by_itself() -> None:
    assert number(read("-inf", EMPTY), EMPTY) == -CTX.inf
    with pytest.raises(Unreadable):
        number(read("inf - inf", EMPTY), EMPTY)


MATRIX_FORMULAS = {
    "X.T @ D": lambda X, D, W, A, b, v: X.T @ D,
    "X W + b": lambda X, D, W, A, b, v: X @ W + b,
    "X @ v": lambda X, D, W, A, b, v: X @ v,
    "v.T @ W": lambda X, D, W, A, b, v: v @ W,
    "X * X": lambda X, D, W, A, b, v: X * X,
    "X * v": lambda X, D, W, A, b, v: X * v,
    "D.sum(0)": lambda X, D, W, A, b, v: D.sum(0),
    "mean(D, axis=1)": lambda X, D, W, A, b, v: D.mean(1),
    "sum(D)": lambda X, D, W, A, b, v: D.sum(),
    "mean(D)": lambda X, D, W, A, b, v: D.mean(),
    "softmax(D)": lambda X, D, W, A, b, v: torch.softmax(D, dim=-1),
    "inv(A)": lambda X, D, W, A, b, v: torch.linalg.inv(A),
    "trace(A)": lambda X, D, W, A, b, v: torch.trace(A),
    "diag(A)": lambda X, D, W, A, b, v: torch.diag(A),
    "diag(v)": lambda X, D, W, A, b, v: torch.diag(v),
    "norm(D)": lambda X, D, W, A, b, v: torch.linalg.norm(D),
    "v b^T": lambda X, D, W, A, b, v: torch.outer(v, b),
    "outer(v, b)": lambda X, D, W, A, b, v: torch.outer(v, b),
    "v^T v": lambda X, D, W, A, b, v: v @ v,
    "dot(v, v)": lambda X, D, W, A, b, v: v @ v,
    "max(0, X)": lambda X, D, W, A, b, v: X.clamp(min=0),
    "relu'(X)": lambda X, D, W, A, b, v: (X > 0).double(),
    "1[X > 0] * X": lambda X, D, W, A, b, v: (X > 0) * X,
    "X / 2 - 1": lambda X, D, W, A, b, v: X / 2 - 1,
    "1 - v": lambda X, D, W, A, b, v: 1 - v,
    "v^2": lambda X, D, W, A, b, v: v**2,
    "-X": lambda X, D, W, A, b, v: -X,
    "X^T D / B": lambda X, D, W, A, b, v: X.T @ D / X.shape[0],
    "[[1, 2], [3, 4]] @ (5, 6)": lambda *a: torch.tensor([17.0, 39.0], dtype=torch.float64),
}


def as_tensor(array: object) -> torch.Tensor:
    if isinstance(array, Array):
        return torch.tensor([float(x) for x in array.data], dtype=torch.float64).reshape(array.shape)
    return torch.tensor(float(array), dtype=torch.float64)


@pytest.mark.parametrize("text", MATRIX_FORMULAS)
def test_matrix_formulas_agree_with_pytorch(text: str) -> None:
    generic, _ = sample(ARRAYS, "seed")
    node = read(text, ARRAYS)
    for turn, point in enumerate(generic[:2]):
        found = as_tensor(Program(node, ARRAYS).run(point.values, Clock()))
        expected = MATRIX_FORMULAS[text](*(as_tensor(point.values[k]) for k in "XDWAbv"))
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
        named = {name: sizes[turn] for name, sizes in ARRAYS.sizes.items()}
        assert tuple(named.get(s, s) for s in infer(node, ARRAYS)) == tuple(expected.shape)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_runs_along_an_axis(axis: int) -> None:
    generic, _ = sample(ARRAYS, "seed")
    D = generic[0].values["D"]
    found = functions.apply(Machine(200, Clock()), "softmax", [D, CTX.mpf(axis)])
    torch.testing.assert_close(as_tensor(found), torch.softmax(as_tensor(D), dim=axis), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("X @ D", [r"B \times d", r"B \times h", "inner sizes, $d$ and $B$"]),
        ("X * D", [r"B \times d", r"B \times h", "entry by entry"]),
        ("X + W", [r"B \times d", r"d \times h"]),
        ("X + b", [r"$d$|vector with $h$ entries"]),
        ("3 @ X", ["`@` needs"]),
        ("A^2", ["A @ A"]),
        ("sum(X, axis=2)", ["no axis 2"]),
        ("outer(X, v)", ["two vectors"]),
        ("max(X, D)", ["entry by entry"]),
    ],
)
def test_shapes_that_clash_are_named_in_the_words_of_the_exercise(text: str, words: list[str]) -> None:
    with pytest.raises(ShapeClash) as caught:
        infer(read(text, ARRAYS), ARRAYS)
    assert all(any(w in caught.value.message for w in word.split("|")) for word in words), (
        caught.value.message
    )
    assert caught.value.span != (0, 0)


@pytest.mark.parametrize("text", ["inv(X)", "trace(X)", "[[1, 2], [3]]", "softmax(3)"])
def test_what_only_values_show_is_a_clash_too(text: str) -> None:
    generic, _ = sample(ARRAYS, "seed")
    program = Program(read(text, ARRAYS), ARRAYS)
    with pytest.raises(ShapeClash):
        program.run(generic[0].values, Clock())


def test_points_cover_all_signs_sizes_and_domains() -> None:
    domains = ("real", "real", "real", "unit", "binary", "positive", "integer", "natural", "nonnegative")
    words = Vocabulary({f"s{i}": SymbolSpec(f"s{i}", f"s_{i}", domain=d) for i, d in enumerate(domains[:5])})
    generic, _special = sample(words, "key")
    patterns = {tuple(p.values[f"s{i}"] > 0 for i in (0, 1, 2, 4)) for p in generic}
    assert len(patterns) == 16
    assert {p.values["s4"] for p in generic} == {0, 1}
    assert all(0 < p.values["s3"] < 1 for p in generic)
    sizes = [abs(p.values["s0"]) for p in generic]
    assert min(sizes) < 0.01
    assert max(sizes) > 15
    words = Vocabulary({f"s{i}": SymbolSpec(f"s{i}", f"s_{i}", domain=d) for i, d in enumerate(domains[5:])})
    generic, special = sample(words, "key")
    for p in generic + special:
        assert p.values["s0"] > 0
        assert p.values["s1"] == int(p.values["s1"])
        assert p.values["s2"] >= 1
        assert p.values["s3"] >= 0
    assert any(p.values["s3"] == 0 for p in special)
    assert not any(p.values["s0"] == 0 for p in special)


def test_points_are_the_same_every_time_and_differ_between_keys() -> None:
    first, again, other = (sample(WORDS, seed)[0][3].values["x"] for seed in ("a/b", "a/b", "a/c"))
    assert first == again != other


def test_numbers_from_elsewhere_do_not_become_too_large_silently() -> None:
    with pytest.raises(TooLarge):
        value("x^x^x", x=1000)
