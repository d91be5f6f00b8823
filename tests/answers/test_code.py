"""Functions are run in time, judged by what they come to, and no error of theirs is an error of ours."""

import sys
import time

import pytest

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError
from dlbook.answers.keys import Key, load
from dlbook.answers.marking import mark, mark_function

RELU = '''
chapter = "code"
[keys.relu]
exercise = "ex-relu"
kind = "code"
prompt = "ReLU of a list"
function = "relu"
praise = "Zero is a kink."
answer = """
def relu(values):
    return [max(0.0, v) for v in values]
"""
also = ["def relu(values):\\n    return tuple(v * (v > 0) for v in values)"]
cases = [
    { args = [[1.0, -2.0]], gives = [1.0, 0.0], says = "A negative entry becomes 0." },
    { args = [[]], gives = [] },
    { args = [[0.5]] },
]
[[keys.relu.mistakes]]
answer = """
def relu(values):
    return [abs(v) for v in values]
"""
says = "You took the absolute value."
[[keys.relu.mistakes]]
case = 1
gives = [0.0, -2.0]
says = "You kept the negative part."
'''


def key(text: str = RELU) -> Key:
    return next(iter(load(text).values()))


def relu(body: str) -> str:
    return f"def relu(values):\n    {body}"


@pytest.fixture(scope="module")
def question() -> Key:
    return key()


@pytest.mark.parametrize(
    "source",
    [
        relu("return [v if v > 0 else 0 for v in values]"),
        relu("return tuple(max(v, 0) for v in values)"),
        "relu = lambda values: [max(0, v) for v in values]",
        "import math\n"
        "def relu(xs):\n    out = []\n    for x in xs:\n        out += [math.fabs(x) / 2 + x / 2]\n"
        "    return out",
        "class relu:\n    def __new__(cls, v):\n        return [max(0, x) for x in v]",
        relu("print('hm')\n    return [(v + abs(v)) * 0.5 for v in values]"),
    ],
)
def test_any_function_that_does_it_is_right(question: Key, source: str) -> None:
    verdict = mark(question, source)
    assert (verdict.status, verdict.message) == ("right", "Zero is a kink.")


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        (relu("return [(v * v) ** 0.5 for v in values]"), "mistake-1"),
        (relu("return [min(0.0, v) for v in values]"), "mistake-2"),
        (relu("print([max(0, v) for v in values])"), "generic-printed"),
        (relu("[max(0, v) for v in values]"), "generic-no-return"),
        (relu("return values[7]"), "generic-exception"),
        ("def relu():\n    return []", "generic-exception"),
        (relu("raise SystemExit"), "generic-exception"),
        (relu("return open('x')"), "generic-exception"),
        (relu("import os\n    return values"), "generic-exception"),
        (relu("return relu(values)"), "generic-exception"),
        (relu("return (x for x in values)"), ""),
        (relu("return [v for v in values if v > 0]"), ""),
        (relu("return True"), ""),
    ],
)
def test_a_mistake_is_known_by_what_it_comes_to(question: Key, source: str, mistake: str) -> None:
    verdict = mark(question, source)
    assert (verdict.status, verdict.mistake) == ("wrong", mistake)
    assert verdict.message
    assert "Traceback" not in verdict.message
    assert "dlbook" not in verdict.message


def test_an_exception_is_told_with_its_type_message_and_line(question: Key) -> None:
    verdict = mark(question, "def relu(values):\n    x = 1\n    return values[9]\n")
    assert "in line 3: `IndexError: list index out of range`" in verdict.message


def test_a_wrong_case_shows_the_call_and_both_results(question: Key) -> None:
    message = mark(question, relu("return [v + 1 for v in values]")).message
    assert message == (
        "`relu([1, -2])` gives `[2, -1]` and should give `[1, 0]`. "
        "A negative entry becomes 0. 1 of 3 cases are right."
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def relu(values)\n    return values", "line 1"),
        ("x = 1\ndef relu(values):\n  return (", "line 3"),
        ("hello there", "line 1"),
        ("def f(x):\n    return x", "Define a function `relu`; yours is called `f`."),
        ("9**9**9**9", "Define a function `relu`."),
        ("relu = 3", "`relu` has to be a function"),
        ("(" * 5000 + ")" * 5000, ""),
        ("def relu(v):\n    return v\0", ""),
    ],
)
def test_what_is_no_function_gets_a_sentence_and_no_verdict(question: Key, source: str, words: str) -> None:
    verdict = mark(question, source)
    assert verdict.status == "unreadable"
    assert words in verdict.message


def test_the_line_that_python_cannot_read_is_pointed_at(question: Key) -> None:
    source = "def relu(values):\n    x = = 2\n    return x"
    assert (at := mark(question, source).at)
    assert source[slice(*at)] == "    x = = 2"


