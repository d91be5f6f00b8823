r"""Marking in a kernel: Jupyter, Colab, Binder, or a plain Python prompt.

`check` marks one answer, `form` shows the question with fields to fill in. Both use the marking that the
page uses, so they say the same words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlbook.answers.keys import Key, find
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark, mark_function
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    import ipywidgets


def check(name: str, answer: object) -> Verdict:
    r"""Mark an answer to an exercise.

    Parameters
    ----------
    name : str
        The question, as it stands under the exercise: ``"backprop/every-factor"``.
    answer : object
        A text as you would type it into the page (``"2x + w_1^2"``, ``"b"``, ``"(32, 10)"``), a number, a
        list, a tuple, a set, a shape, a tensor or array, a SymPy expression; for questions that ask for code,
        the function itself or its source.

    Returns
    -------
    Verdict
        It shows itself at the end of a cell; ``check(...).right`` is True or False.

    Raises
    ------
    LookupError
        If there is no such question; the message names those that resemble it.
    TypeError
        If the answer is none of the above.

    Examples
    --------
    >>> check("backprop/no-such-question", "42")
    Traceback (most recent call last):
    ...
    LookupError: there is no answer key 'backprop/no-such-question'...
    """
    key = find(name)
    if key.kind == "code" and callable(answer):
        return mark_function(key, answer)
    return mark(key, as_text(answer))


def as_text(answer: object) -> str:
    r"""Write an answer that came as a Python object the way a reader would type it.

    Parameters
    ----------
    answer : object
        See `check`.

    Returns
    -------
    str
        The text to be marked.

    Raises
    ------
    TypeError
        If it is something that no question asks for.

    Examples
    --------
    >>> as_text([[1, 2.5], [3, 4]])
    '[[1, 2.5], [3, 4]]'
    >>> as_text((32, 10)), as_text({1}), as_text(True)
    ('(32, 10)', '{1}', 'true')
    """
    if isinstance(answer, str):
        return answer
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, float):
        return repr(float(answer))  # a subclass such as numpy.float64 prints in its own way
    if isinstance(answer, int):
        return repr(int(answer))
    if isinstance(answer, (list, tuple)):
        entries = ", ".join(map(as_text, answer))
        if isinstance(answer, list):
            return f"[{entries}]"
        return f"({entries},)" if len(answer) == 1 else f"({entries})"
    if isinstance(answer, (set, frozenset)):
        return "{" + ", ".join(sorted(map(as_text, answer))) + "}"
    if hasattr(answer, "tolist"):  # a tensor or an array
        return as_text(answer.tolist())
    if type(answer).__module__.partition(".")[0] == "sympy":
        return str(answer)
    raise TypeError(
        f"an answer cannot be a {type(answer).__name__}; give a text, a number, a list, a tensor, "
        "or, where code is asked for, a function"
    )


def form(name: str) -> ipywidgets.Widget | None:
    """Show a question with fields to fill in and a button that marks.

    Parameters
    ----------
    name : str
        The question, as for `check`.

    Returns
    -------
    ipywidgets.Widget or None
        The form. Where no widgets can be had the question is printed, with the call that marks it.

    Raises
    ------
    LookupError
        If there is no such question.
    """
    key = find(name)
    try:
        import ipywidgets
    except ImportError:
        print(as_plain_text(key))
        return None
    field, read = _field(key, ipywidgets)
    button = ipywidgets.Button(description="Check", tooltip=f"Mark the answer to {key.name}")
    outcome = ipywidgets.HTMLMath(value="")

    def on_click(_: object) -> None:
        verdict = mark(key, read())
        seen = f"<p>Understood as ${verdict.understood}$</p>" if verdict.understood else ""
        outcome.value = f"<p>{_html(verdict.markdown)}</p>{seen}"

    button.on_click(on_click)
    hints = [
        ipywidgets.HTML(f"<details><summary>Hint {number}</summary>{_html(hint)}</details>")
        if "$" not in hint
        else ipywidgets.HTMLMath(f"<details><summary>Hint {number}</summary>{_html(hint)}</details>")
        for number, hint in enumerate(key.hints, 1)
    ]
    question = ipywidgets.HTMLMath(f"<p>{_html(key.prompt)}</p>{_listed(key)}")
    return ipywidgets.VBox([question, field, button, outcome, *hints])


def as_plain_text(key: Key) -> str:
    """Write a question for a place that shows text only.

    Parameters
    ----------
    key : Key
        The question's key.

    Returns
    -------
    str
        The prompt, what there is to choose from, and the call that marks an answer.
    """
    lines = [_plain(key.prompt)]
    lines += [f"  {letter}  {_plain(text)}" for letter, text in KINDS[key.kind].choices(key)]
    return "\n".join([*lines, f'Mark your answer with check("{key.name}", "...").'])


def _field(key: Key, widgets: Any) -> tuple[Any, Callable[[], str]]:
    """Make the field for an answer, and a function that reads it as text."""
    letters = [letter for letter, _ in KINDS[key.kind].choices(key)]
    label = {"description": "Answer", "style": {"description_width": "initial"}}
    if key.kind == "choice" and not key.table.get("many"):
        one = widgets.RadioButtons(options=letters, value=None, **label)
        return one, lambda: one.value or ""
    if key.kind == "choice":
        boxes = [widgets.Checkbox(description=letter, indent=False) for letter in letters]
        return widgets.HBox(boxes), lambda: " ".join(box.description for box in boxes if box.value)
    if key.kind == "true-false":
        truth = widgets.RadioButtons(options=["true", "false"], value=None, **label)
        if not letters:
            return truth, lambda: truth.value or ""
        reason = widgets.RadioButtons(options=letters, value=None, description="because")
        return widgets.HBox([truth, reason]), lambda: f"{truth.value or ''} {reason.value or ''}".strip()
    if key.kind == "code":
        code = widgets.Textarea(
            value=key.table.get("starter", ""), rows=10, layout={"width": "100%"}, description="Code"
        )
        return code, lambda: code.value
    shown = " ".join(letters)  # for an order: the letters, to be put in order
    text = widgets.Text(placeholder=shown, layout={"width": "100%"}, continuous_update=False, **label)
    return text, lambda: text.value


def _listed(key: Key) -> str:
    """List what there is to choose from."""
    items = [f"<li>{_html(f'**{a}** {text}')}</li>" for a, text in KINDS[key.kind].choices(key)]
    return f'<ul style="list-style: none">{"".join(items)}</ul>' if items else ""


def _html(text: str) -> str:
    """Turn the Markdown of keys into HTML, leaving maths between dollars to the notebook."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]*)\*\*", r"<strong>\1</strong>", text)


def _plain(text: str) -> str:
    """Take the dollars and backticks out."""
    return re.sub(r"[$`]", "", text)
