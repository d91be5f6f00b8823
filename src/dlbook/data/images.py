"""Decoders of the image-classification sets: bytes to uint8 (N, C, H, W) and int64 (N,)."""

import csv
import io
import pickle
import tarfile
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image, ImageOps
from torch import Tensor

from dlbook.data import published
from dlbook.data.decoding import Parts, read, to_tensor
from dlbook.data.sources import Located

_DIGIT_CLASSES = tuple(str(digit) for digit in range(10))


def decode_idx(content: bytes) -> np.ndarray:
    """Decode unsigned bytes in IDX form (0, 0, type 8, number of axes, big-endian sizes, values)."""
    axes = content[3]
    shape = np.frombuffer(content, ">u4", axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape.astype(int))


def mnist(located: Located, split: str, size: int | None) -> Parts:
    """Decode MNIST or Fashion-MNIST: one channel, 28 x 28."""
    part = {"train": "train", "test": "t10k"}[split]
    x = decode_idx(read(located, f"{part}-images-idx3-ubyte"))  # (N, 28, 28)
    y = decode_idx(read(located, f"{part}-labels-idx1-ubyte"))  # (N,)
    classes = _DIGIT_CLASSES if located.name == "mnist" else published.fashion_classes()
    return Parts(to_tensor(x[:, None]), _labels(y), classes)  # (N, 1, 28, 28)


def cifar10(located: Located, split: str, size: int | None) -> Parts:
    """Decode CIFAR-10: three channels, 32 x 32, from the published batches or from JPEG copies."""
    if located.variant.label == "jpeg":
        return _cifar10_jpeg(located, split)
    batches, meta = _cifar10_batches(located, split)
    x = np.concatenate([batch["data"] for batch in batches]).reshape(-1, 3, 32, 32)
    y = np.concatenate([batch["labels"] for batch in batches])
    return Parts(to_tensor(x), _labels(y), tuple(meta["label_names"]))


def _cifar10_batches(located: Located, split: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Unpickle the batches of a split, and the class names."""
    prefix = {"train": "data_batch", "test": "test_batch"}[split]
    if located.variant.label == "batches":
        members = {file.filename: read(located, file.filename) for file in located.variant.files}
    else:
        members = tar_members(read(located, located.variant.files[0].filename))
        members = {path.rpartition("/")[2]: content for path, content in members.items()}
    wanted = sorted(name for name in members if name.startswith(prefix))
    # Safe although it is pickle: the bytes were compared with the published checksum.
    return [_unpickle(members[name]) for name in wanted], _unpickle(members["batches.meta"])


def _unpickle(content: bytes) -> dict[str, Any]:
    return pickle.loads(content, encoding="latin1")


def _cifar10_jpeg(located: Located, split: str) -> Parts:
    with np.load(io.BytesIO(read(located, "cifar10_jpeg.npz"))) as archive:
        stream, offsets = archive[f"{split}_jpeg"], archive[f"{split}_offset"]
        labels, classes = archive[f"{split}_label"], archive["classes"]
    x = np.empty((len(labels), 32, 32, 3), np.uint8)
    # A plain loop: threads were measured and gained nothing on pictures this small.
    for i, (start, end) in enumerate(pairwise(offsets)):
        x[i] = np.asarray(Image.open(io.BytesIO(stream[start:end].tobytes()), formats=("JPEG",)))
    return Parts(channels_first(x), _labels(labels), tuple(classes.tolist()))


def cifar10_lossless(located: Located, split: str, size: int | None) -> Parts:
    """Decode the first 4,000 images of CIFAR-10, with the published pixels."""
    with np.load(io.BytesIO(read(located, "cifar10_lossless_first4000.npz"))) as archive:
        return Parts(channels_first(archive["x"]), _labels(archive["y"]), tuple(archive["classes"].tolist()))


def grocery(located: Located, split: str, size: int | None) -> Parts:
    """Decode Grocery Store: the central square of each picture at `size` x `size`, fine and coarse labels."""
    side = size or 64
    rows = list(csv.reader(io.StringIO(read(located, f"{split}.txt").decode()), skipinitialspace=True))
    pictures = tar_members(read(located, f"{split}.tar"))
    names = list(csv.DictReader(io.StringIO(read(located, "classes.csv").decode())))
    fine = {int(row["Class ID (int)"]): row["Class Name (str)"] for row in names}
    coarse = {int(row["Coarse Class ID (int)"]): row["Coarse Class Name (str)"] for row in names}
    x = np.empty((len(rows), side, side, 3), np.uint8)
    for i, (path, _, _) in enumerate(rows):
        picture = Image.open(io.BytesIO(pictures[path])).convert("RGB")
        x[i] = np.asarray(ImageOps.fit(picture, (side, side), Image.Resampling.BILINEAR))
    extra = {
        "coarse": _labels(np.array([int(row[2]) for row in rows])),
        "coarse_classes": tuple(coarse[i] for i in range(len(coarse))),
        "paths": tuple(row[0] for row in rows),
    }
    y = _labels(np.array([int(row[1]) for row in rows]))
    return Parts(channels_first(x), y, tuple(fine[i] for i in range(len(fine))), extra)


def tar_members(content: bytes) -> dict[str, bytes]:
    """Read the plain files of a tar archive, packed or not: path -> bytes."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        opened = ((member.name, archive.extractfile(member)) for member in archive)
        return {name: stream.read() for name, stream in opened if stream is not None}


def channels_first(x: np.ndarray) -> UInt8[Tensor, "n c h w"]:
    """Turn pictures (N, H, W, C) into a tensor (N, C, H, W)."""
    return to_tensor(x.transpose(0, 3, 1, 2))


def _labels(y: np.ndarray) -> Int64[Tensor, " n"]:
    return torch.tensor(y.astype(np.int64))
