"""Marking: from a key and an answer to a verdict, whatever the answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Undecided, Unreadable
from dlbook.answers.keys import Key
from dlbook.answers.kinds import KINDS
from dlbook.answers.kinds.code import CodeKind
from dlbook.answers.reading.latex import latex
from dlbook.answers.verdict import Verdict

LONGEST = 2000
"""Characters that an answer may have; code may have ten times as many."""


def mark(key: Key, answer: str, clock: Clock | None = None) -> Verdict:
    """Mark an answer.

    Parameters
    ----------
    key : Key
        The question's key.
    answer : str
        What the reader entered.
    clock : Clock, optional
        The limit of time; by default :data:`dlbook.answers.clock.SECONDS`.

    Returns
    -------
    Verdict
        Always: what cannot be read or decided is a verdict as well.

    Examples
    --------
    >>> from dlbook.answers.keys import load
    >>> keys = load('''
    ... chapter = "sums"
    ... [keys.double]
    ... exercise = "ex-double"
    ... kind = "number"
    ... prompt = "Twice 21"
    ... answer = 42
    ... ''')
    >>> mark(keys["sums/double"], "42").status
    'right'
    """
    if not isinstance(answer, str):
        raise TypeError(f"an answer is a text, not a {type(answer).__name__}")
    longest = _longest(key)
    if not answer.strip():
        return Verdict("unreadable", "There is nothing here yet.")
    if len(answer) > longest:
        return Verdict("unreadable", f"An answer has at most {longest:,} characters; this has more.")
    kind = KINDS[key.kind]
    return _verdict(key, lambda: kind.mark(key, answer, clock or Clock()))


def mark_function(key: Key, function: Callable[..., Any], clock: Clock | None = None) -> Verdict:
    """Mark a function that is at hand as an object; as `mark`.

    Parameters
    ----------
    key : Key
        A key of the kind ``code``.
    function : callable
        The reader's function.
    clock : Clock, optional
        The limit of time.

    Returns
    -------
    Verdict
        The one that its source would get.
    """
    kind = KINDS["code"]
    assert isinstance(kind, CodeKind)
    return _verdict(key, lambda: kind.mark_function(key, function, clock or Clock()))


def understood(key: Key, answer: str) -> str:
    r"""Tell how an answer is read so far, while it is being typed.

    Parameters
    ----------
    key : Key
        The question's key.
    answer : str
        What the reader has entered by now.

    Returns
    -------
    str
        The formula in LaTeX; empty for what is no formula yet, and for kinds whose answers are none.

    Examples
    --------
    >>> from dlbook.answers.keys import load
    >>> keys = load('''
    ... chapter = "sums"
    ... symbols.a = { tex = "a" }
    ... [keys.half]
    ... exercise = "ex-half"
    ... kind = "expression"
    ... prompt = "Half of $a$"
    ... symbols = ["a"]
    ... answer = "a / 2"
    ... ''')
    >>> understood(keys["sums/half"], "a/2")
    '\\frac{a}{2}'
    """
    if not answer.strip() or len(answer) > _longest(key):
        return ""
    try:
        node = KINDS[key.kind].formula(key, answer)
    except (Unreadable, Undecided, RecursionError, MemoryError, OverflowError):
        return ""
    return "" if node is None else latex(node, key.vocabulary)


def _longest(key: Key) -> int:
    """Give the number of characters that an answer may have."""
    return LONGEST * (10 if key.kind == "code" else 1)


def _verdict(key: Key, work: Callable[[], Verdict]) -> Verdict:
    """Turn whatever marking comes to into a verdict, and add what the key says to all of its sort."""
    try:
        verdict = work()
    except Unreadable as error:
        return Verdict("unreadable", error.message, at=error.span)
    except Undecided as error:
        return Verdict("undecided", error.message)
    except (RecursionError, MemoryError, OverflowError):
        return Verdict("undecided", "This is too deeply nested or too large to be compared.")
    return verdict.finished(key.praise, key.see)
