"""Numbers as they are typed."""

from __future__ import annotations

from fractions import Fraction

from dlbook.answers.errors import Unreadable
from dlbook.answers.tree import Span

_DIGITS = 100
_EXPONENT = 300


def value(text: str, span: Span | None = None) -> tuple[Fraction, int, bool]:
    """Give a number's value, its significant digits, and whether it has neither point nor exponent.

    Parameters
    ----------
    text : str
        Digits with at most one point and one exponent.
    span : tuple of int, optional
        Where it stood.

    Returns
    -------
    tuple
        The fields of :class:`dlbook.answers.tree.Number`.

    Raises
    ------
    Unreadable
        If it is larger or longer than any answer; the power of ten is never worked out then.

    Examples
    --------
    >>> value("0.50")
    (Fraction(1, 2), 2, False)
    """
    plain = text.replace("_", "").lower()
    mantissa, _, exponent = plain.partition("e")
    if len(mantissa) > _DIGITS or len(exponent) > 6 or abs(int(exponent or 0)) > _EXPONENT:
        raise Unreadable("This number is too long, too large or too close to zero to be an answer.", span)
    significant = mantissa.replace(".", "").lstrip("0")
    if not significant:
        significant = mantissa.partition(".")[2] or "0"
    return Fraction(plain), len(significant), mantissa == plain and "." not in plain
