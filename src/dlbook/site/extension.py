"""The book's own Sphinx extension: stored outputs, declared numbers, derivations, answer forms, facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.locale import get_translation

from dlbook.site.answer_forms import setup_answers
from dlbook.site.chapters import Chapter, reading_minutes
from dlbook.site.checked_page import setup_checked_page
from dlbook.site.derivation_nodes import setup_derivations
from dlbook.site.equations import check_equations
from dlbook.site.explore_nodes import setup_explorers
from dlbook.site.finishing import setup_finishing
from dlbook.site.folds import setup_folds
from dlbook.site.gpu_page import setup_gpu_page
from dlbook.site.images import setup_images
from dlbook.site.lint import is_given
from dlbook.site.maths import setup_maths
from dlbook.site.notebooks.pages import setup_notebooks
from dlbook.site.numbering import setup_numbering
from dlbook.site.numref import setup_numref
from dlbook.site.part_pages import setup_part_pages
from dlbook.site.reader import ChapterParser, facts, records_of
from dlbook.site.shown import setup_shown
from dlbook.site.theme import setup_theme

_ = get_translation("dlbook")

STATIC = Path(__file__).with_name("static")


def given_role(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Inliner,
    options: dict[str, Any] | None = None,
    content: list[str] | None = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Show a number that the author declares to be part of a problem, not a result."""
    if not is_given(text):
        message = inliner.reporter.error(
            f"{{given}}`{text}`: a given is exactly one number with an optional unit, such as "
            "{given}`0.1` or {given}`95 %`",
            line=lineno,
        )
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    return [nodes.inline(rawtext, text, classes=["dlbook-given"])], []


def add_facts(app: Sphinx, document: nodes.document) -> None:
    """Put a line under a chapter's title: time to read, time to run, data."""
    env = app.env
    entry = _manifest(app).get(env.docname)
    path = Path(env.doc2path(env.docname))
    text = path.read_text(encoding="utf8")
    chapter = Chapter(env.docname, path, text)
    title = next(document.findall(nodes.title), None)
    if entry is None or title is None or not chapter.is_notebook:
        return
    record = records_of(app.outdir).get(env.docname, entry["key"])
    if record is None:
        return
    if env.docname != env.config.root_doc:  # the landing page is no reading of so many minutes
        line = nodes.paragraph(classes=["dlbook-facts"])
        line += nodes.Text(facts_text(facts(chapter, record)))
        title.parent.insert(title.parent.index(title) + 1, line)
    recorded_digests(env)[env.docname] = entry["digest"]


def facts_text(known: dict[str, Any]) -> str:
    """Word the line of facts.

    Parameters
    ----------
    known : dict
        As :func:`dlbook.site.reader.facts` gives it.

    Returns
    -------
    str
        In whole words, which a screen reader can speak.

    Examples
    --------
    >>> facts_text({"words": 900, "seconds": 8.2, "threads": 1, "budget": "cpu", "device": "cpu", "data": []})
    '5 minutes to read, runs in 8 seconds on one CPU core (cpu budget).'
    """
    minutes, seconds = reading_minutes(known["words"]), max(1, round(known["seconds"]))
    read = _("1 minute to read") if minutes == 1 else _("{n} minutes to read").format(n=minutes)
    run = _("runs in 1 second") if seconds == 1 else _("runs in {n} seconds").format(n=seconds)
    if known["device"] != "cpu":
        place = _("on one {device}").format(device=known["device"])
    elif known["threads"] == 1:
        place = _("on one CPU core")
    else:
        place = _("on {n} CPU cores").format(n=known["threads"])
    notes = [_("{budget} budget").format(budget=known["budget"])]
    if known["data"]:
        stand_in = _("{name} (the embedded digits stand in)")
        names = [stand_in.format(name=name) if stood_in else name for name, stood_in in known["data"]]
        notes.append(_("data: {names}").format(names=", ".join(names)))
    return f"{read}, {run} {place} ({'; '.join(notes)})."


def drop_repeated_ids(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Take the ids off that sphinx-exercise gives to every exercise alike: an id is unique on a page."""
    for section in document.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def recorded_digests(env: BuildEnvironment) -> dict[str, str]:
    """Return the digest of the record that each page was made from, as Sphinx remembers it."""
    if not hasattr(env, "dlbook_records"):
        env.dlbook_records = {}  # type: ignore[attr-defined]
    return env.dlbook_records  # type: ignore[attr-defined]


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages whose record changed although their Markdown did not."""
    now, before = _manifest(app), recorded_digests(env)
    return [n for n in env.found_docs if n in before and now.get(n, {}).get("digest") != before[n]]


def _manifest(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Entry of each chapter in the last execution."""
    return records_of(app.outdir).manifest().get("chapters", {})


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    recorded_digests(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    theirs = recorded_digests(other)
    recorded_digests(env).update({name: theirs[name] for name in docnames if name in theirs})


def _configure(app: Sphinx, config: Config) -> None:
    """Have MyST-NB take what ChapterParser hands it for the JSON that it is, and execute nothing."""
    if config.nb_execution_mode != "off":
        raise ExtensionError(
            "execute_notebooks must be 'off' in _config.yml: make book executes the chapters itself"
        )
    config.nb_custom_formats = {".md": ["myst_nb.core.read.standard_nb_read", {}, False]}
    config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension.

    Parameters
    ----------
    app : Sphinx
        The application.

    Returns
    -------
    dict
        What Sphinx wants to know of an extension.
    """
    app.setup_extension("myst_nb")
    app.add_source_parser(ChapterParser, override=True)
    app.add_role("given", given_role)
    setup_derivations(app)
    setup_checked_page(app)
    setup_part_pages(app)
    setup_gpu_page(app)
    setup_answers(app)
    setup_maths(app)
    setup_notebooks(app)
    setup_numbering(app)
    setup_numref(app)
    setup_explorers(app)
    setup_theme(app)
    setup_folds(app)
    setup_images(app)
    setup_finishing(app)
    setup_shown(app)
    # before myst-nb turns custom formats into source suffixes
    app.connect("config-inited", _configure, priority=100)
    app.connect("doctree-read", add_facts)
    app.connect("doctree-read", check_equations)
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    return {"version": "1", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
