"""Tables as Markdown tables."""

from __future__ import annotations

import re
from collections.abc import Callable

from docutils import nodes

Write = Callable[[nodes.Element], str]


def table(node: nodes.Element, write: Write) -> str:
    """Write a table.

    Parameters
    ----------
    node : node
        The table.
    write : callable
        Writes the content of a cell as one paragraph of Markdown.

    Returns
    -------
    str
        A Markdown table. One without a head gets an empty one, since Markdown knows no other.
    """
    every = list(node.findall(nodes.row))
    heads = [row for row in every if isinstance(row.parent, nodes.thead)]
    rows = [row for row in every if not isinstance(row.parent, nodes.thead)]
    lines = [_cells(row, write) for row in [*heads, *rows]]
    if not heads:
        lines.insert(0, [""] * max(len(line) for line in lines))
    width = max(len(line) for line in lines)
    ways = _ways(heads[0] if heads else rows[0], width)
    ruled = [lines[0], ways, *lines[1:]]
    return "\n".join("| " + " | ".join([*line, *[""] * (width - len(line))]) + " |" for line in ruled)


def _cells(row: nodes.Element, write: Write) -> list[str]:
    """Write the cells of a row; one that spans columns is followed by empty ones."""
    cells = []
    for entry in row.findall(nodes.entry):
        cells += [_cell(write(entry)), *[""] * int(entry.get("morecols", 0))]
    return cells


def _cell(text: str) -> str:
    r"""Keep a cell on one line and bars from ending it; in maths a bar needs another name.

    A notebook takes the maths out of its text before it reads tables, so there a backslash before a bar
    would make it a double one.
    """
    parts = re.split(r"((?<!\\)\$[^$]+(?<!\\)\$)", re.sub(r"\s*\n\s*", " ", text))
    for n, part in enumerate(parts):
        if n % 2:
            parts[n] = part.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        else:
            parts[n] = part.replace("|", r"\|")
    return "".join(parts)


def _ways(row: nodes.Element, width: int) -> list[str]:
    """Tell how the columns are set, as the cells of their first row are."""
    marks = {"text-left": ":--", "text-right": "--:", "text-center": ":-:"}
    ways = [
        next((mark for name, mark in marks.items() if name in entry.get("classes", ())), "---")
        for entry in row.findall(nodes.entry)
    ]
    return [*ways, *["---"] * (width - len(ways))][:width]
