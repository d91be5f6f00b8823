r"""The symbols that an exercise is about: how they may be written, and which values they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DOMAINS = ("real", "nonzero", "positive", "nonnegative", "unit", "binary", "integer", "natural")
"""Values of a symbol; `unit` is the open interval from 0 to 1, `binary` is 0 or 1, `natural` begins at 1."""


@dataclass(frozen=True)
class SymbolSpec:
    r"""One symbol.

    Parameters
    ----------
    name : str
        ASCII, as in the key's own formulas: ``y_hat``, ``W1``.
    tex : str
        How it prints.
    also : tuple of str, optional
        Spellings to be understood besides those that follow from `name` and `tex` (``w_2``, ``w_{2}``, ``w₂``
        follow from ``w2``; ``yhat``, ``ŷ`` and ``\hat{y}`` from ``y_hat``; ``η`` from ``eta``).
    domain : str, optional
        One of :data:`DOMAINS`.
    shape : tuple, optional
        Sizes, numbers or names, of a vector or matrix; empty for a scalar.
    """

    name: str
    tex: str
    also: tuple[str, ...] = ()
    domain: str = "real"
    shape: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class FunctionSpec:
    r"""A function of the exercise that stands for any smooth function, such as an activation.

    Parameters
    ----------
    name : str
        ASCII: ``phi``. Its derivative is written ``phi'``.
    tex : str
        How it prints.
    also : tuple of str, optional
        Further spellings.
    """

    name: str
    tex: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """All that may stand in an answer besides numbers, constants and the functions that everybody knows.

    Parameters
    ----------
    symbols : mapping of str to SymbolSpec
        By name.
    functions : mapping of str to FunctionSpec, optional
        Functions that the exercise leaves open, by name; they act entry by entry.
    sizes : mapping of str to tuple of int, optional
        For each named size the values at which matrices are compared, as many for one as for another.
    """

    symbols: Mapping[str, SymbolSpec] = field(default_factory=dict)
    functions: Mapping[str, FunctionSpec] = field(default_factory=dict)
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
