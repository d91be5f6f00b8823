r"""Which names an exercise has, and what each name of an answer stands for.

A symbol of the exercise wins over everything else; then come the functions that the exercise leaves open,
constants, and functions that everybody knows. A run of letters that is none of these is split into names if
there is exactly one way to do it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading import words
from dlbook.answers.reading.phrases import quoted
from dlbook.answers.reading.tokens import Token, tokens
from dlbook.answers.reading.unknown import ambiguous, unknown
from dlbook.answers.symbols import FunctionSpec, SymbolSpec, Vocabulary

_LONGEST_RUN = 40
Phrase = tuple[tuple[str, str], ...]


class Lexicon:
    """All spellings of an exercise's symbols and open functions.

    Parameters
    ----------
    symbols : tuple of SymbolSpec
        The exercise's symbols.
    functions : tuple of FunctionSpec
        The functions that it leaves open.
    """

    def __init__(self, symbols: tuple[SymbolSpec, ...], functions: tuple[FunctionSpec, ...]) -> None:
        self.symbols = {spec.name: spec for spec in symbols}
        self.functions = {spec.name: spec for spec in functions}
        self.names: dict[str, tuple[str, str]] = {}
        self.single: set[str] = set()
        self.phrases: dict[tuple[str, str], list[tuple[Phrase, tuple[str, str]]]] = {}
        specs = [("symbol", s) for s in symbols] + [("open", f) for f in functions]
        # a name's own spelling comes before what another symbol's print may look like
        for kind, spec in specs:
            self.names.setdefault(spec.name.replace("_", ""), (kind, spec.name))
        for kind, spec in specs:
            for spelling in (*spec.also, spec.tex):
                if self._learn(spelling, (kind, spec.name)) == 1 and spelling == spec.tex:
                    self.single.add(spec.name)
        for phrases in self.phrases.values():
            phrases.sort(key=lambda found: -len(found[0]))

    def _learn(self, spelling: str, meaning: tuple[str, str]) -> int:
        """Take in one spelling, and say how many tokens it has."""
        try:
            found = tokens(spelling)
        except Unreadable:
            return 0  # a print that nobody can type, such as one with colours
        if len(found) == 1 and found[0].kind == "name":
            self.names.setdefault(found[0].text.replace("_", ""), meaning)
        elif found:
            phrase = tuple((t.kind, t.text.replace("_", "")) for t in found)
            self.phrases.setdefault(phrase[0], []).append((phrase, meaning))
            if phrase[-2] == ("sign", "^") and phrase[-1][0] == "number":  # σ² for sigma^2
                raised = (*phrase[:-2], ("power", phrase[-1][1]))
                self.phrases.setdefault(phrase[0], []).append((raised, meaning))
        return len(found)

    def kind(self, key: str) -> str:
        """Say whether a spelling is a `symbol`, `open` or nothing here."""
        return self.names.get(key, ("", ""))[0]

    @property
    def shown(self) -> list[str]:
        """The names to tell a reader."""
        return [*self.symbols, *self.functions]


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Give the spellings of a vocabulary, which are worked out once.

    Parameters
    ----------
    vocabulary : Vocabulary
        The exercise's.

    Returns
    -------
    Lexicon
        All its spellings.
    """
    return _lexicon(tuple(vocabulary.symbols.values()), tuple(vocabulary.functions.values()))


@functools.lru_cache(maxsize=64)
def _lexicon(symbols: tuple[SymbolSpec, ...], functions: tuple[FunctionSpec, ...]) -> Lexicon:
    return Lexicon(symbols, functions)


