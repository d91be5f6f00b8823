"""The real sets, against torchvision, Pillow, scikit-learn and published counts and means."""

import csv
import functools
import gzip
import hashlib
import io
import json
import shutil
import tarfile

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from dlbook.data import DataCorrupt, load, locate, names, used
from dlbook.data.catalogue import ENTRIES

CIFAR_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@pytest.mark.parametrize("name", [name for name in ENTRIES if name != "digits"])
def test_every_set_is_found_verified_and_loaded_from_the_data_folder(name, real, capsys):
    found = locate(name)
    assert (found.source, found.root) == ("DLBOOK_DATA", real)
    split = "test" if "test" in ENTRIES[name].splits else None  # the small one
    data = load(name, split)
    assert data.source == "DLBOOK_DATA"
    assert data.sha256 == found.fingerprint
    assert len(data) > 0
    assert all((data.licence, data.citation, data.homepage.startswith("http")))
    assert used()[-1] == {"name": name, "split": data.split, "source": "DLBOOK_DATA", "sha256": data.sha256}
    assert capsys.readouterr().out == "", "nothing to announce"


def test_the_checksums_are_those_published_beside_the_data(real):
    sums = real / "SHA256SUMS"
    if not sums.exists():
        pytest.skip("DLBOOK_DATA has no SHA256SUMS to compare with; the course's data folder has one")
    published = dict(reversed(line.split("  ", 1)) for line in sums.read_text().splitlines())
    ours = {f.path: f.digest for e in ENTRIES.values() for v in e.variants for f in v.files}
    common = published.keys() & ours.keys()
    assert len(common) >= 51, "all sets, less licences and the files that no loader reads"
    assert {path: ours[path] for path in common} == {p: f"sha256:{published[p]}" for p in common}


def test_the_fingerprint_of_several_files_can_be_made_with_sha256sum(real):
    files = [real / "MNIST/raw" / f"{part}-ubyte.gz" for part in ("train-images-idx3", "train-labels-idx1")]
    files += [real / "MNIST/raw" / f"{part}-ubyte.gz" for part in ("t10k-images-idx3", "t10k-labels-idx1")]
    lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  MNIST/raw/{f.name}\n" for f in files]
    assert locate("mnist").fingerprint == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert (
        load("shakespeare").sha256
        == hashlib.sha256((real / "text/tinyshakespeare.txt.gz").read_bytes()).hexdigest()
    )


