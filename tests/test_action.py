"""The GitHub Action in the repository: valid for GitHub, and its steps run as a runner would run them, with a `gh` that only notes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("name", "python"): step for step in ACTION["runs"]["steps"]}
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@t.invalid")
GH = """#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/gh.log"
case "$*" in
  *PATCH*|*POST*) exit "${GH_REFUSES:-0}" ;;
  *) cat "$RUNNER_TEMP/comments" 2>/dev/null; exit "${GH_HIDES:-0}" ;;
esac
"""


def test_is_what_github_takes() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


class Runner:
    """A repository with a pull request, and the folder of a runner's job."""

    def __init__(self, folder: Path) -> None:
        self.work, self.temp = folder / "work", folder / "temp"
        self.temp.mkdir()
        shutil.copytree(ROOT / "tests" / "mission" / "after" / "config", self.work / "config")
        (self.work / "confguard.yaml").write_text('references: {reference: "profile:reference"}\n', encoding="utf-8")
        for words in (
            ("init", "-q", "-b", "main", "."),
            ("add", "-A"),
            ("commit", "-qm", "base"),
            ("update-ref", "refs/remotes/origin/main", "HEAD"),
        ):
            subprocess.run([*GIT, *words], cwd=self.work, check=True, capture_output=True)
        bin_ = folder / "bin"
        bin_.mkdir()
        (bin_ / "gh").write_text(GH, encoding="utf-8")
        (bin_ / "gh").chmod(0o755)
        self.env = {
            **os.environ,
            "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKFLOW": "ci",
            "GITHUB_BASE_REF": "main",
            "GITHUB_REPOSITORY": "team/project",
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"),
            "RUNNER_TEMP": str(self.temp),
        }
        own = Path(sys.executable).parent
        if not (self.temp / "confguard").exists():  # as the step that installs it leaves it
            (self.temp / "confguard").mkdir()
            (self.temp / "confguard" / "bin").symlink_to(own)

    def break_something(self) -> None:
        training = self.work / "config" / "training.yaml"
        training.write_text(training.read_text(encoding="utf-8").replace("lora_alpha: 64", "lora_alpha: 16"), encoding="utf-8")

    def run(self, name: str, env: dict[str, str] | None = None, **inputs: str) -> subprocess.CompletedProcess[str]:
        step: dict[str, Any] = STEPS[name]
        known = {f"inputs.{key}": str(value.get("default", "")) for key, value in ACTION["inputs"].items()}
        known |= {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()}
        known |= {"github.event.pull_request.number": "7", "steps.python.outputs.python-path": sys.executable}
        given = {key: re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], value) for key, value in step["env"].items()}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(command, cwd=self.work, capture_output=True, text=True, check=False, env={**self.env, **given, **(env or {})})

    def noted(self) -> str:
        log = self.temp / "gh.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_a_clean_repository_passes(runner: Runner) -> None:
    done = runner.run("Check")
    assert done.returncode == 0, done.stderr
    assert "::notice" in done.stdout


@pytest.mark.parametrize(("level", "code"), [("warning", 1), ("error", 0)])
def test_findings_are_annotations_and_fail_the_step(runner: Runner, level: str, code: int) -> None:
    runner.break_something()
    done = runner.run("Check", fail_on=level)
    assert done.returncode == code
    assert "::warning file=config/training.yaml,line=40," in done.stdout


@pytest.mark.parametrize("between", [" ", "\n", " \n  "])
def test_paths_and_arguments_are_handed_on(runner: Runner, between: str) -> None:
    runner.break_something()
    paths = between.join(["config/aflow_llm.yaml", "config/training.yaml"])
    done = runner.run("Check", paths=paths, arguments=f"--ignore LORA{between}--world-size 2{between}")
    assert done.returncode == 0, done.stdout
    assert "2 files checked" in done.stdout


def test_a_sarif_file_is_written_also_where_the_step_fails(runner: Runner) -> None:
    runner.break_something()
    done = runner.run("Check", sarif="confguard.sarif")
    assert done.returncode == 1
    results = json.loads((runner.work / "confguard.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert "LORA006" in {result["ruleId"] for result in results}


def test_one_path_that_is_not_there_hides_nothing(runner: Runner) -> None:
    runner.break_something()
    done = runner.run("Check", paths="config gone.yaml", sarif="reports/confguard.sarif")
    assert done.returncode == 2
    assert done.stderr == "confguard: gone.yaml: no such file\n"
    assert "::warning file=config/training.yaml,line=40," in done.stdout
    assert "LORA006" in (runner.work / "reports" / "confguard.sarif").read_text(encoding="utf-8")


def test_no_paths_are_the_working_folder(runner: Runner) -> None:
    runner.break_something()
    assert "LORA006" in runner.run("Check", paths="").stdout
    runner.run("Tell reviewers what changes", paths="\n")
    assert "LORA006" in (runner.temp / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("comments", "wanted"),
    [("", "--method POST repos/team/project/issues/7/comments"), ("41\n42\n", "--method PATCH repos/team/project/issues/comments/42")],
)
def test_one_comment_is_kept_up_to_date(runner: Runner, comments: str, wanted: str) -> None:
    runner.break_something()
    (runner.temp / "comments").write_text(comments, encoding="utf-8")
    done = runner.run("Tell reviewers what changes")
    assert done.returncode == 0, done.stderr
    assert wanted in runner.noted()
    assert "LORA006" in (runner.temp / "summary.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("trouble", ["GH_REFUSES", "GH_HIDES"])
def test_a_comment_that_is_refused_fails_nothing(runner: Runner, trouble: str) -> None:
    runner.break_something()
    done = runner.run("Tell reviewers what changes", env={trouble: "1"})
    assert done.returncode == 0
    assert "::warning title=confguard::" in done.stdout
    assert ("POST" in runner.noted()) == (trouble == "GH_REFUSES")  # who cannot see the comments may not add a second one


def test_what_cannot_be_compared_fails_the_step(runner: Runner) -> None:
    done = runner.run("Tell reviewers what changes", env={"GITHUB_BASE_REF": "gone"})
    assert done.returncode == 2
    assert "fetch-depth: 0" in done.stderr
    assert runner.noted() == ""
