"""Formulas are right however they are written, wrong when they differ anywhere, and told what to look at."""

from __future__ import annotations

import random
import statistics
import time

import pytest
import sympy

from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark
from dlbook.answers.verdict import Verdict

HEAD = r"""
chapter = "t"
[symbols]
y_hat = { tex = '\hat y', domain = "unit" }
y = { tex = 'y', domain = "binary" }
w = { tex = 'w' }
a = { tex = 'a' }
x = { tex = 'x' }
h = { tex = 'h' }
z = { tex = 'z' }
p = { tex = 'p', domain = "positive" }
q = { tex = 'q', domain = "nonnegative" }
n = { tex = 'n', domain = "natural" }
u = { tex = 'u', shape = ["d"] }
v = { tex = 'v', shape = ["d"] }
[functions]
phi = { tex = '\varphi' }
[sizes]
d = [3, 4]
"""


def make(answer: str, symbols: str = "x", more: str = "") -> Key:
    names = ", ".join(f'"{s}"' for s in symbols.split())
    text = f'{HEAD}\n[keys.k]\nexercise = "e"\nkind = "expression"\nprompt = "p"\n'
    return load(f"{text}symbols = [{names}]\nanswer = {answer!r}\n{more}")["t/k"]


def said(answer: str, typed: str, symbols: str = "x", more: str = "") -> Verdict:
    return mark(make(answer, symbols, more), typed)


RIGHT = [
    ("abs(x)", "sqrt(x^2)", "x"),
    ("abs(x)", "max(x, -x)", "x"),
    ("abs(x)", "x sign(x)", "x"),
    ("abs(x)", "x^2/|x|", "x"),
    ("1", "x/x", "x"),
    ("0", "0*x", "x"),
    ("x", "x^2/x", "x"),
    ("2 log(p)", "log(p^2)", "p"),
    ("log(x^2)", "2 log|x|", "x"),
    ("log(p)", "log(p^2)/2", "p"),
    ("sqrt(p^2)", "p", "p"),
    ("y", "y^2", "y"),
    ("y_hat^y (1-y_hat)^(1-y)", "y y_hat + (1-y)(1-y_hat)", "y y_hat"),
    ("sigma'(z)", "sigma(z)(1 - sigma(z))", "z"),
    ("sigma'(z)", "e^{-z}/(1+e^{-z})^2", "z"),
    ("1 - tanh(z)^2", "tanh'(z)", "z"),
    ("relu(a)", "a relu'(a)", "a"),
    ("relu(a)", "(a + |a|)/2", "a"),
    ("relu(a)", "max(0, a)", "a"),
    ("relu'(a)", "1[a > 0]", "a"),
    ("max(a, x)", "a + relu(x - a)", "a x"),
    ("log(exp(x) + exp(a))", "max(x, a) + log(1 + exp(-|x - a|))", "x a"),
    ("softplus(z)", "-log(sigma(-z))", "z"),
    ("x", "(10^40 + x) - 10^40", "x"),
    ("x", "((x + 1)^5 - x^5 - 5x^4 - 10x^3 - 10x^2 - 1)/5", "x"),
    ("phi'(z) x", "x phi'(z)", "z x phi"),
    ("x + a", "a + x + 0 phi(x)", "x a phi"),
    ("x/3", "x/3.0", "x"),
    ("u.T @ v", "sum(u * v)", "u v"),
    ("u.T @ v", "v^T u", "u v"),
    ("norm(u)^2", "u @ u", "u"),
    ("sin(x)^2", "1 - cos(x)^2", "x"),
    ("(x^2 - 1)/(x - 1)", "x + 1", "x"),
    ("x + 1", "(x^2 - 1)/(x - 1)", "x"),
    ("n!", "n (n-1)!", "n"),
    ("2^n", "exp(n ln 2)", "n"),
    ("2/3", "4/6", ""),
    ("ln 2", "-log(1/2)", ""),
]


@pytest.mark.parametrize(("answer", "typed", "symbols"), RIGHT)
def test_equal_formulas_are_right_however_they_are_written(answer: str, typed: str, symbols: str) -> None:
    verdict = said(answer, typed, symbols)
    assert verdict.right, verdict
    assert verdict.understood


