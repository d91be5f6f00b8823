"""Where a symbol lives: how it prints, how it is sampled, and what SymPy may assume of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

# How one sampled point draws its values. "grid" makes small integers meet the kinks (u = 0) exactly.
STYLES = ("grid", "mid", "mixed", "grid", "small", "mixed", "large", "mid")


def _magnitude(rng: random.Random, style: str) -> Fraction:
    """Draw a positive size of the given style as a dyadic fraction, so that sums stay exact."""
    if style == "mixed":
        style = rng.choice(("mid", "mid", "small", "large", "grid"))
    if style == "small":
        return Fraction(rng.randint(1, 63), 2**14)
    if style == "tiny":
        return Fraction(rng.randint(1, 63), 2 ** rng.randint(24, 40))
    if style == "huge":
        return Fraction(rng.randint(1, 63) * 2 ** rng.randint(8, 40))
    if style == "large":
        return Fraction(rng.randint(6 * 64, 24 * 64), 64)
    if style == "grid":
        return Fraction(rng.choice((1, 1, 2, 3)), rng.choice((1, 1, 2)))
    return Fraction(rng.randint(16, 255), 128)


@dataclass(frozen=True)
class Domain:
    r"""A set of real numbers given by its bounds; `None` means unbounded.

    Parameters
    ----------
    low, high : Fraction or None
        The bounds.
    low_open, high_open : bool
        Whether a bound is left out.
    nonzero : bool
        Whether 0 is left out.
    integer : bool
        Whether only whole numbers belong to it.

    Examples
    --------
    >>> POSITIVE.tex("s")
    's > 0'
    >>> Fraction(0) in POSITIVE
    False
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = True
    high_open: bool = True
    nonzero: bool = False
    integer: bool = False

    def __contains__(self, x: Any) -> bool:
        if self.integer and x != int(x):
            return False
        if self.nonzero and x == 0:
            return False
        if self.low is not None and (x < self.low or (self.low_open and x == self.low)):
            return False
        return not (self.high is not None and (x > self.high or (self.high_open and x == self.high)))

    def tex(self, name: str) -> str:
        """Return the domain as a statement about `name`."""
        parts = []
        if self.integer:
            parts.append(rf"{name} \in \mathbb{{Z}}")
        if self.low is not None and self.high is not None:
            left = "(" if self.low_open else "["
            right = ")" if self.high_open else "]"
            parts.append(rf"{name} \in {left}{self.low}, {self.high}{right}")
        elif self.low is not None:
            parts.append(name + (" > " if self.low_open else r" \ge ") + str(self.low))
        elif self.high is not None:
            parts.append(name + (" < " if self.high_open else r" \le ") + str(self.high))
        if self.nonzero:
            parts.append(rf"{name} \ne 0")
        return r",\ ".join(parts) if parts else rf"{name} \in \mathbb{{R}}"

    def sample(self, rng: random.Random, style: str) -> Fraction:
        """Draw one member; bounds that belong to the set are drawn on purpose."""
        for _ in range(200):
            x = self._draw(rng, style)
            if x in self:
                return x
        raise ValueError(f"no member of the domain found: {self}")

    def _draw(self, rng: random.Random, style: str) -> Fraction:
        if self.integer:
            low = int(self.low) if self.low is not None else -6
            high = int(self.high) if self.high is not None else max(low, 0) + 6
            if style in ("large", "huge"):  # what holds for |k| <= 6 need not hold for all
                low -= 30 if self.low is None else 0
                high += 30 if self.high is None else 0
            return Fraction(rng.randint(low, high))
        if self.low is not None and self.high is not None:
            width = self.high - self.low
            if rng.random() < 0.15:
                return rng.choice((self.low, self.high))
            if style == "small":
                near = width * Fraction(rng.randint(1, 31), 2**12)
                return rng.choice((self.low + near, self.high - near))
            return self.low + width * Fraction(rng.randint(1, 63), 64)
        if rng.random() < (0.3 if style == "grid" else 0.1):
            edge = self.low if self.low is not None else self.high
            return edge if edge is not None else Fraction(0)
        size = _magnitude(rng, style)
        if self.low is not None:
            return self.low + size
        if self.high is not None:
            return self.high - size
        return rng.choice((1, -1)) * size

    def exact(self, name: str) -> sp.Expr:
        """Return a SymPy expression that runs through the inside of the domain as its symbols run free."""
        if self.integer:
            low_bound = None if self.low is None else self.low
            return sp.Symbol(
                name,
                integer=True,
                positive=True if low_bound is not None and low_bound >= 1 else None,
                nonnegative=True if low_bound is not None and low_bound >= 0 else None,
            )
        if self.low is not None and self.high is not None:
            # p = low + width u/(1+u) with u > 0 lets SymPy see that p - low and high - p are positive.
            u = sp.Symbol(name, positive=True)
            width = sp.Rational(self.high - self.low)
            return sp.Rational(self.low) + width * u / (1 + u)
        if self.low is not None:
            return sp.Rational(self.low) + sp.Symbol(name, **_sign(self.low_open))
        if self.high is not None:
            return sp.Rational(self.high) - sp.Symbol(name, **_sign(self.high_open))
        return sp.Symbol(name, real=True, **({"nonzero": True} if self.nonzero else {}))


