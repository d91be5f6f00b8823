"""Figures that the reader can play with, in a kernel and on the finished page alike.

The one public verb is `explore`. In a kernel it shows the figure under widgets; in the book's build it draws
every state beforehand and hands them to the page as one small file, so that no widget on the site is dead.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlbook.explore._bundle import MOST_BYTES, bundle
from dlbook.explore._drawing import State, draw_state
from dlbook.explore._grid import MOST_STATES, Control, grid, read_controls
from dlbook.explore._kernel import kernel_form
from dlbook.page import in_build

__all__ = ["MIME", "MOST_BYTES", "MOST_STATES", "Explorer", "explore"]

MIME = "application/vnd.dlbook.explore.v1+json"
"""Under this type a built chapter keeps a figure with all its states."""


class Explorer:
    """An interactive figure that a notebook shows when a cell ends in it; made by `explore`.

    Parameters
    ----------
    draw, alt
        As given to `explore`.
    controls : sequence of Control
        What the reader moves.
    caption, name : str
        As given to `explore`.
    play : int or None
        Which control the play button moves.
    """

    def __init__(
        self,
        draw: Callable[..., Any],
        alt: str | Callable[..., str],
        controls: Sequence[Control],
        caption: str,
        name: str,
        play: int | None,
    ) -> None:
        self.draw, self.alt, self.controls = draw, alt, tuple(controls)
        self.caption, self.name, self.play = caption, name, play
        # Before anything is shown, so that a fault in `draw` is an error of the cell that calls `explore`.
        self._data = self._build() if in_build() else None
        self._first = None if in_build() else self.state([control.start for control in self.controls])

    def state(self, indices: Sequence[int]) -> State:
        """Draw one state.

        Parameters
        ----------
        indices : sequence of int
            Which value each control has.

        Returns
        -------
        State
            Picture, results and words.
        """
        pairs = zip(self.controls, indices, strict=True)
        return draw_state(self.draw, self.alt, {c.name: c.values[index] for c, index in pairs})

    def _build(self) -> dict[str, Any]:
        """Draw all states and pack them for the page."""
        states = [draw_state(self.draw, self.alt, values) for values in grid(self.controls)]
        start = 0
        for control in self.controls:
            start = start * len(control.values) + control.start
        if self.state([control.start for control in self.controls]) != states[start]:
            raise ValueError(
                "explore: the same values gave two different states. Let the function begin from a seed or a "
                "generator of its own, and change nothing outside itself."
            )
        packed = bundle(states, self.controls, start)
        return {
            "name": self.name,
            "caption": self.caption,
            "controls": [
                {"label": c.label, "kind": c.kind, "texts": list(c.texts), "start": c.start}
                for c in self.controls
            ],
            "play": self.play,
            "svg": packed.start,
            "width": packed.width,
            "height": packed.height,
            "alt": states[start].alt,
            "results": [list(result) for result in states[start].results],
            "states": len(states),
            "bundle": base64.b64encode(packed.packed).decode(),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if self._data is not None:
            return {MIME: self._data, "text/plain": self._data["alt"]}
        assert self._first is not None
        return kernel_form(self.controls, self._first, self.state, self.caption)

    def __repr__(self) -> str:
        return f"<Explorer of {', '.join(control.name for control in self.controls)}>"


def explore(
    draw: Callable[..., Any],
    *,
    alt: str | Callable[..., str],
    caption: str = "",
    name: str = "",
    start: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    play: str | None = None,
    **controls: Any,
) -> Explorer:
    r"""Make a figure that the reader can play with; end the cell with the call.

    Parameters
    ----------
    draw
        Gets one value for each control, by name. It draws one Matplotlib figure, of the same size for all
        values; or returns a number, a text, or a dictionary of labelled results, which are shown below; or
        does both. The same values must always give the same picture.
    alt
        What the figure shows, in words; a function gets the values and says what it shows for them.
    caption
        The message of the figure. Markdown on the page.
    name
        A label, so that the text can refer to the figure: ``{numref}`fig-...```.
    start
        The value shown first, by name; without it the first. Start where the figure is interesting.
    labels
        What a control is called, by name. Plain text: "learning rate η".
    play
        Name of the control that the play button moves: the first slider if there is one.
    **controls
        ``eta=(0, 2, 21)``, a slider with 21 values from 0 to 2; ``momentum=[0, 0.5, 0.9]``, a choice (of more
        than six values: a slider); ``n=range(1, 9)`` or an array, a slider with these values.

    Returns
    -------
    Explorer
        What the notebook shows.

    Raises
    ------
    ValueError
        If the controls cannot be read or make more than `MOST_STATES` states; in a build also if the states
        take more than `MOST_BYTES`, differ in size, or do not come out the same when drawn again.
    TypeError
        If `draw` does not take these values, or draws and returns nothing.

    Examples
    --------
    >>> explore(lambda x: x**2, x=(0, 2, 5), alt="The square of x")
    <Explorer of x>
    """
    read = read_controls(controls, start, labels)
    sliders = [n for n, control in enumerate(read) if control.kind == "slider"]
    names = [control.name for control in read]
    if play is not None and play not in names:
        raise ValueError(f"explore: play names {play!r}, which is no control; there is {names}.")
    moved = names.index(play) if play is not None else (sliders[0] if sliders else None)
    return Explorer(draw, alt, read, inspect.cleandoc(caption), name, moved)
