r"""Symbols: variables, vectors and matrices of symbolic size, indices, and names for expressions."""

from __future__ import annotations

import re
from typing import Any

from .domains import REAL, Domain
from .errors import DerivationError
from .tree import MUL, Expr, Num, as_expr, digest_of

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta",
    "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi",
    "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma",
    "Upsilon", "Phi", "Psi", "Omega", "ell",
}  # fmt: skip
_ACCENTS = ("hat", "tilde", "bar")


def pretty(name: str) -> str:
    r"""Return the LaTeX of an ASCII name: w12 is w_{12}, y_hat is \hat{y}, out is upright.

    >>> pretty("w12"), pretty("y_hat"), pretty("sigma2"), pretty("a_out")
    ('w_{12}', '\\hat{y}', '\\sigma_{2}', 'a_{\\mathrm{out}}')
    """
    parts = name.split("_")
    head, rest = parts[0], parts[1:]
    accents = [p for p in rest if p in _ACCENTS]
    rest = [p for p in rest if p not in _ACCENTS]
    match = re.fullmatch(r"([A-Za-z]+?)(\d+)", head)
    if match:
        head, digits = match.groups()
        rest = [digits, *rest]
    shown = "\\" + head if head in _GREEK else head if len(head) <= 1 else rf"\mathrm{{{head}}}"
    for accent in accents:
        shown = rf"\{accent}{{{shown}}}"
    if rest:
        tail = [
            p if p.isdigit() or len(p) == 1 else ("\\" + p if p in _GREEK else rf"\mathrm{{{p}}}")
            for p in rest
        ]
        shown += f"_{{{','.join(tail)}}}"
    return shown


class Var(Expr):
    r"""A free symbol: a number, or a vector or matrix whose sizes may be symbols.

    Parameters
    ----------
    name : str
        ASCII name, unique in a derivation.
    domain : Domain
        Where its value (or each entry) lies.
    shape : tuple
        `()` for a number, `(m, n)` for a matrix; entries are numbers or `size` symbols.
    tex : str, optional
        LaTeX, by default made from the name by `pretty`.

    Examples
    --------
    >>> Var("w12").tex()
    'w_{12}'
    """

    def __init__(
        self,
        name: str,
        domain: Domain = REAL,
        shape: tuple[Any, ...] = (),
        tex: str | None = None,
        ndim: int | None = None,
    ) -> None:
        super().__init__()
        self.name, self.domain = name, domain
        self.shape = tuple(s if isinstance(s, int) else as_expr(s) for s in shape)
        self.shown = pretty(name) if tex is None else tex
        self.ndim = ndim if ndim is not None else (0 if not shape else 1 if self.shape[1] == 1 else 2)

    def payload(self) -> str:
        """Return name, domain and shape."""
        sizes = "x".join(s.key if isinstance(s, Expr) else str(s) for s in self.shape)
        return f":{self.name}|{self.domain}|{sizes}|{self.ndim}|{self.shown}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return itself."""
        return self

    def leaves(self) -> dict[str, Expr]:
        """Return itself and its sizes."""
        found: dict[str, Expr] = {self.name: self}
        for s in self.shape:
            if isinstance(s, Expr):
                found.update(s.leaves())
        return found

    def value(self, env: Any) -> Any:
        """Return what the environment holds under this name."""
        return env.symbol(self)

    def tex(self) -> str:
        """Return the name."""
        return self.shown

    def __getitem__(self, index: Any) -> Expr:
        where = index if isinstance(index, tuple) else (index,)
        if self.ndim == 0:
            raise DerivationError(
                f"{self.shown} is a number and has no components; declare it with vec or mat"
            )
        if len(where) != self.ndim:
            raise DerivationError(f"{self.shown} takes {self.ndim} indices, got {len(where)}")
        return Elem(self, *where)


class Size(Var):
    """A whole number that measures something (a width, a batch): checks run over several values of it."""

    def __init__(self, name: str, low: int = 1, tex: str | None = None) -> None:
        from fractions import Fraction

        super().__init__(name, Domain(Fraction(low), None, False, True, integer=True), tex=tex)
        self.low = low


