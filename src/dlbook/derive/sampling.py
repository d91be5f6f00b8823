"""The points of a numeric check: sizes, indices, values, and every sign pattern of the kinks."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, no_type_check

import sympy as sp

from .dense import entries
from .domains import STYLES
from .env import Exact, Numeric
from .errors import DerivationError, TimeUp, UndefinedError
from .far import ASIDE, crossing, grows, integrates
from .jets import primal
from .nodes import _Big
from .probability import E, Random
from .relations import Relation
from .symbols import Def, Index, Size, TableElem, Var
from .timing import time_limit
from .tree import Expr

MIN_POINTS = 20
LOW, HIGH = 50, 100  # digits


class Case:
    """One point: fixed sizes and indices, a seed for the rest; environments are made when asked for."""

    def __init__(
        self,
        space: Space,
        fixed: dict[str, int],
        seed: int,
        style: str,
        preset: dict[str, Fraction] | None = None,
    ) -> None:
        self.space, self.fixed, self.seed, self.style = space, fixed, seed, style
        self.preset = preset or {}
        self.aside = False  # beside a kink: of use only where it shows a sign pattern not yet met
        self._envs: dict[int, Numeric] = {}

    def env(self, digits: int = LOW) -> Numeric:
        """Return the environment at a precision."""
        if digits not in self._envs:
            env = Numeric(digits, self.seed, self.style, self.fixed, self.space.given)
            env.drawn.update({(name, ()): x for name, x in self.preset.items()})
            self._envs[digits] = env
        return self._envs[digits]

    def moved(self, place: dict[str, Fraction]) -> Case:
        """Return the same point but for some symbols."""
        return Case(self.space, self.fixed, self.seed, self.style, {**self.preset, **place})

    def forget(self) -> None:
        """Drop the computed values."""
        self._envs.clear()

    def show(self, *exprs: Expr) -> dict[str, str]:
        """Return the values of the symbols that the expressions use, for a message."""
        wanted = set().union(*(e.free for e in exprs)) if exprs else set()
        out = {k: str(v) for k, v in self.fixed.items() if k in wanted}
        env = self.env()
        for name in sorted(wanted & self.space.given.keys()):
            try:
                x = env.value(self.space.given[name])
                out[name] = ", ".join(env.mp.nstr(primal(e), 8) for e in entries(x))
            except UndefinedError:
                out[name] = "undefined"
        for (name, where), x in sorted(env.drawn.items()):
            if name in wanted:
                label = name + (f"[{','.join(map(str, where))}]" if where else "")
                out[label] = str(x) if x.denominator <= 100 else f"{float(x):.6g}"
        return out


def opened(node: Expr) -> Expr | None:
    """Return what a node stands for, or None where it stands for itself."""
    if isinstance(node, Def):
        return node.body
    if isinstance(node, TableElem):
        return node.base.body
    if type(node).expand is not Expr.expand:
        return node.expand()
    return None


def find_kinks(exprs: Iterable[Expr]) -> list[tuple[Expr, tuple[Expr, ...]]]:
    """Return the kinks of all expressions, definitions opened, each with the sums that bind its indices."""
    found: dict[str, tuple[Expr, tuple[Expr, ...]]] = {}
    seen: set[tuple[str, int]] = set()

    def visit(node: Expr, binders: tuple[Expr, ...]) -> None:
        if (node.key, len(binders)) in seen:
            return
        seen.add((node.key, len(binders)))
        for kink in node.kinks():
            found.setdefault(kink.key, (kink, binders))
        inner = opened(node)
        if inner is not None:
            visit(inner, (*binders, node) if isinstance(node, TableElem) else binders)
        deeper = (*binders, node) if isinstance(node, _Big) else binders
        if isinstance(node, E):
            return  # enumeration covers a random variable's values
        for a in node.parts():
            visit(a, deeper)

    for e in exprs:
        visit(e, ())
    return list(found.values())


@no_type_check
def _signs(kink, binders, env):
    """Return the signs of a kink's argument, over all values of the indices that bind it."""
    if not binders:
        try:
            return [int(env.mp.sign(primal(x))) for x in entries(env.value(kink))]
        except UndefinedError:
            return []
    head, rest = binders[0], binders[1:]
    out = []
    if isinstance(head, TableElem):
        names = [p.name for p in head.base.params]
        try:
            ranges = [range(env.integer(p.low), env.integer(p.high) + 1) for p in head.base.params]
        except UndefinedError:
            return []
        for where in itertools.product(*ranges):
            inner = env.child(**{n: env.number(Fraction(k)) for n, k in zip(names, where, strict=True)})
            out += _signs(kink, rest, inner)
        return out
    low, high = env.integer(head.args[1]), env.integer(head.args[2])
    for inner in env.over(head.index, range(low, high + 1)):
        out += _signs(kink, rest, inner)
    return out


