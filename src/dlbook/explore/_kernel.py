"""An interactive figure in a kernel: the picture of the moment under widgets."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from dlbook.explore._drawing import State
from dlbook.explore._grid import Control
from dlbook.page import on_main_thread

STILL = "The controls of this figure need ipywidgets (pip install ipywidgets); shown is how it starts: "


def kernel_form(
    controls: Sequence[Control], first: State, state: Callable[[Sequence[int]], State], caption: str
) -> dict[str, Any]:
    """Make what a notebook shows while a kernel runs.

    Parameters
    ----------
    controls : sequence of Control
        What the reader moves.
    first : State
        How the figure starts.
    state : callable
        Draws the state for an index of each control's values.
    caption : str
        The figure's message.

    Returns
    -------
    dict
        Form by media type: widgets, and a still picture for where there are none.
    """
    where = ", ".join(f"{control.label} {control.texts[control.start]}" for control in controls)
    still = {
        "text/html": f"{_html(first)}<p>{escape(caption)}</p><p><em>{escape(STILL + where)}.</em></p>",
        "text/plain": first.alt,
    }
    try:
        import ipywidgets
    except ImportError:
        return still
    rows = [_row(ipywidgets, control) for control in controls]
    picture = ipywidgets.HTML(_html(first))

    def draw() -> None:
        try:
            picture.value = _html(state([row.index for row in rows]))
        except Exception as error:  # an error in a widget's callback would vanish in a log
            notes = " ".join(getattr(error, "__notes__", ()))
            picture.value = f"<pre>{escape(f'{type(error).__name__}: {error} {notes}')}</pre>"

    for row in rows:
        row.observe(lambda _: on_main_thread(draw), names="index")
    parts = [*rows, picture, *([ipywidgets.HTMLMath(f"<p>{escape(caption)}</p>")] if caption else [])]
    return {**still, **_shown(ipywidgets.VBox(parts))}


def _shown(box: Any) -> dict[str, Any]:
    """Say what shows a widget; those of version 7, which Colab has, do not say so themselves."""
    if hasattr(box, "_repr_mimebundle_"):
        return dict(box._repr_mimebundle_())
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    return {"application/vnd.jupyter.widget-view+json": view}


def _row(ipywidgets: Any, control: Control) -> Any:
    """Make the widget of a control."""
    options = {
        "options": list(zip(control.texts, range(len(control.texts)), strict=True)),
        "index": control.start,
        "description": control.label,
        "style": {"description_width": "initial"},
    }
    if control.kind == "choice":
        return ipywidgets.ToggleButtons(**options)
    # Drawing takes a while: only where the reader lets go, not at every value on the way.
    return ipywidgets.SelectionSlider(
        **options, continuous_update=False, layout=ipywidgets.Layout(width="32rem", max_width="100%")
    )


def _html(state: State) -> str:
    """Write a state as HTML."""
    rows = "".join(f"<p>{escape(f'{label}: {text}' if label else text)}</p>" for label, text in state.results)
    if not state.svg:
        return rows
    picture = base64.b64encode(state.svg.encode()).decode()
    source = f"data:image/svg+xml;base64,{picture}"
    return f'<img alt="{escape(state.alt)}" src="{source}" style="max-width:100%">{rows}'
