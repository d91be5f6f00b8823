"""Each key of the book marks as it promises: answers right, mistakes with their words, the rest wrong."""

import random

import pytest

from dlbook.answers import keys
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark, understood

KEYS = list(keys.all_keys().values())
named = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)

RUBBISH = ["", " ", "?", "xyzzy", "42 apples", "the gradient", "1,5", "((", "\\frac{", "\u2212", "\x00", "💣"]
HOSTILE = [
    "9**9**9**9",
    "9^9^9^9^9",
    "((((1000!)!)!)!)!",
    "__import__('os').system('true')",
    "().__class__.__bases__[0].__subclasses__()",
    "exec('raise SystemExit')",
    "lambda: 0",
    "open('/etc/passwd').read()",
    "1" * 1999,
    "(" * 1999,
    "x" * 1_000_000,
    "exp(" * 50 + "9" + ")" * 50,
    "1e999999999",
    "\ud800",
    "\u202e)0=x(",
    "a" + "\u0301" * 1000,
    "<script>alert(1)</script>",
    "{" * 30 + "}" * 30,
]


@named
def test_the_right_answer_and_each_equivalent_form_are_right(key):
    answers = KINDS[key.kind].right_answers(key)
    assert answers
    for answer in answers:
        verdict = mark(key, answer)
        assert verdict.right, f"{answer!r}: {verdict}"
        assert verdict.message == key.praise


@named
def test_a_formula_is_shown_as_it_will_be_understood(key):
    for answer in [
        *KINDS[key.kind].right_answers(key),
        *(a for _, a in KINDS[key.kind].mistaken_answers(key)),
    ]:
        expected = "" if key.kind == "number" else mark(key, answer).understood
        assert understood(key, answer) == expected, answer
    for answer in [*RUBBISH, *HOSTILE]:
        assert isinstance(understood(key, answer), str)


@named
def test_each_modelled_mistake_is_told_with_its_own_words(key):
    tried = KINDS[key.kind].mistaken_answers(key)
    assert {number for number, _ in tried} == set(range(len(key.mistakes)))
    for number, answer in tried:
        verdict = mark(key, answer)
        assert verdict.status in ("wrong", "almost"), f"{answer!r}: {verdict}"
        assert verdict.message == key.mistakes[number].says, answer
        assert verdict.mistake == f"mistake-{number + 1}"


@named
def test_other_answers_in_the_same_symbols_are_not_right(key):
    others = KINDS[key.kind].other_answers(key, random.Random(key.name), 40)
    assert others
    for answer in others:
        verdict = mark(key, answer)
        assert verdict.status in ("wrong", "almost"), f"{answer!r}: {verdict}"
        assert verdict.message


@named
@pytest.mark.parametrize("answer", RUBBISH + HOSTILE, ids=lambda text: ascii(text[:24]))
def test_rubbish_and_hostile_input_get_a_message(key, answer):
    verdict = mark(key, answer)
    assert not verdict.right
    assert verdict.message
    assert len(verdict.message) < 500
    if answer in ("", " "):
        assert verdict.status == "unreadable"


@named
def test_a_key_has_what_its_readers_need(key):
    assert key.hints, "no hints"
    assert key.see, "no section to read again"
    if key.kind in ("choice", "true-false"):
        return  # there each option has words of its own
    assert len(key.mistakes) >= 2, "at least two mistakes are modelled"
    for mistake in key.mistakes:
        assert len(mistake.says.split()) >= 5
