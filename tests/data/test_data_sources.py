"""Which source serves a set, what is refused, and what stands in."""

import doctest
import pickle
import shutil
import subprocess
import sys
import tarfile

import numpy as np
import pytest
import torch
import torchvision
from data_support import NOBODY, files_in, tiny_entry
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from dlbook.data import (
    DataCorrupt,
    DataError,
    DataUnavailable,
    UnknownDataset,
    catalogue,
    checksums,
    dataset,
    download,
    fetch,
    load,
    loading,
    locate,
    names,
    published,
    record,
    registry,
    sources,
    used,
)

IMAGE_SETS = {
    "mnist": (1, 28, 28),
    "fashion-mnist": (1, 28, 28),
    "cifar10": (3, 32, 32),
    "cifar10-lossless": (3, 32, 32),
    "grocery": (3, 64, 64),
}


# ---- names and arguments -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("fashion_mnist", "fashion-mnist"),
        ("MNIST", "mnist"),
        ("minst", "mnist"),
        ("cifar", "cifar10"),
        ("Tatoebba", "tatoeba"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(typed, meant):
    for call in (load, locate, fetch):
        with pytest.raises(UnknownDataset, match=f"Did you mean '{meant}'"):
            call(typed)


@given(st.text(max_size=30))
def test_no_text_passes_for_a_name_unless_it_is_one(text):
    if text not in names():
        with pytest.raises(UnknownDataset, match="Known: mnist, "):
            registry.lookup(text)


def test_an_unknown_split_lists_the_splits_there_are():
    with pytest.raises(UnknownDataset, match=r"no split 'valid'; it has: train, val, test"):
        load("grocery", "valid")


@pytest.mark.parametrize(("name", "size"), [("mnist", 14), ("digits", 0), ("grocery", -3), ("digits", 5000)])
def test_a_size_that_cannot_be_is_refused(name, size):
    with pytest.raises(UnknownDataset, match="size"):
        load(name, size=size)


def test_every_entry_states_licence_citation_homepage_and_checksums():
    for entry in catalogue.ENTRIES.values():
        assert entry.licence
        assert entry.citation
        assert entry.homepage.startswith("http")
        for variant in registry.variants_of(entry):
            assert variant.files
            for file in variant.files:
                algorithm, _, digest = file.digest.partition(":")
                assert (algorithm, len(digest)) in (("sha256", 64), ("md5", 32))


def test_no_address_is_without_a_fixed_commit_or_torchvision_behind_it():
    for entry in catalogue.ENTRIES.values():
        for variant in entry.variants:
            for url in (url for file in variant.files for url in file.urls):
                host, _, _, commit = url.removeprefix("https://").split("/")[:4]
                assert host == "raw.githubusercontent.com"
                assert len(commit) == 40, "a branch would change under the checksum"


@pytest.mark.parametrize("cls", ["MNIST", "FashionMNIST"])
def test_addresses_are_those_of_torchvision(cls):
    theirs = getattr(torchvision.datasets, cls)
    entry = catalogue.ENTRIES["mnist" if cls == "MNIST" else "fashion-mnist"]
    packed = registry.variants_of(entry)[0]
    assert {file.filename for file in packed.files} == {name for name, _ in theirs.resources}
    for file in packed.files:
        assert registry.addresses_of(entry, file) == tuple(m + file.filename for m in theirs.mirrors)


def test_cifar10_checksums_and_address_are_those_of_torchvision():
    theirs = torchvision.datasets.CIFAR10
    batches, archive, _ = registry.variants_of(catalogue.ENTRIES["cifar10"])
    listed = [*theirs.train_list, *theirs.test_list, [theirs.meta["filename"], theirs.meta["md5"]]]
    assert {f.path: f.digest for f in batches.files} == {
        f"{theirs.base_folder}/{n}": f"md5:{m}" for n, m in listed
    }
    assert archive.files[0].urls == (theirs.url,)
    assert archive.files[0].digest == f"md5:{theirs.tgz_md5}"


def test_a_torchvision_laid_out_in_another_way_is_imported_instead(monkeypatch):
    monkeypatch.setattr(published, "_class_constants", lambda module, cls: {})
    assert published.fashion_classes() == tuple(torchvision.datasets.FashionMNIST.classes)


def test_looking_for_data_imports_no_torch():
    code = (
        "import sys; from dlbook.data import fetch, locate, names, used; "
        "[(locate(n), fetch(n)) for n in names()]; used(); "
        "sys.exit(any(m in sys.modules for m in ('torch', 'torchvision', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---- order of sources ----------------------------------------------------------------------------


def test_the_data_folder_comes_before_the_cache(tiny, tmp_path, cache, monkeypatch):
    tiny.write(cache)
    assert locate("mnist").source == "cache"
    assert load("mnist").source == "cache"
    monkeypatch.setenv("DLBOOK_DATA", str(tiny.write(tmp_path / "mine")))
    assert locate("mnist").source == "DLBOOK_DATA"
    assert load("mnist").source == "DLBOOK_DATA"


def test_a_data_folder_without_the_set_passes_on_to_the_cache(tiny, tmp_path, cache, monkeypatch):
    (tmp_path / "mine/MNIST/raw").mkdir(parents=True)
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "mine"))
    tiny.write(cache)
    assert load("mnist").source == "cache"


