"""Faults of the network, the server and the disk: nothing wrong is served, nothing half is left."""

import contextlib
import errno
import gzip
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from data_support import files_in, send, tiny_entry

from dlbook.data import DataUnavailable, catalogue, download, fetch, load, locate

IMAGES = "train-images-idx3-ubyte.gz"


def serves_nothing(handler, body):
    handler.send_error(404)


def fails(handler, body):
    handler.send_error(500)


def closes_in_the_middle(handler, body):
    send(handler, body[: len(body) // 2], length=len(body))


def claims_more_than_it_has(handler, body):
    send(handler, body, length=len(body) + 10)


def cuts_without_a_length(handler, body):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def sends_other_bytes(handler, body):
    send(handler, body[:-1] + bytes([body[-1] ^ 1]))


def sends_a_login_page(handler, body):
    send(handler, b"<html>Please accept our terms</html>")


def stalls(handler, body):
    send(handler, body[:100], length=len(body))
    handler.wfile.flush()
    time.sleep(1.0)


def never_answers(handler, body):
    time.sleep(1.0)


FAULTS = {
    serves_nothing: "server answered 404",
    fails: "server answered 500",
    closes_in_the_middle: "download interrupted",
    claims_more_than_it_has: "download interrupted",
    cuts_without_a_length: "server sent other bytes than published",
    sends_other_bytes: "server sent other bytes than published",
    sends_a_login_page: "server sent other bytes than published",
    stalls: "server too slow or not reachable",
    never_answers: "server too slow or not reachable",
}


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def fault(request, server):
    """A server that does one thing wrong with the training images, and how that is called."""
    server.answers[IMAGES] = request.param
    return FAULTS[request.param]


def test_a_sound_server_gives_the_published_tensors(server, tiny, cache):
    test = load("mnist", "test")
    assert test.source == "download"
    assert torch.equal(test.x[:, 0], torch.from_numpy(tiny.x[10:]))
    assert torch.equal(test.y, torch.from_numpy(tiny.y[10:]))
    assert files_in(cache) == sorted(tiny.contents)


def test_what_was_downloaded_is_not_downloaded_again(server):
    load("mnist")
    asked = len(server.requests)
    assert load("mnist", "test").source == "cache"
    assert len(server.requests) == asked == 4


def test_a_fault_is_announced_in_one_line_and_leaves_no_half_file(fault, cache, capsys, tiny):
    train = load("mnist")
    assert train.source == "embedded"
    assert capsys.readouterr().out == (
        f"mnist: not found and not downloadable ({fault}); "
        "using scikit-learn's 1,797 scanned digits instead.\n"
    )
    # The files that came whole before the fault may stay; the faulty one and temporaries may not.
    assert set(files_in(cache)) <= set(tiny.contents) - {f"MNIST/raw/{IMAGES}"}


def test_a_fault_is_an_error_with_the_remedy_in_strict_mode(fault, monkeypatch, cache, capsys, tiny):
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    with pytest.raises(DataUnavailable, match="set DLBOOK_DATA to that folder") as caught:
        load("mnist")
    assert caught.value.reason == fault
    assert "DLBOOK_DATA_STRICT" in str(caught.value)
    assert capsys.readouterr().out == ""
    assert set(files_in(cache)) <= set(tiny.contents) - {f"MNIST/raw/{IMAGES}"}


def test_a_server_that_is_not_there_is_no_network(tiny, monkeypatch, cache):
    monkeypatch.delenv("DLBOOK_OFFLINE")
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", tiny_entry(tiny.contents, "http://127.0.0.1:1"))
    with pytest.raises(DataUnavailable) as caught:
        load("mnist")
    assert caught.value.reason == "no network"
    assert files_in(cache) == []


def test_a_name_that_does_not_resolve_is_no_network(tiny, monkeypatch):
    monkeypatch.delenv("DLBOOK_OFFLINE")
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", tiny_entry(tiny.contents, "http://nowhere.invalid"))
    with pytest.raises(DataUnavailable) as caught:
        load("mnist")
    assert caught.value.reason == "no network"


def test_a_fault_that_passes_is_overcome_by_the_second_try(server, tiny):
    server.answers[IMAGES] = lambda handler, body: (
        server.answers.clear(),
        closes_in_the_middle(handler, body),
    )
    assert load("mnist").source == "download"


def test_a_missing_file_is_not_asked_for_twice(server):
    server.answers[IMAGES] = serves_nothing
    load("mnist")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [serves_nothing, sends_other_bytes, never_answers])
def test_the_second_mirror_serves_what_the_first_does_not(server, tiny, monkeypatch, fault):
    entry = tiny_entry(tiny.contents, f"{server.base}/mirror", server.base)
    monkeypatch.setitem(catalogue.ENTRIES, "mnist", entry)
    server.answers[f"/mirror/MNIST/raw/{IMAGES}"] = fault
    assert load("mnist").source == "download"


def test_bytes_labelled_as_gzip_are_kept_as_served(server, tiny, cache):
    server.answers[".gz"] = lambda handler, body: send(handler, body, Content_Encoding="gzip")
    assert load("mnist").source == "download"
    assert (cache / "MNIST/raw" / IMAGES).read_bytes() == tiny.contents[f"MNIST/raw/{IMAGES}"]


def test_an_endless_trickle_ends_at_the_total_limit(server, monkeypatch):
    def trickles(handler, body):
        handler.send_response(200)
        handler.end_headers()
        while not server.closing.wait(0.05):
            handler.wfile.write(bytes(1 << 16))

    monkeypatch.setattr(download, "TOTAL_SECONDS", 0.3)
    server.answers[IMAGES] = trickles
    begun = time.monotonic()
    assert load("mnist").source == "embedded"
    assert time.monotonic() - begun < 5


def test_a_full_disk_is_announced_and_leaves_nothing(server, monkeypatch, cache, capsys):
    class Full:
        """A file on a full disk: takes the first bytes only."""

        def __init__(self, path, mode):
            self.stream = Path(path).open(mode)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *args):
            self.stream.close()

        def write(self, chunk):
            self.stream.write(chunk[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "open", Full, raising=False)
    assert load("mnist").source == "embedded"
    assert "(cache: no disk space left)" in capsys.readouterr().out
    assert files_in(cache) == []
    assert len(server.requests) == 1, "another try cannot help against a full disk"


def test_an_impatient_reader_leaves_no_half_file(server, monkeypatch, cache):
    class Interrupted:
        """Ctrl-C arrives while the first bytes are written."""

        def __init__(self, *args, **kwargs):
            raise KeyboardInterrupt

    monkeypatch.setattr("tqdm.tqdm.update", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        load("mnist")
    assert files_in(cache) == []


def test_a_cache_that_cannot_be_made_is_announced_without_its_path(server, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DLBOOK_CACHE", str(tmp_path / "file" / "cache"))
    assert load("mnist").source == "embedded"
    line = capsys.readouterr().out
    assert "(cache: folder cannot be written)" in line
    assert str(tmp_path) not in line, "this line is published"
    assert (tmp_path / "file").read_text() == "not a folder"


def test_a_cache_that_cannot_be_written_names_the_remedy_in_strict_mode(server, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DLBOOK_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setenv("DLBOOK_DATA_STRICT", "1")
    with pytest.raises(DataUnavailable, match="set DLBOOK_CACHE to a folder of your own"):
        load("mnist")


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root may write anywhere: run as another user to test a read-only cache"
)
def test_a_read_only_cache_is_announced(server, cache, capsys):
    cache.mkdir()
    cache.chmod(0o500)
    assert load("mnist").source == "embedded"
    assert "(cache: folder cannot be written)" in capsys.readouterr().out


def test_a_damaged_file_in_the_cache_is_replaced(server, tiny, cache):
    tiny.write(cache)
    bad = cache / "MNIST/raw" / IMAGES
    bad.write_bytes(bad.read_bytes()[:-5])
    train = load("mnist")
    assert torch.equal(train.x[:, 0], torch.from_numpy(tiny.x[:10]))
    assert bad.read_bytes() == tiny.contents[f"MNIST/raw/{IMAGES}"]
    assert [path.rpartition("/")[2] for path in server.requests] == [IMAGES], (
        "only the damaged file is brought"
    )


def test_a_damaged_file_in_the_cache_that_cannot_be_replaced_is_removed_and_announced(tiny, cache, capsys):
    tiny.write(cache)
    bad = cache / "MNIST/raw" / IMAGES
    bad.write_bytes(gzip.compress(b"something else"))
    assert load("mnist").source == "embedded"
    assert "cached copy damaged and removed; DLBOOK_OFFLINE is set" in capsys.readouterr().out
    assert not bad.exists()


def test_locate_leaves_a_damaged_cache_alone_and_calls_it_absent(tiny, cache):
    tiny.write(cache)
    bad = cache / "MNIST/raw" / IMAGES
    bad.write_bytes(b"something else")
    assert locate("mnist") is None
    assert bad.exists()


def test_fetch_downloads_once_and_returns_none_where_it_cannot(server, monkeypatch, cache):
    server.answers[IMAGES] = serves_nothing
    assert fetch("mnist") is None
    server.answers.clear()
    found = fetch("mnist")
    assert (found.source, found.root) == ("download", cache)
    assert locate("mnist").fingerprint == found.fingerprint
    assert fetch("mnist").source == "cache"


def test_offline_nothing_is_asked_for(server, monkeypatch):
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    assert fetch("mnist") is None
    assert load("mnist").source == "embedded"
    assert server.requests == []


def test_old_temporaries_of_killed_downloads_are_swept_and_young_ones_kept(server, cache):
    folder = cache / "MNIST/raw"
    folder.mkdir(parents=True)
    old, young = folder / "tmpold12345", folder / "tmpyoung123"
    old.write_bytes(b"half")
    young.write_bytes(b"another process is writing this")
    long_ago = time.time() - 3 * download.TOTAL_SECONDS
    os.utime(old, (long_ago, long_ago))
    load("mnist")
    assert not old.exists()
    assert young.exists()


WORKER = """
import pathlib, pickle, sys
from data_support import tiny_entry
from dlbook.data import catalogue, fetch
contents = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
catalogue.ENTRIES["mnist"] = tiny_entry(contents, sys.argv[2])
found = [fetch("mnist") for _ in range(3)]
print(*(f.source for f in found), *{f.fingerprint for f in found})
"""


def test_processes_that_fetch_at_once_all_get_the_right_files(server, tiny, tmp_path, cache):
    together = threading.Barrier(3)

    def serves_three_at_once(handler, body):
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(timeout=25)
        send(handler, body)

    server.answers[IMAGES] = serves_three_at_once
    contents = tmp_path / "contents.pickle"
    contents.write_bytes(pickle.dumps(tiny.contents))
    command = [sys.executable, "-c", WORKER, str(contents), server.base]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here) for _ in range(3)]
    said = [worker.communicate(timeout=120)[0].split() for worker in workers]
    fingerprint = locate("mnist").fingerprint
    assert all(line[1:] == ["cache", "cache", fingerprint] for line in said), said
    assert {line[0] for line in said} <= {"download", "cache"}
    assert not together.broken, "they did not run at once: the test says nothing"
    assert files_in(cache) == sorted(tiny.contents)
    assert all((cache / path).read_bytes() == content for path, content in tiny.contents.items())
