r"""Keys whose answer is a set: single elements, intervals, unions, or conditions for a variable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.feedback.judge import mistake_verdict
from dlbook.answers.feedback.slips import candidates
from dlbook.answers.kinds.base import Kind
from dlbook.answers.reading.latex import latex
from dlbook.answers.reading.parse import read
from dlbook.answers.rewrite import replaced, typed
from dlbook.answers.tree import Comparison, Interval, Node, Number, Sequence, Unary, Union
from dlbook.answers.values.compare import FEWEST, Setting
from dlbook.answers.values.numbers import CTX, TooLarge
from dlbook.answers.values.regions import DOMAINS, Piece, Region, SetFormula, intersected, region, same_end
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

MESSAGES = {
    "generic-ends": "The ends are right. Check for each end whether it belongs to the set itself.",
    "generic-between": "Only these single numbers? Check what lies between them.",
    "generic-only-ends": "This takes in everything between two numbers. Check a number in the middle.",
    "generic-outside": "These are the values for which it does not hold. What was asked for?",
    "generic-set-sign": (
        "Only the signs of the elements are wrong. Follow the minus signs through your steps."
    ),
    "generic-too-small": (
        "All of this belongs to the set, but something is missing. Try values outside yours."
    ),
    "generic-too-large": (
        "The set lies within this, but this holds values that do not belong. Try some at its edges."
    ),
    "generic-one-end": "The {side} end is right. Look at the other one again.",
    "generic-set-overlap": "Some of this is right and some is not. Try single values, one by one.",
}
"""What each generic mistake about sets is told."""


@dataclass
class SetSpec:
    """What marking needs.

    Parameters
    ----------
    setting : Setting
        The points.
    right : SetFormula
        The right set.
    mistakes : list of SetFormula
        The modelled wrong ones.
    variable : str
        What conditions are about.
    """

    setting: Setting
    right: SetFormula
    mistakes: list[SetFormula]
    variable: str


class SetKind(Kind):
    """A set of numbers, or a finite set of vectors."""

    name: ClassVar[str] = "set"
    fields: ClassVar[tuple[str, ...]] = ("variable",)

    def read(self, key: Key, where: str) -> SetSpec:
        """Read the right set, its other forms and the mistakes."""
        variable = key.table.get("variable", "")
        if variable and variable not in key.vocabulary.symbols:
            raise BadKeyError(f"{where}: variable: {variable!r} is no symbol of this key")
        if variable and key.vocabulary.symbols[variable].domain not in DOMAINS:
            raise BadKeyError(f"{where}: variable: its domain must be one of {', '.join(DOMAINS)}")
        setting = Setting(key.vocabulary, key.name)
        clock = Clock(20.0)

        def made(text: object, place: str) -> SetFormula:
            try:
                formula = SetFormula(read(str(text), key.vocabulary), setting, variable)
                formula.at(0, clock)
            except (Unreadable, TooLarge) as error:
                raise BadKeyError(f"{where}: {place}: {text!r}: {error.message}") from error
            return formula

        right = made(key.table.get("answer"), "answer")
        values = [right.at(i, clock) for i in setting.generic]
        if sum(isinstance(v, Region) for v in values) < FEWEST:
            raise BadKeyError(f"{where}: answer: has a value at fewer than {FEWEST} points")
        for text in key.table.get("also", []):
            if not same(made(text, "also"), right, clock):
                raise BadKeyError(f"{where}: also: {text!r} is not equal to the answer")
        mistakes: list[SetFormula] = []
        for i, mistake in enumerate(key.mistakes):
            wrong = made(mistake.when.get("answer"), f"mistake {i + 1}")
            if same(wrong, right, clock):
                raise BadKeyError(f"{where}: mistake {i + 1}: its answer is right")
            if any(same(wrong, earlier, clock) for earlier in mistakes):
                raise BadKeyError(f"{where}: mistake {i + 1}: is the same set as an earlier one")
            mistakes.append(wrong)
        return SetSpec(setting, right, mistakes, variable)

    def formula(self, key: Key, answer: str) -> Node:
        """Read an answer."""
        bare = _bare(answer)
        try:
            return _without_name(read(bare, key.vocabulary), key.spec.variable)
        except Unreadable as error:
            if found := _SPOKEN.search(answer):
                raise Unreadable(_IN_SIGNS, found.span()) from error
            raise

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer."""
        spec: SetSpec = key.spec
        node = self.formula(key, answer)
        understood = latex(node, key.vocabulary)
        formula = SetFormula(node, spec.setting, spec.variable)
        return _mark(key, spec, node, formula, clock).having(understood=understood)

    def right_answers(self, key: Key) -> list[str]:
        """Give the answer and its other forms."""
        return [key.table["answer"], *key.table.get("also", [])]

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give the modelled wrong answers."""
        return [(i, m.when["answer"]) for i, m in enumerate(key.mistakes)]

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up wrong answers: other ends, other elements, other brackets."""
        spec: SetSpec = key.spec
        made: list[str] = []
        for _ in range(50 * count):
            if len(made) >= count:
                break
            node = _changed(spec.right.node, key, rng)
            try:
                formula, clock = SetFormula(node, spec.setting, spec.variable), Clock(20.0)
                if not same(formula, spec.right, clock) and not _backwards(node, formula, clock):
                    made.append(typed(node))
            except (Unreadable, TooLarge):
                continue
        return made


