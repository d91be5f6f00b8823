"""A resolved page as a sequence of Markdown blocks and code cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

from dlbook.site.answer_html import answer_form, answer_summary
from dlbook.site.derivation_nodes import SHOW, derivation, derivation_line
from dlbook.site.explore_nodes import explorer
from dlbook.site.notebooks import text as markdown
from dlbook.site.notebooks.answers import kernel_prompt, marking_cell, question
from dlbook.site.notebooks.blocks import BlockWriter, Code, Page
from dlbook.site.notebooks.derivation import derived
from dlbook.site.notebooks.inline import inline


class PageWriter(BlockWriter):
    """Writes a page; its methods yield blocks of Markdown and code cells.

    Parameters
    ----------
    page : Page
        What there is to know of it.

    Examples
    --------
    >>> from dlbook.site.notebooks.places import Places
    >>> part = nodes.section("", nodes.title("", "Why?"), nodes.paragraph("", "Because."), ids=["why"])
    >>> list(PageWriter(Page(Places("page", "", {}))).blocks(part))
    ['# Why?', 'Because.']
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.depth = 0
        self.exercises: dict[str, str] = {}
        self.writers |= {
            nodes.section: self.section,
            nodes.container: self.container,
            derivation: self.derivation,
            answer_form: self.answer,
            answer_summary: lambda node: iter(()),
            explorer: self.explorer,
        }

    def blocks(self, node: nodes.Node) -> Iterator[Any]:
        """Write one node; exercises and solutions are boxes to docutils, but hold code cells."""
        if is_exercise_node(node) or is_solution_node(node):
            assert isinstance(node, nodes.Element)
            self.placed.update(node["ids"])
            yield from self.exercise(node) if is_exercise_node(node) else self.solution(node)
        else:
            yield from super().blocks(node)

    def section(self, node: nodes.Element) -> Iterator[Any]:
        """Write a heading and what belongs to it; the sections within exercises have no title."""
        children = list(node.children)
        titled = bool(children) and isinstance(children[0], nodes.title)
        self.depth += titled
        if titled:
            yield self._heading(node, inline(children.pop(0), self.places))
        for child in children:
            yield from self.blocks(child)
        self.depth -= titled

    def _heading(self, node: nodes.Element, title: str) -> str:
        """Write a heading with the number that the page shows."""
        known = self.page.sections
        found = next((known[f"#{name}"] for name in node["ids"] if f"#{name}" in known), None)
        if found is None and self.depth == 1:
            found = known.get("")
        number = f"{'.'.join(map(str, found))}. " if found else ""
        return f"{'#' * min(self.depth, 6)} {number}{title.strip()}"

    def container(self, node: nodes.Element) -> Iterator[Any]:
        """Write a code cell, a question for a kernel, or what a container holds."""
        if node.get("nb_element") == "cell_code":
            yield from self.cell(node)
        elif "dlbook-answer-kernel" in node["classes"]:
            yield kernel_prompt(node, self.places)
            yield self._marking(node["key"], many=False)
        else:
            yield from self.children(node)

    def cell(self, node: nodes.Element) -> Iterator[Any]:
        """Write a code cell: a derivation stands before it, the caption of its figure after it.

        What else it shows on the page it will show when it is run.
        """
        checked = list(node.findall(derivation))
        for part in checked:
            yield from self.blocks(part)
        tags = node["cell_metadata"].get("tags", [])
        yield Code(node["cell_index"], hidden=bool(checked) and SHOW not in tags)
        for part in node.findall(nodes.figure):
            self.placed.update(part["ids"])
            yield from self.caption(part)

    def derivation(self, node: nodes.Element) -> Iterator[str]:
        """Write the lines of a derivation."""

        def number_of(line: derivation_line) -> str:
            self.placed.update(line["ids"])
            return self.number("displaymath", line)

        yield from derived(node, number_of)

    def explorer(self, node: nodes.Element) -> Iterator[str]:
        """Write what an interactive figure shows, where it stands away from its cell."""
        yield markdown.escaped(node["data"]["alt"])

    def exercise(self, node: nodes.Element) -> Iterator[Any]:
        """Write an exercise under a heading of its own, numbered as on the page."""
        number = self.number("exercise", node)
        title = inline(node.children[0], self.places).strip()
        name = self.page.formats.get("exercise", "Exercise %s") % number if number else title
        self.exercises[node["label"]] = name
        yield f"{'#' * min(self.depth + 1, 6)} {f'{name} {title}'.strip() if number else title}"
        for child in node.children[1:]:
            yield from self.blocks(child)

    def solution(self, node: nodes.Element) -> Iterator[Any]:
        """Write a solution folded; its code cells stay cells, whose code is folded."""
        name = self.exercises.get(node["target_label"], "the exercise")
        inside = [block for child in node.children[1:] for block in self.blocks(child)]
        yield from _fold(f"Solution to {name}".replace("\\", ""), inside)

    def answer(self, node: nodes.Element) -> Iterator[Any]:
        """Write a question and the cell that marks its answer."""
        assert isinstance(node, answer_form)
        yield from question(node, self.places)
        yield self._marking(node["key"], bool(node["many"]))

    def _marking(self, name: str, many: bool) -> Code:
        """Make the cell that marks an answer."""
        return Code(-1, marking_cell(name, self.page.keys[name], many, self.page.taken))


def _fold(title: str, inside: list[Any]) -> Iterator[Any]:
    """Fold Markdown between code cells, and hide the code of these: a fold cannot reach over cells."""
    if not inside or isinstance(inside[0], Code):
        yield f"**{markdown.escaped(title)}**"
    gathered: list[str] = []
    for block in [*inside, None]:
        if isinstance(block, str):
            gathered.append(block)
            continue
        if gathered:
            yield markdown.folded(title, "\n\n".join(gathered))
            gathered = []
        if block is not None:
            title = title.removesuffix(", continued") + ", continued"
            yield Code(block.index, block.source, hidden=True)
