"""Continuous integration runs the same commands as a reader, with no more rights than it needs."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

WORKFLOWS = ["pull-request", "publish", "weekly"]
REPORTING = "Open an issue, or add to the one that is open"
"""The one step that is no make target: it talks to the forge, not to the book."""


@pytest.fixture(params=WORKFLOWS)
def workflow(request, root) -> dict[Any, Any]:
    return load(root, request.param)


def load(root, name) -> dict[Any, Any]:
    text = (root / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def steps(workflow) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def commands(workflow) -> list[str]:
    return [
        step["run"].strip() for step in steps(workflow) if "run" in step and step.get("name") != REPORTING
    ]


def test_there_are_no_other_workflows(root):
    assert sorted(path.stem for path in (root / ".github" / "workflows").iterdir()) == sorted(WORKFLOWS)


def test_every_command_is_a_target_of_the_makefile(workflow, root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert commands(workflow)
    for command in commands(workflow):
        match = re.fullmatch(r"make ([a-z]+)(?: [A-Z]+=\w+)*", command)
        assert match, f"{command!r} is no call of a make target"
        assert re.search(rf"^{match[1]}:", makefile, re.MULTILINE), f"the Makefile has no target {match[1]}"


def test_rights_are_minimal_and_runs_are_bounded(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["group"]
    granted = set()
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 45
        granted |= {right for right, level in job.get("permissions", {}).items() if level == "write"}
    assert granted <= {"pages", "id-token", "issues"}


def test_actions_are_official_and_pinned_to_a_major_version(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert used
    assert [
        name for name in used if not re.fullmatch(r"(actions/[\w-]+|astral-sh/setup-uv)@v\d+", name)
    ] == []


def test_checkouts_leave_no_credentials_and_no_outside_text_reaches_a_shell(workflow):
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_book_is_tested_built_on_real_data_and_verified(root, name):
    run = commands(load(root, name))
    order = [
        run.index(command) for command in ("make test", "make book", "make report STRICT=1", "make verify")
    ]
    assert order == sorted(order)
    (build,) = [step for step in steps(load(root, name)) if step.get("run") == "make book"]
    assert build["env"]["DLBOOK_DATA_STRICT"] == "1"


def test_each_workflow_runs_when_it_should(root):
    # YAML 1.1 reads the key "on" as true.
    assert load(root, "pull-request")[True] == {"pull_request": None}
    assert load(root, "publish")[True]["push"] == {"branches": ["main"]}
    assert load(root, "weekly")[True]["schedule"] == [{"cron": "17 4 * * 1"}]


def test_only_a_built_site_is_published(root):
    jobs = load(root, "publish")["jobs"]
    assert jobs["deploy"]["needs"] == "build"
    assert jobs["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    (upload,) = [
        s for s in jobs["build"]["steps"] if s.get("uses", "").startswith("actions/upload-pages-artifact")
    ]
    assert upload["with"]["path"] == "_build/html"
    assert jobs["build"]["steps"][-1] is upload


def test_the_weekly_build_takes_the_newest_versions_first_uses_no_cache_and_reports_failure(root):
    weekly = load(root, "weekly")
    assert commands(weekly)[0] == "make lock UPGRADE=1"
    assert not [step for step in steps(weekly) if "actions/cache" in step.get("uses", "")]
    (report,) = [step for step in steps(weekly) if step.get("name") == REPORTING]
    assert report["if"] == "failure()"
    assert "gh issue create" in report["run"]


def test_upgrade_reaches_the_resolver(root):
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed; the book's commands need it (apt install make)")

    def plan(*arguments: str) -> str:
        command = [make, "--dry-run", *arguments]
        return subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=True, timeout=60
        ).stdout

    assert "--upgrade" in plan("lock", "UPGRADE=1")
    assert "--upgrade" not in plan("lock")
