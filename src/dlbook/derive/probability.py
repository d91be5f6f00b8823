r"""Random variables, expectation, variance, divergence, entropy: by enumeration or integration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp

from .domains import POSITIVE
from .errors import DerivationError, UndefinedError
from .functions import log
from .jets import Jet, primal
from .nodes import Sum
from .symbols import Index, Var
from .tree import ATOM, MUL, Expr, Num, as_expr


class Random(Var):
    r"""A random variable with finitely many values: `Random("X", values=[0, 1], probs=[1 - p, p])`.

    Different `Random`s are independent; variables that may depend on each other come from `joint`.

    Parameters
    ----------
    name : str
        ASCII name.
    values, probs : sequences of expressions
        Values and their probabilities; that these add to 1 is checked.
    """

    def __init__(
        self, name: str, values: Sequence[Any], probs: Sequence[Any], tex: str | None = None
    ) -> None:
        super().__init__(name, tex=tex)
        self.values = tuple(as_expr(v) for v in values)
        self.probs = tuple(as_expr(p) for p in probs)
        self.group: tuple[str, ...] = ()
        self.joint_values: list[tuple[Expr, ...]] = []
        if len(self.values) != len(self.probs) or not self.values:
            raise DerivationError(f"{name}: as many probabilities as values are needed, and at least one")

    def payload(self) -> str:
        """Return name, values and probabilities."""
        return f":{self.name}|{[v.key for v in self.values]}|{[p.key for p in self.probs]}|{self.group}"

    def leaves(self) -> dict[str, Expr]:
        """Return itself and the symbols of its distribution."""
        found: dict[str, Expr] = {self.name: self}
        for x in (*self.values, *self.probs):
            found.update(x.leaves())
        return found


class Gauss(Var):
    r"""A Gaussian random variable with mean `mu` and standard deviation `s`."""

    def __init__(self, name: str, mu: Any, s: Any, tex: str | None = None) -> None:
        super().__init__(name, tex=tex)
        self.mu, self.s = as_expr(mu), as_expr(s)

    def payload(self) -> str:
        """Return name and parameters."""
        return f":{self.name}|{self.mu.key}|{self.s.key}"

    def leaves(self) -> dict[str, Expr]:
        """Return itself and its parameters' symbols."""
        return {self.name: self, **self.mu.leaves(), **self.s.leaves()}


def bernoulli(name: str, p: Any) -> Random:
    r"""Return a variable that is 1 with probability p, otherwise 0.

    >>> from dlbook.derive import E, UNIT, var
    >>> E(bernoulli("d", var("p", UNIT))).tex()
    '\\mathbb{E}\\left[d\\right]'
    """
    return Random(name, [0, 1], [1 - as_expr(p), p])


def joint(names: str, values: Sequence[Sequence[Any]]) -> tuple[Random, ...]:
    r"""Return variables with an arbitrary joint distribution over the given values of each.

    Nothing is assumed of the joint probabilities but that they are positive and add to 1, so independence
    cannot be used by accident.

    >>> X, Y = joint("X Y", [[0, 1], [0, 1, 2]])
    >>> X.group
    ('X', 'Y')
    """
    labels = tuple(names.split())
    cells = list(itertools.product(*values))
    weights = [Var(f"weight-{'-'.join(labels)}-{k}", POSITIVE) for k in range(len(cells))]
    total: Expr = weights[0]
    for w in weights[1:]:
        total = total + w
    made = []
    for place, label in enumerate(labels):
        rv = Random(label, values[place], [Num(1)] * len(values[place]))
        rv.group = labels
        rv.joint_values = [tuple(as_expr(c) for c in cell) for cell in cells]
        rv.joint_probs = [w / total for w in weights]  # type: ignore[attr-defined]
        made.append(rv)
    return tuple(made)


