"""Records are whole or absent, whatever happens to the disk or the process."""

import json
import os

import pytest

from dlbook.site.records import KEEP, Records, write_atomically

RECORD = {
    "cells": [{"outputs": [{"text": "0.5\n", "data": {"é": [1, 2.5, None]}}], "seconds": 0.1}],
    "data": [],
}


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path / "execution")


def test_a_record_comes_back_as_it_was_stored(records):
    records.put("a/one", "k" * 64, RECORD)
    assert records.get("a/one", "k" * 64) == RECORD
    assert records.get("a/one", "j" * 64) is None
    assert records.get("a/two", "k" * 64) is None


def test_a_damaged_record_is_as_good_as_absent(records):
    records.put("a", "k", RECORD)
    path = records.folder / "a" / "k.json"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert records.get("a", "k") is None, f"cut after {length} bytes"
    path.write_bytes(whole.replace(b"0.5", b"0.6"))
    assert records.get("a", "k") is None, "an output was altered"
    path.write_bytes(b"\xff\xfe\x00")
    assert records.get("a", "k") is None
    path.write_text(json.dumps([1]))
    assert records.get("a", "k") is None


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    write_atomically(path, "old")

    def refuse(*_):
        raise OSError("no space left on device")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, refuse)
            with pytest.raises(OSError, match="no space"):
                write_atomically(path, "new")
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]


def test_the_disk_has_the_content_before_the_name_leads_to_it(tmp_path, monkeypatch):
    steps = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda f: (steps.append("fsync"), sync(f)))
    monkeypatch.setattr(os, "replace", lambda a, b: (steps.append("replace"), replace(a, b)))
    write_atomically(tmp_path / "file", "x")
    assert steps == ["fsync", "replace"]


def test_only_the_newest_few_records_of_a_chapter_are_kept(records):
    for number in range(KEEP + 3):
        records.put("a", f"k{number}", RECORD | {"number": number})
        os.utime(records.folder / "a" / f"k{number}.json", ns=(number, number))
    records.put("b", "k0", RECORD)
    assert records.latest("a")["number"] == KEEP + 2
    kept = sorted(path.stem for path in (records.folder / "a").iterdir())
    assert len(kept) == KEEP
    assert f"k{KEEP + 2}" in kept
    assert records.get("b", "k0") == RECORD


def test_a_record_in_use_is_not_the_next_to_go(records):
    for number in range(KEEP):
        records.put("a", f"k{number}", RECORD)
        os.utime(records.folder / "a" / f"k{number}.json", ns=(number, number))
    records.touch("a", "k0")
    records.put("a", "new", RECORD)
    assert records.get("a", "k0") == RECORD


def test_latest_passes_over_a_damaged_record(records):
    records.put("a", "good", RECORD)
    os.utime(records.folder / "a" / "good.json", ns=(1, 1))
    records.put("a", "bad", RECORD)
    (records.folder / "a" / "bad.json").write_text("{")
    assert records.latest("a") == RECORD


def test_current_follows_the_manifest(records):
    records.put("a", "k", RECORD)
    assert records.current("a") is None
    records.write_manifest({"chapters": {"a": {"key": "k"}}})
    assert records.current("a") == RECORD
    assert records.current("b") is None
