"""Every mistake of the list is made, and the same check that accepts the line rejects it."""

import pytest

from dlbook.derive import (
    KL,
    UNIT,
    BigO,
    Cases,
    Derivation,
    Diff,
    E,
    Grad,
    Indicator,
    Kronecker,
    Max,
    NormSq,
    Prod,
    ReLU,
    Softmax,
    Sum,
    Variance,
    bernoulli,
    define,
    exp,
    func,
    index,
    inv,
    mat,
    rounded,
    sigmoid,
    size,
    table,
    var,
    vec,
)  # fmt: skip
from dlbook.derive.mutants import mutants_of

x, y, a, b = var("x y a b")
w11, w12, w21 = var("w11 w12 w21")
n, m = size("n"), size("m")
i, j = index("i", n), index("j", n)
v, W = vec("v", n), mat("W", n, n)
X, Y2 = mat("X", m, n), mat("Y", m, n)
f = func("f")


def made(expr, kind, others=()):
    return {wrong.tex() for k, wrong in mutants_of(expr, others) if k == kind}


@pytest.mark.parametrize(
    ("kind", "expr", "wrong"),
    [
        ("sign", a - b, "a + b"),
        ("sign", exp(-x), "e^{x}"),
        ("factor 2", a + b, "2 a + b"),
        ("factor 2", a * b, "2 a b"),
        ("dropped term", a + b * x, "a"),
        ("dropped factor", a * b, "b"),
        ("inverse", a * b, r"\frac{1}{a} b"),
        ("inverse", a / b, r"\frac{b}{a}"),
        ("inverse", inv(W), "W"),
        ("exponent", x**2, "x^{3}"),
        ("exponent", x**2, "x"),
        ("exponent", NormSq(v), r"\left\lVert v \right\rVert"),
        ("transpose", W.T, "W"),
        ("transpose", W @ v, r"W^{\top} v"),
        ("swapped factors", W @ W.T, r"W^{\top} W"),
        ("swapped index", W[i, j], "W_{ji}"),
        ("off-by-one limit", Sum(v[i], i), r"\sum_{i=2}^{n} v_{i}"),
        ("off-by-one limit", Sum(v[i], i), r"\sum_{i=1}^{n - 1} v_{i}"),
        ("off-by-one limit", Prod(v[i], i), r"\prod_{i=1}^{n + 1} v_{i}"),
        ("derivative order", Diff(f(x), x), r"f\left(x\right)"),
        ("derivative order", sigmoid.d(x), r"\sigma\left(x\right)"),
        ("derivative order", ReLU.d(x), r"\operatorname{ReLU}\left(x\right)"),
        ("inverse", Kronecker(i, j), r"1 - \delta_{ij}"),
        ("inverse", Max(a, b), r"\min\left(a, b\right)"),
        ("inverse", Indicator(a > 0), r"\mathbb{1}\left[a < 0\right]"),
        ("off-by-one limit", Indicator(a > 0), r"\mathbb{1}\left[a \ge 0\right]"),
        ("off-by-one limit", Cases((1, a > 0), (0, None)),
         r"\begin{cases} 1 & a \ge 0 \\ 0 & \text{otherwise} \end{cases}"),
        ("swapped index", KL(a, b), r"D_{\mathrm{KL}}\left(b \,\middle\|\, a\right)"),
        ("off by one", x + 3, "x + 4"),
    ],
)  # fmt: skip
def test_the_mistake_is_made(kind, expr, wrong):
    assert wrong in made(expr, kind)


def test_mistakes_are_made_inside_sums_functions_and_denominators():
    expr = Sum(exp(-v[i]) / (1 + v[i] ** 2), i)
    shown = {wrong.tex() for _, wrong in mutants_of(expr)}
    assert r"\sum_{i=1}^{n} \frac{e^{v_{i}}}{1 + v_{i}^{2}}" in shown
    assert r"\sum_{i=1}^{n} \frac{e^{-v_{i}}}{1 - v_{i}^{2}}" in shown
    assert r"\sum_{i=1}^{n} \frac{e^{-v_{i}}}{1 + v_{i}^{3}}" in shown


def test_symbols_of_one_letter_are_mistaken_for_one_another():
    assert {"w_{11} x", "w_{21} x"} <= made(w12 * x, "swapped index", (w11, w12, w21, x))


def test_indices_in_scope_are_mistaken_for_one_another():
    assert r"\sum_{i=1}^{n} v_{j} v_{i}" in made(Sum(v[i] * v[i], i), "swapped index", (i, j))


