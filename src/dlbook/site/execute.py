"""Execute the chapters whose records are missing, several at a time, and say how it goes."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlbook.site.chapters import Chapter
from dlbook.site.keys import execution_key, named_datasets, reason
from dlbook.site.project import BuildError, Project, Settings
from dlbook.site.records import Records, digest

CELL_GUESS = 0.5  # seconds a cell, for a chapter that was never timed; the longest have to start first

Say = Callable[[str], None]


@dataclass
class Task:
    """A chapter that has to be executed."""

    chapter: Chapter
    key: str
    parts: dict[str, Any]
    guess: float
    why: str


@dataclass
class Execution:
    """What an execution phase did.

    Parameters
    ----------
    executed : list of str
        Slugs of the chapters that ran, in reading order.
    cached : list of str
        Slugs of the chapters whose record was at hand.
    failures : list of Failure
        Chapters that did not run to their end.
    seconds : float
        Wall time.
    """

    executed: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)
    failures: list[Any] = field(default_factory=list)
    seconds: float = 0.0


class ChaptersFailedError(BuildError):
    """Some chapters did not run to their end; ``execution`` tells of all."""

    def __init__(self, message: str, execution: Execution) -> None:
        super().__init__(message)
        self.execution = execution


def execute(chapters: Sequence[Chapter], project: Project, settings: Settings, say: Say = print) -> Execution:
    """Bring the records of all notebook chapters up to date.

    Parameters
    ----------
    chapters : sequence of Chapter
        The pages of the book; plain ones are passed over.
    project : Project
        The book.
    settings : Settings
        Budget, threads, cores, timeout.
    say : callable, optional
        Takes lines of progress.

    Returns
    -------
    Execution
        What ran and what did not have to.

    Raises
    ------
    ChaptersFailedError
        If chapters fail; all are tried first, and all failures are in the message.
    """
    began = time.monotonic()
    notebooks = [chapter for chapter in chapters if chapter.is_notebook]
    records = Records(project.execution(settings.budget))
    result = Execution()
    data = _fetch(notebooks, settings, say)
    entries: dict[str, dict[str, Any]] = {}
    tasks = []
    for chapter in notebooks:
        needed = {name: data[name] for name in named_datasets(chapter, data)}
        key, parts = execution_key(chapter, project, settings, needed)
        if known := records.sum(chapter.slug, key):
            records.touch(chapter.slug, key)
            result.cached.append(chapter.slug)
            entries[chapter.slug] = _entry(key, known, executed=False)
            continue
        last = records.latest(chapter.slug)
        guess = last["seconds"] if last else CELL_GUESS * len(chapter.cells)
        tasks.append(Task(chapter, key, parts, guess, reason(last and last.get("parts"), parts)))
    if tasks:
        from dlbook.site.kernel import Failure  # a second of imports that a cached build is spared

        progress = Progress(tasks, len(result.cached), settings, say)
        for task, outcome in asyncio.run(_run_all(tasks, progress, records, project, settings)):
            if isinstance(outcome, Failure):
                result.failures.append(outcome)
            else:
                result.executed.append(task.chapter.slug)
                entries[task.chapter.slug] = _entry(task.key, digest(outcome), executed=True)
    result.seconds = round(time.monotonic() - began, 3)
    manifest = {"chapters": entries, "execution_seconds": result.seconds}
    records.write_manifest(manifest | {"threads": settings.threads, "cores": settings.cores})
    if result.failures:
        listing = "\n".join(str(failure) for failure in result.failures)
        count = len(result.failures)
        raise ChaptersFailedError(f"{count} chapter{'s' if count > 1 else ''} failed:\n{listing}", result)
    return result


def _entry(key: str, known: str, executed: bool) -> dict[str, Any]:
    """Write what the manifest says of a chapter and the fingerprint of its record."""
    return {"key": key, "digest": known, "executed": executed}


async def _run_all(
    tasks: list[Task], progress: Progress, records: Records, project: Project, settings: Settings
) -> list[tuple[Task, Any]]:
    """Run the tasks, the longest first, each as soon as a place is free."""
    folder = _fresh_folder(project)
    await asyncio.to_thread(_list_fonts, project)
    places = asyncio.Semaphore(_places(settings))

    async def one(number: int, task: Task) -> tuple[Task, Any]:
        from dlbook.site.kernel import Failure, run_chapter

        async with places:
            progress.started(task)
            outcome = await run_chapter(task.chapter, project, settings, folder / str(number))
            if not isinstance(outcome, Failure) and (name := _unforeseen(task, outcome)):
                line = task.chapter.cells[0].line
                outcome = Failure(
                    task.chapter.slug, task.chapter.path, line, 0, _UNFORESEEN.format(name=name)
                )
            progress.finished(task, outcome)
            if isinstance(outcome, dict):  # at once: what is finished survives a kill of the build
                outcome["parts"] = task.parts
                records.put(task.chapter.slug, task.key, outcome)
            return task, outcome

    order = sorted(enumerate(tasks), key=lambda pair: -pair[1].guess)  # long ones last would run alone
    try:
        outcomes = await asyncio.gather(*(one(number, task) for number, task in order))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return sorted(outcomes, key=lambda pair: tasks.index(pair[0]))


_UNFORESEEN = (
    "it loaded the dataset {name!r}, which its code does not name. The build must know a chapter's data "
    'before it runs, or it could not tell when to run it again: write load("{name}", ...) in a cell.'
)


def _unforeseen(task: Task, record: dict[str, Any]) -> str:
    """Give the name of a dataset that was loaded but not foreseen, or nothing."""
    return next((d["name"] for d in record["data"] if d["name"] not in task.parts["data"]), "")


def _fetch(notebooks: Sequence[Chapter], settings: Settings, say: Say) -> dict[str, str]:
    """Get hold of every dataset that the chapters name; return a fingerprint of each.

    Kernels run without the network: several of them would download the same set at once, and
    whether a download succeeds may not differ between the key and the run.
    """
    from dlbook import data

    wanted = sorted({name for chapter in notebooks for name in named_datasets(chapter, data.names())})
    prints, missing = {}, []
    for name in wanted:
        try:
            found = data.locate(name)
            if found is None and not settings.offline:
                say(f"Data: {name} is not on this machine; fetching it")
                data.fetch(name)
                found = data.locate(name)  # as the kernel and the next build will find it
        except data.DataError as error:
            raise BuildError(f"data: {error}") from error
        if found is None:
            missing.append(name)
        prints[name] = f"{found.source}:{found.fingerprint}" if found else "embedded"
    if missing and not settings.strict_data:
        say(f"Data: {', '.join(missing)} cannot be had; the embedded digits stand in")
    if missing and settings.strict_data:
        raise BuildError(
            f"DLBOOK_DATA_STRICT is set and these datasets cannot be had: {', '.join(missing)}. "
            "Put them into the folder that DLBOOK_DATA names, or allow the network, or unset "
            "DLBOOK_DATA_STRICT to let the embedded digits stand in."
        )
    return prints


def _fresh_folder(project: Project) -> Path:
    """Make an empty folder for the kernels, clearing away what a killed build left there."""
    folder = project.build / "execution" / ".run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder.resolve()


def _list_fonts(project: Project) -> None:
    """Let matplotlib list the fonts once, before the kernels: it warns on stderr when that is slow."""
    from dlbook.site.kernel import matplotlib_folder

    folder = matplotlib_folder(project)
    if any(folder.glob("fontlist-*.json")):
        return
    folder.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"MPLCONFIGDIR": str(folder)}
    command = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env=env, check=False, capture_output=True)


def _places(settings: Settings) -> int:
    """How many chapters run at once: by cores, and by memory (each may take 1.5 GB)."""
    import psutil

    by_memory = int(psutil.virtual_memory().available // 1.5e9)
    return max(1, min(settings.parallel, by_memory))


class Progress:
    """Tells how far an execution is and how long it may still take.

    Parameters
    ----------
    tasks : list of Task
        What will run.
    cached : int
        Chapters that need not run.
    settings : Settings
        For the number that run at once.
    say : callable
        Takes the lines.
    """

    def __init__(self, tasks: list[Task], cached: int, settings: Settings, say: Say) -> None:
        self.say, self.places = say, _places(settings)
        self.total, self.done = len(tasks), 0
        self.left = {task.chapter.slug: task.guess for task in tasks}
        self.begun: dict[str, float] = {}
        self.start = time.monotonic()
        others = f", {cached} from the cache" if cached else ""
        at_once = f", {self.places} at a time" if self.places > 1 and self.total > 1 else ""
        say(f"Executing {self.total} chapter{'s' if self.total != 1 else ''}{others}{at_once}")

    def started(self, task: Task) -> None:
        """Announce a chapter and why it runs."""
        self.begun[task.chapter.slug] = time.monotonic()
        self.say(f"  start  {task.chapter.slug}  ({task.why})")

    def finished(self, task: Task, outcome: Any) -> None:
        """Announce a chapter's end, the time elapsed and the time that remains."""
        self.done += 1
        self.left.pop(task.chapter.slug)
        took = time.monotonic() - self.begun.pop(task.chapter.slug)
        memory = f", {outcome['peak_rss_mb']:.0f} MB" if isinstance(outcome, dict) else ", FAILED"
        line = f"  [{self.done}/{self.total}]  {task.chapter.slug}  {took:.1f} s{memory}"
        self.say(f"{line}  (elapsed {_clock(time.monotonic() - self.start)}{self._remaining()})")

    def _remaining(self) -> str:
        """Estimate from each chapter's last time, less what those under way have had."""
        if not self.left:
            return ""
        now = time.monotonic()
        rest = [max(1.0, g - (now - self.begun.get(slug, now))) for slug, g in self.left.items()]
        return f", remaining about {_clock(max(max(rest), sum(rest) / self.places))}"


def _clock(seconds: float) -> str:
    """Minutes and seconds."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
