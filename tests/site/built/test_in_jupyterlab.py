"""Interactive figures and answer forms in JupyterLab, with widgets and without."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from browsing import only_here
from notebook_server import jupyterlab, output, run_notebook, words

from dlbook.answers.keys import Key, all_keys
from dlbook.answers.kinds import KINDS
from dlbook.answers.marking import mark

FIGURE = """\
from dlbook.explore import explore
import matplotlib.pyplot as plt

def draw(k):
    figure, axes = plt.subplots(figsize=(4, 2))
    axes.plot([0, k], [0, 1])
    axes.set_xlim(0, 10)
    return {"reach": k}

explore(draw, k=(1, 9, 9), start={"k": 3}, alt=lambda k: f"A line to {k}", caption="How far $k$ goes.")
"""
TYPED = ("number", "expression", "equation", "matrix", "vector", "set", "shape")
PRESSED = ("choice", "true-false")


def a_key(kind: str) -> Key:
    """The book's first question of a kind that has a wrong answer which is told apart."""
    return next(
        key
        for key in all_keys().values()
        if key.kind == kind
        and not key.table.get("many")
        and (
            kind not in TYPED
            or any(isinstance(m.when.get("answer"), str | int | float) for m in key.mistakes)
        )
    )


def answers(key: Key) -> tuple[str, str]:
    """A wrong answer to a question and the right one, as a reader gives them."""
    letters = [letter for letter, _ in KINDS[key.kind].choices(key)]
    if key.kind in TYPED:
        modelled = (m.when.get("answer") for m in key.mistakes)
        return str(next(a for a in modelled if isinstance(a, str | int | float))), str(key.table["answer"])
    if key.kind == "order":
        tried = [" ".join(order) for order in permutations(letters)]
    elif key.kind == "true-false":
        tried = [f"{truth} {letter}".strip() for truth in ("true", "false") for letter in letters or [""]]
    else:
        tried = letters
    right = next(answer for answer in tried if mark(key, answer).right)
    return next(answer for answer in tried if mark(key, answer).status == "wrong"), right


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder) -> Iterator[str]:
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture
def page(browser) -> Iterator[object]:
    """A window that reaches this machine only, and is large enough that every cell is there at once."""
    context = browser.new_context(viewport={"width": 1280, "height": 3000})
    only_here(context, "http://127.0.0.1:")
    yield context.new_page()
    context.close()


def give(form: object, key: Key, answer: str) -> None:
    """Answer as a reader does, with the mouse and the keyboard, and press Check."""
    if key.kind in PRESSED:
        groups = form.locator(".widget-radio-box").all()
        for group, letter in zip(groups, answer.split(), strict=True):
            labels = group.locator("label")
            (wanted,) = [n for n in range(labels.count()) if labels.nth(n).inner_text().split()[0] == letter]
            labels.nth(wanted).click()
    else:
        form.locator("input[type=text]").fill(answer)
    form.get_by_role("button", name="Check").click()


def test_moving_the_slider_of_a_figure_changes_its_picture_and_its_words(lab, folder, page):
    run_notebook(page, lab, folder, "figure.ipynb", [FIGURE])
    figure = output(page, 0)
    picture = figure.locator("img")
    picture.wait_for()
    assert picture.get_attribute("alt") == "A line to 3"
    before = picture.get_attribute("src")
    assert "reach: 3" in words(figure)
    figure.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    figure.locator("img[alt='A line to 4']").wait_for()
    assert picture.get_attribute("src") != before
    assert "reach: 4" in words(figure)
    assert figure.locator("mjx-container").count() == 1, "the caption's formula is not typeset"


def test_forms_of_every_kind_say_in_jupyterlab_what_check_says(lab, folder, page):
    keys = [a_key(kind) for kind in ("expression", "number", "set", "shape", "choice", "true-false", "order")]
    given = {key.name: answers(key) for key in keys}
    cells = ["from dlbook.answers import check, form"]
    for key in keys:
        cells += [f'form("{key.name}")', *(f'check("{key.name}", {answer!r})' for answer in given[key.name])]
    run_notebook(page, lab, folder, "forms.ipynb", cells)
    for number, key in enumerate(keys):
        form, *checks = (output(page, 1 + 3 * number + offset) for offset in range(3))
        form.get_by_role("button", name="Check").wait_for()
        for answer, checked, begins in zip(given[key.name], checks, ("Not yet.", "Right."), strict=True):
            give(form, key, answer)
            said = words(checked.locator(".jp-RenderedMarkdown"))
            assert said.startswith(begins), f"{key.name}: {answer!r} is told {said!r}"
            form.locator("strong", has_text=begins).wait_for()
            shown = words(form)
            for sentence in said.split("Read again:"):
                assert sentence.strip() in shown, f"{key.name}: {answer!r}: {sentence!r} is not in {shown!r}"
            assert ("Read again:" in said) == ("Read again:" in shown)


def test_long_choices_take_the_lines_that_they_need(lab, folder, page):
    key = a_key("true-false")
    page.set_viewport_size({"width": 720, "height": 1200})
    cells = ["from dlbook.answers import form", f'form("{key.name}")']
    run_notebook(page, lab, folder, "narrow.ipynb", cells)
    choices = output(page, 1).locator(".widget-radio-box label")
    choices.last.wait_for()
    boxes = [
        choice.evaluate(
            "label => { const range = document.createRange(); range.selectNodeContents(label);"
            " const b = range.getBoundingClientRect(); return [b.top, b.bottom, b.right] }"
        )
        for choice in choices.all()
    ]
    assert any(bottom - top > 28 for top, bottom, _ in boxes), "no choice is longer than a line here"
    assert all(upper[1] <= lower[0] + 1 for upper, lower in pairwise(boxes)), "one runs into the next"
    edge = output(page, 1).bounding_box()
    assert max(right for *_, right in boxes) <= edge["x"] + edge["width"]


def test_a_notebook_whose_window_has_no_widgets_shows_text_and_a_still_figure(tmp_path, page):
    key = a_key("choice")
    with jupyterlab(tmp_path, widgets=False) as address:
        cells = ["from dlbook.answers import form", f'form("{key.name}")', FIGURE]
        run_notebook(page, address, tmp_path, "bare.ipynb", cells)
        question, figure = output(page, 1), output(page, 2)
        question.locator(".jp-RenderedMarkdown").wait_for()
        assert f'check("{key.name}", "...")' in words(question)
        assert question.locator("li").count() == len(KINDS["choice"].choices(key))
        assert figure.locator("img[alt='A line to 3']").is_visible()
        assert "k 3" in words(figure)
        assert "VBox(" not in page.locator(".jp-Notebook").inner_text()


def test_a_kernel_without_ipywidgets_shows_text_and_a_still_figure(lab, folder, page):
    key = a_key("expression")
    cells = [
        "import sys\nsys.modules['ipywidgets'] = None  # as where it is not installed",
        f'from dlbook.answers import form\nform("{key.name}")',
        FIGURE,
    ]
    run_notebook(page, lab, folder, "without.ipynb", cells)
    assert f'check("{key.name}", "...")' in words(output(page, 1))
    assert output(page, 2).locator("img[alt='A line to 3']").is_visible()
    assert "need ipywidgets" in words(output(page, 2))
