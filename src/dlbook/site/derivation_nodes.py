"""A derivation on the page: its lines, their numbers, and the badge that opens the log of the check.

MyST-NB hands every output of the type :data:`~dlbook.site.derivations.MIME` to :class:`DerivationRenderer`,
which makes a tree of three kinds of node. HTML shows them as they are; every other format gets the ordinary
equations and paragraphs that :class:`PlainDerivations` puts in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain
from sphinx.locale import get_translation
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.math import get_node_equation_number

from dlbook.site.derivation_log import log
from dlbook.site.derivation_parts import derivation_part, formula, with_maths
from dlbook.site.derivations import MIME, anchor, numbered
from dlbook.site.explore_nodes import MIME as EXPLORE
from dlbook.site.explore_nodes import explorer_nodes

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer

_ = get_translation("dlbook")

SHOW = "show-input"
"""Tag of a cell whose code stays on the page although its derivation could fold it away."""


class derivation(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """A derivation: lines, then the badge with its log; `lines` and `definitions` hold the LaTeX."""


class derivation_line(nodes.General, nodes.Element):  # noqa: N801
    """One line, of parts; numbered like a displayed equation where it has an id."""


class DerivationRenderer:
    """Renders derivations and interactive figures for MyST-NB.

    It finds this class, and no second one beside it, through the entry point `myst_nb.mime_renderers`.
    """

    mime_priority_overrides: ClassVar = [("*", MIME, 1), ("*", EXPLORE, 1)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Make the nodes of a derivation or an interactive figure; leave every other output to others.

        Parameters
        ----------
        renderer : NbElementRenderer
            MyST-NB's renderer.
        data : MimeData
            One output.
        inline : bool
            Whether it is to stand in a line of text, where a derivation has no place.

        Returns
        -------
        list of nodes or None
            None for what is neither.
        """
        if data.mime_type == EXPLORE and not inline:
            return explorer_nodes(renderer, data)
        if data.mime_type != MIME or inline:
            return None
        parser = renderer.renderer
        cell = parser.nb_client.notebook.cells[data.cell_index]
        source = None
        if SHOW not in data.cell_metadata.get("tags", []):
            lexer = parser.nb_client.nb_source_code_lexer() or "ipython3"
            source = parser.create_highlighted_code_block(
                cell.source, lexer, source=renderer.source, line=data.line
            )
        env = parser.document.settings.env
        node = build(data.content, env.docname, source)
        for part in node.findall():
            if isinstance(part, nodes.Element):
                part.source, part.line = renderer.source, data.line
        domain = env.get_domain("math")
        for line in node.findall(derivation_line):
            if line["ids"]:
                domain.note_equation(env.docname, line["label"], location=node)
                line["number"] = domain.get_equation_number_for(line["label"])
        return [node]


def build(data: Mapping[str, Any], docname: str, source: nodes.Element | None = None) -> derivation:
    """Make the tree of a derivation.

    Parameters
    ----------
    data : mapping
        The derivation as it stands in the notebook.
    docname : str
        The page.
    source : node, optional
        The code of its cell, to be shown in the log.

    Returns
    -------
    derivation
        Not yet numbered.
    """
    name = data["title"] or data["name"]
    node = derivation("", ids=[anchor(data["name"])], name=data["name"])
    node["lines"], node["definitions"] = data["lines"], data["definitions"]
    node["label_text"], node["summary"] = _("Derivation: {name}").format(name=_plain(name)), data["summary"]
    labels = dict(numbered(data))
    block = derivation_part("", tag="div", classes=["dlbook-lines"])
    for number, row in enumerate(data["lines"]):
        line = derivation_line("", docname=docname, number=None, label=labels.get(number), latex=row)
        if number in labels:
            line["ids"] = [nodes.make_id(f"equation-{labels[number]}")]
        if row["left"]:
            line += formula(row["left"], "div", "dlbook-left")
        # An empty group before the sign gives it the space that it has between two sides.
        line += formula(f"{{}}{row['relation']} {row['right']}", "div", "dlbook-right")
        if row["reason"]:
            line += derivation_part("", *with_maths(row["reason"]), tag="div", classes=["dlbook-reason"])
        block += line
    node += block
    badge = derivation_part("", nodes.Text(data["summary"]), tag="summary", classes=[])
    node += derivation_part("", badge, *log(data, source), tag="details", classes=["dlbook-check"])
    return node


