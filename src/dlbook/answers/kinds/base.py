"""What every kind of answer key can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key
    from dlbook.answers.tree import Node


class Kind(ABC):
    """One kind of question: how its key is read, and how an answer to it is marked.

    Answers are texts, so that they can be typed, kept and sent; each kind says how it writes its own.
    """

    name: ClassVar[str]
    fields: ClassVar[Sequence[str]] = ()
    """Fields of a key that only this kind has."""
    patterns: ClassVar[Sequence[str]] = ()
    """What else than ``answer`` can tell that a modelled mistake was made."""

    @abstractmethod
    def read(self, key: Key, where: str) -> Any:
        """Make what marking needs from the fields ``key.table``; it will be ``key.spec``.

        The right answer and every mistake are tried at once, so that a key that marks its own answer wrong,
        or a mistake right, is refused.

        Raises
        ------
        BadKeyError
            With `where` first, if the key cannot be used.
        """

    @abstractmethod
    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Mark an answer that is neither empty nor too long.

        Raises
        ------
        Unreadable, Undecided
            Which :func:`dlbook.answers.marking.mark` turns into verdicts.
        """

    def formula(self, key: Key, answer: str) -> Node | None:
        """Read an answer as the formula that will be marked, or give None for answers that are none.

        Raises
        ------
        Unreadable
            If it cannot be read.
        """
        return None

    @abstractmethod
    def right_answers(self, key: Key) -> list[str]:
        """Give the right answer and all the forms that the key lists, as a reader would type them."""

    @abstractmethod
    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give an answer for each modelled mistake, with the mistake's number from 0."""

    @abstractmethod
    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Make up answers in the question's own symbols that are readable and not right."""

    def choices(self, key: Key) -> list[tuple[str, str]]:
        """Give what the reader chooses from or puts in order, in the order shown: letter and text."""
        return []

    def verdicts(self, key: Key) -> dict[str, Any] | None:
        """Give all verdicts as a table for the page, or None for a kind that only Python can mark."""
        return None
