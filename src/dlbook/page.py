"""What a chapter's code says to the page around it.

The one public verb is `record`: it hands a number to the prose, so that nobody has to type a result by
hand. `in_build`, `in_kernel` and `on_main_thread` know where the code runs; other helpers ask them too.
"""

import math
import os
import re
import sys
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["in_build", "in_kernel", "on_main_thread", "record"]

# The key under which papermill, scrapbook and myst-nb keep a value without showing it.
_PREFIX = "application/papermill.record/"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_recorded: dict[str, int | float | str] = {}


def in_build() -> bool:
    r"""Tell whether the book's own build is running this code.

    Returns
    -------
    bool
        True if the environment has ``DLBOOK_BUILD=1``; `make book` sets it for every chapter.

    Examples
    --------
    >>> in_build()
    False
    """
    return os.environ.get("DLBOOK_BUILD") == "1"


def in_kernel() -> bool:
    r"""Tell whether the code runs in a Jupyter kernel (Jupyter, Binder, Colab, the build).

    Returns
    -------
    bool
        False in a script, in a plain Python prompt and in terminal IPython, which draw no rich output.

    Examples
    --------
    >>> in_kernel()
    False
    """
    return _kernel() is not None


def on_main_thread(work: Callable[[], object]) -> None:
    r"""Do what a widget asks for in the thread in which the cells run, after the cell that is running.

    JupyterLab 4.4 and later hands the messages of widgets to threads of their own ("subshells" of ipykernel
    7), while a cell runs. Matplotlib's `pyplot` and captured output belong to the whole process, so that a
    figure drawn there would end up in the cell's, or the cell's in it.

    Parameters
    ----------
    work
        What is to be done. It is done at once where this is the main thread, or where there is no kernel.

    Examples
    --------
    >>> on_main_thread(lambda: print("drawn"))
    drawn
    """
    loop = getattr(_kernel(), "io_loop", None)
    if loop is None or threading.current_thread() is threading.main_thread():
        work()
    else:
        loop.add_callback(work)


def _kernel() -> Any:
    """Give the Jupyter kernel that runs this code, or None."""
    # Looked up, not imported: outside IPython there is nothing to find and nothing to pay for.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None)


def record(**numbers: object) -> None:
    r"""Make results available to the prose of the page.

    After ``record(test_error=0.0213)`` the prose writes ``{glue:text}`test_error:.2%` `` and reads 2.13%.
    Nothing appears where `record` stands. Outside a kernel it only checks its input.

    Parameters
    ----------
    **numbers
        Name and value. A value is an ``int``, a ``float`` or a ``str``, or a NumPy scalar or a tensor with
        no dimensions, which is turned into the Python number. A name has letters, digits, ``_`` and ``-``
        (``record(**{"test-error": 0.02})``).

    Raises
    ------
    TypeError
        If a value is something else: an array with dimensions, a ``bool``, ``None``, a complex number.
    ValueError
        If a name cannot be written in the prose, if a number is NaN, or if, in a build, a name already
        holds another value. In your own kernel you may run a cell again, and the new value counts.

    Notes
    -----
    The format is that of ``myst_nb.glue(name, value, display=False)``, written here without myst-nb, so
    that a launched notebook needs no Sphinx.

    Examples
    --------
    >>> record(epochs=5, test_error=0.0213)
    """
    # Everything is checked before anything is shown: a refused call leaves no half of itself behind.
    plain = {name: _plain(name, value) for name, value in numbers.items()}
    if in_build():
        for name, value in plain.items():
            if name in _recorded and _recorded[name] != value:
                raise ValueError(
                    f"record: {name!r} already holds {_recorded[name]!r} and cannot also be {value!r}. "
                    "A name means one number on a page: give the second result its own name."
                )
        # The page may hold a name only once, so an equal value is not sent again.
        plain = {name: value for name, value in plain.items() if name not in _recorded}
    if in_kernel():
        for name, value in plain.items():
            _send(name, value)
    _recorded.update(plain)


def _plain(name: str, value: Any) -> int | float | str:
    """Check one name and value, and return the value as a Python number or string."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"record: the name {name!r} must consist of letters, digits, '_' and '-' only.")
    original = value
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        shape = f" of shape {tuple(original.shape)}" if hasattr(original, "shape") else ""
        raise TypeError(
            f"record: {name} is a {type(original).__name__}{shape}; expected a single number or a string. "
            "Reduce it first, for example with .mean() or [0], or format it as a string."
        )
    if isinstance(value, float) and math.isnan(value):
        raise ValueError(
            f"record: {name} is NaN. If the text is meant to show that, record the string 'nan'; "
            "otherwise find the operation that made it."
        )
    # A subclass (numpy.float64 is a float) would print as numpy.float64(0.5), which no format understands.
    kind = next(base for base in (int, float, str) if isinstance(value, base))
    return kind(value)


def _send(name: str, value: int | float | str) -> None:
    """Publish one value as an output that carries its name and shows nothing."""
    from IPython.display import display

    display(
        {f"{_PREFIX}text/plain": repr(value)},
        raw=True,
        metadata={"scrapbook": {"name": name, "mime_prefix": _PREFIX}},
    )
