r"""The expression tree: what an author writes, what is printed and what is checked.

SymPy sorts and merges what it is given; a textbook line must stay as its author wrote it. So an expression
is a small tree of `Expr` nodes which keeps order and grouping. From one and the same tree come the LaTeX
(`tex`), the exact meaning (`value` in a SymPy environment), the 50-digit meaning (`value` in an mpmath
environment), the float64 function and the mutants (`mutants`).
"""

from __future__ import annotations

import decimal
import hashlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import sympy as sp

from .errors import DerivationError, ShapeError

# How tightly a node binds when printed: a child that binds less than its place asks for gets brackets.
REL, ADD, NEG, BIG, MUL, POW, ATOM = 0, 1, 2, 3, 4, 5, 6

Converter = Callable[[Any], "Expr"]
_converters: list[tuple[type, Converter]] = []  # other libraries' objects, see `sympy_bridge`


class Expr:
    r"""A node of the tree; the base class of all notation.

    A new notation is a subclass. If it is an abbreviation, `expand` says of what and nothing else is needed:

    >>> from dlbook.derive import Expr, Sum, var
    >>> class Mean(Expr):
    ...     def __init__(self, a, b):
    ...         super().__init__(a, b)
    ...     def tex(self):
    ...         return rf"\overline{{{', '.join(a.tex() for a in self.args)}}}"
    ...     def expand(self):
    ...         return (self.args[0] + self.args[1]) / 2
    >>> a, b = var("a b")
    >>> Mean(a, b).tex()
    '\\overline{a, b}'

    If it is something new, `value` computes it in an environment (`env.value(child)` gives a child's value,
    a SymPy or mpmath number or a matrix of them). A notation that has mistakes of its own (an exponent, a
    limit) yields them from `mutants`.

    Parameters
    ----------
    *args : Expr or number
        The children.
    """

    prec = ATOM
    shape: tuple[Any, ...] = ()

    def __init__(self, *args: Any) -> None:
        self.args: tuple[Expr, ...] = tuple(as_expr(a) for a in args)
        self._key: str | None = None
        self._leaves: dict[str, Expr] | None = None

    # -- structure --
    def payload(self) -> str:
        """Return what tells this node from another with the same children."""
        return ""

    @property
    def key(self) -> str:
        """The structure as text: equal keys mean equal trees."""
        if self._key is None:
            inside = ",".join(a.key for a in self.args)
            self._key = f"{type(self).__name__}{self.payload()}({inside})"
        return self._key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same node over other children."""
        return type(self)(*args)

    def bound(self) -> frozenset[str]:
        """Return the names that this node binds (a summation index)."""
        return frozenset()

    def leaves(self) -> dict[str, Expr]:
        """Return the free symbols and definitions by name, definitions opened."""
        if self._leaves is None:
            found: dict[str, Expr] = {}
            for a in self.parts():
                for name, leaf in a.leaves().items():
                    if name not in self.bound():
                        same = found.setdefault(name, leaf)
                        if same != leaf:
                            raise DerivationError(
                                f"two different symbols are called {name!r}; give one of them another name"
                            )
            self._leaves = found
        return self._leaves

    def parts(self) -> tuple[Expr, ...]:
        """Return all expressions that this node's meaning uses."""
        return self.args

    @property
    def free(self) -> frozenset[str]:
        """The names of `leaves`."""
        if not hasattr(self, "_free"):
            self._free = frozenset(self.leaves())
        return self._free

    def walk(self) -> Iterator[Expr]:
        """Yield this node and all nodes below it."""
        yield self
        for a in self.args:
            yield from a.walk()

    def map(self, change: Callable[[Expr], Expr | None]) -> Expr:
        """Return the tree with `change` applied from the root: a returned node replaces, None goes deeper."""
        new = change(self)
        if new is not None:
            return new
        if not self.args:
            return self
        args = [a.map(change) for a in self.args]
        return self if all(a is b for a, b in zip(args, self.args, strict=True)) else self.rebuild(*args)

    def subs(self, table: dict[Any, Any]) -> Expr:
        """Replace nodes by others; keys are expressions, as displayed."""
        swap = {as_expr(k): as_expr(v) for k, v in table.items()}
        return self.map(swap.get)

    # -- meaning --
    def expand(self) -> Expr:
        """Return what this node abbreviates."""
        raise NotImplementedError(f"{type(self).__name__} needs expand() or value()")

    def value(self, env: Any) -> Any:
        """Return the meaning in an environment."""
        return env.value(self.expand())

    def kinks(self) -> tuple[Expr, ...]:
        """Return the expressions at whose zeros this node changes its formula."""
        return ()

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Yield (kind, wrong version) for the mistakes this very node invites, children excluded."""
        yield from ()

    # -- printing --
    def tex(self) -> str:
        """Return the LaTeX of this node."""
        raise NotImplementedError(f"{type(self).__name__} needs tex()")

    def within(self, prec: int) -> str:
        """Return the LaTeX, in brackets where the place binds more tightly."""
        return self.tex() if self.prec >= prec else rf"\left({self.tex()}\right)"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.tex()}$"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.tex()}>"

    # -- operators --
    def __add__(self, other: Any) -> Expr:
        other = as_expr(other)
        return Add(*self.args, other) if type(self) is Add else Add(self, other)

    def __radd__(self, other: Any) -> Expr:
        return as_expr(other) + self

    def __sub__(self, other: Any) -> Expr:
        return self + Neg(other)

    def __rsub__(self, other: Any) -> Expr:
        return as_expr(other) + Neg(self)

    def __neg__(self) -> Expr:
        return Neg(self)

    def __mul__(self, other: Any) -> Expr:
        other = as_expr(other)
        if type(self) is Neg and type(self.args[0]) is not Neg:
            return Neg(self.args[0] * other)  # -a b means -(a b): print and structure agree
        return Mul(*self.args, other) if type(self) is Mul else Mul(self, other)

    def __rmul__(self, other: Any) -> Expr:
        return as_expr(other) * self

    def __truediv__(self, other: Any) -> Expr:
        if type(self) is Neg and type(self.args[0]) is not Neg:
            return Neg(Div(self.args[0], other))
        return Div(self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return Div(other, self)

    def __pow__(self, other: Any) -> Expr:
        return Pow(self, other)

    def __rpow__(self, other: Any) -> Expr:
        return Pow(other, self)

    def __matmul__(self, other: Any) -> Expr:
        from .matrices import MatMul

        other = as_expr(other)
        return MatMul(*self.args, other) if type(self) is MatMul else MatMul(self, other)

    @property
    def T(self) -> Expr:
        """The transpose."""
        from .matrices import Transpose

        return Transpose(self)

    def __getitem__(self, index: Any) -> Expr:
        raise DerivationError(f"{self.tex()} has no components; declare it with vec, mat or seq")

    __iter__ = None  # without this Python would try indices 0, 1, ... for ever

    def __lt__(self, other: Any) -> Any:
        return _relation(self, "<", other)

    def __le__(self, other: Any) -> Any:
        return _relation(self, "<=", other)

    def __gt__(self, other: Any) -> Any:
        return _relation(self, ">", other)

    def __ge__(self, other: Any) -> Any:
        return _relation(self, ">=", other)

    def __bool__(self) -> bool:
        raise DerivationError("an expression is neither true nor false; compare with eq(a, b) or a <= b")


def _relation(left: Any, rel: str, right: Any) -> Any:
    from .relations import Relation

    return Relation(left, rel, right)


def as_expr(x: Any) -> Expr:
    """Turn a number, a SymPy object or an expression into an expression.

    Floats mean the decimal that is written: 0.1 is 1/10.

    Raises
    ------
    DerivationError
        If `x` is none of these.

    Examples
    --------
    >>> as_expr(0.1)
    <Num 0.1>
    """
    if isinstance(x, Expr):
        return x
    if isinstance(x, bool):
        raise DerivationError("True and False are not numbers here; use indicator(condition)")
    if isinstance(x, int):
        return Num(Fraction(x))
    if isinstance(x, float):
        return Num(Fraction(repr(x)), repr(x))
    if isinstance(x, decimal.Decimal):
        return Num(Fraction(x), str(x))
    if isinstance(x, Fraction):
        return Num(x)
    for kind, convert in _converters:
        if isinstance(x, kind):
            return convert(x)
    if isinstance(x, sp.Basic | sp.MatrixBase):
        from . import sympy_bridge

        return sympy_bridge.from_sympy(x)
    raise DerivationError(
        f"cannot read {x!r} ({type(x).__name__}) as mathematics; expected a number, a symbol from var(), "
        "an expression of these, or a SymPy expression"
    )


def digest_of(text: str) -> str:
    """Return a short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Num(Expr):
    """A number; `text` is how it was written."""

    def __init__(self, number: Fraction | int, text: str | None = None) -> None:
        super().__init__()
        self.number = Fraction(number)
        self.text = text
        self.prec = NEG if self.number < 0 else (ATOM if self.number.denominator == 1 or text else MUL)

    def payload(self) -> str:
        """Return the number."""
        return f":{self.number}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return itself."""
        return self

    def value(self, env: Any) -> Any:
        """Return the number in the environment's own kind."""
        return env.number(self.number)

    def tex(self) -> str:
        """Return the number as written."""
        if self.text is not None:
            if "e" in self.text:
                mantissa, power = self.text.split("e")
                return rf"{mantissa} \cdot 10^{{{int(power)}}}"
            return self.text
        if self.number.denominator == 1:
            return str(self.number)
        sign = "-" if self.number < 0 else ""
        return rf"{sign}\frac{{{abs(self.number.numerator)}}}{{{self.number.denominator}}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Yield the neighbouring whole numbers."""
        if self.number.denominator == 1:
            yield "off by one", Num(self.number + 1)
            if self.number != 1:
                yield "off by one", Num(self.number - 1)
        else:
            yield "inverse", Num(1 / self.number)


