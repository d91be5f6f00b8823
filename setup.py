"""What pyproject.toml cannot say: an installed package brings the chapters' answer keys along.

The keys lie beside their chapters in book/; a copy of them goes into the package when it is built, so that a
notebook can mark answers where there is no checkout, in Colab for instance. With them goes a list of the
sections that they send a reader to.
"""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithKeys(build_py):
    """Copies the files of answer keys, with their folders, next to the code that reads them."""

    def run(self) -> None:
        """Build the package, then add the keys; an editable install reads them where they are."""
        super().run()
        if self.editable_mode:
            return
        book = Path(__file__).resolve().parent / "book"
        for source in sorted(book.rglob("*.answers.toml")):
            target = Path(self.build_lib, "dlbook", "answers", "_keys", source.relative_to(book))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        # By its file: importing the package would need what it depends on.
        sections = runpy.run_path(str(book.parent / "src" / "dlbook" / "answers" / "sections.py"))
        keys = Path(self.build_lib, "dlbook", "answers", "_keys")
        keys.mkdir(parents=True, exist_ok=True)
        (keys / sections["LISTING"]).write_text(sections["as_json"](book), encoding="utf-8")


setup(cmdclass={"build_py": BuildWithKeys})
