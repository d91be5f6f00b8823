r"""What was entered, as far as the kinds with formulas agree on it: one formula, perhaps after ``L =``."""

from __future__ import annotations

import re

from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.reading.parse import read
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.tree import Comparison, Interval, Node, Sequence, Union

_ANSWER = re.compile(r"\s*(?:the )?answer(?: is|:)\s+", re.IGNORECASE)
_EQUALS = re.compile(r"(?<![<>!=:])=(?!=)")


def read_formula(text: str, vocabulary: Vocabulary) -> Node:
    """Read a formula; of ``dL/dw = ...`` what stands after the last equals sign.

    Parameters
    ----------
    text : str
        What was entered.
    vocabulary : Vocabulary
        The question's words.

    Returns
    -------
    Node
        The formula, with spans into `text`.

    Raises
    ------
    Unreadable
        If it is none.
    """
    if found := _ANSWER.match(text):
        text = " " * found.end() + text[found.end() :]
    try:
        node = read(text, vocabulary)
    except Unreadable as error:
        signs = [match.end() for match in _EQUALS.finditer(text)]
        if not signs or not text[signs[-1] :].strip():
            raise
        outside = _outside_brackets(text[: signs[-1]])
        if not outside.endswith("="):
            raise
        if "," in outside or ";" in outside:
            raise Unreadable("Write only the values, without their names: `(1, 2, 3)` for three.") from None
        # The name before the sign need not be a symbol of the exercise. Blanks keep the spans right.
        if error.span is not None and error.span[0] >= signs[-1]:
            raise
        node = read(" " * signs[-1] + text[signs[-1] :], vocabulary)
    if isinstance(node, Comparison) and set(node.operators) == {"="}:
        node = node.operands[-1]
    return node


def _outside_brackets(text: str) -> str:
    """Keep what no bracket encloses; nothing from the first that is closed without being open."""
    kept, depth = "", 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            return ""
        kept += char if not depth else ""
    return kept


def read_key(text: object, vocabulary: Vocabulary, where: str) -> Node:
    """Read a formula of a key.

    Raises
    ------
    BadKeyError
        If it cannot be read.
    """
    if not isinstance(text, str) or not text.strip():
        raise BadKeyError(f"{where}: needs a formula, as a text")
    try:
        return read_formula(text, vocabulary)
    except Unreadable as error:
        raise BadKeyError(f"{where}: {text!r} cannot be read: {error.message}") from error


def one_number(node: Node) -> Node:
    """Refuse what is no formula for a number; brackets around a single formula are dropped.

    Raises
    ------
    Unreadable
        For lists, sets and intervals.
    """
    while isinstance(node, Sequence) and len(node.items) == 1:
        node = node.items[0]
    if isinstance(node, Sequence):
        raise Unreadable("One formula is asked for, not a list. Write it without the commas.", node.span)
    if isinstance(node, Interval | Union):
        raise Unreadable("One formula is asked for, not a set.", node.span)
    return node
