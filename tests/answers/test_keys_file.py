"""Files of keys: what could not be marked by is refused, with the key and the field in the message."""

import copy
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from dlbook.answers import keys
from dlbook.answers.errors import BadKeyError

GOOD = r"""
chapter = "backprop"
[symbols]
y = { tex = 'y', domain = "binary", also = ["t"] }
X = { tex = 'X', shape = ["B", 2] }
[functions]
phi = { tex = '\varphi', also = ["act"] }
[sizes]
B = [3, 2]
d = [4, 5]
[keys.double]
exercise = "ex-double"
kind = "number"
prompt = "Twice 21"
answer = 42
praise = "Well done."
see = "sec-double"
hints = ["Add."]
[[keys.double.mistakes]]
answer = 21
says = "That is once."
see = "sec-once"
bank = "M01"
"""


def test_a_good_file_gives_its_keys_by_name() -> None:
    (key,) = keys.load(GOOD).values()
    assert (key.name, key.exercise, key.kind, key.praise) == (
        "backprop/double",
        "ex-double",
        "number",
        "Well done.",
    )
    assert key.mistakes[0].bank == "M01"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('chapter = "backprop"', "", "file: needs chapter"),
        ('chapter = "backprop"', 'chapter = "Back Prop"', "file: needs chapter"),
        ('chapter = "backprop"', 'chapter = "backprop"\ntitle = "x"', "file: unknown field title"),
        ("domain = ", "range = ", "file: symbol y: unknown field range"),
        ('"binary"', '"bits"', "file: symbol y: domain 'bits' is none of"),
        ("y = { tex = 'y', ", "y = { ", "file: symbol y: needs tex"),
        ("y = { tex", '"y hat" = { tex', "file: symbol y hat: a name has"),
        ('"Twice 21"', "'$2 x$'", "double: prompt: needs a word besides the formula"),
        ('also = ["t"]', 'also = "t"', "file: symbol y: also must be a list of texts"),
        ('["B", 2]', '["N", 2]', "file: symbol X: the size 'N'"),
        ('["B", 2]', '["B", 2, 2]', "file: symbol X: only scalars"),
        ("phi = {", "y = {", "y is both a symbol and a function"),
        ('also = ["act"]', "shape = [2]", "file: function phi: unknown field shape"),
        ("B = [3, 2]", "B = [3, 0]", "file: size B: give whole numbers"),
        ("B = [3, 2]", "B = [3]", "file: sizes: every size needs equally many"),
        ("[keys.double]", "[keys.Double]", "file: the key 'Double' needs a name"),
        ('exercise = "ex-double"', "", "file: double: needs exercise"),
        ('exercise = "ex-double"', 'exercise = " "', "file: double: needs exercise"),
        ('prompt = "Twice 21"', "", "file: double: needs prompt"),
        ('kind = "number"', 'kind = "numbre"', "file: double: kind 'numbre' is none of choice, true-false"),
        ('kind = "number"', 'kind = "number"\ntolerance = 3', "file: double: unknown field tolerance"),
        ('kind = "number"', 'kind = "number"\nsymbols = ["z"]', "file: double: symbols z are not"),
        ('hints = ["Add."]', 'hints = "Add."', "file: double: hints must be a list of texts"),
        ('says = "That is once."', "", "file: double: mistakes: a mistake needs says"),
        ('says = "That is once."', 'says = "x"\nwhen = 3', "file: double: mistakes: unknown field when"),
        ("answer = 21\n", "", "file: double: mistakes: a mistake needs says and one of answer, between"),
        ("answer = 21\n", "answer = 42\n", "file: double: mistakes: '42' of mistake 1 would be told: Right."),
        ("answer = 42\n", 'answer = "forty"\n', "file: double: answer: 'forty'"),
        ("answer = 42", "answer = 42 43", "file: this is not TOML"),
    ],
)
def test_each_fault_is_named_with_its_key_and_field(old: str, new: str, words: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(BadKeyError) as error:
        keys.load(GOOD.replace(old, new), "file")
    assert words in str(error.value)


KINDS = {
    "choice": 'options = [{ text = "a", right = true }, { text = "b", says = "No." }]\nmany = true',
    "true-false": 'answer = true\nreasons = [{ text = "a", right = true }, { text = "b", says = "No." }]',
    "number": 'answer = 12.5\ndigits = 3\nunit = "kB"\nunit_needed = true\nrecorded = "size"\n'
    'also = ["12.5 kB"]',
    "shape": 'answer = "(B, 3)"\nnames = ["B"]\nalso = ["(B, 4)"]',
    "order": 'steps = ["a", "b", "c"]\nequivalent = [[1, 2], [3, 2, 1]]',
    "code": 'function = "f"\nanswer = "def f(x):\\n    return x"\nalso = ["f = lambda x: x"]\n'
    'starter = "def f(x):"\ninputs = "inputs = [(1,)]"\ncheck = "def check(f): pass"\ntorch = false\n'
    "relative = 0.1\nabsolute = 0.1\n"
    'cases = [{ args = [2], gives = 2, says = "Two." }, { args = [3] }]',
}
MISTAKES = {
    "choice": 'answer = "a b"',
    "true-false": "answer = false",
    "number": "between = [1, 2]",
    "shape": 'answer = "(*, 5)"',
    "order": "before = [3, 1]",
    "code": "case = 1\ngives = 7",
}
SLIPS = (
    3,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    True,
    "",
    "x",
    "\0",
    [],
    [3],
    [[]],
    ["x"],
    [None],
    {},
    {"x": 1},
    None,
)


def whole(kind: str) -> dict[str, Any]:
    """Give a good file with one key of a kind."""
    fields = (
        f'[keys.k]\nexercise = "ex"\nkind = "{kind}"\nprompt = "p"\npraise = "p"\nsee = "s"\nhints = ["h"]\n'
    )
    mistake = f'[[keys.k.mistakes]]\n{MISTAKES[kind]}\nsays = "No."\nsee = "s"\nbank = "M1"\n'
    shared = GOOD[: GOOD.index("[keys")]
    return tomllib.loads(f"{shared}{fields}{KINDS[kind]}\n{mistake}")


def places(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the way to each entry of nested tables and lists."""
    entries = (
        table.items() if isinstance(table, dict) else enumerate(table) if isinstance(table, list) else ()
    )
    for name, value in entries:
        yield (*path, name)
        yield from places(value, (*path, name))


@pytest.mark.parametrize("kind", KINDS)
def test_a_slip_anywhere_in_a_file_is_read_or_refused_and_never_a_traceback(kind: str) -> None:
    good = whole(kind)
    assert list(keys.from_table(good)) == ["backprop/k"]
    faults = []
    for path in places(good):
        for slip in SLIPS:
            tables = copy.deepcopy(good)
            at = tables
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = slip
            outcome = outcome_of(tables)
            if not outcome.startswith("file: "):
                faults.append(f"{path} = {slip!r}: {outcome}")
    assert not faults, "\n".join(faults)


def outcome_of(tables: dict[str, Any]) -> str:
    """Tell what reading a file comes to."""
    try:
        keys.from_table(tables, "file")
    except BadKeyError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "file: good"


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_field_is_read_or_refused(kind: str) -> None:
    good = whole(kind)
    for path in places(good):
        tables = copy.deepcopy(good)
        at = tables
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
        assert outcome_of(tables).startswith("file: "), path
