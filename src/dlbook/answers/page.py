r"""What the static page shows: messages as HTML, and marking for the worker that runs Python in the browser.

The build and the worker use the same functions, so that a verdict looks the same whether it was looked up in
a table or found by marking. The HTML holds text, ``<code>`` and MathML of a fixed list of tags and
attributes, whatever it was made from: nothing that an answer contains can become markup or style.
"""

from __future__ import annotations

import contextlib
import functools
import html
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, from_table
from dlbook.answers.marking import mark, understood
from dlbook.answers.verdict import STATUSES, Verdict

_PIECES = re.compile(r"`([^`]+)`|\$([^$]+)\$")
_TAGS = frozenset(
    re.findall(
        r"\w+",
        """math mrow mi mn mo mtext mspace msub msup msubsup mover munder munderover mfrac msqrt mroot mtable
        mtr mtd mstyle mpadded mphantom""",
    )
)
_ATTRIBUTES = frozenset(
    re.findall(
        r"\w+",
        """accent columnalign columnlines depth displaystyle fence form height largeop linethickness lspace
        mathvariant maxsize minsize movablelimits rowspacing rspace scriptlevel separator stretchy voffset
        width""",
    )
)


class UnprintableError(ValueError):
    """LaTeX that cannot be shown; the message holds it."""


def to_html(text: str, strict: bool = False) -> str:
    r"""Turn a message into HTML.

    Parameters
    ----------
    text : str
        Plain text with `` `code` `` and ``$maths$``.
    strict : bool, optional
        Refuse maths that cannot be shown, instead of showing its LaTeX.

    Returns
    -------
    str
        HTML that is safe to insert.

    Raises
    ------
    UnprintableError
        If `strict`, for such maths.

    Examples
    --------
    >>> to_html("Is `h2` < 0?")
    'Is <code>h2</code> &lt; 0?'
    """
    parts, end = [], 0
    for piece in _PIECES.finditer(text):
        parts.append(html.escape(text[end : piece.start()]))
        code, latex = piece.groups()
        parts.append(f"<code>{html.escape(code)}</code>" if code else mathml(latex, strict))
        end = piece.end()
    return "".join([*parts, html.escape(text[end:])])


@functools.lru_cache(maxsize=512)
def mathml(latex: str, strict: bool = False) -> str:
    r"""Turn LaTeX into MathML.

    Parameters
    ----------
    latex : str
        A formula.
    strict : bool, optional
        Refuse what cannot be shown, instead of showing its LaTeX as code.

    Returns
    -------
    str
        A ``<math>`` element, with the LaTeX as its alternative text.

    Raises
    ------
    UnprintableError
        If `strict`, for LaTeX that is wrong or unknown.

    Examples
    --------
    >>> mathml("w_2")
    '<math alttext="w_2"><mrow><msub><mi>w</mi><mn>2</mn></msub></mrow></math>'
    """
    try:
        return _mathml(latex)
    except Exception as error:  # the library raises what its parser happens to raise
        if strict:
            raise UnprintableError(
                f"the maths ${latex}$ cannot be shown ({error or 'it is incomplete'})"
            ) from error
        return f"<code>{html.escape(latex)}</code>"


_LOW = re.compile(r"\\left([(\[|])((?:(?!\\left|\\right|\\frac|\\begin|\\sqrt|\^\{\\).)*)\\right([)\]|])")


def _flat(latex: str) -> str:
    r"""Have only brackets around something tall grow; `\left(` grows around a hat as well."""
    before = ""
    while before != latex:
        before, latex = latex, _LOW.sub(r"\1\2\3", latex)
    return latex


def _mathml(latex: str) -> str:
    """Convert LaTeX, keeping only what is known to be harmless."""
    from latex2mathml.converter import convert_to_element  # a kernel, which typesets by itself, does without

    element = convert_to_element(_flat(latex))
    for part in element.iter():
        if part.tag not in _TAGS:
            raise UnprintableError(f"it needs <{part.tag}>")
        # The library writes signs as numeric entities and leaves them for the serialiser to break.
        part.text = html.unescape(part.text) if part.text else None
        if part.text and part.text.startswith("\\"):
            raise UnprintableError(f"{part.text} is unknown")
        kept = {name: value for name, value in part.attrib.items() if name in _ATTRIBUTES}
        part.attrib.clear()
        part.attrib.update(kept)
        _mend(part)
    element.set("alttext", latex)
    return ElementTree.tostring(element, encoding="unicode")


