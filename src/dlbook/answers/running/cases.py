"""The cases that a function is tried on: what each has to give, and what mistaken functions give instead."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Undecided, Unreadable
from dlbook.answers.running import sandbox
from dlbook.answers.running.outputs import Foreign, plain, same, shown
from dlbook.answers.running.sandbox import Result

if TYPE_CHECKING:
    from dlbook.answers.keys import Key

_OWN_SECONDS = 5.0  # for all code of a key together
_IMPORT_SECONDS = 120.0  # for PyTorch


@dataclass(frozen=True)
class Case:
    """One call of the function, and what it has to give.

    Parameters
    ----------
    arguments : tuple
        What it is called with.
    gives : object
        The right value, as plain data.
    says : str, optional
        What the case is there for.
    """

    arguments: tuple[Any, ...]
    gives: Any
    says: str = ""


@dataclass
class CodeSpec:
    """What marking a function takes.

    Parameters
    ----------
    function : str
        Its name.
    torch : bool
        Whether it needs PyTorch.
    relative, absolute : float
        Tolerances of numbers.
    cases : tuple of Case, optional
        The calls; made when they are first needed where that takes PyTorch.
    behaviour : tuple, optional
        For each mistake that the key gives as code, its number and what it comes to in each case.
    """

    function: str
    torch: bool
    relative: float
    absolute: float
    cases: tuple[Case, ...] = ()
    behaviour: tuple[tuple[int, tuple[Any, ...]], ...] = field(default=())


def sources(key: Key, where: str) -> list[tuple[Any, str, str]]:
    """List the source in a key.

    Parameters
    ----------
    key : Key
        A key of the kind ``code``.
    where : str
        Its place, for messages.

    Returns
    -------
    list of (object, str, str)
        The text, what it must define (or ``"function"``), and where it stands.
    """
    found = [(key.table.get("answer"), "function", f"{where}: answer")]
    found += [(text, "function", f"{where}: also") for text in key.table.get("also", [])]
    found += [
        (m.when["answer"], "function", f"{where}: mistakes") for m in key.mistakes if "answer" in m.when
    ]
    found += [
        (key.table[name], name, f"{where}: {name}") for name in ("inputs", "check") if name in key.table
    ]
    return found


def readable(text: Any, name: str, where: str) -> None:
    """Refuse source that cannot be read, or does not define what it is there for.

    Parameters
    ----------
    text : object
        The source.
    name : str
        What it must define.
    where : str
        Its place, for messages.

    Raises
    ------
    BadKeyError
        If it is no such source.
    """
    if not isinstance(text, str):
        raise BadKeyError(f"{where}: must be Python source that defines {name}")
    try:
        program = sandbox.read(text)
    except Unreadable as error:
        raise BadKeyError(f"{where}: {error.message}") from error
    if name not in program.names:
        raise BadKeyError(f"{where}: does not define {name}")


def check_cases(key: Key, where: str) -> None:
    """Refuse cases that cannot be called.

    Parameters
    ----------
    key : Key
        A key of the kind ``code``.
    where : str
        Its place, for messages.

    Raises
    ------
    BadKeyError
        If a case lacks its arguments or has a field that nothing reads, or there are fewer than two.
    """
    cases = key.table.get("cases", [])
    if not isinstance(cases, list) or (len(cases) < 2 and "inputs" not in key.table):
        raise BadKeyError(f"{where}: cases must be a list of at least two tables, or give inputs")
    for number, case in enumerate(cases, 1):
        if not isinstance(case, dict) or not isinstance(case.get("args"), list):
            raise BadKeyError(f"{where}: cases: {number}: needs args, a list")
        if others := sorted(set(case) - {"args", "gives", "says"}):
            raise BadKeyError(f"{where}: cases: {number}: unknown field {', '.join(others)}")


def ready(key: Key, clock: Clock) -> CodeSpec:
    """Give what marking takes, and make it if that was put off; the reader's time begins after that.

    Parameters
    ----------
    key : Key
        A key of the kind ``code``.
    clock : Clock
        The reader's limit of time; it is put forward by what the key's own code takes.

    Returns
    -------
    CodeSpec
        With its cases.

    Raises
    ------
    Undecided
        If it takes PyTorch, and there is none.
    """
    spec: CodeSpec = key.spec
    if not spec.cases:
        begun = time.monotonic()
        _, result = sandbox.start(sandbox.read("import torch"), begun + _IMPORT_SECONDS, torch=True)
        if result.trouble:
            raise Undecided(
                "This function needs PyTorch, which the page does not have. Open the chapter as a notebook "
                f'and check it there, with check("{key.name}", {spec.function}).'
            )
        prepare(key, spec, key.name)
        clock.end += time.monotonic() - begun
    return spec


def prepare(key: Key, spec: CodeSpec, where: str) -> None:
    """Run the key's own code: what each case has to give, and what each mistake comes to.

    Parameters
    ----------
    key : Key
        The key.
    spec : CodeSpec
        What was made of it so far; its cases and behaviours are filled in.
    where : str
        Its place, for messages.

    Raises
    ------
    BadKeyError
        If the right function is not right in a case, a mistake is, two mistakes come to the same, or one
        of them raises or takes too long.
    """
    end = time.monotonic() + _OWN_SECONDS
    right = _function(key.table["answer"], spec, end, f"{where}: answer")
    cases = []
    for arguments, table in _calls(key, spec, end, where):
        result = _run(right, arguments, end, f"{where}: answer")
        if result.trouble:
            raise BadKeyError(f"{where}: answer: {written(spec, arguments)} raises {result.trouble.message}")
        gives = plain(table["gives"]) if "gives" in table else plain(result.value)
        if not agree(spec, plain(result.value), gives) or isinstance(gives, Foreign):
            got = f"{written(spec, arguments)} gives {shown(plain(result.value))}"
            raise BadKeyError(f"{where}: cases: {got}, not {shown(gives)}")
        cases.append(Case(arguments, gives, table.get("says", "")))
    spec.cases = tuple(cases)
    spec.behaviour = tuple(
        (number, _outputs(_function(m.when["answer"], spec, end, f"{where}: mistakes"), spec, end, where))
        for number, m in enumerate(key.mistakes)
        if "answer" in m.when
    )
    _tell_apart(key, spec, end, where)


def _tell_apart(key: Key, spec: CodeSpec, end: float, where: str) -> None:
    """Refuse right answers that are not, and mistakes that are right or look like an earlier one."""
    for text in key.table.get("also", []):
        outputs = _outputs(_function(text, spec, end, f"{where}: also"), spec, end, where)
        if not all(agree(spec, out, case.gives) for out, case in zip(outputs, spec.cases, strict=True)):
            raise BadKeyError(f"{where}: also: a function in it is not right in every case")
    for mistake in key.mistakes:
        if "case" in mistake.when and mistake.when["case"] not in range(1, len(spec.cases) + 1):
            raise BadKeyError(f"{where}: mistakes: there is no case {mistake.when['case']}")
        if "case" in mistake.when:
            case = spec.cases[mistake.when["case"] - 1]
            if agree(spec, plain(mistake.when["gives"]), case.gives):
                raise BadKeyError(
                    f"{where}: mistakes: case {mistake.when['case']} gives that when it is right"
                )
    for number, outputs in spec.behaviour:
        if all(agree(spec, out, case.gives) for out, case in zip(outputs, spec.cases, strict=True)):
            raise BadKeyError(
                f"{where}: mistakes: mistake {number + 1} is right in every case; add one that tells"
            )
        if (first := known(key, outputs, spec)) != number:
            raise BadKeyError(
                f"{where}: mistakes: mistake {number + 1} cannot be told from mistake {(first or 0) + 1}"
            )


def _calls(key: Key, spec: CodeSpec, end: float, where: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """List the arguments of all cases, with what else the key says of each."""
    found = [(tuple(case["args"]), case) for case in key.table.get("cases", [])]
    if "inputs" in key.table:
        namespace, result = sandbox.start(sandbox.read(key.table["inputs"]), end, torch=spec.torch)
        inputs = namespace.get("inputs")
        if result.trouble or not isinstance(inputs, list) or not inputs:
            why = result.trouble.message if result.trouble else "it must assign a list of argument lists"
            raise BadKeyError(f"{where}: inputs: {why}")
        found += [(tuple(arguments), {}) for arguments in inputs]
    return found


def _function(text: str, spec: CodeSpec, end: float, where: str) -> Callable[..., Any]:
    """Make a function of the key from its source."""
    try:
        namespace, result = sandbox.start(sandbox.read(text), end, torch=spec.torch)
    except Undecided as error:
        raise BadKeyError(f"{where}: takes too long") from error
    if result.trouble:
        raise BadKeyError(f"{where}: {result.trouble.sort}: {result.trouble.message}")
    made: Callable[..., Any] = namespace[spec.function]
    return made


def _run(function: Callable[..., Any], arguments: Sequence[Any], end: float, where: str) -> Result:
    """Call a function of the key."""
    try:
        return sandbox.call(function, copy.deepcopy(arguments), end)
    except Undecided as error:
        raise BadKeyError(f"{where}: takes too long") from error


def _outputs(function: Callable[..., Any], spec: CodeSpec, end: float, where: str) -> tuple[Any, ...]:
    """Tell what a function of the key comes to in every case."""
    return tuple(output(_run(function, case.arguments, end, where)) for case in spec.cases)


def output(result: Result) -> Any:
    """Give a result as plain data; an exception counts by its type.

    Parameters
    ----------
    result : Result
        What a call came to.

    Returns
    -------
    object
        Plain data; see `dlbook.answers.running.outputs`.
    """
    return Foreign(result.trouble.sort) if result.trouble else plain(result.value)


def agree(spec: CodeSpec, a: Any, b: Any) -> bool:
    """Tell whether two results agree to the tolerances of a key.

    Parameters
    ----------
    spec : CodeSpec
        The key's.
    a, b : object
        Plain data.

    Returns
    -------
    bool
        Whether they do.
    """
    return same(a, b, spec.relative, spec.absolute)


def known(key: Key, outputs: tuple[Any, ...], spec: CodeSpec | None = None) -> int | None:
    """Find the modelled mistake that comes to the same.

    Parameters
    ----------
    key : Key
        The key.
    outputs : tuple
        What the reader's function comes to in each case.
    spec : CodeSpec, optional
        What was made of the key, while that is not in it yet.

    Returns
    -------
    int or None
        The mistake's number from 0.
    """
    spec = spec or key.spec
    behaviour = dict(spec.behaviour)
    for number, mistake in enumerate(key.mistakes):
        if number in behaviour:
            pairs = zip(outputs, behaviour[number], strict=True)
            if all(a == b if isinstance(a, Foreign) else agree(spec, a, b) for a, b in pairs):
                return number
        elif agree(spec, outputs[mistake.when["case"] - 1], plain(mistake.when["gives"])):
            return number
    return None


def written(spec: CodeSpec, arguments: Sequence[Any]) -> str:
    """Write a call the way it is typed.

    Parameters
    ----------
    spec : CodeSpec
        The key's, for the function's name.
    arguments : sequence
        What it is called with.

    Returns
    -------
    str
        Such as ``relu([1, -2])``.
    """
    return f"{spec.function}({', '.join(shown(plain(argument)) for argument in arguments)})"
