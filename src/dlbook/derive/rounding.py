"""Decimal results such as 0.5250, which claim that all shown digits are right."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, no_type_check

from .checking import INSTANTIATED, NUMERIC, Outcome, show, values_at
from .sampling import Space
from .tree import Expr, Num


class Rounded(Num):
    r"""A decimal that stands for the exact value rounded to the digits shown.

    >>> rounded("0.5250").tex(), rounded("0.5250").unit == Fraction(1, 10000)
    ('0.5250', True)
    """

    def __init__(self, text: str) -> None:
        super().__init__(Fraction(text), text)
        mantissa, _, power = text.lower().partition("e")
        places = len(mantissa.split(".")[1]) if "." in mantissa else 0
        self.unit = Fraction(10) ** ((int(power) if power else 0) - places)

    def payload(self) -> str:
        """Return number and unit."""
        return f":{self.number}~{self.unit}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Change the last digit, the sign, the size."""
        for kind, x in (
            ("last digit", self.number + self.unit),
            ("last digit", self.number - self.unit),
            ("sign", -self.number),
            ("factor 2", self.number * 2),
            ("factor 10", self.number * 10),
        ):
            if x != self.number:
                yield kind, _with(x, self.unit)


def _with(x: Fraction, unit: Fraction) -> Rounded:
    places = max(0, -_log10(unit))
    made = Rounded(f"{float(x):.{places}f}" if places < 15 else str(float(x)))
    made.number, made.unit = x, unit
    made._key = None
    return made


def _log10(unit: Fraction) -> int:
    n = 0
    while unit < 1:
        unit, n = unit * 10, n - 1
    while unit > 1:
        unit, n = unit / 10, n + 1
    return n


def rounded(text: str) -> Rounded:
    """Return a rounded decimal; write it as text so that trailing zeros count.

    >>> rounded("0.7444").tex()
    '0.7444'
    """
    return Rounded(text)


@no_type_check
def check_rounded(left: Expr, right: Rounded, space: Space) -> Outcome:
    """Check that the left side, at the one point there is, rounds to the decimal."""
    if space.has_choice():
        free = ", ".join(
            v.tex() for v in space.leaves.values() if hasattr(v, "domain") and v.name not in space.given
        )
        return Outcome(False, NUMERIC, f"a decimal needs numbers for all symbols; free are: {free}")
    case = space.cases[0]
    found: Any = values_at(left, case)
    if found.items is None:
        return Outcome(False, NUMERIC, f"the left side has no value: {found.why}")
    mp = case.env().mp
    x, claim = found.items[0], case.env().number(right.number)
    half = case.env().number(right.unit) / 2
    if abs(x - claim) <= half * (1 + mp.mpf(10) ** -30):
        # All symbols have numbers and 50 digits settle where a decimal ends: exact for the listed values.
        return Outcome(True, INSTANTIATED, "1 point: all symbols have values", points=1)
    return Outcome(False, NUMERIC, "wrong digits", case.show(left), show(found, case), right.tex())
