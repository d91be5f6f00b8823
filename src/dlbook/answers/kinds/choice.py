"""Questions with options, of which one or many are right."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, ClassVar

from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds.tabled import LETTERS, Marked, TabledKind, check, flag, modelled, options
from dlbook.answers.tables import NUMERALS, Rules
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_CLEAN = (
    (r"\b(?:options?|answers?|statements?|letters?|the|it|and|only|both|is|are|true|right|correct)\b", " "),
    (r"[ ,;.:&+/()\[\]{}]+", ""),
)


class Choice(TabledKind):
    """Options with letters by their position; an answer is a letter, or several: ``b``, ``a c``.

    With ``many = true`` any number of options may be right; a wrong option has its own ``says``. Modelled
    mistakes are combinations that deserve a word of their own.
    """

    name: ClassVar[str] = "choice"
    fields: ClassVar[tuple[str, ...]] = ("options", "many")

    def read(self, key: Key, where: str) -> Marked:
        """Read the options, and make the verdict on every combination of them."""
        if "answer" in key.table or "also" in key.table:
            raise BadKeyError(f"{where}: leave out answer and also: the right options have right = true")
        found = options(key, "options", where, least=2)
        many = flag(key, "many", where)
        right = "".join(letter for letter, option in found if option.get("right"))
        if not right or (len(right) > 1 and not many):
            raise BadKeyError(
                f"{where}: options: {len(right)} have right = true; it takes one, or more with many = true"
            )
        rules = Rules(key, _CLEAN, lower=True, sort=True)
        rules.answer(right, Verdict("right"))
        mistaken = []
        for number, mistake in enumerate(key.mistakes):
            answer = rules.canonical(str(mistake.when["answer"]))
            if not answer or not set(answer) <= set(LETTERS[: len(found)]) or (len(answer) > 1 and not many):
                raise BadKeyError(f"{where}: mistakes: {mistake.when['answer']!r} are no letters of options")
            rules.answer(answer, modelled(key, number))
            mistaken.append((number, " ".join(answer)))
        says = {letter: str(option.get("says", "")) for letter, option in found}
        letters = "".join(says)
        for count in range(1, len(letters) + 1 if many else 2):
            for chosen in combinations(letters, count):
                rules.answer("".join(chosen), _verdict("".join(chosen), right, says))
        which = f"a to {letters[-1]}"
        rules.pattern(
            f"^[{letters}]+$", Verdict("unreadable", "One option is asked for; give a single letter.")
        )
        several = "s of all options that are right" if many else " of one option"
        otherwise = Verdict("unreadable", f"Give the letter{several}; they go from {which}.")
        marked = Marked(
            table=rules.lookup(otherwise),
            right=(" ".join(right),),
            mistaken=tuple(mistaken),
            shown=tuple((letter, option["text"]) for letter, option in found),
        )
        check(marked.table, marked.right, marked.mistaken, where)
        return marked

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Choose other options."""
        readable = [form for form in key.spec.table["answers"] if " ".join(form) not in key.spec.right]
        return [" ".join(rng.choice(readable)) for _ in range(count)]


def _verdict(chosen: str, right: str, says: dict[str, str]) -> Verdict:
    """Judge a combination that no modelled mistake speaks of."""
    wrong = [letter for letter in chosen if letter not in right]
    if wrong:
        return Verdict("wrong", says[wrong[0]], f"option-{wrong[0]}")
    missing = len(right) - len(chosen)
    more = "option is" if missing == 1 else "options are"
    return Verdict(
        "almost", f"So far so good, but {NUMERALS[missing]} more {more} right as well.", "generic-missing"
    )
