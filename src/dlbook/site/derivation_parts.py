"""Pieces of a derivation on the page: formulas that scroll if they must, and text with maths in it."""

from __future__ import annotations

import re

from docutils import nodes

# Signs that surely fit the narrowest screen. A longer line may have to scroll, which a keyboard can do only
# where it can stop; shorter ones would be stops for nothing.
_SURELY_FITS = 28


class derivation_part(nodes.General, nodes.Element):  # noqa: N801
    """A piece of the two above, shown as the HTML element `tag`."""


def formula(latex: str, tag: str = "span", name: str = "dlbook-formula") -> derivation_part:
    r"""Make the box of a formula; it scrolls if it does not fit, and the keyboard can reach it then.

    Parameters
    ----------
    latex : str
        The formula.
    tag : str, optional
        ``div`` for a line of a derivation, set in the size of a displayed equation; ``span`` within text.
    name : str, optional
        Its class.

    Returns
    -------
    derivation_part
        The box.

    Examples
    --------
    >>> formula("a + b").get("tabindex"), formula(" + ".join("abcdefghijklmnopq")).get("tabindex")
    (None, '0')
    """
    style = r"\displaystyle " if tag == "div" else ""
    part = derivation_part("", nodes.math("", style + latex), tag=tag, classes=[name])
    if is_long(latex):
        part["tabindex"] = "0"
    return part


def is_long(latex: str) -> bool:
    r"""Tell whether a formula may be too wide for the narrowest screen.

    Parameters
    ----------
    latex : str
        The formula.

    Returns
    -------
    bool
        Whether it may have to scroll.
    """
    return _signs(latex) > _SURELY_FITS


def _signs(latex: str) -> int:
    """Count the signs that a formula prints, generously: a name such as log or alpha counts three."""
    text = re.sub(r"\\(left|right|frac|mathrm|mathbb|mathbf|operatorname|hat|tfrac|dfrac)\b", "", latex)
    return len(re.sub(r"[{}_^&\s]", "", re.sub(r"\\([a-zA-Z]+|.)", "mmm", text)))


def with_maths(text: str) -> list[nodes.Node]:
    r"""Turn text that may hold ``$maths$`` into nodes.

    Parameters
    ----------
    text : str
        As the author writes a reason.

    Returns
    -------
    list of nodes
        Text and inline maths.

    Examples
    --------
    >>> [type(node).__name__ for node in with_maths(r"slope of $\log$ at 1")]
    ['Text', 'math', 'Text']
    """
    parts = re.split(r"\$([^$]+)\$", text)
    return [nodes.math("", p) if n % 2 else nodes.Text(p) for n, p in enumerate(parts) if p]
