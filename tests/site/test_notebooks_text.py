"""Pieces of a notebook: what is escaped, where links lead, what ids and answer cells are made of."""

import doctest
import importlib

import pytest
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dlbook.site.notebooks import text
from dlbook.site.notebooks.answers import marking_cell, names_taken
from dlbook.site.notebooks.blocks import Page
from dlbook.site.notebooks.cells import code_cell, markdown_cell, with_ids
from dlbook.site.notebooks.clocks import timed
from dlbook.site.notebooks.inline import UnwritableError, inline
from dlbook.site.notebooks.places import Places
from dlbook.site.notebooks.running import differences
from dlbook.site.notebooks.tables import table
from dlbook.site.notebooks.writer import PageWriter

MODULES = [
    "answers",
    "blocks",
    "cells",
    "check",
    "clocks",
    "inline",
    "places",
    "running",
    "setup_cell",
    "tables",
    "text",
    "writer",
]


def shown(markdown: str) -> str:
    """Text that a renderer of Markdown shows."""
    tokens = MarkdownIt("commonmark").enable("strikethrough").parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert all(child.type in ("text", "softbreak", "text_special") for child in children), markdown
    return "".join("\n" if child.type == "softbreak" else child.content for child in children)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name):
    module = importlib.import_module(f"dlbook.site.notebooks.{name}")
    assert doctest.testmod(module).failed == 0


@given(st.text(st.sampled_from(list("ab1.)#-+=>*_`$\\<[](!&;:~| \n")), min_size=1, max_size=12))
def test_words_are_shown_as_they_are_whatever_signs_they_have(words):
    lines = [" ".join(line.split()) for line in words.split("\n") if line.strip()]
    if not lines:
        return
    words = "\n".join(lines)
    assert shown(text.paragraph(text.escaped(words))) == words


@given(st.text(st.sampled_from(list("a` b")), min_size=1, max_size=8).filter(str.strip))
def test_code_is_shown_as_it_is(words):
    words = words.strip()
    (token,) = MarkdownIt().parseInline(text.code(words))[0].children
    assert (token.type, token.content) == ("code_inline", words)


def test_formula_cannot_be_taken_for_html_and_has_no_line_break():
    assert text.formula("a<b\n< c % note\n+ 1") == "$a< b < c + 1$"


def test_equation_in_a_quotation_stays_on_one_line():
    writer = PageWriter(Page(Places("page", "", {})))
    equation = nodes.math_block("", "a &= b \\\\\nc &= d", number=None, nowrap=False)
    (block,) = writer.blocks(nodes.note("", equation))
    assert block.splitlines() == [
        "> **Note**",
        ">",
        r"> $$\begin{aligned}a &= b \\ c &= d\end{aligned}$$",
    ]


def test_fold_is_markdown_again_inside():
    rendered = MarkdownIt().render(text.folded("Hint <1>", "Look *left*."))
    assert "<summary>Hint &lt;1&gt;</summary>" in rendered
    assert "<p>Look <em>left</em>.</p>" in rendered


def link(places: Places, uri: str, words: str, **more: object) -> str:
    node = nodes.paragraph("", "", nodes.reference("", words, refuri=uri, **more))
    return inline(node, places)


def test_without_an_address_of_the_site_links_say_where_to_look():
    places = Places("part/one", "", {"part/two": "The second"})
    assert link(places, "two.html", "The second", internal=True) == "“The second” (a page of the book)"
    assert link(places, "two.html#rule", "the rule", internal=True) == (
        "“the rule” (on the book’s page “The second”)"
    )
    assert link(places, "https://pytorch.org/a(b)", "PyTorch") == "[PyTorch](https://pytorch.org/a%28b%29)"
    assert link(places, "../b.html#id1", "Gauss, 1801", internal=True, reftitle="A. Gauss.") == "Gauss, 1801"
    assert places.works == {"A. Gauss.": ""}


def test_picture_of_the_site_is_a_link_or_its_words():
    picture = nodes.image(uri="part/line.svg", alt="A line")
    for base, words in (
        ("https://book.example", "![A line](https://book.example/_images/line.svg)"),
        ("", "*(A picture on the book’s page.)* A line"),
    ):
        page = Page(Places("part/one", base, {}), pictures={"part/line.svg": "_images/line.svg"})
        assert list(PageWriter(page).blocks(picture)) == [words]


