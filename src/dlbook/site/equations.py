"""Every displayed equation of a page is checked, a definition, or cited: the build stops at one that is not.

The linter says the same of a source, earlier and with a column. What it cannot see, such as an equation
that a cell shows or one that is substituted, is found here, in the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging

from dlbook.site.derivation_nodes import derivation
from dlbook.site.lint.equations import excerpt, kind_among
from dlbook.site.lint.findings import RULES

logger = logging.getLogger(__name__)


def check_equations(app: Sphinx, document: nodes.document) -> None:
    """Warn of every displayed equation that does not say what it is; in this book a warning is an error.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page, just read.
    """
    shown: set[str] | None = None
    for block in document.findall(nodes.math_block):
        cell = _ancestor(block, "nb_element", "cell_code")
        if cell is not None:
            if not _is_chosen(app, block):
                continue
            shown = _restatements(document) if shown is None else shown
            if _normal(block.astext()) in shown:
                continue
        tags = cell["cell_metadata"].get("tags", []) if cell is not None else []
        kind = kind_among([*block["classes"], *tags])
        rule = "DL501" if not kind else "DL502" if kind == "both" else ""
        if kind == "cited" and not _cites_nearby(cell if cell is not None else block):
            rule = "DL503"
        if rule:
            what = {"what": excerpt(_normal(block.astext())), "declared": ""}
            message = f"{rule} {RULES[rule].message.format(**what)}; {RULES[rule].fix.format(**what)}"
            if cell is not None:
                message += "; a cell is declared by a tag of that name, or shows a line of a derivation"
            logger.warning("%s", message, location=block if block.line else cell)


def _ancestor(node: nodes.Node, attribute: str, value: str | None = None) -> nodes.Element | None:
    """Return the nearest element around a node that has an attribute (of a value)."""
    found = node.parent
    while found is not None and (
        attribute not in found.attributes or (value is not None and found[attribute] != value)
    ):
        found = found.parent
    return found


def _is_chosen(app: Sphinx, block: nodes.math_block) -> bool:
    """Tell whether the site shows this form of a cell's output: of several, MyST-NB takes one."""
    from myst_nb.core.render import get_mime_priority

    form = _ancestor(block, "mime_type")
    if form is None:
        return True
    offered = [other["mime_type"] for other in form.parent.children if isinstance(other, nodes.Element)]
    order = get_mime_priority("html", app.config["nb_mime_priority_overrides"])
    return next((mime for mime in order if mime in offered), None) == form["mime_type"]


def _restatements(document: nodes.document) -> set[str]:
    """Return what cells may show again: statements and definitions of the derivations checked on the page."""
    return {_normal(s) for node in document.findall(derivation) for s in _statements(node)}


def _statements(node: derivation) -> Iterator[str]:
    """Yield a derivation's definitions, and its left side together with each of its lines."""
    from dlbook.derive.relations import SIGNS  # imports SymPy, which most pages do without

    yield from node["definitions"]
    lines: list[dict[str, Any]] = node["lines"]
    for number, line in enumerate(lines, 1):
        used = {before["relation"] for before in lines[:number]}
        # a chain says what its strongest sign says
        strongest = next(SIGNS[s] for s in ("!=", "<", ">", "<=", ">=", "~", "=") if SIGNS[s] in used)
        yield f"{lines[0]['left']} {strongest} {line['right']}"


def _normal(latex: str) -> str:
    """Strip what does not change what a formula says."""
    return re.sub(r"\s+", " ", latex.replace("$", "").replace(r"\displaystyle", "")).strip()


def _cites_nearby(node: nodes.Element) -> bool:
    """Tell whether the paragraph before or after a node cites a source."""
    siblings = [n for n in node.parent.children if not isinstance(n, nodes.target | nodes.comment)]
    place = siblings.index(node)
    beside = siblings[max(place - 1, 0) : place] + siblings[place + 1 : place + 2]
    return any(
        xref.get("refdomain") == "cite"
        for n in beside
        if isinstance(n, nodes.paragraph)
        for xref in n.findall(pending_xref)
    )
