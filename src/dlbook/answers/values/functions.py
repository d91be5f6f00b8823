r"""The functions that everybody knows, with many digits, and those that an exercise leaves open."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from dlbook.answers.values.numbers import (
    BITS,
    CTX,
    Array,
    Machine,
    Scalar,
    ShapeClash,
    TooLarge,
    Undefined,
    Value,
    magnitude,
)

LARGEST_FACTORIAL = 1000


def log(m: Machine, x: Scalar) -> Scalar:
    """Take the natural logarithm; close to 1 it lays bare what x has lost."""
    if x <= 0:
        what = "zero" if not x else "a negative number"
        raise Undefined(f"This takes the logarithm of {what}.")
    m.add(x, -CTX.one)
    return CTX.ln(x)


def sigmoid(m: Machine, x: Scalar) -> Scalar:
    """Compute 1 / (1 + exp(-x))."""
    return CTX.one / m.add(CTX.one, m.exp(-x))


def dsigmoid(m: Machine, x: Scalar) -> Scalar:
    """Compute sigmoid' without a difference of nearly equal numbers."""
    small = m.exp(-abs(x))
    return small / m.add(CTX.one, small) ** 2


def softplus(m: Machine, x: Scalar) -> Scalar:
    """Compute log(1 + exp(x))."""
    return m.add(max(x, CTX.zero), log(m, m.add(CTX.one, m.exp(-abs(x)))))


def tanh(m: Machine, x: Scalar) -> Scalar:
    """Compute tanh, which is 1 to many digits soon."""
    m.exp(2 * x)
    m.need = max(m.need, int(min(abs(x), 10**6) * 3))
    return CTX.tanh(x)


def factorial(m: Machine, x: Scalar) -> Scalar:
    """Compute x!, for whole numbers that are not too large."""
    if x < 0 or not CTX.isint(x):
        raise Undefined("A factorial needs a whole number that is not negative.")
    if x > LARGEST_FACTORIAL:
        raise TooLarge()
    return CTX.factorial(x)


