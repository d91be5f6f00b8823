"""A throw-away book with one answer key of each kind, and what to answer to each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinybook import TinyBook

SHARED = r"""
chapter = "tiny"

[symbols]
y_hat = { tex = '\hat y', domain = "unit" }
y = { tex = 'y', domain = "binary" }
w2 = { tex = 'w_2' }
h2 = { tex = 'h_2' }
w = { tex = 'w' }
w_new = { tex = 'w_{\text{new}}' }
eta = { tex = '\eta', domain = "positive" }
g = { tex = 'g' }
X = { tex = 'X', shape = ["N", "D"] }
D2 = { tex = '\Delta_2', shape = ["N", "C"] }

[sizes]
N = [3, 2]
D = [4, 5]
C = [2, 3]
"""

KEYS = {
    "pick": r"""
exercise = "ex-choices"
kind = "choice"
prompt = 'Which way does $w_2$ move?'
see = "sec-rule"
praise = 'Against the slope $g$.'
hints = ['Look at the sign of $g$.', 'Minus times minus is plus.']
options = [
  { text = 'It grows by $\eta g$.', right = true },
  { text = 'It shrinks.', says = 'The slope is negative: what is $-\eta g$ then?' },
  { text = 'It stays where it is.', says = 'Is the slope zero?' },
]
""",
    "several": r"""
exercise = "ex-choices"
kind = "choice"
many = true
prompt = 'Which of these are slopes?'
options = [
  { text = '`g`', right = true },
  { text = '$\partial L/\partial w$', right = true },
  { text = '`eta`', says = 'That is the learning rate.' },
]
""",
    "truth": r"""
exercise = "ex-choices"
kind = "true-false"
prompt = 'If the loss falls after a step, the gradient was right.'
answer = false
see = "sec-rule"
reasons = [
  { text = 'Any vector with a positive inner product makes it fall.', right = true },
  { text = 'The loss never falls.', says = 'It does fall, for small steps.' },
]
[[keys.truth.mistakes]]
answer = true
says = 'A wrong gradient may also point downhill.'
""",
    "shape": r"""
exercise = "ex-shapes"
kind = "shape"
prompt = 'The shape of the output for a batch of 32 and 10 classes'
answer = "(32, 10)"
see = "sec-rule"
hints = ['Rows are examples.']
""",
    "steps": r"""
exercise = "ex-shapes"
kind = "order"
prompt = 'Put the steps of one update in order.'
steps = ["Compute the loss.", 'Compute the gradient $g$.', 'Take a step of $-\eta g$.', "Set $g$ to zero."]
see = "sec-rule"
""",
    "loss": r"""
exercise = "ex-formulas"
kind = "number"
prompt = 'The loss at $\hat y = 1/2$, to three digits'
answer = "ln 2"
recorded = "loss"
see = "sec-rule"
[[keys.loss.mistakes]]
answer = 0.5
says = 'You gave the prediction $\hat y$ itself.'
""",
    "slope": r"""
exercise = "ex-formulas"
kind = "expression"
prompt = 'The derivative $\partial L/\partial h_2$'
symbols = ["y_hat", "y", "w2", "h2"]
answer = "(y_hat - y) w2"
see = "sec-rule"
praise = 'One factor for each station.'
hints = ['Walk back from the output.', 'An edge contributes its weight.']
[[keys.slope.mistakes]]
answer = "(y_hat - y) h2"
says = 'The value $h_2$ stands where the weight belongs.'
""",
    "update": r"""
exercise = "ex-formulas"
kind = "equation"
prompt = 'The update'
symbols = ["w_new", "w", "eta", "g"]
unknown = "w_new"
answer = "w_new = w - eta g"
""",
    "grad": r"""
exercise = "ex-formulas"
kind = "matrix"
prompt = 'The gradient of the weights'
symbols = ["X", "D2"]
answer = "X.T @ D2"
""",
    "point": r"""
exercise = "ex-formulas"
kind = "vector"
prompt = 'The vector from $(0, 0, 0)$ to $(1, 0, 2)$'
answer = "(1, 0, 2)"
""",
    "values": r"""
