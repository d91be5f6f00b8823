r"""From characters to numbers, names and signs: the spellings of keyboards, Unicode and LaTeX become one.

``w_{12}``, ``w_12``, ``w₁₂`` and ``\mathbf{w}_{12}`` are all the name ``w_12``; ``ŷ``, ``\hat{y}`` and
``y_hat`` are ``y_hat``. Which names there are is not asked here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading import words
from dlbook.answers.reading.characters import plain, without_dollars
from dlbook.answers.reading.phrases import character, quoted
from dlbook.answers.tree import Span

_NUMBER = re.compile(
    r"(?:[0-9]+(?:_[0-9]+)*(?:\.(?![A-Za-z*._])[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![A-Za-z0-9]))?"
)
_RUN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_SUBSCRIPT = re.compile(r"[A-Za-z0-9]+")
_COMMAND = re.compile(r"\\([A-Za-z]+|[^A-Za-z])", re.DOTALL)
_MATRIX = re.compile(r"\\(begin|end)\s*\{([pbvB]?matrix\*?|smallmatrix|array)\}(?:\{[lcr|]*\})?")
_MARKED = re.compile(rf"\\({'|'.join(words.MARKS)})\s*(?:\{{\s*(\w+)\s*\}}|(\w))")
_INNER = re.compile(r"[A-Za-z0-9_+\-()']+")
_ARROWS = {"=>": ">=", "=<": "<="}
_INSIDE = 80


@dataclass(frozen=True)
class Token:
    r"""One number, name or sign.

    Parameters
    ----------
    kind : str
        ``number``, ``name``, ``sign``, ``power`` (a raised ``²``), ``fraction`` (``\frac``) or ``one`` (the
        double 1 of an indicator). `dlbook.answers.reading.names` makes something more special of a ``name``.
    text : str
        In the one spelling that all others are turned into.
    start, end : int
        Where it stood.
    blank : bool
        Whether a blank stood before it.
    """

    kind: str
    text: str
    start: int
    end: int
    blank: bool = False

    @property
    def span(self) -> Span:
        """Where it stood."""
        return (self.start, self.end)

    def sign(self, *signs: str) -> bool:
        """Tell whether it is one of these signs."""
        return self.kind == "sign" and self.text in signs


def tokens(text: str) -> list[Token]:
    r"""Cut text into numbers, names and signs.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    list of Token
        From left to right.

    Raises
    ------
    Unreadable
        At the first character or command that belongs into no formula.

    Examples
    --------
    >>> [t.text for t in tokens(r"\hat{y} − w₁₂")]
    ['y_hat', '-', 'w_12']
    """
    return _Cutter(text).run()


class _Cutter:
    """The text, and how far it has been cut."""

    def __init__(self, text: str) -> None:
        self.typed = text
        typed, self.places = plain(text)
        self.at, self.end = without_dollars(typed)
        self.text = typed[: self.end]
        self.done: list[Token] = []
        self.blank = False

    def run(self) -> list[Token]:
        """Cut all of it."""
        while self.at < self.end:
            char = self.text[self.at]
            if char == " ":
                self.at += 1
                self.blank = True
            elif char == "\\":
                self.command()
            elif char.isascii() and char.isalpha():
                self.run_of_letters()
            elif found := _NUMBER.match(self.text, self.at):
                self.number(found)
            elif char in words.GREEK:
                start, self.at = self.at, self.at + 1
                self.named(start, words.GREEK[char])
            elif char in words.SUPERSCRIPTS:
                self.raised()
            else:
                self.other_sign()
        return self.done

    # what is done --------------------------------------------------------------------------------

    def add(self, kind: str, text: str, start: int) -> None:
        """Note one token that ends here."""
        stood = self.stood(start, self.at)
        self.done.append(Token(kind, text, *stood, self.blank))
        self.blank = False

    def stood(self, start: int, end: int) -> Span:
        """Say where a part of the plain text stood in what was typed."""
        return self.places[start], self.places[end - 1] + 1 if end > start else self.places[start]

    def refuse(self, message: str, start: int, end: int | None = None) -> Unreadable:
        """Say what is wrong with a part of the text."""
        return Unreadable(message, self.stood(start, min(start + 1 if end is None else end, self.end)))

    def peek(self) -> str:
        """Give the next character, or nothing at the end."""
        return self.text[self.at] if self.at < self.end else ""

    def skip_blanks(self) -> None:
        """Go to the next character that can be seen."""
        while self.peek() == " ":
            self.at += 1

    # numbers and signs ---------------------------------------------------------------------------

    def number(self, found: re.Match[str]) -> None:
        """Cut a number; `1_{a > 0}` is an indicator."""
        start, self.at = self.at, found.end()
        if found[0] == "1" and self.peek() == "_":
            self.one(start)
        elif self.peek() == "_":
            raise self.refuse(
                "A subscript belongs to a letter, such as `w_1`, not to a number.", start, self.at
            )
        else:
            self.add("number", found[0], start)

    def one(self, start: int) -> None:
        """Cut the 1 of an indicator."""
        if self.peek() == "_":
            self.at += 1
        self.add("one", "1", start)

    def raised(self) -> None:
        """Cut raised characters, such as those of `x⁻¹`."""
        start = self.at
        while self.peek() and self.peek() in words.SUPERSCRIPTS:
            self.at += 1
        self.add("power", "".join(words.SUPERSCRIPTS[c] for c in self.text[start : self.at]), start)

    def other_sign(self) -> None:
        """Cut a sign of one or two characters."""
        start = self.at
        two = self.text[start : start + 2]
        if two in _ARROWS:
            raise self.refuse(f"Write `{_ARROWS[two]}` in place of {quoted(two)}.", start, start + 2)
        if two in ("->", ".."):
            raise self.refuse(words.UNHELPFUL["→" if two == "->" else "…"], start, start + 2)
        if two[0] == "𝟙":
            self.at += 1
            return self.one(start)
        for sign in (two, two[0]):
            if sign in words.OPERATORS:
                self.at += len(sign)
                return self.add("sign", words.OPERATORS[sign], start)
        typed = self.typed[self.places[start]]
        raise self.refuse(_helpful(typed), start)

    # names ---------------------------------------------------------------------------------------

    def run_of_letters(self) -> None:
        """Cut a name that begins with a letter of the keyboard."""
        found = _RUN.match(self.text, self.at)
        assert found is not None
        start, end = self.at, found.end()
        if end < self.end and self.text[end] in words.ACCENTS and end - start > 1:
            end -= 1  # the mark belongs to the last letter alone
        self.at = end
        self.named(start, self.text[start:end])

    def named(self, start: int, name: str) -> None:
        """Cut what belongs to a name: digits after a Greek letter, marks above, subscripts."""
        if name in words.GREEK.values() and name not in words.CONSTANTS:
            while "0" <= self.peek() <= "9":
                name += self.peek()
                self.at += 1
        while char := self.peek():
            if char in words.ACCENTS:
                name += f"_{words.ACCENTS[char]}"
                self.at += 1
            elif char in words.SUBSCRIPTS:
                name += "_"
                while self.peek() and self.peek() in words.SUBSCRIPTS:
                    name += words.SUBSCRIPTS[self.peek()]
                    self.at += 1
            elif char == "_":
                name += f"_{self.subscript()}"
            else:
                break
        self.add("name", name, start)

    def subscript(self) -> str:
        """Read what stands below a name."""
        start = self.at
        self.at += 1
        if self.peek() == "_":
            raise self.refuse("Two underscores in a row belong into no formula.", start, start + 2)
        if found := _SUBSCRIPT.match(self.text, self.at):
            self.at = found.end()
            return found[0]
        if self.peek() == "*":
            self.at += 1
            return "star"
        if inner := self.inner():
            return inner
        raise self.refuse("After `_` a letter or a number must stand, such as `w_1`.", start)

    def inner(self) -> str:
        """Read the name that an accent, a font or a subscript applies to, in braces or a single letter."""
        self.skip_blanks()
        start, char = self.at, self.peek()
        if not char:
            return ""
        if char == "{":
            end = self.closing(start)
            self.at = end + 1
            return self.simple(start + 1, end)
        if char == "\\" and (found := _COMMAND.match(self.text, start)):
            self.at = found.end()
            if found[1] in words.FONTS or found[1] in words.MARKS:
                inner = self.inner()
                return _marked(inner, words.MARKS[found[1]]) if found[1] in words.MARKS else inner
            return words.NAMED.get(found[1], "")
        self.at += 1
        return words.GREEK.get(char, char if char.isalnum() and char.isascii() else "")

    def closing(self, start: int) -> int:
        """Find the brace that closes the one at `start`."""
        depth = 0
        for at in range(start, min(self.end, start + _INSIDE)):
            depth += {"{": 1, "}": -1}.get(self.text[at], 0)
            if not depth:
                return at
        raise self.refuse("This brace `{` is not closed by `}`.", start)

    def simple(self, start: int, end: int) -> str:
        """Read a name between braces; fonts and blanks in it mean nothing."""
        text = _MARKED.sub(_inner_mark, self.text[start:end])
        text = _COMMAND.sub(_inner_command, text)
        text = "".join(words.GREEK.get(c, c) for c in text if c not in " {},")
        for mark, word in words.ACCENTS.items():
            text = text.replace(mark, f"_{word}")
        text = text.replace("*", "star")
        if not _INNER.fullmatch(text):
            raise self.refuse(
                "Between these braces only the name of a symbol can stand.", start, max(end, start + 1)
            )
        return text

    # commands ------------------------------------------------------------------------------------

    def command(self) -> None:
        """Cut a command of LaTeX."""
        start = self.at
        if found := _MATRIX.match(self.text, start):
            self.at = found.end()
            return self.add("sign", "⟦" if found[1] == "begin" else "⟧", start)
        found = _COMMAND.match(self.text, start)
        name = found[1] if found else ""
        self.at = found.end() if found else self.end
        if name in words.BLANKS:
            self.blank = True
            if name in words.BARS:
                self.side(words.BARS[name])
        elif name in words.FRACTIONS:
            self.add("fraction", "frac", start)
            self.single_letters()
        elif name in words.MARKS:
            self.named(start, _marked(self.inner(), words.MARKS[name]))
        elif name in words.FONTS:
            self.font(start)
        elif name in words.COMMANDS:
            self.add("sign", words.COMMANDS[name], start)
        elif name in words.NAMED:
            self.named(start, words.NAMED[name])
        else:
            raise self.refuse(_unknown_command(name), start, self.at)

    def side(self, bars: dict[str, str]) -> None:
        r"""Cut what stands after `\left` or `\right`, if it is a point or a bar."""
        self.skip_blanks()
        start = self.at
        found = _COMMAND.match(self.text, start) if self.peek() == "\\" else None
        sign = words.COMMANDS.get(found[1], "") if found else self.peek()
        if sign == ".":
            self.at += 1
        elif sign in bars:
            self.at = found.end() if found else start + 1
            self.add("sign", bars[sign], start)

    def font(self, start: int) -> None:
        """Cut a name in a font of its own, or the 1 of an indicator."""
        if self.peek() == "*":
            self.at += 1
        name = self.inner()
        if name == "1":
            self.one(start)
        elif not name[:1].isalpha():
            raise self.refuse("After this command the name of a symbol must stand.", start, self.at)
        else:
            self.named(start, name)

    def single_letters(self) -> None:
        r"""Cut `\frac12` and `\frac ab` into their two single parts."""
        for _ in range(2):
            self.skip_blanks()
            char = self.peek()
            if not (char.isascii() and char.isalnum()):
                return
            self.at += 1
            self.add("number" if char.isdigit() else "name", char, self.at - 1)


def _marked(name: str, mark: str) -> str:
    """Put a mark above a name; the subscript comes after it."""
    base, below, rest = name.partition("_")
    return f"{base}_{mark}{below}{rest}"


def _inner_mark(found: re.Match[str]) -> str:
    """Read a letter with a mark above within a name."""
    return _marked(found[2] or found[3], words.MARKS[found[1]])


def _inner_command(found: re.Match[str]) -> str:
    """Read a command within a name."""
    name = found[1]
    if name in words.FONTS or name in words.BLANKS:
        return ""
    return words.NAMED.get(name, {"prime": "'", "_": "_"}.get(name, "#"))


def _helpful(char: str) -> str:
    """Say what to do about a character that nothing is known about."""
    if char in words.UNHELPFUL:
        return words.UNHELPFUL[char]
    if unicodedata.category(char) == "No" and not char.isdigit():
        return "Write a fraction such as 1/2 with a slash."
    return f"I cannot read {character(char)} in a formula. Leave it out, or write it with the usual signs."


def _unknown_command(name: str) -> str:
    """Say what to do about a command that nothing is known about."""
    if not name.isalpha():
        return "A backslash must be followed by a command that is known here, such as `\\frac`."
    if name in words.UNHELPFUL_COMMANDS:
        return words.UNHELPFUL_COMMANDS[name]
    known = {*words.COMMANDS, *words.NAMED, *words.FRACTIONS, *words.FONTS, *words.MARKS}
    for length in range(min(len(name) - 1, 14), 1, -1):
        if name[:length] in known:
            return f"I do not know {quoted(chr(92) + name)}. Put a blank after `\\{name[:length]}`."
    return f"I do not know the command {quoted(chr(92) + name)}. Write the symbol's name without a backslash."
