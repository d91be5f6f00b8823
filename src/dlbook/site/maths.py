"""Formulas on the page: MathML made while the site is built, in place of a script in the reader's browser."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import get_translation
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from dlbook.site.derivation_parts import derivation_part, is_long
from dlbook.site.records import write_atomically
from dlbook.site.typeset import FormulaError, Typesetter, displayed

_ = get_translation("dlbook")
logger = logging.getLogger(__name__)

NAME = "dlbook"
FOLDER = "_static/maths"


def _visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula within text; a long one gets a box of its own, which scrolls on a narrow page."""
    latex = node.astext()
    formula = _formula(self, node, latex, display=False)
    if node["ids"]:
        formula = f'<span id="{node["ids"][0]}">{formula}</span>'
    if is_long(latex) and not isinstance(node.parent, derivation_part):
        formula = f'<span class="dlbook-wide" tabindex="0">{formula}</span>'
    self.body.append(formula)
    raise nodes.SkipNode


def _visit_block(self: Any, node: nodes.math_block) -> None:
    """Write a displayed equation and its number."""
    latex = node.astext()
    place = f' id="{node["ids"][0]}"' if node["ids"] else ""
    names = " ".join(["dlbook-equation", *node["classes"]])
    stop = ' tabindex="0"' if is_long(latex) else ""
    # Environments that number their lines: the numbers are Sphinx's.
    latex = re.sub(r"\\(begin|end)\{(align|equation|gather|multline|alignat|eqnarray)\}", r"\\\1{\2*}", latex)
    self.body.append(f'<div class="{names}"{place}><div class="dlbook-equation-body"{stop}>')
    self.body.append(_formula(self, node, latex if node["nowrap"] else displayed(latex), display=True))
    self.body.append("</div>")
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<div class="dlbook-number"><span class="eqno">({number})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span></div>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _formula(self: Any, node: nodes.Element, latex: str, display: bool) -> str:
    """Set a formula; one that cannot be set is a warning, and so an error of the build."""
    try:
        return typesetter(self.builder.app).typeset(latex, display)
    except FormulaError as error:
        place: nodes.Element | None = node
        while place is not None and not place.line:
            place = place.parent
        logger.warning(
            "the formula %s cannot be set: %s", latex.strip(), error, location=place if place else node
        )
        return f'<code class="problematic">{html.escape(latex)}</code>'


def typesetter(app: Sphinx) -> Typesetter:
    """Give the one that this build uses.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    Typesetter
        Closed when the build ends.
    """
    if not hasattr(app, "dlbook_typesetter"):
        store = Path(app.outdir).parent / "maths" / "formulas.json"
        app.dlbook_typesetter = Typesetter(store)  # type: ignore[attr-defined]
    return app.dlbook_typesetter  # type: ignore[attr-defined]


def _link(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have pages with formulas load the stylesheet and the font, as early as can be."""
    in_titles = any(title.next_node(nodes.math) for title in app.env.titles.values())
    if app.builder.format != "html" or not ("<math" in context.get("body", "") or in_titles):
        return
    from dlbook.site.maths_font import FONT, STYLE

    font, style = (context["pathto"](f"{FOLDER}/{name}", 1) for name in (FONT, STYLE))
    context["metatags"] = (
        f'<link rel="preload" href="{font}" as="font" type="font/woff2" crossorigin>\n'
        f'<link rel="stylesheet" href="{style}">\n' + context.get("metatags", "")
    )
    app.add_js_file("copy-maths.js", loading_method="defer")


def _finish(app: Sphinx, exception: Exception | None) -> None:
    """End Node, and give the site what its formulas need."""
    if app.builder.format != "html":
        return
    setter = typesetter(app)
    setter.close()
    if exception is not None:
        return
    from dlbook.site import maths_font

    site = Path(app.outdir)
    pages = [p for p in site.rglob("*.html") if "_static" not in p.relative_to(site).parts]
    characters, classes = maths_font.on_pages(p.read_text(encoding="utf8") for p in pages)
    if characters:
        folder = site / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        (folder / maths_font.FONT).write_bytes(maths_font.font(characters, setter.store.parent))
        write_atomically(folder / maths_font.STYLE, maths_font.stylesheet(classes, setter.styles))


class TogetherTransform(SphinxPostTransform):
    """Keeps a formula on one line with the bracket before it and the comma or full stop after it.

    To a browser a formula is a box, and it may break the line on either side of one.
    """

    default_priority = 900  # when nothing looks for formulas any more

    def run(self, **kwargs: Any) -> None:
        """Put them into one unbreakable span."""
        if self.app.builder.format != "html":
            return
        for node in list(self.document.findall(nodes.math)):
            parent = node.parent
            if not isinstance(parent, nodes.TextElement) or is_long(node.astext()):
                continue
            place = parent.index(node)
            before = parent[place - 1] if place else None
            after = parent[place + 1] if place + 1 < len(parent) else None
            opening = _text(before, r"[(\[“‘]+$")
            closing = _text(after, r"^[.,;:!?)\]”’…%-]+")
            if not opening and not closing:
                continue
            if closing:
                parent[place + 1] = nodes.Text(parent[place + 1].astext()[len(closing) :])
            if opening:
                parent[place - 1] = nodes.Text(parent[place - 1].astext()[: -len(opening)])
            span = nodes.inline(classes=["dlbook-together"])
            parent.replace(node, span)
            span += [nodes.Text(opening), node, nodes.Text(closing)]


def _text(node: nodes.Node | None, pattern: str) -> str:
    """Find what a piece of text begins or ends with."""
    found = re.search(pattern, node.astext()) if isinstance(node, nodes.Text) else None
    return found[0] if found else ""


def _configure(app: Sphinx, config: Config) -> None:
    """Switch the scripts off that would set formulas in the reader's browser."""
    config.html_math_renderer = NAME
    config.myst_update_mathjax = False
    config.nb_render_markdown_format = "myst"  # else dollars in a cell's Markdown are left to the browser


def setup_maths(app: Sphinx) -> None:
    """Make the renderer known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_post_transform(TogetherTransform)
    app.add_html_math_renderer(NAME, (_visit_math, None), (_visit_block, None))
    app.connect("config-inited", _configure, priority=100)
    app.connect("html-page-context", _link)
    app.connect("build-finished", _finish)
