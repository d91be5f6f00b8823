"""The menu that opens a page's notebook, and the branch that it opens."""

import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml
from tinybook import TinyBook

from dlbook.site.branch import assemble, environment
from dlbook.site.launch import Repository, commit, launch_menu, repository
from dlbook.site.project import BuildError, Project

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
HERE = Repository("https://github.com/name/book", "notebooks")
ON_GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "some/fork"}


@pytest.fixture
def project(tmp_path) -> Project:
    (tmp_path / "_config.yml").write_text(
        "title: A book\nrepository:\n  url: https://github.com/name/book/\n  branch: main\n"
    )
    (tmp_path / "environment.yml").write_text((ROOT / "environment.yml").read_text())
    return Project(tmp_path)


def test_the_address_comes_from_the_configuration_and_on_github_from_github(project):
    assert repository(project, {}) == HERE
    assert repository(project, ON_GITHUB).url == "https://github.com/some/fork"
    assert repository(project, {"GITHUB_REPOSITORY": "some/fork"}) == HERE, "half an address is none"
    project.config.write_text("title: A book\n")
    assert repository(project, {}).url == ""
    project.config.write_text("sphinx:\n  config:\n    dlbook_notebooks_branch: launch\n")
    assert repository(project, {}).branch == "launch"


def test_the_package_comes_from_the_commit_that_is_built_or_else_from_the_branch(project):
    assert repository(project, {}).revision == "main"
    project.config.write_text("repository:\n  url: https://github.com/name/book\n  branch: drafts\n")
    assert repository(project, {}).revision == "drafts"
    assert repository(project, {"GITHUB_SHA": "89ab"}).revision == "drafts", "a commit of what repository?"
    assert repository(project, {**ON_GITHUB, "GITHUB_SHA": "89ab"}).revision == "89ab"


@pytest.mark.parametrize("url", ["github.com/name/book", "https://github.com/name", "javascript:alert(1)"])
def test_an_address_that_is_none_is_refused_with_what_was_expected(project, url):
    project.config.write_text(f"repository:\n  url: {url}\n")
    with pytest.raises(BuildError, match=r"expected one like https://github.com/name/book"):
        repository(project, {})


def test_a_branch_that_is_none_is_refused(project):
    project.config.write_text("sphinx:\n  config:\n    dlbook_notebooks_branch: -x y\n")
    with pytest.raises(BuildError, match="dlbook_notebooks_branch"):
        repository(project, {})


def test_this_book_names_its_branch_where_the_address_stands():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["sphinx"]["config"]["dlbook_notebooks_branch"] == repository(Project(ROOT), {}).branch


def test_the_menu_opens_the_notebook_of_the_page_in_colab_and_in_binders_jupyterlab():
    menu = launch_menu(HERE, "part/one", "../_notebooks/part/one.ipynb")
    assert menu["name"] == "Launch"
    colab, binder, download = menu["items"]
    assert colab["url"] == "https://colab.research.google.com/github/name/book/blob/notebooks/part/one.ipynb"
    assert binder["url"] == (
        "https://mybinder.org/v2/gh/name/book/notebooks?urlpath=lab%2Ftree%2Fpart%2Fone.ipynb"
    )
    assert (download["url"], download["download"]) == ("../_notebooks/part/one.ipynb", "one.ipynb")
    assert [item["external"] for item in menu["items"]] == [True, True, False]


def test_names_that_addresses_cannot_hold_are_quoted():
    place = Repository(HERE.url, "made/for launch")
    colab, binder, _ = launch_menu(place, "a&b/c d?e", "x")["items"]
    assert unquote(urlsplit(colab["url"]).path).endswith("/blob/made/for launch/a&b/c d?e.ipynb")
    assert urlsplit(colab["url"]).query == ""
    parts = urlsplit(binder["url"])
    assert parts.path == "/v2/gh/name/book/made%2Ffor%20launch"
    assert parse_qs(parts.query) == {"urlpath": ["lab/tree/a&b/c d?e.ipynb"]}


@pytest.mark.parametrize("url", ["", "https://git.example.org/name/book"])
def test_without_an_address_on_github_the_notebook_can_be_downloaded_and_no_more(url):
    menu = launch_menu(Repository(url), "one", "one.ipynb")
    assert menu["name"] == "Notebook"
    assert [item["name"] for item in menu["items"]] == ["Download notebook"]


def links(page: str) -> dict[str, str]:
    """The links of a page's menus, by their words."""
    found = re.findall(r'<details class="menu">(.*?)</details>', page, re.S)
    return {
        words: unescape(url)
        for menu in found
        for url, words in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', menu)
    }


