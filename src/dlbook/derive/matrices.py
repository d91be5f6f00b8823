r"""Matrices of symbolic size: products, transposes, Hadamard products, diagonals, norms.

Shapes are checked as lines are written (symbol against symbol), values as lines are checked (explicit
matrices).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from .dense import Dense
from .errors import ShapeError, UndefinedError
from .functions import exp, sqrt
from .jets import primal
from .tree import ATOM, MUL, POW, Expr, Num, as_expr, show_shape


def _need_matrix(x: Expr, what: str) -> None:
    if not x.shape:
        raise ShapeError(f"{what} needs a matrix, but {x.tex()} is a number")


class MatMul(Expr):
    """A matrix product, in the order written."""

    prec = MUL

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        for a in self.args:
            _need_matrix(a, "a matrix product")
        for a, b in zip(self.args, self.args[1:], strict=False):
            if a.shape[1] != b.shape[0]:
                raise ShapeError(
                    f"{a.tex()} ({show_shape(a.shape)}) times {b.tex()} ({show_shape(b.shape)}): the inner "
                    "sizes differ; transpose one of them or change the order"
                )
        self.shape = (self.args[0].shape[0], self.args[-1].shape[1])

    def value(self, env: Any) -> Any:
        """Multiply."""
        total = env.value(self.args[0])
        for a in self.args[1:]:
            total = total @ env.value(a)
        return total

    def tex(self) -> str:
        """Set side by side."""
        return " ".join(a.within(MUL + 1 if isinstance(a, Had) else MUL) for a in self.args)

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Exchange neighbours, transpose a factor, drop a factor."""
        for i in range(len(self.args) - 1):
            a = list(self.args)
            a[i], a[i + 1] = a[i + 1], a[i]
            yield from _fits("swapped factors", lambda a=a: MatMul(*a))
        for i, x in enumerate(self.args):
            a = list(self.args)
            a[i] = x.args[0] if isinstance(x, Transpose) else Transpose(x)
            yield from _fits("transpose", lambda a=a: MatMul(*a))
            rest = self.args[:i] + self.args[i + 1 :]
            yield from _fits("dropped factor", lambda rest=rest: rest[0] if len(rest) == 1 else MatMul(*rest))


class Misfit(Expr):
    """A mutant whose sizes do not fit; it carries the message and is rejected by shape."""

    def __init__(self, message: str, shown: str) -> None:
        super().__init__()
        self.message, self.shown = message, shown

    def payload(self) -> str:
        """Return what it shows."""
        return self.shown

    def tex(self) -> str:
        """Return the LaTeX of the wrong expression."""
        return self.shown


def _fits(kind: str, make: Any) -> Iterator[tuple[str, Expr]]:
    """Yield the mutant, or a `Misfit` where its sizes do not fit."""
    try:
        yield kind, make()
    except ShapeError as problem:
        yield kind, Misfit(str(problem), str(problem).split(":")[0])


class Transpose(Expr):
    """A transpose."""

    prec = POW

    def __init__(self, arg: Any) -> None:
        super().__init__(arg)
        _need_matrix(self.args[0], "a transpose")
        self.shape = self.args[0].shape[::-1]

    def value(self, env: Any) -> Any:
        """Transpose."""
        return env.value(self.args[0]).transpose()

    def tex(self) -> str:
        """Print a raised upright T."""
        return rf"{self.args[0].within(ATOM)}^{{\top}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Forget the transpose."""
        yield "transpose", self.args[0]


