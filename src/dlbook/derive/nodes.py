r"""Notation that a textbook needs and SymPy lacks, or prints in its own order: sums, derivatives, cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .dense import Dense
from .errors import DerivationError, UndefinedError
from .functions import exp
from .jets import Jet, primal
from .relations import Relation
from .symbols import Def, Elem, Entry, Index, Var
from .tree import ADD, ATOM, BIG, MUL, Add, Expr, Num, as_expr


class _Big(Expr):
    """A sum or product over an index."""

    prec = BIG
    sign = ""

    def __init__(self, term: Any, over: Any, low: Any = None, high: Any = None) -> None:
        if isinstance(over, tuple):
            over, low, high = over
        if not isinstance(over, Index):
            raise DerivationError(f"a sum runs over an index; make one with index('i', n), got {over!r}")
        super().__init__(term, over.low if low is None else low, over.high if high is None else high)
        self.index = over
        self.shape = self.args[0].shape

    def payload(self) -> str:
        """Return the index name."""
        return f":{self.index.name}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same over other terms or limits."""
        return type(self)(args[0], self.index, args[1], args[2])

    def bound(self) -> frozenset[str]:
        """Return the index name."""
        return frozenset({self.index.name})

    def values(self, env: Any) -> Iterator[Any]:
        """Yield the terms' values."""
        term, low, high = self.args
        for inner in env.over(self.index, range(env.integer(low), env.integer(high) + 1)):
            yield inner.value(term)

    def tex(self) -> str:
        """Print sign, limits and term."""
        term, low, high = self.args
        body = term.tex() if term.prec >= BIG else rf"\left({term.tex()}\right)"
        return rf"{self.sign}_{{{self.index.tex()}={low.tex()}}}^{{{high.tex()}}} {body}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Shift each limit by one."""
        term, low, high = self.args
        for shift in (1, -1):
            yield "off-by-one limit", type(self)(term, self.index, _shifted(low, shift), high)
            yield "off-by-one limit", type(self)(term, self.index, low, _shifted(high, shift))


def _shifted(limit: Expr, shift: int) -> Expr:
    """Return limit + shift, tidily printed."""
    if isinstance(limit, Num):
        return Num(limit.number + shift)
    return limit + shift if shift > 0 else limit - (-shift)


class Sum(_Big):
    r"""A sum over an index; an empty range gives 0.

    >>> from dlbook.derive import index, size, vec
    >>> n = size("n"); i = index("i", n); x = vec("x", n)
    >>> Sum(x[i], i).tex()
    '\\sum_{i=1}^{n} x_{i}'
    """

    sign = r"\sum"

    def value(self, env: Any) -> Any:
        """Add the terms."""
        terms = list(self.values(env))
        if not terms:
            zero = env.number(Num(0).number)
            if not self.shape:
                return zero
            m, n = env.shape(self)
            return Dense([[zero] * n for _ in range(m)])
        total = terms[0]
        for t in terms[1:]:
            total = total + t
        return total


class Prod(_Big):
    r"""A product over an index; an empty range gives 1.

    >>> from dlbook.derive import index, seq
    >>> Prod(seq("f")[index("t", 4)], index("t", 4)).tex()
    '\\prod_{t=1}^{4} f_{t}'
    """

    sign = r"\prod"

    def value(self, env: Any) -> Any:
        """Multiply the terms, in order."""
        total = None
        for t in self.values(env):
            total = t if total is None else (total @ t if isinstance(t, Dense) else total * t)
        return env.number(Num(1).number) if total is None else total


