"""The linter finds typed-in results wherever prose can stand, and leaves everything else alone."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlbook.site.lint import RULES, Finding, is_given, lint_text
from dlbook.site.lint.__main__ import main
from dlbook.site.lint.numbers import typed_in

HEADER = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
---
"""
TITLE = "# A title\n\n"


def found(text: str, *rules: str) -> list[tuple[str, str]]:
    """Rule and subject of the findings in a page's text, those of `rules` when given."""
    return [(f.rule, f.what) for f in lint_text(TITLE + text) if not rules or f.rule in rules]


def results(text: str) -> list[str]:
    """The typed-in results in a page's text."""
    return [what for _, what in found(text, "DL001", "DL002")]


BAD = [
    ("The loss falls to 0.744 in the end.", "0.744"),
    ("The probability is .5 here.", ".5"),
    ("It needs 1,234.5 of them.", "1,234.5"),
    ("A step of -0.25 is too large.", "-0.25"),
    ("The spread is \u00b10.3.", "\u00b10.3"),
    ("With x=0.1 it diverges.", "0.1"),
    ("(0.5)", "0.5"),
    ("It has 22,145 weights.", "22,145"),
    ("All 1,457,162 of them.", "1,457,162"),
    ("Then 10,240.", "10,240"),
    ("It ends at 0.5.", "0.5"),
    ("It reaches 95 % of them.", "95 %"),
    ("It reaches 95% of them.", "95%"),
    ("It reaches 95\\% of them.", "95%"),
    ("It reaches 95&nbsp;% of them.", "95\xa0%"),
    ("It reaches 95 percent of them.", "95 percent"),
    ("It reaches 95 per cent of them.", "95 per cent"),
    ("It reaches ninety-five per cent of them.", "ninety-five per cent"),
    ("Ninety percent are right.", "Ninety percent"),
    ("It gains 3 percentage points.", "3 percentage points"),
    ("**95** % of them", "95 %"),
    ("95\npercent of them", "95 percent"),
    ("It takes 3 s on a laptop.", "3 s"),
    ("It takes 10s on a laptop.", "10s"),
    ("It takes 12 ms a step.", "12 ms"),
    ("It takes 12\u00b5s a step.", "12\u00b5s"),
    ("It takes 5 minutes.", "5 minutes"),
    ("It is a 5-minute run.", "5-minute"),
    ("It takes three minutes.", "three minutes"),
    ("It takes 2 h.", "2 h"),
    ("It takes 1.5 GB.", "1.5 GB"),
    ("It takes 512 MiB.", "512 MiB"),
    ("It takes 900 megabytes.", "900 megabytes"),
    ("It runs at 40 epochs/s.", "40 epochs/s"),
    ("It runs at 900 images per second.", "900 images per second"),
    ("It runs at 3 TFLOPS.", "3 TFLOPS"),
    ("It is 3 times faster.", "3 times faster"),
    ("It is three times as large.", "three times as"),
    ("It needs 4 times the memory.", "4 times the memory"),
    ("A 10x speedup.", "10x"),
    ("A 2.5\u00d7 gain.", "2.5\u00d7"),
    ("A 10-fold reduction.", "10-fold reduction"),
    ("The difference is 1e-3 or so.", "1e-3"),
    ("The difference is 2.5E-07 or so.", "2.5E-07"),
    ("The difference is 10^-5 or so.", "10^-5"),
    ("The difference is 3 x 10^{-5} or so.", "3 x 10^{-5}"),
    ("The difference is 10\u207b\u2075 or so.", "10\u207b\u2075"),
    ("It has an accuracy of 95 on the test set.", "95"),
    ("The Accuracy is about 95.", "95"),
    ("It has an accuracy of **95**.", "95"),
    ("It starts with loss 2 and goes down.", "2"),
    ("An error rate of ninety-five.", "ninety-five"),
    ("A score: 17.", "17"),
    ("Its value is `0.3` here.", "0.3"),
    ("Its value is `95 %` here.", "95 %"),
    ("Its value is ``1e-3`` here.", "1e-3"),
    ("It has an accuracy of `95` on the test set.", "95"),
    ("Adam 0.9 is not a version.", "0.9"),
    ("Since Python 3.11 it takes 0.2 of that.", "0.2"),
    ("See section 3.2, where 0.8 is found.", "0.8"),
    ("$x$ is 0.5 and $y$ is not.", "0.5"),
    ("{cite:p}`smith2016` found 0.5.", "0.5"),
    ("{glue:text}`a:.2f`, not 0.5.", "0.5"),
    ("[The loss is 0.5](https://example.org/1.2).", "0.5"),
    ("H<sub>2</sub>O at <b>0.5</b> bar.", "0.5"),
    ("- an item\n- an item with 0.5", "0.5"),
    ("> A quotation with 0.5.", "0.5"),
    ("## A heading with 0.5", "0.5"),
    ("| a | b |\n|---|---|\n| x | 0.5 |", "0.5"),
    ("A note.[^1]\n\n[^1]: With 0.5 in it.", "0.5"),
    ("term\n: a definition with 0.5", "0.5"),
    ("<div>\nA block with 0.5.\n</div>", "0.5"),
    ("```{note}\nA body with 0.5.\n```", "0.5"),
    ("```{note} A body with 0.5.\n```", "0.5"),
    (":::{admonition} A title with 0.5\nA body.\n:::", "0.5"),
    (":::{admonition} A title\n:class: tip\n\nA body with 0.5.\n:::", "0.5"),
    ("```{figure} picture.svg\n:width: 50%\n:name: fig-0.5\n\nA caption with 0.7.\n```", "0.7"),
    ("```{list-table} A title\n:widths: 20 80\n\n* - a\n  - 0.5\n```", "0.5"),
    ("```{table} A caption with 0.5\n\n| a |\n|---|\n| b |\n```", "0.5"),
    (":::{dropdown} More\n```{tip}\nA body with 0.5.\n```\n:::", "0.5"),
    ("- an item\n\n  ```{note}\n  A body with 0.5.\n  ```", "0.5"),
    ("```{never-heard-of}\nA body with 0.5.\n```", "0.5"),
]