LOOP = [
    relu("while True: pass"),
    relu("while True:\n        try:\n            while True: pass\n        except: pass"),
    relu("while True:\n        try:\n            while True: pass\n        finally:\n            continue"),
    relu("while True:\n        try:\n            while True: pass\n        except BaseException: pass"),
    "class S:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\n"
    "def relu(v):\n    while True:\n        with S():\n            while True: pass",
    "import itertools\n" + relu("return [v for v in itertools.count()]"),
    "import itertools\n" + relu("return sum(v for v in itertools.count())"),
    "f = lambda n: f(n - 1) + f(n - 2) if n > 0 else 0\n" + relu("return f(100)"),
    "def fib(n):\n    return fib(n - 1) + fib(n - 2) if n > 1 else n\n" + relu("return fib(100)"),
    "while True: pass\n" + relu("return 1"),
    relu("try:\n        while True: pass\n    except: pass\n    return [max(0, v) for v in values]"),
    relu("while True: print('x' * 1000)"),
    relu("x = 3\n    while True: x *= x"),
]


@pytest.mark.parametrize("source", LOOP)
def test_code_that_does_not_end_is_ended_and_not_called_wrong(question: Key, source: str) -> None:
    begun = time.process_time()
    verdict = mark(question, source, Clock(0.1))
    assert verdict.status in ("undecided", "wrong")
    assert (verdict.status == "wrong") == ("OverflowError" in verdict.message)
    assert time.process_time() - begun < 1.5


@pytest.mark.parametrize(
    "body",
    [
        "return 9 ** 9 ** 9 ** 9",
        "return pow(9, 9 ** 9)",
        "return 'x' * 10 ** 12",
        "return [0] * 10 ** 12",
        "return 10 ** 12 * [0]",
        "return 1 << 10 ** 12",
        "x = 9\n    x **= 9 ** 9\n    return x",
        "x = [1]\n    for i in range(99): x = x + x\n    return x",
        "x = 'x'\n    for i in range(99): x += x\n    return x",
        "return list(range(10 ** 12))",
        "return sum(range(-10 ** 30, 10 ** 30))",
    ],
)
def test_what_would_fill_the_memory_is_stopped_before(question: Key, body: str) -> None:
    begun = time.process_time()
    verdict = mark(question, relu(body))
    assert "OverflowError" in verdict.message
    assert "too l" in verdict.message
    assert time.process_time() - begun < 1.5


def test_guards_do_not_change_what_operators_mean(question: Key) -> None:
    source = """
class V:
    def __init__(self, x): self.x = x
    def __mul__(self, o): return ("mul", self.x, o)
    def __rmul__(self, o): return ("rmul", self.x, o)
    def __iadd__(self, o): self.x += o; return self
    def __pow__(self, o): return ("pow", self.x, o)
def relu(values):
    v = V(1)
    w = v
    v += 2
    shared = alias = [1]
    alias += [2]
    assert (w.x, v * 2, 2 * v, v ** 2) == (3, ("mul", 3, 2), ("rmul", 3, 2), ("pow", 3, 2))
    assert shared == [1, 2] and "a" * 3 == "aaa" and 2 ** -1 == 0.5 and 1 << 3 == 8
    return [max(0, v) for v in values]
"""
    assert mark(question, source).right


def test_every_call_gets_arguments_that_no_other_call_has_touched(question: Key) -> None:
    spoil = relu("out = [max(0, v) for v in values]\n    values.clear()\n    return out")
    assert mark(question, spoil).right
    assert mark(question, spoil).right


def test_a_function_itself_gets_the_verdict_of_its_source(question: Key) -> None:
    assert mark_function(question, lambda values: [max(0, v) for v in values]).right
    assert mark_function(question, lambda values: [abs(v) for v in values]).mistake == "mistake-1"
    assert mark_function(question, lambda: 1).mistake == "generic-exception"


def test_a_function_itself_is_ended_too_and_tracing_is_as_before(question: Key) -> None:
    def endless(values: object) -> None:
        while True:
            pass

    before = sys.gettrace()
    assert mark_function(question, endless, Clock(0.1)).status == "undecided"
    assert sys.gettrace() is before


def test_what_code_prints_does_not_reach_the_page(question: Key, capsys: pytest.CaptureFixture[str]) -> None:
    mark(question, "print('one')\n" + relu("print('two')\n    return values"))
    assert capsys.readouterr().out == ""


THIRD = """
chapter = "code"
[keys.third]
exercise = "ex"
kind = "code"
prompt = "A third"
function = "third"
answer = "def third(x):\\n    return x / 3"
cases = [{ args = [1] }, { args = [2], gives = 0.6666667 }]
"""


