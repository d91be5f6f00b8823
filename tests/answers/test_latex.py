"""The preview shows what was understood: reading it again gives the same value, and browsers can show it."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import latex2mathml.converter
import pytest

from dlbook.answers.reading.latex import latex
from dlbook.answers.reading.parse import read
from dlbook.answers.symbols import FunctionSpec, SymbolSpec, Vocabulary
from dlbook.answers.tree import (
    Binary,
    Call,
    Comparison,
    Constant,
    Interval,
    Node,
    Number,
    Sequence,
    Symbol,
    Unary,
    Union,
)

SCALARS = ("x", "y_hat", "w12", "eta", "dw", "u", "e1")
ARRAYS = ("X", "W1")
WORDS = Vocabulary(
    {
        "x": SymbolSpec("x", "x"),
        "y_hat": SymbolSpec("y_hat", r"\hat y"),
        "w12": SymbolSpec("w12", "w_{12}"),
        "eta": SymbolSpec("eta", r"\eta"),
        "dw": SymbolSpec("dw", r"\Delta w"),
        "u": SymbolSpec("u", "u'"),
        "e1": SymbolSpec("e1", "e_1"),
        "X": SymbolSpec("X", r"\mathbf{X}", shape=(2, 2)),
        "W1": SymbolSpec("W1", "W^{(1)}", shape=(2, 2)),
    },
    {"phi": FunctionSpec("phi", r"\varphi")},
)
FUNCTIONS = [
    "exp",
    "log",
    "log10",
    "log2",
    "sqrt",
    "abs",
    "sign",
    "sin",
    "tanh",
    "asin",
    "asinh",
    "sigmoid",
    "relu",
]
FUNCTIONS += ["step", "softplus", "dsigmoid", "dtanh", "phi", "phi'"]

EXAMPLES = [
    ("(y_hat - 1) w12 relu'(x) x", r"\left(\hat y - 1\right) w_{12} \operatorname{ReLU}'\left(x\right) x"),
    ("x/(eta*2)", r"\frac{x}{\eta \cdot 2}"),
    ("2*3", r"2 \cdot 3"),
    ("2x", "2 x"),
    ("x*(1-x)", r"x \left(1 - x\right)"),
    ("x^2^3", "x^{2^{3}}"),
    ("(x^2)^3", r"\left(x^{2}\right)^{3}"),
    ("-x^2", "-x^{2}"),
    ("(-x)^2", r"\left(-x\right)^{2}"),
    ("x - (y_hat - 1)", r"x - \left(\hat y - 1\right)"),
    ("x - -1", r"x - \left(-1\right)"),
    ("dw^2", r"\left(\Delta w\right)^{2}"),
    ("u^2", r"\left(u'\right)^{2}"),
    ("W1.T @ X", r"\left(W^{(1)}\right)^{\top} \mathbf{X}"),
    ("X ⊙ W1", r"\mathbf{X} \odot W^{(1)}"),
    ("X * W1", r"\mathbf{X} \ast W^{(1)}"),
    ("(X ⊙ W1) X", r"\left(\mathbf{X} \odot W^{(1)}\right) \mathbf{X}"),
    ("[[1, 2], [x, 4]]", r"\begin{bmatrix} 1 & 2 \\ x & 4 \end{bmatrix}"),
    ("(1, x)", r"\left(1, x\right)"),
    ("{0, 1}", r"\left\{0, 1\right\}"),
    ("{}", r"\emptyset"),
    ("[0, 1)", r"\left[0, 1\right)"),
    ("{0} U (1, 2]", r"\left\{0\right\} \cup \left(1, 2\right]"),
    ("0 or 1", r"0 \text{ or } 1"),
    ("1[x > 0] eta", r"\mathbb{1}\left[x > 0\right] \eta"),
    ("0 < x <= 1", r"0 < x \le 1"),
    ("sum(X, axis=0)", r"\operatorname{sum}\left(\mathbf{X}, \text{axis} = 0\right)"),
    ("||X||", r"\left\lVert \mathbf{X}\right\rVert"),
    ("phi'(x)", r"\varphi'\left(x\right)"),
    ("0.50 + 1e-9 + 12e7", r"0.50 + 10^{-9} + 1.2 \cdot 10^{8}"),
    ("3! + 5%", r"3! + 5\%"),
    ("5% * x", r"5\% \cdot x"),
]


@pytest.mark.parametrize(("text", "tex"), EXAMPLES)
def test_the_print_shows_the_grouping(text: str, tex: str) -> None:
    assert latex(read(text, WORDS), WORDS) == tex


def test_a_symbol_is_not_taken_for_a_function_of_the_same_sign() -> None:
    words = Vocabulary({"sigma": SymbolSpec("sigma", r"\sigma"), "x": SymbolSpec("x", "x")})
    assert latex(read("sigma (x)", words), words) == r"\sigma x"
    assert latex(read("sigmoid(x)", words), words) == r"\operatorname{sigmoid}\left(x\right)"
    assert latex(read("sigmoid'(x)", words), words) == r"\operatorname{sigmoid}'\left(x\right)"


# reading what was printed ------------------------------------------------------------------------


def scalar(rng: Random, depth: int) -> Node:
    """Make up a formula whose value is a number."""
    kinds = "nscufbbbb/^a%i" if depth else "nnssc"
    kind = rng.choice(kinds)
    if kind == "n":
        return rng.choice(
            [
                Number(Fraction(rng.randrange(200)), 1, True),
                Number(Fraction(rng.randrange(1, 10**4), 10 ** rng.randrange(6)), 4, False),
                Number(Fraction(10) ** rng.randrange(-12, 12), 1, False),
            ]
        )
    if kind == "c":
        return Constant(rng.choice(["pi", "e", "inf"]))
    if kind == "s":
        return Symbol(rng.choice(SCALARS))
    if kind == "u":
        return Unary("-", scalar(rng, depth - 1))
    if kind == "%":
        return Unary(rng.choice("%!"), scalar(rng, depth - 1))
    if kind == "f":
        return Call(rng.choice(FUNCTIONS), (scalar(rng, depth - 1),))
    if kind == "a":
        if rng.random() < 0.5:
            return Call("max", (scalar(rng, depth - 1), scalar(rng, depth - 1)))
        return Call(rng.choice(["norm", "sum", "trace"]), (array(rng, depth - 1),))
    if kind == "i":
        return Comparison(
            (rng.choice(["<", "<=", "=", "!="]),), (scalar(rng, depth - 1), scalar(rng, depth - 1))
        )
    operator = rng.choice("+-* .") if kind == "b" else kind
    return Binary(operator, scalar(rng, depth - 1), scalar(rng, depth - 1))


def array(rng: Random, depth: int) -> Node:
    """Make up a formula whose value is a vector or a matrix."""
    kind = rng.choice("stbpcvm" if depth else "s")
    if kind == "s":
        return Symbol(rng.choice(ARRAYS))
    if kind == "t":
        return Unary("T", array(rng, depth - 1))
    if kind == "b":
        return Binary(rng.choice("+-@*. "), array(rng, depth - 1), array(rng, depth - 1))
    if kind == "p":
        return Binary(rng.choice("* "), scalar(rng, depth - 1), array(rng, depth - 1))
    if kind == "c":
        axis = (Number(Fraction(rng.randrange(2)), 1, True),) if rng.random() < 0.5 else ()
        return Call("sum", (array(rng, depth - 1), *axis)) if axis else Call("inv", (array(rng, depth - 1),))
    if kind == "v":
        return Sequence(rng.choice("(["), tuple(scalar(rng, depth - 1) for _ in range(rng.randrange(1, 4))))
    rows = [Sequence("[", tuple(scalar(rng, 0) for _ in range(2))) for _ in range(rng.randrange(1, 3))]
    return Sequence("[", tuple(rows))


def whole(rng: Random) -> Node:
    """Make up an answer of any kind."""
    kind = rng.choice("sssaaeu")
    if kind == "s":
        return scalar(rng, 4)
    if kind == "a":
        return array(rng, 3)
    if kind == "e":
        return Comparison(("=", "<="), (scalar(rng, 2), scalar(rng, 3), scalar(rng, 2)))
    ends = [
        Interval(scalar(rng, 1), scalar(rng, 1), rng.random() < 0.5, rng.random() < 0.5) for _ in range(2)
    ]
    return Union((*ends, Sequence("{", (scalar(rng, 1),))))


def normal(node: Node, arrays: bool = False) -> object:
    """Bring a tree to what its print keeps: the value of a number, and one sign for one kind of product."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Binary) and node.operator == "^" and node.left == Number(Fraction(10), 2, True):
        power = node.right.operand if isinstance(node.right, Unary) else node.right
        if isinstance(power, Number) and power.value.denominator == 1 and power.value < 50:
            return Fraction(10) ** int(power.value if power is node.right else -power.value)
    inner = tuple(normal(child) for child in node.children)
    if isinstance(node, Binary) and node.operator in "* @":
        if all(isinstance(value, Fraction) for value in inner):
            return inner[0] * inner[1]  # type: ignore[operator]
        return (" ", *inner)
    name = getattr(node, "operator", getattr(node, "function", getattr(node, "name", type(node).__name__)))
    more = (getattr(node, "operators", ""), getattr(node, "bracket", ""))
    return (name, more, getattr(node, "left_closed", ""), getattr(node, "right_closed", ""), *inner)


@pytest.mark.parametrize("seed", range(8))
def test_reading_the_print_again_gives_the_same(seed: int) -> None:
    rng = Random(seed)
    for _ in range(250):
        node = whole(rng)
        tex = latex(node, WORDS)
        again = read(tex, WORDS)
        assert normal(again) == normal(node), tex


@pytest.mark.parametrize("seed", range(2))
def test_browsers_can_show_every_print(seed: int) -> None:
    rng = Random(100 + seed)
    for _ in range(150):
        mathml = latex2mathml.converter.convert(latex(whole(rng), WORDS))
        assert mathml.startswith("<math")
        assert "\\" not in mathml
