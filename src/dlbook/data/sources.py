"""Where a set comes from: ``$DLBOOK_DATA``, then the user's cache, then a download.

Importing this module imports no torch: the build asks `locate` and `fetch` before it starts kernels.

Environment
-----------
DLBOOK_DATA
    A folder with datasets, laid out as in torchvision (``MNIST/raw/...``).
DLBOOK_CACHE
    Where downloads go; the platform's cache folder if unset.
DLBOOK_OFFLINE
    ``1``: do not try to download.
DLBOOK_DATA_STRICT
    ``1``: an error where the embedded digits would stand in.
"""

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from dlbook.data.checksums import fingerprint, verify
from dlbook.data.download import download
from dlbook.data.errors import DataCorrupt, DataError, DataUnavailable, DownloadFailed
from dlbook.data.registry import Entry, File, Variant, addresses_of, lookup, variants_of

_FIX_USER = (
    "Replace it by the published file, or remove it from $DLBOOK_DATA to have the set looked for elsewhere."
)
_FIX_CACHE = "Load the set again: the cache then brings it afresh."


@dataclass(frozen=True)
class Located:
    """A verified set on this machine.

    Attributes
    ----------
    name
        As in `load`.
    source
        ``"DLBOOK_DATA"``, ``"cache"``, ``"download"`` or ``"embedded"``.
    root
        The data folder; None for the embedded digits.
    variant
        Which form of the set was found, with its files.
    fingerprint
        Changes whenever the content does; equals `Dataset.sha256`, except for the embedded digits,
        where it is scikit-learn's version.
    """

    name: str
    source: str
    root: Path | None
    variant: Variant
    fingerprint: str

    @property
    def remedy(self) -> str:
        """What to do about a damaged file of this set."""
        return _FIX_USER if self.source == "DLBOOK_DATA" else _FIX_CACHE


def flag(name: str) -> bool:
    """Tell whether an environment variable is switched on."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def user_folder() -> Path | None:
    """``$DLBOOK_DATA`` as a folder, or None when unset; `DataError` when it is not a folder."""
    value = os.environ.get("DLBOOK_DATA", "")
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise DataError(
            f"DLBOOK_DATA is set to {value!r}, which is not a folder (looked at {folder.absolute()}; a "
            "relative path starts at the current folder). Correct it, or unset it."
        )
    return folder


def cache_folder() -> Path:
    """``$DLBOOK_CACHE``, or the platform's cache folder for this book; need not exist."""
    value = os.environ.get("DLBOOK_CACHE", "")
    if value:
        return Path(value).expanduser()
    import pooch

    return Path(pooch.os_cache("dlbook"))


def locate(name: str) -> Located | None:
    """Tell which source on this machine would serve a set now, without network and without torch.

    Parameters
    ----------
    name
        One of `names`.

    Returns
    -------
    Located or None
        None when the set would have to be downloaded (or the digits would stand in for it). A damaged
        copy in the cache counts as absent.

    Raises
    ------
    UnknownDataset
        There is no set of that name.
    DataCorrupt
        ``$DLBOOK_DATA`` holds the set with a wrong checksum, or only part of it.

    Examples
    --------
    >>> locate("digits").source
    'embedded'
    """
    entry = lookup(name)
    if not variants_of(entry):
        variant = Variant("embedded", ())
        return Located(name, "embedded", None, variant, f"scikit-learn-{version('scikit-learn')}")
    return _in_user_folder(entry) or _in_cache(entry, "cache")


def fetch(name: str) -> Located | None:
    """Locate a set, downloading it into the cache where it is on none of this machine's folders.

    Parameters
    ----------
    name
        One of `names`.

    Returns
    -------
    Located or None
        None when the set cannot be had (`load` then says why). Under ``DLBOOK_OFFLINE=1`` nothing is
        downloaded.

    Raises
    ------
    UnknownDataset, DataCorrupt
        As `locate`.

    Examples
    --------
    >>> fetch("digits").variant.label
    'embedded'
    """
    try:
        return obtain(lookup(name))
    except DataUnavailable:
        return None


def obtain(entry: Entry) -> Located:
    """As `fetch`, but with `DataUnavailable` and its reason where the set cannot be had."""
    found = locate(entry.name)
    if found is not None:
        return found
    cache = cache_folder()
    damaged = _discard_damaged(entry, cache)
    if damaged and (found := _in_cache(entry, "cache")):
        return found  # another form of the set was whole
    try:
        _download_set(entry, cache)
    except DownloadFailed as error:
        raise _unavailable(entry, cache, error, damaged) from error
    found = _in_cache(entry, "download")
    if found is None:
        gone = DownloadFailed("its files were changed by another process", "changed while loading")
        raise _unavailable(entry, cache, gone, damaged)
    return found


