"""The form of an answer key as Markdown, and a code cell that marks what the reader writes into it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from docutils import nodes

from dlbook.site.answer_html import answer_form, answer_part
from dlbook.site.notebooks.inline import inline
from dlbook.site.notebooks.places import Places
from dlbook.site.notebooks.text import folded, paragraph

_HOW = {
    "choice": 'the letter of your choice, such as "b"',
    "many": 'the letters of all that apply, such as "a c"',
    "true-false": '"true" or "false"',
    "reason": '"true" or "false" and the letter of the reason, such as "true b"',
    "order": 'the letters in their order, such as "b a c"',
    "number": 'a number, with its unit where it has one, such as "0.25"',
    "shape": 'a shape, such as "(32, 10)"',
    "matrix": 'rows in brackets, such as "[[1, 2], [3, 4]]"',
    "vector": 'entries in brackets, such as "[1, 2]"',
    "set": 'a set or an interval, such as "{0, 1}" or "[0, 1)"',
    "equation": 'an equation, such as "y = 2 x"',
    "expression": 'a formula, such as "2 x + w_1^2"',
}


def question(form: answer_form, places: Places) -> Iterator[str]:
    """Write a question: prompt, what there is to choose from, hints.

    Parameters
    ----------
    form : answer_form
        As it stands on the page.
    places : Places
        Where links lead.

    Yields
    ------
    str
        Blocks of Markdown.
    """
    parts = [part for part in form.children if isinstance(part, answer_part)]
    for part in parts:
        if part["role"] == "prompt":
            yield paragraph(f"**Your answer:** {inline(part, places)}")
    # "true" and "false" say what they mean; of the others the letter is what is asked for.
    listed = [p for p in parts if p["role"] in ("option", "reason", "step") and len(p["value"]) == 1]
    if listed:
        yield "\n".join(f"- **{p['value']}** {paragraph(inline(p, places))}" for p in listed)
    for part in parts:
        if part["role"] == "hint":
            yield folded(f"Hint {part['value']}", paragraph(inline(part, places)))


def marking_cell(name: str, key: Mapping[str, Any], many: bool, taken: Collection[str]) -> str:
    r"""Write the code cell that marks an answer.

    Parameters
    ----------
    name : str
        The key's name, such as ``backprop/every-factor``.
    key : mapping
        Its table: `kind`, for code also `function` and `starter`.
    many : bool
        Whether several options may be chosen.
    taken : collection of str
        Names that the cells of the chapter use; the reader's answer must not overwrite them.

    Returns
    -------
    str
        Python.

    Examples
    --------
    >>> print(marking_cell("start/squared-loss", {"kind": "expression"}, False, ()))
    from dlbook.answers import check
    <BLANKLINE>
    # Between the quotation marks: a formula, such as "2 x + w_1^2"
    check("start/squared-loss", "")
    """
    call, start = "check", "from dlbook.answers import check"
    if "check" in taken:
        call, start = "dlbook.answers.check", "import dlbook.answers"
    if key["kind"] != "code":
        how = key["kind"]
        if how == "choice" and many:
            how = "many"
        elif how == "true-false" and key.get("reasons"):
            how = "reason"
        return f'{start}\n\n# Between the quotation marks: {_HOW[how]}\n{call}("{name}", "")'
    starter = (key.get("starter") or f"def {key['function']}():\n    ...").rstrip()
    if not _defined(starter) & set(taken):
        return f'{start}\n\n\n{starter}\n\n\n{call}("{name}", {key["function"]})'
    quotes = "'''" if '"""' in starter else '"""'
    return f'{start}\n\n{call}("{name}", r{quotes}\n{starter}\n{quotes})'


def _defined(source: str) -> set[str]:
    """Names that a piece of code binds for those after it."""
    bound = set()
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            bound.add(statement.name)
            continue
        for part in ast.walk(statement):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                bound.add(part.id)
            elif isinstance(part, ast.alias):
                bound.add((part.asname or part.name).partition(".")[0])
    return bound


def names_taken(sources: Collection[str]) -> set[str]:
    r"""List the names that code cells bind.

    Parameters
    ----------
    sources : collection of str
        The cells; one with magics, which is no plain Python, binds none that are seen.

    Returns
    -------
    set of str
        Names of variables, functions, classes and imports.

    Examples
    --------
    >>> sorted(names_taken(["import torch as t", "for k in (1, 2):\n    x = k"]))
    ['k', 't', 'x']
    """
    found: set[str] = set()
    for source in sources:
        try:
            found |= _defined(source)
        except SyntaxError:
            continue
    return found


def kernel_prompt(box: nodes.Element, places: Places) -> str:
    """Write the prompt of a question that only a kernel can mark.

    Parameters
    ----------
    box : node
        As it stands on the page: the prompt, then how to have the answer marked.
    places : Places
        Where links lead.

    Returns
    -------
    str
        Markdown.
    """
    prompt = next(child for child in box.children if isinstance(child, nodes.paragraph))
    return paragraph(f"**Your answer:** {inline(prompt, places)}")
