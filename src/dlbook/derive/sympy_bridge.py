"""SymPy expressions as trees, so that an author (or a reader's answer) may bring one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from . import functions as fn
from .constants import e as euler
from .constants import oo, pi
from .domains import NEGATIVE, NONNEGATIVE, NONZERO, POSITIVE, REAL, Domain
from .errors import DerivationError
from .functions import FUNCTIONS, Call
from .matrices import Cells
from .nodes import Cases, Diff, Extreme, Integral, Kronecker, Prod, Sum
from .relations import Relation
from .symbols import Index, Var
from .tree import Add, Div, Expr, Mul, Neg, Num, Pow

_FUNCTIONS = {
    sp.exp: "exp", sp.log: "log", sp.tanh: "tanh", sp.Abs: "abs", sp.sign: "sign", sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan", sp.sinh: "sinh", sp.cosh: "cosh", sp.atan: "atan", sp.asin: "asin", sp.acos: "acos",
    sp.erf: "erf", sp.floor: "floor", sp.ceiling: "ceil", sp.gamma: "gamma", sp.factorial: "factorial",
    fn.relu: "relu", fn.step: "step",
}  # fmt: skip
_RELATIONS: dict[type, str] = {
    sp.StrictGreaterThan: ">", sp.GreaterThan: ">=", sp.StrictLessThan: "<", sp.LessThan: "<=",
    sp.Equality: "=", sp.Unequality: "!=",
}  # fmt: skip


def domain_of(s: sp.Symbol) -> Domain:
    """Return the domain that a SymPy symbol's assumptions state."""
    whole = bool(s.is_integer)
    if s.is_positive:
        return Domain(Fraction(1), None, False, True, integer=True) if whole else POSITIVE
    if s.is_negative:
        return Domain(None, Fraction(-1), True, False, integer=True) if whole else NEGATIVE
    if s.is_nonnegative:
        return Domain(Fraction(0), None, False, True, integer=True) if whole else NONNEGATIVE
    if whole:
        return Domain(integer=True)
    return NONZERO if s.is_nonzero else REAL


def from_sympy(x: Any, table: dict[Any, Expr] | None = None) -> Expr:
    r"""Return a SymPy expression as a tree; unknown symbols become variables with the same assumptions.

    Raises
    ------
    DerivationError
        If SymPy's object has no counterpart here.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> from_sympy(x / 2).tex()
    '\\frac{x}{2}'
    """
    return _convert(sp.sympify(x), table if table is not None else {})


def _convert(x: Any, table: dict[Any, Expr]) -> Expr:
    if x in table:
        return table[x]
    if isinstance(x, sp.Rational):
        return Num(Fraction(int(x.p), int(x.q)))
    if isinstance(x, sp.Float):
        return Num(Fraction(str(x)), str(x))
    if x in (sp.pi, sp.E, sp.oo):
        return {sp.pi: pi, sp.E: euler, sp.oo: oo}[x]
    if x == -sp.oo:
        return Neg(oo)
    if isinstance(x, sp.MatrixBase):
        return Cells([[_convert(x[i, j], table) for j in range(x.cols)] for i in range(x.rows)])
    if isinstance(x, sp.Symbol):
        table[x] = Var(x.name, domain_of(x))
        return table[x]
    if isinstance(x, sp.Indexed):
        base = table.setdefault(x.base, Var(str(x.base.label), REAL, (), None, ndim=len(x.indices)))
        return base[tuple(_convert(i, table) for i in x.indices)]
    if isinstance(x, sp.Add):
        return _sum(x, table)
    if isinstance(x, sp.Mul):
        return _product(x, table)
    if isinstance(x, sp.Pow):
        return _power(x, table)
    if isinstance(x, sp.exp):
        return Call(FUNCTIONS["exp"], _convert(x.args[0], table))
    if isinstance(x, sp.Heaviside):
        u = _convert(x.args[0], table)
        return Cases((1, u > 0), (_convert(x.args[1], table), Relation(u, "=", 0)), (0, None))
    if isinstance(x, sp.Max | sp.Min):
        return Extreme("max" if isinstance(x, sp.Max) else "min", *(_convert(a, table) for a in x.args))
    if isinstance(x, sp.Piecewise):
        return _piecewise(x, table)
    if isinstance(x, sp.KroneckerDelta):
        return Kronecker(*(_convert(a, table) for a in x.args))
    if isinstance(x, sp.Sum | sp.Product | sp.Integral):
        return _over(x, table)
    if isinstance(x, sp.Derivative):
        out = _convert(x.args[0], table)
        for v, count in x.variable_count:
            out = Diff(out, _convert(v, table), int(count))
        return out
    for kind, name in _FUNCTIONS.items():
        if isinstance(x, kind):
            return Call(FUNCTIONS[name], _convert(x.args[0], table))
    if isinstance(x, sp.core.function.AppliedUndef) and len(x.args) == 1:
        return fn.func(type(x).__name__)(_convert(x.args[0], table))
    raise DerivationError(f"SymPy's {type(x).__name__} ({x}) has no counterpart in a derivation; rewrite it")


