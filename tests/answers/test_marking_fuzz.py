"""Whatever is entered for whatever key, marking ends soon and with a fair verdict."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest

from dlbook.answers import keys
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark, understood
from dlbook.answers.verdict import STATUSES, Verdict

KEYS = [key for key in keys.all_keys().values() if key.kind != "code"]
CHEAP = [key for key in KEYS if key.kind in ("choice", "true-false", "number", "shape", "order")]
FORMULAS = [key for key in KEYS if key not in CHEAP]
CODE = [key for key in keys.all_keys().values() if key.kind == "code"]
SLOWEST = 2.0
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")

NUMBERS = [
    "0",
    "1",
    "2",
    "-1",
    "0.5",
    "1/2",
    "1e-3",
    "32",
    "128",
    "10",
    "101770",
    "ln(2)",
    "0.644",
    "e",
    "pi",
]
PIECES = [
    *"()[]{}|,;:.'^_=<>+-*/@!%&~#$?\\\"` \n\t\x00",
    *["⊙", "∘", "≤", "≈", "∈", "∪", "⌊", "⌋", "½", "²", "ᵀ", "−", "\u202e", "\u200b", "\ud800", "💣", "é"],
    *[
        r"\frac",
        r"\left[",
        r"\right]",
        r"\sum_{i=1}^2",
        r"\approx",
        r"\lfloor",
        r"\rfloor",
        r"\in",
        r"\mathbb{R}",
    ],
    *[
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\\",
        "dL/dw = ",
        "x in ",
        "if",
        "else",
        "lambda",
        "def f():",
        "0x",
        "//",
    ],
    *[
        "9**9**9",
        "1e999",
        "1000!",
        "()",
        "[]",
        "{}",
        "[[",
        "true",
        "false",
        "a b c",
        "kB",
        "torch.",
        ".T",
        "axis=0",
    ],
]
FUNCTIONS = [
    "exp",
    "ln",
    "sigma",
    "relu'",
    "tanh",
    "sqrt",
    "floor",
    "ceil",
    "abs",
    "log1p",
    "softmax",
    "sum",
    "norm",
]
OPERATORS = [" + ", " - ", "*", "/", "^", " ", "@", " ⊙ ", "//", " = ", ", ", " < "]


def words(key: keys.Key) -> list[str]:
    """List what may stand in an answer to this question."""
    names = [s.tex for s in key.vocabulary.symbols.values()]
    letters = [letter for letter, _ in KINDS[key.kind].choices(key)]
    return [*key.vocabulary.symbols, *names, *letters, *NUMBERS]


def sound(rng: Random, atoms: list[str], depth: int) -> str:
    """Make up a formula that can mostly be read."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(atoms)
    a, b = sound(rng, atoms, depth - 1), sound(rng, atoms, depth - 1)
    return rng.choice(
        [
            f"{a}{rng.choice(OPERATORS)}{b}",
            f"({a}){rng.choice(OPERATORS)}({b})",
            f"({a})^{rng.choice(['2', '-1', '{1/2}', 'T', '9'])}",
            f"{rng.choice(FUNCTIONS)}({a})",
            rf"\frac{{{a}}}{{{b}}}",
            rng.choice([f"({a}, {b})", f"[{a}, {b})", f"{{{a}, {b}}}", f"[{a}; {b}]", f"[{a} {b}]"]),
            f"[[{a}, {b}]]",
            rng.choice([f"-{a}", f"1[{a} > {b}]", f"|{a}|", f"⌊{a}⌋", f"2[{a} + {b}]", f"({a})!", f"{a}%"]),
        ]
    )


def noise(rng: Random, key: keys.Key) -> str:
    """String pieces together, or spoil an answer that means something."""
    if rng.random() < 0.4:
        pool = [*PIECES, *words(key)]
        return rng.choice(["", " "]).join(rng.choice(pool) for _ in range(rng.randrange(1, 12)))
    answers = KINDS[key.kind].right_answers(key) + [a for _, a in KINDS[key.kind].mistaken_answers(key)]
    text = rng.choice(answers)
    for _ in range(rng.randrange(1, 4)):
        i, j = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        text = rng.choice(
            [
                text[:i] + text[i + 1 :],
                text[:i] + rng.choice(PIECES) + text[i:],
                text[:j] + text[i:j] + text[j:],
            ]
        )
    return text


def outcome(key: keys.Key, answer: str) -> Verdict:
    """Mark, and check what holds for every verdict."""
    start = time.process_time()
    verdict = mark(key, answer)
    seconds = time.process_time() - start
    assert seconds < SLOWEST, (key.name, answer, seconds)
    assert verdict.status in STATUSES
    assert verdict.right or verdict.message, (key.name, answer)
    assert len(verdict.message) < 600, (key.name, answer, verdict.message)
    assert not UNSEEN.search(verdict.message), (key.name, answer, verdict.message)
    read = understood(key, answer)
    if verdict.understood and key.kind != "number":
        assert read == verdict.understood, (key.name, answer)
    if verdict.at is not None:
        begin, end = verdict.at
        assert 0 <= begin <= end <= len(answer), (key.name, answer, verdict.at)
    return verdict