GOOD = [
    "There are 60,000 images of 28 x 28 pixels.",
    "There are 28\u00d728 pixels and 3 x n values.",
    "The network has two layers and 10 outputs.",
    "It was published in 1986, then in 2012.",
    "On 2026-11-22, or 22.11.2026, it was built.",
    "Python 3.11 and PyTorch 2.6 or 2.7 are enough.",
    "Jupyter Book 1.0.4 and CUDA 12.4 work.",
    "It asks for version 2.1 of the library, or v2.5.",
    "The text is under CC BY 4.0 and meets WCAG 2.2 AA.",
    "See chapter 3, section 3.2 and Figure 4.1.",
    "See sections 3.1 and 3.2, or equation (2.4).",
    "See arXiv:1412.6980 and doi 10.1038/nature14539.",
    "See https://example.org/1.5/a for it.",
    "GPT-3.5 and ResNet-50 are names, and so is v1.5.",
    "1. first\n2. second",
    "The 3s and 8s look alike, and so do the 4s in 9s.",
    "Use 8-bit numbers, or 32 bits.",
    "Repeat it 3 times, then 2 more times.",
    "Use 10-fold cross-validation.",
    "The loss over 10 classes, the accuracy on 5 digits.",
    "A loss of 3 neurons does no harm, and 2 errors remain.",
    "Half of the images, twice as many, one second thought.",
    "A learning rate of {given}`0.1` and {given}`60 %` of the data.",
    "It takes {given}`3 s`.",
    "It reaches {glue:text}`accuracy:.1f` %.",
    "It reaches {glue:text}`accuracy:.1%` in {glue:text}`seconds:.1f` s.",
    "It reaches $95\\%$ with $\\eta = 0.1$.",
    "Inline $$0.5$$ and {math}`0.5`.",
    "$$\n0.5 = 1 / 2\n$$ (half)",
    "$$ 0.5 $$",
    "\\begin{align}\n0.5 &= 1 / 2\n\\end{align}",
    "```{math}\n:label: half-0.5\n\n0.5 = 1 / 2\n```",
    "Call `f(0.5)` or set `lr=0.1`.",
    "The index `0`, the axis `-1` and the label `7`.",
    "```python\nx = 0.5\n```",
    "    x = 0.5  # an indented code block",
    "```{code-block} python\nx = 0.5\n```",
    "```{gpu-runs}\nright | images read, in % | .1f\n```",
    "```{literalinclude} file-0.5.py\n```",
    "```{raw} html\n0.5\n```",
    "% A comment with 0.5",
    "<!-- A comment with 0.5\n\nand 0.6 -->",
    'Text <!-- with 0.5 --> and <span style="width: 0.5em">more</span>.',
    "<style>\na { width: 0.5em }\n</style>",
    "![A drawing](picture-0.5.svg)",
    "[A link](https://example.org/v1.2/x), and <https://example.org/1.2>.",
    "[A link][there]\n\n[there]: https://example.org/1.2 'at 0.5'",
    "(label-0.5)=\n## A heading",
    "See {ref}`label-0.5`, {eq}`half-0.5`, {numref}`fig-0.5` and {cite:t}`smith0.5`.",
    "{{ number }} and {{ 0.5 }}",
    "```{image} picture.svg\n:width: 50%\n:alt: A picture\n```",
    "```{figure} picture-0.5.svg\n---\nwidth: 50%\nscale: 0.5\n---\nA caption.\n```",
    "::::{grid} 1 2 2 3\n:gutter: 1.5\n\n:::{grid-item-card} Title\n:columns: 12.5\nText.\n:::\n::::",
    "```{toctree}\nchapter-1.5\n```",
    "```{exercise} A title\n:label: e-0.5\nDo it.\n```\n\n```{solution} e-0.5\nDone.\n```",
    "A list:\n\n- [ ] to do\n- [x] done",
    '+++ {"tags": ["0.5"]}\n\nText.',
    "| a | b |\n|--:|:--|\n| 1 | 28 x 28 |",
    "A dash - 3 - or a range 3-5, a ratio 1:2, a time 14:30.",
    "An ellipsis ...5 and a sentence that ends in 1986. 3 more follow.",
]