WRONG = [
    ("abs(x)", "x", "x"),
    ("x", "sqrt(x^2)", "x"),
    ("log(x^2)", "2 log(x)", "x"),
    ("x", "exp(log(x))", "x"),
    ("x", "x*1[|x| < 3]", "x"),
    ("x", "x*1[|x| < 10]", "x"),
    ("x", "min(x, 10)", "x"),
    ("x", "max(x, -10)", "x"),
    ("x", "x*1[|x| > 0.01]", "x"),
    ("x", "x + 1e-20", "x"),
    ("x", "x (1 + 10^-25)", "x"),
    ("x", "relu(x)", "x"),
    ("x", "x + relu(-x - 5)", "x"),
    ("a", "max(a, -|x|)", "a x"),
    ("a x", "relu(a) relu(x) + relu(-a) relu(-x)", "a x"),
    ("y_hat", "y", "y_hat y"),
    ("y x", "y x + y (1 - y) + y - y^3 + (1-y)", "y x"),
    ("3", "x", "x"),
    ("x", "3", "x"),
    ("relu(a)", "a", "a"),
    ("u.T @ v", "u.T @ u", "u v"),
    ("1", "y/y", "y"),
    ("n", "n + sin(3 n)", "n"),
    ("y_hat", "y_hat*1[y_hat > 0.01]", "y_hat"),
    ("y_hat", "min(y_hat, 0.99)", "y_hat"),
    ("phi(x)", "phi'(x)", "x phi"),
    ("phi(x)", "phi(-x)", "x phi"),
    ("phi(x) + phi(a)", "phi(x + a)", "x a phi"),
    ("phi(x)", "x phi(1)", "x phi"),
]


@pytest.mark.parametrize(("answer", "typed", "symbols"), WRONG)
def test_formulas_that_differ_on_part_of_the_domain_are_wrong(answer: str, typed: str, symbols: str) -> None:
    verdict = said(answer, typed, symbols)
    assert verdict.status == "wrong"
    assert verdict.message


@pytest.mark.parametrize(
    ("answer", "typed", "where"),
    [("relu'(a)", "1[a >= 0]", "a = 0"), ("a", "a*1[a != 1]", "a = 1")],
)
def test_a_difference_at_a_corner_alone_is_named_and_not_called_wrong(
    answer: str, typed: str, where: str
) -> None:
    verdict = said(answer, typed, "a")
    assert verdict.status == "almost"
    assert where in verdict.message


def test_an_equivalent_form_may_differ_at_corners() -> None:
    assert said("relu'(a)", "step(a) + 1[a = 0]", "a", 'also = ["1[a >= 0]"]').right


def test_undefined_answers_are_told_why_and_where() -> None:
    verdict = said("log(x^2)", "2 log(x)", "x")
    assert verdict.mistake == "generic-undefined"
    assert "logarithm of a negative number" in verdict.message
    assert verdict.at == (2, 8)


@pytest.mark.parametrize(
    ("answer", "typed", "status"),
    [
        ("x/3", "0.333 x", "almost"),
        ("x/3", "0.33 x", "almost"),
        ("x/3", "0.34 x", "wrong"),
        ("x/3", "0.3332 x", "wrong"),
        ("x/4", "0.25 x", "right"),
        ("ln(2) + x", "x + 0.693", "almost"),
        ("ln(2) + x", "x + 0.69314", "wrong"),
        ("ln(2) + x", "x + 0.693147", "almost"),
        ("x sqrt(2)", "1.414x", "almost"),
        ("x/3 + pi", "0.3333x + 3.14159", "almost"),
        ("x/3", "x*33/100", "wrong"),
    ],
)
def test_rounded_decimals_are_told_apart_from_wrong_ones(answer: str, typed: str, status: str) -> None:
    verdict = said(answer, typed)
    assert verdict.status == status
    assert status != "almost" or "rounded" in verdict.message


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("L = 2x", "right"),
        ("dL/dw = 2x", "right"),
        ("y' = 2 x", "right"),
        ("L = x", "wrong"),
        ("f(x) = 2x", "right"),
        ("[2x]", "right"),
        ("(2x, 1)", "unreadable"),
        ("{1, 2}", "unreadable"),
        ("[0, 1)", "unreadable"),
        ("x = 2x", "right"),
        ("(x, x) + x", "unreadable"),
        ("L = ", "unreadable"),
        ("2x = 2y", "unreadable"),
    ],
)
def test_a_name_before_the_formula_is_read_over_and_lists_are_refused(typed: str, status: str) -> None:
    assert said("2x", typed).status == status


