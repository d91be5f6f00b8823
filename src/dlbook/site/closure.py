"""Which files under ``src/`` a piece of code can reach through its imports.

The answer is found by reading, not by running: every ``import`` in the code, also inside
functions, is followed through the project's own packages. Installed packages are left to the lock.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from dlbook.site.memory import recall


class UnreadableCodeError(Exception):
    """Code that is not Python, so that what it imports cannot be told."""


def import_closure(sources: Iterable[str], src: Path) -> frozenset[Path]:
    """Find every file under ``src`` that code can reach through imports.

    Parameters
    ----------
    sources : iterable of str
        Pieces of Python (IPython's ``%`` and ``!`` lines are understood).
    src : Path
        The folder that holds the project's packages.

    Returns
    -------
    frozenset of Path
        Modules, the ``__init__.py`` of each package on the way, and the files other than Python
        that lie beside them (style sheets, tables). Everything under ``src`` where a piece
        cannot be read as Python: running too much is a nuisance, running too little is a lie.

    Examples
    --------
    >>> import_closure(["import math"], Path("src"))
    frozenset()
    """
    try:
        wanted = list({name for source in sources for name in imported_names(source)})
    except UnreadableCodeError:
        return frozenset(_files(src))
    found: set[Path] = set()
    known = set(wanted)
    while wanted:
        for module in _modules(wanted.pop(), src):
            if module in found:
                continue
            found.add(module)
            package = _package(module, src)
            try:
                fresh = set(imported_names(module.read_text(encoding="utf8"), package)) - known
            except UnreadableCodeError:
                return frozenset(_files(src))
            known |= fresh
            wanted += fresh
    return frozenset(found | {extra for folder in {p.parent for p in found} for extra in _data(folder)})


def imported_names(source: str, package: str = "") -> list[str]:
    """List the dotted names that code may import.

    Parameters
    ----------
    source : str
        Python or IPython code.
    package : str
        Dotted name of the package that the code belongs to, for relative imports.

    Returns
    -------
    list of str
        ``from a import b`` gives both ``a`` and ``a.b``: ``b`` may be a module. A star import
        gives ``a.*``.

    Raises
    ------
    UnreadableCodeError
        If it is not Python.

    Examples
    --------
    >>> imported_names("from dlbook import plots")
    ['dlbook', 'dlbook.plots']
    """
    return list(_imported_names(source, package))


@lru_cache(maxsize=2048)  # the chapters of a book import the same modules
def _imported_names(source: str, package: str) -> tuple[str, ...]:
    """List the names; see :func:`imported_names`."""
    return tuple(recall("imports", [source, package], lambda: _read_names(source, package)))


def _read_names(source: str, package: str) -> list[str]:
    """Find the names in the code."""
    names: list[str] = []
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and (literal := _dynamic_import(node)):
            names.append(literal)
    return names


def parse(source: str) -> ast.Module:
    """Parse the code of a cell, turning IPython's own syntax into Python where there is any.

    Parameters
    ----------
    source : str
        The code.

    Returns
    -------
    ast.Module
        Its syntax tree.

    Raises
    ------
    UnreadableCodeError
        If it is not Python even then.
    """
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager  # half a second, rarely needed

    try:
        tree = ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError) as error:
        raise UnreadableCodeError(str(error)) from error
    for node in ast.walk(tree):  # "%%time" and the like hand their code on as a string
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr
        if called in ("run_cell_magic", "run_line_magic"):
            tree.body += _magic_code(node)
    return tree


def _magic_code(call: ast.AST) -> list[ast.stmt]:
    """Parse what a magic was given, where that is Python; ``inline`` or a path need not be."""
    last = call.args[-1] if isinstance(call, ast.Call) and call.args else None
    if not isinstance(last, ast.Constant) or not isinstance(last.value, str):
        return []
    try:
        return parse(last.value).body
    except UnreadableCodeError:
        return []


def _base(node: ast.ImportFrom, package: str) -> str:
    """Give the absolute name of the module that an import statement takes names from."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join(parts + ([node.module] if node.module else []))


def _dynamic_import(node: ast.Call) -> str | None:
    """Find the name in ``import_module("name")`` or ``__import__("name")``."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in ("import_module", "__import__") or not node.args:
        return None
    first = node.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _modules(name: str, src: Path) -> Iterator[Path]:
    """List the files that importing a name executes: packages on the way, then the module."""
    folder = src
    for part in name.split("."):
        if part == "*":  # may load any submodule that __all__ names
            yield from folder.glob("*.py")
            yield from folder.glob("*/__init__.py")
            return
        init, module = folder / part / "__init__.py", folder / f"{part}.py"
        if init.is_file():
            yield init
        elif module.is_file():
            yield module
            return
        elif not (folder / part).is_dir():
            return  # an attribute, or somebody else's package
        folder = folder / part


def _package(module: Path, src: Path) -> str:
    """Give the dotted name of the package that a module belongs to."""
    return ".".join(module.relative_to(src).parent.parts)


def _data(folder: Path) -> Iterator[Path]:
    """Files other than Python in a package, subfolders without Python included."""
    for path in folder.iterdir():
        if path.is_dir():
            if path.name != "__pycache__" and not any(path.glob("*.py")):
                yield from _data(path)
        elif path.suffix not in (".py", ".pyc"):
            yield path


def _files(src: Path) -> Iterator[Path]:
    """Every file under a folder, byte code left out."""
    for path in src.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and not path.parent.name.endswith(".egg-info"):
            yield path
