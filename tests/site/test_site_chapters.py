"""What the build reads from the table of contents and from a page."""

import pytest

from dlbook.site.chapters import Chapter, count_words, read_chapters, read_notebook, reading_minutes
from dlbook.site.project import BuildError, Project


def test_pages_come_in_reading_order(book):
    for slug in ("b/two", "a/one", "c"):
        book.chapter(slug, "1")
    slugs = [c.slug for c in read_chapters(Project(book.root))]
    assert slugs == ["index", "b/two", "a/one", "c", "reference/bibliography"]


def test_sections_of_a_chapter_follow_it(book):
    for name in ("one", "one-a", "two"):
        book.write(f"book/{name}.md", f"# {name}\n")
    book.write(
        "_toc.yml",
        "format: jb-book\nroot: index\nchapters:\n"
        "  - file: one\n    sections:\n      - file: one-a.md\n  - file: two\n",
    )
    assert [c.slug for c in read_chapters(Project(book.root))] == ["index", "one", "one-a", "two"]


def test_a_page_that_is_missing_is_named(book):
    book.chapter("a/one", "1").unlink()
    with pytest.raises(BuildError, match=r"book/a/one\.md"):
        read_chapters(Project(book.root))


@pytest.mark.parametrize("toc", ["format: jb-book\n", "root: [", "- 1\n"])
def test_a_malformed_table_of_contents_is_refused(book, toc):
    book.write("_toc.yml", toc)
    with pytest.raises(BuildError, match=r"_toc\.yml"):
        read_chapters(Project(book.root))


def test_a_folder_without_a_book_is_refused(tmp_path):
    with pytest.raises(BuildError, match="--root"):
        read_chapters(Project(tmp_path))


def test_a_cell_knows_the_line_its_code_begins_on(book):
    path = book.chapter(
        "a", ":tags: [hide-input]\n:name: x\n\nfirst = 1\nsecond = 2", "---\ntags: [a, b]\n---\nthird = 3"
    )
    cells = Chapter("a", path, path.read_text()).cells
    lines = path.read_text().splitlines()
    assert [lines[cell.line - 1] for cell in cells] == ["first = 1", "third = 3"]
    assert [cell.tags for cell in cells] == [("hide-input",), ("a", "b")]


def test_each_reader_of_a_notebook_gets_one_of_its_own(book):
    path = book.chapter("a/one", "x = 1")
    first, second = (read_notebook(path.read_text(), path) for _ in range(2))
    first.cells[-1].source = "changed"
    first.metadata["source_map"].clear()
    third = read_notebook(path.read_text(), path)
    assert third == second
    assert third.cells[-1].source == "x = 1"


def test_a_plain_page_has_no_cells(book):
    path = book.root / "book/index.md"
    chapter = Chapter("index", path, path.read_text())
    assert not chapter.is_notebook
    assert chapter.cells == ()
    assert chapter.title == "A tiny book"


def test_title_is_the_first_heading_and_no_comment_in_code(book):
    path = book.write("book/x.md", "```python\n# no title\n```\n\n# The *title*\n\n## Section\n")
    assert Chapter("x", path, path.read_text()).title == "The *title*"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Three plain words.", 3),
        ("# A heading counts", 3),
        ("don't split student's words", 4),
        ("maths $a + b$ is not $$x = y$$ read", 4),
        ("```python\nx = not counted\n```\nhere", 1),
        ("```{math}\n:label: x\na = b\n```\nhere", 1),
        (":::{note}\nThis counts.\n:::", 2),
        ("```{admonition} Title words\nInside counts.\n```", 2),
        ("a [link text](https://example.org/not/this) here", 4),
        ("see {ref}`label` and `code`", 2),
        ("(label)=\n## Two words\n", 2),
        ("<!-- not\nthis --> that", 1),
        ("---\ntitle: x\n---\nbody", 1),
        ("10 20 30", 0),
    ],
)
def test_words_are_those_a_reader_reads(text, words):
    # A listing in ```python is code to be read, but not prose.
    assert count_words(text) == words


def test_reading_time_is_rounded_up_and_never_zero():
    assert [reading_minutes(n) for n in (0, 1, 200, 201, 4000)] == [1, 1, 1, 2, 20]
