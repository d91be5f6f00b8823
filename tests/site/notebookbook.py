"""A throw-away book whose chapter has one of everything that a notebook has to say in plain Markdown."""

from __future__ import annotations

import json
from pathlib import Path

from tinybook import HEADER, TinyBook

CHAPTER = r"""
(chap-one)=
# Chapter *one*

A price of \$5, the name a_b and a *word*.
See {ref}`sec-rule` ({ref}`of old <sec-rule>`), {doc}`two` and {ref}`another place <sec-other>`.
The loss is {glue:text}`loss:.2f` at the rate {given}`0.1`, as {cite:p}`gauss` found.[^why]
An address: [PyTorch](https://pytorch.org/).

```{code-cell} ipython3
:tags: [hide-input]

from dlbook.derive import Derivation, Diff, var
from dlbook.page import record

record(loss=0.125)
x, y = var("x y")
```

```{code-cell} ipython3
:tags: [remove-cell]

import matplotlib.pyplot as plt
```

(sec-rule)=
## The $x$ rule

By {eq}`first` and {eq}`slope`, {numref}`fig-line` rises; {numref}`tab-sizes` and {ref}`ex-one` say more.

```{math}
:label: first
:class: definition
a &= b \\
c &= d
```

```{code-cell} ipython3
d = Derivation("square", "Slope of a square", assume=[x > 0])
d.start(Diff((x + y) ** 2, x))
d.step(2 * (x + y), "chain rule, with $f' = 2u$, 100 %", label="slope")
d.step(2 * x + 2 * y, "multiply out", label="opened")
```

```{code-cell} ipython3
e = Derivation("whole", "Slope of x").start(Diff(x * x, x))
e.step(2 * x, "power rule")
```

```{code-cell} ipython3
---
mystnb:
  image:
    alt: A line that rises
  figure:
    caption: The line, $y = x$.
    name: fig-line
---
plt.plot([0, 1]);
```

```{note}
Mind the step.

- first
- second with $x | y$
```

```{admonition} Hidden words
:class: dropdown
They were folded.
```

```{table} Sizes
:name: tab-sizes

| name | value |
| :-- | --: |
| `a\|b` | $\|x\|$ |
| width | 2 |
```

1. one

   ```{math}
   :class: definition
   p &= q \\
   r &= s
   ```
2. two

Term
: What it means.

```python
print("to be read")
```

## Exercises

```{exercise-start} The first
:label: ex-one
```
What is $1 + 1$?

```{answer} tiny/sum
```

```{answer} tiny/pick
```

```{answer} tiny/double
```
```{exercise-end}
```

```{solution-start} ex-one
:class: dropdown
```
It is *two*.

```{code-cell} ipython3
assert 1 + 1 == 2
```

So there.
```{solution-end}
```

```{exercise-start}
:label: ex-two
```
Nothing to mark.
```{exercise-end}
```

```{solution-start} ex-two
:class: dropdown
```
```{code-cell} ipython3
assert True
```
```{solution-end}
```

[^why]: Because of *this*.
"""

KEYS = r"""
chapter = "tiny"

[keys.sum]
exercise = "ex-one"
kind = "number"
prompt = 'The sum of $1$ and $1$'
answer = "2"
integer = true
hints = ['Count your *fingers*.']
mistakes = [{ answer = "3", says = "One too many." }, { answer = "1", says = "One too few." }]

[keys.pick]
exercise = "ex-one"
kind = "choice"
prompt = 'Which is even?'
options = [
  { text = '$2$', right = true },
  { text = 'three', says = 'That is odd.' },
]

[keys.double]
exercise = "ex-one"
kind = "code"
prompt = 'A function `double(n)`'
function = "double"
starter = '''
def double(n):
    ...
'''
answer = '''
def double(n):
    return 2 * n
'''
cases = [{ args = [3] }, { args = [5] }]
mistakes = [{ answer = '''
def double(n):
    return n
''', says = "That is the number itself." }]
"""

BIBLIOGRAPHY = """@book{gauss, title={Theoria}, author={A. Gauss}, year={1801}, publisher={P},
  doi={10.1000/gauss}}
"""


def make_book(root: Path, base: str = "https://book.example/en") -> TinyBook:
    """Write the book; it is not built yet."""
    book = TinyBook(root)
    book.write("book/references.bib", BIBLIOGRAPHY)
    book.write("book/a/one.md", HEADER + CHAPTER)
    book.write("book/a/one.answers.toml", KEYS)
    book.write("book/a/two.md", "# Chapter two\n\nWords.\n\n(sec-other)=\n## Another place\n\nMore.\n")
    book.chapters += ["a/one", "a/two"]
    book.toc()
    book.edit("_config.yml", 'baseurl: ""', f'baseurl: "{base}"')
    book.edit("_config.yml", 'url: ""\n  path_to_book', 'url: "https://github.com/me/book"\n  path_to_book')
    return book


def cells(book: TinyBook, slug: str = "a/one") -> list[dict]:
    """Read the cells of an exported notebook, their source as one text."""
    path = book.root / "_build" / "notebooks" / f"{slug}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf8"))
    return [cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]]


def text_of(found: list[dict]) -> str:
    """Join the Markdown of cells."""
    return "\n\n".join(cell["source"] for cell in found if cell["cell_type"] == "markdown")