class Index(Var):
    """A whole number that runs over `low..high`."""

    def __init__(self, name: str, low: Any, high: Any, tex: str | None = None) -> None:
        super().__init__(name, Domain(integer=True), tex=tex)
        self.low, self.high = as_expr(low), as_expr(high)

    def payload(self) -> str:
        """Return name and range."""
        return f":{self.name}|{self.low.key}..{self.high.key}"

    def leaves(self) -> dict[str, Expr]:
        """Return itself and what its range depends on."""
        return {self.name: self, **self.low.leaves(), **self.high.leaves()}


class Elem(Expr):
    """A component of a vector, matrix or sequence; indices start at 1."""

    def __init__(self, base: Any, *index: Any) -> None:
        super().__init__(*index)
        self.base = base

    def payload(self) -> str:
        """Return what it is a component of."""
        return f":{self.base.key}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return another component of the same."""
        return Elem(self.base, *args)

    def parts(self) -> tuple[Expr, ...]:
        """Return base and indices."""
        return (self.base, *self.args)

    def value(self, env: Any) -> Any:
        """Look the component up."""
        return env.element(self.base, tuple(env.integer(a) for a in self.args))

    def tex(self) -> str:
        """Print indices as a subscript."""
        shown = [a.tex() for a in self.args]
        joint = "" if all(len(s) == 1 or (s.startswith("\\") and s.isalpha()) for s in shown) else ","
        index = joint.join(shown)
        if "_" in self.base.shown:
            return rf"\left[{self.base.shown}\right]_{{{index}}}"
        return f"{self.base.shown}_{{{index}}}"

    def mutants(self) -> Any:
        """Swap two indices."""
        if len(self.args) == 2 and self.args[0] != self.args[1]:
            yield "swapped index", Elem(self.base, self.args[1], self.args[0])


class Def(Expr):
    r"""A name for an expression: prints as the name, is checked as the expression.

    Parameters
    ----------
    name : str
        ASCII name.
    body : Expr
        What it stands for.
    tex : str, optional
        LaTeX of the name.
    """

    def __init__(self, name: str, body: Any, tex: str | None = None) -> None:
        super().__init__()
        self.name, self.body = name, as_expr(body)
        self.shown = pretty(name) if tex is None else tex
        self.shape = self.body.shape

    def payload(self) -> str:
        """Return name and a fingerprint of the body."""
        return f":{self.name}|{self.shown}={digest_of(self.body.key)}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return itself."""
        return self

    def leaves(self) -> dict[str, Expr]:
        """Return itself and all that its body uses."""
        if self._leaves is None:
            inner = self.body.leaves()
            if self.name in inner:
                raise DerivationError(f"the definition of {self.name} uses the name {self.name} itself")
            self._leaves = {self.name: self, **inner}
        return self._leaves

    def value(self, env: Any) -> Any:
        """Return the override (a derivative holds the name fixed) or the body's value."""
        return env.symbol(self)

    def tex(self) -> str:
        """Return the name."""
        return self.shown

    def __getitem__(self, index: Any) -> Expr:
        where = index if isinstance(index, tuple) else (index,)
        if not self.shape:
            raise DerivationError(f"{self.shown} is a number and has no components")
        return Entry(self, *where)


class Entry(Expr):
    """A component of a matrix expression that is not a symbol."""

    prec = MUL

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if not self.args[0].shape:
            raise DerivationError(f"{self.args[0].tex()} is a number and has no components")

    def value(self, env: Any) -> Any:
        """Pick the component."""
        where = tuple(env.integer(a) for a in self.args[1:])
        base = self.args[0]
        if isinstance(base, Def):
            return env.element(base, where)
        return env.value(base).at(where)

    def tex(self) -> str:
        """Print brackets and indices."""
        base = self.args[0]
        shown = base.tex()
        if not (isinstance(base, Def) and "_" not in shown):
            shown = rf"\left[{shown}\right]"
        return f"{shown}_{{{','.join(a.tex() for a in self.args[1:])}}}"


def var(names: str, domain: Domain = REAL, tex: str | None = None) -> Any:
    r"""Return one symbol, or a tuple of symbols for several names separated by blanks.

    >>> x, w12 = var("x w12")
    >>> (w12 * x).tex()
    'w_{12} x'
    """
    made = tuple(Var(n, domain, tex=tex) for n in names.split())
    return made[0] if len(made) == 1 else made


