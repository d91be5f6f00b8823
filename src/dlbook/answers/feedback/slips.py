r"""Slips made on purpose: what becomes of a right formula when one thing in it goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, combinations

from dlbook.answers.rewrite import renamed, replaced
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Binary, Call, Node, Number, Sequence, Symbol, Unary
from dlbook.answers.values.evaluate import is_transposed

_PRODUCTS = ("*", " ", ".", "@")
_OTHERS = {
    "sin": ("cos",),
    "cos": ("sin",),
    "exp": ("log",),
    "log": ("exp", "log2", "log10"),
    "max": ("min",),
    "min": ("max",),
    "sum": ("mean",),
    "mean": ("sum",),
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "relu": ("abs",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
}
_SLOPES = {
    "relu": "step",
    "sigmoid": "dsigmoid",
    "tanh": "dtanh",
    "softplus": "sigmoid",
    "step": "relu",
    "dsigmoid": "sigmoid",
    "dtanh": "tanh",
}
_ONE, _TWO = Number(Fraction(1), 1, True), Number(Fraction(2), 1, True)

Candidate = tuple[str, Node]


def candidates(node: Node, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Make the slips within a formula.

    Parameters
    ----------
    node : Node
        A right formula.
    vocabulary : Vocabulary
        The question's symbols.

    Yields
    ------
    tuple
        The id of the mistake (with the symbols to name after a colon), and the wrong formula; most telling
        first. Some may turn out to be no change at all.
    """
    if isinstance(node, Sequence) and not any(isinstance(part, Symbol) for part in node.walk()):
        yield from _signs(node)  # numbers alone: how each was found cannot be told from it
        return
    yield from chain(
        _matrix(node),
        _swapped(node, vocabulary),
        _one_symbol(node, vocabulary),
        _functions(node, vocabulary),
        _signs(node),
        _missing(node),
        _weights(node),
        _powers(node),
        _quotients(node),
    )


def swapped_products(node: Node) -> Iterator[Candidate]:
    """Read `*` as a matrix product, and matrix products as entry by entry: everywhere, or in one place."""
    for name, old, new in (("generic-star", ("*", "."), "@"), ("generic-at", ("@", " "), "*")):
        places = [p for p in node.walk() if isinstance(p, Binary) and p.operator in old]
        if len(places) > 1:
            changed, walked = node, True
            while walked:
                place = next((p for p in changed.walk() if isinstance(p, Binary) and p.operator in old), None)
                walked = place is not None
                if isinstance(place, Binary):
                    changed = replaced(changed, place, Binary(new, place.left, place.right))
            yield name, changed
        for place in places[:4]:
            yield name, replaced(node, place, Binary(new, place.left, place.right))


def _matrix(node: Node) -> Iterator[Candidate]:
    """Change one transpose, or the order of two factors."""
    for part in node.walk():
        if is_transposed(part):
            yield "generic-inner-transpose", replaced(node, part, part.children[0])
    for part in node.walk():
        if isinstance(part, Binary) and part.operator in ("@", " "):
            yield "generic-order", replaced(node, part, Binary(part.operator, part.right, part.left))


