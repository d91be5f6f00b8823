"""Units that may follow a number, and how they convert."""

from __future__ import annotations

from math import log, pi

_SMALL = {"": 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9}
_LARGE = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def _prefixed(names: tuple[str, ...], prefixes: dict[str, float]) -> dict[str, float]:
    """Give every name with every prefix."""
    return {prefix + name: factor for name in names for prefix, factor in prefixes.items()}


GROUPS: dict[str, dict[str, float]] = {
    "share": {
        **dict.fromkeys(("%", "per cent", "percent", "pp"), 0.01),
        **dict.fromkeys(("percentage point", "percentage points", "point", "points"), 0.01),
    },
    "time": {
        **_prefixed(("s",), _SMALL),
        **dict.fromkeys(("sec", "second", "seconds"), 1.0),
        **dict.fromkeys(("millisecond", "milliseconds"), 1e-3),
        **dict.fromkeys(("microsecond", "microseconds"), 1e-6),
        **dict.fromkeys(("min", "minute", "minutes"), 60.0),
        **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    },
    "memory": {
        **_prefixed(("B",), _LARGE | _BINARY),
        **_prefixed(("byte", "bytes", "Byte", "Bytes"), {"": 1.0}),
        **dict.fromkeys(("kilobyte", "kilobytes"), 1e3),
        **dict.fromkeys(("megabyte", "megabytes"), 1e6),
        **dict.fromkeys(("gigabyte", "gigabytes"), 1e9),
    },
    "work": _prefixed(("FLOP", "FLOPs", "flop", "flops"), _LARGE),
    "speed": _prefixed(("FLOP/s", "FLOPs/s", "flop/s"), _LARGE),
    "information": {**dict.fromkeys(("bit", "bits"), log(2.0)), **dict.fromkeys(("nat", "nats"), 1.0)},
    "angle": {
        **dict.fromkeys(("rad", "radian", "radians"), 1.0),
        **dict.fromkeys(("deg", "°", "degree", "degrees"), pi / 180),
    },
}
"""By sort: spellings, and how much of the sort's own unit one of them is."""

_KNOWN = {spelling for group in GROUPS.values() for spelling in group}


def factors(unit: str) -> dict[str, float | None]:
    """Tell what each unit that may be typed is worth in a key's unit.

    Parameters
    ----------
    unit : str
        The key's unit; empty for a plain number, which may also be typed in per cent or in nats. A word that
        is no unit, such as ``images``, is its own unit.

    Returns
    -------
    dict of str to float or None
        By spelling; None for a unit of another sort.

    Examples
    --------
    >>> factors("kB")["MB"], factors("kB")["s"], factors("")["%"]
    (1000.0, None, 0.01)
    """
    worth: dict[str, float | None] = dict.fromkeys(sorted(_KNOWN))
    group = next((group for group in GROUPS.values() if unit in group), {unit: 1.0} if unit else {})
    if not unit:
        return worth | GROUPS["share"] | {"nat": 1.0, "nats": 1.0}
    return worth | {spelling: factor / group[unit] for spelling, factor in group.items()}


def in_unit(value: float, unit: str) -> str:
    """Write a value the way a reader would: ``12 kB``, ``5%``.

    Examples
    --------
    >>> in_unit(12.0, "kB")
    '12 kB'
    """
    number = f"{value:.12g}"
    return f"{number}{' ' if unit not in ('', '%') else ''}{unit}"
