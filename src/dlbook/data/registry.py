"""What the book knows about each dataset: files, checksums, splits, terms.

Nothing here imports torch, and nothing touches the disk or the network.
"""

import difflib
from dataclasses import dataclass

from dlbook.data.errors import UnknownDataset


@dataclass(frozen=True)
class File:
    """One file: where it lies below a data folder, its checksum (``alg:hex``), where it is served."""

    path: str
    digest: str
    urls: tuple[str, ...] = ()

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Variant:
    """One complete form of a set, for instance packed or unpacked; all its files are needed."""

    label: str
    files: tuple[File, ...]
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One dataset.

    `variants` are in order of preference. `torchvision` names the torchvision class whose published
    addresses apply. `shape` is (C, H, W) of an image-classification set for which the embedded digits
    can stand in. `sized` says that `load` takes ``size=``.
    """

    name: str
    splits: tuple[str, ...]
    licence: str
    citation: str
    homepage: str
    variants: tuple[Variant, ...] = ()
    torchvision: str = ""
    shape: tuple[int, int, int] | None = None
    sized: bool = False


def names() -> tuple[str, ...]:
    """Names that `load` takes.

    Returns
    -------
    tuple of str
        In the order of the book's data page.

    Examples
    --------
    >>> from dlbook.data import names
    >>> names()[:3]
    ('mnist', 'fashion-mnist', 'cifar10')
    """
    from dlbook.data.catalogue import ENTRIES

    return tuple(ENTRIES)


def lookup(name: str) -> Entry:
    """Find the entry of a set, or say which name was probably meant (raises `UnknownDataset`)."""
    from dlbook.data.catalogue import ENTRIES

    if name in ENTRIES:
        return ENTRIES[name]
    near = difflib.get_close_matches(str(name).lower().replace("_", "-"), ENTRIES, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownDataset(f"There is no dataset called {name!r}.{hint} Known: {', '.join(ENTRIES)}.")


def variants_of(entry: Entry) -> tuple[Variant, ...]:
    """All forms of a set, best first, with the addresses that torchvision publishes filled in."""
    from dlbook.data import published

    if entry.torchvision == "CIFAR10":
        return (*published.cifar10_variants(), *entry.variants)
    return entry.variants


def addresses_of(entry: Entry, file: File) -> tuple[str, ...]:
    """Where a file can be downloaded, best first; empty where it cannot be."""
    from dlbook.data import published

    if entry.torchvision in ("MNIST", "FashionMNIST"):
        return published.idx_addresses(entry.torchvision, file.filename)
    return file.urls
