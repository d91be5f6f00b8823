# ruff: noqa: E501, E741
"""Wrong equations, of the kinds that homework and published errata hold. Every one must be rejected.

Each row: a name that says the mistake, the statement, and what is assumed.
"""

from fractions import Fraction

import sympy as sp

from dlbook.derive import (
    BINARY,
    INTEGER,
    KL,
    NONZERO,
    POSITIVE,
    SIMPLEX,
    UNIT,
    Abs,
    Cases,
    Cov,
    CrossEntropy,
    Diag,
    Diff,
    E,
    Entropy,
    Gauss,
    Grad,
    Kronecker,
    Max,
    NormSq,
    Prod,
    ReLU,
    Softmax,
    Sum,
    Total,
    Trace,
    Variance,
    acos,
    atan,
    bernoulli,
    cos,
    define,
    eq,
    exp,
    eye,
    floor,
    func,
    had,
    index,
    inv,
    joint,
    log,
    mat,
    ne,
    ones,
    pi,
    scalar,
    sigmoid,
    sign,
    sin,
    size,
    sqrt,
    table,
    tan,
    tanh,
    var,
    vec,
)  # fmt: skip

a, b, c, d, x, y, z, w, h, eta, lam, mu, nu, t = var("a b c d x y z w h eta lambda mu nu t")
p, q = var("p q", UNIT)
s, r, L = var("s r L", POSITIVE)
u = var("u", NONZERO)
k, m = var("k m", INTEGER)
y01 = var("y01", BINARY)
n, N = size("n"), size("N")
i, j, l = index("i", n), index("j", n), index("l", n)
v, g, zz = vec("v", n), vec("g", n), vec("z", n)
A, B, C = mat("A", n, n), mat("B", n, n), mat("C", n, n)
W, M = mat("W", n, N), mat("M", N, n)
pp, qq = vec("pp", n, SIMPLEX), vec("qq", n, SIMPLEX)
f = func("f")
half = Fraction(1, 2)
X, Y = joint("X Y", [[0, 1], [0, 1, 2]])
D = bernoulli("D", p)
G = Gauss("G", mu, s)
soft = table("soft", i, Softmax(zz, i))
bce = define("bce", -(y01 * log(sigmoid(z)) + (1 - y01) * log(1 - sigmoid(z))))
ce = define("ce", -Sum(pp[i] * log(Softmax(zz, i)), i))

