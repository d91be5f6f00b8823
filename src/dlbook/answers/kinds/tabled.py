"""What the kinds have in common that are marked by a table of verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError
from dlbook.answers.kinds.base import Kind
from dlbook.answers.tables import Table, for_page, lookup
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

LETTERS = "abcdef"
"""What options, reasons and steps are called."""


@dataclass(frozen=True)
class Marked:
    """A table, and the answers that a key speaks of.

    Parameters
    ----------
    table : dict
        See `dlbook.answers.tables`.
    right : tuple of str
        Right answers.
    mistaken : tuple of (int, str)
        An answer for each modelled mistake, with its number from 0.
    shown : tuple of (str, str), optional
        What there is to choose from: letters, and texts for the reader.
    """

    table: Table
    right: tuple[str, ...]
    mistaken: tuple[tuple[int, str], ...] = ()
    shown: tuple[tuple[str, str], ...] = field(default=())


class TabledKind(Kind):
    """A kind whose every answer is in a table of verdicts, or is matched by one of its patterns."""

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Look the answer up."""
        verdict = lookup(key.spec.table, answer)
        assert verdict is not None  # only numbers need more than the table
        return verdict

    def right_answers(self, key: Key) -> list[str]:
        """Give all right answers."""
        return list(key.spec.right)

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give an answer for each modelled mistake."""
        return list(key.spec.mistaken)

    def verdicts(self, key: Key) -> dict[str, Any]:
        """Give the table, as the page takes it."""
        return for_page(key, key.spec.table)

    def choices(self, key: Key) -> list[tuple[str, str]]:
        """Give options, reasons or steps in the order shown."""
        return list(key.spec.shown)


def modelled(key: Key, number: int) -> Verdict:
    """Make the verdict on a modelled mistake, by its number from 0."""
    mistake = key.mistakes[number]
    return Verdict("wrong", mistake.says, f"mistake-{number + 1}", mistake.see)


def check(table: Table, right: tuple[str, ...], mistaken: tuple[tuple[int, str], ...], where: str) -> None:
    """Try the right answers and the modelled mistakes of a key.

    Raises
    ------
    BadKeyError
        If the table does not know one for what it is.
    """
    for answer in right:
        verdict = lookup(table, answer)
        if verdict is not None and not verdict.right:
            raise BadKeyError(f"{where}: the right answer {answer!r} would be told: {verdict}")
    for number, answer in mistaken:
        verdict = lookup(table, answer)
        if verdict is not None and verdict.mistake != f"mistake-{number + 1}":
            raise BadKeyError(
                f"{where}: mistakes: {answer!r} of mistake {number + 1} would be told: {verdict}"
                + (" It is right." if verdict.right else "")
            )


def options(
    key: Key, name: str, where: str, *, least: int, says: bool = True
) -> list[tuple[str, Mapping[str, Any]]]:
    """Read a list of options or reasons, and give each its letter.

    Raises
    ------
    BadKeyError
        If there are too few or too many, one lacks its text, or a wrong one does not say why it is wrong.
    """
    found = key.table.get(name, [])
    if not isinstance(found, list) or not least <= len(found) <= len(LETTERS):
        raise BadKeyError(f"{where}: {name} must be a list of {least} to {len(LETTERS)} tables")
    for letter, option in zip(LETTERS, found, strict=False):
        here = f"{where}: {name}: {letter}"
        if (
            not isinstance(option, dict)
            or not isinstance(option.get("text"), str)
            or not option["text"].strip()
        ):
            raise BadKeyError(f"{here}: needs text")
        if others := sorted(set(option) - {"text", "right", "says"}):
            raise BadKeyError(f"{here}: unknown field {', '.join(others)}; known are text, right, says")
        if not isinstance(option.get("right", False), bool):
            raise BadKeyError(f"{here}: right must be true or false")
        if says and not option.get("right") and not str(option.get("says", "")).strip():
            raise BadKeyError(f"{here}: is wrong and needs says: why it is")
    return list(zip(LETTERS, found, strict=False))


def flag(key: Key, name: str, where: str) -> bool:
    """Read a field that is true or false."""
    value = key.table.get(name, False)
    if not isinstance(value, bool):
        raise BadKeyError(f"{where}: {name} must be true or false")
    return value
