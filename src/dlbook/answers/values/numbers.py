r"""Numbers with many digits, and small vectors and matrices of them.

What is computed here is compared, so it has to be trustworthy: a :class:`Machine` notes how many bits a
sum has swallowed, so that whoever asked can compute again with more, and refuses an operation whose result
would be too large *before* doing it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from dlbook.answers.clock import Clock
from dlbook.answers.errors import Undecided, Unreadable

CTX = mpmath.mp.clone()
"""Our own arithmetic: nobody else's precision is touched."""
BITS = 200
"""Of every number, about 60 decimal digits."""
MOST_BITS = 14_000
"""Beyond that no sum is computed again."""
CTX.prec = BITS
LARGEST = 100_000
"""Powers of two: beyond, and below its inverse, a number is too large or small to be handled."""

Scalar = Any  # an mpf of CTX; mpmath has no types


class Undefined(Unreadable):
    """A formula without a value, such as the logarithm of a negative number."""


class TooLarge(Undecided):
    """A number that would take too much time or memory."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "The numbers in this become too large or too small to be compared.")


class ShapeClash(Unreadable):
    """Vectors or matrices whose shapes do not fit together."""


class TwoPowers(ShapeClash):
    """A power of a matrix, which can be meant in two ways and may well be right in one of them."""


def magnitude(x: Scalar) -> int:
    """Give e with 2^(e-1) <= abs(x) < 2^e; for zero a very small number."""
    _, mantissa, exponent, bits = x._mpf_
    return exponent + bits if mantissa else -10 * LARGEST


def bounded(x: Scalar) -> Scalar:
    """Pass on a number that is neither too large nor too close to zero."""
    _, mantissa, exponent, bits = x._mpf_
    if mantissa and abs(exponent + bits) > LARGEST:
        raise TooLarge()
    return x


class Array:
    """A vector or a matrix.

    Parameters
    ----------
    shape : tuple of int
        One or two sizes.
    data : list
        The entries, row by row.
    """

    __slots__ = ("data", "shape")

    def __init__(self, shape: tuple[int, ...], data: list[Scalar]) -> None:
        self.shape, self.data = shape, data

    def map(self, function: Callable[[Scalar], Scalar]) -> Array:
        """Apply a function to every entry."""
        return Array(self.shape, [function(x) for x in self.data])

    @property
    def rows(self) -> list[list[Scalar]]:
        """The entries of a matrix by row; a vector is one row."""
        width = self.shape[-1]
        return [self.data[i : i + width] for i in range(0, len(self.data), width)]

    @property
    def T(self) -> Array:
        """The transpose; of a vector the vector itself."""
        if len(self.shape) == 1:
            return self
        return Array(self.shape[::-1], [x for column in zip(*self.rows, strict=True) for x in column])


Value = Any  # Scalar or Array


def shape_of(value: Value) -> tuple[int, ...]:
    """Tell the shape of a value; a number's is empty."""
    return value.shape if isinstance(value, Array) else ()


