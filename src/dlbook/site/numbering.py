"""Chapters numbered in the order of the contents, whatever order a set of names happens to have.

Sphinx keeps the pages whose lower pages are numbered in a set. With more than one such page, each a part of
the book whose chapters go on where the last part's ended, the order of that set decides which part comes
first, and differs from one process to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


class InOrder(set[str]):
    """A set of pages that is gone through in the order of the contents.

    Parameters
    ----------
    names : iterable of str
        The pages.
    places : mapping of str to int, optional
        Where each stands in the contents; those without a place come last, by name.

    Examples
    --------
    >>> list(InOrder({"a", "b", "c"}, {"c": 0, "b": 1}))
    ['c', 'b', 'a']
    """

    def __init__(self, names: Iterable[str] = (), places: Mapping[str, int] | None = None) -> None:
        super().__init__(names)
        self.places = dict(places or {})

    def __iter__(self) -> Iterator[str]:
        return iter(
            sorted(super().__iter__(), key=lambda name: (self.places.get(name, len(self.places)), name))
        )


def order_of_contents(env: BuildEnvironment) -> list[str]:
    """List the pages in the order of the contents, those above before those below.

    Parameters
    ----------
    env : BuildEnvironment
        Sphinx's environment; all pages have been read.

    Returns
    -------
    list of str
        Names; pages that stand in no contents are left out.
    """
    found: dict[str, None] = {}
    waiting = [env.config.root_doc]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += reversed(env.toctree_includes.get(name, []))
    return list(found)


def _put_in_order(app: Sphinx, env: BuildEnvironment) -> list[str]:
    places = {name: place for place, name in enumerate(order_of_contents(env))}
    env.numbered_toctrees = InOrder(env.numbered_toctrees, places)
    return []  # no page has to be written again for this


def setup_numbering(app: Sphinx) -> None:
    """Have chapters numbered in the order of the contents.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.connect("env-get-updated", _put_in_order, priority=100)  # before pages are numbered
