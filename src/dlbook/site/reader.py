"""Read a chapter for Sphinx: its Markdown joined with the outputs of its stored execution."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from myst_nb.core.read import is_myst_markdown_notebook
from myst_nb.sphinx_ import Parser
from myst_parser.parsers.sphinx_ import MystParser

from dlbook.site.chapters import Chapter, read_notebook
from dlbook.site.project import BuildError
from dlbook.site.records import Records

if TYPE_CHECKING:
    from docutils import nodes
    from nbformat import NotebookNode


class ChapterParser(Parser):
    """MyST-NB's parser, except that outputs come from the stored execution.

    MyST-NB takes a custom reader by file ending and hands it the text alone, so a reader cannot
    know which chapter it reads. This parser does: it joins text and outputs into a notebook in
    JSON, which MyST-NB then reads as it would any other (see ``extension.setup``). A page that is
    no notebook goes the way of ordinary Markdown.
    """

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse one page into a document.

        Parameters
        ----------
        inputstring : str
            The Markdown.
        document : docutils.nodes.document
            Receives the content.

        Raises
        ------
        BuildError
            If a notebook page has no record of an execution that fits its code.
        """
        if not is_myst_markdown_notebook(inputstring):
            MystParser.parse(self, inputstring, document)
            return
        env = document.settings.env
        path = Path(env.doc2path(env.docname))
        record = records_of(env.app.outdir).current(env.docname)
        notebook = join(inputstring, path, env.docname, record)
        super().parse(nbformat.writes(notebook), document)


def records_of(outdir: str | os.PathLike[str]) -> Records:
    """Find the records that belong to a site.

    Parameters
    ----------
    outdir : path
        The folder of the finished site, ``_build/html``.

    Returns
    -------
    Records
        Of the budget that ``DLBOOK_BUDGET`` names.
    """
    budget = os.environ.get("DLBOOK_BUDGET") or "cpu"
    return Records(Path(outdir).parent / "execution" / budget)


def join(text: str, path: Path, slug: str, record: dict[str, Any] | None) -> NotebookNode:
    """Join a chapter's text with the outputs in a record.

    Parameters
    ----------
    text : str
        The chapter's Markdown.
    path : Path
        Its file, for messages.
    slug : str
        Its name in the book.
    record : dict or None
        What its last execution left.

    Returns
    -------
    NotebookNode
        The chapter with outputs. ``metadata.source_map`` still leads to lines of the Markdown.

    Raises
    ------
    BuildError
        If there is no record, or if it is of other code than the page now has.
    """
    notebook = read_notebook(text, path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if record is None or [entry["source"] for entry in record["cells"]] != [c.source for c in code]:
        state = "was not executed" if record is None else "was edited after it was executed"
        raise BuildError(f"{slug}: the chapter {state}; run make book, which executes before it renders")
    for cell, entry in zip(code, record["cells"], strict=True):
        cell.outputs = [nbformat.from_dict(output) for output in entry["outputs"]]
        cell.execution_count = entry["execution_count"]
    if record["widgets"]:
        notebook.metadata["widgets"] = nbformat.from_dict(record["widgets"])
    notebook.metadata.setdefault("language_info", {"name": "python", "pygments_lexer": "ipython3"})
    return notebook


def facts(chapter: Chapter, record: dict[str, Any]) -> dict[str, Any]:
    """Gather what a reader wants to know before starting on a chapter.

    Parameters
    ----------
    chapter : Chapter
        The page.
    record : dict
        Its stored execution.

    Returns
    -------
    dict
        ``words``, ``seconds``, ``threads``, ``budget``, ``device``, and ``data``: pairs of a
        dataset's name and whether the embedded digits stood in for it.
    """
    data = dict.fromkeys(
        (d["name"], d["source"] == "embedded" and d["name"] != "digits") for d in record["data"]
    )
    return {"words": chapter.words, "data": list(data)} | {
        name: record[name] for name in ("seconds", "threads", "budget", "device")
    }
