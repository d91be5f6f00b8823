"""Shapes: read as people write them, and told apart by what went wrong."""

from random import Random

import pytest

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark


def key(fields: str) -> Key:
    text = f'chapter = "c"\n[keys.k]\nexercise = "ex"\nkind = "shape"\nprompt = "p"\n{fields}'
    return load(text)["c/k"]


PLAIN = """answer = "(32, 10)"
mistakes = [
    { answer = "(32, 784)", says = "That is the input." },
    { answer = "(*, 1)", says = "One number for each?" },
]
"""
NAMED = 'answer = "(B, T*C, d_in)"\nnames = ["B", "T", "C", "d_in"]'


@pytest.mark.parametrize(
    "answer",
    [
        *("(32, 10)", "32x10", "32 x 10", "32X10", "32 × 10", "32×10", "[32,10]", "torch.Size([32, 10])"),
        *(
            "32 by 10",
            "32, 10",
            "32,10,",
            "(32, 10,)",
            "32 10",
            "{32, 10}",
            "torch.size((32,10))",
            "(32; 10)",
        ),
        *(
            "X.shape = (32, 10)",
            "shape: (32, 10)",
            "shape (32,10)",
            "（32，10）",
            "(32,\u00a010)",
            "\u200b(32, 10)",
        ),
        *("logits.shape == torch.Size([32, 10])", "tuple([32, 10])", "(3_2, 10)"),
    ],
)
def test_a_shape_is_read_as_people_write_it(answer: str) -> None:
    assert mark(key(PLAIN), answer).status == "right"


@pytest.mark.parametrize("answer", ["(128,)", "128", "(128)", "[128]", "128,", "torch.Size([128])"])
def test_a_vector_has_one_size(answer: str) -> None:
    assert mark(key('answer = "(128,)"'), answer).right


@pytest.mark.parametrize("answer", ["()", "[]", "torch.Size([])", "( )", "scalar", "a scalar"])
def test_a_scalar_has_the_empty_shape(answer: str) -> None:
    assert mark(key('answer = "()"'), answer).right
    assert mark(key(PLAIN), answer).mistake == "generic-axes"


@pytest.mark.parametrize(
    "answer", ["(B, T*C, d_in)", "B, C·T, d_in", "[B, TC, d_in]", "B x C*T x d_in", "(B,C * T,d_in)"]
)
def test_sizes_may_have_names_and_products_of_names(answer: str) -> None:
    assert mark(key(NAMED), answer).right


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("(32, 784)", "mistake-1"),
        ("(5, 1)", "mistake-2"),
        ("(32, 1)", "mistake-2"),
        ("(10, 32)", "generic-reversed"),
        ("(10,)", "generic-no-batch"),
        ("(32, 10, 1)", "generic-extra-axis"),
        ("(1, 32, 10)", "generic-extra-axis"),
        ("(320,)", "generic-flattened"),
        ("(64, 5)", "generic-same-count"),
        ("(32, 11)", "generic-size"),
        ("(31, 10)", "generic-size"),
        ("(7, 7)", "generic-sizes"),
        ("(7, 7, 7)", "generic-axes"),
        ("(7,)", "generic-axes"),
    ],
)
def test_a_wrong_shape_is_told_what_to_look_at(answer: str, mistake: str) -> None:
    verdict = mark(key(PLAIN), answer)
    assert (verdict.status, verdict.mistake) == ("wrong", mistake)
    assert "32" not in verdict.message
    assert "10" not in verdict.message


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("(28, 28, 1, 64)", "generic-reversed"),
        ("(28, 28, 64, 1)", "generic-permuted"),
        ("(64, 28, 28)", "generic-squeezed"),
        ("(64, 784)", "generic-flattened"),
        ("(1, 28, 28)", "generic-no-batch"),
        ("(64, 3, 28, 28)", "generic-size"),
    ],
)
def test_images_have_mistakes_of_their_own(answer: str, mistake: str) -> None:
    assert mark(key('answer = "(64, 1, 28, 28)"'), answer).mistake == mistake


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("(-1, 10)", "-1"),
        ("(32.0, 10)", "whole numbers"),
        ("(60,000, 10)", "without commas"),
        ("(32, 10", "brackets"),
        ("(32, 10]", "brackets"),
        ("32*10", "commas between"),
        ("(32,, 10)", "comma too many"),
        ("(a, b)", "as numbers"),
        ("hello world", "as numbers"),
        ("2^5, 10", "with commas between"),
        ("__proto__", ""),
        ("🙂", ""),
    ],
)
def test_what_is_no_shape_is_told_how_to_write_one(answer: str, words: str) -> None:
    verdict = mark(key(PLAIN), answer)
    assert verdict.status == "unreadable"
    assert words in verdict.message


def test_numbers_where_names_are_asked_are_almost_and_other_names_are_listed() -> None:
    assert mark(key(NAMED), "(2, 3, 4)").mistake == "generic-names"
    verdict = mark(key(NAMED), "(b, T*C, d_in)")
    assert verdict.status == "unreadable"
    assert "`B`, `T`, `C` and `d_in`" in verdict.message


def test_other_answers_are_readable_and_not_right() -> None:
    for question in (key(PLAIN), key(NAMED)):
        for text in KINDS["shape"].other_answers(question, Random(1), 50):
            assert mark(question, text).status in ("wrong", "almost")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("", "a shape is a text"),
        ("answer = 32", "a shape is a text"),
        ('answer = "(B, 10)"', "B in '(B, 10)' is not in names"),
        ('answer = "(3.5, 10)"', "is no size"),
        ('answer = "(x, 10)"\nnames = ["x"]', "take another name"),
        ('answer = "(32, 10)"\nnames = "B"', "names must be a list"),
        (PLAIN.replace("(32, 784)", "(32, 10)"), "It is right"),
        (PLAIN.replace("(*, 1)", "(32, 784)"), "mistake 2"),
        (PLAIN.replace("(32, 784)", "(*, *)"), "mistake 2"),
    ],
)
def test_a_key_with_a_fault_is_refused_by_name_and_field(fields: str, words: str) -> None:
    with pytest.raises(BadKeyError, match="keys: k: ") as error:
        key(fields)
    assert words in str(error.value)
