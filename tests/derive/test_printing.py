# ruff: noqa: E501
"""Lines print as in a good textbook: the author's order, grouping and names."""

from fractions import Fraction

import pytest
import sympy as sp

from dlbook.derive import (
    KL,
    SIMPLEX,
    UNIT,
    Abs,
    ArgMin,
    BigO,
    Cases,
    Cells,
    Derivation,
    Diff,
    E,
    Gauss,
    Grad,
    Indicator,
    Integral,
    Kronecker,
    LogLik,
    Max,
    Norm,
    NormSq,
    Prod,
    ReLU,
    Softmax,
    Sum,
    Trace,
    Variance,
    bernoulli,
    define,
    eq,
    exp,
    eye,
    factorial,
    from_sympy,
    func,
    had,
    index,
    inv,
    log,
    mat,
    ones,
    oo,
    pi,
    rounded,
    seq,
    sigmoid,
    size,
    sqrt,
    table,
    var,
    vec,
)  # fmt: skip

x, y, z, a, b = var("x y z a b")
w12, y_hat, a_out, sigma2 = var("w12 y_hat a_out sigma2")
n = size("n")
i, k, t = index("i", n), index("k", n), index("t", 0, n)
v, W1, A = vec("v", n), mat("W1", n, 3), mat("A", n, n)
L = define("L", x**2)
f = func("f")
phi = func("phi", r"\varphi")


@pytest.mark.parametrize(
    ("expr", "tex"),
    [
        (w12 * x, "w_{12} x"),
        (y_hat - y, r"\hat{y} - y"),
        (a_out, r"a_{\mathrm{out}}"),
        (sigma2**2, r"\sigma_{2}^{2}"),
        (b + a, "b + a"),
        (b * a, "b a"),
        (a - (b - x), r"a - \left(b - x\right)"),
        (a + (b + x), r"a + \left(b + x\right)"),
        ((a + b) + x, "a + b + x"),
        ((a + b) * x, r"\left(a + b\right) x"),
        (a * (b + x), r"a \left(b + x\right)"),
        (-a * b, "-a b"),
        (a * -b, r"a \left(-b\right)"),
        (-(a + b), r"-\left(a + b\right)"),
        (2 * x * 3, r"2 x \cdot 3"),
        (from_sympy(2) * 3, r"2 \cdot 3"),
        (x * -1, r"x \cdot \left(-1\right)"),
        (x + -1, "x - 1"),
        (0.1 * x, "0.1 x"),
        (Fraction(1, 2) * x, r"\frac{1}{2} x"),
        (a / b, r"\frac{a}{b}"),
        ((a / b) ** 2, r"\left(\frac{a}{b}\right)^{2}"),
        ((-x) ** 2, r"\left(-x\right)^{2}"),
        ((x**2) ** 3, r"\left(x^{2}\right)^{3}"),
        (x ** (a + b), "x^{a + b}"),
        (exp(-x), "e^{-x}"),
        (exp(a / b), r"\exp\left(\frac{a}{b}\right)"),
        (log(x), r"\log x"),
        (log(x) * y, r"\left(\log x\right) y"),
        (y * log(x), r"y \log x"),
        (log(1 - x), r"\log\left(1 - x\right)"),
        (sqrt(x), r"\sqrt{x}"),
        (Abs(x), r"\left|x\right|"),
        (factorial(n), "n!"),
        (sigmoid(a_out), r"\sigma\left(a_{\mathrm{out}}\right)"),
        (sigmoid.d(x), r"\sigma'\left(x\right)"),
        (ReLU.d(x), r"\operatorname{ReLU}'\left(x\right)"),
        (phi.d(x, 2), r"\varphi''\left(x\right)"),
        (Diff(L, w12), r"\frac{\partial L}{\partial w_{12}}"),
        (Diff(L, x, 2), r"\frac{\partial^{2} L}{\partial x^{2}}"),
        (Diff(f(x) * y, x), r"\frac{\partial}{\partial x} \left(f\left(x\right) y\right)"),
        (Diff(L, x, d=True), r"\frac{\mathrm{d} L}{\mathrm{d} x}"),
        (Grad(L, W1), r"\nabla_{W_{1}} L"),
        (W1[i, 2], r"\left[W_{1}\right]_{i2}"),
        (A[i, k], "A_{ik}"),
        (v[n - 1], "v_{n - 1}"),
        (seq("r")[t], "r_{t}"),
        (Sum(v[i], i), r"\sum_{i=1}^{n} v_{i}"),
        (Sum(v[i] + 1, i), r"\sum_{i=1}^{n} \left(v_{i} + 1\right)"),
        (a * Sum(v[i], i), r"a \sum_{i=1}^{n} v_{i}"),
        (Sum(v[i], i) * a, r"\left(\sum_{i=1}^{n} v_{i}\right) a"),
        (Prod(v[i], (i, 2, n)), r"\prod_{i=2}^{n} v_{i}"),
        (Kronecker(i, k), r"\delta_{ik}"),
        (Indicator(a > 0), r"\mathbb{1}\left[a > 0\right]"),
        (Cases((x, x > 0), (0, None)), r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}"),
        (Max(0, x), r"\max\left(0, x\right)"),
        (BigO(x, 2), r"O\left(x^{2}\right)"),
        (Integral(x, (x, 0, oo)), r"\int_{0}^{\infty} x \, \mathrm{d} x"),
        (2 * pi, r"2 \pi"),
        (Softmax(v, i), r"\operatorname{softmax}\left(v\right)_{i}"),
        (A @ v, "A v"),
        (A.T @ (A @ v - v), r"A^{\top} \left(A v - v\right)"),
        ((A @ v).T, r"\left(A v\right)^{\top}"),
        (had(A @ v, v), r"\left(A v\right) \odot v"),
        (A @ had(v, v), r"A \left(v \odot v\right)"),
        (inv(A) @ v, "A^{-1} v"),
        (Trace(A), r"\operatorname{tr}\left(A\right)"),
        (NormSq(W1), r"\left\lVert W_{1} \right\rVert^{2}"),
        (Norm(v) ** 2, r"\left\lVert v \right\rVert^{2}"),
        (eye(n), "I"),
        (ones(n), r"\mathbf{1}"),
        (Cells([[1, x], [0, y]]), r"\begin{pmatrix} 1 & x \\ 0 & y \end{pmatrix}"),
        (E(bernoulli("d", y) * x), r"\mathbb{E}\left[d x\right]"),
        (Variance(bernoulli("d", y)), r"\operatorname{Var}\left[d\right]"),
        (KL(Gauss("q", 0, 1), Gauss("p", 0, 1)), r"D_{\mathrm{KL}}\left(q \,\middle\|\, p\right)"),
        (LogLik(v[i], i), r"\ell"),
        (ArgMin(x**2, x), r"\operatorname*{arg\,min}_{x} x^{2}"),
        (rounded("0.5250"), "0.5250"),
        (from_sympy(sp.Symbol("q", positive=True) / 2), r"\frac{q}{2}"),
    ],
)  # fmt: skip
def test_the_printed_form(expr, tex):
    assert expr.tex() == tex


