"""Checks of one statement: equality, inequality, remainder; exact where possible, always also at points."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, no_type_check

import sympy as sp

from .dense import entries
from .errors import GAVE_UP, DerivationError, TimeUp, UndefinedError
from .far import grows, integrates, line_search, meeting, quadrature
from .functions import SATURATED
from .held import hold
from .jets import primal
from .nodes import BigO, terms_of
from .proving import is_nonnegative, is_zero
from .quadrature import COARSE
from .sampling import HIGH, LOW, MIN_POINTS, Space
from .timing import time_limit
from .tree import Add, Expr

SYMBOLIC, INSTANTIATED, NUMERIC = "symbolic", "instantiated", "numeric"
POINT_SECONDS = 60.0  # for all points of one comparison; beyond that the check cannot decide
EXTREME = 700  # digits, to tell rounding dust from a true difference
LEVELS = (NUMERIC, INSTANTIATED, SYMBOLIC)


@dataclass
class Outcome:
    """What a check found: ok is True, False, or None for undecided."""

    ok: bool | None
    level: str = ""
    why: str = ""
    point: dict[str, str] = field(default_factory=dict)
    left: str = ""
    right: str = ""
    points: int = 0


class Values:
    """Values at a case, or the reason why there are none."""

    __slots__ = ("items", "why")

    def __init__(self, items: list[Any] | None, why: str = "") -> None:
        self.items, self.why = items, why


@no_type_check
def values_at(expr, case, digits=LOW):
    """Return the entries of an expression's value at a point."""
    try:
        found = [primal(x) for x in entries(case.env(digits).value(expr))]
    except UndefinedError as problem:
        return Values(None, str(problem))
    mp = case.env(digits).mp
    if not all(mp.isfinite(x) for x in found):
        return Values(None, "infinite")
    return Values(found)


@no_type_check
def show(values, case):
    """Return values for a message."""
    if values.items is None:
        return f"undefined ({values.why})"
    mp = case.env().mp
    shown = [mp.nstr(x, 10) for x in values.items]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown[:9])}{', ...' if len(shown) > 9 else ''}]"


@no_type_check
def differ_at(left, right, case, careful=True):
    """Return None where the sides agree, False where neither has a value, otherwise both values."""
    a, b = values_at(left, case), values_at(right, case)
    if a.items is None and b.items is None:
        return False
    if COARSE in (a.why, b.why):
        return False
    if a.items is None or b.items is None:
        return _last_word(left, right, case, a, b)
    if len(a.items) != len(b.items):
        return a, b
    mp = case.env().mp
    if integrates(left) or integrates(right):
        near = mp.mpf(10) ** -(18 if quadrature(left) or quadrature(right) else 28)
        agree = all(
            abs(x - y) <= near * max(1, abs(x), abs(y)) for x, y in zip(a.items, b.items, strict=True)
        )
        return None if agree else (a, b)
    if not careful and any(
        abs(x - y) > mp.mpf(10) ** -24 * max(1, abs(x), abs(y)) for x, y in zip(a.items, b.items, strict=True)
    ):
        return a, b  # far apart at 50 digits: enough to reject a mutant
    # 50 digits may agree by accident (x + 1e-60), so twice as many must agree as well.
    a2, b2 = values_at(left, case, HIGH), values_at(right, case, HIGH)
    if a2.items is None or b2.items is None or not _agree(a2.items, b2.items, case.env(HIGH).mp, HIGH):
        return _last_word(left, right, case, a, b)
    return None


@no_type_check
def _agree(a, b, mp, digits):
    return all(
        abs(x - y) <= mp.mpf(10) ** (15 - digits) * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True)
    )


@no_type_check
def _last_word(left, right, case, a, b):
    """Decide at very many digits: a true difference, rounding dust, or 1 - e^-800 taken for 1."""
    a3, b3 = values_at(left, case, EXTREME), values_at(right, case, EXTREME)
    if a3.items is None and b3.items is None:
        return False
    if SATURATED in (a3.why, b3.why):
        return False  # 1 - sigmoid(10000) is not 0, but no number of digits kept here shows it
    if a3.items is None or b3.items is None:
        return a3, b3
    mp = case.env(EXTREME).mp
    dust = mp.mpf(10) ** (100 - EXTREME)
    for x, y in zip(a3.items, b3.items, strict=True):
        gap = abs(x - y)
        if gap > dust and gap > dust * max(abs(x), abs(y)):
            return (a3, b3) if a.items is None or b.items is None else (a, b)
    return None