class Diff(Expr):
    r"""A derivative of an expression in a symbol, a component, a vector, a matrix or a named expression.

    In a named expression (`define`) the name is held: Diff(L, y_hat) moves y_hat and nothing before it. By a
    vector or matrix the result has its shape (gradient); a column vector by a column vector gives the
    Jacobian.

    Parameters
    ----------
    body : Expr
        What is differentiated.
    wrt : Var, Def, or component
        In what.
    order : int
        How often.
    d : bool
        Print d instead of a curly one.

    Examples
    --------
    >>> from dlbook.derive import define, var
    >>> w = var("w12"); L = define("L", w**2)
    >>> Diff(L, w).tex()
    '\\frac{\\partial L}{\\partial w_{12}}'
    """

    prec = MUL

    def __init__(self, body: Any, wrt: Any, order: int = 1, d: bool = False) -> None:
        super().__init__(body)
        self.wrt, self.order, self.d = as_expr(wrt), order, d
        held = self.wrt.args[0] if isinstance(self.wrt, Entry) else self.wrt
        if not isinstance(held, Var | Def | Elem):
            raise DerivationError(f"cannot differentiate in {self.wrt.tex()}; give it a name with define()")
        rows = self.args[0].shape
        self.shape = (
            self.wrt.shape if not rows else (rows if not self.wrt.shape else (rows[0], self.wrt.shape[0]))
        )

    def payload(self) -> str:
        """Return variable and order."""
        return f":{self.wrt.key}^{self.order}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the derivative of something else."""
        return Diff(args[0], self.wrt, self.order, self.d)

    def parts(self) -> tuple[Expr, ...]:
        """Return body and variable."""
        return (*self.args, self.wrt)

    def value(self, env: Any) -> Any:
        """Differentiate: SymPy's diff in an exact environment, jets in a numeric one."""
        return env.derivative(self.args[0], self.wrt, self.order)

    def tex(self) -> str:
        """Print a fraction of differentials."""
        d = r"\mathrm{d}" if self.d else r"\partial"
        gap = " "
        power = f"^{{{self.order}}}" if self.order > 1 else ""
        body, wrt = self.args[0], self.wrt.tex()
        below = f"{d}{gap}{wrt}{power}"
        if body.prec == ATOM:
            return rf"\frac{{{d}{power}{gap}{body.tex()}}}{{{below}}}"
        return rf"\frac{{{d}{power}}}{{{below}}} \left({body.tex()}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Differentiate once more, or once less."""
        if not self.wrt.shape:
            yield "derivative order", Diff(self.args[0], self.wrt, self.order + 1, self.d)
            lower = self.args[0] if self.order == 1 else Diff(self.args[0], self.wrt, self.order - 1, self.d)
            if lower.shape == self.shape:
                yield "derivative order", lower


class Grad(Diff):
    r"""A gradient, printed with nabla; shaped like its variable.

    >>> from dlbook.derive import define, mat
    >>> W = mat("W", 2, 3); L = define("L", W[1, 1] ** 2)
    >>> Grad(L, W).tex()
    '\\nabla_{W} L'
    """

    def rebuild(self, *args: Expr) -> Expr:
        """Return the gradient of something else."""
        return Grad(args[0], self.wrt)

    def tex(self) -> str:
        """Print nabla with its variable."""
        return rf"\nabla_{{{self.wrt.tex()}}} {self.args[0].within(ATOM)}"


class Kronecker(Expr):
    r"""1 where two indices agree, otherwise 0.

    >>> from dlbook.derive import index
    >>> Kronecker(index("i", 3), index("k", 3)).tex()
    '\\delta_{ik}'
    """

    def value(self, env: Any) -> Any:
        """Compare the indices."""
        a, b = (env.value(x) for x in self.args)
        if env.exact_kind and not (a.is_number and b.is_number):
            return sp.KroneckerDelta(a, b)
        return env.number(Num(int(primal(a) == primal(b))).number)

    def tex(self) -> str:
        """Print a delta."""
        shown = [a.tex() for a in self.args]
        return rf"\delta_{{{('' if all(len(s) == 1 for s in shown) else ',').join(shown)}}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Say the opposite, or always."""
        yield "inverse", 1 - self
        yield "dropped factor", Num(1)


