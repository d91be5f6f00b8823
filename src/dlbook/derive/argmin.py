r"""The place of a minimum or maximum, checked by comparison with other places."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, no_type_check

import sympy as sp

from .checking import INSTANTIATED, NUMERIC, SYMBOLIC, Outcome
from .errors import GAVE_UP, DerivationError, UndefinedError
from .jets import primal
from .proving import is_nonnegative, is_zero
from .sampling import HIGH, MIN_POINTS, Space
from .symbols import Var
from .timing import time_limit
from .tree import BIG, Expr


class ArgMin(Expr):
    r"""The value of a symbol, within its domain, at which an expression is smallest.

    >>> from dlbook.derive import var
    >>> w = var("w")
    >>> ArgMin((w - 1) ** 2, w).tex()
    '\\operatorname*{arg\\,min}_{w} \\left(w - 1\\right)^{2}'
    """

    prec = BIG
    word = "min"

    def __init__(self, body: Any, wrt: Var) -> None:
        super().__init__(body)
        if not isinstance(wrt, Var) or wrt.shape:
            raise DerivationError("arg min is taken over one number, a symbol from var()")
        self.wrt = wrt

    def payload(self) -> str:
        """Return the symbol."""
        return f":{self.wrt.key}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same of another expression."""
        return type(self)(args[0], self.wrt)

    def bound(self) -> frozenset[str]:
        """Return the symbol's name."""
        return frozenset({self.wrt.name})

    def value(self, env: Any) -> Any:
        """Refuse: the place is checked, not computed."""
        raise UndefinedError("arg min stands alone on the left side")

    def tex(self) -> str:
        """Print arg min with its symbol below."""
        return rf"\operatorname*{{arg\,{self.word}}}_{{{self.wrt.tex()}}} {self.args[0].within(BIG)}"


class ArgMax(ArgMin):
    r"""The value of a symbol, within its domain, at which an expression is largest."""

    word = "max"


def _steps() -> Iterator[Fraction]:
    for k in (-9, -6, -4, -3, -2, -1, 0, 1, 2, 4):
        for digit in (1, 3, 7):
            yield Fraction(10) ** k * digit


@no_type_check
def check_argmin(left: ArgMin, right: Expr, space: Space, seconds: float | int = 5.0) -> Outcome:
    """Check that no other place is as good, near and far; exactly, if the expression is convex."""
    name, domain = left.wrt.name, left.wrt.domain
    sign = -1 if isinstance(left, ArgMax) else 1
    met = 0
    for case in space.cases:
        env = case.env(HIGH)
        mp = env.mp
        try:
            best = primal(env.value(right))
            inside = Fraction(mp.nstr(best, 60))
        except (UndefinedError, ValueError):
            continue
        if inside not in domain:
            return Outcome(
                False, NUMERIC, "the place lies outside the domain", case.show(right), "", mp.nstr(best, 8)
            )

        def f(x, env=env):
            return sign * primal(env.child(**{name: x}).value(left.args[0]))

        try:
            low = f(best)
        except UndefinedError:
            return Outcome(
                False, NUMERIC, "the expression has no value there", case.show(right), "", mp.nstr(best, 8)
            )
        for step in _steps():
            for way in (1, -1):
                x = best + way * env.number(step)
                if inside + way * step not in domain:
                    continue
                try:
                    other = f(x)
                except UndefinedError:
                    continue
                if other <= low:
                    at = {**case.show(left, right), name: mp.nstr(x, 8)}
                    return Outcome(
                        False, NUMERIC, "another place is as good", at, mp.nstr(other, 8), mp.nstr(low, 8)
                    )
        met += 1
    if met < min(MIN_POINTS, len(space.cases)):
        return Outcome(None, NUMERIC, f"only {met} points have values")
    return Outcome(True, _proved(left, right, space, sign, seconds) or NUMERIC, f"{met} points", points=met)


def _proved(left: ArgMin, right: Expr, space: Space, sign: int, seconds: float | int) -> str | None:
    """Show slope 0 at the place and positive curvature everywhere."""
    try:
        with time_limit(seconds):
            for env in space.exact_envs():
                t = sp.Dummy("t", real=True, positive=True if left.wrt.domain.low == 0 else None)
                body = sign * env.child(**{left.wrt.name: t}).value(left.args[0])
                if body.has(sp.Max, sp.Min, sp.Abs, sp.Piecewise):
                    return None
                flat = is_zero(body.diff(t).subs(t, env.value(right)), seconds, env.finite)
                if not flat or not is_nonnegative(body.diff(t, 2), seconds, strict=True):
                    return None
    except GAVE_UP:
        return None
    return INSTANTIATED if space.instantiates else SYMBOLIC
