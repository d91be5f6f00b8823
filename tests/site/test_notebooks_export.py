"""A chapter as a launchable notebook: all that the page says, in Markdown that every front end knows."""

import json
import re
import shutil

import nbformat
import pytest
from notebookbook import cells, make_book, text_of
from tinybook import TinyBook

from dlbook.site.chapters import Chapter
from dlbook.site.launch import DOWNLOADS
from dlbook.site.notebooks import exported
from dlbook.site.notebooks.check import faults
from dlbook.site.notebooks.export import export
from dlbook.site.project import BuildError, Project

FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> TinyBook:
    """The book on a site that has an address."""
    book = make_book(tmp_path_factory.mktemp("notebooks") / "project")
    book.build()
    return book


@pytest.fixture(scope="module")
def found(book) -> list[dict]:
    return cells(book)


@pytest.fixture(scope="module")
def words(found) -> str:
    return text_of(found)


def test_only_pages_with_code_become_notebooks_and_the_site_has_the_same_files(book):
    files = exported(Project(book.root))
    assert list(files) == ["a/one"]
    copy = book.root / "_build" / "html" / DOWNLOADS / "a" / "one.ipynb"
    assert copy.read_bytes() == files["a/one"].read_bytes()


def test_notebook_is_valid_and_holds_no_outputs_and_no_metadata_beyond_the_language(book, found):
    notebook = nbformat.read(exported(Project(book.root))["a/one"], as_version=4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    code = [cell for cell in found if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(set(cell["metadata"]) <= {"cellView", "jupyter", "tags"} for cell in found)


def test_code_cells_are_those_of_the_chapter_in_their_order(book, found):
    path = book.root / "book" / "a" / "one.md"
    chapter = Chapter("a/one", path, path.read_text())
    sources = [cell["source"] for cell in found[1:] if cell["cell_type"] == "code"]
    assert [s for s in sources if "dlbook.answers" not in s] == [cell.source for cell in chapter.cells]


def test_a_cell_that_the_page_leaves_out_is_there_and_folded_and_parts_no_text_from_its_code(found):
    place = next(n for n, cell in enumerate(found) if "import matplotlib" in cell["source"])
    assert found[place]["metadata"]["jupyter"] == {"outputs_hidden": True, "source_hidden": True}
    assert "record(loss" in found[place - 1]["source"]


def test_same_source_gives_the_same_bytes(book, tmp_path):
    before = {slug: path.read_bytes() for slug, path in exported(Project(book.root)).items()}
    for name in ("html", ".doctrees", "notebooks"):
        shutil.rmtree(book.root / "_build" / name)
    book.build()
    assert {slug: path.read_bytes() for slug, path in exported(Project(book.root)).items()} == before


def test_folded_code_is_folded_in_jupyterlab_and_in_colab(found):
    hidden = next(cell for cell in found if "record(loss" in cell["source"])
    assert hidden["metadata"] == FOLDED
    shown = next(cell for cell in found if "plt.plot" in cell["source"])
    assert shown["metadata"] == {}


def test_headings_and_their_numbers_are_those_of_the_page(words):
    headings = re.findall(r"^(#+ .*)$", words, re.M)
    assert headings == [
        "# 1. Chapter *one*",
        "## 1.1. The $x$ rule",
        "## 1.2. Exercises",
        "### Exercise 1.1 (The first)",
        "### Exercise 1.2",
        "## References",
    ]


def test_text_that_looks_like_markup_stays_text(words):
    assert r"A price of \$5, the name a_b and a *word*." in words


def test_glued_and_given_numbers_are_text(words):
    assert "The loss is 0.12 at the rate 0.1," in words


def test_references_within_the_chapter_are_words_and_numbers_that_the_notebook_shows(words):
    assert "By (1.1) and (1.2), Fig. 1.1 rises; Table 1.1 and Exercise 1.1 say more." in words
    assert "See *The x rule* (of old)" in words
    assert r"\tag{1.1}" in words
    assert "**Fig. 1.1.** The line, $y = x$." in words
    assert "**Table 1.1.** Sizes" in words


def test_links_to_other_pages_lead_to_the_site(words):
    assert "[Chapter two](https://book.example/en/a/two.html)" in words
    assert "[another place](https://book.example/en/a/two.html#sec-other)" in words


def test_links_of_the_notebook_lead_to_places_that_the_site_has(book, words):
    for page, anchor in re.findall(r"\]\(https://book\.example/en/([^)#]*)#?([^)]*)\)", words):
        path = book.root / "_build" / "html" / page
        assert path.is_file()
        assert not anchor or f'id="{anchor}"' in path.read_text()


def test_citations_lead_to_the_bibliography_and_the_works_are_listed(words):
    assert "as [[Gauss, 1801](https://book.example/en/reference/bibliography.html#" in words
    assert "- A. Gauss. Theoria. P, 1801. [doi:10.1000/gauss](https://doi.org/10.1000/gauss)." in words


def test_footnotes_are_notes_at_the_end(words):
    assert "found. (note 1)" in words
    assert "**Note 1.** Because of *this*." in words


def test_displayed_equations_are_blocks_of_maths_with_their_rows_aligned(words):
    assert "$$\n\\begin{aligned}a &= b \\\\\nc &= d\\end{aligned} \\tag{1.1}\n$$" in words


def test_derivation_shows_the_checked_lines_with_the_page_s_numbers_before_its_code(book, found):
    place = next(n for n, cell in enumerate(found) if 'Derivation("square"' in cell["source"])
    text = found[place - 1]["source"]
    assert "**Derivation: Slope of a square**" in text
    assert r"\text{chain rule, with }f' = 2u\text{, 100 \%} && (1.2) \\" in text
    assert r"\text{multiply out} && (1.3)" in text
    assert re.search(r"\*checked: symbolic, 2 steps, \d+ mutants rejected\.\*", text)
    assert found[place]["metadata"] == FOLDED
    page = book.page("a/one")
    assert re.findall(r'class="eqno">\((1\.\d)\)', page) == ["1.1", "1.2", "1.3", "1.4"]


def test_derivation_whose_last_line_has_its_number_carries_it_as_a_tag(words):
    assert r"\text{power rule}" + "\n\\end{aligned} \\tag{1.4}" in words


def test_boxes_are_quotations_and_what_the_page_folds_is_folded(words):
    assert "> **Note**\n>\n> Mind the step.\n>\n> - first\n> - second with $x | y$" in words
    assert "<details>\n<summary>Hidden words</summary>\n\nThey were folded.\n\n</details>" in words


def test_tables_are_tables_and_bars_end_no_cell(words):
    assert "| name | value |\n| :-- | --: |\n| `a\\|b` | $\\vert x\\vert $ |\n| width | 2 |" in words


def test_lists_terms_and_listings_are_there(words):
    assert "1. one\n\n   $$\\begin{aligned}p &= q \\\\ r &= s\\end{aligned}$$\n\n2. two" in words
    assert "- **Term**: What it means." in words
    assert '```python\nprint("to be read")\n```' in words


def test_solutions_are_folded_and_their_code_is_cells_that_run(found):
    place = next(n for n, cell in enumerate(found) if cell["source"] == "assert 1 + 1 == 2")
    assert found[place - 1]["source"] == (
        "<details>\n<summary>Solution to Exercise 1.1</summary>\n\nIt is *two*.\n\n</details>"
    )
    assert found[place]["metadata"] == FOLDED
    assert "<summary>Solution to Exercise 1.1, continued</summary>\n\nSo there." in found[place + 1]["source"]


def test_solution_without_words_has_its_name(found):
    place = next(n for n, cell in enumerate(found) if cell["source"] == "assert True")
    assert found[place - 1]["source"].endswith("**Solution to Exercise 1.2**")


def test_questions_come_with_options_hints_and_a_cell_that_marks(found):
    place = next(n for n, cell in enumerate(found) if 'check("tiny/sum", "")' in cell["source"])
    assert "**Your answer:** The sum of $1$ and $1$" in found[place - 1]["source"]
    assert "<summary>Hint 1</summary>\n\nCount your *fingers*.\n\n</details>" in found[place - 1]["source"]
    assert "**Your answer:** Which is even?\n\n- **a** $2$\n- **b** three" in found[place + 1]["source"]
    code = next(cell["source"] for cell in found if "def double" in cell["source"])
    assert code.endswith('def double(n):\n    ...\n\n\ncheck("tiny/double", double)')


def test_nothing_that_needs_sphinx_is_left(book):
    content = json.loads(exported(Project(book.root))["a/one"].read_text())
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
    assert faults(content, "a/one") == []


def test_a_notebook_of_a_page_that_is_gone_goes_too(book):
    project = Project(book.root)
    old = project.notebooks / "a" / "old.ipynb"
    old.write_text("{}")
    path = book.root / "book" / "a" / "one.md"
    export([Chapter("a/one", path, path.read_text())], project)
    assert not old.exists()
    assert list(exported(project)) == ["a/one"]


def test_what_the_linter_finds_stops_the_export_with_chapter_and_cell(book):
    project = Project(book.root)
    path = book.root / "book" / "a" / "one.md"
    part = project.build / ".doctrees" / "notebooks" / "a" / "one.json"
    before = part.read_text()
    part.write_text(before.replace("They were folded.", "See {ref}`there`."))
    try:
        with pytest.raises(BuildError, match=r"a/one, cell \d+ of its notebook: NB02 .*there"):
            export([Chapter("a/one", path, path.read_text())], project)
    finally:
        part.write_text(before)


def test_what_no_notebook_can_show_stops_the_build_with_its_line(book):
    """Last of all: it spoils the book."""
    text = "# Two\n\nWords.\n\n(sec-other)=\n## Another place\n\n```{raw} html\n<b>bold</b>\n```\n"
    book.write("book/a/two.md", text + "\nMore.\n")
    book.edit("book/a/one.md", "## Exercises", "```{raw} html\n<b>bold</b>\n```\n\n## Exercises")
    status, output = book.run("build")
    assert status == 1
    assert re.search(r"one\.md:\d+: .*the notebook of this page cannot show a raw", output)
    assert "Traceback" not in output
    assert "two.md" not in output  # a page without code has no notebook
