"""Run every exported notebook and hold it to its page: the values, the memory, the right package."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dlbook.site.answer_forms import recorded_values
from dlbook.site.chapters import Chapter
from dlbook.site.execute import _places
from dlbook.site.notebooks import exported
from dlbook.site.notebooks.clocks import timed
from dlbook.site.notebooks.running import MOST_MB, Ran, differences, installed_package, run_notebook
from dlbook.site.project import BuildError, Project, Settings
from dlbook.site.records import Records

Say = Callable[[str], None]


def verify_notebooks(
    chapters: Sequence[Chapter], project: Project, settings: Settings, say: Say = print
) -> list[Ran]:
    """Run all notebooks of the last build in an environment of their own, and compare them with the pages.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book.
    project : Project
        The book; its notebooks have been exported, its chapters executed under the budget.
    settings : Settings
        Budget, threads, timeout.
    say : callable, optional
        Takes lines of progress.

    Returns
    -------
    list of Ran
        One for each notebook.

    Raises
    ------
    BuildError
        If a notebook fails, takes too much memory or records other values than its page; all are tried.
    """
    files = exported(project)
    wanted = [chapter for chapter in chapters if chapter.cells]
    if missing := [chapter.slug for chapter in wanted if chapter.slug not in files]:
        raise BuildError(f"no notebook of {', '.join(missing)} has been exported; run make book first")
    with tempfile.TemporaryDirectory(prefix="dlbook-notebooks-") as name:
        folder = Path(name).resolve()
        python = installed_package(project, folder / "package")
        outcomes = asyncio.run(_run_all(wanted, files, python, project, settings, folder, say))
    found = [fault for _, faults in outcomes for fault in faults]
    if found:
        raise BuildError("the notebooks do not do what the pages show:\n" + "\n".join(found))
    return [ran for ran, _ in outcomes if ran is not None]


async def _run_all(
    wanted: Sequence[Chapter],
    files: Mapping[str, Path],
    python: Path,
    project: Project,
    settings: Settings,
    folder: Path,
    say: Say,
) -> list[tuple[Ran | None, list[str]]]:
    """Run the notebooks, several at a time, and find what is wrong with each."""
    places = asyncio.Semaphore(_places(settings))

    async def one(number: int, chapter: Chapter) -> tuple[Ran | None, list[str]]:
        slug, label = chapter.slug, f"  [{number}/{len(wanted)}]  {chapter.slug}"
        async with places:
            try:
                ran = await run_notebook(
                    slug, files[slug], python, project, settings, folder / f"run-{number}"
                )
            except BuildError as error:
                say(f"{label}  FAILED")
                return None, [str(error)]
        say(f"{label}  {ran.seconds:.1f} s, {ran.peak_mb:.0f} MB, {len(ran.values)} numbers")
        return ran, faults_of(ran, chapter, project, settings, folder)

    return list(await asyncio.gather(*(one(number, chapter) for number, chapter in enumerate(wanted, 1))))


def faults_of(ran: Ran, chapter: Chapter, project: Project, settings: Settings, folder: Path) -> list[str]:
    """Say what is wrong with a notebook that ran.

    Parameters
    ----------
    ran : Ran
        What came of it.
    chapter : Chapter
        Its page.
    project : Project
        The book; the page was executed under the same budget.
    settings : Settings
        The budget.
    folder : Path
        Where the package was installed.

    Returns
    -------
    list of str
        Sentences; empty if nothing is.
    """
    faults = []
    if not Path(ran.package).resolve().is_relative_to(folder):
        faults.append(f"it imported dlbook from {ran.package}, not from the environment made for it")
    if ran.peak_mb > MOST_MB:
        faults.append(f"it took {ran.peak_mb:.0f} MB of memory; {MOST_MB:.0f} MB are allowed")
    record = Records(project.execution(settings.budget)).current(chapter.slug)
    if record is None or [c["source"] for c in record["cells"]] != [c.source for c in chapter.cells]:
        faults.append(
            f"its page was not executed under the {settings.budget} budget as it now is; run "
            f"{Path(sys.executable).name} -m dlbook.site execute --budget {settings.budget}"
        )
    else:
        faults += differences(
            recorded_values(record), ran.values, timed(cell.source for cell in chapter.cells)
        )
    return [f"{chapter.slug}: {fault}" for fault in faults]
