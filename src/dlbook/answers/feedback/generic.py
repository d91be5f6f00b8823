r"""Mistakes that can happen in any formula, and what helps: each with an id, its words, and how it is made.

A mistake of this kind is found by making it: the right answer with its sign changed, with one factor gone,
with another of the exercise's symbols in one place. What is made is compared with the answer like any
formula, so it does not matter how the answer is written. The words say what to look at, never what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice

from dlbook.answers.clock import Clock
from dlbook.answers.feedback.slips import candidates
from dlbook.answers.values.compare import Derived, Formula, Sampled, agree, compare, failed
from dlbook.answers.values.numbers import CTX, Array, Scalar, ShapeClash, TooLarge, Undefined, Value

MESSAGES = {
    "generic-sign": "Only the sign is wrong. Follow the minus signs through your steps.",
    "generic-complement": "This is one minus what is asked for. Which of the two cases is meant?",
    "generic-factor-2": (
        "This is off by a factor of two and nothing else. Look for an exponent that comes down, or for a "
        "half."
    ),
    "generic-factor": (
        "This is off by a constant factor and nothing else. Go through the numbers in your steps."
    ),
    "generic-inverse": (
        "This is the reciprocal of what is asked for: check what belongs above the fraction bar."
    ),
    "generic-offset": (
        "This is off by a number that is added, and nothing else. Go through your constant terms."
    ),
    "generic-mean": (
        "This is off by a factor that grows with ${size}$. Is a sum asked for, or a mean, and over what?"
    ),
    "generic-transpose": "This is the transpose of what is asked for. Which index counts the rows?",
    "generic-star": (
        "With `*` read as a matrix product this would be right. Between matrices `*` works entry by "
        "entry; the product is written `@`."
    ),
    "generic-at": (
        "With this product taken entry by entry it would be right. Side by side, or with `@`, matrices "
        "are multiplied as matrices; write `*` for entry by entry."
    ),
    "generic-inner-transpose": (
        "One factor has to be transposed, or should not be. Check the shapes, step by step."
    ),
    "generic-order": (
        "The right factors stand in the wrong order; matrices do not commute. Check the shapes."
    ),
    "generic-swapped": "Two of the symbols have changed places. Look at ${first}$ and ${second}$ again.",
    "generic-wrong-symbol": (
        "The form is right, but one symbol is not: look at ${symbol}$ again. Is it the quantity that "
        "belongs there?"
    ),
    "generic-derivative": "A function stands where its derivative belongs, or the other way round.",
    "generic-function": (
        "The form is right, but one of the functions is not. Name each one, and where it comes from."
    ),
    "generic-upside-down": (
        "One of the quotients is upside down, or something is on the wrong side of its bar."
    ),
    "generic-inner-sign": "One sign within the formula is wrong. Check each plus and minus.",
    "generic-missing-factor": (
        "A factor is missing. Go through the steps that lead to the result: each one has to leave its factor."
    ),
    "generic-extra-factor": (
        "There is a factor in this that does not belong, or one that belongs on the other side of the "
        "fraction bar. Ask of each factor where it comes from."
    ),
    "generic-missing-term": "A term is missing from a sum. Count the terms that you expect.",
    "generic-inner-factor": "One of the terms is off by a factor of two. Look at each term's own numbers.",
    "generic-extra-term": (
        "There is a term in this that does not belong. Ask of each term where it comes from."
    ),
    "generic-power": "An exponent is wrong. Look at every power, and at what has none.",
    "generic-abs": (
        "The size is right everywhere, but the sign is wrong for some values of the symbols. Where do "
        "signs get lost?"
    ),
    "generic-brackets": (
        "With a pair of brackets somewhere this would be right. How far do `/` and `^` reach as you typed it?"
    ),
    "generic-partly": (
        "This is right for some values of the symbols and wrong for others. Which cases are there? Try "
        "positive and negative values, small and large ones."
    ),
}
"""What each generic mistake is told. Words in braces are filled in with symbols of the answer."""

MOST = 240
"""Candidates that are made of one right answer."""


class Generic:
    """The generic mistakes of one right answer, made when the first wrong answer asks for them.

    Parameters
    ----------
    right : Formula
        The right answer.
    """

    def __init__(self, right: Formula) -> None:
        self.right = right
        self._made: list[tuple[str, Formula]] | None = None
        self._look = -1

    def find(self, answer: Sampled, symbols: Collection[str], clock: Clock) -> str:
        """Recognise a mistake.

        Parameters
        ----------
        answer : Sampled
            An answer that is not right.
        symbols : collection of str
            The symbols that stand in it; no other is named.
        clock : Clock
            The limit of time.

        Returns
        -------
        str
            Its id, with what to fill in after a colon (``generic-wrong-symbol:h2``); empty if none fits.
        """
        for name, changed in whole(self.right, answer, clock):
            if compare_or_not(answer, changed, clock):
                return name
        made = self._candidates(clock)
        value = answer.at(self._look, clock) if made else Undefined("")
        if not failed(value):
            for name, candidate in made:
                about = name.partition(":")[2]
                if about and not set(about.split(",")) <= set(symbols):
                    continue
                other = candidate.at(self._look, clock)
                if not failed(other) and agree(value, other) and compare_or_not(answer, candidate, clock):
                    return name
        for name, changed in extra(self.right) if failed(value) or _busy(value) else ():
            if compare_or_not(answer, changed, clock):
                return name
        return in_part(answer, self.right, clock)

    def _candidates(self, clock: Clock) -> list[tuple[str, Formula]]:
        """Make the candidates, once; each will be looked at, at one point, before it is compared in full."""
        if self._made is None:
            setting = self.right.setting
            made = []
            for name, node in islice(candidates(self.right.node, setting.vocabulary), MOST):
                try:
                    made.append((name, Formula(node, setting)))
                except (Undefined, ShapeClash):
                    continue
            usable = [i for i in setting.generic if not failed(self.right.at(i, clock))]
            self._look = next((i for i in usable if _busy(self.right.at(i, clock))), usable[0])
            kept = []
            for name, formula in made:
                try:
                    if not failed(formula.at(self._look, clock)):
                        kept.append((name, formula))
                except ShapeClash:
                    continue
            self._made = kept
        return self._made


def _busy(value: Value) -> bool:
    """Tell whether a value is not just zero."""
    return any(value.data) if isinstance(value, Array) else bool(value)


def compare_or_not(answer: Sampled, other: Sampled, clock: Clock) -> bool:
    """Tell whether two formulas are equal; what is too large to compare is not."""
    try:
        return compare(answer, other, clock).status in ("equal", "special")
    except (TooLarge, ShapeClash):
        return False


def _each(value: Value, change: Callable[[Scalar], Scalar]) -> Value:
    """Apply a function to a number or to all entries."""
    return value.map(change) if isinstance(value, Array) else change(value)


def scaled(right: Sampled, factor: Callable[[int], Scalar]) -> Derived:
    """Multiply a formula by a factor that depends on the point."""
    return Derived(right, lambda v, i: _each(v, lambda x: x * factor(i)))


def whole(right: Formula, answer: Sampled, clock: Clock) -> Iterator[tuple[str, Sampled]]:
    """Make the mistakes that concern the formula as a whole, most telling first."""
    yield "generic-sign", scaled(right, lambda i: -1)
    array = any(isinstance(right.at(i, clock), Array) for i in right.setting.generic[:1])
    if array:
        yield "generic-transpose", Derived(right, lambda v, i: v.T)
    for size, values in right.setting.vocabulary.sizes.items():
        if len({*values}) > 1:
            yield f"generic-mean:{size}", scaled(right, _in_turn(values, 1))
            yield f"generic-mean:{size}", scaled(right, _in_turn(values, -1))
    ratio = _ratio(right, answer, clock)
    if ratio is not None:
        half = agree(abs(ratio), CTX.mpf(2)) or agree(abs(ratio), CTX.mpf(0.5))
        yield "generic-factor-2" if half else "generic-factor", scaled(right, lambda i: ratio)
    if not array:
        yield "generic-complement", Derived(right, lambda v, i: 1 - v)
        yield "generic-inverse", Derived(right, lambda v, i: 1 / v)
        yield "generic-inverse", Derived(right, lambda v, i: -1 / v)


def _in_turn(sizes: tuple[int, ...], power: int) -> Callable[[int], Scalar]:
    """Give the size that belongs to a point, or its inverse."""
    return lambda i: CTX.mpf(sizes[i % len(sizes)]) ** power


def _ratio(right: Sampled, answer: Sampled, clock: Clock) -> Scalar | None:
    """Give the factor between answer and right answer where both have values that are not zero."""
    for i in right.setting.generic:
        value, expected = answer.at(i, clock), right.at(i, clock)
        if failed(value) or failed(expected):
            continue
        pairs = (
            zip(value.data, expected.data, strict=False)
            if isinstance(value, Array) and isinstance(expected, Array)
            else [(value, expected)]
        )
        for p, q in pairs:
            if not isinstance(p, Array) and not isinstance(q, Array) and p and q:
                return p / q
    return None


def extra(right: Formula) -> Iterator[tuple[str, Sampled]]:
    """Make the mistakes of one factor or term too many, for each symbol that is a number."""
    for name, spec in right.setting.vocabulary.symbols.items():
        if not spec.shape:
            yield "generic-extra-factor", scaled(right, _symbol(right, name, 1))
            yield "generic-extra-factor", scaled(right, _symbol(right, name, 1, -1))
            yield "generic-extra-factor", scaled(right, _symbol(right, name, -1))
            yield "generic-extra-factor", scaled(right, _symbol(right, name, -1, -1))
            yield "generic-extra-term", _plus(right, _symbol(right, name, 1))
            yield "generic-extra-term", _plus(right, _symbol(right, name, 1, -1))


def _symbol(right: Sampled, name: str, power: int, sign: int = 1) -> Callable[[int], Scalar]:
    """Give a symbol's value at a point, or its inverse, or their negatives."""
    return lambda i: sign * right.setting.points[i].values[name] ** power


def _plus(right: Sampled, term: Callable[[int], Scalar]) -> Derived:
    """Add a term."""
    return Derived(right, lambda v, i: _each(v, lambda x: x + term(i)))


def in_part(answer: Sampled, right: Sampled, clock: Clock) -> str:
    """Tell whether an answer has the right size everywhere, or is right somewhere, or differs by a number."""
    same = opposite = seen = 0
    gap: Scalar | None = None
    level = True
    for i in right.setting.generic:
        value, expected = answer.at(i, clock), right.at(i, clock)
        if failed(value) or failed(expected) or isinstance(value, Array) or isinstance(expected, Array):
            continue
        seen += 1
        if agree(value, expected):
            same += bool(value)
        elif agree(value, -expected):
            opposite += 1
        difference = value - expected
        level = level and (gap is None or abs(difference - gap) <= CTX.ldexp(1 + abs(gap), -60))
        gap = difference
    if seen and level and gap:
        return "generic-offset"
    if seen and same and opposite and same + opposite == seen:
        return "generic-abs"
    return "generic-partly" if 4 * same >= seen > 0 else ""
