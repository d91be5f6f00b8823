"""Runs a reader's function: for a limited time, with what it prints kept, and with errors that are theirs."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import sys
import textwrap
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from dlbook.answers.errors import Undecided, Unreadable
from dlbook.answers.running.guards import LARGEST, guarded, helpers, limited

FILE = "<your code>"
MODULES = (
    *("bisect", "cmath", "collections", "copy", "dataclasses", "decimal", "fractions", "functools", "heapq"),
    *("itertools", "math", "operator", "random", "re", "statistics", "string", "typing", "__future__"),
)
"""What code may import; an exercise that needs PyTorch adds it and NumPy."""
WITH_TORCH = ("torch", "numpy")
_GONE = (
    "open",
    "input",
    "exit",
    "quit",
    "help",
    "breakpoint",
    "exec",
    "eval",
    "compile",
    "license",
    "credits",
)
_PRINTED = 2000


class TimeUp(BaseException):
    """Ends code whose time is over; no ``except Exception`` of a reader's stops it."""


@dataclass(frozen=True)
class Trouble:
    """An exception that a reader's code raised.

    Parameters
    ----------
    sort : str
        Its type.
    message : str
        What it says.
    line : int
        The line of the reader's code that it came from; 0 if it came from the call itself.
    """

    sort: str
    message: str
    line: int


@dataclass(frozen=True)
class Result:
    """What a call came to.

    Parameters
    ----------
    value : object
        What it gave back; None after an exception.
    trouble : Trouble or None
        The exception.
    printed : str
        What it printed.
    """

    value: Any
    trouble: Trouble | None
    printed: str


@dataclass(frozen=True)
class Program:
    """Source that has been read and not yet run.

    Parameters
    ----------
    code : object
        Compiled, with guards.
    names : tuple of str
        The functions that it defines.
    """

    code: Any
    names: tuple[str, ...]


_ends: list[float] = []
"""When the calls under way have to have ended, the innermost last."""


def read(source: str) -> Program:
    r"""Read source without running any of it.

    Parameters
    ----------
    source : str
        Python, which may be indented as a whole.

    Returns
    -------
    Program
        What to run.

    Raises
    ------
    Unreadable
        If Python cannot read it; the message names the line.

    Examples
    --------
    >>> read("def double(x):\n    return 2 * x").names
    ('double',)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(textwrap.dedent(source), FILE)
            names = tuple(_defined(tree))
            return Program(compile(guarded(tree), FILE, "exec", dont_inherit=True), names)
    except SyntaxError as error:
        line = error.lineno or 1
        reason = (error.msg or "it is incomplete").partition(" (<")[0]
        message = f"Python cannot read line {line}: {reason}."
        raise Unreadable(message, _line(source, line)) from error
    except ValueError as error:
        raise Unreadable(f"Python cannot read this: {error}.") from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise Unreadable("This is too deeply nested for Python to read.") from error


def start(program: Program, seconds_end: float, *, torch: bool = False) -> tuple[dict[str, Any], Result]:
    """Run source up to the point where its functions are defined.

    Parameters
    ----------
    program : Program
        What to run.
    seconds_end : float
        When its time ends, as `time.monotonic` counts.
    torch : bool, optional
        Whether PyTorch and NumPy may be imported.

    Returns
    -------
    namespace : dict
        The names that the source defined.
    result : Result
        Whether that worked.

    Raises
    ------
    Undecided
        If the time was not enough.
    """

    def ask() -> None:
        # A function of the key may be called much later, by code that has a time of its own.
        if time.monotonic() > (_ends[-1] if _ends else seconds_end):
            raise TimeUp

    allowed = (*MODULES, *WITH_TORCH) if torch else MODULES
    namespace = {"__builtins__": _builtins(allowed), "__name__": "answer", **helpers(ask)}
    result = call(exec, (program.code, namespace), seconds_end)
    return namespace, result


def call(
    function: Callable[..., Any], arguments: Sequence[Any], seconds_end: float, *, watched: bool = False
) -> Result:
    """Call a function.

    Parameters
    ----------
    function : callable
        The function.
    arguments : sequence
        What it is called with.
    seconds_end : float
        When its time ends.
    watched : bool, optional
        Whether to watch its time from outside, because it does not come from `start`.

    Returns
    -------
    Result
        What it came to.

    Raises
    ------
    Undecided
        If the time was not enough.
    """
    out = _Printed()
    value, trouble = None, None
    _ends.append(seconds_end)
    try:
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with _watch(seconds_end) if watched else contextlib.nullcontext():
                value = function(*arguments)
    except TimeUp as error:
        raise Undecided(
            "Your code had not come to an end in time. Does every loop end, and does every call of the "
            "function to itself come closer to an end?"
        ) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a reader's code may raise anything, SystemExit too
        trouble = _trouble(error)
    finally:
        _ends.pop()
    return Result(value, trouble, out.getvalue())


def _defined(tree: ast.Module) -> Iterator[str]:
    """List the names that source defines as functions, or assigns to."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _builtins(allowed: Sequence[str]) -> Mapping[str, Any]:
    """Make the names that Python always has, without those that make no sense here."""
    names = dict(vars(builtins))
    names.update({name: _gone(name) for name in _GONE})
    names["range"], names["pow"] = _range, _power

    def load(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] not in allowed:
            raise ImportError(f"{name} is not at hand here; there are {', '.join(allowed[:-1])}")
        return builtins.__import__(name, *rest)

    return names | {"__import__": load}


def _gone(name: str) -> Callable[..., Any]:
    """Make a stand-in that says that it is one."""

    def gone(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{name}() is not at hand here")

    return gone


def _range(*ends: Any) -> range:
    """Make a range of a length that can be gone through in time."""
    made = range(*ends)
    if len(made[: LARGEST + 1]) > LARGEST:
        raise OverflowError("this range is too long to go through here")
    return made


def _power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    """Work like ``pow``, within limits."""
    return limited("pow")(base, exponent) if modulus is None else pow(base, exponent, modulus)


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, _PRINTED - self.tell())])
        return len(text)


@contextlib.contextmanager
def _watch(end: float) -> Iterator[None]:
    """Raise `TimeUp` at the next line of Python once the time is over."""

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > end:
            raise TimeUp
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


def _trouble(error: BaseException) -> Trouble:
    """Describe an exception by what concerns the reader."""
    frames = traceback.extract_tb(error.__traceback__)
    # Functions that come as objects have their own file; frames of this package concern nobody.
    theirs = [frame.lineno for frame in frames if frame.filename == FILE]
    try:
        message = str(error)
    except BaseException:  # an exception class of the reader's own may fail even at that
        message = ""
    return Trouble(type(error).__name__, message[:200], (theirs[-1] or 0) if theirs else 0)


def _line(source: str, number: int) -> tuple[int, int]:
    """Give the place of a line within a text."""
    lines = source.splitlines(keepends=True)
    before = sum(map(len, lines[: number - 1]))
    inside = lines[number - 1].rstrip("\r\n") if number <= len(lines) else ""
    return before, before + len(inside)
