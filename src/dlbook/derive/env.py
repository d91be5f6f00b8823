"""Environments: what the symbols of an expression stand for while it is computed."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, no_type_check

import mpmath
import sympy as sp

from .dense import Dense
from .domains import Simplex
from .errors import UndefinedError
from .functions import Fun, UnknownOrder
from .jets import Jet, new_tag, primal
from .symbols import Def, Elem, Entry, Index, Var
from .tree import Expr

_contexts: dict[int, Any] = {}


def context(digits: int) -> Any:
    """Return mpmath's arithmetic at a precision of its own, shared by all who ask for it."""
    if digits not in _contexts:
        _contexts[digits] = mpmath.MPContext()
        _contexts[digits].dps = digits
    return _contexts[digits]


class Env:
    """Base: memory of computed values, local names (indices, jets), sizes, given values."""

    def __init__(self, fixed: dict[str, Any] | None = None, given: dict[str, Expr] | None = None) -> None:
        self.parent: Env | None = None
        self.root: Env = self
        self.local: dict[str, dict[tuple[int, ...], Any]] = {}
        self.memo: dict[str, Any] = {}
        self.fixed = fixed or {}  # sizes and indices, as whole numbers
        self.given = given or {}  # values stated by the author or solved from assumptions

    @no_type_check
    def value(self, node):
        """Return the value of an expression, computed once per environment."""
        env = self
        while env.parent is not None and env.local.keys().isdisjoint(node.free):
            env = env.parent
        memo = env.memo
        key = node.key
        if key in memo:
            found = memo[key]
            if type(found) is UndefinedError:
                raise found
            return found
        try:
            found = node.value(env)
        except (UndefinedError, ZeroDivisionError) as problem:
            memo[key] = problem if isinstance(problem, UndefinedError) else UndefinedError("division by zero")
            raise memo[key] from None
        memo[key] = found
        return found

    @no_type_check
    def child(self, **local):
        """Return an environment in which some names stand for something else."""
        env = object.__new__(type(self))
        env.__dict__.update(self.__dict__)
        env.parent, env.memo = self, {}
        env.local = {k: v if isinstance(v, dict) else {(): v} for k, v in local.items()}
        return env

    def integer(self, node: Expr) -> int:
        """Return a value that must be a whole number."""
        x = self.value(node)
        if int(x) != x:
            raise UndefinedError(f"{node.tex()} is not a whole number")
        return int(x)

    def shape(self, node: Expr) -> tuple[int, ...]:
        """Return the sizes of a matrix as numbers."""
        return tuple(s if isinstance(s, int) else self.integer(s) for s in node.shape)

    @no_type_check
    def held(self, name, where):
        """Return what a derivative or an index holds under this name, or None."""
        env = self
        while env is not None:
            if name in env.local:
                table = env.local[name]
                if where in table:
                    return table[where]
                if where and () in table:
                    return table[()].at(where)
            env = env.parent
        return None

    @no_type_check
    def symbol(self, node):
        """Return the value of a variable or a definition."""
        found = self.held(node.name, ())
        if found is not None:
            return found
        root = self.root
        if node.name in root.fixed:
            return self.number(Fraction(root.fixed[node.name]))
        if node.name in root.given:
            return self.value(root.given[node.name])
        if isinstance(node, Def):
            return self._patched(node)
        if not node.shape:
            return root.draw(node, ())
        m, n = self.shape(node)
        return Dense(
            [
                [self.element(node, (i, j) if node.ndim == 2 else (i,)) for j in range(1, n + 1)]
                for i in range(1, m + 1)
            ]
        )

    @no_type_check
    def _patched(self, node):
        """Return a definition's value, with the components that a derivative holds."""
        whole = self.value(node.body)
        env = self
        while env is not None:
            for where, held in env.local.get(node.name, {}).items():
                full = where if len(where) == 2 else (where[0], 1)
                rows = [list(row) for row in whole.rows]
                rows[full[0] - 1][full[1] - 1] = held
                whole = Dense(rows)
            env = env.parent
        return whole

    @no_type_check
    def element(self, node, where):
        """Return a component."""
        found = self.held(node.name, where)
        if found is not None:
            return found
        if node.name in self.root.given or isinstance(node, Def):
            return self.value(node).at(where)
        if node.shape:
            limits = self.shape(node)
            full = where if node.ndim == 2 else (where[0], 1)
            if not all(1 <= k <= top for k, top in zip(full, limits, strict=True)):
                raise UndefinedError(f"{node.tex()} has no component {where}")
            if isinstance(node.domain, Simplex):
                if node.domain.by_row:
                    return self.root.draw_simplex(node, full[::-1], limits[::-1])
                return self.root.draw_simplex(node, where, limits)
        return self.root.draw(node, where)

    # Operations that differ between kinds of numbers.
    def number(self, x: Fraction) -> Any:
        """Return a number of this environment's kind."""
        raise NotImplementedError

    @no_type_check
    def apply(self, fun: Fun, x: Any, order: int = 0):
        """Apply a function to a number or to each entry."""
        return x.map(lambda e: self.call(fun, e, order)) if isinstance(x, Dense) else self.call(fun, x, order)

    def over(self, index: Var, values: Iterable[int]) -> Iterator[Env]:
        """Yield an environment for each value of an index."""
        for k in values:
            yield self.child(**{index.name: self.number(Fraction(k))})

    @no_type_check
    def place(self, wrt):
        """Return the name and the component that a derivative is taken in."""
        if isinstance(wrt, Elem):
            return wrt.base.name, tuple(self.integer(a) for a in wrt.args)
        if isinstance(wrt, Entry):
            return wrt.args[0].name, tuple(self.integer(a) for a in wrt.args[1:])
        return wrt.name, ()

    @no_type_check
    def derivative(self, node, wrt, order=1):
        """Return the derivative of an expression in a symbol, a component, a matrix or a definition."""
        if order > 1:
            return self._repeated(node, wrt, order)
        name, where = self.place(wrt)
        here = self.value(wrt)
        if isinstance(here, Dense):
            m, n = here.size
            return self._slopes(node, name, (), here, [[(i, j) for j in range(n)] for i in range(m)])
        return self._slopes(node, name, where, here, None)


