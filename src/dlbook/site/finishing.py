"""What is done to the finished pages' folder: unused files go, and what stands beside the pages comes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES, Text
from sphinx.application import Sphinx

# Of the theme and of extensions, copied into every site and used by none of its pages. The patterns are
# relative to _static.
UNUSED = (
    "scripts/bootstrap.js*",
    "scripts/fontawesome.js*",
    "scripts/pydata-sphinx-theme.js*",
    "scripts/sphinx-book-theme.js*",
    "styles/pydata-sphinx-theme.css*",
    "styles/sphinx-book-theme.css*",
    "styles/theme.css",
    "vendor/fontawesome",
    "locales",
    "images/logo_*",
    "*webpack-macros.html",
    "basic.css",
    "clipboard.min.js",
    "copybutton*",
    "check-solid.svg",
    "copy-button.svg",
    "play-solid.svg",
    "design-tabs.js",
    "exercise.css",
    "file.png",
    "minus.png",
    "mystnb.*.css",
    "plus.png",
    "sphinx-thebe.*",
    "togglebutton.*",
)
_LIGHT, _DARK = "a11y-high-contrast-light", "a11y-high-contrast-dark"
_CARD = (1200, 630)  # pixels; what social networks ask for


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Clear up, and write the sitemap and the card where the site has an address.

    Parameters
    ----------
    app : Sphinx
        The application.
    exception : Exception or None
        What ended the build early.
    """
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    (static / "pygments.css").write_text(code_colours(_LIGHT, _DARK), encoding="utf8")
    drop_unused(static)
    base = app.config.html_baseurl.rstrip("/")
    if base:
        Path(app.outdir, "sitemap.xml").write_text(sitemap(base, sorted(app.env.found_docs)), encoding="utf8")
        draw_card(str(app.config.html_title), static / "card.png")


def drop_unused(static: Path) -> None:
    """Delete the files that no page of the book refers to.

    Parameters
    ----------
    static : Path
        The site's folder of scripts and styles.
    """
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in [p for p in static.iterdir() if p.is_dir() and not any(p.iterdir())]:
        folder.rmdir()


def code_colours(light: str, dark: str) -> str:
    """Write the style sheet of code in both schemes.

    The theme's own sheet needs a script to choose between them; ``light-dark()`` needs none.

    Parameters
    ----------
    light, dark : str
        Names of Pygments styles.

    Returns
    -------
    str
        CSS.

    Examples
    --------
    >>> code_colours("default", "monokai").splitlines()[0]
    '.highlight { color: light-dark(#000000, #f8f8f2) }'
    """
    pair = [get_style_by_name(name) for name in (light, dark)]
    plain = [
        _colour(style, Text) or fallback for style, fallback in zip(pair, ("000000", "ffffff"), strict=True)
    ]
    rules: dict[str, list[str]] = {}
    for token, short in STANDARD_TYPES.items():
        if not short:
            continue
        colours = [_colour(style, token) or base for style, base in zip(pair, plain, strict=True)]
        looks = [f"color: light-dark(#{colours[0]}, #{colours[1]})"] if colours != plain else []
        either = [style.style_for_token(token) for style in pair]
        if any(look["bold"] for look in either):
            looks.append("font-weight: bold")
        if any(look["italic"] for look in either):
            looks.append("font-style: italic")
        if looks:
            rules.setdefault("; ".join(looks), []).append(f".highlight .{short}")
    first = f".highlight {{ color: light-dark(#{plain[0]}, #{plain[1]}) }}"
    return "\n".join([first, *(f"{', '.join(names)} {{ {look} }}" for look, names in rules.items())]) + "\n"


def _colour(style: Any, token: Any) -> str | None:
    return style.style_for_token(token)["color"]


def sitemap(base: str, pages: list[str]) -> str:
    """List the pages for search engines.

    Parameters
    ----------
    base : str
        Address of the site.
    pages : list of str
        Names of its pages.

    Returns
    -------
    str
        As sitemaps.org asks for it.

    Examples
    --------
    >>> print(sitemap("https://book.example", ["index"]).splitlines()[2])
    <url><loc>https://book.example/index.html</loc></url>
    """
    lines = [f"<url><loc>{escape(f'{base}/{page}.html')}</loc></url>" for page in pages]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *lines,
            "</urlset>\n",
        ]
    )


def draw_card(title: str, path: Path) -> None:
    """Draw the picture that previews of the site show: its title and a tick.

    Parameters
    ----------
    title : str
        The book's.
    path : Path
        Where to write it.
    """
    import matplotlib

    card = Image.new("RGB", _CARD, "#10263a")
    pen = ImageDraw.Draw(card)
    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    font = ImageFont.truetype(str(fonts / "DejaVuSans-Bold.ttf"), 84)
    pen.line([(96, 150), (136, 190), (216, 98)], fill="#5fd0a5", width=22, joint="curve")
    pen.multiline_text((96, 270), _wrapped(title, font, _CARD[0] - 192), fill="white", font=font, spacing=20)
    card.save(path, optimize=True)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Break a title into lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def setup_finishing(app: Sphinx) -> None:
    """Have the folder finished after the build.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.connect("build-finished", finish, priority=900)  # after the theme has written its own files
