"""Commands of the build: ``python -m dlbook.site COMMAND``; ``--help`` lists them."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from dlbook.site.project import BUDGETS, BuildError, Project, Settings
from dlbook.site.spared import keep_bytecode, spare_imports


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The command's words; by default those of this process.

    Returns
    -------
    int
        0 when all is well, 1 when the book is not, 130 when interrupted.
    """
    options = _parser().parse_args(argv)
    # A shell without job control starts its background jobs with SIGINT ignored; an end asked for in
    # so many words is meant all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # A polite end (timeout, CI's cancel button) takes the same way out as Ctrl-C: kernels are ended.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if options.root.is_dir():
        keep_bytecode(options.root / "_build" / "bytecode")
    spare_imports()
    try:
        return _run(options)
    except BuildError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the next build goes on from here", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    """Carry out a command; imports wait until it is known which."""
    project = Project(options.root)
    if options.budget:
        os.environ["DLBOOK_BUDGET"] = options.budget  # Sphinx reads it as well
    settings = Settings.from_environment()
    strict = options.strict or os.environ.get("CI", "").lower() in ("1", "true")
    if options.command == "build":
        from dlbook.site.build import build

        build(project, settings, strict)
    elif options.command == "execute":
        from dlbook.site.build import only_one
        from dlbook.site.chapters import read_chapters
        from dlbook.site.execute import execute
        from dlbook.site.memory import remembering

        with only_one(project), remembering(project):
            done = execute(read_chapters(project), project, settings)
        ran, kept = len(done.executed), len(done.cached)
        print(f"Chapters: {ran} executed, {kept} from the cache, {done.seconds:.1f} s")
    elif options.command == "gpu":
        from dlbook.site.gpu_runs import run_on_gpu

        run_on_gpu(project, settings)
    elif options.command == "report":
        return _report(project, settings, strict)
    elif options.command == "notebooks":
        from dlbook.site.chapters import read_chapters
        from dlbook.site.notebooks.verify import verify_notebooks

        chapters = read_chapters(project)
        sound = verify_notebooks(chapters, project, settings)
        print(f"Notebooks: {len(sound)} run from top to bottom and agree with their pages")
    elif options.command == "links":
        from dlbook.site.links import check_links

        if not (project.html / "index.html").exists():
            raise BuildError("there is no finished site here; run make book first")
        if faults := check_links(project.html):
            raise BuildError("broken links:\n" + "\n".join(faults))
        print("Links: every internal link leads somewhere")
    elif options.command == "branch":
        _branch(project, options.to)
    elif options.command == "compat":
        from dlbook.site.compat import check

        for which in options.versions:
            check(project, which, options.python, shlex.split(options.tests))
    else:
        from dlbook.site.serve import serve

        serve(project, options.port)
    return 0


def _branch(project: Project, to: Path) -> None:
    """Assemble the branch of the notebooks."""
    from dlbook.site.branch import assemble
    from dlbook.site.launch import commit, repository
    from dlbook.site.notebooks import exported

    written = assemble(project, exported(project), repository(project), commit(project), to)
    print(f"Branch: {len(written)} files in {to}")


def _report(project: Project, settings: Settings, strict: bool) -> int:
    """Write the report, print it, and judge it."""
    from dlbook.site.chapters import read_chapters
    from dlbook.site.memory import remembering
    from dlbook.site.report import as_table, make_report, write_report

    with remembering(project):
        report = make_report(read_chapters(project), project, settings)
    write_report(report, project)
    print(as_table(report))
    for warning in report["warnings"]:
        print(f"Warning: {warning}")
    print(f"Report: {os.path.relpath(project.report, project.root)}")
    if strict and report["warnings"]:
        raise BuildError("chapters over their limits count as errors here (CI or --strict): see above")
    return 0


def _parser() -> argparse.ArgumentParser:
    """Define the commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m dlbook.site", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--root", type=Path, default=Path(), help="the project's top folder")
    common.add_argument("--budget", choices=BUDGETS, help="instead of DLBOOK_BUDGET")
    common.add_argument("--strict", action="store_true", help="a chapter over its limits is an error")
    for name, what in {
        "build": "execute chapters and make the site",
        "execute": "execute chapters only",
        "gpu": "execute chapters at full size on a GPU and put the results on record",
        "report": "write and print the report on the last build",
        "notebooks": "run the exported notebooks as a reader would, and compare them with the pages",
        "links": "check the finished site's internal links",
    }.items():
        commands.add_parser(name, parents=[common], help=what)
    branch = commands.add_parser("branch", parents=[common], help="assemble the branch of the notebooks")
    branch.add_argument("--to", type=Path, default=Path("_build/branch"), help="an empty folder")
    compat = commands.add_parser("compat", parents=[common], help="test with the oldest or newest versions")
    compat.add_argument("versions", nargs="+", choices=("oldest", "newest"), help="within pyproject.toml")
    compat.add_argument("--python", default=sys.executable, help="a Python to test with, by path or version")
    compat.add_argument("--tests", default="", help="what pytest is to do, as one text; default: all")
    serve = commands.add_parser("serve", parents=[common], help="show the site and rebuild it on edits")
    serve.add_argument("--port", type=int, default=8000)
    return parser


def _end(status: int) -> NoReturn:
    """End at once: to let go of a book's objects one by one takes Python a second that nobody needs."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    _end(main())
