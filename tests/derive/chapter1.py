# ruff: noqa: E501
"""The derivations of chapter 1, built as an author would build them."""

from dlbook.derive import (
    BINARY,
    ONEHOT_ROWS,
    POSITIVE,
    BigO,
    Derivation,
    Diff,
    Grad,
    NormSq,
    ReLU,
    SoftmaxRows,
    Sum,
    Total,
    define,
    eq,
    exp,
    func,
    had,
    index,
    log,
    mat,
    ones,
    rounded,
    sigmoid,
    size,
    table,
    var,
    vec,
)  # fmt: skip

# -- 000-1: the 2-2-1 net -------------------------------------------------------------------------------------
x1, x2, w11, w21, w12, w22, w1, w2 = var("x1 x2 w11 w21 w12 w22 w1 w2")
y = var("y", BINARY)
a1 = define("a1", w11 * x1 + w21 * x2)
a2 = define("a2", w12 * x1 + w22 * x2)
h1, h2 = define("h1", ReLU(a1)), define("h2", ReLU(a2))
a_out = define("a_out", w1 * h1 + w2 * h2)
y_hat = define("y_hat", sigmoid(a_out))
L = define("L", -(y * log(y_hat) + (1 - y) * log(1 - y_hat)))
numbers = {x1: -1, x2: 2, y: 0, w11: 0.2, w21: 0.1, w12: -0.1, w22: 0.2, w1: 0.1, w2: 0.2}


def output_delta():
    d = Derivation("dL-da-out", "Loss by the output's pre-activation")
    d.start(Diff(L, a_out))
    d.step(Diff(L, y_hat) * Diff(y_hat, a_out), "chain rule")
    d.step((-y / y_hat + (1 - y) / (1 - y_hat)) * y_hat * (1 - y_hat), r"slopes of $\log$ and $\sigma$")
    d.step(-y * (1 - y_hat) + (1 - y) * y_hat, "multiply out")
    d.step(y_hat - y, "collect", label="delta-out")
    return d


def outer(w, h, name):
    d = Derivation(f"dL-d{name}", f"Gradient of the loss with respect to {name}")
    d.start(Diff(L, w))
    d.step(Diff(L, a_out) * Diff(a_out, w), "chain rule")
    d.step((y_hat - y) * h, "the output's delta times the activation", label=f"grad-{name}")
    return d


def inner(w, w_out, a, h, x, name):
    d = Derivation(f"dL-d{name}", f"Gradient of the loss with respect to {name}")
    d.start(Diff(L, w))
    d.step(Diff(L, a_out) * Diff(a_out, h) * Diff(h, a) * Diff(a, w), "chain rule")
    d.step((y_hat - y) * w_out * ReLU.d(a) * x, "insert the four factors", label=f"grad-{name}")
    return d


def six_gradients():
    return [
        outer(w1, h1, "w1"),
        outer(w2, h2, "w2"),
        inner(w11, w1, a1, h1, x1, "w11"),
        inner(w21, w1, a1, h1, x2, "w21"),
        inner(w12, w2, a2, h2, x1, "w12"),
        inner(w22, w2, a2, h2, x2, "w22"),
    ]


def loss_value():
    d = Derivation("loss-value", "The loss before the step")
    d.start(L)
    d.insert(numbers, -log(1 - sigmoid(0.1)))
    d.step(log(1 + exp(0.1)), r"$1 - \sigma(a) = 1/(1 + e^{a})$")
    d.step(rounded("0.7444"))
    return d


def new_weight():
    eta = var("eta", POSITIVE)
    d = Derivation("new-w12", "One step on w12")
    d.start(w12 - eta * Diff(L, w12))
    d.step(w12 - eta * (y_hat - y) * w2 * ReLU.d(a2) * x1, "the gradient")
    d.insert({**numbers, eta: 0.1}, -0.1 - 0.1 * (sigmoid(0.1) * 0.2 * (-1)))
    d.step(rounded("-0.08950042"))
    return d


def wrong_gradient():
    d = Derivation("seed-000-1b", "The activation stands where the weight belongs")
    d.start(Diff(L, w12))
    d.insert(numbers)
    d.step((y_hat - y) * h2 * x1, "as handed in")
    return d


# -- 003-1: XOR ----------------------------------------------------------------------------------------------
def xor_affine():
    v1, v2, b = var("v1 v2 b")
    # what the other three points demand; the fourth then comes out as 2 and never as 0
    d = Derivation(
        "xor-affine", "No affine function gives XOR", assume=[eq(b, 0), eq(v1 + b, 1), eq(v2 + b, 1)]
    )
    d.start(v1 + v2 + b)
    d.step((v1 + b) + (v2 + b) - b, "add and take away b")
    d.step(2, "the three other points")
    d.step(0, "but XOR(1, 1) is 0", rel="!=")
    return d


def xor_threshold():
    v1, v2, b = var("v1 v2 b")
    d = Derivation("xor-sigmoid", "No monotone unit gives XOR", assume=[b < 0, v1 + b > 0, v2 + b > 0])
    d.start(v1 + v2 + b)
    d.step((v1 + b) + (v2 + b) - b, "add and take away b")
    d.step(0, "all three terms are positive", rel=">", tight={v1: 0, v2: 0, b: 0})
    return d