@pytest.mark.parametrize(("text", "what"), BAD, ids=[text[:40] for text, _ in BAD])
def test_a_typed_in_result_is_found(text, what):
    assert results(text) == [what]


@pytest.mark.parametrize("text", GOOD, ids=[text[:40] for text in GOOD])
def test_what_is_no_result_is_left_alone(text):
    assert found(text, "DL001", "DL002", "DL003") == []


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(BAD) >= 40
    assert len(GOOD) >= 40
    assert len({text for text, _ in BAD}) == len(BAD)


def test_every_result_of_a_paragraph_is_found_once():
    assert results("From 0.5 to 0.6, then 95 % in 3 s.") == ["0.5", "0.6", "95 %", "3 s"]
    assert results("An accuracy of 95 % and of 0.95.") == ["95 %", "0.95"]


def test_equal_table_cells_are_told_apart_by_their_column():
    text = "# T\n\n| a | b |\n|---|---|\n| 0.1 | 0.1 |\n| 0.2 | 0.1 |\n"
    assert [(f.line, f.column) for f in lint_text(text)] == [(5, 3), (5, 9), (6, 3), (6, 9)]


PLACES = """\
---
title: A page
---

# A title with 0.01

Text that runs over `two
lines`, $a
b$, [a link](https://example.org/0.5
"title 0.6") and **more
than** that: 0.02 and 0.03
ends.

> - A quoted item
>   with 0.04

::::{admonition} A title
:class: tip

A body.

:::{note}
Nested, with 0.05.

```{exercise} Deeper
---
label: deep
---

At the bottom 0.06,
  and 0.07.
```

```{solution} deep
None.
```
:::
::::

1. An item

   ```{figure} x.png
   :width: 50%

   A caption of 0.08.
   ```

term
: text 0.09

```{code-cell}
:tags: [remove-cell]
1.5
```

An end {glue:text}`nothing:.2f` of `0.10`, caf\u00e9 &amp; 95\\% off.
"""


