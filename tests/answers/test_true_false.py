"""Statements: the verdict and the reason both count."""

from random import Random

import pytest

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

HEAD = 'chapter = "c"\n[keys.k]\nexercise = "ex"\nkind = "true-false"\nprompt = "p"\n'
REASONS = """answer = false
reasons = [
    { text = "one", says = "One is beside the point." },
    { text = "two", right = true },
    { text = "three", says = "Three is not so." },
]
mistakes = [
    { answer = "true a", says = "One would make it true, but does not hold." },
    { answer = true, says = "Think of zero." },
]
"""


def key(fields: str) -> Key:
    return load(HEAD + fields)["c/k"]


@pytest.mark.parametrize(
    "answer",
    [
        "false b",
        "F, b",
        "false because b",
        "no b",
        "wrong: b",
        "False (B)",
        "fb",
        "not true, b",
        "It is false since (b).",
        "n b",
    ],
)
def test_verdict_and_reason_are_right_however_they_are_written(answer: str) -> None:
    assert mark(key(REASONS), answer).right


@pytest.mark.parametrize("answer", ["true", "TRUE", "t", "yes", "Y", "right", "correct", "true."])
def test_a_bare_verdict_is_enough_where_no_reasons_are_listed(answer: str) -> None:
    assert mark(key("answer = true"), answer).right
    assert mark(key("answer = false"), answer).status == "wrong"


def test_a_right_verdict_for_a_wrong_reason_is_almost() -> None:
    verdict = mark(key(REASONS), "false c")
    assert verdict.status == "almost"
    assert "Three is not so." in verdict.message


def test_a_right_verdict_without_a_reason_asks_for_one() -> None:
    assert mark(key(REASONS), "false").mistake == "generic-no-reason"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [("true a", "mistake-1"), ("true", "mistake-2"), ("true b", "mistake-2"), ("true c", "mistake-2")],
)
def test_a_wrong_verdict_has_the_word_of_its_mistake(answer: str, mistake: str) -> None:
    verdict = mark(key(REASONS), answer)
    assert (verdict.status, verdict.mistake) == ("wrong", mistake)


def test_without_a_modelled_mistake_a_contradiction_is_told() -> None:
    plain = key(REASONS[: REASONS.index("mistakes")])
    assert mark(plain, "true b").mistake == "generic-contradiction"
    assert mark(plain, "true a").mistake == "generic-verdict"


@pytest.mark.parametrize(
    "answer", ["b", "maybe", "false d", "false b c", "true or false", "untruee", "0", "falsch", "ff"]
)
def test_anything_else_is_told_how_to_answer(answer: str) -> None:
    verdict = mark(key(REASONS), answer)
    assert verdict.status == "unreadable"
    assert "a to c" in verdict.message


def test_a_reason_is_refused_where_none_are_listed() -> None:
    assert mark(key("answer = true"), "true a").status == "unreadable"


def test_the_reasons_are_shown_with_their_letters() -> None:
    assert KINDS["true-false"].choices(key(REASONS)) == [("a", "one"), ("b", "two"), ("c", "three")]


def test_other_answers_are_readable_and_never_right() -> None:
    others = KINDS["true-false"].other_answers(key(REASONS), Random(1), 50)
    assert {mark(key(REASONS), text).status for text in others} <= {"wrong", "almost"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("", "needs answer = true or answer = false"),
        ('answer = "true"', "needs answer = true or answer = false"),
        (REASONS.replace("right = true", 'says = "no"'), "one of them needs right = true"),
        (REASONS.replace(', says = "Three is not so."', ""), "reasons: c: is wrong and needs says"),
        (REASONS.replace("answer = true,", "answer = false,"), "is the right verdict"),
        (REASONS.replace('"true a"', '"false b"'), "the right answer 'false b' would be told"),
        (REASONS.replace('"true a"', '"true z"'), "neither true nor false"),
    ],
)
def test_a_key_with_a_fault_is_refused_by_name_and_field(fields: str, words: str) -> None:
    with pytest.raises(BadKeyError, match="keys: k: ") as error:
        key(fields)
    assert words in str(error.value)
