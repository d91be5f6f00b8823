r"""Equations solved step by step: every line has the same solution."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sympy as sp

from .cache import engine_version
from .checking import LEVELS, Outcome, check_equal, differ_at, show
from .derivation import MIME
from .env import Exact
from .errors import DerivationError, TimeUp, UndefinedError
from .mutants import EQUIVALENT, KILLED, SURVIVED, Mutant, interchangeable, mutants_of
from .relations import Relation
from .sampling import Space
from .symbols import Var
from .timing import time_limit
from .tree import Expr, digest_of
from .verdict import CHECKED, REJECTED, UNDECIDED, StepReport, Verdict


class Solve:
    r"""Solve an equation for a symbol, line by line; the last line is `unknown = expression`.

    Each line must hold at the solution and nowhere else in the unknown's domain; that the first line has no
    other solution is confirmed by SymPy's solver at sampled parameters.

    Parameters
    ----------
    name, title : str
        As for `Derivation`.
    unknown : Var
        The symbol to solve for.
    assume : sequence of Relation
        Statements that hold.

    Examples
    --------
    >>> from dlbook.derive import NONZERO, eq, var
    >>> x, b = var("x b"); a = var("a", NONZERO)
    >>> s = Solve("linear", unknown=x).start(eq(a * x + b, 0))
    >>> _ = s.so(eq(a * x, -b), "take b away").so(eq(x, -b / a), "divide by a")
    >>> s.verify().status
    'checked'
    """

    def __init__(self, name: str, title: str = "", *, unknown: Var, assume: Sequence[Relation] = ()) -> None:
        self.name, self.title, self.unknown, self.assume = name, title, unknown, tuple(assume)
        self.lines: list[tuple[Relation, str, str | None]] = []

    def start(self, equation: Relation) -> Solve:
        """Set the equation to solve."""
        if self.lines:
            raise DerivationError(f"{self.name}: the equation is set already")
        return self._add(equation, "", None)

    def so(self, equation: Relation, reason: str = "", *, label: str | None = None) -> Solve:
        """Add an equivalent equation."""
        if not self.lines:
            raise DerivationError(f"{self.name}: call start(equation) first")
        return self._add(equation, reason, label)

    def _add(self, equation: Relation, reason: str, label: str | None) -> Solve:
        if not isinstance(equation, Relation) or equation.rel != "=":
            raise DerivationError(f"{self.name}: a line is an equation, eq(left, right)")
        self.lines.append((equation, reason, label))
        return self

    @property
    def solution(self) -> Expr:
        """The right side of the last line."""
        last = self.lines[-1][0] if self.lines else None
        if last is None or not _is_solution(last, self.unknown):
            raise DerivationError(
                f"{self.name}: the last line must read {self.unknown.tex()} = something without it"
            )
        return last.right

    def latex_lines(self) -> list[dict[str, Any]]:
        """Return one dict per line: left, relation, right, reason, label."""
        return [
            {"left": q.left.tex(), "relation": "=", "right": q.right.tex(), "reason": why, "label": label}
            for q, why, label in self.lines
        ]

    def latex(self) -> str:
        """Return the lines as one `aligned` block, each joined to the one above by an equivalence sign."""
        rows = []
        for k, x in enumerate(self.latex_lines()):
            mark = r"\Longleftrightarrow\quad " if k else ""
            row = rf"{mark}&& {x['left']} &= {x['right']}"
            rows.append(row + (rf" && \text{{{x['reason']}}}" if x["reason"] else ""))
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    @property
    def digest(self) -> str:
        """Fingerprint of the content."""
        parts = [engine_version(), self.name, self.unknown.key, *(a.key for a in self.assume)]
        return digest_of("\n".join(parts + [q.key + why for q, why, _ in self.lines]))

    def verify(self, mutants: bool = True, time_limit: float | int = 5.0) -> Verdict:
        """Check every line and, with `mutants`, that wrong versions of every line are rejected."""
        began = time.perf_counter()
        verdict = Verdict(name=self.name, title=self.title, digest=self.digest, mutated=mutants)
        verdict.assumptions = [a.tex() for a in self.assume]
        verdict.domains = [self.unknown.domain.tex(self.unknown.tex())]
        try:
            _verify(self, verdict, mutants, time_limit)
        except DerivationError as problem:
            if verdict.status != UNDECIDED or not verdict.message:
                verdict.status = REJECTED
            verdict.message = verdict.message or f"{self.name}: {problem}"
        verdict.seconds = time.perf_counter() - began
        return verdict

    def check(self, mutants: bool = False) -> Verdict:
        """Verify and raise `DerivationError` unless checked."""
        return self.verify(mutants).raise_for_status()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        import os

        verdict = self.check(mutants=os.environ.get("DLBOOK_BUILD") == "1")
        data = {
            **verdict.to_dict(), "latex": self.latex(), "lines": self.latex_lines(), "definitions": [],
            "summary": verdict.summary(),
        }  # fmt: skip
        plain = f"{self.title or self.name} ({verdict.summary()})\n{self.latex()}"
        return {"text/latex": f"$$\n{self.latex()}\n$$", "text/plain": plain, MIME: data}


def _is_solution(q: Relation, unknown: Var) -> bool:
    """Tell whether a line reads `unknown = something without it`."""
    return q.left == unknown and unknown.name not in q.right.free


def _at(expr: Expr, unknown: Var, value: Expr) -> Expr:
    """Return an expression with the unknown put in, names opened where they hide it."""
    from .sampling import opened

    def change(node: Expr) -> Expr | None:
        if node == unknown:
            return value
        inner = opened(node) if unknown.name in node.free else None
        return None if inner is None else _at(inner, unknown, value)

    return expr.map(change)


def _verify(s: Solve, verdict: Verdict, mutants: bool, seconds: float | int) -> None:
    if len(s.lines) < 2:
        raise DerivationError("an equation needs at least one line after the first")
    x, solution = s.unknown, s.solution
    sides = [e for q, _, _ in s.lines for e in (q.left, q.right)]
    space = Space([*sides, x], s.assume)
    verdict.coverage = space.coverage
    keys = [q.key for q, _, _ in s.lines]
    for k, (q, why, label) in enumerate(s.lines):
        where = f"line {k + 1}" + (f" ({why})" if why else "")
        if keys.count(q.key) > 1:
            raise DerivationError(f"{where}: the line occurs twice")
        began = time.perf_counter()
        report = StepReport(k + 1, "=", f"{q.left.tex()} = {q.right.tex()}", why, label, "equation")
        verdict.steps.append(report)
        if _is_solution(q, x):
            outcome = check_equal(q.right, solution, space, seconds)
        else:
            outcome = check_equal(_at(q.left, x, solution), _at(q.right, x, solution), space, seconds)
        if outcome.ok is not True:
            at = ", ".join(f"{n} = {v}" for n, v in outcome.point.items())
            raise DerivationError(
                f"{where}: {q.tex()} does not hold at {x.tex()} = {solution.tex()} ({outcome.why}); "
                f"at {at} the sides are {outcome.left} and {outcome.right}"
            )
        _refuse_everywhere_true(q, s, space, where)
        report.ok, report.level, report.points = True, outcome.level, outcome.points
        if mutants:
            _mutate(q, x, solution, space, report, where)
        report.seconds = time.perf_counter() - began
    outcome = _only_solution(s, space, seconds)
    verdict.oracle = {"kind": "solve", "name": "SymPy's solver", "ok": bool(outcome.ok), "note": outcome.why}
    if outcome.ok is not True:
        verdict.status = REJECTED if outcome.ok is False else UNDECIDED
        verdict.message = f"{s.name}: {outcome.why}"
        raise DerivationError(outcome.why)
    verdict.level = min((r.level for r in verdict.steps), key=LEVELS.index)
    for r in verdict.steps:
        verdict.mutants_made += len(r.mutants)
        verdict.mutants_killed += r.count(KILLED)
        verdict.mutants_equivalent += r.count(EQUIVALENT)
    verdict.status = CHECKED


def _refuse_everywhere_true(q: Relation, s: Solve, space: Space, where: str) -> None:
    """Refuse lines that hold also away from the solution: true, but unrelated or weaker."""
    for case in space.cases:
        if differ_at(s.unknown, s.solution, case) is None:
            continue  # this point is the solution
        if differ_at(q.left, q.right, case) is None:
            at = case.show(q.left, q.right)
            raise DerivationError(
                f"{where}: {q.tex()} also holds at {at}, away from the solution; it says too little"
            )


def _mutate(q: Relation, x: Var, solution: Expr, space: Space, report: StepReport, where: str) -> None:
    if _is_solution(q, x):
        return  # the solution itself: its mutants are those of the other lines' right sides
    reference = _at(q.left, x, solution)
    right = _at(q.right, x, solution)
    for kind, wrong in mutants_of(q.right, interchangeable(space.leaves)):
        moved = _at(wrong, x, solution)
        mutant = Mutant(kind, wrong.tex(), SURVIVED, "holds at the solution as well")
        if moved.shape != right.shape or not set(moved.free) <= set(space.leaves):
            mutant = Mutant(kind, wrong.tex(), KILLED, "does not fit the equation")
        else:
            for case in space.cases:
                found = differ_at(reference, moved, case, careful=False)
                if found is not None and found is not False:
                    a, b = found
                    mutant = Mutant(
                        kind,
                        wrong.tex(),
                        KILLED,
                        f"{show(a, case)} against {show(b, case)}",
                        case.show(reference),
                    )
                    break
            else:
                if check_equal(right, moved, space).level in ("symbolic", "instantiated"):
                    mutant = Mutant(
                        kind, wrong.tex(), EQUIVALENT, "also true at the solution, for all values"
                    )
        report.mutants.append(mutant.to_dict())
        if mutant.status == SURVIVED:
            raise DerivationError(f"{where}: the wrong version {mutant.latex} is not rejected")


def _only_solution(s: Solve, space: Space, seconds: float | int) -> Outcome:
    """Solve the first line with numbers for its parameters; count the real solutions in the domain."""
    first = s.lines[0][0]
    done = 0
    for case in space.cases[:8]:
        env = Exact(case.fixed, space.given)
        t = sp.Dummy("t", real=True)
        numbers = case.env()
        try:
            local: dict[str, Any] = {s.unknown.name: t}
            for name, leaf in first.leaves().items():
                if type(leaf) is Var and not leaf.shape and not leaf.ndim and name != s.unknown.name:
                    numbers.value(leaf)
                    if (name, ()) in numbers.drawn:
                        local[name] = sp.Rational(numbers.drawn[(name, ())])
            with time_limit(seconds):
                roots = sp.solve(env.child(**local).value(first.gap), t)
        except (TimeUp, NotImplementedError, UndefinedError):
            continue
        inside = [r for r in roots if r.is_real is not False and abs(sp.im(sp.N(r))) < 1e-12]
        inside = [r for r in inside if sp.Rational(str(sp.N(sp.re(r), 30))) in s.unknown.domain]
        if len(inside) != 1:
            return Outcome(
                False,
                why=f"{first.tex()} has {len(inside)} solutions in the domain, the derivation gives 1; "
                f"at {case.show(first.left, first.right)}",
            )
        done += 1
    return (
        Outcome(True, why=f"{done} parameter points")
        if done >= 3
        else Outcome(None, why="the solver gave no answer")
    )
