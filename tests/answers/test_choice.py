"""Options: every wrong one has its own word, and what is missing is counted, not named."""

from random import Random

import pytest

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

HEAD = '[keys.k]\nexercise = "ex"\nkind = "choice"\nprompt = "p"\npraise = "Well chosen."\nsee = "sec"\n'
OPTIONS = """options = [
    { text = "one", right = true },
    { text = "two", says = "Two is not." },
    { text = "three", says = "Three is not." },
]
"""
MANY = """many = true
options = [
    { text = "one", right = true },
    { text = "two", says = "Two is not." },
    { text = "three", right = true },
    { text = "four", says = "Four is not." },
    { text = "five", right = true },
]
mistakes = [{ answer = "b d", says = "Those are the opposites.", see = "sec-other" }]
"""


def key(fields: str) -> Key:
    return load(f'chapter = "c"\n{HEAD}{fields}')["c/k"]


@pytest.mark.parametrize("answer", ["a", "A", " a ", "(a)", "a)", "a.", "option a", "Answer: A"])
def test_one_right_letter_is_right_however_it_is_written(answer: str) -> None:
    verdict = mark(key(OPTIONS), answer)
    assert (verdict.status, verdict.message) == ("right", "Well chosen.")


@pytest.mark.parametrize(("answer", "says"), [("b", "Two is not."), ("c", "Three is not.")])
def test_every_wrong_option_has_its_own_word(answer: str, says: str) -> None:
    verdict = mark(key(OPTIONS), answer)
    assert (verdict.status, verdict.message, verdict.see) == ("wrong", says, "sec")
    assert verdict.mistake == f"option-{answer}"


@pytest.mark.parametrize(
    "answer", ["d", "x", "two", "2", "a b", "abc", "a, c", "__proto__", "constructor", "🙂"]
)
def test_what_is_no_option_is_told_which_there_are(answer: str) -> None:
    verdict = mark(key(OPTIONS), answer)
    assert verdict.status == "unreadable"
    assert "letter" in verdict.message


@pytest.mark.parametrize(
    "answer", ["a c e", "e,c,a", "A C E", "a and c and e", "ace", "(a), (c) & (e)", "aacce"]
)
def test_many_right_options_may_be_written_in_any_order(answer: str) -> None:
    assert mark(key(MANY), answer).right


@pytest.mark.parametrize(("answer", "count"), [("a", "two more options are"), ("a e", "one more option is")])
def test_missing_options_are_counted_and_not_named(answer: str, count: str) -> None:
    verdict = mark(key(MANY), answer)
    assert verdict.status == "almost"
    assert count in verdict.message
    assert "`" not in verdict.message


def test_a_wrong_option_among_right_ones_is_told_by_its_own_word() -> None:
    assert mark(key(MANY), "a c d e").message == "Four is not."
    assert mark(key(MANY), "a b c e").mistake == "option-b"


def test_a_modelled_combination_goes_before_the_options_words() -> None:
    verdict = mark(key(MANY), "d b")
    assert (verdict.mistake, verdict.message, verdict.see) == (
        "mistake-1",
        "Those are the opposites.",
        "sec-other",
    )


def test_the_choices_are_shown_in_the_order_of_the_key() -> None:
    assert KINDS["choice"].choices(key(OPTIONS)) == [("a", "one"), ("b", "two"), ("c", "three")]


def test_other_answers_are_readable_and_never_right() -> None:
    for question in (key(OPTIONS), key(MANY)):
        statuses = {
            mark(question, text).status for text in KINDS["choice"].other_answers(question, Random(1), 50)
        }
        assert statuses <= {"wrong", "almost"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("", "options must be a list of 2 to 6"),
        (OPTIONS.replace(", right = true", ', says = "no"'), "0 have right"),
        (OPTIONS.replace('says = "Two is not."', "right = true"), "2 have right"),
        (OPTIONS.replace(', says = "Two is not."', ""), "options: b: is wrong and needs says"),
        (OPTIONS.replace("says", "say", 1), "unknown field say"),
        (OPTIONS.replace('text = "two", ', ""), "options: b: needs text"),
        (OPTIONS.replace("right = true", 'right = "yes"'), "right must be true or false"),
        (f'many = "no"\n{OPTIONS}', "many must be true or false"),
        (f'answer = "a"\n{OPTIONS}', "leave out answer"),
        (f'{OPTIONS}mistakes = [{{ answer = "a", says = "hm" }}]', "It is right"),
        (f'{OPTIONS}mistakes = [{{ answer = "z", says = "hm" }}]', "no letters"),
        (f"{MANY}".replace('"b d"', '"e c a"'), "It is right"),
    ],
)
def test_a_key_with_a_fault_is_refused_by_name_and_field(fields: str, words: str) -> None:
    with pytest.raises(BadKeyError, match="keys: k: ") as error:
        key(fields)
    assert words in str(error.value)
