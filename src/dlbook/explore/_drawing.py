"""One state of an interactive figure: call the author's function and keep what it drew and said."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.figure import Figure, SubFigure

from dlbook.explore._grid import in_words, plain

# The page draws all states in one place, so their size may not depend on what is in them, as it does
# with "tight". Letters as outlines, and names that are the same at every run: as in dlbook.plots.
_RC: dict[Any, Any] = {"savefig.bbox": "standard", "svg.fonttype": "path", "svg.hashsalt": "dlbook"}


@dataclass(frozen=True)
class State:
    """What the page shows for one choice of values.

    Parameters
    ----------
    svg : str
        The picture as Matplotlib writes it; empty where nothing was drawn.
    results : tuple of (str, str)
        Labels and texts; a label may be empty.
    alt : str
        The picture in words.
    """

    svg: str
    results: tuple[tuple[str, str], ...]
    alt: str


def draw_state(draw: Callable[..., Any], alt: str | Callable[..., str], values: Mapping[str, Any]) -> State:
    """Draw one state.

    Parameters
    ----------
    draw : callable
        Takes the values by name; draws one Matplotlib figure, or returns results, or both.
    alt : str or callable
        The picture in words; a function gets the values too.
    values : mapping
        Name and value of every control.

    Returns
    -------
    State
        Its figure is closed.

    Raises
    ------
    TypeError, ValueError
        If nothing, several figures or something unreadable came back, or the words are none.
    """
    where = ", ".join(f"{name}={value!r}" for name, value in values.items())
    before = set(plt.get_fignums())
    try:
        returned = draw(**values)
        drawn = [plt.figure(number) for number in plt.get_fignums() if number not in before]
        figure = _figure(returned, drawn, where)
        results = _results(returned)
        if figure is None and not results:
            raise TypeError(
                f"explore: for {where} the function drew no figure and returned {returned!r}; let it draw "
                "with Matplotlib, or return a number, a text or a dictionary of labelled results."
            )
        svg = _svg(figure) if figure is not None else ""
    except Exception as error:
        error.add_note(f"explore: this happened for {where}")
        raise
    finally:
        for number in set(plt.get_fignums()) - before:
            plt.close(number)
    words = alt(**values) if callable(alt) else alt
    if not isinstance(words, str) or not words.strip():
        raise ValueError(f"explore: alt is {words!r} for {where}; say in words what the figure shows there.")
    return State(svg, results, " ".join(words.split()))


def _figure(returned: Any, drawn: list[Figure], where: str) -> Figure | None:
    """Find the one figure that a call made."""
    if isinstance(returned, Artist):
        figure: Any = returned if isinstance(returned, Figure) else returned.get_figure()
        while isinstance(figure, SubFigure):
            figure = figure.figure
        if isinstance(figure, Figure):
            return figure
    if len(drawn) > 1:
        raise ValueError(
            f"explore: for {where} the function drew {len(drawn)} figures; expected one. Put the parts side "
            "by side with plt.subplots, or return the figure that is meant."
        )
    return drawn[0] if drawn else None


def _results(returned: Any) -> tuple[tuple[str, str], ...]:
    """Read what a function returned beside its figure; anything that is no result counts as none."""
    if isinstance(returned, Mapping):
        return tuple((str(label), in_words(value)) for label, value in returned.items())
    value = plain(returned)
    return (("", in_words(value)),) if isinstance(value, bool | int | float | str) else ()


def _svg(figure: Figure) -> str:
    """Write a figure in its own size."""
    text = io.StringIO()
    with mpl.rc_context(_RC):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()
