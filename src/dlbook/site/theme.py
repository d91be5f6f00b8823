"""The frame of a page: which files it loads, what its head says, its menus and its contents.

The templates in ``templates/`` replace the theme's layout; this module hands them what they show. Nothing
inline and nothing from elsewhere gets into a page, so that a Content-Security-Policy can forbid both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import get_translation
from sphinx.util import logging

from dlbook.site.chapters import Chapter
from dlbook.site.launch import DOWNLOADS, launch_menu, repository
from dlbook.site.project import Project

_ = get_translation("dlbook")
logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).with_name("templates")

POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",  # Python in the browser is WebAssembly
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",  # the search field leads to the search page
        "object-src 'none'",
    ]
)
"""What a page may load and do: the book's own files, and nothing inline."""

# Files that Jupyter Book's extensions put on every page and the book does without, with what does the work
# instead. A file that is not named here is loaded; an inline script that is not recognised is an error.
REPLACED = {
    "styles/pydata-sphinx-theme.css": "book.css",
    "styles/sphinx-book-theme.css": "book.css",
    "scripts/sphinx-book-theme.js": "book.js",
    "basic.css": "book.css",
    "mystnb.": "book.css",
    "exercise.css": "book.css",
    "togglebutton.": "<details>, see folds.py",
    "copybutton.": "book.js",
    "clipboard.min.js": "book.js",
    "sphinx-thebe.": "launch.py",
    "design-tabs.js": "<details>: tabs hide what they hold from print and search",
    "documentation_options.js": "only the search page needs it",
    "doctools.js": "only the search page needs it",
    "sphinx_highlight.js": "only the search page needs it",
}
_REPLACED_INLINE = ("toggle", "THEBE_JS_URL", "DOCUMENTATION_OPTIONS")
_THEME_PARTS = (
    "theme_navbar_",
    "theme_article_header_",
    "theme_article_footer_items",
    "theme_content_footer_items",
    "theme_footer_",
    "theme_primary_sidebar_end",
    "theme_secondary_sidebar_items",
    "sidebars",
)
_BARE = ("search", "404", "genindex")
_DESCRIPTION = 180  # signs that search engines and previews show


