r"""The words and signs of formulas: functions, constants, commands of LaTeX, signs of Unicode.

Everything that can be typed is in one of these tables or in the exercise's own vocabulary; whatever is in
neither is refused.
"""

from __future__ import annotations

import string


def _cut(text: str) -> list[str]:
    """Make a list of words."""
    return text.split()


FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        _cut("exp log10 log2 sqrt cbrt abs sign sin cos tan sinh cosh tanh"),
        (1, 1),
    ),
    **dict.fromkeys(_cut("asin acos atan asinh acosh atanh sigmoid relu softplus floor ceil"), (1, 1)),
    **dict.fromkeys(_cut("square transpose sech log1p expm1"), (1, 1)),
    **dict.fromkeys(("log", "step", "softmax"), (1, 2)),
    "where": (3, 3),
    **dict.fromkeys(["dsigmoid", "dtanh", "norm", "trace", "diag", "inv"], (1, 1)),
    **dict.fromkeys(("max", "min"), (1, 50)),
    **dict.fromkeys(("sum", "mean"), (1, 2)),
    **dict.fromkeys(("outer", "dot"), (2, 2)),
}
"""Every function by its canonical name, with the fewest and the most arguments."""

AXES = frozenset({"sum", "mean", "softmax"})
"""Functions that can be told along which axis they run."""

SCALARS = frozenset({"norm", "trace", "dot"})
"""Functions of vectors and matrices whose value is a number."""

ALIASES: dict[str, str] = {
    **{name: name for name in FUNCTIONS},
    **dict.fromkeys(("sigma", "logistic", "expit"), "sigmoid"),
    **dict.fromkeys(("ReLU", "Relu", "RELU"), "relu"),
    "ln": "log",
    "loge": "log",
    **dict.fromkeys(("fabs", "absolute"), "abs"),
    **dict.fromkeys(("sgn", "signum"), "sign"),
    **dict.fromkeys(("heaviside", "reluprime", "drelu", "dReLU", "ReLUprime"), "step"),
    **dict.fromkeys(("sigmoidprime", "sigmaprime", "dsigma"), "dsigmoid"),
    "tanhprime": "dtanh",
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"ar{name}": f"a{name}" for name in ("sinh", "cosh", "tanh")},
    "tg": "tan",
    **dict.fromkeys(("maximum", "amax"), "max"),
    **dict.fromkeys(("minimum", "amin"), "min"),
    "tr": "trace",
    "inverse": "inv",
    "inner": "dot",
    "ceiling": "ceil",
}
"""Other spellings of functions, without underscores."""

DERIVATIVES = {
    "relu": "step",
    "sigmoid": "dsigmoid",
    "tanh": "dtanh",
    "softplus": "sigmoid",
    "exp": "exp",
    "sinh": "cosh",
    "cosh": "sinh",
    "sin": "cos",
}
"""What a prime makes of a function."""

CONSTANTS = {"pi": "pi", "e": "e", "inf": "inf", "infty": "inf", "infinity": "inf"}
PREFIXES = frozenset(
    {"torch", "np", "numpy", "math", "F", "nn", "functional", "linalg", "jnp", "sp", "sympy"}
)
WRAPPERS = frozenset({"tensor", "array", "Matrix", "matrix", "asarray", "Size", "Tensor", "vector"})
WRAPPERS |= {"float", "int"}
AXIS = frozenset({"axis", "dim"})
CASTS = frozenset({"float", "double"})
COUNTS = frozenset({"int", "long"})
"""What may be called in code without changing what it means: on anything, and on a condition."""
TRANSPOSES = frozenset({"T", "mT", "t", "transpose"})

CODE = frozenset(
    [
        "import",
        "def",
        "eval",
        "exec",
        "open",
        "class",
        "return",
        "print",
        "while",
        "yield",
        "global",
        "assert",
        "try",
        "except",
        "getattr",
        "globals",
        "locals",
        "compile",
        "True",
        "False",
        "None",
        "self",
    ]
)
"""Words that show that somebody has entered a program."""

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
GREEK: dict[str, str] = {
    **{chr(0x3B1 + i): name for i, name in enumerate(_GREEK) if name.isalpha()},
    **{chr(0x391 + i): name.capitalize() for i, name in enumerate(_GREEK) if name.isalpha()},
    "ς": "sigma",
    "∂": "partial",
    "∇": "nabla",
    "∑": "sum∑",
    "∞": "inf",
}
"""Letters of Unicode by the names that they are typed with."""

ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0305": "bar", "\u0303": "tilde", "\u0307": "dot"}
"""Marks above a letter."""

