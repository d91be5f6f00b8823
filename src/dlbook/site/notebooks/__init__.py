"""Launchable notebooks: each page with code as a clean ``.ipynb`` of plain Markdown and its own code cells.

Sphinx hands over each page when numbers and references are resolved (`pages`); `blocks`, `inline` and
`tables` write it as Markdown that JupyterLab and Colab render alike; `export` adds the set-up cell, has the
linter (`check`) look, and writes the files; `running` executes them the way a reader would.
"""

from __future__ import annotations

from pathlib import Path

from dlbook.site.project import Project

__all__ = ["exported"]


def exported(project: Project) -> dict[str, Path]:
    """List the notebooks that the last build made.

    Parameters
    ----------
    project : Project
        The book.

    Returns
    -------
    dict of str to Path
        The file of each page with code, by the page's slug; empty before the first build.

    Examples
    --------
    >>> exported(Project(Path("nowhere")))
    {}
    """
    folder = project.notebooks
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.ipynb"))
    }
