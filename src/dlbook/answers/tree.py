r"""What a reader typed, once it has been understood: a small tree of plain data.

The reader of text (`dlbook.answers.reading.parse`) makes these trees and nothing else does; the printer
(`dlbook.answers.reading.latex`) shows them as formulas, and the evaluator
(`dlbook.answers.values.evaluate`) gives them values. There is no way from a tree to Python code.

Every node knows the part of the text that it was read from, so that a message can point there; two nodes are
equal when they mean the same, wherever they stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction

Span = tuple[int, int]
"""Where in the text something stands: the first character, and the one after the last."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something that can stand in a formula."""

    span: Span = field(default=(0, 0), compare=False)

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts of this node, from left to right."""
        found: list[Node] = []
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found += [item for item in value if isinstance(item, Node)]
        return tuple(found)

    def walk(self) -> Iterator[Node]:
        """Visit this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Number(Node):
    """A number as it was typed: exact value, and how many significant digits were given."""

    value: Fraction
    digits: int
    exact: bool
    """False for a number with a decimal point or an exponent, which may have been rounded."""


@dataclass(frozen=True)
class Constant(Node):
    """One of `pi`, `e`, `inf`."""

    name: str


@dataclass(frozen=True)
class Symbol(Node):
    """A symbol of the exercise, by the name that its key gives it."""

    name: str


@dataclass(frozen=True)
class Call(Node):
    """A function of the whitelist, by its canonical name, with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Unary(Node):
    """One operand: `-` before it; `T` (transpose), `!` (factorial) or `%` (per cent) after it."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    r"""Two operands.

    The operator is one of `+`, `-`, `*`, `/`, `^`, `@` (matrix product), `.` (entry by entry, as in
    `A \odot B`) or a blank (two factors written side by side).
    """

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Comparison(Node):
    """A chain `a < b <= c`; the operators are `=`, `!=`, `<`, `<=`, `>`, `>=`.

    Within a formula it is an indicator: 1 where it holds, 0 elsewhere.
    """

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Sequence(Node):
    """Entries in brackets, `(`, `[` or `{`: a vector, a row of a matrix, a shape, a set.

    Brackets around a single thing are no sequence, unless they are `[` or `{` or end in a comma. A matrix is
    a sequence of rows.
    """

    bracket: str
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Interval(Node):
    """All numbers between two ends: `[0, 1)`, `]0, 1]`, or with matching brackets where a set is due."""

    left: Node
    right: Node
    left_closed: bool
    right_closed: bool


@dataclass(frozen=True)
class Union(Node):
    """Several sets together: `{0} U [1, 2]`."""

    sets: tuple[Node, ...]