def _check_same_shape(args: tuple[Expr, ...], what: str) -> tuple[Any, ...]:
    """Return the common shape or refuse."""
    shape = args[0].shape
    for a in args[1:]:
        if a.shape != shape:
            raise ShapeError(
                f"{what}: {args[0].tex()} has shape {show_shape(shape)}, {a.tex()} has {show_shape(a.shape)}"
            )
    return shape


def show_shape(shape: tuple[Any, ...]) -> str:
    """Return a shape as readers write it."""
    return (
        "1 (a scalar)" if not shape else " x ".join(str(s.tex() if isinstance(s, Expr) else s) for s in shape)
    )


class Add(Expr):
    """A sum, in the order written."""

    prec = ADD

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.shape = _check_same_shape(self.args, "a sum needs equal shapes")

    def value(self, env: Any) -> Any:
        """Add the values."""
        total = env.value(self.args[0])
        for a in self.args[1:]:
            total = total + env.value(a)
        return total

    def tex(self) -> str:
        """Join the terms with their signs."""
        out = self.args[0].within(NEG)
        for a in self.args[1:]:
            if isinstance(a, Neg):
                out += " - " + a.args[0].within(BIG)
            elif isinstance(a, Num) and a.number < 0:
                out += " " + a.tex().replace("-", "- ", 1)
            else:
                out += " + " + a.within(NEG)
        return out

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Flip, double and drop each term."""
        for i, a in enumerate(self.args):
            before, after = self.args[:i], self.args[i + 1 :]
            flipped = a.args[0] if isinstance(a, Neg) else Neg(a)
            yield "sign", Add(*before, flipped, *after)
            yield "factor 2", Add(*before, Num(2) * a, *after)
            rest = before + after
            yield "dropped term", rest[0] if len(rest) == 1 else Add(*rest)


class Neg(Expr):
    """A minus sign before a term."""

    prec = NEG

    def __init__(self, arg: Any) -> None:
        super().__init__(arg)
        self.shape = self.args[0].shape

    def value(self, env: Any) -> Any:
        """Negate."""
        return -env.value(self.args[0])

    def tex(self) -> str:
        """Print the sign."""
        return "-" + self.args[0].within(BIG)

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Lose the sign."""
        yield "sign", self.args[0]


