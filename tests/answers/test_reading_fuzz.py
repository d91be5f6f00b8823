"""Whatever is typed, reading ends soon, with a tree or with a message, and with nothing else."""

from __future__ import annotations

import gc
import re
import sys
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook.answers.errors import Unreadable
from dlbook.answers.reading.latex import latex
from dlbook.answers.reading.parse import DEEPEST, LONGEST, MOST, read
from dlbook.answers.symbols import FunctionSpec, SymbolSpec, Vocabulary
from dlbook.answers.tree import Node

WORDS = Vocabulary(
    {
        name: SymbolSpec(name, tex, also, shape=shape)
        for name, tex, also, shape in (
            ("x", "x", (), ()),
            ("y_hat", r"\hat y", (), ()),
            ("w2", "w_2", ("v'",), ()),
            ("eta", r"\eta", (), ()),
            ("dw", r"\Delta w", ("dL/dw",), ()),
            ("X", "X", (), (3, 2)),
            ("W1", "W^{(1)}", (), (2, 2)),
        )
    },
    {"phi": FunctionSpec("phi", r"\varphi")},
)
SLOWEST = 0.05
"""Seconds that reading one answer may take."""
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
QUOTED = 60
"""Characters of an answer that a message may repeat in a row."""


def outcome(text: str) -> Node | Unreadable:
    """Read, and check the promises that hold for every text."""
    error: Unreadable | None = None
    try:
        node = read(text, WORDS)
    except Unreadable as caught:
        error = caught
    if error is None:
        return node
    start, end = error.span or (0, 0)
    assert error.message.endswith(".")
    assert 0 <= start <= end <= len(text), (text[:80], error.span)
    assert len(error.message) < 500
    assert not UNSEEN.search(error.message), repr(error.message)
    return error


def seconds(text: str) -> float:
    """Measure the time of reading, the best of some runs, because other programs run as well."""
    best = 9.0
    for _ in range(4):
        start = time.process_time()
        outcome(text)
        best = min(best, time.process_time() - start)
        if best < SLOWEST:
            break
    return best


# inputs ------------------------------------------------------------------------------------------

ATOMS = [
    "x",
    "ŷ",
    "w_2",
    "w₂",
    r"\eta",
    "2",
    "0.5",
    "1e-3",
    "X",
    "W1",
    "pi",
    "e",
    "y_hat",
    "dL/dw",
    "v'",
    "∞",
    "w_{2}",
]
FUNCTIONS = [
    "exp",
    "ln",
    r"\sin",
    "sigma'",
    "relu",
    "phi'",
    "sqrt",
    "torch.tanh",
    r"\operatorname{ReLU}'",
    "max",
]
SIGNS = [
    "+",
    "-",
    "*",
    "/",
    "^",
    " ",
    "@",
    "⊙",
    "**",
    r" \cdot ",
    "=",
    "<=",
    ", ",
    "−",
    "; ",
    "!",
    "%",
    ".T",
    "²",
]
PIECES = [
    *ATOMS,
    *FUNCTIONS,
    *SIGNS,
    *"()[]{}|&\\_'.,;:!$#\"`~",
    r"\frac",
    r"\left",
    r"\right|",
    r"\begin{matrix}",
]
PIECES += [
    r"\end{matrix}",
    r"\hat",
    r"\mathbf{",
    r"\sqrt[",
    "∪",
    " U ",
    " or ",
    "]0",
    "1[",
    "𝟙",
    "\u0302",
    "\u200b",
]
PIECES += [
    "axis=0",
    ".sum(",
    "np.",
    "tensor(",
    "^{",
    "^T",
    "√",
    "‖",
    "import os",
    "__class__",
    "the",
    "\u202e",
    "\x00",
]


def formula(rng: Random, depth: int) -> str:
    """Make up a formula that can mostly be read."""
    kind = rng.randrange(10) if depth else 0
    if kind < 3:
        return rng.choice(ATOMS)
    a, b = formula(rng, depth - 1), formula(rng, depth - 1)
    return (
        f"{a} {rng.choice('+-*/')} {b}",
        f"({a}){rng.choice(['^2', '²', '^{-1}', '!', '%', '.T'])}",
        f"{rng.choice(FUNCTIONS)}({a})",
        rf"\frac{{{a}}}{{{b}}}",
        f"({a}) {b}",
        rng.choice([f"({a}, {b})", f"[{a}, {b}]", f"{{{a}, {b}}}", f"[0, {a})", f"[{a} {b}; {b} {a}]"]),
        rng.choice([f"|{a}|", f"{a} = {b}", f"1[{a} > {b}]", rf"\sqrt{{{a}}}", f"-{a}", f"√({a})"]),
    )[kind - 3]