def test_a_derivation_prints_aligned_with_reasons_in_their_own_column():
    d = (
        Derivation("d")
        .start(Diff(L, x))
        .step(Diff(x**2, x), "definition", unfold=True)
        .step(2 * x, "power rule", label="p")
    )
    assert d.latex() == (
        "\\begin{aligned}\n"
        "\\frac{\\partial L}{\\partial x} &= \\frac{\\partial}{\\partial x} \\left(x^{2}\\right) && \\text{definition} \\\\\n"
        " &= 2 x && \\text{power rule}\n"
        "\\end{aligned}"
    )
    assert [line["label"] for line in d.latex_lines()] == [None, "p"]
    assert d.latex_lines()[1] == {
        "left": "",
        "relation": "=",
        "right": "2 x",
        "reason": "power rule",
        "label": "p",
    }


def test_relations_print_as_their_signs():
    d = Derivation("d").start(x).step(y, rel="<=").step(z, rel="<")
    assert [line["relation"] for line in d.latex_lines()] == [r"\le", "<"]
    assert d.result.latex() == "x < z"


def test_a_result_and_a_line_can_stand_alone_in_prose():
    d = Derivation("d").start(Diff(x**2, x)).step(x + x, label="first").step(2 * x)
    assert d.result.latex() == r"\frac{\partial}{\partial x} \left(x^{2}\right) = 2 x"
    assert d.line("first").latex() == r"\frac{\partial}{\partial x} \left(x^{2}\right) = x + x"
    assert d.line("first")._repr_latex_().startswith("$")


def test_definitions_are_listed_in_the_order_in_which_they_build():
    h = define("h", ReLU(w12 * x))
    out = define("y_hat", sigmoid(h))
    s = table("s", i, v[i] / Sum(v[k], k))
    d = Derivation("d").start(Diff(out, w12)).step(s[i] * out)
    assert [c.latex() for c in d.definitions()] == [
        r"h = \operatorname{ReLU}\left(w_{12} x\right)",
        r"\hat{y} = \sigma\left(h\right)",
        r"s_{i} = \frac{v_{i}}{\sum_{k=1}^{n} v_{k}}",
    ]


def test_domains_are_listed_for_the_reader():
    p, q = var("p", UNIT), vec("q", n, SIMPLEX)
    d = Derivation("d").start(p * x).step(A[1, 1] * q[1])
    assert d.domains() == [
        r"A \in \mathbb{R}^{n \times n}", r"p \in (0, 1)", r"q_i > 0,\ \sum_i q_i = 1", r"x \in \mathbb{R}",
    ]  # fmt: skip
    assert eq(x, y).tex() == "x = y"
