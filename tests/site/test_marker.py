"""What the worker in the browser loads: this project's own files, pinned runtime, equal bytes each time."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from answerbook import KEYS, SHARED
from tinybook import ROOT

from dlbook.site import marker as module
from dlbook.site.marker import FOLDER, LISTING, RUNTIME, install, make_archive, make_wheel, missing

PACKAGE = ROOT / "src" / "dlbook"


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def pyodide(tmp_path, monkeypatch):
    """A stand-in for Pyodide's package."""
    package = tmp_path / "package"
    package.mkdir()
    for name in RUNTIME:
        (package / name).write_text(f"this is {name}")
    monkeypatch.setattr(module, "fetch_npm", lambda *pinned: package)
    module.marker.cache_clear()
    yield package
    module.marker.cache_clear()


def test_the_wheel_holds_the_tested_files_and_nothing_else():
    name, content = make_wheel(PACKAGE)
    files = unpacked(content)
    code = {f"dlbook/{p.relative_to(PACKAGE).as_posix()}" for p in (PACKAGE / "answers").rglob("*.py")}
    code.add("dlbook/page.py")
    assert {n for n in files if ".dist-info/" not in n} == code | {"dlbook/__init__.py"}
    for path in code:
        assert files[path] == (ROOT / "src" / path).read_bytes()
    assert name.startswith("dlbook_answers-")
    assert name.endswith("-py3-none-any.whl")
    assert any(n.endswith("licenses/LICENSE") for n in files)


def test_the_wheel_is_a_sound_one():
    name, content = make_wheel(PACKAGE)
    files = unpacked(content)
    (record,) = (n for n in files if n.endswith(".dist-info/RECORD"))
    rows = {row[0]: row[1:] for row in csv.reader(files[record].decode().splitlines())}
    assert rows.keys() == files.keys()
    for path, (digest, size) in rows.items():
        if path != record:
            expected = urlsafe_b64encode(hashlib.sha256(files[path]).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={expected}", len(files[path]))
    assert record.split(".dist-info")[0] == name.removesuffix("-py3-none-any.whl")


def test_equal_files_give_equal_bytes_in_whatever_order_and_at_whatever_time():
    files = {"b.py": b"2", "a/c.py": b"1" * 1000}
    again = dict(reversed(files.items()))
    assert make_archive(files) == make_archive(again)
    assert make_wheel(PACKAGE) == make_wheel(PACKAGE)


def test_what_is_packed_marks_answers_by_itself(tmp_path):
    for content in (make_wheel(PACKAGE)[1], make_archive(module._library_files())):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(tmp_path)
    request = json.dumps({"tables": tables("slope"), "name": "tiny/slope", "answer": "w2*(y_hat - y)"})
    code = f"from dlbook.answers import page; page.warm_up(); print(page.mark_json({request!r}))"
    # -I and -S: no site-packages, so nothing but what was packed and the standard library.
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert (verdict["status"], verdict["words"]) == ("right", "Right.")
    assert verdict["understood"].startswith("<math")


def tables(name):
    import tomllib

    return tomllib.loads(f"{SHARED}\n[keys.{name}]{KEYS[name]}")


def test_the_libraries_bring_their_licences_and_not_their_tests():
    files = module._library_files()
    assert not [name for name in files if "/tests/" in name]
    licences = [name for name in files if ".dist-info/" in name]
    assert any("LICENSE" in name for name in licences if name.startswith("mpmath"))
    # latex2mathml has no file of its own for its licence; its metadata tells it
    assert any(b"License: MIT" in files[name] for name in licences if name.startswith("latex2mathml"))
    assert sum(map(len, files.values())) < 2.5e6
    assert len(make_archive(files)) < 600_000


def test_a_site_gets_all_of_it_once(tmp_path, pyodide):
    site = tmp_path / "html"
    assert "make book" in missing(site)
    assert install(site) == ""
    assert missing(site) == ""
    listing = json.loads((site / FOLDER / LISTING).read_text())
    for name in RUNTIME:
        assert (site / FOLDER / listing["runtime"] / name).read_text() == f"this is {name}"
    assert [Path(name).suffix for name in listing["archives"]] == [".whl", ".zip"]
    before = {p: p.stat().st_mtime_ns for p in (site / FOLDER).rglob("*")}
    module.marker.cache_clear()
    shutil.rmtree(pyodide)  # were it made again, it would be missed
    assert install(site) == ""
    assert {p: p.stat().st_mtime_ns for p in (site / FOLDER).rglob("*")} == before


def test_a_copy_that_was_cut_short_is_found_and_mended(tmp_path, pyodide):
    site = tmp_path / "html"
    install(site)
    path = next((site / FOLDER).rglob("*.wasm"))
    path.write_text("this")
    assert "pyodide.asm.wasm is missing or cut short" in missing(site)
    install(site)
    assert path.read_text() == "this is pyodide.asm.wasm"


def test_names_change_with_the_content(tmp_path, pyodide, monkeypatch):
    before = module.marker().archives
    monkeypatch.setattr(module, "make_wheel", lambda package: ("w.whl", b"other"))
    module.marker.cache_clear()
    after = module.marker().archives
    assert before[0].split("/")[0] != after[0].split("/")[0]


def test_without_pyodide_the_reason_is_kept_and_told(tmp_path, monkeypatch):
    monkeypatch.setenv("DLBOOK_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    module.marker.cache_clear()
    reason = install(tmp_path / "html")
    assert "DLBOOK_OFFLINE forbids fetching it" in reason
    assert missing(tmp_path / "html") == reason
    assert not (tmp_path / "html" / FOLDER / LISTING).exists()
