"""Decoders of the sets that are not image classification: boxes, photographs, weights, text."""

import io
import json
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dlbook.data.credits import CREDITS
from dlbook.data.decoding import Parts, read, to_tensor
from dlbook.data.images import channels_first, tar_members
from dlbook.data.sources import Located


def bccd(located: Located, split: str, size: int | None) -> Parts:
    """Decode blood cells: x (N, 3, 480, 640), y a list of boxes and labels in torchvision's convention."""
    table = json.loads(read(located, "annotations.json"))
    pictures = tar_members(read(located, "images.tar"))
    classes = ("background", *table["classes"])
    wanted = set(table["splits"][split])
    rows = [row for row in table["images"] if row["file_name"].removesuffix(".jpg") in wanted]
    x = np.stack([_rgb(pictures[f"JPEGImages/{row['file_name']}"]) for row in rows])  # (N, 480, 640, 3)
    y = [_boxes(row["objects"], classes) for row in rows]
    return Parts(channels_first(x), y, classes, {"file_names": tuple(row["file_name"] for row in rows)})


def _boxes(objects: list[dict[str, Any]], classes: tuple[str, ...]) -> dict[str, Tensor]:
    """Collect the boxes with an area, (n, 4) as x0 y0 x1 y1 in pixels, and their labels (n,), 1 or higher."""
    corners = np.array([row["bbox_xyxy"] for row in objects], np.float32).reshape(-1, 4)
    labels = np.array([classes.index(row["name"]) for row in objects], np.int64)
    solid = (corners[:, 2:] > corners[:, :2]).all(axis=1)
    return {"boxes": to_tensor(corners[solid]), "labels": to_tensor(labels[solid])}


def photos(located: Located, split: str, size: int | None) -> Parts:
    """Decode photographs by name, each uint8 (3, H, W), with a credit line; one has a mask of its own."""
    x, masks = {}, {}
    for file in located.variant.files:
        name = file.filename.rpartition(".")[0]
        content = read(located, file.filename)
        if name.endswith("_mask"):
            masks[name.removesuffix("_mask")] = to_tensor(np.asarray(Image.open(io.BytesIO(content))))
        else:
            x[name] = channels_first(_rgb(content)[None])[0]
    return Parts(x, extra={"credits": {name: CREDITS[name] for name in x}, "masks": masks})


def _rgb(content: bytes) -> np.ndarray:
    """Decode a picture file to (H, W, 3) uint8."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def weights(located: Located, split: str, size: int | None) -> Parts:
    """Decode a state dict: name -> tensor, with the ImageNet classes."""
    # torchvision is slow to import, and only these two sets need it.
    from torchvision.models import SqueezeNet1_0_Weights

    with np.load(io.BytesIO(read(located, located.variant.files[0].filename))) as archive:
        state = {name: to_tensor(archive[name]) for name in archive.files}
    return Parts(state, classes=tuple(SqueezeNet1_0_Weights.IMAGENET1K_V1.meta["categories"]))


def taco(located: Located, split: str, size: int | None) -> Parts:
    """Decode annotations in COCO form: x is the annotation file as a dict."""
    part = {"all": "annotations.json", "detect-waste-train": "detect_waste_annotations_train.json"}
    x = json.loads(read(located, part.get(split, "detect_waste_annotations_test.json")))
    return Parts(x, classes=tuple(category["name"] for category in x["categories"]))


def multi30k(located: Located, split: str, size: int | None) -> Parts:
    """Decode English sentences x, French sentences y, line by line."""
    part = "test_2016_flickr" if split == "test" else split
    return Parts(_lines(read(located, f"{part}.en")), _lines(read(located, f"{part}.fr")))


def tatoeba(located: Located, split: str, size: int | None) -> Parts:
    """Decode English sentences x, French sentences y, line by line."""
    return Parts(_lines(read(located, "tatoeba.fra-eng.eng")), _lines(read(located, "tatoeba.fra-eng.fra")))


def shakespeare(located: Located, split: str, size: int | None) -> Parts:
    """Decode the text, one string."""
    return Parts(read(located, "tinyshakespeare.txt").decode())


def rt_polarity(located: Located, split: str, size: int | None) -> Parts:
    """Decode review sentences x, the negative ones first, and their labels y (0 negative, 1 positive)."""
    negative, positive = (_lines(read(located, f"rt-polarity.{k}"), "latin-1") for k in ("neg", "pos"))
    y = torch.tensor([0] * len(negative) + [1] * len(positive))
    return Parts(negative + positive, y, ("negative", "positive"))


def _lines(content: bytes, encoding: str = "utf-8") -> list[str]:
    r"""Split lines at \n only: str.splitlines would also split at characters inside sentences."""
    return content.decode(encoding).removesuffix("\n").split("\n")
