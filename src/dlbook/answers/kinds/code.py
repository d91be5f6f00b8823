"""Functions to be written."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar

from dlbook.answers.clock import Clock
from dlbook.answers.errors import BadKeyError, Unreadable
from dlbook.answers.kinds.base import Kind
from dlbook.answers.kinds.tabled import flag, modelled
from dlbook.answers.running import sandbox
from dlbook.answers.running.cases import (
    CodeSpec,
    agree,
    check_cases,
    known,
    output,
    prepare,
    readable,
    ready,
    sources,
    written,
)
from dlbook.answers.running.outputs import shown
from dlbook.answers.running.sandbox import Result, Trouble
from dlbook.answers.verdict import Verdict

if TYPE_CHECKING:
    from dlbook.answers.keys import Key


_LIBRARIES = ("numpy", "torch", "scipy", "pandas", "sklearn", "jax", "tensorflow")
"""What a right function may use elsewhere; that it cannot be tried here is no mistake."""

_FENCE = re.compile(r"^\s*```\w*|```\s*$")
"""The marks around code that was copied from Markdown."""


class CodeKind(Kind):
    """A function, given as its source, or in a notebook as the function itself.

    ``answer`` is the source of a right one. It is tried on ``cases``, each with ``args``, if wanted ``gives``
    (else what the right one gives) and ``says``, and on the lists of arguments that the code ``inputs``
    assigns to that name. ``check`` is source of a function of that name: it gets the reader's function and
    gives a sentence when something is wrong. With ``torch = true`` PyTorch is at hand, and only a notebook
    can mark. A modelled mistake has ``answer``, the source of a function that makes it, and is recognised by
    what that comes to; or a ``case``, by its number from 1, and what that one ``gives``.
    """

    name: ClassVar[str] = "code"
    fields: ClassVar[tuple[str, ...]] = (
        "function",
        "cases",
        "inputs",
        "check",
        "starter",
        "torch",
        "relative",
        "absolute",
    )
    patterns: ClassVar[tuple[str, ...]] = ("case", "gives")

    def read(self, key: Key, where: str) -> CodeSpec:
        """Read the source that the key gives, and try it unless that takes PyTorch."""
        name = key.table.get("function")
        if not isinstance(name, str) or not name.isidentifier():
            raise BadKeyError(f"{where}: needs function, the name of a function")
        if not isinstance(key.table.get("starter", ""), str):
            raise BadKeyError(f"{where}: starter must be a text")
        for tolerance in ("relative", "absolute"):
            given = key.table.get(tolerance, 1.0)
            if isinstance(given, bool) or not isinstance(given, int | float) or given < 0:
                raise BadKeyError(f"{where}: {tolerance} must be a number that is not negative")
        spec = CodeSpec(
            name,
            flag(key, "torch", where),
            key.table.get("relative", 1e-5),
            key.table.get("absolute", 1e-8),
        )
        for text, must, here in sources(key, where):
            readable(text, name if must == "function" else must, here)
        check_cases(key, where)
        for mistake in key.mistakes:
            if set(mistake.when) not in ({"answer"}, {"case", "gives"}):
                raise BadKeyError(f"{where}: mistakes: give answer, or case and gives")
        if not spec.torch:
            prepare(key, spec, where)
        return spec

    def mark(self, key: Key, answer: str, clock: Clock) -> Verdict:
        """Run the source, then its function on every case."""
        spec = ready(key, clock)
        program = sandbox.read(_FENCE.sub("", answer))
        if spec.function not in program.names:
            others = f"; yours is called `{program.names[0]}`" if len(program.names) == 1 else ""
            raise Unreadable(f"Define a function `{spec.function}`{others}.")
        namespace, result = sandbox.start(program, clock.end, torch=spec.torch)
        if result.trouble:
            return _failed(result.trouble, "Your code stopped before the function was called")
        function = namespace.get(spec.function)
        if not callable(function):
            raise Unreadable(f"`{spec.function}` has to be a function: begin with `def {spec.function}(`.")
        return self._tried(key, function, clock, watched=False)

    def mark_function(self, key: Key, function: Callable[..., Any], clock: Clock) -> Verdict:
        """Mark a function that is at hand as an object.

        Parameters
        ----------
        key : Key
            A key of this kind.
        function : callable
            The reader's function.
        clock : Clock
            The limit of time.

        Returns
        -------
        Verdict
            What its source would get.

        Raises
        ------
        Undecided
            If the time was not enough, or PyTorch is missing.
        """
        ready(key, clock)
        return self._tried(key, function, clock, watched=True)

    def right_answers(self, key: Key) -> list[str]:
        """Give the source of right functions."""
        return [key.table["answer"], *key.table.get("also", [])]

    def mistaken_answers(self, key: Key) -> list[tuple[int, str]]:
        """Give the mistaken source, or a function that goes wrong in the one case only."""
        found = []
        for number, mistake in enumerate(key.mistakes):
            if "answer" in mistake.when:
                found.append((number, mistake.when["answer"]))
            else:
                spec, case = ready(key, Clock()), mistake.when["case"] - 1
                arguments = list(spec.cases[case].arguments)
                gives = f"return {mistake.when['gives']!r} if list(a) == {arguments!r} else None"
                found.append((number, f"def {spec.function}(*a):\n    {gives}"))
        return found

    def other_answers(self, key: Key, rng: Random, count: int) -> list[str]:
        """Write functions that give back something simple."""
        values = ["a[0]", "a[-1]", "0", "[]", "len(a)", "'x'", "-1", "None", "a", "(a[0], a[0])"]
        spec = ready(key, Clock())
        lines = [f"def {spec.function}(*a):\n    return {value}" for value in values]
        kept = [line for line in lines if not self.mark(key, line, Clock()).right]
        return [rng.choice(kept) for _ in range(count)]

    def _tried(self, key: Key, function: Callable[..., Any], clock: Clock, *, watched: bool) -> Verdict:
        """Judge a function by what it comes to in every case."""
        spec: CodeSpec = key.spec
        results = [
            sandbox.call(function, copy.deepcopy(case.arguments), clock.end, watched=watched)
            for case in spec.cases
        ]
        outputs = tuple(output(result) for result in results)
        good = [agree(spec, output, case.gives) for output, case in zip(outputs, spec.cases, strict=True)]
        if all(good):
            return _checked(key, function, clock, watched=watched)
        if (number := known(key, outputs)) is not None:
            return modelled(key, number)
        return _wrong(spec, results, outputs, good.index(False))


def _checked(key: Key, function: Callable[..., Any], clock: Clock, *, watched: bool) -> Verdict:
    """Have the key's own check look at a function that is right in every case."""
    if "check" not in key.table:
        return Verdict("right")
    namespace, _ = sandbox.start(sandbox.read(key.table["check"]), clock.end, torch=key.spec.torch)
    result = sandbox.call(namespace["check"], (function,), clock.end, watched=watched)
    if result.trouble:
        return _failed(result.trouble, "Your function stopped when it was tried on more")
    return Verdict("wrong", str(result.value)) if result.value else Verdict("right")


