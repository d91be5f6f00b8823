r"""Functions of one number: how each prints, what it means, what its slope is, where it has a kink."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .errors import UndefinedError
from .tree import ATOM, BIG, Expr, as_expr


class relu(sp.Function):  # noqa: N801  (SymPy functions carry their printed name)
    """SymPy's view of max(0, x), kept whole so that cases can be split on its argument."""

    is_real = True
    is_nonnegative = True

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Simplify where the sign is known."""
        return x if x.is_nonnegative else sp.S.Zero if x.is_nonpositive else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the slope, 0 at 0 by convention."""
        return step(self.args[0])


class step(sp.Function):  # noqa: N801
    """SymPy's view of the slope of ReLU: 1 above 0, otherwise 0 (also at 0)."""

    is_real = True
    is_nonnegative = True

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Simplify where the sign is known."""
        return sp.S.One if x.is_positive else sp.S.Zero if x.is_nonpositive else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the slope beside the jump."""
        return sp.S.Zero


@dataclass(frozen=True)
class Fun:
    """One function: name, LaTeX, 50-digit value, SymPy value, slope, and whether 0 is a kink."""

    name: str
    tex: str
    num: Callable[[Any, Any], Any]
    exact: Callable[[Any], Any]
    slope: Callable[[Callable[[str, Any], Any], Any], Any] | None
    kink: bool = False


