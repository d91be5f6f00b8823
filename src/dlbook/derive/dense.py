"""A small matrix of any numbers (mpmath, SymPy, jets)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import ShapeError, UndefinedError


class Dense:
    """Rows of numbers; adds, scales and multiplies with the numbers' own arithmetic."""

    __slots__ = ("rows",)

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0])

    def at(self, where: tuple[int, ...]) -> Any:
        """Return an entry; indices start at 1, a vector needs only one."""
        m, n = self.size
        i, j = (where[0], 1) if len(where) == 1 and n == 1 else (1, where[0]) if len(where) == 1 else where
        if not (1 <= i <= m and 1 <= j <= n):
            raise UndefinedError(f"entry ({i}, {j}) of a {m} x {n} matrix")
        return self.rows[i - 1][j - 1]

    def map(self, f: Callable[[Any], Any]) -> Dense:
        """Apply a function to each entry."""
        return Dense([[f(x) for x in row] for row in self.rows])

    def zip(self, other: Dense, f: Callable[[Any, Any], Any]) -> Dense:
        """Combine entry by entry."""
        if not isinstance(other, Dense) or self.size != other.size:
            raise ShapeError(f"sizes {self.size} and {getattr(other, 'size', 'scalar')} differ")
        return Dense(
            [[f(a, b) for a, b in zip(r, s, strict=True)] for r, s in zip(self.rows, other.rows, strict=True)]
        )

    def __add__(self, other: Any) -> Dense:
        return self.zip(other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Dense:
        return self.zip(other, lambda a, b: a - b)

    def __neg__(self) -> Dense:
        return self.map(lambda a: -a)

    def __mul__(self, other: Any) -> Dense:
        return self.map(lambda a: a * other)

    def __rmul__(self, other: Any) -> Dense:
        return self.map(lambda a: other * a)

    def __matmul__(self, other: Dense) -> Dense:
        if self.size[1] != other.size[0]:
            raise ShapeError(f"sizes {self.size} and {other.size} do not multiply")
        columns = list(zip(*other.rows, strict=True))
        return Dense([[_dot(row, col) for col in columns] for row in self.rows])

    def transpose(self) -> Dense:
        """Return the transpose."""
        return Dense([list(col) for col in zip(*self.rows, strict=True)])

    def entries(self) -> list[Any]:
        """Return all entries, row by row."""
        return [x for row in self.rows for x in row]


def _dot(a: Any, b: Any) -> Any:
    total = a[0] * b[0]
    for x, y in zip(a[1:], b[1:], strict=True):
        total = total + x * y
    return total


def entries(x: Any) -> list[Any]:
    """Return the entries of a matrix, or the number itself, as a list."""
    return x.entries() if isinstance(x, Dense) else [x]