def floor(m: Machine, x: Scalar) -> Scalar:
    """Round down; what is a whole number but for rounding stays one."""
    nearest = CTX.nint(x)
    m.need = max(m.need, magnitude(x))
    return nearest if abs(x - nearest) < CTX.ldexp(1, -BITS // 2) else CTX.floor(x)


def _plain(function: Callable[[Scalar], Scalar]) -> Callable[[Machine, Scalar], Scalar]:
    """Use a function that is defined everywhere and grows slowly."""
    return lambda m, x: function(x)


def _growing(function: Callable[[Scalar], Scalar]) -> Callable[[Machine, Scalar], Scalar]:
    """Use a function that grows like exp."""

    def guarded(m: Machine, x: Scalar) -> Scalar:
        m.exp(x)
        return function(x)

    return guarded


def _circular(function: Callable[[Scalar], Scalar]) -> Callable[[Machine, Scalar], Scalar]:
    """Use a function of an angle, for which a large argument needs more digits."""

    def guarded(m: Machine, x: Scalar) -> Scalar:
        if magnitude(x) > 300:
            raise TooLarge()
        m.need = max(m.need, magnitude(x))
        return function(x)

    return guarded


def _within(function: Callable[[Scalar], Scalar], low: float, high: float, words: str) -> Callable:
    """Use a function that is defined between two ends."""

    def guarded(m: Machine, x: Scalar) -> Scalar:
        if not low <= x <= high:
            raise Undefined(words)
        return function(x)

    return guarded


def _atanh(m: Machine, x: Scalar) -> Scalar:
    """Compute the inverse of tanh."""
    if not -1 < x < 1:
        raise Undefined("This takes atanh of a number that is not between -1 and 1.")
    return CTX.atanh(x)


_INF = float("inf")
_ONE_ARGUMENT: dict[str, Callable[[Machine, Scalar], Scalar]] = {
    "exp": lambda m, x: m.exp(x),
    "log": log,
    "log10": lambda m, x: log(m, x) / CTX.ln(10),
    "log2": lambda m, x: log(m, x) / CTX.ln(2),
    "sqrt": _within(CTX.sqrt, 0, _INF, "This takes the square root of a negative number."),
    "abs": _plain(abs),
    "sign": _plain(lambda x: CTX.mpf((x > 0) - (x < 0))),
    "sin": _circular(CTX.sin),
    "cos": _circular(CTX.cos),
    "tan": _circular(CTX.tan),
    "sinh": _growing(CTX.sinh),
    "cosh": _growing(CTX.cosh),
    "tanh": tanh,
    "asin": _within(CTX.asin, -1, 1, "This takes asin of a number that is not between -1 and 1."),
    "acos": _within(CTX.acos, -1, 1, "This takes acos of a number that is not between -1 and 1."),
    "atan": _plain(CTX.atan),
    "asinh": _plain(CTX.asinh),
    "acosh": _within(CTX.acosh, 1, _INF, "This takes acosh of a number below 1."),
    "atanh": _atanh,
    "sigmoid": sigmoid,
    "dsigmoid": dsigmoid,
    "dtanh": lambda m, x: 4 * dsigmoid(m, 2 * x),
    "relu": _plain(lambda x: max(x, CTX.zero)),
    "step": _plain(lambda x: CTX.mpf(x > 0)),
    "softplus": softplus,
    "floor": floor,
    "ceil": lambda m, x: -floor(m, -x),
    "!": factorial,
    "%": lambda m, x: x / 100,
}


def _axis(value: Value, axis: Scalar) -> int:
    """Check the number of an axis."""
    dimensions = len(value.shape) if isinstance(value, Array) else 0
    if not CTX.isint(axis) or not -dimensions <= axis < dimensions:
        raise ShapeClash(f"There is no axis {int(axis)} here.")
    return int(axis) % dimensions


def _sum(m: Machine, value: Value, axis: Scalar | None = None) -> Value:
    """Add all entries, or those along one axis."""
    if not isinstance(value, Array):
        return value
    if axis is None or len(value.shape) == 1:
        if axis is not None:
            _axis(value, axis)
        return m.total(value.data)
    lines = value.T.rows if _axis(value, axis) == 0 else value.rows
    return Array((len(lines),), [m.total(line) for line in lines])


def _mean(m: Machine, value: Value, axis: Scalar | None = None) -> Value:
    """Divide the sum by the number of entries that went into it."""
    total = _sum(m, value, axis)
    entries = len(value.data) if isinstance(value, Array) else 1
    count = entries // (len(total.data) if isinstance(total, Array) else 1)
    return total.map(lambda x: x / count) if isinstance(total, Array) else total / count


def _norm(m: Machine, value: Value) -> Scalar:
    """Compute the Euclidean (Frobenius) length."""
    entries = value.data if isinstance(value, Array) else [value]
    return CTX.sqrt(m.total([m.multiply(x, x) for x in entries]))


def _square(value: Value, what: str) -> list[list[Scalar]]:
    """Give the rows of a square matrix."""
    if not isinstance(value, Array) or len(value.shape) != 2 or value.shape[0] != value.shape[1]:
        raise ShapeClash(f"{what} needs a square matrix.")
    return value.rows


def _trace(m: Machine, value: Value) -> Scalar:
    """Add the diagonal."""
    return m.total([row[i] for i, row in enumerate(_square(value, "A trace"))])


def _diag(m: Machine, value: Value) -> Array:
    """Make a diagonal matrix of a vector, or a vector of a matrix's diagonal."""
    if isinstance(value, Array) and len(value.shape) == 1:
        n = value.shape[0]
        return Array((n, n), [value.data[i] if i == j else CTX.zero for i in range(n) for j in range(n)])
    rows = _square(value, "A diagonal")
    return Array((len(rows),), [row[i] for i, row in enumerate(rows)])


def _outer(m: Machine, a: Value, b: Value) -> Array:
    """Multiply each entry of one vector by each of another."""
    if len(getattr(a, "shape", ())) != 1 or len(getattr(b, "shape", ())) != 1:
        raise ShapeClash("An outer product needs two vectors.")
    return m.outer(a, b)


def _dot(m: Machine, a: Value, b: Value) -> Value:
    """Multiply two vectors, or matrices, as `@` does."""
    return m.product(a, b)


def _inverse(m: Machine, value: Value) -> Value:
    """Solve for the inverse, by rows with the largest pivot."""
    if not isinstance(value, Array):
        return m.divide(CTX.one, value)
    rows = _square(value, "An inverse")
    n = len(rows)
    work = [[*row, *(CTX.mpf(i == j) for j in range(n))] for i, row in enumerate(rows)]
    for k in range(n):
        m.clock.tick()
        best = max(range(k, n), key=lambda i: abs(work[i][k]))
        work[k], work[best] = work[best], work[k]
        pivot = [m.divide(x, work[k][k]) for x in work[k]]
        work = [
            pivot if i == k else [m.add(x, -row[k] * p) for x, p in zip(row, pivot, strict=True)]
            for i, row in enumerate(work)
        ]
    return Array((n, n), [x for row in work for x in row[n:]])


def _softmax(m: Machine, value: Value, axis: Scalar | None = None) -> Array:
    """Turn a vector, or every row of a matrix, into probabilities."""
    if not isinstance(value, Array):
        raise ShapeClash("softmax needs a vector or a matrix; for one number there is sigmoid.")
    if axis is not None and _axis(value, axis) == 0 and len(value.shape) == 2:
        return _softmax(m, value.T).T
    data: list[Scalar] = []
    for row in value.rows:
        top = max(row)
        powers = [m.exp(m.add(x, -top)) for x in row]
        whole = m.total(powers)
        data += [p / whole for p in powers]
    return Array(value.shape, data)


_WHOLE: dict[str, Callable[..., Value]] = {
    "sum": _sum,
    "mean": _mean,
    "norm": _norm,
    "trace": _trace,
    "diag": _diag,
    "outer": _outer,
    "dot": _dot,
    "inv": _inverse,
    "softmax": _softmax,
}


def apply(m: Machine, name: str, arguments: list[Value]) -> Value:
    """Apply a known function, entry by entry unless it is about the whole of a vector or matrix.

    Raises
    ------
    Undefined
        Where it has no value.
    """
    if name in _WHOLE:
        return _WHOLE[name](m, *arguments)
    if name in ("max", "min"):
        pick = max if name == "max" else min
        if len(arguments) == 1:
            only = arguments[0]
            return pick(only.data) if isinstance(only, Array) else only
        result = arguments[0]
        for other in arguments[1:]:
            result = m.entrywise(pick, result, other)
        return result
    if name == "log" and len(arguments) == 2:
        return m.entrywise(lambda x, base: m.divide(log(m, x), log(m, base)), *arguments)
    function, argument = _ONE_ARGUMENT[name], arguments[0]
    if isinstance(argument, Array):
        return argument.map(lambda x: function(m, x))
    return function(m, argument)


def known(name: str) -> bool:
    """Tell whether a function has this name."""
    return name in _ONE_ARGUMENT or name in _WHOLE or name in ("max", "min")


def _wave(number: int, variant: int) -> tuple[Scalar, ...]:
    """Choose the coefficients of one of the curves that stand for an open function."""
    a, b = Fraction(7 * number + 3 * variant + 11, 37), Fraction(5 * number + 11 * variant + 9, 29)
    numbers = (a, b, 1 + a * b, Fraction(number + variant + 3, 23), Fraction(2 * number + 5, 31 + variant))
    return tuple(CTX.mpf(q.numerator) / q.denominator for q in numbers)


def open_function(m: Machine, number: int, variant: int, derivative: bool, x: Scalar) -> Scalar:
    """Give the value of a curve that stands for "any smooth function", or of its derivative.

    It bends, wiggles, is neither even nor odd, and has no value or slope that means anything, so that only
    what holds for any smooth function holds for it: a + b x + c x^2 + d sin(f x + a).
    """
    a, b, c, d, f = _wave(number, variant)
    if magnitude(x) > 300:
        raise TooLarge()
    angle = f * x + a
    if derivative:
        return b + 2 * c * x + d * f * CTX.cos(angle)
    return a + b * x + c * x * x + d * CTX.sin(angle)
