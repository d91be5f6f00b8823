"""Text, code and formulas as Jupyter Markdown: what has to be escaped, quoted, or kept on one line."""

from __future__ import annotations

import html
import re

from dlbook.site.typeset import displayed

_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$)|[>=]|~(?=~)|:(?=::)|[-:|](?=[-:|\s]*$))", re.M)
_NUMBERED = re.compile(r"^(\s*\d+)([.)])(?=\s|$)", re.M)
_SPECIAL, _BEHIND = re.compile(r"([%#&_{}])"), r"\\\1"
_STARRED = re.compile(r"\\(begin|end)\{(align|equation|gather|multline|alignat|eqnarray)\}")


def escaped(text: str) -> str:
    r"""Write text so that Markdown shows it as it is.

    Parameters
    ----------
    text : str
        Words of a page.

    Returns
    -------
    str
        With backslashes before what would be markup. Underscores within words and lone brackets need none.

    Examples
    --------
    >>> escaped("5 * $3, w_new and _x_, [1](2)")
    '5 \\* \\$3, w_new and \\_x\\_, [1\\](2)'
    """
    text = re.sub(r"([\\`*$])", r"\\\1", text)
    text = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)
    text = re.sub(r"\](?=[(\[:])", r"\\]", text)
    text = re.sub(r"<(?=[A-Za-z/!?])", r"\\<", text)
    text = re.sub(r"&(?=#?\w+;)", r"\\&", text)
    return text.replace("~~", r"\~\~")


def paragraph(text: str) -> str:
    r"""Keep a paragraph's lines from being read as headings, lists or rules.

    Parameters
    ----------
    text : str
        Inline Markdown.

    Returns
    -------
    str
        Without blank lines and outer spaces.

    Examples
    --------
    >>> print(paragraph("It was\n1986. Then\n\n- 3"))
    It was
    1986\. Then
    \- 3
    """
    lines = [line.strip() for line in text.split("\n")]
    text = "\n".join(line for line in lines if line)
    return _NUMBERED.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", text))


def code(text: str) -> str:
    """Write code within text.

    Parameters
    ----------
    text : str
        The code.

    Returns
    -------
    str
        Between backticks, as many as it takes.

    Examples
    --------
    >>> code("x[0]"), code("a`b")
    ('`x[0]`', '``a`b``')
    """
    text = re.sub(r"\s*\n\s*", " ", text)
    ticks = "`" * (_longest(text, "`") + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(text: str, language: str = "") -> str:
    """Write a block of code that is not a cell.

    Parameters
    ----------
    text : str
        The code.
    language : str, optional
        As highlighters name it.

    Returns
    -------
    str
        A fenced block.

    Examples
    --------
    >>> fenced("pip list", "bash").splitlines()
    ['```bash', 'pip list', '```']
    """
    ticks = "`" * max(3, _longest(text, "`") + 1)
    return f"{ticks}{language}\n{text.rstrip()}\n{ticks}"


def _longest(text: str, sign: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", text)), default=0)


def formula(latex: str) -> str:
    r"""Write a formula within text.

    Parameters
    ----------
    latex : str
        As the author wrote it.

    Returns
    -------
    str
        Between dollars, on one line. A letter right after ``<`` would look like HTML to some renderers.

    Examples
    --------
    >>> formula(" a<b ")
    '$a< b$'
    """
    return f"${_safe(_one_line(latex))}$"


def display(latex: str, number: str = "", plain: bool = True, one_line: bool = False) -> str:
    r"""Write a displayed equation.

    Parameters
    ----------
    latex : str
        As the author wrote it, or as a derivation prints it.
    number : str, optional
        Its number on the page.
    plain : bool, optional
        Whether rows are separated without an environment of the author's, as Sphinx allows.
    one_line : bool, optional
        Leave out line breaks: in a quotation their marks would get into the formula.

    Returns
    -------
    str
        A block between double dollars, the number as a tag.

    Examples
    --------
    >>> print(display("a = b", "1.2"))
    $$
    a = b \tag{1.2}
    $$
    """
    latex = displayed(latex) if plain else _STARRED.sub(r"\\\1{\2*}", latex)
    # A blank line would end the block in some renderers.
    lines = [_safe(line.rstrip()) for line in latex.strip().splitlines() if line.strip()]
    if number:
        lines[-1] += rf" \tag{{{number}}}"
    return f"$${_one_line(' '.join(lines))}$$" if one_line else "\n".join(["$$", *lines, "$$"])


def _one_line(latex: str) -> str:
    r"""Join the lines of a formula; a comment, which ends with its line, goes."""
    return re.sub(r"\s+", " ", re.sub(r"(?<!\\)%.*", "", latex)).strip()


def _safe(latex: str) -> str:
    return re.sub(r"<(?=[A-Za-z/!])", "< ", latex)


def words_in_maths(text: str) -> str:
    r"""Write words with formulas in them as part of a formula.

    Parameters
    ----------
    text : str
        A reason, such as ``slope of $\log$``.

    Returns
    -------
    str
        LaTeX without dollars, which would end the formula that it stands in.

    Examples
    --------
    >>> print(words_in_maths(r"slope of $\log$, 5 %"))
    \text{slope of }\log\text{, 5 \%}
    """
    parts = enumerate(re.split(r"\$([^$]+)\$", text))
    return "".join(part if n % 2 else rf"\text{{{_SPECIAL.sub(_BEHIND, part)}}}" for n, part in parts if part)


def folded(title: str, body: str) -> str:
    """Fold Markdown away under a title; blank lines around it make notebooks read it as Markdown.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        Markdown.

    Returns
    -------
    str
        A ``<details>`` element, the one HTML that exported notebooks have.

    Examples
    --------
    >>> folded("Hint", "Look *left*.").splitlines()
    ['<details>', '<summary>Hint</summary>', '', 'Look *left*.', '', '</details>']
    """
    return f"<details>\n<summary>{html.escape(title, quote=False)}</summary>\n\n{body}\n\n</details>"


def quoted(blocks: list[str]) -> str:
    """Write blocks as a quotation.

    Parameters
    ----------
    blocks : list of str
        Markdown.

    Returns
    -------
    str
        With ``>`` before every line.

    Examples
    --------
    >>> quoted(["**Note**", "Words."]).splitlines()
    ['> **Note**', '>', '> Words.']
    """
    return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(blocks).split("\n"))


def indented(blocks: list[str], mark: str) -> str:
    r"""Write blocks as one item of a list.

    Parameters
    ----------
    blocks : list of str
        Markdown.
    mark : str
        What stands before the first, such as ``- ``.

    Returns
    -------
    str
        The item.

    Examples
    --------
    >>> indented(["one", "two"], "- ")
    '- one\n\n  two'
    """
    lines = "\n\n".join(blocks).split("\n")
    space = " " * len(mark)
    return mark + "\n".join(lines[:1] + [space + line if line else "" for line in lines[1:]])
