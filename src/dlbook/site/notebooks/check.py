"""A linter for exported notebooks: nothing in them may need MyST, Sphinx or this machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RULES = {
    "NB01": ("a directive that no notebook knows", "write a visitor for it in site/notebooks/writer.py"),
    "NB02": ("a role that no notebook knows", "write it in a way that Sphinx resolves"),
    "NB03": (
        "a label of MyST",
        "put it right before a heading, a figure or an equation",
    ),
    "NB04": ("a link within the notebook, which JupyterLab and Colab name differently", "refer in words"),
    "NB05": ("a link to a file that only the site has", "give the site its address, html.baseurl"),
    "NB06": ("a path of this machine", "use a path relative to the reader's folder, or dlbook.data"),
    "NB07": ("raw HTML", "use Markdown; only <details> and <summary> are let through"),
    "NB08": ("markup of MyST", "write it in a way that Sphinx resolves"),
    "NB09": ("a reference that only LaTeX resolves", "refer to the equation with {eq}"),
    "NB10": ("an equation's number that another equation has", "give each label once"),
    "NB11": ("an output, or a count of runs", "export cells without them"),
    "NB12": ("a fold that is not closed within its cell", "close <details> before the next code cell"),
    "NB13": ("a cell without content", "leave it out"),
}

_LINE_RULES = (
    ("NB01", re.compile(r"^[>\s]*(?:`{3,}|~{3,}|:{3,})\s*\{[^}]*\}|^[>\s]*:{3,}\s*\S*\s*$")),
    ("NB02", re.compile(r"\{[A-Za-z][\w:.+-]*\}`")),
    ("NB03", re.compile(r"^[>\s]*\([^()\s]+\)=\s*$|\$\$\s*\([\w:.-]+\)\s*$")),
    ("NB08", re.compile(r"^\+\+\+(\s|$)|^%\s|\{\{.*?\}\}|\[\^[^\]\s]+\]|\)\{[.#]\w")),
)
_LINK = re.compile(r"\]\(\s*<?([^)\s>]*)")
_LOCAL = re.compile(
    r"\bfile:/|(?<![\w./:\\-])/(?:home|root|work|tmp|Users|mnt|private|content)/|\b[A-Z]:\\\w|_build/"
)
_HTML = re.compile(r"(?<!\\)<(?!/?(?:details|summary)>|https?://)[A-Za-z/!][^>\n]*>")
_LATEX_REF = re.compile(r"\\(?:eqref|ref|label|cite|autoref)\{")
_TAG = re.compile(r"\\tag\{([^}]*)\}")
_TOKEN = re.compile(
    r"(?P<fence>^[>\s]*?(?P<marks>`{3,}|~{3,})(?P<info>[^\n]*)\n.*?^[>\s]*(?P=marks)[`~]*\s*?$)"
    r"|(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<block>\$\$.*?\$\$)|(?<!\\)\$(?:\\.|[^$\\])+\$",
    re.S | re.M,
)
_ROLE = re.compile(r"\{[A-Za-z][\w:.+-]*\}$")


@dataclass(frozen=True)
class Fault:
    """Something in a notebook that would not show as it is meant.

    Parameters
    ----------
    rule : str
        Id of the rule, a key of :data:`RULES`.
    slug : str
        The chapter.
    cell : int
        Number of the notebook's cell, from 1.
    text : str
        The line at fault.
    """

    rule: str
    slug: str
    cell: int
    text: str

    def __str__(self) -> str:
        what, remedy = RULES[self.rule]
        return f"{self.slug}, cell {self.cell} of its notebook: {self.rule} {what}: {self.text!r}; {remedy}"


def faults(notebook: Mapping[str, Any], slug: str) -> list[Fault]:
    """Find what a notebook cannot show.

    Parameters
    ----------
    notebook : mapping
        In the format 4.5.
    slug : str
        The chapter, for messages.

    Returns
    -------
    list of Fault
        In the order of the cells.

    Examples
    --------
    >>> cell = {"cell_type": "markdown", "source": "See {ref}`there`."}
    >>> [fault.rule for fault in faults({"cells": [cell]}, "chapter")]
    ['NB02']
    """
    found = [
        Fault(rule, slug, number, text)
        for number, cell in enumerate(notebook["cells"], 1)
        for rule, text in (_text(cell) if cell["cell_type"] == "markdown" else _code(cell))
    ]
    tags: Counter[str] = Counter()
    for number, cell in enumerate(notebook["cells"], 1):
        for tag in _TAG.findall(cell["source"]) if cell["cell_type"] == "markdown" else ():
            tags[tag] += 1
            if tags[tag] == 2:
                found.append(Fault("NB10", slug, number, tag))
    return found


def _code(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Check a cell of code: it is the chapter's own, so all that can be wrong is around it, and paths."""
    if cell["outputs"] or cell["execution_count"] is not None:
        yield "NB11", cell["source"].partition("\n")[0]
    yield from (("NB06", line.strip()) for line in cell["source"].splitlines() if _LOCAL.search(line))


def _text(cell: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Check a cell of text."""
    source = cell["source"]
    if not source.strip():
        yield "NB13", source
    words = _words(source)
    for rule, pattern in _LINE_RULES:
        yield from ((rule, line.strip()) for line in words.splitlines() if pattern.search(line))
    for address in _LINK.findall(words):
        if address.startswith("#") or not address:
            yield "NB04", address
        elif not re.match(r"https?://|mailto:", address) and not _LOCAL.search(address):
            yield "NB05", address
    yield from (("NB06", line.strip()) for line in words.splitlines() if _LOCAL.search(line))
    yield from (("NB07", tag) for tag in _HTML.findall(words))
    yield from (("NB09", reference) for reference in _LATEX_REF.findall(source))
    if source.count("<details>") != source.count("</details>"):
        yield "NB12", "<details>"


def _words(source: str) -> str:
    """Take code and maths out of Markdown, which may hold any sign; not what a role or a directive quotes."""

    def replaced(found: re.Match[str]) -> str:
        if found["fence"]:
            return found[0] if found["info"].strip().startswith("{") else ""
        if found["code"]:
            return found[0] if _ROLE.search(source[: found.start()]) else "code"
        return "$$maths$$" if found["block"] else "maths"

    return _TOKEN.sub(replaced, source)