def _plain(text: str) -> str:
    """Strip what an attribute cannot hold."""
    return text.replace("$", "")


class PlainDerivations(SphinxPostTransform):
    """Puts ordinary equations and paragraphs in the place of derivations, in all formats but HTML."""

    default_priority = 5  # right after MyST-NB has chosen among the forms of an output

    def run(self, **kwargs: Any) -> None:
        """Replace them."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(derivation)):
            node.replace_self(list(_plainly(node)))


def _plainly(node: derivation) -> Iterable[nodes.Node]:
    """Give a derivation as equations, reasons and the badge's text."""
    left = ""
    for line in node.findall(derivation_line):
        row = line["latex"]
        left = row["left"] or left
        latex = f"{left} {row['relation']} {row['right']}"
        more = {"ids": line["ids"], "label": line["label"]} if line["ids"] else {"label": None}
        plain = {
            "docname": line["docname"],
            "number": line["number"],
            "nowrap": False,
            "classes": ["checked"],
        }
        yield nodes.math_block(latex, latex, **plain, **more)
        if row["reason"]:
            yield nodes.paragraph("", "", *with_maths(row["reason"]))
    yield nodes.paragraph("", node["summary"])


def fold_code(app: Sphinx, document: nodes.document) -> None:
    """Take the code of a cell off the page where the badge of its derivation holds it.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        The page.
    """
    for node in document.findall(derivation):
        cell: nodes.Element | None = node
        while cell is not None and cell.get("nb_element") != "cell_code":
            cell = cell.parent
        if cell is None or SHOW in cell["cell_metadata"].get("tags", []):
            continue
        cell.attributes.pop("hide_mode", None)
        for part in [c for c in cell.children if c.get("nb_element") == "cell_code_source"]:
            cell.remove(part)


def _visit_derivation(self: Any, node: derivation) -> None:
    label = self.attval(node["label_text"])
    self.body.append(
        f'<div class="dlbook-derivation" id="{node["ids"][0]}" role="group" aria-label="{label}">\n'
    )


def _close_div(self: Any, node: nodes.Element) -> None:
    self.body.append("</div>\n")


def _visit_line(self: Any, node: derivation_line) -> None:
    place = f' id="{node["ids"][0]}"' if node["ids"] else ""
    self.body.append(f'<div class="dlbook-line"{place}>')


def _depart_line(self: Any, node: derivation_line) -> None:
    if node["ids"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<div class="dlbook-number"><span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span></div>")
    self.body.append("</div>\n")


def _visit_part(self: Any, node: derivation_part) -> None:
    classes = f' class="{" ".join(node["classes"])}"' if node["classes"] else ""
    stop = f' tabindex="{node["tabindex"]}"' if node.get("tabindex") else ""
    self.body.append(f"<{node['tag']}{classes}{stop}>")


def _depart_part(self: Any, node: derivation_part) -> None:
    self.body.append(f"</{node['tag']}>" + ("" if node["tag"] == "span" else "\n"))


def setup_derivations(app: Sphinx) -> None:
    """Make the nodes known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(derivation, html=(_visit_derivation, _close_div))
    app.add_node(derivation_line, html=(_visit_line, _depart_line))
    app.add_node(derivation_part, html=(_visit_part, _depart_part))
    # One sequence of numbers with the equations of {math}; the standard domain would want a caption.
    MathDomain.enumerable_nodes[derivation_line] = ("displaymath", None)
    app.add_post_transform(PlainDerivations)
    app.connect("doctree-read", fold_code)
