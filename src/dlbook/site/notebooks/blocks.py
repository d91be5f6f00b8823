"""Blocks of text as Jupyter Markdown: paragraphs, lists, tables, pictures, boxes.

What makes a notebook of them, sections, cells and exercises, is added in `writer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.locale import admonitionlabels

from dlbook.site.notebooks import text as markdown
from dlbook.site.notebooks.inline import inline, unwritable
from dlbook.site.notebooks.places import Places
from dlbook.site.notebooks.tables import table

_LANGUAGES = {"ipython3": "python", "ipython": "python", "default": "", "none": "", "myst": "markdown"}
_SILENT = (
    nodes.target,
    nodes.comment,
    nodes.substitution_definition,
    addnodes.index,
    addnodes.toctree,
)
Write = Callable[[Any], Iterator[Any]]


@dataclass(frozen=True)
class Code:
    """A code cell.

    Parameters
    ----------
    index : int
        Number of the chapter's cell, among all its cells; -1 for one that marks an answer.
    source : str
        Its code; of a chapter's cell it is filled in later.
    hidden : bool
        Whether the code is folded.
    """

    index: int
    source: str = ""
    hidden: bool = False


@dataclass
class Page:
    """What a writer has to know of a page beside its tree.

    Parameters
    ----------
    places : Places
        Where links lead.
    numbers : mapping
        Sphinx's numbers of the page: by sort, then by id (``env.toc_fignumbers``).
    sections : mapping
        Sphinx's numbers of the sections, by ``#`` and id.
    formats : mapping
        How figures, tables and exercises are numbered: ``{"figure": "Fig. %s"}``.
    keys : mapping
        Tables of the page's answer keys, by name.
    taken : set of str
        Names that the chapter's cells use.
    pictures : mapping
        Address on the site, relative to its top, of each static picture.
    """

    places: Places
    numbers: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    sections: Mapping[str, Sequence[int]] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    pictures: Mapping[str, str] = field(default_factory=dict)


class BlockWriter:
    """Writes blocks; each method takes a node and yields pieces of Markdown.

    Parameters
    ----------
    page : Page
        What there is to know of the page.

    Examples
    --------
    >>> part = nodes.note("", nodes.paragraph("", "Words."))
    >>> print(*BlockWriter(Page(Places("page", "", {}))).blocks(part))
    > **Note**
    >
    > Words.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.places = page, page.places
        self.nested = 0  # in how many quotations, lists and tables we are
        self.placed: set[str] = set()
        self.writers: dict[type, Write] = {
            nodes.paragraph: self.paragraph,
            nodes.math_block: self.math,
            nodes.bullet_list: self.bullets,
            nodes.enumerated_list: self.enumerated,
            nodes.definition_list: self.definitions,
            nodes.field_list: self.definitions,
            nodes.table: self.table,
            nodes.figure: self.figure,
            nodes.image: self.picture,
            nodes.literal_block: self.listing,
            nodes.doctest_block: self.listing,
            nodes.block_quote: self.quotation,
            nodes.line_block: self.lines,
            nodes.footnote: self.footnote,
            nodes.transition: self.rule,
            nodes.rubric: self.rubric,
            nodes.Admonition: self.admonition,
            nodes.topic: self.admonition,
            nodes.container: self.children,
            nodes.compound: self.children,
            addnodes.glossary: self.children,
        }

    def blocks(self, node: nodes.Node) -> Iterator[Any]:
        """Write one node."""
        if isinstance(node, _SILENT) or not isinstance(node, nodes.Element):
            return
        self.placed.update(node.get("ids", ()))
        for kind, write in self.writers.items():
            if isinstance(node, kind):
                yield from write(node)
                return
        raise unwritable(node)

    def children(self, node: nodes.Element) -> Iterator[Any]:
        """Write what an element holds, and nothing of its own."""
        for child in node.children:
            yield from self.blocks(child)

    def inner(self, children: Iterable[nodes.Node]) -> list[str]:
        """Write what stands within a list, a table or a quotation; no code cell can."""
        self.nested += 1
        blocks = [block for child in children for block in self.blocks(child)]
        self.nested -= 1
        return blocks

    def number(self, sort: str, node: nodes.Element) -> str:
        """Give the number that the page shows for something, or nothing."""
        known = self.page.numbers.get(sort, {})
        found = next((known[name] for name in node["ids"] if name in known), ())
        return ".".join(map(str, found))

    def titled(self, sort: str, node: nodes.Element, kind: type) -> Iterator[str]:
        """Write the number and the caption of a figure or a table."""
        number = self.number(sort, node)
        label = [f"**{self.page.formats.get(sort, '%s') % number}.**"] if number else []
        said = [inline(part, self.places) for part in node.children if isinstance(part, kind)]
        if label or said:
            yield markdown.paragraph(" ".join([*label, *said]))

    def paragraph(self, node: nodes.Element) -> Iterator[str]:
        """Write a paragraph; the line of facts, which changes with every run, is left to the page."""
        text = markdown.paragraph(inline(node, self.places))
        if text and "dlbook-facts" not in node["classes"]:
            yield text

    def math(self, node: nodes.Element) -> Iterator[str]:
        """Write a displayed equation with its number."""
        number = self.number("displaymath", node) if node.get("number") else ""
        yield markdown.display(node.astext(), number, not node.get("nowrap"), one_line=bool(self.nested))

    def figure(self, node: nodes.Element) -> Iterator[str]:
        """Write a picture that no cell of its place draws."""
        for child in node.children:
            if not isinstance(child, nodes.caption | nodes.legend):
                yield from self.blocks(child)
        yield from self.caption(node)

    def caption(self, node: nodes.Element) -> Iterator[str]:
        """Write what stands below a figure."""
        yield from self.titled("figure", node, nodes.caption)
        for legend in node.findall(nodes.legend):
            yield from self.inner(legend.children)

    def picture(self, node: nodes.Element) -> Iterator[str]:
        """Write a picture of the site; without an address of the site, its words."""
        alt = markdown.escaped(str(node.get("alt", "")))
        place = self.page.pictures.get(node["uri"], "")
        if place and self.places.base:
            yield f"![{alt}]({self.places.base}/{place})"
        else:
            yield f"*(A picture on the book’s page.)* {alt}"

    def table(self, node: nodes.Element) -> Iterator[str]:
        """Write a table, its number and title before it."""
        yield from self.titled("table", node, nodes.title)
        yield table(node, lambda entry: " ".join(self.inner(entry.children)))

    def admonition(self, node: nodes.Element) -> Iterator[str]:
        """Write a box as a quotation with a bold title, or folded where the page folds it."""
        content, title = list(node.children), str(admonitionlabels.get(node.tagname, "Note"))
        if content and isinstance(content[0], nodes.title):
            title = inline(content.pop(0), self.places)
        if "dropdown" in node["classes"]:
            yield markdown.folded(title.replace("\\", ""), "\n\n".join(self.inner(content)))
        else:
            yield markdown.quoted([f"**{title}**", *self.inner(content)])

    def bullets(self, node: nodes.Element) -> Iterator[str]:
        """Write a list."""
        yield self._listed((item, "- ") for item in node.children)

    def enumerated(self, node: nodes.Element) -> Iterator[str]:
        """Write a numbered list; Markdown has no letters for that, so these are text."""
        start = int(node.get("start", 1))
        if node.get("enumtype", "arabic") == "arabic":
            yield self._listed((item, f"{n}. ") for n, item in enumerate(node.children, start))
        else:
            yield self._listed((item, f"- ({chr(96 + n)}) ") for n, item in enumerate(node.children, start))

    def _listed(self, items: Iterable[tuple[Any, str]]) -> str:
        """Write items, apart from each other where one has several blocks."""
        written = []
        for item, mark in items:
            self.placed.update(item.get("ids", ()))
            written.append((mark, self.inner(item.children)))
        gap = "\n\n" if any(len(blocks) > 1 for _, blocks in written) else "\n"
        return gap.join(markdown.indented(blocks or [""], mark) for mark, blocks in written)

    def definitions(self, node: nodes.Element) -> Iterator[str]:
        """Write terms and what they mean as a list."""
        items = []
        for item in node.children:
            assert isinstance(item, nodes.Element)
            names = [c for c in item.children if isinstance(c, nodes.term | nodes.field_name)]
            self.placed.update(*(name["ids"] for name in names))
            head = f"**{', '.join(inline(name, self.places).strip() for name in names)}**"
            bodies = [c for c in item.children if isinstance(c, nodes.definition | nodes.field_body)]
            blocks = [block for body in bodies for block in self.inner(body.children)]
            items.append(markdown.indented([f"{head}: {blocks[0]}" if blocks else head, *blocks[1:]], "- "))
        yield "\n".join(items)

    def listing(self, node: nodes.Element) -> Iterator[str]:
        """Write code that is to be read."""
        language = str(node.get("language", ""))
        yield markdown.fenced(node.astext(), _LANGUAGES.get(language, language))

    def quotation(self, node: nodes.Element) -> Iterator[str]:
        """Write a quotation and whose it is."""
        parts = [part for part in node.children if not isinstance(part, nodes.attribution)]
        whose = [inline(p, self.places) for p in node.children if isinstance(p, nodes.attribution)]
        yield markdown.quoted([*self.inner(parts), *(f"— {name}" for name in whose)])

    def lines(self, node: nodes.Element) -> Iterator[str]:
        """Write lines that are to stay lines."""
        yield "  \n".join(inline(line, self.places) for line in node.findall(nodes.line))

    def footnote(self, node: nodes.Element) -> Iterator[str]:
        """Write a note where the page has it, at its end."""
        first, *others = self.inner(node.children[1:])
        yield "\n\n".join([f"**Note {node.children[0].astext()}.** {first}", *others])

    def rule(self, node: nodes.Element) -> Iterator[str]:
        """Write a line across the page."""
        yield "---"

    def rubric(self, node: nodes.Element) -> Iterator[str]:
        """Write a heading that is none."""
        yield f"**{inline(node, self.places)}**"
