"""The time that marking one answer may take."""

from __future__ import annotations

import time

from dlbook.answers.errors import Undecided

SECONDS = 2.0
"""Seconds after which marking gives up. A little of it is left for putting the message together."""


class Clock:
    """A limit of time, asked for wherever work is done.

    It works by being asked, without signals or threads, because the browser has neither.

    Parameters
    ----------
    seconds : float, optional
        How long it runs, in s.

    Examples
    --------
    >>> Clock(5.0).tick()
    """

    def __init__(self, seconds: float = 0.9 * SECONDS) -> None:
        self.end = time.monotonic() + seconds

    def tick(self) -> None:
        """Give up when the time is over.

        Raises
        ------
        Undecided
            When it is.
        """
        if time.monotonic() > self.end:
            raise Undecided(
                "This took too long to compare, so it counts neither as right nor as wrong. "
                "Try a shorter way to write it."
            )
