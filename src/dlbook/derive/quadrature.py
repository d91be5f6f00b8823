"""Means under the standard normal: the trapezoidal rule for smooth bodies, else pieces between kinks."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, no_type_check

from mpmath.calculus.quadrature import GaussLegendre

from .errors import UndefinedError
from .jets import Jet, primal

COARSE = "the integrand varies too fast for the quadrature"
_REACH = 40  # standard deviations: further out a Gaussian weight is below 10^-340


@no_type_check
def sign_changes(mp, at, low=-_REACH, high=_REACH, steps=8 * _REACH):
    """Return where a function of one number changes its sign, each found by bisection."""
    found = []
    before = None
    for k in range(steps + 1):
        t = low + mp.mpf(k) * (high - low) / steps
        try:
            y = at(t)
        except UndefinedError:
            before = None
            continue
        if y == 0:
            found.append(t)
            before = None
            continue
        if before is not None and before[1] * y < 0:
            a, b = before[0], t
            for _ in range(mp.prec + 10):
                middle = (a + b) / 2
                z = at(middle)
                if z == 0:
                    a = middle
                    break
                a, b = (middle, b) if z * before[1] > 0 else (a, middle)
            found.append(a)
        before = (t, y)
    return sorted(set(found))


@no_type_check
def gaussian_mean(mp, kinks, body):
    """Return the mean of body(t) for a standard normal t, whose kinks are given."""
    return _by_pieces(mp, kinks, body) if kinks else _trapezoid(mp, body)


@no_type_check
def _trapezoid(mp, body):
    """Sum on a mesh that is halved until the sum stays: it converges faster than any power."""
    weight = 1 / mp.sqrt(2 * mp.pi)
    tiny = mp.mpf(10) ** (-mp.dps - 6)

    def walk(offset, h):
        total = None
        for way in (1, -1):
            k, quiet = 0, 0
            # Walk out until many terms in a row add nothing; a growing integrand moves the peak far from 0.
            while (quiet < 12 or abs(t) * 2 < 12) and k * h < 1000:
                t = way * (offset + k * h)
                k += 1
                if way < 0 and t == 0:
                    continue
                part = body(t) * (mp.exp(-t * t / 2) * weight)
                total = part if total is None else total + part
                quiet = quiet + 1 if abs(primal(part)) <= tiny * max(abs(primal(total)), tiny) else 0
        return total

    h = mp.mpf(1) / 2
    even = walk(mp.mpf(0), h)
    for _ in range(5):
        odd = walk(h / 2, h)
        coarse, fine = primal(even) * h, primal(even + odd) * h / 2
        even, h = even + odd, h / 2
        # The error is squared with each halving, twice over: agreement to 30 digits means far more.
        if abs(coarse - fine) <= mp.mpf(10) ** -30 * max(abs(fine), mp.mpf(10) ** -20):
            return even * h
    raise UndefinedError(COARSE)


@lru_cache(maxsize=8)
def _nodes(digits: int) -> Any:
    from .env import context

    mp = context(digits)
    return GaussLegendre(mp).calc_nodes(4 if digits <= 60 else 5, mp.prec)


@no_type_check
def _by_pieces(mp, kinks, body):
    if mp.dps > 200:
        raise UndefinedError(COARSE)
    eps = mp.mpf(10) ** (-mp.dps // 2)
    for t in kinks:
        if type(body(t + eps)) is Jet and abs(primal(body(t + eps)) - primal(body(t - eps))) > 1e-9:
            raise UndefinedError("the derivative of a mean of something that jumps")
    ends = sorted({*kinks, *(mp.mpf(k) for k in range(-_REACH, _REACH + 1, 2))})
    weight = 1 / mp.sqrt(2 * mp.pi)
    total = None
    for a, b in pairwise(ends):
        half, middle = (b - a) / 2, (a + b) / 2
        for x, w in _nodes(mp.dps):
            t = middle + half * x
            part = body(t) * (mp.exp(-t * t / 2) * weight * w * half)
            total = part if total is None else total + part
    return total
