"""Exact proofs that a SymPy expression is zero (or not negative), with a hard time limit."""

from __future__ import annotations

import itertools
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from .errors import TimeUp
from .functions import relu, step
from .rational import is_zero_fraction
from .timing import time_limit

_KINKED = (relu, step, sp.Abs, sp.sign)
# Wrong or slow corners of SymPy must not decide: rules that hold only up to a branch are never forced.


def is_zero(
    e: sp.Expr, seconds: float | int, finite: dict[sp.Symbol, tuple[Fraction, ...]] | None = None
) -> bool:
    """Return True if SymPy shows the expression to be zero within the time, otherwise False (not shown).

    >>> x = sp.Symbol("x", real=True)
    >>> is_zero(sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, 2)
    True
    >>> is_zero(sp.sqrt(x**2) - x, 2)
    False
    """
    try:
        with time_limit(seconds):
            return _zero(sp.sympify(e)) or bool(finite and _zero_by_enumeration(e, finite))
    except TimeUp:
        return False
    except (RecursionError, sp.PolynomialError, NotImplementedError, ValueError, TypeError, AttributeError):
        return False  # SymPy gave up: not shown


def _zero_by_enumeration(e: sp.Expr, finite: dict[sp.Symbol, tuple[Fraction, ...]]) -> bool:
    here = [s for s in finite if e.has(s)]
    if not here or len(here) > 4:
        return False
    return all(
        _zero(e.xreplace({s: sp.Rational(v) for s, v in zip(here, vs, strict=True)}).doit())
        for vs in itertools.product(*(finite[s] for s in here))
    )


def _zero(e: sp.Expr) -> bool:
    if e == 0:
        return True
    if e.has(sp.nan, sp.zoo, sp.oo):
        return False
    if e.has(*_KINKED, sp.Max, sp.Min, sp.Piecewise, sp.Heaviside):
        return _zero_by_cases(e)
    if _rational_zero(e):
        return True
    return bool(sp.simplify(e) == 0)


def _rational_zero(e: sp.Expr) -> bool:
    """Try as a rational function of exponentials, logarithms and symbols: fast where it applies."""
    e = (
        e.rewrite([sp.tanh, sp.sinh, sp.cosh, sp.coth], sp.exp)
        if e.has(sp.tanh, sp.sinh, sp.cosh, sp.coth)
        else e
    )
    if e.has(sp.log):
        e = e.replace(lambda s: isinstance(s, sp.log), lambda s: _split_log(s.args[0]))
    return is_zero_fraction(e)


def _split_log(x: sp.Expr) -> sp.Expr:
    """Write log of a product of positive factors as a sum; leave the rest alone."""
    x = sp.together(
        x.replace(lambda s: isinstance(s, sp.exp), lambda s: sp.expand(sp.exp(sp.expand(s.args[0]))))
    )
    top, bottom = sp.fraction(x)
    total: sp.Expr = sp.S.Zero
    for part, sign in ((top, 1), (bottom, -1)):
        for f in sp.Mul.make_args(sp.factor_terms(part)):
            base, power = f.as_base_exp()
            if f.is_positive and isinstance(f, sp.exp):
                total += sign * f.args[0]
            elif base.is_positive:
                total += sign * power * sp.log(base)
            else:
                return sp.log(x)
    return total


def _zero_by_cases(e: sp.Expr) -> bool:
    """Split on the sign of every kink's argument; each case must vanish on its own."""
    arguments: list[sp.Expr] = []
    for node in e.atoms(*_KINKED, sp.Heaviside):
        if not node.args[0].has(*_KINKED, sp.Piecewise, sp.Max, sp.Min) and node.args[0] not in arguments:
            arguments.append(node.args[0])
    for node in e.atoms(sp.Max, sp.Min):
        for a, b in itertools.combinations(node.args, 2):
            if not (a - b).has(*_KINKED, sp.Piecewise, sp.Max, sp.Min) and b - a not in arguments:
                arguments.append(a - b)
    for node in e.atoms(sp.Piecewise):
        for _, condition in node.args:
            for r in condition.atoms(sp.core.relational.Relational) if hasattr(condition, "atoms") else ():
                d = r.lhs - r.rhs
                if not d.has(*_KINKED) and -d not in arguments and d not in arguments:
                    arguments.append(d)
    arguments = list(dict.fromkeys(arguments))
    if not arguments or len(arguments) > 6:
        return False
    u = arguments[0]
    return all(_zero(part) for part in _three_cases(e, u))