def _mend(part: ElementTree.Element) -> None:
    """Set what browsers take more literally than the library does."""
    if part.tag == "mo" and part.text and part.text.isalpha():
        part.set("lspace", "0.1667em")  # a name such as ReLU is no operator that wants room on both sides
        part.set("rspace", "0")
    elif part.tag == "mi" and part.text and not part.text.strip("\u2032"):
        part.tag = "mo"  # a prime is a sign, not a variable in italics
    elif part.tag == "mo" and part.text == "^":
        part.text = "\u02c6"  # a hat, and not the key; it keeps its size, whatever it stands on
        part.set("stretchy", "false")


def verdict_data(verdict: Verdict) -> dict[str, Any]:
    r"""Turn a verdict into what the page's script shows.

    Parameters
    ----------
    verdict : Verdict
        The outcome of marking.

    Returns
    -------
    dict
        ``status``, ``words`` (those of the status), ``message`` and ``html`` (the message in both forms),
        ``mistake``, ``see``, ``understood`` (MathML, or empty) and ``at`` (two numbers, or None).

    Examples
    --------
    >>> verdict_data(Verdict("right"))["words"]
    'Right.'
    """
    return {
        "status": verdict.status,
        "words": STATUSES[verdict.status],
        "message": verdict.message,
        "html": to_html(verdict.message),
        "mistake": verdict.mistake,
        "see": verdict.see,
        "understood": mathml(verdict.understood) if verdict.understood else "",
        "at": list(verdict.at) if verdict.at else None,
    }


def warm_up() -> None:
    """Import what showing and marking will need, so that the first answer does not wait for it."""
    mathml("w_2")


def prepare_json(request: str) -> None:
    """Make the key that `mark_json` will need for the same request.

    Parameters
    ----------
    request : str
        As for `mark_json`, which tells of faults.
    """
    asked = json.loads(request)
    with contextlib.suppress(BadKeyError, KeyError):
        _find(asked["tables"], asked["name"])


def mark_json(request: str) -> str:
    r"""Mark an answer for the page.

    Parameters
    ----------
    request : str
        JSON: ``tables`` (a file of answer keys with, at least, the one that is asked for), ``name`` and
        ``answer``.

    Returns
    -------
    str
        JSON: as :func:`verdict_data`. Always; a fault of the book itself is told as ``undecided``.

    Examples
    --------
    >>> json.loads(mark_json('{"tables": {}, "name": "a/b", "answer": "1"}'))["status"]
    'undecided'
    """
    asked = json.loads(request)
    try:
        key = _find(asked["tables"], asked["name"])
    except (BadKeyError, KeyError):
        verdict = Verdict(
            "undecided", "The answer key of this question does not fit the page; please report it."
        )
    else:
        verdict = mark(key, asked["answer"])
    return json.dumps(verdict_data(verdict))


def understood_json(request: str) -> str:
    r"""Show for the page how an answer is read so far.

    Parameters
    ----------
    request : str
        As for `mark_json`.

    Returns
    -------
    str
        MathML; empty where there is nothing to show.

    Examples
    --------
    >>> understood_json('{"tables": {}, "name": "a/b", "answer": "1"}')
    ''
    """
    asked = json.loads(request)
    try:
        read = understood(_find(asked["tables"], asked["name"]), asked["answer"])
    except (BadKeyError, KeyError):
        return ""
    return mathml(read) if read else ""


def _find(tables: Mapping[str, Any], name: str) -> Key:
    """Look a key up among tables, made before if it was."""
    return _key(json.dumps(tables, sort_keys=True), name)


@functools.lru_cache(maxsize=64)
def _key(tables: str, name: str) -> Key:
    """Make a key once: preparing it takes longer than marking by it."""
    return from_table(json.loads(tables))[name]
