r"""Where formulas are compared: values for the symbols of a question.

Two formulas that agree to many digits at enough points chosen at random are equal, with a probability of
error that is no concern. What is a concern are formulas that agree on *part* of their domain, such as x and
\|x\|; so the points cover all patterns of signs, small and large numbers, and each symbol's whole domain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from dlbook.answers.symbols import SymbolSpec, Vocabulary
from dlbook.answers.values.numbers import CTX, Array, Scalar, Value

MODERATE, EXTREME = 20, 4
"""How many points have values of everyday size, and how many very small and large ones."""
WITH_ARRAYS = 10
"""How many points suffice where there are matrices, which bring many numbers each."""
_SIGNED = ("real", "nonzero", "integer", "binary")
_HAS_ZERO = ("real", "nonnegative", "integer")
_MOST_PAIRS = 10


@dataclass(frozen=True)
class Point:
    r"""Values for all symbols.

    Parameters
    ----------
    values : mapping
        By name of the symbol.
    variant : int
        Which curves stand for open functions.
    where : str
        Empty for a generic point. For a special one, what is special: "where $a = 0$".
    """

    values: Mapping[str, Value]
    variant: int
    where: str = ""


def sample(vocabulary: Vocabulary, seed: str) -> tuple[list[Point], list[Point]]:
    """Choose points for a question, the same ones every time.

    Parameters
    ----------
    vocabulary : Vocabulary
        The question's symbols.
    seed : str
        The key's name.

    Returns
    -------
    generic, special : list of Point
        Those at which equal formulas have to agree, and those (zeros, ones, equal values) where they should.
    """
    rng = Random(seed)
    specs = list(vocabulary.symbols.values())
    if not specs and not vocabulary.functions:
        return [Point({}, 0)] * WITH_ARRAYS, []
    if any(spec.shape for spec in specs):
        sizes = _instances(vocabulary)
        generic = [
            Point({s.name: _array(s, sizes[i % len(sizes)], rng, i) for s in specs}, i % 2)
            for i in range(max(WITH_ARRAYS, len(sizes)))
        ]
        return generic, _with_a_zero(generic, specs)
    columns = _columns(specs, rng)
    generic = [
        Point({name: column[i] for name, column in columns.items()}, i % 2) for i in range(MODERATE + EXTREME)
    ]
    return generic, _special(generic, specs)


def _columns(specs: list[SymbolSpec], rng: Random) -> dict[str, list[Scalar]]:
    """Choose the values of each symbol at all points, each domain in layers and the layers shuffled."""
    count = MODERATE + EXTREME
    signed = [spec.name for spec in specs if spec.domain in _SIGNED]
    few = len(signed) <= 4
    columns: dict[str, list[Scalar]] = {}
    for spec in specs:
        layers = list(range(MODERATE))
        rng.shuffle(layers)
        if spec.name in signed and few:
            bit = signed.index(spec.name)
            up = [bool(i >> bit & 1) for i in range(count)]
        else:
            up = [i % 2 == 0 for i in range(count)]
            rng.shuffle(up)
        columns[spec.name] = [
            _value(spec.domain, (layers[i] + rng.random()) / MODERATE, up[i], rng)
            if i < MODERATE
            else _extreme(spec.domain, *_corner(i - MODERATE, len(columns)), rng)
            for i in range(count)
        ]
    return columns


def _corner(turn: int, column: int) -> tuple[bool, bool]:
    """Choose between large and small, and between up and down: four turns see all four, in every column."""
    return bool((turn ^ column) & 1), bool((turn ^ column) >> 1 & 1)


def _value(domain: str, share: float, up: bool, rng: Random) -> Scalar:
    """Choose a value of a domain, `share` of the way from its small to its large numbers."""
    if domain == "unit":
        return CTX.mpf(0.002 + 0.996 * share)
    if domain == "binary":
        return CTX.mpf(up)
    if domain in ("natural", "integer"):
        whole = 1 + int(share * 11)
        return CTX.mpf(whole if up or domain == "natural" else -whole)
    size = math.exp(math.log(0.06) + share * math.log(6.5 / 0.06))
    return CTX.mpf(size if up or domain not in _SIGNED else -size)


def _extreme(domain: str, large: bool, up: bool, rng: Random) -> Scalar:
    """Choose a value close to zero or far from it."""
    if domain == "unit":
        tiny = rng.uniform(1e-5, 1e-4)
        return CTX.mpf(1 - tiny if large else tiny)
    if domain in ("binary", "natural", "integer"):
        return _value(domain, 1.0 if large else 0.0, up, rng)
    size = rng.uniform(15, 40) if large else rng.uniform(1e-4, 1e-3)
    return CTX.mpf(size if up or domain not in _SIGNED else -size)


def _special(generic: list[Point], specs: list[SymbolSpec]) -> list[Point]:
    """Choose points at zeros, ones and equal values; the other symbols keep everyday values."""
    found = []

    def put(base: int, changes: Mapping[str, Scalar], where: str) -> None:
        point = generic[base % MODERATE]
        found.append(Point({**point.values, **changes}, point.variant, where))

    zeros = {s.name: CTX.zero for s in specs if s.domain in _HAS_ZERO}
    ones = {s.name: CTX.one for s in specs if s.domain != "unit"}
    for k, spec in enumerate(specs):
        for value, group in ((0, zeros), (1, ones)):
            if spec.name in group:
                for base in (k, k + 5):
                    put(base, {spec.name: group[spec.name]}, f"${spec.tex} = {value}$")
    alike = [(p, q) for i, p in enumerate(specs) for q in specs[:i] if p.domain == q.domain]
    for k, (p, q) in enumerate(alike[:_MOST_PAIRS]):
        put(k, {p.name: generic[k % MODERATE].values[q.name]}, f"${q.tex} = {p.tex}$")
    if len(zeros) > 1:
        put(0, zeros, "all symbols are $0$")
    if len(ones) > 1:
        put(1, ones, "all symbols are $1$")
    return found


def _instances(vocabulary: Vocabulary) -> list[dict[str, int]]:
    """List the assignments of numbers to named sizes."""
    count = max((len(values) for values in vocabulary.sizes.values()), default=1)
    return [{name: values[i] for name, values in vocabulary.sizes.items()} for i in range(count)]


def _array(spec: SymbolSpec, sizes: Mapping[str, int], rng: Random, turn: int) -> Value:
    """Choose a number, or all entries of a vector or matrix."""
    shape = tuple(size if isinstance(size, int) else sizes[size] for size in spec.shape)

    def entry() -> Scalar:
        return _value(spec.domain, rng.random(), rng.random() < 0.5, rng)

    if spec.name in sizes and not shape:
        return CTX.mpf(sizes[spec.name])  # the number of rows itself, as in a mean
    return Array(shape, [entry() for _ in range(math.prod(shape))]) if shape else entry()


def _with_a_zero(generic: list[Point], specs: list[SymbolSpec]) -> list[Point]:
    """Put a zero into one entry of each symbol in turn."""
    found = []
    sizes = {size for s in specs for size in s.shape}
    for k, spec in enumerate(s for s in specs if s.domain in _HAS_ZERO and s.name not in sizes):
        point = generic[k % len(generic)]
        old = point.values[spec.name]
        new = Array(old.shape, [CTX.zero, *old.data[1:]]) if isinstance(old, Array) else CTX.zero
        where = f"an entry of ${spec.tex}$ is $0$" if isinstance(old, Array) else f"${spec.tex} = 0$"
        found.append(Point({**point.values, spec.name: new}, point.variant, where))
    return found
