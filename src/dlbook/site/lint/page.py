"""Reads one Markdown source into what the rules look at: prose, code cells, glued names, exercises."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, ClassVar

import yaml
from docutils.parsers.rst import Directive
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from dlbook.site.lint.equations import Equation, cite_keys, excerpt, in_text, kind_of, rst_equations
from dlbook.site.lint.inline import flatten

EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "substitution", "tasklist"}
"""MyST extensions of the book; a test holds them equal to those of ``_config.yml``."""

_INFO = re.compile(r"\{(?P<name>[^}\s]+)\}\s*(?P<argument>.*)", re.DOTALL)
_OPTION = re.compile(r"\s*:[A-Za-z][\w-]*:(?:\s|$)")
_NOT_TEXT = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_GLUE_KEY = re.compile(r"(?P<key>[^:]+?)(?::[^:]*)?")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_PROSE = _words(
    """bibliography code code-block code-cell contents currentmodule digraph doctest embed eval-rst glue
    gpu-runs glue:any glue:math glue:md glue:text graphviz highlight iframe image include index
    jupyter-execute literalinclude math mermaid parsed-literal prompt raw raw-cell sourcecode tableofcontents
    testcode tikz toctree video"""
)
_ARGUMENT_IS_NO_PROSE = _words(
    """card-carousel class container figure figure-md glue:figure grid grid-item only solution solution-start
    tab-set"""
)


@dataclass(frozen=True)
class Prose:
    """One paragraph, heading or table cell as shown: text, code spans in it, the places of its characters."""

    text: str
    code: list[tuple[int, int, str]]
    places: list[tuple[int, int]]


@dataclass(frozen=True)
class Named:
    """A name (glued key, role content, formula within a line) and where it stands."""

    name: str
    line: int
    column: int


@dataclass(frozen=True)
class Cell:
    """A code cell: its code, the line of its first line of code, its options and the line of its fence."""

    code: str
    code_line: int
    options: dict[str, Any]
    line: int
    unreadable: str = ""


@dataclass(frozen=True)
class Block:
    """A top-level block of a page or of a directive's body; `directive` is empty for plain Markdown."""

    line: int
    directive: str = ""
    argument: str = ""
    label: str = ""


@dataclass
class Page:
    """A Markdown source, read."""

    front: dict[str, Any] | None = None
    front_error: str = ""
    titled: bool = False
    prose: list[Prose] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    glued: list[Named] = field(default_factory=list)
    givens: list[Named] = field(default_factory=list)
    maths: list[Named] = field(default_factory=list)
    levels: list[list[Block]] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)


@cache
def _parser() -> MarkdownIt:
    return create_md_parser(MdParserConfig(enable_extensions=set(EXTENSIONS)), RendererHTML)


@lru_cache(maxsize=4)  # several rules ask for the page that is being made
def read_page(text: str) -> Page:
    """Return the page that `text`, a MyST Markdown source, holds; not to be changed."""
    reader = _Reader(text.splitlines())
    reader.blocks(reader.source, 0)
    return reader.page


