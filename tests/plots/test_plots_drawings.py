"""Curves, image grids and networks: what stands where, and what is refused."""

from itertools import combinations, pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.patches import Circle

from dlbook import plots


@pytest.fixture(autouse=True)
def _style():
    """Apply the style, and leave Matplotlib as it was."""
    with mpl.rc_context():
        plots.use()
        yield
    plt.close("all")


LABELS = {"xlabel": "epoch", "ylabel": "loss in nats"}


def test_curves_draw_the_numbers_given_over_epochs_counted_from_one():
    ax = plots.curves({"a": [3.0, 2.0], "b": torch.tensor([1.0, 5.0], requires_grad=True)}, **LABELS)
    assert [line.get_xdata().tolist() for line in ax.lines] == [[1, 2], [1, 2]]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[3, 2], [1, 5]]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss in nats", "linear")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_curves_take_places_a_scale_and_axes():
    _, mine = plt.subplots()
    ax = plots.curves({"a": [1, 10]}, x=np.array([0.1, 0.2]), log=True, ax=mine, **LABELS)
    assert ax is mine
    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.2]
    assert ax.get_yscale() == "log"
    assert ax.get_legend() is None  # one line is named by its axis


def test_five_lines_differ_in_colour_dash_and_marker():
    lines = plots.curves({str(i): [i, i] for i in range(5)}, **LABELS).lines
    for a, b in combinations(lines, 2):
        assert a.get_color() != b.get_color()
        assert a.get_marker() != b.get_marker()
    assert len({str(line._dash_pattern) for line in lines}) == 5


def test_many_points_do_not_drown_in_markers():
    (line,) = plots.curves({"a": np.arange(1000)}, **LABELS).lines
    assert len(range(0, 1000, line.get_markevery())) <= 12


@pytest.mark.parametrize(
    ("lines", "options", "message"),
    [
        ({}, {}, "0 lines; expected 1 to 5"),
        ({str(i): [1.0] for i in range(6)}, {}, "6 lines; expected 1 to 5"),
        ({"a": [1.0, 2.0], "b": [1.0]}, {}, "must agree"),
        ({"a": [1.0, 2.0]}, {"x": [1.0]}, "must agree"),
        ({"a": np.zeros((2, 2))}, {}, "must agree"),
    ],
)
def test_curves_that_do_not_fit_are_refused(lines, options, message):
    with pytest.raises(ValueError, match=message):
        plots.curves(lines, **LABELS, **options)
    assert plt.get_fignums() == []


def _shown(figure) -> list:
    return [ax.images[0] for ax in figure.axes]


@pytest.mark.parametrize("channels", [(), (1,)])
def test_grey_images_are_shown_as_they_are(channels):
    images = torch.rand(3, *channels, 4, 5)
    pictures = _shown(plots.image_grid(images, ["a", "b", "c"]))
    for picture, image in zip(pictures, images, strict=True):
        assert np.array_equal(picture.get_array(), image.reshape(4, 5).numpy())


def test_colour_images_keep_their_channels_and_are_not_scrambled():
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 4, 5), dtype=np.uint8)
    for picture, image in zip(_shown(plots.image_grid(images)), images, strict=True):
        for channel in range(3):
            assert np.array_equal(picture.get_array()[..., channel], image[channel])


@pytest.mark.parametrize(
    ("images", "limits", "expected"),
    [
        (torch.tensor([[[0.2]], [[0.4]]]), None, (0, 1)),
        (torch.tensor([[[20]], [[40]]], dtype=torch.uint8), None, (0, 255)),
        (torch.tensor([[[-2.0]], [[3.0]]]), None, (-2, 3)),
        (torch.tensor([[[0.2]], [[0.4]]]), (-1.0, 1.0), (-1, 1)),
    ],
)
def test_all_grey_images_share_one_scale(images, limits, expected):
    pictures = _shown(plots.image_grid(images, limits=limits))
    assert [picture.get_clim() for picture in pictures] == [expected] * 2


def test_the_grid_has_rows_columns_titles_and_no_empty_boxes():
    figure = plots.image_grid(np.zeros((13, 4, 4)), range(13))
    assert [ax.get_title() for ax in figure.axes] == [str(i) for i in range(13)]
    spans = [(ax.get_subplotspec().rowspan.start, ax.get_subplotspec().colspan.start) for ax in figure.axes]
    assert spans == [(i // 8, i % 8) for i in range(13)]
    assert plots.image_grid(np.zeros((4, 4, 4)), columns=2).axes[2].get_subplotspec().rowspan.start == 1


def test_titles_of_two_lines_touch_no_image():
    figure = plots.image_grid(np.zeros((13, 28, 28)), ["true 3\nsaid 8"] * 13)
    figure.canvas.draw()
    boxes = [ax.images[0].get_window_extent() for ax in figure.axes]
    titles = [ax.title.get_window_extent() for ax in figure.axes]
    assert not any(box.overlaps(title) for box in boxes for title in titles)


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        (np.zeros((28, 28)), {}, r"image\[None\]"),
        (np.zeros((2, 4, 28, 28)), {}, "expected"),
        (np.zeros((2, 28, 28, 3)), {}, "expected"),
        (np.zeros((0, 28, 28)), {}, "nothing to show"),
        (np.zeros((2, 28, 28)), {"titles": ["a"]}, "2 images and 1 titles"),
        (np.zeros((2, 28, 28)), {"columns": 0}, "columns is 0"),
        (np.full((2, 3, 4, 4), 1.5), {}, r"Undo the normalisation"),
        (np.full((2, 3, 4, 4), np.nan), {}, "colour images with values from nan"),
    ],
)
def test_images_that_cannot_be_shown_rightly_are_refused(images, options, message):
    with pytest.raises(ValueError, match=message):
        plots.image_grid(images, **options)
    assert plt.get_fignums() == []


