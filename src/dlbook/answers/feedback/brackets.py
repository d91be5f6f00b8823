"""Brackets that were forgotten: what an answer would be if a quotient or a power took in more."""

from __future__ import annotations

from collections.abc import Iterator

from dlbook.answers.tree import Binary, Node

MOST = 24
"""Ways that are tried at most."""


def regrouped(node: Node) -> Iterator[Node]:
    """Set brackets in a typed formula that are not there.

    Parameters
    ----------
    node : Node
        A formula, such as ``a/b + c``.

    Yields
    ------
    Node
        The same with more below, above or after: ``a/(b + c)``; ``x^(1/3)`` for ``x^1/3``.
    """
    if isinstance(node, Binary) and node.operator == "/" and isinstance(node.left, Binary):
        base = node.left
        if base.operator == "^":
            yield Binary("^", base.left, Binary("/", base.right, node.right))
    terms = [(sign, _whole_quotient(term)) for sign, term in _terms(node)]
    for i, (sign, term) in enumerate(terms):
        if not isinstance(term, Binary) or term.operator != "/":
            continue
        for j in range(i + 1, len(terms)):
            below = _sum([("+", term.right), *terms[i + 1 : j + 1]])
            yield _sum([*terms[:i], (sign, Binary("/", term.left, below)), *terms[j + 1 :]])
        for j in range(i):
            above = _sum([*terms[j:i], (sign, term.left)])
            yield _sum([*terms[:j], ("+", Binary("/", above, term.right)), *terms[i + 1 :]])


def _whole_quotient(term: Node) -> Node:
    """Read `1/3 y` as `1/(3 y)`."""
    left = term.left if isinstance(term, Binary) and term.operator == " " else None
    if isinstance(term, Binary) and isinstance(left, Binary) and left.operator == "/":
        return Binary("/", left.left, Binary(" ", left.right, term.right))
    return term


def _terms(node: Node) -> list[tuple[str, Node]]:
    """List the terms of a sum with their signs."""
    found: list[tuple[str, Node]] = []
    while isinstance(node, Binary) and node.operator in "+-" and len(found) < MOST:
        found.append((node.operator, node.right))
        node = node.left
    return [("+", node), *reversed(found)]


def _sum(terms: list[tuple[str, Node]]) -> Node:
    """Put terms together again; the sign of the first is in front of all that follows as it stands."""
    total = terms[0][1]
    for sign, term in terms[1:]:
        total = Binary(sign, total, term)
    return total
