"""Exercises have solutions that show themselves to be right, and are counted."""

from pathlib import Path

import pytest
from answerbook import KEYS, SHARED, add_answers, exercise

from dlbook.site.chapters import Chapter
from dlbook.site.exercises import exercise_statistics, needs_python, total_exercises, unsolved

HEAD = "---\nkernelspec:\n  name: python3\n---\n\n# Title\n\n"


def faults(text):
    return [what for _, what in unsolved(HEAD + text)]


def test_a_solution_with_an_asserting_cell_is_accepted():
    assert faults(exercise("ex-a", [])) == []


@pytest.mark.parametrize(
    "code",
    [
        "assert x == 1",
        "for x in xs:\n    assert x",
        "torch.testing.assert_close(a, b)",
        "%matplotlib inline\nassert x",
    ],
)
def test_any_way_to_assert_counts(code):
    assert faults(exercise("ex-a", [], f"```{{code-cell}} ipython3\n{code}\n```\n")) == []


@pytest.mark.parametrize(
    "solution",
    [
        "No code at all.",
        "```python\nassert x\n```",
        "```{code-cell} ipython3\nprint('assert')\n```",
        "```{code-cell} ipython3\n# assert x\n```",
        "```{code-cell} ipython3\n:tags: [skip-execution]\nassert x\n```",
    ],
    ids=["none", "not executed", "printed", "comment", "skipped"],
)
def test_a_solution_that_shows_nothing_is_refused_with_its_line(solution):
    text = HEAD + exercise("ex-a", [], solution)
    (found,) = unsolved(text)
    assert text.splitlines()[found[0] - 1] == "```{solution-start} ex-a"
    assert "no code cell that asserts" in found[1]


def test_a_cell_of_the_next_solution_does_not_count_for_this_one():
    text = exercise("ex-a", [], "Nothing.") + exercise("ex-b", [])
    assert [what[:24] for what in faults(text)] == ["the solution of ex-a has"]


def test_a_cell_inside_an_ungated_solution_is_never_run_and_does_not_count():
    cell = "```{code-cell} ipython3\nassert x\n```"
    text = f"```{{exercise}}\n:label: a\nDo.\n```\n\n````{{solution}} a\n{cell}\n````\n"
    assert len(faults(text)) == 1


def test_an_exercise_without_solution_is_refused_with_its_line():
    text = HEAD + exercise("ex-a", []).split("```{solution-start}")[0]
    ((line, what),) = unsolved(text)
    assert text.splitlines()[line - 1].startswith("```{exercise-start}")
    assert what == "the exercise ex-a has no solution"


def test_exercises_keys_and_mistakes_are_counted(tmp_path: Path):
    text = HEAD + exercise("ex-choices", ["truth"]) + exercise("ex-formulas", ["loss", "slope"], "No code.")
    path = tmp_path / "one.md"
    path.write_text(text)
    names = ["truth", "loss", "slope"]
    tables = SHARED + "".join(f"[keys.{name}]{KEYS[name]}" for name in names)
    path.with_suffix(".answers.toml").write_text(tables)
    counted = exercise_statistics(Chapter("one", path, text))
    assert counted == {
        "exercises": 2,
        "solutions": 1,
        "keys": 3,
        "mistakes": 3,
        "kinds": {"expression": 1, "number": 1, "true-false": 1},
    }
    twice = total_exercises([counted, counted])
    assert (twice["exercises"], twice["mistakes"], twice["kinds"]["number"]) == (4, 6, 2)


def test_only_kinds_without_formulas_do_without_python():
    assert not needs_python({})
    for kind in ("choice", "true-false", "order", "shape"):
        assert not needs_python({"keys": {"a": {"kind": kind}}})
    for kind in ("number", "expression", "equation", "matrix", "vector", "set", "code"):
        assert needs_python({"keys": {"a": {"kind": "choice"}, "b": {"kind": kind}}})


def test_the_report_counts_exercises_and_keys(book):
    add_answers(book, ["pick", "truth", "shape"])
    book.build()
    report = book.report()
    (row,) = report["chapters"]
    for counts in (row, report["totals"]):
        assert (counts["exercises"], counts["solutions"], counts["keys"], counts["mistakes"]) == (2, 2, 3, 1)
        assert counts["kinds"] == {"choice": 1, "shape": 1, "true-false": 1}
    status, output = book.run("report")
    assert status == 0
    header, line = output.splitlines()[:2]
    assert {"exercises", "solutions", "keys", "mistakes"} <= set(header.split())
    assert line[: header.index("keys") + len("keys")].split()[-1] == "3"