def valid(rng: Random, key: keys.Key) -> str:
    """Make up a formula in a question's words."""
    return sound(rng, words(key), rng.randrange(1, 4))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("pool", "make", "count"),
    [(CHEAP, noise, 6000), (CHEAP, valid, 2000), (FORMULAS, noise, 2000), (FORMULAS, valid, 1000)],
    ids=["cheap, noise", "cheap, formulas", "formulas, noise", "formulas"],
)
def test_twenty_thousand_answers_end_in_a_verdict(
    pool: list[keys.Key], make: Callable[[Random, keys.Key], str], count: int, seed: int
) -> None:
    rng = Random(f"{make.__name__} {len(pool)} {seed}")
    for _ in range(count):
        key = rng.choice(pool)
        outcome(key, make(rng, key))


SAME = [
    "({})",
    "({})*1",
    "({})/1",
    "1*({})",
    "-(-({}))",
    "2*({})/2",
    "({})",
    "  ({}) ",
    "[({})]*1",
    "$({})$",
    "J = ({})",
]
OTHER = ["({})*2", "-({})", "3*({})/2", "({})*1.0001", "({})/7"]


def _formula_keys() -> list[keys.Key]:
    return [key for key in FORMULAS if key.kind in ("expression", "matrix", "vector")]


@pytest.mark.parametrize("key", _formula_keys(), ids=lambda key: key.name)
def test_the_right_formula_is_right_in_any_wrapping_and_wrong_with_another_factor(key: keys.Key) -> None:
    rng = Random(key.name)
    same = [way for way in SAME if key.kind == "expression" or way != "[({})]*1"]  # a further axis
    for _ in range(12):
        answer = rng.choice(KINDS[key.kind].right_answers(key))
        nought = outcome(key, f"0*({answer})").right  # another factor makes no other answer of it
        for ways, right in ((same, True), *(() if nought else ((OTHER, False),))):
            typed = answer
            layers = [rng.choice(ways), *(rng.choice(SAME[:5]) for _ in range(rng.randrange(3)))]
            for layer in reversed(layers):
                typed = layer.format(typed)
            verdict = outcome(key, typed)
            assert verdict.right == right, f"{typed!r}: {verdict}"


HOSTILE = [
    "9**9**9**9",
    "9^9^9^9",
    "((1000!)!)!",
    "exp(exp(exp(exp(9))))",
    "1/0",
    "0^(-1)",
    "ln(0)",
    "floor(9^9999)",
    "floor(" * 40 + "x" + ")" * 40,
    "tan(" * 40 + "1" + ")" * 40,
    "[" * 50 + "]" * 50,
    "2[" * 48 + "1" + "]" * 48,
    "[1 " * 48 + "]" * 48,
    "{" * 49 + "1" + "}" * 49,
    "-" * 1999,
    "1+" * 999 + "1",
    "1=" * 300 + "1",
    "=" * 1000,
    "≈1" * 400,
    "(1|" * 300,
    "1|1" * 300,
    "1 " * 900,
    "1;" * 900,
    "\n1" * 900,
    "x in " * 300,
    "{x | " * 300,
    r"\in\mathbb{R}|" * 100,
    "A" * 39 + "=" + "b" * 1900,
    "a = " * 400 + "1",
    "1e99999999999",
    "0." + "0" * 1900 + "1",
    "1" * 1990,
    "1" * 660 + "/" + "3" * 660,
    "x" * 2000,
    "b c " * 400,
    "(" * 700 + ")" * 700,
    "1,000" * 300,
    "'" * 1500,
    "\\" * 1500,
    "$" * 1500,
    "_" * 1500,
    "|" * 1500,
    "⌊" * 1500,
    "a\u0301" * 900,
    "%" * 1500,
    "!" * 1500,
    "32x" * 600,
    "32 by " * 300,
    "\\times " * 250,
    "diag(" * 30 + "x" + ")" * 30,
    "outer(x,x)" * 100,
    "where(1>0," * 30 + "1" + ",0)" * 30,
    "(" + "1," * 900 + ")",
    "[" + "[1,2]," * 250 + "]",
    "__import__('os').system('true')",
]


@pytest.mark.parametrize("key", [*KEYS, *CODE], ids=lambda key: key.name)
def test_hostile_answers_take_neither_time_nor_memory(key: keys.Key) -> None:
    digit = any(outcome(key, answer).right for answer in "01")  # some below are 0 or 1, written at length
    for answer in HOSTILE:
        tracemalloc.start()
        verdict = outcome(key, answer)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert digit or not verdict.right, (answer, verdict)
        assert peak < 30e6, (answer[:40], peak)
