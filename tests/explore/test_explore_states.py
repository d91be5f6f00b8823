"""From the author's function to the states on the page: drawing, packing, what is refused."""

import base64
import gzip
import itertools
import json
import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from dlbook import plots
from dlbook.explore import MIME, explore
from dlbook.explore import _bundle as bundles
from dlbook.explore._bundle import bundle, shared
from dlbook.explore._drawing import State, draw_state
from dlbook.explore._grid import read_controls
from dlbook.explore._svg import strict_picture


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        plots.use()
        yield
    assert plt.get_fignums() == [], "a figure was left open; the notebook would show it a second time"


@pytest.fixture
def built(monkeypatch):
    """Explore as the build does: what the page is given, and its bundle unpacked."""
    monkeypatch.setenv("DLBOOK_BUILD", "1")

    def build(draw, **words):
        data = explore(draw, **{"alt": "A line", **words})._repr_mimebundle_()[MIME]
        assert json.loads(json.dumps(data)) == data
        return data, json.loads(gzip.decompress(base64.b64decode(data["bundle"])))

    return build


def line(x, y=0):
    _, ax = plt.subplots(figsize=(4, 3))
    t = np.linspace(0, 1, 12)
    ax.plot(t, x * t + y)
    ax.set(ylim=(-5, 5), xlabel="t", ylabel="value")


def document(content, state):
    return "".join(content["pieces"][n] for n in content["pictures"][content["states"][state]])


# --- Drawing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "results"),
    [
        (3, (("", "3"),)),
        (0.123456, (("", "0.1235"),)),
        ("dead", (("", "dead"),)),
        (torch.tensor(0.5), (("", "0.5"),)),
        (np.float32(0.5), (("", "0.5"),)),
        ({"loss": torch.tensor(-0.5), "open": True}, (("loss", "\N{MINUS SIGN}0.5"), ("open", "on"))),
    ],
)
def test_results_are_kept_in_words(returned, results):
    state = draw_state(lambda x: returned, "words", {"x": 1})
    assert (state.svg, state.results) == ("", results)


@pytest.mark.parametrize("returns", ["nothing", "axes", "figure", "artists", "subfigure"])
def test_the_figure_is_found_however_the_function_hands_it_over(returns):
    def draw(x):
        figure = plt.figure()
        part = figure.subfigures(1) if returns == "subfigure" else figure
        ax = part.subplots()
        artists = ax.plot([0, x])
        return {"nothing": None, "axes": ax, "figure": figure, "artists": artists, "subfigure": ax}[returns]

    assert "<svg" in draw_state(draw, "words", {"x": 1}).svg


def test_a_figure_that_was_open_before_stays_open_and_is_not_taken_for_the_drawn_one():
    other = plt.figure()
    with pytest.raises(TypeError, match="drew no figure and returned None"):
        draw_state(lambda x: None, "words", {"x": 1})
    assert plt.get_fignums() == [other.number]
    plt.close(other)


def test_the_words_may_follow_the_values():
    assert draw_state(lambda x: x, lambda x: f"A line\n of slope {x}", {"x": 2}).alt == "A line of slope 2"


@pytest.mark.parametrize("alt", ["", "  ", lambda x: None])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="say in words"):
        draw_state(lambda x: x, alt, {"x": 2})


def test_two_figures_are_refused():
    with pytest.raises(ValueError, match="x=2 the function drew 2 figures"):
        draw_state(lambda x: [plt.figure(), plt.figure()][:0], "words", {"x": 2})


def test_an_error_says_for_which_values_it_happened_and_leaves_no_figure_open():
    def draw(x):
        plt.figure()
        return 1 / x

    with pytest.raises(ZeroDivisionError) as caught:
        draw_state(draw, "words", {"x": 0})
    assert "x=0" in caught.value.__notes__[0]


# --- The picture ----------------------------------------------------------------------------------------


def drawn(draw, **values):
    return strict_picture(draw_state(draw, "words", values).svg)


def test_a_picture_needs_no_inline_style_and_no_name_from_outside():
    text = "".join(drawn(line, x=1).pieces)
    root = ET.fromstring(text)
    assert not [e for e in root.iter() if "style" in e.attrib or e.tag.endswith("}style")]
    names = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text))
    assert {a or b for a, b in used} == set(names)
    assert len(names) == len(set(names))
    assert names, "the letters of the axes should be definitions"


def test_colours_and_widths_survive_as_attributes():
    def draw(x):
        plt.figure().subplots().plot([0, 1], color="#123456", lw=3.5, ls="--", alpha=0.5)

    root = ET.fromstring("".join(drawn(draw, x=1).pieces))
    (path,) = [e for e in root.iter() if e.get("stroke") == "#123456"]
    assert path.get("stroke-width") == "3.5"
    assert path.get("stroke-opacity") == "0.5"
    assert path.get("fill") == "none"
    assert len(path.get("stroke-dasharray").split(",")) == 2


