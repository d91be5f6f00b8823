"""Cells of a notebook as nbformat stores them: metadata that front ends read, ids that stay, no outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any

# Read by what runs a notebook; all other tags only say how the page shows a cell.
_KEPT = ("raises-exception", "skip-execution")
_NO_CODE = frozenset(
    ["hide-input", "hide-cell", "remove-input", "remove_input", "remove-cell", "remove_cell"]
)
_NO_OUTPUT = frozenset(
    ["hide-output", "hide-cell", "remove-output", "remove_output", "remove-cell", "remove_cell"]
)
_NO_OUTPUT = frozenset(
    {"hide-output", "hide-cell", "remove-output", "remove_output", "remove-cell", "remove_cell"}
)


def markdown_cell(source: str) -> dict[str, Any]:
    """Make a cell of text.

    Parameters
    ----------
    source : str
        Markdown.

    Returns
    -------
    dict
        As nbformat has it.
    """
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code_cell(source: str, tags: Collection[str], hidden: bool) -> dict[str, Any]:
    """Make a cell of code that has not been run.

    Folded code carries ``jupyter.source_hidden``, which JupyterLab reads, and ``cellView: form``, which Colab
    reads: there such a cell shows "Show code".

    Parameters
    ----------
    source : str
        The code.
    tags : collection of str
        Of the chapter's cell.
    hidden : bool
        Whether the code is folded although no tag asks for it.

    Returns
    -------
    dict
        As nbformat has it.

    Examples
    --------
    >>> code_cell("x = 1", ["hide-input"], False)["metadata"]
    {'cellView': 'form', 'jupyter': {'source_hidden': True}}
    """
    metadata: dict[str, Any] = {}
    jupyter = {}
    if hidden or _NO_CODE & set(tags):
        metadata["cellView"] = "form"
        jupyter["source_hidden"] = True
    if _NO_OUTPUT & set(tags):
        jupyter["outputs_hidden"] = True
    if jupyter:
        metadata["jupyter"] = jupyter
    if kept := [tag for tag in _KEPT if tag in tags]:
        metadata["tags"] = kept
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def with_ids(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give cells ids made from what they say, so that an edit elsewhere leaves them as they are.

    Parameters
    ----------
    cells : iterable of dict
        Cells without ids.

    Returns
    -------
    list of dict
        The same with ids; equal cells are told apart by a number.

    Examples
    --------
    >>> [cell["id"] for cell in with_ids([markdown_cell("a"), markdown_cell("a")])]
    ['cbd883c6d6f9', 'cbd883c6d6f9-2']
    """
    seen: dict[str, int] = {}
    named = []
    for cell in cells:
        text = f"{cell['cell_type']}\n{cell['source']}"
        name = hashlib.sha256(text.encode("utf8", "surrogatepass")).hexdigest()[:12]
        seen[name] = seen.get(name, 0) + 1
        named.append({"id": name if seen[name] == 1 else f"{name}-{seen[name]}", **cell})
    return named


def notebook(cells: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Make a notebook of cells.

    Parameters
    ----------
    cells : iterable of dict
        Cells without ids.

    Returns
    -------
    dict
        In the format 4.5, with nothing in its metadata but the language.
    """
    return {
        "cells": with_ids(cells),
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
