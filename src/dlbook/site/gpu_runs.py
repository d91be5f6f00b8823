"""Run all chapters at full size on a GPU, and put what they found on record.

The record is a file of the project, ``book/_data/gpu-runs.json``: most machines that build the book
have no GPU, and show what another one found.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlbook.site.build import only_one
from dlbook.site.chapters import read_chapters
from dlbook.site.execute import ChaptersFailedError, Execution, Say, execute
from dlbook.site.project import TIMEOUTS, BuildError, Project, Settings
from dlbook.site.records import Records, digest, write_atomically

_RECORDED = "application/papermill.record/text/plain"  # see dlbook.page.record
_NO_GPU = (
    "there is no NVIDIA GPU that PyTorch can use on this machine, so nothing was run and nothing recorded. "
    "Run make gpu where `nvidia-smi` lists one, with a PyTorch built for CUDA (UV_TORCH_BACKEND=cpu is not)."
)


def run_on_gpu(project: Project, settings: Settings, say: Say = print) -> list[dict[str, Any]]:
    """Execute every chapter with the ``gpu`` budget and record the results of those that used the GPU.

    Parameters
    ----------
    project : Project
        The book.
    settings : Settings
        Threads and the like; budget and device are set here.
    say : callable, optional
        Takes lines of progress.

    Returns
    -------
    list of dict
        What was recorded, one entry for each chapter, as :func:`read_runs` gives them.

    Raises
    ------
    BuildError
        If there is no GPU, or if a chapter failed (the others are recorded first), or none used the GPU.
    """
    if not find_gpu():
        raise BuildError(_NO_GPU)
    timeout = settings.timeout if os.environ.get("DLBOOK_TIMEOUT") else TIMEOUTS["gpu"]
    settings = replace(settings, budget="gpu", device="cuda", timeout=timeout)
    failure: ChaptersFailedError | None = None
    with only_one(project, say):
        chapters = read_chapters(project)
        try:
            done = execute(chapters, project, settings, say)
        except ChaptersFailedError as error:
            failure, done = error, error.execution
        runs = [_run(slug, record, project) for slug, record in _records(done, project)]
        new = [run for run in runs if run["device"] != "cpu"]
        if new:
            write_runs(project, merged(read_runs(project), new))
    for line in _summary(runs, done):
        say(line)
    if failure is not None:
        raise failure
    if not new:
        raise BuildError("no chapter computed anything on the GPU, so there is nothing to record")
    say(f"Recorded: {runs_file(project.book).relative_to(project.root)}; the next make book shows it")
    return new


def find_gpu() -> str:
    """Name the GPU that PyTorch would use; empty without one."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ""


def runs_file(book: Path) -> Path:
    """Say where the record lies in a book's folder."""
    return book / "_data" / "gpu-runs.json"


def read_runs(project: Project) -> list[dict[str, Any]]:
    """Read the record.

    Parameters
    ----------
    project : Project
        The book.

    Returns
    -------
    list of dict
        One for each chapter and device: ``chapter``, ``device``, ``seconds``, ``torch``, ``python``,
        ``date``, ``commit``, ``code`` and ``digest`` (fingerprints of the cells and of the execution) and
        ``metrics``, from name to number. Empty when nothing was recorded yet.

    Raises
    ------
    BuildError
        If the file is no such record.
    """
    return read_runs_of(project.book)


def read_runs_of(book: Path) -> list[dict[str, Any]]:
    """Read the record of a book in this folder, see :func:`read_runs`."""
    path = runs_file(book)
    if not path.exists():
        return []
    try:
        runs = json.loads(path.read_text(encoding="utf8"))["runs"]
        for run in runs:
            run["chapter"], run["device"], run["seconds"], run["metrics"].items(), run["date"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(
            f"{path} is no record of GPU runs ({type(error).__name__}: {error}); only make gpu writes it. "
            "Restore it from the repository."
        ) from error
    return runs


def write_runs(project: Project, runs: Sequence[dict[str, Any]]) -> None:
    """Replace the record in one step."""
    text = json.dumps({"runs": list(runs)}, indent=1, ensure_ascii=False)
    write_atomically(runs_file(project.book), text + "\n")


def merged(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join two lists of runs: for each chapter and device the newer one stays.

    Parameters
    ----------
    old, new : sequence of dict
        As :func:`read_runs` gives them.

    Returns
    -------
    list of dict
        In the order of chapters and devices. The very same run keeps its first entry, whose commit is right.

    Examples
    --------
    >>> run = {"chapter": "a", "device": "T4", "digest": "1"}
    >>> merged([run], [run | {"digest": "2"}])
    [{'chapter': 'a', 'device': 'T4', 'digest': '2'}]
    """
    kept = {(run["chapter"], run["device"]): run for run in old}
    for run in new:
        place = (run["chapter"], run["device"])
        if place not in kept or kept[place]["digest"] != run["digest"]:
            kept[place] = run
    return [kept[place] for place in sorted(kept)]


def recorded_numbers(record: dict[str, Any]) -> dict[str, int | float]:
    """Collect the numbers that a chapter handed to its prose.

    Parameters
    ----------
    record : dict
        A stored execution.

    Returns
    -------
    dict
        From name to number; texts are left out, for a table can do nothing with them.
    """
    numbers = {}
    for cell in record["cells"]:
        for output in cell["outputs"]:
            text = output.get("data", {}).get(_RECORDED)
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if text is None or name is None:
                continue
            try:
                value = ast.literal_eval("".join(text))
            except (ValueError, SyntaxError):  # inf has no literal
                continue
            if isinstance(value, int | float):
                numbers[name] = value
    return numbers


def _records(done: Execution, project: Project) -> list[tuple[str, dict[str, Any]]]:
    """Give the records of the chapters that ran, or had run, to their end."""
    records = Records(project.execution("gpu"))
    found = ((slug, records.current(slug)) for slug in sorted({*done.executed, *done.cached}))
    return [(slug, record) for slug, record in found if record is not None]


def _run(slug: str, record: dict[str, Any], project: Project) -> dict[str, Any]:
    """Take from an execution what goes on record."""
    return {
        "chapter": slug,
        "device": record["device"],
        "seconds": record["seconds"],
        "torch": record["torch"],
        "python": record["python"],
        "date": record["date"],
        "commit": _commit(project.root),
        "code": record["parts"]["code"],
        "digest": digest(record),
        "metrics": recorded_numbers(record),
    }


def _commit(root: Path) -> str:
    """Name the commit that the project stands at, marked if files differ from it; empty without git."""
    command = ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()


def _summary(runs: Sequence[dict[str, Any]], done: Execution) -> list[str]:
    """Say of each chapter what became of it."""
    total = len(runs) + len(done.failures)
    lines = [f"GPU runs: {len(runs)} of {total} chapter{'s' if total != 1 else ''} ran to the end"]
    for run in runs:
        if run["device"] == "cpu":
            what = "used no GPU; not recorded"
        else:
            results = len(run["metrics"])
            what = f"{run['seconds']:.1f} s on {run['device']}, {results} result{'s' if results != 1 else ''}"
        lines.append(f"  {run['chapter']}: {what}")
    lines += [f"  {failure.slug}: FAILED; its earlier runs stay on record" for failure in done.failures]
    return lines
