"""Curves over epochs, steps or settings, and grids of images."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from dlbook.plots._style import MARKERS

Numbers = Sequence[float | int] | np.ndarray | Tensor


def curves(
    lines: Mapping[str, Numbers],
    *,
    xlabel: str,
    ylabel: str,
    x: Numbers | None = None,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw named lines over a common axis, each with its own colour, dash and marker.

    Parameters
    ----------
    lines
        Name and values, each ``(n,)``: ``{"training": history.train_loss, ...}``.
    xlabel, ylabel
        What the axes show, with units.
    x
        Places on the horizontal axis, ``(n,)``; without it 1, 2, ..., n, as epochs are counted.
    log
        Whether the vertical axis is logarithmic.
    ax
        Where to draw; without it a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for a title or a remark.

    Raises
    ------
    ValueError
        If there is no line, more lines than the style keeps apart, or if lengths differ.

    Examples
    --------
    >>> ax = curves({"training": [0.9, 0.4], "validation": [0.8, 0.5]}, xlabel="epoch", ylabel="loss in nats")
    >>> len(ax.lines)
    2
    """
    if not 1 <= len(lines) <= len(MARKERS):
        raise ValueError(
            f"curves: {len(lines)} lines; expected 1 to {len(MARKERS)}. More cannot be kept apart: split the "
            "figure, or draw the less important ones in plots.COLOURS['muted']."
        )
    values = {name: _array(line) for name, line in lines.items()}
    lengths = {name: line.shape for name, line in values.items()}
    n = len(next(iter(values.values())))
    places = np.arange(1, n + 1) if x is None else _array(x)
    if any(shape != places.shape for shape in lengths.values()):
        raise ValueError(f"curves: x has shape {places.shape} and the lines have {lengths}; they must agree.")
    if ax is None:
        _, ax = plt.subplots()
    for marker, (name, line) in zip(MARKERS, values.items(), strict=False):
        # A marker on each of many points would hide the line.
        ax.plot(places, line, marker=marker, markevery=ceil(n / 12), label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if log:
        ax.set_yscale("log")
    if x is None:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    if len(values) > 1:
        ax.legend(handlelength=3.0)
    return ax


def image_grid(
    images: Shaped[Tensor, "n ..."] | Shaped[np.ndarray, "n ..."],
    titles: Sequence[object] | None = None,
    *,
    columns: int | None = None,
    cmap: str = "gray",
    limits: tuple[float | int, float | int] | None = None,
) -> Figure:
    r"""Show images side by side, all on one scale of brightness.

    Parameters
    ----------
    images
        ``(n, h, w)`` or ``(n, 1, h, w)`` for grey, ``(n, 3, h, w)`` for colour; whole numbers from 0 to 255
        or floats from 0 to 1.
    titles
        One short text per image, for example its class; two lines are fine.
    columns
        Images in a row; without it at most 8.
    cmap
        Matplotlib's name for the colours of grey images: ``"gray_r"`` draws ink on paper.
    limits
        Values shown as the darkest and the brightest grey. Without them 0 and 1 (0 and 255), or the extremes
        of all images together where they lie outside: never each image by itself, which hides differences.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ValueError
        If the shape is none of these, there is no image, titles and images differ in number, or colour images
        have values outside their range.

    Examples
    --------
    >>> figure = image_grid(np.zeros((3, 28, 28)), ["7", "2", "1"])
    >>> len(figure.axes)
    3
    """
    pixels = _pixels(images)
    if titles is not None and hasattr(titles, "tolist"):  # labels in a tensor
        titles = titles.tolist()
    n = len(pixels)
    if titles is not None and len(titles) != n:
        raise ValueError(f"image_grid: {n} images and {len(titles)} titles; give one title per image.")
    columns = min(n, 8) if columns is None else columns
    if columns < 1:
        raise ValueError(f"image_grid: columns is {columns}; expected 1 or more.")
    low, high = _limits(pixels) if limits is None else limits
    rows = ceil(n / columns)
    cell = min(6.4 / columns, 1.6)  # in
    text = 0.0 if titles is None else 0.22 * max(str(title).count("\n") + 1 for title in titles)
    height = cell * pixels.shape[1] / pixels.shape[2] + text
    figure, axes = plt.subplots(rows, columns, figsize=(cell * columns, height * rows), squeeze=False)
    for place, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if place < n:
            ax.imshow(pixels[place], cmap=cmap, vmin=low, vmax=high)
            if titles is not None:
                ax.set_title(str(titles[place]), fontsize=11, pad=4)
        else:
            ax.remove()
    return figure


def _array(values: Any) -> np.ndarray:
    """Bring numbers from wherever they are into a NumPy array."""
    return np.asarray(values.detach().cpu() if isinstance(values, Tensor) else values)


def _pixels(images: Any) -> np.ndarray:
    """Bring images into the shape that Matplotlib draws: (n, h, w) or (n, h, w, 3)."""
    pixels = _array(images)
    if pixels.ndim == 4 and pixels.shape[1] == 1:
        pixels = pixels[:, 0]  # (n, h, w)
    elif pixels.ndim == 4 and pixels.shape[1] == 3:
        pixels = pixels.transpose(0, 2, 3, 1)  # (n, h, w, 3)
    elif pixels.ndim != 3:
        raise ValueError(
            f"image_grid: the shape is {pixels.shape}; expected (n, h, w), (n, 1, h, w) or (n, 3, h, w). "
            "A single image needs a first dimension: image[None]."
        )
    if pixels.size == 0:
        raise ValueError(f"image_grid: the shape is {pixels.shape}; there is nothing to show.")
    low, high = _range(pixels)
    if pixels.ndim == 4 and not (low <= pixels.min() and pixels.max() <= high):
        raise ValueError(
            f"image_grid: colour images with values from {pixels.min():.3g} to {pixels.max():.3g}; expected "
            f"{low:g} to {high:g}. Undo the normalisation first: images * std + mean."
        )
    return pixels


def _range(pixels: np.ndarray) -> tuple[float, float]:
    """Give the range that pixels of this type usually have."""
    return (0.0, 255.0) if pixels.dtype.kind in "ui" else (0.0, 1.0)


def _limits(pixels: np.ndarray) -> tuple[float, float]:
    """Choose common limits of brightness for all images."""
    low, high = _range(pixels)
    least, most = float(pixels.min()), float(pixels.max())
    return (low, high) if low <= least and most <= high else (least, most)
