r"""Printing a tree as a formula, so that a reader can see how their answer was understood.

What is printed shows the grouping as it was read: quotients are fractions, and brackets stand wherever the
eye could group differently. Reading the print again gives a tree of the same value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from dlbook.answers.reading import words
from dlbook.answers.reading.groups import is_array
from dlbook.answers.reading.names import Lexicon, lexicon
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import (
    Binary,
    Call,
    Comparison,
    Constant,
    Interval,
    Node,
    Number,
    Sequence,
    Symbol,
    Unary,
    Union,
)

_ANY, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(6)
_RELATIONS = {"=": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}
_CONSTANTS = {"pi": r"\pi", "e": "e", "inf": r"\infty"}
_BRACKETS = {"(": (r"\left(", r"\right)"), "[": (r"\left[", r"\right]"), "{": (r"\left\{", r"\right\}")}
_FUNCTIONS = {
    **{name: rf"\{name}" for name in ["exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"]},
    **{f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")},
    **{f"a{name}": rf"\operatorname{{ar{name}}}" for name in ("sinh", "cosh", "tanh")},
    "log": r"\ln",
    "log10": r"\log_{10}",
    "log2": r"\log_{2}",
    "sigmoid": r"\sigma",
    "dsigmoid": r"\sigma'",
    "dtanh": r"\tanh'",
    "relu": r"\operatorname{ReLU}",
    "step": r"\operatorname{ReLU}'",
    "sign": r"\operatorname{sgn}",
    "trace": r"\operatorname{tr}",
}
_KEYS = {
    "log": "ln",
    "sigmoid": "sigma",
    "dsigmoid": "sigma",
    "relu": "ReLU",
    "step": "ReLU",
    "sign": "sgn",
    "trace": "tr",
}
_FALLBACKS = {"dsigmoid": r"\operatorname{sigmoid}'", "step": r"\operatorname{step}"}

Printed = tuple[str, int]
"""A formula, and how tightly it holds together."""


def latex(node: Node, vocabulary: Vocabulary) -> str:
    r"""Print a tree.

    Parameters
    ----------
    node : Node
        From :func:`dlbook.answers.reading.parse.read`.
    vocabulary : Vocabulary
        The exercise's, which says how its symbols print.

    Returns
    -------
    str
        LaTeX, without dollars.

    Examples
    --------
    >>> from dlbook.answers.reading.parse import read
    >>> print(latex(read("(1 - 2^-3)/4", Vocabulary()), Vocabulary()))
    \frac{1 - 2^{-3}}{4}
    """
    return _Printer(vocabulary).show(node)


class _Printer:
    """Prints trees with one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.names: Lexicon = lexicon(vocabulary)
        self.ways: dict[type[Node], Callable[[Any], Printed]] = {
            Number: self.number,
            Constant: self.constant,
            Symbol: self.symbol,
            Call: self.call,
            Unary: self.unary,
            Binary: self.binary,
            Comparison: self.comparison,
            Sequence: self.sequence,
            Interval: self.interval,
            Union: self.union,
        }

    def show(self, node: Node, least: int = _ANY) -> str:
        """Print a node, in brackets unless it holds together at least so tightly."""
        text, level = self.ways[type(node)](node)
        if level >= least:
            return text
        if isinstance(node, Comparison):
            return rf"\mathbb{{1}}\left[{text}\right]"
        return rf"\left({text}\right)"

    def number(self, node: Number) -> Printed:
        """Print a number with as many digits as were typed."""
        if node.value < 0:
            return f"-{self.number(Number(-node.value, node.digits, node.exact))[0]}", _PRODUCT
        if node.value.denominator == 1 and (node.exact or node.digits >= len(str(node.value))):
            whole = str(node.value)
            zeros = node.digits - len(whole)
            return (
                (whole, _ATOM)
                if node.exact or not zeros or not node.value
                else (f"{whole}.{'0' * zeros}", _ATOM)
            )
        return _decimal(node)

    def constant(self, node: Constant) -> Printed:
        """Print pi, e or infinity."""
        return _CONSTANTS[node.name], _ATOM

    def symbol(self, node: Symbol) -> Printed:
        """Print a symbol as its key says."""
        spec = self.vocabulary.symbols.get(node.name)
        if spec is None:
            return rf"\mathrm{{{node.name}}}", _ATOM
        return spec.tex, _ATOM if node.name in self.names.single else _POWER

    def call(self, node: Call) -> Printed:
        """Print a function and its arguments."""
        inner = [self.show(argument) for argument in node.arguments]
        if node.function == "sqrt":
            return rf"\sqrt{{{inner[0]}}}", _ATOM
        if node.function == "abs":
            return rf"\left|{inner[0]}\right|", _ATOM
        if node.function == "norm":
            return rf"\left\lVert {inner[0]}\right\rVert", _ATOM
        if node.function in ("floor", "ceil"):
            return rf"\left\l{node.function} {inner[0]}\right\r{node.function}", _ATOM
        if node.function in words.AXES and len(inner) == 2:
            inner[1] = rf"\text{{axis}} = {inner[1]}"
        return rf"{self.function(node.function)}\left({', '.join(inner)}\right)", _POWER

    def function(self, name: str) -> str:
        """Print a function's name, in words where its sign is a symbol of the exercise."""
        base = name.removesuffix("'")
        if base in self.vocabulary.functions:
            return self.vocabulary.functions[base].tex + name[len(base) :]
        if name in _FUNCTIONS and not self.names.kind(_KEYS.get(name, name)):
            return _FUNCTIONS[name]
        return _FALLBACKS.get(name, rf"\operatorname{{{name}}}")

    def unary(self, node: Unary) -> Printed:
        """Print a sign, or what stands after an operand."""
        if node.operator == "-":
            return f"-{self.show(node.operand, _PRODUCT)}" if not _signed(node.operand) else (
                rf"-\left({self.show(node.operand)}\right)"
            ), _PRODUCT
        operand = self.show(node.operand, _ATOM)
        return operand + {"T": r"^{\top}", "!": "!", "%": r"\%"}[node.operator], _POWER

    def binary(self, node: Binary) -> Printed:
        """Print an operation."""
        if node.operator == "/":
            return rf"\frac{{{self.show(node.left)}}}{{{self.show(node.right)}}}", _POWER
        if node.operator == "^":
            return rf"{self.show(node.left, _ATOM)}^{{{self.show(node.right)}}}", _POWER
        if node.operator in "+-":
            right = self.show(node.right, _PRODUCT)
            right = rf"\left({right}\right)" if _signed(node.right) else right
            return f"{self.show(node.left, _SUM)} {node.operator} {right}", _SUM
        return self.product(node)

    def product(self, node: Binary) -> Printed:
        """Print a product, with a sign only where factors side by side would mislead."""
        left = self.show(node.left, _PRODUCT)
        if _signed(node.left) or (_is_product(node.left) and _sign(node.left) != _sign(node)):
            left = rf"\left({left}\right)"
        right = self.show(node.right, _POWER)
        arrays = is_array(node.left, self.vocabulary) and is_array(node.right, self.vocabulary)
        if node.operator == ".":
            between = r" \odot "
        elif node.operator == "*" and arrays:
            between = r" \ast "
        elif re.match(r"[\d.]|\\frac\{\d", right) or re.search(r"[!%]$", left):
            between = r" \cdot "
        else:
            between = " "
        return f"{left}{between}{right}", _PRODUCT

    def comparison(self, node: Comparison) -> Printed:
        """Print a chain of comparisons."""
        parts = [self.show(node.operands[0], _SUM)]
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            parts += [_RELATIONS[operator], self.show(operand, _SUM)]
        return " ".join(parts), _RELATION

    def sequence(self, node: Sequence) -> Printed:
        """Print entries in their brackets, and rows of equal length as a matrix."""
        if node.bracket == "{" and not node.items:
            return r"\emptyset", _ATOM
        if node.bracket == "[" and (rows := _rows(node)):
            body = r" \\ ".join(" & ".join(self.show(item) for item in row) for row in rows)
            return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}", _ATOM
        left, right = _BRACKETS[node.bracket]
        body = ", ".join(self.show(item, _SUM) for item in node.items)
        # without the comma, (x) would be x, and [2 x] would have two entries
        last = "," if len(node.items) == 1 and node.bracket in "([" else ""
        return f"{left}{body}{last}{right}", _ATOM

    def interval(self, node: Interval) -> Printed:
        """Print an interval."""
        left, right = "[" if node.left_closed else "(", "]" if node.right_closed else ")"
        return rf"\left{left}{self.show(node.left)}, {self.show(node.right)}\right{right}", _ATOM

    def union(self, node: Union) -> Printed:
        """Print sets with the sign of their union between them."""
        sets = all(isinstance(part, Sequence | Interval) for part in node.sets)
        between = r" \cup " if sets else r" \text{ or } "
        return between.join(self.show(part, _RELATION) for part in node.sets), _ANY


