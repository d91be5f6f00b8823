"""A fast exact zero test: the expression as a fraction of polynomials in its symbols and opaque functions."""

from __future__ import annotations

from math import lcm
from typing import Any, no_type_check

import sympy as sp
from sympy.polys.rings import ring


class _Fraction:
    """num / product of factors; the factors are kept apart, so that sums find their common denominator."""

    __slots__ = ("den", "num")

    def __init__(self, num: Any, den: dict[Any, int]) -> None:
        self.num, self.den = num, den

    @no_type_check
    def __add__(self, other):
        den = dict(self.den)
        for f, k in other.den.items():
            den[f] = max(den.get(f, 0), k)
        total = 0
        for part in (self, other):
            num = part.num
            for f, k in den.items():
                missing = k - part.den.get(f, 0)
                if missing:
                    num = num * f**missing
            total = total + num
        return _Fraction(total, den)

    @no_type_check
    def __mul__(self, other):
        den = dict(self.den)
        for f, k in other.den.items():
            den[f] = den.get(f, 0) + k
        return _Fraction(self.num * other.num, den)

    @no_type_check
    def power(self, n):
        """Return a whole power."""
        if n >= 0:
            return _Fraction(self.num**n, {f: k * n for f, k in self.den.items()})
        top = self.num.ring.one
        for f, k in self.den.items():
            top = top * f ** (k * -n)
        if not self.num:
            raise ZeroDivisionError
        # Factors that are one generator (an exponential) are split off, so that they cancel.
        den: dict[Any, int] = {}
        content = self.num
        for g in self.num.ring.gens:
            low = min(m[self.num.ring.gens.index(g)] for m in content.itermonoms())
            if low:
                den[g] = low * -n
                content = content.quo(g**low)
        den[content] = den.get(content, 0) - n
        return _Fraction(top, den)


class _Reader:
    """Reads a SymPy expression into a fraction."""

    def __init__(self, e: sp.Expr) -> None:
        self.atoms: dict[sp.Expr, int] = {}
        self.scales: dict[sp.Expr, int] = {}
        self.terms: dict[sp.Expr, list[tuple[sp.Expr, sp.Rational]]] = {}
        self._collect(e)
        names = [f"a{k}" for k in range(len(self.atoms) + len(self.scales))]
        self.ring, *gens = ring(names or ["a0"], sp.QQ)
        self.gens = list(gens)
        self.where = {x: k for k, x in enumerate([*self.atoms, *(("exp", r) for r in self.scales)])}

    @no_type_check
    def _canonical(self, e):
        return e.func(*(sp.expand(a) for a in e.args)) if e.args else e

    @no_type_check
    def _exp_terms(self, e):
        if e not in self.terms:
            out = []
            for t in sp.Add.make_args(sp.expand(e.args[0])):
                c, rest = t.as_coeff_Mul()
                out.append((rest, c) if c.is_Rational else (t, sp.S.One))
            self.terms[e] = out
        return self.terms[e]

    @no_type_check
    def _collect(self, e):
        if e.is_Rational:
            return
        if e.is_Add or e.is_Mul or (e.is_Pow and e.exp.is_Integer):
            for a in e.args[:1] if e.is_Pow else e.args:
                self._collect(a)
            return
        if isinstance(e, sp.exp):
            for rest, c in self._exp_terms(e):
                self.scales[rest] = lcm(self.scales.get(rest, 1), int(c.q))
            return
        self.atoms.setdefault(self._canonical(e), 0)

    @no_type_check
    def read(self, e):
        """Return the fraction."""
        if e.is_Rational:
            return _Fraction(self.ring.ground_new(sp.QQ(int(e.p), int(e.q))), {})
        if e.is_Add:
            total = self.read(e.args[0])
            for a in e.args[1:]:
                total = total + self.read(a)
            return total
        if e.is_Mul:
            total = self.read(e.args[0])
            for a in e.args[1:]:
                total = total * self.read(a)
            return total
        if e.is_Pow and e.exp.is_Integer:
            return self.read(e.base).power(int(e.exp))
        if isinstance(e, sp.exp):
            total = _Fraction(self.ring.one, {})
            for rest, c in self._exp_terms(e):
                n = int(c * self.scales[rest])
                g = self.gens[self.where[("exp", rest)]]
                total = total * (_Fraction(g**n, {}) if n >= 0 else _Fraction(self.ring.one, {g: -n}))
            return total
        return _Fraction(self.gens[self.where[self._canonical(e)]], {})


def is_zero_fraction(e: sp.Expr) -> bool:
    """Return True if the expression is zero as a fraction of polynomials; False means: not shown.

    >>> x, y = sp.symbols("x y")
    >>> is_zero_fraction(1 / (1 + sp.exp(-x)) - sp.exp(x) / (1 + sp.exp(x)))
    True
    """
    try:
        reader = _Reader(e)
        return not reader.read(e).num
    except ZeroDivisionError:
        return False
