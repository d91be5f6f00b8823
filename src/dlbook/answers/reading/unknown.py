"""What to tell somebody about a name that means nothing in the exercise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading import words
from dlbook.answers.reading.phrases import listed, quoted
from dlbook.answers.reading.tokens import Token

_SPECIAL = {
    "partial": "Work the derivative out and write the result, without ∂.",
    "nabla": "Work the gradient out and write the result, without ∇.",
    "sum∑": "Write the sum out, or use `sum(...)` for the entries of a vector.",
    "lg": "`lg` has two meanings: write `log10` or `log2`.",
    **dict.fromkeys(
        ("if", "else", "otherwise"),
        "Write cases with an indicator: `1[x > 0]` is 1 where the condition holds, and 0 elsewhere.",
    ),
    "det": "Write the determinant out; it cannot be read.",
}


def unknown(
    token: Token,
    after: Token | None,
    text: str,
    shown: Iterable[str],
    names: Mapping[str, tuple[str, str]],
    every: list[Token],
) -> Unreadable:
    """Find the most useful thing to say about a name that is not known.

    Parameters
    ----------
    token, after : Token
        The name, and what follows it.
    text : str
        The whole answer.
    shown : iterable of str
        The exercise's symbols.
    names : mapping
        All their spellings.
    every : list of Token
        All that was typed.

    Returns
    -------
    Unreadable
        To be raised.
    """
    key = token.text.replace("_", "")
    typed = quoted(text[token.start : token.end])
    symbols = _symbols(list(shown))
    if token.text in words.CODE or "__" in token.text:
        return Unreadable(f"{typed} belongs to a program, and here a formula is asked. {symbols}", token.span)
    if key in _SPECIAL:
        return Unreadable(_SPECIAL[key], token.span)
    if others := sorted({name for name_key, (_, name) in names.items() if name_key.lower() == key.lower()}):
        return Unreadable(
            f"Capital and small letters differ: there is no {typed} here, but {listed(others)}.", token.span
        )
    if _is_prose(every, names):
        return Unreadable(f"This looks like words. Write a formula. {symbols}", token.span)
    hint = _hint(key, names)
    if not hint and len(key) > 1 and after and after.sign("("):
        hint = "Known functions are `exp(x)`, `ln(x)`, `sqrt(x)`, `sigma(x)`, `max(0, x)` and so on."
    return Unreadable(" ".join(filter(None, [f"I do not know {typed}.", hint, symbols])), token.span)


def ambiguous(token: Token, text: str, *ways: str) -> Unreadable:
    """Show two ways to write a name that can be read in both."""
    typed = quoted(text[token.start : token.end])
    return Unreadable(f"{typed} can be read in two ways. Write {' or '.join(ways)}.", token.span)


def _symbols(shown: list[str]) -> str:
    """List what there is."""
    if not shown:
        return "This question has no symbols, only numbers."
    return (
        f"The symbols of this question are {listed(shown)}."
        if shown[1:]
        else f"The only symbol is `{shown[0]}`."
    )


def _is_prose(every: list[Token], names: Mapping[str, tuple[str, str]]) -> bool:
    """Tell whether at least two words stand side by side that are no names."""
    plain = [
        t.kind == "name" and t.text.isalpha() and t.text not in names and t.text not in words.ALIASES
        for t in every
    ]
    long = [yes and len(t.text) > 2 for yes, t in zip(plain, every, strict=True)]
    return any(a and b and (x or y) for a, b, x, y in zip(plain, plain[1:], long, long[1:], strict=False))


def _hint(key: str, names: Mapping[str, tuple[str, str]]) -> str:
    """Guess what was meant by a name that consists of a known one and something else."""
    if key.endswith("T") and key[:-1] in names:
        name = names[key[:-1]][1]
        return f"The transpose of `{name}` is written `{name}.T`."
    base = key.rstrip("0123456789")
    if base != key and base in names and len(key) < 20:
        name = names[base][1]
        return f"A power is written `{name}^{key[len(base) :]}`, a product `{key[len(base) :]} {name}`."
    return ""