def test_a_data_folder_without_the_set_passes_on_to_the_download(server, tmp_path, monkeypatch, cache):
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path))
    assert load("mnist").source == "download"
    assert not (tmp_path / "MNIST").exists(), "downloads go to the cache, never into the reader's folder"


def test_an_incomplete_set_in_the_data_folder_is_an_error_that_names_what_is_missing(
    tiny, tmp_path, monkeypatch
):
    tiny.write(tmp_path / "mine")
    (tmp_path / "mine/MNIST/raw/t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "mine"))
    for call in (load, locate, fetch):
        with pytest.raises(DataCorrupt, match=r"incomplete: MNIST/raw/t10k-labels-idx1-ubyte.gz missing"):
            call("mnist")


@pytest.mark.parametrize("kind", ["absent", "file"])
def test_a_data_folder_that_is_none_is_an_error_and_not_passed_over(tiny, tmp_path, monkeypatch, kind, cache):
    tiny.write(cache)
    if kind == "file":
        (tmp_path / "mine").write_text("")
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path / "mine"))
    for call in (load, locate, fetch):
        with pytest.raises(DataError, match=r"DLBOOK_DATA is set to .* not a folder"):
            call("mnist")


def test_a_file_changed_after_it_was_found_is_never_decoded(tiny, tmp_path, monkeypatch):
    folder = tiny.write(tmp_path / "mine")
    monkeypatch.setenv("DLBOOK_DATA", str(folder))
    load("mnist")
    path = folder / "MNIST/raw/train-images-idx3-ubyte.gz"
    # Same size, and the memory of checksums insists that all is well.
    path.write_bytes(bytes(len(path.read_bytes())))
    monkeypatch.setattr("dlbook.data.sources.verify", lambda root, file, remedy: "0" * 64)
    with pytest.raises(DataCorrupt):
        load("mnist")


def test_a_file_replaced_by_another_of_the_same_size_is_checked_again(tiny, tmp_path, monkeypatch):
    folder = tiny.write(tmp_path / "mine")
    monkeypatch.setenv("DLBOOK_DATA", str(folder))
    before = locate("mnist")
    path = folder / "MNIST/raw/train-images-idx3-ubyte.gz"
    path.write_bytes(bytes(len(path.read_bytes())))
    assert before is not None
    with pytest.raises(DataCorrupt):
        locate("mnist")