class Indicator(Expr):
    r"""1 where a statement holds, otherwise 0.

    >>> from dlbook.derive import var
    >>> Indicator(var("a") > 0).tex()
    '\\mathbb{1}\\left[a > 0\\right]'
    """

    def __init__(self, rel: Relation) -> None:
        super().__init__(rel.left, rel.right)
        self.rel = rel.rel

    def payload(self) -> str:
        """Return the relation."""
        return self.rel

    def rebuild(self, *args: Expr) -> Expr:
        """Return the indicator of the same relation between other sides."""
        return Indicator(Relation(args[0], self.rel, args[1]))

    def statement(self) -> Relation:
        """Return the relation."""
        return Relation(self.args[0], self.rel, self.args[1])

    def value(self, env: Any) -> Any:
        """Return 1 or 0."""
        one, zero = env.number(Num(1).number), env.number(Num(0).number)
        if env.exact_kind:
            return sp.Piecewise((one, exact_condition(self.statement(), env)), (zero, True))
        _refuse_jet_on_edge(self.args, env, self.rel)
        return one if self.statement().holds(env) else zero

    def kinks(self) -> tuple[Expr, ...]:
        """Return the difference of the sides."""
        return (self.args[0] - self.args[1],)

    def tex(self) -> str:
        """Print a blackboard 1 with the statement in brackets."""
        return rf"\mathbb{{1}}\left[{self.statement().tex()}\right]"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Turn the relation round, or move its edge."""
        swap = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "!=", "!=": "="}
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "!=", "!=": "="}
        yield "inverse", Indicator(Relation(self.args[0], turned[self.rel], self.args[1]))
        if self.rel not in ("=", "!="):
            yield "off-by-one limit", Indicator(Relation(self.args[0], swap[self.rel], self.args[1]))


def exact_condition(rel: Relation, env: Any) -> Any:
    """Return a relation as SymPy has it."""
    make = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "=": sp.Eq, "!=": sp.Ne}[rel.rel]
    return make(env.value(rel.left), env.value(rel.right))


def _refuse_jet_on_edge(sides: tuple[Expr, ...], env: Any, rel: str) -> None:
    a, b = (env.value(s) for s in sides)
    if (type(a) is Jet or type(b) is Jet) and primal(a) == primal(b):
        raise UndefinedError("no derivative at the edge of a case")


class Cases(Expr):
    r"""A value by cases: `Cases((x, x > 0), (0, None))`; None is "otherwise".

    >>> from dlbook.derive import var
    >>> x = var("x")
    >>> Cases((x, x > 0), (0, None)).tex()
    '\\begin{cases} x & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}'
    """

    prec = BIG

    def __init__(self, *branches: tuple[Any, Relation | None]) -> None:
        flat: list[Any] = []
        for expr, rel in branches:
            flat += [expr] if rel is None else [expr, rel.left, rel.right]
        super().__init__(*flat)
        self.rels = tuple(None if rel is None else rel.rel for _, rel in branches)
        if any(r is None for r in self.rels[:-1]):
            raise DerivationError("only the last case may be 'otherwise'")

    def payload(self) -> str:
        """Return the relations."""
        return str(self.rels)

    def branches(self, args: tuple[Expr, ...] | None = None) -> list[tuple[Expr, Relation | None]]:
        """Return (expression, condition) pairs."""
        rest = list(self.args if args is None else args)
        out: list[tuple[Expr, Relation | None]] = []
        for rel in self.rels:
            expr = rest.pop(0)
            out.append((expr, None if rel is None else Relation(rest.pop(0), rel, rest.pop(0))))
        return out

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same cases over other children."""
        return Cases(*self.branches(args))

    def value(self, env: Any) -> Any:
        """Take the first case that holds."""
        if env.exact_kind:
            return sp.Piecewise(
                *((env.value(e), True if r is None else exact_condition(r, env)) for e, r in self.branches())
            )
        for expr, rel in self.branches():
            if rel is None or rel.holds(env):
                return env.value(expr)
            _refuse_jet_on_edge((rel.left, rel.right), env, rel.rel)
        raise UndefinedError("no case applies")

    def kinks(self) -> tuple[Expr, ...]:
        """Return the differences at which the case changes."""
        return tuple(r.gap for _, r in self.branches() if r is not None)

    def tex(self) -> str:
        """Print a cases environment."""
        rows = [f"{e.tex()} & " + (r"\text{otherwise}" if r is None else r.tex()) for e, r in self.branches()]
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Swap the first two cases' values; move an edge."""
        pairs = self.branches()
        if len(pairs) > 1 and pairs[0][0] != pairs[1][0]:
            swapped = [(pairs[1][0], pairs[0][1]), (pairs[0][0], pairs[1][1]), *pairs[2:]]
            yield "inverse", Cases(*swapped)
        edge = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
        for k, (e, r) in enumerate(pairs):
            if r is not None and r.rel in edge:
                moved = Relation(r.left, edge[r.rel], r.right)
                yield "off-by-one limit", Cases(*pairs[:k], (e, moved), *pairs[k + 1 :])


