"""scikit-learn's 1,797 scanned digits: a set of their own, and the stand-in for image sets.

The split is fixed: of the pictures of each class, in scikit-learn's order, every sixth is for testing;
where a set also has a validation part, the one before it is for validation.
"""

import hashlib

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from dlbook.data.decoding import Parts
from dlbook.data.registry import Entry

# MNIST leaves a margin of 4 of 28 pixels around a digit; the scans fill their frame.
_INNER = 20 / 28


def digits(split: str, size: int | None) -> Parts:
    """Give the digits as they are, 8 x 8 with 0..16 spread over 0..255, or resized to `size` x `size`."""
    parts = _split(("train", "test"), split)
    return Parts(_resize(parts.x, size or 8), parts.y, parts.classes)


def stand_in(entry: Entry, split: str, size: int | None) -> Parts:
    """Give the digits in the shape of another set: (n, C, H, W) with the margin that MNIST has."""
    assert entry.shape is not None
    channels, height, _ = entry.shape
    side = size or height
    parts = _split(entry.splits, split)
    inner = max(1, round(side * _INNER))
    before = (side - inner) // 2
    after = side - inner - before
    x = nn.functional.pad(_resize(parts.x, inner), (before, after, before, after))  # (n, 1, H, W)
    x = x.repeat(1, channels, 1, 1)  # (n, C, H, W)
    # The same further fields as the set has, so that a chapter that uses them still runs.
    extra = {"coarse": parts.y, "coarse_classes": parts.classes} if entry.name == "grocery" else {}
    return Parts(x, parts.y, parts.classes, extra)


def checksum(parts: Parts) -> str:
    """SHA-256 of the pictures and labels, since there is no file of our own to check."""
    return hashlib.sha256(parts.x.numpy().tobytes() + parts.y.numpy().tobytes()).hexdigest()


def _split(splits: tuple[str, ...], split: str) -> Parts:
    """Cut out one part of the digits, (n, 1, 8, 8) uint8."""
    from sklearn.datasets import load_digits  # slow to import, and rarely needed

    data = load_digits()
    y = np.asarray(data.target)
    turn = np.empty(len(y), np.int64)  # place of a picture within its class, modulo 6
    for label in range(10):
        turn[y == label] = np.arange((y == label).sum()) % 6
    part = np.full(len(y), "train", dtype="U5")
    for name, place in (("test", 5), ("val", 4)):
        if name in splits:
            part[turn == place] = name
    chosen = part == split
    x = np.rint(data.images[chosen] * (255 / 16)).astype(np.uint8)[:, None]  # (n, 1, 8, 8)
    classes = tuple(str(name) for name in data.target_names)
    return Parts(torch.tensor(x), torch.tensor(y[chosen].astype(np.int64)), classes)


def _resize(x: UInt8[Tensor, "n c h w"], side: int) -> UInt8[Tensor, "n c side side"]:
    """Resize bilinearly; the same pixels when the side stays."""
    if x.shape[-1] == side:
        return x
    enlarged = nn.functional.interpolate(x.float(), (side, side), mode="bilinear", align_corners=False)
    return enlarged.round().clamp(0, 255).to(torch.uint8)