def test_what_has_no_markdown_is_refused_with_its_words():
    node = nodes.paragraph("", "", nodes.raw("", "<b>bold</b>", format="html"))
    with pytest.raises(UnwritableError, match=r"cannot show a raw \('<b>bold</b>'\)"):
        inline(node, Places("page", "", {}))


def test_table_without_a_head_gets_an_empty_one_and_spans_are_filled():
    def row(*entries: nodes.entry) -> nodes.row:
        return nodes.row("", *entries)

    def entry(words: str, **more: int) -> nodes.entry:
        return nodes.entry("", nodes.paragraph("", words), **more)

    body = nodes.tbody("", row(entry("a"), entry("b")), row(entry("wide", morecols=1)))
    node = nodes.table("", nodes.tgroup("", body, cols=2))
    assert table(node, lambda part: part.astext()).splitlines() == [
        "|  |  |",
        "| --- | --- |",
        "| a | b |",
        "| wide |  |",
    ]


def test_bars_end_no_cell_of_a_table_and_stay_bars_in_maths():
    entry = nodes.entry("", nodes.paragraph("", "x"))
    node = nodes.table("", nodes.tgroup("", nodes.tbody("", nodes.row("", entry)), cols=1))
    row = table(node, lambda _: r"a|b `c|d` \$5 $|x|$ $\|y\|$").splitlines()[-1]
    assert row == r"| a\|b `c\|d` \$5 $\vert x\vert $ $\Vert y\Vert $ |"


def test_ids_stay_when_cells_elsewhere_change():
    cells = [markdown_cell("a"), code_cell("x = 1", (), False), markdown_cell("b")]
    before = {cell["source"]: cell["id"] for cell in with_ids(cells)}
    after = {cell["source"]: cell["id"] for cell in with_ids([markdown_cell("new"), *cells[1:]])}
    assert before["b"] == after["b"]
    assert before["x = 1"] == after["x = 1"]
    assert len(set(after.values())) == 3


def test_tags_that_change_how_a_notebook_runs_stay():
    metadata = code_cell("1 / 0", ["raises-exception", "hide-output"], False)["metadata"]
    assert metadata == {"jupyter": {"outputs_hidden": True}, "tags": ["raises-exception"]}


CODE = {"kind": "code", "function": "double", "starter": "def double(n):\n    ...\n"}


def test_an_answer_cell_overwrites_no_name_of_the_chapter():
    taken = names_taken(["def double(n):\n    return 2 * n", "from x import check"])
    source = marking_cell("tiny/double", CODE, False, taken)
    assert not names_taken([source]) & taken
    assert source.startswith("import dlbook.answers\n\ndlbook.answers.check(")
    assert names_taken([marking_cell("tiny/double", CODE, False, ())]) == {"check", "double"}


def test_answer_cells_of_every_kind_can_be_written_and_read_as_python():
    from dlbook.answers.kinds import KINDS

    for kind in KINDS:
        key = {"kind": kind, "function": "f", "reasons": [1]}
        compile(marking_cell("tiny/x", key, True, ()), kind, "exec")


def test_numbers_from_a_clock_are_found_through_variables_and_functions():
    cells = [
        "import time\ndef seconds(f):\n    start = time.perf_counter()\n    f()\n"
        "    return time.perf_counter() - start",
        "%matplotlib inline",
        "took = seconds(train)\nratio, loss = 2 * took, 3\nother = 1",
        "record(ratio=f'{ratio:.0f}', other=other, steps=100)",
    ]
    assert timed(cells) == {"ratio"}


def test_values_that_differ_or_are_missing_are_told():
    page = {"a": "0.5", "b": "60,000", "c": "1", "t": "2.0"}
    assert differences(page, {"a": "0.5", "b": "60,000", "c": "1", "t": "9"}, {"t"}) == []
    assert differences(page, {"a": "0.5001", "b": "60,001", "t": "2"}, {"t"}) == [
        "c is missing in the notebook",
        "a is 0.5 on the page and 0.5001 in the notebook",
        "b is 60,000 on the page and 60,001 in the notebook",
    ]
