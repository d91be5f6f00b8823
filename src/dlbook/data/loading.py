"""`load`: one call for every dataset of the book."""

import os

from dlbook.data import embedded, images, others
from dlbook.data.dataset import Dataset
from dlbook.data.decoding import Decoder, Parts
from dlbook.data.errors import DataUnavailable, UnknownDataset
from dlbook.data.record import note_use
from dlbook.data.registry import Entry, lookup
from dlbook.data.sources import Located, flag, obtain

_DECODERS: dict[str, Decoder] = {
    "mnist": images.mnist,
    "fashion-mnist": images.mnist,
    "cifar10": images.cifar10,
    "cifar10-lossless": images.cifar10_lossless,
    "grocery": images.grocery,
    "bccd": others.bccd,
    "taco": others.taco,
    "photos": others.photos,
    "squeezenet-weights": others.weights,
    "mobilenet-weights": others.weights,
    "multi30k": others.multi30k,
    "tatoeba": others.tatoeba,
    "shakespeare": others.shakespeare,
    "rt-polarity": others.rt_polarity,
}
_SETTINGS = ("DLBOOK_DATA", "DLBOOK_CACHE", "DLBOOK_OFFLINE", "DLBOOK_DATA_STRICT")

# Sets for which the digits stand in, and under which settings. Once they do, they do so to the end:
# training on digits and testing on a set that came in later would give wrong results without a word.
_standing_in: set[tuple[str | None, ...]] = set()


def load(name: str, split: str | None = None, *, size: int | None = None) -> Dataset:
    r"""Load one split of a dataset into memory.

    The set is looked for in ``$DLBOOK_DATA``, then in the cache, then downloaded. When it cannot be had,
    scikit-learn's digits, brought to the same shape, stand in for an image-classification set, and one
    printed line says so; under ``DLBOOK_DATA_STRICT=1`` that is an error.

    ======================== =========================== =================================================
    name                     splits                      x; y
    ======================== =========================== =================================================
    ``mnist``                train, test                 uint8 (N, 1, 28, 28); int64 (N,)
    ``fashion-mnist``        train, test                 uint8 (N, 1, 28, 28); int64 (N,)
    ``cifar10``              train, test                 uint8 (N, 3, 32, 32); int64 (N,)
    ``cifar10-lossless``     train                       uint8 (4000, 3, 32, 32); int64 (4000,)
    ``grocery``              train, val, test            uint8 (N, 3, size, size), size 64; int64 (N,), fine;
                                                         extra: coarse (N,), coarse_classes, paths
    ``digits``               train, test                 uint8 (N, 1, 8, 8), or ``size``; int64 (N,)
    ``bccd``                 train, val, test            uint8 (N, 3, 480, 640); list of dicts with boxes
                                                         (n, 4), float32, x0 y0 x1 y1 in pixels, and labels
                                                         (n,), int64, 0 being background; extra: file_names
    ``photos``               all                         dict name -> uint8 (3, H, W); None; extra: credits,
                                                         masks
    ``taco``                 all, detect-waste-train,    dict in COCO form; None
                             detect-waste-test
    ``squeezenet-weights``   all                         dict name -> float32 tensor; None
    ``mobilenet-weights``    all                         dict name -> float32 tensor; None
    ``multi30k``             train, val, test            list of English sentences; list of French ones
    ``tatoeba``              test                        list of English sentences; list of French ones
    ``shakespeare``          all                         str; None
    ``rt-polarity``          all                         list of sentences; int64 (10662,), 1 is positive
    ======================== =========================== =================================================

    Parameters
    ----------
    name
        One of `names`.
    split
        One of the set's splits; its first one if left out.
    size
        Side of the pictures in pixels, for ``grocery`` and ``digits`` only.

    Returns
    -------
    Dataset
        A fresh copy each time: changing its tensors changes nothing for others.

    Raises
    ------
    UnknownDataset
        Name, split or size is not one that the set has.
    DataCorrupt
        A file in ``$DLBOOK_DATA`` is not the published one, or the set there is incomplete.
    DataUnavailable
        The set cannot be had and nothing can stand in for it, or nothing may.

    Examples
    --------
    >>> train = load("digits", "train")
    >>> X = train.x.flatten(1).float() / 255
    >>> X.shape, train.classes[:3]
    (torch.Size([1501, 64]), ('0', '1', '2'))
    """
    entry = lookup(name)
    split = _checked_split(entry, split)
    _check_size(entry, size)
    if not entry.variants:
        return _dataset(entry, split, embedded.digits(split, size), "embedded")
    settings = (name, *(os.environ.get(key) for key in _SETTINGS))
    if settings in _standing_in:
        return _stand_in(entry, split, size)
    try:
        located = obtain(entry)
    except DataUnavailable as error:
        if entry.shape is None:
            raise
        if flag("DLBOOK_DATA_STRICT"):
            message = f"{error} DLBOOK_DATA_STRICT is set, so the embedded digits may not stand in for it."
            raise DataUnavailable(message, error.reason) from error
        _standing_in.add(settings)
        print(
            f"{name}: not found and not downloadable ({error.reason}); "
            "using scikit-learn's 1,797 scanned digits instead."
        )
        return _stand_in(entry, split, size)
    return _dataset(entry, split, _DECODERS[name](located, split, size), located)


def _checked_split(entry: Entry, split: str | None) -> str:
    if split is None:
        return entry.splits[0]
    if split not in entry.splits:
        raise UnknownDataset(f"{entry.name} has no split {split!r}; it has: {', '.join(entry.splits)}.")
    return split


def _check_size(entry: Entry, size: int | None) -> None:
    if size is None:
        return
    if not entry.sized:
        raise UnknownDataset(f"{entry.name} comes in one size only; leave size= out.")
    if not isinstance(size, int) or isinstance(size, bool) or not 8 <= size <= 512:
        raise UnknownDataset(f"size is the side in pixels, a whole number from 8 to 512; got {size!r}.")


def _stand_in(entry: Entry, split: str, size: int | None) -> Dataset:
    """Give the digits under the name of another set, with their own licence and a note."""
    note = f"Not {entry.name}: scikit-learn's digits stand in for it."
    return _dataset(entry, split, embedded.stand_in(entry, split, size), "embedded", note)


def _dataset(entry: Entry, split: str, parts: Parts, origin: Located | str, note: str = "") -> Dataset:
    """Put the parts and their provenance together, and remember that they were used."""
    if isinstance(origin, Located):
        source, sha256, note, terms = origin.source, origin.fingerprint, origin.variant.note, entry
    else:
        source, sha256, terms = origin, embedded.checksum(parts), lookup("digits")
    note_use(entry.name, split, source, sha256)
    return Dataset(
        name=entry.name,
        split=split,
        x=parts.x,
        y=parts.y,
        classes=parts.classes,
        source=source,
        licence=terms.licence,
        citation=terms.citation,
        homepage=terms.homepage,
        sha256=sha256,
        note=note,
        extra=parts.extra,
    )
