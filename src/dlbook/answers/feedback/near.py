"""Intervals around a right number: what is right, what is nearly so, and what went wrong elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dlbook.answers.tables import NUMERALS
from dlbook.answers.verdict import Verdict

_SLACK = 1 + 1e-9  # 0.745 is within half a unit of 0.7445, though not in binary
MOST_DIGITS = 15


@dataclass(frozen=True)
class Band:
    """Numbers between two ends that lead to one verdict.

    Parameters
    ----------
    low, high : float
        The ends.
    verdict : Verdict
        What to say.
    closed : bool, optional
        Whether the ends belong.
    digits : int, optional
        Only for numbers typed with just as many significant digits; 0 for all.
    """

    low: float
    high: float
    verdict: Verdict
    closed: bool = True
    digits: int = 0


@dataclass(frozen=True)
class Precision:
    """How exact a number has to be.

    Parameters
    ----------
    digits : int
        Significant digits, if no tolerance is given.
    relative, absolute : float or None
        Tolerances; the wider one holds.
    integer : bool
        Exact.
    """

    digits: int = 3
    relative: float | None = None
    absolute: float | None = None
    integer: bool = False

    def tolerance(self, value: float, fewer: int = 0) -> float:
        """Tell how far from a value an answer may be, with some digits fewer than asked for."""
        if self.integer:
            return 0.0
        if self.relative is None and self.absolute is None:
            digits = max(self.digits - fewer, min(2, self.digits))
            return half_unit(value, digits) if value else 0.5 * 10.0**-self.digits
        return max((self.relative or 0.0) * abs(value), self.absolute or 0.0)

    def asked(self, value: float) -> int:
        """Tell how many significant digits an answer needs."""
        tolerance = self.tolerance(value)
        enough = (d for d in range(1, MOST_DIGITS) if half_unit(value, d) <= tolerance * _SLACK)
        return next(enough, MOST_DIGITS) if value else 1


def half_unit(value: float, digits: int) -> float:
    """Give half a unit of the last of some significant digits.

    Examples
    --------
    >>> half_unit(0.744, 3)
    0.0005
    """
    return float(f"5e{math.floor(math.log10(abs(value))) - digits}")


def around(value: float, width: float, verdict: Verdict, digits: int = 0) -> Band:
    """Make the band of all numbers that are no further from a value than a width."""
    width *= _SLACK
    return Band(value - width, value + width, verdict, True, digits)


def too_few_digits(value: float, precision: Precision) -> Iterator[Band]:
    """Make the bands of the right value with fewer digits than are asked for."""
    if precision.integer:
        yield from _rounded(value)
        return
    asked = precision.asked(value)
    number = NUMERALS[asked] if asked < len(NUMERALS) else str(asked)
    for digits in range(1, asked if value else 1):
        # A single digit may as well be a wrong result that is exact.
        so_far = "Right so far, but" if digits > 1 else "If this is rounded, it is right so far;"
        message = f"{so_far} give {number} significant digits."
        yield around(value, half_unit(value, digits), Verdict("almost", message, "generic-digits"), digits)


def _rounded(value: float) -> Iterator[Band]:
    """Make the bands of a large whole number that was rounded."""
    message = "This is rounded; the exact whole number is asked for."
    for digits in range(2, len(f"{abs(value):.0f}".rstrip("0"))):
        yield around(value, half_unit(value, digits), Verdict("almost", message, "generic-digits"), digits)


def neighbours(value: float, precision: Precision) -> Iterator[Band]:
    """Make the bands close to the right value."""
    if precision.integer:
        message = "This is off by one. If something is counted, look at both ends, and count nothing twice."
        for other in (value - 1, value + 1):
            yield around(other, 0.0, Verdict("wrong", message, "generic-off-by-one"))
        whole = Verdict("almost", "The answer is a whole number.", "generic-whole")
        yield Band(value - 1, value + 1, whole, closed=False)
    else:
        message = "Close, but not to the digits asked for: keep more digits on the way, and round at the end."
        verdict = Verdict("almost", message, "generic-rounding")
        yield around(value, 3 * precision.tolerance(value), verdict)
        for digits in range(2, precision.asked(value)):
            yield around(value, 2 * half_unit(value, digits), verdict, digits)  # cut off, and too early


def prefixes(value: float, precision: Precision) -> Iterator[Band]:
    """Make the bands of a value in units of 1024 where 1000 is meant, or the reverse."""
    verdict = Verdict("wrong", MESSAGES["thousand"], "generic-thousand")
    for power in (1, -1, 2, -2, 3, -3):
        other = value * 1.024**power
        yield around(other, precision.tolerance(other), verdict)


def elsewhere(value: float, precision: Precision, unit: str, *, logs: bool = True) -> Iterator[Band]:
    """Make the bands of what usually goes wrong with any number, what tells most first."""
    if not value:
        return
    for other, mistake in _slips(value, unit, precision.integer):
        if mistake == "log-base" and not logs:
            continue
        width = 0.0 if precision.integer and other == int(other) else _width(other, value, precision)
        yield around(other, width, Verdict("wrong", MESSAGES[mistake], f"generic-{mistake}"))


MESSAGES = {
    "sign": "The size is right; look at the sign.",
    "percent": "This is off by a factor of a hundred: per cent, or a fraction of one?",
    "complement": "Do you have the other of two cases? Read again which of them is asked for.",
    "factor-2": "There is a factor of 2 too many or too few.",
    "inverse": "This is upside down: check what is divided by what.",
    "log-base": "Check the base of the logarithm: without a word on it, it is the natural one.",
    "thousand": "Check the prefix: k is 1000 and Ki is 1024, and so on.",
    "power-of-ten": "The digits are right, the power of ten is not: check the units and the decimal point.",
}


def _slips(value: float, unit: str, integer: bool) -> Iterator[tuple[float, str]]:
    """List what the value becomes by each slip."""
    yield -value, "sign"
    if unit in ("", "%") and not integer:
        yield from ((100 * value, "percent"), (value / 100, "percent"))
    whole = 100.0 if unit == "%" else 1.0
    if 0 < value < whole and unit in ("", "%"):
        yield whole - value, "complement"
    yield from ((2 * value, "factor-2"), (value / 2, "factor-2"))
    if not integer:
        yield 1 / value, "inverse"
        for base in (2.0, 10.0):
            yield from ((value * math.log(base), "log-base"), (value / math.log(base), "log-base"))
    yield from ((value * 10.0**k, "power-of-ten") for k in (1, -1, 2, -2, 3, -3, 6, -6, 9, -9))


def _width(other: float, value: float, precision: Precision) -> float:
    """Tell how far from a wrong value an answer may be to be taken for it; a digit may be missing."""
    if precision.integer:
        return abs(other) * 1e-9
    if precision.relative is None and precision.absolute is None:
        return precision.tolerance(other, fewer=1)
    return precision.tolerance(value) * max(1.0, abs(other / value))
