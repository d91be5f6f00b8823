r"""Keys whose answer is a matrix or a vector: entries, or a formula such as ``X.T @ D`` with named sizes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.feedback.generic import compare_or_not
from dlbook.answers.feedback.judge import (
    Target,
    generic_verdict,
    judge,
    model,
    modelled_verdict,
    prepare,
    symbols_in,
    wrong_formulas,
)
from dlbook.answers.feedback.slips import swapped_products
from dlbook.answers.kinds.base import Kind
from dlbook.answers.reading.entering import read_formula, read_key
from dlbook.answers.reading.groups import is_array
from dlbook.answers.reading.latex import latex
from dlbook.answers.rewrite import placed, replaced, typed
from dlbook.answers.tree import Binary, Interval, Node, Sequence, Union
from dlbook.answers.values.compare import Formula, agree, compare, failed
from dlbook.answers.values.evaluate import Program
from dlbook.answers.values.numbers import Array, ShapeClash, TwoPowers, Value
from dlbook.answers.values.shapes import Shape, in_words, infer
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key


@dataclass
class MatrixSpec:
    """What marking needs.

    Parameters
    ----------
    target : Target
        Right answer and mistakes.
    shape : tuple
        Of the right answer, in named sizes.
    """

    target: Target
    shape: Shape


class MatrixKind(Kind):
    """A matrix."""

    name: ClassVar[str] = "matrix"
    patterns: ClassVar[tuple[str, ...]] = ("uses", "lacks")
    axes: ClassVar[int] = 2

    def read(self, key: Key, where: str) -> MatrixSpec:
        """Read the right answer, its other forms and the mistakes."""
        right, shape = _of_key(key.table.get("answer"), key, f"{where}: answer")
        if len(shape) != self.axes:
            raise BadKeyError(f"{where}: answer: is {in_words(shape)}, and the kind is {self.name}")
        target = prepare(key, right, where)
        for text in key.table.get("also", []):
            node, _ = _of_key(text, key, f"{where}: also")
            if not compare(Formula(node, target.setting), target.right, Clock(20.0)):
                raise BadKeyError(f"{where}: also: {text!r} is not equal to the answer")
        given = {}
        for i, mistake in enumerate(key.mistakes):
            if "answer" not in mistake.when:
                raise BadKeyError(f"{where}: mistake {i + 1}: needs an answer")
            given[i] = read_key(mistake.when["answer"], key.vocabulary, f"{where}: mistake {i + 1}")
        model(key, target, given, where)
        return MatrixSpec(target, shape)

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer."""
        node = self._read(key, answer)
        return self._marked(key, node, clock).having(understood=latex(node, key.vocabulary))

    def formula(self, key: Key, answer: str) -> Node:
        """Read an answer."""
        return self._read(key, answer)

    def _read(self, key: Key, answer: str) -> Node:
        """Read an answer that may well be a matrix or a vector."""
        node = _with_products(self._entries(key, answer), key, answer)
        if isinstance(node, Interval | Union) or (isinstance(node, Sequence) and node.bracket == "{"):
            raise Unreadable(
                f"A {self.name} is asked for: write its entries as {_HOW[self.axes]}.", node.span
            )
        return node

    def _entries(self, key: Key, answer: str) -> Node:
        """Read an answer, with brackets put around bare rows."""
        if self.axes == 1 and _BLANKS.fullmatch(answer):
            inner = answer.translate(str.maketrans("()", "  "))
            return placed(read_formula(f"[{inner.strip()}]", key.vocabulary), (0, len(answer)))
        try:
            if self.axes == 2 and _ROWS.fullmatch(answer):
                rows = _GAP.sub("], [", answer).rstrip(" ,\n")
                return placed(read_formula(f"[{rows}]", key.vocabulary), (0, len(answer)))
            return read_formula(answer, key.vocabulary)
        except Unreadable:
            rows = re.sub(r"[ \t,]*\n\s*", "; ", answer.strip())
            bare = _ENTRIES.fullmatch(rows) or rows.startswith("[[" if self.axes == 1 else "[")
            if not bare and not (self.axes == 2 and re.match(r"\([^()]*\), *\(", rows)):
                raise
            try:
                node = read_formula(f"[{rows}]", key.vocabulary)
            except Unreadable:
                node = None
            if not isinstance(node, Sequence):
                raise
        return placed(node, (0, len(answer)))

    def _marked(self, key: Key, node: Node, clock: Clock) -> Verdict:
        """Mark a formula, whatever its shape."""
        spec: MatrixSpec = key.spec
        try:
            shape = infer(node, key.vocabulary)
            formula = Formula(node, spec.target.setting)
            formula.at(0, clock)
        except ShapeClash as clash:
            if isinstance(clash, TwoPowers):
                raise
            return (
                modelled_verdict(spec.target, key, node, None, clock)
                or _other_product(spec, key, node, clock)
                or Verdict("wrong", clash.message, "generic-clash", at=clash.span)
            )
        if shape != spec.shape:
            return (
                modelled_verdict(spec.target, key, node, formula, clock)
                or _other_product(spec, key, node, clock)
                or self._other_shape(spec, key, node, shape, formula, clock)
            )
        return judge(
            spec.target,
            key,
            node,
            formula,
            clock,
            closer=lambda: _other_product(spec, key, node, clock),
            otherwise=lambda: _entry_by_entry(spec, node, formula, clock),
        )

    def _other_shape(
        self, spec: MatrixSpec, key: Key, node: Node, shape: Shape, formula: Formula, clock: Clock
    ) -> Verdict:
        """Say what is wrong with a shape."""
        name = spec.target.generic.find(formula, symbols_in(node), clock)
        if name == "generic-transpose":
            return generic_verdict(name, key.vocabulary)
        if (
            self.axes == 1
            and len(shape) == 2
            and 1 in shape
            and _same_entries(formula, spec.target.right, clock)
        ):
            return Verdict(
                "almost",
                "The entries are right. A vector has one axis: write it as `(1, 2, 3)`.",
                "generic-axis",
            )
        return Verdict(
            "wrong",
            f"This is {in_words(shape)}, and that is not the shape asked for. "
            "Which sizes must the result have, and which index counts what?",
            "generic-shape",
        )

    def right_answers(self, key: Key) -> list[str]:
        """Give the answer and its other forms."""
        return [key.table["answer"], *key.table.get("also", [])]

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give the modelled wrong answers."""
        return [(i, m.when["answer"]) for i, m in enumerate(key.mistakes)]

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up wrong answers of a bearable shape."""
        return [typed(node) for node in wrong_formulas(key.spec.target, rng, count)]


