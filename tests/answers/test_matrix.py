"""Matrices and vectors: right in value, whatever the form; wrong in shape, order or entry, and told which."""

from __future__ import annotations

import random

import pytest

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, find, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

HEAD = r"""
chapter = "t"
[symbols]
X = { tex = 'X', shape = ["B", "d"] }
D = { tex = '\Delta', shape = ["B", "h"] }
W = { tex = 'W', shape = ["d", "h"] }
Q = { tex = 'Q', shape = ["d", "d"] }
b = { tex = 'b', shape = ["h"] }
v = { tex = 'v', shape = ["d"] }
B = { tex = 'B', domain = "natural" }
x = { tex = 'x' }
eta = { tex = '\eta', domain = "positive" }
[functions]
phi = { tex = '\varphi' }
[sizes]
B = [3, 2]
d = [4, 5]
h = [2, 3]
"""
SYMBOLS = '"X", "D", "W", "Q", "b", "v", "B", "x", "eta", "phi"'


def make(answer: str, kind: str = "matrix", more: str = "", symbols: str = SYMBOLS) -> Key:
    text = f'{HEAD}\n[keys.k]\nexercise = "e"\nkind = "{kind}"\nprompt = "p"\nsymbols = [{symbols}]\n'
    return load(f"{text}answer = {answer!r}\n{more}")["t/k"]


@pytest.mark.parametrize(
    ("answer", "typed", "kind"),
    [
        ("X.T @ D", "X^T D", "matrix"),
        ("X.T @ D", r"X^\top \Delta", "matrix"),
        ("X.T @ D", "(D.T @ X).T", "matrix"),
        ("X.T @ D", "dL/dW = X.T @ D", "matrix"),
        ("phi(X @ W + b)", "phi(b + X W)", "matrix"),
        ("X.T @ D / B", "(1/B) X.T @ D", "matrix"),
        ("D * phi'(X W)", r"phi'(X W) \odot D", "matrix"),
        ("v b^T", "outer(v, b)", "matrix"),
        ("X @ v", "X v", "vector"),
        ("X @ v", "v @ X.T", "vector"),
        ("X @ v", "(X * v).sum(1)", "vector"),
        ("D.sum(0)", "sum(D, axis=0)", "vector"),
        ("v", "v.T", "vector"),
        ("[[1, 2], [3, 4]]", "[1 2; 3 4]", "matrix"),
        ("[[1, 2], [3, 4]]", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "matrix"),
        ("[[1, 2], [3, 4]]", "torch.tensor([[1., 2.], [3., 8/2]])", "matrix"),
        ("(1, -x, eta x)", "[1, -x, x eta]", "vector"),
        ("[[1, x], [0, 1]]", "[[1, 2x], [0, 1]] - [[0, x], [0, 0]]", "matrix"),
        ("W", "W + 0*b", "matrix"),
        ("inv(Q) @ v", "inv(Q) v", "vector"),
    ],
)
def test_equal_matrices_are_right_however_they_are_written(answer: str, typed: str, kind: str) -> None:
    verdict = mark(make(answer, kind), typed)
    assert verdict.right, verdict
    assert verdict.understood


@pytest.mark.parametrize(
    ("answer", "typed", "kind", "status", "mistake", "words"),
    [
        ("X.T @ D", "X @ D", "matrix", "wrong", "generic-clash", r"$B \times d$"),
        ("X.T @ D", "X * D", "matrix", "wrong", "generic-clash", "entry by entry"),
        ("X.T @ D", "X", "matrix", "wrong", "generic-shape", r"$B \times d$"),
        ("X.T @ D", "3", "matrix", "wrong", "generic-shape", "single number"),
        ("X.T @ D", "v", "matrix", "wrong", "generic-shape", "$d$ entries"),
        ("X.T @ D", "[[1, 2], [3, 4]]", "matrix", "wrong", "generic-shape", r"$2 \times 2$"),
        ("[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]", "matrix", "wrong", "generic-transpose", "transpose"),
        (
            "[[1, 2, 3], [4, 5, 6]]",
            "[[1, 4], [2, 5], [3, 6]]",
            "matrix",
            "wrong",
            "generic-transpose",
            "transpose",
        ),
        (
            "[[1, 2], [3, 4]]",
            "[[1, 2], [3, 7]]",
            "matrix",
            "wrong",
            "generic-entry",
            "3 of the 4 entries are right. Look at row 2",
        ),
        (
            "[[1, 2], [3, 4]]",
            "[[9, 8], [6, 4]]",
            "matrix",
            "wrong",
            "generic-entry",
            "1 of the 4 entries is right. Look at row 1",
        ),
        ("[[1, 2], [3, 4]]", "[[3, 4], [1, 2]]", "matrix", "wrong", "generic-rows-columns", "rows"),
        ("[[1, 2], [3, 4]]", "[[2, 1], [4, 3]]", "matrix", "wrong", "generic-rows-columns", "columns"),
        ("[[1, 2], [3, 4]]", "[[-1, -2], [-3, -4]]", "matrix", "wrong", "generic-sign", "sign"),
        ("[[1, 2], [3, 4]]", "[[2, 4], [6, 8]]", "matrix", "wrong", "generic-factor-2", "two"),
        ("[[1, 2], [3, 4]]", "{1, 2}", "matrix", "unreadable", "", "row by row"),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3]]", "matrix", "wrong", "generic-clash", "equally many"),
        ("[[1, 2], [3, 1/3]]", "[[1, 2], [3, 0.33]]", "matrix", "almost", "generic-rounded", "rounded"),
        ("(1, 2, 3)", "(2, 1, 3)", "vector", "wrong", "generic-rows-columns", "entries"),
        (
            "(1, 2, 3)",
            "(1, 2, 5)",
            "vector",
            "wrong",
            "generic-entry",
            "2 of the 3 entries are right. Look at entry 3",
        ),
        ("(1, 2, 3)", "(1, 2)", "vector", "wrong", "generic-shape", "$2$ entries"),
        ("(1, 2, 3)", "[[1], [2], [3]]", "vector", "almost", "generic-axis", "one axis"),
        ("(1, 2, 3)", "[[1, 2, 3]]", "vector", "almost", "generic-axis", "one axis"),
        ("(1, 2, 3)", "[[1, 2, 4]]", "vector", "wrong", "generic-shape", r"$1 \times 3$"),
        ("(1, 2, 3)", "[1, 2)", "vector", "unreadable", "", "(1, 2, 3)"),
        ("(1, 1/x)", "(1, log(x))", "vector", "wrong", None, ""),
    ],
)
def test_wrong_matrices_are_told_what_to_look_at(
    answer: str, typed: str, kind: str, status: str, mistake: str | None, words: str
) -> None:
    verdict = mark(make(answer, kind), typed)
    assert verdict.status == status, verdict
    assert mistake is None or verdict.mistake == mistake, verdict
    assert words in verdict.message


