"""Checked expressions as float64 functions, for comparison with the chapter's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, no_type_check

from .dense import Dense
from .env import Env
from .errors import DerivationError
from .matrices import (
    Cells,
    Det,
    Diag,
    Fill,
    Had,
    Inv,
    MatMul,
    NormSq,
    Single,
    SoftmaxRows,
    Total,
    Trace,
    Transpose,
)
from .symbols import Var
from .tree import Expr

_NAMES = {"abs": "abs", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}


class Floats(Env):
    """Values as float64 numbers, arrays or tensors."""

    exact_kind = False

    @no_type_check
    def __init__(self, values, lib, np):
        super().__init__()
        self.values, self.lib, self.np = values, lib, np

    def number(self, x: Fraction) -> Any:
        """Return a float."""
        return x.numerator / x.denominator

    @no_type_check
    def draw(self, node, where):
        """Return the value that the caller gave."""
        if node.name not in self.values:
            raise DerivationError(f"no value for {node.name}; known are {', '.join(sorted(self.values))}")
        v = self.values[node.name]
        if not where:
            return v
        return v[tuple(k - 1 for k in where)] if v.ndim == len(where) else v[where[0] - 1, 0]

    @no_type_check
    def symbol(self, node):
        """Return whole arrays as they are."""
        if isinstance(node, Var) and node.name in self.values and self.held(node.name, ()) is None:
            return self.values[node.name]
        return super().symbol(node)

    @no_type_check
    def draw_simplex(self, node, where, limits):
        """Return the value that the caller gave."""
        return self.draw(node, where)

    @no_type_check
    def divide(self, a, b):
        """Divide."""
        return a / b

    @no_type_check
    def power(self, base, exponent, fixed=None):
        """Raise to a power."""
        return base ** (int(fixed) if fixed is not None and fixed.denominator == 1 else exponent)

    @no_type_check
    def apply(self, fun, x, order=0):
        """Apply a function to the whole array."""
        if order:
            if order == 1 and fun.slope is not None:
                return fun.slope(lambda name, v: self._named(name, v), x)
            raise DerivationError(f"no float64 form for derivative {order} of {fun.name}")
        return self._named(fun.name, x)

    @no_type_check
    def _named(self, name, x):
        lib = self.lib
        if self.np is not None and not hasattr(x, "dtype"):
            x = self.np.float64(x)
        elif self.np is None and not hasattr(x, "dtype"):
            x = lib.tensor(x, dtype=lib.float64)
        if name == "sigmoid":
            return lib.sigmoid(x) if self.np is None else 1 / (1 + lib.exp(-x))
        if name == "softplus":
            return lib.logaddexp(x, x * 0)
        if name == "relu":
            return lib.relu(x) if self.np is None else lib.maximum(x, 0.0)
        if name == "step":
            return (x > 0) * 1.0
        if self.np is not None:
            name = _NAMES.get(name, name)
        if not hasattr(lib, name):
            raise DerivationError(f"{name} has no float64 counterpart here")
        return getattr(lib, name)(x)

    @no_type_check
    def derivative(self, node, wrt, order=1):
        """Refuse: a float64 function is made of the last line, which has no derivative left."""
        raise DerivationError(
            f"the derivative in {wrt.tex()} has no float64 form; use a line without derivatives"
        )


@no_type_check
def evaluate_floats(expr, values, backend="numpy"):
    """Return an expression's value for named float64 arrays or tensors."""
    if backend == "torch":
        import torch as lib

        np = None
    else:
        import numpy as lib

        np = lib
    env = Floats(values, lib, np)
    _fix_sizes(expr, values, env)
    return _array(env.value(_vectorised(expr)), env)


@no_type_check
def _array(x, env):
    if isinstance(x, Dense):
        if env.np is None:
            rows = [
                env.lib.stack([env.lib.as_tensor(e, dtype=env.lib.float64) for e in row]) for row in x.rows
            ]
            return env.lib.stack(rows)
        return env.np.array(x.rows, dtype=float)
    return x


@no_type_check
def _fix_sizes(expr, values, env):
    """Read the symbolic sizes off the arrays given, and refuse arrays that do not fit."""
    for name, leaf in expr.leaves().items():
        if not isinstance(leaf, Var) or name not in values:
            continue
        v = values[name]
        got = tuple(getattr(v, "shape", ()))
        if leaf.shape and len(got) == 1 and leaf.shape[1] == 1:
            values[name] = v.reshape(-1, 1)
            got = tuple(values[name].shape)
        if leaf.shape and len(got) != 2:
            raise DerivationError(f"{name} must be a matrix, got shape {got}")
        for s, n in zip(leaf.shape, got, strict=False):
            want = s if isinstance(s, int) else env.fixed.setdefault(s.name, n) if isinstance(s, Var) else n
            if want != n:
                raise DerivationError(f"{name} has size {got}, but {want} was expected where it has {n}")