def test_line_and_column_point_at_the_number_in_the_source():
    lines = PLACES.splitlines()
    numbers = [f for f in lint_text(PLACES) if f.rule in ("DL001", "DL002")]
    assert [f.what for f in numbers] == [f"0.{n:02}" for n in range(1, 11)] + ["95%"]
    for finding in numbers[:-1]:
        assert lines[finding.line - 1][finding.column - 1 :].startswith(finding.what), finding
    assert lines[numbers[-1].line - 1][numbers[-1].column - 1 :].startswith("95\\%")
    (unknown,) = [f for f in lint_text(PLACES) if f.rule == "DL301"]
    assert lines[unknown.line - 1][unknown.column - 1 :].startswith("{glue:text}`nothing")


def test_a_caption_in_cell_options_is_prose():
    text = f"""{HEADER}# T

```{{code-cell}}
---
mystnb:
  image:
    alt: A curve that falls to 0.1
  figure:
    caption: |
      The loss falls
      to 0.25 here.
---
plt.plot([0.5])
```
"""
    numbers = [(f.line, f.what) for f in lint_text(text) if f.rule == "DL001"]
    assert numbers == [(18, "0.25")]
    assert "0.25" in text.splitlines()[17]


# --- Declared numbers ---------------------------------------------------------------------------------


# fmt: off
ONE_NUMBER = [
    "0.1", "-0.5", "60 %", "60%", "3 s", "1.5 GB", "40 epochs/s", "1e-3", "10^-5",
    "1,234.5", "5 per cent", "7", ".5", "30 images per second", "9.81 m/s^2",
    "90\u00b0", "2 \u00d7 10^5", "12 \u00b5s",
]
# fmt: on


@pytest.mark.parametrize(
    "text",
    ONE_NUMBER,
)
def test_one_number_with_a_unit_may_be_declared(text):
    from dlbook.site import extension

    assert is_given(text)
    assert found(f"It is {{given}}`{text}`.") == []
    assert extension.is_given(text), "the page would refuse what the linter recommends"


@pytest.mark.parametrize(
    "text", ["0.1 and 0.2", "small", "an accuracy of 95 %", "95 % of the images", "0.1, 0.2", "-"]
)
def test_a_declaration_of_anything_else_is_refused(text):
    assert found(f"It is {{given}}`{text}`.") == [("DL003", text)]


def test_the_message_names_place_rule_and_a_remedy_that_works():
    text = "# T\n\nIt reaches 95 % now.\n"
    (finding,) = lint_text(text)
    assert finding.render("book/a.md") == (
        'book/a.md:3:12: DL001 typed-in result "95 %" in prose; '
        "record it in a cell and use {glue:text}, or declare a given number with {given}`95 %`"
    )
    assert lint_text(text.replace("95 %", finding.declared)) == []


# --- Cells --------------------------------------------------------------------------------------------


def page(*cells: str, prose: str = "") -> str:
    """A notebook page of the cells (code, options and all) and then the prose."""
    return HEADER + TITLE + "".join(f"```{{code-cell}}\n{cell}\n```\n\n" for cell in cells) + prose + "\n"


def rules(text: str) -> list[tuple[str, int, str]]:
    return [(f.rule, f.line, f.what) for f in lint_text(text)]


