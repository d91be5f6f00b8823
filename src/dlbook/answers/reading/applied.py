r"""Functions and what they are applied to: with brackets, without, with a prime, as methods, in LaTeX."""

from __future__ import annotations

from abc import abstractmethod
from fractions import Fraction

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading import words
from dlbook.answers.reading.derived import derived
from dlbook.answers.reading.groups import Groups
from dlbook.answers.reading.numerals import value
from dlbook.answers.reading.phrases import quoted
from dlbook.answers.reading.tokens import Token
from dlbook.answers.tree import Binary, Call, Comparison, Constant, Node, Number, Sequence, Symbol, Unary


class Applied(Groups):
    """Reads the smallest parts of a formula: numbers, symbols, functions, brackets."""

    @abstractmethod
    def factor(self) -> Node:
        """Read one factor with what follows it."""

    @abstractmethod
    def signed_factor(self) -> Node:
        """Read one factor that may have a sign."""

    @abstractmethod
    def exponent(self, sign: Token) -> Node:
        """Read what stands after `^`."""

    @abstractmethod
    def small(self, token: Token) -> Node:
        """Read raised characters."""

    def primary(self) -> Node:
        """Read what has no smaller parts, or brings its own brackets."""
        token = self.token
        if token is None:
            raise self.missing()
        if token.kind == "sign":
            return self.by_sign(token)
        if token.kind in ("function", "open"):
            return self.application()
        if token.kind == "wrapper":
            return self.wrapped()
        if token.kind == "fraction":
            return self.fraction()
        if token.kind == "one":
            return self.indicator()
        if token.kind == "number":
            return Number(*value(self.take().text, token.span), span=token.span)
        if token.kind == "symbol":
            return Symbol(self.take().text, span=token.span)
        if token.kind == "constant":
            return Constant(self.take().text, span=token.span)
        if token.kind == "attribute":
            raise Unreadable("Before this point something is missing.", token.span)
        raise self.stuck()

    def by_sign(self, token: Token) -> Node:
        """Read what begins with a sign."""
        if token.text in "([{]" and self.at in self.pairs:
            return self.bracket()
        if token.text == "⟦":
            return self.drawn()
        if token.text in _ROUND:
            start = self.at
            inner = self.braces()
            return Call(_ROUND[token.text], (inner,), span=self.since(start))
        if token.text in "|‖":
            return self.barred()
        if token.text == "√":
            return self.root_sign()
        if token.text == "∅":
            self.take()
            return Sequence("{", (), span=token.span)
        raise self.missing()

    # functions -----------------------------------------------------------------------------------

    def application(self) -> Node:
        """Read a function with its arguments."""
        start = self.at
        token = self.take()
        name = self.with_primes(token)
        if name == "sqrt" and (node := self.root_of_degree(start)):
            return node
        power = self.power_of_function(token)
        with self.deeper(token):
            node = self.call(token, name, self.arguments(token, name), start)
        return node if power is None else Binary("^", node, power, span=self.since(start))

    def with_primes(self, token: Token) -> str:
        """Take primes, and give the function that the derivative is."""
        start = self.at
        primes = self.primes()
        if not primes:
            return token.text
        if primes == 1 and token.kind == "open":
            return f"{token.text}'"
        if primes == 1 and token.text in words.DERIVATIVES:
            return words.DERIVATIVES[token.text]
        typed = quoted(self.source(token))
        more = "Write this derivative out." if primes == 1 else "Only the first derivative can be written so."
        raise Unreadable(f"I cannot read this prime after {typed}. {more}", self.since(start))

    def primes(self) -> int:
        r"""Take primes, also as `^{\prime}`."""
        count = 0
        while (token := self.token) is not None:
            raised = self.ahead(1)
            if token.sign("'"):
                self.at += 1
            elif token.sign("^") and raised and raised.sign("'"):
                self.at += 2
            elif (
                token.sign("^")
                and raised
                and raised.sign("{")
                and (inner := self.ahead(2))
                and inner.sign("'")
            ):
                if not ((last := self.ahead(3)) and last.sign("}")):
                    break
                self.at += 4
            else:
                break
            count += 1
        return count

    def power_of_function(self, token: Token) -> Node | None:
        """Read the 2 of `sin^2 x`."""
        sign = self.token
        if sign is None or not (sign.sign("^") or sign.kind == "power"):
            return None
        self.take()
        power = self.exponent(sign) if sign.kind == "sign" else self.small(sign)
        name = quoted(self.source(token))[1:-1]
        if isinstance(power, Unary):
            raise Unreadable(
                f"It is not clear what this power means. Write `1/{name}(...)`, "
                "or the inverse function by its name.",
                (token.start, self.since(self.at - 1)[1]),
            )
        return power

    def arguments(self, token: Token, name: str) -> list[Node]:
        """Read what a function is applied to."""
        opening = self.token
        if opening and opening.sign("(", "{") and self.tokens[self.pairs[self.at].last].sign(")", "}"):
            return self.listed_arguments()
        if opening and opening.sign("[") and self.tokens[self.pairs[self.at].last].sign("]"):
            node = self.bracket()
            lone = isinstance(node, Sequence) and len(node.items) == 1
            return [node.items[0]] if lone and isinstance(node, Sequence) else [node]
        typed = quoted(self.source(token))
        if words.FUNCTIONS.get(name, (1, 1))[0] > 1 or name in ("max", "min") or name in words.PAIRS:
            raise Unreadable(f"After {typed} its arguments must stand in brackets.", token.span)
        if opening is None or not self.begins(opening):
            shown = typed[1:-1]
            raise Unreadable(
                f"{typed} is a function here: write what it is applied to, such as `{shown}(...)`."
                + " This question has no symbol of that name." * (name == "sigmoid"),
                token.span,
            )
        begun = self.at
        closed = opening.sign("|", "‖", "⟦", *_ROUND) or opening.kind == "fraction"
        node = self.signed_factor()
        if not closed:
            self.loose, self.loose_parts = self.at, (typed[1:-1], self.part(begun, self.at))
        return [node]

    def two_ways_after_function(self, token: Token) -> Unreadable:
        """Say that it is not clear where the argument without brackets ends."""
        name, inner = self.loose_parts
        quotient = token.sign("/")
        more = "/ ..." if quotient else " ..."
        return Unreadable(
            f"It is not clear what `{name}` is applied to. "
            f"Write `{name}({inner}){more}` or `{name}({inner}{more})`.",
            (self.tokens[self.at - 1].start, token.end),
        )

    def begins(self, token: Token) -> bool:
        """Tell whether an argument without brackets can begin with this."""
        if token.sign("|"):
            return not self.bars
        known = token.kind in ("number", "symbol", "constant", "function", "open", "fraction")
        return known or token.sign("-", "⟦", *_ROUND, "‖", "√")

    def listed_arguments(self) -> list[Node]:
        """Read arguments in brackets, the last of which may say `axis=0`."""
        start = self.at
        found = self.pairs[start]
        items: list[Node] = []
        with self.inside(self.take()):
            while self.at < found.last:
                if (token := self.token) and token.kind == "axis":
                    self.at += 2
                items.append(self.formula())
                if (token := self.token) and token.sign(","):
                    self.take()
                elif self.at < found.last:
                    raise self.stuck()
        self.take()
        return items

    def call(self, token: Token, name: str, arguments: list[Node], start: int) -> Node:
        """Apply a function, if it has as many arguments as it needs."""
        least, most = words.FUNCTIONS.get(name, (2, 2) if name in words.PAIRS else (1, 1))
        span = self.since(start)
        typed = quoted(self.source(token))
        if not arguments:
            raise Unreadable(f"Between the brackets after {typed} something is missing.", span)
        if not least <= len(arguments) <= most:
            due = (
                "one argument"
                if most == 1
                else f"{least} arguments"
                if least == most
                else f"at most {most} arguments"
            )
            comma = " A decimal is written with a point." if len(arguments) == 2 and most == 1 else ""
            raise Unreadable(f"{typed} has {due}, and here there are {len(arguments)}.{comma}", span)
        if name == "sum" and len(arguments) == 1 and not self.is_array(arguments[0]):
            raise Unreadable(
                f"In the brackets of {typed} stands one number, and there is nothing to add up.", span
            )
        if node := derived(name, arguments, span):
            return node
        if name in words.PAIRS:
            return Binary(words.PAIRS[name], arguments[0], arguments[1], span=span)
        if name in words.AXES and len(arguments) == 2 and not _is_axis(arguments[1]):
            raise Unreadable(
                f"The second argument of {typed} is an axis, such as `axis=0`.", arguments[1].span
            )
        return Call(name, tuple(arguments), span=span)

    def method(self, node: Node, start: int) -> Node:
        """Read what stands after a point, such as the T of `X.T`."""
        token = self.take()
        opening = self.token
        opened = opening is not None and opening.sign("(") and not opening.blank
        if token.text in words.TRANSPOSES:
            if opened and self.listed_arguments():
                raise Unreadable("Write the transpose as `.T`.", self.since(self.at - 1))
            return Unary("T", node, span=self.since(start))
        cast = token.text in words.CASTS or (token.text in words.COUNTS and isinstance(node, Comparison))
        if cast and opened and not self.listed_arguments():
            return node
        name = words.ALIASES.get(token.text, token.text if token.text in words.PAIRS else "")
        if not name:
            raise Unreadable(
                f"I do not know {quoted('.' + token.text)}. "
                "After a point, `T`, `sum(...)` and `mean(...)` can stand.",
                token.span,
            )
        if not opened:
            raise Unreadable(f"After {quoted('.' + token.text)} brackets are missing.", token.span)
        return self.call(token, name, [node, *self.listed_arguments()], start)

    def wrapped(self) -> Node:
        """Read `torch.tensor(...)` as what it holds."""
        start = self.at
        token = self.take()
        node = self.bracket()
        if self.tokens[start + 1].text == "(" and self.tokens[self.at - 2].sign(","):
            node = node.items[0] if isinstance(node, Sequence) and len(node.items) == 1 else node
        if token.text == "int" and not isinstance(node, Comparison):
            return Call("floor", (node,), span=self.since(start))
        if isinstance(node, Sequence | Number | Unary | Binary | Comparison):
            return node
        raise Unreadable(
            f"Between the brackets of {quoted(self.source(token))} entries must stand.", token.span
        )

    # roots, fractions, indicators ----------------------------------------------------------------

    def root_sign(self) -> Node:
        """Read `√x`, which takes a number, a name or a bracket."""
        start = self.at
        token = self.take()
        if self.token is None:
            raise self.missing()
        closed = self.token.sign("(", "{", "|")
        with self.deeper(token):
            inner = self.braces() if self.token.sign("{") else self.primary()
        after = self.token
        if not closed and after and (after.sign("^", "!", "%") or after.kind == "power"):
            raise Unreadable(
                "It is not clear how far the root reaches. Write `sqrt(...)`.", (token.start, after.end)
            )
        if not closed:
            self.loose, self.loose_parts = self.at, ("sqrt", self.part(start + 1, self.at))
        return Call("sqrt", (inner,), span=self.since(start))

    def root_of_degree(self, start: int) -> Node | None:
        r"""Read `\sqrt[3]{x}`."""
        opening = self.token
        if opening is None or not opening.sign("["):
            return None
        last = self.pairs[self.at].last
        if last + 1 >= len(self.tokens) or not self.tokens[last + 1].sign("{"):
            return None
        degree = self.items(self.at)
        if len(degree) != 1:
            raise Unreadable("Between these brackets the degree of the root must stand.", self.since(start))
        inner = self.braces()
        span = self.since(start)
        return Binary("^", inner, Binary("/", _ONE, degree[0]), span=span)

    def fraction(self) -> Node:
        r"""Read `\frac{a}{b}`."""
        start = self.at
        self.take()
        over = self.fraction_part(start)
        under = self.fraction_part(start)
        return Binary("/", over, under, span=self.since(start))

    def fraction_part(self, start: int) -> Node:
        """Read a numerator or a denominator: in braces, or a single letter or digit."""
        token = self.token
        if token is not None and token.sign("{"):
            return self.braces()
        if (
            token is None
            or token.kind not in ("number", "symbol", "constant")
            or len(token.text) > 1 < token.end - token.start
        ):
            raise Unreadable(r"Write `\frac{...}{...}` with both parts in braces.", self.since(start))
        return self.primary()

    def indicator(self) -> Node:
        """Read the condition after the 1 of an indicator."""
        start = self.at
        token = self.take()
        if self.token is None or self.at not in self.pairs:
            raise Unreadable(
                "After this 1 a condition must stand in brackets, such as `1[x > 0]`.", token.span
            )
        node = self.bracket()
        while isinstance(node, Sequence) and len(node.items) == 1:
            node = node.items[0]
        if not isinstance(node, Comparison):
            raise Unreadable(
                "Between these brackets a condition must stand, such as `x > 0`.", self.since(start + 1)
            )
        return node


_ONE = Number(Fraction(1), 1, True)
_ROUND = {"⦅": "abs", "⟬": "norm", "⌊": "floor", "⌈": "ceil"}
"""Brackets that are functions."""


def _is_axis(node: Node) -> bool:
    """Tell whether this is a whole number, which may be negative."""
    inner = node.operand if isinstance(node, Unary) and node.operator == "-" else node
    return isinstance(inner, Number) and inner.exact and inner.value in (0, 1, 2)