SUPERSCRIPTS = {**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱˣᵗᵏᵐ", "0123456789+-nixtkm", strict=True)), "ᵀ": "T"}
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₊₋", "0123456789aehijklmnoprstuvx+-", strict=True))

DROPPED = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u2061\ufe0e\ufe0f")
"""Characters without width that come along when text is copied."""

SIGNS: dict[str, str] = {
    **dict.fromkeys("−–—‒﹣", "-"),
    **dict.fromkeys("×·⋅∙•∗⁎", "*"),
    **dict.fromkeys("÷∕⁄∶", "/"),
    **dict.fromkeys("’‘′ʹ´`ʼ", "'"),
    **dict.fromkeys("⟨〈", "("),
    **dict.fromkeys("⟩〉", ")"),
    "∣": "|",
    "∥": "‖",
    "⩽": "≤",
    "⩾": "≥",
    "⊤": "ᵀ",
    "𝟙": "𝟙",
    "𝟏": "𝟙",
}
"""Signs that stand for one on the keyboard; the rest of Unicode's variants follow from its own tables."""

OPERATORS: dict[str, str] = {
    **{sign: sign for sign in ("+", "-", "*", "/", "^", "@", "<", ">", "=", "!", "%", "_", "'")},
    **{sign: sign for sign in ("<=", ">=", "!=", ",", ";", ":", "(", ")", "[", "]", "{", "}", "|", "‖")},
    "**": "^",
    "==": "=",
    ":=": "=",
    ".*": "⊙",
    "//": "//",
    **{sign: sign for sign in "⌊⌋⌈⌉"},
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≔": "=",
    "⊙": "⊙",
    "∘": "⊙",
    "∪": "∪",
    "∅": "∅",
    "∧": "and",
    "∨": "or",
    "√": "√",
    "&": "&",
    ".": ".",
}
"""Signs of a formula by what they are read as; `⊙` is the product entry by entry, `.` the point of `X.T`."""

_FONTS = (
    "mathbf boldsymbol bm pmb mathrm mathit mathsf mathtt mathcal mathbb mathds text textbf textit textrm"
)
FONTS = frozenset(f"{_FONTS} operatorname vec mathop".split())
"""Commands that change how the name in their braces looks."""

MARKS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "dot": "dot"}
MARKS["widetilde"] = "tilde"

BLANKS = frozenset(
    [
        "left",
        "right",
        "middle",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "displaystyle",
        "textstyle",
        "limits",
        "quad",
        "qquad",
        ",",
        ";",
        "!",
        ":",
        "nolimits",
        "mleft",
        "mright",
    ]
) | {" ", "\n", "\t"}
"""Commands that only set distances."""

BARS = {"left": {"|": "⦅", "‖": "⟬"}, "right": {"|": "⦆", "‖": "⟭"}}
r"""Bars that `\left` and `\right` make brackets of."""

FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})

COMMANDS: dict[str, str] = {
    **dict.fromkeys(("cdot", "times", "ast"), "*"),
    **dict.fromkeys(("odot", "circ"), "⊙"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("mid", "vert"), "|"),
    **dict.fromkeys(("Vert", "|"), "‖"),
    **{"lvert": "⦅", "rvert": "⦆", "lVert": "⟬", "rVert": "⟭"},
    **{"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉"},
    **dict.fromkeys(("lbrace", "{"), "{"),
    **dict.fromkeys(("rbrace", "}"), "}"),
    **dict.fromkeys(("emptyset", "varnothing"), "∅"),
    **dict.fromkeys(("top", "intercal"), "ᵀ"),
    **dict.fromkeys(("langle", "lparen"), "("),
    **dict.fromkeys(("rangle", "rparen"), ")"),
    "div": "/",
    "lt": "<",
    "gt": ">",
    **dict.fromkeys(("land", "wedge"), "and"),
    **dict.fromkeys(("lor", "vee"), "or"),
    "cup": "∪",
    "bigcup": "∪",
    "prime": "'",
    "lbrack": "[",
    "rbrack": "]",
    "%": "%",
    "&": "&",
    "\\": "\\\\",
    "colon": ":",
    "coloneqq": "=",
}
"""Commands that are signs."""

NAMED: dict[str, str] = {
    **{name: name for name in GREEK.values()},
    **{f"var{name}": name for name in ("epsilon", "theta", "phi", "rho", "sigma", "kappa", "pi")},
    **{name: name for name in ALIASES if set(name) <= set(string.ascii_letters)},
    **{name: name for name in ("lg", "det", "infty")},
    "sum": "sum∑",
    "ell": "l",
}
"""Commands that are names."""

UNHELPFUL: dict[str, str] = {
    '"': "Leave the quotation marks out.",
    "≈": "Write = in place of ≈.",
    "~": "Write = in place of ~.",
    "±": "Write both values, one after the other, in place of ±.",
    "∈": "Write only what stands after ∈.",
    "…": "Write all of it; dots cannot be read.",
    "←": "Write = in place of the arrow.",
    "→": "Leave the arrow out and write only the result.",
    "⇒": "Leave the arrow out and write only the result.",
    "∫": "Write the integral's value; ∫ cannot be read.",
    "∏": "Write the product out; ∏ cannot be read.",
    "$": "Leave the dollar signs out, or put them around all of it.",
    "#": "Leave # and what follows out.",
    "?": "Leave the question mark out.",
    "∛": "Write cbrt(...) in place of ∛.",
    "½": "Write 1/2 in place of ½, and 6 + 1/2 in place of 6½.",
}
"""What to do about signs that many will try."""

UNHELPFUL_COMMANDS: dict[str, str] = {
    **dict.fromkeys(("leftarrow", "gets", "Leftarrow"), UNHELPFUL["←"]),
    **dict.fromkeys(("rightarrow", "to", "mapsto"), UNHELPFUL["→"]),
    **dict.fromkeys(("Rightarrow", "implies"), UNHELPFUL["⇒"]),
    **dict.fromkeys(("approx", "simeq", "cong"), UNHELPFUL["≈"]),
    **dict.fromkeys(("ldots", "cdots", "dots"), UNHELPFUL["…"]),
    "begin": "Leave `\\begin` and `\\end` out. Cases are written with an indicator, such as `1[x > 0]`.",
    "pm": UNHELPFUL["±"],
    "in": UNHELPFUL["∈"],
    "int": UNHELPFUL["∫"],
    "prod": UNHELPFUL["∏"],
}
"""The same for commands."""

PAIRS = {"matmul": "@", "mm": "@", "matvec": "@", "multiply": ".", "mul": ".", "hadamard": "."}
PAIRS |= {"pow": "^", "power": "^"}
"""Functions of two arguments that are operators."""
