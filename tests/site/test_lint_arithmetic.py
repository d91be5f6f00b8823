"""Numbers in formulas within a line: what is no setting and no arithmetic that comes out is found."""

import ast
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlbook.site.lint.arithmetic import bare_decimals, false_arithmetic
from dlbook.site.lint.check import lint_text

HEAD = "# Title\n\n"
TRUE = [
    r"2 - 0.1 \cdot 4 = 1.6",
    r"784 \cdot 128 + 128 + 128 \cdot 10 + 10 = 101{,}770",
    r"2^{20} = 1{,}048{,}576",
    r"p = 1/(1 + 1/3) = 3/4",
    r"2 \cdot \tfrac34 \cdot \tfrac34 \cdot \tfrac14 = 9/32",
    r"\sqrt{1/256} = 1/16, \sqrt2 \approx 1.41",
    r"0.1/\sqrt{0.01} = 1",
    r"-\log(1/1000) = \log 1000",
    r"\sigma(-2) = 1/(1 + e^2)",
    r"0.1 < 0.2 \le 2/10 < 1",
    r"1/3 \approx 0.333 \ne 1/3",
    r"50{,}000/128 \approx 391",
]
FALSE = [
    r"2 - 0.1 \cdot 4 = 1.5",
    r"784 \cdot 128 + 128 + 128 \cdot 10 + 10 = 101{,}771",
    r"p = 1/(1 + 1/3) = 3/5",
    r"\sqrt2 = 1.41",
    r"\sqrt2 \approx 1.42",
    r"1/3 \approx 0.34",
    r"50{,}000/128 \approx 390",
    r"a = 2 + 2 = 5 = b",
    r"0.2 \le 0.1",
    r"(2 < 1) = 1",
    r"0.2 < 1/5",
    r"1/2 \ne 0.5",
    r"x = 1, 2 + 2 = 5",
    r"x = 0.7 \quad 1 - 0.7 = 0.4",
]
SILENT = [
    *(
        r"\eta = 0.1",
        r"\eta := 0.1",
        r"w_{11} = 0.2",
        r"\hat y = 0.5",
        r"\hat{y}_1 = 0.5",
        r"\beta_1 = 0.9",
        "g' = 0.5",
        "(-1.2, 1)",
    ),
    *(
        "f(x) = x^2",
        "x",
        "",
        "3",
        r"\tfrac{1}{",
        "2 = ",
        r"0.8^t \le 0.001",
        r"\sqrt{0.9}",
        "1/0 = 2",
        "9^{9^{9^9}} = 2",
    ),
]
BARE = [
    *(("0.36", "0.36"), ("-1.4", "-1.4"), (r"\,0.6", "0.6"), ("1{,}234.5", "1{,}234.5"), ("= 0.36", "0.36")),
    *(("f(2) = 1.36", "1.36"), ("x y = 0.5", "0.5"), (r"w - \eta g \approx 1.36", "1.36")),
    *((r"\sigma(x) = 0.73", "0.73"), ("a = b c = 0.5 < 1", "0.5"), ("1/0 = 0.5", "0.5")),
]


@pytest.mark.parametrize("latex", TRUE)
def test_arithmetic_that_comes_out_passes(latex):
    assert (false_arithmetic(latex), bare_decimals(latex)) == ([], [])


@pytest.mark.parametrize("latex", FALSE)
def test_arithmetic_that_does_not_come_out_is_found(latex):
    (statement,) = false_arithmetic(latex)
    assert statement in latex.replace(r"\tfrac", r"\frac")
    (finding,) = lint_text(f"{HEAD}Words, and ${latex}$ is next.")
    assert (finding.rule, finding.line, finding.column) == ("DL004", 3, 13)


@pytest.mark.parametrize("latex", SILENT)
def test_settings_and_what_holds_symbols_say_nothing(latex):
    assert (false_arithmetic(latex), bare_decimals(latex)) == ([], [])


@pytest.mark.parametrize(("latex", "number"), BARE)
def test_a_decimal_that_comes_from_nowhere_is_found(latex, number):
    assert bare_decimals(latex) == [number]
    (finding,) = lint_text(f"{HEAD}| place | value |\n|---|---|\n| here | ${latex}$ |")
    assert (finding.rule, finding.what, finding.line) == ("DL005", number, 5)


def test_formulas_are_found_in_captions_solutions_and_headings():
    wrong = "$2 + 2 = 5$"
    for text in (
        f"{HEAD}## Why {wrong}",
        f"{HEAD}```{{solution-start}} a\n```\nSo {wrong}.",
        f"{HEAD}```{{figure}} a.svg\n:alt: an a\n\nWhere {wrong}\n```",
        f"{HEAD}- one\n- {wrong}\n  two",
    ):
        assert "DL004" in {finding.rule for finding in lint_text(text)}, text


def test_code_and_displayed_equations_are_others_business():
    display = "```{math}\n:class: definition\n2 + 2 = 5\n```"
    assert lint_text(f"{HEAD}Type `$2 + 2 = 5$`.\n\n{display}") == []


NUMBER = st.builds(
    lambda n, places: f"{Decimal(n).scaleb(-places):f}", st.integers(0, 9999), st.integers(0, 3)
)
SUM = st.recursive(
    NUMBER,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=5,
)


def _exactly(text: str) -> Fraction:
    """Python's own reading of the sum, number by number: the oracle."""

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            a, b = value(node.left), value(node.right)
            return a + b if isinstance(node.op, ast.Add) else a - b if isinstance(node.op, ast.Sub) else a * b
        return Fraction(ast.get_source_segment(text, node))

    return value(ast.parse(text, mode="eval").body)


def _typed(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


@given(SUM, st.integers(-9, 9), st.integers(0, 4))
def test_any_sum_passes_with_its_value_and_with_no_other(text, off, places):
    latex = text.replace("*", r"\cdot")
    right = _exactly(text)
    wrong = right + Fraction(off, 10**places)
    assert false_arithmetic(f"{latex} = {_typed(right)}") == []
    assert bool(false_arithmetic(f"{latex} = {_typed(wrong)}")) == (off != 0)


@given(st.text(r"\{}()=<>.,0123456789abc^_ +-*/", max_size=40))
def test_no_formula_at_all_is_a_reason_to_crash(latex):
    false_arithmetic(latex), bare_decimals(latex)
