"""Executing chapters: what fails says so, what succeeds is kept, and no kernel is left behind."""

import json
import os
import signal

import psutil
import pytest
from tinybook import wait_for

STUCK = "import os\nopen({file!r}, 'w').write(str(os.getpid()))\nsum(range(10**13))  # holds the GIL"


def ended(pid):
    """Whether a process is gone, or dead and only waiting for its parent to notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_every_way_to_fail_is_told_apart_and_what_succeeds_is_kept(book, tmp_path):
    pid_file = tmp_path / "pid"
    book.chapter("good", "print('fine')")
    book.chapter("raises", "x = 1", ":tags: [hide-input]\n\ny = 0\nx / y\nx")
    book.chapter("syntax", "def broken(:\n    pass")
    book.chapter("warns", "import warnings\nwarnings.warn('this is old')")
    book.chapter("dies", "import os\nos._exit(3)")
    book.chapter("killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    book.chapter("stuck", STUCK.format(file=str(pid_file)))
    book.chapter(
        "foresight", "from dlbook.data.record import note_use\nnote_use('mn' + 'ist', 'train', 'cache', 'x')"
    )
    book.chapter(
        "expected",
        ":tags: [allow-stderr]\nimport sys\nprint('x', file=sys.stderr)",
        ":tags: [raises-exception]\n1 / 0",
    )
    # Long enough for a kernel to start and run on a busy machine.
    status, output = book.run("execute", DLBOOK_TIMEOUT="12")
    assert status == 1
    assert "7 chapters failed" in output

    def said(slug):
        lines = output[output.index("chapters failed") :].splitlines()
        first = next(i for i, line in enumerate(lines) if f": {slug}" in line)
        rest = [i for i, line in enumerate(lines) if i > first and line.startswith(str(book.root))]
        return "\n".join(lines[first : rest[0] if rest else None])

    def line_of(slug, text):
        path = book.root / f"book/{slug}.md"
        return f"{path}:{path.read_text().splitlines().index(text) + 1}: {slug}, code cell"

    assert f"{line_of('raises', 'x / y')} 2: ZeroDivisionError: division by zero" in said("raises")
    assert "SyntaxError" in said("syntax")
    assert "this is old" in said("warns")
    assert "allow-stderr" in said("warns")
    assert "exit code 3" in said("dies")
    assert "SIGKILL" in said("killed")
    assert "memory" in said("killed")
    assert "not finished after 12 s" in said("stuck")
    assert 'load("mnist", ...)' in said("foresight")
    assert ended(int(pid_file.read_text()))

    manifest = book.manifest()["chapters"]
    assert sorted(manifest) == ["expected", "good"]
    assert book.printed("good") == "fine\n"
    status, output = book.run("execute", DLBOOK_TIMEOUT="1")
    assert "Executing 7 chapters, 2 from the cache" in output


def test_a_failure_mended_runs_only_that_chapter(book):
    book.chapter("good", "print(1)")
    book.chapter("bad", "1 / 0")
    assert book.run("execute")[0] == 1
    book.edit("book/bad.md", "1 / 0", "1 / 1")
    assert book.execute()[0] == ["bad"]


PROBE = """\
import json, os, sys, IPython
print(json.dumps({"env": dict(os.environ), "cwd": os.listdir("."), "path": sys.path, "exe": sys.executable,
                  "name": __name__, "startup": "planted" in globals()}))"""


def test_kernels_are_shielded_from_personal_settings(book, tmp_path):
    for folder in ("ipython", ".ipython"):  # the one that a variable names, the one in the home folder
        startup = tmp_path / folder / "profile_default/startup"
        startup.mkdir(parents=True)
        (startup / "00.py").write_text("planted = True\n")
    (tmp_path / "start.py").write_text("planted = True\n")
    (tmp_path / "matplotlibrc").write_text("font.size: 99\n")
    (tmp_path / "os.py").write_text("raise SystemExit\n")
    book.write("src/helper/__init__.py", "")
    book.chapter(
        "probe",
        PROBE,
        "import helper\nprint(helper.__file__)",
        "import matplotlib\nprint(matplotlib.rcParams['font.size'])",
    )
    book.execute(
        HOME=str(tmp_path),
        IPYTHONDIR=str(tmp_path / "ipython"),
        PYTHONSTARTUP=str(tmp_path / "start.py"),
        MPLCONFIGDIR=str(tmp_path),
        MATPLOTLIBRC=str(tmp_path),
        OMP_NUM_THREADS="7",
        DLBOOK_DATA=os.path.relpath(tmp_path),
    )
    seen = json.loads(book.printed("probe"))
    assert not seen["startup"]
    assert seen["cwd"] == []
    assert seen["name"] == "__main__"
    threads = [
        v for n, v in seen["env"].items() if n.endswith("_NUM_THREADS") or n == "VECLIB_MAXIMUM_THREADS"
    ]
    assert len(threads) >= 5
    assert set(threads) == {"1"}
    assert seen["env"]["DLBOOK_BUILD"] == seen["env"]["DLBOOK_OFFLINE"] == "1"
    assert seen["env"]["DLBOOK_BUDGET"] == "cpu"
    assert seen["env"]["DLBOOK_DATA"] == str(tmp_path)
    assert seen["env"]["PYTHONHASHSEED"] == "0"
    assert book.printed("probe", 1).strip() == str(book.root / "src/helper/__init__.py")
    assert book.printed("probe", 2).strip() == "10.0"


def test_no_more_chapters_run_at_once_than_there_are_cores(book, tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    cell = f"""\
import os, time, pathlib
begin = time.time()
time.sleep(1)
span = f"{{begin}} {{time.time()}} {{os.environ['OMP_NUM_THREADS']}}"
pathlib.Path({str(log)!r}, str(os.getpid())).write_text(span)"""
    for number in range(4):
        book.chapter(f"c{number}", cell + f"\n{number}")
    book.execute()
    spans = [tuple(map(float, p.read_text().split())) for p in log.iterdir()]
    assert len(spans) == 4
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    busy = [sum(t for b, e, t in spans if b <= moment < e) for moment, _, _ in spans]
    assert max(busy) <= cores


def test_peak_memory_and_seconds_are_those_of_the_chapter(book):
    book.chapter("small", "1")
    book.chapter(
        "large", "import time\nblock = b'x' * 400_000_000\ndel block", "import time\ntime.sleep(1.2)"
    )
    book.execute()
    small, large = book.record("small"), book.record("large")
    assert large["cpu_seconds"] < large["seconds"] - 1  # asleep for a second
    assert 20 < small["peak_rss_mb"] < 200
    assert 400 < large["peak_rss_mb"] - small["peak_rss_mb"] + 60 < 520
    assert 1.2 <= large["cells"][1]["seconds"] < 10
    assert large["seconds"] >= large["cell_seconds"] >= 1.2


def test_a_killed_build_takes_its_kernels_along(book, tmp_path):
    if not os.path.isdir("/proc/self"):
        pytest.skip("only Linux ends a process with its parent at once; run this test there")
    pid_file = tmp_path / "pid"
    book.chapter("stuck", STUCK.format(file=str(pid_file)))
    process = book.start("execute")
    wait_for(lambda: pid_file.exists() and pid_file.read_text())
    kernel = int(pid_file.read_text())
    assert not ended(kernel)
    process.kill()
    process.communicate()
    wait_for(lambda: ended(kernel), 5)


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["plain", "background"])
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_ends_its_kernels_and_says_so(book, tmp_path, sign, inherited):
    pid_file = tmp_path / "pid"
    book.chapter("stuck", STUCK.format(file=str(pid_file)))
    ours = signal.signal(signal.SIGINT, inherited)  # a shell's background jobs start with it ignored
    try:
        process = book.start("execute")
    finally:
        signal.signal(signal.SIGINT, ours)
    wait_for(lambda: pid_file.exists() and pid_file.read_text())
    process.send_signal(sign)
    try:
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "interrupted" in output
    assert "Traceback" not in output
    wait_for(lambda: ended(int(pid_file.read_text())), 5)


def test_missing_data_are_an_error_before_any_kernel_starts_when_strict(book, tmp_path):
    book.chapter("uses", "name = 'mnist'")
    empty = {
        "DLBOOK_DATA": str(tmp_path / "none"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    (tmp_path / "none").mkdir()
    status, output = book.run("execute", DLBOOK_DATA_STRICT="1", **empty)
    assert status == 1
    assert "mnist" in output
    assert "start  uses" not in output
    ran, output = book.execute(**empty)
    assert ran == ["uses"]
    assert "stand in" in output


def test_budgets_do_not_share_records(book):
    book.chapter("a", "import os\nprint(os.environ['DLBOOK_BUDGET'])")
    assert book.execute()[0] == ["a"]
    assert book.execute(DLBOOK_BUDGET="smoke")[0] == ["a"]
    assert book.printed("a") == "cpu\n"
    assert book.printed("a", budget="smoke") == "smoke\n"
    assert book.execute()[0] == []


def test_a_damaged_record_is_made_again(book):
    book.chapter("a", "print(1)")
    book.chapter("b", "print(1)")
    book.execute()
    (path,) = (book.root / "_build/execution/cpu/a").iterdir()
    path.write_text(path.read_text()[:-40])
    assert book.execute()[0] == ["a"]
