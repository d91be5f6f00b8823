"""The verification of a whole derivation: steps, vacuity, oracle, mutants."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from .argmin import ArgMin, check_argmin
from .bounds import gap_at, judge_bound
from .cache import cache_folder, load, store
from .checking import LEVELS, NUMERIC, Outcome, check_equal, check_order, check_remainder, split_remainder
from .errors import DerivationError, UndefinedError
from .mutants import KILLED, SURVIVED, Mutant, interchangeable, judge, mutants_of
from .oracles import NAMES, automatic, confirm_autograd, confirm_callable, confirm_meaning
from .probability import Random
from .rounding import Rounded, check_rounded
from .sampling import Space
from .symbols import Var
from .tree import Expr, as_expr
from .vacuity import refuse_vacuous
from .verdict import CHECKED, REJECTED, UNDECIDED, StepReport, Verdict

if TYPE_CHECKING:
    from .derivation import Derivation, Step


def verify(
    d: Derivation, mutants: bool, seconds: float | int, cache: str | os.PathLike[str] | None
) -> Verdict:
    """Return the verdict on a derivation, from the cache if its content is known."""
    # A Python function may call what the digest does not hold, so with one nothing is taken from the cache.
    by_function = callable(d.oracle) and not isinstance(d.oracle, Expr)
    folder = None if by_function else cache_folder(cache)
    digest = f"{d.digest}-{'m' if mutants else 'p'}"
    known = load(folder, digest)
    if known is not None:
        return known
    began = time.perf_counter()
    verdict = Verdict(name=d.name, title=d.title, digest=digest, mutated=mutants)
    verdict.assumptions = [a.tex() for a in d.assume]
    verdict.domains = d.domains()
    try:
        _Run(d, verdict, mutants, seconds).run()
    except DerivationError as problem:
        if not verdict.message:  # refused before any step could say more
            verdict.status, verdict.message = REJECTED, f"{d.name}: {problem}"
    verdict.seconds = time.perf_counter() - began
    store(folder, verdict)
    return verdict


class _Run:
    """One verification."""

    def __init__(self, d: Derivation, verdict: Verdict, mutants: bool, seconds: float | int) -> None:
        self.d, self.verdict, self.mutants, self.seconds = d, verdict, mutants, seconds
        self.spaces: dict[tuple[Any, ...], Space] = {}

    def space(self, given: dict[str, Expr]) -> Space:
        """Return the points under given values; lines that share them share their computed values."""
        key = tuple(sorted((k, v.key) for k, v in given.items()))
        if key not in self.spaces:
            self.spaces[key] = Space(self.d.exprs(), self.d.assume, given)
        return self.spaces[key]

    def run(self) -> None:
        """Do all checks; the first that fails ends the run."""
        d, verdict = self.d, self.verdict
        self._refuse_unused()
        verdict.coverage = self.space(d.steps[0].given).coverage
        self._check_distributions()
        previous: Expr = d.exprs()[0]
        for k, step in enumerate(d.steps):
            report = StepReport(
                k + 1,
                step.rel,
                step.right.tex(),
                step.reason,
                step.label,
                "definition" if step.unfold else step.kind,
            )
            verdict.steps.append(report)
            began = time.perf_counter()
            try:
                self._step(step, previous, report)
            finally:
                report.seconds = time.perf_counter() - began
            if not isinstance(step.right, Rounded):
                previous = step.right
        if all(s.unfold for s in d.steps):
            self._fail(REJECTED, "every line only writes out a definition: nothing is derived")
        self._oracle()
        levels = [s.level for s in verdict.steps if s.level in LEVELS]
        verdict.level = min(levels, key=LEVELS.index) if levels else NUMERIC
        for s in verdict.steps:
            verdict.mutants_made += len(s.mutants)
            verdict.mutants_killed += s.count("killed")
            verdict.mutants_equivalent += s.count("equivalent")
            verdict.mutants_survived += s.count("survived")
        verdict.status = CHECKED

    def _fail(self, status: str, message: str) -> None:
        self.verdict.status = status
        self.verdict.message = f"{self.d.name}: {message}"
        raise DerivationError(message)

    def _refuse_unused(self) -> None:
        d = self.d
        used = set().union(*(e.free for e in d.exprs()))
        for s in d.symbols:
            if getattr(s, "name", None) not in used:
                self._fail(REJECTED, f"the symbol {s.tex()} is declared but no line uses it")
        for a in d.assume:
            loose = [v.tex() for n, v in a.leaves().items() if n not in used]
            if len(loose) == len(a.leaves()):
                self._fail(REJECTED, f"the assumption {a.tex()} is about symbols that no line uses")

    def _check_distributions(self) -> None:
        seen: dict[str, Random] = {}
        for e in self.d.exprs():
            for node in e.walk():
                for v in getattr(node, "over", ()) if isinstance(getattr(node, "over", None), list) else ():
                    if isinstance(v, Random) and not v.group:
                        seen[v.name] = v
        for v in seen.values():
            total: Expr = v.probs[0]
            for p in v.probs[1:]:
                total = total + p
            if not check_equal(
                total, total * 0 + 1, Space([total], self.d.assume, self.d.given), self.seconds
            ).ok:
                self._fail(REJECTED, f"the probabilities of {v.tex()} do not add to 1: {total.tex()}")

    def _step(self, step: Step, previous: Expr, report: StepReport) -> None:
        where = f"step {report.number}" + (f" ({step.reason})" if step.reason else "")
        why = refuse_vacuous(previous, step.right, step.rel, step.unfold)
        if why and not (step.given and "symbol times 0" in why):
            self._fail(REJECTED, f"{where}: {why}")
        self._refuse_new(step, where)
        space = self.space(step.given)
        outcome = self._check(step, previous, space)
        report.ok, report.level, report.note, report.points = (
            outcome.ok,
            outcome.level,
            outcome.why,
            outcome.points,
        )
        if outcome.ok is not True:
            self._fail(
                REJECTED if outcome.ok is False else UNDECIDED, explain(where, step, previous, outcome, space)
            )
        if step.tight is not None:
            self._refuse_loose(step, previous, space, where)
        if self.mutants:
            self._mutate(step, previous, space, report, where)

    def _refuse_loose(self, step: Step, previous: Expr, space: Space, where: str) -> None:
        assert step.tight is not None
        shown = ", ".join(f"{k.tex()} = {as_expr(v).tex()}" for k, v in step.tight.items())
        try:
            gap = gap_at(previous, step.right, step.tight, space)
        except UndefinedError as problem:
            self._fail(
                REJECTED, f"{where}: one side has no value at {shown}, where both should be equal: {problem}"
            )
            return
        if abs(gap) > 1e-30:
            self._fail(
                REJECTED, f"{where}: the bound is not attained at {shown}: it is off by {float(gap):.4g}"
            )

    def _refuse_new(self, step: Step, where: str) -> None:
        d = self.d
        allowed = set(d.exprs()[0].free) | set(step.introduces)
        for a in d.assume:
            allowed |= set(a.leaves())
        for name, leaf in step.right.leaves().items():
            if name not in allowed and isinstance(leaf, Var):
                self._fail(
                    REJECTED,
                    f"{where}: {leaf.tex()} is new here; the left side does not depend on it: it is unused "
                    "(if that is intended, say introduces=[...])",
                )

    def _check(self, step: Step, previous: Expr, space: Space) -> Outcome:
        if isinstance(step.right, Rounded):
            return check_rounded(previous, step.right, space)
        main, remainder = split_remainder(step.right)
        before, old = split_remainder(previous)
        if remainder is not None or old is not None:
            if remainder is None or (old is not None and remainder.args != old.args):
                return Outcome(False, NUMERIC, "the remainder O(...) got lost")
            if old is not None and old.order < remainder.order:
                return Outcome(False, NUMERIC, "the remainder got smaller than in the line before")
            sharp = old is None
            return check_remainder(
                before, main, remainder.args[0], remainder.order, space, self.seconds, sharp
            )
        if isinstance(previous, ArgMin) and step.rel == "=":
            return check_argmin(previous, step.right, space, self.seconds)
        if step.rel == "=":
            return check_equal(previous, step.right, space, self.seconds)
        if step.rel == "~":
            return Outcome(
                False, NUMERIC, "an approximation needs a decimal from rounded() or a BigO remainder"
            )
        return check_order(previous, step.rel, step.right, space, self.seconds)

    def _mutate(self, step: Step, previous: Expr, space: Space, report: StepReport, where: str) -> None:
        others = interchangeable(space.leaves)
        found: list[Mutant] = []
        for kind, wrong in mutants_of(step.right, others):
            if isinstance(step.right, Rounded) or step.kind == "remainder" or isinstance(previous, ArgMin):
                found.append(self._judge_by_check(kind, wrong, step, previous, space))
            elif step.rel == "=":
                found.append(judge(kind, wrong, previous, step.right, space, self.seconds))
            else:
                found.append(judge_bound(kind, wrong, previous, step, space, self.seconds))
        report.mutants = [m.to_dict() for m in found]
        survivors = [m for m in found if m.status == SURVIVED]
        if survivors:
            shown = "; ".join(f"{m.kind}: {m.latex} ({m.reason})" for m in survivors[:3])
            self._fail(
                UNDECIDED,
                f"{where}: {len(survivors)} of {len(found)} wrong versions are not rejected: {shown}",
            )
        if not any(m.status == KILLED for m in found) and found and step.rel == "=" and step.kind == "=":
            self._fail(
                REJECTED, f"{where}: no wrong version of this line can be told from it; it says nothing"
            )

    def _judge_by_check(self, kind: str, wrong: Expr, step: Step, previous: Expr, space: Space) -> Mutant:
        from dataclasses import replace

        try:
            outcome = self._check(replace(step, right=wrong), previous, space)
        except DerivationError as problem:
            return Mutant(kind, wrong.tex(), KILLED, str(problem))
        if outcome.ok is False:
            return Mutant(kind, wrong.tex(), KILLED, outcome.why, outcome.point)
        return Mutant(kind, wrong.tex(), SURVIVED, "passes the same check")

    def _oracle(self) -> None:
        d, verdict = self.d, self.verdict
        start = d.exprs()[0]
        steps = [s for s in d.steps if not isinstance(s.right, Rounded)]
        last = steps[-1] if steps else d.steps[-1]
        space = self.space(last.given)
        rel = d._relation(len(d.steps) - 1)
        if d.oracle is not None:
            self._declared(start, last.right, space)
            return
        if all(isinstance(s.right, Rounded) for s in d.steps):
            verdict.oracle = {
                "kind": "evaluation",
                "name": "50-digit evaluation of the left side",
                "ok": True,
            }
            return
        if last.kind == "remainder":
            main, big = split_remainder(last.right)
            if big is not None:
                outcome = check_remainder(
                    start, main, big.args[0], big.order, space, self.seconds, sharp=False
                )
                self._report("expansion", "Taylor expansion of the left side", outcome, start, last.right)
            return
        if rel in ("<", "<=", ">", ">=", "!="):
            outcome = check_order(start, rel, last.right, space, self.seconds)
            self._report(
                "search", "search for a violation by the first and the last line", outcome, start, last.right
            )
            return
        if isinstance(start, ArgMin):
            outcome = check_argmin(start, last.right, space, self.seconds)
            self._report("search", "search for a better point", outcome, start, last.right)
            return
        kind = automatic(start)
        if kind is None and not start.free:
            outcome = check_equal(start, last.right, space, self.seconds)
            self._report("evaluation", "evaluation of the left side", outcome, start, last.right)
            return
        if kind is None and all(v in last.given for v in start.free if isinstance(space.leaves[v], Var)):
            outcome = check_equal(start, last.right, space, self.seconds)
            self._report("evaluation", "evaluation at the given numbers", outcome, start, last.right)
            return
        if kind is None:
            self._fail(
                REJECTED,
                "no independent statement confirms the last line; name one with confirm(...): an expression, "
                "a Python function of the symbols, or start from a derivative, expectation, sum or matrix",
            )
            return
        self._report(
            kind, NAMES[kind], confirm_meaning(start, last.right, space, self.seconds), start, last.right
        )

    def _declared(self, start: Expr, last: Expr, space: Space) -> None:
        oracle, name = self.d.oracle, self.d.oracle_name
        if isinstance(oracle, Expr):
            if oracle in self.d.exprs():
                self._fail(
                    REJECTED,
                    f"the oracle {oracle.tex()} is a line of the derivation itself, so it confirms nothing",
                )
            both = Space([oracle, *self.d.exprs()], self.d.assume, space.given)
            outcome = check_equal(oracle, last, both, self.seconds)
        elif oracle == "autograd":
            outcome = confirm_autograd(start, last, space)
        elif callable(oracle):
            outcome = confirm_callable(oracle, last, space)
        else:
            raise DerivationError(f"unknown oracle {oracle!r}; give an expression, a function or 'autograd'")
        self._report("declared", name, outcome, start, last)

    def _report(self, kind: str, name: str, outcome: Outcome, start: Expr, last: Expr) -> None:
        self.verdict.oracle = {
            "kind": kind,
            "name": name,
            "ok": bool(outcome.ok),
            "level": outcome.level,
            "note": outcome.why,
        }
        if outcome.ok is not True:
            at = ", ".join(f"{k} = {v}" for k, v in outcome.point.items())
            self._fail(
                REJECTED if outcome.ok is False else UNDECIDED,
                f"the last line {last.tex()} is not confirmed by {name}: {outcome.why}"
                + (f"; at {at} it gives {outcome.left} against {outcome.right}" if outcome.left else ""),
            )


def explain(where: str, step: Step, previous: Expr, outcome: Outcome, space: Space) -> str:
    """Return the message about a step that failed."""
    word = "is wrong" if outcome.ok is False else "could not be decided"
    lines = [f"{where} {word}: {outcome.why}", f"  before: {previous.tex()}", f"  after:  {step.right.tex()}"]
    if outcome.left:
        at = ", ".join(f"{k} = {v}" for k, v in outcome.point.items()) or "the given numbers"
        lines.append(f"  at {at}: before = {outcome.left}, after = {outcome.right}")
    hint = _ratio_hint(previous, step.right, space) if step.rel == "=" and outcome.ok is False else ""
    lines.append(
        "  "
        + (hint or "compare the two lines at this point factor by factor, or state the missing assumption")
    )
    return "\n".join(lines)


def _ratio_hint(left: Expr, right: Expr, space: Space) -> str:
    """Say so if the line is off by a constant factor."""
    from .checking import values_at

    ratios: list[Any] = []
    for case in space.cases:
        a, b = values_at(left, case), values_at(right, case)
        if not a.items or not b.items or len(a.items) != len(b.items):
            continue
        ratios += [y / x for x, y in zip(a.items, b.items, strict=True) if x != 0]
        if any(x == 0 and y != 0 for x, y in zip(a.items, b.items, strict=True)):
            return ""
    if len(ratios) < 3 or any(abs(r - ratios[0]) > abs(ratios[0]) * 1e-20 for r in ratios):
        return ""
    shown = f"{float(ratios[0]):.6g}"
    cause = "a sign" if shown == "-1" else "a constant factor"
    return f"the line is {shown} times what it should be, at every point: look for {cause}"
