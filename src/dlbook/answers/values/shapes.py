r"""Shapes of formulas, found without computing, in the sizes that the exercise names."""

from __future__ import annotations

from dlbook.answers.errors import Unreadable
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Binary, Call, Comparison, Node, Number, Sequence, Symbol, Unary
from dlbook.answers.values.evaluate import is_transposed
from dlbook.answers.values.numbers import ShapeClash, TwoPowers

Shape = tuple[int | str, ...]

_TO_NUMBER = {"norm", "trace"}


def in_words(shape: Shape) -> str:
    r"""Write a shape for a reader: ``B x d`` in maths, "a number" for none.

    Examples
    --------
    >>> in_words(("B", "d"))
    '$B \\times d$'
    """
    if not shape:
        return "a single number"
    if len(shape) == 1:
        return f"a vector with ${shape[0]}$ entries"
    return f"${shape[0]} \\times {shape[1]}$"


def infer(node: Node, vocabulary: Vocabulary) -> Shape:
    """Find the shape of a formula.

    Parameters
    ----------
    node : Node
        The formula.
    vocabulary : Vocabulary
        Whose symbols have shapes.

    Returns
    -------
    tuple
        Of sizes, by name where the exercise names them; empty for a number.

    Raises
    ------
    ShapeClash
        If shapes do not fit together; the message says which two, and the span where.
    """
    order, waiting = [], [node]
    while waiting:
        current = waiting.pop()
        order.append(current)
        waiting += current.children
    stack: list[Shape] = []
    for current in reversed(order):
        count = len(current.children)
        shapes = stack[len(stack) - count :]
        del stack[len(stack) - count :]
        stack.append(_shape(current, shapes, vocabulary))
    return stack[0]


def _shape(node: Node, shapes: list[Shape], vocabulary: Vocabulary) -> Shape:
    """Find the shape of a node from those of its parts."""
    match node:
        case Symbol():
            return vocabulary.symbols[node.name].shape
        case Unary(operator="T"):
            return shapes[0][::-1]
        case Unary():
            return shapes[0]
        case Binary():
            return _binary(node, shapes[0], shapes[1], vocabulary)
        case Call():
            return _call(node, shapes, vocabulary)
        case Comparison():
            result = shapes[0]
            for operand, shape in zip(node.operands[1:], shapes[1:], strict=True):
                result = _together(node, node.operands[0], operand, result, shape, vocabulary)
            return result
        case Sequence(bracket="{"):
            raise Unreadable("This is a set, and here a formula is needed.", node.span)
        case Sequence():
            if any(shapes) and len({*shapes}) > 1:
                raise ShapeClash("The rows of a matrix need equally many entries each.", node.span)
            if shapes and len(shapes[0]) > 1:
                raise ShapeClash(
                    "Only vectors and matrices can be compared, nothing with more axes.", node.span
                )
            return (len(shapes), *(shapes[0] if shapes else ()))
    return ()


def _name(node: Node, side: str, vocabulary: Vocabulary) -> str:
    """Call a part of a formula by its symbol, or by the side on which it stands."""
    if isinstance(node, Symbol):
        return f"${vocabulary.symbols[node.name].tex}$"
    if is_transposed(node) and isinstance(node.children[0], Symbol):
        return f"${vocabulary.symbols[node.children[0].name].tex}^{{\\top}}$"
    return f"the {side} side"


def _both(left: Node, right: Node, a: Shape, b: Shape, vocabulary: Vocabulary) -> str:
    """Say which shapes two parts have."""
    first, second = _name(left, "left", vocabulary), _name(right, "right", vocabulary)
    text = f"{first} is {in_words(a)} and {second} is {in_words(b)}"
    return text[0].upper() + text[1:]


