"""Check that every address inside the finished site leads somewhere, and every id is unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from dlbook.site.memory import recall

ATTRIBUTES = ("href", "src", "poster", "data")
# Built by Sphinx from templates, not pages of the book: their links are checked, but they hold
# search results and indexes that only scripts fill in.
OPTIONAL_TARGETS = ("#", "#top")


@dataclass
class Page:
    """What one HTML file offers and asks for.

    Parameters
    ----------
    ids : list of str
        Every id (and name of an anchor), repetitions included.
    links : list of (int, str)
        Line and address of each link, image, script and style sheet.
    """

    ids: list[str] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)


class _Collector(HTMLParser):
    """Collects ids and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one element."""
        for name, value in attrs:
            if not value:
                continue
            if name == "id" or (name == "name" and tag == "a"):
                self.page.ids.append(value)
            elif tag == "base":
                continue  # says where addresses count from, and leads nowhere itself
            elif name in ATTRIBUTES and not (tag == "link" and _is_hint(attrs)):
                self.page.links.append((self.getpos()[0], value))
            elif name == "srcset":
                parts = (part.split()[0] for part in value.split(",") if part.strip())
                self.page.links += [(self.getpos()[0], part) for part in parts]


def read_page(html: str) -> Page:
    """Collect a page's ids and addresses.

    Parameters
    ----------
    html : str
        The page.

    Returns
    -------
    Page
        What it offers and asks for.

    Examples
    --------
    >>> read_page('<a id="x" href="#x">here</a>')
    Page(ids=['x'], links=[(1, '#x')])
    """
    ids, links = recall("links", html, lambda: _collected(html))
    return Page(ids, [(line, address) for line, address in links])


def _collected(html: str) -> tuple[list[str], list[tuple[int, str]]]:
    """Collect a page's ids, and its addresses with their lines."""
    collector = _Collector()
    collector.feed(html)
    collector.close()
    return collector.page.ids, collector.page.links


def check_links(site: Path) -> list[str]:
    """Find links that lead nowhere and ids that occur twice on a page.

    Parameters
    ----------
    site : Path
        The folder of the finished site.

    Returns
    -------
    list of str
        One sentence per fault; empty when all is well. Addresses of other sites are not tried.
    """
    site = site.resolve()
    pages = {
        path.resolve(): read_page(path.read_text(encoding="utf8"))
        for path in sorted(site.rglob("*.html"))
        # the theme's own snippets are not pages
        if "_static" not in path.relative_to(site).parts
    }
    offered = {path: frozenset(page.ids) for path, page in pages.items()}
    faults = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        repeated = sorted({i for i in page.ids if page.ids.count(i) > 1}) if _repeats(page.ids) else []
        faults += [f"{name}: the id {i!r} occurs more than once" for i in repeated]
        for line, address in page.links:
            if fault := _fault(address, path, offered, site):
                faults.append(f"{name}:{line}: {fault}")
    return faults


def _fault(address: str, page: Path, offered: Mapping[Path, frozenset[str]], site: Path) -> str:
    """Say what is wrong with an address on a page, or nothing."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or address in OPTIONAL_TARGETS:
        return ""
    target_text, fragment = urldefrag(address)
    target = page
    if target_text:
        local = unquote(urlsplit(target_text).path)
        target = (site / local.lstrip("/") if local.startswith("/") else page.parent / local).resolve()
        if target.is_dir():
            target = target / "index.html"
        if not target.is_relative_to(site):
            return f"the link {address!r} leaves the site"
        if not target.is_file():
            return f"the link {address!r} leads to a file that does not exist"
    anchor = unquote(fragment)
    if anchor and target in offered and anchor not in offered[target]:
        return f"the link {address!r} leads to an anchor that does not exist"
    return ""


def _repeats(ids: list[str]) -> bool:
    """Whether any id occurs twice."""
    return len(set(ids)) < len(ids)


def _is_hint(attrs: list[tuple[str, str | None]]) -> bool:
    """Whether a link element only warms up a connection to another site."""
    return any(name == "rel" and value in ("preconnect", "dns-prefetch") for name, value in attrs)
