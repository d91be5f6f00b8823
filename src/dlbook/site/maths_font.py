"""The font and the stylesheet of the formulas: as small as the book allows, made from the pages themselves.

The font is STIX Two Math under the SIL Open Font License. It is cut down to what textbooks use, so that
its file stays the same from build to build; characters beyond that are added where a page has them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dlbook.site.keys import file_digest
from dlbook.site.memory import recall
from dlbook.site.project import BuildError
from dlbook.site.records import digest
from dlbook.site.typeset import TEMML
from dlbook.site.vendor import fetch_npm

FONT, STYLE = "stix-two-math.woff2", "maths.css"
_OWN = Path(__file__).with_name("maths.css")

# Ranges first, then single signs. Letters of <mi> are shown as their italic counterparts, hence those blocks.
_RANGES = (
    (0x20, 0x7E),
    (0x391, 0x3C9),  # Greek
    (0x1D400, 0x1D467),  # bold and italic Latin
    (0x1D49C, 0x1D4B5),  # script capitals
    (0x1D6A4, 0x1D6A5),  # italic i and j without dots
    (0x1D6E2, 0x1D71B),  # italic Greek
    (0x1D7CE, 0x1D7D7),  # bold digits
    (0x2061, 0x2063),  # invisible operators
)
_SIGNS = (
    "\u00a0\u2009¬°±·×÷¯´ˆˇ˘˙˜ϑϕϵℎℓ–—‘’“”†•…′″‴ℂℕℝℤ𝔼ℬℰℱℋℐℒℳℛ\u0338\u0302\u0303\u0304\u20d7"
    "←↑→↓↔↦⇐⇒⇔⟵⟶⟹⟺∀∂∃∅∆∇∈∉∋∏∑−∓∗∘√∝∞∣∥∧∨∩∪∫∬∮∼≃≅≈≔≜≝≠≡≤≥≪≫≲≳≺≻⊂⊃⊆⊇⊕⊗⊘⊙⊢⊤⊥⊨⋀⋁⋂⋃⋄⋅⋆⋮⋯⋱"
    "⌈⌉⌊⌋⏞⏟⟂⟦⟧⟨⟩⨁⨂⪯⪰‖"
)
# What has forms of its own for indices and exponents; for other signs the plain form, made smaller, will do.
_IN_SCRIPTS = ((0x20, 0x7E), (0x3B1, 0x3C9), (0x1D434, 0x1D467), (0x1D6FC, 0x1D71B))
_SIGNS_IN_SCRIPTS = "ℎ′″‴−×∗⊤ℓ"


def on_pages(pages: Iterable[str]) -> tuple[set[str], set[str]]:
    """Find what the formulas on pages need.

    Parameters
    ----------
    pages : iterable of str
        Their HTML.

    Returns
    -------
    characters : set of str
        All that occur in a formula.
    classes : set of str
        All classes in a formula.

    Examples
    --------
    >>> on_pages(['<p>w</p><math alttext="z"><mo class="a">&lt;</mo></math>'])
    ({'<'}, {'a'})
    """
    characters: set[str] = set()
    classes: set[str] = set()
    for page in pages:
        signs, names = recall("formulas", page, lambda page=page: _on_page(page))  # type: ignore[misc]
        characters.update(signs)
        classes.update(names)
    return characters, classes


def _on_page(page: str) -> tuple[list[str], list[str]]:
    """Find the characters and classes in the formulas of one page."""
    characters: set[str] = set()
    classes: set[str] = set()
    for formula in re.findall(r"<math\b.*?</math>", page, re.S):
        characters.update(html.unescape(re.sub(r"<[^>]*>", "", formula)))
        for names in re.findall(r' class="([^"]*)"', formula):
            classes.update(names.split())
    return sorted(characters), sorted(classes)


def font(characters: set[str], folder: Path) -> bytes:
    """Cut the font down.

    Parameters
    ----------
    characters : set of str
        What it must have on top of what textbooks use.
    folder : Path
        Where cut fonts are kept.

    Returns
    -------
    bytes
        In the format WOFF2, with its table of measures for formulas and all larger forms of its signs.
    """
    whole = _whole_font()
    wanted = _usual() | {ord(c) for c in characters}
    kept = folder / f"font-{digest([file_digest(whole), sorted(wanted), _SIGNS_IN_SCRIPTS, 1])[:16]}.woff2"
    if kept.exists():
        return kept.read_bytes()
    # A second to import, and needed only when the characters change.
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(
        hinting=False,
        layout_features=["ssty", "ss01", "ss04"],  # forms in scripts, \\mathscr, primes
        name_IDs=[0, 1, 2, 5, 13, 14],
        drop_tables=["DSIG", "GPOS", "GDEF"],
    )
    face = TTFont(whole, recalcTimestamp=False)  # so that the same characters give the same bytes
    _drop_script_forms(face)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(wanted))
    cutter.subset(face)
    face.flavor = "woff2"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("font-*.woff2"):
        old.unlink()
    part = kept.with_suffix(".part")
    face.save(part)
    part.replace(kept)
    return kept.read_bytes()


def _whole_font() -> Path:
    """Find the font in a package that brings it; what that is for, formulas as pictures, is not asked for."""
    spec = find_spec("ziamath")
    path = Path(spec.origin).parent / "fonts" / "STIXTwoMath-Regular.ttf" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise BuildError("the font STIX Two Math is missing; run make book, which installs ziamath with it")
    return path


def _drop_script_forms(face: Any) -> None:
    """Take the forms for scripts off the signs that do without: they are a third of the file."""
    names = face.getBestCmap()
    codes = {code for first, last in _IN_SCRIPTS for code in range(first, last + 1)}
    keep = {names.get(code) for code in codes | {ord(c) for c in _SIGNS_IN_SCRIPTS}}
    table = face["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != "ssty":
            continue
        for index in record.Feature.LookupListIndex:
            for part in table.LookupList.Lookup[index].SubTable:
                forms = getattr(part, "ExtSubTable", part).alternates
                for name in [n for n in forms if n not in keep]:
                    del forms[name]


def stylesheet(classes: set[str], styles: Mapping[str, str]) -> str:
    """Write the stylesheet of the formulas.

    Parameters
    ----------
    classes : set of str
        Those that occur on the pages.
    styles : mapping of str to str
        Declarations of the classes that stand for style attributes.

    Returns
    -------
    str
        Temml's own rules, the font, and one rule for each such class that occurs.
    """
    rules = "".join(f"math .{name} {{ {styles[name]} }}\n" for name in sorted(classes & set(styles)))
    # Optional: a font that is late is left for the next page, since to swap it in would move the text.
    face = (
        f'@font-face {{\n  font-family: STIX2;\n  src: url("{FONT}") format("woff2");\n'
        "  font-display: optional;\n}\n"
    )
    return f"{_temml_style()}\n{face}\n{rules}\n{_OWN.read_text(encoding='utf8')}"


@cache
def _usual() -> frozenset[int]:
    """Give what every book of this kind may use."""
    return frozenset(
        {code for first, last in _RANGES for code in range(first, last + 1)} | {ord(c) for c in _SIGNS}
    )


@cache
def _temml_style() -> str:
    """Give Temml's stylesheet, less its font and its way to break lines, which spoils the layout."""
    package = fetch_npm(*TEMML)
    text = (package / "dist" / "Temml-STIX2.css").read_text(encoding="utf8")
    for unwanted in (
        r"/\*\nXITS.*?\*/",
        r"@font-face \{.*?\}",
        r"/\* flex-wrap for.*?(?=/\* Default mtd)",
        r"/\* Avoid flex-wrap \*/\s*math \{.*?\}\s*math > mrow \{.*?\}",
        r"/\* AMS environment.*",
    ):
        text, found = re.subn(unwanted, "", text, flags=re.S)
        if found != 1:
            raise BuildError(f"Temml's stylesheet is not as it was: {unwanted!r} matches {found} times")
    text = re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.S)).strip()
    return f"/* Temml {TEMML[1]}, temml.org, MIT licence */\n{text}\n"