def test_numbers_agree_to_a_tolerance() -> None:
    assert mark(key(THIRD), "def third(x):\n    return x * 0.33333333").right
    assert not mark(key(THIRD), "def third(x):\n    return x * 0.333").right
    assert mark(key(THIRD + "relative = 0.01"), "def third(x):\n    return x * 0.333").right


def test_truth_values_are_no_numbers() -> None:
    truth = key(THIRD.replace("x / 3", "x > 1").replace("0.6666667", "true"))
    assert mark(truth, "def third(x):\n    return not x <= 1").right
    assert not mark(truth, "def third(x):\n    return int(x > 1)").right


def test_inputs_may_be_made_by_code_and_a_check_may_ask_for_more() -> None:
    question = key('''
chapter = "code"
[keys.double]
exercise = "ex"
kind = "code"
prompt = "Twice"
function = "double"
answer = "def double(x):\\n    return 2 * x"
inputs = "inputs = [(n,) for n in range(1, 4)]"
check = """
def check(f):
    if f(0.5) != 1:
        return "What about halves?"
"""
''')
    assert len(question.spec.cases) == 3
    assert mark(question, "def double(x):\n    return x + x").right
    assert mark(question, "def double(x):\n    return int(2 * int(x))").message == "What about halves?"
    assert mark(question, "def double(x):\n    return {1: 2, 2: 4, 3: 6}[x]").mistake == "generic-exception"


TORCH = """
chapter = "code"
[keys.mean]
exercise = "ex"
kind = "code"
prompt = "Mean over the batch"
function = "mean"
torch = true
answer = "import torch\\ndef mean(X):\\n    return X.mean(dim=0)"
inputs = "import torch\\ninputs = [(torch.arange(6.0).reshape(2, 3),), (torch.ones(4, 2),)]"
[[keys.mean.mistakes]]
answer = "def mean(X):\\n    return X.mean(dim=1)"
says = "You averaged over the features."
"""


def test_functions_among_the_inputs_have_the_time_of_the_answer_and_not_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = key(
        '''
chapter = "code"
[keys.apply]
exercise = "ex"
kind = "code"
prompt = "Call it"
function = "apply"
answer = "def apply(f, x):\\n    return f(x)"
inputs = """
def long(x):
    while x > 0:
        x -= 1
    return x
inputs = [(long, 3.5)]
"""
'''
    )
    right = question.table["answer"]
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 3600)  # the key was read an hour ago
    assert mark(question, right).right
    monkeypatch.undo()
    slow = "def apply(f, x):\n    return f(1e18)"
    began = time.monotonic()
    assert mark(question, slow).status == "undecided"
    assert time.monotonic() - began < 3


def test_tensors_are_compared_by_their_entries() -> None:
    question = key(TORCH)
    assert mark(question, "def mean(X):\n    return X.sum(0) / len(X)").right
    assert mark(question, "def mean(X):\n    return [float(x) for x in X.mean(0)]").right
    assert mark(question, "def mean(X):\n    return X.T.mean(0)").mistake == "mistake-1"
    assert mark_function(question, lambda X: X.mean(0)).right


def test_without_pytorch_its_questions_load_and_point_to_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    verdict = mark(key(TORCH), "def mean(X):\n    return X.mean(0)")
    assert verdict.status == "undecided"
    assert "notebook" in verdict.message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('function = "relu"', "", "function"),
        ("max(0.0, v) for", "max(0.0, v) fro", "answer: Python cannot read line"),
        ("def relu(values):\n    return [max", "def other(values):\n    return [max", "does not define relu"),
        ("gives = [1.0, 0.0]", "gives = [1.0, 1.0]", "not [1, 1]"),
        ("abs(v) for", "max(v, 0) for", "mistake 1 is right"),
        ("gives = [0.0, -2.0]", "gives = [1.0, 0.0]", "gives that when it is right"),
        ("case = 1", "case = 9", "there is no case 9"),
        ("v * (v > 0)", "v", "also: a function in it is not right"),
        ("args = [[]], gives", "args = 3, gives", "args, a list"),
        ("[max(0.0, v) for v in values]", "values[5]", "raises"),
    ],
)
def test_a_key_that_contradicts_itself_is_refused(old: str, new: str, words: str) -> None:
    assert old in RELU
    with pytest.raises(BadKeyError, match="relu") as error:
        key(RELU.replace(old, new, 1))
    assert words in str(error.value)


def test_no_line_of_ours_is_named(question: Key) -> None:
    for source in ("def relu():\n    return []", relu("return 9 ** 9 ** 9")):
        line = mark(question, source).message.partition("in line ")[2][:2]
        assert line in ("", "2:")
