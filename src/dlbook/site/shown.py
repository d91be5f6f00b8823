"""Which pages have to be written again because of what they show of other pages.

Sphinx writes the pages that were read, and those whose own numbers have changed. A page shows more than
that: the titles of all pages in its contents; titles and numbers of the places that it refers to, which may
be anywhere. So for each page it is kept what it showed of others when it was written. A page for which that
is not so any more is written again, from its stored tree, without being read.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from myst_nb.ext.glue.utils import PendingGlueReference
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from dlbook.site.answer_forms import pages as pages_with_answers
from dlbook.site.records import digest, write_atomically

FILE = ".shown.json"


def offered(env: BuildEnvironment, recorded: Mapping[str, str]) -> dict[str, str]:
    """Fingerprint what other pages can show of each page.

    Parameters
    ----------
    env : BuildEnvironment
        Sphinx's environment; all pages are read and numbered.
    recorded : mapping of str to str
        Digest of the stored execution of each page, whose numbers others may paste.

    Returns
    -------
    dict of str to str
        By page: its title and those of its sections, labels, terms, and all its numbers.
    """
    found: dict[str, list[Any]] = {name: [] for name in env.found_docs}
    standard, maths = env.domaindata["std"], env.domaindata["math"]
    for kind in ("labels", "anonlabels", "objects", "terms"):
        for name, place in standard.get(kind, {}).items():
            found.get(place[0], []).append([kind, str(name), list(map(str, place))])
    for name, (docname, number) in maths["objects"].items():
        found.get(docname, []).append(["equation", name, number])
    for exercise in getattr(env, "sphinx_exercise_registry", {}).values():
        words = [[k, _words(v)] for k, v in sorted(exercise.items()) if k != "node"]
        found.get(exercise["docname"], []).append(["exercise", words])
    for docname, parts in found.items():
        parts.sort(key=str)  # Sphinx lists labels in the order in which pages were read
        parts += [
            _words(env.titles.get(docname)),
            _words(env.tocs.get(docname)),
            str(env.toc_secnumbers.get(docname)),
            str(env.toc_fignumbers.get(docname)),
            recorded.get(docname, ""),
        ]
    return {docname: digest(parts) for docname, parts in found.items()}


def _words(value: Any) -> str:
    """Give what a node or a plain value shows."""
    return value.astext() if isinstance(value, nodes.Node) else str(value)


def contents(env: BuildEnvironment) -> str:
    """Fingerprint the list of all pages, which is on each of them.

    Parameters
    ----------
    env : BuildEnvironment
        Sphinx's environment.

    Returns
    -------
    str
        Made of order, titles and numbers.
    """
    titles = {name: _words(title) for name, title in env.titles.items()}
    numbers = {name: str(env.toc_secnumbers.get(name, {}).get("")) for name in titles}
    return digest([titles, numbers, {name: list(below) for name, below in env.toctree_includes.items()}])


def cited(env: BuildEnvironment) -> dict[str, list[list[str]]]:
    """List the works that pages cite.

    Parameters
    ----------
    env : BuildEnvironment
        Sphinx's environment.

    Returns
    -------
    dict
        By page: for each work its key, its place in the bibliography and what is said of it.
    """
    domain: Any = env.get_domain("cite")
    works = {
        work.key: [work.key, work.citation_id, work.formatted_entry.label, repr(work.entry)]
        for work in domain.citations
    }
    found: dict[str, set[str]] = {}
    for reference in domain.citation_refs:
        found.setdefault(reference.docname, set()).update(target.key for target in reference.targets)
    return {name: [works[key] for key in sorted(keys) if key in works] for name, keys in found.items()}


class Shown:
    """What pages showed of each other when they were last written.

    Parameters
    ----------
    file : Path
        Where it is kept.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.refers: dict[str, set[str]] = {}  # of the pages written in this build
        try:
            self.before: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf8"))
        except (OSError, ValueError):
            self.before = {}

    def outdated(self, env: BuildEnvironment, recorded: Mapping[str, str]) -> list[str]:
        """Name the pages that show what is not so any more; those never written are among them."""
        saw = self._saw(env, recorded, {name: entry["refers"] for name, entry in self.before.items()})
        return sorted(n for n in env.found_docs if n not in saw or self.before[n]["saw"] != saw[n])

    def note(self, docname: str, others: Iterable[str]) -> None:
        """Take note of the pages that a page refers to, which has been written now."""
        self.refers[docname] = set(others)

    def store(self, env: BuildEnvironment, recorded: Mapping[str, str]) -> None:
        """Keep what is known for the next build."""
        refers = {name: entry["refers"] for name, entry in self.before.items()}
        refers |= {name: sorted(others) for name, others in self.refers.items()}
        saw = self._saw(env, recorded, refers)
        kept = {name: {"refers": refers[name], "saw": saw[name]} for name in saw}
        if kept != self.before:
            write_atomically(self.file, json.dumps(kept, indent=0))

    @staticmethod
    def _saw(
        env: BuildEnvironment, recorded: Mapping[str, str], refers: Mapping[str, Iterable[str]]
    ) -> dict[str, str]:
        """Fingerprint what each page shows of others."""
        of, cites, everywhere = offered(env, recorded), cited(env), contents(env)
        return {
            name: digest(
                [everywhere, cites.get(name), [[other, of.get(other)] for other in sorted({name, *others})]]
            )
            for name, others in refers.items()
            if name in env.found_docs
        }


