"""What an author may write for a control, and what is refused."""

import numpy as np
import pytest

from dlbook.explore._grid import MOST_STATES, grid, in_words, read_controls


def one(spec, **more):
    (control,) = read_controls({"x": spec}, **more)
    return control


def test_a_triple_is_a_slider_over_evenly_spread_values_that_are_what_they_look_like():
    control = one((0, 1, 11))
    assert control.kind == "slider"
    assert control.values == (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)  # 0.3, not 3 * 0.1
    assert control.texts[3] == "0.3"


def test_whole_numbers_stay_whole():
    assert one((1, 4, 4)).values == (1, 2, 3, 4)
    assert all(isinstance(value, int) for value in one((1, 4, 4)).values)
    assert isinstance(one((1.0, 4.0, 4)).values[0], float)
    assert one((0, 1, 3)).values == (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ([1, 2], "choice"),
        (["sum", "mean"], "choice"),
        ([True, False], "choice"),
        (list(range(6)), "choice"),
        (list(range(7)), "slider"),
        (range(3), "slider"),
        (np.geomspace(0.01, 1, 3), "slider"),
    ],
)
def test_few_values_are_a_choice_and_many_a_slider(spec, kind):
    assert one(spec).kind == kind


def test_values_of_an_array_arrive_as_python_numbers():
    assert [type(value) for value in one(np.array([1.5, 2.5])).values] == [float, float]


def test_the_grid_has_every_combination_and_the_last_control_moves_fastest():
    controls = read_controls({"a": [1, 2], "b": ["p", "q", "r"]})
    states = [(s["a"], s["b"]) for s in grid(controls)]
    assert states == [(1, "p"), (1, "q"), (1, "r"), (2, "p"), (2, "q"), (2, "r")]


def test_values_are_told_apart_by_as_few_digits_as_it_takes():
    assert one([0.1, 0.25]).texts == ("0.1", "0.25")
    assert one([1.00001, 1.00002]).texts == ("1.00001", "1.00002")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-0.5, "\N{MINUS SIGN}0.5"),
        (-0.0, "0"),
        (1e-9, "1e\N{MINUS SIGN}09"),
        (True, "on"),
        ("as is", "as is"),
    ],
)
def test_values_are_written_as_they_are_read(value, words):
    assert in_words(value) == words


def test_a_start_is_found_also_where_arithmetic_blurred_it_and_without_one_it_is_the_first():
    assert one((0, 1, 11), start={"x": 0.1 + 0.2}).start == 3
    assert one(["a", "b"], start={"x": "b"}).start == 1
    assert one((0, 1, 11)).start == 0


def test_labels_replace_names():
    assert one((0, 1, 2), labels={"x": "learning rate"}).label == "learning rate"
    (control,) = read_controls({"batch_size": [1, 2]})
    assert control.label == "batch size"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"given": {}}, "nothing to move"),
        ({"given": {"x": (0, 1)}}, "expected .low, high, count."),
        ({"given": {"x": (1, 0, 3)}}, "low < high"),
        ({"given": {"x": (0, 1, 1)}}, "2 or more"),
        ({"given": {"x": (0, 1, 2.5)}}, "whole number"),
        ({"given": {"x": (0, float("inf"), 3)}}, "low < high"),
        ({"given": {"x": [1]}}, "fewer than 2"),
        ({"given": {"x": [1, 1.0]}}, "same value twice"),
        ({"given": {"x": [1, 2]}, "start": {"x": 3}}, "cannot start at 3; its values are 1, 2"),
        ({"given": {"x": [1, 2]}, "start": {"y": 1}}, "start names .*'y'"),
        ({"given": {"x": [1, 2]}, "labels": {"y": "why"}}, "labels names .*'y'"),
        ({"given": {"x": (0, 1, 40), "y": [1, 2, 3, 4]}}, rf"40 \(x\) x 4 \(y\) makes 160.*{MOST_STATES}"),
    ],
)
def test_what_cannot_work_is_refused_with_the_reason(arguments, says):
    with pytest.raises(ValueError, match=says):
        read_controls(**arguments)


@pytest.mark.parametrize("spec", [0.5, True, "abc", {"a": 1}, [[1, 2], [3, 4]]])
def test_what_is_no_set_of_values_is_refused(spec):
    with pytest.raises(TypeError, match="expected"):
        one(spec)
