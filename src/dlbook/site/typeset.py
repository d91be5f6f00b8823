r"""LaTeX to MathML while the site is made, so that a page needs no script to show its formulas.

`Temml <https://temml.org>`_ does the work, in one Node process that starts with the first formula not seen
before and ends with the build. Results are kept by content: a build without new formulas starts no Node.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from dlbook.site.keys import file_digest
from dlbook.site.mathml import finished
from dlbook.site.project import BuildError
from dlbook.site.records import digest, write_atomically
from dlbook.site.vendor import fetch_npm, node

TEMML = ("temml", "0.13.5", "bca5b76dd26d1d6c81f8d817f6cc8bf0f0a1a7787512e281d5c22b986f8ae582")
_SCRIPT = Path(__file__).with_name("node") / "typeset.js"
_CODE = (Path(__file__), Path(__file__).with_name("mathml.py"))  # an edit here sets all formulas anew

# What makes a formula taller than a line. Fractions in exponents are small, but seldom; they may count.
_TALL = re.compile(
    r"\\(?:[dtc]?frac|[td]?binom|sum|prod|int|iint|oint|big[a-z]+|begin|sqrt|under[a-z]+|over[a-z]+|stack\w+|"
    r"substack|middle)(?![a-zA-Z])|\\(?:lim|max|min|sup|inf)\s*_|\\\\"
)
_PATIENCE = 10.0  # seconds that Node may take to end
_MOST = 50_000  # formulas kept; beyond, those of old versions of the text crowd the book's own


class FormulaError(Exception):
    """A formula that is no LaTeX; the message says where in it."""


class Typesetter:
    """Turns formulas into MathML, and remembers what it did.

    Parameters
    ----------
    store : Path
        File of the formulas set so far; made when there is none.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self._key = digest([*TEMML, *map(file_digest, (_SCRIPT, *_CODE))])
        self._known = self._load()
        self._changed = not store.exists()
        self._process: subprocess.Popen[str] | None = None
        self._owner = os.getpid()

    def typeset(self, latex: str, display: bool = False) -> str:
        r"""Set one formula.

        Parameters
        ----------
        latex : str
            Without dollars.
        display : bool, optional
            Whether it stands on a line of its own.

        Returns
        -------
        str
            A ``math`` element without style attributes; its ``alttext`` is the LaTeX.

        Raises
        ------
        FormulaError
            If it cannot be set.
        BuildError
            If Temml or Node cannot be had.
        """
        name = hashlib.sha256(f"{display} {latex}".encode()).hexdigest()[:24]
        if name not in self._known:
            mathml, styles = finished(self._ask(unstretched(latex), display), latex)
            self._known[name] = {"mathml": mathml, "styles": styles}
            self._changed = True
        return str(self._known[name]["mathml"])

    @property
    def styles(self) -> dict[str, str]:
        """Declarations of the classes that stand for style attributes, in all formulas known."""
        return {name: rule for entry in self._known.values() for name, rule in entry["styles"].items()}

    def close(self) -> None:
        """End the process and store what is new."""
        if self._process is not None:
            process, self._process = self._process, None
            try:
                process.communicate(timeout=_PATIENCE)  # closes its input, on which it ends
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        if self._changed:
            kept = {"key": self._key, "formulas": self._known}
            write_atomically(self.store, json.dumps(kept, ensure_ascii=False))
            self._changed = False

    def _load(self) -> dict[str, dict[str, Any]]:
        """Read the store; one of another version, damaged or overfull is as good as none."""
        try:
            kept = json.loads(self.store.read_text(encoding="utf8"))
            known: dict[str, dict[str, Any]] = kept["formulas"]
            return known if kept["key"] == self._key and len(known) <= _MOST else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _ask(self, latex: str, display: bool) -> str:
        """Have Temml set a formula."""
        if self._process is None or self._owner != os.getpid():  # a fork must not share the pipes
            self._owner = os.getpid()
            library = fetch_npm(*TEMML) / "dist" / "temml.cjs"
            self._process = subprocess.Popen(
                [str(node()), str(_SCRIPT), str(library)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # nothing of it may hold on to the build's own output
                encoding="utf8",
            )
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        try:
            pipe_in.write(json.dumps({"latex": latex, "display": display}) + "\n")
            pipe_in.flush()
            answer = json.loads(pipe_out.readline())
        except (OSError, ValueError) as error:
            raise BuildError(f"Node, which sets the formulas, ended before its time at {latex!r}") from error
        if "error" in answer:
            raise FormulaError(_plain(answer["error"]))
        return str(answer["mathml"])


def unstretched(latex: str) -> str:
    r"""Give parentheses their plain size where nothing tall stands between them.

    SymPy prints ``\left(`` and ``\right)`` around everything. TeX leaves those as they are unless their
    content is much taller than a letter; MathML would stretch them around every hat and index.

    Parameters
    ----------
    latex : str
        A formula.

    Returns
    -------
    str
        With ``(`` for ``\left(`` where that is enough.

    Examples
    --------
    >>> unstretched(r"\left(\hat{y} - y\right) \left(\frac{a}{b}\right)")
    '(\\hat{y} - y) \\left(\\frac{a}{b}\\right)'
    """
    opened: list[re.Match[str]] = []
    plain: list[tuple[int, int, str]] = []
    for word in re.finditer(r"\\(?:left|right)(?![a-zA-Z])\s*(\\.|\\[a-zA-Z]+|.)", latex, re.S):
        if word[0].startswith(r"\left"):
            opened.append(word)
        elif opened:
            begin = opened.pop()
            if begin[1] + word[1] in ("()", "[]") and not _TALL.search(latex, begin.end(), word.start()):
                plain += [(*begin.span(), begin[1]), (*word.span(), word[1])]
    for first, last, sign in sorted(plain, reverse=True):
        latex = latex[:first] + sign + latex[last:]
    return latex


def top_level_breaks(latex: str) -> bool:
    r"""Tell whether a formula has lines outside any environment, which then has to be put around them.

    Parameters
    ----------
    latex : str
        The formula.

    Returns
    -------
    bool
        Whether there are.

    Examples
    --------
    >>> top_level_breaks(r"a &= b \\ c &= d"), top_level_breaks(r"\begin{aligned} a \\ b \end{aligned}")
    (True, False)
    """
    depth = 0
    for word in re.findall(r"\\begin\{|\\end\{|\\\\|\\.", latex, re.S):
        depth += {"\\begin{": 1, "\\end{": -1}.get(word, 0)
        if word == "\\\\" and depth == 0:
            return True
    return False


def displayed(latex: str) -> str:
    r"""Give what Sphinx's displayed equations mean: several paragraphs or lines are aligned equations.

    Parameters
    ----------
    latex : str
        As the author wrote it.

    Returns
    -------
    str
        One formula.

    Examples
    --------
    >>> displayed("a &= b\n\nc &= d")
    '\\begin{aligned}a &= b\\\\c &= d\\end{aligned}'
    """
    parts = [part.strip() for part in latex.split("\n\n") if part.strip()]
    if len(parts) == 1 and not top_level_breaks(parts[0]):
        return parts[0]
    return r"\begin{aligned}" + r"\\".join(parts) + r"\end{aligned}"


def _plain(message: str) -> str:
    """Strip the marks that underline a place in Temml's messages."""
    return re.sub(r"[\u0300-\u036f]", "", message.removeprefix("TemmlError: ")).strip()
