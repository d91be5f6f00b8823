"""Refusal of statements that say nothing."""

from __future__ import annotations

from .env import Exact
from .errors import UndefinedError
from .nodes import Diff, Integral, _Big
from .probability import E
from .sampling import opened
from .tree import Expr, Mul, Num


def unfolded(expr: Expr) -> Expr:
    """Return the tree with every name and abbreviation opened."""

    def change(node: Expr) -> Expr | None:
        inner = opened(node)
        if inner is None or hasattr(node, "base"):
            return None
        return unfolded(inner)

    return expr.map(change)


def refuse_vacuous(left: Expr, right: Expr, rel: str = "=", unfold: bool = False) -> str:
    """Return why a step says nothing, or an empty text.

    >>> from dlbook.derive import var
    >>> x = var("x")
    >>> refuse_vacuous(x, x)
    'both sides are the same expression, so the step says nothing'
    """
    if left == right:
        return "both sides are the same expression, so the step says nothing"
    if rel == "=" and isinstance(left, Num) and isinstance(right, Num):
        return "both sides are bare numbers, so the step says nothing"
    if rel == "=" and not unfold and unfolded(left) == unfolded(right):
        return (
            "both sides are equal by definition only; drop the line, or mark it unfold=True (it then shows a "
            "definition and does not count as a checked step)"
        )
    for side, name in ((left, "left"), (right, "right")):
        why = _hidden_constant(side)
        if why:
            return f"the {name} side {why}"
    return ""


def _hidden_constant(expr: Expr) -> str:
    """Say if symbols are only decoration: x - x, 0 x, x / x."""
    for node in expr.walk():
        if isinstance(node, Mul) and any(isinstance(a, Num) and a.number == 0 for a in node.args):
            others = [a for a in node.args if not isinstance(a, Num)]
            if any(a.free for a in others):
                return f"contains {node.tex()}, a symbol times 0: an unused symbol in disguise"
    if (
        not expr.free
        or expr.shape
        or any(isinstance(n, Diff | _Big | E | Integral) or opened(n) is not None for n in expr.walk())
    ):
        return ""
    try:
        value = Exact().value(expr)
    except (UndefinedError, TypeError, ValueError):
        return ""
    if getattr(value, "is_number", False):
        return (
            f"is the constant {value} whatever its symbols are: {expr.tex()} is an identity that says nothing"
        )
    return ""
