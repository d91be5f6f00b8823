"""Every displayed equation says what it is: the linter finds those that do not, wherever they stand."""

from pathlib import Path

import pytest

from dlbook.site.lint import lint_file, lint_text
from dlbook.site.lint.equations import cite_keys, kind_of, known_keys
from dlbook.site.lint.page import read_page

KEYS = {"gauss1801", "noether1918"}


def found(text: str, keys: set[str] | None = KEYS) -> list[tuple[int, str]]:
    """Line and rule of what the linter says of a page's equations."""
    findings = lint_text("# Title\n\n" + text, keys)
    return [(f.line, f.rule) for f in findings if f.rule.startswith("DL5")]


def math(options: str = "", body: str = "a = b", fence: str = "```") -> str:
    return f"{fence}{{math}}\n{options}{body}\n{fence}\n"


DEFINITION = math(":class: definition\n")
CITED = math(":class: cited\n")

GOOD = {
    "no equation": "Nothing but words.\n",
    "inline maths": "It is $a = b$, or {math}`c = d`.\n",
    "inline maths over two lines": "It is $a =\nb$ here.\n",
    "dollars that are money": "It costs 5\\$ or 6\\$, not $$ at all.\n",
    "definition": DEFINITION,
    "definition with a label": math(":label: eq-a\n:class: definition\n"),
    "definition with the label last": math(":class: definition\n:label: eq-a\n"),
    "definition with another class": math(":class: wide definition\n"),
    "definition with YAML options": math("---\nlabel: eq-a\nclass: definition\n---\n"),
    "definition between colons": math(":class: definition\n", fence=":::"),
    "definition of several lines": math(
        ":class: definition\n\n", "\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}"
    ),
    "definition in a note": "````{note}\n" + DEFINITION + "````\n",
    "definition in an exercise": "````{exercise} Try\n:label: e\n\n"
    + DEFINITION
    + "````\n\n```{solution} e\nIt is.\n```\n",
    "definition in a list": "- so\n\n  ```{math}\n  :class: definition\n  a\n  ```\n",
    "cited before": "As {cite}`gauss1801` shows,\n\n" + CITED,
    "cited after": CITED + "\nwhich is in {cite:t}`gauss1801`.\n",
    "cited with a page": "See {cite:p}`{see}gauss1801{p. 3}`.\n\n" + CITED,
    "cited with several keys, one known": "See {cite}`other, noether1918`.\n\n" + CITED,
    "cited in a note": "````{note}\nSee {cite}`gauss1801`.\n\n" + CITED + "````\n",
    "cited twice around one paragraph": CITED + "\nBoth are in {cite}`gauss1801`.\n\n" + CITED,
    "an example of markup": "````md\n$$ a = b $$\n\n```{math}\na\n```\n````\n",
    "code that holds dollars": "```python\nx = '$$ a $$'\n```\n",
    "a code span that holds dollars": "Write `$$ a $$` here.\n",
    "a comment": "% $$ a = b $$\n\n<!-- $$ a $$ -->\n",
    "reStructuredText that declares": "```{eval-rst}\n.. math::\n   :class: definition\n\n   a = b\n```\n",
    "reStructuredText that cites": "```{eval-rst}\nBy :cite:`gauss1801`:\n\n"
    ".. math::\n   :class: cited\n\n   a\n```\n",
}

