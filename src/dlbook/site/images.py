"""Images on a page: described, of known size, as light as can be, and loaded when they come into view."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

COLUMN = 736
"""Width of the text in CSS pixels; an image is never shown wider."""

_DENSITY = 2  # pixels of a bitmap for each CSS pixel: what good screens can show
_POINTS = {"pt": 96 / 72, "px": 1.0, "": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}


class SlimImages(SphinxTransform):
    """Stores the bitmaps that cells draw as WebP, scaled to what the page can show."""

    default_priority = 870  # the tree is complete; Sphinx collects its images at 880

    def apply(self, **kwargs: Any) -> None:
        """Replace files and addresses."""
        for image in self.document.findall(nodes.image):
            uri = image["uri"]
            if not uri.lower().endswith(".png") or _cell_of(image) is None:
                continue
            path = self.env.relfn2path(uri, self.env.docname)[1]
            if (small := slim(Path(path))) is not None:
                size = natural_size(Path(path))
                image["shown_width"] = f"{size[0]}px"  # the new file does not state its resolution
                image["uri"] = f"{uri[: -len('.png')]}{small.suffix}"


def slim(path: Path) -> Path | None:
    """Write a PNG as lossless WebP beside it.

    Parameters
    ----------
    path : Path
        The PNG. What no page can show, more than two pixels for each pixel of the column, is scaled away.

    Returns
    -------
    Path or None
        The new file; None if it would not be smaller.
    """
    data = path.read_bytes()
    with Image.open(BytesIO(data)) as image:
        widest = COLUMN * _DENSITY
        if image.width > widest:
            size = (widest, round(image.height * widest / image.width))
            image = image.convert("RGBA").resize(size, Image.Resampling.LANCZOS)  # type: ignore[assignment]
        made = BytesIO()
        image.save(made, "WEBP", lossless=True, quality=90, method=5)
    if made.tell() >= len(data):
        return None
    target = path.with_suffix(".webp")
    target.write_bytes(made.getvalue())
    return target


def natural_size(path: Path) -> tuple[int, int]:
    """Return how wide and high an image shows.

    Parameters
    ----------
    path : Path
        SVG or a bitmap. The pixels of a bitmap that states its resolution are not CSS pixels.

    Returns
    -------
    tuple of int
        CSS pixels, at most the width of the column; (0, 0) if the file does not say.
    """
    if path.suffix == ".svg":
        width, height = svg_size(path.read_text(encoding="utf8")[:4000])
    else:
        with Image.open(path) as image:
            dots = image.info.get("dpi", (96, 96))[0] or 96
            scale = 96 / dots if dots > 96 else 1.0
            width, height = image.width * scale, image.height * scale
    if not width:
        return 0, 0
    scale = min(1.0, COLUMN / width)
    return round(width * scale), round(height * scale)


def svg_size(head: str) -> tuple[float, float]:
    """Read the size of a drawing.

    Parameters
    ----------
    head : str
        The beginning of the file.

    Returns
    -------
    tuple of float
        CSS pixels; (0, 0) if it does not say.

    Examples
    --------
    >>> svg_size('<svg width="72pt" height="36pt" viewBox="0 0 72 36">')
    (96.0, 48.0)
    """
    tag = re.search(r"<svg\b[^>]*>", head)
    if tag is None:
        return 0, 0
    found = [re.search(rf'\s{name}="([\d.]+)(\w*)"', tag[0]) for name in ("width", "height")]
    sizes = [float(m[1]) * _POINTS[m[2]] for m in found if m is not None and m[2] in _POINTS]
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    box = re.search(r'viewBox="[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)[ ,]+([\d.]+)"', tag[0])
    return (float(box[1]), float(box[2])) if box else (0, 0)


def require_alt(app: Sphinx, document: nodes.document) -> None:
    """Warn of every image without a description; in this book a warning is an error.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page, just read.
    """
    for image in document.findall(nodes.image):
        if str(image.get("alt", "")).strip():
            continue
        cell = _cell_of(image)
        if cell is None:
            logger.warning("the image %s has no alt text: say what it shows", image["uri"], location=image)
            continue
        first = _first_line(cell)
        logger.warning(
            "the figure that the cell %r draws has no alt text: say what it shows in the cell's options, "
            "mystnb: image: alt (or :alt: where it is pasted)",
            first,
            location=cell if cell.line else image,
        )


def _cell_of(node: nodes.Node) -> nodes.Element | None:
    """Return the cell whose output a node is."""
    found: nodes.Element | None = node.parent
    while found is not None and found.get("nb_element") != "cell_code":
        found = found.parent
    return found


def _first_line(cell: nodes.Element) -> str:
    """Return what an author knows a cell by."""
    source = next(cell.findall(nodes.literal_block), None)
    lines = source.astext().strip().splitlines() if source is not None else []
    return next((line for line in lines if not line.startswith("#")), "without code")


def _visit_image(self: HTML5Translator, node: nodes.image) -> None:
    """Write an image with its size, so that nothing moves when it arrives, and no inline style."""
    source = node["uri"]
    if not {"width", "height"} & set(node.attributes) and "shown_width" in node:
        node["width"] = node["shown_width"]
    asked = [_pixels(str(node.attributes.pop(name, ""))) for name in ("width", "height")]
    node.attributes.pop("scale", None)
    start = len(self.body)
    HTML5Translator.visit_image(self, node)
    if not any("<img " in part for part in self.body[start:]):
        return
    width, height = _size(Path(self.builder.srcdir, source), *asked)
    more = f'width="{width}" height="{height}" ' if width else ""
    more += f"{loading(self)} "
    self.body[start:] = [part.replace("<img ", f"<img {more}") for part in self.body[start:]]


def loading(page: Any) -> str:
    """Say when the next picture of a page is to be loaded.

    Parameters
    ----------
    page : HTML5Translator
        Writes the page, and remembers whether it has a picture.

    Returns
    -------
    str
        Attributes. The first picture may be in view at once; the others wait until they are near it.
    """
    first = not getattr(page, "dlbook_has_picture", False)
    page.dlbook_has_picture = True
    return 'decoding="async"' if first else 'decoding="async" loading="lazy"'


def _size(path: Path, width: float, height: float) -> tuple[int, int]:
    """Return the size that an image is shown in: as asked for, in its own proportions."""
    own = natural_size(path) if path.is_file() else (0, 0)
    if width and height:
        return round(width), round(height)
    if not own[0]:
        return 0, 0
    if width:
        return round(width), round(width * own[1] / own[0])
    if height:
        return round(height * own[0] / own[1]), round(height)
    return own


def _pixels(length: str) -> float:
    """Turn a length as authors give it into CSS pixels; 0 for none.

    Parameters
    ----------
    length : str
        ``300px``, ``300``, ``5cm`` or a share of the column, ``50%``.
    """
    found = re.fullmatch(r"([\d.]+)\s*(\w*|%)", length.strip())
    if found is None:
        return 0.0
    unit = COLUMN / 100 if found[2] == "%" else _POINTS.get(found[2], 0.0)
    return float(found[1]) * unit


def setup_images(app: Sphinx) -> None:
    """Connect the rules for images.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_transform(SlimImages)
    app.connect("doctree-read", require_alt)
    app.add_node(nodes.image, override=True, html=(_visit_image, HTML5Translator.depart_image))
