"""Which recorded numbers of a chapter depend on a clock, so that no two runs give the same."""

from __future__ import annotations

import ast
from collections.abc import Iterable

_CLOCKS = frozenset(
    [
        "perf_counter",
        "perf_counter_ns",
        "monotonic",
        "monotonic_ns",
        "process_time",
        "time_ns",
        "elapsed_time",
    ]
)
_TIMES = frozenset(["seconds", "milliseconds", "elapsed"])  # attributes of what measures time


def timed(sources: Iterable[str]) -> set[str]:
    """Follow readings of a clock through a chapter's cells to the numbers that it records.

    Parameters
    ----------
    sources : iterable of str
        The code cells in order; cells with magics are passed over.

    Returns
    -------
    set of str
        Names under which `dlbook.page.record` was handed something that came from a clock.

    Examples
    --------
    >>> cells = ["import time", "t = time.perf_counter()", "record(loss=x, took=2 * t)"]
    >>> timed(cells)
    {'took'}
    """
    tainted: set[str] = set()
    found: set[str] = set()
    for source in sources:
        try:
            body = ast.parse(source).body
        except SyntaxError:
            continue
        for statement in body:
            found |= _recorded(statement, tainted)
            if _reads(statement, tainted):
                tainted |= _bound(statement)
    return found


def _reads(node: ast.AST, tainted: set[str]) -> bool:
    """Tell whether a piece of code reads a clock or something that came from one."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr in _CLOCKS | _TIMES:
            return True
        if isinstance(part, ast.Name) and part.id in _CLOCKS | tainted:
            return True
        if isinstance(part, ast.Call) and ast.unparse(part.func) in ("time.time", "timeit"):
            return True
    return False


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a statement gives a value."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {p.id for p in ast.walk(statement) if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}


def _recorded(statement: ast.stmt, tainted: set[str]) -> set[str]:
    """Names that a statement records with a value from a clock."""
    return {
        word.arg
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("record")
        for word in call.keywords
        if word.arg and _reads(word.value, tainted)
    }