class _Reader:
    """Walks the blocks of a source, and of the directives in it, and fills a page."""

    def __init__(self, source: list[str]) -> None:
        self.source = source
        self.page = Page()
        self.env: dict[str, Any] = {}
        self.used: dict[int, int] = {}  # how far each line is used up: equal table cells are told apart

    def blocks(self, lines: list[str], base: int, depth: int = 0) -> None:
        """Read `lines`, of which the first is line `base` (from 0) of the source."""
        level: list[Block] = []
        self.page.levels.append(level)
        units: list[list[str] | Equation | None] = []  # a paragraph's citations, an equation, or else
        tokens = _parser().parse("\n".join(lines) + "\n", self.env)
        for i, token in enumerate(tokens):
            line = base + (token.map[0] if token.map else 0)
            if token.type in ("fence", "colon_fence"):
                level.append(self.fence(token, line, depth))
                units.append(self.equation(token, level[-1], line))
            elif token.type in _EQUATIONS:
                units.append(Equation(line + 1, 1, "", excerpt(token.content)))
            if (
                token.type not in ("fence", "colon_fence")
                and token.level == 0
                and token.nesting >= 0
                and token.type not in _INVISIBLE
            ):
                level.append(Block(line))
            if token.type == "inline":
                cites = self.inline(token.content, token.children or [], line)
                units.append(cites if tokens[i - 1].type == "paragraph_open" else None)
            elif token.type == "heading_open" and token.tag == "h1" and depth == 0:
                self.page.titled = True
            elif token.type == "html_block":
                self.html(token.content, line)
            elif token.type == "front_matter" and depth == 0 and i == 0:
                self.front(token.content)
        self.cited(units)

    def equation(self, token: Token, block: Block, line: int) -> Equation | None:
        """Read a fenced block that shows an equation; those in reStructuredText are noted at once."""
        content = token.content
        if block.directive == "eval-rst":
            self.page.equations += rst_equations(content, line + 2)
        if block.directive not in ("math", "glue:math"):
            return None
        options, body = _split_options(content.splitlines())
        return Equation(line + 1, 1, kind_of(options), excerpt(" ".join([block.argument, *body])))

    def cited(self, units: list[list[str] | Equation | None]) -> None:
        """Note the equations among neighbours, with the keys cited in the paragraphs before and after."""
        for i, unit in enumerate(units):
            if isinstance(unit, Equation):
                beside = units[max(i - 1, 0) : i] + units[i + 1 : i + 2]
                unit.cites = tuple(key for keys in beside if isinstance(keys, list) for key in keys)
                self.page.equations.append(unit)

    def front(self, content: str) -> None:
        """Read the YAML at the head of the page."""
        try:
            front = yaml.safe_load(content)
        except yaml.YAMLError as error:
            self.page.front_error = " ".join(str(error).split())
            return
        self.page.front = front if isinstance(front, dict) else {}

    def fence(self, token: Token, line: int, depth: int) -> Block:
        """Read a fenced block: code is left alone, a directive's argument and body are read on."""
        info = _INFO.match(token.info.strip())
        if info is None:
            return Block(line)
        name, argument = info["name"], info["argument"].strip()
        if name == "code-cell":
            self.cell(token.content, line)
            return Block(line, name)
        options, body = _split_options(token.content.splitlines())
        if name == "glue" or name.startswith("glue:"):
            self.glue(argument, line, self.source[line].find(argument))
        if name == "gpu-runs":
            for number, row in enumerate(self.source[line + 1 : line + 1 + len(token.content.splitlines())]):
                self.glue(row.partition("|")[0], line + 1 + number, 0)
        if name not in _NO_PROSE:
            if argument and name not in _ARGUMENT_IS_NO_PROSE:
                # Parsed as a paragraph of its own, so that "1. Title" does not become a list.
                self.inline(argument, _parser().parseInline(argument, self.env)[0].children or [], line)
            start = len(token.content.splitlines()) - len(body)
            self.blocks(body, line + 1 + start, depth + 1)
        return Block(line, name, argument, str(options.get("label") or ""))

    def cell(self, content: str, line: int) -> None:
        """Read a code cell as MyST-NB does."""
        read = parse_directive_text(_CodeCell, "", content, validate_options=False)
        unreadable = str(read.warnings[0].msg) if read.warnings else ""
        cell = Cell("\n".join(read.body), line + 2 + read.body_offset, read.options, line + 1, unreadable)
        self.page.cells.append(cell)
        figure = (read.options.get("mystnb") or {}).get("figure") if _is_nested(read.options) else None
        if isinstance(figure, dict) and figure.get("caption"):
            self.caption(str(figure["caption"]), line, line + 1 + read.body_offset)

    def caption(self, caption: str, first: int, last: int) -> None:
        """Read a caption that stands in a cell's options, where YAML may have folded its lines."""
        head = next((n for n in range(first, last) if "caption:" in self.source[n]), first)
        for token in _parser().parse(caption, self.env):
            if token.type == "inline":
                lines = [self.source[n].strip() for n in range(head, last)]
                words = caption.split()
                offset = next((n for n, text in enumerate(lines) if words and words[0] in text.split()), 0)
                self.inline(token.content, token.children or [], head + offset)

    def inline(self, content: str, children: Iterable[Token], line: int) -> list[str]:
        """Read one paragraph, heading or table cell that starts on `line`; return the keys it cites."""
        seen = flatten(content, list(children))
        cites: list[str] = []
        places = _Places(self.source, self.used, content, line)
        self.page.prose.append(Prose(seen.text, seen.code, [places.of(offset) for offset in seen.offsets]))
        for name, text, offset in seen.roles:
            row, column = places.of(offset)
            if name == "glue" or name.startswith("glue:"):
                self.glue(text, row - 1, column - 1)
            elif name == "given":
                self.page.givens.append(Named(text, row, column))
            elif name == "cite" or name.startswith("cite:"):
                cites += cite_keys(text)
        self.page.maths += [Named(latex, *places.of(offset)) for latex, offset in seen.maths]
        for offset, latex in in_text(content):
            self.page.equations.append(Equation(*places.of(offset), "", excerpt(latex)))
        return cites

    def glue(self, text: str, line: int, column: int) -> None:
        """Note a glued name; a name of another page (``other.md::name``) is that page's business."""
        key = _GLUE_KEY.fullmatch(text.strip())
        if key:
            self.page.glued.append(Named(key["key"], line + 1, max(column, 0) + 1))

    def html(self, content: str, line: int) -> None:
        """Read the text between the tags of an HTML block."""
        shown = _NOT_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), content)
        for number, row in enumerate(shown.splitlines()):
            places = [(line + number + 1, column + 1) for column in range(len(row))]
            self.page.prose.append(Prose(row, [], places))


