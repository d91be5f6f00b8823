"""What is folded away opens without a script: solutions, hidden code and long outputs become <details>.

The extensions of Jupyter Book fold with scripts, or give a summary a name that differs from its text.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels, get_translation

_ = get_translation("dlbook")

LONG = 30
"""Lines from which an output is folded."""


class fold(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """Something folded: a title, then what it hides."""


class fold_title(nodes.General, nodes.TextElement):  # noqa: N801
    """What is seen of a fold, and pressed to open it."""


def fold_away(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Turn what is to be folded into <details>, in HTML.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page about to be written.
    docname : str
        Its name.
    """
    if app.builder.format != "html":
        return
    from myst_nb.sphinx_ import HideCodeCellNode

    for hidden in list(document.findall(HideCodeCellNode)):
        what = _("Code") if _holds(hidden, "cell_code_source") else _("Output")
        if _holds(hidden, "cell_code_source") and _holds(hidden, "cell_code_output"):
            what = _("Code and output")
        _put(hidden, _fold(what, hidden.children, ["fold-code", *hidden["classes"]]))
    for box in list(document.findall(nodes.Admonition)):
        if isinstance(box, nodes.Element) and "dropdown" in box["classes"]:
            _fold_box(box)
    for output in list(document.findall(nodes.literal_block)):
        lines = output.astext().rstrip("\n").count("\n") + 1
        if lines >= LONG and _is_output(output):
            _put(output, _fold(_("Output, {n} lines").format(n=lines), [output.deepcopy()], ["fold-output"]))


def _fold(title: str | list[nodes.Node], children: list[nodes.Node], classes: list[str]) -> fold:
    """Make a fold."""
    head = fold_title("", "", *(title if isinstance(title, list) else [nodes.Text(str(title))]))
    return fold("", head, *children, classes=["fold", *classes])


def _fold_box(box: nodes.Element) -> None:
    """Fold an admonition, an exercise or a solution."""
    children, title = list(box.children), [nodes.Text(str(admonitionlabels.get(box.tagname, _("More"))))]
    if children and isinstance(children[0], nodes.title):
        title = list(children.pop(0).children)
    kinds = [c for c in box["classes"] if c != "dropdown"]
    made = _fold(title, children, ["admonition", *kinds])
    made["ids"], made["names"] = box["ids"], box["names"]
    _put(box, made)


def _put(old: nodes.Element, new: nodes.Element) -> None:
    """Put a node in another's place; its own `replace_self` would hand over the classes as well."""
    old.parent.replace(old, new)


def _holds(node: nodes.Element, part: str) -> bool:
    return any(c.get("nb_element") == part for c in node.findall(nodes.container))


def _is_output(node: nodes.Node) -> bool:
    """Tell whether a block of text was printed by a cell."""
    found: nodes.Element | None = node.parent
    while found is not None and found.get("nb_element") != "cell_code_output":
        found = found.parent
    return found is not None


def _visit_fold(self: Any, node: fold) -> None:
    self.body.append(self.starttag(node, "details"))


def _depart_fold(self: Any, node: fold) -> None:
    self.body.append("</details>\n")


def _visit_title(self: Any, node: fold_title) -> None:
    self.body.append(self.starttag(node, "summary", ""))


def _depart_title(self: Any, node: fold_title) -> None:
    self.body.append("</summary>\n")


def setup_folds(app: Sphinx) -> None:
    """Make folds known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(fold, html=(_visit_fold, _depart_fold))
    app.add_node(fold_title, html=(_visit_title, _depart_title))
    # Late: exercises have their titles by then.
    app.connect("doctree-resolved", fold_away, priority=800)