def understand(found: list[Token], text: str, lexicon: Lexicon) -> list[Token]:
    """Say of every name what it stands for.

    Parameters
    ----------
    found : list of Token
        As they were cut.
    text : str
        As it was typed.
    lexicon : Lexicon
        The exercise's spellings.

    Returns
    -------
    list of Token
        With kinds ``symbol``, ``open``, ``constant``, ``function``, ``attribute``, ``wrapper`` and ``axis``
        in place of ``name``.

    Raises
    ------
    Unreadable
        At a name that means nothing here, or more than one thing.
    """
    found = list(_without_joined_transposes(_phrased(found, lexicon), text, lexicon))
    done: list[Token] = []
    at = 0
    while at < len(found):
        token = found[at]
        after = found[at + 1] if at + 1 < len(found) else None
        if token.kind == "name" and _is_prefix(token, after, done, lexicon):
            at += 2
            continue
        if token.kind == "name":
            done += _meaning(token, done, after, text, lexicon, found)
        else:
            _no_symbol_within(token, lexicon)
            done.append(token)
        at += 1
    return done


def _phrased(found: list[Token], lexicon: Lexicon) -> list[Token]:
    r"""Put symbols where their spelling takes more than a name, such as ``y'`` or ``\Delta w``."""
    if not lexicon.phrases:
        return found
    words_ = [(t.kind, t.text.replace("_", "")) for t in found]
    done: list[Token] = []
    at = 0
    while at < len(found):
        for phrase, (kind, name) in lexicon.phrases.get(words_[at], ()):
            if tuple(words_[at : at + len(phrase)]) == phrase:
                first, last = found[at], found[at + len(phrase) - 1]
                done.append(Token(kind, name, first.start, last.end, first.blank))
                at += len(phrase)
                break
        else:
            done.append(found[at])
            at += 1
    return done


def _without_joined_transposes(found: list[Token], text: str, lexicon: Lexicon) -> Iterator[Token]:
    """Take the T of `X^Ty` off the name behind it."""
    before: Token | None = None
    for token in found:
        joined = token.kind == "name" and token.text[0] == "T" and token.text[1:2].isalpha()
        if joined and before and before.sign("^") and lexicon.kind("T") != "symbol":
            exact = text[token.start : token.end] == token.text
            if exact and token.text.replace("_", "") not in lexicon.names:
                yield Token("name", "T", token.start, token.start + 1)
                token = Token("name", token.text[1:], token.start + 1, token.end)
        yield token
        before = token


def _is_prefix(token: Token, after: Token | None, done: list[Token], lexicon: Lexicon) -> bool:
    """Tell whether this is the `torch` of `torch.relu`."""
    if token.text not in words.PREFIXES or lexicon.kind(token.text) or not after or not after.sign("."):
        return False
    return not (done and done[-1].sign("."))


def _no_symbol_within(token: Token, lexicon: Lexicon) -> None:
    """Refuse `2e1` where `e1` is a symbol."""
    if token.kind == "number" and "e" in token.text and lexicon.kind(token.text[token.text.index("e") :]):
        number, _, rest = token.text.partition("e")
        raise Unreadable(
            f"{quoted(token.text)} can be a number or a product. Write `{number[:12]} * e{rest[:8]}`.",
            token.span,
        )


def _meaning(
    token: Token, done: list[Token], after: Token | None, text: str, lexicon: Lexicon, every: list[Token]
) -> list[Token]:
    """Say what one name stands for."""
    key = token.text.replace("_", "")
    before = done[-1] if done else None
    if before and before.sign("."):
        done.pop()
        return [replace(token, kind="attribute", blank=False)]
    slope_of = key[1:] if key[0] == "d" else key.removesuffix("prime")
    if key not in lexicon.names and lexicon.kind(slope_of) == "open":
        name = lexicon.names[slope_of][1]
        return [replace(token, kind="open", text=name), replace(token, kind="sign", text="'", blank=False)]
    if key in lexicon.names:
        kind, name = lexicon.names[key]
        return [replace(token, kind=kind, text=name)]
    if (
        key == "T"
        and before
        and (before.sign("^") or (before.sign("{") and len(done) > 1 and done[-2].sign("^")))
    ):
        return [replace(token, kind="sign", text="ᵀ")]
    if special := _special(token, key, before, after):
        return [special]
    if function := _function(key):
        if key[0] == "a" and key[1:] in words.FUNCTIONS and key != "abs" and lexicon.kind("a"):
            raise ambiguous(token, text, f"`arc{key[1:]}(...)`", f"`a * {key[1:]}(...)`")
        return [replace(token, kind="function", text=function)]
    ways = _ways(token, key, after, lexicon)
    if len(ways) == 1:
        return _split(token, ways[0], text, lexicon)
    if ways:
        shown = [" * ".join(way)[:60] for way in ways]
        raise ambiguous(token, text, *(f"`{way}`" for way in shown))
    raise unknown(token, after, text, lexicon.shown, lexicon.names, every)


