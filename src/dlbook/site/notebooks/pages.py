"""Sphinx's side of the export: each page with code is written down when its references are resolved.

What is written here are the cells of a page without the first. They are kept beside Sphinx's own pages in the
folder of doctrees, so a page that Sphinx does not write anew keeps its cells. `export` makes files of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from dlbook.answers.errors import BadKeyError
from dlbook.site.answer_data import load_keys
from dlbook.site.chapters import Chapter
from dlbook.site.notebooks.answers import names_taken
from dlbook.site.notebooks.blocks import Code, Page
from dlbook.site.notebooks.cells import code_cell, markdown_cell
from dlbook.site.notebooks.inline import UnwritableError
from dlbook.site.notebooks.places import Places
from dlbook.site.notebooks.text import escaped
from dlbook.site.notebooks.writer import PageWriter
from dlbook.site.records import write_atomically

logger = logging.getLogger(__name__)

FOLDER = "notebooks"
"""Within the folder of doctrees."""


def write_page(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Write down the cells of a page that is about to become HTML.

    What no notebook can show is an error of the build.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        The page: numbered, its references resolved, nothing folded yet.
    docname : str
        Its name.
    """
    if app.builder.format != "html":
        return
    path = Path(app.env.doc2path(docname))
    chapter = Chapter(docname, path, path.read_text(encoding="utf8"))
    if not chapter.cells:
        return
    place = Path(app.doctreedir) / FOLDER / f"{docname}.json"
    place.unlink(missing_ok=True)
    try:
        cells = page_cells(app, document, chapter)
    except BadKeyError:
        return  # answer_forms has told of it
    except UnwritableError as error:
        logger.error("%s", error, location=error.place or docname)
        return
    write_atomically(place, json.dumps({"cells": cells}))


def page_cells(app: Sphinx, document: nodes.document, chapter: Chapter) -> list[dict[str, Any]]:
    """Write the cells of a page.

    Parameters
    ----------
    app : Sphinx
        The application; all pages are numbered.
    document : docutils.nodes.document
        The page.
    chapter : Chapter
        Its source.

    Returns
    -------
    list of dict
        Cells of a notebook, without ids.

    Raises
    ------
    UnwritableError
        If the page has what no notebook can show.
    """
    env, docname = app.env, chapter.slug
    titles = {name: title.astext() for name, title in env.titles.items()}
    headings = {
        name: section[0].astext()
        for section in document.findall(nodes.section)
        if isinstance(section.next_node(), nodes.title)
        for name in section["ids"]
    }
    places = Places(docname, app.config.html_baseurl.rstrip("/"), titles, headings)
    page = Page(
        places,
        numbers=env.toc_fignumbers.get(docname, {}),
        sections=env.toc_secnumbers.get(docname, {}),
        formats=app.config.numfig_format,
        keys={name: key.table for name, key in load_keys(chapter.path).items()},
        taken=frozenset(names_taken([cell.source for cell in chapter.cells])),
        pictures={uri: f"{app.builder.imagedir}/{name}" for uri, (_, name) in env.images.items()},
    )
    writer = PageWriter(page)
    # Beside the sections stand scripts of extensions, which are no part of the text.
    inside = [part for part in document.children if not isinstance(part, nodes.raw)]
    blocks = [block for part in inside for block in writer.blocks(part)]
    if lost := [name for name in places.wanted if name not in writer.placed]:
        raise UnwritableError(
            f"its notebook would refer to {', '.join(sorted(set(lost)))}, which the notebook does not show"
        )
    blocks += _works(places)
    return _cells(chapter, blocks)


def _works(places: Places) -> list[str]:
    """List the works that the page cites, so that its notebook can be read without the site."""
    if not places.works:
        return []
    listed = [f"- {_work(text)}" for text in sorted(places.works)]
    address = next(iter(places.works.values())).partition("#")[0]
    more = [f"All works are in the [bibliography]({address}) of the book."] if address else []
    return ["## References", "\n".join(listed), *more]


def _work(text: str) -> str:
    """Write a reference, its DOI as a link."""
    words, _, doi = text.partition("doi:")
    doi = doi.rstrip(".")
    link = f"[doi:{escaped(doi)}](https://doi.org/{doi})" if re.fullmatch(r"10\.\S+", doi) else ""
    return f"{escaped(words)}{link}." if link else escaped(text)


def _cells(chapter: Chapter, blocks: list[Any]) -> list[dict[str, Any]]:
    """Join blocks to cells; a cell that the page leaves out has to be run all the same."""
    source = chapter.notebook.cells
    waiting = [n for n, cell in enumerate(source) if cell.cell_type == "code"]
    cells: list[dict[str, Any]] = []
    gathered: list[str] = []
    free = 0  # right after the last code cell, where one that is not seen parts no text from its code

    def close() -> None:
        if gathered:
            cells.append(markdown_cell("\n\n".join(gathered)))
            gathered.clear()

    for block in blocks:
        if isinstance(block, str):
            if block.startswith("#"):
                close()  # a heading begins a cell, where notebooks fold
            gathered.append(block)
            continue
        close()
        if block.index < 0:
            cells.append(code_cell(block.source, (), hidden=False))
        else:
            unseen = [n for n in waiting if n < block.index]
            cells[free:free] = [_own(source[n], Code(n, hidden=True)) for n in unseen]
            waiting = [n for n in waiting if n > block.index]
            cells.append(_own(source[block.index], block))
        free = len(cells)
    close()
    return cells + [_own(source[n], Code(n, hidden=True)) for n in waiting]


def _own(cell: Any, block: Code) -> dict[str, Any]:
    """Take over a cell of the chapter, as it is."""
    return code_cell(cell.source, cell.metadata.get("tags", ()), block.hidden)


def setup_notebooks(app: Sphinx) -> None:
    """Have every page written down before its folds are made.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.connect("doctree-resolved", write_page, priority=700)
