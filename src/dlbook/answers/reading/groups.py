r"""Brackets and what they hold: groups, vectors, matrices, sets, intervals, absolute values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading import words
from dlbook.answers.reading.brackets import Pair, ends, starts
from dlbook.answers.reading.commas import comma
from dlbook.answers.reading.phrases import quoted
from dlbook.answers.reading.tokens import Token
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Call, Comparison, Interval, Node, Sequence, Span, Symbol

_DEEPEST = 60


class Groups(ABC):
    """The tokens, how far they have been read, and how to read what brackets hold.

    Parameters
    ----------
    text : str
        As typed.
    tokens : list of Token
        With names understood.
    pairs, norms
        From :func:`dlbook.answers.reading.brackets.pair`.
    vocabulary : Vocabulary
        The exercise's.
    """

    def __init__(
        self, text: str, tokens: list[Token], pairs: dict[int, Pair], norms: set[int], vocabulary: Vocabulary
    ) -> None:
        self.text, self.tokens, self.pairs, self.norms, self.vocabulary = (
            text,
            tokens,
            pairs,
            norms,
            vocabulary,
        )
        self.at = 0
        self.depth = 0
        self.bars = self.norm_bars = 0
        self.by_blanks = False
        self.loose, self.loose_parts = -1, ("", "")
        self.pictures: set[Span] = set()

    @abstractmethod
    def formula(self) -> Node:
        """Read a whole formula."""

    # the tokens ----------------------------------------------------------------------------------

    @property
    def token(self) -> Token | None:
        """The next token, or None at the end."""
        return self.ahead(0)

    def ahead(self, distance: int) -> Token | None:
        """Look further."""
        place = self.at + distance
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def take(self) -> Token:
        """Go on by one token."""
        self.at += 1
        return self.tokens[self.at - 1]

    def since(self, start: int) -> Span:
        """Give the part of the text that has been read since a token."""
        return (self.tokens[start].start, self.tokens[self.at - 1].end)

    def source(self, token: Token) -> str:
        """Give a token as it was typed."""
        return self.text[token.start : token.end]

    def part(self, start: int, end: int) -> str:
        """Give some tokens as they were typed, fit for a message."""
        typed = self.text[self.tokens[start].start : self.tokens[max(start, end - 1)].end]
        return quoted(typed, 12)[1:-1]

    @contextmanager
    def deeper(self, token: Token) -> Iterator[None]:
        """Count how deep the reading has got, which the depth of brackets alone does not tell."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable("This is too deeply nested. Write it more simply.", token.span)
        yield
        self.depth -= 1

    def stuck(self) -> Unreadable:
        """Say why the next token cannot stand where it stands."""
        token = self.token
        if token is None:
            return self.missing()
        if token.sign(","):
            return comma(self.tokens, self.at)
        messages = {
            ";": "A semicolon can stand only between the rows of a matrix, such as `[1, 2; 3, 4]`.",
            ":": "A colon cannot be read here. A quotient is written with `/`.",
            "|": "This `|` has no partner.",
            "‖": "This sign of a norm has no partner.",
            "&": "`&` can stand only between the entries of a matrix.",
            "\\\\": "Two backslashes can stand only between the rows of a matrix.",
            ".": "A point can stand in a number, such as 0.5, or before `T`, such as `X.T`. "
            "A product is written `*`.",
        }
        default = f"I do not understand what {quoted(self.source(token))} does here."
        return Unreadable(messages.get(token.text, default) if token.kind == "sign" else default, token.span)

    def missing(self) -> Unreadable:
        """Say what the formula lacks where a factor should stand."""
        before, token = self.ahead(-1), self.token
        if token is None or token.sign(")", "]", "}", "⟧", "⦆", "⟭", "⌋", "⌉", ",", ";", "&", "\\\\"):
            if before is None or before.sign("(", "[", "{", "⟦", "⦅", "⟬", "⌊", "⌈", ",", ";", "&", "\\\\"):
                if token is None or before is None:
                    return Unreadable("Something is missing here.", (token or self.tokens[-1]).span)
                both = f"{quoted(self.source(before))} and {quoted(self.source(token))}"
                return Unreadable(
                    f"Between {both} something is missing.",
                    (before.start, token.end),
                )
            return Unreadable(f"After {quoted(self.source(before))} something is missing.", before.span)
        if token.kind != "sign" or token.text not in "+-*/^@⊙!%='<>":
            return self.stuck()
        if before is not None and before.kind == "sign" and before.text in "+-*/^@⊙":
            both = quoted(self.text[before.start : token.end], 12)
            return Unreadable(
                f"Two signs stand in a row, {both}. Leave one out, or write what belongs between them.",
                (before.start, token.end),
            )
        return Unreadable(f"Before {quoted(self.source(token))} something is missing.", token.span)

    # brackets ------------------------------------------------------------------------------------

    @contextmanager
    def inside(self, token: Token, by_blanks: bool = False) -> Iterator[None]:
        """Read inside a bracket, where bars and rows outside do not count."""
        saved = self.bars, self.norm_bars, self.by_blanks
        self.bars, self.norm_bars, self.by_blanks = 0, 0, by_blanks
        with self.deeper(token):
            yield
        self.bars, self.norm_bars, self.by_blanks = saved

    def braces(self) -> Node:
        """Read one formula between braces that only hold together, as LaTeX has them."""
        start = self.at
        items = self.items(start)
        if len(items) == 2 and (comma_at := self.comma_between(items)):
            raise comma(self.tokens, comma_at)
        if len(items) != 1:
            raise Unreadable("Between these braces one formula must stand.", self.since(start))
        return items[0]

    def comma_between(self, items: list[Node]) -> int | None:
        """Find the comma between two entries in the list of tokens."""
        first, second = items[0].span[1], items[1].span[0]
        places = range(self.at)
        return next(
            (i for i in places if first <= self.tokens[i].start < second and self.tokens[i].sign(",")), None
        )

    def items(self, start: int) -> list[Node]:
        """Read the entries of the bracket that opens here, and go past it."""
        found = self.pairs[start]
        items: list[Node] = []
        separator = ";" if found.semicolons and not found.commas else ","
        with self.inside(self.take()):
            while self.at < found.last:
                items.append(self.formula())
                if (token := self.token) and token.sign(separator):
                    self.take()
                elif self.at < found.last:
                    raise self.stuck()
        self.take()
        return items

    def bracket(self) -> Node:
        """Read what stands in round, square or curly brackets."""
        start = self.at
        found, opening = self.pairs[start], self.tokens[start]
        rows = opening.text == "[" and (found.semicolons or not found.commas)
        if rows and self.tokens[found.last].text == "]":
            return self.square(start)
        items = self.items(start)
        closing, span = self.tokens[self.at - 1], self.since(start)
        if (opening.text, closing.text) not in (("(", ")"), ("[", "]"), ("{", "}")):
            return _interval(opening, closing, items, span)
        if opening.text == "(" and not items and (start or self.token):
            raise Unreadable("Between these brackets something is missing.", span)
        lone = len(items) == 1 and not self.tokens[self.at - 2].sign(",", ";")
        if lone and (opening.text == "(" or items[0].span in self.pictures):
            return items[0]
        if lone and opening.text == "{" and self.holds_together(start):
            return items[0]
        return Sequence(opening.text, tuple(items), span=span)

    def square(self, start: int) -> Node:
        """Read square brackets whose entries are separated by blanks, and rows by semicolons."""
        found = self.pairs[start]
        rows: list[list[Node]] = [[]]
        spans = [self.at + 1]
        with self.inside(self.take(), by_blanks=self.by_entries(start)):
            while self.at < found.last:
                if (token := self.token) and token.sign(";") and rows[-1]:
                    self.take()
                    rows.append([])
                    spans.append(self.at)
                    continue
                rows[-1].append(self.formula())
                if (token := self.token) and token.sign(","):
                    self.take()
                elif token and not token.blank and not token.sign(";", "]"):
                    raise self.stuck()
        self.take()
        span = self.since(start)
        if not rows[-1] and len(rows) > 1:
            rows.pop()
        if not found.semicolons:
            entries = rows[0]
            if len(entries) == 1 and self.lone(start, entries[0]):
                return entries[0]
            return Sequence("[", tuple(entries), span=span)
        return _matrix(rows, span)

    def by_entries(self, start: int) -> bool:
        """Tell whether blanks separate entries here, and do not only stand in a formula."""
        found = self.pairs[start]
        if found.relations:
            return False
        if found.semicolons or found.last == start + 1 or not self.holds_together(start):
            return True
        inner = self.tokens[start + 1 : found.last]
        numbers = all(token.kind in ("number", "sign") for token in inner)
        for token, after in zip(inner, [*inner[1:], None], strict=True):
            spaced = token.blank or token is inner[0]
            if token.sign("+", "-") and not (spaced and after and not after.blank):
                return False
            if token.kind not in ("number", "symbol", "constant") and not token.sign(
                "+", "-", "/", ".", *("()" if numbers else "")
            ):
                return inner[0].sign("[")
        return True

    def holds_together(self, start: int) -> bool:
        r"""Tell whether a bracket is a factor or a term, as in `2[a + b]`, and no list by itself."""
        opening, before = self.tokens[start], self.ahead_of(start - 1)
        after = self.ahead_of(self.pairs[start].last + 1)
        if before is not None and (before.kind in ("function", "open") or before.sign(*"+-*/⊙@")):
            return True
        if ends(before) and not (self.by_blanks and opening.blank):
            return True
        if after is None or self.by_blanks:
            return False
        return after.kind == "power" or after.sign(*"+-*/⊙@^!%") or starts(after)

    def ahead_of(self, place: int) -> Token | None:
        """Give the token at a place, if there is one."""
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def lone(self, start: int, entry: Node) -> bool:
        """Tell whether square brackets around a single thing are no more than brackets."""
        if isinstance(entry, Comparison) or entry.span in self.pictures:
            return True
        if isinstance(entry, Sequence):
            return False
        if is_array(entry, self.vocabulary):
            return True
        places = (start - 1, self.pairs[start].last + 1)
        code = any((token := self.ahead_of(place)) and token.sign("@") for place in places)
        return self.holds_together(start) and not code

    def drawn(self) -> Node:
        r"""Read a matrix between `\begin` and `\end`."""
        start = self.at
        found = self.pairs[start]
        rows: list[list[Node]] = [[]]
        with self.inside(self.take()):
            while self.at < found.last:
                rows[-1].append(self.formula())
                if (token := self.token) and token.sign("&", "\\\\"):
                    if self.take().text == "\\\\" and self.at < found.last:
                        rows.append([])
                elif self.at < found.last:
                    raise self.stuck()
        self.take()
        if not rows[0]:
            raise Unreadable("This matrix has no entries.", self.since(start))
        self.pictures.add(self.since(start))
        return _matrix(rows, self.since(start))

    def barred(self) -> Node:
        """Read an absolute value or a norm."""
        start = self.at
        token = self.take()
        if start in self.norms:
            self.take()
        double = start in self.norms or token.text == "‖"
        saved = self.bars, self.norm_bars, self.by_blanks
        self.bars, self.norm_bars = (self.bars, 1) if token.text == "‖" else (1, self.norm_bars)
        self.by_blanks = False
        with self.deeper(token):
            inner = self.formula()
        self.bars, self.norm_bars, self.by_blanks = saved
        for _ in range(2 if start in self.norms else 1):
            if not (self.token and self.token.sign(token.text)):
                raise Unreadable(f"This `{token.text}` has no partner.", token.span)
            self.take()
        return Call("norm" if double else "abs", (inner,), span=self.since(start))

    # what stands there ---------------------------------------------------------------------------

    def is_array(self, node: Node) -> bool:
        """Tell whether this is a vector or a matrix, as far as can be seen."""
        return is_array(node, self.vocabulary)


