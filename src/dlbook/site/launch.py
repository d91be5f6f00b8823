"""Where the book's repository is, and the links that open a page's notebook in Colab and in Binder.

The links lead to the branch that :mod:`dlbook.site.branch` assembles, where each notebook lies under the name
of its page.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import yaml
from sphinx.locale import get_translation

from dlbook.site.project import BuildError, Project

_ = get_translation("dlbook")

COLAB = "https://colab.research.google.com/github"
BINDER = "https://mybinder.org/v2/gh"
DOWNLOADS = "_notebooks"
"""The folder of the finished site that holds a copy of each notebook."""

_GITHUB = "https://github.com/"
_URL = re.compile(r"https://[\w.-]+/[\w.-]+/[\w.-]+")
_BRANCH = re.compile(r"[\w][\w./-]*")


@dataclass(frozen=True)
class Repository:
    """Where the book's source is published.

    Parameters
    ----------
    url : str
        Its address, such as ``https://github.com/name/book``; empty while it has none.
    branch : str
        The branch that holds the notebooks.
    revision : str
        What the site is built from: the commit where GitHub's machines say it, which is published by then,
        otherwise the branch of the source.

    Examples
    --------
    >>> Repository("https://github.com/name/book", "notebooks").on_github
    'name/book'
    """

    url: str = ""
    branch: str = "notebooks"
    revision: str = "main"

    @property
    def on_github(self) -> str:
        """Owner and name; empty where neither Colab nor Binder could fetch from it."""
        return self.url.removeprefix(_GITHUB) if self.url.startswith(_GITHUB) else ""


def repository(project: Project, environ: Mapping[str, str] | None = None) -> Repository:
    """Tell where the book's repository is.

    GitHub's own machines say it (``GITHUB_SERVER_URL`` and ``GITHUB_REPOSITORY``), so that a fork's site
    launches the fork's notebooks; anywhere else ``repository.url`` of ``_config.yml`` counts.

    Parameters
    ----------
    project : Project
        The book.
    environ : mapping, optional
        The variables; by default those of this process.

    Returns
    -------
    Repository
        With an empty address where neither says any.

    Raises
    ------
    BuildError
        If the address or the branch is none.
    """
    env = os.environ if environ is None else environ
    settings = yaml.safe_load(project.config.read_text(encoding="utf8")) or {}
    known = settings.get("repository") or {}
    url, revision = str(known.get("url") or ""), str(known.get("branch") or Repository.revision)
    sphinx = (settings.get("sphinx") or {}).get("config") or {}
    branch = str(sphinx.get("dlbook_notebooks_branch") or Repository.branch)
    if env.get("GITHUB_SERVER_URL") and env.get("GITHUB_REPOSITORY"):
        url = f"{env['GITHUB_SERVER_URL']}/{env['GITHUB_REPOSITORY']}"
        revision = env.get("GITHUB_SHA") or revision
    url = url.rstrip("/").removesuffix(".git")
    if url and not _URL.fullmatch(url):
        raise BuildError(
            f"the repository's address is {url!r}; expected one like https://github.com/name/book. "
            "See repository.url in _config.yml."
        )
    for setting, name in (("dlbook_notebooks_branch", branch), ("repository.branch", revision)):
        if not _BRANCH.fullmatch(name):
            raise BuildError(f"{setting} in _config.yml is {name!r}; expected a branch such as notebooks")
    return Repository(url, branch, revision)


def commit(project: Project, environ: Mapping[str, str] | None = None) -> str:
    """Tell which commit of the repository is being built.

    Parameters
    ----------
    project : Project
        The book.
    environ : mapping, optional
        The variables, of which ``GITHUB_SHA`` counts; by default those of this process.

    Returns
    -------
    str
        40 hexadecimal digits; empty where there is no git repository.
    """
    env = os.environ if environ is None else environ
    if env.get("GITHUB_SHA"):
        return env["GITHUB_SHA"]
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def launch_menu(place: Repository, slug: str, download: str) -> dict[str, Any]:
    """Make the menu of a page that has a notebook.

    Parameters
    ----------
    place : Repository
        Where the notebooks are published.
    slug : str
        The page, e.g. ``foundations/backpropagation``.
    download : str
        Address of the site's own copy of the notebook.

    Returns
    -------
    dict
        As :func:`dlbook.site.theme.menus` gives them.

    Examples
    --------
    >>> menu = launch_menu(Repository("https://github.com/name/book"), "part/one", "one.ipynb")
    >>> [item["name"] for item in menu["items"]]
    ['Open in Colab', 'Open in Binder', 'Download notebook']
    >>> menu["items"][0]["url"]
    'https://colab.research.google.com/github/name/book/blob/notebooks/part/one.ipynb'
    """
    items: list[dict[str, Any]] = []
    if place.on_github:
        path = f"{slug}.ipynb"
        colab = f"{COLAB}/{place.on_github}/blob/{quote(place.branch)}/{quote(path)}"
        opened = quote(f"lab/tree/{path}", safe="")
        binder = f"{BINDER}/{place.on_github}/{quote(place.branch, safe='')}?urlpath={opened}"
        items.append({"name": _("Open in Colab"), "url": colab, "external": True})
        items.append({"name": _("Open in Binder"), "url": binder, "external": True})
    items.append(
        {
            "name": _("Download notebook"),
            "url": download,
            "external": False,
            "download": f"{slug.rpartition('/')[2]}.ipynb",
        }
    )
    name = _("Launch") if place.on_github else _("Notebook")
    return {"name": str(name), "icon": "launch", "items": items, "print": False}
