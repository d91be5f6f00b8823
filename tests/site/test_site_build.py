"""The build as a whole, driven by its real command on a throw-away book."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tinybook import TinyBook, site, wait_for

EXERCISES = "".join(
    f"""

```{{exercise-start}} Try {n}
:label: ex-{n}
```
Find it.
```{{exercise-end}}
```

```{{solution-start}} ex-{n}
:class: dropdown
```
Found.

```{{code-cell}} ipython3
assert {n} + 1 == 1 + {n}
```
```{{solution-end}}
```
"""
    for n in (1, 2)
)


@pytest.fixture
def two(book):
    """Two chapters that use a module each, and a module that neither uses; exercises, to have some."""
    book.chapter("a/one", "from helper.near import f\nprint('one says', f())")
    book.chapter(
        "a/two", "from helper.far import g\nprint('two says', g())", prose="See [one](one.md)." + EXERCISES
    )
    book.write("src/helper/__init__.py", "")
    book.write("src/helper/near.py", "def f(): return 'near'\n")
    book.write("src/helper/far.py", "def g(): return 'far'\n")
    book.write("src/helper/idle.py", "x = 1\n")
    return book


def test_a_build_does_what_the_edits_ask_for_and_no_more(two):
    ran, output = two.build()
    assert ran == ["a/one", "a/two"]
    assert re.search(
        r"Book: _build/html/index.html \(2 chapters, 2 executed, 0 from the cache, .* s\)\s*$", output
    )
    assert "one says near" in two.page("a/one")
    assert "dlbook-facts" in two.page("a/one")
    assert "dlbook-facts" not in two.page("index")

    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran, output = two.build()
    assert ran == []
    assert "2 from the cache" in output
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time: the clock on the wall depends on what else the machine does.
    assert now.ru_utime + now.ru_stime - spent.ru_utime - spent.ru_stime < 10

    two.edit("book/a/one.md", "Some prose.", "Quite other prose.")
    two.write("src/helper/idle.py", "x = 2\n")
    assert two.build()[0] == []
    assert "Quite other prose." in two.page("a/one")
    assert "one says near" in two.page("a/one")

    two.write("src/helper/near.py", "def f(): return 'nearer'\n")
    ran, output = two.build()
    assert ran == ["a/one"]
    assert "changed: src (helper/near.py)" in output
    assert "one says nearer" in two.page("a/one")  # although its Markdown is as it was
    assert "two says far" in two.page("a/two")

    two.write("src/helper/near.py", "def f(): return 'near'\n")
    two.edit("book/a/two.md", "# Chapter two", "# Chapter second")
    assert two.build()[0] == []  # its record is still there
    assert "one says nearer" not in two.page("a/one")
    assert "Chapter second" in two.page("a/one"), "the sidebar shows a title that is no more"

    two.chapters.remove("a/one")
    two.toc()
    two.edit("book/a/two.md", "See [one](one.md).", "Alone.")
    (two.root / "book/a/one.md").unlink()
    assert two.build()[0] == []
    assert not (two.root / "_build/html/a/one.html").exists()
    assert [row["slug"] for row in two.report()["chapters"]] == ["a/two"]


def test_the_report_tells_what_the_build_did(two):
    two.chapter(
        "a/three",
        "from dlbook.data.record import note_use\nnote_use('digits', 'train', 'embedded', 'x')\n'digits'",
    )
    two.execute()
    two.edit("book/a/one.md", "'one says'", "__import__('time').sleep(0.5) or 'one said'")
    two.build()
    report = two.report()
    rows = {row["slug"]: row for row in report["chapters"]}
    assert list(rows) == ["a/one", "a/two", "a/three"]
    for slug, row in rows.items():
        assert row["title"] == f"Chapter {slug[2:]}"
        assert row["executed"] is not row["cached"]
        assert 0 < row["seconds"] < 60
        assert 20 < row["peak_rss_mb"] < 400
        assert (row["budget"], row["device"]) == ("cpu", "cpu")
        lines = (two.root / f"book/{slug}.md").read_text().splitlines()
        assert slug != "a/one" or "sleep" in "".join(lines[row["slowest_cell"]["line"] - 1 :][:3])
    assert [row["executed"] for row in rows.values()] == [True, False, False]
    assert rows["a/three"]["data"] == [{"name": "digits", "source": "embedded"}]
    assert rows["a/one"]["data"] == []
    totals = report["totals"]
    assert (totals["chapters"], totals["executed"], totals["cached"]) == (3, 1, 2)
    assert totals["seconds"] == pytest.approx(sum(r["seconds"] for r in rows.values()), abs=0.01)
    assert totals["peak_rss_mb"] == max(r["peak_rss_mb"] for r in rows.values())
    assert report["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "data: digits)" in two.page("a/three")
    status, output = two.run("report")
    assert status == 0
    assert [row["executed"] for row in two.report()["chapters"]] == [True, False, False]
    assert output.rstrip().endswith("Report: _build/report.json")


FAULTS = {  # what is wrong, and the warning's words
    "See [x](#gone-a).": "gone-a",
    "See {ref}`gone-b`.": "gone-b",
    "See {glue:text}`gone-c:.2f`.": "gone-c",
    "A {given}`number`.": "exactly one number",
}


def test_faults_of_a_page_fail_every_build_until_they_are_mended(two):
    path = two.chapter("a/three", "print('three')", prose="\n\n".join(FAULTS))
    lines = path.read_text().splitlines()
    for attempt in range(2):
        status, output = two.run("build")
        assert status == 1, f"attempt {attempt}"
        assert "Book:" not in output
        for prose, words in FAULTS.items():
            place = f"three.md:{lines.index(prose) + 1}:"
            assert any(place in line and words in line for line in output.splitlines()), (words, output)
    two.chapter("a/three", "print('three')", prose="Mended.")
    # Sphinx has nothing against this one; the check of the finished site has.
    two.edit("book/index.md", "Words.", '<a href="gone.html">raw</a>')
    status, output = two.run("build")
    assert status == 1
    assert "index.html" in output
    assert "'gone.html' leads to a file that does not exist" in output
    two.edit("book/index.md", '<a href="gone.html">raw</a>', "Words.")
    assert two.build()[0] == []


# When to kill a build: by what it has done so far.
MOMENTS = {
    "a kernel starts": lambda book: (book.root / "_build/execution/.run/0/work").exists(),
    "one record": lambda book: any((book.root / "_build/execution").glob("cpu/a/one/*.json")),
    "Sphinx reads": lambda book: (book.root / "_build/.doctrees/index.doctree").exists(),
    "Sphinx writes": lambda book: (book.root / "_build/html/a/one.html").exists(),
}


@pytest.fixture(scope="module")
def clean_site(tmp_path_factory):
    book = TinyBook(tmp_path_factory.mktemp("clean") / "project")
    fill(book)
    book.build()
    return site(book)


def fill(book):
    book.chapter("a/one", "print('one')", prose="See [two](two.md).")
    book.chapter("a/two", "print('two')\nimport time\ntime.sleep(1.5)")


@pytest.mark.parametrize("moment", MOMENTS)
def test_after_a_kill_at_any_moment_the_next_build_is_right(book, clean_site, moment):
    fill(book)
    process = book.start("build")
    wait_for(lambda: MOMENTS[moment](book) or process.poll() is not None)
    assert process.poll() is None, "the build ended before it could be killed"
    process.kill()
    process.communicate()
    book.build()
    assert site(book) == clean_site


def test_a_half_written_page_is_not_trusted(two):
    two.build()
    whole = two.page("a/one")
    # What a kill in the middle of Sphinx's writing leaves: a cut page, newer than its source.
    (two.root / "_build/.incomplete").write_text("x")
    (two.root / "_build/html/a/one.html").write_text(whole[:500])
    assert two.build()[0] == []
    assert two.page("a/one") == whole


def test_two_builds_at_once_come_one_after_the_other(two):
    two.chapter("a/slow", "import time\ntime.sleep(2)")
    first = two.start("execute")
    wait_for(lambda: (two.root / "_build/execution/.run").exists())
    status, output = two.run("execute")
    assert status == 0, output
    assert f"Another build is at work here (process {first.pid}); waiting" in output
    assert "0 executed, 3 from the cache" in output
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_jupyter_book_alone_asks_for_an_execution_first(two):
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "book", "--path-output", "."]
    command += ["--config", "_config.yml", "--toc", str(two.root / "_toc.yml")]
    run = subprocess.run(command, cwd=two.root, env=two.environment(), capture_output=True, text=True)
    assert run.returncode != 0
    assert "run make book" in " ".join((run.stdout + run.stderr).split())


def test_a_chapter_over_its_limits_is_a_warning_and_in_ci_an_error(book):
    book.chapter("a", "block = b'x' * 1_600_000_000\ndel block")
    status, output = book.run("build", CI="true")
    assert status == 1
    assert "over their limits" in output
    status, output = book.run("report")
    assert status == 0
    assert "a takes" in output
    assert "the limit is 1500 MB" in output
    assert book.run("report", "--strict")[0] == 1