class E(Expr):
    r"""An expectation over the random variables in its argument (or only over those listed).

    >>> from dlbook.derive import var, UNIT
    >>> X = bernoulli("X", var("p", UNIT))
    >>> E(X**2).tex()
    '\\mathbb{E}\\left[X^{2}\\right]'
    """

    def __init__(self, body: Any, over: Sequence[Var] | None = None, under: Any = None) -> None:
        super().__init__(body)
        self.shape = self.args[0].shape
        self.over_given = tuple(over) if over is not None else None
        self.under = under
        leaves = self.args[0].leaves()
        found = [v for v in leaves.values() if isinstance(v, Random | Gauss)]
        self.over = list(self.over_given) if self.over_given is not None else found

    def payload(self) -> str:
        """Return over what."""
        return f":{[v.key for v in self.over]}|{self.under}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the expectation of something else, over the same variables."""
        return type(self)(args[0], self.over, self.under)

    def bound(self) -> frozenset[str]:
        """Return the variables' names."""
        return frozenset(v.name for v in self.over)

    def leaves(self) -> dict[str, Expr]:
        """Return the free symbols, those of the distributions included."""
        if self._leaves is None:
            found = {k: v for k, v in self.args[0].leaves().items() if k not in self.bound()}
            for v in self.over:
                for leaf in (*getattr(v, "joint_probs", ()),):
                    found.update(leaf.leaves())
                found.update({k: x for k, x in v.leaves().items() if k != v.name})
            self._leaves = {k: v for k, v in found.items() if k not in self.bound()}
        return self._leaves

    def value(self, env: Any) -> Any:
        """Enumerate the finite variables, integrate the Gaussian ones."""
        return self._mean(env, self.args[0], list(self.over))

    def _mean(self, env: Any, body: Expr, left: list[Any]) -> Any:
        if not left:
            return env.value(body)
        head, rest = left[0], left[1:]
        if isinstance(head, Gauss):
            return _gauss_mean(env, head, lambda inner: self._mean(inner, body, rest), body)
        if head.group:
            rest = [v for v in rest if getattr(v, "group", ()) != head.group]
            table = [
                (dict(zip(head.group, cell, strict=True)), p)
                for cell, p in zip(head.joint_values, head.joint_probs, strict=True)
            ]
        else:
            table = [({head.name: v}, p) for v, p in zip(head.values, head.probs, strict=True)]
        total: Any = None
        for names, p in table:
            inner = env.child(**{k: env.value(v) for k, v in names.items()})
            part = self._mean(inner, body, rest) * env.value(p)
            total = part if total is None else total + part
        return total

    def tex(self) -> str:
        """Print a blackboard E."""
        sub = f"_{{{self.under if isinstance(self.under, str) else self.under.tex()}}}" if self.under else ""
        return rf"\mathbb{{E}}{sub}\left[{self.args[0].tex()}\right]"


def _gauss_mean(env: Any, rv: Gauss, body: Any, kinked: Expr) -> Any:
    mu, s = env.value(rv.mu), env.value(rv.s)
    if env.exact_kind:
        t = sp.Dummy("t", real=True)
        inside = sp.expand(body(env.child(**{rv.name: mu + s * t})))
        poly = inside.as_poly(t)
        if poly is None:
            density = sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi)
            return sp.integrate(inside * density, (t, -sp.oo, sp.oo))
        # moments of the standard normal: 1, 0, 1, 0, 3, 0, 15, ...
        return sp.Add(*(c * (0 if k % 2 else sp.factorial2(k - 1)) for (k,), c in poly.terms()))
    from .quadrature import gaussian_mean

    return gaussian_mean(
        env.mp, body_kinks(env, rv, kinked, mu, s), lambda t: body(env.child(**{rv.name: mu + s * t}))
    )


def body_kinks(env: Any, rv: Gauss, body: Expr, mu: Any, s: Any) -> list[Any]:
    """Return where, in standard units, the argument of a kink changes its sign."""
    from .quadrature import sign_changes
    from .sampling import find_kinks

    found: list[Any] = []
    for kink, binders in find_kinks([body]):
        if rv.name in kink.free and not binders:

            def at(t: Any, kink: Expr = kink) -> Any:
                return primal(env.child(**{rv.name: mu + s * t}).value(kink))

            found += sign_changes(env.mp, at)
    return sorted(found)


class Variance(E):
    r"""The variance of a random expression.

    >>> from dlbook.derive import var, UNIT
    >>> Variance(bernoulli("X", var("p", UNIT))).tex()
    '\\operatorname{Var}\\left[X\\right]'
    """

    def value(self, env: Any) -> Any:
        """Mean of the squared deviation from the mean."""
        mean = E(self.args[0], self.over)
        m = env.value(mean)
        held = Var("variance-mean")
        return env.child(**{held.name: m}).value(E((self.args[0] - held) ** 2, self.over))

    def tex(self) -> str:
        """Print Var."""
        return rf"\operatorname{{Var}}\left[{self.args[0].tex()}\right]"


class Cov(Expr):
    r"""The covariance of two random expressions."""

    def expand(self) -> Expr:
        """Return E[XY] - E[X] E[Y]."""
        x, y = self.args
        return E(x * y) - E(x) * E(y)

    def tex(self) -> str:
        """Print Cov."""
        return rf"\operatorname{{Cov}}\left[{self.args[0].tex()}, {self.args[1].tex()}\right]"


class XLogY(Expr):
    r"""x log y with the convention 0 log 0 = 0."""

    prec = MUL

    def value(self, env: Any) -> Any:
        """Return 0 where x is 0."""
        x = env.value(self.args[0])
        if primal(x) == 0:
            if type(x) is Jet:
                raise UndefinedError("x log y has no slope at x = 0")
            return x
        return x * env.apply(log.fun, env.value(self.args[1]))

    def tex(self) -> str:
        """Print the product."""
        return (self.args[0] * log(self.args[1])).tex()