def is_array(node: Node, vocabulary: Vocabulary) -> bool:
    """Tell whether a formula has a vector or matrix in it that no function turns into a number.

    Parameters
    ----------
    node : Node
        The formula.
    vocabulary : Vocabulary
        Says which symbols are arrays.

    Returns
    -------
    bool
        Whether its value is an array, as far as can be seen.
    """
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Sequence):
            return True
        if isinstance(current, Symbol):
            spec = vocabulary.symbols.get(current.name)
            if spec and spec.shape:
                return True
        if isinstance(current, Call) and (
            current.function in words.SCALARS
            or (current.function in ("sum", "mean") and len(current.arguments) == 1)
        ):
            continue
        waiting += current.children
    return False


def _interval(opening: Token, closing: Token, items: list[Node], span: Span) -> Interval:
    """Make an interval from brackets of two kinds."""
    if len(items) != 2:
        raise Unreadable("An interval has two ends, such as `[0, 1)`.", span)
    return Interval(items[0], items[1], opening.text == "[", closing.text == "]", span=span)


def _matrix(rows: list[list[Node]], span: Span) -> Sequence:
    """Make a matrix from its rows."""
    if len({len(row) for row in rows}) > 1:
        raise Unreadable("The rows of this matrix do not have the same number of entries.", span)
    made = [Sequence("[", tuple(row), span=(row[0].span[0], row[-1].span[1])) for row in rows]
    return Sequence("[", tuple(made), span=span)