def test_a_cell_of_twenty_lines_passes_and_one_of_twenty_one_does_not():
    assert rules(page("\n".join(["x = 1"] * 20))) == []
    assert rules(page(":tags: [a]\n\n" + "\n".join(["x = 1"] * 20))) == []
    assert rules(page("\n".join(["x = 1"] * 21))) == [("DL201", 10, "21")]


def test_a_line_of_88_characters_passes_and_one_of_89_is_named_by_its_line():
    assert rules(page("x = 1\n" + "y" * 85 + "= 1")) == []
    assert rules(page("x = 1\n" + "y" * 86 + "= 1")) == [("DL205", 12, "89")]


def test_a_cell_that_is_no_python_is_named_by_its_line():
    ((rule, line, _),) = rules(page("x = 1\ny = = 2"))
    assert (rule, line) == ("DL202", 12)


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\nx = 1",
        "!ls",
        "x = !ls",
        "%%bash\nls | wc",
        "if x:\n    %time f()",
        "f?",
        "%%time\nx = 1",
    ],
)
def test_magics_are_no_syntax_errors(cell):
    assert rules(page(cell)) == []


ALT = "---\nmystnb:\n  image:\n    alt: A falling curve\n---\n"


@pytest.mark.parametrize(
    "code",
    [
        "plt.plot([1, 2])",
        "fig, ax = plt.subplots()",
        "for i in x:\n    plt.imshow(i)",
        "plots.image_grid(x)",
        "import matplotlib.pyplot as mp\nmp.show()",
        "import matplotlib.pyplot\nmatplotlib.pyplot.show()",
        "from matplotlib import pyplot\npyplot.show()",
        "import dlbook.plots as p\np.network()",
        "from dlbook.plots import network as net\nnet()",
        "def draw():\n    plt.plot([1])\n\ndraw()",
    ],
)
def test_a_figure_needs_alt_text(code):
    assert [rule for rule, _, _ in rules(page(code))] == ["DL203"]
    assert rules(page(ALT + code)) == []


def test_alt_text_must_say_something_and_stand_where_it_is_read():
    assert [r for r, _, _ in rules(page(ALT.replace("A falling curve", "''") + "plt.plot([1])"))] == ["DL203"]
    assert [r for r, _, _ in rules(page(ALT.replace("image", "figure") + "plt.plot([1])"))] == ["DL203"]


@pytest.mark.parametrize(
    "code",
    [
        "plt.style.use('x')",
        "plt.rcParams.update({})",
        "from dlbook import plots\nplots.use()",
        "import matplotlib.pyplot as plt",
        "def draw():\n    plt.plot([1])",
        "x.plot(1)",
        ":tags: [remove-output]\n\nplt.plot([1])",
    ],
)
def test_a_cell_that_shows_no_figure_needs_no_alt_text(code):
    assert rules(page(code)) == []


@pytest.mark.parametrize("tags", ["3", "remove", "{a: b}", "[3, [4]]", ""])
def test_odd_tags_are_no_reason_to_crash(tags):
    assert [r for r, _, _ in rules(page(f":tags: {tags}\n\nplt.plot([1])"))] == ["DL203"]


def test_a_function_that_draws_is_known_in_later_cells():
    assert [(r, line) for r, line, _ in rules(page("def draw():\n    plt.plot([1])", "draw()"))] == [
        ("DL203", 15)
    ]


# --- Glued names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("record(loss=1)", "loss"),
        ("page.record(other=2, loss=1)", "loss"),
        ("record(**{'the-loss': 1})", "the-loss"),
        ("glue('loss', 1)", "loss"),
        ("glue(name='loss', variable=1, display=False)", "loss"),
        ("for i in x:\n    record(loss=i)", "loss"),
        ("for i in x:\n    record(**{f'loss_{i}': i})", "loss_3"),
        ("record(**{f'loss_{i}': i for i in x})", "loss_3"),
        ("glue(f'{kind}-loss', 1)", "test-loss"),
    ],
)
@pytest.mark.parametrize("use", ["{glue:text}`%s:.3f`", "{glue}`%s`", "```{glue:figure} %s\nA caption.\n```"])
def test_a_recorded_name_may_be_glued(cell, name, use):
    assert [f for f in rules(page(cell, prose=use % name)) if f[0] == "DL301"] == []
    unknown = [f[2] for f in rules(page(cell, prose=use % "lost")) if f[0] == "DL301"]
    assert unknown == ["lost"]