def same(first: SetFormula, second: SetFormula, clock: Clock) -> bool:
    """Tell whether two sets agree wherever the second has a value."""
    seen = False
    for i in second.setting.generic:
        expected = second.at(i, clock)
        if not isinstance(expected, Region):
            continue
        if first.at(i, clock) != expected:
            return False
        seen = True
    return seen


_CONDITION = r"[^,;()\[\]{}<>≤≥]{1,40}(?:[<>≤≥]|\\[lg]e)[^,;()\[\]{}]{1,40}"
_TWO_CONDITIONS = re.compile(f"{_CONDITION},{_CONDITION}")
_ALL = re.compile(
    r"^\s*(?:for )?(?:all|every|any|each) "
    r"(?:[^\s<>≤≥∈]{1,12} (?:with|where|such that|for which) |(?=\S+ ?[<>≤≥∈]))"
    r"|\b(?:the )?(?:(?:closed|open|half-open) )?interval (?=[\[\](])"
)
_SPOKEN = re.compile(
    r"\b(?:between|from|all|every|any|numbers?|most|least|than|below|above|none|never|no|not|nothing|to)\b"
    r"|\b(?:undefined|exists?)\b|ℝ|^\s*R\s*$"
)
_IN_SIGNS = (
    "Write the set in signs: such as `[0, 1)` or a condition with `<=`, `(-inf, inf)` for all numbers, "
    "`{}` if nothing belongs to it."
)
_CONTINENTAL = re.compile(r"[^;,]*[\[\](][^,;()\[\]{}]+;[^,;()\[\]{}]+[\[\])]\s*")
_NEGATED = re.compile(r"∉|\\not(?:in)?(?![a-z])|¬|\b(?:not(?! exist)|outside|except|without)\b")


def _bare(answer: str) -> str:
    """Blank out what says no more than that a set follows: `x in [0, 1]`, `{x | 0 <= x <= 1}`."""
    real = r"(?:∈|\\in(?![a-z]))\s*(?:\\mathbb\s*\{?\s*R\s*\}?|ℝ|R\b)(?=\s*(?:\||:|\\mid|\\colon))"
    answer = re.sub(real, lambda found: " " * len(found[0]), answer)
    answer = _ALL.sub(lambda found: " " * len(found[0]), answer, count=1)
    if _CONTINENTAL.fullmatch(answer):
        answer = answer.replace(";", ",")
    if found := re.match(r"[^=<>,;()\[\]{}]{1,24}=(?=\s*(?:\\left)?\s*\\?[\[\]({].*,.*[)\]\[}]\s*$)", answer):
        return " " * found.end() + answer[found.end() :]
    if _TWO_CONDITIONS.fullmatch(answer):
        return answer.replace(",", "∧")
    if found := _NEGATED.search(answer):
        raise Unreadable("Write the set itself, not what lies outside it.", found.span())
    if found := re.match(r"[^∈,;()\[\]{}]{1,40}?(?:∈|\\in(?![a-z])|(?<=\s)in(?=[\s(\[{]))", answer):
        return " " * found.end() + answer[found.end() :]
    built = re.fullmatch(r"(\s*\\?\{[^|:,{}]{1,40}(?:\||:|\\mid))([^{}]+?)(\\?\}\s*)", answer)
    if built and re.search(r"[<>≤≥=]|\\[lg]e", built[2]):
        inner = built[2].replace(",", "∧") if _TWO_CONDITIONS.fullmatch(built[2]) else built[2]
        return " " * len(built[1]) + inner
    return answer


