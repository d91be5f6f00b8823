"""Equations are right in every rearrangement that has the right solution and no other."""

from __future__ import annotations

import random

import pytest
import sympy

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, find, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

HEAD = r"""
chapter = "t"
[symbols]
w_new = { tex = 'w_{new}' }
w = { tex = 'w' }
g = { tex = 'g' }
m = { tex = 'm' }
eta = { tex = '\eta', domain = "positive" }
r = { tex = 'r', domain = "positive" }
A = { tex = 'A', shape = ["d", "h"] }
G = { tex = 'G', shape = ["d", "h"] }
A_new = { tex = 'A_{new}', shape = ["d", "h"] }
[sizes]
d = [2, 3]
h = [3, 4]
"""


def make(answer: str, unknown: str, symbols: str, more: str = "") -> Key:
    names = ", ".join(f'"{s}"' for s in symbols.split())
    text = f'{HEAD}\n[keys.k]\nexercise = "e"\nkind = "equation"\nprompt = "p"\nunknown = "{unknown}"\n'
    return load(f"{text}symbols = [{names}]\nanswer = {answer!r}\n{more}")["t/k"]


PLUS = '[[keys.k.mistakes]]\nanswer = "w_new = w + eta g"\nsays = "Plus climbs."\n'
STEP = make("w_new = w - eta g", "w_new", "w_new w g eta m", 'also = ["(w - w_new)/eta = g"]\n' + PLUS)


@pytest.mark.parametrize(
    "typed",
    [
        "w_new = w - eta g",
        "w - eta g = w_new",
        "w = w_new + eta g",
        "w_new - w + eta g = 0",
        "2 w_new = 2w - 2 eta g",
        "(w - w_new)/eta = g",
        "(w - w_new)/g = eta",
        "w_new/(w - eta g) = 1",
        "exp(w_new) = exp(w - eta g)",
        "w_new^3 = (w - eta g)^3",
        "eta (w_new - w + eta g) = 0",
        "tanh(w_new) = tanh(w - eta g)",
        "w_new := w - eta*g",
        "w_new = w - eta g = -(eta g - w)",
        "w_new == w - eta*g",
        "g = (w - w_new)/eta",
        "-w_new = eta g - w",
        "(w_new - w + eta g) (1 + w_new^2) = 0",
        "0 = w - eta g - w_new",
    ],
)
def test_every_rearrangement_is_right(typed: str) -> None:
    verdict = mark(STEP, typed)
    assert verdict.right, verdict
    assert verdict.understood


@pytest.mark.parametrize(
    ("typed", "status", "mistake"),
    [
        ("w_new = w + eta g", "wrong", "mistake-1"),
        ("w - w_new = -eta g", "wrong", "mistake-1"),
        ("(w_new - w)/eta = g", "wrong", "mistake-1"),
        ("exp(w_new) = exp(w + eta g)", "wrong", "mistake-1"),
        ("w + eta g", "wrong", "mistake-1"),
        ("w_new = eta g - w", "wrong", "generic-sign"),
        ("w_new = w - m g", "wrong", "generic-wrong-symbol"),
        ("w_new = w - g", "wrong", "generic-missing-factor"),
        ("w_new + g = w", "wrong", "generic-missing-factor"),
        ("w_new = w", "wrong", "generic-missing-term"),
        ("w_new = w - g/eta", "wrong", "generic-upside-down"),
        ("w_new = w_new", "wrong", "generic-any"),
        ("0 w_new = 0", "wrong", "generic-any"),
        ("w_new - w = w_new - w", "wrong", "generic-any"),
        ("w_new^2 = (w - eta g)^2", "wrong", "generic-extra-solution"),
        ("|w_new| = |w - eta g|", "wrong", "generic-extra-solution"),
        ("(w_new - w + eta g)(w_new - 3) = 0", "wrong", "generic-extra-solution"),
        ("(w_new - w + eta g)(w_new - 3)^2 = 0", "wrong", "generic-extra-solution"),
        ("w_new (w_new - w + eta g) = 0", "wrong", "generic-extra-solution"),
        ("log(w_new) = log(w - eta g)", "wrong", "generic-undefined"),
        ("w = 3", "wrong", "no-unknown"),
        ("0 = 0", "wrong", "no-unknown"),
        ("w - eta g", "almost", "no-equation"),
        ("w_new", "unreadable", ""),
        ("w_new < w", "unreadable", ""),
        ("w_new - w + eta g", "unreadable", ""),
        ("(w_new, w) = 3", "wrong|unreadable", None),
        ("w_new = w - eta g = w", "wrong", ""),
        ("w_new^2 = -1 - w^2", "wrong", ""),
        ("sin(w_new) = w", "wrong", ""),
        ("{1, 2}", "unreadable", ""),
        ("w_new = (1, 2)", "wrong|unreadable", None),
    ],
)
def test_other_equations_are_told_what_is_the_matter(typed: str, status: str, mistake: str | None) -> None:
    verdict = mark(STEP, typed)
    assert verdict.status in status.split("|"), verdict
    assert verdict.message
    assert mistake is None or verdict.mistake == mistake