class Had(Expr):
    """An elementwise product."""

    prec = MUL

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.shape = self.args[0].shape
        for a in self.args[1:]:
            if a.shape != self.shape or not self.shape:
                raise ShapeError(
                    f"elementwise product of {self.args[0].tex()} ({show_shape(self.shape)}) and {a.tex()} "
                    f"({show_shape(a.shape)}): the sizes must be equal"
                )

    def value(self, env: Any) -> Any:
        """Multiply entry by entry."""
        total = env.value(self.args[0])
        for a in self.args[1:]:
            total = total.zip(env.value(a), lambda x, y: x * y)
        return total

    def tex(self) -> str:
        """Print circled dots."""
        return r" \odot ".join(
            a.within(MUL + 1) if isinstance(a, MatMul) else a.within(MUL) for a in self.args
        )

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Drop a factor."""
        for i in range(len(self.args)):
            rest = self.args[:i] + self.args[i + 1 :]
            yield "dropped factor", rest[0] if len(rest) == 1 else Had(*rest)


class _Unary(Expr):
    """A function of one matrix that prints as an operator with brackets."""

    word = ""

    def __init__(self, arg: Any) -> None:
        super().__init__(arg)
        _need_matrix(self.args[0], self.word)
        self.shape = self._shape(self.args[0].shape)

    def _shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return ()

    def tex(self) -> str:
        """Print word and argument."""
        return rf"\operatorname{{{self.word}}}\left({self.args[0].tex()}\right)"


class Trace(_Unary):
    """The sum of the diagonal."""

    word = "tr"

    def _shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        if shape[0] != shape[1]:
            raise ShapeError(f"the trace needs a square matrix, {self.args[0].tex()} is {show_shape(shape)}")
        return ()

    def value(self, env: Any) -> Any:
        """Add the diagonal."""
        rows = env.value(self.args[0]).rows
        total = rows[0][0]
        for i in range(1, len(rows)):
            total = total + rows[i][i]
        return total


class Diag(_Unary):
    """The diagonal matrix of a column vector."""

    word = "diag"

    def _shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        if shape[1] != 1:
            raise ShapeError(f"diag needs a column vector, {self.args[0].tex()} is {show_shape(shape)}")
        return (shape[0], shape[0])

    def value(self, env: Any) -> Any:
        """Spread over the diagonal."""
        entries = env.value(self.args[0]).entries()
        zero = env.number(Num(0).number)
        return Dense([[x if i == j else zero for j in range(len(entries))] for i, x in enumerate(entries)])


class Inv(_Unary):
    """The inverse matrix."""

    prec = POW
    word = "an inverse"

    def _shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        if shape[0] != shape[1]:
            raise ShapeError(
                f"only a square matrix has an inverse, {self.args[0].tex()} is {show_shape(shape)}"
            )
        return shape

    def value(self, env: Any) -> Any:
        """Invert."""
        a = env.value(self.args[0])
        if env.exact_kind:
            m = sp.Matrix(a.rows)
            if m.det().expand() == 0:
                raise UndefinedError("singular matrix")
            return Dense(m.inv().tolist())
        return _gauss(a, env)

    def tex(self) -> str:
        """Print the exponent -1."""
        return f"{self.args[0].within(ATOM)}^{{-1}}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Forget the inverse."""
        yield "inverse", self.args[0]


def _gauss(a: Dense, env: Any) -> Dense:
    """Invert by elimination with row exchange."""
    n = len(a.rows)
    one, zero = env.number(Num(1).number), env.number(Num(0).number)
    rows = [list(r) + [one if i == j else zero for j in range(n)] for i, r in enumerate(a.rows)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(primal(rows[r][c])))
        if primal(rows[pivot][c]) == 0:
            raise UndefinedError("singular matrix")
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for r in range(n):
            if r != c:
                factor = rows[r][c]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[c], strict=True)]
    return Dense([r[n:] for r in rows])


class Det(_Unary):
    """The determinant."""

    word = "det"

    def value(self, env: Any) -> Any:
        """Expand along the first row."""
        return _det(env.value(self.args[0]).rows)


def _det(rows: list[list[Any]]) -> Any:
    if len(rows) == 1:
        return rows[0][0]
    total = None
    for j, x in enumerate(rows[0]):
        part = x * _det([r[:j] + r[j + 1 :] for r in rows[1:]])
        part = -part if j % 2 else part
        total = part if total is None else total + part
    return total


class Fill(Expr):
    """A matrix made of zeros and ones: the identity, the ones, the zeros."""

    def __init__(self, kind: str, rows: Any, cols: Any) -> None:
        super().__init__()
        self.kind = kind
        self.shape = tuple(s if isinstance(s, int) else as_expr(s) for s in (rows, cols))

    def payload(self) -> str:
        """Return kind and sizes."""
        return f":{self.kind}|{[s.key if isinstance(s, Expr) else s for s in self.shape]}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return itself."""
        return self

    def parts(self) -> tuple[Expr, ...]:
        """Return the symbolic sizes."""
        return tuple(s for s in self.shape if isinstance(s, Expr))

    def value(self, env: Any) -> Any:
        """Fill."""
        m, n = env.shape(self)
        pick = {"eye": lambda i, j: int(i == j), "ones": lambda i, j: 1, "zeros": lambda i, j: 0}[self.kind]
        return Dense([[env.number(Num(pick(i, j)).number) for j in range(n)] for i in range(m)])

    def tex(self) -> str:
        """Print I, a bold 1 or a bold 0."""
        return {"eye": "I", "ones": r"\mathbf{1}", "zeros": r"\mathbf{0}"}[self.kind]


