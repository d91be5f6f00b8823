# ruff: noqa: E501
"""What the page, the notebook and the report get from a derivation."""

import json
import subprocess
import sys

import pytest

from dlbook.derive import (
    UNIT,
    Derivation,
    DerivationError,
    Diff,
    ShapeError,
    Solve,
    Verdict,
    define,
    eq,
    had,
    mat,
    rounded,
    size,
    to_function,
    var,
    vec,
)  # fmt: skip
from dlbook.derive.derivation import MIME

x, y, w = var("x y w")


def square():
    return (
        Derivation("square", "Slope of a square")
        .start(Diff(x**2, x))
        .step(2 * x, "power rule", label="slope")
    )


def wrong():
    return Derivation("wrong").start(Diff(x**2, x)).step(-2 * x, "power rule")


def test_in_a_notebook_it_shows_itself_with_latex_text_and_the_verdict():
    bundle = square()._repr_mimebundle_()
    assert bundle["text/latex"] == f"$$\n{square().latex()}\n$$"
    assert "Slope of a square (checked: symbolic, 1 step)" in bundle["text/plain"]
    data = bundle[MIME]
    assert json.loads(json.dumps(data)) == data
    assert data["status"] == "checked"
    assert data["lines"][0]["label"] == "slope"


def test_a_build_mutates_when_showing(monkeypatch):
    monkeypatch.setenv("DLBOOK_BUILD", "1")
    assert square()._repr_mimebundle_()[MIME]["mutants_made"] > 0
    monkeypatch.delenv("DLBOOK_BUILD")
    assert square()._repr_mimebundle_()[MIME]["mutants_made"] == 0


def test_a_wrong_derivation_does_not_show_itself():
    with pytest.raises(DerivationError) as caught:
        wrong()._repr_mimebundle_()
    message = str(caught.value)
    assert "wrong: step 1 (power rule) is wrong" in message
    assert r"\frac{\partial}{\partial x} \left(x^{2}\right)" in message
    assert "-2 x" in message
    assert "at x = " in message
    assert "-1 times what it should be, at every point: look for a sign" in message


def test_verify_reports_a_wrong_line_without_raising():
    verdict = wrong().verify()
    assert verdict.status == "rejected"
    assert verdict.steps[0].ok is False


def test_the_verdict_survives_json_and_holds_the_promised_fields():
    verdict = square().verify()
    data = json.loads(json.dumps(verdict.to_dict()))
    assert Verdict.from_dict(data) == verdict
    for name in (
        "name",
        "level",
        "assumptions",
        "domains",
        "oracle",
        "coverage",
        "seconds",
        "digest",
        "steps",
    ):
        assert name in data
    assert {"level", "reason", "seconds", "mutants", "points"} <= set(data["steps"][0])
    assert {"latex", "status", "reason", "point", "kind"} <= set(data["steps"][0]["mutants"][0])
    assert verdict.steps[0].points >= 20


def test_the_level_of_the_whole_is_that_of_its_weakest_step():
    d = Derivation("d").start(Diff(x**2, x)).step(2 * x).insert({x: 0.3}, 0.6)
    verdict = d.step(rounded("0.60")).verify(mutants=False)
    assert [t.level for t in verdict.steps] == ["symbolic", "symbolic", "instantiated"]
    assert verdict.level == "instantiated"


def test_the_digest_changes_with_any_part_of_the_content():
    base = square().digest
    assert square().digest == base
    others = [
        Derivation("square", "t").start(Diff(x**2, x)).step(2 * x, "another reason", label="slope"),
        Derivation("square", "t").start(Diff(x**2, x)).step(2 * x, "power rule"),
        Derivation("square", "t").start(Diff(x**2, x)).step(x * 2, "power rule", label="slope"),
        Derivation("square", "t").start(Diff(y**2, y)).step(2 * y, "power rule", label="slope"),
        Derivation("square", "t", assume=[x > 0])
        .start(Diff(x**2, x))
        .step(2 * x, "power rule", label="slope"),
        square().confirm(lambda x: 2 * x),
        square().confirm(lambda x: x + x),
    ]
    assert len({base, *(d.digest for d in others)}) == len(others) + 1


