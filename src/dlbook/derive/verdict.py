"""What a verification found, as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .errors import DerivationError

CHECKED, REJECTED, UNDECIDED = "checked", "rejected", "undecided"


@dataclass
class StepReport:
    """One line: how it was checked, how long that took, and its mutants."""

    number: int
    relation: str
    latex: str
    reason: str
    label: str | None
    kind: str
    ok: bool | None = None
    level: str = ""
    note: str = ""
    points: int = 0
    seconds: float | int = 0.0
    mutants: list[dict[str, Any]] = field(default_factory=list)

    def count(self, status: str) -> int:
        """Return how many mutants have a status."""
        return sum(m["status"] == status for m in self.mutants)


@dataclass
class Verdict:
    """The result of `Derivation.verify`; `to_dict()` is what the page and the report store.

    Examples
    --------
    >>> Verdict(name="d").summary()
    'undecided'
    """

    name: str
    title: str = ""
    status: str = UNDECIDED
    level: str = ""
    message: str = ""
    steps: list[StepReport] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    oracle: dict[str, Any] = field(default_factory=dict)
    coverage: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    mutated: bool = False
    mutants_made: int = 0
    mutants_killed: int = 0
    mutants_equivalent: int = 0
    mutants_survived: int = 0
    seconds: float | int = 0.0
    digest: str = ""
    cached: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as data that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """Rebuild a verdict from `to_dict`."""
        steps = [StepReport(**s) for s in data["steps"]]
        return cls(**{**data, "steps": steps})

    def summary(self) -> str:
        """Return the text of the badge."""
        if self.status != CHECKED:
            return self.status
        text = f"checked: {self.level}, {len(self.steps)} step{'s' if len(self.steps) != 1 else ''}"
        if self.mutated:
            text += f", {self.mutants_killed} mutants rejected"
        return text

    def raise_for_status(self) -> Verdict:
        """Raise `DerivationError` unless the derivation is checked."""
        if self.status != CHECKED:
            raise DerivationError(self.message or f"{self.name}: {self.status}")
        return self
