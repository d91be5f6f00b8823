"""The Python that marks answers in the reader's browser: this project's own package, and what it runs on.

Three things are put into one folder of the site, under names that change with their content: a wheel of
`dlbook.answers` made from the very files that the tests test, the two libraries that it imports, and Pyodide,
the Python for browsers. Pyodide comes from npm, pinned by version and checksum, and is kept in the cache.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import dlbook
from dlbook.site.project import BuildError
from dlbook.site.records import write_atomically
from dlbook.site.vendor import fetch_npm

PYODIDE = ("pyodide", "314.0.7", "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0")
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
LIBRARIES = ("mpmath", "latex2mathml")
FOLDER = "_static/answers"
LISTING = "marker.json"
_REASON = ".no-marker"  # why there is none


@dataclass(frozen=True)
class Marker:
    """What the worker loads.

    Parameters
    ----------
    files : mapping of str to bytes
        Path under :data:`FOLDER`, and content.
    runtime : str
        Folder of Pyodide in it, ending in a slash.
    archives : tuple of str
        Path and format of what is to be unpacked there: the wheel, then the libraries.
    """

    files: Mapping[str, bytes]
    runtime: str
    archives: tuple[str, ...]

    def listing(self) -> str:
        """Write for the worker, in JSON, what there is and how long each file is."""
        sizes = {name: len(content) for name, content in self.files.items()}
        return (
            json.dumps({"files": sizes, "runtime": self.runtime, "archives": self.archives}, indent=1) + "\n"
        )


def install(site: Path) -> str:
    """Put all that the worker loads into a site, unless it is there already.

    The folder of a site whose sources have changed is removed before it is made anew, so that what is there
    is of the present sources.

    Parameters
    ----------
    site : Path
        The folder of the finished site.

    Returns
    -------
    str
        Why it could not be put there; empty when all is well.
    """
    folder = site / FOLDER
    if not missing(site):
        return ""
    try:
        made = marker()
    except BuildError as error:
        write_atomically(folder / _REASON, f"{error}\n")
        return str(error)
    for name, content in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    write_atomically(folder / LISTING, made.listing())
    (folder / _REASON).unlink(missing_ok=True)
    return ""


def missing(site: Path) -> str:
    """Tell what a site lacks for marking by Python.

    Parameters
    ----------
    site : Path
        The folder of the finished site.

    Returns
    -------
    str
        The reason; empty when nothing is missing.
    """
    folder = site / FOLDER
    try:
        files = json.loads((folder / LISTING).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        reason = folder / _REASON
        return (
            reason.read_text(encoding="utf-8").strip()
            if reason.is_file()
            else "make book has not put it there"
        )
    # Names hold the content's fingerprint, so the length tells of a copy that was cut short.
    lost = [name for name, size in files.items() if not _has_size(folder / name, size)]
    return f"{FOLDER}/{lost[0]} is missing or cut short" if lost else ""


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


@functools.cache
def marker() -> Marker:
    """Make all that the worker loads.

    Returns
    -------
    Marker
        The same bytes for the same sources and versions.

    Raises
    ------
    BuildError
        If Pyodide is neither in the cache nor to be had.
    """
    wheel_name, wheel = make_wheel(Path(dlbook.__file__).parent)
    libraries = make_archive(_library_files())
    own = f"python-{_fingerprint(wheel + libraries)}"
    runtime = f"pyodide-{PYODIDE[1]}-{PYODIDE[2][:8]}"
    files = {f"{own}/{wheel_name}": wheel, f"{own}/libraries.zip": libraries}
    files |= {f"{runtime}/{name}": content for name, content in runtime_files().items()}
    return Marker(files, f"{runtime}/", (f"{own}/{wheel_name}", f"{own}/libraries.zip"))


def make_wheel(package: Path) -> tuple[str, bytes]:
    """Make a wheel of the part of the package that marks answers.

    Parameters
    ----------
    package : Path
        The folder ``dlbook``.

    Returns
    -------
    name : str
        The wheel's file name.
    content : bytes
        Holds ``dlbook/__init__.py``, ``dlbook/page.py``, ``dlbook/answers`` and what a wheel says of itself.
    """
    number = _own_version()
    info = f"dlbook_answers-{number}.dist-info"
    sources = [package / "__init__.py", package / "page.py", *(package / "answers").rglob("*.py")]
    files = {f"dlbook/{p.relative_to(package).as_posix()}": p.read_bytes() for p in sources}
    licence = package.parents[1] / "LICENSE"
    if licence.is_file():
        files[f"{info}/licenses/LICENSE"] = licence.read_bytes()
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: dlbook-answers\nVersion: {number}\n"
        'Summary: Marks the exercises of the textbook "Deep Learning, Checked"\n'
        "License: MIT\nRequires-Python: >=3.11\n" + "".join(f"Requires-Dist: {name}\n" for name in LIBRARIES)
    ).encode()
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: dlbook.site.marker\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [f"{name},sha256={_urlsafe(content)},{len(content)}" for name, content in sorted(files.items())]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    return f"dlbook_answers-{number}-py3-none-any.whl", make_archive(files)


def make_archive(files: Mapping[str, bytes]) -> bytes:
    """Zip files so that equal content gives equal bytes.

    Parameters
    ----------
    files : mapping of str to bytes
        Path and content.

    Returns
    -------
    bytes
        The archive, without times or owners.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _library_files() -> dict[str, bytes]:
    """Collect the libraries as they are installed, without their tests; licences included."""
    found = {}
    for name in LIBRARIES:
        for path in distribution(name).files or []:
            parts = path.parts
            wanted = parts[0] == name and path.suffix in (".py", ".txt") and "tests" not in parts
            if wanted or (path.suffix == "" and parts[0].endswith(".dist-info") and _is_paper(path.name)):
                found[path.as_posix()] = Path(str(path.locate())).read_bytes()
    return found


def _is_paper(name: str) -> bool:
    """Whether a file of the distribution's own folder tells its version or licence."""
    return name == "METADATA" or name.upper().startswith(("LICENSE", "LICENCE", "COPYING"))


def runtime_files() -> dict[str, bytes]:
    """Take what the page needs out of Pyodide's npm package.

    Returns
    -------
    dict of str to bytes
        Name and content.

    Raises
    ------
    BuildError
        If the package cannot be had.
    """
    package = fetch_npm(*PYODIDE)
    return {name: (package / name).read_bytes() for name in RUNTIME}


def _own_version() -> str:
    """Look up the version of the installed package."""
    try:
        return version("dlbook")
    except PackageNotFoundError:
        return "0"


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _urlsafe(content: bytes) -> str:
    """Give the checksum as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