class Numeric(Env):
    """Values as numbers of many digits; symbols are drawn from their domains, the same for the same seed."""

    exact_kind = False

    @no_type_check
    def __init__(self, digits=50, seed=0, style="mid", fixed=None, given=None):
        super().__init__(fixed, given)
        self.mp: Any = context(digits)
        self.seed, self.style = seed, style
        self.drawn: dict[tuple[str, tuple[int, ...]], Fraction] = {}

    @no_type_check
    def number(self, x):
        """Return an mpmath number."""
        return self.mp.mpf(x.numerator) / x.denominator if x.denominator != 1 else self.mp.mpf(x.numerator)

    @no_type_check
    def draw(self, node, where):
        """Draw a value from the symbol's domain; reproducible whatever the order of asking."""
        key = (node.name, where)
        if key not in self.drawn:
            rng = random.Random(zlib.crc32(f"{self.seed}/{node.name}/{where}".encode()))
            self.drawn[key] = node.domain.sample(rng, self.style)
        return self.number(self.drawn[key])

    @no_type_check
    def draw_simplex(self, node, where, limits):
        """Draw a whole probability (or one-hot) vector, column by column, and return one entry."""
        key = (node.name, where)
        if key not in self.drawn:
            column = where[1:]
            rng = random.Random(zlib.crc32(f"{self.seed}/{node.name}/{column}".encode()))
            m = limits[0]
            if node.domain.onehot:
                hot = rng.randint(1, m)
                parts = [Fraction(int(i == hot)) for i in range(1, m + 1)]
            else:
                weights = [rng.randint(1, 40) for _ in range(m)]
                parts = [Fraction(w, sum(weights)) for w in weights]
            for i, part in enumerate(parts, 1):
                self.drawn[(node.name, (i, *column))] = part
        return self.number(self.drawn[key])

    @no_type_check
    def divide(self, a, b):
        """Divide; the denominator must not be 0."""
        if primal(b) == 0:
            raise UndefinedError("division by 0")
        if isinstance(a, Dense):
            return a.map(lambda x: x / b)
        return a / b

    @no_type_check
    def power(self, base, exponent, fixed=None):
        """Raise to a power within the reals."""
        top = primal(exponent)
        low = primal(base)
        whole = top == int(top) if self.mp.isfinite(top) else False
        if (fixed is not None or type(exponent) is not Jet) and whole:
            n = int(top)
            if n < 0 and low == 0:
                raise UndefinedError("negative power of 0")
            if n == 0 and low == 0 and fixed is None:
                raise UndefinedError("0 to the power 0")
            if type(base) is not Jet:
                return base**n
            result = self.mp.mpf(1)
            factor = base if n >= 0 else 1 / base
            for _ in range(abs(n)):
                result = factor * result
            return result
        if low < 0:
            raise UndefinedError("broken power of a negative number")
        if low == 0:
            if top <= 0 or type(base) is Jet or type(exponent) is Jet:
                raise UndefinedError("power of 0")
            return self.mp.mpf(0)
        if type(base) is not Jet and type(exponent) is not Jet:
            return base**exponent
        return self._named("exp", exponent * self._named("log", base))

    @no_type_check
    def _named(self, name, x):
        from .functions import FUNCTIONS

        return self.call(FUNCTIONS[name], x)

    @no_type_check
    def call(self, fun, x, order=0):
        """Return a function value, or its derivative of some order, also of a jet."""
        if type(x) is Jet:
            return x.chain(self.call(fun, x.val, order), self.call(fun, x.val, order + 1))
        if fun.slope is None:
            if order and fun.name in ("floor", "ceil", "gamma", "factorial"):
                raise UndefinedError(f"no derivative of {fun.name} here")
            return fun.num(self.mp, x, order) if order else fun.num(self.mp, x)
        if order == 0:
            return fun.num(self.mp, x)
        if order == 1:
            return fun.slope(self._named, x)
        tag = new_tag()
        lower = Jet(tag, x, {0: self.mp.mpf(1)})
        for _ in range(order - 2):
            lower = Jet(new_tag(), lower, {0: self.mp.mpf(1)})
        result = fun.slope(self._named, lower)
        for _ in range(order - 1):
            result = result.slopes[0] if type(result) is Jet else self.mp.mpf(0)
        return result

    @no_type_check
    def compare(self, a, b):
        """Return whether a > b for plain parts."""
        return primal(a) > primal(b)

    @no_type_check
    def _slopes(self, node, name, where, here, grid):
        tag = new_tag()
        one, zero = self.mp.mpf(1), self.mp.mpf(0)
        if grid is None:
            moved = {where: Jet(tag, here, {0: one})}
        else:
            moved = {(): Dense([[Jet(tag, here.rows[i][j], {(i, j): one}) for i, j in row] for row in grid])}
        result = self.child(**{name: moved}).value(node)

        def pick(x, k):
            return x.slopes.get(k, zero) if type(x) is Jet and x.tag == tag else zero

        if grid is None:
            return result.map(lambda x: pick(x, 0)) if isinstance(result, Dense) else pick(result, 0)
        if isinstance(result, Dense):
            if result.size[1] != 1 or here.size[1] != 1:
                raise UndefinedError("derivative of a matrix by a matrix; take one component")
            return Dense([[pick(row[0], k[0]) for k in grid] for row in result.rows])
        return Dense([[pick(result, k) for k in row] for row in grid])

    @no_type_check
    def _repeated(self, node, wrt, order):
        (name, where), here = self.place(wrt), self.value(wrt)
        tags = [new_tag() for _ in range(order)]
        moved = here
        for tag in tags:
            moved = Jet(tag, moved, {0: self.mp.mpf(1)})
        result = self.child(**{name: {where: moved}}).value(node)
        for tag in reversed(tags):
            result = result.slopes[0] if type(result) is Jet and result.tag == tag else self.mp.mpf(0)
        return result