WRONG = [
    # gradients of activations and losses
    ("sigmoid slope without the second factor", eq(Diff(sigmoid(x), x), sigmoid(x)), ()),
    ("sigmoid slope with plus", eq(Diff(sigmoid(x), x), sigmoid(x) * (1 + sigmoid(x))), ()),
    ("tanh slope not squared", eq(Diff(tanh(x), x), 1 - tanh(x)), ()),
    ("tanh slope is not tanh", eq(tanh.d(x), tanh(x)), ()),
    ("tanh without the doubled argument", eq(tanh(x), 2 * sigmoid(x) - 1), ()),
    ("ReLU slope grows with x", eq(Diff(ReLU(x), x), ReLU(x)), ()),
    ("ReLU slope 1 also at 0", eq(Diff(ReLU(x), x), Cases((1, x >= 0), (0, None))), ()),
    ("ReLU is the identity", eq(ReLU(x), x), ()),
    ("ReLU is |x|/2", eq(ReLU(x), (x + Abs(x)) / 3), ()),
    ("|x|' is sign, also at 0", eq(Diff(Abs(x), x), sign(x)), ()),
    ("BCE gradient with the sign turned", eq(Diff(bce, z), y01 - sigmoid(z)), ()),
    ("BCE gradient with a slope left over", eq(Diff(bce, z), (sigmoid(z) - y01) * sigmoid.d(z)), ()),
    ("cross-entropy gradient with the sign turned", eq(Diff(ce, zz[i]), pp[i] - Softmax(zz, i)), ()),
    ("softmax Jacobian diagonal only", eq(Diff(soft[i], zz[l]), soft[i] * (1 - soft[i]) * Kronecker(i, l)), ()),
    ("softmax Jacobian with plus", eq(Diff(soft[i], zz[l]), soft[i] * (Kronecker(i, l) + soft[l])), ()),
    ("softmax of one logit alone", eq(Softmax(zz, i), sigmoid(zz[i])), ()),
    ("softmax shift changes it by the shift", eq(Softmax(zz, i), exp(zz[i]) / (1 + Sum(exp(zz[j]), j))), ()),
    ("squared loss keeps its 2", eq(Diff((x - y) ** 2 / 2, x), 2 * (x - y)), ()),
    ("log-sum-exp without the shift back",
     eq(log(Sum(exp(zz[j]), j)), log(Sum(exp(zz[j] - zz[1]), j))), ()),
    # algebra that holds only for some numbers
    ("sqrt(x^2) = x", eq(sqrt(x**2), x), ()),
    ("log(ab) without positivity", eq(log(a * b), log(a) + log(b)), ()),
    ("log(x^2) = 2 log x", eq(log(x**2), 2 * log(x)), ()),
    ("log of a sum", eq(log(s + r), log(s) + log(r)), ()),
    ("log a / log b", eq(log(s) / log(r), log(s / r)), ()),
    ("(x^2)^(1/2) by exponents", eq((x**2) ** half, x), ()),
    ("x^(ab) as x^a x^b", eq(s ** (a * b), s**a * s**b), ()),
    ("square of a sum", eq((a + b) ** 2, a**2 + b**2), ()),
    ("root of a sum", eq(sqrt(s + r), sqrt(s) + sqrt(r)), ()),
    ("|a + b| = |a| + |b|", eq(Abs(a + b), Abs(a) + Abs(b)), ()),
    ("x/x = 1 at 0", eq(x / x, 1), ()),
    ("cancelling a factor that may be 0", eq((x**2 - 1) / (x - 1), x + 1), ()),
    ("arctan(tan x) = x", eq(atan(tan(x)), x), ()),
    ("arccos(cos x) = x", eq(acos(cos(x)), x), ()),
    ("arctan addition without its branch", eq(atan(a) + atan(b), atan((a + b) / (1 - a * b))), ()),
    ("floor of a sum", eq(floor(a + b), floor(a) + floor(b)), ()),
    ("max of a sum", eq(Max(a + b, 0), Max(a, 0) + Max(b, 0)), ()),
    ("max by half sums, minus", eq(Max(a, b), (a + b - Abs(a - b)) / 2), ()),
    ("Heaviside at its edge", eq(sp.Heaviside(sp.Symbol("hx", real=True), 1),
                                 sp.Heaviside(sp.Symbol("hx", real=True), 0)), ()),
    ("Piecewise with exchanged branches", eq(Cases((x, x > 0), (-x, None)), Cases((-x, x > 0), (x, None))), ()),
    ("true for positive x only", eq(Max(x, 0), x), ()),
    ("|x|^3 = x^3", eq(Abs(x) ** 3, x**3), ()),
    ("e^(xy) = e^x e^y", eq(exp(a * b), exp(a) * exp(b)), ()),
    ("tiny term forgotten", eq(x + Fraction(1, 10**60), x), ()),
    ("zero at all whole numbers", eq(sin(pi * x), 0 * pi), ()),
    ("a factor that vanishes at many points",
     eq(x, x + x * (x - 1) * (x + 1) * (x - 2) * (x + 2) * (x - half) * (x + half)), ()),
    ("nearly one for large arguments", eq(tanh(s), 1), ()),
    # sums and sizes
    ("limits off by one", eq(Sum(v[i], i), Sum(v[i], (i, 2, n))), ()),
    ("triangular number", eq(Sum(1 * i, i), n * (n - 1) / 2), ()),
    ("true for the first sizes only",
     eq(Sum(1 * i, i), n * (n + 1) / 2 + (n - 1) * (n - 2) * (n - 3) * (n - 4)), ()),
    ("true for n = 2 only", eq(Sum(1 * i, i), 3 * n / 2), ()),
    ("geometric sum with one term too many", eq(Sum(r ** (i - 1), i), (1 - r ** (n + 1)) / (1 - r)), (ne(r, 1),)),
    ("sum of products", eq(Sum(v[i] * g[i], i), Sum(v[i], i) * Sum(g[i], i)), ()),
    ("square of a sum of many", eq(Sum(v[i], i) ** 2, Sum(v[i] ** 2, i)), ()),
    ("product of sums of logs", eq(log(Prod(exp(v[i]), i)), Prod(v[i], i)), ()),
    ("derivative of a sum by one of its terms", eq(Diff(Sum(v[j] ** 2, j), v[i]), 2 * Sum(v[j], j)), ()),
    ("own index in a sum", eq(Diff(Sum(v[j] * g[j], j), v[i]), g[i] + v[i]), ()),
    # matrices
    ("A B = B A", eq(A @ B, B @ A), ()),
    ("transpose keeps the order", eq((A @ B).T, A.T @ B.T), ()),
    ("inverse keeps the order", eq(inv(A @ B), inv(A) @ inv(B)), ()),
    ("square of a sum of matrices", eq((A + B) @ (A + B), A @ A + 2 * (A @ B) + B @ B), ()),
    ("symmetric matrices only", eq(A, A.T), ()),
    ("orthogonal matrices only", eq(A.T @ A, eye(n)), ()),
    ("gradient of a quadratic form, symmetric only", eq(Grad(scalar(v.T @ A @ v), v), 2 * (A @ v)), ()),
    ("missing transpose in a gradient", eq(Grad(scalar(g.T @ A @ v), v), A @ g), ()),
    ("Hadamard is not the product", eq(had(A, B), A @ B), ()),
    ("trace of a product", eq(Trace(A @ B), Trace(A) * Trace(B)), ()),
    ("norm of a product", eq(NormSq(A @ v), NormSq(A) * NormSq(v)), ()),
    ("gradient of the squared norm keeps a half", eq(Grad(NormSq(W), W), W), ()),
    ("mean gradient without 1/N", eq(Grad(Total(W) / N, W), ones(n, N)), ()),
    ("diag commutes with a full matrix", eq(Diag(v) @ A, A @ Diag(v)), ()),
    # probability
    ("E of a product under dependence", eq(E(X * Y), E(X) * E(Y)), ()),
    ("variance of a sum under dependence", eq(Variance(X + Y), Variance(X) + Variance(Y)), ()),
    ("E of a square", eq(E(D**2), E(D) ** 2), ()),
    ("variance is linear", eq(Variance(a * D), a * Variance(D)), ()),
    ("variance of Bernoulli", eq(Variance(D), p), ()),
    ("covariance with the sign turned", eq(Variance(X - Y), Variance(X) + Variance(Y) + 2 * Cov(X, Y)), ()),
    ("E sigmoid is sigmoid E", eq(E(sigmoid(D)), sigmoid(p)), ()),
    ("Gaussian second moment without the mean", eq(E(G**2), s**2), ()),
    ("dropout adds no variance", eq(Variance(D * x / p), 0 * x + p), ()),
    ("KL is symmetric", eq(KL(p, q), KL(q, p)), ()),
    ("KL with arguments exchanged inside", eq(KL(pp, qq), Sum(pp[i] * log(qq[i] / pp[i]), i)), ()),
    ("cross-entropy is entropy minus KL", eq(CrossEntropy(pp, qq), Entropy(pp) - KL(pp, qq)), ()),
    ("ELBO above the evidence", eq(a + b, a - b), ()),
    # networks and training (misconception bank)
    ("update goes uphill", eq(w + eta * x, w - eta * x), ()),
    ("l2/2*n is not l2/(2n)", eq(lam / 2 * s * a, lam / (2 * s) * a), ()),
    ("DDPM only adds noise", eq(x + sqrt(q) * a, sqrt(1 - q) * x + sqrt(q) * a), ()),
    ("alpha-beta rule with a plus", eq((1 - b) * a + b * c, (1 + b) * a - b * c), ()),
    ("receptive field without dilation", eq(a * d + (c - a), a * (d - 1) + x * (c - 1) + 1), ()),
    ("ensemble of dropout rates adds up", eq(p + q, 1 - (1 - p) * (1 - q)), ()),
    ("mean squared error .168",
     eq((Fraction(7, 10) ** 2 + Fraction(1, 4) ** 2 * 2 + Fraction(1, 5) ** 2) / 4 + 0 * half, Fraction(168, 1000)), ()),
    ("residual is the output", eq(h, h - x), ()),
    ("51,040 parameters", eq(64 * sp.Symbol("one", positive=True) * 784 + 784, 51040), ()),
    # inequalities
    ("sigmoid slope below 1/5", Diff(sigmoid(x), x) <= Fraction(1, 5), ()),
    ("log x <= x - 2", log(s) <= s - 2, ()),
    ("x^2 > 0 also at 0", x**2 > 0 * a + 0, ()),
    ("AM-GM turned", sqrt(s * r) >= (s + r) / 2, ()),
    ("KL may be negative", KL(p, q) <= 0 * p, ()),
    ("never equal, but at 0", ne(x, -x), ()),
    # nothing said
    ("0 = 0", eq(0, 0), ()),
    ("same on both sides", eq(x + y, x + y), ()),
    ("x - x = 0", eq(x - x, 0), ()),
    ("symbol in disguise", eq(x, x + 0 * y), ()),
    ("equal by definition", eq(define("aa", x + y), x + y), ()),
]  # fmt: skip

CONTRADICTIONS = [
    ("a > 0 and a < 0", eq(x, x + a), (a > 0, a < 0)),
    ("p outside its domain", eq(p, p**2), (p > 1,)),
    ("a solution outside its domain", eq(s, s + 1), (eq(s + 1, 0),)),
    ("0 = 1 among the assumptions", eq(a, b), (eq(a, b + 1), eq(a, b))),
]
