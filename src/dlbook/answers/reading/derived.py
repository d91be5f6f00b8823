"""Functions that need none of their own in a tree, because others can say the same."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from dlbook.answers.errors import Unreadable
from dlbook.answers.tree import Binary, Call, Comparison, Node, Number, Span, Unary

_ONE, _TWO, _THREE = (Number(Fraction(n), 1, True) for n in (1, 2, 3))
_ZERO = Number(Fraction(0), 1, True)

Builder = Callable[[list[Node]], Node]

_BUILDERS: dict[str, Builder] = {
    "cbrt": lambda a: Binary("^", a[0], Binary("/", _ONE, _THREE)),
    "transpose": lambda a: Unary("T", a[0]),
    "square": lambda a: Binary("^", a[0], _TWO),
    "sech": lambda a: Binary("/", _ONE, Call("cosh", (a[0],))),
    "log1p": lambda a: Call("log", (Binary("+", _ONE, a[0]),)),
    "expm1": lambda a: Binary("-", Call("exp", (a[0],)), _ONE),
    "where": lambda a: _where(*a),
}
"""What each of them is made of."""


def derived(name: str, arguments: list[Node], span: Span) -> Node | None:
    """Write a function through others.

    Parameters
    ----------
    name : str
        Its canonical name.
    arguments : list of Node
        As many as it takes.
    span : tuple of int
        Where it stands.

    Returns
    -------
    Node or None
        The same without this function; nothing if it has a node of its own.

    Raises
    ------
    Unreadable
        If it cannot be meant.

    Examples
    --------
    >>> derived("square", [_THREE], (0, 9)) == Binary("^", _THREE, _TWO)
    True
    """
    if name in _BUILDERS:
        return _spanned(_BUILDERS[name](arguments), span)
    if name == "step" and len(arguments) == 2:
        return _spanned(_heaviside(*arguments), span)
    if name == "log" and len(arguments) == 2:
        if all(isinstance(argument, Number) for argument in arguments):
            raise Unreadable(
                "A decimal is written with a point. A logarithm to another base is written as a quotient, "
                "such as `ln(8)/ln(2)`.",
                span,
            )
        over, under = (Call("log", (argument,), span=argument.span) for argument in arguments)
        return Binary("/", over, under, span=span)
    return None


def _where(condition: Node, yes: Node, no: Node) -> Node:
    """Choose by a condition: one of the two terms is multiplied by 1, the other by 0."""
    if not isinstance(condition, Comparison):
        raise Unreadable("The first argument of `where` is a condition, such as `x > 0`.", condition.span)
    other = Binary("-", _ONE, condition)
    return Binary("+", Binary("*", condition, yes), Binary("*", other, no))


def _heaviside(x: Node, at_zero: Node) -> Node:
    """Make a step with a value of its own at 0."""
    step = Call("step", (x,))
    if at_zero == _ZERO:
        return step
    return Binary("+", step, Binary("*", at_zero, Comparison(("=",), (x, _ZERO))))


def _spanned(node: Node, span: Span) -> Node:
    """Copy a node with a place."""
    return type(node)(**{**vars(node), "span": span})
