"""What learners type, as they type it: right however it looks, wrong only when it is, and told why."""

from __future__ import annotations

import functools

import pytest

from dlbook.answers.keys import Key, find, load
from dlbook.answers.marking import mark

HEAD = r"""
chapter = "later"
[symbols]
s = { tex = 's', shape = ["n"] }
x = { tex = 'x', shape = ["n"] }
W = { tex = 'W', shape = ["n", "n"] }
Q = { tex = 'Q', shape = ["T", "dk"] }
K = { tex = 'K', shape = ["T", "dk"] }
V = { tex = 'V', shape = ["T", "dv"] }
d_k = { tex = 'd_k', domain = "natural" }
n = { tex = 'n', domain = "natural" }
k = { tex = 'k', domain = "natural" }
pad = { tex = 'p', domain = "natural" }
stride = { tex = 's', domain = "natural" }
p = { tex = 'p', domain = "unit" }
y = { tex = 'y', domain = "binary" }
y_hat = { tex = '\hat y', domain = "unit" }
w = { tex = 'w' }
w_new = { tex = 'w_{\text{new}}' }
g = { tex = 'g' }
eta = { tex = '\eta', domain = "positive" }
lambda = { tex = '\lambda', domain = "positive" }
b = { tex = 'b' }
v = { tex = 'v', domain = "positive" }
sig2 = { tex = '\sigma^2', domain = "positive" }
mu = { tex = '\mu' }
sigma = { tex = '\sigma', domain = "positive" }
a = { tex = 'a' }
t = { tex = 't', domain = "real" }
l = { tex = '\ell', domain = "natural" }
m_t = { tex = 'm_t' }
beta = { tex = '\beta', domain = "unit" }
TP = { tex = 'TP', domain = "natural" }
FP = { tex = 'FP', domain = "natural" }
FN = { tex = 'FN', domain = "natural" }
[functions]
phi = { tex = '\varphi' }
[sizes]
n = [3, 4]
T = [3, 2]
dk = [2, 4]
dv = [4, 3]
"""
KEYS = {
    "ce": ("expression", "-(y log(y_hat) + (1-y) log(1-y_hat))", "y y_hat", ""),
    "kl": ("expression", "(mu^2 + sigma^2 - 1 - log(sigma^2))/2", "mu sigma", ""),
    "decay": ("equation", "w_new = w - eta (g + 2 lambda w)", "w_new w g eta lambda", 'unknown = "w_new"'),
    "conv": ("expression", "floor((n + 2 pad - k)/stride) + 1", "n k pad stride", ""),
    "bits": ("expression", "-p log2(p) - (1-p) log2(1-p)", "p", ""),
    "attention": ("matrix", "softmax(Q @ K.T / sqrt(d_k)) @ V", "Q K V d_k", ""),
    "circle": ("matrix", "outer(x, x) * (W @ W)", "W x", ""),
    "noise": ("expression", "b^2 + v + sig2", "b v sig2", ""),
    "step": ("expression", "relu'(a)", "a", ""),
    "open": ("expression", "phi'(a)", "a phi", ""),
    "field": ("expression", "1 + l (k - 1)", "l k", ""),
    "sech": ("expression", "1 - tanh(a)^2", "a", ""),
    "nonnegative": ("set", "(-inf, 0]", "t", 'variable = "t"'),
    "iou": ("expression", "TP/(TP + FP + FN)", "TP FP FN", ""),
    "adam": ("expression", "m_t/(1 - beta^t)", "m_t beta t", ""),
    "ball": ("set", "[-1, 1]", "t", 'variable = "t"'),
    "rates": ("set", "(0, 2/lambda)", "t lambda", 'variable = "t"'),
    "limit": ("expression", "2 (1 + beta)/lambda", "beta lambda", "upper = true"),
    "inner": ("expression", "1/(3 w^2 + 1)", "w", ""),
    "shrink": ("number", "-0.8", "", ""),
    "steps": ("number", "391", "", "integer = true"),
    "points": ("number", "10", "", 'unit = "%"\ninteger = true'),
    "error": ("number", "5.25", "", ""),
    "place": ("vector", "(2.9, -0.9)", "", ""),
}