class Extreme(Expr):
    """The largest or smallest of some numbers."""

    def __init__(self, kind: str, *args: Any) -> None:
        super().__init__(*args)
        self.kind = kind

    def payload(self) -> str:
        """Return max or min."""
        return self.kind

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same of other numbers."""
        return Extreme(self.kind, *args)

    def value(self, env: Any) -> Any:
        """Pick."""
        found = [env.value(a) for a in self.args]
        if env.exact_kind:
            return (sp.Max if self.kind == "max" else sp.Min)(*found)
        best = found[0]
        for x in found[1:]:
            if primal(x) == primal(best) and (type(x) is Jet or type(best) is Jet):
                raise UndefinedError(f"{self.kind} has no derivative where its arguments are equal")
            if (primal(x) > primal(best)) == (self.kind == "max"):
                best = x
        return best

    def kinks(self) -> tuple[Expr, ...]:
        """Return the pairwise differences."""
        return tuple(a - b for i, a in enumerate(self.args) for b in self.args[i + 1 :])

    def tex(self) -> str:
        """Print the name and the list."""
        return rf"\{self.kind}\left({', '.join(a.tex() for a in self.args)}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Take the other extreme; drop an argument."""
        yield "inverse", Extreme("min" if self.kind == "max" else "max", *self.args)
        for i in range(len(self.args)):
            rest = self.args[:i] + self.args[i + 1 :]
            yield "dropped term", rest[0] if len(rest) == 1 else Extreme(self.kind, *rest)


def Max(*args: Any) -> Expr:
    r"""Return the largest of some numbers.

    >>> from dlbook.derive import var
    >>> Max(0, var("a")).tex()
    '\\max\\left(0, a\\right)'
    """
    return Extreme("max", *args)


def Min(*args: Any) -> Expr:
    r"""Return the smallest of some numbers.

    >>> from dlbook.derive import var
    >>> Min(1, var("a")).tex()
    '\\min\\left(1, a\\right)'
    """
    return Extreme("min", *args)


class BigO(Expr):
    r"""A remainder O(h^order) as h -> 0, for lines such as f(x) + h f'(x) + O(h^2).

    >>> from dlbook.derive import var
    >>> BigO(var("h"), 2).tex()
    'O\\left(h^{2}\\right)'
    """

    def __init__(self, h: Any, order: int = 1) -> None:
        super().__init__(h)
        self.order = order

    def payload(self) -> str:
        """Return the order."""
        return f"^{self.order}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same order of another small number."""
        return BigO(args[0], self.order)

    def value(self, env: Any) -> Any:
        """Return 0: the check treats the remainder on its own."""
        return env.number(Num(0).number)

    def tex(self) -> str:
        """Print O(...)."""
        power = self.args[0].tex() if self.order == 1 else (self.args[0] ** self.order).tex()
        return rf"O\left({power}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Claim one order more or less."""
        yield "exponent", BigO(self.args[0], self.order + 1)
        if self.order > 1:
            yield "exponent", BigO(self.args[0], self.order - 1)


