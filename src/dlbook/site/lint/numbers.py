"""Which numbers in running text look like results, and which are names, versions or references."""

from __future__ import annotations

import re

HIDDEN = "\ufffc"
"""Stands where the page shows something that is not typed text: a role, maths, a citation."""

# --- Numbers -----------------------------------------------------------------------------------------
_DIGITS = r"(?:\d{1,3}(?:[,\u2009\u202f]\d{3})+(?!\d)|\d+)"
_DECIMAL = rf"{_DIGITS}?\.\d+"
_ANY = rf"(?:{_DECIMAL}|{_DIGITS})"
# Not inside a word (sha1e5, v2.5), nor the tail of a name (GPT-3.5).
_START = r"(?<![A-Za-z0-9_.])(?<![A-Za-z]-)[-+\u2212\u00b1]?"
_UNITS_WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_BIG_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS_WORDS)}))?|(?:a|one)\shundred)"
_WORD = rf"\b(?:{_BIG_WORD}|{'|'.join(_TEENS + _UNITS_WORDS)})"
_MANY = rf"\b(?:{_BIG_WORD}|{'|'.join(_TEENS + _UNITS_WORDS[1:])})"  # "one second" is an idiom

# --- What follows them -------------------------------------------------------------------------------
_PERCENT = r"(?:[%\u2030\uff05]|per[-\s]?cent(?:age\spoints?)?\b|percentage\spoints?\b)"
_TIME_WORD = r"(?:(?:milli|micro|nano)?seconds?|minutes?|hours?)\b"
_TIME = rf"(?:ms|[\u00b5\u03bc]s|ns|secs?|mins?|hrs?|{_TIME_WORD})\b"
_MEMORY = r"(?:[kKMGTP]i?B|(?:kilo|mega|giga|tera|kibi|mebi|gibi)?bytes?)\b"
_SPEED = (
    r"(?:[A-Za-z]+\s?/\s?(?:ms|s|sec|second|min|minute|h|hour)\b"
    r"|[A-Za-z]+\sper\s(?:millisecond|second|minute|hour)\b"
    r"|[kMGTP]?(?:FLOPS|FLOP/s)\b|[kMGTP]FLOPs?\b|[kMGT]?Hz\b|fps\b)"
)
_MORE = (
    r"(?:as|more|less|fewer|faster|slower|quicker|larger|bigger|smaller|greater|better|worse|cheaper|dearer"
    r"|longer|shorter|higher|lower|deeper|wider|over"
    r"|the\s(?:size|cost|time|memory|speed|error|loss|accuracy|number|rate|price|work|parameters|throughput))\b"
)
_GAIN = r"(?:increase|improvement|speed-?up|reduction|decrease|drop|gain|saving)\b"

# --- Words that make even a plain integer a result ----------------------------------------------------
_METRIC = (
    r"\b(?:accurac(?:y|ies)|loss(?:es)?|error(?:\srate)?s?|precision|recall|perplexity|cross-entropy"
    r"|F1(?:[-\s]score)?|AUC|AUROC|mAP|IoU|BLEU|FID|R?MSE|MAE|scores?|likelihood)"
)
_LINK = (
    r"(?:of|is|was|are|were|at|to|about|around|roughly|nearly|almost|only|just|over|under|above|below|near"
    r"|reach(?:es|ed)?|becomes?|became|equals?|stay(?:s|ed)?|falls?|fell|drop(?:s|ped)?|rises?|rose|grows?|grew"
    r"|climb(?:s|ed)?|goes|went|up|down|from|by|approximately|exactly|now|still|then|hits?|than|more|less|some)"
)
# "a loss of 3 neurons" counts things: a plural noun after the number clears it.
_COUNTED = r"(?!\s(?!(?:points|nats|bits|is|was|has|as|this|its|plus|across|versus|thus|always)\b)[a-z-]+s\b)"

_RESULTS = [
    rf"(?:{_START}{_ANY}|{_WORD})\s*-?\s*{_PERCENT}",
    rf"{_START}{_ANY}[eE][-+\u2212]?\d+\b",
    rf"{_START}(?:{_ANY}\s*[\u00d7x*\u00b7]\s*)?10\s*\^\s*\{{?[-+\u2212]?\d+\}}?",
    r"(?<![\w.])10[\u207b\u207a]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+",
    rf"{_START}{_ANY}\s*(?:-\s?)?(?:{_TIME}|{_MEMORY}|{_SPEED})",
    rf"{_START}{_ANY}\s+(?:s|h)\b(?!['\u2019-])",
    # "the 3s and 8s" are digits, but what takes 3s takes seconds
    rf"(?<=\btake\s|\btook\s|\blast\s){_ANY}s\b|(?<=\btakes\s|\blasts\s){_ANY}s\b|(?<=\bwithin\s){_ANY}s\b",
    rf"{_MANY}[-\s](?:{_TIME_WORD}|{_SPEED})",
    # 28 x 28 and 3 x n are shapes
    rf"{_START}{_ANY}\s?[x\u00d7](?!\w)(?!\s*[-\d({HIDDEN}])(?!\s+[A-Za-z]\b)",
    rf"(?:{_START}{_ANY}|{_MANY})\s+times\s+{_MORE}",
    rf"(?:{_START}{_ANY}|{_MANY})\s*-?\s*fold\s+{_GAIN}",
    rf"{_START}{_DECIMAL}",
]
_WHOLE = rf"{_ANY}(?![\d.]*\d)(?!,\d)"
_METRIC_RESULT = (
    rf"(?i:{_METRIC})(?:\s+{_LINK}){{0,4}}\s*[:=]?\s*(?P<result>{_WHOLE}{_COUNTED}|\b{_BIG_WORD}\b)"
)
# 22,145 has been counted; 60,000 is a size that somebody chose.
_COUNT = re.compile(rf"{_START}\d{{1,3}}(?:[,\u2009\u202f]\d{{3}})+(?![,.]?\d)")
_COUNTED_DIGITS = 4
# Case matters for units (MB, ms) only, so the patterns that hold words are not made case-blind as a whole.
_TYPED_IN = [re.compile(pattern) for pattern in _RESULTS]
_WORDY = [
    re.compile(pattern, re.IGNORECASE) for pattern in (_RESULTS[0], _RESULTS[7], _RESULTS[9], _RESULTS[10])
]
_METRICS = re.compile(_METRIC_RESULT)

