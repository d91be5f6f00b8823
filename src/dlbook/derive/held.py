"""Proof by forgetting: what both sides share as a whole may stand for anything."""

from __future__ import annotations

from collections.abc import Iterator

from .functions import Call
from .nodes import Diff, _Big
from .symbols import Def, Elem, Var
from .tree import Expr


def _shared(expr: Expr, hidden: frozenset[str]) -> Iterator[Expr]:
    """Yield the parts that could be held: names, derivatives and function values without a bound index."""
    inner = hidden | expr.bound()
    if isinstance(expr, Def | Diff | Call) and not (expr.free & hidden):
        yield expr
    for a in expr.args:
        yield from _shared(a, inner if isinstance(expr, _Big) else hidden | expr.bound())


def hold(left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
    """Return both sides with common parts replaced by free symbols, or None if nothing is shared.

    If the sides are equal with the parts free, they are equal for whatever the parts are. The reverse does
    not hold, so a failure says nothing.

    Examples
    --------
    >>> from dlbook.derive import define, exp, var
    >>> x = var("x")
    >>> a = define("a", exp(x))
    >>> [s.free == {"a"} for s in hold(2 * a, a + a)]
    [True, True]
    """
    common = {e.key: e for e in _shared(left, frozenset())}.keys() & {
        e.key for e in _shared(right, frozenset())
    }
    if not common:
        return None
    made: dict[str, Var] = {}

    def change(node: Expr) -> Expr | None:
        if node.key in common:
            if node.key not in made:
                # The name of the held thing, so that one name is never both held and opened (checked below).
                name = node.name if isinstance(node, Def) else f"held-{len(made)}"
                made[node.key] = Var(name, shape=node.shape, ndim=2 if node.shape else 0)
            return made[node.key]
        return node if isinstance(node, Elem) else None

    new = left.map(change), right.map(change)
    names = {v.name for v in made.values()}
    for side in new:
        for name, leaf in _all_leaves(side):
            if name in names and not isinstance(leaf, Var):
                return None  # the name is also opened somewhere: holding it would change the meaning
    return new


def _all_leaves(expr: Expr) -> Iterator[tuple[str, Expr]]:
    for node in expr.walk():
        for part in (node, *node.parts()):
            if not part.args:
                yield from part.leaves().items()
