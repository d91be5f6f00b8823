r"""Sets of numbers (and finite sets of vectors) as a tree means them, with ends that may be formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Unreadable
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Comparison, Constant, Interval, Node, Sequence, Symbol, Unary, Union
from dlbook.answers.values.compare import Setting, agree
from dlbook.answers.values.evaluate import Program, nodes
from dlbook.answers.values.numbers import CTX, Array, Scalar, Undefined

_FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


@dataclass(frozen=True)
class Piece:
    """All numbers between two ends; one number where the ends agree."""

    low: Scalar
    high: Scalar
    low_closed: bool = True
    high_closed: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing lies in it."""
        if same_end(self.low, self.high):
            return not (self.low_closed and self.high_closed)
        return self.low > self.high

    @property
    def single(self) -> bool:
        """Whether it is one number."""
        return same_end(self.low, self.high)


EVERYTHING = Piece(CTX.ninf, CTX.inf, False, False)
DOMAINS: dict[str, tuple[Piece, ...]] = {
    "real": (EVERYTHING,),
    "positive": (Piece(CTX.zero, CTX.inf, False, False),),
    "nonnegative": (Piece(CTX.zero, CTX.inf, True, False),),
    "nonzero": (Piece(CTX.ninf, CTX.zero, False, False), Piece(CTX.zero, CTX.inf, False, False)),
    "unit": (Piece(CTX.zero, CTX.one, False, False),),
}
"""The domains that the variable of an inequality can have."""


