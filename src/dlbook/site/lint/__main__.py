"""Lint chapters: ``python -m dlbook.site.lint [file or folder ...]`` (default: the folder ``book``).

Exit status: 0 without errors (warnings allowed), 1 with errors, 2 when a path cannot be read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from dlbook.site.lint.check import lint_file
from dlbook.site.lint.findings import Finding


def sources(paths: Iterable[Path]) -> list[Path]:
    """Return the Markdown files at `paths`; in folders, names that begin with _ or . are passed over.

    Raises
    ------
    FileNotFoundError
        When a path does not exist.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(f for f in path.rglob("*.md") if not _private(f.relative_to(path)))
        elif path.exists():
            files.append(path)
        else:
            raise FileNotFoundError(
                f"{path}: no such file or folder; give Markdown files or folders that hold them"
            )
    return files


def _private(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)


def _lint(file: Path) -> list[Finding]:
    try:
        return lint_file(file)
    except UnicodeDecodeError as error:
        raise OSError(
            f"{file}: not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint the paths on the command line and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m dlbook.site.lint", description="Lint the book's chapters."
    )
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("book")], help="files or folders (book)")
    errors = warnings = 0
    try:
        files = sources(parser.parse_args(arguments).paths)
        for file in files:
            for finding in _lint(file):
                print(finding.render(str(file)))
                errors += finding.is_error
                warnings += not finding.is_error
    except OSError as error:
        print(f"lint: {error}", file=sys.stderr)
        return 2
    counts = (_count(len(files), "file"), _count(errors, "error"), _count(warnings, "warning"))
    print(f"lint: {', '.join(counts)}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