def test_a_glued_name_that_stands_in_a_comment_of_the_code_is_unknown():
    assert [f[0] for f in rules(page("# record(loss=1)", prose="{glue:text}`loss`"))] == ["DL301"]


def test_a_name_of_another_page_is_left_to_the_build():
    assert rules(page("x = 1", prose="{glue:text}`../other.md::loss:.2f`")) == []


def test_an_unused_name_is_a_warning_only():
    (finding,) = lint_text(page("x = 1\nrecord(loss=x)"))
    assert (finding.rule, finding.line, finding.is_error) == ("DL302", 12, False)
    assert "warning: " in finding.render("a.md")


def test_a_table_of_runs_uses_the_names_of_its_lines():
    table = "```{gpu-runs}\nloss | loss, per digit | .1f\nlos | misspelt\n```"
    (finding,) = lint_text(page("x = 1\nrecord(loss=x)", prose=table))
    assert (finding.rule, finding.what) == ("DL301", "los")


@pytest.mark.parametrize("call", ["record(**numbers)", "glue(name, 1)", "record(**{name: 1})"])
def test_names_that_cannot_be_seen_are_announced_and_not_guessed_at(call):
    assert [f[0] for f in rules(page(call, prose="{glue:text}`loss`"))] == ["DL303"]


def test_names_computed_in_part_are_held_to_the_part_that_is_written_out():
    text = page("record(**{f'loss_{i}': 1})", prose="{glue}`loss_1` {glue}`los_1`")
    assert [f[0::2] for f in rules(text)] == [("DL301", "los_1")]
    assert [f[0::2] for f in rules(page("record(**{f'loss_{i}': 1})"))] == [("DL302", "loss_*")]


# --- Head and exercises -------------------------------------------------------------------------------


def test_a_page_with_cells_needs_a_notebook_header():
    cell = "```{code-cell}\n1 + 1\n```\n"
    assert [f[0::2] for f in rules(TITLE + cell)] == [("DL101", "a jupytext header"), ("DL101", "kernelspec")]
    assert [f[0::2] for f in rules(HEADER.replace("name: python3", "x: y") + TITLE)] == [
        ("DL101", "kernelspec")
    ]
    assert rules(HEADER + TITLE + cell) == []


def test_a_page_needs_a_title_and_a_readable_head():
    assert [f[0] for f in rules("Text.\n\n## Second level\n")] == ["DL102"]
    assert rules("---\ntitle: A page\n---\n\nText.\n") == []
    assert [f[0] for f in rules("---\na: [\n---\n\n# T\n")] == ["DL103"]


GATED = """
```{exercise-start} A title
:label: one
```
Do it.

```{code-cell}
1 + 1
```

```{exercise-end}
```

% A comment may stand between.

```{solution-start} one
:class: dropdown
```

Done.

```{solution-end}
```
"""


def test_an_exercise_with_its_solution_after_it_passes():
    assert rules(HEADER + TITLE + GATED) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("{solution-start} one", "{solution-start} two", "DL401"),
        ("% A comment may stand between.", "Text between.", "DL401"),
        (":label: one\n", "", "DL402"),
        ("```{exercise-end}\n```\n", "", "DL403"),
        ("```{solution-end}\n```\n", "", "DL403"),
    ],
)
def test_an_exercise_without_its_solution_is_found(old, new, rule):
    assert old in GATED
    assert rule in [f[0] for f in rules(HEADER + TITLE + GATED.replace(old, new))]


