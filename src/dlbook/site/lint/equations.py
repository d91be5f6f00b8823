"""Displayed equations in a source, and how each of them is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DECLARATIONS = ("definition", "cited")
"""Classes that an equation's author gives it; a `checked` one is shown by a derivation and has none."""

_RST_MATH = re.compile(r"^(?P<indent>\s*)\.\. math::\s*(?P<argument>.*)$")
_RST_CITE = re.compile(r":cite(?::\w+)?:`([^`]+)`")


@dataclass
class Equation:
    """A displayed equation: its place (from 1), its kind, and the keys cited in the paragraphs beside it.

    `kind` is one of `DECLARATIONS`, "both" where two are claimed, or "" where there is none.
    """

    line: int
    column: int
    kind: str
    what: str = ""
    cites: tuple[str, ...] = ()


def kind_of(options: Mapping[str, str]) -> str:
    """Return how a directive's options declare its equation.

    Examples
    --------
    >>> kind_of({"class": "wide definition"}), kind_of({"label": "cited"})
    ('definition', '')
    """
    return kind_among(re.split(r"[\s,]+", str(options.get("class") or "")))


def kind_among(classes: Iterable[str]) -> str:
    """Return the declaration among class names: a kind, "both", or ""."""
    claimed = [kind for kind in DECLARATIONS if kind in set(classes)]
    return claimed[0] if len(claimed) == 1 else "both" if claimed else ""


def excerpt(latex: str, most: int = 40) -> str:
    """Return the beginning of an equation, for a message."""
    text = " ".join(latex.split())
    return text if len(text) <= most else text[: most - 3].rstrip() + "..."


def cite_keys(content: str) -> list[str]:
    """Return the keys in a cite role; a text before or after a key stands in braces.

    Examples
    --------
    >>> cite_keys("{see}rumelhart1986{p. 3}, baydin2018")
    ['rumelhart1986', 'baydin2018']
    """
    return [key.strip() for key in re.sub(r"\{[^}]*\}", "", content).split(",") if key.strip()]


def in_text(content: str) -> Iterator[tuple[int, str]]:
    r"""Yield offset and LaTeX of what stands between double dollars within a line of text.

    Whether that is displayed or shown with its dollars depends on a setting; it is meant to be displayed.

    Examples
    --------
    >>> list(in_text(r"So $a$ and $$b$$, not `$$c$$`."))
    [(11, 'b')]
    """
    plain = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", lambda m: " " * len(m[0]), content, flags=re.S)
    for found in re.finditer(r"(?<![\\$])\$\$(?!\$)(.+?)(?<!\\)\$\$", plain, flags=re.S):
        yield found.start(), found[1]


def rst_equations(content: str, line: int) -> Iterator[Equation]:
    """Yield the equations in reStructuredText whose first line is `line`."""
    lines = content.splitlines()
    cites = tuple(key for found in _RST_CITE.findall(content) for key in cite_keys(found))
    for number, text in enumerate(lines):
        if not (found := _RST_MATH.match(text)):
            continue
        options, body = {}, [found["argument"]]
        for after in lines[number + 1 :]:
            option = re.match(r"\s+:(\w+):\s*(.*)", after)
            if not option:
                body.append(after)
                break
            options[option[1]] = option[2]
        where = len(found["indent"]) + 1
        yield Equation(line + number, where, kind_of(options), excerpt(" ".join(body)), cites)


def known_keys(path: Path) -> set[str] | None:
    """Return the keys of the nearest `references.bib` at or above a source, or None where there is none."""
    for folder in path.resolve().parents:
        if (bibliography := folder / "references.bib").is_file():
            entries = re.findall(r"^\s*@(\w+)\s*[{(]\s*([^,\s]+)\s*,", bibliography.read_text("utf-8"), re.M)
            return {key for kind, key in entries if kind.lower() not in ("comment", "preamble", "string")}
    return None
