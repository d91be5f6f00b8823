"""A progress bar where somebody watches, and none where nobody does."""

import sys
import warnings
from collections.abc import Iterable
from typing import Any

from dlbook.page import in_build, in_kernel


def progress_bar(
    iterable: Iterable[Any] | None = None,
    *,
    total: int | None = None,
    title: str = "",
    show: bool | None = None,
) -> Any:
    r"""Wrap a loop in a progress bar: a widget in a notebook, a line of text in a terminal.

    In the book's build and in a log file (standard error is no terminal) there is no bar, and the loop runs
    as it would without. The bar vanishes when the loop ends.

    Parameters
    ----------
    iterable
        What to run through. Without it, call ``update()`` on the bar yourself.
    total
        Number of steps, where `iterable` has no length.
    title
        Text in front of the bar.
    show
        True or False decides; None decides by where the code runs.

    Returns
    -------
    tqdm.std.tqdm
        The bar: iterate over it, or use it as a context manager.

    Examples
    --------
    >>> [step for step in progress_bar(range(3), show=False)]
    [0, 1, 2]
    """
    with warnings.catch_warnings():
        # In a kernel without ipywidgets tqdm falls back to text; nothing is lost that needs a warning.
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    show = _watched() if show is None else show
    return tqdm(iterable, total=total, desc=title or None, leave=False, disable=not show)


def _watched() -> bool:
    """Tell whether somebody would see a bar."""
    if in_build():
        return False
    # sys.stderr is None in programs that have no console.
    return in_kernel() or (sys.stderr is not None and sys.stderr.isatty())
