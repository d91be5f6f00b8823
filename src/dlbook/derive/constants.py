"""Named numbers."""

from __future__ import annotations

from typing import Any

import sympy as sp

from .tree import Expr


class Const(Expr):
    """A named number such as pi or infinity."""

    def __init__(self, name: str, tex: str, exact: Any) -> None:
        super().__init__()
        self.name, self.shown, self.exact = name, tex, exact

    def payload(self) -> str:
        """Return the name."""
        return f":{self.name}"

    def rebuild(self, *args: Expr) -> Expr:
        """Return itself."""
        return self

    def value(self, env: Any) -> Any:
        """Return the number."""
        if env.exact_kind:
            return self.exact
        return env.mp.mpf("inf") if self.name == "oo" else +getattr(env.mp, self.name)

    def tex(self) -> str:
        """Return the sign."""
        return self.shown


pi = Const("pi", r"\pi", sp.pi)
e = Const("e", "e", sp.E)
oo = Const("oo", r"\infty", sp.oo)