class Exact(Env):
    """Values as SymPy expressions; symbols stay symbols."""

    exact_kind = True

    @no_type_check
    def __init__(self, fixed=None, given=None):
        super().__init__(fixed, given)
        self.drawn: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.finite: dict[sp.Symbol, tuple[Fraction, ...]] = {}

    @no_type_check
    def number(self, x):
        """Return a SymPy rational."""
        return sp.Rational(x.numerator, x.denominator)

    @no_type_check
    def draw(self, node, where):
        """Return a symbol that knows the domain."""
        key = (node.name, where)
        if key not in self.drawn:
            name = "_".join([node.name, *map(str, where)])
            self.drawn[key] = node.domain.exact(name)
            values = getattr(node.domain, "values", ())
            if values:
                self.finite[self.drawn[key]] = values
        return self.drawn[key]

    @no_type_check
    def draw_simplex(self, node, where, limits):
        """Return one entry of a vector whose entries add to 1."""
        m = limits[0]
        one_hot = node.domain.onehot

        def free(i):
            key = (node.name, (i, *where[1:]))
            if key not in self.drawn:
                name = "_".join(map(str, (node.name, i, *where[1:])))
                self.drawn[key] = sp.Symbol(name, real=True) if one_hot else sp.Symbol(name, positive=True)
            return self.drawn[key]

        others = [free(i) for i in range(1, m)]
        if one_hot:  # only the sum is used, y_k in {0, 1} is left to the numeric points
            return 1 - sp.Add(*others) if where[0] == m else others[where[0] - 1]
        # p_i = w_i / (1 + sum of the others' weights) lets SymPy see every p_i as positive.
        return (others[where[0] - 1] if where[0] < m else sp.S.One) / (1 + sp.Add(*others))

    @no_type_check
    def divide(self, a, b):
        """Divide; the denominator must not be 0."""
        if b == 0:
            raise UndefinedError("division by 0")
        return a.map(lambda x: x / b) if isinstance(a, Dense) else a / b

    @no_type_check
    def power(self, base, exponent, fixed=None):
        """Raise to a power."""
        if base == 0 and exponent.is_positive is not True and not (exponent == 0 and fixed is not None):
            raise UndefinedError("power of 0")
        return base**exponent

    @no_type_check
    def call(self, fun, x, order=0):
        """Return a function value or its derivative."""
        if fun.slope is None and fun.name not in ("floor", "ceil", "gamma", "factorial"):
            return UnknownOrder(sp.Symbol(fun.name), sp.Integer(order), x)
        if order == 0:
            if fun.name == "log" and x.is_nonpositive:
                raise UndefinedError("log of a number that is not positive")
            return fun.exact(x)
        t = sp.Dummy("t", real=True)
        return fun.exact(t).diff(t, order).subs(t, x)

    @no_type_check
    def _slopes(self, node, name, where, here, grid):
        def like(x):
            return sp.Dummy("t", real=True, positive=True if x.is_positive else None)

        if grid is None:
            t = like(here)
            result = self.child(**{name: {where: t}}).value(node)
            if isinstance(result, Dense):
                return result.map(lambda x: x.diff(t).xreplace({t: here}))
            return result.diff(t).xreplace({t: here})
        moved = here.map(like)
        back = dict(zip(moved.entries(), here.entries(), strict=True))
        result = self.child(**{name: {(): moved}}).value(node)
        if isinstance(result, Dense):
            if result.size[1] != 1 or here.size[1] != 1:
                raise UndefinedError("derivative of a matrix by a matrix; take one component")
            return Dense([[row[0].diff(t).xreplace(back) for t in moved.entries()] for row in result.rows])
        return moved.map(lambda t: result.diff(t).xreplace(back))

    @no_type_check
    def _repeated(self, node, wrt, order):
        (name, where), here = self.place(wrt), self.value(wrt)
        t = sp.Dummy("t", real=True, positive=True if here.is_positive else None)
        return self.child(**{name: {where: t}}).value(node).diff(t, order).xreplace({t: here})


def is_index(node: Expr) -> bool:
    """Return whether a leaf is a size or an index, which every check enumerates."""
    from .symbols import Size

    return isinstance(node, Size | Index)
