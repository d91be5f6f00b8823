"""Source of a reader's function, changed so that it cannot run for ever.

This is no fence: the code runs on the reader's own machine. It keeps a slip (a loop that does not end, a
power of a power) from freezing the page or the notebook. Signals and threads would do that elsewhere, but the
browser has neither, so the source itself asks the clock: in every loop, at the head of every function, and
where `finally` begins. A handler that swallows the end of the time gets no further than the next of these.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

LARGEST = 2_000_000
"""Bits of a whole number, or items of a list or text, that one operation may make."""

_GUARDED = {ast.Add: "add", ast.Mult: "mul", ast.Pow: "pow", ast.LShift: "lshift"}
_ASK, _EACH = "_ask_the_clock", "_each_in_time"
Statement = TypeVar("Statement", bound=ast.stmt)


def guarded(tree: ast.Module) -> ast.Module:
    """Put the guards into parsed source.

    Parameters
    ----------
    tree : ast.Module
        What `ast.parse` made of the source; it is changed.

    Returns
    -------
    ast.Module
        The tree, ready to be compiled; it needs the `helpers` as global names.
    """
    return ast.fix_missing_locations(_Guard().visit(tree))


def helpers(ask: Callable[[], None]) -> dict[str, Any]:
    """Make the functions that guarded source calls.

    Parameters
    ----------
    ask : callable
        Raises when the time is over, else returns None.

    Returns
    -------
    dict
        By the names under which the source calls them.
    """

    def each(items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            ask()
            yield item

    names = [name for plain in _GUARDED.values() for name in (plain, f"i{plain}")]
    return {_ASK: ask, _EACH: each} | {_helper(name): limited(name) for name in names}


def limited(name: str) -> Callable[[Any, Any], Any]:
    """Make an operation that refuses to make something huge.

    Examples
    --------
    >>> limited("pow")(9, 9)
    387420489
    >>> limited("pow")(9, 9**9)
    Traceback (most recent call last):
    ...
    OverflowError: this would become too large to work out here
    """
    work = getattr(operator, name)

    def run(a: Any, b: Any) -> Any:
        if _size(name.removeprefix("i"), a, b) > LARGEST:
            raise OverflowError("this would become too large to work out here")
        return work(a, b)

    return run


def _size(name: str, a: Any, b: Any) -> int:
    """Estimate how large a result becomes; 0 where nothing can go wrong."""
    whole = type(a) in (int, bool), type(b) in (int, bool)
    if whole == (True, True):
        if name == "pow":
            return a.bit_length() * max(b, 0)
        return {"add": 0, "mul": a.bit_length() + b.bit_length(), "lshift": a.bit_length() + max(b, 0)}[name]
    listed = isinstance(a, str | bytes | list | tuple), isinstance(b, str | bytes | list | tuple)
    if name == "add" and listed == (True, True):
        return len(a) + len(b)
    if name == "mul" and listed[0] and whole[1]:
        return len(a) * max(b, 0)
    return len(b) * max(a, 0) if name == "mul" and listed[1] and whole[0] else 0


def _helper(operation: str) -> str:
    return f"_limited_{operation}"


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _asking(body: list[ast.stmt]) -> list[ast.stmt]:
    """Ask the clock before some statements, on the line of the first."""
    ask = ast.copy_location(ast.Expr(ast.copy_location(_call(_ASK), body[0])), body[0])
    return [ask, *body]


class _Guard(ast.NodeTransformer):
    """Asks the clock wherever code can come back to, and looks at operations before they are done."""

    def _body(self, node: Statement) -> Statement:
        self.generic_visit(node)
        node.body = _asking(node.body)  # type: ignore[attr-defined]
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        return self._body(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        return self._body(node)

    def visit_While(self, node: ast.While) -> ast.While:
        return self._body(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return self._body(node)

    def visit_Try(self, node: ast.Try) -> ast.Try:
        self.generic_visit(node)
        if node.finalbody:
            node.finalbody = _asking(node.finalbody)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.generic_visit(node)
        node.body = ast.copy_location(ast.BoolOp(ast.Or(), [_call(_ASK), node.body]), node.body)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        self.generic_visit(node)
        if not node.is_async:
            node.iter = ast.copy_location(_call(_EACH, node.iter), node.iter)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        name = _GUARDED.get(type(node.op))
        return ast.copy_location(_call(_helper(name), node.left, node.right), node) if name else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        name = _GUARDED.get(type(node.op))
        if not name or not isinstance(node.target, ast.Name):
            return node
        value = _call(_helper(f"i{name}"), ast.Name(node.target.id, ast.Load()), node.value)
        return ast.copy_location(ast.Assign([node.target], ast.copy_location(value, node)), node)
