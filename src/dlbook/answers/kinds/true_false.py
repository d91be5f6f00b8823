"""Statements that are true or false, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds.tabled import LETTERS, Marked, TabledKind, check, modelled, options
from dlbook.answers.tables import Rules
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_REASON = r"(?: (?:because of|because|since|as|reason|for|by|and|with|option))? ?([a-f]?)$"
_CLEAN = (
    (r"[ ,;.:()/+\-]+", " "),
    (r"^ | $", ""),
    (r"^(?:(?:the )?answer (?:is )?|i think )", ""),
    (r"^(?:it is|it's|that is|that's|the statement is|this is) ", ""),
    (rf"^(?:not true|not right|not correct|false|f|no|n|wrong|incorrect|untrue){_REASON}", "false $1"),
    (rf"^(?:not false|not wrong|true|t|yes|y|right|correct){_REASON}", "true $1"),
    (r"^(true|false) $", "$1"),
)


class TrueFalse(TabledKind):
    """A statement to be judged; an answer is ``true`` or ``false``, and a letter if there are ``reasons``."""

    name: ClassVar[str] = "true-false"
    fields: ClassVar[tuple[str, ...]] = ("reasons",)

    def read(self, key: Key, where: str) -> Marked:
        """Read the verdict and the reasons, and judge every pair of them."""
        if not isinstance(key.table.get("answer"), bool):
            raise BadKeyError(f"{where}: needs answer = true or answer = false")
        if "also" in key.table:
            raise BadKeyError(f"{where}: leave out also: there is one right answer")
        reasons = dict(options(key, "reasons", where, least=2)) if "reasons" in key.table else {}
        if reasons and not any(reason.get("right") for reason in reasons.values()):
            raise BadKeyError(f"{where}: reasons: one of them needs right = true")
        verdict, opposite = ("true", "false") if key.table["answer"] else ("false", "true")
        good = [letter for letter, reason in reasons.items() if reason.get("right")]
        rules = Rules(key, _CLEAN, lower=True)
        mistaken = _mistakes(key, rules, list(reasons), where)
        right = [f"{verdict} {letter}" for letter in good] if reasons else [verdict]
        for answer in right:
            rules.answer(answer, Verdict("right"))
        for letter, reason in reasons.items():
            rules.answer(
                f"{verdict} {letter}",
                Verdict(
                    "almost",
                    f"The verdict is right, the reason is not. {reason.get('says')}",
                    f"reason-{letter}",
                ),
            )
        if reasons:
            rules.answer(verdict, Verdict("almost", "Now choose the reason as well.", "generic-no-reason"))
        for letter in good:
            rules.answer(
                f"{opposite} {letter}",
                Verdict(
                    "wrong", "Your verdict and your reason contradict each other.", "generic-contradiction"
                ),
            )
        for ending in ("", *(f" {letter}" for letter in reasons)):
            rules.answer(opposite + ending, _wrong(opposite))
        marked = Marked(
            table=rules.lookup(_otherwise(rules, list(reasons))),
            right=tuple(right),
            mistaken=tuple(mistaken),
            shown=tuple((letter, reason["text"]) for letter, reason in reasons.items()),
        )
        check(marked.table, marked.right, marked.mistaken, where)
        return marked

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Choose other verdicts and reasons."""
        readable = [form for form in key.spec.table["answers"] if form not in key.spec.right]
        return [rng.choice(readable) for _ in range(count)]


def _mistakes(key: Key, rules: Rules, letters: list[str], where: str) -> list[tuple[int, str]]:
    """Add the modelled mistakes; a verdict without a reason stands for all that give no better clue."""
    found = []
    for number, mistake in enumerate(key.mistakes):
        answer = rules.canonical(_text(mistake.when))
        known = {
            f"{verdict}{end}" for verdict in ("true", "false") for end in ("", *(f" {x}" for x in letters))
        }
        if answer not in known:
            raise BadKeyError(
                f"{where}: mistakes: {answer!r} is neither true nor false with a reason's letter"
            )
        if answer == str(key.table["answer"]).lower():
            raise BadKeyError(f"{where}: mistakes: {answer!r} is the right verdict")
        found.append((number, answer))
    for number, answer in found:
        rules.answer(answer, modelled(key, number))
    for number, answer in found:
        for letter in letters if " " not in answer else ():
            rules.answer(f"{answer} {letter}", modelled(key, number))
    return found


def _text(when: Mapping[str, Any]) -> str:
    """Give a mistake's answer as a text; TOML has true and false without quotes as well."""
    return str(when["answer"]).lower() if isinstance(when["answer"], bool) else str(when["answer"])


def _wrong(opposite: str) -> Verdict:
    """Judge a wrong verdict that the key has no word on."""
    if opposite == "true":
        return Verdict("wrong", "Look for a case in which the statement fails.", "generic-verdict")
    return Verdict(
        "wrong", "Try to build a case in which the statement fails; what stops you?", "generic-verdict"
    )


def _otherwise(rules: Rules, letters: list[str]) -> Verdict:
    """Say how to answer; a letter that no reason has is told apart."""
    if letters:
        which = f"the letter of a reason, a to {letters[-1]}"
        rules.pattern(f"^(?:true|false) [{LETTERS}]$", Verdict("unreadable", f"Give {which}."))
        return Verdict("unreadable", f"Say true or false, then {which}: such as false {letters[0]}.")
    rules.pattern(
        f"^(?:true|false) [{LETTERS}]$",
        Verdict("unreadable", "No reasons are listed here; say true or false alone."),
    )
    return Verdict("unreadable", "Say true or false.")
