r"""A question as a form in a notebook: fields, a button that marks, hints; as text where widgets are missing.

The marking is the one that the page uses, so that both say the same words.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlbook.answers.keys import Key, find
from dlbook.answers.kinds import KINDS
from dlbook.answers.kinds.base import Kind
from dlbook.answers.marking import mark, understood
from dlbook.answers.sections import find_section, pointer
from dlbook.answers.verdict import Verdict
from dlbook.page import on_main_thread

if TYPE_CHECKING:
    import ipywidgets

# JupyterLab's colours, which follow its light and dark themes, and what to use where there are none.
_BORDER = "1px solid var(--jp-border-color2, silver)"
_COLOURS = {
    "right": "var(--jp-success-color1, green)",
    "almost": "var(--jp-warn-color1, darkorange)",
    "wrong": "var(--jp-error-color1, firebrick)",
    "unreadable": "var(--jp-border-color1, gray)",
}
_LATE = 1.0  # s; see `_Marking`
_CHOICES = "dlbook-choices"
# Widgets give each choice one line, and a longer one runs into the next.
_STYLE = f"""<style>
.{_CHOICES} :is(.widget-radio-box, .widget-checkbox) {{ height: auto; }}
.{_CHOICES} :is(.widget-radio-box label, .widget-label-basic) {{ display: flex; align-items: baseline;
  width: auto; height: auto; min-height: 1.5em; line-height: 1.4; white-space: normal; }}
.{_CHOICES} input {{ flex: none; float: none; order: -1; width: auto; height: auto; margin: 0 0.6em 0 0; }}
</style>"""


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
    marking = _Marking(key, read, outcome)
    button.on_click(_handler(marking.check))
    for part in _leaves(field):
        part.observe(_handler(marking.changed), "value")
    preview = _preview(key, field, ipywidgets)
    style = _STYLE if key.kind in ("choice", "true-false") else ""
    question = ipywidgets.HTMLMath(f"{style}<div>{_html(key.prompt)}</div>{_listed(key)}")
    parts = [question, field, *preview, button, outcome]
    folds = [
        f"<details><summary>Hint {number}</summary>{_html(hint)}</details>"
        for number, hint in enumerate(key.hints, 1)
    ]
    if folds:
        parts.append(ipywidgets.HTMLMath("".join(folds)))
    return _box(ipywidgets, key, parts)


class _Marking:
    """Marks what is in the fields.

    A notebook sends what was entered and that Check was pressed by two ways, and the second may come first:
    JupyterLab's kernels read them in two threads, and what is typed while a kernel is busy waits until it is
    not. So what comes shortly after Check was meant with it.
    """

    def __init__(self, key: Key, read: Callable[[], str], outcome: Any) -> None:
        self.key, self.read, self.outcome = key, read, outcome
        self.until = float("-inf")

    def check(self) -> None:
        """Check was pressed."""
        self._mark()
        self.until = time.monotonic() + _LATE

    def changed(self) -> None:
        """Something was entered."""
        if time.monotonic() < self.until:
            self._mark()

    def _mark(self) -> None:
        self.outcome.value = _outcome(mark(self.key, self.read()))


def _handler(work: Callable[[], None]) -> Callable[[object], None]:
    """Make what a widget calls."""
    return lambda _: on_main_thread(work)


def _leaves(field: Any) -> list[Any]:
    """List the widgets of a field into which something is entered."""
    parts = [leaf for child in getattr(field, "children", ()) for leaf in _leaves(child)]
    return parts or [field]


def _preview(key: Key, field: Any, widgets: Any) -> list[Any]:
    """Make the line that shows, while a formula is being typed, how it is read."""
    if type(KINDS[key.kind]).formula is Kind.formula:
        return []
    line = widgets.HTMLMath(value="")

    def show() -> None:
        read = understood(key, field.value)
        line.value = f"Reads as ${html.escape(read)}$" if read else ""

    field.continuous_update = True
    field.observe(_handler(show), "value")
    return [line]


def _box(ipywidgets: Any, key: Key, parts: list[Any]) -> ipywidgets.Widget:
    """Put a form together; where a notebook's window has no widgets it shows the question as text."""

    class AnswerForm(ipywidgets.VBox):
        """The form of one question."""

        def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
            text = as_plain_text(key)
            markdown = {"text/markdown": as_markdown(key), "text/plain": text}
            return {**super()._repr_mimebundle_(**kwargs), **markdown}

    look = {"border": _BORDER, "padding": "0.6rem 1rem", "margin": "0.3rem 0", "max_width": "60rem"}
    made = AnswerForm(parts, layout=look)
    made.add_class(_CHOICES)
    return made


