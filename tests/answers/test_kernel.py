"""In a kernel: `check` takes what a notebook has at hand, `form` shows the question with fields."""

import sys

import numpy as np
import pytest
import sympy
import torch

from dlbook.answers import Verdict, check, form
from dlbook.answers.forms import as_plain_text
from dlbook.answers.kernel import as_text
from dlbook.answers.keys import all_keys, find, folders
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

BOOK = """
chapter = "small"
[symbols]
x = { tex = 'x' }
y = { tex = 'y' }
[keys.half]
exercise = "ex"
kind = "number"
prompt = "One half of $x$"
answer = 0.5
hints = ["Divide `1` by 2 & see.", "It is < 1."]
[keys.sum]
exercise = "ex"
kind = "expression"
prompt = 'The sum of $x$ and $y$'
symbols = ["x", "y"]
answer = "x + y"
[keys.pick]
exercise = "ex"
kind = "choice"
prompt = "Which is prime?"
options = [{ text = "4", says = "Two divides it." }, { text = "5", right = true }]
[keys.primes]
exercise = "ex"
kind = "choice"
many = true
prompt = "Which are prime?"
options = [
  { text = "3", right = true },
  { text = "4", says = "Two divides it." },
  { text = "5", right = true },
]
[keys.claim]
exercise = "ex"
kind = "true-false"
prompt = "One is prime."
answer = false
reasons = [{ text = "It has one divisor.", right = true }, { text = "It is odd.", says = "So is 3." }]
[[keys.claim.mistakes]]
answer = "true"
says = "A prime has two divisors."
[keys.steps]
exercise = "ex"
kind = "order"
prompt = "Put in order."
steps = ["forward", "backward", "update"]
[keys.area]
exercise = "ex"
kind = "shape"
prompt = "The shape"
answer = "(3, 4)"
[keys.grid]
exercise = "ex"
kind = "matrix"
prompt = "The matrix"
answer = "[[1, 2], [3, 4]]"
[keys.twice]
exercise = "ex"
kind = "code"
prompt = "Write `twice`."
function = "twice"
starter = "def twice(x):"
answer = "def twice(x):\\n    return 2 * x"
cases = [{ args = [2], gives = 4 }, { args = [-3], gives = -6 }]
"""

ANSWERS = {"half": "1/2", "sum": "y + x", "pick": "b", "primes": "a c", "claim": "false a", "area": "3x4"}
ANSWERS |= {"grid": "[[1, 2], [3, 4]]", "twice": "def twice(x):\n    return x + x"}


@pytest.fixture(autouse=True)
def book(tmp_path, monkeypatch):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "small.answers.toml").write_text(BOOK, encoding="utf-8")
    monkeypatch.setenv("DLBOOK_KEYS", str(tmp_path))
    folders.cache_clear()
    all_keys.cache_clear()
    yield
    folders.cache_clear()
    all_keys.cache_clear()


@pytest.mark.parametrize("short", ANSWERS)
def test_check_says_what_marking_says(short):
    key = find(f"small/{short}")
    for answer in (ANSWERS[short], "17", "(1, 2", "é"):
        assert check(key.name, answer) == mark(key, answer)
    assert check(key.name, ANSWERS[short]).right


@pytest.mark.parametrize(
    ("short", "answer"),
    [
        ("half", 0.5),
        ("half", np.float64(0.5)),
        ("half", np.float32(0.5)),
        ("half", torch.tensor(0.5)),
        ("half", sympy.Rational(1, 2)),
        ("sum", sympy.Symbol("x") + sympy.Symbol("y")),
        ("claim", "false, a"),
        ("area", torch.zeros(3, 4).shape),
        ("area", [3, 4]),
        ("grid", torch.tensor([[1, 2], [3, 4]])),
        ("grid", np.array([[1.0, 2.0], [3.0, 4.0]])),
        ("grid", ((1, 2), (3, 4))),
        ("twice", lambda x: 2 * x),
    ],
)
def test_check_takes_what_a_notebook_has_at_hand(short, answer):
    assert check(f"small/{short}", answer).right


def test_a_wrong_object_is_wrong_and_a_strange_one_is_refused():
    assert check("small/half", torch.tensor(0.25)).status == "wrong"
    assert check("small/twice", lambda x: x).status == "wrong"
    with pytest.raises(TypeError, match="an answer cannot be a dict"):
        check("small/half", {"x": 1})


def test_an_unknown_question_names_those_that_resemble_it():
    with pytest.raises(LookupError, match="small/half"):
        check("small/halve", "1")


def test_objects_are_written_as_a_reader_would_type_them():
    assert as_text({2, 1}) == "{1, 2}"
    assert as_text((128,)) == "(128,)"
    assert as_text(torch.tensor([1.0, 2.0])) == "[1.0, 2.0]"
    assert as_text(np.bool_(True)) == "true"
    assert as_text(0.1 + 0.2) == as_text(np.float64(0.1) + 0.2) == as_text(torch.tensor(0.3)) == "0.3"
    assert as_text(torch.tensor([2.9, -0.9])) == "[2.9, -0.9]"
    assert as_text(torch.tensor([0.5], dtype=torch.bfloat16)) == "[0.5]"
    assert as_text(torch.tensor(1_048_577.0)) == "1048577.0"
    assert as_text({0.1, 0.1 + 0.2 + 0.4}) == "{0.1, 0.7}"


