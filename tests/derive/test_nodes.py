"""Notation means what it says, new notation is ten lines, and all branches are visited."""

import math

import numpy as np
import pytest
import scipy.stats
import torch

from dlbook.derive import (
    BINARY,
    KL,
    ONEHOT,
    SIMPLEX,
    UNIT,
    Abs,
    Cases,
    Cov,
    CrossEntropy,
    Derivation,
    Diff,
    E,
    Entropy,
    Expr,
    Gauss,
    Grad,
    Indicator,
    Integral,
    LogLik,
    Max,
    Num,
    ReLU,
    Softmax,
    Sum,
    Variance,
    bernoulli,
    check_claim,
    define,
    eq,
    exp,
    had,
    index,
    inv,
    joint,
    log,
    mat,
    oo,
    pi,
    scalar,
    sigmoid,
    size,
    tanh,
    to_function,
    var,
    vec,
)  # fmt: skip
from dlbook.derive.jets import primal
from dlbook.derive.sampling import Space

x, y, a, b, w = var("x y a b w")
p, q = var("p q", UNIT)
n = size("n")


def number(expr, **values):
    """The 50-digit value at given numbers, as a float."""
    given = {k: Num(0) + v for k, v in values.items()}
    return float(primal(Space([expr], (), given).cases[0].env().value(expr)))


def test_a_new_notation_takes_ten_lines():
    class Odds(Expr):
        """p / (1 - p)."""

        def expand(self):
            return self.args[0] / (1 - self.args[0])

        def tex(self):
            return rf"\operatorname{{odds}}\left({self.args[0].tex()}\right)"

    d = Derivation("odds").start(Diff(log(Odds(p)), p)).step(1 / (p * (1 - p)), "quotient and chain rule")
    verdict = d.verify()
    assert verdict.status == "checked"
    assert verdict.level == "symbolic"
    assert r"\operatorname{odds}\left(p\right)" in d.latex()
    wrong = Derivation("odds").start(Diff(log(Odds(p)), p)).step(1 / (p * (1 + p)))
    assert wrong.verify().status == "rejected"


def test_a_new_primitive_computes_in_every_environment():
    class Cube(Expr):
        """x to the third."""

        def value(self, env):
            v = env.value(self.args[0])
            return v * v * v

        def tex(self):
            return rf"{self.args[0].tex()}^{{\mathrm{{cube}}}}"

        def mutants(self):
            yield "exponent", self.args[0] ** 2

    d = Derivation("cube").start(Diff(x**4, x)).step(4 * Cube(x), "power rule")
    assert d.verify().status == "checked"
    assert to_function(Cube(x), [x])(3.0) == 27.0


@pytest.mark.parametrize(("mu", "s", "nu", "t"), [(0.3, 0.5, -1.0, 2.0), (2.0, 1.5, 2.0, 0.25)])
def test_gaussian_divergence_agrees_with_torch(mu, s, nu, t):
    import fractions

    exact = [fractions.Fraction(str(v)) for v in (mu, s, nu, t)]
    ours = number(KL(Gauss("P", exact[0], exact[1]), Gauss("Q", exact[2], exact[3])) + 0 * x, x=0)
    normal = torch.distributions.Normal
    theirs = torch.distributions.kl_divergence(normal(mu, s), normal(nu, t)).item()
    assert math.isclose(ours, theirs, rel_tol=1e-6)


def test_discrete_divergence_entropy_and_cross_entropy_agree_with_scipy():
    P, Q = np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.25, 0.25])
    u, v = vec("u", 3, SIMPLEX), vec("v", 3, SIMPLEX)
    for expr, theirs in (
        (KL(u, v), scipy.stats.entropy(P, Q)),
        (Entropy(u), scipy.stats.entropy(P)),
        (CrossEntropy(u, v), scipy.stats.entropy(P) + scipy.stats.entropy(P, Q)),
    ):
        assert math.isclose(float(to_function(expr, [u, v])(P, Q)), theirs, rel_tol=1e-12)


def test_edge_cases_of_the_divergence():
    assert number(KL(p, q) + 0 * x, p=0, q=0.25, x=0) == pytest.approx(math.log(4 / 3))
    with pytest.raises(Exception, match="log"):
        number(KL(p, q) + 0 * x, p=0.5, q=0, x=0)


def test_variance_and_covariance_of_a_joint_table_agree_with_numpy():
    X, Y = joint("X Y", [[0, 1], [0, 1, 2]])
    space = Space([E(X), Variance(X), Cov(X, Y)])
    env = space.cases[0].env()
    weights = np.array([float(env.value(p_)) for p_ in X.joint_probs])
    xs = np.array([float(c[0].number) for c in X.joint_values])
    ys = np.array([float(c[1].number) for c in X.joint_values])
    assert math.isclose(float(env.value(Variance(X))), np.cov(xs, aweights=weights, ddof=0), rel_tol=1e-12)
    assert math.isclose(
        float(env.value(Cov(X, Y))), np.cov(xs, ys, aweights=weights, ddof=0)[0, 1], rel_tol=1e-12
    )


