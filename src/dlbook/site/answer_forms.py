"""The directive `answer`: the form of an answer key, inside the exercise that asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import is_exercise_node

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark
from dlbook.answers.page import UnprintableError
from dlbook.site.answer_data import as_script, labels_of, load_keys, page_data, scripts_version
from dlbook.site.answer_html import answer_controls, answer_form, answer_part, answer_summary, setup_html
from dlbook.site.exercises import key_file, unsolved
from dlbook.site.reader import records_of

_ = get_translation("dlbook")
logger = logging.getLogger(__name__)

SCRIPT, STYLE = "answers/form.js", "answers/answers.css"
_GROUPED = ("choice", "true-false", "order")


class Answer(SphinxDirective):
    """Stands where the form of a key is wanted; its argument is the key's name."""

    required_arguments = 1
    final_argument_whitespace = False
    has_content = False
    option_spec: ClassVar = {"name": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Make the form, or say what is wrong with the key."""
        name, path = self.arguments[0], Path(self.env.doc2path(self.env.docname))
        try:
            keys = load_keys(path)
        except BadKeyError:
            return []  # check_page tells of it, once for all forms
        if name not in keys:
            where = key_file(path).name
            known = f"it has {', '.join(keys)}" if keys else "there is no such file, or no key in it"
            raise self.error(f"there is no answer key {name!r} in {where}; {known}")
        return [self.form(keys[name])]

    def form(self, key: Key) -> nodes.Element:
        """Make the nodes of a form."""
        if key.kind == "code" and key.table.get("torch"):
            return self.for_kernel(key)
        base = nodes.make_id(f"answer-{key.name}")
        form = answer_form("", key=key.name, kind=key.kind, base=base, grouped=key.kind in _GROUPED)
        form["exercise"], form["many"] = key.exercise, bool(key.table.get("many"))
        form["starter"] = key.table.get("starter", "")
        form += self.part("prompt", key.prompt)
        for role, value, text in _choices(key):
            form += self.part(role, text, value)
        form += answer_controls()
        for number, hint in enumerate(key.hints, 1):
            form += self.part("hint", hint, str(number))
        self.set_source_info(form)
        return form

    def for_kernel(self, key: Key) -> nodes.Element:
        """Say how to have an answer marked that the page cannot mark."""
        text = str(_("Mark your function in a notebook, where it can use PyTorch:"))
        function = key.table.get("function", "function")
        call = f'from dlbook.answers import check\n\ncheck("{key.name}", {function})'
        node = nodes.container(classes=["dlbook-answer-kernel"], exercise=key.exercise, key=key.name)
        node += nodes.paragraph("", "", *self.state.inline_text(key.prompt, self.lineno)[0])
        node += nodes.paragraph("", text)
        node += nodes.literal_block(call, call, language="python")
        self.set_source_info(node)
        return node

    def part(self, role: str, text: str, value: str = "") -> answer_part:
        """Make one piece of text, read as Markdown like the rest of the page."""
        part = answer_part("", "", *self.state.inline_text(text, self.lineno)[0], role=role, value=value)
        self.set_source_info(part)
        return part


def _choices(key: Key) -> Iterator[tuple[str, str, str]]:
    """Yield what there is to choose from: role, value and text."""
    role = {"true-false": "reason", "order": "step"}.get(key.kind, "option")
    if key.kind == "true-false":
        yield from (("option", "true", str(_("True"))), ("option", "false", str(_("False"))))
    yield from ((role, letter, text) for letter, text in KINDS[key.kind].choices(key))


def check_page(app: Sphinx, document: nodes.document) -> None:
    """Find out whether a page's exercises, solutions, keys and forms fit each other.

    Parameters
    ----------
    app : Sphinx
        The application.
    document : docutils.nodes.document
        A page, just read.
    """
    env = app.env
    docname, path = env.docname, Path(env.doc2path(env.docname))
    for line, fault in unsolved(path.read_text(encoding="utf-8")):
        logger.error("%s", fault, location=(docname, line))
    file, forms, placed = key_file(path), _forms(document), {}
    if not file.is_file():
        return
    env.note_dependency(str(file))
    try:
        keys = load_keys(path)
    except BadKeyError as error:
        named = re.match(rf"{re.escape(file.name)}: ([\w-]+):", str(error))
        where = _place(file, named[1] if named else "")
        logger.error("the answer keys have a fault: %s", error, location=where)
        return
    for form in forms:
        placed[form["key"]] = keys[form["key"]]
        _check_place(form)
    for name in keys.keys() - placed.keys():
        fault = f"the key {name} has no form on the page; place it there with {{answer}} {name}"
        logger.error("%s", fault, location=_place(file, name))
    _check_recorded(app, docname, file, keys)
    try:
        data = page_data(path, [keys[f["key"]] for f in forms if isinstance(f, answer_form)])
    except UnprintableError as error:
        logger.error("%s", error, location=_place(file))
        return
    if data["keys"]:
        pages(env)[docname] = data | {"labels": labels_of(placed.values())}
        _add_summary(document)
    else:
        pages(env)[docname] = {"keys": {}, "labels": labels_of(placed.values())}


def _place(file: Path, name: str = "") -> str:
    """Find the line of a key in its file; the first, if none is named."""
    head = f"[keys.{name.split('/')[-1]}]"
    lines = file.read_text(encoding="utf-8").splitlines()
    return f"{file}:{next((n for n, line in enumerate(lines, 1) if line.strip() == head), 1)}"


def _forms(document: nodes.document) -> list[nodes.Element]:
    """List the forms of a page, those for a kernel included."""
    return [
        node
        for node in document.findall(nodes.Element)
        if isinstance(node, answer_form) or "dlbook-answer-kernel" in node.get("classes", ())
    ]


def _check_place(form: nodes.Element) -> None:
    """Complain of a form that stands outside the exercise that its key names."""
    around = form.parent
    while around is not None and not is_exercise_node(around):
        around = around.parent
    found = around["label"] if around is not None else ""
    if found != form["exercise"]:
        place = f"in {found}" if found else "outside any exercise"
        logger.error(
            "%s",
            f"the key {form['key']} is of the exercise {form['exercise']}, but its form stands {place}",
            location=form,
        )


def _check_recorded(app: Sphinx, docname: str, file: Path, keys: dict[str, Key]) -> None:
    """Complain of a key that would mark wrong what the page itself computed."""
    names = {key.name: key.table["recorded"] for key in keys.values() if key.table.get("recorded")}
    record = records_of(app.outdir).current(docname) if names else None
    values = recorded_values(record) if record else {}
    for name, recorded in names.items():
        if recorded not in values:
            fault = f"the key {name} names the number {recorded}, which no cell of the page records"
            logger.error("%s", fault, location=_place(file, name))
        elif not (verdict := mark(keys[name], values[recorded])).right:
            what = f"{values[recorded]}, which the page recorded as {recorded}"
            fault = f"the key {name} does not mark {what}, right: {verdict}"
            logger.error("%s", fault, location=_place(file, name))


def recorded_values(record: dict[str, Any]) -> dict[str, str]:
    """Find the numbers that a chapter's cells recorded for its prose.

    Parameters
    ----------
    record : dict
        Its stored execution.

    Returns
    -------
    dict of str to str
        Name, and the number as Python writes it.
    """
    found = {}
    for cell in record["cells"]:
        for output in cell["outputs"]:
            glued = output.get("metadata", {}).get("scrapbook", {})
            if "name" in glued:
                text = output["data"].get(f"{glued.get('mime_prefix', '')}text/plain", "")
                found[glued["name"]] = text.strip("'\"")
    return found


def _add_summary(document: nodes.document) -> None:
    """Put the line of progress under the heading of the section with the page's first of several forms."""
    found = list(document.findall(answer_form))
    if len(found) < 2:  # one answer is no progress to keep
        return
    around = found[0].parent
    while around is not None and not (
        isinstance(around, nodes.section) and isinstance(around[0], nodes.title)
    ):
        around = around.parent
    if around is not None:
        around.insert(1, answer_summary())


def pages(env: BuildEnvironment) -> dict[str, Any]:
    """Return the data of each page with forms, as Sphinx remembers it."""
    if not hasattr(env, "dlbook_answers"):
        env.dlbook_answers = {}  # type: ignore[attr-defined]
    return env.dlbook_answers  # type: ignore[attr-defined]


def check_labels(app: Sphinx, env: BuildEnvironment) -> None:
    """Complain of keys that send a reader to a place that does not exist."""
    for docname, data in pages(env).items():
        file = key_file(Path(env.doc2path(docname)))
        for label, name in data["labels"].items():
            if resolve(app, docname, label) is None:
                fault = f"the key {name} sends its reader to {label}, a label that no page has"
                logger.error("%s", fault, location=_place(file, name))


def resolve(app: Sphinx, docname: str, label: str) -> tuple[str, str] | None:
    """Find the place that a label names.

    Parameters
    ----------
    app : Sphinx
        The application; all pages have been read.
    docname : str
        The page that refers to it.
    label : str
        The label.

    Returns
    -------
    tuple of str or None
        Address, relative to the page, and title.
    """
    target, anchor, title = app.env.get_domain("std").labels.get(label, ("", "", ""))  # type: ignore[attr-defined]
    if not target:
        return None
    # Asked of another builder than that of pages, there is no address to be had, nor any need of one.
    page = app.builder.get_relative_uri(docname, target) if target != docname else ""
    return f"{page}#{anchor}", title or label


def add_data(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page with forms its data, script and style, and others nothing."""
    data = pages(app.env).get(pagename)
    if doctree is None or not data or not data["keys"]:
        return
    context["body"] += as_script(
        data | {"version": scripts_version()}, lambda label: resolve(app, pagename, label)
    )
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, type="module")


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    pages(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    theirs = pages(other)
    pages(env).update({name: theirs[name] for name in docnames if name in theirs})


def setup_answers(app: Sphinx) -> None:
    """Make the directive known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    setup_html(app)
    app.add_directive("answer", Answer)
    app.connect("doctree-read", check_page)
    app.connect("env-check-consistency", check_labels)
    app.connect("html-page-context", add_data)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