def _together(node: Node, left: Node, right: Node, a: Shape, b: Shape, vocabulary: Vocabulary) -> Shape:
    """Combine shapes entry by entry: aligned at the right, 1 stretches."""
    length = max(len(a), len(b))
    wide_a, wide_b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(wide_a, wide_b, strict=True)):
        raise ShapeClash(
            f"{_both(left, right, a, b, vocabulary)}: these two cannot be combined entry by entry.", node.span
        )
    return tuple(q if p == 1 else p for p, q in zip(wide_a, wide_b, strict=True))


def _binary(node: Binary, a: Shape, b: Shape, vocabulary: Vocabulary) -> Shape:
    """Find the shape of a sum, product, quotient or power."""
    matrices = bool(a) and bool(b)
    if node.operator == "@" or (node.operator == " " and matrices):
        if not matrices:
            raise ShapeClash(
                f"{_both(node.left, node.right, a, b, vocabulary)}: `@` needs a vector or a matrix on both "
                "sides. For a number times something write `*`.",
                node.span,
            )
        if len(a) == len(b) == 1 and is_transposed(node.right) and not is_transposed(node.left):
            return a + b
        if a[-1] != b[0] and len(b) == 1 and _literal(node.left) and _literal(node.right):
            raise Unreadable(
                "I cannot tell a column from a row here. A column times a row is written `outer(a, b)`.",
                node.span,
            )
        if a[-1] != b[0]:
            raise ShapeClash(
                f"{_both(node.left, node.right, a, b, vocabulary)}: for this product the inner sizes, "
                f"${a[-1]}$ and ${b[0]}$, must agree. Which factor has to be transposed, or change "
                "its place?",
                node.span,
            )
        return a[:-1] + b[1:]
    if node.operator == "^" and len(a) == 2 and a[0] == a[1]:
        raise TwoPowers(
            "A power of a square matrix can mean two things: write `A @ A` for the matrix product, "
            "`A * A` for entry by entry, `inv(A)` for the inverse.",
            node.span,
        )
    return _together(node, node.left, node.right, a, b, vocabulary)


def _literal(node: Node) -> bool:
    """Tell whether the entries of a vector or matrix are written out."""
    return isinstance(node, Sequence) or (is_transposed(node) and isinstance(node.children[0], Sequence))


def _call(node: Call, shapes: list[Shape], vocabulary: Vocabulary) -> Shape:
    """Find the shape of what a function gives."""
    name, first = node.function, shapes[0]
    if name in ("sum", "mean"):
        return _without_axis(node, first)
    if name in _TO_NUMBER or (name in ("max", "min") and len(shapes) == 1):
        return ()
    if name == "dot":
        product = Binary("@", node.arguments[0], node.arguments[1], span=node.span)
        return _binary(product, shapes[0], shapes[1], vocabulary)
    if name == "outer":
        if not all(len(shape) == 1 for shape in shapes):
            raise ShapeClash(
                f"{_both(node.arguments[0], node.arguments[1], shapes[0], shapes[1], vocabulary)}: "
                "`outer` needs two vectors.",
                node.span,
            )
        return shapes[0] + shapes[1]
    if name == "diag":
        return first * 2 if len(first) == 1 else first[:1]
    if name == "softmax":
        return first
    result = first
    for argument, shape in zip(node.arguments[1:], shapes[1:], strict=True):
        result = _together(node, node.arguments[0], argument, result, shape, vocabulary)
    return result


def _without_axis(node: Call, shape: Shape) -> Shape:
    """Find the shape of a sum or mean, which lacks the axis that it runs along."""
    if len(node.arguments) == 1:
        return ()
    axis = node.arguments[1]
    if isinstance(axis, Unary) and axis.operator == "-" and isinstance(axis.operand, Number):
        number = -axis.operand.value
    elif isinstance(axis, Number):
        number = axis.value
    else:
        raise ShapeClash("An axis is a number: 0 for down the columns, 1 for along the rows.", axis.span)
    if number.denominator != 1 or not -len(shape) <= number < len(shape):
        raise ShapeClash(f"This is {in_words(shape)}: there is no axis {int(number)}.", node.span)
    gone = int(number) % len(shape)
    return shape[:gone] + shape[gone + 1 :]