@no_type_check
def _root(kink, inside, case):
    """Return a value of one symbol at which a kink's argument is exactly 0, the others as drawn, or None."""
    env = case.env()
    for v in inside:
        env.value(v)
    drawn = {v.name: env.drawn[(v.name, ())] for v in inside}
    for v in inside[case.seed % len(inside) :] + inside[: case.seed % len(inside)]:
        t = sp.Dummy("t", real=True)
        local = {n: sp.Rational(x) for n, x in drawn.items()}
        try:
            with time_limit(0.5):
                u = sp.expand(Exact(case.fixed).child(**{**local, v.name: t}).value(kink))
                slope = u.diff(t)
                if not slope.is_Rational or slope == 0:
                    continue
                root = -u.subs(t, 0) / slope
        except (TimeUp, UndefinedError, TypeError, ValueError, AttributeError):
            continue
        if root.is_Rational and Fraction(int(root.p), int(root.q)) in v.domain:
            return {v.name: Fraction(int(root.p), int(root.q))}
    return None


class Space:
    """All points at which a set of expressions is looked at, under given assumptions.

    Parameters
    ----------
    exprs : sequence of Expr
        The expressions of all lines.
    assume : sequence of Relation
        Statements that hold; equations are solved for a symbol, the others filter the points.
    given : dict
        Values of symbols, as expressions.

    Raises
    ------
    DerivationError
        If no point satisfies the assumptions, or an equation among them cannot be used.
    """

    def __init__(
        self, exprs: Sequence[Expr], assume: Sequence[Relation] = (), given: dict[str, Expr] | None = None
    ) -> None:
        self.exprs = list(exprs)
        self.leaves: dict[str, Expr] = {}
        for e in (*exprs, *(r.left for r in assume), *(r.right for r in assume)):
            for name, leaf in e.leaves().items():
                if self.leaves.setdefault(name, leaf) != leaf:
                    raise DerivationError(f"two different symbols are called {name!r}; rename one of them")
        self.given: dict[str, Expr] = dict(given or {})
        self.filters: list[Relation] = []
        for rel in assume:
            if rel.rel == "=":
                self._solve(rel)
            else:
                self.filters.append(rel)
        self.sizes = [v for v in self.leaves.values() if isinstance(v, Size) and v.name not in self.given]
        self.indices = [v for v in self.leaves.values() if isinstance(v, Index) and v.name not in self.given]
        self.coverage: dict[str, Any] = {}
        self._exact: list[Exact] | None = None
        self.proofs: dict[tuple[str, str], str | None] = {}  # what has been tried already
        self.kinks = find_kinks(exprs)
        self.cases = self._choose()

    @property
    def instantiates(self) -> bool:
        """Whether there are sizes or indices to put numbers in for."""
        return bool(self.sizes or self.indices)

    def has_choice(self) -> bool:
        """Whether any symbol is left to vary."""
        return any(
            isinstance(v, Var) and not isinstance(v, Random) and v.name not in self.given
            for v in self.leaves.values()
        )

    def _solve(self, rel: Relation) -> None:
        """Use an equation: solve it for one of its plain symbols."""
        opened_gap = self._with_given(rel.gap)
        plain = [v for v in opened_gap.leaves().values() if type(v) is Var and not v.shape]
        held = {v.name: sp.Dummy(v.name, real=True) for v in plain}
        plain_gap = Exact().child(**held).value(opened_gap)
        if sp.simplify(plain_gap) == 0:
            raise DerivationError(f"the assumption {rel.tex()} says nothing: it holds anyway")
        for v in reversed(plain):
            try:
                with time_limit(2):
                    roots = sp.solve(plain_gap, held[v.name])
            except (TimeUp, NotImplementedError):
                continue
            if len(roots) == 1:
                from .sympy_bridge import from_sympy

                self.given[v.name] = from_sympy(roots[0], {held[w.name]: w for w in plain})
                self.filters.append(rel)  # the solution must also respect the symbol's domain
                self._domain_filter(v)
                return
        raise DerivationError(
            f"the assumption {rel.tex()} cannot be solved for one symbol (or contradicts an earlier one); "
            "state it as the definition of a symbol, or as an inequality"
        )

    def _with_given(self, expr: Expr) -> Expr:
        """Return an expression with definitions opened and known values put in."""

        def change(node: Expr) -> Expr | None:
            inner = self.given.get(getattr(node, "name", "")) if isinstance(node, Var) else opened(node)
            return None if inner is None else self._with_given(inner)

        return expr.map(change)

    def _domain_filter(self, v: Var) -> None:
        d = v.domain
        if d.low is not None:
            self.filters.append(Relation(v, ">" if d.low_open else ">=", d.low))
        if d.high is not None:
            self.filters.append(Relation(v, "<" if d.high_open else "<=", d.high))
        if d.nonzero:
            self.filters.append(Relation(v, "!=", 0))

    def assignments(self, exact: bool = False) -> list[dict[str, int]]:
        """Return the sizes to put in: distinct, equal and smallest ones."""
        k = len(self.sizes)
        if not k:
            return [{}]
        low = [s.low for s in self.sizes]
        if k == 1:
            steps = range(4) if exact else (0, 1, 2, 3, 4, 6)
            if not exact and not any(v.shape for v in self.leaves.values()):
                steps = (*range(9), 11, 30)  # no arrays to fill: many sizes, and large ones, cost nothing
            return [{self.sizes[0].name: low[0] + j} for j in steps]
        start = [max(2, b) for b in low]
        if exact:  # smallest first: what is done when the time is up still counts
            plans = [list(low), [b + j % 2 for j, b in enumerate(low)], list(start)]
        else:
            plans = [
                [b + j % 3 for j, b in enumerate(start)],
                list(start),
                [b + (k - 1 - j) % 3 for j, b in enumerate(start)],
                list(low),
            ]
            if not any(v.shape for v in self.leaves.values()):
                plans += [
                    [b + 9 + 5 * j for j, b in enumerate(low)],
                    [b + 9 - j % 5 for j, b in enumerate(low)],
                ]
        unique = {tuple(p): {s.name: n for s, n in zip(self.sizes, p, strict=True)} for p in plans}
        return list(unique.values())

    def index_values(self, fixed: dict[str, int]) -> Iterator[dict[str, int]]:
        """Yield all values of the free indices for given sizes."""
        env = Numeric(LOW, 0, "mid", fixed, self.given)
        ranges = [range(env.integer(i.low), env.integer(i.high) + 1) for i in self.indices]
        for where in itertools.product(*ranges):
            yield {**fixed, **{i.name: k for i, k in zip(self.indices, where, strict=True)}}

    def _candidates(self, count: int, start: int = 0) -> Iterator[Case]:
        plans = [list(self.index_values(f)) for f in self.assignments()]
        plans = [p for p in plans if p]
        if not plans:
            raise DerivationError("an index has no value: its range is empty for every size tried")
        for k in range(start, start + count):
            rng = random.Random(k)
            plan = plans[k % len(plans)]
            yield Case(self, rng.choice(plan) if k >= len(plans) else plan[0], k, STYLES[k % len(STYLES)])

    @no_type_check
    def _valid(self, case):
        env = case.env()
        try:
            return all(f.holds(env) for f in self.filters)
        except UndefinedError:
            return False

    def _choose(self) -> list[Case]:
        """Return the points: all sign patterns that can be found, then enough others."""
        target = MIN_POINTS + 4
        if not self.has_choice():
            case = Case(self, {}, 0, "mid")
            if not self._valid(case):
                raise DerivationError(self._contradiction())
            self.coverage = {"points": 1, "kinks": 0}
            return [case]
        chosen: list[Case] = []
        spare: list[Case] = []
        signatures: dict[tuple[int, ...], int] = {}
        width = 0
        tried = 0
        limit = 4000 if self.filters else 400
        for case in self._candidates(limit):
            tried += 1
            if self.filters and not self._valid(case):
                continue
            if not self.kinks:
                chosen.append(case)
                if len(chosen) >= target:
                    break
                continue
            env = case.env()
            signature = tuple(s for kink, binders in self.kinks for s in _signs(kink, binders, env))
            width = max(width, len(signature))
            seen = signatures.get(signature, 0)
            # Twice per pattern: at a single point the two sides may agree by accident (a factor that is 0).
            if seen < 2 and (seen == 0 or 3**width <= 27) and len(signatures) < 40:
                signatures[signature] = seen + 1
                chosen.append(case)
            elif len(spare) < target:
                spare.append(case)
            enough = len(chosen) + len(spare) >= target
            if enough and (len(signatures) >= min(3**width, 40) or tried >= (400 if 3**width <= 27 else 160)):
                break
        for edge in self._edges([*chosen, *spare]):
            signature = tuple(s for kink, binders in self.kinks for s in _signs(kink, binders, edge.env()))
            if signatures.get(signature, 0) < (1 if edge.aside else 3):
                signatures[signature] = signatures.get(signature, 0) + 1
                chosen.append(edge)
        chosen += spare[: max(0, target - len(chosen))]
        if not chosen:
            raise DerivationError(self._contradiction())
        chosen += self._far()
        self.coverage = {"points": len(chosen), "kinks": len(self.kinks)}
        if self.kinks:
            self.coverage["patterns_hit"] = len(signatures)
            self.coverage["patterns_possible"] = 3**width if width < 12 else None
            self.coverage["kink_arguments"] = [k.tex() for k, _ in self.kinks]
            if 3**width <= 27:
                every = set(itertools.product((-1, 0, 1), repeat=width))
                self.coverage["patterns_missed"] = sorted(every - signatures.keys())
        return chosen

    def _far(self) -> list[Case]:
        """Return points beyond the usual sizes: 10^-12 always, 10^12 where nothing grows exponentially."""
        found: list[Case] = []
        if any(map(integrates, self.exprs)):
            return found
        styles = ("tiny",) if any(map(grows, self.exprs)) else ("tiny", "huge")
        plans = [p for p in (list(self.index_values(f)) for f in self.assignments()) if p]
        for style in styles:
            for k in range(12):
                case = Case(self, plans[k % len(plans)][0], 50_000 + k, style)
                if not self.filters or self._valid(case):
                    found.append(case)
                if sum(c.style == style for c in found) >= 2:
                    break
        return found

    def _edges(self, cases: list[Case]) -> Iterator[Case]:
        """Yield points that lie exactly on a kink, solved for one symbol in which its argument is linear."""
        plain = [v for v in self.leaves.values() if type(v) is Var and not v.shape and not v.ndim]
        plain = [v for v in plain if v.name not in self.given]
        for kink, binders in self.kinks:
            inside = [v for v in plain if v.name in kink.free]
            if binders or not inside or any(v.name in self.given for v in kink.leaves().values()):  # type: ignore[attr-defined]
                continue
            for case in [c for c in cases if c.style != "grid"][:8]:
                root = _root(kink, inside, case) or crossing(kink, inside, case)
                if root is None:
                    continue
                for aside in ASIDE:  # on the kink, and on either side: a branch may begin at x > 10^6
                    place = {n: x + aside * max(1, abs(x)) for n, x in root.items()}
                    if any(x not in v.domain for v in inside for n, x in place.items() if n == v.name):
                        continue
                    edge = case.moved(place)
                    edge.aside = bool(aside)
                    if not self.filters or self._valid(edge):
                        yield edge

    def _contradiction(self) -> str:
        said = ", ".join(f.tex() for f in self.filters)
        return (
            f"no point satisfies the assumptions ({said}): from a contradiction anything follows. "
            "Correct the assumptions or the domains"
        )

    def more(self, count: int) -> list[Case]:
        """Return further points, for a statement that is still open."""
        return [c for c in self._candidates(count * 3, start=10_000) if not self.filters or self._valid(c)][
            :count
        ]

    def exact_envs(self) -> Iterator[Exact]:
        """Yield an exact environment per choice of sizes and indices; they remember their values."""
        if self._exact is None:
            self._exact = [
                Exact(where, self.given)
                for f in self.assignments(exact=True)
                for where in self.index_values(f)
            ]
        yield from self._exact
