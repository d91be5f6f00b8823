r"""Equations for one unknown: whether a value satisfies one, and which other values do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from dlbook.answers.clock import Clock
from dlbook.answers.tree import Node
from dlbook.answers.values.compare import Outcome, Setting, agree, failed
from dlbook.answers.values.evaluate import Program
from dlbook.answers.values.numbers import CTX, Array, Scalar, TooLarge, Undefined, Value, shape_of

_GRID = (0.01, 0.1, 0.3, 0.6, 0.9, 1.2, 1.7, 2.4, 3.3, 5.0, 8.0, 15.0, 40.0)
_ROUNDS = 40


class Sides:
    """The two sides of an equation.

    Parameters
    ----------
    left, right : Node
        The sides.
    unknown : str
        The symbol that it is to determine.
    setting : Setting
        The question's points.
    """

    def __init__(self, left: Node, right: Node, unknown: str, setting: Setting) -> None:
        self.unknown, self.setting = unknown, setting
        self.left, self.right = (Program(side, setting.vocabulary) for side in (left, right))

    def both(self, i: int, value: Value, clock: Clock) -> tuple[Outcome, Outcome]:
        """Give both sides at a point, for some value of the unknown."""
        point = self.setting.points[i]
        values = {**point.values, self.unknown: value}
        found = []
        for side in (self.left, self.right):
            try:
                found.append(side.run(values, clock, point.variant))
            except (Undefined, TooLarge) as error:
                found.append(error.with_traceback(None))
        return found[0], found[1]

    def holds(self, i: int, value: Value, clock: Clock) -> bool | None:
        """Tell whether a value satisfies the equation at a point; None where a side has no value.

        The value itself is rounded, so that what should be zero is merely small: small beside what the
        difference of the sides becomes a little further on.
        """
        left, right = self.both(i, value, clock)
        if failed(left) or failed(right):
            return None
        if agree(left, right):
            return True
        further = self.both(i, _nudged(value), clock)
        if failed(further[0]) or failed(further[1]) or shape_of(left) != shape_of(right):
            return False
        return _distance(left, right) <= CTX.ldexp(_distance(*further), -60)

    def gap(self, i: int, value: Scalar, clock: Clock) -> Any:
        """Give left minus right, for equations between numbers."""
        left, right = self.both(i, value, clock)
        if failed(left) or failed(right) or isinstance(left, Array) or isinstance(right, Array):
            return None
        return left - right


def _nudged(value: Value) -> Value:
    """Move a number, or each entry, by about a millionth."""

    def moved(x: Scalar) -> Scalar:
        return x + CTX.ldexp(x or CTX.one, -20)

    return value.map(moved) if isinstance(value, Array) else moved(value)


def _distance(left: Value, right: Value) -> Scalar:
    """Give the largest difference of two values."""
    if isinstance(left, Array):
        return max(abs(p - q) for p, q in zip(left.data, right.data, strict=True))
    return abs(left - right)


class Solution:
    """The value of the unknown for which a linear equation holds, point by point.

    Parameters
    ----------
    sides : Sides
        The equation.
    """

    def __init__(self, sides: Sides) -> None:
        self.sides, self.setting = sides, sides.setting
        self._known: dict[int, Outcome] = {}

    def at(self, i: int, clock: Clock) -> Outcome:
        """Give the solution at a point, or why there is none."""
        if i not in self._known:
            self._known[i] = self._solve(i, clock)
        return self._known[i]

    def _solve(self, i: int, clock: Clock) -> Outcome:
        """Draw a line through two values, and see whether a third lies on it."""
        places = [CTX.mpf(x) for x in ("0.40625", "1.71875", "2.15625")]
        gaps = [self.sides.gap(i, x, clock) for x in places]
        if any(g is None for g in gaps):
            return Undefined("There is no solution.")
        slope = (gaps[1] - gaps[0]) / (places[1] - places[0])
        third = gaps[0] + slope * (places[2] - places[0])
        scale = max(abs(g) for g in gaps)
        if not slope or abs(third - gaps[2]) > CTX.ldexp(scale, -80):
            return Undefined("There is no single solution.")
        return places[0] - gaps[0] / slope


def other_values(value: Value, domain: str) -> list[Value]:
    """Give values of the unknown that are not its solution: scaled, shifted, negated, inverted."""
    changes: list[Callable[[Scalar], Scalar]] = [
        lambda x: 2 * x + CTX.mpf("0.3125"),
        lambda x: -x - CTX.mpf("0.15625"),
        lambda x: x + CTX.mpf("1.34375"),
        lambda x: x * CTX.mpf("0.71875"),
        lambda x: -x,
        lambda x: 1 / x if x else CTX.one,
    ]
    made = [value.map(c) if isinstance(value, Array) else c(value) for c in changes]
    return [
        other
        for other in made
        if not agree(other, value) and (isinstance(other, Array) or allowed(other, domain))
    ]


def another_root(sides: Sides, i: int, value: Scalar, domain: str, clock: Clock) -> bool:
    """Look along the unknown for a further value that satisfies an equation.

    The grid is divided finely where the difference of the sides changes its sign or comes close to zero.
    """
    span = 1 + abs(value)
    grid = sorted({*(span * CTX.mpf(g) for g in _GRID), *(-span * CTX.mpf(g) for g in _GRID), CTX.zero})
    grid = [x for x in grid if allowed(x, domain)]
    gaps = [sides.gap(i, x, clock) for x in grid]
    if any(g is not None and not g and not agree(x, value) for x, g in zip(grid, gaps, strict=True)):
        return True
    around = [(x, g) for x, g in zip(grid, gaps, strict=True) if g is not None]
    for (a, fa), (b, fb) in pairwise(around):
        if (fa < 0) != (fb < 0) and not a <= value <= b:
            root = _bisected(sides, i, a, b, fa, clock)
            if root is not None and not _near(root, value):
                return True
    for (a, fa), (_, fb), (c, fc) in zip(around, around[1:], around[2:], strict=False):
        if abs(fb) <= min(abs(fa), abs(fc)) and not a <= value <= c:
            root = _lowest(sides, i, a, c, clock)
            if root is not None and not _near(root, value):
                return True
    return False


def allowed(x: Scalar, domain: str) -> bool:
    """Tell whether a number lies in a domain."""
    rules: dict[str, Callable[[Scalar], bool]] = {
        "positive": lambda x: x > 0,
        "nonnegative": lambda x: x >= 0,
        "nonzero": lambda x: x != 0,
        "unit": lambda x: 0 < x < 1,
        "binary": lambda x: x in (0, 1),
        "integer": lambda x: bool(CTX.isint(x)),
        "natural": lambda x: bool(CTX.isint(x)) and x > 0,
    }
    return rules.get(domain, lambda x: True)(x)


def _near(a: Scalar, b: Scalar) -> bool:
    """Tell whether two roots are one, found with limited effort."""
    return abs(a - b) <= CTX.ldexp(1 + abs(b), -12)


def _bisected(sides: Sides, i: int, a: Scalar, b: Scalar, fa: Scalar, clock: Clock) -> Scalar | None:
    """Close in on a change of sign; a jump or a pole is no root."""
    first = abs(fa)
    for _ in range(_ROUNDS):
        middle = (a + b) / 2
        gap = sides.gap(i, middle, clock)
        if gap is None:
            return None
        if not gap:
            return middle
        if (gap < 0) == (fa < 0):
            a = middle
        else:
            b = middle
    return middle if abs(gap) < CTX.ldexp(first, -_ROUNDS // 2) else None


def _lowest(sides: Sides, i: int, a: Scalar, b: Scalar, clock: Clock) -> Scalar | None:
    """Close in on the smallest difference, which is zero at a root without a change of sign."""
    first = sides.gap(i, a, clock)
    for _ in range(_ROUNDS):
        p, q = a + (b - a) / 3, b - (b - a) / 3
        fp, fq = sides.gap(i, p, clock), sides.gap(i, q, clock)
        if fp is None or fq is None or first is None:
            return None
        if abs(fp) < abs(fq):
            b = q
        else:
            a = p
    return p if abs(fp) < CTX.ldexp(abs(first), -30) else None
