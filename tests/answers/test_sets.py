"""Sets: the same elements are right in any notation; missing, extra and boundary elements are told apart."""

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
x = { tex = 'x' }
eta = { tex = '\eta', domain = "positive" }
L = { tex = 'L', domain = "positive" }
a = { tex = 'a' }
n = { tex = 'n', domain = "natural" }
"""


def make(answer: str, variable: str = "", more: str = "") -> Key:
    text = f'{HEAD}\n[keys.k]\nexercise = "e"\nkind = "set"\nprompt = "p"\n'
    text += 'symbols = ["x", "eta", "L", "a", "n"]\n'
    if variable:
        text += f'variable = "{variable}"\n'
    return load(f"{text}answer = {answer!r}\n{more}")["t/k"]


@pytest.mark.parametrize(
    ("answer", "typed", "variable"),
    [
        ("{0, 1}", "{1, 0}", ""),
        ("{0, 1}", "{0, 1, 1}", ""),
        ("{0, 1}", "{0} U {1}", ""),
        ("{0, 1}", "0 or 1", ""),
        ("{-1, 1}", "x = 1 or x = -1", "x"),
        ("{sqrt(2)}", "{2^(1/2)}", ""),
        ("[0, 1]", "[0, 0.5] U [0.5, 1]", ""),
        ("[0, 1]", "[0, 1) U {1}", ""),
        ("[0, 1]", "{0} U (0, 1) U {1}", ""),
        ("[0, 1]", "[0, 0.7] U [0.2, 1]", ""),
        ("[0, 1)", "[0, 1[", ""),
        ("(0, 1)", "]0, 1[", ""),
        ("[0, 1]", "0 <= x <= 1", "x"),
        ("[0, 1]", "1 >= x >= 0", "x"),
        ("0 < eta < 2/L", "(0, 2/L)", "eta"),
        ("0 < eta < 2/L", "eta < 2/L", "eta"),
        ("0 < eta < 2/L", "eta L < 2", "eta"),
        ("0 < eta < 2/L", "2/L > eta", "eta"),
        ("0 < eta < 2/L", "0 < L eta/2 < 1", "eta"),
        ("(-inf, a)", "x < a", "x"),
        ("(-inf, inf)", "(-inf, 0) U {0} U (0, inf)", ""),
        ("{}", "(1, 0)", ""),
        ("[a, a]", "{a}", ""),
        ("(a, inf)", "x > a", "x"),
        ("{(0, 1), (1, 0)}", "{(1, 0), (0, 1)}", ""),
        ("{a, a + 1}", "{1 + a, a}", ""),
        ("x >= 0", "[0, inf)", "x"),
        ("[0, 1]", "S = [0, 1]", ""),
        ("{0, 1}", "{0, 2/2}", ""),
        ("{}", "∅", ""),
        ("[0, inf)", "[0, inf]", ""),
    ],
)
def test_the_same_set_is_right_in_any_notation(answer: str, typed: str, variable: str) -> None:
    verdict = mark(make(answer, variable), typed)
    if typed.startswith("S ="):
        assert verdict.right or verdict.status == "unreadable"
        return
    assert verdict.right, verdict
    assert verdict.understood


@pytest.mark.parametrize(
    ("answer", "typed", "variable", "status", "mistake"),
    [
        ("{0, 1}", "{0}", "", "almost", "generic-missing-element"),
        ("{0, 1}", "0", "", "almost", "generic-missing-element"),
        ("{0}", "0", "", "almost", "generic-braces"),
        ("{0, 1}", "{0, 1, 2}", "", "wrong", "generic-extra-element"),
        ("{0, 1}", "{0, 2}", "", "wrong", "generic-set-overlap"),
        ("{0, 1}", "{2, 3}", "", "wrong", ""),
        ("{1, 2}", "{-1, -2}", "", "wrong", "generic-set-sign"),
        ("[0, 1]", "(0, 1)", "", "almost", "generic-ends"),
        ("(0, 1]", "[0, 1)", "", "almost", "generic-ends"),
        ("[0, 2]", "[0, 1) U (1, 2]", "", "almost", "generic-ends"),
        ("[0, 1]", "{0, 1}", "", "wrong", "generic-between"),
        ("{0, 1}", "[0, 1]", "", "wrong", "generic-only-ends"),
        ("[0, 1]", "[0, 2]", "", "wrong", "generic-one-end"),
        ("[0, 1]", "[-1, 1]", "", "wrong", "generic-one-end"),
        ("[0, 1]", "[-1, 0]", "", "wrong", "generic-set-sign"),
        ("[0, 3]", "[1, 2]", "", "wrong", "generic-too-small"),
        ("[1, 2]", "[0, 3]", "", "wrong", "generic-too-large"),
        ("[0, 2]", "[1, 3]", "", "wrong", "generic-set-overlap"),
        ("[0, 1]", "[5, 6]", "", "wrong", ""),
        ("[0, 1]", "{}", "", "wrong", "generic-empty"),
        ("0 < eta < 2/L", "eta > 2/L", "eta", "wrong", "generic-outside"),
        ("0 < eta < 2/L", "eta <= 2/L", "eta", "almost", "generic-ends"),
        ("[0, 1]", "0", "", "wrong", "generic-too-small"),
        ("0 < eta < 2/L", "(0, 1/L)", "eta", "wrong", "generic-one-end"),
        ("{(0, 1), (1, 0)}", "{(0, 1)}", "", "almost", "generic-missing-element"),
        ("{(0, 1), (1, 0)}", "{(0, 0), (1, 1)}", "", "wrong", ""),
        ("{(0, 1)}", "{0, 1}", "", "wrong", ""),
        ("{a}", "{log(a)}", "", "wrong", "generic-undefined"),
        ("{0, 1}", "((0, 1), (1, 0))", "", "unreadable", ""),
        ("{0, 1}", "x > 0", "", "unreadable", ""),
        ("x > 0", "x != 0", "x", "unreadable", ""),
        ("x > 0", "x^2 > 1", "x", "unreadable", ""),
        ("x > 0", "a > 0", "x", "unreadable", ""),
        ("x > 0", "1/x > 0", "x", "unreadable", ""),
        ("{0, 1}", "9^9^9^9", "", "undecided", ""),
        ("x > 0", "0 x > 1", "x", "unreadable", ""),
        ("{0, 1}", "{0, 1e-25, 1}", "", "wrong", "generic-extra-element"),
    ],
)
def test_other_sets_are_told_what_to_look_at(
    answer: str, typed: str, variable: str, status: str, mistake: str
) -> None:
    verdict = mark(make(answer, variable), typed)
    assert (verdict.status, verdict.mistake) == (status, mistake), verdict
    assert verdict.message


def test_the_number_of_missing_elements_is_told_but_not_which() -> None:
    message = mark(make("{3, 7, 11}"), "{7}").message
    assert "2 elements" in message
    assert "3" not in message
    assert "11" not in message


def test_modelled_mistakes_are_recognised_in_any_notation() -> None:
    more = '[[keys.k.mistakes]]\nanswer = "{0, 1}"\nsays = "All between, too."\n'
    assert mark(make("[0, 1]", "", more), "1 or 0").message == "All between, too."


def test_made_up_answers_are_wrong_and_the_keys_own_are_not() -> None:
    for answer, variable in (
        ("[0, 1]", ""),
        ("{-1, 1}", ""),
        ("0 < eta < 2/L", "eta"),
        ("{(0, 1), (1, 0)}", ""),
    ):
        key = make(answer, variable)
        others = KINDS["set"].other_answers(key, random.Random(5), 20)
        assert len(others) == 20
        assert not any(mark(key, text).right for text in others)
        assert all(mark(key, text).status in ("wrong", "almost") for text in others)
        assert all(mark(key, text).right for text in KINDS["set"].right_answers(key))


@pytest.mark.parametrize(
    ("answer", "variable", "more", "words"),
    [
        ("[0, 1]", "k", "", "no symbol"),
        ("[0, 1]", "n", "", "domain"),
        ("{log(-eta)}", "", "", "fewer than"),
        ("2 3", "", "", "answer"),
        ("[0, 1]", "", 'also = ["(0, 1]"]', "not equal"),
        ("[0, 1]", "", '[[keys.k.mistakes]]\nanswer = "[0, 1) U {1}"\nsays = "s"', "is right"),
        (
            "[0, 1]",
            "",
            '[[keys.k.mistakes]]\nanswer = "{0, 1}"\nsays = "s"\n'
            '[[keys.k.mistakes]]\nanswer = "{1, 0}"\nsays = "s"',
            "same set",
        ),
    ],
)
def test_keys_that_cannot_be_marked_by_are_refused(answer: str, variable: str, more: str, words: str) -> None:
    with pytest.raises(BadKeyError) as caught:
        make(answer, variable, more)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        "s in [0, 1]",
        "s ∈ [0, 1]",
        r"s \in [0, 1]",
        "{s | 0 <= s <= 1}",
        "{s : 0 <= s <= 1}",
        r"\{s \mid 0 \le s \le 1\}",
        "s >= 0 and s <= 1",
    ],
)
def test_a_set_may_be_written_as_what_its_elements_are(answer):
    assert mark(find("backprop/corner-slopes"), answer).right
