"""make gpu: every chapter is tried, what used a GPU goes on record, and pages show it beside their own."""

import json
import subprocess

import pytest

from dlbook.site import gpu_runs
from dlbook.site.__main__ import main
from dlbook.site.gpu_runs import merged, read_runs, recorded_numbers
from dlbook.site.project import BuildError, Project

# Stands in for a PyTorch with a GPU: what the build asks of it, and nothing else. Only these tests
# know of it; the book's own code has no switch that makes a CPU pass for a GPU.
ON_A_GPU = """\
import sys, types
cuda = types.SimpleNamespace(
    is_initialized=lambda: True, max_memory_allocated=lambda: 1, get_device_name=lambda: "Imagined GPU"
)
sys.modules["torch"] = types.SimpleNamespace(__version__="9.9", cuda=cuda)
"""
BUDGET = "from dlbook.page import record\nimport os\nfull = os.environ['DLBOOK_BUDGET'] == 'gpu'\n"
RIGHT = BUDGET + "record(right=0.987 if full else 0.912, epochs=40 if full else 5, words='forty')"
TABLE = """
```{gpu-runs}
right | images read | .1%
epochs | passes | d
```
"""


@pytest.fixture
def with_gpu(monkeypatch):
    monkeypatch.setattr(gpu_runs, "find_gpu", lambda: "Imagined GPU")
    monkeypatch.setenv("DLBOOK_OFFLINE", "1")
    for name in ("DLBOOK_BUDGET", "DLBOOK_DEVICE", "DLBOOK_TIMEOUT", "CI"):
        monkeypatch.delenv(name, raising=False)


def gpu(book) -> int:
    return main(["gpu", "--root", str(book.root)])


def recorded(book) -> dict[str, dict]:
    return {run["chapter"]: run for run in read_runs(Project(book.root))}


def git(book, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *words], cwd=book.root, check=True, capture_output=True)


@pytest.mark.usefixtures("with_gpu")
def test_a_chapter_that_fails_stops_no_other_and_is_in_the_summary_and_the_exit_code(book, capsys):
    book.chapter("breaks", "1 / 0")
    book.chapter("good", ON_A_GPU + RIGHT)
    book.chapter("plain", "print('no GPU needed')")
    git(book, "init", "--quiet")
    git(book, "add", ".")
    git(book, "commit", "--quiet", "--message=x")
    assert gpu(book) == 1
    said = capsys.readouterr()
    assert "2 of 3 chapters ran to the end" in said.out
    assert "good: " in said.out
    assert "on Imagined GPU, 2 results" in said.out
    assert "plain: used no GPU; not recorded" in said.out
    assert "breaks: FAILED" in said.out
    assert "ZeroDivisionError" in said.err
    (run,) = read_runs(Project(book.root))
    assert (run["chapter"], run["device"], run["torch"]) == ("good", "Imagined GPU", "9.9")
    assert run["metrics"] == {"right": 0.987, "epochs": 40}
    assert run["seconds"] > 0
    assert run["date"].startswith("20")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=book.root, capture_output=True, text=True)
    assert head.stdout.startswith(run["commit"])
    assert len(run["commit"]) == 12

    # The next run tries again what failed, keeps what is on record, and is content.
    book.chapter("breaks", ON_A_GPU + BUDGET + "record(x=1.5)")
    assert gpu(book) == 0
    assert set(recorded(book)) == {"breaks", "good"}
    assert recorded(book)["good"] == run
    assert recorded(book)["breaks"]["commit"].endswith("-dirty")


def test_without_a_gpu_nothing_runs_and_nothing_is_recorded(book, monkeypatch, capsys):
    monkeypatch.setattr(gpu_runs, "find_gpu", lambda: "")
    book.chapter("good", ON_A_GPU + RIGHT)
    assert gpu(book) == 1
    assert "no NVIDIA GPU that PyTorch can use" in capsys.readouterr().err
    assert not (book.root / "book/_data").exists()
    assert not (book.root / "_build").exists()


def test_a_machine_is_asked_for_its_gpu_through_pytorch(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_runs.find_gpu() == ""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "H100")
    assert gpu_runs.find_gpu() == "H100"


