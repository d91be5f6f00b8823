"""Builds from the standing process are like any other, and take less."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tinybook import ROOT, site, wait_for

from dlbook.site.project import Project
from dlbook.site.warm import WarmBuilder


@pytest.fixture
def warm(book, monkeypatch, tmp_path):
    """A builder of a small book, with a copy of this package that a test may edit."""
    book.chapter("a/one", "print('one')")
    src = tmp_path / "package"
    shutil.copytree(ROOT / "src", src, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name, value in book.environment(PYTHONPATH=str(src), EDITED_PACKAGE=str(src)).items():
        monkeypatch.setenv(name, value)
    builder = WarmBuilder(Project(book.root))
    builder.package = src / "dlbook/site"
    yield builder
    builder.close()


def change(path: Path, old: str, new: str) -> None:
    """Edit a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def spent(builder: WarmBuilder) -> float:
    """CPU seconds of the builds that have ended."""
    times = psutil.Process(builder._process.pid).cpu_times()
    return times.children_user + times.children_system


def test_an_edit_is_on_the_page_for_a_fraction_of_a_cold_builds_work(book, warm):
    assert warm.build()
    cold = spent(warm)
    book.edit("book/a/one.md", "Some prose.", "Quite other prose.")
    process = warm._process.pid
    assert warm.build()
    assert warm._process.pid == process
    assert spent(warm) - cold < cold / 2
    assert "Quite other prose." in book.page("a/one")

    built_on = site(book)
    shutil.rmtree(book.root / "_build/html")
    book.build(PYTHONPATH=os.environ["PYTHONPATH"])
    assert site(book) == built_on


def test_an_edited_module_or_template_takes_effect_at_the_next_build(book, warm):
    assert warm.build()
    assert warm.build()  # answered by a process that has everything imported
    change(warm.package / "extension.py", 'return f"{read}, ', 'return f"Planted: {read}, ')
    assert warm.build()
    assert "Planted: " in book.page("a/one"), "an old module"
    change(warm.package / "templates/layout.html", "<body>", '<body data-planted="yes">')
    assert warm.build()
    assert 'data-planted="yes"' in book.page("a/one"), "an old template"


def test_an_edit_made_while_a_build_runs_takes_effect_at_the_next(book, warm):
    assert warm.build()
    code = """
import os
from pathlib import Path
module = Path(os.environ["EDITED_PACKAGE"]) / "dlbook/site/extension.py"
word = "Plan" + "ted: "  # not in one piece, as the page shows this code
module.write_text(module.read_text().replace('return f"{read}, ', 'return f"' + word + '{read}, '))
"""
    book.edit("book/a/one.md", "print('one')", code.strip())
    assert warm.build()
    assert "Planted: " in (warm.package / "extension.py").read_text()
    assert warm.build()
    assert "Planted: " in book.page("a/one"), "an old module"


def test_an_edit_with_an_old_time_made_right_after_a_build_takes_effect(book, warm):
    assert warm.build()
    assert warm.build()
    module = warm.package / "extension.py"
    change(module, 'return f"{read}, ', 'return f"Planted: {read}, ')
    os.utime(module, (1, 1))
    assert warm.build()
    assert "Planted: " in book.page("a/one"), "an old module"


def test_a_build_that_fails_says_so_and_the_next_is_right(book, warm):
    assert warm.build()
    book.edit("book/a/one.md", "Some prose.", "See [x](#nowhere).")
    assert not warm.build()
    book.edit("book/a/one.md", "See [x](#nowhere).", "Mended.")
    assert warm.build()
    assert "Mended." in book.page("a/one")


def test_a_standing_process_that_was_killed_is_replaced(book, warm):
    assert warm.build()
    warm._process.kill()
    warm._process.wait()
    book.edit("book/a/one.md", "Some prose.", "After it.")
    assert warm.build()
    assert "After it." in book.page("a/one")


def test_serving_ends_with_all_its_processes(book):
    book.chapter("a/one", "print('one')")
    process = book.start("serve", "--port", "8870")
    for line in process.stdout:
        if line.startswith("Serving"):
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    book.edit("book/a/one.md", "Some prose.", "While it is served.")
    wait_for(lambda: "While it is served." in book.page("a/one"))
    process.terminate()
    process.communicate(timeout=30)
    wait_for(lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children), 10)


def test_byte_code_is_kept_where_python_may_not_write_it_beside_sources(book, tmp_path):
    src = tmp_path / "package"
    shutil.copytree(ROOT / "src", src, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    book.chapter("a/one", "print('one')")
    own = {"PYTHONPATH": str(src), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": ""}
    book.build(**own)
    kept = book.root / "_build/bytecode"
    assert any(path.name.startswith("render.cpython") for path in kept.rglob("*.pyc"))
    assert not list(src.rglob("__pycache__"))
    edited = src / "dlbook/site/rows.py"
    edited.write_text(edited.read_text().replace('"title": chapter.title', '"title": "planted and longer"'))
    book.build(**own)
    assert [row["title"] for row in book.report()["chapters"]] == ["planted and longer"], "old byte code"


def test_the_build_imports_no_grammars_of_addresses_and_no_database():
    code = (
        "import sys; from dlbook.site.spared import spare_imports; spare_imports();"
        "import jupyter_book.sphinx, dlbook.site.extension, dlbook.site.execute;"
        "names = ('rfc3987_syntax.syntax_helpers', 'sqlalchemy', 'torch', 'sympy');"
        "print(*[name for name in names if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""
