"""Which bracket closes which, also in `[0, 1)` and `]0, 1[`; and which bars are those of a norm."""

from __future__ import annotations

from dataclasses import dataclass, field

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading.tokens import Token

DEEPEST = 50
_PARTNER = {"(": ")", "[": "]", "{": "}", "⟦": "⟧", "⦅": "⦆", "⟬": "⟭", "⌊": "⌋", "⌈": "⌉"}
RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
_OPERANDS = {"number", "symbol", "constant", "function", "open", "one", "fraction", "wrapper"}


@dataclass
class Pair:
    """One bracket: its first and last token, and what separates its entries."""

    first: int
    last: int = -1
    commas: int = 0
    semicolons: int = 0
    relations: int = 0
    bars: list[int] = field(default_factory=list)


def starts(token: Token | None) -> bool:
    """Tell whether a formula can start with this."""
    if token is None:
        return False
    return token.kind in _OPERANDS or token.sign("(", "[", "{", "⟦", "⦅", "⟬", "⌊", "⌈", "√", "∅", "|", "‖")


def ends(token: Token | None) -> bool:
    """Tell whether a formula can end with this."""
    if token is None:
        return False
    if token.kind in ("number", "symbol", "constant", "attribute", "power"):
        return True
    return token.sign(")", "]", "}", "⟧", "⦆", "⟭", "⌋", "⌉", "!", "%", "'", "ᵀ", "∅")


def pair(tokens: list[Token]) -> tuple[dict[int, Pair], set[int]]:
    """Match the brackets.

    Parameters
    ----------
    tokens : list of Token
        With names understood.

    Returns
    -------
    pairs : dict of int to Pair
        By the place of the opening bracket in the list.
    norms : set of int
        Where two bars stand for one sign of a norm.

    Raises
    ------
    Unreadable
        If a bracket has no partner or a wrong one, or too many stand within each other.
    """
    outside = Pair(-1, len(tokens))
    stack = [outside]
    pairs: dict[int, Pair] = {}
    for at, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in (",", ";", "|", *RELATIONS):
            stack[-1].relations += token.text in RELATIONS
            stack[-1].commas += token.text == ","
            stack[-1].semicolons += token.text == ";"
            if token.text == "|":
                stack[-1].bars.append(at)
        elif _opens(tokens, at, stack):
            if len(stack) > DEEPEST:
                raise Unreadable(
                    "Too many brackets stand within each other. Write it more simply.", token.span
                )
            pairs[at] = Pair(at)
            stack.append(pairs[at])
        elif token.text in ")]}⟧[⦆⟭⌋⌉":
            if len(stack) == 1:
                raise Unreadable(
                    f"The `{_shown(token)}` {_where(token)} closes a bracket that was never opened.",
                    token.span,
                )
            last = stack.pop()
            last.last = at
            _fit(tokens[last.first], token, last)
    if len(stack) > 1:
        token = tokens[stack[-1].first]
        need = f" Add `{_PARTNER[token.text]}`." if token.text in "([{" else ""
        raise Unreadable(f"The `{_shown(token)}` {_where(token)} is never closed.{need}", token.span)
    return pairs, {at for found in (outside, *pairs.values()) for at in _norms(found.bars)}


def _opens(tokens: list[Token], at: int, stack: list[Pair]) -> bool:
    """Tell whether a bracket opens; `]` and `[` can do both."""
    token = tokens[at]
    before = tokens[at - 1] if at else None
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.text == "]":
        opened = before is not None and stack[-1].first == at - 1
        if len(stack) > 1 and before is not None and before.sign(","):
            opened = tokens[stack[-1].first].sign("[", "]")  # the comma at the end of [x,]
        return (
            not opened
            and not ends(before)
            and (starts(after) or (after is not None and after.sign("-", "+")))
        )
    if token.text == "[" and len(stack) > 1 and stack[-1].commas == 1 and ends(before):
        return starts(after) and not (after is not None and after.sign("["))
    return token.text in _PARTNER


def _fit(first: Token, last: Token, found: Pair) -> None:
    """Refuse a bracket that another kind of bracket closes, except around two ends of an interval."""
    if _PARTNER.get(first.text) == last.text:
        return
    if {first.text, last.text} <= {"(", ")", "[", "]"} and found.commas == 1 and not found.semicolons:
        return
    due = _PARTNER.get(first.text, "[")
    raise Unreadable(
        f"The `{_shown(first)}` {_where(first)} is closed by `{_shown(last)}` {_where(last)}. "
        f"Write `{_SHOWN.get(due, due)}` there.",
        (first.start, last.end),
    )


def _norms(bars: list[int]) -> list[int]:
    """Find pairs of bars that stand for a norm: two right beside each other at both ends."""
    runs: list[list[int]] = []
    for bar in bars:
        if runs and runs[-1][-1] == bar - 1:
            runs[-1].append(bar)
        else:
            runs.append([bar])
    found: list[int] = []
    at = 0
    while at + 1 < len(runs):
        if len(runs[at]) == len(runs[at + 1]) == 2:
            found += [runs[at][0], runs[at + 1][0]]
            at += 2
        else:
            at += 1
    return found


_SHOWN = {"⟦": r"\begin", "⟧": r"\end", "⦅": "|", "⦆": "|", "⟬": "‖", "⟭": "‖"}


def _shown(token: Token) -> str:
    return _SHOWN.get(token.text, token.text)


def _where(token: Token) -> str:
    return f"(character {token.start + 1})"