def _decimal(node: Number) -> Printed:
    """Print a number that is no whole one."""
    value = node.value
    if node.exact:
        return rf"\frac{{{value.numerator}}}{{{value.denominator}}}", _POWER
    power = 0
    while value >= 10 ** (power + 1):
        power += 1
    while value < Fraction(10) ** power:
        power -= 1
    digits = max(node.digits, 1)
    mantissa = str(round(value / Fraction(10) ** (power - digits + 1)))
    if -5 <= power < 0:
        return f"0.{'0' * (-power - 1)}{mantissa}", _ATOM
    if 0 <= power < digits:
        return f"{mantissa[: power + 1]}.{mantissa[power + 1 :]}".rstrip("."), _ATOM
    if mantissa == "1":
        return f"10^{{{power}}}", _POWER
    point = f"{mantissa[0]}.{mantissa[1:]}".rstrip(".")
    return rf"{point} \cdot 10^{{{power}}}", _PRODUCT


def _signed(node: Node) -> bool:
    """Tell whether a minus sign comes first."""
    return (isinstance(node, Unary) and node.operator == "-") or (isinstance(node, Number) and node.value < 0)


def _is_product(node: Node) -> bool:
    return isinstance(node, Binary) and node.operator in "*@. "


def _sign(node: Node) -> str:
    """Give the operator of a product, with those together that print alike."""
    operator = node.operator if isinstance(node, Binary) else ""
    return " " if operator in "*@ " else operator


def _rows(node: Sequence) -> list[tuple[Node, ...]]:
    """Give the rows of a matrix, or nothing."""
    rows = [item.items for item in node.items if isinstance(item, Sequence) and item.bracket == "["]
    proper = len(rows) == len(node.items) and len({len(row) for row in rows}) == 1 and rows[0]
    return rows if proper else []
