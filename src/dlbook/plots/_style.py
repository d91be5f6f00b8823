"""The style of all figures: colours by role, sizes for a phone, and files that come out the same twice."""

import io
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

from dlbook.page import in_kernel

# The hues of Okabe and Ito (2008), which colour-blind readers tell apart, each made darker or lighter so that
# their lightness L* runs 5, 23, 37, 48, 59: they stay apart in a grey print too, and the lightest still has
# the contrast of 3 to 1 with white that WCAG 2.2 asks of graphics.
_INK, _PURPLE, _BLUE, _VERMILLION, _GREEN = "#111111", "#5E1F4A", "#005A92", "#C24E00", "#12A07A"

COLOURS = MappingProxyType(
    {
        "train": _BLUE,  # what the model learns from
        "validation": _VERMILLION,  # what it is judged by
        "model": _BLUE,  # what a model says
        "truth": _INK,  # what is the case
        "data": _GREEN,  # observed points
        "error": _VERMILLION,  # what went wrong
        "other": _PURPLE,  # a further case
        "muted": "#767676",  # grids, guides, things in the background
    }
)
MARKERS = ("o", "s", "^", "D", "v")
_DASHES = ("-", (0, (5, 2)), (0, (5, 2, 1, 2)), (0, (1, 1.5)), (0, (9, 3)))

_RC: dict[Any, Any] = {
    # 6.4 in wide, shown 360 px wide on a phone: 12 pt come out at 9 px, smaller text at nothing readable.
    "figure.figsize": (6.4, 4.0),
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "font.family": "DejaVu Sans",  # comes with Matplotlib: the same on every machine
    "mathtext.fontset": "dejavusans",
    "axes.prop_cycle": cycler(color=[_BLUE, _VERMILLION, _GREEN, _PURPLE, _INK]) + cycler(linestyle=_DASHES),
    "lines.linewidth": 2.0,
    "lines.markersize": 6.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#D9D9D9",
    "grid.linewidth": 0.7,
    "legend.frameon": True,  # a veil over the lines behind it, without a border
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    # An opaque white panel is readable on a light and on a dark page alike.
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "figure.constrained_layout.use": True,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.08,
    "image.interpolation": "nearest",  # a pixel is a pixel
    "figure.dpi": 144,  # of the images inside an SVG and of a PNG; an SVG's size does not depend on it
    "savefig.dpi": "figure",
    # Letters as outlines: the reader's machine need not have the font.
    "svg.fonttype": "path",
    # The names of an SVG's parts are hashes salted with this; without it they differ at every run.
    "svg.hashsalt": "dlbook",
}
# Without this Matplotlib writes the time of day into the file.
_METADATA: dict[str, Any] = {"Date": None}


def use() -> None:
    r"""Apply the book's style to all figures that follow; in a notebook, show them as SVG.

    Lines take their colours and dashes from a cycle of five that differ in hue, in lightness and in dash, so
    that they remain apart in grey and for colour-blind readers. A figure is 6.4 by 4 in, on an opaque white
    panel. Rebuilt figures are equal byte for byte. Give thousands of points ``rasterized=True``: an SVG
    would describe each of them.

    Examples
    --------
    >>> use()
    >>> mpl.rcParams["svg.fonttype"]
    'path'
    """
    mpl.rcParams.update(_RC)
    if in_kernel():
        # The configuration of the inline backend, as `%config InlineBackend...` sets it: it holds whether
        # the backend has been loaded already or not.
        from matplotlib_inline.config import InlineBackend

        backend = InlineBackend.instance()
        options: dict[str, Any] = {"bbox_inches": "tight", "metadata": _METADATA}
        backend.print_figure_kwargs = options
        backend.figure_formats = {"svg"}


def svg(figure: Figure) -> str:
    r"""Write a figure as SVG, the same text every time.

    Parameters
    ----------
    figure
        A Matplotlib figure, drawn after `use`.

    Returns
    -------
    str
        The SVG document.

    Examples
    --------
    >>> use()
    >>> "<svg" in svg(Figure())
    True
    """
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata=_METADATA)
    return text.getvalue()