def fill_frame(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Hand a page's template what it shows.

    Parameters
    ----------
    app : Sphinx
        The application.
    pagename, templatename : str
        The page and its template.
    context : dict
        Variables of the template; completed here.
    doctree : docutils.nodes.document or None
        The page, if it was written by an author.
    """
    base = app.config.html_baseurl.rstrip("/")
    context["policy"] = POLICY
    context["bare_pages"] = _BARE
    body = context.get("body", "")
    if body:
        # The role that docutils gives to works in a list of references is withdrawn, and no list's item.
        context["body"] = body = body.replace('role="doc-biblioentry"', 'role="listitem"')
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if _wanted(file, pagename, body)]
    # docutils writes a viewport of its own; the template has one.
    tags = context.get("metatags", "")
    context["metatags"] = re.sub(r'<meta [^>]*name="viewport"[^>]*>', "", tags).strip()
    context["menus"] = [*_launch(app, pagename, context), *menus(context.get("header_buttons", []))]
    context["book_toc"] = book_contents(context["toctree"])
    context["description"] = _description(context.get("meta") or {}, doctree)
    context["card_url"] = f"{base}/_static/card.png"
    book = str(app.config.html_title)  # Jupyter Book puts the title here and names no project
    context["project"] = book
    context["card_alt"] = _("The title of the book: {title}").format(title=book)
    context.setdefault("root_title", book)
    context.setdefault("author", app.config.author)
    if not base:
        context["pageurl"] = None
    if pagename == "404":
        # A server shows this page for any address, so its own addresses count from the site's root.
        context["page_base"] = f"{urlsplit(base).path.rstrip('/')}/"
        context["pageurl"] = None


def _launch(app: Sphinx, pagename: str, context: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the menu that opens a page's notebook; none on a page without code."""
    if pagename not in app.env.found_docs:
        return []
    path = Path(app.env.doc2path(pagename))
    if not Chapter(pagename, path, path.read_text(encoding="utf8")).cells:
        return []
    place = repository(Project(Path(app.srcdir).parent))
    return [launch_menu(place, pagename, context["pathto"](f"{DOWNLOADS}/{pagename}.ipynb", 1))]


def skip_theme_parts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Empty the theme's lists of parts, none of which the frame shows: it would try each on every page.

    Parameters
    ----------
    app : Sphinx
        The application.
    pagename, templatename : str
        The page and its template.
    context : dict
        Variables of the template.
    doctree : docutils.nodes.document or None
        The page, if it was written by an author.
    """
    for name in context:
        if name.startswith(_THEME_PARTS):
            context[name] = []


def _wanted(file: Any, pagename: str, body: str) -> bool:
    """Tell whether a page loads a file that some extension has registered for it."""
    name = str(getattr(file, "filename", file) or "")
    if urlsplit(name).netloc:
        logger.warning("%s: the page may load nothing from elsewhere: %s", pagename, name)
        return False
    if not name:
        body = str(getattr(file, "attributes", {}).get("body", ""))
        if not any(known in body for known in _REPLACED_INLINE):
            logger.warning("%s: an inline script; put it into a file: %.60s", pagename, body)
        return False
    name = name.removeprefix("_static/")
    if name.startswith("sphinx-design."):
        return 'class="sd-' in body  # 55 kB, for pages with cards and grids only
    return not name.startswith(tuple(REPLACED))


def book_contents(toctree: Any) -> str:
    """Give the list of all pages.

    Parameters
    ----------
    toctree : callable
        As Sphinx hands it to templates.

    Returns
    -------
    str
        HTML, with the page itself marked.
    """
    html = toctree(collapse=False, maxdepth=2, includehidden=True, titles_only=True) or ""
    # The captions of parts are labels of lists; as headings they would come before the page's title.
    html = re.sub(r'<p( aria-level="\d"| class="caption"| role="heading")+>', '<p class="caption">', html)
    return re.sub(r'<a class="current ', '<a aria-current="page" class="current ', html)


def menus(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn the theme's header buttons into menus of links.

    Parameters
    ----------
    buttons : list of dict
        What ``_config.yml`` asks for: downloads, launch buttons, links to the repository.

    Returns
    -------
    list of dict
        Each with a name, an icon, items, and whether printing is among them.

    Examples
    --------
    >>> menus([{"type": "group", "tooltip": "Launch", "label": "launch-buttons", "buttons": [
    ...     {"type": "link", "text": "Colab", "tooltip": "Launch on Colab", "url": "https://x.example/"}]}])
    [{'name': 'Launch', 'icon': 'launch', 'items': [{'name': 'Launch on Colab', 'url': 'https://x.example/', \
'external': True}], 'print': False}]
    """
    found = []
    for button in buttons:
        group = button.get("buttons") if button["type"] == "group" else [button]
        items = [
            {
                "name": _item_name(one),
                "url": one["url"],
                "external": bool(urlsplit(one["url"]).netloc),
            }
            for one in group or []
            if one["type"] == "link"
        ]
        if not items:
            continue  # buttons of the theme's own scripts
        kind = str(button.get("label", ""))
        name, icon = _menu_name(kind, str(button.get("tooltip") or button.get("text") or ""))
        found.append({"name": name, "icon": icon, "items": items, "print": "download" in kind})
    return found


def _menu_name(kind: str, text: str) -> tuple[str, str]:
    if "download" in kind:
        return str(_("Download")), "file"
    return (str(_("Launch")), "launch") if "launch" in kind else (text, "code")


def _item_name(button: dict[str, Any]) -> str:
    """Name a link by what it does."""
    text = str(button.get("text") or "")
    if text == ".md":
        return str(_("Source of this page (Markdown)"))
    if text == ".ipynb":
        return str(_("Notebook (.ipynb)"))
    return str(button.get("tooltip") or text)


def _description(meta: dict[str, Any], doctree: nodes.document | None) -> str:
    """Give what previews say of a page: the author's words for it, or else how it begins."""
    if meta.get("description"):
        return str(meta["description"])
    for paragraph in doctree.findall(nodes.paragraph) if doctree is not None else ():
        if isinstance(paragraph.parent, nodes.section) and "dlbook-facts" not in paragraph["classes"]:
            return shorten(paragraph.astext())
    return ""


def shorten(text: str) -> str:
    r"""Cut a text between words.

    Parameters
    ----------
    text : str
        Of any length.

    Returns
    -------
    str
        At most 180 signs, on one line.

    Examples
    --------
    >>> shorten("One line.\nAnother."), len(shorten("word " * 99))
    ('One line. Another.', 176)
    """
    text = " ".join(text.split())
    return (
        text if len(text) <= _DESCRIPTION else text[: _DESCRIPTION - 2].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    )


def drop_inline_scripts(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Take out the scripts that sphinx-thebe writes into every page; the book launches notebooks instead."""
    for raw in list(document.findall(nodes.raw)):
        if "x-thebe-config" in raw.astext() or raw.astext().startswith("<script>kernelName"):
            raw.parent.remove(raw)


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page that a server shows for an address that leads nowhere."""
    yield "404", {"title": _("There is no such page")}, "404.html"


def _configure(app: Sphinx, config: Config) -> None:
    """Put the templates before the theme's."""
    config.templates_path.insert(0, str(TEMPLATES))
    config.html_use_index = False  # the book has no entries for one


def _name_permalinks(app: Sphinx) -> None:
    """Have the links of headings read out by their title, and not as a number sign."""
    app.config.html_permalinks_icon = '<span aria-hidden="true">#</span>'


def setup_theme(app: Sphinx) -> None:
    """Connect the frame.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.connect("config-inited", _configure)
    app.connect("builder-inited", _name_permalinks, priority=900)  # after the theme, which sets one too
    app.connect("html-page-context", skip_theme_parts, priority=1)  # before the theme
    app.connect("html-page-context", fill_frame, priority=900)  # after the theme
    app.connect("doctree-resolved", drop_inline_scripts, priority=900)
    app.connect("html-collect-pages", not_found)
    app.add_config_value("dlbook_notebooks_branch", "notebooks", "html", str)
    app.add_css_file("book.css", priority=100)
    app.add_js_file("book.js", priority=100, loading_method="defer")