class _Vector(Expr):
    """A matrix node that computes with whole arrays."""

    def __init__(self, node: Expr, *args: Any) -> None:
        super().__init__(*args)
        self.node, self.shape = node, node.shape

    def payload(self) -> str:
        return self.node.key

    @no_type_check
    def value(self, env):
        node, lib = self.node, env.lib
        found = [env.value(a) for a in self.args]
        if isinstance(node, MatMul):
            total = found[0]
            for x in found[1:]:
                total = total @ x
            return total
        if isinstance(node, Transpose):
            return found[0].T
        if isinstance(node, Had):
            total = found[0]
            for x in found[1:]:
                total = total * x
            return total
        if isinstance(node, NormSq):
            return (found[0] ** 2).sum()
        if isinstance(node, Total):
            return found[0].sum()
        if isinstance(node, Single):
            return found[0][0, 0]
        if isinstance(node, SoftmaxRows):
            if env.np is None:
                return lib.softmax(found[0], 1)
            shifted = lib.exp(found[0] - found[0].max(axis=1, keepdims=True))
            return shifted / shifted.sum(axis=1, keepdims=True)
        if isinstance(node, Inv | Det):
            return lib.linalg.inv(found[0]) if isinstance(node, Inv) else lib.linalg.det(found[0])
        if isinstance(node, Trace):
            return lib.trace(found[0])
        if isinstance(node, Diag):
            return lib.diag(found[0].reshape(-1))
        if isinstance(node, Cells):
            return _array(node.value(env), env)
        m, n = env.shape(node)
        kind = {"dtype": lib.float64} if env.np is None else {}
        return lib.eye(m, **kind) if node.kind == "eye" else getattr(lib, node.kind)((m, n), **kind)


@no_type_check
def _vectorised(expr):
    """Return the tree with definitions opened and matrix nodes on whole arrays."""
    from .sampling import opened
    from .symbols import Elem

    def change(node):
        if isinstance(node, Elem):
            return None
        inner = opened(node)
        if inner is not None:
            return _vectorised(inner)
        if isinstance(
            node,
            MatMul
            | Transpose
            | Had
            | NormSq
            | Total
            | Trace
            | Diag
            | Fill
            | Cells
            | Single
            | SoftmaxRows
            | Inv
            | Det,
        ):
            return _Vector(node, *(_vectorised(a) for a in node.args))
        return None

    return expr.map(change)


def to_function(expr: Expr, symbols: Sequence[Any], backend: str = "numpy") -> Callable[..., Any]:
    """Return a float64 function of the symbols, in the order listed.

    Parameters
    ----------
    expr : Expr
        A checked expression, such as `derivation.result.right`.
    symbols : sequence of Var
        The parameters. A matrix is given as a 2-D array, a vector as 1-D or as a column.
    backend : {"numpy", "torch"}
        What computes.

    Raises
    ------
    DerivationError
        If a symbol of the expression is missing, or an array has the wrong size.

    Examples
    --------
    >>> from dlbook.derive import sigmoid, var
    >>> x = var("x")
    >>> float(to_function(sigmoid(x), [x])(0.0))
    0.5
    """
    if backend not in ("numpy", "torch"):
        raise DerivationError(f"unknown backend {backend!r}; choose 'numpy' or 'torch'")
    names = [s.name for s in symbols]
    missing = {
        n
        for n, v in expr.leaves().items()
        if isinstance(v, Var) and n not in names and not _is_size_of(n, expr)
    }
    if missing:
        raise DerivationError(
            f"the expression also depends on {', '.join(sorted(missing))}; list all symbols"
        )

    def function(*args: Any) -> Any:
        if len(args) != len(names):
            raise DerivationError(f"{len(names)} values are needed ({', '.join(names)}), got {len(args)}")
        return evaluate_floats(expr, dict(zip(names, args, strict=True)), backend)

    function.__doc__ = f"Compute {expr.tex()} for {', '.join(names)}."
    return function


def _is_size_of(name: str, expr: Expr) -> bool:
    from .symbols import Size

    return isinstance(expr.leaves()[name], Size)
