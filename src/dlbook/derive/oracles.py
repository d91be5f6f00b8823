"""Independent confirmation of a derivation's last line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, no_type_check

from .checking import NUMERIC, Outcome, check_points, prove_equal, values_at
from .errors import DerivationError
from .matrices import MatMul
from .nodes import Diff, Integral, _Big
from .probability import KL, CrossEntropy, E, Entropy
from .sampling import Space, opened
from .symbols import Var
from .tree import Expr

NAMES = {
    "diff": "SymPy's diff of the opened definition, and 50-digit automatic differentiation",
    "enumeration": "enumeration of the distribution",
    "integration": "integration",
    "explicit": "explicit sums and matrices",
}


def automatic(start: Expr) -> str | None:
    """Return which independent meaning the left side of a derivation has by itself, or None."""
    found: set[str] = set()
    seen: set[str] = set()

    def visit(node: Expr) -> None:
        if node.key in seen:
            return
        seen.add(node.key)
        if isinstance(node, Diff):
            found.add("diff")
        elif isinstance(node, E | KL | Entropy | CrossEntropy):
            found.add("enumeration")
        elif isinstance(node, Integral):
            found.add("integration")
        elif isinstance(node, _Big | MatMul) or node.shape:
            found.add("explicit")
        inner = opened(node)
        if inner is not None:
            visit(inner)
        for a in node.args:
            visit(a)

    visit(start)
    return next((k for k in ("diff", "enumeration", "integration", "explicit") if k in found), None)


def confirm_meaning(start: Expr, last: Expr, space: Space, seconds: float | int) -> Outcome:
    """Compare the left side's own meaning with the last line, passing over the steps between."""
    outcome = check_points(start, last, space.cases)
    if outcome.ok is False:
        return outcome
    level = prove_equal(start, last, space, seconds)
    if level is not None:
        outcome.ok, outcome.level = True, level
        return outcome
    fresh = space.more(20) if space.has_choice() else space.cases
    return check_points(start, last, fresh, need=min(20, len(fresh)))


@no_type_check
def confirm_callable(oracle: Callable[..., Any], last: Expr, space: Space) -> Outcome:
    """Compare a float64 function of the symbols, by name, with the last line."""
    names = list(inspect.signature(oracle).parameters)
    unknown = [n for n in names if n not in space.leaves]
    if unknown:
        raise DerivationError(
            f"the oracle asks for {', '.join(unknown)}; its parameters must be names of symbols: "
            f"{', '.join(sorted(space.leaves))}"
        )
    met = 0
    for case in space.cases:
        found = values_at(last, case)
        if found.items is None:
            continue
        inputs = {}
        for n in names:
            value = case.env().value(space.leaves[n])
            if hasattr(value, "rows"):
                value = [[float(x) for x in row] for row in value.rows]
            else:
                value = float(value)
            inputs[n] = value
        try:
            answer = oracle(**inputs)
        except (OverflowError, ZeroDivisionError, ValueError):
            continue
        flat = _flat(answer)
        if len(flat) != len(found.items):
            return Outcome(
                False, NUMERIC, f"the oracle gives {len(flat)} numbers, the line {len(found.items)}"
            )
        scale = max(1e-6, *(abs(float(x)) for x in found.items))
        for x, y in zip(found.items, flat, strict=True):
            if not abs(float(x) - y) <= 1e-7 * scale:
                return Outcome(
                    False, NUMERIC, "the oracle disagrees", case.show(last), f"{y:.10g}", f"{float(x):.10g}"
                )
        met += 1
    if not met:
        return Outcome(None, NUMERIC, "the oracle gave no value at any point")
    return Outcome(True, NUMERIC, f"{met} points", points=met)


def _flat(x: Any) -> list[float]:
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, list | tuple):
        return [y for part in x for y in _flat(part)]
    return [float(x)]


@no_type_check
def confirm_autograd(start: Expr, last: Expr, space: Space) -> Outcome:
    """Compare torch's autograd of what the left side differentiates, in float64, with the last line."""
    import torch

    from .floats import evaluate_floats

    if not isinstance(start, Diff) or start.order != 1 or not isinstance(start.wrt, Var):
        raise DerivationError("autograd can confirm a first derivative in a variable; use diff otherwise")
    met = 0
    for case in space.cases:
        found = values_at(last, case)
        if found.items is None:
            continue
        env = case.env()
        values = {}
        for name in start.args[0].free | {start.wrt.name}:
            leaf = space.leaves[name]
            if isinstance(leaf, Var):
                v = env.value(leaf)
                rows = [[float(x) for x in row] for row in v.rows] if hasattr(v, "rows") else float(v)
                values[name] = torch.tensor(rows, dtype=torch.float64)
        values[start.wrt.name].requires_grad_(True)
        loss = evaluate_floats(start.args[0], values, "torch")
        loss.backward()
        grad = values[start.wrt.name].grad
        flat = _flat(grad if grad is not None else torch.zeros_like(values[start.wrt.name]))
        scale = max(1e-6, *(abs(float(x)) for x in found.items))
        for x, y in zip(found.items, flat, strict=True):
            if not abs(float(x) - y) <= 1e-7 * scale:
                return Outcome(
                    False, NUMERIC, "autograd disagrees", case.show(last), f"{y:.10g}", f"{float(x):.10g}"
                )
        met += 1
    return Outcome(True, NUMERIC, f"{met} points, float64", points=met)
