"""What stands within a line of text, as Jupyter Markdown."""

from __future__ import annotations

from collections.abc import Callable

from docutils import nodes

from dlbook.site.answer_html import answer_part
from dlbook.site.derivation_parts import derivation_part
from dlbook.site.notebooks.places import Places
from dlbook.site.notebooks.text import code, escaped, formula
from dlbook.site.project import BuildError

_RAISED = str.maketrans("0123456789+-=()nabcdehijklmoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿᵃᵇᶜᵈᵉʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_SILENT = (nodes.target, nodes.comment, nodes.substitution_definition)


class UnwritableError(BuildError):
    """A page has something that no plain Jupyter Markdown can say.

    Parameters
    ----------
    message : str
        What, and what to do.
    place : node, optional
        Where it stands.
    """

    def __init__(self, message: str, place: nodes.Element | None = None) -> None:
        super().__init__(message)
        self.place = place


def inline(node: nodes.Element, places: Places) -> str:
    r"""Write the content of a node as inline Markdown.

    Parameters
    ----------
    node : node
        A paragraph, a title, or another element that holds text.
    places : Places
        Where links lead.

    Returns
    -------
    str
        Markdown.

    Raises
    ------
    UnwritableError
        If there is something in it that the export does not know; the message says where.

    Examples
    --------
    >>> part = nodes.paragraph("", "", nodes.Text("See "), nodes.math("", "x_1"), nodes.Text("."))
    >>> inline(part, Places("page", "", {}))
    'See $x_1$.'
    """
    return "".join(_one(child, places) for child in node.children)


def _one(node: nodes.Node, places: Places) -> str:
    """Write one node."""
    if isinstance(node, nodes.Text):
        return escaped(node.astext())
    if isinstance(node, _SILENT):
        return ""
    assert isinstance(node, nodes.Element)
    for kind, write in _WRITERS.items():
        if isinstance(node, kind):
            return write(node, places)
    raise unwritable(node)


def unwritable(node: nodes.Element) -> UnwritableError:
    """Make the error for a node that the export does not know.

    Parameters
    ----------
    node : node
        It.

    Returns
    -------
    UnwritableError
        To be raised.
    """
    place: nodes.Element | None = node
    while place is not None and not place.line:
        place = place.parent
    start = " ".join(node.astext().split())[:60]
    return UnwritableError(
        f"the notebook of this page cannot show a {type(node).__name__} ({start!r}): there is no plain "
        "Jupyter Markdown for it yet. Say it in another way, or teach src/dlbook/site/notebooks.",
        place,
    )


def _emphasis(sign: str) -> Callable[[nodes.Element, Places], str]:
    def write(node: nodes.Element, places: Places) -> str:
        text = inline(node, places)
        bare = text.strip()
        # Signs that touch a space would be shown.
        return text.replace(bare, f"{sign}{bare}{sign}") if bare else text

    return write


def _reference(node: nodes.Element, places: Places) -> str:
    return places.link(node, inline(node, places))


def _literal(node: nodes.Element, places: Places) -> str:
    return code(node.astext())


def _math(node: nodes.Element, places: Places) -> str:
    return formula(node.astext())


def _note_mark(node: nodes.Element, places: Places) -> str:
    return f" (note {node.astext()})"


def _shifted(table: dict[int, int], sign: str) -> Callable[[nodes.Element, Places], str]:
    def write(node: nodes.Element, places: Places) -> str:
        text = node.astext()
        known = all(ord(letter) in table for letter in text)
        return text.translate(table) if known else formula(rf"{{}}{sign}{{\text{{{text}}}}}")

    return write


def _image(node: nodes.Element, places: Places) -> str:
    # A picture within a line, such as a badge: its words say the same.
    return escaped(str(node.get("alt", "")))


_WRITERS: dict[type, Callable[[nodes.Element, Places], str]] = {
    nodes.math: _math,
    nodes.literal: _literal,
    nodes.strong: _emphasis("**"),
    nodes.emphasis: _emphasis("*"),
    nodes.title_reference: _emphasis("*"),
    nodes.footnote_reference: _note_mark,
    nodes.superscript: _shifted(_RAISED, "^"),
    nodes.subscript: _shifted(_LOWERED, "_"),
    nodes.reference: _reference,
    nodes.image: _image,
    nodes.inline: inline,
    nodes.abbreviation: inline,
    derivation_part: inline,
    answer_part: inline,
}