def vec(name: str, size: Any, domain: Domain = REAL, tex: str | None = None) -> Var:
    """Return a column vector (size x 1) with components `x[i]`.

    >>> vec("x", 3)[2].tex()
    'x_{2}'
    """
    return Var(name, domain, (size, 1), tex)


def mat(name: str, rows: Any, cols: Any, domain: Domain = REAL, tex: str | None = None) -> Var:
    """Return a matrix (rows x cols) with components `A[i, j]`.

    >>> mat("W1", 2, size("n")).tex()
    'W_{1}'
    """
    return Var(name, domain, (rows, cols), tex, ndim=2)


def seq(name: str, domain: Domain = REAL, ndim: int = 1, tex: str | None = None) -> Var:
    """Return a sequence without end, `r[t]`, for any whole t.

    >>> seq("r")[0].tex()
    'r_{0}'
    """
    return Var(name, domain, (), tex, ndim=ndim)


def size(name: str, low: int = 1, tex: str | None = None) -> Size:
    """Return a symbolic size; checks run over several values from `low` on.

    >>> size("N").tex()
    'N'
    """
    return Size(name, low, tex)


def index(name: str, *bounds: Any, tex: str | None = None) -> Index:
    """Return an index from 1 (or the first bound) to the last bound.

    >>> index("i", 3).tex()
    'i'
    """
    low, high = bounds if len(bounds) == 2 else (Num(1), bounds[0])
    return Index(name, low, high, tex)


def define(name: str, body: Any, tex: str | None = None) -> Def:
    r"""Name an expression; lines show the name, checks use the expression.

    >>> x = var("x")
    >>> a = define("a2", 3 * x)
    >>> a.tex(), a.body.tex()
    ('a_{2}', '3 x')
    """
    return Def(name, body, tex)


class Table(Expr):
    r"""An expression with an index as parameter, such as the softmax components s_i: `s[k]` puts k for i.

    Parameters
    ----------
    name : str
        ASCII name.
    params : tuple of Index
        The indices that the body uses.
    body : Expr
        The general component.
    """

    def __init__(self, name: str, params: tuple[Index, ...], body: Any, tex: str | None = None) -> None:
        super().__init__()
        self.name, self.params, self.body = name, params, as_expr(body)
        self.shown = pretty(name) if tex is None else tex

    def payload(self) -> str:
        """Return name and a fingerprint of the body."""
        return f":{self.name}|{self.shown}={digest_of(self.body.key)}"

    def leaves(self) -> dict[str, Expr]:
        """Return itself and all that the body uses apart from the parameters."""
        own = {p.name for p in self.params}
        found = {k: v for k, v in self.body.leaves().items() if k not in own}
        for p in self.params:
            found.update({k: v for k, v in p.leaves().items() if k != p.name})
        return {self.name: self, **found}

    def tex(self) -> str:
        """Return the name."""
        return self.shown

    def __getitem__(self, index: Any) -> Expr:
        where = index if isinstance(index, tuple) else (index,)
        if len(where) != len(self.params):
            raise DerivationError(f"{self.shown} takes {len(self.params)} indices, got {len(where)}")
        return TableElem(self, *where)

    def general(self) -> Expr:
        """Return the component as defined, for printing the definition."""
        return TableElem(self, *self.params)


class TableElem(Elem):
    """A component of a table."""

    base: Any

    def rebuild(self, *args: Expr) -> Expr:
        """Return another component of the same."""
        return TableElem(self.base, *args)

    def value(self, env: Any) -> Any:
        """Compute the body with the indices put in, unless a derivative holds this component."""
        where = tuple(env.integer(a) for a in self.args)
        held = env.held(self.base.name, where)
        if held is not None:
            return held
        inner = {p.name: env.value(a) for p, a in zip(self.base.params, self.args, strict=True)}
        return env.child(**inner).value(self.base.body)


def table(name: str, params: Any, body: Any, tex: str | None = None) -> Table:
    r"""Name an expression that depends on indices.

    >>> i, k = index("i", 3), index("k", 3)
    >>> z = vec("z", 3)
    >>> s = table("s", i, 2 * z[i])
    >>> s[k].tex()
    's_{k}'
    """
    return Table(name, params if isinstance(params, tuple) else (params,), body, tex)