def test_a_verdict_shows_itself_in_a_notebook_and_in_a_terminal():
    verdict = Verdict("wrong", "Look at $w_2$ and `x`.")
    assert verdict._repr_markdown_() == "**Not yet.** Look at $w_2$ and `x`."
    assert str(verdict) == "Not yet. Look at w_2 and `x`."


def widgets_of(widget, kind):
    found = [widget] if type(widget).__name__ == kind else []
    return found + [w for child in getattr(widget, "children", ()) for w in widgets_of(child, kind)]


def fill(box, short):
    """Enter an answer as a reader would: press what can be pressed, type what can be typed."""
    words = ANSWERS[short].split()
    if short in ("pick", "claim"):
        for radio, word in zip(widgets_of(box, "RadioButtons"), words, strict=True):
            radio.value = word
    elif short == "primes":
        for tick in widgets_of(box, "Checkbox"):
            tick.value = tick.description.split()[0] in words
    else:
        field = (widgets_of(box, "Text") + widgets_of(box, "Textarea"))[0]
        field.value = ANSWERS[short]


@pytest.mark.parametrize("short", ANSWERS)
def test_the_form_marks_like_check(short):
    box = form(f"small/{short}")
    fill(box, short)
    (button,) = widgets_of(box, "Button")
    button.click()
    shown = " ".join(w.value for w in widgets_of(box, "HTMLMath"))
    assert "<strong>Right.</strong>" in shown


def test_the_form_of_an_order_takes_letters():
    box = form("small/steps")
    letters = {text: letter for letter, text in KINDS["order"].choices(find("small/steps"))}
    (text,) = widgets_of(box, "Text")
    text.value = " ".join(letters[step] for step in ("forward", "backward", "update"))
    widgets_of(box, "Button")[0].click()
    assert any("Right." in w.value for w in widgets_of(box, "HTMLMath"))


def test_an_empty_form_is_told_so_and_not_marked_wrong():
    for short in ANSWERS:
        if short == "twice":
            continue  # it has something to begin with
        box = form(f"small/{short}")
        widgets_of(box, "Button")[0].click()
        assert any("I cannot read this." in w.value for w in widgets_of(box, "HTMLMath")), short


def test_a_formula_is_shown_while_it_is_being_typed():
    box = form("small/sum")
    (text,) = widgets_of(box, "Text")
    assert text.continuous_update

    def shown() -> str:
        return " ".join(w.value for w in widgets_of(box, "HTMLMath"))

    text.value = "y + x/2"
    assert r"Reads as $y + \frac{x}{2}$" in shown()
    text.value = "y + ("
    assert "Reads as" not in shown()
    text.value = "x < y"
    assert "Reads as $x &lt; y$" in shown(), "a sign is no markup"
    for short in ("half", "area", "twice", "pick"):
        assert len(widgets_of(form(f"small/{short}"), "HTMLMath")) <= 3, short


@pytest.mark.parametrize("short", ANSWERS)
def test_an_answer_that_arrives_after_check_was_pressed_is_the_one_that_is_marked(short):
    box = form(f"small/{short}")
    widgets_of(box, "Button")[0].click()
    fill(box, short)
    assert any("<strong>Right.</strong>" in w.value for w in widgets_of(box, "HTMLMath"))


def test_an_answer_given_later_waits_for_check(monkeypatch):
    now = 0.0
    monkeypatch.setattr("dlbook.answers.forms.time.monotonic", lambda: now)
    box = form("small/half")
    (text,) = widgets_of(box, "Text")
    (button,) = widgets_of(box, "Button")
    outcome = box.children[-2]
    for at, typed in ((0.0, "0.7"), (0.6, "0.6")):
        now = at
        text.value = typed
        assert not outcome.value
    button.click()
    assert "Not yet." in outcome.value
    now += 0.7  # too late to have been sent before Check, and what came before does not prolong it
    text.value = "0.4"
    now += 0.7
    text.value = "0.5"
    assert "Right." not in outcome.value
    button.click()
    assert "Right." in outcome.value


def test_a_sign_in_a_formula_is_no_markup():
    box = form("small/grid")
    (text,) = widgets_of(box, "Text")
    text.value = "[[1<x, 2], [3, 4]]"
    widgets_of(box, "Button")[0].click()
    assert not any("<x" in w.value for w in widgets_of(box, "HTMLMath"))


def test_what_authors_and_readers_write_is_no_html():
    box = form("small/half")
    hints = [w.value for w in widgets_of(box, "HTMLMath")]
    assert any("Divide <code>1</code> by 2 &amp; see." in hint for hint in hints)
    text = widgets_of(box, "Text")[0]
    text.value = "<img src=x>"
    widgets_of(box, "Button")[0].click()
    assert not any("<img" in w.value for w in widgets_of(box, "HTMLMath"))


def test_without_widgets_the_question_is_printed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert form("small/pick") is None
    shown = capsys.readouterr().out
    assert "Which is prime?" in shown
    assert "b  5" in shown
    assert 'check("small/pick"' in shown
    assert "$" not in as_plain_text(find("small/half"))