@dataclass(frozen=True)
class Region:
    """A set: pieces of the line in order that do not touch, and vectors.

    Parameters
    ----------
    pieces : tuple of Piece
        Intervals and numbers.
    vectors : tuple of Array
        Elements that are vectors.
    """

    pieces: tuple[Piece, ...] = ()
    vectors: tuple[Array, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether it has finitely many elements."""
        return all(piece.single for piece in self.pieces)

    @property
    def elements(self) -> list[Scalar | Array]:
        """The elements of a finite set."""
        return [piece.low for piece in self.pieces] + list(self.vectors)

    def contains(self, element: Scalar | Array) -> bool:
        """Tell whether something is an element."""
        if isinstance(element, Array):
            return any(agree(element, vector) for vector in self.vectors)
        return bool(intersected(self.pieces, (Piece(element, element),)))

    def closed(self) -> Region:
        """Add all ends."""
        return region([Piece(p.low, p.high) for p in self.pieces], list(self.vectors))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Region) or len(self.pieces) != len(other.pieces):
            return False
        return (
            all(map(_same_piece, self.pieces, other.pieces))
            and len(self.vectors) == len(other.vectors)
            and all(other.contains(v) for v in self.vectors)
        )

    __hash__ = None  # type: ignore[assignment]


def _same_piece(p: Piece, q: Piece) -> bool:
    """Tell whether two pieces agree, ends and all."""
    return (
        same_end(p.low, q.low)
        and same_end(p.high, q.high)
        and (p.low_closed, p.high_closed) == (q.low_closed, q.high_closed)
    )


def same_end(a: Scalar, b: Scalar) -> bool:
    """Tell whether two ends agree, at infinity too."""
    return a == b or (bool(CTX.isfinite(a)) and bool(CTX.isfinite(b)) and agree(a, b))


def region(pieces: list[Piece], vectors: list[Array]) -> Region:
    """Put pieces in order and join those that touch."""
    ends = [_at_infinity(p) for p in pieces]
    todo = sorted((p for p in ends if not p.empty), key=lambda p: (p.low, not p.low_closed))
    joined: list[Piece] = []
    for piece in todo:
        if joined:
            last = joined[-1]
            touch = same_end(last.high, piece.low)
            if (touch and (last.high_closed or piece.low_closed)) or (not touch and piece.low < last.high):
                joined[-1] = _joined(last, piece)
                continue
        joined.append(piece)
    different: list[Array] = []
    for vector in vectors:
        if not any(agree(vector, other) for other in different):
            different.append(vector)
    return Region(tuple(joined), tuple(different))


def _at_infinity(piece: Piece) -> Piece:
    """Open the ends at infinity, however they were written."""
    return Piece(
        piece.low,
        piece.high,
        piece.low_closed and bool(CTX.isfinite(piece.low)),
        piece.high_closed and bool(CTX.isfinite(piece.high)),
    )


def _joined(p: Piece, q: Piece) -> Piece:
    """Join two pieces that touch, p first."""
    low_closed = p.low_closed or (same_end(p.low, q.low) and q.low_closed)
    if same_end(p.high, q.high):
        return Piece(p.low, p.high, low_closed, p.high_closed or q.high_closed)
    longer = p if p.high > q.high else q
    return Piece(p.low, longer.high, low_closed, longer.high_closed)


def intersected(first: tuple[Piece, ...], second: tuple[Piece, ...]) -> list[Piece]:
    """Keep what lies in both."""
    found = []
    for p in first:
        for q in second:
            low, low_closed = _tighter(p.low, p.low_closed, q.low, q.low_closed, lambda a, b: a > b)
            high, high_closed = _tighter(p.high, p.high_closed, q.high, q.high_closed, lambda a, b: a < b)
            piece = Piece(low, high, low_closed, high_closed)
            if not piece.empty:
                found.append(piece)
    return found


def _tighter(
    a: Scalar, a_closed: bool, b: Scalar, b_closed: bool, wins: Callable[[Scalar, Scalar], bool]
) -> tuple[Scalar, bool]:
    """Choose the end that leaves less."""
    if same_end(a, b):
        return a, a_closed and b_closed
    return (a, a_closed) if wins(a, b) else (b, b_closed)


class SetFormula:
    """A set with its values at the points of a question.

    Parameters
    ----------
    node : Node
        The set as typed: braces, an interval, a union, or conditions for the variable.
    setting : Setting
        The points.
    variable : str
        The symbol that conditions are about; empty if there is none.

    Raises
    ------
    Unreadable
        If it is no set.
    """

    def __init__(self, node: Node, setting: Setting, variable: str) -> None:
        self.node, self.setting, self.variable = node, setting, variable
        vocabulary = setting.vocabulary
        self.domain = DOMAINS[vocabulary.symbols[variable].domain] if variable else ()
        self._parts = _parts(node, vocabulary, variable, top=True)
        self._known: dict[int, Region | Undefined] = {}

    def at(self, i: int, clock: Clock) -> Region | Undefined:
        """Give the set at a point, or why there is none."""
        if i not in self._known:
            pieces: list[Piece] = []
            vectors: list[Array] = []
            try:
                for part in self._parts:
                    for item in part(self.setting, i, clock):
                        if isinstance(item, Array):
                            vectors.append(item)
                        else:
                            pieces.append(item)
                if self.variable:
                    pieces = intersected(tuple(pieces), self.domain)
                self._known[i] = region(pieces, vectors)
            except Undefined as error:
                self._known[i] = error.with_traceback(None)
        return self._known[i]


Part = Callable[[Setting, int, Clock], list[Piece | Array]]


def _parts(node: Node, vocabulary: Vocabulary, variable: str, top: bool) -> list[Part]:
    """Take a set apart into what can be computed at a point."""
    match node:
        case Union():
            return [part for s in node.sets for part in _parts(s, vocabulary, variable, True)]
        case Interval():
            return [_interval(node.left, node.right, node.left_closed, node.right_closed, vocabulary)]
        case Sequence(bracket="{"):
            return [part for item in node.items for part in _parts(item, vocabulary, variable, False)]
        case Sequence(items=(left, right), bracket=bracket) if top and not _lists(node):
            return [_interval(left, right, bracket == "[", bracket == "[", vocabulary)]
        case Comparison():
            return [_condition(node, vocabulary, variable)]
        case Sequence() if top:
            raise Unreadable(
                "A set is asked for: write `{0, 1}` for single elements and `[0, 1]` for an interval.",
                node.span,
            )
    program = Program(node, vocabulary)

    def element(setting: Setting, i: int, clock: Clock) -> list[Piece | Array]:
        value = program.run(setting.points[i].values, clock, setting.points[i].variant)
        return [value if isinstance(value, Array) else Piece(value, value)]

    return [element]


def _lists(node: Sequence) -> bool:
    """Tell whether something in brackets stands in brackets again."""
    return any(isinstance(item, Sequence) for item in node.items)


def _end(node: Node, vocabulary: Vocabulary) -> Callable[[Setting, int, Clock], Scalar]:
    """Prepare an end of an interval, which may be infinity."""
    sign, rest = 1, node
    while isinstance(rest, Unary) and rest.operator == "-":
        sign, rest = -sign, rest.operand
    if isinstance(rest, Constant) and rest.name == "inf":
        return lambda setting, i, clock: sign * CTX.inf
    program = Program(node, vocabulary)

    def value(setting: Setting, i: int, clock: Clock) -> Scalar:
        found = program.run(setting.points[i].values, clock, setting.points[i].variant)
        if isinstance(found, Array):
            raise Unreadable("The end of an interval is a number.", node.span)
        return found

    return value


def _interval(left: Node, right: Node, low: bool, high: bool, vocabulary: Vocabulary) -> Part:
    """Prepare an interval."""
    ends = _end(left, vocabulary), _end(right, vocabulary)
    return lambda setting, i, clock: [
        Piece(ends[0](setting, i, clock), ends[1](setting, i, clock), low, high)
    ]


def _condition(node: Comparison, vocabulary: Vocabulary, variable: str) -> Part:
    """Prepare a chain of conditions, each of which draws one line."""
    if not variable:
        raise Unreadable("A set is asked for, not a condition. Write `{0, 1}` or `[0, 1]`.", node.span)
    name = vocabulary.symbols[variable].tex
    links = []
    for operator, left, right in zip(node.operators, node.operands, node.operands[1:], strict=False):
        if operator == "!=":
            raise Unreadable("Write what belongs to the set instead of what does not.", node.span)
        has = [
            any(isinstance(n, Symbol) and n.name == variable for n in nodes(side)) for side in (left, right)
        ]
        if not any(has):
            raise Unreadable(f"Each condition needs ${name}$ on one of its sides.", node.span)
        for one, other, sign in ((left, right, operator), (right, left, _FLIP[operator])):
            if isinstance(one, Symbol) and one.name == variable and has != [True, True]:
                links.append(_alone(sign, _end(other, vocabulary)))
                break
        else:
            links.append(
                _line(operator, Program(left, vocabulary), Program(right, vocabulary), variable, node)
            )

    def part(setting: Setting, i: int, clock: Clock) -> list[Piece | Array]:
        pieces: list[Piece] = [EVERYTHING]
        for link in links:
            pieces = intersected(tuple(pieces), (link(setting, i, clock),))
        return list(pieces)

    return part


def _half(operator: str, end: Scalar) -> Piece:
    """Give all numbers on one side of an end."""
    if operator == "=":
        return Piece(end, end)
    if operator[0] == "<":
        return Piece(CTX.ninf, end, False, operator == "<=")
    return Piece(end, CTX.inf, operator == ">=", False)


Link = Callable[[Setting, int, Clock], Piece]


def _alone(operator: str, end: Callable[[Setting, int, Clock], Scalar]) -> Link:
    """Prepare a condition with the variable alone on its left."""
    return lambda setting, i, clock: _half(operator, end(setting, i, clock))


_PLACES = (0, 8, 24, -8, -19, 3, 13, 1000)
"""Eighths at which a condition is tried: on both sides of 0, and no whole numbers alone."""


def _line(operator: str, left: Program, right: Program, variable: str, node: Comparison) -> Link:
    """Prepare a condition that is linear in the variable; others are refused with a word on what to write."""

    def link(setting: Setting, i: int, clock: Clock) -> Piece:
        gaps = []
        for place in _PLACES:
            values = {**setting.points[i].values, variable: CTX.mpf(place) / 8}
            try:
                sides = [side.run(values, clock, setting.points[i].variant) for side in (left, right)]
            except Undefined:
                sides = []
            if not sides or any(isinstance(side, Array) for side in sides):
                raise Unreadable("Solve this for the variable first, and write the set itself.", node.span)
            gaps.append(sides[0] - sides[1])
        slope = gaps[1] - gaps[0]
        off = [g - gaps[0] - slope * p / 8 for g, p in zip(gaps, _PLACES, strict=True)]
        scale = max(abs(g) for g in gaps)
        if max(map(abs, off)) > CTX.ldexp(scale, -80) or abs(slope) <= CTX.ldexp(scale, -150):
            raise Unreadable("Solve this for the variable first, and write the set itself.", node.span)
        return _half(operator if slope > 0 else _FLIP[operator], -gaps[0] / slope)

    return link
