"""Wrong versions of a line: every mistake its tree invites, each of which the check must reject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .checking import Values, differ_at, prove_equal, show
from .errors import DerivationError, ShapeError
from .matrices import Misfit
from .nodes import _Big
from .sampling import Space
from .symbols import Elem, Index, Size, Var
from .tree import Expr, Neg, Num

KILLED, EQUIVALENT, SURVIVED = "killed", "equivalent", "survived"


@dataclass
class Mutant:
    """A wrong version of a line and what became of it."""

    kind: str
    latex: str
    status: str
    reason: str
    point: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return dict(self.__dict__)


def mutants_of(expr: Expr, others: Sequence[Expr] = ()) -> Iterator[tuple[str, Expr]]:
    r"""Yield (kind, wrong expression) for all mistakes at all places, each tree once.

    Parameters
    ----------
    expr : Expr
        The right side of a line.
    others : sequence of Expr
        Symbols of the derivation that may be mistaken for one another.

    Examples
    --------
    >>> from dlbook.derive import var
    >>> a, b = var("a b")
    >>> [m.tex() for kind, m in mutants_of(a - b) if kind == "sign"]
    ['-a - b', 'a + b', '-\\left(a - b\\right)']
    """
    seen = {expr.key}
    for kind, wrong in _everywhere(expr, tuple(others), ()):
        if wrong.key not in seen:
            seen.add(wrong.key)
            yield kind, wrong
    for kind, make in (("sign", lambda: Neg(expr)), ("factor 2", lambda: Num(2) * expr)):
        # At the root: a term of a sum has been doubled above, the whole has not.
        if isinstance(expr, Num) and expr.number == 0:
            continue
        wrong = make()
        if wrong.key not in seen and not _is_remainder_line(expr):
            seen.add(wrong.key)
            yield kind, wrong


def _is_remainder_line(expr: Expr) -> bool:
    from .nodes import BigO

    return any(isinstance(n, BigO) for n in expr.walk())


def _everywhere(
    node: Expr, others: tuple[Expr, ...], indices: tuple[Expr, ...]
) -> Iterator[tuple[str, Expr]]:
    yield from node.mutants()
    yield from _mistaken(node, others, indices)
    inside = (*indices, node.index) if isinstance(node, _Big) else indices
    for k, a in enumerate(node.args):
        for kind, wrong in _everywhere(a, others, inside):
            if isinstance(wrong, Misfit):
                yield kind, wrong
                continue
            try:
                yield kind, node.rebuild(*node.args[:k], wrong, *node.args[k + 1 :])
            except ShapeError as problem:
                yield kind, Misfit(str(problem), f"{wrong.tex()} \\text{{ for }} {a.tex()}")
            except DerivationError:
                continue  # not even a well-formed line


def _stem(name: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?[A-Za-z])_?(\d+)", name)
    return (match.group(1), match.group(2)) if match else (name, "")


def _mistaken(node: Expr, others: tuple[Expr, ...], indices: tuple[Expr, ...]) -> Iterator[tuple[str, Expr]]:
    """Yield the same letter with another index."""
    name = getattr(node, "name", None)
    if isinstance(node, Elem):
        return
    if isinstance(node, Index):
        for in_scope in {o.key: o for o in (*indices, *others) if isinstance(o, Index)}.values():
            if in_scope.name != node.name:
                yield "swapped index", in_scope
        return
    if not isinstance(name, str) or isinstance(node, Size) or not isinstance(node, Expr):
        return
    stem, digits = _stem(name)
    if not digits:
        return
    for other in others:
        other_name = getattr(other, "name", "")
        if other_name != name and type(other) is type(node) and other.shape == node.shape:
            other_stem, other_digits = _stem(other_name)
            if other_stem == stem and other_digits:
                yield "swapped index", other


def try_mutants(
    reference: Expr,
    right: Expr,
    space: Space,
    others: Sequence[Expr],
    seconds: float | int,
) -> list[Mutant]:
    """Try all mutants of `right` against `reference`, to which `right` is known to be equal."""
    return [judge(kind, wrong, reference, right, space, seconds) for kind, wrong in mutants_of(right, others)]


def judge(kind: str, wrong: Expr, reference: Expr, right: Expr, space: Space, seconds: float | int) -> Mutant:
    """Reject one mutant by a point, or show it equivalent, or let it survive."""
    if isinstance(wrong, Misfit):
        return Mutant(kind, wrong.tex(), KILLED, f"sizes do not fit: {wrong.message}")
    if wrong.shape != right.shape:
        return Mutant(kind, wrong.tex(), KILLED, "has another shape than the left side")
    try:
        wrong.leaves()
    except DerivationError as problem:
        return Mutant(kind, wrong.tex(), KILLED, str(problem))
    extra = [leaf for name, leaf in wrong.leaves().items() if name not in space.leaves]
    if extra:
        return Mutant(
            kind, wrong.tex(), KILLED, f"brings in {extra[0].tex()}, which the statement does not have"
        )
    for case in space.cases:
        found = differ_at(reference, wrong, case, careful=False)
        if found is not None and found is not False:
            return _killed(kind, wrong, found, case, reference)
    if prove_equal(right, wrong, space, seconds) is not None:
        return Mutant(kind, wrong.tex(), EQUIVALENT, "equal to the line for all values")
    for case in space.more(40):
        found = differ_at(reference, wrong, case, careful=False)
        if found is not None and found is not False:
            return _killed(kind, wrong, found, case, reference)
    return Mutant(kind, wrong.tex(), SURVIVED, "no point tells it from the line, and no proof shows it equal")


def _killed(kind: str, wrong: Expr, found: tuple[Values, Values], case: Any, reference: Expr) -> Mutant:
    a, b = found
    reason = f"{show(a, case)} against {show(b, case)}"
    return Mutant(kind, wrong.tex(), KILLED, reason, case.show(reference, wrong))


def interchangeable(leaves: dict[str, Expr]) -> list[Expr]:
    """Return the symbols that could be mistaken for one another."""
    return [v for v in leaves.values() if isinstance(v, Var) or hasattr(v, "body")]