class Mul(Expr):
    """A product, in the order written; at most one factor is a matrix."""

    prec = MUL

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        shapes = [a.shape for a in self.args if a.shape]
        if len(shapes) > 1:
            left, right = [a for a in self.args if a.shape][:2]
            raise ShapeError(
                f"{left.tex()} * {right.tex()}: both are matrices; write A @ B for the matrix product "
                "or had(A, B) for the elementwise one"
            )
        self.shape = shapes[0] if shapes else ()

    def value(self, env: Any) -> Any:
        """Multiply the values."""
        total = env.value(self.args[0])
        for a in self.args[1:]:
            total = total * env.value(a)
        return total

    def tex(self) -> str:
        """Set the factors side by side, with a dot between numbers."""
        out = ""
        last = len(self.args) - 1
        for i, a in enumerate(self.args):
            place = NEG if i == 0 and last > 0 else (BIG if i == last else MUL)
            part = a.within(MUL if isinstance(a, Num) and i > 0 else place)
            if a.prec == BIG and i < last:
                part = rf"\left({a.tex()}\right)"
            dot = r" \cdot " if part[:1].isdigit() or (isinstance(a, Num) and i > 0) else " "
            out = out + dot + part if out else part
        return out

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Drop and invert each factor."""
        for i, a in enumerate(self.args):
            rest = self.args[:i] + self.args[i + 1 :]
            less = rest[0] if len(rest) == 1 else Mul(*rest)
            if less.shape == self.shape:
                yield "dropped factor", less
            if not a.shape and not isinstance(a, Num):
                yield "inverse", Mul(*self.args[:i], Div(1, a), *self.args[i + 1 :])


class Div(Expr):
    """A fraction."""

    prec = MUL

    def __init__(self, top: Any, bottom: Any) -> None:
        super().__init__(top, bottom)
        if self.args[1].shape:
            raise ShapeError(f"division by the matrix {self.args[1].tex()}; write inv(A) @ B")
        self.shape = self.args[0].shape

    def value(self, env: Any) -> Any:
        """Divide; 0 in the denominator has no value."""
        return env.divide(env.value(self.args[0]), env.value(self.args[1]))

    def tex(self) -> str:
        """Print a fraction."""
        return rf"\frac{{{self.args[0].tex()}}}{{{self.args[1].tex()}}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Turn the fraction over, or lose its denominator."""
        top, bottom = self.args
        if not top.shape:
            yield "inverse", Div(bottom, top)
        yield "dropped factor", top


