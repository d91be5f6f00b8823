r"""Trees made from trees: with a part replaced, and written out again as a reader would type them."""

from __future__ import annotations

from collections.abc import Iterator

from dlbook.answers.tree import (
    Binary,
    Call,
    Comparison,
    Constant,
    Interval,
    Node,
    Number,
    Sequence,
    Span,
    Symbol,
    Unary,
    Union,
)

_TYPED = {"dsigmoid": "sigmoid'", "dtanh": "tanh'"}


def replaced(node: Node, old: Node, new: Node) -> Node:
    """Copy a tree with one of its nodes (that very one, not one like it) replaced."""
    if node is old:
        return new
    changes: dict[str, object] = {}
    for name, value in vars(node).items():
        if isinstance(value, Node):
            other = replaced(value, old, new)
            if other is not value:
                changes[name] = other
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            items = tuple(replaced(item, old, new) for item in value)
            if any(p is not q for p, q in zip(items, value, strict=True)):
                changes[name] = items
    return type(node)(**{**vars(node), **changes}) if changes else node


def renamed(node: Node, names: dict[str, Node]) -> Node:
    """Copy a tree with all symbols of some names replaced."""
    if isinstance(node, Symbol):
        return names.get(node.name, node)
    changes: dict[str, object] = {}
    for name, value in vars(node).items():
        if isinstance(value, Node):
            changes[name] = renamed(value, names)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[name] = tuple(renamed(item, names) for item in value)
    return type(node)(**{**vars(node), **changes}) if changes else node


def placed(node: Node, span: Span) -> Node:
    """Copy a tree with one place for all of its nodes, for what was not read from the text as it stands."""
    changes: dict[str, object] = {"span": span}
    for name, value in vars(node).items():
        if isinstance(value, Node):
            changes[name] = placed(value, span)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[name] = tuple(placed(item, span) for item in value)
    return type(node)(**{**vars(node), **changes})


def typed(node: Node) -> str:
    """Write a tree as a reader could type it, with more brackets than a reader would need.

    Examples
    --------
    >>> typed(Binary("*", Symbol("x"), Unary("-", Symbol("y"))))
    '(x)*(-(y))'
    """
    match node:
        case Number(value=value):
            return (
                str(value.numerator) if value.denominator == 1 else f"({value.numerator}/{value.denominator})"
            )
        case Constant() | Symbol():
            return node.name
        case Call():
            name = _TYPED.get(node.function, node.function)
            return f"{name}({', '.join(typed(a) for a in node.arguments)})"
        case Unary(operator="T"):
            return f"({typed(node.operand)}).T"
        case Unary(operator="-"):
            return f"-({typed(node.operand)})"
        case Unary():
            return f"({typed(node.operand)}){node.operator}"
        case Binary():
            operator = {".": "*", " ": " "}.get(node.operator, node.operator)
            return f"({typed(node.left)}){operator}({typed(node.right)})"
        case Comparison():
            parts = [typed(node.operands[0])]
            for operator, operand in zip(node.operators, node.operands[1:], strict=True):
                parts += [operator, typed(operand)]
            return " ".join(parts)
        case Sequence():
            inside = ", ".join(typed(item) for item in node.items)
            comma = "," if node.bracket == "(" and len(node.items) == 1 else ""
            return f"{node.bracket}{inside}{comma}{ {'(': ')', '[': ']', '{': '}'}[node.bracket] }"
        case Interval():
            opening, closing = "[" if node.left_closed else "(", "]" if node.right_closed else ")"
            return f"{opening}{typed(node.left)}, {typed(node.right)}{closing}"
        case Union():
            return " U ".join(typed(part) for part in node.sets)
    raise TypeError(f"a {type(node).__name__} cannot be typed")


def factors(node: Node) -> Iterator[tuple[Node, Node]]:
    """Go through the products and quotients in a tree: each factor with the node that it is a factor of."""
    for part in node.walk():
        if isinstance(part, Binary) and part.operator in ("*", " ", ".", "/", "@"):
            yield part.left, part
            yield part.right, part
