"""The kinds of answer keys, one module each."""

from __future__ import annotations

from dlbook.answers.kinds.base import Kind
from dlbook.answers.kinds.choice import Choice
from dlbook.answers.kinds.code import CodeKind
from dlbook.answers.kinds.equation import EquationKind
from dlbook.answers.kinds.expression import ExpressionKind
from dlbook.answers.kinds.matrix import MatrixKind, VectorKind
from dlbook.answers.kinds.number import NumberKind
from dlbook.answers.kinds.order import OrderKind
from dlbook.answers.kinds.sets import SetKind
from dlbook.answers.kinds.shape import ShapeKind
from dlbook.answers.kinds.true_false import TrueFalse

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Choice(),
        TrueFalse(),
        NumberKind(),
        ExpressionKind(),
        EquationKind(),
        MatrixKind(),
        VectorKind(),
        SetKind(),
        ShapeKind(),
        OrderKind(),
        CodeKind(),
    )
}
"""By the name that a key gives as its kind."""

__all__ = ["KINDS", "Kind"]