def _without_name(node: Node, variable: str) -> Node:
    """Drop a name before the set, as in `S = {0, 1}`; a condition `x = 1` for the variable stays."""
    if isinstance(node, Comparison) and node.operators == ("=",) and not variable:
        return node.operands[1]
    return node


def _backwards(node: Node, answer: SetFormula, clock: Clock) -> bool:
    """Tell whether an interval has nothing in it, because its ends have changed places."""
    between = isinstance(node, Comparison) and len(node.operators) == 2
    if not between and not isinstance(node, Interval) and not (isinstance(node, Sequence) and node.items):
        return False
    values = [answer.at(i, clock) for i in answer.setting.generic]
    return all(isinstance(v, Region) and not v.pieces and not v.vectors for v in values)


def _mark(key: Key, spec: SetSpec, node: Node, answer: SetFormula, clock: Clock) -> Verdict:
    """Mark a set."""
    if same(answer, spec.right, clock):
        if isinstance(node, Sequence | Interval | Union | Comparison):
            return Verdict("right")
        return Verdict("almost", "That is the element. A set is written in braces.", "generic-braces")
    if _backwards(node, answer, clock):
        raise Unreadable("There is nothing between these two ends: the smaller end comes first.", node.span)
    for number, wrong in enumerate(spec.mistakes):
        if same(answer, wrong, clock):
            return mistake_verdict(number, key.mistakes[number])
    pairs = []
    for i in spec.setting.generic:
        value, expected = answer.at(i, clock), spec.right.at(i, clock)
        if not isinstance(expected, Region):
            continue
        if not isinstance(value, Region):
            return Verdict(
                "wrong",
                "For some of the values that the symbols may take, this has no value: "
                f"{value.message[:1].lower()}{value.message[1:]}",
                "generic-undefined",
                at=value.span,
            )
        pairs.append((value, expected))
    return _compared(spec, pairs)


def _compared(spec: SetSpec, pairs: list[tuple[Region, Region]]) -> Verdict:
    """Say in what way a set differs from the right one, at all points alike."""

    def always(test: Callable[[Region, Region], bool]) -> bool:
        return all(test(a, b) for a, b in pairs)

    if always(lambda a, b: a.closed() == b.closed()):
        return _said("almost", "generic-ends")
    if always(lambda a, b: not a.pieces and not a.vectors):
        return Verdict("wrong", "This is the empty set, and there is something in it.", "generic-empty")
    if always(lambda a, b: a.finite and b.finite):
        return _elements(pairs)
    if always(lambda a, b: a.finite and len(a.pieces) > 1 and len(b.pieces) == 1 and _ends(a) == _ends(b)):
        return _said("wrong", "generic-between")
    if always(lambda a, b: b.finite and len(b.pieces) > 1 and len(a.pieces) == 1 and _ends(a) == _ends(b)):
        return _said("wrong", "generic-only-ends")
    if always(lambda a, b: negative(a) == b):
        return _said("wrong", "generic-set-sign")
    domain = spec.right.domain or DOMAINS["real"]
    if always(lambda a, b: complement(b, domain).closed() == a.closed()):
        return _said("wrong", "generic-outside")
    for side in ("left", "right"):
        if all(_same_end(a, b, side) for a, b in pairs):
            return Verdict("wrong", MESSAGES["generic-one-end"].replace("{side}", side), "generic-one-end")
    if always(lambda a, b: region(intersected(a.pieces, b.pieces), []) == a):
        return _said("wrong", "generic-too-small")
    if always(lambda a, b: region(intersected(a.pieces, b.pieces), []) == b):
        return _said("wrong", "generic-too-large")
    if always(lambda a, b: bool(intersected(a.pieces, b.pieces))):
        return _said("wrong", "generic-set-overlap")
    return Verdict("wrong", "Take one value from your set and check whether it has the property asked for.")


