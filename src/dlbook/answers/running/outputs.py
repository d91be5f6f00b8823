"""What functions give back, as plain data that can be compared and shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

_DEPTH, _ITEMS, _SHOWN = 20, 100_000, 120


@dataclass(frozen=True)
class Foreign:
    """Something that is not compared.

    Parameters
    ----------
    sort : str
        The name of its type.
    """

    sort: str


def plain(value: Any, depth: int = 0) -> Any:
    """Turn a value into numbers, texts, truth values, None, tuples and dicts of these.

    Lists become tuples, and what has ``tolist`` (tensors, arrays and their scalars) becomes what that gives.

    Parameters
    ----------
    value : object
        Any value.
    depth : int, optional
        How deep it lies in another.

    Returns
    -------
    object
        The same as plain data, `Foreign` where there is no such thing.

    Examples
    --------
    >>> plain([1, (2.5, "a")])
    (1, (2.5, 'a'))
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if depth > _DEPTH:
        return Foreign("list that is too deeply nested")
    if type(value) in (list, tuple, range):
        if len(value) > _ITEMS:
            return Foreign(f"{type(value).__name__} that is too long")
        return tuple(plain(item, depth + 1) for item in value)
    if type(value) in (set, frozenset):
        return frozenset(plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return {plain(name, depth + 1): plain(item, depth + 1) for name, item in value.items()}
    if callable(getattr(value, "tolist", None)) and not isinstance(value, type):
        return plain(value.tolist(), depth + 1)
    return Foreign(type(value).__name__)


def same(a: Any, b: Any, relative: float, absolute: float) -> bool:
    """Tell whether two plain values agree, numbers to a tolerance.

    A truth value is no number, and nan agrees with nan.

    Examples
    --------
    >>> same((1, 2.0), (1.0, 2.0000001), 1e-6, 1e-9), same(True, 1, 1e-6, 1e-9)
    (True, False)
    """
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    if isinstance(a, int | float) and isinstance(b, int | float):
        try:
            return (a != a and b != b) or math.isclose(a, b, rel_tol=relative, abs_tol=absolute)
        except OverflowError:  # a whole number beyond all floats
            return False
    if type(a) is not type(b) or isinstance(a, Foreign):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y, relative, absolute) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name], relative, absolute) for name in a)
    return bool(a == b)


def shown(value: Any) -> str:
    """Write a plain value for a message, short enough to be read there.

    Examples
    --------
    >>> shown((1, 2.5)), shown(0.1 + 0.2)
    ('[1, 2.5]', '0.3')
    """
    text = _shown(value)
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]} ..."
    return text.replace("`", "'")


def _shown(value: Any) -> str:
    """Write a plain value in full."""
    if isinstance(value, float):
        return f"{value:.6g}" if math.isfinite(value) else str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value[:_SHOWN]))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_shown(k)}: {_shown(v)}" for k, v in list(value.items())[:_SHOWN]) + "}"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(map(_shown, value))[:_SHOWN]) + "}"
    if isinstance(value, Foreign):
        return f"a {value.sort}"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 400:
        return "a huge number"
    return repr(value[:_SHOWN] if isinstance(value, str) else value)