def _sign(is_open: bool) -> dict[str, bool]:
    return {"positive": True} if is_open else {"nonnegative": True}


@dataclass(frozen=True)
class Finite(Domain):
    r"""A finite set of numbers, such as the labels {0, 1}.

    Parameters
    ----------
    values : tuple of Fraction
        The members.

    Examples
    --------
    >>> BINARY.tex("y")
    'y \\in \\{0, 1\\}'
    """

    values: tuple[Fraction, ...] = ()

    def __contains__(self, x: Any) -> bool:
        return x in self.values

    def tex(self, name: str) -> str:
        """Return the domain as a statement about `name`."""
        return rf"{name} \in \{{{', '.join(map(str, self.values))}\}}"

    def sample(self, rng: random.Random, style: str) -> Fraction:
        """Draw one member."""
        return rng.choice(self.values)

    def exact(self, name: str) -> sp.Expr:
        """Return a symbol; a statement proved for all reals holds on the set."""
        return sp.Symbol(name, real=True)


@dataclass(frozen=True)
class Simplex(Domain):
    r"""The entries of a vector that are positive and add to 1.

    Examples
    --------
    >>> SIMPLEX.tex("p")
    'p_i > 0,\\ \\sum_i p_i = 1'
    """

    onehot: bool = False
    by_row: bool = False

    def tex(self, name: str) -> str:
        """Return the domain as a statement about `name`."""
        if self.onehot:
            return rf"{name} \text{{ one-hot{' in each row' if self.by_row else ''}}}"
        if self.by_row:
            return rf"{name}_{{ij}} > 0,\ \sum_j {name}_{{ij}} = 1"
        return rf"{name}_i > 0,\ \sum_i {name}_i = 1"


def interval(low: int | Fraction, high: int | Fraction, closed: bool = False) -> Domain:
    """Return the interval between two numbers, open unless `closed`.

    >>> Fraction(1, 2) in interval(0, 1)
    True
    """
    return Domain(Fraction(low), Fraction(high), not closed, not closed)


REAL = Domain()
POSITIVE = Domain(low=Fraction(0))
NONNEGATIVE = Domain(low=Fraction(0), low_open=False)
NEGATIVE = Domain(high=Fraction(0))
NONZERO = Domain(nonzero=True)
UNIT = interval(0, 1)
INTEGER = Domain(integer=True)
NATURAL = Domain(low=Fraction(1), low_open=False, integer=True)
BINARY = Finite(values=(Fraction(0), Fraction(1)))
SIMPLEX = Simplex()
ONEHOT = Simplex(onehot=True)
SIMPLEX_ROWS = Simplex(by_row=True)
ONEHOT_ROWS = Simplex(onehot=True, by_row=True)
