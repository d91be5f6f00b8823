"""Mutants of inequalities: a wrong bound is false somewhere, or not attained where the right one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, no_type_check

from .checking import check_order, prove_equal, show, values_at
from .errors import UndefinedError
from .jets import primal
from .matrices import Misfit
from .mutants import EQUIVALENT, KILLED, SURVIVED, Mutant
from .sampling import HIGH, Space
from .tree import Expr, as_expr

if TYPE_CHECKING:
    from .derivation import Step


@no_type_check
def gap_at(left: Expr, right: Expr, point: dict[Expr, Any], space: Space) -> Any:
    """Return right - left where the author says that both are equal."""
    case = space.cases[0]
    env = case.env(HIGH)
    inner = env.child(**{k.name: env.value(as_expr(v)) for k, v in point.items()})
    return primal(inner.value(right)) - primal(inner.value(left))


def judge_bound(
    kind: str, wrong: Expr, previous: Expr, step: Step, space: Space, seconds: float | int
) -> Mutant:
    """Reject a wrong bound, or show it equivalent, or let it survive."""
    if isinstance(wrong, Misfit) or wrong.shape != step.right.shape:
        return Mutant(kind, wrong.tex(), KILLED, "sizes do not fit")
    if not set(wrong.leaves()) <= set(space.leaves):
        return Mutant(kind, wrong.tex(), KILLED, "brings in a new symbol")
    outcome = check_order(previous, step.rel, wrong, space, min(seconds, 0.2))
    if outcome.ok is False:
        return Mutant(
            kind, wrong.tex(), KILLED, f"{outcome.left} against {outcome.right}: {outcome.why}", outcome.point
        )
    if step.tight is not None:
        try:
            gap = gap_at(previous, wrong, step.tight, space)
        except UndefinedError as problem:
            return Mutant(kind, wrong.tex(), KILLED, f"has no value where equality should hold: {problem}")
        if abs(gap) > 1e-30:
            shown = {k.tex(): as_expr(v).tex() for k, v in step.tight.items()}
            return Mutant(kind, wrong.tex(), KILLED, f"not attained: off by {float(gap):.4g}", shown)
    if prove_equal(step.right, wrong, space, seconds) is not None:
        return Mutant(kind, wrong.tex(), EQUIVALENT, "equal to the bound for all values")
    if step.rel == "!=":
        return _apart(kind, wrong, previous, step, space)
    if step.loose:
        return Mutant(kind, wrong.tex(), EQUIVALENT, "also a true bound; the line is declared loose")
    return Mutant(
        kind,
        wrong.tex(),
        SURVIVED,
        "also a true bound: say where yours is attained with tight={...}, or loose=True",
    )


def _apart(kind: str, wrong: Expr, previous: Expr, step: Step, space: Space) -> Mutant:
    """Judge `a != b`: another b makes another statement, whose truth proves nothing."""
    for case in space.cases:
        a, b = values_at(step.right, case), values_at(wrong, case)
        if a.items is not None and b.items is not None and a.items != b.items:
            why = f"another statement: {show(b, case)} instead of {show(a, case)}"
            return Mutant(kind, wrong.tex(), EQUIVALENT, why, case.show(step.right, wrong))
    return Mutant(kind, wrong.tex(), SURVIVED, "passes the same check")
