"""A single statement, to be placed in prose or checked on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .argmin import ArgMin, check_argmin
from .checking import Outcome, check_equal, check_order
from .relations import SIGNS, Relation
from .sampling import Space
from .tree import as_expr


class Claim:
    """`left relation right`, as it stands on a line; shows itself as LaTeX."""

    def __init__(self, left: Any, rel: str, right: Any, label: str | None = None) -> None:
        self.left, self.rel, self.right, self.label = as_expr(left), rel, as_expr(right), label

    def latex(self) -> str:
        """Return the statement."""
        return f"{self.left.tex()} {SIGNS[self.rel]} {self.right.tex()}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __repr__(self) -> str:
        return f"<Claim {self.latex()}>"


def check_claim(statement: Relation, assume: Sequence[Relation] = (), seconds: float | int = 5.0) -> Outcome:
    """Check one statement on its own, vacuity included; for hints, answer keys and tests.

    Parameters
    ----------
    statement : Relation
        `eq(left, right)`, `left <= right`, `ne(left, right)` ...
    assume : sequence of Relation
        What may be taken for granted.
    seconds : float
        Time limit of the proof.

    Returns
    -------
    Outcome
        `ok` is True, False (with a point where it fails) or None (undecided).

    Examples
    --------
    >>> from dlbook.derive import eq, sqrt, var
    >>> x = var("x")
    >>> check_claim(eq(sqrt(x**2), x)).ok
    False
    """
    from .vacuity import refuse_vacuous

    why = refuse_vacuous(statement.left, statement.right, statement.rel)
    if why:
        return Outcome(False, "", why)
    space = Space([statement.left, statement.right], assume)
    if isinstance(statement.left, ArgMin):
        return check_argmin(statement.left, statement.right, space, seconds)
    if statement.rel == "=":
        return check_equal(statement.left, statement.right, space, seconds)
    return check_order(statement.left, statement.rel, statement.right, space, seconds)
