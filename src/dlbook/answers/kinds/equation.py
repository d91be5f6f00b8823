r"""Keys whose answer is an equation that determines one of its symbols; every rearrangement is right."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.feedback.judge import (
    Target,
    judge,
    mistake_verdict,
    model,
    modelled_verdict,
    prepare,
    wrong_formulas,
)
from dlbook.answers.kinds.base import Kind
from dlbook.answers.reading.latex import latex
from dlbook.answers.reading.parse import read
from dlbook.answers.rewrite import typed
from dlbook.answers.tree import Comparison, Interval, Node, Sequence, Symbol, Union
from dlbook.answers.values.compare import Formula, Sampled, compare, failed
from dlbook.answers.values.evaluate import nodes
from dlbook.answers.values.numbers import ShapeClash, TooLarge
from dlbook.answers.values.shapes import infer
from dlbook.answers.values.solve import Sides, Solution, another_root, other_values
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_FEW = 12
"""Points at which a rearranged equation is tried."""


@dataclass
class EquationSpec:
    """What marking needs.

    Parameters
    ----------
    unknown : str
        The symbol that the equation determines.
    target : Target
        Its value, and what mistakes make of it.
    examples : list
        For each modelled mistake an answer that makes it.
    """

    unknown: str
    target: Target
    examples: list[tuple[int, str]]


class EquationKind(Kind):
    """An equation for one unknown."""

    name: ClassVar[str] = "equation"
    fields: ClassVar[tuple[str, ...]] = ("unknown",)
    patterns: ClassVar[tuple[str, ...]] = ("uses", "lacks")

    def read(self, key: Key, where: str) -> EquationSpec:
        """Read the equation, which has its unknown alone on one side, and the mistakes in any form."""
        unknown = str(key.table.get("unknown", ""))
        if unknown not in key.vocabulary.symbols:
            raise BadKeyError(f"{where}: unknown: name the symbol of this key that the equation determines")
        right = _alone(_key_equation(key.table.get("answer"), key, f"{where}: answer"), unknown)
        if right is None:
            raise BadKeyError(f"{where}: answer: write it with {unknown} alone on one side")
        target = prepare(key, right, where)
        clock = Clock(20.0)
        for text in key.table.get("also", []):
            equation = _key_equation(text, key, f"{where}: also")
            if not _same(equation, unknown, target, key, clock).right:
                raise BadKeyError(f"{where}: also: {text!r} does not determine the same {unknown}")
        given = {}
        for i, mistake in enumerate(key.mistakes):
            place = f"{where}: mistake {i + 1}"
            if "answer" not in mistake.when:
                raise BadKeyError(f"{place}: needs an answer")
            node = _alone(_key_equation(mistake.when["answer"], key, place), unknown)
            if node is None:
                raise BadKeyError(f"{place}: answer: write it with {unknown} alone on one side")
            given[i] = node
        model(key, target, given, where)
        return EquationSpec(unknown, target, [(i, m.when["answer"]) for i, m in enumerate(key.mistakes)])

    def formula(self, key: Key, answer: str) -> Node:
        """Read an answer."""
        return read(answer, key.vocabulary)

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer."""
        spec: EquationSpec = key.spec
        node = self.formula(key, answer)
        understood = latex(node, key.vocabulary)
        tex = key.vocabulary.symbols[spec.unknown].tex
        if not isinstance(node, Comparison):
            return _no_equation(node, spec, key, clock).having(understood=understood)
        if set(node.operators) != {"="}:
            raise Unreadable("An equation is asked for: two sides with `=` between them.", node.span)
        return _mark(node, spec.unknown, tex, spec.target, key, clock).having(understood=understood)

    def right_answers(self, key: Key) -> list[str]:
        """Give the answer and its other forms."""
        return [key.table["answer"], *key.table.get("also", [])]

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give the modelled wrong answers."""
        return list(key.spec.examples)

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up wrong answers, some of them turned round."""
        made = []
        for node in wrong_formulas(key.spec.target, rng, count):
            sides = [key.spec.unknown, typed(node)]
            made.append(" = ".join(sides if rng.random() < 0.5 else sides[::-1]))
        return made


def _key_equation(text: object, key: Key, where: str) -> Comparison:
    """Read an equation of a key."""
    if not isinstance(text, str):
        raise BadKeyError(f"{where}: needs an equation, as a text")
    try:
        node = read(text, key.vocabulary)
        infer(node, key.vocabulary)
    except Unreadable as error:
        raise BadKeyError(f"{where}: {text!r} cannot be read: {error.message}") from error
    if not isinstance(node, Comparison) or node.operators != ("=",):
        raise BadKeyError(f"{where}: {text!r} is no equation with one equals sign")
    return node


def _alone(node: Comparison, unknown: str) -> Node | None:
    """Give the side opposite the unknown, if the unknown stands alone on the other and nowhere else."""
    if len(node.operands) != 2:
        return None
    for side, other in (node.operands, node.operands[::-1]):
        if isinstance(side, Symbol) and side.name == unknown and not _has(other, unknown):
            return other
    return None


def _has(node: Node, unknown: str) -> bool:
    """Tell whether a symbol stands in a formula."""
    return any(isinstance(part, Symbol) and part.name == unknown for part in nodes(node))