class VectorKind(MatrixKind):
    """A vector, which has one axis."""

    name: ClassVar[str] = "vector"
    axes: ClassVar[int] = 1

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer; the brackets around its entries may be left out."""
        if _DECIMAL_COMMAS.fullmatch(answer) and (len(_COMMA_NUMBER.findall(answer)),) == key.spec.shape:
            raise Unreadable("Write decimal numbers with a point: `(0.5, 1)`, not `(0,5, 1)`.")
        try:
            return super().mark(key, answer, clock)
        except Unreadable:
            try:
                verdict = super().mark(key, f"({answer})", clock)
            except Unreadable:
                verdict = None
            if verdict is None:
                raise
        return verdict.having(at=None)

    def formula(self, key: Key, answer: str) -> Node:
        """Read an answer; the brackets around its entries may be left out."""
        try:
            return self._read(key, answer)
        except Unreadable as fault:
            try:
                return self._read(key, f"({answer})")
            except Unreadable:
                raise fault from None

    def _entries(self, key: Key, answer: str) -> Node:
        r"""Read an answer; a column drawn with `\begin{pmatrix}` is how mathematicians write a vector."""
        if re.fullmatch(r"[\s(]*[^|()]+(\|[^|()]+)+[)\s]*", answer):
            raise Unreadable("Separate the entries by commas: `(1, 2, 3)`.")
        node = super()._entries(key, answer)
        rows = node.items if isinstance(node, Sequence) else ()
        drawn = r"\begin" in answer or (";" in answer and "[[" not in answer)
        if drawn and len(rows) == 1 and isinstance(rows[0], Sequence):
            return rows[0]
        if drawn and all(isinstance(row, Sequence) and len(row.items) == 1 for row in rows):
            entries = tuple(row.items[0] for row in rows if isinstance(row, Sequence))
            return Sequence("(", entries, span=node.span) if entries else node
        return node


_ENTRIES = re.compile(r"[\d\s.,;/eE+−-]+")
"""Numbers alone, as they stand in a matrix that has lost its brackets."""
_BLANKS = re.compile(r"(?=.*[\d.]\s+[+−-][\d.])(?!.*[+−-]\s)\s*\(?[\d\s./+−-]+\)?\s*")
"""Such numbers with nothing but blanks between them, of which a later one has a sign: `2.9 -0.9`."""
_DECIMAL_COMMAS = re.compile(r"(?=.*\d,\d)(?=.*(?:[,;]\s|\d\s+[+−-]?\d))[\d\s,;+−()\[\]{}-]+")
"""Whole numbers, of which some are joined by a comma alone and some are not: `(2,9, -0,9)`."""
_COMMA_NUMBER = re.compile(r"\d+(?:,\d+)?")
_ROWS = re.compile(r"\s*(?:\[[\d\s.,/eE+−-]+\]\s*,?\s*){2,}")
_GAP = re.compile(r"\]\s*,?\s*\[")
"""Rows of numbers that stand under or beside one another, and what is between two of them."""
_HOW = {1: "`(1, 2, 3)`", 2: "`[[1, 2], [3, 4]]`, row by row"}


def _of_key(text: object, key: Key, where: str) -> tuple[Node, Shape]:
    """Read a formula of a key, with its shape."""
    node = read_key(text, key.vocabulary, where)
    try:
        Program(node, key.vocabulary)
        return node, infer(node, key.vocabulary)
    except Unreadable as error:
        raise BadKeyError(f"{where}: {text!r}: {error.message}") from error


def _with_products(node: Node, key: Key, answer: str) -> Node:
    r"""Read `\cdot` as a product of matrices where it can be no other, as it is beside ⊙ and on paper."""
    stars = [p for p in node.walk() if isinstance(p, Binary) and p.operator == "*"]
    circled = any(isinstance(p, Binary) and p.operator == "." for p in node.walk())
    if not stars or (not circled and "*" in answer) or _shape_or_none(node, key) == key.spec.shape:
        return node
    changed = node
    while place := next((p for p in changed.walk() if isinstance(p, Binary) and p.operator == "*"), None):
        arrays = all(is_array(side, key.vocabulary) for side in place.children)
        changed = replaced(changed, place, Binary("@" if arrays else " ", *place.children, span=place.span))
    return changed


def _shape_or_none(node: Node, key: Key) -> Shape | None:
    """Give a formula's shape, or nothing where shapes clash."""
    try:
        return infer(node, key.vocabulary)
    except ShapeClash:
        return None