BAD = {
    "dollars": ("$$\na = b\n$$\n", [(3, "DL501")]),
    "dollars on a line": ("Words.\n\n$$ a = b $$\n", [(5, "DL501")]),
    "dollars with a label": ("$$\na = b\n$$ (eq-a)\n", [(3, "DL501")]),
    "dollars in a paragraph": ("One line,\nand $$ a = b $$ here.\n", [(4, "DL501")]),
    "two of them in a paragraph": ("So $$a$$\nand $$a$$ too.\n", [(3, "DL501"), (4, "DL501")]),
    "dollars in a list": ("- one\n- two\n\n  $$ a $$\n", [(6, "DL501")]),
    "dollars in a quotation": ("> said\n>\n> $$\n> a\n> $$\n", [(5, "DL501")]),
    "dollars in a table": ("| a | b |\n|---|---|\n| $$c$$ | d |\n", [(5, "DL501")]),
    "dollars in a footnote": ("Text[^1].\n\n[^1]: It is $$ a $$.\n", [(5, "DL501")]),
    "dollars in a definition list": ("term\n: It is $$ a $$.\n", [(4, "DL501")]),
    "amsmath": ("\\begin{equation}\na = b\n\\end{equation}\n", [(3, "DL501")]),
    "amsmath that aligns": ("Text.\n\n\\begin{align*}\na &= b\n\\end{align*}\n", [(5, "DL501")]),
    "a bare directive": (math(), [(3, "DL501")]),
    "a label alone": (math(":label: definition\n"), [(3, "DL501")]),
    "equation as argument": ("```{math} a = b\n```\n", [(3, "DL501")]),
    "another class": (math(":class: wide\n"), [(3, "DL501")]),
    "a claim to be checked": (math(":class: checked\n"), [(3, "DL501")]),
    "a near miss": (math(":class: definitions\n"), [(3, "DL501")]),
    "class in the body": (math("\n:class: definition\n"), [(3, "DL501")]),
    "colons": (math(fence=":::"), [(3, "DL501")]),
    "tildes": (math(fence="~~~"), [(3, "DL501")]),
    "in a note": ("````{note}\nWords.\n\n" + math() + "````\n", [(6, "DL501")]),
    "in a figure's caption": (
        "```{figure} a.png\n:alt: A picture\n\nIt shows $$ a $$.\n```\n",
        [(6, "DL501")],
    ),
    "deep down": (":::::{note}\n::::{tip}\n$$ a $$\n::::\n:::::\n", [(5, "DL501")]),
    "in a tab": ("::::{tab-set}\n:::{tab-item} One\n\n$$\na\n$$\n:::\n::::\n", [(6, "DL501")]),
    "in an exercise": (
        "````{exercise}\n:label: e\n\n" + math() + "````\n\n```{solution} e\nSo.\n```\n",
        [(6, "DL501")],
    ),
    "in a gated solution": (
        "```{exercise} Try\n:label: e\nIt.\n```\n\n"
        "```{solution-start} e\n```\n$$ a $$\n```{solution-end}\n```\n",
        [(10, "DL501")],
    ),
    "glued": ("```{glue:math} name\n```\n", [(3, "DL501")]),
    "reStructuredText": ("```{eval-rst}\nWords.\n\n.. math::\n\n   a = b\n```\n", [(6, "DL501")]),
    "reStructuredText on one line": ("```{eval-rst}\n.. math:: a = b\n```\n", [(4, "DL501")]),
    "two kinds at once": (math(":class: cited definition\n"), [(3, "DL502")]),
    "cited without a source": ("Words.\n\n" + CITED + "\nMore words.\n", [(5, "DL503")]),
    "source two paragraphs before": ("See {cite}`gauss1801`.\n\nWords.\n\n" + CITED, [(7, "DL503")]),
    "source in a heading": ("## From {cite}`gauss1801`\n\n" + CITED, [(5, "DL503")]),
    "source in a note beside": ("```{note}\n{cite}`gauss1801`\n```\n\n" + CITED, [(7, "DL503")]),
    "source as code": ("Write ``{cite}`gauss1801` ``.\n\n" + CITED, [(5, "DL503")]),
    "a source that is unknown": ("See {cite}`unknown`.\n\n" + CITED, [(5, "DL504")]),
    "good and bad together": (
        DEFINITION + "\n$$ a $$\n\n" + DEFINITION + "\n" + math(),
        [(8, "DL501"), (15, "DL501")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_declared_equation_passes(text):
    assert found(text) == []


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_an_undeclared_equation_is_found_at_its_line(text, expected):
    assert found(text) == expected


def test_lines_are_right_below_front_matter_and_cells():
    head = (
        "---\njupytext:\n  text_representation:\n    format_name: myst\nkernelspec:\n  name: python3\n---\n"
    )
    text = head + "# T\n\n```{code-cell}\n---\ntags: [a]\n---\nx = 1\n```\n\n$$\na\n$$\n"
    (finding,) = [f for f in lint_text(text) if f.rule == "DL501"]
    assert text.splitlines()[finding.line - 1] == "$$"


def test_an_equation_in_a_paragraph_has_its_column():
    (finding,) = lint_text("# T\n\nSo $x$ and $$ a = b $$.\n")
    assert (finding.line, finding.column) == (3, 12)


def test_the_message_names_the_equation_and_both_remedies():
    (finding,) = lint_text("# T\n\n$$ \\frac{a}{b} = c $$\n")
    message = finding.render("page.md")
    assert message.startswith("page.md:3:1: DL501 ")
    for part in ("\\frac{a}{b} = c", "Derivation", ":class: definition", ":class: cited"):
        assert part in message


def test_without_a_bibliography_keys_are_not_compared():
    assert found("See {cite}`unknown`.\n\n" + CITED, keys=None) == []


def test_the_bibliography_of_the_book_is_found_above_the_page(tmp_path: Path):
    (tmp_path / "references.bib").write_text(
        "@comment{hidden, x}\n@string{p = {Press}}\n@book{gauss1801,\n title={T}}\n"
        "  @Article{a:b-c , title={U}}\n"
    )
    page = tmp_path / "part" / "page.md"
    page.parent.mkdir()
    page.write_text("# T\n\nSee {cite}`gauss1801`.\n\n" + CITED + "\n## H\n\nSee {cite}`hidden`.\n\n" + CITED)
    assert known_keys(page) == {"gauss1801", "a:b-c"}
    assert [(f.line, f.rule) for f in lint_file(page)] == [(14, "DL504")]


def test_kinds_are_counted_for_the_report():
    text = DEFINITION + "\n$$ a $$\n\n" + CITED + "\n{cite}`gauss1801`\n\n" + math(":class: wide\n")
    kinds = sorted(equation.kind for equation in read_page(text).equations)
    assert kinds == ["", "", "cited", "definition"]


@pytest.mark.parametrize(
    ("content", "keys"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b ", ["a", "b"]),
        ("{see}a{p. 3, 4}, b", ["a", "b"]),
        ("", []),
    ],
)
def test_keys_of_a_citation(content, keys):
    assert cite_keys(content) == keys


def test_only_the_class_declares():
    assert kind_of({"class": "definition"}) == "definition"
    assert kind_of({"label": "definition", "name": "cited"}) == ""
    assert kind_of({"class": "cited definition"}) == "both"