def _same_length(p: Expr, q: Expr) -> Index:
    if p.shape != q.shape or not p.shape or p.shape[1] != 1:
        raise DerivationError("distributions are column vectors of one size, see vec(name, n, SIMPLEX)")
    return Index("support-i", Num(1), p.shape[0])


class KL(Expr):
    r"""The Kullback-Leibler divergence of two distributions.

    They are given as probability vectors, Bernoulli parameters or Gaussians.

    >>> from dlbook.derive import var, UNIT
    >>> p, q = var("p q", UNIT)
    >>> KL(p, q).tex()
    'D_{\\mathrm{KL}}\\left(p \\,\\middle\\|\\, q\\right)'
    """

    def expand(self) -> Expr:
        """Return the defining sum or expectation."""
        p, q = self.args
        if isinstance(p, Gauss) and isinstance(q, Gauss):
            x = Gauss("kl-x", p.mu, p.s)
            return E(gauss_log_density(x, p.mu, p.s) - gauss_log_density(x, q.mu, q.s), [x])
        if p.shape:
            i = _same_length(p, q)
            return Sum(XLogY(p[i], p[i]) - XLogY(p[i], q[i]), i)
        # term by term, so that p = 0 or p = 1 does not meet log 0 where the other factor is 0
        return (XLogY(p, p) - XLogY(p, q)) + (XLogY(1 - p, 1 - p) - XLogY(1 - p, 1 - q))

    def parts(self) -> tuple[Expr, ...]:
        """Return the parameters."""
        return tuple(x for a in self.args for x in ((a.mu, a.s) if isinstance(a, Gauss) else (a,)))

    def tex(self) -> str:
        """Print D_KL."""
        return rf"D_{{\mathrm{{KL}}}}\left({self.args[0].tex()} \,\middle\|\, {self.args[1].tex()}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Exchange the two distributions."""
        yield "swapped index", KL(self.args[1], self.args[0])


def gauss_log_density(x: Any, mu: Any, s: Any) -> Expr:
    """Return the log density of N(mu, s^2) at x."""
    from .constants import pi

    x, mu, s = as_expr(x), as_expr(mu), as_expr(s)
    return -((x - mu) ** 2) / (2 * s**2) - log(s) - log(2 * pi) / 2


class Entropy(Expr):
    r"""The entropy of a probability vector or a Bernoulli parameter, in nats.

    >>> from dlbook.derive import var, UNIT
    >>> Entropy(var("p", UNIT)).tex()
    'H\\left(p\\right)'
    """

    def expand(self) -> Expr:
        """Return the defining sum."""
        p = self.args[0]
        if p.shape:
            i = _same_length(p, p)
            return -Sum(XLogY(p[i], p[i]), i)
        return -(XLogY(p, p) + XLogY(1 - p, 1 - p))

    def tex(self) -> str:
        """Print H."""
        return rf"H\left({self.args[0].tex()}\right)"


class CrossEntropy(Expr):
    r"""The cross-entropy of two probability vectors or Bernoulli parameters, in nats."""

    def expand(self) -> Expr:
        """Return the defining sum."""
        p, q = self.args
        if p.shape:
            i = _same_length(p, q)
            return -Sum(XLogY(p[i], q[i]), i)
        return -(XLogY(p, q) + XLogY(1 - p, 1 - q))

    def tex(self) -> str:
        """Print H with two arguments."""
        return rf"H\left({self.args[0].tex()}, {self.args[1].tex()}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Exchange the two distributions."""
        yield "swapped index", CrossEntropy(self.args[1], self.args[0])


class LogLik(Expr):
    r"""The log-likelihood of observations: the sum of log densities over an index.

    `LogLik(density_term, i)` prints log-likelihood as a sum of logs of the term.
    """

    prec = ATOM

    def __init__(self, density: Any, over: Index, name: str = r"\ell") -> None:
        super().__init__(density)
        self.over, self.name = over, name

    def payload(self) -> str:
        """Return the index."""
        return f":{self.over.key}|{self.name}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the log-likelihood under another density."""
        return LogLik(args[0], self.over, self.name)

    def bound(self) -> frozenset[str]:
        """Return the index name."""
        return frozenset({self.over.name})

    def parts(self) -> tuple[Expr, ...]:
        """Return density and limits."""
        return (*self.args, self.over.low, self.over.high)

    def expand(self) -> Expr:
        """Return the sum of logs."""
        return Sum(log(self.args[0]), self.over)

    def tex(self) -> str:
        """Print the name."""
        return self.name