def xor_net():
    p, q = var("p q", BINARY)
    d = Derivation("xor-two-layers", "Two ReLU units give XOR exactly")
    d.start(ReLU(p + q) - 2 * ReLU(p + q - 1))
    d.step(p + q - 2 * p * q, "four inputs")
    d.confirm(lambda p, q: float(int(p) ^ int(q)), "Python's exclusive or")
    return d


# -- 003-2: the 2-3-1 net ------------------------------------------------------------------------------------
def deltas():
    j = index("j", 3)
    w, s_in, v = mat("W", 3, 2), vec("x", 2), vec("v", 3)
    target = var("t")
    i, k = index("i", 2), index("k", 2)
    m = index("m", 3)
    s = table("s", m, Sum(w[m, i] * s_in[i], i))
    out = define("s6", Sum(v[m] * ReLU(s[m]), m))
    loss = define("loss", (target - out) ** 2 / 2, tex="L")
    d = Derivation("delta-hidden", "Gradient of a hidden weight in the 2-3-1 net")
    d.start(Diff(loss, w[j, k]))
    d.step(Diff(loss, out) * Diff(out, s[j]) * Diff(s[j], w[j, k]), "chain rule")
    d.step((out - target) * v[j] * ReLU.d(s[j]) * s_in[k], "three slopes")
    return d


# -- 001-B1, 004-2.II-a: matrix gradients --------------------------------------------------------------------
N, n_in, n_hid, n_out = size("N"), size("d"), size("m"), size("k")
lam = var("lambda")
phi = func("phi", r"\varphi")
X, W1, b1 = mat("X", N, n_in), mat("W1", n_in, n_hid), vec("b1", n_hid)
W2, b2 = mat("W2", n_hid, n_out), vec("b2", n_out)
penalty = lam / 2 * (NormSq(W1) + NormSq(W2))


def matrix_gradients(head, phi=phi):
    """All four gradients of the regularised two-layer net, with softmax or sigmoid cross-entropy."""
    Z = define("Z", X @ W1 + ones(N) @ b1.T)
    H = define("H", phi(Z))
    S = define("S", H @ W2 + ones(N) @ b2.T)
    if head == "softmax":
        Y = mat("Y", N, n_out, ONEHOT_ROWS)
        P = define("P", SoftmaxRows(S))
        J = define("J", -Total(had(Y, log(P))) / N + penalty)
    else:
        Y = mat("Y", N, n_out, BINARY)
        P = define("P", sigmoid(S))
        all_ones = ones(N, n_out)
        J = define("J", -Total(had(Y, log(P)) + had(all_ones - Y, log(all_ones - P))) / N + penalty)
    dS = define("Delta", (P - Y) / N, tex=r"\Delta")
    made = []

    def derive(wrt, chain, last, name):
        d = Derivation(f"dJ-d{name}-{head}", f"Gradient with respect to {name} ({head})")
        d.start(Grad(J, wrt)).step(chain, "chain rule").step(last, r"$\Delta$ for the gradient by $S$")
        made.append(d)

    d = Derivation(f"dJ-dS-{head}", f"Gradient with respect to the logits ({head})")
    made.append(d.start(Grad(J, S)).step((P - Y) / N, "softmax and logarithm cancel"))
    derive(W2, H.T @ Grad(J, S) + lam * W2, H.T @ dS + lam * W2, "W2")
    derive(b2, Grad(J, S).T @ ones(N), dS.T @ ones(N), "b2")
    back = had(dS @ W2.T, phi.d(Z))
    derive(W1, X.T @ had(Grad(J, S) @ W2.T, phi.d(Z)) + lam * W1, X.T @ back + lam * W1, "W1")
    derive(b1, had(Grad(J, S) @ W2.T, phi.d(Z)).T @ ones(N), back.T @ ones(N), "b1")
    return made


# -- 001-B2-2: differences -----------------------------------------------------------------------------------
def differences():
    f = func("f")
    x, h = var("x h")
    forward = Derivation("forward-difference", "Error order of the forward difference")
    forward.start((f(x + h) - f(x)) / h)
    forward.step(f.d(x) + h / 2 * f.d(x, 2) + BigO(h, 2), "Taylor")
    central = Derivation("central-difference", "Error order of the central difference")
    central.start((f(x + h) - f(x - h)) / (2 * h))
    central.step(f.d(x) + h**2 / 6 * f.d(x, 3) + BigO(h, 4), "Taylor, even terms cancel")
    return [forward, central]


def cost():
    n, q = size("n"), var("q", POSITIVE)
    i = index("i", n)
    d = Derivation(
        "cost-differences", "Multiplications of a central-difference gradient of a chain of n products"
    )
    # every parameter costs two forward passes, each of n multiplications of cost q
    d.start(Sum(2 * (n * q), i))
    d.step(2 * n**2 * q, "n equal terms")
    ratio = Derivation("cost-ratio", "Central differences against reverse mode at three passes")
    ratio.start(Sum(2 * (n * q), i) / (3 * n * q))
    ratio.step(2 * n**2 * q / (3 * n * q), "n equal terms")
    ratio.step(2 * n / 3, "cancel")
    return [d, ratio]


def everything():
    """All derivations of the chapter that must be checked."""
    return [
        output_delta(), *six_gradients(), loss_value(), new_weight(), xor_affine(), xor_threshold(), xor_net(),
        deltas(), *matrix_gradients("softmax"), *matrix_gradients("sigmoid"), *differences(), *cost(),
    ]  # fmt: skip
