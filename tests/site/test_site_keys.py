"""A key changes exactly when something changes that could change what a chapter prints."""

from dataclasses import replace

import pytest

from dlbook.site.chapters import Chapter
from dlbook.site.keys import execution_key, named_datasets, reason
from dlbook.site.project import Project, Settings

SETTINGS = Settings()
DATA = {"mnist": "cache:abc"}


@pytest.fixture
def project(book):
    book.chapter("a/one", "from helper import near\nnear.f()", ":tags: [hide-input]\n2 + 2")
    book.write("src/helper/__init__.py", "")
    book.write("src/helper/near.py", "def f(): return 1\n")
    book.write("src/helper/far.py", "def g(): return 1\n")
    return book


def key(book, settings=SETTINGS, data=DATA):
    path = book.root / "book/a/one.md"
    return execution_key(Chapter("a/one", path, path.read_text()), Project(book.root), settings, data)[0]


def same_after(book, change):
    before = key(book)
    change(book)
    return key(book) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda b: b.edit("book/a/one.md", "2 + 2", "2 + 3"), id="code"),
        pytest.param(
            lambda b: b.edit("book/a/one.md", "hide-input", "raises-exception"), id="tag that counts"
        ),
        pytest.param(lambda b: b.write("src/helper/near.py", "def f(): return 2\n"), id="imported module"),
        pytest.param(lambda b: b.write("src/helper/__init__.py", "x = 1\n"), id="its package"),
        pytest.param(lambda b: b.write("src/helper/style.mplstyle", "font.size: 3\n"), id="data beside it"),
        pytest.param(lambda b: b.write("requirements.lock", "numpy==2\n"), id="lock"),
    ],
)
def test_key_changes_with(project, change):
    assert not same_after(project, change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda b: b.edit("book/a/one.md", "Some prose.", "Other prose, longer."), id="prose"),
        pytest.param(lambda b: b.edit("book/a/one.md", "Some prose.", "\n\n\n"), id="blank lines"),
        pytest.param(lambda b: b.edit("book/a/one.md", "hide-input", "hide-output"), id="tag for show"),
        pytest.param(lambda b: b.write("src/helper/far.py", "def g(): return 2\n"), id="unrelated module"),
        pytest.param(lambda b: b.write("src/other/__init__.py", ""), id="unrelated package"),
        pytest.param(lambda b: b.chapter("a/two", "1"), id="another chapter"),
    ],
)
def test_key_stays_with(project, change):
    assert same_after(project, change)


@pytest.mark.parametrize("change", [{"budget": "smoke"}, {"threads": 2}, {"device": "cuda"}])
def test_key_changes_with_what_the_chapter_computes_with(project, change):
    assert key(project, replace(SETTINGS, **change)) != key(project)


@pytest.mark.parametrize("change", [{"cores": 8}, {"timeout": 5.0}, {"strict_data": True}])
def test_key_stays_with_how_the_build_goes_about_it(project, change):
    assert key(project, replace(SETTINGS, **change)) == key(project)


def test_key_changes_with_the_data_and_their_source(project):
    assert len({key(project, data=d) for d in (DATA, {"mnist": "cache:abd"}, {"mnist": "embedded"}, {})}) == 4


def test_key_changes_with_the_order_of_cells(project):
    before = key(project)
    project.chapter("a/one", ":tags: [hide-input]\n2 + 2", "from helper import near\nnear.f()")
    assert key(project) != before


def test_datasets_are_found_wherever_their_name_is_a_string(book):
    path = book.chapter(
        "a/one",
        'load("mnist")\n# "bccd" in a comment',
        'for n in ["cifar10"]:\n    load(n)',
        "%time x = 'digits'",
    )
    chapter = Chapter("a/one", path, path.read_text())
    assert named_datasets(chapter, ["mnist", "cifar10", "digits", "bccd", "fashion-mnist"]) == [
        "cifar10",
        "digits",
        "mnist",
    ]


def test_reason_names_the_file_that_changed():
    old = {"code": "x", "src": {"a.py": "1", "b.py": "2"}}
    assert reason(old, {"code": "x", "src": {"a.py": "1", "b.py": "3"}}) == "changed: src (b.py)"
    assert reason(None, old) == "not executed before"
