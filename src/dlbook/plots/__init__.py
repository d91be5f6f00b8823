"""One look for all figures, and the drawings that several chapters share.

A chapter begins with ``from dlbook import plots`` and ``plots.use()``. The text that says what a figure
shows to somebody who cannot see it belongs to the cell, not to the figure: every cell that draws starts
with ``mystnb: image: alt: ...`` in its metadata.
"""

from dlbook.plots._charts import curves, image_grid
from dlbook.plots._network import network
from dlbook.plots._style import COLOURS, MARKERS, svg, use

__all__ = ["COLOURS", "MARKERS", "curves", "image_grid", "network", "svg", "use"]
