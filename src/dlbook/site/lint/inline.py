"""The text that a reader sees of one paragraph, with the place in the source of each of its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it.token import Token

from dlbook.site.lint.numbers import HIDDEN

_LINK_TAIL = re.compile(r"\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])?|>")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")


@dataclass
class Visible:
    """Text as shown; `offsets[i]` is where in the paragraph's source its character i stands."""

    text: str = ""
    offsets: list[int] = field(default_factory=list)
    code: list[tuple[int, int, str]] = field(default_factory=list)  # spans of `text` and their content
    roles: list[tuple[str, str, int]] = field(default_factory=list)  # name, content, offset in the source
    maths: list[tuple[str, int]] = field(default_factory=list)  # LaTeX, offset in the source

    def add(self, text: str, offsets: Iterator[int] | range | list[int]) -> None:
        """Append shown characters and their places."""
        self.text += text
        self.offsets.extend(offsets)


def flatten(source: str, children: list[Token]) -> Visible:
    """Return what the parsed paragraph `source` shows.

    markdown-it gives inline tokens no places, so a cursor follows the tokens through the source.

    Parameters
    ----------
    source
        The paragraph's source (``token.content``).
    children
        Its inline tokens.
    """
    seen = Visible()
    cursor = 0
    for token in children:
        cursor = _STEPS.get(token.type, _skip)(source, cursor, token, seen)
    return seen


def _text(source: str, cursor: int, token: Token, seen: Visible) -> int:
    """Add shown text; escapes and entities make it shorter than its source."""
    if "\\" not in token.content and source.startswith(token.content, cursor):
        seen.add(token.content, range(cursor, cursor + len(token.content)))
        return cursor + len(token.content)
    for char in token.content:
        if source.startswith("\\" + char, cursor):
            cursor += 1
        entity = _ENTITY.match(source, cursor) if not source.startswith(char, cursor) else None
        if entity:
            seen.add(char, [entity.start()])
            cursor = entity.end()
            continue
        found = source.find(char, cursor)
        place = found if found >= 0 else min(cursor, max(len(source) - 1, 0))
        seen.add(char, [place])
        cursor = place + 1
    return cursor


def _break(source: str, cursor: int, token: Token, seen: Visible) -> int:
    newline = source.find("\n", cursor)
    if newline < 0:
        return cursor
    seen.add(" ", [newline])
    return newline + 1


def _markup(source: str, cursor: int, token: Token, seen: Visible) -> int:
    """Pass ``**`` and the like, which show as nothing."""
    found = source.find(token.markup, cursor)
    return cursor if found < 0 else found + len(token.markup)


def _backticks(source: str, cursor: int) -> tuple[int, int, int]:
    """Return where the next code span begins, where its content begins and where it has ended."""
    opening = re.compile(r"`+").search(source, cursor)
    if opening is None:
        return cursor, cursor, cursor
    closing = re.compile(rf"(?<!`){opening.group()}(?!`)").search(source, opening.end())
    return opening.start(), opening.end(), closing.end() if closing else opening.end()


def _code(source: str, cursor: int, token: Token, seen: Visible) -> int:
    _, content, end = _backticks(source, cursor)
    found = source.find(token.content, content)
    start = found if found >= 0 else content
    length = len(token.content)
    seen.code.append((len(seen.text), len(seen.text) + length, token.content))
    seen.add(token.content, range(start, start + length))
    return end


def _role(source: str, cursor: int, token: Token, seen: Visible) -> int:
    name = token.meta["name"]
    found = source.find("{" + name + "}", cursor)
    start = found if found >= 0 else cursor
    seen.roles.append((name, token.content, start))
    seen.add(HIDDEN, [start])
    return _backticks(source, start)[2]


def _hidden(opening: str, closing: str) -> object:
    """Return a step over something shown as one mark, from `opening` to `closing` in the source."""

    def step(source: str, cursor: int, token: Token, seen: Visible) -> int:
        start = source.find(opening, cursor)
        if start < 0:  # a task list's box: not in the source
            return cursor
        seen.add(HIDDEN, [start])
        end = source.find(closing, start + len(opening))
        return start + len(opening) if end < 0 else end + len(closing)

    return step


def _html(source: str, cursor: int, token: Token, seen: Visible) -> int:
    """Pass a tag or comment, which shows as nothing."""
    start = source.find(token.content, cursor)
    return cursor if start < 0 else start + len(token.content)


def _image(source: str, cursor: int, token: Token, seen: Visible) -> int:
    start = source.find("![", cursor)
    seen.add(HIDDEN, [max(start, cursor)])
    tail = _LINK_TAIL.search(source, start + 2 + len(token.content)) if start >= 0 else None
    return tail.end() if tail else cursor


def _link_open(source: str, cursor: int, token: Token, seen: Visible) -> int:
    found = source.find("<" if token.markup == "autolink" else "[", cursor)
    return cursor if found < 0 else found + 1


def _link_close(source: str, cursor: int, token: Token, seen: Visible) -> int:
    tail = _LINK_TAIL.search(source, cursor)
    return tail.end() if tail else cursor


def _skip(source: str, cursor: int, token: Token, seen: Visible) -> int:
    return cursor


def _maths(source: str, cursor: int, token: Token, seen: Visible) -> int:
    start = max(source.find(token.content, cursor), cursor)
    seen.maths.append((token.content, start))
    seen.add(HIDDEN, [start])
    return start + len(token.content) + len(token.markup)


_STEPS: dict = {
    "text": _text,
    "softbreak": _break,
    "hardbreak": _break,
    "strong_open": _markup,
    "strong_close": _markup,
    "em_open": _markup,
    "em_close": _markup,
    "s_open": _markup,
    "s_close": _markup,
    "code_inline": _code,
    "myst_role": _role,
    "math_inline": _maths,
    "math_inline_double": _maths,
    "math_single": _maths,
    "html_inline": _html,
    "image": _image,
    "link_open": _link_open,
    "link_close": _link_close,
    "footnote_ref": _hidden("[^", "]"),
    "substitution_inline": _hidden("{{", "}}"),
}