def test_solutions_outside_the_domain_of_the_unknown_do_not_count() -> None:
    key = make("r = sqrt(eta)", "r", "r eta")
    assert mark(key, "r^2 = eta").right
    assert mark(key, "r^4 = eta^2").right
    assert mark(key, "r (r^2 - eta) = 0").right
    assert mark(key, "(r^2 - eta)(r - 2) = 0").mistake == "generic-extra-solution"


def test_nonlinear_equations_make_modelled_mistakes_too() -> None:
    more = '[[keys.k.mistakes]]\nanswer = "r = eta^2"\nsays = "Upside down."\n'
    key = make("r = sqrt(eta)", "r", "r eta", more)
    assert mark(key, "sqrt(r) = eta").mistake == "mistake-1"
    assert mark(key, "log(r) = 2 log(eta)").mistake == "mistake-1"


def test_equations_between_matrices_are_marked_too() -> None:
    key = make("A_new = A - eta G", "A_new", "A_new A G eta")
    assert mark(key, "A_new = A - eta*G").right
    assert mark(key, "A_new + eta G = A").right
    assert mark(key, "A - A_new = eta G").right
    assert mark(key, "A_new = A + eta G").mistake == "generic-inner-sign"
    assert mark(key, "A - A_new = -eta G").status == "wrong"
    assert mark(key, "A_new = A - eta G.T").status == "unreadable"
    assert mark(key, "0*A_new = 0*A").mistake == "generic-any"


@pytest.mark.parametrize("seed", range(6))
def test_equations_that_sympy_rearranges_stay_right(seed: int) -> None:
    rng = random.Random(seed)
    w, g, new = sympy.symbols("w g w_new", real=True)
    eta = sympy.Symbol("eta", positive=True)
    for _ in range(4):
        factor = rng.choice([sympy.Integer(3), eta, 1 + g**2, sympy.exp(w), -eta])
        term = rng.choice([w, new * 2, g * eta, sympy.Integer(5), eta**2])
        left, right = sympy.expand(factor * (new + term)), sympy.factor(factor * (w - eta * g + term))
        assert mark(STEP, f"{left} = {right}").right
        assert mark(STEP, f"{left} = {right} + 1").status == "wrong"


def test_made_up_answers_are_wrong_and_the_keys_own_are_not() -> None:
    kind = KINDS["equation"]
    others = kind.other_answers(STEP, random.Random(3), 30)
    assert len(others) == 30
    assert all(mark(STEP, text).status == "wrong" for text in others)
    assert all(mark(STEP, text).right for text in kind.right_answers(STEP))
    assert [(i, mark(STEP, text).mistake) for i, text in kind.mistaken_answers(STEP)] == [(0, "mistake-1")]


@pytest.mark.parametrize(
    ("answer", "unknown", "more", "words"),
    [
        ("w_new = w", "v", "", "unknown"),
        ("2 w_new = w", "w_new", "", "alone on one side"),
        ("w_new = w + w_new", "w_new", "", "alone on one side"),
        ("w - g", "w_new", "", "no equation"),
        ("w_new < g", "w_new", "", "no equation"),
        ("w_new = w", "w_new", 'also = ["w_new = g"]', "does not determine the same"),
        ("w_new = w", "w_new", '[[keys.k.mistakes]]\nanswer = "2w_new = g"\nsays = "s"', "alone on one side"),
        ("w_new = w", "w_new", '[[keys.k.mistakes]]\nanswer = "w_new = 2w - w"\nsays = "s"', "is right"),
        ("w_new = w", "w_new", '[[keys.k.mistakes]]\nuses = ["g"]\nsays = "s"', "needs an answer"),
    ],
)
def test_keys_that_cannot_be_marked_by_are_refused(answer: str, unknown: str, more: str, words: str) -> None:
    with pytest.raises(BadKeyError) as caught:
        make(answer, unknown, "w_new w g eta", more)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ("w = w - eta g", "almost", "line of code"),
        ("w := w - eta g", "almost", "line of code"),
        ("w = w + eta g", "wrong", "does not occur"),
        ("w - w_new = 2 eta g", "wrong", "factor of two"),
        ("w_new = w - 2 eta g", "wrong", "factor of two"),
    ],
)
def test_an_assignment_is_told_from_an_equation_and_a_solved_equation_from_its_parts(answer, status, words):
    verdict = mark(find("backprop/update"), answer)
    assert verdict.status == status
    assert words in verdict.message
