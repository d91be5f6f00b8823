"""Steps to be put in order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import permutations
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds.tabled import LETTERS, Marked, TabledKind, check, modelled
from dlbook.answers.tables import NUMERALS, Rules
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_CLEAN = (
    *(
        (
            "^" + " ?[,;]? ?".join(rf"{n}[.):=]? ?([a-f])" for n in range(1, count + 1)) + "$",
            "".join(f"${n}" for n in range(1, count + 1)),
        )
        for count in range(3, len(LETTERS) + 1)  # 1. c 2. a 3. b
    ),
    (r"=>|\\(?:to|rightarrow|prec)\b", " "),
    (r"\b(?:then|and|before|steps?|order|finally|first)\b", " "),
    (r"[ ,;.:>→⇒()\[\]{}/|\-]+", ""),
)
_MOST_RIGHT = 24
Order = tuple[int, ...]


class OrderKind(TabledKind):
    """Steps that are shown shuffled with letters; an answer is the letters in order: ``c a d b``.

    A key lists its ``steps`` in the right order and speaks of them by their numbers from 1. In ``equivalent``
    a pair ``[2, 3]`` may stand either way round, and a longer list is a whole order that is right as well.
    A modelled mistake has ``answer``, a whole order, or ``before = [3, 1]``: step 3 came before step 1.
    """

    name: ClassVar[str] = "order"
    fields: ClassVar[tuple[str, ...]] = ("steps", "equivalent")
    patterns: ClassVar[tuple[str, ...]] = ("before",)

    def read(self, key: Key, where: str) -> Marked:
        """Read the steps, shuffle them, and say what each order leads to."""
        steps = key.table.get("steps")
        texts = isinstance(steps, list) and all(isinstance(step, str) and step.strip() for step in steps)
        if not isinstance(steps, list) or not texts or not 3 <= len(steps) <= len(LETTERS):
            raise BadKeyError(
                f"{where}: steps must be a list of 3 to {len(LETTERS)} texts in the right order"
            )
        if "answer" in key.table or "also" in key.table:
            raise BadKeyError(
                f"{where}: leave out answer and also: steps stand in the right order; see equivalent"
            )
        right = _right_orders(key, len(steps), where)
        letters = _letters(key.name, right)
        write = "".join(letters[step] for step in range(len(steps)))

        def spelled(order: Order) -> str:
            return "".join(write[step] for step in order)

        rules = Rules(key, _CLEAN, lower=True)
        rights = [spelled(order) for order in right]
        for answer in rights:
            rules.answer(answer, Verdict("right"))
        _incomplete(rules, len(steps))
        mistaken = []
        for number in range(len(key.mistakes)):
            example = _mistake(rules, key, number, write, right, where)
            mistaken.append((number, " ".join(example)))
        if len(right) == 1:
            rules.answer(
                rights[0][::-1],
                Verdict(
                    "wrong",
                    "This runs the other way round. Which step can be done with nothing but what is given?",
                    "generic-reversed",
                ),
            )
        _misplaced(rules, rights)
        first = Verdict(
            "wrong",
            "The first step is not the right one: which step needs nothing from the others?",
            "generic-misplaced",
        )
        shown = sorted((letter, steps[step]) for step, letter in letters.items())
        marked = Marked(
            table=rules.lookup(first),
            right=tuple(" ".join(answer) for answer in rights),
            mistaken=tuple(mistaken),
            shown=tuple(shown),
        )
        check(marked.table, marked.right, marked.mistaken, where)
        return marked

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Shuffle the steps."""
        orders = [" ".join(order) for order in permutations(LETTERS[: len(key.table["steps"])])]
        wrong = [order for order in orders if order not in key.spec.right]
        return [rng.choice(wrong) for _ in range(count)]


