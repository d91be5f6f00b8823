"""Matplotlib's SVG made fit for a strict page, and cut into pieces that states share.

A page whose Content-Security-Policy has ``style-src 'self'`` ignores ``style`` attributes, so they become
presentation attributes. Definitions move to the front and take names from their content, so that two states
that differ in one line differ in one piece.
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

ID = "dlx-"
"""What all names begin with; a bundle puts its own prefix in its place."""

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_COMMAND = re.compile(r"\s*([A-Za-z])\s*")
_DROPPED = {f"{_SVG}{name}" for name in ("metadata", "style", "title", "defs")}

# The properties that Matplotlib's SVG backend writes and that SVG also knows as attributes.
_PROPERTIES = {"fill", "fill-opacity", "fill-rule", "clip-rule", "opacity", "image-rendering"}
_PROPERTIES |= {"shape-rendering", "stop-color", "stop-opacity", "color-interpolation-filters"}
_PROPERTIES |= {"stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin"}
_PROPERTIES |= {"stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset"}
# Matplotlib's own style sheet says this of all elements.
_INHERITED = {"stroke-linejoin": "round", "stroke-linecap": "butt"}


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it.

    Parameters
    ----------
    pieces : tuple of str
        Joined they are the SVG document.
    width, height : float
        In CSS pixels.
    """

    pieces: tuple[str, ...]
    width: float
    height: float


def strict_picture(svg: str) -> Picture:
    """Bring a figure's SVG into the form for the page.

    Parameters
    ----------
    svg : str
        As ``savefig`` writes it, with letters as outlines.

    Returns
    -------
    Picture
        Without style attributes and style elements; every name occurs once and depends on content alone.

    Raises
    ------
    ValueError
        If a style has no attribute that could stand for it.
    """
    root = ET.fromstring(svg)
    for element in root.iter():
        _plain_attributes(element)
    defined = [child for defs in root.iter(f"{_SVG}defs") for child in defs if child.get("id")]
    names = {element.get("id", ""): _name(element) for element in defined}
    _rename(root, names)
    width, height = (float(part) for part in root.get("viewBox", "0 0 0 0").split()[2:])
    # 72 points are 96 pixels.
    size = {"width": _short(width * 4 / 3), "height": _short(height * 4 / 3)}
    attributes = {"xmlns": _SVG[1:-1], "viewBox": root.get("viewBox", ""), **size, **_INHERITED}
    pieces: list[str] = []
    _open("svg", attributes, pieces)
    unique = {element.get("id", ""): element for element in defined}
    if unique:
        _open("defs", {}, pieces)
        for name in sorted(unique):
            _write(unique[name], pieces)
        pieces[-1] += "</defs>"
    for child in root:
        _write(child, pieces)
    pieces[-1] += "</svg>"
    return Picture(tuple(pieces), float(size["width"]), float(size["height"]))


def _plain_attributes(element: ET.Element) -> None:
    """Turn styles into attributes, shorten numbers, and drop the namespace of links."""
    for declaration in filter(None, (d.strip() for d in element.attrib.pop("style", "").split(";"))):
        key, value = (part.strip() for part in declaration.split(":", 1))
        if key not in _PROPERTIES:
            raise ValueError(
                f"explore: the figure has the style {declaration!r}, which a page that allows no inline "
                "styles cannot show; draw it without."
            )
        element.set(key, value)
    for key, value in list(element.attrib.items()):
        if key == f"{_XLINK}href":
            del element.attrib[key]
            element.set("href", value)
        elif key not in ("id", "href", "viewBox"):
            value = _NUMBER.sub(lambda found: _short(float(found[0])), value)
            element.set(key, _COMMAND.sub(r"\1", value).strip() if key == "d" else value)


def _short(number: float) -> str:
    """Write a coordinate to a hundredth of a point; small numbers are scales and keep more."""
    text = f"{number:.{2 if abs(number) >= 1 else 5}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _name(element: ET.Element) -> str:
    """Name a definition after its content."""
    name, element.tail = element.attrib.pop("id", ""), None  # neither belongs to the content
    content = ET.tostring(element)
    element.set("id", name)
    return ID + hashlib.sha256(content).hexdigest()[:8]


def _rename(root: ET.Element, names: dict[str, str]) -> None:
    """Give definitions their names, where they stand and where they are used; drop all other names."""
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in names:
            element.set("id", names[name])
        for key, value in list(element.attrib.items()):
            if key == "href" and value.startswith("#"):
                element.set(key, f"#{names[value[1:]]}")
            elif "url(#" in value:
                element.set(key, _REFERENCE.sub(lambda found: f"url(#{names[found[1]]})", value))


def _write(element: ET.Element, pieces: list[str]) -> None:
    """Write an element and what is in it, a piece for each leaf."""
    if element.tag in _DROPPED:
        return
    children = [child for child in element if child.tag not in _DROPPED]
    tag, text = element.tag.removeprefix(_SVG), (element.text or "").strip()
    if tag == "g" and not children:
        return
    group = tag == "g" and not element.attrib  # a group for nothing but its name
    if not group:
        _open(tag, element.attrib, pieces, text, closed=not children and not text)
    for child in children:
        _write(child, pieces)
    if not group and (children or text):
        pieces[-1] += f"</{tag}>"


def _open(
    tag: str, attributes: dict[str, str], pieces: list[str], text: str = "", closed: bool = False
) -> None:
    """Write an opening tag as a piece of its own."""
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    pieces.append(f"<{tag}{written}{'/' if closed else ''}>{escape(text)}")
