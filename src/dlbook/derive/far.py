"""Points that no fixed set holds: roots of kinks, far and tiny values, and the way downhill."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, no_type_check

from .dense import entries
from .errors import UndefinedError
from .functions import Call
from .jets import primal
from .nodes import Integral, Softmax
from .probability import E, Gauss
from .symbols import Var
from .tree import Expr, Num, Pow

if TYPE_CHECKING:
    from .sampling import Case, Space

# Where to stand beside a kink, relative to its place.
ASIDE = (Fraction(0), Fraction(1, 2**12), Fraction(-1, 2**12))
_GROWING = {"exp", "sigmoid", "tanh", "softplus", "sinh", "cosh", "erf", "gamma", "factorial"}
_SIZES = [Fraction(m) * Fraction(10) ** k for k in range(-9, 10) for m in (1, 3)]
_BITS = 160  # steps of a bisection


def _any(expr: Expr, found: Any) -> bool:
    """Return whether a node of the tree, definitions opened, is of a kind."""
    from .sampling import opened

    seen: set[str] = set()

    def visit(node: Expr) -> bool:
        if node.key in seen:
            return False
        seen.add(node.key)
        if found(node):
            return True
        inner = opened(node)
        return (inner is not None and visit(inner)) or any(visit(a) for a in node.parts())

    return visit(expr)


def integrates(expr: Expr) -> bool:
    """Return whether a value comes from numerical integration, which has fewer digits."""
    return _any(
        expr,
        lambda n: isinstance(n, Integral) or (isinstance(n, E) and any(isinstance(v, Gauss) for v in n.over)),
    )


def quadrature(expr: Expr) -> bool:
    """Return whether an integral is computed that is not a mean under a Gaussian, or one with kinks."""
    from .sampling import find_kinks

    return _any(
        expr,
        lambda n: isinstance(n, Integral) or (isinstance(n, E) and bool(find_kinks(n.args))),
    )


def grows(expr: Expr) -> bool:
    """Return whether something grows exponentially, so that values at 10^12 are beyond all digits."""
    return _any(
        expr,
        lambda n: (
            (isinstance(n, Call) and n.fun.name in _GROWING)
            or isinstance(n, Softmax)
            or "Softmax" in type(n).__name__
            or (isinstance(n, Pow) and not isinstance(n.args[1], Num))
        ),
    )


def _plain(space: Space, names: frozenset[str]) -> list[Var]:
    """Return the symbols that may be moved."""
    return [
        v
        for v in space.leaves.values()
        if type(v) is Var and not v.shape and not v.ndim and v.name not in space.given and v.name in names
        and type(v.domain).__name__ == "Domain" and not v.domain.integer
    ]  # fmt: skip


def ladder(v: Var, top: int) -> list[Fraction]:
    """Return values all over a symbol's domain, in order, from 10^-9 to `top` in size."""
    d = v.domain
    sizes = [x for x in _SIZES if x <= top]
    if d.low is not None and d.high is not None:
        width = d.high - d.low
        near = [x for x in sizes if x <= Fraction(1, 30)]
        parts = [*near, *(Fraction(k, 16) for k in range(1, 16)), *(1 - x for x in reversed(near))]
        return [d.low + width * x for x in parts]
    if d.low is not None:
        return [d.low + x for x in sizes]
    if d.high is not None:
        return [d.high - x for x in reversed(sizes)]
    return [*(-x for x in reversed(sizes)), *([] if d.nonzero else [Fraction(0)]), *sizes]


@no_type_check
def _number(expr: Expr, case: Case) -> Any:
    try:
        found = entries(case.env().value(expr))
    except (UndefinedError, OverflowError):
        return None
    x = primal(found[0])
    return x if len(found) == 1 and case.env().mp.isfinite(x) else None