@functools.cache
def key(name: str) -> Key:
    """Give a key of the book, or one of those above."""
    if name not in KEYS:
        return find(name if "/" in name else f"backprop/{name}")
    kind, answer, symbols, more = KEYS[name]
    names = ", ".join(f'"{s}"' for s in symbols.split())
    table = f'exercise = "e"\nkind = "{kind}"\nprompt = "p"\nsymbols = [{names}]\nanswer = "{answer}"\n{more}'
    return load(f"{HEAD}\n[keys.k]\n{table}")["later/k"]


RIGHT, WRONG, ALMOST, UNREADABLE = "right", "wrong", "almost", "unreadable"
LEARNERS = [
    # Square brackets and braces that only hold together.
    ("ce", r"-\left[ y\log\hat{y} + (1-y)\log(1-\hat{y}) \right]", RIGHT, ""),
    ("ce", "-[y ln y_hat + (1-y) ln(1 - y_hat)]", RIGHT, ""),
    ("ce", r"-\{ y\log\hat{y} + (1-y)\log(1-\hat{y}) \}", RIGHT, ""),
    ("ce", "[y*log(y_hat) + (1-y)*log(1-y_hat)] * 1", WRONG, "sign"),
    ("kl", r"\frac12\left[\mu^2 + \sigma^2 - \ln\sigma^2 - 1\right]", RIGHT, ""),
    ("decay", r"w_{\text{new}} = w - \eta\left[ g + 2\lambda w\right]", RIGHT, ""),
    ("two-examples-weight", r"\frac{1}{2} [ e_1 \tanh(z_1) + e_2 \tanh(z_2) ]", RIGHT, ""),
    ("two-examples-weight", "1/2[e1 tanh(z1), e2 tanh(z2)]", UNREADABLE, "single number"),
    ("activations-w1", r"X^\top \left[ (\Delta_2 W_2^\top) \odot \varphi'(Z_1) \right]", RIGHT, ""),
    ("activations-w1", "X.T @ [(Delta2 @ W2.T) * phi'(Z1)]", RIGHT, ""),
    ("activations-w1", "[X.T @ ((Delta2 @ W2.T) * phi'(Z1))]", RIGHT, ""),
    ("deltas", "1/2 [-2 0 -1]", RIGHT, ""),
    ("deltas", "-[(1) (0) (1/2)]", RIGHT, ""),
    ("deltas", "[2,4,1] - [3,4,3/2]", RIGHT, ""),
    ("delta-weights", "-[1 -2; 0 0; 1/2 -1]", RIGHT, ""),
    ("every-factor", "(y_hat-y)*w2*{a2>0}*x2", RIGHT, ""),
    ("every-factor", r"(\hat{y}-y)w_2 1_{\{a_2>0\}}x_2", RIGHT, ""),
    # A product entry by entry reaches as far as the products of matrices beside it.
    ("circle", "x x^T ⊙ W W", RIGHT, ""),
    ("circle", "W W ⊙ x x^T", RIGHT, ""),
    ("circle", "outer(x, x) * W @ W", WRONG, ""),
    ("activations-w1", r"X^{T}\bigl(\varphi'(Z_1)\circ \Delta_2 W_2^{T}\bigr)", RIGHT, ""),
    # A calculation with its result.
    ("count", "784*128+128+128*10+10 = 101770", RIGHT, ""),
    ("count", "784*128+128+128*10+10 = 101700", UNREADABLE, "same number"),
    ("count", "784*128+128*10 = 101632", WRONG, "biases"),
    ("count", "784*128 = 101770", UNREADABLE, "same number"),
    ("count", "99 < 101770", UNREADABLE, "compares"),
    ("count", "784 x 128 + 128 + 1290", RIGHT, ""),
    ("count", "101'770", RIGHT, ""),
    ("count", "101.770", UNREADABLE, "no point between thousands"),
    ("blind-weight", "w_2 = h_2 = 0.5", RIGHT, ""),
    ("other-loss", r"\ln(1+e^{-0.1}) \approx 0.644", RIGHT, ""),
    ("other-loss", r"-\ln\hat{y} = 0.644", RIGHT, ""),
    ("other-loss", "L = -log(0.525) ≈ 0.644", RIGHT, ""),
    ("other-loss", "log1p(exp(-0.1))", RIGHT, ""),
    ("away-slope", "∂L/∂w₁₂ = -0.1055", RIGHT, ""),
    ("away-slope", "∂L/∂w₁₂ ≈ 0.1055", WRONG, "sign"),
    # Vectors and matrices as they are copied from elsewhere.
    ("deltas", "-1 0 -0.5", RIGHT, ""),
    ("deltas", "[-1; 0; -0.5]", RIGHT, ""),
    ("deltas", r"\begin{bmatrix} -1 & 0 & -0.5 \end{bmatrix}", RIGHT, ""),
    ("deltas", "(-1|0|-0.5)", UNREADABLE, "commas"),
    ("deltas", "d3=-1, d4=0, d5=-0.5", UNREADABLE, "without their names"),
    ("deltas", "1 0 0.5", WRONG, "turned round"),
    ("delta-weights", "-1 2; 0 0; -0.5 1", RIGHT, ""),
    ("delta-weights", "-1 2\n0 0\n-0.5 1", RIGHT, ""),
    ("delta-weights", "[-1,2],[0,0],[-0.5,1]", RIGHT, ""),
    ("delta-weights", "(-1,0,-1/2)^T (1,-2)", UNREADABLE, "outer"),
    ("delta-weights", "[-1;0;-1/2] [1 -2]", UNREADABLE, "outer"),
    # Sets.
    ("corner-slopes", r"\{ s \in \mathbb{R} : 0 \leq s \leq 1 \}", RIGHT, ""),
    ("corner-slopes", "{s ∈ ℝ | 0 ≤ s ≤ 1}", RIGHT, ""),
    ("corner-slopes", "s = [0, 1]", RIGHT, ""),
    ("corner-slopes", "s = {0, 1}", WRONG, "two sides"),
    ("corner-slopes", "[1, 0]", UNREADABLE, "smaller"),
    ("nonnegative", "relu(t) = 0", UNREADABLE, "Solve"),
    ("ball", "|t| <= 1", UNREADABLE, "Solve"),
    ("xor-thresholds", "floor(tau) = 0", UNREADABLE, "Solve"),
    # Shapes.
    ("shape-z1", r"32 \times 128", RIGHT, ""),
    ("shape-z1", r"$32\times128$", RIGHT, ""),
    ("shape-z1", r"\mathbb{R}^{32\times 128}", RIGHT, ""),
    ("shape-z1", "(32, 128).", RIGHT, ""),
    ("shape-z1", r"\mathbb{R}^{128\times 32}", WRONG, "rows"),
    # Functions of libraries and lecture notes.
    ("conv", r"\left\lfloor \frac{n + 2 pad - k}{stride} \right\rfloor + 1", RIGHT, ""),
    ("conv", "⌊(n+2pad−k)/stride⌋+1", RIGHT, ""),
    ("conv", "(n + 2*pad - k)//stride + 1", RIGHT, ""),
    ("conv", "math.floor((n + 2*pad - k)/stride + 1)", RIGHT, ""),
    ("conv", "ceil((n+2*pad-k+1)/stride)", RIGHT, ""),
    ("conv", "(n + 2*pad - k)/stride + 1", WRONG, "some values"),
    ("conv", "ceil((n+2*pad-k)/stride) + 1", WRONG, ""),
    ("conv", "n + 2*pad - k//stride + 1", WRONG, ""),
    ("bits", "-p*math.log(p, 2)-(1-p)*math.log(1-p, 2)", RIGHT, ""),
    ("bits", "-p*log(p, 10)-(1-p)*log(1-p, 10)", WRONG, "factor"),
    ("bits", "log(0,5)", UNREADABLE, "point"),
    ("attention", "F.softmax(Q @ K.T / d_k**0.5, dim=-1) @ V", RIGHT, ""),
    ("attention", "softmax(Q @ K.T / sqrt(d_k), dim=0) @ V", WRONG, ""),
    ("noise", "b² + v + σ²", RIGHT, ""),
    ("noise", "b^2 + v + sigma^2", RIGHT, ""),
    ("step", "np.where(a > 0, 1, 0)", RIGHT, ""),
    ("step", "torch.where(a < 0, 1, 0)", WRONG, ""),
    ("step", "np.heaviside(a, 0)", RIGHT, ""),
    ("step", "np.heaviside(a, 1)", ALMOST, "a = 0"),
    ("open", "phi_prime(a)", RIGHT, ""),
    ("field", r"1 + \ell(k-1)", RIGHT, ""),
    ("sech", r"\operatorname{sech}^2(a)", RIGHT, ""),
    ("sech", "1 - np.square(np.tanh(a))", RIGHT, ""),
    ("sech", "1 - pow(tanh(a), 2)", RIGHT, ""),
    ("update", r"w_{new} \leftarrow w - \eta g", UNREADABLE, "Write ="),
    # Brackets that were forgotten.
    ("best-step", "(3*eps*A/B)^1/3", WRONG, "pair of brackets"),
    ("iou", "TP/TP+FP+FN", WRONG, "pair of brackets"),
    ("adam", "m_t / 1 - beta^t", WRONG, "pair of brackets"),
    ("conv", "floor(n + 2*pad - k/stride) + 1", WRONG, ""),
    # Numbers in a sentence, and what they count.
    ("steps", "391 steps", RIGHT, ""),
    ("steps", "ceil(50000/128) = 391 batches", RIGHT, ""),
    ("steps", "after 391 iterations", RIGHT, ""),
    ("steps", "at least 391", RIGHT, ""),
    ("steps", "steps: 391", RIGHT, ""),
    ("steps", "392 steps", WRONG, "off by one"),
    ("steps", "t ≥ 391", UNREADABLE, "only the number"),
    ("steps", r"t \geq 391", UNREADABLE, "only the number"),
    ("shrink", "answer: -0.8", RIGHT, ""),
    ("shrink", "by a factor of -0.8", RIGHT, ""),
    ("shrink", "minus 0.8", UNREADABLE, ""),
    ("shrink", r"$-\frac{4}{5}$", RIGHT, ""),
    ("shrink", r"$$-\frac45$$", RIGHT, ""),
    ("shrink", "-0.8 per step", RIGHT, ""),
    ("shrink", "-0.8x", RIGHT, ""),
    # The minus of a quotient that is rounded down belongs to what is divided.
    ("steps", "-(-50000//128)", RIGHT, ""),
    ("steps", "-50000//128", WRONG, "sign"),
    # Shares in per cent, also within a calculation.
    ("points", "10", RIGHT, ""),
    ("points", "10 %", RIGHT, ""),
    ("points", "25% - 15%", RIGHT, ""),
    ("points", r"25\% - 15\% = 10\%", RIGHT, ""),
    ("points", "25 - 15 = 10 percentage points", RIGHT, ""),
    ("points", "10 pp", RIGHT, ""),
    ("points", "10 points", RIGHT, ""),
    ("points", "40% - 25%", WRONG, ""),
    # The base of a logarithm matters only where there is one.
    ("error", "2.28", WRONG, "Work through"),
    ("shrink", "-1.8", WRONG, "Work through"),
    ("other-loss", "0.28", WRONG, "logarithm"),
    # Limits as inequalities and intervals, and two conditions with a comma.
    ("limit", "0 < eta < 2(1+beta)/lambda", RIGHT, ""),
    ("limit", r"$\eta_{\max} \leq \frac{2(1+\beta)}{\lambda}$", RIGHT, ""),
    ("limit", "η < 2(1+β)/λ", RIGHT, ""),
    ("limit", "(0, 2(1+beta)/lambda)", RIGHT, ""),
    ("limit", "2(1+beta)/lambda", RIGHT, ""),
    ("limit", "eta < 2(1-beta)/lambda", WRONG, "sign"),
    ("limit", "eta > 2(1+beta)/lambda", UNREADABLE, "only the limit"),
    ("limit", "(1, 2(1+beta)/lambda)", UNREADABLE, "not a set"),
    ("limit", "{0, 2(1+beta)/lambda}", UNREADABLE, "not a list"),
    ("inner", "x < 1/(3w^2 + 1)", UNREADABLE, "do not know `x`"),
    ("rates", "t > 0, t < 2/lambda", RIGHT, ""),
    ("rates", "t > 0, t <= 2/lambda", ALMOST, "ends"),
    ("rates", "t > 0, t > 2/lambda", UNREADABLE, "both conditions"),
    ("rates", "t < 0, t > 2/lambda", UNREADABLE, "smaller end"),
    ("rates", "t > 0, 2", UNREADABLE, "comma"),
    ("limit", r"\eta \in \left(0, \frac{2(1+\beta)}{\lambda}\right)", RIGHT, ""),
    ("limit", "eta in (0; 2(1+beta)/lambda)", RIGHT, ""),
    ("rates", "]0; 2/lambda[", RIGHT, ""),
    ("rates", "t ∈ ]0; 2/λ[", RIGHT, ""),
    ("rates", "(0; 2/lambda]", ALMOST, "ends"),
    ("ball", "[-1; 1[", ALMOST, "ends"),
    # A star marks the solution, and is no product.
    ("inner", r"\frac{1}{3 {w^\ast}^2 + 1}", RIGHT, ""),
    ("inner", "1/(3 w*^2 + 1)", RIGHT, ""),
    ("inner", "1/(3 w^{*2} + 1)", RIGHT, ""),
    ("inner", "1/(3 (w^*)^2 + 1)", RIGHT, ""),
    ("inner", "1/(1+3w*²)", RIGHT, ""),
    ("inner", "1/(3*w**2 + 1)", RIGHT, ""),
    ("inner", "1/(1 + 2 w w* + w^2)", RIGHT, ""),
    ("inner", "1/(3 w* * w* + 1)", RIGHT, ""),
    ("inner", "1/(3 w*-1)", WRONG, ""),
    ("inner", "1/3w^2+1", WRONG, "pair of brackets"),
    # Entries with nothing but blanks between them.
    ("place", "2.9 -0.9", RIGHT, ""),
    ("place", "(2.9 −0.9)", RIGHT, ""),
    ("place", "2.9 - 0.9", WRONG, "single number"),
    ("circle", "outer(x, x) * W^2", UNREADABLE, "two things"),
    # Names that this question does not have.
    ("inner", "1/(3 lambda^2 + 1)", UNREADABLE, "I do not know `lambda`"),
    ("inner", "1/(3 sigma^2 + 1)", UNREADABLE, "no symbol of that name"),
    # Code that was copied with the marks around it.
    ("share-right", "```python\ndef share_right(parts):\n    return 1.0\n```", WRONG, ""),
    # On paper, and beside ⊙, a dot between matrices is their product.
    ("activations-w1", r"X^T \cdot ((\Delta_2 \cdot W_2^T) \odot \varphi'(Z_1))", RIGHT, ""),
    ("activations-w1", "X^T (φ'(Z1) ⊙ Δ2·W2^T)", RIGHT, ""),
    ("activations-w1", "X.T * ((Delta2 * W2.T) .* phi'(Z1))", RIGHT, ""),
    ("activations-w1", "X^T·(Δ2·W2 ⊙ φ'(Z1))", WRONG, "inner sizes"),
    ("activations-w1", "X.T @ ((Delta2 * W2.T) * phi'(Z1))", WRONG, "read as a matrix product"),
    ("activations-w1", "np.transpose(X) @ ((Delta2 @ W2.T) * dphi(Z1))", RIGHT, ""),
    # Rows of numbers under one another; rounded entries.
    ("delta-weights", "[-1, 2]\n[0, 0]\n[-0.5, 1]", RIGHT, ""),
    ("delta-weights", "[-1, 2],\n[0, 0],\n[-0.5, 1]", RIGHT, ""),
    ("delta-weights", "(-1, 2), (0, 0), (-1/2, 1)", RIGHT, ""),
    (
        "losses/jacobian",
        "[[.25, -.167, -.0833], [-.167, .222, -.0556], [-.0833, -.0556, .139]]",
        ALMOST,
        "rounded",
    ),
    ("deltas", "(0, 2, 0)", WRONG, "one entry at a time"),
    ("row-logits", "(1/2, -1/4, 1/4)", WRONG, "entry 2"),
    # Steps between zero and one.
    ("every-factor", "(ŷ - y) w2 Θ(a2) x2", RIGHT, ""),
    ("every-factor", "(y_hat - y) * w2 * float(a2 > 0) * x2", RIGHT, ""),
    ("every-factor", "(y_hat - y) * w2 * (a2 > 0).int() * x2", RIGHT, ""),
    ("every-factor", "(y_hat - y) * w2 * x2 if a2 > 0 else 0", UNREADABLE, "indicator"),
    ("every-factor", r"\begin{cases} w_2 & a_2 > 0 \\ 0 \end{cases}", UNREADABLE, "indicator"),
    ("conv", "int((n + 2*pad - k)/stride) + 1", RIGHT, ""),
    ("conv", "int((n + 2*pad - k)/stride + 0.5) + 1", WRONG, ""),
    # Sums that have nothing to add up.
    ("losses/soft-labels", "s_k sum(y) - y_k", UNREADABLE, "nothing to add up"),
    # A number among words.
    ("count", "101770 weights and biases", RIGHT, ""),
    ("count", "101{,}770", RIGHT, ""),
    ("count", r"$784\cdot128+128+128\cdot10+10$", RIGHT, ""),
    ("losses/escape-time", "83 steps", RIGHT, ""),
    ("losses/escape-time", "83 million steps", UNREADABLE, ""),
    ("losses/escape-factor", "a factor of e", RIGHT, ""),
    ("losses/mislabelled", "6.91 nats", RIGHT, ""),
    ("losses/mislabelled", "9.97 bits", UNREADABLE, "unit"),
    ("other-loss", "the loss is 0.644", RIGHT, ""),
    ("other-loss", "loss: 0.644", RIGHT, ""),
    ("losses/escape-factor", "answer: e", RIGHT, ""),
    ("losses/depth", "The answer is (w/4)^n.", RIGHT, ""),
    ("losses/hand-ce", "odds 1:0.75", UNREADABLE, ""),
    ("other-loss", "answer: 0.744", WRONG, "other label"),
    ("losses/floor-sq", "0.3", WRONG, "one step"),
    ("losses/hand-sq", "0.406", WRONG, "one step"),
    # What lies outside a set, and sets in words.
    ("corner-slopes", "s not in [0, 1]", UNREADABLE, "outside"),
    ("corner-slopes", "not s in [0, 1]", UNREADABLE, "outside"),
    ("corner-slopes", r"s \notin [0, 1]", UNREADABLE, "outside"),
    ("corner-slopes", "s >= 0, s <= 1", RIGHT, ""),
    ("corner-slopes", "{s : s ≥ 0 ∧ s ≤ 1}", RIGHT, ""),
    ("corner-slopes", "s < 0, s > 1", UNREADABLE, "smaller"),
    ("corner-slopes", "all s with 0 <= s <= 1", RIGHT, ""),
    ("corner-slopes", "the closed interval [0, 1]", RIGHT, ""),
    ("corner-slopes", "between 0 and 1", UNREADABLE, "in signs"),
    ("corner-slopes", "[0; 1]", RIGHT, ""),
    ("losses/tanh-range", "(0; 1]", RIGHT, ""),
    ("losses/dead", "b <= -2 ∨ b < -5", RIGHT, ""),
    # Shapes with their names.
    ("shape-z1", r"Z_1 \in \mathbb{R}^{32 \times 128}", RIGHT, ""),
    ("shape-delta2", "Δ_2 = (32, 10)", RIGHT, ""),
    ("shape-w2", "dL/dW2 = (128, 10)", RIGHT, ""),
    ("shape-z1", "(N, M) = (32, 128)", RIGHT, ""),
    ("shape-z1", "32-by-128", RIGHT, ""),
    ("shape-z1", "a 32 x 128 matrix", RIGHT, ""),
    ("shape-z1", "Z_1 = (128, 32)", WRONG, "rows"),
    ("shape-b1", "vector of length 128", RIGHT, ""),
    # Letters among words and numbers.
    ("training-step", "1. a 2. d 3. b 4. e 5. c", RIGHT, ""),
    ("training-step", "a => d => b => e => c", RIGHT, ""),
    ("training-step", "2. a 1. d 3. b 4. e 5. c", UNREADABLE, ""),
    ("weak-checks", "The answers are b and d", RIGHT, ""),
    ("weak-checks", "b and d are false", UNREADABLE, ""),
    ("losses/five", "a, c, d are true", RIGHT, ""),
    ("losses/five", "a true, b false", UNREADABLE, ""),
    ("falling-loss", "I think false, a", RIGHT, ""),
    ("falling-loss", "false and a", RIGHT, ""),
    ("falling-loss", "a false", UNREADABLE, ""),
    # Names of the learning rate.
    ("update", "w_{t+1} = w_t - lr * g", RIGHT, ""),
    ("update", "w_new = w_old - α g.", RIGHT, ""),
    # Code that was copied with its indentation.
    (
        "share-right",
        "    def share_right(parts):\n"
        "        pairs = [pair for part in parts for pair in zip(*part)]\n"
        "        return sum(a == b for a, b in pairs) / len(pairs)\n",
        RIGHT,
        "",
    ),
    # What cannot be tried here is no mistake.
    (
        "share-right",
        "import numpy as np\ndef share_right(parts):\n    return 1.0",
        UNREADABLE,
        "plain Python",
    ),
    ("share-right", "def share_right(parts):\n    import torch\n    return 1.0", UNREADABLE, "plain Python"),
]


@pytest.mark.parametrize(("name", "answer", "status", "words"), LEARNERS)
def test_what_learners_type_is_marked_fairly(name: str, answer: str, status: str, words: str) -> None:
    verdict = mark(key(name), answer)
    assert verdict.status == status, f"{verdict} [{verdict.understood}]"
    assert words in verdict.message


def test_a_place_is_within_the_answer_also_where_brackets_were_added() -> None:
    for answer in ("[-1, 2], [2, -4], [ [2, -4], [1, 1]]", "[-1, 2],[0, 0] [1, 2]"):
        verdict = mark(key("delta-weights"), answer)
        assert not verdict.right
        assert verdict.at is None or verdict.at[1] <= len(answer)
