"""The directive `gpu-runs`: what a GPU found at full size, beside what the page found on a CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective

from dlbook.site.derivation_log import table
from dlbook.site.gpu_runs import read_runs_of, recorded_numbers
from dlbook.site.reader import records_of
from dlbook.site.records import digest

_ = get_translation("dlbook")

Asked = tuple[str, str, str]  # name of a recorded number, what it is, how it is formatted


class gpu_runs(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """Where the runs will stand; pages are written after all records are known."""


class GpuRuns(SphinxDirective):
    """Shows a chapter's GPU runs; with the option `all`, and without content, those of every chapter.

    Each line of the content is ``name | what it is | format``, for instance
    ``test_percent | test images recognised, in % | .1f``; the name is one that a cell gave to ``record``.
    """

    has_content = True
    option_spec: ClassVar = {"all": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Leave a place-holder, and refuse numbers that the chapter does not record."""
        env = self.env
        asked = [self._asked(line) for line in self.content if line.strip()]
        if "all" in self.options:
            return [gpu_runs("", all=True)]
        record = records_of(env.app.outdir).current(env.docname)
        if record is None or not asked:
            raise self.error(
                "gpu-runs: stands in a chapter and lists what to show, "
                "one `name | what it is | format` a line"
            )
        known = recorded_numbers(record)
        for name, _label, form in asked:
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise self.error(f"gpu-runs: the chapter records no number {name!r}; it records: {names}")
            try:
                format(known[name], form)
            except ValueError as error:
                raise self.error(f"gpu-runs: {name} cannot be formatted by {form!r}: {error}") from error
        _labels(env)[env.docname] = asked
        return [gpu_runs("", all=False)]

    def _asked(self, line: str) -> Asked:
        """Take a line of the content apart."""
        parts = [part.strip() for part in line.split("|")]
        if len(parts) not in (2, 3) or not all(parts[:2]):
            raise self.error(f"gpu-runs: {line.strip()!r} is not `name | what it is | format`")
        return parts[0], parts[1], parts[2] if len(parts) == 3 else ""


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Put the runs where the directive stands, or at the end of a chapter that has a run and no directive.

    Parameters
    ----------
    app : Sphinx
        The application; all pages have been read.
    document : docutils.nodes.document
        A page about to be written.
    docname : str
        Its name.
    """
    places = list(document.findall(gpu_runs))
    runs = read_runs_of(Path(app.srcdir))
    if not places:
        own = [run for run in runs if run["chapter"] == docname]
        section = next(document.findall(nodes.section), None)
        if own and section is not None:
            section += _of_chapter(app, docname, own)
        return
    for place in places:
        if place["all"]:
            place.replace_self(list(_of_book(app, docname, runs)))
        else:
            own = [run for run in runs if run["chapter"] == docname]
            place.replace_self([_of_chapter(app, docname, own)])


def _of_chapter(app: Sphinx, docname: str, runs: Sequence[dict[str, Any]]) -> nodes.container:
    """Set the runs of one chapter beside the run that made its page."""
    here = records_of(app.outdir).current(docname) or {}
    box = nodes.container(classes=["dlbook-gpu-runs"])
    if not runs:
        return nodes.container("", _no_run(), classes=["dlbook-gpu-runs"])
    asked = _labels(app.env).get(docname, [])
    numbers = recorded_numbers(here) if here else {}
    lines = [
        [label, _formatted(numbers, name, form), *(_formatted(run["metrics"], name, form) for run in runs)]
        for name, label, form in asked
    ]
    seconds = [f"{run['seconds']:.1f} s" for run in (here, *runs) if run]
    place = _("the CPU") if here.get("device", "cpu") == "cpu" else here["device"]
    heads = [
        _("This page: {budget} budget, {place}").format(budget=here.get("budget", "cpu"), place=place),
        *(_("gpu budget, {device}").format(device=run["device"]) for run in runs),
    ]
    box += table([_("Result"), *heads], [*lines, [_("time for the whole chapter"), *seconds]])
    box += [_paragraph(_provenance(run, here)) for run in runs]
    return box


def _of_book(app: Sphinx, docname: str, runs: Sequence[dict[str, Any]]) -> Iterator[nodes.Element]:
    """Make the table of all runs."""
    known = [run for run in runs if run["chapter"] in app.env.titles]
    if not known:
        yield _no_run(_("No GPU run of any chapter is on record yet."))
        return
    lines: list[list[str | nodes.Node]] = []
    for run in known:
        slug = run["chapter"]
        address = app.builder.get_relative_uri(docname, slug)
        results = [
            f"{label}: {_formatted(run['metrics'], name, form)}"
            for name, label, form in _labels(app.env).get(slug, [])
        ]
        lines.append(
            [
                nodes.reference("", app.env.titles[slug].astext(), refuri=address, internal=True),
                "; ".join(results),
                f"{run['seconds']:.1f}",
                run["device"],
                run["torch"],
                run["date"][:10],
                run["commit"],
            ]
        )
    heads = [_("Chapter"), _("Results"), _("Seconds"), _("Device"), _("PyTorch"), _("Date"), _("Commit")]
    yield table(heads, lines)


def _formatted(numbers: dict[str, Any], name: str, form: str) -> str:
    """Format a recorded number; an older run may lack it."""
    return format(numbers[name], form) if name in numbers else _("not recorded")


def _provenance(run: dict[str, Any], here: dict[str, Any]) -> str:
    """Say when and with what a run was made, and whether the chapter is still the same."""
    text = _("Run on {device} on {date}, with PyTorch {torch} and Python {python}").format(
        device=run["device"], date=run["date"][:10], torch=run["torch"], python=run["python"]
    )
    text += _(", from commit {commit}.").format(commit=run["commit"]) if run["commit"] else "."
    if here and here.get("parts", {}).get("code") != run["code"]:
        text += " " + _("The chapter's code has changed since.")
    return text


def _no_run(what: str = "") -> nodes.paragraph:
    """Say that there is no record, and how to make one."""
    text = what or _("No GPU run of this chapter is on record yet.")
    return nodes.paragraph(
        "",
        "",
        nodes.Text(text + " " + _("On a machine with an NVIDIA GPU, the command") + " "),
        nodes.literal("", "make gpu"),
        nodes.Text(" " + _("makes one.")),
    )


def _paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph("", text)


def _labels(env: BuildEnvironment) -> dict[str, list[Asked]]:
    """Return what each chapter shows of its runs."""
    if not hasattr(env, "dlbook_gpu_labels"):
        env.dlbook_gpu_labels = {}  # type: ignore[attr-defined]
    return env.dlbook_gpu_labels  # type: ignore[attr-defined]


def _made_from(env: BuildEnvironment) -> dict[str, str]:
    """Return the state of the record that each page was made from."""
    if not hasattr(env, "dlbook_gpu_state"):
        env.dlbook_gpu_state = {}  # type: ignore[attr-defined]
    return env.dlbook_gpu_state  # type: ignore[attr-defined]


def _remember(app: Sphinx, document: nodes.document) -> None:
    """Note that a page shows the runs of all chapters."""
    if any(place["all"] for place in document.findall(gpu_runs)):
        _of_book_pages(app.env).add(app.env.docname)


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name the pages to be written again: their runs have changed, or what chapters show of theirs."""
    if app.builder.format != "html":
        return []
    runs, before = read_runs_of(Path(app.srcdir)), _made_from(env)
    now = {name: digest([run for run in runs if run["chapter"] == name]) for name in env.found_docs}
    now |= {name: digest([runs, sorted(_labels(env).items())]) for name in _of_book_pages(env)}
    stale = [name for name in sorted(env.found_docs) if before.get(name) != now[name]]
    before.update(now)
    return stale


def _of_book_pages(env: BuildEnvironment) -> set[str]:
    """Return the pages with the table of all runs."""
    if not hasattr(env, "dlbook_gpu_pages"):
        env.dlbook_gpu_pages = set()  # type: ignore[attr-defined]
    return env.dlbook_gpu_pages  # type: ignore[attr-defined]


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    for kept in (_made_from(env), _labels(env)):
        kept.pop(docname, None)
    _of_book_pages(env).discard(docname)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    _made_from(env).update({n: v for n, v in _made_from(other).items() if n in docnames})
    _labels(env).update({n: v for n, v in _labels(other).items() if n in docnames})
    _of_book_pages(env).update(_of_book_pages(other) & set(docnames))


def setup_gpu_page(app: Sphinx) -> None:
    """Make the directive known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(gpu_runs)
    app.add_directive("gpu-runs", GpuRuns)
    app.connect("doctree-read", _remember)
    app.connect("doctree-resolved", fill)
    app.connect("env-get-updated", outdated)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
