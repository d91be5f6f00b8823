"""Identities and non-identities that nobody chose by hand."""

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook.derive import Diff, check_claim, cos, eq, exp, from_sympy, sigmoid, sin, tanh, var
from dlbook.derive.jets import primal
from dlbook.derive.sampling import Space

# beartype, which checks the annotations during tests, draws random container items: not our randomness
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

x, y = var("x y")
small = st.integers(-4, 4)
leaves = st.sampled_from([x, y]) | small.filter(bool).map(from_sympy)


def grow(children):
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        children.map(sin),
        children.map(tanh),
        children.map(sigmoid),
        children.map(lambda e: e**2),
    )


trees = st.recursive(leaves, grow, max_leaves=6).filter(lambda e: bool(e.free))
bounded = settings(max_examples=25, deadline=None, derandomize=True)


def shuffled(e):
    """Write the same in another way, by rules that always hold."""
    return (e + 1) ** 2 - e * e - 1 - e  # = e


@bounded
@given(trees)
def test_the_same_written_differently_is_accepted(e):
    assert check_claim(eq(e, shuffled(e)), seconds=1).ok is True


@bounded
@given(trees, st.sampled_from([Fraction(1, 10**9), Fraction(-1, 7), 3]))
def test_the_same_plus_something_is_rejected(e, offset):
    assert check_claim(eq(e, shuffled(e) + offset), seconds=1).ok is False


@bounded
@given(trees, trees)
def test_the_product_rule_holds_and_its_broken_form_does_not(f, g):
    left = Diff(f * g * x, x)
    right = Diff(f * x, x) * g + f * x * Diff(g, x)
    assert check_claim(eq(left, right), seconds=1).ok is True
    assert check_claim(eq(left, right + exp(y) * cos(x) + 2 * exp(y)), seconds=1).ok is False


@bounded
@given(trees, st.fractions(-2, 2, max_denominator=8), st.fractions(-2, 2, max_denominator=8))
def test_jets_agree_with_mpmath_differences(e, a, b):
    """An outside oracle for the numeric derivative: mpmath's own high-precision differences."""
    case = Space([e, x * y]).cases[0]
    env = case.env(50)
    mp = env.mp
    at = {"x": env.number(a), "y": env.number(b)}
    ours = primal(env.child(**at).value(Diff(e, x)))
    theirs = mp.diff(lambda t: primal(env.child(x=t, y=at["y"]).value(e)), at["x"])
    assert abs(ours - theirs) <= mp.mpf(10) ** -15 * max(1, abs(theirs))


@bounded
@given(trees)
def test_the_exact_and_the_numeric_meaning_agree(e):
    """SymPy's value of the exact meaning equals the 50-digit value computed without SymPy."""
    space = Space([Diff(e * x, x), x * y])
    exact = next(iter(space.exact_envs())).value(Diff(e * x, x))
    case = space.cases[3]
    env = case.env(50)
    numeric = primal(env.value(Diff(e * x, x)))
    env.value(x * y)
    point = {s: env.drawn[(s.name, ())] for s in exact.free_symbols}
    theirs = exact.subs({s: sp.Rational(v) for s, v in point.items()}).evalf(40)
    assert abs(env.mp.mpf(str(theirs)) - numeric) <= env.mp.mpf(10) ** -30 * max(1, abs(numeric))
