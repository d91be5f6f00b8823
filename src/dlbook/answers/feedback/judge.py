r"""From values to a verdict: the part of marking that all kinds with formulas share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.feedback.brackets import MOST, regrouped
from dlbook.answers.feedback.generic import MESSAGES, Generic, compare_or_not
from dlbook.answers.feedback.slips import candidates
from dlbook.answers.symbols import SymbolSpec, Vocabulary
from dlbook.answers.tree import Binary, Node, Number, Symbol
from dlbook.answers.values.compare import (
    FEWEST,
    Comparison,
    Formula,
    Sampled,
    Setting,
    agree,
    compare,
    defined_points,
    failed,
    rounded,
    varies_with,
)
from dlbook.answers.values.evaluate import nodes
from dlbook.answers.values.numbers import CTX, Array, ShapeClash, TooLarge, Undefined
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key, Mistake


@dataclass(frozen=True)
class Modelled:
    """A modelled mistake, ready to be compared.

    Parameters
    ----------
    number : int
        Its place in the key, from 0.
    node : Node or None
        The wrong answer, if it is given as one.
    formula : Formula or None
        The same with values; None where shapes clash, and then only the same tree matches.
    uses, lacks : tuple of str
        Symbols on which the answer depends, or does not.
    """

    number: int
    node: Node | None = None
    formula: Formula | None = None
    uses: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass
class Target:
    """What answers to one question are compared with.

    Parameters
    ----------
    setting : Setting
        The points.
    right : Formula
        The right answer.
    others : tuple of Formula
        Equivalent forms that differ from it at special points.
    modelled : list of Modelled
        The mistakes of the key.
    """

    setting: Setting
    right: Formula
    others: tuple[Formula, ...] = ()
    modelled: list[Modelled] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.generic = Generic(self.right)
        self._needed: dict[str, bool] = {}

    def depends(self, name: str, clock: Clock) -> bool:
        """Tell whether the right answer depends on a symbol."""
        if name not in self._needed:
            self._needed[name] = _depends(self.right, self.right.node, name, clock)
        return self._needed[name]


def prepare(key: Key, right: Node, where: str) -> Target:
    """Sample a right answer, and refuse one without values.

    Raises
    ------
    BadKeyError
        If the right answer has a value at too few points.
    """
    setting = Setting(key.vocabulary, key.name)
    target = Target(setting, Formula(right, setting))
    clock = Clock(20.0)
    defined = defined_points(target.right, clock)
    if len(defined) < FEWEST:
        first = next((target.right.at(i, clock) for i in setting.generic if i not in defined), None)
        raise BadKeyError(
            f"{where}: answer: has a value at only {len(defined)} of {len(setting.generic)} points within "
            f"the domains of its symbols ({first}); give the symbols narrower domains"
        )
    return target


def judge(
    target: Target,
    key: Key,
    node: Node,
    answer: Sampled,
    clock: Clock,
    closer: Callable[[], Verdict | None] = lambda: None,
    otherwise: Callable[[], Verdict | None] = lambda: None,
) -> Verdict:
    """Mark a formula.

    Parameters
    ----------
    target : Target
        What is right, and what is known to be wrong.
    key : Key
        The question's key.
    node : Node
        The answer, for what depends on how it is written.
    answer : Sampled
        Its values.
    clock : Clock
        The limit of time.
    closer, otherwise : callable, optional
        What the kind can say before generic mistakes are looked for, and where none is found.

    Returns
    -------
    Verdict
        With the first mistake that fits: modelled, then generic, then what can be said of any formula.
    """
    found = compare(answer, target.right, clock)
    if not found:
        for other in target.others:
            better = compare(answer, other, clock)
            found = better if better else found
    if found:
        return Verdict("right")
    if verdict := modelled_verdict(target, key, node, answer, clock):
        return verdict
    if found.status == "special":
        where = target.setting.points[found.at].where
        return Verdict(
            "almost",
            f"This agrees with the right answer nearly everywhere, but not where {where}. "
            "What should hold there?",
            "generic-special",
        )
    if found.status == "undefined" and found.reason is not None:
        return Verdict(
            "wrong",
            "For some of the values that the symbols may take, this has no value: "
            f"{_lower(found.reason.message)} Where it has one, it agrees.",
            "generic-undefined",
            at=found.reason.span,
        )
    if rounded(node, answer, target.right, clock):
        return Verdict(
            "almost",
            "The numbers in this are rounded. Give them exactly, for example as a fraction or a root.",
            "generic-rounded",
        )
    if verdict := closer():
        return verdict
    if name := target.generic.find(answer, symbols_in(node), clock):
        return generic_verdict(name, key.vocabulary)
    if verdict := otherwise():
        return verdict
    return _last_resort(target, key, node, answer, found, clock)


def modelled_verdict(
    target: Target, key: Key, node: Node, answer: Sampled | None, clock: Clock
) -> Verdict | None:
    """Give the verdict of the first modelled mistake that an answer makes."""
    for modelled in target.modelled:
        if makes(modelled, node, answer, clock):
            return mistake_verdict(modelled.number, key.mistakes[modelled.number])
    return None


def mistake_verdict(number: int, mistake: Mistake) -> Verdict:
    """Say what the key says about a mistake."""
    return Verdict("wrong", mistake.says, f"mistake-{number + 1}", mistake.see)


def generic_verdict(name: str, vocabulary: Vocabulary) -> Verdict:
    """Say what is said about a generic mistake, with the symbols that it is about filled in."""
    name, _, about = name.partition(":")
    message = MESSAGES[name]
    if about:
        tex = [vocabulary.symbols[a].tex if a in vocabulary.symbols else a for a in about.split(",")]
        for place, text in zip(("first", "second"), tex, strict=False):
            message = message.replace("{" + place + "}", text)
        message = message.replace("{symbol}", tex[0]).replace("{size}", tex[0])
    return Verdict("wrong", message, name)


def makes(modelled: Modelled, node: Node, answer: Sampled | None, clock: Clock) -> bool:
    """Tell whether an answer makes a modelled mistake."""
    if modelled.node is not None and modelled.node != node:
        if modelled.formula is None or answer is None:
            return False
        try:
            if not compare(answer, modelled.formula, clock):
                return False
        except (TooLarge, ShapeClash):
            return False
    if not modelled.uses and not modelled.lacks:
        return True
    if answer is None:
        return False
    return all(_depends(answer, node, name, clock) for name in modelled.uses) and not any(
        _depends(answer, node, name, clock) for name in modelled.lacks
    )


def symbols_in(node: Node) -> set[str]:
    """List the symbols of a formula."""
    return {part.name for part in nodes(node) if isinstance(part, Symbol)}


def _depends(answer: Sampled, node: Node, name: str, clock: Clock) -> bool:
    """Tell whether the value of an answer changes with a symbol."""
    if name not in symbols_in(node):
        return False
    return not isinstance(answer, Formula) or varies_with(answer, answer.program, name, clock)


def _last_resort(
    target: Target, key: Key, node: Node, answer: Sampled, found: Comparison, clock: Clock
) -> Verdict:
    """Say what is missing, what is too much, or where to put in numbers."""
    symbols = key.vocabulary.symbols
    if isinstance(answer, Formula) and _lacks_brackets(target, node, clock):
        return generic_verdict("generic-brackets", key.vocabulary)
    for name, spec in symbols.items():
        if target.depends(name, clock) and not _depends(answer, node, name, clock):
            return Verdict(
                "wrong", f"This does not depend on ${spec.tex}$. Should it?", "generic-missing-symbol"
            )
    # What an equation is solved for stands in it without being a part of its solution.
    for name, spec in symbols.items() if isinstance(answer, Formula) else ():
        if not target.depends(name, clock) and _depends(answer, node, name, clock):
            return Verdict("wrong", f"This depends on ${spec.tex}$. Should it?", "generic-extra-symbol")
    return Verdict("wrong", _try_numbers(target, answer, clock), "")


def _lacks_brackets(target: Target, node: Node, clock: Clock) -> bool:
    """Tell whether the answer is right but for a pair of brackets."""
    for changed in islice(regrouped(node), MOST):
        try:
            if compare_or_not(Formula(changed, target.setting), target.right, clock):
                return True
        except (ShapeClash, Unreadable):
            continue
    return False


_SIMPLE = (2, 3, 1, 5, 4, 7, 6)


def _simple(spec: SymbolSpec, k: int) -> Any:
    """Choose a value that is easy to work with by hand."""
    if spec.domain == "unit":
        return CTX.mpf((1, 3, 2)[k % 3]) / 4
    return CTX.mpf(k % 2 if spec.domain == "binary" else _SIMPLE[k % len(_SIMPLE)])


def _try_numbers(target: Target, answer: Sampled, clock: Clock) -> str:
    """Propose numbers at which the answer is wrong, with what it gives there."""
    symbols = {n: s for n, s in target.setting.vocabulary.symbols.items() if target.depends(n, clock)}
    general = "Put in numbers for the symbols, work it out by hand, and compare with what your formula gives."
    if not target.setting.vocabulary.symbols:
        return "Work through it once more, one entry at a time."
    small = 0 < len(symbols) <= 6 and not any(s.shape for s in symbols.values())
    if not isinstance(answer, Formula) or not small:
        return general
    if answer.program.is_open or target.right.program.is_open:
        return general
    for turn in range(3):
        values = {n: _simple(s, k + turn) for k, (n, s) in enumerate(symbols.items())}
        everything = {n: _simple(s, 1) for n, s in target.setting.vocabulary.symbols.items()} | values
        try:
            own = answer.program.run(everything, clock)
            right = target.right.program.run(everything, clock)
        except (Undefined, TooLarge):
            continue
        if isinstance(own, Array) or agree(own, right) or not 1e-4 < abs(own) < 1e6:
            continue
        given = ", ".join(
            f"${s.tex} = {CTX.nstr(values[n], 4)}$".replace(".0$", "$") for n, s in symbols.items()
        )
        shown = CTX.nstr(own, 4).removesuffix(".0")
        return f"Try numbers: for {given} your formula gives ${shown}$. What do you get by hand?"
    return general


def _lower(text: str) -> str:
    """Begin a sentence with a small letter."""
    return text[:1].lower() + text[1:]


def model(key: Key, target: Target, nodes_of: Mapping[int, Node], where: str) -> None:
    """Prepare the modelled mistakes of a key, and refuse those that are right or hide behind another.

    Parameters
    ----------
    key : Key
        The key.
    target : Target
        What is right; the mistakes are added to it.
    nodes_of : mapping of int to Node
        The wrong answers that were given, by the number of the mistake.
    where : str
        The key, for messages.

    Raises
    ------
    BadKeyError
        If a mistake is right, or an earlier one is recognised in its stead.
    """
    clock = Clock(20.0)
    for number, mistake in enumerate(key.mistakes):
        node = nodes_of.get(number)
        uses, lacks = (tuple(mistake.when.get(name, ())) for name in ("uses", "lacks"))
        for name in (*uses, *lacks):
            if name not in key.vocabulary.symbols:
                raise BadKeyError(f"{where}: mistake {number + 1}: {name} is no symbol of this key")
        formula = None
        if node is not None:
            formula = Formula(node, target.setting)
            try:
                formula.at(0, clock)
            except ShapeClash:
                formula = None
        if formula is not None and any(compare(formula, r, clock) for r in (target.right, *target.others)):
            raise BadKeyError(f"{where}: mistake {number + 1}: its answer is right")
        if formula is not None and all(failed(formula.at(i, clock)) for i in target.setting.generic):
            raise BadKeyError(f"{where}: mistake {number + 1}: its answer has a value nowhere")
        modelled = Modelled(number, node, formula, uses, lacks)
        if node is not None:
            for earlier in target.modelled:
                if makes(earlier, node, formula, clock):
                    raise BadKeyError(
                        f"{where}: mistake {number + 1}: is taken for mistake {earlier.number + 1}; "
                        "put it first"
                    )
            if not makes(modelled, node, formula, clock):
                raise BadKeyError(
                    f"{where}: mistake {number + 1}: its answer does not fit its own uses and lacks"
                )
        elif not uses and not lacks:
            raise BadKeyError(f"{where}: mistake {number + 1}: needs answer, uses or lacks")
        target.modelled.append(modelled)


def wrong_formulas(target: Target, rng: Random, count: int) -> Iterator[Node]:
    """Make up formulas in the question's symbols that differ from the right one."""
    clock = Clock(60.0)
    right, vocabulary = target.right.node, target.setting.vocabulary
    numbers: list[Node] = [Number(Fraction(k), 1, True) for k in (2, 3, 5, 7, 11)]
    numbers += [Symbol(name) for name, spec in vocabulary.symbols.items() if not spec.shape]
    pool = [node for _, node in candidates(right, vocabulary)]
    pool += [Binary(operator, right, number) for number in numbers for operator in "+-*"]
    rng.shuffle(pool)
    made = 0
    for _ in range(20 * count):
        if made >= count:
            return
        if pool:
            node = pool.pop()
        else:
            slips = [n for _, n in candidates(right, vocabulary)] or [right]
            node = Binary("+", rng.choice(slips), rng.choice(numbers))
        try:
            formula = Formula(node, target.setting)
            if all(failed(formula.at(i, clock)) for i in target.setting.generic):
                continue
            if any(compare_or_not(formula, r, clock) for r in (target.right, *target.others)):
                continue
        except ShapeClash:
            continue
        made += 1
        yield node
