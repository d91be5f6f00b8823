r"""Numbers in a formula within a line: settings (``\eta = 0.1``), arithmetic (done again here), results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Undecided, Unreadable
from dlbook.answers.reading.parse import read
from dlbook.answers.symbols import Vocabulary
from dlbook.answers.values.evaluate import Program
from dlbook.answers.values.numbers import CTX, Array, TooLarge, Undefined

_RELATIONS = {
    **dict.fromkeys(["=", "\\equiv"], "="),
    **dict.fromkeys(["\\approx", "\\simeq", "\u2248"], "\\approx"),
    **dict.fromkeys(["<", "\\lt", "\\ll"], "<"),
    **dict.fromkeys([">", "\\gt", "\\gg"], ">"),
    **dict.fromkeys(["\\le", "\\leq", "\u2264"], "\\le"),
    **dict.fromkeys(["\\ge", "\\geq", "\u2265"], "\\ge"),
    **dict.fromkeys(["\\ne", "\\neq", "\u2260"], "\\ne"),
}
_ARROWS = {"\\to", "\\mapsto", "\\leftarrow", "\\rightarrow", "\\Rightarrow"}
_BREAKS = {",", ";", ":", "\\in", "\\quad", "\\mid"} | _ARROWS
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\{,\}|.", re.DOTALL)
_SPACING = re.compile(r"\\[,;:! ]|\\thinspace(?![A-Za-z])|~")
_NUMERAL = re.compile(r"[-+]?(?:\d{1,3}(?:\{,\}\d{3})+|\d+)?(?:\.\d+)?")
# One symbol with its accent, primes, indices: \hat y, w_{11}, g'.
_NAME = re.compile(
    r"(?:[A-Za-z]+|\\[A-Za-z]+(?:\s?\{?[A-Za-z]\}?)?)'*(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|\w|\*))*"
)
_EXACT = 1e-20


def false_arithmetic(latex: str) -> list[str]:
    r"""Return the statements about numbers in `latex`, a formula within a line, that do not hold.

    A side that holds a symbol says nothing here. An equation holds exactly; after ``\approx`` it holds to the
    digits that the rounder side shows.

    Examples
    --------
    >>> false_arithmetic(r"a = 2 - 0.1 \cdot 4 = 1.6 < 2")
    []
    >>> false_arithmetic(r"\sqrt2 = 1.41"), false_arithmetic(r"\sqrt2 \approx 1.41")
    (['\\sqrt2 = 1.41'], [])
    """
    return [
        f"{left} {relation} {right}"
        for left, relation, right in _statements(latex)
        if _holds(left, relation, right) is False
    ]


def bare_decimals(latex: str) -> list[str]:
    r"""Return the decimals in `latex` that stand for a result without the arithmetic that leads to it.

    A decimal may be one side of arithmetic, or what a symbol is set to.

    Examples
    --------
    >>> bare_decimals("0.36"), bare_decimals(r"\eta = 0.1"), bare_decimals(r"0.6 \cdot 0.6 = 0.36")
    (['0.36'], [], [])
    >>> bare_decimals("f(2) = 1.36")
    ['1.36']
    """
    if _is_decimal(_plain(latex)):
        return [_plain(latex)]
    equations = [(a, b) for a, relation, b in _statements(latex) if relation in ("=", "\\approx")]
    computed = {side for sides in equations for side in sides if None not in map(_value, sides)}
    return [
        right
        for left, right in equations
        if _is_decimal(right) and right not in computed and not _NAME.fullmatch(left)
    ]


def _plain(latex: str) -> str:
    return re.sub(r"\\[td]frac(?![A-Za-z])", r"\\frac", _SPACING.sub(" ", latex)).replace(":=", "=").strip()


def _is_decimal(text: str) -> bool:
    return "." in text and _NUMERAL.fullmatch(text) is not None


def _statements(latex: str) -> Iterator[tuple[str, str, str]]:
    """Split chains such as ``a = b < c`` outside brackets: each relation with both its sides."""
    for chain in _chains(_plain(latex)):
        for (left, relation), (right, _) in pairwise(chain):
            yield left, relation, right


def _chains(latex: str) -> Iterator[list[tuple[str, str]]]:
    """Yield chains of sides, each with the relation after it; the last has none."""
    chain: list[tuple[str, str]] = []
    side, depth = "", 0
    for token in _TOKEN.findall(latex):
        depth += (token in ("{", "(", "[")) - (token in ("}", ")", "]"))
        if depth == 0 and token in _RELATIONS:
            chain.append((side.strip(), _RELATIONS[token]))
            side = ""
        elif depth == 0 and token in _BREAKS:
            yield [*chain, (side.strip(), "")]
            chain, side = [], ""
        else:
            side += token
    yield [*chain, (side.strip(), "")]


def _holds(left: str, relation: str, right: str) -> bool | None:
    """Tell whether a statement holds, or None where a side is no number."""
    a, b = _value(left), _value(right)
    if a is None or b is None:
        return None
    same = abs(a - b) <= _EXACT * max(abs(a), abs(b))
    if relation == "\\approx":
        places = [_last_place(side) for side in (left, right) if _NUMERAL.fullmatch(side)]
        return not places or abs(a - b) <= max(places) * 0.5 * (1 + _EXACT)
    return {
        "=": same,
        "\\ne": not same,
        "<": a < b and not same,
        ">": a > b and not same,
        "\\le": a < b or same,
        "\\ge": a > b or same,
    }[relation]


def _last_place(numeral: str) -> float:
    return 10.0 ** -len(numeral.partition(".")[2])


@lru_cache(maxsize=512)
def _value(side: str) -> Any:
    """Return the number that a side stands for, with many digits, or None for anything else."""
    if not re.search(r"\d", side):  # the letter e is more often a name than a number
        return None
    try:
        program = Program(read(side.replace("{,}", ""), Vocabulary()), Vocabulary())
        with CTX.workprec(200):
            value = program.run({}, Clock())
    except (Unreadable, Undecided, Undefined, TooLarge):
        return None
    return None if isinstance(value, Array) else value