@pytest.mark.usefixtures("with_gpu")
def test_a_run_that_stayed_on_the_cpu_is_never_recorded_as_one_on_a_gpu(book, capsys):
    book.chapter("plain", RIGHT)
    assert gpu(book) == 1
    assert "no chapter computed anything on the GPU" in capsys.readouterr().err
    assert not (book.root / "book/_data").exists()


def test_pages_show_no_run_then_the_run_beside_their_own_and_say_when_it_is_stale(book, with_gpu):
    book.chapter("shows", ON_A_GPU + RIGHT, prose=TABLE)
    book.chapter("silent", ON_A_GPU + RIGHT)
    book.edit("_toc.yml", "reference/bibliography", "reference/gpu-runs\n      - file: reference/how-to-read")
    book.build()
    assert "No GPU run of this chapter is on record yet" in book.page("shows")
    assert "No GPU run of any chapter is on record yet" in book.page("reference/gpu-runs")
    assert "dlbook-gpu-runs" not in book.page("silent")

    assert gpu(book) == 0
    ran, _ = book.build()
    assert ran == []
    page = book.page("shows")
    assert all(text in page for text in ("91.2%", "98.7%", "images read", "<p>5</p>", "<p>40</p>"))
    assert "with PyTorch 9.9" in page
    assert "Run on Imagined GPU on 20" in page
    assert "No GPU run" not in page
    assert "time for the whole chapter" in book.page("silent")
    table = book.page("reference/gpu-runs")
    assert "images read: 98.7%; passes: 40" in table
    assert "Imagined GPU" in table
    assert "has changed since" not in page

    book.edit("book/shows.md", "0.912", "0.913")
    book.build()
    assert "code has changed since" in book.page("shows")
    assert "91.3%" in book.page("shows")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("wrong | images read | .1%", "records no number 'wrong'; it records: epochs, right"),
        ("right | images read | d", "right cannot be formatted by 'd'"),
        ("right", "is not `name | what it is | format`"),
        ("", "lists what to show"),
    ],
)
def test_a_directive_that_shows_nothing_sensible_stops_the_build(book, content, message):
    book.chapter("a", RIGHT, prose=f"```{{gpu-runs}}\n{content}\n```")
    status, output = book.run("build")
    assert status == 1
    assert message in output


def test_a_record_that_was_damaged_is_refused_with_the_way_out(book):
    book.write("book/_data/gpu-runs.json", '{"runs": [{"chapter": "a"}]}')
    with pytest.raises(BuildError, match=r"only make gpu writes it. Restore it"):
        read_runs(Project(book.root))


def test_runs_on_different_devices_stand_side_by_side_and_the_newer_of_one_replaces_the_older():
    def run(chapter, device, digest, commit):
        return {"chapter": chapter, "device": device, "digest": digest, "commit": commit}

    old = [run("b", "T4", "1", "x"), run("a", "T4", "1", "x")]
    new = [run("b", "T4", "2", "y"), run("b", "H100", "3", "y"), run("a", "T4", "1", "y")]
    assert merged(old, new) == [new[2] | {"commit": "x"}, new[1], new[0]]


def test_numbers_are_read_from_the_outputs_and_texts_left_out():
    def shown(name, text):
        data = {"application/papermill.record/text/plain": text}
        return {"data": data, "metadata": {"scrapbook": {"name": name}}, "output_type": "display_data"}

    outputs = [shown("a", "0.5"), shown("b", "'five'"), shown("c", "7"), shown("d", "inf")]
    other = {"output_type": "stream", "name": "stdout", "text": "x"}
    assert recorded_numbers({"cells": [{"outputs": [*outputs, other]}]}) == {"a": 0.5, "c": 7}


def test_the_books_own_record_can_be_read_and_holds_no_run_on_a_cpu():
    from tinybook import ROOT

    assert all(run["device"] != "cpu" for run in read_runs(Project(ROOT)))
    path = ROOT / "book/_data/gpu-runs.json"
    assert not path.exists() or json.loads(path.read_text())