def test_a_last_exercise_without_solution_is_found_even_inside_a_directive():
    inner = "```{exercise}\n:label: e\nDo it.\n```"
    assert rules(TITLE + inner) == [("DL401", 3, "e")]
    assert rules(TITLE + f"::::{{dropdown}} More\n{inner}\n::::") == [("DL401", 4, "e")]


# --- A whole chapter ----------------------------------------------------------------------------------

CHAPTER = page(
    "import matplotlib.pyplot as plt\n\nfrom dlbook import plots\nfrom dlbook.page import record\n"
    "\nplots.use()",
    "accuracy = 0.95\nrecord(accuracy=accuracy, seconds=1.5)",
    "---\nmystnb:\n  image:\n    alt: The loss falls from left to right\n---\nplt.plot([2.3, 0.4])",
    prose="""
## Why ten digits?

You train on 60,000 images of 28 x 28 pixels (see {cite:p}`lecun1998` and {numref}`fig`) with a step of
{given}`0.1`; then {glue:text}`accuracy:.1%` of the test images are right after {glue:text}`seconds:.1f` s.

```{math}
:label: eq-step
:class: definition
w \\leftarrow w - 0.1 \\, g
```

:::{note}
Equation {eq}`eq-step` needs Python 3.11 and `lr=0.1`.
:::
"""
    + GATED,
)


def test_a_good_chapter_has_nothing_to_answer_for():
    assert rules(CHAPTER) == []


def test_every_rule_can_be_broken_by_some_page():
    pages = [
        CHAPTER.replace("ten digits", "95 % right").replace("{given}`0.1`", "`0.1` or {given}`a`"),
        "```{code-cell}\n---\n:\n- [\n---\n)\n```\n{glue}`a`",
        "---\na: [\n---\n",
        page("record(a=1, **x)", "plt.plot()" + "\n" * 21 + "1" * 89),
        page("record(a=1)", prose="{glue}`b`"),
        *(
            GATED.replace(old, "")
            for old in (":label: one\n", "```{exercise-end}\n```\n", "{solution-start} one")
        ),
        "$$ a $$\n\n```{math}\n:class: cited definition\na\n```\n\n```{math}\n:class: cited\na\n```",
        "```{math}\n:class: cited\na\n```\n\nSee {cite}`unknown`.",
        "Here $2 + 2 = 5$ and $0.36$.",
    ]
    assert {finding.rule for text in pages for finding in lint_text(text, keys={"known"})} == set(RULES)


# --- Properties ---------------------------------------------------------------------------------------

WORD = st.text("abcdefgh", min_size=1, max_size=6)
WORDS = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
PROSE = st.sampled_from(
    [
        "{} {} {}\n",
        "{}\n{} {}\n",
        "> {} {}\n> {}\n",
        "- {}\n- {} {}\n",
        "## {} {} {}\n",
        "| {} | {} |\n|---|---|\n| {} | y |\n",
        "```{{note}}\n{}\n{} {}\n```\n",
        ":::{{admonition}} {}\n:class: tip\n\n{} {}\n:::\n",
        "::::{{dropdown}} {}\n\n:::{{tip}}\n{}\n\n- {}\n:::\n::::\n",
        "**{}** *{}* [{}](https://example.org/1.5)\n",
        "`code 1.5` {} $x = 1.5$ {} {{cite:p}}`a1.5` {}\n",
    ]
)
SILENT = st.sampled_from(
    [
        "```python\n{} {} {}\n```\n",
        "```{{code-block}} python\n{}\n{} {}\n```\n",
        "$$\n{} {} {}\n$$\n",
        "\\begin{{align}}\n{} {} {}\n\\end{{align}}\n",
        "```{{math}}\n{} {} {}\n```\n",
        "w $a {} {} {} b$ w\n",
        "w `a {} {} {} b` w\n",
        "<!-- {} {} {} -->\n",
        "% {} {} {}\n",
        "w {{ref}}`a {} {} {}` w\n",
    ]
)
DECIMAL = st.integers(0, 9999).map(lambda n: f"{n / 100:.2f}")


