"""Mistakes that can happen in any formula are recognised, and the words about them do not give it away."""

from __future__ import annotations

import re

import pytest

from dlbook.answers.feedback.generic import MESSAGES
from dlbook.answers.keys import Key, load
from dlbook.answers.marking import mark

HEAD = r"""
chapter = "t"
[symbols]
s = { tex = 's' }
w = { tex = 'w_2' }
a = { tex = 'a_1' }
x = { tex = 'x_1' }
h = { tex = 'h_2' }
p = { tex = 'p', domain = "unit" }
c = { tex = 'c', domain = "positive" }
B = { tex = 'B', domain = "natural" }
X = { tex = 'X', shape = ["B", "d"] }
D = { tex = '\Delta', shape = ["B", "h"] }
S = { tex = 'S', shape = ["d", "d"] }
R = { tex = 'R', shape = ["d", "d"] }
[functions]
phi = { tex = '\varphi' }
[sizes]
B = [3, 2]
d = [4, 5]
h = [2, 3]
"""


def make(answer: str, kind: str = "expression") -> Key:
    symbols = '"s", "w", "a", "x", "h", "p", "c", "phi"'
    if kind == "matrix":
        symbols = '"X", "D", "S", "R", "B", "phi"'
    return load(
        f'{HEAD}\n[keys.k]\nexercise = "e"\nkind = "{kind}"\nprompt = "p"\n'
        f"symbols = [{symbols}]\nanswer = {answer!r}\n"
    )["t/k"]


CASES = [
    ("s w x", "-s w x", "generic-sign"),
    ("s - w", "w - s", "generic-sign"),
    ("p", "1 - p", "generic-complement"),
    ("-log(p)", "log(p)", "generic-sign"),
    ("s w", "2 s w", "generic-factor-2"),
    ("s w", "-s w / 2", "generic-factor-2"),
    ("s w", "7 s w", "generic-factor"),
    ("c/x", "x/c", "generic-inverse"),
    ("s w + 1", "s w", "generic-missing-term"),
    ("s w", "s w + 3", "generic-offset"),
    ("w/x", "x/w", "generic-inverse"),
    ("s w - x/h", "s h - x/w", "generic-swapped"),
    ("s w relu'(a)", "s h relu'(a)", "generic-wrong-symbol"),
    ("w exp(w)", "h exp(h)", "generic-wrong-symbol"),
    ("s w relu'(a)", "s w relu(a)", "generic-derivative"),
    ("tanh'(s) x", "tanh(s) x", "generic-derivative"),
    ("phi'(s) x", "phi(s) x", "generic-derivative"),
    ("phi(s) x", "phi'(s) x", "generic-derivative"),
    ("x sin(s)", "x cos(s)", "generic-function"),
    ("max(s, x)", "min(s, x)", "generic-function"),
    ("s + w/x", "s + x/w", "generic-upside-down|generic-swapped"),
    ("s + w/x", "s + w x", "generic-upside-down"),
    ("s w - x h", "s w + x h", "generic-inner-sign"),
    ("exp(-s) x", "exp(s) x", "generic-inner-sign"),
    ("(s - w) relu'(a) x", "(s - w) x", "generic-missing-factor"),
    ("s + w x", "s + w", "generic-missing-factor"),
    ("s w relu'(a)", "s w relu'(a) x", "generic-extra-factor"),
    ("s w", "s w / x", "generic-extra-factor"),
    ("s w + x h + a", "s w + a", "generic-missing-term"),
    ("s w", "s w - x", "generic-extra-term"),
    ("s^2 w", "s w", "generic-missing-factor|generic-power"),
    ("s^2 + w", "s + w", "generic-power"),
    ("s^3 + w", "s^2 + w", "generic-power"),
    ("s w + h", "s^2 w + h", "generic-power"),
    ("abs(s) x", "-abs(s) abs(x)", "generic-abs"),
    ("relu(s) + x", "s + x", "generic-partly|generic-function"),
    ("s w x", "s w + exp(a)", "generic-missing-symbol"),
    ("s w", "s w exp(x) + x", "generic-extra-symbol"),
    ("phi(s) + w", "phi'(s) + w", "generic-derivative"),
]


@pytest.mark.parametrize(("answer", "typed", "names"), CASES)
def test_generic_mistakes_are_recognised(answer: str, typed: str, names: str) -> None:
    verdict = mark(make(answer), typed)
    assert verdict.status == "wrong"
    assert verdict.mistake in names.split("|"), verdict


MATRIX_CASES = [
    ("X.T @ D", "D.T @ X", "generic-transpose"),
    ("X.T @ D", "-X.T @ D", "generic-sign"),
    ("X.T @ D / B", "X.T @ D", "generic-mean"),
    ("X.T @ D", "X.T @ D / B", "generic-mean"),
    ("X.T @ D", "X.T * D", "generic-star"),
    ("S @ R", "S * R", "generic-star"),
    ("S * R", "S @ R", "generic-at"),
    ("S * R", "S R", "generic-at"),
    ("S @ R", "R @ S", "generic-swapped|generic-order"),
    ("X.T @ D", "X @ D", "generic-clash"),
    ("S.T @ R", "S @ R", "generic-inner-transpose"),
    ("X.T @ D", "X", "generic-shape"),
    ("X.T @ D", "5", "generic-shape"),
    ("phi(S @ R)", "phi(S * R)", "generic-star"),
    ("S @ R @ S", "S * R * S", "generic-star"),
    ("X.T @ D", "2 X.T @ D", "generic-factor-2"),
    ("S + R", "S - R", "generic-inner-sign"),
    ("phi'(S) * R", "phi(S) * R", "generic-derivative"),
]


@pytest.mark.parametrize(("answer", "typed", "names"), MATRIX_CASES)
def test_generic_mistakes_with_matrices_are_recognised(answer: str, typed: str, names: str) -> None:
    verdict = mark(make(answer, "matrix"), typed)
    assert verdict.status == "wrong"
    assert verdict.mistake in names.split("|"), verdict


def test_the_wrong_symbol_that_is_named_is_the_one_that_was_typed() -> None:
    message = mark(make("s w relu'(a)"), "s h relu'(a)").message
    assert "h_2" in message
    assert "w_2" not in message


@pytest.mark.parametrize(("answer", "typed", "names"), CASES)
def test_messages_never_contain_the_right_answer(answer: str, typed: str, names: str) -> None:
    message = mark(make(answer), typed).message
    squeezed = re.sub(r"[\s$*]", "", message)
    if len(answer) > 1:
        assert re.sub(r"[\s*]", "", answer) not in squeezed
        assert answer not in message


def test_numbers_to_try_show_the_readers_own_value() -> None:
    verdict = mark(make("s w"), "s^3 + w^5")
    assert "s = 2" in verdict.message
    assert "w_2 = 3" in verdict.message
    assert "251" in verdict.message


def test_every_message_is_short_and_has_no_open_places_when_shown() -> None:
    for name, message in MESSAGES.items():
        assert name.startswith("generic-")
        assert 20 < len(message) < 200
    for answer, typed, _ in CASES:
        shown = mark(make(answer), typed).message
        assert "{symbol}" not in shown
        assert "{first}" not in shown
    assert "$B$" in mark(make("X.T @ D / B", "matrix"), "X.T @ D").message