class Pow(Expr):
    """A power."""

    prec = POW

    def __init__(self, base: Any, exponent: Any) -> None:
        super().__init__(base, exponent)
        if any(a.shape for a in self.args):
            raise ShapeError(f"power of a matrix: {self.args[0].tex()}; write A @ A or had(A, A)")

    def value(self, env: Any) -> Any:
        """Raise to the power; only real powers have a value."""
        exponent = self.args[1]
        fixed = exponent.number if isinstance(exponent, Num) else None
        return env.power(env.value(self.args[0]), env.value(exponent), fixed)

    def tex(self) -> str:
        """Print base and raised exponent."""
        base, exponent = self.args
        shown = base.within(ATOM)
        if "^" in shown and not shown.startswith(r"\left("):
            shown = rf"\left({shown}\right)"
        return rf"{shown}^{{{exponent.tex()}}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Shift the exponent and lose it."""
        base, exponent = self.args
        if isinstance(exponent, Num):
            yield "exponent", Pow(base, Num(exponent.number + 1))
            lower = exponent.number - 1
            yield "exponent", base if lower == 1 else Pow(base, Num(lower)) if lower != 0 else Num(1)
            yield "exponent", Pow(base, Num(-exponent.number))
        else:
            yield "exponent", Pow(base, exponent + 1)
            yield "exponent", Pow(base, exponent - 1)
            yield "exponent", Pow(base, Neg(exponent))
