r"""Marking in a kernel: Jupyter, Colab, Binder, or a plain Python prompt."""

from __future__ import annotations

from typing import Any

from dlbook.answers.keys import find
from dlbook.answers.marking import mark, mark_function
from dlbook.answers.verdict import Verdict


def check(name: str, answer: object) -> Verdict:
    r"""Mark an answer to an exercise.

    Parameters
    ----------
    name : str
        The question, as it stands under the exercise: ``"backprop/every-factor"``.
    answer : object
        A text as you would type it into the page (``"2x + w_1^2"``, ``"b"``, ``"(32, 10)"``), a number, a
        list, a tuple, a set, a shape, a tensor or array, a SymPy expression; for questions that ask for code,
        the function itself or its source.

    Returns
    -------
    Verdict
        It shows itself at the end of a cell; ``check(...).right`` is True or False.

    Raises
    ------
    LookupError
        If there is no such question; the message names those that resemble it.
    TypeError
        If the answer is none of the above.

    Examples
    --------
    >>> check("backprop/no-such-question", "42")
    Traceback (most recent call last):
    ...
    LookupError: there is no answer key 'backprop/no-such-question'...
    """
    key = find(name)
    if key.kind == "code" and callable(answer):
        return mark_function(key, answer)
    return mark(key, as_text(answer))


def as_text(answer: object) -> str:
    r"""Write an answer that came as a Python object the way a reader would type it.

    Parameters
    ----------
    answer : object
        See `check`.

    Returns
    -------
    str
        The text to be marked.

    Raises
    ------
    TypeError
        If it is something that no question asks for.

    Examples
    --------
    >>> as_text([[1, 2.5], [3, 4]])
    '[[1, 2.5], [3, 4]]'
    >>> as_text((32, 10)), as_text({1}), as_text(True)
    ('(32, 10)', '{1}', 'true')
    """
    if isinstance(answer, str):
        return answer
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, float):
        return repr(_rounded(float(answer), _DIGITS[8]))  # numpy.float64, a subclass, prints in its own way
    if isinstance(answer, int):
        return repr(int(answer))
    if isinstance(answer, (list, tuple)):
        entries = ", ".join(map(as_text, answer))
        if isinstance(answer, list):
            return f"[{entries}]"
        return f"({entries},)" if len(answer) == 1 else f"({entries})"
    if isinstance(answer, (set, frozenset)):
        return "{" + ", ".join(sorted(map(as_text, answer))) + "}"
    if hasattr(answer, "tolist"):  # a tensor or an array
        size = getattr(getattr(answer, "dtype", None), "itemsize", 8)
        return as_text(_rounded(answer.tolist(), _DIGITS.get(size, _DIGITS[8])))
    if type(answer).__module__.partition(".")[0] == "sympy":
        return str(answer)
    raise TypeError(
        f"an answer cannot be a {type(answer).__name__}; give a text, a number, a list, a tensor, "
        "or, where code is asked for, a function"
    )


_DIGITS = {2: 3, 4: 6, 8: 12}
"""Significant digits to be relied on after a few operations, by the bytes of a number."""


def _rounded(value: Any, digits: int) -> Any:
    """Round what was computed, alone or in lists: 0.1 + 0.2 is meant as 0.3."""
    if isinstance(value, list):
        return [_rounded(part, digits) for part in value]
    fraction = isinstance(value, float) and not value.is_integer()
    return float(f"{value:.{digits}g}") if fraction else value
