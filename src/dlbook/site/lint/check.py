"""Applies the rules to a page."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from dlbook.site.lint.arithmetic import bare_decimals, false_arithmetic
from dlbook.site.lint.cells import LONGEST, WIDEST, Code, read_code
from dlbook.site.lint.equations import known_keys
from dlbook.site.lint.findings import Finding
from dlbook.site.lint.numbers import is_given, typed_in
from dlbook.site.lint.page import Block, Page, Prose, read_page


def lint_text(text: str, keys: set[str] | None = None) -> list[Finding]:
    r"""Return what is wrong with a MyST Markdown source, in the order of its lines.

    Parameters
    ----------
    text
        The source.
    keys
        The bibliography's keys, if citations are to be compared with them.

    Examples
    --------
    >>> [(f.line, f.rule, f.what) for f in lint_text("# Title\n\nIt is right in 95 % of cases.")]
    [(3, 'DL001', '95 %')]
    """
    page = read_page(text)
    code = read_code(page.cells)
    found = [*_head(page), *_cells(page, code), *_glue(page, code), *_exercises(page)]
    found += _equations(page, keys)
    for prose in page.prose:
        found += _prose(prose)
    found += _maths(page)
    found += [Finding(g.line, g.column, "DL003", g.name) for g in page.givens if not is_given(g.name)]
    return sorted(set(found))


def lint_file(path: Path) -> list[Finding]:
    """Return what is wrong with the file at `path`; see `lint_text`.

    Raises
    ------
    OSError
        When the file cannot be read.
    UnicodeDecodeError
        When it is not UTF-8.
    """
    return lint_text(path.read_text(encoding="utf-8"), known_keys(path))


def _prose(prose: Prose) -> Iterator[Finding]:
    """Typed-in results. Code spans are looked into only when they hold a number and nothing else."""
    text = prose.text
    numbers = []
    for start, end, content in prose.code:
        if is_given(content):
            numbers.append((start, end, content))
        else:
            text = text[:start] + "\ufffc" * (end - start) + text[end:]
    for start, end in typed_in(text):
        what = text[start:end]
        line, column = prose.places[start]
        span = next((content for a, b, content in numbers if a < end and start < b), None)
        shown = span.strip() if span else what
        declared = f"{{given}}`{shown}`" if is_given(shown) else "{given}`...`"
        yield Finding(line, column, "DL002" if span else "DL001", shown, declared)


def _maths(page: Page) -> Iterator[Finding]:
    """Results in formulas within a line: typed in, or arithmetic that does not come out."""
    for formula in page.maths:
        for what in bare_decimals(formula.name):
            declared = f"{{given}}`{what}`" if is_given(what) else "{given}`...`"
            yield Finding(formula.line, formula.column, "DL005", what, declared)
        for what in false_arithmetic(formula.name):
            yield Finding(formula.line, formula.column, "DL004", what)


def _head(page: Page) -> Iterator[Finding]:
    """Front matter and title."""
    if page.front_error:
        yield Finding(1, 1, "DL103", page.front_error)
        return
    front = page.front or {}
    if page.cells or "jupytext" in front:
        if not _at(front, "kernelspec", "name"):
            yield Finding(1, 1, "DL101", "kernelspec")
        form = _at(front, "jupytext", "text_representation", "format_name")
        if form != "myst" and front.get("file_format") != "mystnb":
            # Without it the page is plain Markdown and its cells never run.
            yield Finding(1, 1, "DL101", "a jupytext header")
    if not page.titled and not front.get("title"):
        yield Finding(1, 1, "DL102")


def _at(tree: Any, *keys: str) -> Any:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _cells(page: Page, code: Code) -> Iterator[Finding]:
    """Length, syntax and alt text of the code cells."""
    for line, message in code.broken.items():
        yield Finding(line, 1, "DL202", message)
    for cell in page.cells:
        if cell.unreadable:
            yield Finding(cell.line, 1, "DL204", cell.unreadable)
        length = len(cell.code.strip("\n").split("\n"))
        if length > LONGEST:
            yield Finding(cell.line, 1, "DL201", str(length))
        for offset, text in enumerate(cell.code.split("\n")):
            if len(text) > WIDEST:
                yield Finding(cell.code_line + offset, WIDEST + 1, "DL205", str(len(text)))
        tags = cell.options.get("tags")
        removed = isinstance(tags, list) and {"remove-output", "remove-cell"} & {
            str(tag).replace("_", "-") for tag in tags
        }
        if cell.line in code.drawn and not removed and not _has_alt(cell.options):
            yield Finding(cell.line, 1, "DL203", code.drawn[cell.line])


def _has_alt(options: dict[str, Any]) -> bool:
    # MyST-NB reads a figure's alt text from `image` only, so nothing else counts.
    return bool(str(_at(options, "mystnb", "image", "alt") or "").strip())


def _glue(page: Page, code: Code) -> Iterator[Finding]:
    """Names glued and names recorded must be the same ones."""
    for line, call in code.unseen.items():
        yield Finding(line, 1, "DL303", call)
    used = {use.name for use in page.glued}
    known = {use for use in used if any(fnmatchcase(use, name) for name in code.recorded)}
    if not code.unseen:
        for use in page.glued:
            if use.name not in known:
                yield Finding(use.line, use.column, "DL301", use.name)
    for name, line in code.recorded.items():
        if not any(fnmatchcase(use, name) for use in used):
            yield Finding(line, 1, "DL302", name)


def _exercises(page: Page) -> Iterator[Finding]:
    """Every exercise is labelled, closed, and followed by its solution."""
    for blocks in page.levels:
        for i, block in enumerate(blocks):
            for kind in ("exercise", "solution"):
                if block.directive == f"{kind}-start" and _end(blocks, i, kind) is None:
                    yield Finding(
                        block.line + 1, 1, "DL403", f"{kind}-start {block.label or block.argument}".strip()
                    )
            if block.directive not in ("exercise", "exercise-start"):
                continue
            if not block.label:
                yield Finding(block.line + 1, 1, "DL402")
                continue
            end = i if block.directive == "exercise" else _end(blocks, i, "exercise")
            if end is None:
                continue
            after = blocks[end + 1] if end + 1 < len(blocks) else Block(0)
            if after.directive not in ("solution", "solution-start") or after.argument != block.label:
                yield Finding(block.line + 1, 1, "DL401", block.label)


def _equations(page: Page, keys: set[str] | None) -> Iterator[Finding]:
    """Every displayed equation says what it is, and a cited one where it comes from."""
    for equation in page.equations:
        place = equation.line, equation.column
        if not equation.kind:
            yield Finding(*place, "DL501", equation.what)
        elif equation.kind == "both":
            yield Finding(*place, "DL502", equation.what)
        elif equation.kind == "cited":
            if not equation.cites:
                yield Finding(*place, "DL503", equation.what)
            elif keys is not None and not keys & set(equation.cites):
                yield Finding(*place, "DL504", ", ".join(equation.cites))


def _end(blocks: list[Block], start: int, kind: str) -> int | None:
    """Return the index of the directive that closes the gated one at `start`, unless another opens first."""
    for i in range(start + 1, len(blocks)):
        if blocks[i].directive == f"{kind}-end":
            return i
        if blocks[i].directive in ("exercise", "exercise-start", "solution", "solution-start"):
            return None
    return None