def _bracket(expr: Expr, v: Var, case: Case, top: int) -> tuple[Fraction, Fraction, Any] | None:
    """Return two neighbouring values of a symbol between which an expression changes its sign."""
    before: tuple[Fraction, Any] | None = None
    rungs = ladder(v, top)
    for x in rungs if case.seed % 2 else rungs[::-1]:  # from either end: another root
        y = _number(expr, case.moved({v.name: x}))
        if y is None:
            before = None
            continue
        if y == 0:
            return x, x, y
        if before is not None and before[1] * y < 0:
            return before[0], x, before[1]
        before = (x, y)
    return None


def _bisect(expr: Expr, v: Var, case: Case, low: Fraction, high: Fraction, first: Any) -> Fraction:
    for _ in range(_BITS):
        middle = (low + high) / 2
        y = _number(expr, case.moved({v.name: middle}))
        if y is None or y == 0:
            return middle
        if y * first > 0:
            low = middle
        else:
            high = middle
    return low


def crossing(kink: Expr, inside: list[Var], case: Case) -> dict[str, Fraction] | None:
    """Return a value of one symbol at which an expression changes its sign, or None."""
    for v in inside[case.seed % len(inside) :] + inside[: case.seed % len(inside)]:
        if v not in _plain(case.space, kink.free):
            continue
        found = _bracket(kink, v, case, 100 if grows(kink) else 10**9)
        if found is not None:
            return {v.name: _bisect(kink, v, case, *found)}
    return None


def meeting(gap: Expr, space: Space) -> Case | None:
    """Return a point at which an expression passes through 0, or None."""
    if integrates(gap):
        return None
    top = 100 if grows(gap) else 10**9
    for case in space.cases[:3]:
        for v in _plain(space, gap.free):
            found = _bracket(gap, v, case, top)
            if found is None:
                continue
            there = case.moved({v.name: _bisect(gap, v, case, *found)})
            y = _number(gap, there)
            # A jump changes the sign too, but does not come near 0.
            if y is not None and (y == 0 or abs(y) < 1e-25 * abs(found[2])) and _valid(space, there):
                return there
    return None


def _valid(space: Space, case: Case) -> bool:
    return not space.filters or space._valid(case)


@no_type_check
def line_search(gap_at, sides, space: Space) -> Iterator[tuple[Case, bool]]:
    """Yield points with a small gap between two sides, and whether the gap is smallest inside a range.

    From a few points, one symbol after the other runs over its whole domain; around the smallest gap a
    golden-section search follows.
    """
    names = sides[0].free | sides[1].free
    top = 100 if any(map(grows, sides)) else 10**9
    movable = _plain(space, names)
    for start in space.cases[:3]:
        case = start
        for v in movable * (2 if len(movable) > 1 else 1):
            rungs = ladder(v, top)

            def height(x, v=v, case=case):
                there = case.moved({v.name: x})
                if x not in v.domain or not _valid(space, there):
                    return None
                try:
                    return gap_at(there)[0]
                except OverflowError:
                    return None

            heights = [height(x) for x in rungs]
            known = [k for k, y in enumerate(heights) if y is not None]
            if not known:
                continue
            k = min(known, key=lambda k: heights[k])
            best = rungs[k]
            inside = 0 < k < len(rungs) - 1
            if inside and heights[k] >= 0:
                best = _golden(height, rungs[k - 1], rungs[k + 1], best, heights[k])
            for x in dict.fromkeys((best, best.limit_denominator(100))):
                if x in v.domain and _valid(space, case.moved({v.name: x})):
                    yield case.moved({v.name: x}), inside
            if height(best) is not None:
                case = case.moved({v.name: best})


@no_type_check
def _golden(height, low: Fraction, high: Fraction, best: Fraction, smallest) -> Fraction:
    ratio = Fraction(618, 1000)
    for _ in range(90):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        a, b = (x.limit_denominator(10**40) for x in (a, b))
        ya, yb = height(a), height(b)
        if ya is None or yb is None:
            break
        for x, y in ((a, ya), (b, yb)):
            if y < smallest:
                best, smallest = x, y
        if ya <= yb:
            high = b
        else:
            low = a
    return best