def test_a_picture_has_the_size_of_its_figure_in_css_pixels():
    picture = drawn(line, x=1)
    assert (picture.width, picture.height) == (4 * 96, 3 * 96)


def test_a_style_that_a_strict_page_cannot_show_is_refused():
    with pytest.raises(ValueError, match="mix-blend-mode: multiply"):
        strict_picture(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">'
            '<path style="mix-blend-mode: multiply" d="M 0 0"/></svg>'
        )


# --- The bundle ---------------------------------------------------------------------------------------


def test_every_state_of_the_grid_can_be_put_together_again(built):
    data, content = built(line, x=(0, 2, 5), y=[0, 1, 2], start={"x": 1, "y": 2})
    assert data["states"] == len(content["states"]) == len(content["alts"]) == 15
    for state, (x, y) in enumerate(itertools.product((0, 0.5, 1, 1.5, 2), (0, 1, 2))):
        alone = "".join(drawn(line, x=x, y=y).pieces)
        assert re.sub(r"x[0-9a-f]{6}-", "dlx-", document(content, state)) == alone
    assert data["svg"] == "".join(drawn(line, x=1, y=2).pieces)
    assert content["texts"] == [["0", "0.5", "1", "1.5", "2"], ["0", "1", "2"]]


def test_what_states_share_is_stored_once(built):
    _, content = built(line, x=(0, 2, 11))
    text = json.dumps(content)
    assert text.count("<defs>") == 1
    assert sum(map(len, content["pieces"])) < 1.5 * len(document(content, 0))


def test_states_that_look_the_same_are_one_picture(built):
    _, content = built(lambda x: line(min(x, 1)), x=(0, 2, 5))
    assert content["states"] == [0, 1, 2, 2, 2]
    assert len(content["pictures"]) == 3


def test_fifty_states_of_an_ordinary_figure_stay_far_below_the_limit(built):
    data, _ = built(line, x=(0, 4, 17), y=[0, 1, 2])
    assert data["states"] == 51
    assert len(base64.b64decode(data["bundle"])) < 40_000


def test_a_bundle_is_the_same_at_every_build(built):
    assert built(line, x=(0, 2, 3))[0] == built(line, x=(0, 2, 3))[0]


def test_two_figures_on_a_page_share_no_names(built):
    def ids(x_label):
        def draw(x):
            line(x)
            plt.gca().set_xlabel(x_label)

        return set(re.findall(r'id="([^"]+)"', document(built(draw, x=[1, 2])[1], 0)))

    assert ids("t").isdisjoint(ids("time"))


def test_results_and_words_belong_to_their_state(built):
    _, content = built(lambda x: {"square": x * x}, x=(0, 2, 3), alt=lambda x: f"The square of {x}")
    assert content["results"] == [[["square", "0"]], [["square", "1"]], [["square", "4"]]]
    assert content["alts"] == ["The square of 0", "The square of 1", "The square of 2"]
    assert content["states"] == [None] * 3


def test_shared_pieces_can_repeat_and_end_where_another_goes_on():
    documents = [["a", "b", "a", "b"], ["a", "b"], ["b", "a", "c"], []]
    pieces, indices = shared(documents)
    assert ["".join(pieces[n] for n in row) for row in indices] == ["".join(d) for d in documents]


# --- What the build refuses -----------------------------------------------------------------------------


def test_a_figure_over_the_limit_is_refused_with_its_size(built, monkeypatch):
    monkeypatch.setattr(bundles, "MOST_BYTES", 2_000)
    with pytest.raises(ValueError, match=r"3 states take \d+ kB compressed; the page allows 2"):
        built(line, x=(0, 2, 3))


def test_states_of_different_sizes_are_refused(built):
    with pytest.raises(ValueError, match=r"different sizes \(192 x 192 and 288 x 192 pixels\)"):
        built(lambda x: plt.figure(figsize=(x, 2)), x=[2, 3])


def test_a_state_without_a_picture_among_others_is_refused(built):
    with pytest.raises(ValueError, match="different sizes"):
        built(lambda x: line(x) if x else "none", x=[0, 1])


def test_a_figure_that_is_not_the_same_twice_is_refused(built):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="two different states"):
        built(lambda x: float(rng.random()), x=[0, 1])


def test_sizes_do_not_depend_on_what_is_drawn(built):
    def draw(x):
        line(1)
        plt.gca().set_ylabel("long " * x)

    data, _ = built(draw, x=[0, 3])
    assert (data["width"], data["height"]) == (384, 288)


def test_a_bundle_of_bare_states_has_no_picture():
    controls = read_controls({"x": [1, 2]})
    packed = bundle([State("", (("", "1"),), "one"), State("", (("", "2"),), "two")], controls, 0)
    assert (packed.start, packed.width) == ("", 0)