def test_places_in_messages_stay_right_after_a_name() -> None:
    verdict = said("2x", "dL/dw = 2 ?")
    assert verdict.status == "unreadable"
    assert verdict.at == (10, 11)
    assert said("log(x^2)", "dL/dw = 2 log(x)").at == (10, 16)


MISTAKES = """
praise = "Good."
see = "sec-a"
forbid = { sigmoid = "Write it without the sigmoid." }
[[keys.k.mistakes]]
answer = "(y_hat - y) h"
says = "h is not w."
see = "sec-b"
[[keys.k.mistakes]]
uses = ["x"]
lacks = ["y"]
says = "x, and no y."
[[keys.k.mistakes]]
lacks = ["y_hat"]
says = "No prediction."
"""


@pytest.mark.parametrize(
    ("typed", "mistake", "message", "see"),
    [
        ("h y_hat - y h", "mistake-1", "h is not w.", "sec-b"),
        ("x + y_hat", "mistake-2", "x, and no y.", "sec-a"),
        ("x + 0 y", "mistake-2", "x, and no y.", "sec-a"),
        ("y + x - x", "mistake-3", "No prediction.", "sec-a"),
        ("y w", "mistake-3", "No prediction.", "sec-a"),
    ],
)
def test_modelled_mistakes_are_recognised_by_value_not_by_form(
    typed: str, mistake: str, message: str, see: str
) -> None:
    verdict = said("(y_hat - y) w", typed, "y_hat y w h x", MISTAKES)
    assert (verdict.status, verdict.mistake, verdict.message, verdict.see) == ("wrong", mistake, message, see)


def test_modelled_mistakes_at_a_corner_are_recognised() -> None:
    more = '[[keys.k.mistakes]]\nanswer = "1[a >= 0]"\nsays = "A corner."'
    assert said("relu'(a)", "1 - 1[a < 0]", "a", more).mistake == "mistake-1"


def test_forbidden_symbols_and_functions_make_a_right_answer_almost_right() -> None:
    more = 'forbid = { sigmoid = "Without the sigmoid.", z = "In s only." }'
    key = make("x (1 - x)", "x z", more)
    assert mark(key, "x - x^2").right
    assert mark(key, "x - x^2 + 0 z").message == "In s only."
    assert mark(key, "x - x^2 + 0 sigma(x)").status == "almost"


@pytest.mark.parametrize(
    ("answer", "symbols", "more", "words"),
    [
        ("log(p) + log(-p)", "p", "", "has a value at only 0"),
        ("2q", "x", "", "cannot be read"),
        ("(1, 2)", "x", "", "not a list"),
        ("u", "u", "", "kind matrix or vector"),
        ("x", "x", 'also = ["2x"]', "not equal"),
        ("x", "x", 'forbid = { x = "no" }', "itself uses x"),
        ("x", "x", '[[keys.k.mistakes]]\nanswer = "2x - x"\nsays = "s"', "is right"),
        ("x", "x", '[[keys.k.mistakes]]\nanswer = "log(-x^2)"\nsays = "s"', "nowhere"),
        ("x", "x", '[[keys.k.mistakes]]\nanswer = "2y"\nsays = "s"', "cannot be read"),
        ("x", "x a", '[[keys.k.mistakes]]\nuses = ["b"]\nsays = "s"', "no symbol"),
        ("x", "x a", '[[keys.k.mistakes]]\nanswer = "x"\nuses = ["a"]\nsays = "s"', "is right"),
        ("x", "x a", '[[keys.k.mistakes]]\nanswer = "2x"\nuses = ["a"]\nsays = "s"', "does not fit"),
        (
            "x",
            "x a",
            '[[keys.k.mistakes]]\nanswer = "2x"\nsays = "s"\n'
            '[[keys.k.mistakes]]\nanswer = "x + x"\nsays = "s"',
            "taken for mistake 1",
        ),
        (
            "x",
            "x a",
            '[[keys.k.mistakes]]\nuses = ["a"]\nsays = "s"\n[[keys.k.mistakes]]\nuses = ["a"]\nsays = "s"',
            "no answer makes it",
        ),
    ],
)
def test_keys_that_cannot_be_marked_by_are_refused(answer: str, symbols: str, more: str, words: str) -> None:
    with pytest.raises(BadKeyError, match=r"^keys: k: ") as caught:
        make(answer, symbols, more)
    assert words in str(caught.value)