def test_each_mutant_is_made_once():
    keys = [wrong.key for _, wrong in mutants_of(a * b - a * b + x**2)]
    assert len(keys) == len(set(keys))


def verdict_of(left, right, **options):
    return Derivation("d").start(left).step(right, **options).verify()


def test_all_mutants_of_a_matrix_gradient_are_rejected_some_by_their_sizes():
    L = define("L", NormSq(X @ W - Y2) / 2)
    verdict = verdict_of(Grad(L, W), X.T @ (X @ W - Y2))
    assert verdict.status == "checked"
    reasons = [u["reason"] for s in verdict.steps for u in s.mutants]
    assert any("sizes do not fit" in r for r in reasons)
    assert any("against" in r for r in reasons)
    assert verdict.mutants_killed == verdict.mutants_made


def test_a_mutant_that_changes_nothing_is_equivalent_and_does_not_count_as_survived():
    D = bernoulli("D", var("p", UNIT))  # D^3 = D^2 for a variable that is 0 or 1
    verdict = verdict_of(Variance(D), E(D**2) - E(D) ** 2)
    assert verdict.status == "checked"
    assert verdict.mutants_equivalent >= 1
    assert verdict.mutants_survived == 0
    kept = [u for s in verdict.steps for u in s.mutants if u["status"] == "equivalent"]
    assert all(u["reason"] for u in kept)


def test_a_killed_mutant_names_the_point_that_kills_it():
    verdict = verdict_of(Diff(x**2 * y, x), 2 * x * y)
    killed = [u for s in verdict.steps for u in s.mutants if u["status"] == "killed"]
    assert killed
    assert all(u["point"] for u in killed if "against" in u["reason"])


def test_a_bound_needs_its_place_of_equality_or_the_word_loose():
    from fractions import Fraction

    quarter = Fraction(1, 4)
    slope = Diff(sigmoid(x), x)
    open_bound = Derivation("d").start(slope).step(quarter, rel="<=").verify()
    assert open_bound.status == "undecided"
    assert "tight" in open_bound.message
    assert verdict_of(slope, quarter, rel="<=", tight={x: 0}).status == "checked"
    assert "not attained" in verdict_of(slope, Fraction(1, 3), rel="<=", tight={x: 0}).message
    assert verdict_of(slope, Fraction(1, 3), rel="<=", loose=True).status == "checked"


def test_the_last_digit_of_a_decimal_is_checked():
    d = Derivation("d").start(Diff(exp(x), x)).insert({x: 0.1}, exp(0.1)).step(rounded("1.1052"))
    verdict = d.verify()
    assert verdict.status == "checked"
    kinds = [u["kind"] for u in verdict.steps[-1].mutants]
    assert kinds.count("last digit") == 2
    wrong = Derivation("d").start(Diff(exp(x), x)).insert({x: 0.1}, exp(0.1)).step(rounded("1.1051"))
    assert wrong.verify().status == "rejected"


def test_the_order_of_a_remainder_is_checked_both_ways():
    h = var("h")
    start = (f(x + h) - f(x)) / h

    def status(last):
        return Derivation("d").start(start).step(last).verify().status

    assert status(f.d(x) + h / 2 * f.d(x, 2) + BigO(h, 2)) == "checked"
    assert status(f.d(x) + h / 2 * f.d(x, 2) + BigO(h, 3)) == "rejected"
    assert status(f.d(x) + h / 2 * f.d(x, 2) + BigO(h, 1)) == "rejected"
    assert status(f.d(x) + h / 3 * f.d(x, 2) + BigO(h, 2)) == "rejected"


def test_the_score_is_the_sum_over_the_steps():
    s = table("s", i, Softmax(v, i))
    k = index("k", n)
    verdict = verdict_of(Diff(s[i], v[k]), s[i] * (Kronecker(i, k) - s[k]))
    assert verdict.mutants_made == sum(len(t.mutants) for t in verdict.steps) > 10
    assert verdict.summary() == f"checked: instantiated, 1 step, {verdict.mutants_killed} mutants rejected"


def test_without_mutation_none_are_made():
    p = var("p", UNIT)
    D = bernoulli("D", p)
    verdict = Derivation("d").start(E(D**2)).step(p).verify(mutants=False)
    assert verdict.mutants_made == 0
    assert verdict.summary() == "checked: symbolic, 1 step"
