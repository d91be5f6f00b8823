r"""Verdicts as tables, so that the page can mark without Python, and Python marks by the same tables.

A table is plain data that JSON can hold. `lookup` here and ``lookup.js`` on the page do the same with it; all
that is known about an exercise stands in the table, which a kind of key makes once. Every table has

``longest``, ``long``, ``blank``
    How many characters an answer may have, and the verdicts on one that has more and on one that is empty.
``map``, ``lower``, ``clean``, ``sort``
    How an answer is brought into its canonical form: characters to replace one by one (two texts of the same
    length), whether A to Z become small, regular expressions with what replaces them (``$1`` is the first
    group), and whether the characters that are left are sorted, each of them once. White space is cut down
    to single blanks before.
``patterns``
    Pairs of a regular expression and a verdict; the first that is found in the canonical form decides.
``verdicts``
    All verdicts, ``{"status", "message", "mistake", "see"}``; elsewhere they are numbers into this list.

``{"type": "lookup"}`` has besides

``answers``
    Canonical form to verdict, looked at before ``patterns``.
``else``
    The verdict on what nothing knows.

``{"type": "number"}`` has besides, looked at after ``patterns``,

``units``
    What may follow the number: the factor that turns it into the key's unit, or null for a unit of another
    sort.
``foreign``, ``bare``
    The verdicts on a unit of another sort, and on a number without one where it needs one (else null).
``intervals``
    ``[low, low belongs, high, high belongs, digits, verdict]``; the first that holds the value decides, where
    digits is 0 or just as many significant digits were typed. Null is an end at infinity.
``else``
    The verdict on all other values.

What is no plain number with such a unit (``ln 2``) gives None: Python has to read the formula.

The regular expressions keep to what Python (with ``re.ASCII``) and JavaScript (with the flag ``u``) read
alike.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

Table = dict[str, Any]

NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# What Python's str.strip takes for white space; JavaScript's trim differs a little.
_WHITE = re.compile("[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_WIDE = "０１２３４５６７８９（）［］｛｝，．；：＋－＝％＊"
MAP = (_WIDE + "−–—‐‑‒﹣\u200b\u200c\u200d\u2060\ufeff", "0123456789()[]{},.;:+-=%*" + "-------" + "     ")
"""Characters that are meant like others: full-width ones, the many minus signs, those without width."""

PLAIN = re.compile(
    r"^(?P<mantissa>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?P<exponent>(?:[eE][+-]?[0-9]{1,4})?) ?(?P<unit>.*)$",
    re.ASCII,
)
"""A number as it is typed, and what stands behind it."""


class Rules:
    """A table in the making: what is added first goes before what is added later.

    Parameters
    ----------
    key : Key
        The key, for what a right answer is told and the section to read again.
    clean : sequence of (str, str), optional
        Regular expressions and what replaces them.
    lower, sort : bool, optional
        Whether A to Z become small, and whether the characters are sorted.
    """

    def __init__(
        self, key: Key, clean: Sequence[tuple[str, str]] = (), *, lower: bool = False, sort: bool = False
    ) -> None:
        self.key = key
        self.form: Table = {
            "map": list(MAP),
            "lower": lower,
            "clean": [list(rule) for rule in clean],
            "sort": sort,
        }
        self.verdicts: list[dict[str, str]] = []
        self.answers: dict[str, int] = {}
        self.patterns: list[list[Any]] = []

    def verdict(self, verdict: Verdict) -> int:
        """Note a verdict, and give its number."""
        done = verdict.finished(self.key.praise, self.key.see)
        entry = {"status": done.status, "message": done.message, "mistake": done.mistake, "see": done.see}
        if entry not in self.verdicts:
            self.verdicts.append(entry)
        return self.verdicts.index(entry)

    def answer(self, canonical: str, verdict: Verdict) -> None:
        """Say what one canonical form leads to, unless something before it already does."""
        if canonical not in self.answers and not any(_found(p, canonical) for p, _ in self.patterns):
            self.answers[canonical] = self.verdict(verdict)

    def pattern(self, pattern: str, verdict: Verdict) -> None:
        """Say what all forms with a pattern lead to that nothing before it knows."""
        self.patterns.append([pattern, self.verdict(verdict)])

    def lookup(self, otherwise: Verdict) -> Table:
        """Finish a table of type ``lookup``."""
        ends = {"answers": self.answers, "else": self.verdict(otherwise)}
        return {"type": "lookup", **self.form, "patterns": self.patterns, **ends, "verdicts": self.verdicts}

    def canonical(self, text: str) -> str:
        """Bring a text into its canonical form."""
        return canonical(self.form, text)


def canonical(table: Mapping[str, Any], text: str) -> str:
    """Bring an answer into the form that a table knows.

    Parameters
    ----------
    table : mapping
        A table, or its fields ``map``, ``lower``, ``clean`` and ``sort``.
    text : str
        The answer.

    Returns
    -------
    str
        Its canonical form.

    Examples
    --------
    >>> form = {"map": ["", ""], "lower": True, "clean": [["[ ,]+", ""]], "sort": True}
    >>> canonical(form, "C, A")
    'ac'
    """
    text = _tidy(table, text)
    if table["lower"]:
        text = re.sub("[A-Z]", lambda letter: letter[0].lower(), text)
    for pattern, replacement in table["clean"]:
        text = _regex(pattern).sub(_python_groups(replacement), text)
    return "".join(sorted(set(text))) if table["sort"] else text


def lookup(table: Mapping[str, Any], text: str) -> Verdict | None:
    """Look an answer up.

    Parameters
    ----------
    table : mapping
        The table.
    text : str
        The answer as it was entered.

    Returns
    -------
    Verdict or None
        None if it takes more than a table, which happens with numbers only.
    """
    index = _index(table, text)
    return None if index is None else Verdict(**table["verdicts"][index])


def value_index(table: Mapping[str, Any], value: float, digits: int) -> int:
    """Find the verdict on a value in the key's unit.

    Parameters
    ----------
    table : mapping
        A table of type ``number``.
    value : float
        The value.
    digits : int
        Significant digits that were typed; 0 for an exact formula.

    Returns
    -------
    int
        The number of the verdict.
    """
    for low, low_belongs, high, high_belongs, wanted, index in table["intervals"]:
        above = low is None or value > low or (low_belongs and value == low)
        below = high is None or value < high or (high_belongs and value == high)
        if above and below and (wanted == 0 or wanted == digits):
            return int(index)
    return int(table["else"])


def significant(mantissa: str) -> int:
    """Count the significant digits of a number that was typed without exponent.

    Examples
    --------
    >>> significant("0.0740"), significant("1200")
    (3, 2)
    """
    digits = mantissa.lstrip("+-")
    if "." not in digits:
        digits = digits.rstrip("0")
    return len(digits.replace(".", "").lstrip("0"))


def for_page(key: Key, table: Table) -> Table:
    """Add to a kind's table what holds for all answers, whatever the kind.

    Parameters
    ----------
    key : Key
        The key.
    table : dict
        Its table.

    Returns
    -------
    dict
        The table as the page takes it.
    """
    from dlbook.answers.marking import LONGEST, mark  # marking imports the kinds, which import this

    verdicts = list(table["verdicts"])
    numbers = {}
    for name, text in (("blank", " "), ("long", "1" * (LONGEST + 1))):
        verdict = mark(key, text)
        numbers[name] = len(verdicts)
        verdicts.append({"status": verdict.status, "message": verdict.message, "mistake": "", "see": ""})
    return {**table, "longest": LONGEST, **numbers, "verdicts": verdicts}


def _index(table: Mapping[str, Any], text: str) -> int | None:
    """Find the number of the verdict on an answer."""
    form = canonical(table, text)
    if form in table.get("answers", {}):
        return int(table["answers"][form])
    for pattern, index in table["patterns"]:
        if _found(pattern, form):
            return int(index)
    return int(table["else"]) if table["type"] == "lookup" else _number(table, form)


def _number(table: Mapping[str, Any], form: str) -> int | None:
    """Find the verdict on a plain number, or None for anything else."""
    parts = PLAIN.fullmatch(form)
    if parts is None or (parts["unit"] and parts["unit"] not in table["units"]):
        return None
    factor = table["units"][parts["unit"]] if parts["unit"] else 1
    if factor is None:
        return int(table["foreign"])
    if not parts["unit"] and table["bare"] is not None:
        return int(table["bare"])
    value = float(parts["mantissa"] + parts["exponent"]) * factor
    return value_index(table, value, significant(parts["mantissa"]))


def _tidy(table: Mapping[str, Any], text: str) -> str:
    """Replace single characters, and cut white space down to single blanks."""
    text = text.translate(str.maketrans(*table["map"]))
    return _WHITE.sub(" ", text).strip(" ")


def _found(pattern: str, text: str) -> bool:
    """Tell whether a pattern is found in a text."""
    return _regex(pattern).search(text) is not None


@functools.lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern the way JavaScript reads it."""
    return re.compile(pattern, re.ASCII)


@functools.lru_cache(maxsize=256)
def _python_groups(replacement: str) -> str:
    r"""Turn JavaScript's ``$1`` into Python's ``\g<1>``."""
    return re.sub(r"\$([0-9])", r"\\g<\1>", replacement.replace("\\", r"\\"))
