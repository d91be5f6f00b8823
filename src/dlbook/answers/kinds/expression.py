r"""Keys whose answer is a formula; every way to write it is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.feedback.judge import Target, judge, makes, model, prepare, wrong_formulas
from dlbook.answers.kinds.base import Kind
from dlbook.answers.kinds.tabled import flag
from dlbook.answers.reading.entering import one_number, read_formula, read_key
from dlbook.answers.reading.latex import latex
from dlbook.answers.rewrite import renamed, typed
from dlbook.answers.tree import Binary, Call, Interval, Node, Number, Sequence, Symbol
from dlbook.answers.values.compare import Formula, compare
from dlbook.answers.values.evaluate import Program, nodes
from dlbook.answers.values.shapes import in_words, infer
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key


@dataclass
class ExpressionSpec:
    """What marking needs.

    Parameters
    ----------
    target : Target
        Right answer and mistakes.
    forbid : mapping of str to str
        Symbols and functions that may not be used, with what is said then.
    examples : list
        For each modelled mistake an answer that makes it.
    """

    target: Target
    forbid: Mapping[str, str]
    examples: list[tuple[int, str]]


class ExpressionKind(Kind):
    """A formula for a number.

    With ``upper = true`` the answer is an upper limit: of ``0 < eta < 2/L`` and ``(0, 2/L)``, too, what
    stands last is marked.
    """

    name: ClassVar[str] = "expression"
    fields: ClassVar[tuple[str, ...]] = ("forbid", "upper")
    patterns: ClassVar[tuple[str, ...]] = ("uses", "lacks")

    def read(self, key: Key, where: str) -> ExpressionSpec:
        """Read the right answer, its other forms, the mistakes, and what is forbidden."""
        right = scalar_key(key.table.get("answer"), key, f"{where}: answer")
        target = prepare(key, right, where)
        target.others = equivalent(
            key, target, [scalar_key(a, key, f"{where}: also") for a in _also(key)], where
        )
        given = {
            i: scalar_key(m.when["answer"], key, f"{where}: mistake {i + 1}")
            for i, m in enumerate(key.mistakes)
            if "answer" in m.when
        }
        model(key, target, given, where)
        forbid = key.table.get("forbid", {})
        if not isinstance(forbid, Mapping) or not all(isinstance(v, str) for v in forbid.values()):
            raise BadKeyError(f'{where}: forbid: write {{ name = "what to say" }}')
        if used := _forbidden(right, forbid):
            raise BadKeyError(f"{where}: forbid: the answer itself uses {used}")
        flag(key, "upper", where)
        return ExpressionSpec(target, forbid, examples(key, target, given, where))

    def formula(self, key: Key, answer: str) -> Node:
        """Read an answer."""
        if key.table.get("upper"):
            return one_number(_last_end(read_formula(_limit(answer), key.vocabulary)))
        return one_number(read_formula(answer, key.vocabulary))

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer."""
        node = self.formula(key, answer)
        understood = latex(node, key.vocabulary)
        shape = infer(node, key.vocabulary)
        if shape:
            raise Unreadable(f"A single number is asked for; this is {in_words(shape)}.", node.span)
        spec: ExpressionSpec = key.spec
        verdict = judge(spec.target, key, node, Formula(node, spec.target.setting), clock)
        if verdict.right and (used := _forbidden(node, spec.forbid)):
            verdict = Verdict("almost", spec.forbid[used], "forbidden")
        return verdict.having(understood=understood)

    def right_answers(self, key: Key) -> list[str]:
        """Give the answer and its other forms."""
        return [key.table["answer"], *_also(key)]

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give the modelled wrong answers."""
        return list(key.spec.examples)

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up wrong answers."""
        return [typed(node) for node in wrong_formulas(key.spec.target, rng, count)]


_LESS = r"(?:<=?|[≤⩽]|\\leq?(?:slant)?(?![a-z])|\\lt(?![a-z]))\s*"
_BOUND = re.compile(
    rf"(?:0\s*{_LESS})?\\?\w[\w{{}}\\]{{0,16}}\s*(?:{_LESS}|(?:∈|\\in(?![a-z])|(?<=\s)in(?=[\s(\[]))\s*)"
)