@no_type_check
def check_points(left, right, cases, need=MIN_POINTS):
    """Compare two sides at all points."""
    met = 0
    why = ""
    wrong = []
    began = time.monotonic()
    for tried, case in enumerate(cases):
        try:
            with time_limit(max(0.01, POINT_SECONDS - (time.monotonic() - began))):
                found = differ_at(left, right, case)
        except TimeUp:
            if wrong:
                break
            late = f"only {tried} of {len(cases)} points could be tried in {POINT_SECONDS:g} s"
            return Outcome(None, NUMERIC, late, points=met)
        if found is None:
            met += 1
        elif found is False:
            why = values_at(left, case).why
        else:
            wrong.append((sum(map(len, case.show(left, right).values())), len(wrong), case, found))
            if len(wrong) >= 8:
                break
    if wrong:
        _, _, case, (a, b) = min(wrong)  # the plainest of the first counterexamples
        reason = "the sides differ"
        if a.items is None or b.items is None:
            side = "left" if a.items is None else "right"
            reason = f"only the {side} side is undefined: exclude the point from the domain, or mend the line"
        return Outcome(False, NUMERIC, reason, case.show(left, right), show(a, case), show(b, case), met)
    if not met:
        return Outcome(False, NUMERIC, f"neither side has a value at any point tried ({why})", points=0)
    if met < need and len(cases) > 1:
        return Outcome(
            None, NUMERIC, f"both sides have values at only {met} points, {need} are needed", points=met
        )
    return Outcome(True, NUMERIC, f"{met} points", points=met)


def prove_equal(left: Expr, right: Expr, space: Space, seconds: float | int) -> str | None:
    """Return the level at which the sides are shown equal exactly, or None."""
    key = (left.key, right.key)
    if key not in space.proofs:
        held = hold(left, right)
        short = _prove_equal(*held, space, min(seconds, 1.0)) if held is not None else None
        space.proofs[key] = short or _prove_equal(left, right, space, seconds)
    return space.proofs[key]


def _prove_equal(left: Expr, right: Expr, space: Space, seconds: float | int) -> str | None:
    level = INSTANTIATED if space.instantiates or _has_index(left, right) else SYMBOLIC
    done: list[dict[str, int]] = []
    try:
        with time_limit(seconds):
            for env in space.exact_envs():
                try:
                    a, b = entries(env.value(left)), entries(env.value(right))
                except UndefinedError:
                    return None
                for x, y in zip(a, b, strict=True):
                    if not is_zero(x - y, seconds, env.finite):
                        return None
                done.append(env.fixed)
    except TimeUp:
        # The larger sizes take too long: two different sizes done exactly still are an instantiation.
        names = [s.name for s in space.sizes]
        sizes = {tuple(f[n] for n in names) for f in done[:-1]}
        return INSTANTIATED if names and len(sizes) >= 2 else None
    except (RecursionError, NotImplementedError, ValueError, TypeError, AttributeError, sp.PolynomialError):
        return None
    return level


def _has_index(*exprs: Expr) -> bool:
    return any(e.shape for e in exprs)


def check_equal(left: Expr, right: Expr, space: Space, seconds: float | int = 5.0) -> Outcome:
    """Check left = right: points first (they refute), then a proof."""
    outcome = check_points(left, right, space.cases)
    if outcome.ok is False:
        return outcome
    level = prove_equal(left, right, space, seconds)
    if level is not None and outcome.points:
        return Outcome(True, level, outcome.why, points=outcome.points)
    return outcome


@no_type_check
def _gap(left, right, case):
    a, b = values_at(left, case), values_at(right, case)
    if a.items is None or b.items is None:
        return None, a, b
    return min(y - x for x, y in zip(a.items, b.items, strict=True)), a, b


