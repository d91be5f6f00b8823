"""What to write in place of a comma outside of brackets: 0.52 for 0,52, and 101770 for 101,770."""

from __future__ import annotations

import re

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading.tokens import Token

_LONGEST = 24


def comma(found: list[Token], at: int) -> Unreadable:
    """Say what to do about a comma.

    Parameters
    ----------
    found : list of Token
        The whole answer.
    at : int
        Which of them is the comma.

    Returns
    -------
    Unreadable
        To be raised.
    """
    parts, last = _numbers(found, at)
    if len(parts) < 2 or len("".join(parts)) > _LONGEST:
        return Unreadable(
            "A comma separates entries, and these need brackets around them, such as `(1, 2)`. "
            "A decimal is written with a point.",
            found[at].span,
        )
    span = (found[at - 1].start, found[last].end)
    return Unreadable(_advice(parts), span)


def _numbers(found: list[Token], at: int) -> tuple[list[str], int]:
    """Collect the numbers that commas join without a blank, and the place of the last."""
    parts = [found[at - 1].text] if at and found[at - 1].kind == "number" and not found[at].blank else []
    while parts and at + 1 < len(found) and found[at].sign(",") and not found[at].blank:
        after = found[at + 1]
        if after.kind != "number" or after.blank:
            break
        parts.append(after.text)
        at += 2
    return parts, min(at, len(found)) - 1


def _advice(parts: list[str]) -> str:
    """Say how to write such numbers."""
    plain, pointed = "".join(parts), ".".join(parts)
    two = len(parts) == 2
    groups = [part.partition(".")[0] for part in parts]
    thousands = len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])
    if two and re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+", parts[0]) and parts[1].isdigit():
        whole = parts[0].replace(".", "")
        return f"Write `{whole}.{parts[1]}`: a point for decimals, and nothing between thousands."
    if thousands and two and plain.isdigit():
        return f"Write `{plain}` without a comma, or `{pointed}` with a point if that is what you mean."
    if thousands:
        return f"Write `{plain}` without commas."
    if two and plain.isdigit():
        return f"Write `{pointed}` with a point; for two entries write `({', '.join(parts)})`."
    return f"Put brackets around the entries: `({', '.join(parts)})`."
