r"""Relations between expressions: =, <, <=, >, >=, != and "up to O(h^k)"."""

from __future__ import annotations

from typing import Any

from .jets import primal
from .tree import Expr, as_expr

SIGNS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "!=": r"\ne", "~": r"\approx"}
FLIP = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Relation:
    r"""A statement about two expressions; made by `eq(a, b)`, `ne(a, b)`, `a <= b` and so on.

    Examples
    --------
    >>> from dlbook.derive import var
    >>> (var("x") <= 1).tex()
    'x \\le 1'
    """

    def __init__(self, left: Any, rel: str, right: Any) -> None:
        self.left, self.rel, self.right = as_expr(left), rel, as_expr(right)

    @property
    def key(self) -> str:
        """The structure as text."""
        return f"{self.left.key}{self.rel}{self.right.key}"

    @property
    def gap(self) -> Expr:
        """Left minus right."""
        return self.left - self.right

    def leaves(self) -> dict[str, Expr]:
        """Return the free symbols."""
        return {**self.left.leaves(), **self.right.leaves()}

    def tex(self) -> str:
        """Return the LaTeX."""
        return f"{self.left.tex()} {SIGNS[self.rel]} {self.right.tex()}"

    def holds(self, env: Any) -> bool:
        """Return whether the statement is true for numbers."""
        a, b = primal(env.value(self.left)), primal(env.value(self.right))
        return {"=": a == b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "!=": a != b}[self.rel]

    def __bool__(self) -> bool:
        raise TypeError("a relation between expressions is a statement to check, not True or False")

    def __repr__(self) -> str:
        return f"<Relation {self.tex()}>"


def eq(left: Any, right: Any) -> Relation:
    """Return the statement left = right.

    >>> from dlbook.derive import var
    >>> eq(var("x"), 1).tex()
    'x = 1'
    """
    return Relation(left, "=", right)


def ne(left: Any, right: Any) -> Relation:
    r"""Return the statement that left differs from right everywhere.

    >>> from dlbook.derive import var
    >>> ne(var("x"), 1).tex()
    'x \\ne 1'
    """
    return Relation(left, "!=", right)
