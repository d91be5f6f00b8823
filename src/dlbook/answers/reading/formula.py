r"""The grammar: how numbers, names and signs make a formula.

From loosest to tightest: unions; comparisons; sums; products and quotients, also side by side; signs;
powers; what stands after something (``!``, ``%``, ``.T``). Brackets and what they hold are in
`dlbook.answers.reading.groups`, functions in `dlbook.answers.reading.applied`.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading.applied import Applied
from dlbook.answers.reading.brackets import RELATIONS, starts
from dlbook.answers.reading.numerals import value
from dlbook.answers.reading.phrases import quoted
from dlbook.answers.reading.tokens import Token
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

_PRODUCTS = {"*": "*", "/": "/", "@": "@", "⊙": ".", "//": "/"}


class Formula(Applied):
    """Reads one answer."""

    def whole(self) -> Node:
        """Read all there is."""
        node = self.formula()
        if self.token is not None:
            raise self.stuck()
        return node

    def formula(self) -> Node:
        """Read sets and their union, or anything less."""
        start = self.at
        parts, word = [self.comparison()], ""
        while (token := self.token) and token.sign("∪", "or", "and"):
            word = self.take().text
            parts.append(self.comparison())
            if word == "and" and any(isinstance(part, Comparison) for part in parts):
                both = _between(parts[-2], parts[-1])
                if both is None:
                    raise Unreadable("Write both conditions as one, such as `0 < x < 1`.", token.span)
                parts[-2:] = [both]
        if len(parts) == 1:
            return parts[0]
        return Union(tuple(_set(part) if word == "∪" else part for part in parts), span=self.since(start))

    def comparison(self) -> Node:
        """Read `a < b <= c`, or anything less."""
        start = self.at
        if (token := self.token) and token.sign(*RELATIONS):
            raise Unreadable(f"Something must stand before `{token.text}`.", token.span)
        operands, operators = [self.sum()], []
        while (token := self.token) and token.sign(*RELATIONS):
            operators.append(self.take().text)
            operands.append(self.sum())
        if not operators:
            return operands[0]
        return Comparison(tuple(operators), tuple(operands), span=self.since(start))

    def sum(self) -> Node:
        """Read terms with + and - between them."""
        start = self.at
        node = self.product()
        while (token := self.token) and token.sign("+", "-") and not self.begins_entry(token):
            operator = self.take().text
            node = Binary(operator, node, self.product(), span=self.since(start))
        return node

    def begins_entry(self, token: Token) -> bool:
        """Tell whether this is the sign of the next entry of `[1 -2]`."""
        after = self.ahead(1)
        return self.by_blanks and token.blank and after is not None and not after.blank

    def product(self) -> Node:
        """Read factors."""
        signed = self.at
        negative = bool((token := self.token) and token.sign("+", "-") and self.sign() == "-")
        start = self.at
        node, divided = self.factor(), -1
        numbers = isinstance(node, Number)
        while token := self.token:
            if token.sign(*_PRODUCTS):
                if token.text == "/" and self.loose == self.at:
                    raise self.two_ways_after_function(token)
                self.take()
                here = self.at
                right = self.right_of_circle() if token.text == "⊙" else self.signed_factor()
                if token.text == "//" and negative:  # as in Python, where -7 // 2 is -4
                    node, start, negative = Unary("-", node, span=self.since(signed)), signed, False
                node = Binary(_PRODUCTS[token.text], node, right, span=self.since(start))
                if token.text == "//":
                    node = Call("floor", (node,), span=node.span)
                numbers = numbers and isinstance(right, Number)
                divided = here if token.sign("/", "//") and not numbers else -1
            elif self.side_by_side(token):
                if self.begins_indicator(token):  # the 1 of `w 1[a > 0]`
                    token = self.tokens[self.at] = replace(token, kind="one")
                self.check_side_by_side(token, start, divided)
                before, numbers = self.at - 1, False
                right = self.factor()
                condition = _condition(right)
                if condition and self.tokens[before].text == "1" and node == _ONE:
                    node = condition  # 1(a > 0) is an indicator
                else:
                    node = Binary(" ", node, right, span=self.since(start))
            else:
                break
        return Unary("-", node, span=self.since(signed)) if negative else node

    def right_of_circle(self) -> Node:
        r"""Read what follows `\odot`, which binds matrices less than their product does."""
        start = self.at
        node = self.signed_factor()
        while (token := self.token) and (token.sign("@", "*") or self.side_by_side(token)):
            if token.sign("@", "*"):
                self.take()
                node = Binary(token.text, node, self.signed_factor(), span=self.since(start))
            else:
                self.check_side_by_side(token, start, -1)
                node = Binary(" ", node, self.factor(), span=self.since(start))
        return node

    def sign(self) -> str:
        """Take a + or -, of which only one can stand here."""
        token = self.take()
        if (after := self.token) and after.sign("+", "-"):
            raise Unreadable(
                f"Two signs stand in a row, `{token.text}{after.text}`. Leave one out or use brackets.",
                (token.start, after.end),
            )
        return token.text

    def signed_factor(self) -> Node:
        """Read a factor that may have a sign, such as the one in `2 * -3`."""
        start = self.at
        if (token := self.token) and token.sign("+", "-"):
            sign = self.sign()
            inner = self.factor()
            return Unary("-", inner, span=self.since(start)) if sign == "-" else inner
        return self.factor()

    def side_by_side(self, token: Token) -> bool:
        """Tell whether a further factor follows without a sign."""
        if not starts(token) or (self.by_blanks and token.blank):
            return False
        if token.sign("[") and self.at not in self.pairs:
            return False  # it closes `]0, 1[`
        return not (token.sign("|") and self.bars) and not (token.sign("‖") and self.norm_bars)

    def begins_indicator(self, token: Token) -> bool:
        """Tell whether this is a 1 with a condition in brackets right after it."""
        after = self.ahead(1)
        pair = self.pairs.get(self.at + 1)
        one = token.kind == "number" and token.text == "1"
        return bool(
            one and after and not after.blank and pair and pair.relations and pair.first == self.at + 1
        )

    def check_side_by_side(self, token: Token, start: int, divided: int) -> None:
        """Refuse factors side by side that can be meant in two ways."""
        before = self.tokens[self.at - 1]
        if token.kind == "number":
            raise Unreadable(
                f"Put a sign between {quoted(self.source(before))} and {quoted(self.source(token))}.",
                (before.start, token.end),
            )
        if before.sign("%"):
            raise Unreadable("`%` is per cent here, and a sign must follow it.", before.span)
        if self.loose == self.at and token.kind not in ("function", "open"):
            raise self.two_ways_after_function(token)
        if divided >= 0:
            a = self.part(start, divided - 1)
            b = self.part(divided, self.at)
            c = self.part(self.at, self.at + 1) if token.kind in ("symbol", "constant") else "c"
            if len(a + b + c) > 24 or c == "c":
                a, b, c = "a", "b", "c"
            raise Unreadable(
                f"It is not clear what is divided by what. Write `{a}/({b} {c})` or `({a}/{b}) {c}`.",
                (self.tokens[divided].start, token.end),
            )

    def factor(self) -> Node:
        """Read one factor with its power and what else follows it."""
        start = self.at
        node = self.primary()
        while token := self.token:
            if token.sign("^"):
                node = self.power(node, start)
            elif token.kind == "power":
                node = self.raised(node, start)
            elif token.sign("!", "%"):
                self.take()
                if (after := self.token) and after.sign("!", "%"):
                    raise Unreadable("Use brackets for two such signs in a row, such as `(n!)!`.", after.span)
                node = Unary(token.text, node, span=self.since(start))
            elif token.kind == "attribute":
                node = self.method(node, start)
            elif token.sign("'"):
                raise Unreadable(
                    "A prime can stand only after a function, for its derivative. "
                    "A transpose is written `.T`.",
                    token.span,
                )
            else:
                break
        return node

    def power(self, base: Node, start: int) -> Node:
        """Read what follows `^`."""
        sign = self.take()
        if self.transposes(base):
            return Unary("T", base, span=self.since(start))
        node = Binary("^", base, self.exponent(sign), span=self.since(start))
        first, after = self.ahead(-1), self.token
        euler = isinstance(base, Constant) and base.name == "e" and first is not None
        if (
            euler
            and first is not None
            and not first.sign("}", ")", "⟧", "|")
            and after
            and self.side_by_side(after)
        ):
            power = quoted(self.part(start + 2, self.at))[1:-1]
            raise Unreadable(
                f"It is not clear where the exponent ends. Write `e^({power} ...)` or `(e^{power}) ...`.",
                (sign.start, after.end),
            )
        return node

    def transposes(self, base: Node) -> bool:
        """Take the T of a transpose, if that is what follows."""
        braces = 1 if (token := self.token) and token.sign("{") else 0
        inner, after = self.ahead(braces), self.ahead(2)
        if inner is None or (braces and not (after and after.sign("}"))):
            return False
        symbol = inner.kind == "symbol" and inner.text == "T" and self.is_array(base)
        if inner.sign("ᵀ") or symbol:
            self.at += 1 + 2 * braces
            return True
        return False

    def exponent(self, sign: Token) -> Node:
        """Read an exponent, which may have a sign."""
        token = self.token
        if token is None:
            raise Unreadable("After `^` the power is missing.", sign.span)
        if token.sign("{"):
            return self.braces()
        with self.deeper(token):
            return self.signed_factor()

    def raised(self, base: Node, start: int) -> Node:
        """Read a raised `²`, `⁻¹` or `ᵀ`."""
        token = self.take()
        if token.text == "T":
            return Unary("T", base, span=self.since(start))
        return Binary("^", base, self.small(token), span=self.since(start))

    def small(self, token: Token) -> Node:
        """Read raised characters."""
        text = token.text.removeprefix("-").removeprefix("+")
        node: Node
        if text.isdigit():
            node = Number(*value(text, token.span), span=token.span)
        elif text in self.vocabulary.symbols:
            node = Symbol(text, span=token.span)
        else:
            raise Unreadable("I cannot read this exponent. Write it after `^`.", token.span)
        return Unary("-", node, span=token.span) if token.text[0] == "-" else node


_ONE = Number(Fraction(1), 1, True)


def _condition(node: Node) -> Comparison | None:
    """Give the condition in the brackets of an indicator, if that is what they hold."""
    if isinstance(node, Sequence) and node.bracket == "{" and len(node.items) == 1:
        node = node.items[0]
    return node if isinstance(node, Comparison) else None


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _between(first: Node, second: Node) -> Comparison | None:
    """Make one condition of two for the same thing: `x >= 0 and x < 1` says `0 <= x < 1`."""
    if not (isinstance(first, Comparison) and isinstance(second, Comparison)):
        return None
    if len(first.operators) > 1 or len(second.operators) > 1:
        return None
    for low, high in ((first, second), (second, first)):
        for below in (low, _turned(low)):
            for above in (high, _turned(high)):
                small = {below.operators[0], above.operators[0]} <= {"<", "<="}
                if small and below.operands[1] == above.operands[0]:
                    operands = (*below.operands, above.operands[1])
                    return Comparison(below.operators + above.operators, operands, span=first.span)
    return None


def _turned(node: Comparison) -> Comparison:
    """Write `a < b` as `b > a`."""
    operator = _TURNED.get(node.operators[0], node.operators[0])
    return Comparison((operator,), node.operands[::-1], span=node.span)


def _set(node: Node) -> Node:
    """Read `(0, 1)` as an interval where a set is due."""
    if isinstance(node, Sequence) and node.bracket in "([" and len(node.items) == 2:
        closed = node.bracket == "["
        return Interval(node.items[0], node.items[1], closed, closed, span=node.span)
    return node