def test_expectation_runs_over_the_listed_variables_only():
    D, F = bernoulli("D", p), bernoulli("F", q)
    assert check_claim(eq(E(E(D * F, [D]), [F]), p * q)).ok is True


def test_log_likelihood_and_its_maximum():
    obs = vec("obs", n, BINARY)
    i = index("i", n)
    loglik = LogLik(p ** obs[i] * (1 - p) ** (1 - obs[i]), i)
    slope = Sum(obs[i] / p - (1 - obs[i]) / (1 - p), i)
    assert check_claim(eq(Diff(loglik, p), slope)).ok is True
    assert check_claim(eq(Diff(loglik, p), -slope)).ok is False


def test_matrix_nodes_agree_with_numpy():
    A, B, v = mat("A", 3, 3), mat("B", 3, 3), vec("v", 3)
    rng = np.random.default_rng(0)
    a_, b_, v_ = rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), rng.normal(size=(3, 1))
    f = to_function(A @ B.T @ v + had(v, v) - 2 * v, [A, B, v])
    np.testing.assert_allclose(f(a_, b_, v_), a_ @ b_.T @ v_ + v_ * v_ - 2 * v_)
    g = to_function(scalar(v.T @ A @ v), [A, v])
    np.testing.assert_allclose(g(a_, v_), (v_.T @ a_ @ v_)[0, 0])
    case = Space([inv(A) @ v, A @ B]).cases[0]
    env = case.env()
    solved = np.array([[float(e) for e in row] for row in env.value(inv(A) @ v).rows])
    plain = np.array([[float(e) for e in row] for row in env.value(A).rows])
    right = np.array([[float(e) for e in row] for row in env.value(v).rows])
    np.testing.assert_allclose(solved, np.linalg.solve(plain, right), rtol=1e-9, atol=1e-12)


def test_a_jacobian_has_outputs_as_rows():
    A, v = mat("A", 2, 3), vec("v", 3)
    h = define("h", tanh(A @ v))
    assert Grad(h, v).shape == (2, 3)
    assert check_claim(eq(Grad(A @ v, v), A)).ok is True


def test_a_derivative_in_a_named_expression_holds_the_name():
    h = define("h", w * x)
    L = define("L", h**2 + w)
    assert check_claim(eq(Diff(L, h), 2 * h)).ok is True
    assert check_claim(eq(Diff(L, w), 2 * h * x + 1)).ok is True
    assert check_claim(eq(Diff(L, w), 2 * h * x)).ok is False


def test_every_sign_pattern_of_two_kinks_is_visited_and_reported():
    space = Space([ReLU(a + b) * Abs(a - b)])
    assert space.coverage["patterns_hit"] == space.coverage["patterns_possible"] == 9
    assert space.coverage["patterns_missed"] == []
    assert space.coverage["points"] >= 20


def test_patterns_that_cannot_occur_are_reported_as_missed():
    space = Space([ReLU(a) * ReLU(-a)])
    assert space.coverage["patterns_hit"] == 3
    assert (1, 1) in space.coverage["patterns_missed"]


@pytest.mark.parametrize(
    "statement",
    [
        eq(ReLU(x), Cases((x, x > 0), (0, None)) + 1 - Indicator(x > -9) - Indicator(x <= -9)),
        eq(Max(x, y, 0), Max(Max(x, y), 0)),
        eq(Abs(Abs(x) - 1), Cases((Abs(x) - 1, Abs(x) >= 1), (1 - Abs(x), None))),
    ],
)  # fmt: skip
def test_branches_are_joined_rightly(statement):
    assert check_claim(statement).ok is True


def test_a_formula_wrong_in_one_branch_only_is_rejected():
    rare = Cases((x, x > -1), (0, None)) * Cases((1, y > 3), (2, None))
    other = Cases((x, x > -1), (0, None)) * Cases((1, y >= 3), (2, None))
    assert check_claim(eq(rare, other)).ok is False


def test_an_edge_at_an_odd_number_is_found_by_solving_for_it():
    left = Cases((x, y > Num(100) / 7), (2, None))
    assert check_claim(eq(left, Cases((x, y >= Num(100) / 7), (2, None)))).ok is False


def test_quadrature_agrees_with_closed_forms():
    assert check_claim(eq(Integral(exp(-x * x), (x, -oo, oo)) * a, a * pi ** Num(1) / (pi**0.5))).ok is True
    assert check_claim(eq(Integral(sigmoid(x) * a, (x, -1, 1)), a)).ok is True


def test_one_hot_vectors_add_to_one_and_only_to_one():
    hot, z = vec("hot", n, ONEHOT), vec("z", n)
    i = index("i", n)
    loss = -Sum(hot[i] * log(Softmax(z, i)), i)
    assert check_claim(eq(Diff(loss, z[i]), Softmax(z, i) - hot[i])).ok is True
    free = vec("free", n)
    loss = -Sum(free[i] * log(Softmax(z, i)), i)
    assert check_claim(eq(Diff(loss, z[i]), Softmax(z, i) - free[i])).ok is False
