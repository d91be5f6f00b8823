"""Where links of a notebook lead: to the site where its address is known, and nowhere else."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from urllib.parse import quote

from docutils import nodes


@dataclass
class Places:
    """The links of one page, as its notebook writes them.

    A link within the page becomes text: JupyterLab and Colab name the places of a notebook differently, and
    numbers such as (1.3) are found without one.

    Parameters
    ----------
    docname : str
        The page.
    base : str
        Address of the site, without a slash at its end; empty where it is not known.
    titles : dict of str to str
        Title of each page of the book.
    headings : dict of str to str
        Heading of each section of the page, by its ids.
    works : dict of str to str
        Filled while the page is written: full reference of each work cited, and its address.
    wanted : list of str
        Filled likewise: the ids that the page's text refers to.

    Examples
    --------
    >>> Places("part/one", "https://book.example", {}).address("../reference/b.html#id1")
    'https://book.example/reference/b.html#id1'
    """

    docname: str
    base: str
    titles: dict[str, str]
    headings: dict[str, str] = field(default_factory=dict)
    works: dict[str, str] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)

    def address(self, uri: str) -> str:
        """Give the full address of a place on the site; empty where the site has none.

        Parameters
        ----------
        uri : str
            Relative to the page.

        Returns
        -------
        str
            To be opened from anywhere.
        """
        path, hash_, anchor = uri.partition("#")
        page = self.docname + ".html" if not path else posixpath.join(posixpath.dirname(self.docname), path)
        return f"{self.base}/{quote(posixpath.normpath(page))}{hash_}{anchor}" if self.base else ""

    def link(self, node: nodes.Element, text: str) -> str:
        """Write a reference that Sphinx has resolved.

        Parameters
        ----------
        node : node
            A ``reference`` or ``number_reference``.
        text : str
            What it says, as Markdown.

        Returns
        -------
        str
            A link, or words that say where to look.
        """
        if node.get("refid"):
            self.wanted.append(node["refid"])
            # The name of a section would read on into its sentence; words that the author chose fit in.
            named = self.headings.get(node["refid"]) == node.astext()
            return f"*{text}*" if named and not re.search(r"[*$]", text) else text
        uri = str(node["refuri"])
        if not node.get("internal"):
            return f"[{text}]({_quoted(uri)})"
        address = self.address(uri)
        if work := node.get("reftitle"):
            self.works[work] = address
        if address:
            return f"[{text}]({_quoted(address)})"
        return text if work else self._in_words(uri, text)

    def _in_words(self, uri: str, text: str) -> str:
        """Say in words where a link to another page would lead."""
        path = uri.partition("#")[0]
        page = posixpath.normpath(posixpath.join(posixpath.dirname(self.docname), path)).removesuffix(".html")
        title = self.titles.get(page, page)
        where = (
            "a page of the book" if text.casefold() == title.casefold() else f"on the book’s page “{title}”"
        )
        return f"“{text}” ({where})"


def _quoted(uri: str) -> str:
    """Escape what would end a Markdown link."""
    return uri.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
