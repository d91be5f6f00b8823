"""pyproject.toml, requirements.lock and environment.yml name the same dependencies."""

import re
from typing import Any

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
"""What conda-forge calls a package, where that differs from the Python package index."""

ONLY_CONDA = {"python", "pip", "jupyterlab", "jupytext"}
"""What environment.yml adds: an interpreter, and what shows a chapter as a notebook."""

PLATFORMS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": name,
    }
    for python in ("3.11", "3.12", "3.13")
    for system, name in (("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows"))
]


def ranges(requirements: list[str]) -> dict[str, SpecifierSet]:
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(each.name): each.specifier for each in parsed}


@pytest.fixture(scope="module")
def direct(pyproject) -> list[Requirement]:
    """Every dependency that the project asks for, extras included."""
    project = pyproject["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    return [Requirement(text) for text in project["dependencies"] + extras]


@pytest.fixture(scope="module")
def lock(root) -> list[str]:
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def conda(root) -> dict[str, Any]:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


def test_conda_has_every_dependency_of_the_chapters_with_the_same_range(pyproject, conda):
    wanted = {CONDA_NAMES.get(n, n): r for n, r in ranges(pyproject["project"]["dependencies"]).items()}
    listed = [text for text in conda["dependencies"] if isinstance(text, str)]
    found = ranges([text for text in listed if re.split(r"[=<>\s]", text)[0] not in ONLY_CONDA])
    assert found == wanted


def test_conda_takes_everything_from_conda_forge_and_this_package_last(conda):
    assert conda["channels"] == ["conda-forge", "nodefaults"]
    # Binder copies the repository before installing when it sees a local path among pip's requirements.
    assert conda["dependencies"][-1] == {"pip": ["-e ."]}
    assert "pip" in conda["dependencies"]


def test_conda_pins_one_minor_version_of_python_that_the_package_supports(pyproject, conda):
    (python,) = [
        text for text in conda["dependencies"] if isinstance(text, str) and text.startswith("python")
    ]
    # The form from which Binder reads the version.
    match = re.fullmatch(r"python=(3\.\d+)", python)
    assert match
    assert SpecifierSet(pyproject["project"]["requires-python"]).contains(f"{match[1]}.0")


def test_python_311_and_every_later_one_is_supported(pyproject):
    supported = SpecifierSet(pyproject["project"]["requires-python"])
    assert [supported.contains(v) for v in ("3.10.14", "3.11.0", "3.13.0", "3.14.0")] == [
        False,
        True,
        True,
        True,
    ]


def test_installing_the_package_where_a_newer_torch_is_replaces_nothing(pyproject):
    for name, allowed in ranges(pyproject["project"]["dependencies"]).items():
        assert allowed.contains("999"), f"{name} has an upper bound; Colab would replace its own {name}"


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: f"{p['python_version']}-{p['sys_platform']}")
def test_the_lock_holds_each_direct_dependency_once_within_its_range(direct, lock, platform):
    environment = {**default_environment(), **platform}
    pins: dict[str, list[Version]] = {}
    for requirement in map(Requirement, lock):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}
    for requirement in [*direct, Requirement("uv")]:
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in requirements.lock; run make lock"
        assert requirement.specifier.contains(versions[0]), (
            f"{requirement} but locked {versions[0]}; run make lock"
        )


def test_the_lock_is_exact_and_holds_no_address(lock):
    for line in lock:
        requirement = Requirement(line)  # an option line such as --index-url or --hash is no requirement
        assert requirement.url is None, line
        assert [pin.operator for pin in requirement.specifier] == ["=="], line
        assert "+" not in str(requirement.specifier), f"{line}: a local version exists on one index only"
        assert not re.search(r"://|file:|\s@\s|[\\/]", line), line