def _right_orders(key: Key, count: int, where: str) -> list[Order]:
    """List all orders that are right, the one of the key first."""
    free: set[tuple[int, int]] = set()
    whole: list[Order] = []
    equivalent = key.table.get("equivalent", [])
    if not isinstance(equivalent, list):
        raise BadKeyError(f"{where}: equivalent must be a list of pairs and orders")
    for item in equivalent:
        order = _order(item, count, f"{where}: equivalent")
        if len(order) == 2:
            free.add((min(order), max(order)))
        elif len(order) == count:
            whole.append(order)
        else:
            raise BadKeyError(f"{where}: equivalent: {item!r} is neither a pair of steps nor an order of all")
    found = [
        order
        for order in permutations(range(count))
        if all((a, b) in free for i, b in enumerate(order) for a in order[i + 1 :] if a < b)
    ]
    found += [order for order in whole if order not in found]
    if len(found) > _MOST_RIGHT:
        raise BadKeyError(f"{where}: equivalent: {len(found)} orders are right; ask for fewer steps")
    return found


def _order(item: Any, count: int, where: str) -> Order:
    """Read step numbers, which begin at 1."""
    numbers = item if isinstance(item, list) else []
    if (
        len(numbers) < 2
        or not all(isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= count for n in numbers)
        or len(set(numbers)) < len(numbers)
    ):
        raise BadKeyError(f"{where}: {item!r} is no list of different step numbers from 1 to {count}")
    return tuple(n - 1 for n in numbers)


def _letters(name: str, right: Sequence[Order]) -> dict[int, str]:
    """Shuffle the steps by the key's name, the same in every build, and never into a right order."""
    count = len(right[0])
    avoid = {*right, tuple(range(count))[::-1]}
    salt = 0
    while True:
        digests = [hashlib.sha256(f"{name}/{salt}/{step}".encode()).digest() for step in range(count)]
        order = tuple(sorted(range(count), key=digests.__getitem__))
        if order not in avoid or salt > 200:
            return {step: LETTERS[place] for place, step in enumerate(order)}
        salt += 1


def _incomplete(rules: Rules, count: int) -> None:
    """Say what keeps a list of letters from being an order."""
    letters = LETTERS[:count]
    how = f"Give all {NUMERALS[count]} letters, a to {letters[-1]}, in order: such as {' '.join(letters)}."
    rules.pattern(f"[^{letters}]", Verdict("unreadable", how))
    rules.pattern("(.).*\\1", Verdict("unreadable", "A step stands here twice; each is needed once."))
    rules.pattern(f"^.{{0,{count - 1}}}$", Verdict("unreadable", f"Steps are missing. {how}"))


def _mistake(rules: Rules, key: Key, number: int, write: str, right: Sequence[Order], where: str) -> str:
    """Add a modelled mistake, and give an answer that shows it."""
    when = key.mistakes[number].when
    here = f"{where}: mistakes"
    if len(when) != 1:
        raise BadKeyError(f"{here}: give answer or before, not both")
    if "before" in when:
        pair = _order(when["before"], len(write), f"{here}: before")
        if len(pair) != 2:
            raise BadKeyError(f"{here}: before is a pair of steps: the first came before the second")
        rules.pattern(f"{write[pair[0]]}.*{write[pair[1]]}", modelled(key, number))
        rest = [step for step in right[0] if step != pair[0]]
        rest.insert(rest.index(pair[1]), pair[0])
        return "".join(write[step] for step in rest)
    order = _order(when["answer"], len(write), f"{here}: answer")
    if len(order) != len(write):
        raise BadKeyError(f"{here}: answer needs all {len(write)} steps")
    answer = "".join(write[step] for step in order)
    rules.answer(answer, modelled(key, number))
    return answer


def _misplaced(rules: Rules, rights: Sequence[str]) -> None:
    """Point at the first step that stands in the wrong place."""
    beginnings = {answer[:length] for answer in rights for length in range(1, len(rights[0]) - 1)}
    for begin in sorted(beginnings):
        done = "step is" if len(begin) == 1 else f"{NUMERALS[len(begin)]} steps are"
        for letter in sorted(set(rights[0]) - set(begin)):
            if begin + letter not in {answer[: len(begin) + 1] for answer in rights}:
                message = f"The first {done} right. What has to be known before `{letter}` can be done?"
                rules.pattern(f"^{begin}{letter}", Verdict("wrong", message, "generic-misplaced"))
