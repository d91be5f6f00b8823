"""An interactive figure in a kernel: widgets, and what is left where there are none."""

import subprocess
import sys

import ipywidgets
import matplotlib.pyplot as plt
import pytest

from dlbook.explore import MIME, explore
from dlbook.explore._kernel import STILL

WIDGET = "application/vnd.jupyter.widget-view+json"


def draw(eta, kind="sum"):
    plt.figure(figsize=(2, 2)).subplots().plot([0, eta])
    return {"loss": eta, "kind": kind}


def shown(monkeypatch, **words):
    """Show a figure and catch the box of widgets that it makes."""
    boxes = []
    real = ipywidgets.VBox
    monkeypatch.setattr(ipywidgets, "VBox", lambda parts: boxes.append(real(parts)) or boxes[-1])
    settings = {
        "eta": (0, 2, 5),
        "kind": ["sum", "mean"],
        "start": {"eta": 1},
        "labels": {"eta": "rate η"},
        "alt": lambda eta, kind: f"A line to {eta:g}",
        "caption": "Lines rise <with> $\\eta$.",
    }
    forms = explore(draw, **{**settings, **words})._repr_mimebundle_()
    return forms, boxes[0].children if boxes else ()


def test_a_kernel_gets_labelled_widgets_that_draw_when_the_reader_lets_go(monkeypatch):
    forms, (slider, choice, picture, caption) = shown(monkeypatch)
    assert WIDGET in forms
    assert MIME not in forms
    assert isinstance(slider, ipywidgets.SelectionSlider)
    assert isinstance(choice, ipywidgets.ToggleButtons)
    assert (slider.description, slider.label, slider.continuous_update) == ("rate η", "1", False)
    assert (choice.description, choice.label) == ("kind", "sum")
    assert 'alt="A line to 1"' in picture.value
    assert "&lt;with&gt; $\\eta$" in caption.value


def test_widgets_of_the_version_that_colab_has_are_shown_too(monkeypatch):
    monkeypatch.delattr(ipywidgets.Widget, "_repr_mimebundle_")  # version 7 has no such method
    forms, _ = shown(monkeypatch)
    assert forms[WIDGET]["model_id"]
    assert "A line to 1" in forms["text/plain"]


def test_moving_a_widget_draws_the_state_it_stands_at(monkeypatch):
    _, (slider, choice, picture, _) = shown(monkeypatch)
    slider.index, choice.index = 3, 1
    assert 'alt="A line to 1.5"' in picture.value
    assert "loss: 1.5" in picture.value
    assert "kind: mean" in picture.value
    assert plt.get_fignums() == []


def test_an_error_on_the_way_is_shown_where_the_picture_was_and_the_next_value_works(monkeypatch):
    boxes = []
    real = ipywidgets.VBox
    monkeypatch.setattr(ipywidgets, "VBox", lambda parts: boxes.append(real(parts)) or boxes[-1])
    explore(lambda eta: draw(1 / (eta - 2)), eta=(0, 2, 3), alt="x")._repr_mimebundle_()
    slider, picture = boxes[0].children
    slider.index = 2
    assert "ZeroDivisionError" in picture.value
    assert "eta=2" in picture.value
    slider.index = 1
    assert "<img" in picture.value


def test_an_error_at_the_start_is_an_error_of_the_cell():
    with pytest.raises(ZeroDivisionError):
        explore(lambda eta: 1 / eta, eta=(0, 1, 3), alt="x")


def test_without_widgets_the_start_is_shown_with_a_line_that_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    forms = explore(draw, eta=(0, 2, 5), start={"eta": 1}, alt="A line")._repr_mimebundle_()
    assert set(forms) == {"text/html", "text/plain"}
    assert 'alt="A line"' in forms["text/html"]
    assert f"{STILL}eta 1." in forms["text/html"]


def test_a_frontend_without_widgets_finds_a_still_picture_in_the_same_output(monkeypatch):
    forms, _ = shown(monkeypatch)
    assert 'alt="A line to 1"' in forms["text/html"]


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ({"play": "rho"}, ValueError, "play names 'rho'"),
        ({"start": {"eta": 0.3}}, ValueError, "cannot start at 0.3"),
        ({"gamma": [1, 2]}, TypeError, "gamma"),
    ],
)
def test_what_cannot_work_is_refused_where_it_is_written(monkeypatch, words, error, says):
    with pytest.raises(error, match=says):
        shown(monkeypatch, **words)


def test_alt_is_required():
    with pytest.raises(TypeError, match="alt"):
        explore(draw, eta=(0, 1, 3))


def test_the_play_button_moves_the_first_slider_or_what_is_asked_for():
    assert explore(draw, kind=["a", "b"], eta=(0, 1, 3), alt="x").play == 1
    assert explore(draw, kind=["a", "b"], eta=[0, 1], alt="x").play is None
    assert explore(draw, kind=["a", "b"], eta=(0, 1, 3), alt="x", play="kind").play == 0


def test_importing_it_loads_neither_torch_nor_widgets():
    code = "import sys, dlbook.explore; print([m for m in ('torch', 'ipywidgets') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