def _other_product(spec: MatrixSpec, key: Key, node: Node, clock: Clock) -> Verdict | None:
    """Recognise an answer that would be right with another kind of product."""
    for name, changed in swapped_products(node):
        try:
            if infer(changed, key.vocabulary) != spec.shape:
                continue
            formula = Formula(changed, spec.target.setting)
            if compare_or_not(formula, spec.target.right, clock):
                return generic_verdict(name, key.vocabulary)
        except ShapeClash:
            continue
    return None


def _same_entries(answer: Formula, right: Formula, clock: Clock) -> bool:
    """Tell whether entries agree in their order, whatever the shapes."""
    for i in right.setting.generic:
        a, b = answer.at(i, clock), right.at(i, clock)
        if failed(b):
            continue
        if not isinstance(a, Array) or len(a.data) != len(b.data) or not agree(Array(b.shape, a.data), b):
            return False
    return True


def _right_entries(answer: Formula, right: Formula, clock: Clock) -> list[bool]:
    """Tell for each entry whether it is right."""
    flags: list[bool] = []
    for i in right.setting.generic:
        a, b = answer.at(i, clock), right.at(i, clock)
        if failed(a) or failed(b):
            continue
        now = [agree(p, q) for p, q in zip(a.data, b.data, strict=True)]
        flags = [p and q for p, q in zip(flags, now, strict=True)] if flags else now
    return flags


def _entry_by_entry(spec: MatrixSpec, node: Node, answer: Formula, clock: Clock) -> Verdict | None:
    """Say how many entries are right and where to look, if all are written out."""
    if not isinstance(node, Sequence) or any(isinstance(size, str) for size in spec.shape):
        return None
    for permutation, message in (
        (_rows_moved, "The rows are right, but stand in the wrong order."),
        (_columns_moved, "The columns are right, but stand in the wrong order."),
    ):
        if permutation(answer, spec.target.right, clock):
            what = "entries" if len(spec.shape) == 1 else None
            return Verdict(
                "wrong", message.replace("rows", what) if what else message, "generic-rows-columns"
            )
    flags = _right_entries(answer, spec.target.right, clock)
    if not any(flags):
        return None
    width = spec.shape[-1] if len(spec.shape) == 2 else 1
    first = flags.index(False) // int(width) + 1
    part = "row" if len(spec.shape) == 2 else "entry"
    return Verdict(
        "wrong",
        f"{sum(flags)} of the {len(flags)} entries {'is' if sum(flags) == 1 else 'are'} right. "
        f"Look at {part} {first} again.",
        "generic-entry",
    )


def _lines_moved(a: list[Value], b: list[Value]) -> bool:
    """Tell whether two lists of vectors are the same in another order."""
    left = list(b)
    for line in a:
        match = next((other for other in left if agree(line, other)), None)
        if match is None:
            return False
        left = [other for other in left if other is not match]
    return not left


def _rows_moved(answer: Formula, right: Formula, clock: Clock) -> bool:
    """Tell whether rows (of a vector, entries) stand in another order."""
    return _moved(answer, right, clock, lambda m: m if len(m.shape) == 2 else Array((len(m.data), 1), m.data))


def _columns_moved(answer: Formula, right: Formula, clock: Clock) -> bool:
    """Tell whether columns stand in another order."""
    return _moved(answer, right, clock, lambda m: m.T)


def _moved(answer: Formula, right: Formula, clock: Clock, view: Any) -> bool:
    """Tell whether lines stand in another order at every point."""
    for i in right.setting.generic:
        a, b = answer.at(i, clock), right.at(i, clock)
        if failed(a) or failed(b):
            continue
        lines_a, lines_b = ([Array((len(r),), r) for r in view(m).rows] for m in (a, b))
        if not _lines_moved(lines_a, lines_b):
            return False
    return True
