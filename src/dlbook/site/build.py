"""The whole build, from chapters to a checked site."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from dlbook.site.chapters import read_chapters
from dlbook.site.execute import Execution, Say, execute
from dlbook.site.memory import remembering
from dlbook.site.project import BuildError, Project, Settings
from dlbook.site.render import pages_key, render
from dlbook.site.report import make_report, write_report


def build(project: Project, settings: Settings, strict: bool = False, say: Say = print) -> Execution:
    """Execute what has to be, make the pages, check them, write the report.

    Parameters
    ----------
    project : Project
        The book.
    settings : Settings
        Budget, threads, cores, timeout.
    strict : bool, optional
        Make a chapter over its limits an error.
    say : callable, optional
        Takes lines of progress.

    Returns
    -------
    Execution
        Which chapters ran.

    Raises
    ------
    BuildError
        Whenever the site is not right; the message says what to do.
    """
    began = time.monotonic()
    with only_one(project, say), remembering(project):
        chapters = read_chapters(project)
        pages = pages_key(chapters, project)  # before the minutes that execution may take
        done = execute(chapters, project, settings, say)
        say(f"Pages: making {len(chapters)}, checking their links")
        render(chapters, project, pages)
        report = make_report(chapters, project, settings)
        write_report(report, project)
    for warning in report["warnings"]:
        say(f"Warning: {warning}")
    if strict and report["warnings"]:
        raise BuildError("chapters over their limits count as errors here (CI or --strict): see above")
    count = report["totals"]["chapters"]
    say(
        f"Book: {os.path.relpath(project.html / 'index.html', project.root)} ({count} "
        f"chapter{'s' if count != 1 else ''}, {len(done.executed)} executed, {len(done.cached)} from the "
        f"cache, {time.monotonic() - began:.1f} s)"
    )
    return done


@contextlib.contextmanager
def only_one(project: Project, say: Say = print) -> Iterator[None]:
    """Hold the build folder; a second build waits for the first.

    Parameters
    ----------
    project : Project
        The book.
    say : callable, optional
        Told when there is a wait.
    """
    project.check()
    project.build.mkdir(exist_ok=True)
    # The system lets go of the lock when the process ends, however it ends.
    with (project.build / ".lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"Another build is at work here (process {file.read().strip() or '?'}); waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
