"""What is done to a formula that Temml has set, so that it fits the site: no inline styles, right spaces."""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree

_ROWS = frozenset({"math", "mrow", "mstyle", "mtd", "msqrt", "mpadded", "mphantom"})
_THIN = "0.1667em"
_SCRIPTS = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
# TeX puts a thin space between what ends in one of these and an operator such as log.
_ORDINARY = frozenset({"mi", "mn", "mfrac", "msqrt", "mroot"}) | _SCRIPTS
_TALL = frozenset({"mfrac", "mtable", "msqrt", "mroot", "munder", "munderover", "mover"})
_SCRIPTS = frozenset({"msub", "msup", "msubsup"})
_LONG = frozenset("βζξφψ()[]{}|")  # they reach above and below the line of other letters
_APPLY = "\u2061"


def finished(mathml: str, latex: str) -> tuple[str, dict[str, str]]:
    """Make a formula fit for the page.

    Parameters
    ----------
    mathml : str
        As Temml writes it.
    latex : str
        What the author wrote.

    Returns
    -------
    mathml : str
        A ``math`` element without style attributes, with the LaTeX as its ``alttext``.
    styles : dict of str to str
        Declarations of the classes that stand for styles.

    Examples
    --------
    >>> finished('<math><mo class="a" style="math-depth:0;">x</mo></math>', "x")
    ('<math alttext="x"><mo class="a m-668842">x</mo></math>', {'m-668842': 'math-depth:0;'})
    """
    root = ElementTree.fromstring(mathml)
    styles: dict[str, str] = {}
    displayed = root.get("display") == "block" or any(e.get("displaystyle") == "true" for e in root.iter())
    for element in list(root.iter()):
        if element.tag in _ROWS:
            _space_operators(element)
        if element.tag in ("msqrt", "mroot"):
            _prop_up(element)
            if _is_low(element, displayed):
                element.set("class", "low-root")  # see maths.css
        if rule := element.attrib.pop("style", ""):
            if element is root:
                continue  # how it is displayed, which its attribute says as well
            name = f"m-{hashlib.sha256(rule.encode()).hexdigest()[:6]}"
            styles[name] = rule
            element.set("class", f"{element.get('class', '')} {name}".strip())
    root.attrib = {"alttext": spoken(latex), **root.attrib}
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False), styles


def spoken(latex: str) -> str:
    r"""Give the LaTeX of a formula on one line, for copying and for readers that know no MathML.

    Parameters
    ----------
    latex : str
        As the author wrote it.

    Returns
    -------
    str
        Without what only says how large it is shown here.

    Examples
    --------
    >>> spoken("\\displaystyle {}= a\n  + b")
    '= a + b'
    """
    if "%" in latex:
        return latex.strip()  # a comment ends with its line
    return re.sub(r"\s+", " ", re.sub(r"^\s*\\displaystyle\b\s*(\{\})?", "", latex)).strip()


def _space_operators(row: ElementTree.Element) -> None:
    """Put thin spaces before named operators; Temml forgets them after an index or a fraction."""
    children = list(row)
    for place in range(len(children) - 1, 0, -1):
        if _begins_operator(children, place) and _is_ordinary(children[place - 1]):
            row.insert(place, ElementTree.Element("mspace", width=_THIN))


def _prop_up(root: ElementTree.Element) -> None:
    """Give a root at least the height of a letter: the sign of a low one would hang below the line."""
    strut = ElementTree.Element("mspace", height="0.7em", depth="0.15em")
    if root.tag == "msqrt":
        root.insert(0, strut)
    else:
        row = ElementTree.Element("mrow")
        row.extend([strut, root[0]])
        root[0] = row


def _is_low(root: ElementTree.Element, displayed: bool) -> bool:
    """Tell whether the sign of a root is the smallest; where its formula stands alone, less fits under it."""
    inner = [part for part in root.iter() if part is not root]
    scripts = [part for part in inner if part.tag in _SCRIPTS]
    if any(part.tag in _TALL for part in inner):
        return False
    if any(_LONG & set("".join(part[0].itertext())) for part in scripts):
        return False
    return not (displayed and (scripts or _LONG & set("".join(root.itertext()))))


def _begins_operator(children: list[ElementTree.Element], place: int) -> bool:
    """Whether a named operator stands at a place, in a row of its own or with its invisible sign after it."""
    element = children[place]
    if element.tag == "mrow" and len(element) >= 2:
        children, place, element = list(element), 0, element[0]
    follows = children[place + 1] if place + 1 < len(children) else None
    if follows is None or follows.tag != "mo" or follows.text != _APPLY:
        return False
    return (element[0] if element.tag in _SCRIPTS else element).tag in ("mi", "mrow")


def _is_ordinary(element: ElementTree.Element) -> bool:
    """Whether TeX would put a space between this and an operator."""
    if element.tag == "mrow":
        last = next(reversed(element), None)
        return last is not None and last.tag == "mo" and last.get("form") == "postfix"
    if element.tag in _SCRIPTS:
        return element[0].tag != "mo"  # not after a sum with limits
    return element.tag in _ORDINARY
