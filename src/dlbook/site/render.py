"""Turn executed chapters into pages, and never trust what a killed or failed build left behind.

Sphinx rebuilds what changed since its last run. It decides by file times and by the environment
that it stored, so a build that died half-way can leave pages that look finished, and a build with
``-W`` that failed has already forgotten the warnings of the pages it read. Hence the marker: it is
set before Sphinx starts and removed after all checks have passed; where it is found, all pages are
made anew. Executions are records of their own and stay.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from dlbook.site.chapters import Chapter
from dlbook.site.exercises import key_file, key_tables, needs_python
from dlbook.site.keys import file_digest
from dlbook.site.launch import repository
from dlbook.site.links import check_links
from dlbook.site.marker import install
from dlbook.site.notebooks.export import export
from dlbook.site.project import BuildError, Project
from dlbook.site.records import digest, write_atomically


def render(chapters: Sequence[Chapter], project: Project, pages: str) -> None:
    """Build the pages, make the notebooks, and check all links.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book.
    project : Project
        The book; its chapters have been executed.
    pages : str
        What :func:`pages_key` gave when the build began, so that an edit made since is not taken for read.

    Raises
    ------
    BuildError
        On any warning of Sphinx, and on links that lead nowhere.
    """
    marker, stamp = project.build / ".incomplete", project.build / ".pages"
    known = stamp.read_text() if stamp.exists() else ""
    made = (project.html / "index.html", project.build / "maths" / "formulas.json")
    whole = marker.exists() or known != pages or not all(path.exists() for path in made)
    project.build.mkdir(exist_ok=True)
    write_atomically(marker, "A build is under way here, or the last one did not come to its end.\n")
    if whole:
        for folder in (project.html, project.build / ".doctrees", project.build / "jupyter_execute"):
            shutil.rmtree(folder, ignore_errors=True)
    _run_sphinx(project)
    if any(needs_python(key_tables(chapter.path)) for chapter in chapters):
        install(project.html)
    export(chapters, project)
    if faults := check_links(project.html):
        raise BuildError("these links of the finished site are broken:\n" + "\n".join(faults))
    write_atomically(stamp, pages)
    marker.unlink()


def pages_key(chapters: Sequence[Chapter], project: Project) -> str:
    """Fingerprint what all pages are made with.

    Sphinx does not rewrite a page because a chapter was moved or taken out, or this package or the
    configuration is another. Where this key differs from the last build's, all pages are made anew.
    What pages show of each other is looked after in :mod:`dlbook.site.shown`.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book.
    project : Project
        The book.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    files = [project.config, project.toc, project.lock, *Path(__file__).parent.rglob("*")]
    files += (project.book / "_static").rglob("*")
    # What marks answers also made the tables of verdicts that the pages hold.
    files += (Path(__file__).parents[1] / "answers").rglob("*.py")
    return digest(
        {
            # the folder's place too: Sphinx stores absolute paths
            "root": hashlib.sha256(os.fsencode(project.root.resolve())).hexdigest(),
            "budget": os.environ.get("DLBOOK_BUDGET") or "cpu",
            # Launch links name the repository, which the machine may know better than the configuration.
            "repository": repository(project).url,
            # A file that a page does not know of yet cannot make Sphinx read the page again.
            "keys": [c.slug for c in chapters if key_file(c.path).is_file()],
            "pages": [c.slug for c in chapters],
            "files": {
                str(index): file_digest(path)
                for index, path in enumerate(sorted(files))
                if path.is_file() and path.suffix != ".pyc"
            },
        }
    )


def _run_sphinx(project: Project) -> None:
    """Run Jupyter Book with every warning an error."""
    # Importing Sphinx and the theme takes a second; report and execute do without.
    from jupyter_book.sphinx import build_sphinx

    overrides = {
        "external_toc_path": project.toc.resolve().as_posix(),
        "latex_individualpages": False,
        "nitpicky": True,
    }
    outcome = build_sphinx(
        project.book.resolve(),
        project.html.resolve(),
        noconfig=True,
        path_config=project.config.resolve(),
        confoverrides=overrides,
        doctreedir=project.build.resolve() / ".doctrees",
        quiet=True,
        warningiserror=True,
        keep_going=True,
    )
    if isinstance(outcome, KeyboardInterrupt):
        raise outcome
    if outcome:
        raise BuildError("the pages have faults (see the warnings above); each counts as an error")
