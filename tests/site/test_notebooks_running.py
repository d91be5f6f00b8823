"""Exported notebooks run elsewhere with the installed package, and record what their pages show."""

import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from dlbook.site.chapters import Chapter
from dlbook.site.notebooks import running, verify
from dlbook.site.notebooks.cells import code_cell, notebook
from dlbook.site.notebooks.verify import faults_of, verify_notebooks
from dlbook.site.project import BuildError, Project, Settings
from dlbook.site.records import Records

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings(budget="smoke", timeout=120)
HEADER = (
    "---\njupytext:\n  text_representation:\n    format_name: myst\nkernelspec:\n  name: python3\n---\n\n"
)
CELL = "import os\nfrom dlbook.page import record\n\nrecord(loss=0.5, home=os.path.basename(os.getcwd()))"


@pytest.fixture
def project(tmp_path) -> Project:
    """A project whose package is as small as can be, with one page that was executed and exported."""
    root = tmp_path / "project"
    for name in ("README.md", "LICENSE", "setup.py"):
        root.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "dlbook"\nversion = "0"\n\n[tool.setuptools.packages.find]\nwhere = ["src"]\n'
    )
    (root / "src" / "dlbook" / "answers").mkdir(parents=True)
    for name in ("__init__.py", "page.py", "answers/sections.py"):  # the last is for setup.py
        shutil.copy(ROOT / "src" / "dlbook" / name, root / "src" / "dlbook" / name)
    (root / "book").mkdir()
    return Project(root)


def chapter(project: Project, cell: str = CELL) -> Chapter:
    text = f"{HEADER}# One\n\n```{{code-cell}} ipython3\n{cell}\n```\n"
    path = project.book / "one.md"
    path.write_text(text)
    project.notebooks.mkdir(parents=True, exist_ok=True)
    (project.notebooks / "one.ipynb").write_text(
        nbformat.writes(nbformat.from_dict(notebook([code_cell(cell, (), False)])))
    )
    return Chapter("one", path, text)


def executed(project: Project, page: Chapter, **values: str) -> None:
    """Pretend that the page was executed and recorded these values."""

    def glued(name: str, value: str) -> dict:
        prefix = "application/papermill.record/"
        metadata = {"scrapbook": {"name": name, "mime_prefix": prefix}}
        return {"output_type": "display_data", "data": {f"{prefix}text/plain": value}, "metadata": metadata}

    outputs = [glued(name, value) for name, value in values.items()]
    records = Records(project.execution("smoke"))
    records.put("one", "k" * 64, {"cells": [{"source": page.cells[0].source, "outputs": outputs}]})
    records.write_manifest({"chapters": {"one": {"key": "k" * 64}}})


def test_a_sound_notebook_runs_elsewhere_with_the_installed_package(project, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))  # as in a developer's shell
    page = chapter(project)
    executed(project, page, loss="0.5000000001", home="run-1")
    said: list[str] = []
    (ran,) = verify_notebooks([page], project, SETTINGS, said.append)
    assert Path(ran.package).parts[-5:-2] == (
        "lib",
        f"python{running.sys.version_info[0]}.{running.sys.version_info[1]}",
        "site-packages",
    )
    assert not Path(ran.package).is_relative_to(ROOT)
    assert not Path(ran.package).is_relative_to(project.root)
    assert ran.values == {"loss": "0.5", "home": "run-1"}
    assert 20 < ran.peak_mb < 500
    assert len(said) == 1
    assert said[0].startswith("  [1/1]  one  ")
    kernels = [p for p in psutil.Process().children(recursive=True) if "ipykernel" in " ".join(p.cmdline())]
    assert kernels == []


def test_other_values_and_missing_ones_are_told(project):
    page = chapter(project)
    executed(project, page, loss="0.6", accuracy="1")
    with pytest.raises(BuildError) as error:
        verify_notebooks([page], project, SETTINGS, lambda _: None)
    assert "one: accuracy is missing in the notebook" in str(error.value)
    assert "one: loss is 0.6 on the page and 0.5 in the notebook" in str(error.value)


def test_a_cell_that_fails_is_told_with_its_chapter(project):
    page = chapter(project, "1 / 0")
    with pytest.raises(BuildError, match=r"(?s)one: its notebook does not run through.*ZeroDivisionError"):
        verify_notebooks([page], project, SETTINGS, lambda _: None)


def test_a_notebook_that_takes_too_long_is_ended(project):
    page = chapter(project, "import time\ntime.sleep(60)")
    with pytest.raises(BuildError, match="one: its notebook did not come to its end"):
        verify_notebooks([page], project, replace(SETTINGS, timeout=3), lambda _: None)


def test_a_page_without_a_notebook_is_told(project):
    page = chapter(project)
    (project.notebooks / "one.ipynb").unlink()
    with pytest.raises(BuildError, match="no notebook of one has been exported; run make book first"):
        verify_notebooks([page], project, SETTINGS)


@pytest.fixture
def ran(project) -> running.Ran:
    return running.Ran("one", 1.0, 100.0, str(project.root / "venv" / "dlbook.py"), {"loss": "0.5"}, None)


def test_too_much_memory_and_the_wrong_package_are_told(project, ran):
    page = chapter(project)
    executed(project, page, loss="0.5")
    assert faults_of(ran, page, project, SETTINGS, project.root) == []
    (fault,) = faults_of(replace(ran, peak_mb=1501), page, project, SETTINGS, project.root)
    assert fault == "one: it took 1501 MB of memory; 1500 MB are allowed"
    (fault,) = faults_of(ran, page, project, SETTINGS, project.root / "elsewhere")
    assert "not from the environment made for it" in fault


def test_a_page_that_was_not_executed_as_it_is_now_is_no_yardstick(project, ran):
    page = chapter(project)
    executed(project, page, loss="0.5")
    other = chapter(project, CELL + "\nx = 1")
    (fault,) = faults_of(ran, other, project, SETTINGS, project.root)
    assert "was not executed under the smoke budget as it now is" in fault


def test_binder_s_memory_is_the_limit():
    assert verify.MOST_MB == 1500
