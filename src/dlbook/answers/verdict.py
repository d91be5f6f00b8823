r"""What marking an answer leads to, in the same words wherever it is shown.

A message is text with `` `code` `` and maths between dollars (`$w_2$`), the part of Markdown that a notebook
typesets by itself; the site turns it into HTML when it is built (`dlbook.answers.page`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

STATUSES = {
    "right": "Right.",
    "almost": "Almost.",
    "wrong": "Not yet.",
    "unreadable": "I cannot read this.",
    "undecided": "I could not decide.",
}
"""Every status with the words that a message begins with. Only `wrong` counts against an answer."""


@dataclass(frozen=True)
class Verdict:
    r"""The outcome of marking one answer.

    Parameters
    ----------
    status : str
        One of :data:`STATUSES`. `almost` is on the right way and lacks something that the message names
        (digits, an element of a set); `unreadable` and `undecided` say nothing about the answer's worth.
    message : str
        One to three sentences that teach; without the words of the status.
    mistake : str, optional
        Which mistake was recognised: ``"mistake-1"`` for the first that the key lists, ``"generic-sign"`` and
        so on for those that every key knows; empty where none was.
    see : str, optional
        Label of the section of the book to read again.
    understood : str, optional
        The answer as it was understood, in LaTeX; empty where there is nothing to show.
    at : tuple of int, optional
        Which characters of the answer the message is about.

    Examples
    --------
    >>> print(Verdict("wrong", "Look at the sign of $w_2$."))
    Not yet. Look at the sign of w_2.
    """

    status: str
    message: str = ""
    mistake: str = ""
    see: str = ""
    understood: str = ""
    at: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"{self.status!r} is no status; choose one of {', '.join(STATUSES)}")

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    @property
    def markdown(self) -> str:
        """The whole message in Markdown."""
        return f"**{STATUSES[self.status]}** {self.message}".rstrip()

    def __str__(self) -> str:
        text = f"{STATUSES[self.status]} {self.message}".rstrip()
        return re.sub(r"\$([^$]*)\$", r"\1", text)

    def _repr_markdown_(self) -> str:
        from dlbook.answers.sections import pointer  # files; the page, which has none, links by itself

        again = "" if self.right else pointer(self.see)
        return f"{self.markdown}\n\n{again}".rstrip()

    def finished(self, praise: str, see: str) -> Self:
        """Fill in what a key says to all right answers, and the section that all wrong ones should read."""
        if self.right and not self.message:
            return self.having(message=praise)
        return self.having(see=see) if self.status == "wrong" and not self.see else self

    def having(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return replace(self, **changes)
