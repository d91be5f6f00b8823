"""Answers to exercises: read safely, marked with what helps, the same in a kernel and in the page.

``check("backprop/every-factor", "(y_hat - y) w2 x2")`` marks an answer, and ``form("backprop/every-factor")``
shows the question with fields to fill in.
"""

from dlbook.answers.forms import form
from dlbook.answers.kernel import check
from dlbook.answers.verdict import Verdict

__all__ = ["Verdict", "check", "form"]