@pytest.fixture(params=[("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")], ids=lambda pair: pair[0])
def idx_set(request, real, tmp_path):
    """The name here, torchvision's class, and a root with the files unpacked as torchvision wants them."""
    name, cls = request.param
    (tmp_path / cls / "raw").mkdir(parents=True)
    for packed in (real / cls / "raw").glob("*.gz"):
        (tmp_path / cls / "raw" / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
    return name, getattr(torchvision.datasets, cls), tmp_path


def test_mnist_sets_equal_what_torchvision_reads(idx_set, monkeypatch):
    name, cls, root = idx_set
    for split in ("train", "test"):
        ours, theirs = load(name, split), cls(root, train=split == "train")
        assert (ours.x.dtype, ours.y.dtype) == (torch.uint8, torch.int64)
        assert torch.equal(ours.x, theirs.data[:, None])
        assert torch.equal(ours.y, theirs.targets)
    digit_names = tuple("0123456789")
    assert ours.classes == (digit_names if name == "mnist" else tuple(theirs.classes))
    # The same folder, unpacked, serves the same tensors.
    monkeypatch.setenv("DLBOOK_DATA", str(root))
    unpacked = load(name, "test")
    assert torch.equal(unpacked.x, ours.x)
    assert unpacked.sha256 != ours.sha256


@pytest.mark.parametrize(
    ("name", "mean", "std"), [("mnist", 0.1307, 0.3081), ("fashion-mnist", 0.2860, 0.3530)]
)
def test_mean_and_deviation_are_the_published_ones(real, name, mean, std):
    pixels = load(name, "train").x.float() / 255
    assert round(pixels.mean().item(), 4) == mean
    assert round(pixels.std().item(), 4) == std


def test_mnist_has_the_published_class_counts(real):
    train, test = load("mnist", "train").y.bincount(), load("mnist", "test").y.bincount()
    assert train.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert test.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_cifar10_through_jpeg_is_decoded_in_order_and_says_so(real):
    data = load("cifar10", "test")
    with np.load(real / "CIFAR10/cifar10_jpeg.npz") as z:
        stream, offset = z["test_jpeg"].tobytes(), z["test_offset"].tolist()
    for i in (0, 1, 4321, 9999):
        pixels = np.array(Image.open(io.BytesIO(stream[offset[i] : offset[i + 1]])))
        assert torch.equal(data.x[i], torch.from_numpy(pixels).permute(2, 0, 1))
    assert data.x.shape == (10000, 3, 32, 32)
    assert data.y.bincount().tolist() == [1000] * 10
    assert list(data.classes) == CIFAR_CLASSES
    assert "JPEG" in data.note


@functools.cache
def cifar10_train():
    """Decoded once for the tests that only look at it: it takes seconds."""
    return load("cifar10", "train")


def test_cifar10_means_are_close_to_the_published_ones(real):
    x = cifar10_train().x
    assert x.shape == (50000, 3, 32, 32)
    # Channel by channel, so that not to make a second copy of everything in float.
    means = [x[:, c].float().mean().item() / 255 for c in range(3)]
    np.testing.assert_allclose(means, [0.4914, 0.4822, 0.4465], atol=1e-3)


def test_lossless_cifar10_shows_the_same_pictures_as_the_jpeg_copies(real):
    lossless, jpeg = load("cifar10-lossless"), cifar10_train()
    assert lossless.y.bincount().tolist() == [396, 366, 420, 384, 422, 393, 414, 385, 407, 413]
    for label in range(10):
        a = lossless.x[lossless.y == label][:50].float()
        b = jpeg.x[jpeg.y == label][:50].float()
        assert (a - b).square().mean((1, 2, 3)).sqrt().median() < 9


def test_grocery_pictures_and_labels_belong_together(real):
    data = load("grocery", "val", size=32)
    folder = real / "GroceryStoreDataset"
    classes = {
        row["Class ID (int)"]: row
        for row in csv.DictReader((folder / "classes.csv").read_text().splitlines())
    }
    assert data.x.shape == (296, 3, 32, 32)
    assert (len(data.classes), len(data.extra["coarse_classes"])) == (81, 43)
    assert (len(data.y.unique()), len(data.extra["coarse"].unique())) == (60, 37)
    for path, fine, coarse in zip(data.extra["paths"], data.y, data.extra["coarse"], strict=True):
        row = classes[str(fine.item())]
        assert f"/{row['Class Name (str)']}/" in path or f"/{row['Coarse Class Name (str)']}/" in path
        assert data.classes[fine] == row["Class Name (str)"]
        assert str(coarse.item()) == row["Coarse Class ID (int)"]
        assert data.extra["coarse_classes"][coarse] == row["Coarse Class Name (str)"]


def test_grocery_pictures_are_cut_to_the_central_square_and_not_squashed(real):
    data = load("grocery", "test", size=32)
    with tarfile.open(real / "GroceryStoreDataset/test.tar") as archive:
        pictures = (Image.open(archive.extractfile(path)).convert("RGB") for path in data.extra["paths"])
        i, picture = next((i, p) for i, p in enumerate(pictures) if p.width != p.height)
    left, top = (picture.width - 128) // 2, (picture.height - 128) // 2
    square = np.asarray(picture.crop((left, top, left + 128, top + 128)), np.float32)
    blocks = square.reshape(32, 4, 32, 4, 3).mean((1, 3)).transpose(2, 0, 1)
    assert np.abs(blocks - data.x[i].numpy()).mean() < 6


def test_grocery_has_the_documented_sizes(real):
    train, test = load("grocery", "train", size=8), load("grocery", "test", size=8)
    assert (len(train), len(train.y.unique())) == (2640, 81)
    assert (len(test), len(test.y.unique())) == (2485, 81)


def test_bccd_boxes_follow_torchvisions_convention(real):
    counts = torch.zeros(4, dtype=torch.int64)
    source = {r["file_name"]: r for r in json.loads((real / "BCCD/annotations.json").read_text())["images"]}
    for split, n in (("train", 205), ("val", 87), ("test", 72)):
        data = load("bccd", split)
        assert data.x.shape == (n, 3, 480, 640)
        assert len(data.y) == n
        for target, name in zip(data.y, data.extra["file_names"], strict=True):
            boxes, labels = target["boxes"], target["labels"]
            assert (boxes.dtype, labels.dtype) == (torch.float32, torch.int64)
            assert boxes.shape == (len(labels), 4)
            assert (boxes[:, 2:] > boxes[:, :2]).all()
            assert boxes.min() >= 0
            assert boxes[:, 2].max() <= 640
            assert boxes[:, 3].max() <= 480
            counts += labels.bincount(minlength=4)
            first = source[name]["objects"][0]
            assert boxes[0].tolist() == first["bbox_xyxy"]
            assert data.classes[labels[0]] == first["name"]
    # 4,155 RBC in the source, two of them without area.
    assert dict(zip(data.classes, counts.tolist(), strict=True)) == {
        "background": 0,
        "RBC": 4153,
        "WBC": 372,
        "Platelets": 361,
    }


def test_bccd_pictures_are_those_of_their_names(real):
    data = load("bccd", "test")
    with tarfile.open(real / "BCCD/images.tar") as archive:
        member = archive.extractfile(f"JPEGImages/{data.extra['file_names'][7]}")
        pixels = np.array(Image.open(member).convert("RGB"))
    assert torch.equal(data.x[7], torch.from_numpy(pixels).permute(2, 0, 1))


def test_photos_come_with_pixels_and_a_credit_each(real):
    data = load("photos")
    assert len(data) == 16
    assert data.x.keys() == data.extra["credits"].keys()
    assert all(data.extra["credits"].values())
    pixels = np.array(Image.open(real / "photos/chelsea.png").convert("RGB"))
    assert torch.equal(data.x["chelsea"], torch.from_numpy(pixels).permute(2, 0, 1))
    mask = data.extra["masks"]["samoyed_128"]
    assert mask.shape == data.x["samoyed_128"].shape[1:]
    assert mask.unique().tolist() == [0, 1, 2]


def test_credits_name_the_images_that_the_copyright_files_name(real):
    notes = "".join(path.read_text() for path in (real / "photos").glob("COPYRIGHT*"))
    for credit in load("photos").extra["credits"].values():
        if "Open Images" in credit:
            number = credit.partition("image ")[2][:16]
            assert f"id={number}" in notes


def test_squeezenet_weights_recognise_the_photos(real):
    weights, pictures = load("squeezenet-weights"), load("photos").x
    model = torchvision.models.squeezenet1_0()
    model.load_state_dict(weights.x)
    prepare = torchvision.models.SqueezeNet1_0_Weights.IMAGENET1K_V1.transforms(antialias=True)
    with torch.no_grad():
        seen = {
            name: weights.classes[model.eval()(prepare(pictures[name])[None]).argmax()]
            for name in ("chickadee", "dragonfly", "coffee", "hot_dog")
        }
    assert seen == {
        "chickadee": "chickadee",
        "dragonfly": "dragonfly",
        "coffee": "espresso",
        "hot_dog": "hotdog",
    }


def test_mobilenet_weights_fit_torchvisions_model(real):
    weights = load("mobilenet-weights")
    model = torchvision.models.mobilenet_v2()
    result = model.load_state_dict(weights.x, strict=False)
    assert result.unexpected_keys == []
    assert all("num_batches_tracked" in key for key in result.missing_keys)
    assert sum(v.numel() for k, v in weights.x.items() if "running" not in k) == 3504872


@pytest.mark.parametrize(
    ("name", "split", "n"),
    [
        ("multi30k", "train", 29000),
        ("multi30k", "val", 1014),
        ("multi30k", "test", 1000),
        ("tatoeba", "test", 1000),
    ],
)
def test_sentence_pairs_are_whole_and_aligned(real, name, split, n):
    data = load(name, split)
    assert (len(data.x), len(data.y)) == (n, n)
    assert all(data.x)
    assert all(data.y)
    accents = [sum(c in "éèêàçô" for s in side for c in s) / n for side in (data.x, data.y)]
    assert accents[0] < 0.05 < accents[1], "x is English, y is French, and both were decoded as UTF-8"


def test_the_first_and_last_multi30k_pairs_are_the_files_first_and_last_lines(real):
    data = load("multi30k", "val")
    for side, language in ((data.x, "en"), (data.y, "fr")):
        with gzip.open(real / f"translation/multi30k/val.{language}.gz", "rt", encoding="utf-8") as stream:
            lines = list(stream)
        assert (side[0], side[-1]) == (lines[0].removesuffix("\n"), lines[-1].removesuffix("\n"))


def test_shakespeare_has_the_published_length_and_alphabet(real):
    text = load("shakespeare").x
    assert (len(text), len(set(text))) == (1115394, 65)
    assert text.startswith("First Citizen:\nBefore we proceed any further")


def test_rt_polarity_has_as_many_negative_as_positive_sentences(real):
    data = load("rt-polarity")
    assert data.y.bincount().tolist() == [5331, 5331]
    assert len(data.x) == 10662
    first_positive = data.x[int(data.y.argmax())]
    assert first_positive.startswith("the rock is destined to be the 21st century's new")
    assert data.classes == ("negative", "positive")
    assert "é" in "".join(data.x), "latin-1, not UTF-8"


@pytest.mark.parametrize(
    ("split", "counts"),
    [
        ("all", (1500, 4784, 60)),
        ("detect-waste-train", (3647, 11505, 7)),
        ("detect-waste-test", (915, 2781, 7)),
    ],
)
def test_taco_has_the_documented_annotations(real, split, counts):
    data = load("taco", split)
    assert tuple(len(data.x[key]) for key in ("images", "annotations", "categories")) == counts
    assert len(data.classes) == counts[2]


def test_tensors_are_the_readers_own_to_change(real):
    first = load("mnist", "test")
    before = first.x.clone()
    first.x.zero_()
    first.y.zero_()
    assert torch.equal(load("mnist", "test").x, before)


@pytest.mark.parametrize("damage", ["truncated", "one bit", "emptied"])
def test_a_damaged_file_in_the_data_folder_is_an_error_and_never_the_next_source(
    real, tmp_path, monkeypatch, damage
):
    shutil.copytree(real / "MNIST", tmp_path / "data/MNIST")
    # A good copy waits in the cache: it must not be used in silence.
    shutil.copytree(real / "MNIST", tmp_path / "cache/MNIST")
    bad = tmp_path / "data/MNIST/raw/train-labels-idx1-ubyte.gz"
    content = bad.read_bytes()
    wrong = {"truncated": content[:-7], "one bit": content[:-1] + bytes([content[-1] ^ 1]), "emptied": b""}[
        damage
    ]
    bad.chmod(0o600)
    bad.write_bytes(wrong)
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "data"))
    expected = "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    for call in (lambda: load("mnist"), lambda: locate("mnist")):
        with pytest.raises(DataCorrupt) as caught:
            call()
        message = str(caught.value)
        assert str(bad) in message
        assert expected in message
        assert hashlib.sha256(wrong).hexdigest() in message
        assert "Replace it" in message
    assert bad.read_bytes() == wrong, "the reader's own folder is never changed"


def test_names_lists_what_load_takes(real):
    assert set(names()) == set(ENTRIES)
    assert {"mnist", "fashion-mnist", "cifar10", "digits"} <= set(names())
