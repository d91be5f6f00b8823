"""Addresses and MD5s that torchvision publishes for MNIST, Fashion-MNIST and CIFAR-10.

They are read out of the source text of the installed torchvision, so that none is typed here, and so
that looking for data need not import torch (seconds, and hundreds of megabytes in the build).
"""

import ast
import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from dlbook.data.registry import File, Variant


@cache
def _class_constants(module: str, cls: str) -> dict[str, Any]:
    """Literal class attributes of ``torchvision.datasets.<module>.<cls>``, without importing it."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("torchvision is not installed; `pip install torchvision`")
    tree = ast.parse((Path(spec.submodule_search_locations[0]) / "datasets" / f"{module}.py").read_text())
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == cls)
    constants = {}
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                constants[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue  # computed, hence none of those that are asked for
    return constants


def _constant(module: str, cls: str, name: str) -> Any:
    """One class attribute; a torchvision laid out in another way is imported after all."""
    try:
        return _class_constants(module, cls)[name]
    except (OSError, SyntaxError, StopIteration, KeyError):
        return getattr(getattr(importlib.import_module("torchvision.datasets"), cls), name)


def idx_addresses(cls: str, filename: str) -> tuple[str, ...]:
    """Where MNIST (`cls` ``"MNIST"``) or Fashion-MNIST (``"FashionMNIST"``) files lie, best first."""
    known = [name for name, _ in _constant("mnist", cls, "resources")]
    return tuple(mirror + filename for mirror in _constant("mnist", cls, "mirrors") if filename in known)


def cifar10_variants() -> tuple[Variant, Variant]:
    """CIFAR-10 as published: the unpacked batches, and the archive."""

    def get(name: str) -> Any:
        return _constant("cifar", "CIFAR10", name)

    meta = get("meta")
    members = [*get("train_list"), *get("test_list"), [meta["filename"], meta["md5"]]]
    batches = tuple(File(f"{get('base_folder')}/{name}", f"md5:{md5}") for name, md5 in members)
    archive = File(get("filename"), f"md5:{get('tgz_md5')}", (get("url"),))
    return Variant("batches", batches), Variant("archive", (archive,))


def fashion_classes() -> tuple[str, ...]:
    """Names of the ten classes of Fashion-MNIST."""
    return tuple(_constant("mnist", "FashionMNIST", "classes"))