def test_an_unchanged_file_is_read_once_for_its_checksum(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA", str(tiny.write(tmp_path / "mine")))
    first = locate("mnist")
    monkeypatch.setattr(checksums.hashlib, "file_digest", lambda *args: pytest.fail("read again"))
    assert locate("mnist") == first


def test_the_fingerprint_changes_with_the_content(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA", str(tiny.write(tmp_path / "a")))
    first = locate("mnist").fingerprint
    other = dict(tiny.contents)
    labels = "MNIST/raw/t10k-labels-idx1-ubyte.gz"
    other[labels] = tiny.contents["MNIST/raw/train-labels-idx1-ubyte.gz"]
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", tiny_entry(other, NOBODY))
    (tmp_path / "a" / labels).write_bytes(other[labels])
    assert locate("mnist").fingerprint != first


# ---- CIFAR-10 as published -----------------------------------------------------------------------


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    """A small CIFAR-10 in the published layout, its MD5s put in torchvision's place; returns the root."""
    cls = torchvision.datasets.CIFAR10
    rng = np.random.default_rng(1)
    folder = tmp_path / "cifar" / cls.base_folder
    folder.mkdir(parents=True)
    digests = {}

    def write(name, table):
        (folder / name).write_bytes(pickle.dumps(table, 2))
        digests[name] = checksums.digest_of(folder / name, "md5")

    for name, _ in [*cls.train_list, *cls.test_list]:
        pixels = rng.integers(0, 256, (4, 3072), dtype=np.uint8)
        write(name, {"data": pixels, "labels": rng.integers(0, 10, 4).tolist()})
    write("batches.meta", {"label_names": [f"class {k}" for k in range(10)]})
    archive = tmp_path / "packed" / cls.filename
    archive.parent.mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, cls.base_folder)
    constants = {
        **published._class_constants("cifar", "CIFAR10"),
        "train_list": [[name, digests[name]] for name, _ in cls.train_list],
        "test_list": [[name, digests[name]] for name, _ in cls.test_list],
        "meta": {"filename": "batches.meta", "key": "label_names", "md5": digests["batches.meta"]},
        "tgz_md5": checksums.digest_of(archive, "md5"),
    }
    monkeypatch.setattr(published, "_class_constants", lambda module, name: constants)
    for name in ("train_list", "test_list", "meta"):
        monkeypatch.setattr(cls, name, constants[name])
    return tmp_path


@pytest.mark.parametrize("form", ["cifar", "packed"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_published_cifar10_equals_what_torchvision_reads(cifar, monkeypatch, form, split):
    monkeypatch.setenv("DLBOOK_DATA", str(cifar / form))
    ours = load("cifar10", split)
    theirs = torchvision.datasets.CIFAR10(cifar / "cifar", train=split == "train")
    assert torch.equal(ours.x, torch.from_numpy(theirs.data).permute(0, 3, 1, 2))
    assert ours.y.tolist() == theirs.targets
    assert ours.classes == tuple(theirs.classes)
    assert ours.note == "", "these are the published pixels"


def test_published_cifar10_comes_before_its_jpeg_copy(cifar, real, monkeypatch):
    shutil.copytree(real / "CIFAR10", cifar / "cifar/CIFAR10")
    monkeypatch.setenv("DLBOOK_DATA", str(cifar / "cifar"))
    assert len(load("cifar10", "test")) == 4


def test_a_batch_with_a_wrong_checksum_is_never_unpickled(cifar, monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA", str(cifar / "cifar"))

    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("unpickled",))

    (cifar / "cifar/cifar-10-batches-py/data_batch_3").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DataCorrupt, match="expected md5"):
        load("cifar10")


# ---- the stand-in --------------------------------------------------------------------------------


def splits_of(name):
    return {split: load(name, split) for split in catalogue.ENTRIES[name].splits}


@pytest.mark.parametrize(("name", "shape"), IMAGE_SETS.items())
def test_the_digits_stand_in_with_shape_type_and_range_of_the_set(name, shape, capsys):
    parts = splits_of(name)
    for data in parts.values():
        assert data.x.shape == (len(data), *shape)
        assert (data.x.dtype, data.y.dtype) == (torch.uint8, torch.int64)
        assert (data.x.amin().item(), data.x.amax().item() > 200) == (0, True)
        assert data.classes == tuple("0123456789")
        assert (data.source, data.licence) == ("embedded", "CC BY 4.0")
        assert "stand in" in data.note
    assert sum(map(len, parts.values())) == 1797
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1, "announced once, not once a split"
    assert lines[0].startswith(f"{name}: not found and not downloadable (")
    assert lines[0].endswith("using scikit-learn's 1,797 scanned digits instead.")


def test_the_stand_in_for_grocery_takes_a_size_and_has_coarse_labels():
    data = load("grocery", "val", size=20)
    assert data.x.shape[1:] == (3, 20, 20)
    assert len(data.extra["coarse"]) == len(data)
    assert data.extra["coarse_classes"] == data.classes


@pytest.mark.parametrize("name", ["mnist", "grocery", "digits"])
def test_every_split_of_the_digits_has_every_class_in_proportion(name):
    whole = np.bincount(load_digits().target)
    for split, data in splits_of(name).items():
        share = len(data) / 1797
        np.testing.assert_allclose(data.y.bincount(minlength=10), share * whole, atol=1.5, err_msg=split)
    assert 0.15 < len(load(name, "test")) / 1797 < 0.17


def test_the_splits_of_the_digits_share_no_picture_and_lose_none():
    theirs = load_digits()
    ours = [
        (bytes(x), int(y))
        for part in splits_of("digits").values()
        for x, y in zip(part.x.numpy(), part.y, strict=True)
    ]
    scaled = np.rint(theirs.images / 16 * 255).astype(np.uint8)
    assert sorted(ours) == sorted((bytes(x), int(y)) for x, y in zip(scaled, theirs.target, strict=True))


def test_the_digits_keep_all_that_scikit_learn_gives():
    train = load("digits")
    theirs = load_digits()
    first = torch.from_numpy(theirs.images[0])
    assert torch.equal((train.x[0, 0].double() * 16 / 255).round(), first)
    assert train.y[0].item() == theirs.target[0]


def test_the_stand_in_is_a_digit_in_the_middle_as_in_mnist():
    data = load("mnist", "test")
    assert data.x[:, :, :4].max() == 0
    assert data.x[:, :, :, -4:].max() == 0
    small = torch.nn.functional.adaptive_avg_pool2d(data.x[:, :, 4:24, 4:24].float(), 8)
    original = load("digits", "test").x.float()
    correlation = torch.corrcoef(torch.stack([small.flatten(), original.flatten()]))[0, 1]
    assert correlation > 0.95


def test_the_stand_in_is_the_same_every_time():
    first, second = load("cifar10", "test"), load("cifar10", "test")
    assert torch.equal(first.x, second.x)
    assert first.sha256 == second.sha256 != load("cifar10", "train").sha256


def test_a_set_once_stood_in_for_is_so_to_the_end_of_the_process(tiny, cache, monkeypatch, tmp_path):
    assert load("mnist", "train").source == "embedded"
    tiny.write(cache)  # another process has finished its download
    assert load("mnist", "test").source == "embedded", "else trained on digits and tested on MNIST"
    monkeypatch.setenv("DLBOOK_DATA", str(tiny.write(tmp_path / "mine")))
    assert load("mnist", "test").source == "DLBOOK_DATA", "the reader has changed the settings"


@pytest.mark.parametrize("name", IMAGE_SETS)
def test_strict_mode_turns_the_stand_in_into_an_error(name, monkeypatch, capsys):
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    with pytest.raises(DataUnavailable, match="DLBOOK_DATA_STRICT is set") as caught:
        load(name)
    assert "set DLBOOK_DATA to that folder" in str(caught.value)
    assert capsys.readouterr().out == ""
    assert used() == []


def test_strict_mode_after_a_stand_in_is_still_an_error(monkeypatch):
    load("mnist")
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    with pytest.raises(DataUnavailable):
        load("mnist")


def test_strict_mode_leaves_the_digits_themselves_alone(monkeypatch):
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    assert load("digits").source == "embedded"


@pytest.mark.parametrize("name", [name for name in names() if name not in {*IMAGE_SETS, "digits"}])
def test_a_set_without_a_stand_in_is_an_error_with_the_remedy(name, cache):
    with pytest.raises(DataUnavailable, match="set DLBOOK_DATA to that folder"):
        load(name)
    assert locate(name) is None
    assert files_in(cache) == []


def test_used_lists_each_load_once():
    for split in ("train", "train", "test"):
        load("digits", split)
    rows = used()
    assert [(row["name"], row["split"], row["source"]) for row in rows] == [
        ("digits", "train", "embedded"),
        ("digits", "test", "embedded"),
    ]
    rows[0]["name"] = "changed"
    assert used()[0]["name"] == "digits"


def test_a_dataset_shows_itself_in_one_line():
    data = load("mnist")
    assert repr(data) == ("<mnist/train: x (1501, 1, 28, 28) uint8, y (1501,) int64, 10 classes, embedded>")


def test_loading_warns_of_nothing_and_prints_nothing_to_stderr(server, capfd):
    assert load("mnist").source == "download"
    assert capfd.readouterr() == ("", "")


def test_the_docstring_examples_hold():
    for module in (dataset, download, loading, record, registry, sources):
        result = doctest.testmod(module)
        assert result.attempted > 0
        assert result.failed == 0