def _said(status: str, name: str) -> Verdict:
    """Say what is said about a generic mistake."""
    return Verdict(status, MESSAGES[name], name)


def _elements(pairs: list[tuple[Region, Region]]) -> Verdict:
    """Compare two finite sets by counting."""
    counts = {(sum(b.contains(x) for x in a.elements), len(a.elements), len(b.elements)) for a, b in pairs}
    if len(counts) > 1:
        return _said("wrong", "generic-set-overlap")
    common, given, wanted = counts.pop()
    if common == given:
        missing = wanted - common
        what = "one element is" if missing == 1 else f"{missing} elements are"
        return Verdict(
            "almost", f"All of these belong to the set, but {what} missing.", "generic-missing-element"
        )
    if common == wanted:
        what = (
            "One of these elements does" if given - common == 1 else f"{given - common} of these elements do"
        )
        return Verdict(
            "wrong", f"{what} not belong to the set. Check them one by one.", "generic-extra-element"
        )
    if all(negative(a) == b for a, b in pairs):
        return _said("wrong", "generic-set-sign")
    if common:
        return Verdict(
            "wrong", f"{common} of these {given} elements belong to the set.", "generic-set-overlap"
        )
    return Verdict("wrong", "Take one of these elements and check whether it has the property asked for.")


def _ends(value: Region) -> Region:
    """Keep the outermost ends of a set, as a set of two numbers."""
    outer = (value.pieces[0].low, value.pieces[-1].high)
    return region([Piece(end, end) for end in outer], [])


def _same_end(a: Region, b: Region, side: str) -> bool:
    """Tell whether one end of two intervals agrees, and belongs or not alike."""
    if not len(a.pieces) == len(b.pieces) == 1 or a.finite:
        return False
    p, q = a.pieces[0], b.pieces[0]
    if side == "left":
        return same_end(p.low, q.low) and p.low_closed == q.low_closed
    return same_end(p.high, q.high) and p.high_closed == q.high_closed


def negative(value: Region) -> Region:
    """Mirror a set at zero."""
    mirrored = [Piece(-p.high, -p.low, p.high_closed, p.low_closed) for p in value.pieces]
    return region(mirrored, [v.map(lambda x: -x) for v in value.vectors])


def complement(value: Region, domain: tuple[Piece, ...]) -> Region:
    """Give all numbers of a domain that are not in a set."""
    pieces = list(domain)
    for p in value.pieces:
        around = (
            Piece(CTX.ninf, p.low, False, not p.low_closed),
            Piece(p.high, CTX.inf, not p.high_closed, False),
        )
        pieces = intersected(tuple(pieces), around)
    return region(pieces, [])


def _changed(node: Node, key: Key, rng: Random) -> Node:
    """Change one thing in a set at random."""
    if isinstance(node, Interval) and rng.random() < 0.3:
        return Interval(node.left, node.right, not node.left_closed, rng.random() < 0.5)
    if isinstance(node, Sequence) and node.bracket == "{" and len(node.items) > 1 and rng.random() < 0.3:
        return Sequence("{", node.items[1:])
    numbers = [n for n in node.walk() if isinstance(n, Number)]
    pool = [n for _, n in candidates(node, key.vocabulary)]
    if numbers and (not pool or rng.random() < 0.6):
        old = rng.choice(numbers)
        other = Number(old.value + rng.choice((-2, -1, 1, 2, 3)), 1, True)
        return replaced(node, old, other if other.value >= 0 else Unary("-", Number(-other.value, 1, True)))
    return rng.choice(pool) if pool else node