def test_unlabelled_and_doubly_labelled_lines_are_named_in_the_message():
    with pytest.raises(DerivationError, match="labels are: slope"):
        square().line("nothing")
    with pytest.raises(DerivationError, match="two lines are labelled"):
        square().step(x + x, label="slope")


def test_shapes_are_refused_as_the_line_is_written():
    n, m = size("n"), size("m")
    A, v = mat("A", n, m), vec("v", n)
    with pytest.raises(ShapeError, match="inner sizes"):
        A @ v
    with pytest.raises(ShapeError, match="had"):
        A * A
    with pytest.raises(ShapeError, match="equal shapes"):
        A + v
    with pytest.raises(ShapeError, match="step 1"):
        Derivation("d").start(x).step(v)
    with pytest.raises(ShapeError, match="sizes must be equal"):
        had(A, v)


def test_input_that_is_no_mathematics_is_refused_in_words():
    for bad in ("x + 1", None, [x], True):
        with pytest.raises(DerivationError, match=r"mathematics|not numbers"):
            x + bad
    with pytest.raises(DerivationError, match="neither true nor false"):
        bool(x)
    with pytest.raises(DerivationError, match="relation"):
        Derivation("d", assume=[x])
    with pytest.raises(DerivationError, match="no components"):
        x[1]
    with pytest.raises(DerivationError, match="start"):
        Derivation("d").step(x)
    with pytest.raises(DerivationError, match="defined already"):
        Derivation("d").start(x).insert({define("q", x): 1})


def test_functions_refuse_missing_symbols_wrong_sizes_and_derivatives():
    n = size("n")
    v = vec("v", n)
    import numpy as np

    with pytest.raises(DerivationError, match="also depends on w"):
        to_function(x * w, [x])
    with pytest.raises(DerivationError, match="no float64 form"):
        to_function(Diff(x**2, x), [x])(1.0)
    with pytest.raises(DerivationError, match="2 values are needed"):
        to_function(x * w, [x, w])(1.0)
    with pytest.raises(DerivationError, match="unknown backend"):
        to_function(x, [x], "jax")
    u = vec("u", n)
    with pytest.raises(DerivationError, match="was expected"):
        to_function(had(u, v), [u, v])(np.ones(3), np.ones(4))


def test_an_equation_is_solved_line_by_line():
    b = var("b")
    good = (
        Solve("s", unknown=x)
        .start(eq(2 * x + b, 0))
        .so(eq(2 * x, -b), "take b away")
        .so(eq(x, -b / 2), "halve")
    )
    assert good.check(mutants=True).status == "checked"
    assert good.verify().mutants_killed > 0
    assert r"\Longleftrightarrow" in good.latex()
    lost = Solve("s", unknown=x).start(eq(x**2, b**2)).so(eq(x, b), "root")
    assert "away from the solution" in lost.verify().message
    sign = Solve("s", unknown=x).start(eq(2 * x + b, 0)).so(eq(2 * x, b)).so(eq(x, b / 2))
    assert "does not hold" in sign.verify().message
    vague = Solve("s", unknown=x).start(eq(2 * x, b)).so(eq(x - x + b, b)).so(eq(x, b / 2))
    assert "away from the solution" in vague.verify().message


def test_an_equation_may_begin_with_the_unknown_on_both_sides():
    v, r, gamma = var("v"), var("r"), var("gamma", UNIT)
    bellman = Solve("value", unknown=v).start(eq(v, r + gamma * v))
    good = bellman.so(eq((1 - gamma) * v, r), "collect v").so(eq(v, r / (1 - gamma)), "divide")
    verdict = good.check(mutants=True)
    assert verdict.steps[0].count("killed") > 0, "the first line has wrong versions too"
    assert not any(m["status"] == "survived" for step in verdict.steps for m in step.mutants)
    other = Solve("value", unknown=v).start(eq(v, r - gamma * v)).so(eq(v, r / (1 - gamma)), "divide")
    assert "does not hold" in other.verify().message
    open_end = Solve("value", unknown=v).start(eq((1 - gamma) * v, r)).so(eq(v, r + gamma * v), "move")
    with pytest.raises(DerivationError, match="something without it"):
        open_end.check()


def test_importing_the_engine_loads_neither_torch_nor_numpy_nor_sphinx():
    code = "import sys, dlbook.derive; print([m for m in ('torch', 'numpy', 'sphinx', 'IPython', 'multiprocessing') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