_EQUATIONS = frozenset({"math_block", "math_block_label", "amsmath"})
_INVISIBLE = frozenset({"front_matter", "myst_block_break", "myst_line_comment", "myst_target", "html_block"})


class _CodeCell(Directive):
    """What MyST-NB tells its option reader of a code cell."""

    required_arguments = 0
    optional_arguments = 1
    option_spec: ClassVar = {"options": str}
    has_content = True


def _is_nested(options: dict[str, Any]) -> bool:
    return isinstance(options.get("mystnb"), dict)


def _split_options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take a directive's options off the lines of its content."""
    if lines and lines[0].startswith("---"):
        end = next((n for n in range(1, len(lines)) if lines[n].startswith("---")), len(lines))
        head, body = [":" + line for line in lines[1:end]], lines[end + 1 :]
    else:
        end = next((n for n, line in enumerate(lines) if not _OPTION.match(line)), len(lines))
        head, body = lines[:end], lines[end:]
    pairs = [line.strip()[1:].partition(":") for line in head]
    return {name.strip(): value.strip() for name, _, value in pairs}, body


class _Places:
    """Turns an offset in a paragraph's content into line and column of the source, both from 1."""

    def __init__(self, source: list[str], used: dict[int, int], content: str, line: int) -> None:
        self.line = line
        self.starts: list[int] = []
        self.columns: list[int] = []
        start = 0
        for number, text in enumerate(content.split("\n")):
            row = line + number
            raw = source[row] if row < len(source) else ""
            column = raw.find(text.strip(), used.get(row, 0))
            # Indentation and markers of lists and quotations are not part of the content.
            self.columns.append(max(column, 0) - (len(text) - len(text.lstrip())))
            if column >= 0:
                used[row] = column + len(text.strip())
            self.starts.append(start)
            start += len(text) + 1

    def of(self, offset: int) -> tuple[int, int]:
        number = bisect_right(self.starts, offset) - 1
        return self.line + number + 1, max(self.columns[number] + offset - self.starts[number], 0) + 1
