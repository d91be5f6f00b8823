"""The tree of the branch that Colab and Binder open: notebooks, and the environment to run them in.

The branch holds what a build has made of one commit. Its environment installs the package from that very
commit, so that notebook, package and site fit together.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dlbook.site.launch import Repository
from dlbook.site.project import BuildError, Project

_COMMIT = re.compile(r"[0-9a-f]{40}")
LOCAL = "-e ."
"""How ``environment.yml`` names the package in a checkout of the book."""

README = """\
# Notebooks of {title}

This branch is made by a program from commit [{short}]({url}/tree/{commit}) and replaced whenever the book is
published: edits made here are lost. Colab and Binder open the notebooks from it; `environment.yml` is what
Binder installs.

{notebooks}
"""


def assemble(
    project: Project, notebooks: Mapping[str, Path], place: Repository, commit: str, to: Path
) -> list[str]:
    """Write the branch's tree into an empty folder.

    Parameters
    ----------
    project : Project
        The book; its pages have been built.
    notebooks : mapping of str to Path
        The exported notebook of each page that has one, by the page's name.
    place : Repository
        Where the book's source is published.
    commit : str
        The commit that was built, 40 hexadecimal digits.
    to : Path
        The folder; made if it does not exist.

    Returns
    -------
    list of str
        What was written, relative to the folder.

    Raises
    ------
    BuildError
        If there is no address, commit or notebook, if the folder holds something, or if a notebook installs
        the package from another commit.
    """
    if not place.url:
        raise BuildError(
            "the notebooks' branch names the repository, and its address is not known; give repository.url "
            "in _config.yml, or set GITHUB_SERVER_URL and GITHUB_REPOSITORY"
        )
    if not _COMMIT.fullmatch(commit):
        raise BuildError(
            f"the notebooks' branch names a commit, and {commit!r} is none; run this in a git checkout"
        )
    missing = sorted(slug for slug, path in notebooks.items() if not path.is_file())
    if missing or not notebooks:
        raise BuildError(f"no notebook of {', '.join(missing) or 'any page'} here; run make book first")
    if to.exists() and any(to.iterdir()):
        raise BuildError(f"{to} is not empty; name a folder that is, or one that does not exist")
    for slug, path in notebooks.items():
        _same_commit(slug, path.read_text(encoding="utf8"), place, commit)
    written = []
    for slug, path in sorted(notebooks.items()):
        target = to / f"{slug}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        written.append(f"{slug}.ipynb")
    listed = "\n".join(f"- [{name}]({name})" for name in written)
    config = yaml.safe_load(project.config.read_text(encoding="utf8"))
    texts = {
        "environment.yml": environment(
            (project.root / "environment.yml").read_text(encoding="utf8"), place, commit
        ),
        "README.md": README.format(
            title=config["title"], short=commit[:7], url=place.url, commit=commit, notebooks=listed
        ),
    }
    for name, text in texts.items():
        (to / name).write_text(text, encoding="utf8")
    return [*written, *texts]


def environment(source: str, place: Repository, commit: str) -> str:
    """Turn the checkout's environment into one that installs the package from the repository.

    Parameters
    ----------
    source : str
        ``environment.yml``.
    place : Repository
        Where the book's source is published.
    commit : str
        The commit to install.

    Returns
    -------
    str
        YAML, with the package's address in the place of ``-e .``.

    Raises
    ------
    BuildError
        If the file does not install the package exactly once.

    Examples
    --------
    >>> place = Repository("https://github.com/a/b")
    >>> made = environment("dependencies: [pip, {pip: [-e .]}]", place, "f" * 40)
    >>> yaml.safe_load(made)["dependencies"][1]
    {'pip': ['dlbook @ git+https://github.com/a/b@ffffffffffffffffffffffffffffffffffffffff']}
    """
    tables: dict[str, Any] = yaml.safe_load(source)
    lists = [entry["pip"] for entry in tables.get("dependencies", []) if isinstance(entry, dict)]
    if sum(each.count(LOCAL) for each in lists) != 1:
        raise BuildError(
            f"environment.yml must name the package once among pip's requirements, as {LOCAL!r}; see "
            "CONTRIBUTING.md"
        )
    for each in lists:
        each[:] = [f"dlbook @ git+{place.url}@{commit}" if line == LOCAL else line for line in each]
    text = yaml.safe_dump(tables, sort_keys=False, allow_unicode=True)
    return f"# Made from environment.yml of the commit named below; changes belong there.\n{text}"


def _same_commit(slug: str, text: str, place: Repository, commit: str) -> None:
    """Refuse a notebook that was exported at another commit: its set-up would install another package."""
    for found in re.findall(re.escape(place.url) + r"(?:\.git)?@([0-9a-f]{7,40})", text):
        if not commit.startswith(found):
            raise BuildError(
                f"the notebook of {slug} installs the package from commit {found[:7]}, and this is "
                f"{commit[:7]}; run make book again"
            )
