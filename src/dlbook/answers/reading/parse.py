r"""Reading what people type into a tree, or saying where and why it cannot be read.

`read` understands the notation of keyboards (``2x``, ``sigma(z)``, ``W1.T @ x``), of LaTeX and of Unicode,
and nothing else: a text means what the tables of `dlbook.answers.reading.words` and the exercise's vocabulary
say, or it is refused with a message. What can be meant in two ways is refused as well, showing both.
"""

from __future__ import annotations

import re

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading.brackets import pair
from dlbook.answers.reading.characters import unstarred
from dlbook.answers.reading.formula import Formula
from dlbook.answers.reading.names import lexicon, understand
from dlbook.answers.reading.phrases import quoted
from dlbook.answers.reading.tokens import tokens
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Node

LONGEST = 2000
"""Characters that are read at most."""
MOST = 800
"""Numbers, names and signs that are read at most, and nodes that a tree may have."""
DEEPEST = 100
"""How many nodes may stand above one another; whoever works on a tree can rely on it."""

_TOO_LONG = "This has more parts than an answer here can need. Write it more simply."


def read(text: str, vocabulary: Vocabulary) -> Node:
    r"""Understand what somebody typed.

    Parameters
    ----------
    text : str
        The answer.
    vocabulary : Vocabulary
        The exercise's symbols and functions.

    Returns
    -------
    Node
        What it means.

    Raises
    ------
    Unreadable
        If it cannot be read, or could be meant in two ways; with the place, and what to write instead.

    Examples
    --------
    >>> from dlbook.answers.symbols import SymbolSpec
    >>> words = Vocabulary({"x": SymbolSpec("x", "x")})
    >>> read("2x", words) == read(r"2 \cdot x", words)
    False
    >>> read("2x", words) == read("2 x", words)
    True
    """
    if len(text) > LONGEST:
        raise Unreadable(f"An answer has at most {LONGEST:,} characters; this has more.")
    if not text.strip():
        raise Unreadable("There is nothing here yet.")
    try:
        return _read(text, vocabulary)
    except RecursionError:
        raise Unreadable("This is too deeply nested. Write it more simply.") from None


def _read(text: str, vocabulary: Vocabulary) -> Node:
    """Read a text of bearable length."""
    _no_program(text)
    starred = any(re.search(r"\*|\\ast|\\star", spec.tex) for spec in vocabulary.symbols.values())
    found = tokens(text if starred else unstarred(text))
    if not found:
        raise Unreadable("There is nothing here yet.")
    if len(found) > MOST:
        raise Unreadable(_TOO_LONG)
    if found[-1].sign(".") and len(found) > 1:
        found.pop()  # the full stop of a sentence
    understood = understand(found, text, lexicon(vocabulary))
    if not understood:
        raise Unreadable("There is no formula in this.", (found[0].start, found[-1].end))
    pairs, norms = pair(understood)
    reader = Formula(text, understood, pairs, norms, vocabulary)
    node = reader.whole()
    _bearable(node)
    return node


def _no_program(text: str) -> None:
    """Refuse what only programs contain, before its parts lead to a less helpful message."""
    if found := re.search(r"__\w{0,20}|\blambda\b(?=[^\n]{0,20}:)|\b(?:import|def)\s+\w{0,20}|[\"]", text):
        if found[0] == '"':
            raise Unreadable("Leave the quotation marks out.", found.span())
        raise Unreadable(
            f"{quoted(found[0])} belongs to a program, and here a formula is asked.", found.span()
        )


def _bearable(node: Node) -> None:
    """Refuse a tree that those who work on it would need too long, or too deep a stack, for."""
    waiting = [(node, 1)]
    count = 0
    while waiting:
        current, depth = waiting.pop()
        count += 1
        if count > MOST or depth > DEEPEST:
            raise Unreadable(_TOO_LONG)
        waiting += [(child, depth + 1) for child in current.children]