class Norm(_Unary):
    r"""The Euclidean (of a matrix: Frobenius) norm.

    >>> from dlbook.derive import vec
    >>> Norm(vec("x", 3)).tex()
    '\\left\\lVert x \\right\\rVert'
    """

    word = "a norm"

    def value(self, env: Any) -> Any:
        """Take the root of the sum of squares."""
        return env.apply(sqrt.fun, env.value(NormSq(self.args[0])))

    def tex(self) -> str:
        """Print double bars."""
        return rf"\left\lVert {self.args[0].tex()} \right\rVert"


class NormSq(Norm):
    r"""The squared norm: the sum of squares of all entries.

    >>> from dlbook.derive import mat
    >>> NormSq(mat("W1", 2, 3)).tex()
    '\\left\\lVert W_{1} \\right\\rVert^{2}'
    """

    prec = POW

    def value(self, env: Any) -> Any:
        """Add the squares."""
        entries = env.value(self.args[0]).entries()
        total = entries[0] * entries[0]
        for x in entries[1:]:
            total = total + x * x
        return total

    def tex(self) -> str:
        """Print double bars with a square."""
        return Norm.tex(self) + "^{2}"

    def mutants(self) -> Iterator[tuple[str, Expr]]:
        """Forget the square."""
        yield "exponent", Norm(self.args[0])


class Total(_Unary):
    r"""The sum of all entries, 1^T A 1."""

    word = "sum"

    def value(self, env: Any) -> Any:
        """Add all entries."""
        entries = env.value(self.args[0]).entries()
        total = entries[0]
        for x in entries[1:]:
            total = total + x
        return total


class SoftmaxRows(_Unary):
    r"""The softmax of each row.

    >>> from dlbook.derive import mat
    >>> SoftmaxRows(mat("S", 2, 3)).tex()
    '\\operatorname{softmax}\\left(S\\right)'
    """

    word = "softmax"

    def _shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        return shape

    def value(self, env: Any) -> Any:
        """Divide the exponentials of a row by their sum."""
        out = []
        for row in env.apply(exp.fun, env.value(self.args[0])).rows:
            total = row[0]
            for x in row[1:]:
                total = total + x
            out.append([env.divide(x, total) for x in row])
        return Dense(out)


class Cells(Expr):
    """A matrix written out entry by entry: `Cells([[1, 2], [3, 4]])`."""

    def __init__(self, rows: list[list[Any]]) -> None:
        super().__init__(*(x for row in rows for x in row))
        self.shape = (len(rows), len(rows[0]))

    def payload(self) -> str:
        """Return the size."""
        return f":{self.shape}"

    def _grid(self, items: Any) -> list[list[Any]]:
        m, n = self.shape
        flat = list(items)
        return [flat[i * n : (i + 1) * n] for i in range(m)]

    def rebuild(self, *args: Expr) -> Expr:
        """Return the same size with other entries."""
        return Cells(self._grid(args))

    def value(self, env: Any) -> Any:
        """Compute the entries."""
        return Dense(self._grid(env.value(a) for a in self.args))

    def tex(self) -> str:
        """Print a pmatrix."""
        rows = [" & ".join(a.tex() for a in row) for row in self._grid(self.args)]
        return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


class Single(Expr):
    """The only entry of a 1 x 1 matrix, printed as that matrix: `scalar(x.T @ y)`."""

    def __init__(self, arg: Any) -> None:
        super().__init__(arg)
        if self.args[0].shape != (1, 1):
            raise ShapeError(f"{self.args[0].tex()} is {show_shape(self.args[0].shape)}, not 1 x 1")
        self.prec = self.args[0].prec

    def value(self, env: Any) -> Any:
        """Take the entry."""
        return env.value(self.args[0]).rows[0][0]

    def tex(self) -> str:
        """Print the matrix."""
        return self.args[0].tex()


def had(*args: Any) -> Expr:
    r"""Return the elementwise product.

    >>> from dlbook.derive import vec
    >>> had(vec("a", 2), vec("b", 2)).tex()
    'a \\odot b'
    """
    return Had(*args)


def scalar(x: Any) -> Expr:
    r"""Return a 1 x 1 product as a number.

    >>> from dlbook.derive import vec
    >>> scalar(vec("x", 2).T @ vec("y", 2)).shape
    ()
    """
    return Single(x)


def inv(x: Any) -> Expr:
    """Return the inverse matrix."""
    return Inv(x)


def eye(n: Any) -> Expr:
    """Return the identity of size n."""
    return Fill("eye", n, n)


def ones(m: Any, n: Any = 1) -> Expr:
    """Return a matrix of ones."""
    return Fill("ones", m, n)


def zeros(m: Any, n: Any = 1) -> Expr:
    """Return a matrix of zeros."""
    return Fill("zeros", m, n)