def _needs(ok: Callable[[Any], bool], what: str, f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def guarded(mp: Any, x: Any) -> Any:
        if not ok(x):
            raise UndefinedError(f"{what} at {mp.nstr(x, 6)}")
        return f(mp, x)

    return guarded


SATURATED = "saturated: more digits are needed than are worth having"


def _unsaturated(f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Refuse arguments at which even very many digits cannot tell the value from its limit."""

    def guarded(mp: Any, x: Any) -> Any:
        # Fewer digits may round to the limit: then another look with more of them follows.
        if mp.dps > 500 and abs(x) > 2 * mp.dps:
            raise UndefinedError(SATURATED)
        return f(mp, x)

    return guarded


def _sigmoid(mp: Any, x: Any) -> Any:
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def _softplus(mp: Any, x: Any) -> Any:
    return (x if x > 0 else mp.mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def _no_slope(what: str) -> Callable[[Any, Any], Any]:
    def slope(call: Any, x: Any) -> Any:
        from .jets import primal

        if primal(x) == 0:
            raise UndefinedError(f"{what} has no derivative at 0")
        return 0 * x

    return slope


def _abs_slope(call: Any, x: Any) -> Any:
    from .jets import primal

    if primal(x) == 0:
        raise UndefinedError("|x| has no derivative at 0")
    return call("sign", x)


def _table() -> dict[str, Fun]:
    logistic = lambda x: 1 / (1 + sp.exp(-x))  # noqa: E731
    f = [
        Fun("exp", r"\exp", lambda m, x: m.exp(x), sp.exp, lambda c, x: c("exp", x)),
        Fun(
            "log",
            r"\log",
            _needs(lambda x: x > 0, "log", lambda m, x: m.log(x)),
            sp.log,
            lambda c, x: 1 / x,
        ),
        Fun(
            "sigmoid",
            r"\sigma",
            _unsaturated(_sigmoid),
            logistic,
            lambda c, x: c("sigmoid", x) * (1 - c("sigmoid", x)),
        ),
        Fun(
            "tanh",
            r"\tanh",
            _unsaturated(lambda m, x: m.tanh(x)),
            sp.tanh,
            lambda c, x: 1 - c("tanh", x) * c("tanh", x),
        ),
        Fun("softplus", r"\operatorname{softplus}", _softplus, lambda x: sp.log(1 + sp.exp(x)),
            lambda c, x: c("sigmoid", x)),
        Fun("relu", r"\operatorname{ReLU}", lambda m, x: x if x > 0 else m.mpf(0), relu,
            lambda c, x: c("step", x), True),
        Fun("step", r"\operatorname{ReLU}'", lambda m, x: m.mpf(1 if x > 0 else 0), step,
            _no_slope("a step"), True),
        Fun("abs", "", lambda m, x: abs(x), sp.Abs, _abs_slope, True),
        Fun("sign", r"\operatorname{sign}", lambda m, x: m.sign(x), sp.sign, _no_slope("sign"), True),
        Fun("sqrt", r"\sqrt", _needs(lambda x: x >= 0, "square root", lambda m, x: m.sqrt(x)), sp.sqrt,
            lambda c, x: 1 / (2 * c("sqrt", x))),
        Fun("sin", r"\sin", lambda m, x: m.sin(x), sp.sin, lambda c, x: c("cos", x)),
        Fun("cos", r"\cos", lambda m, x: m.cos(x), sp.cos, lambda c, x: -c("sin", x)),
        Fun("tan", r"\tan", lambda m, x: m.tan(x), sp.tan, lambda c, x: 1 + c("tan", x) * c("tan", x)),
        Fun("sinh", r"\sinh", lambda m, x: m.sinh(x), sp.sinh, lambda c, x: c("cosh", x)),
        Fun("cosh", r"\cosh", lambda m, x: m.cosh(x), sp.cosh, lambda c, x: c("sinh", x)),
        Fun("atan", r"\arctan", lambda m, x: m.atan(x), sp.atan, lambda c, x: 1 / (1 + x * x)),
        Fun("asin", r"\arcsin", _needs(lambda x: abs(x) <= 1, "arcsin", lambda m, x: m.asin(x)), sp.asin,
            lambda c, x: 1 / c("sqrt", 1 - x * x)),
        Fun("acos", r"\arccos", _needs(lambda x: abs(x) <= 1, "arccos", lambda m, x: m.acos(x)), sp.acos,
            lambda c, x: -1 / c("sqrt", 1 - x * x)),
        Fun("erf", r"\operatorname{erf}", lambda m, x: m.erf(x), sp.erf,
            lambda c, x: 2 * c("exp", -x * x) / c("sqrt", 4 * c("atan", 1 + 0 * x))),
        Fun("floor", "", lambda m, x: m.floor(x), sp.floor, None),
        Fun("ceil", "", lambda m, x: m.ceil(x), sp.ceiling, None),
        Fun("gamma", r"\Gamma", _needs(lambda x: x > 0 or x != int(x), "Gamma", lambda m, x: m.gamma(x)),
            sp.gamma, None),
        Fun("factorial", "", _needs(lambda x: x >= 0, "factorial", lambda m, x: m.factorial(x)),
            sp.factorial, None),
    ]  # fmt: skip
    return {fun.name: fun for fun in f}


FUNCTIONS = _table()
_FENCES = {
    "abs": (r"\left|", r"\right|"),
    "floor": (r"\lfloor ", r" \rfloor"),
    "ceil": (r"\lceil ", r" \rceil"),
}


def unknown(name: str, tex: str | None = None) -> Fun:
    """Return a function of which nothing is known but that it is smooth."""

    def num(mp: Any, x: Any, order: int = 0) -> Any:
        # A few incommensurable waves: smooth and bounded, and no accidental identity holds for them.
        rng = random.Random(int(hashlib.sha256(name.encode()).hexdigest()[:8], 16))
        offset = mp.mpf(rng.randint(20, 40)) / 13
        total = mp.mpf(0) if order else offset
        for _ in range(4):
            weight, rate, phase = (mp.mpf(rng.randint(-99, 99)) / d for d in (97, 71, 41))
            total += weight * rate**order * mp.sin(rate * x + phase + order * mp.pi / 2)
        return total

    return Fun(name, tex or name, num, lambda x: sp.Function(name)(x), None)


class UnknownOrder(sp.Function):
    """SymPy's view of the n-th derivative of an unknown function: UnknownOrder(name, n, x)."""

    is_real = True

    def fdiff(self, argindex: int = 3) -> sp.Expr:
        """Return the next derivative."""
        return UnknownOrder(self.args[0], self.args[1] + 1, self.args[2])

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        return self.fdiff() * self.args[2].diff(s)


class Call(Expr):
    """A function applied to a number, or to each entry of a matrix; `order` counts the primes."""

    def __init__(self, fun: Fun, arg: Any, order: int = 0) -> None:
        super().__init__(arg)
        self.fun, self.order = fun, order
        self.shape = self.args[0].shape
        self.prec = BIG if self._bare() else ATOM

    def _bare(self) -> bool:
        arg = self.args[0]
        return self.fun.name == "log" and not self.order and arg.prec == ATOM and not isinstance(arg, Call)

    @property
    def smooth_unknown(self) -> bool:
        """Whether the function is an unknown one."""
        return self.fun.name not in FUNCTIONS

    def payload(self) -> str:
        """Return function and order."""
        return f":{self.fun.name}^{self.order}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return the function of another argument."""
        return Call(self.fun, args[0], self.order)

    def value(self, env: Any) -> Any:
        """Apply the function."""
        return env.apply(self.fun, env.value(self.args[0]), self.order)

    def kinks(self) -> tuple[Expr, ...]:
        """Return the argument where 0 is a kink."""
        return (self.args[0],) if self.fun.kink else ()

    def tex(self) -> str:
        """Print in the function's own way."""
        arg = self.args[0]
        name = self.fun.name
        if not self.order:
            if name == "exp":
                return (
                    rf"e^{{{arg.tex()}}}"
                    if not any(c in arg.tex() for c in ("frac", "sum"))
                    else (rf"\exp\left({arg.tex()}\right)")
                )
            if name == "sqrt":
                return rf"\sqrt{{{arg.tex()}}}"
            if name in _FENCES:
                return f"{_FENCES[name][0]}{arg.tex()}{_FENCES[name][1]}"
            if name == "factorial":
                return arg.within(ATOM) + "!"
            if self._bare():
                return rf"\log {arg.tex()}"
        shown = {"exp": r"\exp", "abs": r"\operatorname{abs}"}.get(name, self.fun.tex)
        return rf"{shown}{chr(39) * self.order}\left({arg.tex()}\right)"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Miss or add a derivative."""
        if self.order:
            yield "derivative order", Call(self.fun, self.args[0], self.order - 1)
        elif self.fun.name == "step":
            yield "derivative order", Call(FUNCTIONS["relu"], self.args[0])
        if self.fun.name == "relu":
            yield "derivative order", Call(FUNCTIONS["step"], self.args[0])
        elif self.fun.slope is not None and self.fun.name not in ("abs", "sign", "step") and self.order < 2:
            yield "derivative order", Call(self.fun, self.args[0], self.order + 1)


class Function:
    r"""A function to write lines with: `sigma(a)`, and `sigma.d(a)` for its derivative.

    >>> from dlbook.derive import var
    >>> sigmoid(var("a2")).tex(), sigmoid.d(var("a2")).tex()
    ('\\sigma\\left(a_{2}\\right)', "\\sigma'\\left(a_{2}\\right)")
    """

    def __init__(self, fun: Fun) -> None:
        self.fun = fun

    def __call__(self, arg: Any) -> Expr:
        """Apply the function."""
        return Call(self.fun, as_expr(arg))

    def d(self, arg: Any, order: int = 1) -> Expr:
        """Return the derivative of the given order at `arg`."""
        if self.fun.name == "relu" and order == 1:
            return Call(FUNCTIONS["step"], as_expr(arg))
        return Call(self.fun, as_expr(arg), order)


def func(name: str, tex: str | None = None) -> Function:
    r"""Return an unknown smooth function, `f = func("f")`: what is checked for it holds for all.

    >>> from dlbook.derive import var
    >>> func("f").d(var("x"), 2).tex()
    "f''\\left(x\\right)"
    """
    if name in FUNCTIONS:
        raise ValueError(f"{name} is a known function; import it instead")
    return Function(unknown(name, tex))


exp, log, sigmoid, tanh, softplus, ReLU, step_, Abs, sign = (
    Function(FUNCTIONS[n])
    for n in ["exp", "log", "sigmoid", "tanh", "softplus", "relu", "step", "abs", "sign"]
)
sqrt, sin, cos, tan, sinh, cosh, atan, asin, acos, erf, floor, ceil, gamma, factorial = (
    Function(FUNCTIONS[n])
    for n in [
        "sqrt",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "atan",
        "asin",
        "acos",
        "erf",
        "floor",
        "ceil",
        "gamma",
        "factorial",
    ]
)