def _full(sizes, label="-0.25"):
    """Make a fully connected network with a label on every edge."""
    layers = [[f"$n_{{{i}{j}}}$" for j in range(size)] for i, size in enumerate(sizes)]
    return layers, {(a, b): label for p, q in pairwise(layers) for a in p for b in q}


def _boxes(ax):
    """Measure the drawn texts and circles."""
    ax.figure.canvas.draw()
    texts = [(text.get_text(), text.get_window_extent()) for text in ax.texts]
    circles = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, Circle)]
    return texts, circles


@pytest.mark.parametrize("sizes", [(2, 2, 1), (1, 1), (1, 3), (3, 1), (2, 3, 2), (3, 4, 3, 2), (4, 5)])
@pytest.mark.parametrize("values", [False, True])
def test_no_label_covers_another_or_a_node(sizes, values):
    layers, edges = _full(sizes)
    names = [name for layer in layers for name in layer]
    given = {"values": dict.fromkeys(names, 0.125), "titles": ["layer"] * len(layers)} if values else {}
    ax = plots.network(layers, edges, **given)
    texts, circles = _boxes(ax)
    assert len(circles) == len(names)
    for (_, a), (_, b) in combinations(texts, 2):
        assert not a.overlaps(b)
    outside = [box for text, box in texts if text not in names]
    assert len(outside) == len(edges) + (len(names) + len(layers) if values else 0)
    assert not any(box.overlaps(circle) for box in outside for circle in circles)
    panel = ax.figure.bbox
    assert all(panel.x0 <= box.x0 and box.x1 <= panel.x1 for _, box in texts)
    assert all(panel.y0 <= box.y0 and box.y1 <= panel.y1 for _, box in texts)


def test_every_label_lies_on_its_own_edge():
    layers = [["x1", "x2"], ["h1", "h2"], ["y"]]
    edges = {
        ("x1", "h1"): 1,
        ("x1", "h2"): 2,
        ("x2", "h1"): 3,
        ("x2", "h2"): -4,
        ("h1", "y"): 0.5,
        ("h2", "y"): "w",
    }
    ax = plots.network(layers, edges)
    where = {text.get_text(): np.array(text.get_position()) for text in ax.texts}
    names = ["1", "2", "3", "\N{MINUS SIGN}4", "0.5", "w"]
    for (start, end), label in zip(edges, names, strict=True):
        along, to_label = where[end] - where[start], where[label] - where[start]
        assert along[0] * to_label[1] == pytest.approx(along[1] * to_label[0], abs=1e-9)
        assert 0 < to_label[0] < along[0]
    assert where["x1"][1] > where["x2"][1]  # top to bottom
    assert where["x1"][0] < where["h1"][0] < where["y"][0]  # left to right
    assert len(ax.lines) == 6


def test_missing_edges_and_empty_labels_are_not_written():
    ax = plots.network([["a"], ["b", "c"]], {("a", "b"): ""})
    assert len(ax.lines) == 1
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("layers", "edges", "options", "message"),
    [
        ([["a"]], {}, {}, "two layers or more"),
        ([["a"], []], {}, {}, r"\[1, 0\] nodes"),
        ([["a"], ["a"]], {}, {}, r"\['a'\] occur more than once"),
        ([["a"], ["b"]], {("b", "a"): 1}, {}, "no pairs"),
        ([["a"], ["b"], ["c"]], {("a", "c"): 1}, {}, "no pairs"),
        ([["a"], ["b"]], {("a", "z"): 1}, {}, r"\('a', 'z'\)"),
        ([["a"], ["b"]], {}, {"values": {"z": 1}}, r"no node \['z'\]"),
        ([["a"], ["b"]], {}, {"titles": ["in"]}, "2 layers and 1 titles"),
    ],
)
def test_a_network_that_cannot_be_drawn_is_refused(layers, edges, options, message):
    with pytest.raises(ValueError, match=message):
        plots.network(layers, edges, **options)
    assert plt.get_fignums() == []
