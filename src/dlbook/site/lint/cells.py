"""What the code cells of a page do, found in their syntax trees: names recorded, figures drawn."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dlbook.site.lint.page import Cell

LONGEST = 20
"""Lines that a code cell may have at most."""

WIDEST = 88
"""Characters that a line of code may have at most; beyond about 80 the page scrolls sideways."""

_DRAWING = {"matplotlib.pyplot", "dlbook.plots"}
# Calls on these modules that set something up and draw nothing.
_SETTING = {"close", "clf", "cla", "colormaps", "cycler", "get_cmap", "ioff", "ion", "palette", "rc"}
_SETTING |= {
    "rc_context",
    "rcParams",
    "rcdefaults",
    "set_style",
    "style",
    "switch_backend",
    "use",
    "use_style",
}
_FOREIGN = re.compile(r"\s*%%(?!time\b|timeit\b|capture\b|prun\b)\w+")


@dataclass
class Code:
    """The code cells of a page, read in order."""

    recorded: dict[str, int] = field(default_factory=dict)  # name (* for what is computed) -> line
    unseen: dict[int, str] = field(default_factory=dict)  # line -> a recording whose names are not literal
    drawn: dict[int, str] = field(default_factory=dict)  # line of a cell's fence -> the drawing call
    broken: dict[int, str] = field(default_factory=dict)  # line -> what is wrong with the syntax


def read_code(cells: list[Cell]) -> Code:
    """Return what `cells` record and draw."""
    code = Code()
    modules = {"plt": "matplotlib.pyplot", "plots": "dlbook.plots"}
    functions: set[str] = set()  # local names that draw when called
    for cell in cells:
        tree = _parse(cell, code)
        if tree is None:
            continue
        _imports(tree, modules, functions)
        _recordings(tree, cell.code_line, code)
        # A definition draws nothing yet; its name does when called.
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _drawing(
                node.body, modules, functions
            ):
                functions.add(node.name)
        call = _drawing(tree.body, modules, functions)
        if call:
            code.drawn[cell.line] = call
    return code


def _parse(cell: Cell, code: Code) -> ast.Module | None:
    """Parse a cell, its IPython magics aside; a cell in another language gives None."""
    if _FOREIGN.match(cell.code):
        return None
    lines = [re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in cell.code.split("\n")]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError as error:
        plain = error
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import and seldom needed

    try:
        return ast.parse(TransformerManager().transform_cell(cell.code))
    except SyntaxError:
        code.broken[cell.code_line + (plain.lineno or 1) - 1] = plain.msg
        return None


def _imports(tree: ast.Module, modules: dict[str, str], functions: set[str]) -> None:
    """Note the local names of drawing modules and of what is imported from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.asname and name.name in _DRAWING:
                    modules[name.asname] = name.name
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                local = name.asname or name.name
                if f"{node.module}.{name.name}" in _DRAWING:
                    modules[local] = f"{node.module}.{name.name}"
                elif node.module in _DRAWING and name.name not in _SETTING:
                    functions.add(local)


def _drawing(body: list[ast.stmt], modules: dict[str, str], functions: set[str]) -> str:
    """Return the first call in `body` that draws, or ''; nested definitions are not entered."""
    queue: list[ast.AST] = list(body)
    while queue:
        node = queue.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Call):
            path = _dotted(node.func)
            if path[:1] and (path[0] in functions and len(path) == 1):
                return path[0]
            if len(path) > 1 and path[0] in modules and path[1] not in _SETTING:
                return ".".join(path)
            if ".".join(path[:2]) in _DRAWING and len(path) > 2 and path[2] not in _SETTING:
                return ".".join(path)
        queue.extend(ast.iter_child_nodes(node))
    return ""


def _recordings(tree: ast.Module, first: int, code: Code) -> None:
    """Note the names given to ``record(name=...)`` and ``glue("name", ...)``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        line = first + node.lineno - 1
        called = _dotted(node.func)[-1:]
        if called == ["record"]:
            names = [_keyword_names(keyword) for keyword in node.keywords]
        elif called == ["glue"]:
            name_first = [k.value for k in node.keywords if k.arg == "name"] + node.args
            names = [_literals([*name_first[:1]])]
        else:
            continue
        for found in names:
            if found is None:
                code.unseen.setdefault(line, ast.unparse(node).split("\n")[0][:60])
            for name in found or []:
                code.recorded.setdefault(name, line)


def _keyword_names(keyword: ast.keyword) -> list[str] | None:
    """Return the names of ``name=...`` or of ``**{"name": ...}``; None when they are not written out."""
    if keyword.arg is not None:
        return [keyword.arg]
    if isinstance(keyword.value, ast.DictComp):
        return _literals([keyword.value.key])
    return _literals(keyword.value.keys) if isinstance(keyword.value, ast.Dict) else None


def _literals(nodes: Sequence[ast.expr | None]) -> list[str] | None:
    """Return the names that `nodes` spell out (see `_name`), or None when one of them does not."""
    names = [_name(node) for node in nodes]
    known = [name for name in names if name]
    return known if len(known) == len(names) else None


def _name(node: ast.expr | None) -> str:
    """Return a literal string; ``f"error_{kind}"`` gives "error_*"; nothing to go by gives ''."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr) and any(isinstance(part, ast.Constant) for part in node.values):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    return ""


def _dotted(node: ast.AST) -> list[str]:
    """Return ``a.b.c`` as its parts, or [] for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else list(reversed(parts))
