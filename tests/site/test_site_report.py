"""Limits and layout of the report."""

import pytest

from dlbook.site.report import as_table, over_budget

ROW = {"slug": "a/b", "budget": "cpu", "seconds": 60.0, "cpu_seconds": 70.0, "peak_rss_mb": 1500.0}
COUNTS = {"exercises": 3, "solutions": 3, "keys": 12, "mistakes": 40, "kinds": {"choice": 12}}


def test_a_chapter_at_its_limits_passes():
    assert over_budget([ROW]) == []


@pytest.mark.parametrize(("field", "value"), [("seconds", 60.1), ("peak_rss_mb", 1500.1)])
def test_a_chapter_over_a_limit_is_named(field, value):
    (warning,) = over_budget([ROW, ROW | {"slug": "c", field: value}])
    assert warning.startswith("c takes")


def test_a_busy_machine_makes_no_chapter_too_long_but_waiting_does():
    assert over_budget([ROW | {"seconds": 90.0, "cpu_seconds": 45.0}]) == []
    assert over_budget([ROW | {"seconds": 90.0, "cpu_seconds": 61.0}]) == [
        "a/b takes 61.0 s under the cpu budget; the limit is 60 s"
    ]
    assert len(over_budget([ROW | {"seconds": 121.0, "cpu_seconds": 3.0}])) == 1


@pytest.mark.parametrize("budget", ["smoke", "gpu"])
def test_limits_are_those_of_the_cpu_budget(budget):
    assert over_budget([ROW | {"budget": budget, "seconds": 500.0}]) == []


def test_the_table_has_a_line_for_each_chapter_and_the_total():
    slowest = {"index": 4, "line": 80, "first_line": "fit(net)", "seconds": 31.25}
    more = COUNTS | {"executed": True, "words": 10, "data": [{"name": "mnist", "source": "cache"}]}
    more |= {"cell_seconds": 58.5, "slowest_cell": slowest, "file": "book/a/b.md"}
    totals = COUNTS | {
        "executed": 1,
        "seconds": 60.0,
        "cell_seconds": 58.5,
        "peak_rss_mb": 1500.0,
        "words": 10,
    }
    lines = as_table({"chapters": [ROW | more], "totals": totals}).splitlines()
    assert len(lines) == 5
    assert lines[1].split()[2:5] == ["60.0", "58.5", "1500"]
    assert lines[1].startswith("a/b")
    assert "mnist (cache)" in lines[1]
    assert lines[2].startswith("total")
    assert lines[1][: lines[0].index("mistakes") + len("mistakes")].split()[-1] == "40"
    assert lines[3] == "keys by kind: choice 12"
    assert lines[4] == "slowest cell: book/a/b.md:80: code cell 4, fit(net): 31.2 s"