def _special(token: Token, key: str, before: Token | None, after: Token | None) -> Token | None:
    """Find constants, words between sets, and the names that only some places allow."""
    if key in words.CONSTANTS:
        return replace(token, kind="constant", text=words.CONSTANTS[key])
    if key.lower() in ("pi", "inf", "infinity") and len(key) > 1:
        return replace(token, kind="constant", text=words.CONSTANTS[key.lower()])
    opens = bool(after and after.sign("(", "[", "{"))
    if key in words.WRAPPERS and opens:
        return replace(token, kind="wrapper")
    if key in words.AXIS and after and after.sign("="):
        return replace(token, kind="axis")
    if key in ("I", "indicator") and opens:
        return replace(token, kind="one", text="1")
    if key in ("Theta", "theta") and after and after.sign("("):
        return replace(token, kind="function", text="step")
    if key in ("or", "and", "union") and before and after:
        return replace(token, kind="sign", text="∪" if key == "union" else key)
    sets = before and before.sign(")", "]", "}", "∅", "[") and after and after.sign("(", "[", "{", "]", "∅")
    return replace(token, kind="sign", text="∪") if key in ("U", "u") and sets else None


def _function(key: str) -> str:
    """Give a function's canonical name, or nothing."""
    if key in words.ALIASES or key in words.PAIRS:
        return words.ALIASES.get(key, key)
    return words.ALIASES.get(key.lower(), "") if len(key) > 2 else ""


def _ways(token: Token, key: str, after: Token | None, lexicon: Lexicon) -> list[list[str]]:
    """Split a run of letters into names in at most two ways."""
    if len(key) > _LONGEST_RUN:
        return []
    starts = [i == 0 or token.text[i - 1] != "_" for i, c in enumerate(token.text) if c != "_"]
    raised = bool(after and (after.sign("^") or after.kind == "power"))
    ways: list[list[list[str]]] = [[] for _ in key] + [[[]]]
    for i in range(len(key) - 1, -1, -1):
        for j in range(i + 1, len(key) + 1):
            if not starts[i] or not ways[j]:
                continue
            part, last = key[i:j], j == len(key)
            known = (
                lexicon.kind(part) == "symbol" or part == "pi" or (part in words.ALIASES and len(part) > 1)
            )
            if known or (last and (lexicon.kind(part) == "open" or (part == "e" and raised))):
                ways[i] += [[part, *rest] for rest in ways[j]]
        ways[i] = ways[i][:2]
    return ways[0]


def _split(token: Token, parts: list[str], text: str, lexicon: Lexicon) -> list[Token]:
    """Put several tokens in a name's place."""
    typed = text[token.start : token.end]
    exact = typed == token.text
    done: list[Token] = []
    at = 0
    for part in parts:
        start = at
        for _ in part:
            at += 1 + (token.text[at] == "_")
        span = (token.start + start, token.start + at) if exact else token.span
        kind, name = lexicon.names.get(part, ("", ""))
        if not kind:
            kind, name = ("constant", part) if part in words.CONSTANTS else ("function", words.ALIASES[part])
        done.append(Token(kind, name, *span, token.blank if not done else False))
    return done