BLOCK = st.builds(str.format, st.one_of(PROSE, SILENT), WORDS, WORDS, WORDS)


@st.composite
def documents(draw, planted_in):
    """A document of random blocks and the decimal that one of them, of the kind `planted_in`, holds."""
    number = draw(DECIMAL)
    before, after = (draw(st.lists(BLOCK, max_size=4)) for _ in range(2))
    holes = [draw(WORDS) for _ in range(3)]
    place = draw(st.integers(0, 2))
    left, right = draw(st.sampled_from([("", ""), ("a ", ""), ("", " a"), ("a ", " a")]))
    holes[place] = left + number + right
    block = draw(planted_in).format(*holes)
    text = TITLE + "\n".join([*before, block, *after])
    return text, number


PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PROPERTY
@given(documents(PROSE))
def test_a_decimal_planted_in_prose_is_always_found_where_it_stands(document):
    text, number = document
    findings = [f for f in lint_text(text) if f.rule == "DL001"]
    (finding,) = findings
    assert finding.what == number or re.fullmatch(rf"{number} [a-z]+", finding.what)  # a word may be a unit
    assert text.splitlines()[finding.line - 1][finding.column - 1 :].startswith(number)


@PROPERTY
@given(documents(SILENT))
def test_a_decimal_planted_in_code_or_maths_is_never_found(document):
    text, _ = document
    assert [f for f in lint_text(text) if f.rule in ("DL001", "DL002")] == []


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_at_all_is_linted_without_a_crash(text):
    lines = text.splitlines()
    for finding in lint_text(text):
        assert finding.rule in RULES
        assert 1 <= finding.line <= max(len(lines), 1)


@given(st.text("0123456789.,%sx e-^timesfaster", max_size=60))
def test_spans_are_ordered_apart_and_inside_the_text(text):
    spans = typed_in(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


# --- Command line -------------------------------------------------------------------------------------


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dlbook.site.lint", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_lints_the_book_folder_and_fails_on_errors(tmp_path):
    book = tmp_path / "book" / "part"
    book.mkdir(parents=True)
    (book / "good.md").write_text(CHAPTER, encoding="utf-8")
    (tmp_path / "book" / "_static").mkdir()
    (tmp_path / "book" / "_static" / "skipped.md").write_text("0.5", encoding="utf-8")
    done = run(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "lint: 1 file, 0 errors, 0 warnings\n"

    (book / "bad.md").write_text("# T\n\n0.5\n", encoding="utf-8")
    done = run(cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{Path('book/part/bad.md')}:3:1: DL001 typed-in result")
    assert done.stdout.endswith("lint: 2 files, 1 error, 0 warnings\n")


def test_warnings_alone_do_not_fail(tmp_path, capsys):
    file = tmp_path / "a.md"
    file.write_text(page("record(a=1)"), encoding="utf-8")
    assert main([str(file)]) == 0
    assert "DL302 warning: " in capsys.readouterr().out


def test_a_path_that_cannot_be_read_is_said_so(tmp_path, capsys):
    assert main([str(tmp_path / "missing.md")]) == 2
    assert "missing.md: no such file" in capsys.readouterr().err
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    assert main([str(tmp_path / "latin.md")]) == 2
    assert "latin.md" in capsys.readouterr().err


def test_findings_sort_by_place():
    assert sorted([Finding(2, 1, "DL001"), Finding(1, 9, "DL203"), Finding(1, 2, "DL401")])[0].column == 2


def test_the_linter_reads_pages_with_the_extensions_of_the_book():
    import yaml

    from dlbook.site.lint.page import EXTENSIONS

    config = yaml.safe_load((Path(__file__).parents[2] / "_config.yml").read_text(encoding="utf-8"))
    assert set(config["parse"]["myst_enable_extensions"]) == EXTENSIONS
