"""The chapter linter: it finds typed-in results and other slips in the book's Markdown sources.

``python -m dlbook.site.lint [paths]`` prints one line a finding and exits with 1 when there is an error.
The rules, with their ids, are the table in :mod:`dlbook.site.lint.findings`.
"""

from dlbook.site.lint.check import lint_file, lint_text
from dlbook.site.lint.findings import RULES, Finding, Rule
from dlbook.site.lint.numbers import is_given

__all__ = ["RULES", "Finding", "Rule", "is_given", "lint_file", "lint_text"]
