r"""Whether two formulas are equal: by their values, to many digits, at many points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from dlbook.answers.clock import Clock
from dlbook.answers.rewrite import replaced
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Node, Number
from dlbook.answers.values.evaluate import Program, nodes
from dlbook.answers.values.numbers import CTX, Array, Scalar, TooLarge, Undefined, Value, shape_of
from dlbook.answers.values.points import Point, sample

AGREE = -100
"""Values agree when they differ by less than this power of two of their size (30 digits)."""
FEWEST = 8
"""Generic points at which a right answer has to have a value."""
_MOST_LOOSE = 16
"""Rounded numbers that an answer may have to be known for one that was rounded."""


class Setting:
    """The points at which formulas of one question are compared.

    Parameters
    ----------
    vocabulary : Vocabulary
        The question's symbols.
    seed : str
        The key's name.
    """

    def __init__(self, vocabulary: Vocabulary, seed: str) -> None:
        self.vocabulary = vocabulary
        generic, special = sample(vocabulary, seed)
        self.points: Sequence[Point] = (*generic, *special)
        self.generic = range(len(generic))
        self.special = range(len(generic), len(self.points))


Outcome = Value  # or an instance of Undefined or TooLarge, see `failed`


class Sampled(Protocol):
    """Something with a value at each point of a setting."""

    setting: Setting

    def at(self, i: int, clock: Clock) -> Outcome:
        """Give the value at a point, or why there is none."""


class Formula:
    """A formula with its values at the points of a question, each computed when it is first asked for.

    Parameters
    ----------
    node : Node
        The formula.
    setting : Setting
        The points.
    """

    def __init__(self, node: Node, setting: Setting) -> None:
        self.node, self.setting = node, setting
        self.program = Program(node, setting.vocabulary)
        self._known: dict[int, Outcome] = {}

    def at(self, i: int, clock: Clock) -> Outcome:
        """Give the value at a point, or why there is none."""
        i = 0 if self.program.is_constant else i
        if i not in self._known:
            point = self.setting.points[i]
            try:
                self._known[i] = self.program.run(point.values, clock, point.variant)
            except (Undefined, TooLarge) as error:
                self._known[i] = error.with_traceback(None)
        return self._known[i]


class Derived:
    """What becomes of another formula's values, point by point.

    Parameters
    ----------
    source : Sampled
        The other formula.
    change : callable
        From a value and the number of the point to a value; it may raise Undefined or TooLarge.
    """

    def __init__(self, source: Sampled, change: Callable[[Value, int], Value]) -> None:
        self.source, self.change, self.setting = source, change, source.setting

    def at(self, i: int, clock: Clock) -> Outcome:
        """Give the value at a point, or why there is none."""
        value = self.source.at(i, clock)
        if failed(value):
            return value
        try:
            return self.change(value, i)
        except ZeroDivisionError:
            return Undefined("This divides by zero.")
        except (Undefined, TooLarge) as error:
            return error.with_traceback(None)


def failed(outcome: Outcome) -> bool:
    """Tell whether there is no value."""
    return isinstance(outcome, (Undefined, TooLarge))


@dataclass(frozen=True)
class Comparison:
    """What comparing two formulas came to.

    Parameters
    ----------
    status : str
        ``equal``; ``differs``; ``undefined`` (the first has no value where the second has); ``special``
        (equal but for special points).
    at : int, optional
        The first point that shows it.
    reason : Undefined, optional
        Why there is no value.
    """

    status: str
    at: int = -1
    reason: Undefined | None = None

    def __bool__(self) -> bool:
        return self.status == "equal"


def close(a: Scalar, b: Scalar) -> bool:
    """Tell whether two numbers agree to 30 digits."""
    difference = abs(a - b)
    return not difference or difference <= CTX.ldexp(max(abs(a), abs(b)), AGREE)


def agree(a: Value, b: Value) -> bool:
    """Tell whether two values have one shape and agree in every entry."""
    if shape_of(a) != shape_of(b):
        return False
    if isinstance(a, Array):
        return all(close(p, q) for p, q in zip(a.data, b.data, strict=True))
    return close(a, b)


def compare(answer: Sampled, right: Sampled, clock: Clock) -> Comparison:
    """Compare an answer with what it should equal.

    Parameters
    ----------
    answer, right : Sampled
        Two formulas over the same points.
    clock : Clock
        The limit of time.

    Returns
    -------
    Comparison
        Points at which the right formula has no value do not count.

    Raises
    ------
    TooLarge
        If the numbers become too large nearly everywhere.
    """
    seen, undefined, too_large = 0, Comparison("equal"), None
    for i in right.setting.generic:
        expected = right.at(i, clock)
        if failed(expected):
            continue
        value = answer.at(i, clock)
        if isinstance(value, TooLarge):
            too_large = value
        elif isinstance(value, Undefined):
            undefined = undefined if not undefined else Comparison("undefined", i, value)
        elif not agree(value, expected):
            return Comparison("differs", i)
        else:
            seen += 1
    if not undefined:
        return undefined
    if too_large and seen < FEWEST // 2:
        raise too_large
    if not seen:
        return Comparison("differs")
    for i in right.setting.special:
        value, expected = answer.at(i, clock), right.at(i, clock)
        if not failed(value) and not failed(expected) and not agree(value, expected):
            return Comparison("special", i)
    return Comparison("equal")


def defined_points(formula: Sampled, clock: Clock) -> list[int]:
    """List the generic points at which a formula has a value."""
    return [i for i in formula.setting.generic if not failed(formula.at(i, clock))]


def varies_with(formula: Sampled, program: Program, name: str, clock: Clock) -> bool:
    """Tell whether a formula's value depends on a symbol, by giving the symbol other values."""
    points = [formula.setting.points[i] for i in formula.setting.generic]
    size = len(points)
    for i, point in enumerate(points):
        before = formula.at(i, clock)
        if failed(before):
            continue
        for step in (1, 2, size // 2):
            other = points[(i + step * _stride(formula.setting)) % size].values[name]
            if shape_of(other) != shape_of(point.values[name]):
                continue
            try:
                after = program.run({**point.values, name: other}, clock, point.variant)
            except (Undefined, TooLarge):
                continue
            if not agree(before, after):
                return True
    return False


def _stride(setting: Setting) -> int:
    """Give the distance between points that have the same sizes."""
    return max((len(values) for values in setting.vocabulary.sizes.values()), default=1)


def rounded(node: Node, answer: Sampled, right: Sampled, clock: Clock) -> bool:
    """Tell whether an answer would be right if its decimals had not been rounded.

    Every number that was typed with a point is moved by half a unit of its last digit, one at a time; an
    answer that is off by no more than these moves change it, everywhere, is taken to be rounded.
    """
    loose = [n for n in nodes(node) if isinstance(n, Number) and not n.exact and n.digits > 1 and n.value]
    if not loose or len(loose) > _MOST_LOOSE:
        return False
    moved = [Formula(_moved(node, n), answer.setting) for n in loose]
    seen = 0
    for i in right.setting.generic:
        expected, value = right.at(i, clock), answer.at(i, clock)
        if failed(expected) or failed(value):
            continue
        others = [formula.at(i, clock) for formula in moved]
        if any(failed(other) for other in others) or shape_of(value) != shape_of(expected):
            return False
        columns = zip(*map(_entries, [value, *others]), strict=True)
        slack = [sum(abs(p - q) for q in entries) for p, *entries in columns]
        pairs = zip(_entries(value), _entries(expected), slack, strict=True)
        if any(abs(p - q) > 1.05 * room and not close(p, q) for p, q, room in pairs):
            return False
        seen += 1
    return seen >= FEWEST // 2


def _entries(value: Value) -> list[Scalar]:
    """List the entries of a value."""
    return value.data if isinstance(value, Array) else [value]


def _moved(node: Node, number: Number) -> Node:
    """Replace a typed number by one half a unit of its last digit larger."""
    power = 0
    size = abs(number.value)
    while size >= Fraction(10) ** (power + 1):
        power += 1
    while size < Fraction(10) ** power:
        power -= 1
    half = Fraction(10) ** (power - number.digits + 1) / 2
    return replaced(node, number, Number(number.value + half, number.digits, False))