def mutated(rng: Random, text: str) -> str:
    """Take something out, put something in, or turn something round."""
    for _ in range(rng.randrange(1, 4)):
        i, j = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
        text = rng.choice(
            [
                text[:i] + text[i + 1 :],
                text[:i] + rng.choice(PIECES) + text[i:],
                text[:i] + text[i:j][::-1] + text[j:],
                text[:j] + text[i:j] + text[j:],
            ]
        )
    return text[:LONGEST]


def rubbish(rng: Random) -> str:
    """Make up text without any sense."""
    kind = rng.randrange(3)
    if kind == 0:
        return "".join(rng.choices(PIECES, k=rng.randrange(1, 12)))
    if kind == 1:
        return "".join(chr(rng.randrange(32, 127)) for _ in range(rng.randrange(1, 25)))
    tops = (0x250, 0x2FFF, 0x10FFFF)
    return "".join(chr(rng.randrange(rng.choice(tops))) for _ in range(rng.randrange(1, 12)))


MAKERS: dict[str, Callable[[Random], str]] = {
    "formulas": lambda rng: formula(rng, 3),
    "mutated formulas": lambda rng: mutated(rng, formula(rng, 2)),
    "rubbish": rubbish,
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("maker", MAKERS)
def test_a_hundred_thousand_answers_end_in_a_tree_or_a_message(maker: str, seed: int) -> None:
    rng = Random(f"{maker} {seed}")
    read_ = 0
    for _ in range(11_200):
        text = MAKERS[maker](rng)
        start = time.perf_counter()
        result = outcome(text)
        took = time.perf_counter() - start
        assert took < SLOWEST or seconds(text) < SLOWEST, (took, text)
        read_ += not isinstance(result, Unreadable)
    # neither everything nor nothing can be read, or the inputs would test one half only
    least = {"formulas": 5000, "mutated formulas": 1000, "rubbish": 100}[maker]
    assert least < read_ < 11_000


HOSTILE = [
    "9**9**9**9",
    "9^9^9^9^9^9",
    "((((((9!)!)!)!)!)!)!",
    "99999999999!!!!",
    "1e999999999",
    "1e400",
    "1e-400",
    "9" * 1999,
    "1e" + "9" * 1990,
    "0." + "0" * 1990 + "1",
    "1_" * 999 + "1",
    "__import__('os').system('x')",
    "().__class__.__bases__[0].__subclasses__()",
    "eval(chr(120))",
    "exec('x=1')",
    "open('/etc/passwd').read()",
    "lambda: 0",
    "[x for x in (1).__class__.mro()]",
    "x if x else x",
    "{x: x}",
    "f'{x}'",
    "%s%s%s%n",
    "{0.__class__}",
    "$(rm -rf x)",
    "`ls`",
    "'; DROP TABLE x; --",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;x&gt;",
    r"\href{javascript:alert(1)}{x}",
    r"\input{/etc/passwd}",
    r"\def\x{\x\x}\x",
    r"\newcommand{\x}{\x}\x",
    "\\" * 1999,
    "\x00" * 1999,
    "\ud800x\udfff",
    "\ud800" * 500,
    "\u202ex\u202c" * 99,
    "\u200b" * 1999,
    "\ufeff",
    "x" + "\u0302" * 1998,
    "\u0302" * 1999,
    "e\u0301\u0302\u0303" * 400,
    "ﷺ" * 1999,
    "𝐱" * 1999,
    "²" * 1999,
    "₂" * 1999,
    "x²" * 999,
    "x₂" * 999,
    "π" * 1999,
    "(" * 1999,
    ")" * 1999,
    "[" * 1999,
    "]" * 1999,
    "{" * 1999,
    "|" * 1999,
    "‖" * 1999,
    "√" * 1999,
    "-" * 1999,
    "- " * 999,
    "!" * 1999,
    "'" * 1999,
    "." * 1999,
    "," * 1999,
    "$" * 1999,
    "_" * 1999,
    "^" * 1999,
    "x^" * 999 + "x",
    "x_" * 999 + "x",
    "x!" * 999,
    "x'" * 999,
    "-x" * 999,
    "x-" * 999 + "x",
    "x " * 999 + "x",
    "x/" * 999 + "x",
    "1/" * 999 + "x",
    "x=" * 999 + "x",
    "x<" * 999 + "x",
    "1," * 999 + "1",
    "(1," * 660,
    "(" + "1," * 999 + ")",
    "[" + "1 " * 900 + "]",
    "[" + "1;" * 900 + "1]",
    "{" + "x," * 900 + "}",
    "[1 " * 600,
    "]0," * 600,
    "|x" * 999,
    "||x" * 600,
    "|x|" * 600,
    "sin " * 499 + "x",
    "sin(" * 499 + "x" + ")" * 499,
    "phi(" * 49 + "x" + ")" * 49,
    "exp(" * 29 + "x" + ")" * 29,
    "x^{" * 49 + "x" + "}" * 49,
    "x^(" * 49 + "x" + ")" * 49,
    "(" * 49 + "x" + ")" * 49,
    "(" * 49 + "x" + "+x)" * 49,
    "|(" * 40 + "x" + ")|" * 40,
    "max(x, " * 30 + "x" + ")" * 30,
    "[" * 40 + "x" + "]" * 40,
    "{" * 40 + "x" + "}" * 40,
    r"\frac{" * 300,
    r"\frac{x}{" * 40 + "x" + "}" * 40,
    r"\frac" * 300,
    r"\hat" * 499,
    r"\hat{" * 300,
    r"\mathbf{" * 200,
    r"\sqrt[" * 300,
    r"\left(" * 300,
    r"\left" * 400,
    r"\begin{matrix}" * 140,
    r"\begin{matrix}" + "1&" * 900 + r"\end{matrix}",
    r"\begin{matrix}" + r"1\\" * 600 + r"\end{matrix}",
    "w_{" * 600,
    "w_{" + "2" * 1900 + "}",
    "xw2" * 600,
    " ".join(["xw2etax" * 5] * 55),
    "x" * 2000,
    "x.T" * 600,
    ".T" * 900,
    "x" + ".T" * 900,
    "x^T" * 600,
    "X^T^T" * 300,
    "X" + "^T" * 900,
    "X.sum(" * 300,
    "X" + ".sum(0)" * 200,
    "torch." * 300 + "x",
    "dL/dw" * 400,
    "dL/" * 600,
    "v'" * 900,
    "1[x>0]" * 300,
    "𝟙" * 900,
    "1_" * 900,
    " U ".join(["[0,1)"] * 280),
    " or ".join(["x"] * 380),
    "the " * 490,
    "½" * 900,
    "\t\n\r\v\f",
    "x\n\n\n=\r\n2",
    "0x41",
    "1j",
    "True",
    "None",
    "NaN",
    "nan",
    "...",
    "…",
    "$$",
    "$",
    r"\(",
    r"\)",
    r"\(\)",
    r"\[x\]",
    r"\left.",
    r"\operatorname*",
    r"\operatorname",
    r"\text{}",
    "x_{}",
    "^",
    "^{}",
    "{}^{}",
    "sum(axis=0)",
    "axis=0",
    "tensor()",
    "np.",
    ".x",
    "Matrix",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_answers_are_harmless(text: str) -> None:
    assert seconds(text) < SLOWEST
    result = outcome(text)
    if isinstance(result, Unreadable):
        # no more than a little of the answer comes back in the message
        repeated = max((len(part) for part in re.findall(r"`([^`]*)`", result.message)), default=0)
        assert repeated <= QUOTED
        for start in range(0, len(text) - QUOTED, 97):
            assert text[start : start + QUOTED + 1] not in result.message
    else:
        assert max(depth(result)) <= DEEPEST
        assert sum(1 for _ in depth(result)) <= MOST
        assert latex(result, WORDS)


def depth(node: Node) -> list[int]:
    """List the depth of every node, without recursion."""
    waiting, found = [(node, 1)], []
    while waiting:
        current, deep = waiting.pop()
        found.append(deep)
        waiting += [(child, deep + 1) for child in current.children]
    return found


def test_a_megabyte_is_refused_at_once_and_without_copies() -> None:
    text = "(x+" * 350_000
    gc.collect()
    tracemalloc.start()
    try:
        assert seconds(text) < 0.005
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_no_answer_takes_much_memory() -> None:
    tracemalloc.start()
    try:
        for text in HOSTILE[::5]:
            outcome(text)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_reading_needs_little_of_the_stack() -> None:
    """The browser's stack is small, and a kernel's is used already."""
    deepest = 0

    def watch(frame: object, event: str, argument: object) -> None:
        nonlocal deepest
        if event == "call":
            count, current = 0, sys._getframe(1)
            while current is not None:
                count, current = count + 1, current.f_back  # type: ignore[assignment]
            deepest = max(deepest, count)

    for text in ("(" * 49 + "x" + ")" * 49, "phi(" * 29 + "x" + ")" * 29, "x^" * 55 + "x", "sin " * 55 + "x"):
        sys.setprofile(watch)
        try:
            outcome(text)
        finally:
            sys.setprofile(None)
    own = 0
    current = sys._getframe()
    while current is not None:
        own, current = own + 1, current.f_back  # type: ignore[assignment]
    assert 100 < deepest - own < 600


def test_the_time_grows_with_the_length_and_not_with_its_square() -> None:
    for piece in ("x+", "(x)", "w2x ", "|x|", "1,", "x^T ", "[1 2]", "x2 é"):
        half, whole = (min(seconds(piece * (n // len(piece))) for _ in range(3)) for n in (900, 1800))
        assert whole < 3.5 * half + 0.004, piece


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60))
def test_any_text_ends_in_a_tree_or_a_message(text: str) -> None:
    outcome(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_mixture_of_known_pieces_ends_in_a_tree_or_a_message(text: str) -> None:
    result = outcome(text)
    if not isinstance(result, Unreadable):
        read(latex(result, WORDS), WORDS)