class Integral(Expr):
    r"""A definite integral over a symbol.

    >>> from dlbook.derive import var
    >>> t = var("t")
    >>> Integral(t**2, (t, 0, 1)).tex()
    '\\int_{0}^{1} t^{2} \\, \\mathrm{d} t'
    """

    prec = BIG

    def __init__(self, body: Any, over: tuple[Any, Any, Any]) -> None:
        super().__init__(body, over[1], over[2])
        self.over: Any = over[0]

    def payload(self) -> str:
        """Return the variable."""
        return f":{self.over.name}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the integral of something else."""
        return Integral(args[0], (self.over, args[1], args[2]))

    def bound(self) -> frozenset[str]:
        """Return the variable's name."""
        return frozenset({self.over.name})

    def value(self, env: Any) -> Any:
        """Integrate: exactly with SymPy, otherwise by quadrature."""
        body, low, high = self.args
        a, b = env.value(low), env.value(high)
        if env.exact_kind:
            t = sp.Dummy("t", real=True)
            return sp.integrate(env.child(**{self.over.name: t}).value(body), (t, a, b))
        return env.mp.quad(lambda t: env.child(**{self.over.name: t}).value(body), self._pieces(env, a, b))

    def _pieces(self, env: Any, a: Any, b: Any) -> list[Any]:
        """Return the limits and, between them, the kinks of the body: no rule of quadrature likes a kink."""
        from .quadrature import sign_changes
        from .sampling import find_kinks

        body, mp = self.args[0], env.mp
        low, high = primal(a), primal(b)
        if not (mp.isfinite(low) and mp.isfinite(high)) or low == high:
            return [a, b]
        found: list[Any] = []
        for kink, binders in find_kinks([body]):
            if self.over.name in kink.free and not binders:

                def at(t: Any, kink: Expr = kink) -> Any:
                    return primal(env.child(**{self.over.name: low + (high - low) * t}).value(kink))

                found += [low + (high - low) * t for t in sign_changes(mp, at, 0, 1, 64)]
        return [a, *sorted(found, reverse=bool(high < low)), b]

    def tex(self) -> str:
        """Print the integral sign, limits and differential."""
        body, low, high = self.args
        inside = body.within(BIG) if body.prec != ADD else rf"\left({body.tex()}\right)"
        return rf"\int_{{{low.tex()}}}^{{{high.tex()}}} {inside} \, \mathrm{{d}} {self.over.tex()}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Exchange the limits."""
        yield "swapped index", Integral(self.args[0], (self.over, self.args[2], self.args[1]))


class Softmax(Expr):
    r"""One softmax component of z_1..z_n: e^{z_i} over the sum of e^{z_j}.

    >>> from dlbook.derive import index, size, vec
    >>> n = size("n"); z = vec("z", n)
    >>> Softmax(z, index("i", n)).tex()
    '\\operatorname{softmax}\\left(z\\right)_{i}'
    """

    def expand(self) -> Expr:
        """Return the quotient."""
        z, i = self.args
        j = Index("softmax-j", Num(1), z.shape[0])
        comp = z[j] if isinstance(z, Var | Def) else Entry(z, j)
        here = z[i] if isinstance(z, Var | Def) else Entry(z, i)
        return exp(here) / Sum(exp(comp), j)

    def tex(self) -> str:
        """Print softmax with its component."""
        return rf"\operatorname{{softmax}}\left({self.args[0].tex()}\right)_{{{self.args[1].tex()}}}"


def terms_of(x: Expr) -> tuple[Expr, ...]:
    """Return the summands of an expression as displayed."""
    return x.args if type(x) is Add else (x,)