def common_shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Combine two shapes entry by entry as PyTorch does: aligned at the right, 1 stretches."""
    length = max(len(a), len(b))
    wide_a, wide_b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(wide_a, wide_b, strict=True)):
        raise ShapeClash(f"The shapes {a} and {b} do not fit together.")
    return tuple(q if p == 1 else p for p, q in zip(wide_a, wide_b, strict=True))


def _stretched(value: Value, shape: tuple[int, ...]) -> list[Scalar]:
    """Repeat entries until the value has that shape."""
    count = 1
    for size in shape:
        count *= size
    if not isinstance(value, Array):
        return [value] * count
    if value.shape == shape:
        return value.data
    own = value.shape if len(value.shape) == 2 else (1, *value.shape)
    rows, columns = shape if len(shape) == 2 else (1, *shape)
    return [
        value.data[(i if own[0] > 1 else 0) * own[1] + (j if own[1] > 1 else 0)]
        for i in range(rows)
        for j in range(columns)
    ]


class Machine:
    """Arithmetic that knows when it was not precise enough.

    Parameters
    ----------
    bits : int
        Of every number.
    clock : Clock
        The limit of time.

    Attributes
    ----------
    need : int
        Bits that got lost in the worst sum so far.
    """

    def __init__(self, bits: int, clock: Clock) -> None:
        self.bits, self.clock, self.need = bits, clock, 0

    def add(self, a: Scalar, b: Scalar) -> Scalar:
        """Add, and note what got lost: b beside a much larger a, or the leading digits of both."""
        total = a + b
        if not a or not b:
            return total
        (_, _, ea, ba), (_, _, eb, bb) = a._mpf_, b._mpf_
        gap = abs(ea + ba - eb - bb)
        self.need = max(self.need, gap)
        if ba < self.bits - 8 and bb < self.bits - 8:
            return total  # numbers as short as these are exact
        loss = max(ea + ba, eb + bb) - magnitude(total) if total else self.bits
        self.need = max(self.need, loss)
        if total and loss > 0.8 * self.bits:
            return CTX.zero  # nothing but rounding is left
        return total

    def multiply(self, a: Scalar, b: Scalar) -> Scalar:
        """Multiply."""
        return bounded(a * b)

    def divide(self, a: Scalar, b: Scalar) -> Scalar:
        """Divide, unless by zero."""
        if not b:
            raise Undefined("This divides by zero.")
        return bounded(a / b)

    def power(self, a: Scalar, b: Scalar) -> Scalar:
        """Raise to a power; 0^0 is 1, and roots of negative numbers do not exist."""
        whole = CTX.isint(b)
        if not a:
            if b < 0:
                raise Undefined("This divides by zero.")
            return CTX.zero if b else CTX.one
        if a < 0 and not whole:
            raise Undefined("This takes a root of a negative number.")
        if a == 1 or (a == -1 and whole):
            return CTX.one if a == 1 or not int(b) % 2 else -CTX.one
        if magnitude(b) > 17 or abs(b) * (abs(magnitude(a)) + 1) > LARGEST:
            raise TooLarge()
        if not whole:
            self.need = max(self.need, -magnitude(b))  # as in exp
        return bounded(a ** int(b)) if whole else bounded(a**b)

    def exp(self, x: Scalar) -> Scalar:
        """Take the exponential; near 0 it swallows digits of x."""
        if magnitude(x) > 17 or abs(x) > 0.69 * LARGEST:
            raise TooLarge()
        if x:
            self.need = max(self.need, -magnitude(x))
        return CTX.exp(x)

    def entrywise(self, operation: Callable[[Scalar, Scalar], Scalar], a: Value, b: Value) -> Value:
        """Combine entry by entry, stretching axes of length 1 as PyTorch does."""
        if not isinstance(a, Array) and not isinstance(b, Array):
            return operation(a, b)
        shape = common_shape(shape_of(a), shape_of(b))
        pairs = zip(_stretched(a, shape), _stretched(b, shape), strict=True)
        return Array(shape, [operation(p, q) for p, q in pairs])

    def total(self, entries: list[Scalar]) -> Scalar:
        """Add a list."""
        result = CTX.zero
        for entry in entries:
            result = self.add(result, entry)
        return result

    def product(self, a: Value, b: Value) -> Value:
        """Multiply matrices or vectors as `@` does."""
        if not isinstance(a, Array) or not isinstance(b, Array):
            raise ShapeClash("A matrix product needs a vector or a matrix on both sides; a number has *.")
        if a.shape[-1] != b.shape[0]:
            raise ShapeClash(f"The shapes {a.shape} and {b.shape} do not fit: the inner sizes must agree.")
        columns = [b.data] if len(b.shape) == 1 else b.T.rows
        data: list[Scalar] = []
        for row in a.rows:
            self.clock.tick()
            data += [
                self.total([self.multiply(p, q) for p, q in zip(row, column, strict=True)])
                for column in columns
            ]
        shape = a.shape[:-1] + b.shape[1:]
        return Array(shape, data) if shape else data[0]

    def outer(self, a: Array, b: Array) -> Array:
        """Multiply each entry of one vector by each of another."""
        return Array((a.shape[0], b.shape[0]), [self.multiply(p, q) for p in a.data for q in b.data])