def _swapped(node: Node, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Exchange two symbols throughout."""
    used = {p.name for p in node.walk() if isinstance(p, Symbol)}
    for first, second in combinations(sorted(used), 2):
        if vocabulary.symbols[first].shape == vocabulary.symbols[second].shape:
            swap: dict[str, Node] = {first: Symbol(second), second: Symbol(first)}
            yield f"generic-swapped:{first},{second}", renamed(node, swap)


def _one_symbol(node: Node, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Put another symbol of the question in one place, or throughout."""
    places = [p for p in node.walk() if isinstance(p, Symbol)]
    often = {p.name for p in places if sum(q.name == p.name for q in places) > 1}
    for other in vocabulary.symbols:
        for place in places:
            if other != place.name and _alike(other, place.name, vocabulary):
                yield f"generic-wrong-symbol:{other}", replaced(node, place, Symbol(other))
        for name in sorted(often - {other}):
            if _alike(other, name, vocabulary):
                yield f"generic-wrong-symbol:{other}", renamed(node, {name: Symbol(other)})


def _alike(first: str, second: str, vocabulary: Vocabulary) -> bool:
    """Tell whether two symbols have the same shape."""
    return vocabulary.symbols[first].shape == vocabulary.symbols[second].shape


def _functions(node: Node, vocabulary: Vocabulary) -> Iterator[Candidate]:
    """Put a derivative where the function belongs, or the reverse, or a related function."""
    for part in node.walk():
        if not isinstance(part, Call):
            continue
        name = part.function
        slope = _SLOPES.get(name)
        if name.rstrip("'") in vocabulary.functions:
            slope = name[:-1] if name.endswith("'") else f"{name}'"
        if slope:
            yield "generic-derivative", replaced(node, part, Call(slope, part.arguments))
        for other in _OTHERS.get(name, ()):
            yield "generic-function", replaced(node, part, Call(other, part.arguments))
        if len(part.arguments) == 1 and name in (
            "abs",
            "sqrt",
            "exp",
            "log",
            "sin",
            "cos",
            "sigmoid",
            "tanh",
        ):
            yield "generic-function", replaced(node, part, part.arguments[0])


def _signs(node: Node) -> Iterator[Candidate]:
    """Change one sign within."""
    for part in node.walk():
        if isinstance(part, Binary) and part.operator in "+-":
            other = "-" if part.operator == "+" else "+"
            yield "generic-inner-sign", replaced(node, part, Binary(other, part.left, part.right))
            yield "generic-inner-sign", replaced(node, part, Binary(other, Unary("-", part.left), part.right))
        elif isinstance(part, Unary) and part.operator == "-":
            yield "generic-inner-sign", replaced(node, part, part.operand)
        elif isinstance(part, Call) and len(part.arguments) == 1:
            negative = Call(part.function, (Unary("-", part.arguments[0]),))
            yield "generic-inner-sign", replaced(node, part, negative)


def _powers(node: Node) -> Iterator[Candidate]:
    """Change an exponent by one, drop it, double it; square what is not squared."""
    for part in node.walk():
        if isinstance(part, Binary) and part.operator == "^":
            exponent = part.right
            for new in (
                Binary("-", exponent, _ONE),
                Binary("+", exponent, _ONE),
                _ONE,
                Unary("-", exponent),
                Binary("*", exponent, _TWO),
                Binary("/", exponent, _TWO),
            ):
                yield "generic-power", replaced(node, part, Binary("^", part.left, new))
    for part in node.walk():
        if isinstance(part, Symbol | Call) or (isinstance(part, Binary) and part.operator in "+-"):
            yield "generic-power", replaced(node, part, Binary("^", part, _TWO))


def _missing(node: Node) -> Iterator[Candidate]:
    """Leave out one factor, one divisor, or one term."""
    for part in node.walk():
        if not isinstance(part, Binary):
            continue
        if part.operator in _PRODUCTS:
            yield "generic-missing-factor", replaced(node, part, part.left)
            yield "generic-missing-factor", replaced(node, part, part.right)
        elif part.operator == "/":
            yield "generic-missing-factor", replaced(node, part, part.left)
            yield "generic-missing-factor", replaced(node, part, Binary("/", _ONE, part.right))
        elif part.operator in "+-":
            yield "generic-missing-term", replaced(node, part, part.left)
            rest = Unary("-", part.right) if part.operator == "-" else part.right
            yield "generic-missing-term", replaced(node, part, rest)


def _weights(node: Node) -> Iterator[Candidate]:
    """Double or halve one term of a sum."""
    for part in node.walk():
        if isinstance(part, Binary) and part.operator in "+-":
            for sign in "*/":
                for term in (part.left, part.right):
                    yield "generic-inner-factor", replaced(node, term, Binary(sign, term, _TWO))


def _quotients(node: Node) -> Iterator[Candidate]:
    """Turn a quotient upside down, or put a factor below the bar or a divisor above it."""
    for part in node.walk():
        if not isinstance(part, Binary):
            continue
        if part.operator == "/":
            yield "generic-upside-down", replaced(node, part, Binary("/", part.right, part.left))
            yield "generic-upside-down", replaced(node, part, Binary("*", part.left, part.right))
        elif part.operator in ("*", " ", "."):
            yield "generic-upside-down", replaced(node, part, Binary("/", part.left, part.right))
            yield "generic-upside-down", replaced(node, part, Binary("/", part.right, part.left))