exercise = "ex-formulas"
kind = "set"
prompt = 'The values of a step function'
answer = "{0, 1}"
""",
    "relu": r"""
exercise = "ex-code"
kind = "code"
prompt = 'Write `relu(x)` for a number.'
function = "relu"
starter = '''def relu(x):
    return x
'''
answer = "def relu(x):\n    return max(x, 0.0)"
cases = [
  { args = [2.0], gives = 2.0, says = "A positive number stays." },
  { args = [-1.0], gives = 0.0, says = "What about a negative number?" },
]
""",
    "layer": r"""
exercise = "ex-code"
kind = "code"
prompt = 'Write `layer(x)` for a tensor.'
function = "layer"
torch = true
answer = "def layer(x):\n    return x.clamp(min=0)"
cases = [
  { args = [[1.0, -1.0]], gives = [1.0, 0.0], says = "What about negative entries?" },
  { args = [[2.0, 3.0]], gives = [2.0, 3.0], says = "Positive entries stay." },
]
""",
}


@dataclass(frozen=True)
class Sample:
    """Answers to one key: right, wrong, and such as nobody can read (none where that cannot be entered)."""

    right: str
    wrong: str
    nonsense: str = ""


SAMPLES = {
    "pick": Sample("a", "b"),
    "several": Sample("a b", "a c"),
    "truth": Sample("false a", "true a"),
    "shape": Sample("32 x 10", "(10, 32)", "wide"),
    "steps": Sample("", ""),  # by moving steps
    "loss": Sample("0.693", "0.5", "about one"),
    "slope": Sample("w_2*(yhat - y)", "(y_hat - y) h2", "(y_hat - y) $ w2"),
    "update": Sample("w - w_new = eta*g", "w_new = w + eta g", "w_new = = w"),
    "grad": Sample("X.T @ D2", "D2.T @ X", "X.T @ @ D2"),
    "point": Sample("(1, 0, 2)", "(1, 0, 3)", "(1, 0, 2"),
    "values": Sample("{1, 0}", "[0, 1]", "{0, 1"),
    "relu": Sample(
        "def relu(x):\n    return max(x, 0.0)", "def relu(x):\n    return x", "def relu(x) return"
    ),
}

LABELS = {"ex-choices", "ex-shapes", "ex-formulas", "ex-code"}

PROSE = """\
(sec-rule)=
## The rule

Some prose.

```{code-cell} ipython3
import math
from dlbook.page import record

record(loss=math.log(2))
```

The loss is {glue:text}`loss:.3f`.

## Exercises

Try these.
"""

SOLVED = """\
```{code-cell} ipython3
assert 1 + 1 == 2
```
"""


def exercise(label: str, names: list[str], solution: str = SOLVED) -> str:
    """Write an exercise with forms, and its solution."""
    forms = "\n\n".join(f"```{{answer}} tiny/{name}\n```" for name in names)
    return f"""
```{{exercise-start}} Try {label}
:label: {label}
```
Work it out, with $\\eta g$.

{forms}
```{{exercise-end}}
```

```{{solution-start}} {label}
:class: dropdown
```
So it is.

{solution}
```{{solution-end}}
```
"""


def exercises(names: list[str]) -> dict[str, list[str]]:
    """Sort keys by their exercise."""
    found: dict[str, list[str]] = {}
    for name in names:
        label = re.search(r'exercise = "(.*)"', KEYS[name])
        assert label is not None
        found.setdefault(label[1], []).append(name)
    return found


def add_answers(book: TinyBook, names: list[str], slug: str = "a/one") -> Path:
    """Give a book a chapter with the forms of some keys; return the keys' file."""
    text = "".join(exercise(label, inside) for label, inside in exercises(names).items())
    book.chapter(slug, "print('the end')", prose=PROSE + text)
    tables = "".join(f"\n[keys.{name}]{KEYS[name]}" for name in names)
    return book.write(f"book/{slug}.answers.toml", SHARED + tables)
