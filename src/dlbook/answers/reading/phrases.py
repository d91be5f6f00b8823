"""Putting parts of an answer into messages: short, harmless, and in the reader's own letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 24


def quoted(text: str, longest: int = LONGEST) -> str:
    """Quote a part of the answer as code.

    Parameters
    ----------
    text : str
        As it was typed.
    longest : int, optional
        Characters that are shown at most.

    Returns
    -------
    str
        In backticks; what cannot be seen, or would end the quotation, is replaced.

    Examples
    --------
    >>> quoted("w_3")
    '`w_3`'
    """
    shown = " ".join(text[: 4 * longest].split()) or " "
    if len(shown) > longest or len(text) > 4 * longest:
        shown = shown[: longest - 1] + "…"
    return f"`{''.join(_harmless(c) for c in shown)}`"


def _harmless(char: str) -> str:
    """Replace a backtick, and what has no shape of its own."""
    if char == "`":
        return "'"
    return "\ufffd" if unicodedata.category(char)[0] in "CM" else char


def character(char: str) -> str:
    """Name one character, also one that cannot be seen.

    Examples
    --------
    >>> character("#"), character(chr(0x202E))
    ('`#`', 'an invisible character (U+202E)')
    """
    if unicodedata.category(char)[0] in "CMZ":
        return f"an invisible character (U+{ord(char):04X})"
    return quoted(char)


def listed(names: Iterable[str], most: int = 14) -> str:
    """List names as code, `a`, `b` and `c`, and say so where some are left out.

    Examples
    --------
    >>> listed(["w1", "w2"])
    '`w1` and `w2`'
    """
    every = [f"`{name}`" for name in names]
    if len(every) > most:
        return f"{', '.join(every[:most])} and {len(every) - most} more"
    return " and ".join([", ".join(every[:-1]), every[-1]]) if len(every) > 1 else "".join(every)