def check_order(left: Expr, rel: str, right: Expr, space: Space, seconds: float | int = 5.0) -> Outcome:
    """Check an inequality: at the points and many more, then by proof."""
    if rel == "!=":
        return _check_apart(left, right, space, seconds)
    small, large = (left, right) if rel in ("<", "<=") else (right, left)
    strict = rel in ("<", ">")
    met = 0
    for case in [*space.cases, *(space.more(60) if space.has_choice() else [])]:
        gap, a, b = _gap(small, large, case)
        if gap is None:
            if (a.items is None) != (b.items is None):
                return Outcome(
                    False,
                    NUMERIC,
                    "only one side has a value",
                    case.show(left, right),
                    show(a, case),
                    show(b, case),
                )
            continue
        tiny = case.env().mp.mpf(10) ** -40 * max(1, *(abs(x) for x in (*a.items, *b.items)))
        wrong = gap < -tiny
        if not wrong and strict and gap <= tiny:
            apart = _strict_after_all(small, large, case)
            if apart is None:
                continue
            wrong = not apart
        if wrong:
            first, second = (a, b) if small is left else (b, a)
            return Outcome(
                False,
                NUMERIC,
                f"the inequality {rel} fails",
                case.show(left, right),
                show(first, case),
                show(second, case),
            )
        met += 1
    if not met:
        return Outcome(False, NUMERIC, "neither side has a value at any point tried")
    try:
        with time_limit(seconds):
            proved = all(
                is_nonnegative(y - x, seconds, strict)
                for env in space.exact_envs()
                for x, y in zip(entries(env.value(small)), entries(env.value(large)), strict=True)
            )
    except (TimeUp, UndefinedError, RecursionError):
        proved = False
    if proved:
        return Outcome(True, INSTANTIATED if space.instantiates else SYMBOLIC, f"{met} points", points=met)
    if met < MIN_POINTS and space.has_choice():
        return Outcome(None, NUMERIC, f"only {met} points have values", points=met)
    hunted = _hunt(left, right, small, large, rel, space, seconds)
    if hunted is not None:
        return hunted
    return Outcome(True, NUMERIC, f"{met} points, none violates it", points=met)


@no_type_check
def _hunt(left, right, small, large, rel, space, seconds):
    """Look for a violation by going downhill from some points: no fixed set of points finds a thin one."""
    strict = rel in ("<", ">")
    if integrates(small) or integrates(large):
        return None

    def gap_at(case, digits=LOW):
        a, b = values_at(small, case, digits), values_at(large, case, digits)
        if a.items is None or b.items is None:
            return None, 1
        low = min(y - x for x, y in zip(a.items, b.items, strict=True))
        return low, max(1, *(abs(x) for x in (*a.items, *b.items)))

    touched = False
    try:
        with time_limit(min(seconds, 2)):
            for case, flat in line_search(gap_at, (small, large), space):
                gap, size = gap_at(case, EXTREME)
                if gap is None:
                    continue
                dust = case.env(EXTREME).mp.mpf(10) ** (100 - EXTREME) * size
                if gap < -dust or (strict and gap == 0 and flat):
                    a, b = values_at(left, case), values_at(right, case)
                    why = f"the inequality {rel} fails"
                    return Outcome(False, NUMERIC, why, case.show(left, right), show(a, case), show(b, case))
                touched = touched or (strict and flat and gap < 1e-20 * size)
    except TimeUp:
        pass
    if touched:
        return Outcome(None, NUMERIC, "the sides seem to touch, where the line says that they do not")
    return None


@no_type_check
def _strict_after_all(small, large, case):
    """Look again with more digits: 1e-60 is still a gap; None where no number of digits kept shows it."""
    for digits in (HIGH, EXTREME):
        a, b = values_at(small, case, digits), values_at(large, case, digits)
        if a.items is None or b.items is None:
            return None if SATURATED in (a.why, b.why) else False
        dust = case.env(digits).mp.mpf(10) ** (12 - digits)
        if all(y - x > dust * max(abs(x), abs(y)) for x, y in zip(a.items, b.items, strict=True)):
            return True
        if digits == HIGH and not (grows(small) or grows(large)):
            return False
    if all(y == x for x, y in zip(a.items, b.items, strict=True)):
        return None if any(x != 0 for x in a.items) and case.style in ("large", "mixed", "huge") else False
    return False


def _check_apart(left: Expr, right: Expr, space: Space, seconds: float | int) -> Outcome:
    met = 0
    for case in space.cases:
        found = differ_at(left, right, case)
        if found is None:
            at = case.show(left, right)
            return Outcome(
                False, NUMERIC, "the sides are equal here", at, show(values_at(left, case), case), "the same"
            )
        met += found is not False
    for env in space.exact_envs():
        try:
            gaps = [x - y for x, y in zip(entries(env.value(left)), entries(env.value(right)), strict=True)]
        except UndefinedError:
            break
        if not any(is_nonnegative(g, seconds, True) or is_nonnegative(-g, seconds, True) for g in gaps):
            break
    else:
        return Outcome(True, SYMBOLIC, points=met)
    there = meeting(left - right, space)
    if there is not None:
        at = there.show(left, right)
        why = "the sides are equal here, up to rounding"
        return Outcome(False, NUMERIC, why, at, show(values_at(left, there), there), "the same")
    return Outcome(True if met else None, NUMERIC, f"{met} points", points=met)