def _wrong(spec: CodeSpec, results: Sequence[Result], outputs: tuple[Any, ...], first: int) -> Verdict:
    """Say what is wrong in the first case that went wrong."""
    case, result = spec.cases[first], results[first]
    called = f"`{written(spec, case.arguments)}`"
    if result.trouble:
        return _failed(result.trouble, f"{called} stopped", case.says)
    if result.value is None and result.printed:
        return Verdict("wrong", "Your function prints its result; `return` it instead.", "generic-printed")
    if result.value is None:
        return Verdict(
            "wrong", f"{called} gives nothing back: is there a `return` on every way?", "generic-no-return"
        )
    right = sum(agree(spec, out, one.gives) for out, one in zip(outputs, spec.cases, strict=True))
    tally = f" {right} of {len(outputs)} cases are right." if right else ""
    message = f"{called} gives `{shown(outputs[first])}` and should give `{shown(case.gives)}`."
    return Verdict("wrong", f"{message} {case.says}".rstrip() + tally)


def _failed(trouble: Trouble, what: str, says: str = "") -> Verdict:
    """Tell of an exception in the words of Python and the line of the reader's code."""
    library = trouble.message.partition(".")[0].partition(" ")[0]
    if trouble.sort == "ImportError" and library in _LIBRARIES:
        raise Unreadable(f"`{library}` is not at hand here. Do it in plain Python.")
    line = f" in line {trouble.line}" if trouble.line else ""
    reason = (
        f"`{trouble.sort}: {trouble.message.replace('`', chr(39))}`"
        if trouble.message
        else f"`{trouble.sort}`"
    )
    return Verdict("wrong", f"{what}{line}: {reason}. {says}".rstrip(), "generic-exception")