def test_sizes_are_not_mixed_up_where_their_numbers_happen_to_agree() -> None:
    # h = 2 and B = 2 at one instantiation each, d = 4 = 2 * 2: names decide, not numbers.
    verdict = mark(make("X.T @ D"), "X.T @ D.T")
    assert verdict.mistake == "generic-clash"


MODELLED = """
[[keys.k.mistakes]]
answer = "X @ D"
says = "X needs its transpose."
[[keys.k.mistakes]]
answer = "D.T @ X"
says = "The other way round."
[[keys.k.mistakes]]
answer = "X.T @ D / B"
says = "No mean here."
"""


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("X @ D", "mistake-1"),
        ("X D", ""),
        ("D^T X", "mistake-2"),
        ("(X^T D)^T", "mistake-2"),
        ("X.T @ D / B", "mistake-3"),
        ("(1/B) X^T D", "mistake-3"),
    ],
)
def test_modelled_mistakes_are_recognised_even_where_shapes_clash_or_differ(typed: str, mistake: str) -> None:
    verdict = mark(make("X.T @ D", more=MODELLED), typed)
    assert verdict.status == "wrong"
    assert verdict.mistake == (mistake or "generic-clash")


@pytest.mark.parametrize("kind", ["matrix", "vector"])
def test_made_up_answers_are_wrong_and_the_keys_own_are_not(kind: str) -> None:
    answer = {"matrix": "X.T @ D", "vector": "(1, x, -2)"}[kind]
    key = make(answer, kind, MODELLED if kind == "matrix" else "")
    others = KINDS[kind].other_answers(key, random.Random(5), 25)
    assert len(others) == 25
    assert all(mark(key, text).status == "wrong" for text in others)
    assert all(mark(key, text).right for text in KINDS[kind].right_answers(key))
    for i, text in KINDS[kind].mistaken_answers(key):
        assert mark(key, text).mistake == f"mistake-{i + 1}"


@pytest.mark.parametrize(
    ("answer", "kind", "more", "words"),
    [
        ("X @ v", "matrix", "", "the kind is matrix"),
        ("X", "vector", "", "the kind is vector"),
        ("X @ D", "matrix", "", "inner sizes"),
        ("{1, 2}", "vector", "", "set"),
        ("X.T @ D", "matrix", 'also = ["D.T @ X"]', "not equal"),
        ("X.T @ D", "matrix", '[[keys.k.mistakes]]\nanswer = "(D.T @ X).T"\nsays = "s"', "is right"),
        ("X.T @ D", "matrix", '[[keys.k.mistakes]]\nuses = ["X"]\nsays = "s"', "needs an answer"),
    ],
)
def test_keys_that_cannot_be_marked_by_are_refused(answer: str, kind: str, more: str, words: str) -> None:
    with pytest.raises(BadKeyError) as caught:
        make(answer, kind, more)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "answer", ["-1, 0, -1/2", "-1,0,-.5", r"\begin{pmatrix} -1 \\ 0 \\ -1/2 \end{pmatrix}"]
)
def test_the_brackets_of_a_vector_may_be_left_out_and_a_column_may_be_drawn(answer):
    assert mark(find("backprop/deltas"), answer).right


def test_without_brackets_a_wrong_vector_is_wrong_and_rubbish_is_rubbish():
    assert mark(find("backprop/deltas"), "1, 0, 1/2").status == "wrong"
    assert mark(find("backprop/deltas"), "-1 0 foo").status == "unreadable"


@pytest.mark.parametrize("typed", ["(2,9, -0,9)", "2,9 -0,9", "[2,9; -0,9]", "(2,9, 1)", " ( 2,9 ; 1 ) "])
def test_decimal_commas_in_a_vector_are_named(typed: str) -> None:
    verdict = mark(make("(2.9, -0.9)", "vector"), typed)
    assert verdict.status == "unreadable"
    assert "with a point" in verdict.message


@pytest.mark.parametrize("typed", ["(2,9)", "(2, 9)", "2, 9", "(29/10,-9/10)", "(2.9,-0.9)", "(2,9,1)"])
def test_commas_between_entries_are_no_decimal_commas(typed: str) -> None:
    assert mark(make("(2.9, -0.9)", "vector"), typed).status in ("right", "wrong")


def test_backticks_around_all_of_it_are_left_out() -> None:
    assert mark(make("X.T @ D"), "`X.T @ D`").right