# --- Numbers that name something ----------------------------------------------------------------------
_REFERENCE = (
    r"(?:\b(?:chapters?|sections?|secs?\.|figures?|figs?\.|tables?|equations?|eqn?s?\.?|exercises?|theorems?|lemmas?"
    r"|propositions?|corollary|definitions?|algorithms?|examples?|appendix|listings?|versions?|releases?)|\u00a7)"
)
_SOFTWARE = (
    r"\b(?:Python|CPython|PyTorch|Torch|TorchVision|NumPy|SciPy|SymPy|Matplotlib|Jupyter(?:\sBook|Lab)?|Sphinx|MyST"
    r"|CUDA|cuDNN|ROCm|TensorFlow|Keras|JAX|OpenCV|Linux|Ubuntu|Debian|Android|macOS|iOS|Windows|Git|Make|Colab|Binder"
    r"|Pyodide|KaTeX|MathJax|Node|Firefox|Chrome|Chromium|Safari|HTML|CSS|WCAG|Unicode|Apache|GPL|LGPL|CC\sBY(?:-\w+)*)"
)
_NAMES = [
    re.compile(pattern)
    for pattern in (
        r"(?:https?|ftp)://\S+|\bwww\.\S+|\S+@\S+\.\w+",
        r"\b10\.\d{4,9}/\S+",  # DOI
        r"(?i:\barxiv:?)\s*\d{4}\.\d{4,5}(?:v\d+)?",
        r"(?<![\w.])\d+(?:\.\d+){2,}\w*",  # 1.0.4, 22.11.2026
        rf"(?i:{_REFERENCE})\s*\(?\d+(?:\.\d+)+\)?(?:\s*(?:,|and|or|to|-|\u2013)\s*\(?\d+(?:\.\d+)+\)?)*",
        rf"{_SOFTWARE}\s(?:v|>=\s*)?\d+(?:\.\d+)+(?:\s*(?:,|and|or|to|-|\u2013)\s*\d+\.\d+)*",
    )
]

_LETTER = r"A-Za-z\u00b5\u03bc\u00b0"
_UNIT = rf"(?:[%\u2030\u00d7$\u20ac]|[{_LETTER}][{_LETTER}0-9/^\u00b7\u00b2\u00b3-]*)"
_GIVEN = re.compile(
    rf"[-+\u2212\u00b1]?(?:{_ANY}(?:[eE][-+\u2212]?\d+|\s?[\u00d7x]\s?10\^[-+\u2212]?\d+)?|10\^[-+\u2212]?\d+)"
    rf"(?:\s?{_UNIT}(?:\s(?:cent|per\s[a-z]+))?)?"
)


def is_given(text: str) -> bool:
    """Tell whether `text` is one number with an optional unit, as the role ``given`` wants it.

    Examples
    --------
    >>> [is_given(t) for t in ("0.1", "60 %", "1.5 GB", "40 epochs/s", "1e-3", "0.1 and 0.2", "small")]
    [True, True, True, True, True, False, False]
    """
    return _GIVEN.fullmatch(text.strip()) is not None


def typed_in(text: str) -> list[tuple[int, int]]:
    """Return the spans of `text` that look like results typed in by hand, in order, none overlapping.

    Parameters
    ----------
    text
        Running text as the reader sees it, with `HIDDEN` for what is not typed.

    Examples
    --------
    >>> [text[a:b] for text in ["It reaches 95 % in 3 s with 60,000 images."] for a, b in typed_in(text)]
    ['95 %', '3 s']
    """
    for name in _NAMES:
        text = name.sub(lambda match: HIDDEN * len(match.group()), text)
    spans = [match.span() for pattern in _TYPED_IN + _WORDY for match in pattern.finditer(text)]
    spans += [match.span("result") for match in _METRICS.finditer(text)]
    spans += [
        match.span() for match in _COUNT.finditer(text) if _significant(match.group()) >= _COUNTED_DIGITS
    ]
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if found and start < found[-1][1]:  # the same number, seen by two patterns
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _significant(number: str) -> int:
    """Count the digits of a whole number up to its closing zeros."""
    return len(re.sub(r"\D", "", number).strip("0"))