def test_every_example_of_a_mistake_is_recognised_and_made_up_answers_are_wrong() -> None:
    key = make("(y_hat - y) w", "y_hat y w h x", MISTAKES)
    kind = KINDS["expression"]
    found = [(i, mark(key, text).mistake) for i, text in kind.mistaken_answers(key)]
    assert found == [(0, "mistake-1"), (1, "mistake-2"), (2, "mistake-3")]
    others = kind.other_answers(key, random.Random(1), 60)
    assert len(others) == 60
    assert all(mark(key, text).status == "wrong" for text in others)
    assert all(mark(key, text).right for text in kind.right_answers(key))


def test_even_a_constant_has_made_up_answers() -> None:
    key = make("3", "")
    assert len(KINDS["expression"].other_answers(key, random.Random(1), 20)) == 20


@pytest.mark.parametrize("typed", ["9^9^9^9", "exp(exp(exp(x^2+10)))", "((x^9)^9)^9^9", "(1000!)!"])
def test_what_is_too_large_counts_neither_way_and_is_quick(typed: str) -> None:
    key = make("x")
    begin = time.perf_counter()
    assert mark(key, typed).status in ("undecided", "wrong")
    assert time.perf_counter() - begin < 0.5


def test_marking_a_warm_key_is_quick() -> None:
    key = make("(y_hat - y) w relu'(a) x", "y_hat y w a x h")
    answers = [
        "x (y_hat - y) w 1[a > 0]",
        "(y_hat - y) h relu'(a) x",
        "(y - y_hat) w relu'(a) x",
        "(y_hat - y) w x",
        "(y_hat - y) w relu(a) x",
        "y_hat w relu'(a) x - y w relu'(a) x",
        "w x",
        "sigma(w) x + h",
    ]
    mark(key, answers[-1])
    spent = []
    for answer in answers * 3:
        begin = time.perf_counter()
        mark(key, answer)
        spent.append(time.perf_counter() - begin)
    assert statistics.median(spent) < 0.02


def random_formula(rng: random.Random, depth: int) -> sympy.Expr:
    x, a, p = sympy.Symbol("x", real=True), sympy.Symbol("a", real=True), sympy.Symbol("p", positive=True)
    if depth == 0:
        return rng.choice(
            [x, a, p, x, a, sympy.Integer(rng.randint(-3, 4)), sympy.Rational(1, rng.randint(2, 5))]
        )
    left, right = random_formula(rng, depth - 1), random_formula(rng, depth - 1)
    return rng.choice(
        [
            lambda: left + right,
            lambda: left - right,
            lambda: left * right,
            lambda: left * right,
            lambda: left / (2 + right**2),
            lambda: left**2,
            lambda: sympy.exp(-(left**2)),
            lambda: sympy.tanh(right),
            lambda: left * p,
            lambda: sympy.log(p) + right,
        ]
    )()


@pytest.mark.parametrize("seed", range(25))
def test_whatever_sympy_rearranges_stays_right_and_what_it_changes_is_wrong(seed: int) -> None:
    rng = random.Random(seed)
    formula = random_formula(rng, 3) + sympy.Symbol("x", real=True)
    key = make(str(formula).replace("**", "^"), "x a p")
    for change in (sympy.expand, sympy.factor, sympy.together, sympy.simplify):
        assert mark(key, str(change(formula))).right
    for _ in range(3):
        other = random_formula(rng, 2) + formula
        same = sympy.simplify(other - formula) == 0
        assert mark(key, str(other)).right == same
