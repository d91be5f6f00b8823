r"""The many characters that look alike, and the one that each is read as."""

from __future__ import annotations

import re
import unicodedata

from dlbook.answers.reading import words


def plain(text: str) -> tuple[str, list[int]]:
    """Bring the variants of Unicode down to one.

    Parameters
    ----------
    text : str
        As typed.

    Returns
    -------
    plain : str
        With one sign for each meaning; a letter with a mark above is a letter and the mark.
    places : list of int
        Where each of its characters stood in `text`, and the length of `text`.

    Examples
    --------
    >>> plain("−１")[0]
    '-1'
    """
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in _variants(char):
            chars.append(one)
            places.append(place)
    places.append(len(text))
    return "".join(chars), places


_STAR = r"(?:[*∗⋆]|\\(?:ast|star)(?![A-Za-z]))"
_STARRED = re.compile(
    rf"(?<=[\w}}])\s*\^\s*(?:{_STAR}|\{{\s*{_STAR}\s*\}})"  # y^*
    rf"|(?<=\^\{{){_STAR}(?=\s*[0-9])"  # y^{*2}
    r"|(?<=[A-Za-z])\*(?=\s*[\^²³]|\s+[+*/−-]\s|\s*\))"  # y*^2, y* + 1, (y*)
)


def unstarred(text: str) -> str:
    r"""Blank out the stars of solutions: `y^*` or `y^{\ast}` means `y` where nothing else is called so.

    Examples
    --------
    >>> unstarred("3 y^*")
    '3 y  '
    """
    return _STARRED.sub(lambda found: " " * len(found[0]), text)


def _variants(char: str) -> str:
    """Give the plain form of one character; empty for one without width."""
    if char.isascii():
        return " " if char.isspace() else char
    if char in words.DROPPED:
        return ""
    if char in words.SIGNS:
        return words.SIGNS[char]
    if char in words.SUPERSCRIPTS or char in words.SUBSCRIPTS or char in words.ACCENTS:
        return char
    if char.isspace():
        return " "
    apart = unicodedata.normalize("NFD", char)
    if len(apart) > 1 and all(mark in words.ACCENTS for mark in apart[1:]):
        return apart
    simple = unicodedata.normalize("NFKC", char)
    if len(simple) == 1 and (simple.isascii() or simple in words.GREEK or simple in words.SIGNS):
        return words.SIGNS.get(simple, simple)
    return char


def without_dollars(text: str) -> tuple[int, int]:
    r"""Find what stands between the dollars, LaTeX's brackets for maths, or backticks around all of it.

    Parameters
    ----------
    text : str
        In plain characters.

    Returns
    -------
    tuple of int
        Start and end.

    Examples
    --------
    >>> without_dollars("$x$")
    (1, 2)
    """
    start, end = 0, len(text.rstrip())
    start += len(text) - len(text.lstrip())
    for left, right in (("$$", "$$"), ("$", "$"), ("`", "`"), (r"\(", r"\)"), (r"\[", r"\]")):
        if (
            end - start >= len(left + right)
            and text[start:end].startswith(left)
            and text[:end].endswith(right)
        ):
            return start + len(left), end - len(right)
    return start, end
