"""Exceptions of the derivation engine."""

from __future__ import annotations


class DerivationError(Exception):
    """A derivation, a step or an expression was refused; the message says what, why and what to do.

    Examples
    --------
    >>> raise DerivationError("step 2: both sides are the same expression")
    Traceback (most recent call last):
    ...
    dlbook.derive.errors.DerivationError: step 2: both sides are the same expression
    """


class ShapeError(DerivationError):
    """Matrix sizes do not fit."""


class UndefinedError(Exception):
    """An expression has no real value at a point (log of 0, division by 0, slope at a kink)."""


class TimeUp(BaseException):
    """The time limit of a check has passed."""


# What an attempt at an exact proof may end in without having decided anything.
GAVE_UP = (
    TimeUp,
    UndefinedError,
    RecursionError,
    NotImplementedError,
    ValueError,
    TypeError,
    AttributeError,
)