def targets(document: nodes.document, docname: str) -> set[str]:
    """List the pages that a page's references lead to.

    Parameters
    ----------
    document : docutils.nodes.document
        The page, its references resolved for HTML.
    docname : str
        Its name.

    Returns
    -------
    set of str
        Their names.
    """
    found = set()
    for reference in document.findall(nodes.reference):
        address = unquote(str(reference.get("refuri", "")).partition("#")[0])
        if address and "://" not in address and address.endswith(".html"):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(docname), address))
            found.add(path.removesuffix(".html"))
    return found


def _shown(app: Sphinx) -> Shown:
    """Give the one of this build."""
    if not hasattr(app, "dlbook_shown"):
        app.dlbook_shown = Shown(Path(app.doctreedir, FILE))  # type: ignore[attr-defined]
    return app.dlbook_shown  # type: ignore[attr-defined]


def _recorded(env: BuildEnvironment) -> dict[str, str]:
    return getattr(env, "dlbook_records", {})


def _glued(env: BuildEnvironment) -> dict[str, list[str]]:
    """Return, for each page, those whose numbers it pastes."""
    if not hasattr(env, "dlbook_glued"):
        env.dlbook_glued = {}  # type: ignore[attr-defined]
    return env.dlbook_glued  # type: ignore[attr-defined]


def _read(app: Sphinx, document: nodes.document) -> None:
    """Note from where a page pastes: once it is written, that cannot be told any more."""
    _glued(app.env)[app.env.docname] = sorted({n.refdoc for n in document.findall(PendingGlueReference)})


def _outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    return _shown(app).outdated(env, _recorded(env)) if app.builder.format == "html" else []


def _forget_parents(app: Sphinx, env: BuildEnvironment) -> None:
    """Keep Sphinx from writing the pages above each page that is written: what they show of it is known."""
    if app.builder.format == "html":
        env.files_to_rebuild.clear()  # of this process alone; the environment has been stored before


def _resolved(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Note where a page's references lead, those of its answer forms included."""
    if app.builder.format != "html":
        return
    env = app.env
    labels = env.domaindata["std"]["labels"]
    hints = pages_with_answers(env).get(docname, {}).get("labels", {})
    others = targets(document, docname) | {labels[name][0] for name in hints if name in labels}
    if docname in env.toctree_includes:
        others |= set(env.found_docs)  # it may list sections of all that is below it
    _shown(app).note(docname, others | set(_glued(env).get(docname, [])))


def _store(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        _shown(app).store(app.env, _recorded(app.env))


def _purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    _glued(env).pop(docname, None)


def _merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    theirs = _glued(other)
    _glued(env).update({name: theirs[name] for name in docnames if name in theirs})


def setup_shown(app: Sphinx) -> None:
    """Have pages written again whenever what they show of others has changed.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.connect("doctree-read", _read)
    app.connect("env-get-updated", _outdated, priority=900)  # after pages have been numbered
    app.connect("env-check-consistency", _forget_parents)
    app.connect("doctree-resolved", _resolved)
    app.connect("build-finished", _store)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