def _three_cases(e: sp.Expr, u: sp.Expr) -> list[sp.Expr]:
    """Return the expression for u < 0, u = 0 and u > 0."""
    out = []
    for s in (-1, 0, 1):
        if (s < 0 and u.is_nonnegative) or (s > 0 and u.is_nonpositive) or (s == 0 and u.is_nonzero):
            continue
        kinked = (*_KINKED, sp.Heaviside, sp.Max, sp.Min, sp.core.relational.Relational)
        part = e.replace(lambda n, kinked=kinked: isinstance(n, kinked),
                         lambda n, s=s: _decide(n, u, s))  # fmt: skip
        if s == 0:
            part = _on_the_edge(part, u)
            if part.has(sp.nan, sp.zoo):
                continue  # no value on the edge, which the points with u = 0 see for each side on its own
        out.append(part.doit() if part.has(sp.Piecewise) else part)
    return out


def _decide(n: Any, u: sp.Expr, s: int) -> Any:
    """Evaluate one kinked node, knowing the sign s of u."""
    if isinstance(n, sp.core.relational.Relational):
        k = _multiple(n.lhs - n.rhs, u)
        if k is None:
            return n
        v = s * k
        truth = {
            sp.StrictGreaterThan: v > 0, sp.GreaterThan: v >= 0, sp.StrictLessThan: v < 0,
            sp.LessThan: v <= 0, sp.Equality: v == 0, sp.Unequality: v != 0,
        }[type(n)]  # fmt: skip
        return sp.true if truth else sp.false
    if isinstance(n, sp.Max | sp.Min):
        return _decide_extreme(n, u, s)
    k = _multiple(n.args[0], u)
    if k is None:
        return n
    v = s * k
    x = n.args[0]
    if isinstance(n, relu):
        return x if v > 0 else sp.S.Zero
    if isinstance(n, step):
        return sp.S.One if v > 0 else sp.S.Zero
    if isinstance(n, sp.Abs):
        return x if v > 0 else -x if v < 0 else sp.S.Zero
    if isinstance(n, sp.Heaviside):
        return sp.S.One if v > 0 else sp.S.Zero if v < 0 else n.args[1]
    return sp.Integer(v)


def _decide_extreme(n: Any, u: sp.Expr, s: int) -> Any:
    largest = isinstance(n, sp.Max)
    args = list(n.args)
    for a, b in itertools.combinations(n.args, 2):
        k = _multiple(a - b, u)
        if k is None:
            continue
        loser = b if (s * k >= 0) == largest else a
        if loser in args:
            args.remove(loser)
    return args[0] if len(args) == 1 else n.func(*args)


@lru_cache(maxsize=4096)
def _multiple(x: sp.Expr, u: sp.Expr) -> int | None:
    """Return the sign of x/u where that is a known number."""
    if x == u:
        return 1
    if x.free_symbols != u.free_symbols:
        return None
    ratio = sp.cancel(x / u)
    return 1 if ratio.is_positive else -1 if ratio.is_negative else None


def _on_the_edge(e: sp.Expr, u: sp.Expr) -> sp.Expr:
    """Use u = 0 to remove a symbol, where u is linear in one."""
    for v in sorted(u.free_symbols, key=str):
        slope = u.diff(v)
        if slope.is_number and slope != 0:
            return e.xreplace({v: sp.expand(v - u / slope)})
    return e


def is_nonnegative(e: sp.Expr, seconds: float | int, strict: bool = False) -> bool:
    """Return True if SymPy shows e >= 0 (or > 0) within the time, otherwise False (not shown).

    >>> x = sp.Symbol("x", real=True)
    >>> is_nonnegative(x**2 - 2 * x + 1, 2)
    True
    """
    try:
        with time_limit(seconds):
            for form in (lambda y: y, sp.factor, lambda y: sp.factor(sp.together(y)), sp.simplify):
                shaped = form(e)
                if (shaped.is_positive if strict else shaped.is_nonnegative) or _square_form(shaped, strict):
                    return True
            return False
    except (
        TimeUp,
        RecursionError,
        sp.PolynomialError,
        NotImplementedError,
        ValueError,
        TypeError,
        AttributeError,
    ):
        return False


def _square_form(e: sp.Expr, strict: bool) -> bool:
    """Complete the square of a quadratic in one real symbol."""
    for v in e.free_symbols:
        if not v.is_real or not e.is_polynomial(v):
            continue
        p = sp.Poly(e, v)
        if p.degree() != 2:
            continue
        a, b, c = p.all_coeffs()
        rest = sp.factor(c - b**2 / (4 * a))
        if a.is_positive and (rest.is_positive if strict else rest.is_nonnegative):
            return True
    return False