def _no_equation(node: Node, spec: EquationSpec, key: Key, clock: Clock) -> Verdict:
    """Answer a formula that was given without the unknown and the equals sign."""
    tex = key.vocabulary.symbols[spec.unknown].tex
    if not isinstance(node, Sequence | Interval | Union) and not _has(node, spec.unknown):
        shape = infer(node, key.vocabulary)
        if shape == key.vocabulary.symbols[spec.unknown].shape:
            formula = Formula(node, spec.target.setting)
            if compare(formula, spec.target.right, clock):
                return Verdict(
                    "almost",
                    f"One side is right. Write the whole equation: ${tex}$, `=`, and this.",
                    "no-equation",
                )
            if verdict := modelled_verdict(spec.target, key, node, formula, clock):
                return verdict
    raise Unreadable(
        f"An equation is asked for: two sides with `=` between them, and ${tex}$ in one.", node.span
    )


def _assigns(node: Comparison, target: Target, clock: Clock) -> bool:
    """Tell whether this is the right side given to a symbol that it contains: `w = w - eta g`."""
    left, right = node.operands[0], node.operands[-1]
    if len(node.operands) != 2 or not isinstance(left, Symbol) or not _has(right, left.name):
        return False
    try:
        return bool(compare(Formula(right, target.setting), target.right, clock))
    except (TooLarge, ShapeClash):
        return False


def _mark(node: Comparison, unknown: str, tex: str, target: Target, key: Key, clock: Clock) -> Verdict:
    """Mark an equation, or a chain of them."""
    if not _has(node, unknown):
        if _assigns(node, target, clock):
            return Verdict(
                "almost",
                f"As a line of code this is right. As an equation it has to give the new value a name of its "
                f"own: ${tex}$.",
                "no-unknown",
            )
        return Verdict(
            "wrong", f"${tex}$ does not occur in this. Which equation determines it?", "no-unknown"
        )
    infer(node, key.vocabulary)
    alone = _alone(node, unknown)
    if alone is not None:
        return judge(target, key, alone, Formula(alone, target.setting), clock)
    verdict = _same(node, unknown, target, key, clock)
    if verdict.right or verdict.mistake or key.vocabulary.symbols[unknown].shape:
        return verdict
    links = list(zip(node.operands, node.operands[1:], strict=False))
    if len(links) == 1:
        solution = Solution(Sides(*links[0], unknown, target.setting))
        solved = sum(not failed(solution.at(i, clock)) for i in target.setting.generic)
        if 2 * solved >= len(target.setting.generic):
            return judge(target, key, node, solution, clock)
        return _other_solution(links[0], unknown, target, key, clock) or verdict
    return verdict


def _same(node: Comparison, unknown: str, target: Target, key: Key, clock: Clock) -> Verdict:
    """Tell whether equations hold for the right value of the unknown and for no other."""
    tex, domain = key.vocabulary.symbols[unknown].tex, key.vocabulary.symbols[unknown].domain
    links = [
        Sides(p, q, unknown, target.setting) for p, q in zip(node.operands, node.operands[1:], strict=False)
    ]
    satisfied = True
    seen = others = anything = 0
    undefined = False
    for i in target.setting.generic:
        value = target.right.at(i, clock)
        if failed(value):
            continue
        held = [link.holds(i, value, clock) for link in links]
        if None in held:
            undefined = True
            continue
        seen += 1
        satisfied = satisfied and all(held)
        if seen <= _FEW:
            further = [all(link.holds(i, x, clock) for link in links) for x in other_values(value, domain)]
            others += any(further)
            anything += sum(further) > len(further) // 2
    if not seen:
        return Verdict(
            "wrong", "For the values that the symbols may take, this has no solution.", "generic-undefined"
        )
    if satisfied and anything >= max(1, min(seen, _FEW) // 2):
        return Verdict(
            "wrong", f"This holds whatever ${tex}$ is, so it says nothing about it.", "generic-any"
        )
    if not satisfied:
        return Verdict(
            "wrong", f"The right ${tex}$ does not satisfy this equation. Put in numbers and check."
        )
    if undefined:
        return Verdict(
            "wrong",
            "For some of the values that the symbols may take, a side of this has no value. Where it has "
            "one, it agrees.",
            "generic-undefined",
        )
    if others or (not key.vocabulary.symbols[unknown].shape and _more(links, target, domain, clock)):
        return Verdict(
            "wrong",
            f"The right ${tex}$ satisfies this, but so do other values. An equation that determines it has "
            "one solution.",
            "generic-extra-solution",
        )
    return Verdict("right")


def _more(links: list[Sides], target: Target, domain: str, clock: Clock) -> bool:
    """Look for further solutions at a few points."""
    usable = [i for i in target.setting.generic if not failed(target.right.at(i, clock))]
    return len(links) == 1 and any(
        another_root(links[0], i, target.right.at(i, clock), domain, clock) for i in usable[:3]
    )


def _other_solution(
    link: tuple[Node, Node], unknown: str, target: Target, key: Key, clock: Clock
) -> Verdict | None:
    """Recognise a modelled mistake in an equation that cannot be solved by drawing a line."""
    sides = Sides(*link, unknown, target.setting)
    for modelled in target.modelled:
        formula: Sampled | None = modelled.formula
        if formula is None:
            continue
        held = [
            sides.holds(i, formula.at(i, clock), clock)
            for i in target.setting.generic
            if not failed(formula.at(i, clock))
        ]
        if sum(h is True for h in held) >= 4 and all(h is not False for h in held):
            return mistake_verdict(modelled.number, key.mistakes[modelled.number])
    return None
