"""Write the notebooks: set-up cell, the cells of each page, the linter's word, files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat

from dlbook.site.chapters import Chapter
from dlbook.site.launch import DOWNLOADS, repository
from dlbook.site.notebooks import exported
from dlbook.site.notebooks.cells import code_cell, notebook
from dlbook.site.notebooks.check import faults
from dlbook.site.notebooks.pages import FOLDER
from dlbook.site.notebooks.setup_cell import light_requirements, setup_source
from dlbook.site.project import BuildError, Project
from dlbook.site.records import write_atomically


def export(
    chapters: Sequence[Chapter], project: Project, environ: Mapping[str, str] | None = None
) -> dict[str, Path]:
    """Write the notebook of every page with code, and a copy of each into the site.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book; Sphinx has been over them.
    project : Project
        The book.
    environ : mapping, optional
        Variables that say where the source is published; by default those of this process.

    Returns
    -------
    dict of str to Path
        The files, by slug.

    Raises
    ------
    BuildError
        If a notebook would show something that is not plain Jupyter Markdown; all faults are in the message.
    """
    first = code_cell(setup_source(repository(project, environ), light_requirements(project)), (), False)
    made, found = {}, []
    for chapter in chapters:
        if not chapter.cells:
            continue
        content = notebook([first, *_cells(project, chapter)])
        found += faults(content, chapter.slug)
        node = nbformat.from_dict(content)
        nbformat.validate(node)
        made[chapter.slug] = nbformat.writes(node) + "\n"
    if found:
        raise BuildError("these notebooks would not read well:\n" + "\n".join(map(str, found)))
    for slug in exported(project).keys() - made.keys():
        (project.notebooks / f"{slug}.ipynb").unlink()
    copies = project.html / DOWNLOADS
    shutil.rmtree(copies, ignore_errors=True)
    for slug, text in made.items():
        for folder in (project.notebooks, copies):
            write_atomically(folder / f"{slug}.ipynb", text)
    return {slug: project.notebooks / f"{slug}.ipynb" for slug in made}


def _cells(project: Project, chapter: Chapter) -> list[dict[str, Any]]:
    """Read what Sphinx wrote down of a page."""
    path = project.build / ".doctrees" / FOLDER / f"{chapter.slug}.json"
    try:
        return json.loads(path.read_text(encoding="utf8"))["cells"]
    except FileNotFoundError as error:
        raise BuildError(
            f"{chapter.slug} has code, but Sphinx wrote no cells of it; run make clean and make book"
        ) from error
