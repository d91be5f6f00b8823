"""The linter of exported notebooks finds what a front end would show as markup, or could not follow."""

import pytest

from dlbook.site.notebooks.cells import code_cell, markdown_cell
from dlbook.site.notebooks.check import RULES, faults

HOME, WINDOWS = "/" + "home", "C:" + "\\Users\\"  # in two, since no file may hold a path of one machine


def rules(*cells: dict) -> list[str]:
    return [fault.rule for fault in faults({"cells": list(cells)}, "chapter")]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        ("NB01", "```{note}\nwords\n```"),
        ("NB01", "> ```{math}\n> a\n> ```"),
        ("NB01", ":::{note}\nwords\n:::"),
        ("NB01", ":::"),
        ("NB02", "See {ref}`there`."),
        ("NB02", "A number, {glue:text}`loss:.2f`."),
        ("NB02", "By {cite:p}`gauss` it is so."),
        ("NB03", "(sec-rule)=\n## The rule"),
        ("NB03", "$$\na = b\n$$ (eq-one)"),
        ("NB04", "See [the rule](#the-rule)."),
        ("NB04", "See [nothing]()."),
        ("NB05", "![a line](../_images/line.svg)"),
        ("NB05", "See [the next](two.md)."),
        ("NB05", "See [the next](</en/two.html>)."),
        ("NB06", f"It lies in {HOME}/me/book."),
        ("NB06", "![a line](file:///tmp/line.svg)"),
        ("NB06", "[out](_build/html/index.html)"),
        ("NB06", f"It lies in {WINDOWS}me."),
        ("NB07", '<a id="here"></a>'),
        ("NB07", "Words<br/>and words."),
        ("NB07", "<div>\n\nwords\n\n</div>"),
        ("NB07", '<details open="">\n\nwords\n\n</details>'),
        ("NB08", "+++"),
        ("NB08", "% a comment"),
        ("NB08", "It is {{ name }}."),
        ("NB08", "It is so.[^one]"),
        ("NB09", "$$\na = b \\label{x}\n$$"),
        ("NB09", "By $\\eqref{x}$."),
        ("NB12", "<details>\n<summary>More</summary>\n\nwords"),
        ("NB13", " \n"),
    ],
)
def test_what_is_no_jupyter_markdown_is_found(rule, source):
    assert rule in rules(markdown_cell(source))


def test_a_number_that_two_equations_have_is_found():
    one, other = markdown_cell("$$\na \\tag{1.1}\n$$"), markdown_cell("$$\nb \\tag{1.1}\n$$")
    assert rules(one) == []
    assert rules(one, other) == ["NB10"]


def test_outputs_counts_and_local_paths_of_code_are_found():
    cell = code_cell("x = 1", (), False)
    assert rules(cell) == []
    assert rules(cell | {"execution_count": 1}) == ["NB11"]
    assert rules(cell | {"outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}]}) == ["NB11"]
    assert rules(code_cell(f'open("{HOME}/me/x")', (), False)) == ["NB06"]


@pytest.mark.parametrize(
    "source",
    [
        "Words, *more* words and `{ref}` in code, which shows `](#place)` and `<a>`.",
        "In code: `` {eq}`one` `` and\n\n```python\nx = {1: 2}  # <b>\n```",
        "Maths $a<b$, $\\hat{y}$, $x_{1}$ and\n\n$$\n\\begin{aligned}a &= b\\end{aligned} \\tag{1.2}\n$$",
        "[a page](https://book.example/en/two.html#place), <https://pytorch.org/>, [mail](mailto:me@x.org)",
        "<details>\n<summary>Hint 1</summary>\n\nLook.\n\n</details>",
        "| a | b |\n| --- | --- |\n| $\\{0, 1\\}$ | (sec) = 1 |",
        'The slope of a "\\<square>" and \\<b>.',
        "A set {0, 1}, an interval [0, 1) and f(x)[0].",
    ],
)
def test_plain_markdown_passes(source):
    assert rules(markdown_cell(source)) == []


def test_a_fault_names_chapter_cell_line_and_remedy():
    (fault,) = faults({"cells": [markdown_cell("ok"), markdown_cell("See {ref}`there`.")]}, "part/one")
    assert str(fault).startswith("part/one, cell 2 of its notebook: NB02 ")
    assert "'See {ref}`there`.'" in str(fault)
    assert RULES["NB02"][1] in str(fault)
