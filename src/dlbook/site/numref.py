"""References by number, without a page being unpacked for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment

_HELD = 3  # pages; references mostly lead to the page that they are on, and to its neighbours


class BookDomain(StandardDomain):
    """Sphinx's own domain of labels, with a memory for the pages that references lead to.

    To number a figure Sphinx unpacks the whole page that the figure is on, anew for each reference: half a
    second a page with ten of them. References are resolved when all pages have been read, and a page that
    a reference leads to is only looked at, so one copy will do for all.
    """

    def resolve_xref(self, env: BuildEnvironment, *args: Any, **kwargs: Any) -> nodes.Element | None:
        """Resolve a reference."""
        with _held(env):
            return super().resolve_xref(env, *args, **kwargs)


@contextmanager
def _held(env: BuildEnvironment) -> Iterator[None]:
    """Have ``env.get_doctree`` give the same tree again; its callers in here change none."""
    pages: dict[str, nodes.document] = env.__dict__.setdefault("_dlbook_held", {})
    unpack = BuildEnvironment.get_doctree

    def get(docname: str) -> nodes.document:
        if docname not in pages:
            while len(pages) >= _HELD:
                del pages[next(iter(pages))]
            pages[docname] = unpack(env, docname)
        return pages[docname]

    env.get_doctree = get  # type: ignore[method-assign]
    try:
        yield
    finally:
        del env.get_doctree  # the method of its class shows again


def _forget(app: Sphinx, env: BuildEnvironment) -> None:
    """Let go of all trees, before the environment is stored and pages are written."""
    env.__dict__.pop("_dlbook_held", None)


def setup_numref(app: Sphinx) -> None:
    """Put the domain in place of Sphinx's.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_domain(BookDomain, override=True)
    # Until here pages are read anew, which would leave old trees in memory.
    app.connect("env-check-consistency", _forget)