def _in_user_folder(entry: Entry) -> Located | None:
    """Find the set in ``$DLBOOK_DATA``; what is there must be right and complete."""
    root = user_folder()
    if root is None:
        return None
    try:
        found = _find(entry, root, "DLBOOK_DATA", _FIX_USER)
        if found is None and (part := _partly_there(entry, root)):
            raise DataCorrupt(
                f"{entry.name} in DLBOOK_DATA ({root}) is incomplete: {', '.join(part)} missing. Add what is "
                "missing, or remove the set to have it looked for elsewhere."
            )
    except OSError as error:
        raise DataError(f"{entry.name} in DLBOOK_DATA ({root}) cannot be read: {error}.") from error
    return found


def _in_cache(entry: Entry, source: str) -> Located | None:
    """Find the set in the cache; a damaged or unreadable copy counts as absent."""
    try:
        return _find(entry, cache_folder(), source, _FIX_CACHE)
    except (DataCorrupt, OSError):
        return None


def _find(entry: Entry, root: Path, source: str, remedy: str) -> Located | None:
    """Find the first form of the set that lies complete below `root`, verified."""
    for variant in variants_of(entry):
        if all((root / file.path).is_file() for file in variant.files):
            digests = {file.path: verify(root, file, remedy) for file in variant.files}
            return Located(entry.name, source, root, variant, fingerprint(digests))
    return None


def _partly_there(entry: Entry, root: Path) -> list[str]:
    """List what the most nearly complete form of the set lacks; empty if nothing is there."""

    def missing(variant: Variant) -> list[str]:
        return [file.path for file in variant.files if not (root / file.path).is_file()]

    begun = [v for v in variants_of(entry) if len(missing(v)) < len(v.files)]
    return min((missing(v) for v in begun), key=len, default=[])


def _discard_damaged(entry: Entry, cache: Path) -> bool:
    """Remove wrong files from the cache, and tell whether there were any."""
    damaged = False
    for file in (file for variant in variants_of(entry) for file in variant.files):
        try:
            if (cache / file.path).is_file():
                verify(cache, file, _FIX_CACHE)
        except DataCorrupt:
            damaged = True
            _remove(cache / file.path)
        except OSError:
            continue  # not readable: the download will say so
    return damaged


def _remove(path: Path) -> None:
    """Remove a file where that is allowed; pooch replaces what could not be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _download_set(entry: Entry, cache: Path) -> None:
    """Download the first form of the set whose files are all served."""
    served = _served(entry)
    if not served:
        raise DownloadFailed(
            f"the book's copy was made from {entry.homepage} and is served nowhere as it is", "served nowhere"
        )
    if flag("DLBOOK_OFFLINE"):
        raise DownloadFailed("DLBOOK_OFFLINE forbids downloads", "DLBOOK_OFFLINE is set")
    for file, addresses in served.items():
        download(file, addresses, cache)


def _served(entry: Entry) -> dict[File, tuple[str, ...]]:
    """Files and addresses of the first form of the set whose files are all served; else nothing."""
    for variant in variants_of(entry):
        addresses = {file: addresses_of(entry, file) for file in variant.files}
        if all(addresses.values()):
            return addresses
    return {}


def _unavailable(entry: Entry, cache: Path, error: DownloadFailed, damaged: bool) -> DataUnavailable:
    """Tell the whole story, with the remedy."""
    served = list(_served(entry))
    wanted = served or list(variants_of(entry)[-1].files)
    listed = ", ".join(file.path for file in wanted[:3]) + (", ..." if len(wanted) > 3 else "")
    message = (
        f"{entry.name} is not available. $DLBOOK_DATA: {'not found there' if user_folder() else 'not set'}; "
        f"cache ({cache}): {'damaged, now removed' if damaged else 'not found'}; download: {error}. "
        f"To have it, put {listed} ({'from' if served else 'made from'} {entry.homepage}) into a folder "
        "and set DLBOOK_DATA to that folder"
        f"{', or load it once with a network' if served else ''}."
    )
    reason = f"cached copy damaged and removed; {error.reason}" if damaged else error.reason
    return DataUnavailable(message, reason)