def _outcome(verdict: Verdict) -> str:
    """Write a verdict for a form."""
    lines = [_html(verdict.markdown)]
    if verdict.understood:
        lines.append(f"Understood as ${html.escape(verdict.understood)}$")
    if not verdict.right and (found := find_section(verdict.see)):
        section, address = found
        title = _html(section.title)
        lines.append(
            f'Read again: <a href="{html.escape(address)}" target="_blank" rel="noopener">{title}</a>'
            if address
            else _html(pointer(verdict.see))
        )
    inside = "".join(f'<div style="margin: 0.2rem 0">{line}</div>' for line in lines)
    colour = _COLOURS.get(verdict.status, _COLOURS["unreadable"])
    return f'<div style="border-left: 4px solid {colour}; padding-left: 0.6rem">{inside}</div>'


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


def as_markdown(key: Key) -> str:
    """Write a question for a place that shows Markdown but no widgets.

    Parameters
    ----------
    key : Key
        The question's key.

    Returns
    -------
    str
        As `as_plain_text`, with maths.
    """
    lines = [key.prompt, ""]
    lines += [f"- **{letter}** {text}" for letter, text in KINDS[key.kind].choices(key)]
    return "\n".join([*lines, "", f'Mark your answer with `check("{key.name}", "...")`.'])


def _field(key: Key, widgets: Any) -> tuple[Any, Callable[[], str]]:
    """Make the field for an answer, and a function that reads it as text."""
    choices = KINDS[key.kind].choices(key)
    letters = [letter for letter, _ in choices]
    whole = {"width": "auto", "max_width": "100%"}
    if key.kind == "choice" and not key.table.get("many"):
        one = widgets.RadioButtons(options=_labels(key), value=None, layout=whole)
        return one, lambda: one.value or ""
    if key.kind == "choice":
        boxes = [
            (letter, widgets.Checkbox(description=label, indent=False, layout=whole))
            for label, letter in _labels(key)
        ]
        ticked = widgets.VBox([box for _, box in boxes])
        return ticked, lambda: " ".join(letter for letter, box in boxes if box.value)
    if key.kind == "true-false":
        truth = widgets.RadioButtons(options=["true", "false"], value=None, layout=whole)
        if not letters:
            return truth, lambda: truth.value or ""
        reason = widgets.RadioButtons(options=_labels(key), value=None, layout=whole)
        because = widgets.VBox([truth, widgets.HTML("because"), reason])
        return because, lambda: f"{truth.value or ''} {reason.value or ''}".strip()
    if key.kind == "code":
        code = widgets.Textarea(value=key.table.get("starter", ""), rows=10, layout={"width": "98%"})
        code.add_class("jp-mod-monospace")
        return code, lambda: code.value
    shown = " ".join(letters)  # for an order: the letters, to be put in order
    label = {"description": "Answer", "style": {"description_width": "initial"}}
    text = widgets.Text(placeholder=shown, layout={"width": "98%"}, continuous_update=False, **label)
    return text, lambda: text.value


def _has_plain_labels(key: Key) -> bool:
    """Whether what there is to choose from can stand beside its button, which shows text only."""
    texts = [text for _, text in KINDS[key.kind].choices(key)]
    return key.kind != "order" and not any(re.search(r"[$`*]", text) for text in texts)


def _labels(key: Key) -> list[tuple[str, str]]:
    """Give what stands beside each button, and the letter that it means."""
    plain = _has_plain_labels(key)
    return [
        (f"{letter}\N{EN SPACE}{text}" if plain else letter, letter)
        for letter, text in KINDS[key.kind].choices(key)
    ]


def _listed(key: Key) -> str:
    """List what there is to choose from, where it cannot stand beside its button."""
    if _has_plain_labels(key):
        return ""
    items = [
        f"<li>{_html(f'**{a}**')}\N{EN SPACE}{_html(text)}</li>" for a, text in KINDS[key.kind].choices(key)
    ]
    style = "list-style: none; margin: 0.3rem 0; padding-left: 1rem"
    return f'<ul style="{style}">{"".join(items)}</ul>' if items else ""


def _html(text: str) -> str:
    """Turn the Markdown of keys into HTML, leaving maths between dollars to the notebook."""
    text = html.escape(text, quote=False)
    text = re.sub(r"`([^`]*)`", r"<code>\1</code>", text)
    return re.sub(r"\*\*([^*]*)\*\*", r"<strong>\1</strong>", text)


def _plain(text: str) -> str:
    """Take the dollars and backticks out."""
    return re.sub(r"[$`]", "", text)
