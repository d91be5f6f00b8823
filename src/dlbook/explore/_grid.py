"""The controls of an interactive figure, the values that each can take, and the grid of all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

MOST_STATES = 120
MOST_CHOICES = 6  # a longer list becomes a slider

Value = bool | int | float | str


@dataclass(frozen=True)
class Control:
    """What a reader moves: a slider or a choice among few.

    Parameters
    ----------
    name : str
        The argument of the drawing function.
    label : str
        What the reader sees and hears.
    kind : str
        ``slider`` or ``choice``.
    values : tuple
        All values, in order.
    texts : tuple of str
        The values in words, all different.
    start : int
        Index of the value that is shown first.
    """

    name: str
    label: str
    kind: Literal["slider", "choice"]
    values: tuple[Value, ...]
    texts: tuple[str, ...]
    start: int


def read_controls(
    given: Mapping[str, Any],
    start: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[Control, ...]:
    """Read what an author wrote for each control.

    Parameters
    ----------
    given : mapping
        Name and values: ``(low, high, count)``, a list of choices, or a range or array of numbers.
    start : mapping, optional
        The value shown first, by name; without it the first one.
    labels : mapping, optional
        What a control is called on the page; without it its name.

    Returns
    -------
    tuple of Control
        In the order given.

    Raises
    ------
    ValueError
        If there is no control, a control has fewer than two values or the same twice, a start is not among
        the values, a name in `start` or `labels` is unknown, or there are more than `MOST_STATES` states.
    TypeError
        If the values are something else.

    Examples
    --------
    >>> [control.texts for control in read_controls({"eta": (0, 1, 3), "bias": [True, False]})]
    [('0', '0.5', '1'), ('on', 'off')]
    """
    start, labels = start or {}, labels or {}
    for what, names in (("start", start), ("labels", labels)):
        if unknown := sorted(set(names) - set(given)):
            raise ValueError(f"explore: {what} names {unknown}, which is no control; there is {list(given)}.")
    if not given:
        raise ValueError("explore: there is nothing to move; give a control such as eta=(0, 1, 11).")
    controls = []
    for name, spec in given.items():
        kind, values = _values(name, spec)
        texts = _texts(name, values)
        first = _index(name, values, texts, start[name]) if name in start else 0
        controls.append(Control(name, labels.get(name, name.replace("_", " ")), kind, values, texts, first))
    count = math.prod(len(control.values) for control in controls)
    if count > MOST_STATES:
        sizes = " x ".join(f"{len(control.values)} ({control.name})" for control in controls)
        raise ValueError(
            f"explore: {sizes} makes {count} states; the page can hold {MOST_STATES}. Take fewer values."
        )
    return tuple(controls)


def grid(controls: Sequence[Control]) -> Iterator[dict[str, Value]]:
    """Yield the values of every state; the last control moves fastest.

    Parameters
    ----------
    controls : sequence of Control
        As `read_controls` gives them.

    Yields
    ------
    dict
        Name and value of each control.
    """
    for values in product(*(control.values for control in controls)):
        yield dict(zip((control.name for control in controls), values, strict=True))


def in_words(value: Any, digits: int = 4) -> str:
    """Write a value as the page shows and a screen reader speaks it.

    Parameters
    ----------
    value
        A text, a truth value or a number (a tensor or array of one number too).
    digits : int, optional
        Significant digits of a number.

    Returns
    -------
    str
        Numbers in their shortest form, with a true minus sign.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> in_words(0.30000000000000004), in_words(True), in_words(12)
    ('0.3', 'on', '12')
    """
    value = plain(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "on" if value else "off"
    if not isinstance(value, int | float):
        raise TypeError(f"explore: {value!r} is a {type(value).__name__}; expected a number or a text.")
    text = str(value) if isinstance(value, int) else f"{value:.{digits}g}"
    text = "0" if text == "-0" else text
    return text.replace("-", "\N{MINUS SIGN}")


def plain(value: Any) -> Any:
    """Turn a NumPy scalar, or a tensor or array of one number, into the Python value that it holds."""
    one = hasattr(value, "item") and math.prod(getattr(value, "shape", (0,))) == 1
    return value.item() if one else value


def _values(name: str, spec: Any) -> tuple[Literal["slider", "choice"], tuple[Value, ...]]:
    """Read one control's values and decide how it looks."""
    if isinstance(spec, tuple):
        return "slider", _evenly(name, spec)
    if not isinstance(spec, list | range | np.ndarray):
        raise TypeError(
            f"explore: {name} is {spec!r}; expected (low, high, count), a list of choices, "
            "or a range or array of numbers."
        )
    values = tuple(plain(value) for value in spec)
    if len(values) < 2:
        raise ValueError(f"explore: {name} has {len(values)} values; with fewer than 2 there is no choice.")
    few = isinstance(spec, list) and len(values) <= MOST_CHOICES
    return ("choice" if few else "slider"), values


def _evenly(name: str, spec: tuple[Any, ...]) -> tuple[Value, ...]:
    """Spread values evenly from low to high."""
    if len(spec) != 3 or not all(isinstance(part, int | float) for part in spec):
        raise ValueError(f"explore: {name} is {spec!r}; expected (low, high, count) or a list of choices.")
    low, high, count = spec
    if not isinstance(count, int) or count < 2 or not low < high or not math.isfinite(high - low):
        raise ValueError(
            f"explore: {name} is {spec!r}; expected low < high and a whole number of values, 2 or more."
        )
    # Rounded, so that 3 * 0.1 is shown, compared and passed on as 0.3.
    values = [float(f"{low + (high - low) * n / (count - 1):.12g}") for n in range(count)]
    if isinstance(low, int) and all(value.is_integer() for value in values):
        return tuple(int(value) for value in values)
    return tuple(values)


def _texts(name: str, values: tuple[Value, ...]) -> tuple[str, ...]:
    """Write values with as few digits as tell them apart."""
    for digits in (4, 6, 9, 12):
        texts = tuple(in_words(value, digits) for value in values)
        if len(set(texts)) == len(texts):
            return texts
    raise ValueError(f"explore: {name} has the same value twice in {list(texts)}.")


def _index(name: str, values: tuple[Value, ...], texts: tuple[str, ...], wanted: Any) -> int:
    """Find a start among the values; 0.3 finds what arithmetic made of it."""
    wanted = plain(wanted)
    for n, value in enumerate(values):
        numbers = isinstance(value, int | float) and isinstance(wanted, int | float)
        if value == wanted or (numbers and math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-12)):  # type: ignore[arg-type]
            return n
    raise ValueError(f"explore: {name} cannot start at {wanted!r}; its values are {', '.join(texts)}.")
