"""The first page of a part lists its chapters, and the contents show both levels."""

import re
import shutil

import pytest
from bs4 import BeautifulSoup
from tinybook import TinyBook

TOC = """\
format: jb-book
root: index
chapters:
  - file: first/index
    options: {numbered: true}
    sections:
      - file: first/one
      - file: first/two
  - file: second/index
    options: {numbered: true}
    sections:
      - file: second/three
  - file: reference/bibliography
"""
PART = "---\ndescription: What the part is about.\n---\n\n# Part {}\n\nWords.\n\n```{{part-chapters}}\n```\n"
EXERCISE = """
```{exercise-start}
:label: ex-%s
```
What is one and one?
```{exercise-end}
```

```{solution-start} ex-%s
:class: dropdown
```
Two.

```{code-cell} ipython3
assert 1 + 1 == 2
```
```{solution-end}
```
"""


@pytest.fixture(scope="module")
def parted(tmp_path_factory) -> TinyBook:
    book = TinyBook(tmp_path_factory.mktemp("parts"))
    for slug in ("first/one", "first/two", "second/three"):
        book.chapter(slug, "x = 1")
    book.edit("book/first/one.md", "kernelspec:", "description: Of *what* one tells.\nkernelspec:")
    book.write("book/first/index.md", PART.format("first"))
    book.write("book/second/index.md", PART.format("second"))
    book.write("_toc.yml", TOC)
    book.build()
    return book


def entries(book: TinyBook, page: str) -> list[BeautifulSoup]:
    return BeautifulSoup(book.page(page), "html.parser").select("ul.part-chapters > li")


def test_a_part_names_its_chapters_with_number_subject_and_facts(parted):
    one, two = entries(parted, "first/index")
    assert one.a["href"] == "one.html"
    assert one.a.get_text() == "1. Chapter one"
    assert "Of *what* one tells." in one.get_text()
    assert re.search(r"1 minute to read · \d+ seconds? to run", one.get_text())
    assert "exercise" not in one.get_text(), "what a chapter has not is not listed"
    assert two.a.get_text() == "2. Chapter two"
    assert len(two.select("p")) == 2, "a chapter without description has none"


def test_the_numbers_of_chapters_go_on_from_part_to_part(parted):
    (three,) = entries(parted, "second/index")
    assert three.a.get_text() == "3. Chapter three"
    assert re.search(r"<h1>.*3\. .*Chapter three", parted.page("second/three"))


@pytest.mark.parametrize("seed", range(2))
def test_the_numbers_of_chapters_do_not_hang_on_the_order_of_a_set(parted, seed):
    """Strings hash to other values in each process; seeds 0 and 1 give the two orders of the parts."""
    for folder in ("html", ".doctrees"):
        shutil.rmtree(parted.root / "_build" / folder)
    parted.build(PYTHONHASHSEED=str(seed))
    shown = [
        entry.a.get_text() for page in ("first/index", "second/index") for entry in entries(parted, page)
    ]
    assert shown == ["1. Chapter one", "2. Chapter two", "3. Chapter three"]
    assert BeautifulSoup(parted.page("second/three"), "html.parser").h1.get_text().startswith("3. ")


def test_the_contents_show_parts_and_chapters_and_mark_the_page_that_is_open(parted):
    nav = BeautifulSoup(parted.page("first/one"), "html.parser").select_one("#book-nav")
    links = [a["href"] for a in nav.select("li a")]
    assert links == [
        "../index.html", "index.html", "#", "two.html", "../second/index.html", "../second/three.html",
        "../reference/bibliography.html",
    ]  # fmt: skip
    (current,) = nav.select("[aria-current=page]")
    assert current.get_text() == "1. Chapter one"


def test_a_part_leads_into_its_first_chapter_and_the_last_one_to_the_next_part(parted):
    assert 'rel="next" href="one.html"' in parted.page("first/index")
    assert 'rel="next" href="../second/index.html"' in parted.page("first/two")


def test_a_part_is_written_anew_when_a_chapter_of_it_changes(parted):
    parted.edit("book/first/two.md", "Some prose.", EXERCISE % ("two", "two"))
    parted.build()
    assert "1 exercise" in entries(parted, "first/index")[1].get_text()


def test_a_word_more_in_a_chapter_leaves_the_pages_above_it_as_they_are(parted):
    def written() -> dict[str, int]:
        folder = parted.root / "_build/html"
        return {
            page: (folder / f"{page}.html").stat().st_mtime_ns
            for page in ("first/one", "first/index", "second/index")
        }

    before = written()
    parted.edit("book/first/one.md", "Some prose.", "Some more prose.")
    parted.build()
    assert [page for page, time in written().items() if time != before[page]] == ["first/one"]
    parted.edit("book/first/one.md", "Some more prose.", "Some more prose. " + "Many words follow. " * 400)
    parted.build()
    assert "7 minutes to read" in entries(parted, "first/index")[0].get_text()
