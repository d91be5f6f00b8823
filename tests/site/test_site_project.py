"""What the environment asks for is understood or refused, never guessed."""

import os

import pytest

from dlbook.site.project import BuildError, Settings, _cgroup_quota, available_cores


def settings(**env):
    return Settings.from_environment(env)


def test_defaults():
    plain = settings()
    assert (plain.budget, plain.threads, plain.timeout, plain.strict_data) == ("cpu", 1, 300.0, False)
    assert plain.cores == available_cores()


@pytest.mark.parametrize(("budget", "seconds"), [("smoke", 120), ("cpu", 300), ("gpu", 900)])
def test_each_budget_has_its_time_limit(budget, seconds):
    assert settings(DLBOOK_BUDGET=budget).timeout == seconds
    assert settings(DLBOOK_BUDGET=budget, DLBOOK_TIMEOUT="7.5").timeout == 7.5


@pytest.mark.parametrize(
    ("text", "on"), [("1", True), ("true", True), ("", False), ("0", False), ("off", False)]
)
def test_switches_are_on_or_off(text, on):
    given = settings(DLBOOK_DATA_STRICT=text, DLBOOK_OFFLINE=text)
    assert (given.strict_data, given.offline) == (on, on)


@pytest.mark.parametrize(
    "env",
    [
        {"DLBOOK_BUDGET": "huge"},
        {"DLBOOK_THREADS": "0"},
        {"DLBOOK_THREADS": "two"},
        {"DLBOOK_THREADS": "1.5"},
        {"DLBOOK_TIMEOUT": "-1"},
        {"DLBOOK_TIMEOUT": "nan"},
        {"DLBOOK_TIMEOUT": "inf"},
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(env):
    ((name, value),) = env.items()
    with pytest.raises(BuildError, match=name) as caught:
        settings(**env)
    assert value in str(caught.value)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (2, 2), (8, 3), (2, 4)])
def test_kernels_times_threads_stay_within_the_cores(cores, threads):
    parallel = Settings(cores=cores, threads=threads).parallel
    assert parallel * threads <= max(cores, threads)
    assert (parallel + 1) * threads > cores


def test_chapters_share_an_accelerator_one_at_a_time():
    assert Settings(cores=16, device="cuda").parallel == 1


@pytest.mark.parametrize(("text", "quota"), [("max 100000\n", None), ("150000 100000\n", 1.5)])
def test_a_container_limit_is_read(tmp_path, text, quota):
    (tmp_path / "cpu.max").write_text(text)
    assert _cgroup_quota(tmp_path) == quota


def test_an_old_container_limit_is_read(tmp_path):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("200000")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert _cgroup_quota(tmp_path) == 2


def test_cores_are_those_of_this_process_not_of_the_machine():
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not tell which cores a process may use; Linux does")
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert available_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_hidden_gpu_does_not_count(monkeypatch):
    assert settings(DLBOOK_DEVICE="cuda").device == "cuda"
    assert settings(CUDA_VISIBLE_DEVICES="").device in ("cpu", "mps")
    monkeypatch.setattr("dlbook.site.project.Path.exists", lambda self: True)
    assert settings().device == "cuda"
    assert settings(CUDA_VISIBLE_DEVICES="").device in ("cpu", "mps")
