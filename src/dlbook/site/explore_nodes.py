"""An interactive figure on the page: its start picture, native controls, results, and the file of all states.

What stands in the HTML works without JavaScript: the start picture with its words, and the values it is drawn
for. ``static/explore/explore.js`` brings the controls to life; only pages with such a figure load it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import get_translation
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

from dlbook.site.images import loading

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer

_ = get_translation("dlbook")

MIME = "application/vnd.dlbook.explore.v1+json"
FOLDER = "_static/explore"


class explorer(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """An interactive figure; `data` is what `dlbook.explore` handed to the notebook."""


def explorer_nodes(renderer: NbElementRenderer, data: MimeData) -> list[nodes.Element]:
    """Make the nodes of an interactive figure, with a number where it has a caption.

    Parameters
    ----------
    renderer : NbElementRenderer
        MyST-NB's renderer.
    data : MimeData
        An output of the type :data:`MIME`.

    Returns
    -------
    list of nodes
        A figure, or the bare explorer.
    """
    from myst_nb.core.render import create_figure_context

    parser, content = renderer.renderer, dict(data.content)
    env = parser.document.settings.env
    node = explorer("", data=content, ids=[f"explore-{env.new_serialno('explore') + 1}"])
    node.source, node.line = renderer.source, data.line
    options = {key: content[key] for key in ("caption", "name") if content[key]}
    holder = nodes.Element()
    with (
        parser.current_node_context(holder),
        create_figure_context(parser, options or None, data.line or 0),
    ):
        parser.current_node.append(node)
    return [child for child in holder.children if isinstance(child, nodes.Element)]


def _visit(self: Any, node: explorer) -> None:
    bundle, start = _write_files(Path(self.builder.outdir), node["data"])
    here = self.builder.get_target_uri(self.builder.current_docname)
    address = relative_uri(here, f"{FOLDER}/{bundle}")
    picture = relative_uri(here, f"{FOLDER}/{start}") if start else ""
    when = loading(self) if picture else ""
    self.body.append("\n".join(_html(node["data"], node["ids"][0], address, picture, when)) + "\n")
    raise nodes.SkipNode


def _write_files(outdir: Path, data: Mapping[str, Any]) -> tuple[str, str]:
    """Write the states and the start picture under names made from their content."""
    contents = [(base64.b64decode(data["bundle"]), "bin"), (data["svg"].encode(), "svg")]
    names = []
    for content, ending in contents:
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}" if content else ""
        names.append(name)
        path = outdir / FOLDER / name
        if name and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return names[0], names[1]


def _html(data: Mapping[str, Any], place: str, bundle: str, picture: str, when: str) -> Iterator[str]:
    """Write the figure, line by line."""
    controls = data["controls"]
    name = _("Interactive figure: {controls}").format(controls=", ".join(c["label"] for c in controls))
    yield (
        f'<div class="dlbook-explore" id="{place}" role="group" aria-label="{escape(name)}" '
        f'data-bundle="{escape(bundle)}">'
    )
    if picture:
        size = f'width="{data["width"]:.0f}" height="{data["height"]:.0f}"'
        image = f'<img src="{escape(picture)}" alt="{escape(data["alt"])}" {size}'
        # Pictures within the picture keep their colours on a dark page.
        photo = " photo" if "<image" in data["svg"] else ""
        yield f'<div class="dlbook-explore-picture{photo}">{image} {when}></div>'
    shown = "; ".join(f"{c['label']}: {c['texts'][c['start']]}" for c in controls)
    still = _("Shown for {values}. Other values need JavaScript.").format(values=shown)
    yield f"<noscript><p>{escape(still)}</p></noscript>"
    yield '<div class="dlbook-explore-controls">'
    for number, control in enumerate(controls):
        yield from _control(control, f"{place}-{number}")
    if data["play"] is not None:
        words = {"play": _("Play"), "pause": _("Pause"), "next": _("Next")}
        attributes = "".join(f' data-{key}="{escape(word)}"' for key, word in words.items())
        moved = f'<span class="dlbook-unseen"> {escape(controls[data["play"]]["label"])}</span>'
        yield (
            f'<button type="button" class="dlbook-explore-play" disabled data-control="{data["play"]}"'
            f"{attributes}><span>{words['play']}</span>{moved}</button>"
        )
    yield "</div>"
    # The list itself has no class: the theme gives lists with one the look of an API's description.
    yield '<div class="dlbook-explore-results"><dl>'
    for label, text in data["results"]:
        yield f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>"
    yield "</dl></div>"
    failed = _("The other pictures could not be loaded, so this figure stands still.")
    yield f'<p class="dlbook-explore-status dlbook-unseen" role="status" data-failed="{escape(failed)}"></p>'
    yield "</div>"


def _control(control: Mapping[str, Any], place: str) -> Iterator[str]:
    """Write a native slider or select with its label."""
    texts, start = control["texts"], control["start"]
    label = f'<label for="{place}">{escape(control["label"])}</label>'
    common = f'id="{place}" autocomplete="off" disabled'
    yield f'<div class="dlbook-explore-{control["kind"]}">{label}'
    if control["kind"] == "slider":
        yield (
            f'<input type="range" {common} min="0" max="{len(texts) - 1}" step="1" value="{start}" '
            f'aria-valuetext="{escape(texts[start])}">'
            f'<span class="dlbook-explore-value" aria-hidden="true">{escape(texts[start])}</span>'
        )
    else:
        options = "".join(
            f'<option value="{n}"{" selected" if n == start else ""}>{escape(text)}</option>'
            for n, text in enumerate(texts)
        )
        yield f"<select {common}>{options}</select>"
    yield "</div>"


class PlainExplorers(SphinxPostTransform):
    """Puts words in the place of interactive figures, in all formats but HTML."""

    default_priority = 5  # right after MyST-NB has chosen among the forms of an output

    def run(self, **kwargs: Any) -> None:
        """Replace them."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(explorer)):
            node.replace_self(nodes.paragraph("", node["data"]["alt"]))


def add_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load script and style on the pages that need them, and on no other.

    Parameters
    ----------
    app : Sphinx
        The application.
    pagename, templatename : str
        The page.
    context : dict
        For its template.
    doctree : nodes.document or None
        Its content.
    """
    if doctree is not None and next(doctree.findall(explorer), None) is not None:
        app.add_js_file("explore/explore.js", loading_method="defer")
        app.add_css_file("explore/explore.css")


def setup_explorers(app: Sphinx) -> None:
    """Make the node known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(explorer, html=(_visit, None))
    app.add_post_transform(PlainExplorers)
    app.connect("html-page-context", add_assets)
