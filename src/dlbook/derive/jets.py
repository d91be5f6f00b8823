"""Numbers that carry first derivatives (forward mode), over any numbers that know + - * /."""

from __future__ import annotations

import itertools
from typing import Any

_tags = itertools.count(1)


def new_tag() -> int:
    """Return a fresh mark, so that nested derivatives do not mix."""
    return next(_tags)


class Jet:
    """A value with its partial derivatives with respect to the keys of `slopes`."""

    __slots__ = ("slopes", "tag", "val")

    def __init__(self, tag: int, val: Any, slopes: dict[Any, Any]) -> None:
        self.tag, self.val, self.slopes = tag, val, slopes

    def chain(self, val: Any, slope: Any) -> Jet:
        """Return f(self) from f's value and slope."""
        return Jet(self.tag, val, {k: slope * d for k, d in self.slopes.items()})

    def __add__(self, other: Any) -> Any:
        if type(other) is Jet:
            if other.tag == self.tag:
                slopes = dict(self.slopes)
                for k, d in other.slopes.items():
                    slopes[k] = slopes[k] + d if k in slopes else d
                return Jet(self.tag, self.val + other.val, slopes)
            if other.tag > self.tag:
                return Jet(other.tag, self + other.val, other.slopes)
        return Jet(self.tag, self.val + other, self.slopes)

    def __mul__(self, other: Any) -> Any:
        if type(other) is Jet:
            if other.tag == self.tag:
                slopes = {k: d * other.val for k, d in self.slopes.items()}
                for k, d in other.slopes.items():
                    slopes[k] = slopes[k] + self.val * d if k in slopes else self.val * d
                return Jet(self.tag, self.val * other.val, slopes)
            if other.tag > self.tag:
                return Jet(other.tag, self * other.val, {k: self * d for k, d in other.slopes.items()})
        elif not hasattr(other, "__mul__") or hasattr(other, "rows"):
            return NotImplemented
        return Jet(self.tag, self.val * other, {k: d * other for k, d in self.slopes.items()})

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Jet:
        return Jet(self.tag, -self.val, {k: -d for k, d in self.slopes.items()})

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __truediv__(self, other: Any) -> Any:
        if type(other) is Jet:
            return self * (1 / other)
        return Jet(self.tag, self.val / other, {k: d / other for k, d in self.slopes.items()})

    def __rtruediv__(self, other: Any) -> Any:
        inverse = 1 / self.val
        return other * self.chain(inverse, -inverse * inverse)


def primal(x: Any) -> Any:
    """Return the plain number below all jets."""
    while type(x) is Jet:
        x = x.val
    return x