def split_remainder(expr: Expr) -> tuple[Expr, BigO | None]:
    """Return the line without its O(h^k), and that remainder."""
    terms = terms_of(expr)
    found = [t for t in terms if isinstance(t, BigO)]
    if not found:
        if any(isinstance(n, BigO) for n in expr.walk()):
            raise DerivationError(
                f"write the remainder as the last term of the sum, not inside: {expr.tex()}"
            )
        return expr, None
    rest = tuple(t for t in terms if not isinstance(t, BigO))
    if len(found) > 1:
        raise DerivationError(f"one remainder per line, please: {expr.tex()}")
    zero = found[0] * 0
    return (rest[0] if len(rest) == 1 else Add(*rest) if rest else zero), found[0]


@no_type_check
def check_remainder(left, right, small, order, space, seconds=5.0, sharp=True):
    """Check left - right = O(h^order) by the ratio of errors at two h, and that no higher order would do."""
    met, exact_hits = 0, 0
    for case in space.cases[:MIN_POINTS]:
        env = case.env(HIGH)
        mp = env.mp
        errors = []
        try:
            for k in (16, 18):
                h = mp.mpf(10) ** -k
                inner = env.child(**{small.name: h})
                errors.append(abs(primal(inner.value(left)) - primal(inner.value(right))))
        except UndefinedError:
            continue
        if errors[1] < mp.mpf(10) ** (10 - HIGH):
            exact_hits += 1
            continue
        slope = mp.log10(errors[0] / errors[1]) / 2
        if slope < order - 0.2:
            return Outcome(
                False, NUMERIC, f"the difference shrinks like {small.name}^{mp.nstr(slope, 3)}, not ^{order}",
                case.show(left, right), mp.nstr(errors[0], 6), mp.nstr(errors[1], 6),
            )  # fmt: skip
        if slope > order + 0.2:
            exact_hits += 1
        else:
            met += 1
    if not met + exact_hits:
        return Outcome(False, NUMERIC, "neither side has a value at any point tried")
    if sharp and exact_hits > (met + exact_hits) // 2:
        return Outcome(
            False, NUMERIC, f"the difference shrinks faster than {small.name}^{order}: state the true order"
        )
    level = prove_remainder(left, right, small, order, space, seconds)
    return Outcome(True, level or NUMERIC, f"{met} points", points=met)


def prove_remainder(
    left: Expr, right: Expr, small: Any, order: int, space: Space, seconds: float | int
) -> str | None:
    """Show by Taylor expansion that all coefficients below h^order vanish."""
    from .functions import UnknownOrder

    try:
        with time_limit(seconds):
            for env in space.exact_envs():
                h = sp.Dummy("h", real=True)
                local = env.child(**{small.name: h})
                gap = local.value(left) - local.value(right)

                def taylor(node: Any, h: sp.Symbol = h) -> Any:
                    name, n, x = node.args
                    base = x.subs(h, 0)
                    return sum(
                        UnknownOrder(name, n + k, base) * (x - base) ** k / sp.factorial(k)
                        for k in range(order + 3)
                    )

                gap = gap.replace(lambda n, h=h: isinstance(n, UnknownOrder) and n.has(h), taylor)
                gap = sp.expand(gap)
                low = (
                    sp.series(gap, h, 0, order).removeO()
                    if not _is_laurent(gap, h)
                    else _below(gap, h, order)
                )
                if not is_zero(sp.expand(low), seconds):
                    return None
    except GAVE_UP:
        return None
    return INSTANTIATED if space.instantiates else SYMBOLIC


def _is_laurent(e: sp.Expr, h: sp.Symbol) -> bool:
    return bool(sp.expand(e * h**4).is_polynomial(h))


def _below(e: sp.Expr, h: sp.Symbol, order: int) -> sp.Expr:
    p = sp.Poly(sp.expand(e * h**4), h)
    return sp.Add(*(c * h ** (k - 4) for (k,), c in p.terms() if k - 4 < order))
