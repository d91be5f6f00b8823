"""What can keep an answer from being marked; each ends as a message to the reader, none as a traceback."""

from __future__ import annotations

from dlbook.answers.tree import Span


class Unreadable(Exception):  # noqa: N818 (it is what the reader is told, not a fault of the program)
    """Text that is no answer of the kind asked for.

    Parameters
    ----------
    message : str
        What is wrong and what to write instead.
    span : tuple of int, optional
        Where in the text.
    """

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.message, self.span = message, span


class Undecided(Exception):  # noqa: N818
    """Marking came to its limit of time or size before there was a verdict.

    Parameters
    ----------
    message : str
        Why, in a sentence for the reader.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadKeyError(Exception):
    """An answer key that its author has to mend.

    The message names the key and the field, says what was expected, and how to write it.
    """
