"""What the linter can say: its rules, each with an id, a sentence and a remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One thing that the linter looks for; `message` and `fix` are templates over `what` and `declared`."""

    id: str
    message: str
    fix: str
    warning: bool = False


def _table(*rules: Rule) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


RULES = _table(
    Rule(
        "DL001",
        'typed-in result "{what}" in prose',
        "record it in a cell and use {{glue:text}}, or declare a given number with {declared}",
    ),
    Rule(
        "DL002",
        'code span "{what}" holds only a number, which hides a typed-in result',
        "record it in a cell and use {{glue:text}}, declare a given number with {declared}, "
        "or write the code that the number belongs to",
    ),
    Rule(
        "DL003",
        'the role {{given}} holds "{what}", which is not one number with an optional unit',
        "give each number a role of its own, such as {{given}}`0.1` or {{given}}`60 %`",
    ),
    Rule(
        "DL004",
        'the arithmetic "{what}" does not come out',
        "mend it; where a side is rounded, write \\approx instead of =",
    ),
    Rule(
        "DL005",
        'typed-in result "{what}" in a formula',
        "write the arithmetic that leads to it ($0.6 \\cdot 0.6 = 0.36$), which is done again here; record "
        "it in a cell and use {{glue:text}}; or declare a given number with {declared}",
    ),
    Rule(
        "DL101",
        "front matter lacks {what}",
        "begin the page with a jupytext header (format_name: myst) and a kernelspec (name: python3)",
    ),
    Rule(
        "DL102", "the page has no title", "give it one top-level heading, '# ...', or title: in front matter"
    ),
    Rule("DL103", "front matter cannot be read: {what}", "write it as YAML between two lines of '---'"),
    Rule("DL201", "code cell of {what} lines", "keep a cell to 20 lines; long code belongs in src/dlbook"),
    Rule("DL205", "line of code of {what} characters", "break it; beyond 88 no page shows it whole"),
    Rule("DL202", "code cell is not Python: {what}", "mend the cell; other languages belong in a code block"),
    Rule(
        "DL203",
        "code cell draws a figure ({what}) without alt text",
        "say what the figure shows in the cell's options: mystnb: image: alt",
    ),
    Rule("DL204", "cell options cannot be read: {what}", "write them as YAML between two lines of '---'"),
    Rule(
        "DL301",
        'glue of "{what}", which no cell of this page records',
        "record({what}=...) in a cell before it, or mend the name",
    ),
    Rule("DL302", '"{what}" is recorded but never used in the prose', "use it or drop it", warning=True),
    Rule(
        "DL303",
        "names recorded here cannot be seen ({what}), so glued names go unchecked",
        "write the names out: record(name=...)",
        warning=True,
    ),
    Rule(
        "DL401",
        "exercise {what} has no solution right after it",
        "put {{solution-start}} (or {{solution}}) with the exercise's label as the next block",
    ),
    Rule("DL402", "exercise has no label", "add ':label: name', so that its solution can name it"),
    Rule("DL403", "{what} is never closed", "add the matching -end directive"),
    Rule(
        "DL501",
        "displayed equation ({what}) is neither checked nor declared",
        "check it with a Derivation, or declare it in a {{math}} directive: ':class: definition' for an "
        "equation that introduces a symbol, ':class: cited' for a result taken from a source",
    ),
    Rule(
        "DL502",
        "displayed equation ({what}) claims to be a definition and cited",
        "keep one: 'definition' if it introduces a symbol here, 'cited' if the result is a source's",
    ),
    Rule(
        "DL503",
        "cited equation ({what}) without a source",
        "name it with {{cite}}`key` in the paragraph right before or right after the equation",
    ),
    Rule(
        "DL504",
        "cited equation names {what}, which references.bib does not hold",
        "add the source to references.bib, or mend the key",
    ),
)


@dataclass(frozen=True, order=True)
class Finding:
    """A rule broken at a place (line and column count from 1)."""

    line: int
    column: int
    rule: str
    what: str = ""
    declared: str = "{given}`...`"

    @property
    def is_error(self) -> bool:
        """Whether the finding fails the run; a warning does not."""
        return not RULES[self.rule].warning

    def render(self, path: str) -> str:
        """Return the finding as one line of the linter's report."""
        rule = RULES[self.rule]
        values = {"what": self.what, "declared": self.declared}
        level = "warning: " if rule.warning else ""
        message, fix = rule.message.format(**values), rule.fix.format(**values)
        return f"{path}:{self.line}:{self.column}: {rule.id} {level}{message}; {fix}"