def _limit(answer: str) -> str:
    """Blank out what stands before an upper limit: `0 < eta <`."""
    text = re.sub(r"^\s*\$|\$\s*$", lambda found: " " * len(found[0]), answer)
    blank = len(text) - len(text.lstrip())
    if found := _BOUND.match(text, blank):
        text = " " * found.end() + text[found.end() :]
    if re.search(r"[<>≤≥]|\\[lg]eq?(?![a-z])", text):
        raise Unreadable("Write only the limit itself, without a sign such as `<`.")
    return text


def _last_end(node: Node) -> Node:
    """Give the right end of `(0, ...)`."""
    if isinstance(node, Sequence) and node.bracket != "{" and len(node.items) == 2:
        node = Interval(node.items[0], node.items[1], False, False)
    zero = isinstance(node, Interval) and isinstance(node.left, Number) and node.left.value == 0
    return node.right if isinstance(node, Interval) and zero else node


def _also(key: Key) -> list[str]:
    """Give the equivalent forms of a key."""
    return list(key.table.get("also", []))


def scalar_key(text: object, key: Key, where: str) -> Node:
    """Read a formula of a key that is a number.

    Raises
    ------
    BadKeyError
        If it is none.
    """
    try:
        node = one_number(read_key(text, key.vocabulary, where))
        if shape := infer(node, key.vocabulary):
            raise Unreadable(f"this is {in_words(shape)}; use the kind matrix or vector")
        Program(node, key.vocabulary)
    except Unreadable as error:
        raise BadKeyError(f"{where}: {text!r}: {error.message}") from error
    return node


def equivalent(key: Key, target: Target, forms: list[Node], where: str) -> tuple[Formula, ...]:
    """Check that the forms of a key are equal to its answer; give those that differ at special points.

    Raises
    ------
    BadKeyError
        If one is not equal.
    """
    kept = []
    for text, node in zip(_also(key), forms, strict=True):
        formula = Formula(node, target.setting)
        found = compare(formula, target.right, Clock(20.0))
        if found.status not in ("equal", "special"):
            raise BadKeyError(f"{where}: also: {text!r} is not equal to the answer")
        if not found:
            kept.append(formula)
    return tuple(kept)


def examples(key: Key, target: Target, given: Mapping[int, Node], where: str) -> list[tuple[int, str]]:
    """Give an answer for each modelled mistake; where the key has a pattern, make one that fits.

    Raises
    ------
    BadKeyError
        If no answer could be made that is recognised as this mistake.
    """
    found = []
    for modelled in target.modelled:
        mistake = key.mistakes[modelled.number]
        if modelled.number in given:
            found.append((modelled.number, mistake.when["answer"]))
            continue
        for node in _fitting(target.right.node, modelled.uses, modelled.lacks):
            formula, clock = Formula(node, target.setting), Clock(20.0)
            first = next((m for m in target.modelled if makes(m, node, formula, clock)), None)
            if first is modelled and not compare(formula, target.right, clock):
                found.append((modelled.number, typed(node)))
                break
        else:
            raise BadKeyError(
                f"{where}: mistake {modelled.number + 1}: no answer makes it without making an earlier one; "
                "give it an answer as well"
            )
    return found


def _fitting(right: Node, uses: tuple[str, ...], lacks: tuple[str, ...]) -> list[Node]:
    """Make formulas that use some symbols and lack others."""
    made = []
    for value in (3, 7):
        node = renamed(right, dict.fromkeys(lacks, Number(Fraction(value), 1, True)))
        for name in uses:
            node = Binary("*", node, Symbol(name))
        made.append(node)
        plus = node
        for name in uses:
            plus = Binary("+", plus, Symbol(name))
        made.append(plus)
    return made


def _forbidden(node: Node, forbid: Mapping[str, str]) -> str:
    """Give the first forbidden symbol or function in a formula."""
    for part in nodes(node):
        name = part.name if isinstance(part, Symbol) else part.function if isinstance(part, Call) else ""
        if name in forbid:
            return name
    return ""