def _sum(x: sp.Expr, table: dict[Any, Expr]) -> Expr:
    terms: list[Expr] = []
    for a in x.args:
        c, rest = a.as_coeff_Mul()
        if c.is_Rational and c < 0:
            terms.append(Neg(_convert(-c * rest, table)))
        else:
            terms.append(_convert(a, table))
    return Add(*terms)


def _product(x: sp.Expr, table: dict[Any, Expr]) -> Expr:
    c, rest = x.as_coeff_Mul()
    if c.is_Rational and c < 0:
        return Neg(_convert(-c * rest, table))
    top, bottom = sp.fraction(x, exact=True)
    if bottom != 1:
        return Div(_convert(top, table), _convert(bottom, table))
    return Mul(*(_convert(a, table) for a in x.args))


def _power(x: sp.Expr, table: dict[Any, Expr]) -> Expr:
    base, exponent = x.args
    if base == sp.E:
        return Call(FUNCTIONS["exp"], _convert(exponent, table))
    if exponent == sp.S.Half:
        return Call(FUNCTIONS["sqrt"], _convert(base, table))
    if exponent.is_Rational and exponent < 0:
        return Div(1, _convert(base ** (-exponent), table))
    return Pow(_convert(base, table), _convert(exponent, table))


def _piecewise(x: sp.Expr, table: dict[Any, Expr]) -> Expr:
    branches: list[tuple[Expr, Relation | None]] = []
    for value, condition in x.args:
        if condition == sp.true:
            branches.append((_convert(value, table), None))
            break
        if type(condition) not in _RELATIONS:
            raise DerivationError(f"the condition {condition} is too complex; use one comparison per case")
        sides = (_convert(condition.lhs, table), _convert(condition.rhs, table))
        branches.append((_convert(value, table), Relation(sides[0], _RELATIONS[type(condition)], sides[1])))
    return Cases(*branches)


def _over(x: Any, table: dict[Any, Expr]) -> Expr:
    if len(x.limits) != 1 or len(x.limits[0]) != 3:
        raise DerivationError(f"{x}: give one variable with two limits per sum or integral")
    v, low, high = x.limits[0]
    inner = dict(table)
    bounds = (_convert(low, table), _convert(high, table))
    if isinstance(x, sp.Integral):
        t = Var(v.name)
        inner[v] = t
        return Integral(_convert(x.args[0], inner), (t, *bounds))
    i = Index(v.name, *bounds)
    inner[v] = i
    body = _convert(x.args[0], inner)
    table.update({k: w for k, w in inner.items() if k != v})
    return (Sum if isinstance(x, sp.Sum) else Prod)(body, i)