def test_a_page_with_code_can_be_launched_and_one_without_cannot(book: TinyBook):
    book.chapter("part/one", "print(1)")
    book.chapter("bare")  # says in its header that it is a notebook, and has no cell
    book.write("book/plain.md", "# Plain\n\nWords.\n")
    book.chapters.append("plain")
    book.toc()
    book.build()
    assert links(book.page("part/one"))["Download notebook"] == "../_notebooks/part/one.ipynb"
    assert 'download="one.ipynb"' in book.page("part/one")
    for slug in ("bare", "plain", "index", "search", "404"):
        assert "Download notebook" not in book.page(slug), slug
    assert "colab.research.google.com" not in book.page("part/one"), "a link that leads nowhere"


def test_pages_are_made_anew_when_the_repository_gets_an_address(book: TinyBook):
    book.chapter("one", "print(1)")
    book.build()
    book.build(**ON_GITHUB)
    assert links(book.page("one"))["Open in Colab"] == (
        "https://colab.research.google.com/github/some/fork/blob/notebooks/one.ipynb"
    )
    assert "mybinder.org/v2/gh/some/fork/notebooks?" in links(book.page("one"))["Open in Binder"]


@pytest.fixture
def notebooks(tmp_path) -> dict[str, Path]:
    found = {}
    for slug in ("index", "part/one"):
        path = tmp_path / "made" / f"{slug}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"install": f"git+{HERE.url}@{COMMIT}", "slug": slug}))
        found[slug] = path
    return found


def test_the_branch_holds_the_notebooks_where_the_links_look_and_what_binder_installs(
    project, notebooks, tmp_path
):
    to = tmp_path / "branch"
    written = assemble(project, notebooks, HERE, COMMIT, to)
    there = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}
    assert there == set(written) == {"index.ipynb", "part/one.ipynb", "environment.yml", "README.md"}
    for slug, path in notebooks.items():
        assert (to / f"{slug}.ipynb").read_bytes() == path.read_bytes()
        colab = urlsplit(launch_menu(HERE, slug, "")["items"][0]["url"]).path
        assert colab.partition("/blob/notebooks/")[2] in there
    readme = (to / "README.md").read_text()
    assert COMMIT in readme
    assert "(part/one.ipynb)" in readme


def test_the_branchs_environment_is_the_checkouts_with_the_package_from_the_same_commit(
    project, notebooks, tmp_path
):
    assemble(project, notebooks, HERE, COMMIT, tmp_path / "branch")
    made = yaml.safe_load((tmp_path / "branch" / "environment.yml").read_text())
    source = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert made["dependencies"].pop() == {"pip": [f"dlbook @ git+https://github.com/name/book@{COMMIT}"]}
    source["dependencies"].pop()
    assert made == source
    # Binder opens JupyterLab and reads the version of Python from here.
    assert "jupyterlab" in made["dependencies"]
    assert any(re.fullmatch(r"python=3\.\d+", str(entry)) for entry in made["dependencies"])


def test_a_second_assembly_gives_the_same_bytes(project, notebooks, tmp_path):
    trees = []
    for name in ("first", "second"):
        assemble(project, notebooks, HERE, COMMIT, tmp_path / name)
        trees.append({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()})
    assert trees[0] == trees[1]


def test_a_branch_that_could_not_be_launched_is_refused(project, notebooks, tmp_path):
    to = tmp_path / "branch"
    with pytest.raises(BuildError, match=r"give repository.url in _config.yml"):
        assemble(project, notebooks, Repository(), COMMIT, to)
    with pytest.raises(BuildError, match="'' is none; run this in a git checkout"):
        assemble(project, notebooks, HERE, "", to)
    with pytest.raises(BuildError, match="no notebook of any page"):
        assemble(project, {}, HERE, COMMIT, to)
    with pytest.raises(BuildError, match="no notebook of lost here; run make book"):
        assemble(project, {"lost": tmp_path / "lost.ipynb"}, HERE, COMMIT, to)
    with pytest.raises(BuildError, match="index installs the package from commit 0123456, and this is ffff"):
        assemble(project, notebooks, HERE, "f" * 40, to)
    assert not to.exists()
    to.mkdir()
    (to / "mine.txt").write_text("precious")
    with pytest.raises(BuildError, match="is not empty"):
        assemble(project, notebooks, HERE, COMMIT, to)
    assert [path.name for path in to.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("pip", ["[]", "[-e ., -e .]", "[dlbook]"])
def test_an_environment_that_does_not_install_the_package_once_is_refused(pip):
    with pytest.raises(BuildError, match=r"must name the package once"):
        environment(f"dependencies: [pip, {{pip: {pip}}}]", HERE, COMMIT)


def test_the_commit_is_githubs_or_the_checkouts(tmp_path, monkeypatch):
    assert commit(Project(tmp_path), {"GITHUB_SHA": COMMIT}) == COMMIT
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(Project(tmp_path), {}) == ""
    if (ROOT / ".git").exists():
        assert re.fullmatch(r"[0-9a-f]{40}", commit(Project(ROOT), {}))
