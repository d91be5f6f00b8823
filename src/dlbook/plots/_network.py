"""A drawing of a small layered network with its weights on the edges."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from dlbook.plots._style import COLOURS

_RADIUS = 0.30  # of a node, in
_GAP = 0.30  # least vertical distance of two labels, in
_COMFORT = 0.42  # distance of two labels beyond which more does not help, in
_WIDTH = 6.4  # of the figure, in

Label = str | float | int


def network(
    layers: Sequence[Sequence[str]],
    edges: Mapping[tuple[str, str], Label],
    *,
    values: Mapping[str, Label] | None = None,
    titles: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    r"""Draw a small network, left to right, with a label on every edge.

    The labels between two layers stand in a column, as near to the middle of the edges as leaves room for
    each of them, and the nodes are drawn as far apart as that takes.

    Parameters
    ----------
    layers
        Names of the nodes, layer by layer from the inputs to the outputs, top to bottom; maths like
        ``"$h_1$"`` is typeset. Every name occurs once.
    edges
        Label for each pair (from, to) of nodes in neighbouring layers; a pair that is missing has no edge and
        an empty label draws the edge alone. Numbers are shown as ``{:g}``.
    values
        Label written under a node, for example its activation.
    titles
        Text above each layer.
    ax
        Where to draw; without it a new figure of the right height.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. One unit is one inch.

    Raises
    ------
    ValueError
        If there are fewer than two layers, an empty layer, a name twice, a pair that is not in neighbouring
        layers, a value for an unknown node, or another number of titles than of layers.

    Examples
    --------
    >>> ax = network([["$x$"], ["$y$"]], {("$x$", "$y$"): 0.5})
    >>> [text.get_text() for text in ax.texts]
    ['0.5', '$x$', '$y$']
    """
    _check(layers, edges, values or {}, titles)
    tightest = min(max(_gaps(len(a), len(b)).values()) for a, b in pairwise(layers))
    # Nodes so far apart that the closest labels have room; a value under a node needs room as well.
    spacing = max(1.35 if values else 1.1, _GAP / tightest)
    columns = np.linspace(_RADIUS, _WIDTH - _RADIUS, len(layers))
    place = {
        name: (float(columns[i]), spacing * ((len(layer) - 1) / 2 - j))
        for i, layer in enumerate(layers)
        for j, name in enumerate(layer)
    }
    half = spacing * (max(map(len, layers)) - 1) / 2 + _RADIUS
    top, bottom = half + (0.45 if titles else 0.05), half + (0.35 if values else 0.05)
    if ax is None:
        _, ax = plt.subplots(figsize=(_WIDTH, top + bottom))
    ax.set(xlim=(-0.03, _WIDTH + 0.03), ylim=(-bottom, top), aspect="equal")
    ax.set_axis_off()
    column = {name: i for i, layer in enumerate(layers) for name in layer}
    for (start, end), label in edges.items():
        ax.plot(*zip(place[start], place[end], strict=True), color=COLOURS["muted"], lw=1.5, ls="-", zorder=1)
        share = _label_place(len(layers[column[start]]), len(layers[column[end]]), spacing)
        x, y = (1 - share) * np.array(place[start]) + share * np.array(place[end])
        if label != "":
            panel = {"facecolor": "white", "edgecolor": "none", "boxstyle": "square,pad=0.12"}
            ax.text(x, y, _text(label), ha="center", va="center", fontsize=12, bbox=panel, zorder=2)
    for name, (x, y) in place.items():
        ax.add_patch(Circle((x, y), _RADIUS, facecolor="white", edgecolor=COLOURS["model"], lw=2, zorder=3))
        ax.text(x, y, name, ha="center", va="center", fontsize=13, zorder=4)
        if values and name in values:
            # Clear of the circle, in the one direction in which no edge leaves it.
            ax.text(x, y - _RADIUS - 0.06, _text(values[name]), ha="center", va="top", fontsize=11, zorder=4)
    for x, title in zip(columns, titles or [], strict=False):
        # The outer titles stay inside the figure: they are flush with its edges.
        side = "left" if x == columns[0] else "right" if x == columns[-1] else "center"
        edge = x - _RADIUS if side == "left" else x + _RADIUS if side == "right" else x
        ax.text(edge, half + 0.15, title, ha=side, va="bottom", fontsize=12)
    return ax


def _gaps(n_from: int, n_to: int) -> dict[float, float]:
    """Measure, for shares of the way, how close the closest two labels are, in node spacings."""
    starts = np.arange(n_from) - (n_from - 1) / 2
    ends = np.arange(n_to) - (n_to - 1) / 2
    gaps = {}
    for share in np.linspace(0.3, 0.7, 81):  # further out a label would touch a node
        heights = np.sort(((1 - share) * starts[:, None] + share * ends).ravel())  # (from * to,)
        gaps[float(share)] = float(np.diff(heights).min()) if len(heights) > 1 else 1.0
    return gaps


def _label_place(n_from: int, n_to: int, spacing: float) -> float:
    """Choose the share of the way at which labels stand: nearest to the middle where they have room."""
    gaps = {share: gap * spacing for share, gap in _gaps(n_from, n_to).items()}  # in
    # Where edges cross the middle has no room, so comfort comes first: as much of it as there is.
    enough = min(_COMFORT, max(gaps.values()))
    roomy = [share for share, gap in gaps.items() if gap >= enough - 1e-9]
    return min(roomy, key=lambda share: (round(abs(share - 0.5), 6), share))


def _text(label: Label) -> str:
    """Write a label: text as it is, a number in its shortest form with a true minus sign."""
    return label if isinstance(label, str) else f"{label:g}".replace("-", "\N{MINUS SIGN}")


def _check(
    layers: Sequence[Sequence[str]],
    edges: Mapping[tuple[str, str], Label],
    values: Mapping[str, Label],
    titles: Sequence[str] | None,
) -> None:
    """Refuse a network that cannot be drawn."""
    if len(layers) < 2 or not all(layers):
        sizes = [len(layer) for layer in layers]
        raise ValueError(f"network: the layers have {sizes} nodes; expected two layers or more, none empty.")
    names = [name for layer in layers for name in layer]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"network: {twice} occur more than once; give every node its own name.")
    neighbours = {(a, b) for here, there in pairwise(layers) for a in here for b in there}
    if wrong := sorted(set(edges) - neighbours):
        raise ValueError(f"network: {wrong} are no pairs (from, to) of nodes in neighbouring layers.")
    if unknown := sorted(set(values) - set(names)):
        raise ValueError(
            f"network: there is no node {unknown} to write a value under; the nodes are {names}."
        )
    if titles is not None and len(titles) != len(layers):
        raise ValueError(f"network: {len(layers)} layers and {len(titles)} titles; give one title per layer.")
