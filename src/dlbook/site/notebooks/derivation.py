"""A checked derivation as Markdown, to be read before its cell is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dlbook.site.derivation_nodes import derivation, derivation_line
from dlbook.site.notebooks.text import display, escaped, words_in_maths


def derived(node: derivation, number_of: Callable[[derivation_line], str]) -> Iterator[str]:
    """Write a derivation: name, lines with their reasons and numbers, and what the check said.

    Parameters
    ----------
    node : derivation
        As it stands on the page; its lines were printed from the objects that were checked.
    number_of : callable
        Gives the number of a line that has one.

    Yields
    ------
    str
        Blocks of Markdown.
    """
    yield f"**{escaped(node['label_text'])}**"
    lines = list(node.findall(derivation_line))
    numbers = [number_of(line) if line["ids"] else "" for line in lines]
    # A tag numbers the block as a whole; where lines have numbers of their own, they get a column.
    whole = "" if any(numbers[:-1]) else numbers[-1]
    rows = []
    for line, number in zip(lines, numbers, strict=True):
        row = line["latex"]
        text = f"{row['left']} &{row['relation']} {row['right']}"
        if row["reason"]:
            text += f" && {words_in_maths(row['reason'])}"
        if number and not whole:
            text += ("" if row["reason"] else " &&") + f" && ({number})"
        rows.append(text.strip())
    body = " \\\\\n".join(rows)
    yield display(f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}", whole)
    yield f"*{escaped(node['summary'])}.* The next cell prints these lines from the objects that are checked."
