"""Continuous integration runs the same commands as a reader, with no more rights than it needs."""

import re
import shutil
import subprocess
import sys
from typing import Any

import pytest
import yaml

WORKFLOWS = ["pull-request", "publish", "weekly"]
REPORTING = "Open an issue, or add to the one that is open"
PUBLISHING = "Publish the notebooks' branch"
FORGE = {REPORTING, PUBLISHING}
"""The steps that are no make targets: they talk to the forge, not to the book."""


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
        step["run"].strip() for step in steps(workflow) if "run" in step and step.get("name") not in FORGE
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
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 45
        granted = {right for right, level in job.get("permissions", {}).items() if level == "write"}
        assert granted <= {"pages", "id-token", "issues", "contents"}
        # A job that may write to the repository runs nothing of the repository.
        runs = [step for step in job["steps"] if "run" in step and step.get("name") not in FORGE]
        fetches = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")]
        assert "contents" not in granted or (runs, fetches) == ([], []), name


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


@pytest.mark.parametrize("name", WORKFLOWS)
def test_github_can_read_the_workflow(root, name):
    file = root / ".github" / "workflows" / f"{name}.yml"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_a_built_site_is_published(root):
    jobs = load(root, "publish")["jobs"]
    assert jobs["deploy"]["needs"] == "notebooks"
    assert jobs["notebooks"]["needs"] == "build"
    assert jobs["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    (upload,) = [
        s for s in jobs["build"]["steps"] if s.get("uses", "").startswith("actions/upload-pages-artifact")
    ]
    assert upload["with"]["path"] == "_build/html"
    assert jobs["build"]["steps"][-1] is upload


def test_the_notebooks_of_the_verified_site_are_published_on_the_branch_that_the_links_open(root):
    workflow = load(root, "publish")
    run = commands(workflow)
    assert run.index("make verify") < run.index("make branch")
    jobs = workflow["jobs"]
    (kept,) = [s for s in jobs["build"]["steps"] if s.get("uses", "").startswith("actions/upload-artifact")]
    fetched, published = jobs["notebooks"]["steps"]
    assert kept["with"]["path"] == "_build/branch"
    assert kept["with"]["name"] == fetched["with"]["name"]
    assert published["name"] == PUBLISHING
    assert published["working-directory"] == fetched["with"]["path"]
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    branch = config["sphinx"]["config"]["dlbook_notebooks_branch"]
    assert published["env"]["NOTEBOOKS"] == branch
    weekly = load(root, "weekly")["jobs"]["colab"]["steps"]
    (checkout,) = [step["with"] for step in weekly if "ref" in step.get("with", {})]
    assert checkout["ref"] == branch
    assert f"make colab NOTEBOOKS={checkout['path']}" in commands(load(root, "weekly"))


def test_the_step_that_publishes_replaces_the_branch_by_what_was_assembled(root, tmp_path):
    """Run by a shell, with git's own server of files in the place of the forge."""
    (step,) = [s for s in steps(load(root, "publish")) if s.get("name") == PUBLISHING]
    forge, tree, bin_ = tmp_path / "name/book.git", tmp_path / "branch", tmp_path / "bin"
    subprocess.run(["git", "init", "--quiet", "--bare", str(forge)], check=True)
    bin_.mkdir()
    (bin_ / "gh").write_text("#!/bin/sh\n")  # what it would set up is not needed here
    (bin_ / "gh").chmod(0o755)
    fixed = {name: value for name, value in step["env"].items() if "${{" not in value}
    for content in ("first", "second"):
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        (tree / f"{content}.ipynb").write_text(content)
        variables = {
            "PATH": f"{bin_}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "GITHUB_SERVER_URL": f"file://{tmp_path}",
            "GITHUB_REPOSITORY": "name/book",
            "GITHUB_SHA": content,
        }
        # GitHub's own way to call bash.
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        subprocess.run(shell, cwd=tree, env=variables | fixed, check=True, timeout=60)
    git = ["git", "--git-dir", str(forge)]
    listed = subprocess.run(
        [*git, "ls-tree", "-r", "--name-only", "notebooks"], capture_output=True, text=True, check=True
    )
    history = subprocess.run(
        [*git, "log", "--format=%s", "notebooks"], capture_output=True, text=True, check=True
    )
    assert listed.stdout.split() == ["second.ipynb"]
    assert history.stdout.splitlines() == ["Notebooks of second"]


def test_the_weekly_build_takes_the_newest_versions_first_uses_no_cache_and_reports_failure(root):
    weekly = load(root, "weekly")
    assert commands(weekly)[0] == "make lock UPGRADE=1"
    assert not [step for step in steps(weekly) if "actions/cache" in step.get("uses", "")]
    report = weekly["jobs"]["report"]
    assert report["if"] == "failure()"
    assert set(report["needs"]) == set(weekly["jobs"]) - {"report"}, "a job whose failure nobody hears of"
    assert report["permissions"] == {"issues": "write"}
    (step,) = report["steps"]
    assert step["name"] == REPORTING
    assert "gh issue create" in step["run"]


def test_both_ends_of_the_ranges_and_the_newest_python_are_tried_every_week(root):
    job = load(root, "weekly")["jobs"]["compat"]
    tried = {(entry["python"], entry["versions"]) for entry in job["strategy"]["matrix"]["include"]}
    assert tried == {("3.11", "oldest"), ("3.11", "newest"), ("3.x", "newest")}
    assert job["env"]["VERSIONS"] == "${{ matrix.versions }}"
    assert job["steps"][-1]["run"] == "make compat"
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    assert "dlbook.site compat $(or $(VERSIONS),oldest newest)" in makefile


def test_the_published_notebooks_run_in_colabs_image_every_week(root):
    job = load(root, "weekly")["jobs"]["colab"]
    # Where Google publishes what Colab runs; a label other than the newest would test the past.
    assert job["container"] == "us-docker.pkg.dev/colab-images/public/cpu-runtime:latest"


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
