r"""A derivation: lines that are printed, and the same lines checked."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .cache import engine_version
from .claims import Claim
from .errors import DerivationError, ShapeError
from .nodes import BigO
from .oracles import automatic
from .relations import SIGNS, Relation
from .rounding import Rounded
from .symbols import Def, Elem, Table, Var
from .tree import Expr, Num, as_expr, digest_of, show_shape
from .verdict import Verdict

MIME = "application/vnd.dlbook.derivation.v1+json"


@dataclass
class Step:
    """One line to the right of the relation sign."""

    right: Expr
    rel: str
    reason: str
    label: str | None
    given: dict[str, Expr]
    unfold: bool = False
    tight: dict[Expr, Any] | None = None
    loose: bool = False
    introduces: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Return definition, rounded, remainder or the relation."""
        if self.unfold:
            return "definition"
        if isinstance(self.right, Rounded):
            return "rounded"
        return "remainder" if any(isinstance(n, BigO) for n in self.right.walk()) else self.rel


class Derivation:
    r"""A chain `left = line 1 = line 2 = ...` with a reason beside each line.

    Parameters
    ----------
    name : str
        Identifier, used in reports and as a label on the page.
    title : str
        What is derived, in words.
    assume : sequence of Relation
        Statements that hold, besides the domains of the symbols: `a2 > 0`, `eq(p + q, 1)`.
    symbols : sequence of Expr
        Symbols that the derivation must use (it always must use those of the assumptions).

    Examples
    --------
    >>> from dlbook.derive import Diff, var
    >>> x = var("x")
    >>> d = Derivation("square", "Slope of a square")
    >>> _ = d.start(Diff(x**2, x))
    >>> _ = d.step(2 * x, "power rule")
    >>> d.verify().summary()
    'checked: symbolic, 1 step, 7 mutants rejected'
    """

    def __init__(
        self, name: str, title: str = "", *, assume: Sequence[Any] = (), symbols: Sequence[Expr] = ()
    ) -> None:
        self.name, self.title = name, title
        self.assume = tuple(assume)
        for a in self.assume:
            if not isinstance(a, Relation):
                raise DerivationError(
                    f"{name}: an assumption is a relation such as a > 0 or eq(a, b), got {a!r}"
                )
        self.symbols = tuple(symbols)
        self.left: Expr | None = None
        self.steps: list[Step] = []
        self.given: dict[str, Expr] = {}
        self.oracle: Any = None
        self.oracle_name = ""
        self._verdicts: dict[tuple[str, bool], Verdict] = {}

    # -- writing --
    def start(self, left: Any) -> Derivation:
        """Set the left side, as displayed."""
        if self.left is not None:
            raise DerivationError(f"{self.name}: the derivation has a left side already")
        self.left = as_expr(left)
        return self

    def step(
        self,
        right: Any,
        reason: str = "",
        *,
        rel: str = "=",
        label: str | None = None,
        unfold: bool = False,
        tight: dict[Any, Any] | None = None,
        loose: bool = False,
        introduces: Sequence[Expr] = (),
    ) -> Derivation:
        r"""Add a line.

        Parameters
        ----------
        right : Expr
            The line; a last term `BigO(h, k)` makes it an expansion.
        reason : str
            Why it follows, shown beside it; `$...$` is mathematics.
        rel : str
            One of = < <= > >= != ; a decimal from `rounded` prints an approximately-equal sign by itself.
        label : str, optional
            Name by which prose can place or cite this line.
        unfold : bool
            The line only writes out a definition.
        tight : dict, optional
            For an inequality: values of symbols at which both sides are equal (in the limit). With it every
            weaker bound counts as wrong.
        loose : bool
            For an inequality that is not attained: weaker bounds are accepted as equivalent.
        introduces : sequence of Expr
            Symbols new in this line, on which nothing depends.

        Raises
        ------
        DerivationError
            If the line cannot be a continuation (no left side yet, another shape, other direction).
        """
        if self.left is None:
            raise DerivationError(f"{self.name}: call start(left) before the first step")
        right = as_expr(right)
        if isinstance(right, Rounded) and rel == "=":
            rel = "~"
        if rel not in SIGNS:
            raise DerivationError(f"{self.name}: unknown relation {rel!r}; use one of {' '.join(SIGNS)}")
        if right.shape != self.left.shape:
            raise ShapeError(
                f"{self.name}, step {len(self.steps) + 1}: the left side {self.left.tex()} has shape "
                f"{show_shape(self.left.shape)}, the line {right.tex()} has {show_shape(right.shape)}"
            )
        self._check_direction(rel)
        held = {as_expr(k): v for k, v in tight.items()} if tight else None
        names = tuple(getattr(s, "name", "") for s in introduces)
        self.steps.append(Step(right, rel, reason, label, dict(self.given), unfold, held, loose, names))
        if label and [s.label for s in self.steps].count(label) > 1:
            raise DerivationError(f"{self.name}: two lines are labelled {label!r}")
        return self

    def insert(
        self, values: dict[Any, Any], right: Any = None, reason: str = "insert the numbers", **more: Any
    ) -> Derivation:
        """Give symbols values from here on and, with `right`, write the line with the numbers in it."""
        for symbol, value in values.items():
            if isinstance(symbol, Def | Table):
                raise DerivationError(
                    f"{self.name}: {symbol.tex()} is defined already; give values to what defines it"
                )
            if not isinstance(symbol, Var):
                raise DerivationError(f"{self.name}: values belong to symbols, not to {symbol!r}")
            value = as_expr(value)
            if isinstance(value, Num) and not symbol.shape and value.number not in symbol.domain:
                raise DerivationError(
                    f"{self.name}: {symbol.tex()} = {value.tex()} is not in {symbol.domain.tex(symbol.tex())}"
                )
            if value.shape != symbol.shape:
                raise ShapeError(f"{self.name}: {symbol.tex()} is given a value of another shape")
            self.given[symbol.name] = value
        return self if right is None else self.step(right, reason, **more)

    def confirm(self, oracle: Any, name: str = "") -> Derivation:
        """Name an independent statement that the last line must equal.

        Parameters
        ----------
        oracle : Expr, callable or "autograd"
            Another expression; or a Python function of float64 numbers whose parameters are symbol names; or
            torch's autograd of what the left side differentiates.
        name : str
            What it is, for the reader.
        """
        self.oracle = oracle if callable(oracle) or isinstance(oracle, str) else as_expr(oracle)
        self.oracle_name = name or (oracle if isinstance(oracle, str) else "independent statement")
        return self

    def _check_direction(self, rel: str) -> None:
        used = {s.rel for s in self.steps} | {rel}
        if used & {"<", "<="} and used & {">", ">="}:
            raise DerivationError(
                f"{self.name}: a chain cannot go both down and up; split it in two derivations"
            )
        if "!=" in used and used & {"<", "<=", ">", ">="}:
            raise DerivationError(f"{self.name}: != and an order do not chain; split it in two derivations")
        if [s.rel for s in self.steps].count("!=") + (rel == "!=") > 1:
            raise DerivationError(f"{self.name}: a chain with two != signs says nothing")

    # -- reading --
    def _relation(self, upto: int) -> str:
        used = [s.rel for s in self.steps[: upto + 1]]
        for rel in ("!=", "<", ">", "<=", ">="):
            if rel in used:
                return rel
        return "~" if "~" in used else "="

    @property
    def result(self) -> Claim:
        """The left side and the last line, as one statement."""
        return self._claim(len(self.steps) - 1)

    def line(self, label: str) -> Claim:
        """Return the left side and a labelled line, as one statement."""
        for k, s in enumerate(self.steps):
            if s.label == label:
                return self._claim(k)
        known = ", ".join(s.label for s in self.steps if s.label) or "none"
        raise DerivationError(f"{self.name}: no line is labelled {label!r}; labels are: {known}")

    def _claim(self, k: int) -> Claim:
        if self.left is None or not self.steps:
            raise DerivationError(f"{self.name}: the derivation has no lines yet")
        return Claim(self.left, self._relation(k), self.steps[k].right, self.steps[k].label)

    def exprs(self) -> list[Expr]:
        """Return the left side and all lines."""
        if self.left is None or not self.steps:
            raise DerivationError(f"{self.name}: a derivation needs start(left) and at least one step")
        return [self.left, *(s.right for s in self.steps)]

    def latex_lines(self) -> list[dict[str, Any]]:
        """Return one dict per line: left, relation, right, reason, label (all LaTeX but the last)."""
        lines = self.exprs()
        return [
            {
                "left": lines[0].tex() if k == 0 else "",
                "relation": SIGNS[s.rel],
                "right": s.right.tex(),
                "reason": s.reason,
                "label": s.label,
            }
            for k, s in enumerate(self.steps)
        ]

    def latex(self) -> str:
        r"""Return the lines as one `aligned` block, reasons in a column of their own."""
        rows = []
        for x in self.latex_lines():
            row = f"{x['left']} &{x['relation']} {x['right']}"
            rows.append(row + (rf" && \text{{{x['reason']}}}" if x["reason"] else ""))
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def definitions(self) -> list[Claim]:
        """Return the definitions that the lines use, in the order in which they build on each other."""
        out: dict[str, Claim] = {}

        def visit(node: Expr) -> None:
            for leaf in [*node.walk(), *(x for n in node.walk() for x in n.parts())]:
                base = leaf.base if isinstance(leaf, Elem) else leaf
                if isinstance(base, Def | Table) and base.name not in out:
                    visit(base.body)
                    shown: Expr = base.general() if isinstance(base, Table) else base
                    out.setdefault(base.name, Claim(shown, "=", base.body))

        for e in self.exprs():
            visit(e)
        return list(out.values())

    def domains(self) -> list[str]:
        """Return the domains of all free symbols, as LaTeX."""
        found: dict[str, str] = {}
        for e in self.exprs():
            for name, leaf in e.leaves().items():
                if type(leaf) is Var:
                    shown = leaf.domain.tex(leaf.tex())
                    if leaf.shape:
                        sizes = r" \times ".join(
                            str(s.tex() if isinstance(s, Expr) else s) for s in leaf.shape
                        )
                        plain = leaf.domain.tex("x") == r"x \in \mathbb{R}"
                        shown = rf"{leaf.tex()} \in \mathbb{{R}}^{{{sizes}}}" if plain else shown
                    found[name] = shown
        return [found[n] for n in sorted(found)]

    @property
    def digest(self) -> str:
        """Fingerprint of everything that the verdict depends on."""
        parts = [engine_version(), self.name, *(e.key for e in self.exprs()), *(a.key for a in self.assume)]
        for s in self.steps:
            tight = sorted((k.key, str(v)) for k, v in (s.tight or {}).items())
            given = sorted((k, v.key) for k, v in s.given.items())
            parts += [f"{s.rel}|{s.reason}|{s.label}|{s.unfold}|{s.loose}|{tight}|{given}|{s.introduces}"]
        parts += [s.key for s in self.symbols]
        if isinstance(self.oracle, Expr):
            parts.append(self.oracle.key)
        elif callable(self.oracle):
            code = getattr(self.oracle, "__code__", None)
            parts.append(repr((code.co_code, code.co_consts, code.co_names)) if code else repr(self.oracle))
        else:
            parts.append(str(self.oracle))
        return digest_of("\n".join(parts))

    def function(self, *symbols: Any, backend: str = "numpy") -> Callable[..., Any]:
        """Return the last line as a float64 function of the symbols, see `to_function`."""
        from .floats import to_function

        return to_function(self.result.right, symbols, backend)

    # -- checking --
    def verify(
        self, mutants: bool = True, time_limit: float | int = 5.0, cache: str | os.PathLike[str] | None = None
    ) -> Verdict:
        """Check every line, the whole, and (with `mutants`) that wrong versions of every line are rejected.

        Parameters
        ----------
        mutants : bool
            Whether to try the mutants.
        time_limit : float
            Seconds for one exact proof; points are tried in any case.
        cache : path, optional
            Folder of stored verdicts; default DLBOOK_DERIVE_CACHE, without it nothing is stored. A derivation
            that is confirmed by a Python function is verified each time.

        Returns
        -------
        Verdict
            Status "checked", "rejected" or "undecided", with all details.
        """
        from .verifying import verify

        key = (self.digest, mutants)
        if key not in self._verdicts:
            self._verdicts[key] = verify(self, mutants, time_limit, cache)
        return self._verdicts[key]

    def check(self, mutants: bool = False, time_limit: float | int = 5.0) -> Verdict:
        """Verify and raise `DerivationError` unless the derivation is checked."""
        return self.verify(mutants, time_limit).raise_for_status()

    def has_automatic_oracle(self) -> str | None:
        """Return which independent meaning the left side has, or None: then `confirm` is needed."""
        return automatic(self.exprs()[0])

    # -- showing --
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        verdict = self.check(mutants=os.environ.get("DLBOOK_BUILD") == "1")
        data = {
            **verdict.to_dict(),
            "latex": self.latex(),
            "lines": self.latex_lines(),
            "definitions": [c.latex() for c in self.definitions()],
            "summary": verdict.summary(),
        }
        return {
            "text/latex": f"$$\n{self.latex()}\n$$",
            "text/plain": f"{self.title or self.name} ({verdict.summary()})\n{self.latex()}",
            MIME: json.loads(json.dumps(data)),
        }

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def __repr__(self) -> str:
        return f"<Derivation {self.name}: {len(self.steps)} steps>"
