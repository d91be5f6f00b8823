"""After any edit the next build shows what a clean one would, and does no more than the edit asks for."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image
from tinybook import ROOT, TinyBook, site

ONE = """\
(sec-one)=
## One thing

```{math}
:label: eq-one
:class: definition
a = b
```

```{figure} dot.png
:name: fig-one
:alt: A dot

The dot.
```

```{exercise-start} Try
:label: ex-one
```
Find it.
```{exercise-end}
```

```{solution-start} ex-one
:class: dropdown
```
Found.

```{code-cell} ipython3
assert 1 + 1 == 2
```
```{solution-end}
```
"""

TWO = """\
Title {ref}`sec-one`, number {numref}`sec-one`, equation {eq}`eq-one`, {numref}`fig-one`, {ref}`ex-one`,
page {doc}`one`, work {cite}`x2001`, and {glue:text}`one.md::answer:.1f` is the answer.
"""

FORM = """\
```{exercise-start} Choose
:label: ex-two
```
Choose.

```{answer} two/pick
```
```{exercise-end}
```

```{solution-start} ex-two
:class: dropdown
```
The first.

```{code-cell} ipython3
assert 1 + 2 == 3
```
```{solution-end}
```
"""

KEY = """\
chapter = "two"

[keys.pick]
exercise = "ex-two"
kind = "choice"
prompt = "Which one"
see = "sec-one"

[[keys.pick.options]]
text = "the first"
right = true

[[keys.pick.options]]
text = "the second"
says = "No, since it comes later."
"""

WORK = "@book{x2001,\n author = {Xu, Ada},\n title = {Works},\n publisher = {P},\n year = {2001}\n}\n"
SECTION = "(sec-one)=\n## One thing"


def numbered(name: str) -> str:
    """One more of what chapter one has, to stand before it."""
    return {
        "equation": "```{math}\n:label: eq-zero\n:class: definition\nc = d\n```\n\n```{math}\n:label: eq-one",
        "figure": "```{figure} dot.png\n:name: fig-zero\n:alt: A dot\n\nA dot.\n```\n\n```{figure} dot.png\n"
        ":name: fig-one",
    }[name]


@pytest.fixture
def linked(book: TinyBook) -> TinyBook:
    """Chapter two shows of chapter one all that can be shown, three nothing, and the form in four a title."""
    book.chapter("a/one", "from dlbook.page import record\n\nrecord(answer=41.5)", prose=ONE)
    book.chapter("a/two", "print('two')", prose=f"{TWO}\n{FORM}")
    book.chapter("a/three", "print('three')")
    book.chapter("a/four", "print('four')", prose=FORM.replace("two", "four"))
    for name in ("two", "four"):
        book.write(f"book/a/{name}.answers.toml", KEY.replace("two", name))
    book.write("book/references.bib", WORK)
    Image.new("RGB", (8, 8)).save(book.root / "book/a/dot.png")
    return book


def article(book: TinyBook, slug: str) -> str:
    """The text of a page in one line."""
    return " ".join(book.page(slug).split())


def written(book: TinyBook) -> dict[str, int]:
    """When each chapter's page was written."""
    return {slug: os.stat(book.root / f"_build/html/{slug}.html").st_mtime_ns for slug in book.chapters}


def test_what_a_page_shows_of_another_is_never_stale_and_pages_that_show_nothing_of_it_stay(linked):
    linked.build()
    before = article(linked, "a/two")
    for shown in (
        "One thing",
        "Section 1.1",
        "(1.1)",
        "Fig. 1.1",
        "Exercise 1.1",
        "Xu",
        "41.5",
        "Chapter one",
    ):
        assert shown in before, shown

    def edit(name: str, old: str, new: str, gone: str, shown: str) -> None:
        """Edit, build, and look at page two; three pages show nothing of what is edited here."""
        assert gone in article(linked, "a/two"), gone
        linked.edit(name, old, new)
        times = written(linked)
        linked.build()
        now = article(linked, "a/two")
        assert shown in now, (old, new)
        assert gone not in now, gone
        assert written(linked)["a/three"] == times["a/three"], "a page was written in vain"

    one = "book/a/one.md"
    edit(one, "## One thing", "## Other thing", "One thing", "Other thing")
    for slug in ("a/two", "a/four"):
        assert '"title":"Other thing"' in linked.page(slug), "the form sends its reader to an old title"
    edit(one, "(sec-one)=", "## Before\n\nWords.\n\n(sec-one)=", "Section 1.1", "Section 1.2")
    edit(one, "```{math}\n:label: eq-one", numbered("equation"), "(1.1)", "(1.2)")
    edit(one, "```{figure} dot.png\n:name: fig-one", numbered("figure"), "Fig. 1.1", "Fig. 1.2")
    edit(one, "record(answer=41.5)", "record(answer=43.5)", "41.5", "43.5")
    edit("book/references.bib", "Xu, Ada", "Yu, Ada", "Xu", "Yu")
    edit("book/a/two.answers.toml", "the second", "the other", "the second", "the other")

    linked.edit(one, "# Chapter one", "# Chapter first")
    linked.build()
    for slug in linked.chapters:
        assert "Chapter first" in linked.page(slug), "the list of pages shows a title that is no more"
    built_on = site(linked)
    for name in ("html", ".doctrees", "jupyter_execute", "memory", "maths"):
        shutil.rmtree(linked.root / "_build" / name)
    linked.build()
    clean = site(linked)
    assert sorted(built_on) == sorted(clean)
    assert [name for name in clean if clean[name] != built_on[name]] == []

    linked.edit(one, "(sec-one)=", "(sec-gone)=")
    status, output = linked.run("build")
    assert status == 1
    assert "two.md" in output
    assert "sec-one" in output
    linked.edit(one, "(sec-gone)=", "(sec-one)=")
    linked.build()
    (linked.root / "book/a/three.md").unlink()
    linked.chapters.remove("a/three")
    linked.toc()
    linked.build()
    assert "three" not in linked.page("a/two")


def test_an_edit_of_what_all_pages_are_made_with_is_on_all_pages(linked, tmp_path):
    src = tmp_path / "package"
    shutil.copytree(ROOT / "src", src, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    own = {"PYTHONPATH": str(src)}

    def change(path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        linked.build(**own)

    linked.build(**own)
    package = src / "dlbook/site"
    change(package / "templates/layout.html", "<body>", '<body data-planted="yes">')
    for slug in ("index", *linked.chapters):
        assert 'data-planted="yes"' in linked.page(slug), "an old template"
    change(package / "static/book.css", ":root", "/* planted */\n:root")
    assert "planted" in (linked.root / "_build/html/_static/book.css").read_text()
    change(linked.root / "_config.yml", "title: Deep Learning, Checked", "title: A planted title")
    for slug in ("index", *linked.chapters):
        assert "A planted title" in linked.page(slug), "an old configuration"
    change(package / "rows.py", '"title": chapter.title', '"title": "planted"')
    report = linked.report()["chapters"]
    assert {row["title"] for row in report} == {"planted"}, "a memory of what other code worked out"
