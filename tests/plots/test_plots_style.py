"""The style: colours that stay apart, figures that come out the same twice, SVG in a kernel."""

import re
import time
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from dlbook import plots

# Machado, Oliveira and Fernandes (2009), severity 1: what dichromats see, in linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


@pytest.fixture(autouse=True)
def _style():
    """Apply the style, and leave Matplotlib as it was."""
    with mpl.rc_context():
        plots.use()
        yield
    plt.close("all")


def _linear(colour: str) -> np.ndarray:
    """Undo the sRGB curve."""
    c = np.array(mpl.colors.to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def _lab(rgb: np.ndarray) -> np.ndarray:
    """Convert linear RGB to CIE L*a*b* (D65), where distances are about as large as they look."""
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
    t = np.array(to_xyz) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _cycle(key: str) -> list:
    return mpl.rcParams["axes.prop_cycle"].by_key()[key]


@pytest.mark.parametrize("vision", VISION)
def test_the_colours_of_lines_stay_apart_for_every_kind_of_vision(vision):
    seen = [_lab(np.array(VISION[vision]) @ _linear(colour)) for colour in _cycle("color")]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


def test_the_colours_of_lines_stay_apart_in_a_grey_print():
    lightness = [_lab(_linear(colour))[0] for colour in _cycle("color")]
    assert min(abs(a - b) for a, b in combinations(lightness, 2)) > 10


@pytest.mark.parametrize("role", plots.COLOURS)
def test_every_colour_has_the_contrast_with_the_panel_that_wcag_asks_of_graphics(role):
    luminance = _linear(plots.COLOURS[role]) @ [0.2126, 0.7152, 0.0722]
    assert 1.05 / (luminance + 0.05) >= 3


def test_lines_differ_in_dash_and_markers_too():
    assert len(set(_cycle("linestyle"))) == len(_cycle("color")) == len(set(plots.MARKERS)) == 5


def _figure():
    ax = plots.curves(
        {"training": [0.9, 0.4], "validation": [0.8, 0.5]}, xlabel="epoch", ylabel="loss in nats"
    )
    ax.imshow(np.eye(4), extent=(1, 1.2, 0.5, 0.6))
    return ax.figure


def test_a_figure_drawn_twice_is_the_same_to_the_last_byte():
    first = plots.svg(_figure())
    time.sleep(0.01)
    assert plots.svg(_figure()) == first
    assert "dc:date" not in first


def test_the_comparison_above_could_fail():
    mpl.rcParams["svg.hashsalt"] = None
    assert plots.svg(_figure()) != plots.svg(_figure())


def test_an_svg_needs_no_font_of_the_reader():
    text = plots.svg(_figure())
    assert "<text" not in text
    assert "font-family" not in text


def test_the_panel_is_opaque_white_so_that_a_dark_page_does_not_shine_through():
    figure = _figure()
    figure.canvas.draw()
    corner = np.asarray(figure.canvas.buffer_rgba())[0, 0]
    assert corner.tolist() == [255, 255, 255, 255]
    assert re.search(r'<g id="patch_1">\s*<path[^>]*fill: #ffffff', plots.svg(figure), re.DOTALL)


def test_text_is_readable_on_a_phone():
    figure = _figure()
    width = figure.get_size_inches()[0] * 72
    sizes = [text.get_fontsize() for text in figure.findobj(mpl.text.Text) if text.get_text()]
    # Shown 360 px wide, 11 pt of a 6.4 in figure come out 8.6 px high.
    assert min(sizes) * 360 / width > 8.5


def test_in_a_kernel_figures_come_as_svg_alone_and_equal():
    head = "from dlbook import plots\nplots.use()\nimport matplotlib.pyplot as plt"
    draw = "fig, ax = plt.subplots()\n_ = ax.plot([1, 2])"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in (head, draw, draw)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    used, first, again = (cell.outputs for cell in notebook.cells)
    assert used == []
    (picture,) = first
    assert set(picture.data) == {"image/svg+xml", "text/plain"}
    assert "dc:date" not in picture.data["image/svg+xml"]
    assert first == again
