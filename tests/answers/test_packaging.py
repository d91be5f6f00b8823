"""An installed package brings the chapters' keys along, for notebooks far from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of the project as it lies here, made without touching the source folder."""
    pytest.importorskip("setuptools", reason="building a wheel needs setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "project"
    copy.mkdir()
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "src", "book"):
        (copy / name).symlink_to(ROOT / name)
    # what setuptools writes beside the sources must not land in the checkout
    (copy / "src").unlink()
    subprocess.run(["cp", "-R", str(ROOT / "src"), str(copy / "src")], check=True)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "setup.py", "-q", "bdist_wheel", "-d", str(folder)],
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return next(folder.glob("*.whl"))


def test_a_wheel_holds_every_file_of_keys(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    files = sorted((ROOT / "book").rglob("*.answers.toml"))
    assert files
    for path in files:
        assert f"dlbook/answers/_keys/{path.relative_to(ROOT / 'book').as_posix()}" in inside


def test_a_package_from_a_wheel_names_the_sections_to_read_again(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from dlbook.answers.sections import pointer as p; print(p('sec-blame')); print(p('sec-kink'))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    blame, kink = run.stdout.splitlines()
    assert "Who is to blame?" in blame
    assert "The corner of the ReLU" in kink


def test_a_package_from_a_wheel_finds_its_keys_without_a_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "import dlbook.answers.keys as k; print(k.__file__, len(k.all_keys()))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    place, count = run.stdout.split()
    assert Path(place).is_relative_to(tmp_path)
    assert int(count) > 0
