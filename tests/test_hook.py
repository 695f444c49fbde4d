"""The hooks under the real pre-commit, in a repository that has packages called `trainer` and `schemas` of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from identify.identify import tags_from_path
from pre_commit.clientlib import load_manifest

ROOT = Path(__file__).parents[1]
HOOKS = ("confguard-check", "confguard-fix", "confguard-diff")
MISSION = Path(__file__).parent / "mission"
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree as a repository, as a user's pre-commit would clone it."""
    copy = tmp_path_factory.mktemp("tool") / "confguard"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        source, target = ROOT / name, copy / name
        if name and (source.is_file() or source.is_symlink()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target, follow_symlinks=False)
    git(copy, "init", "-q", ".")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "copy")
    return copy


def user_repository(folder: Path, state: str) -> None:
    (folder / "config").mkdir()
    for source in (MISSION / state / "config").iterdir():
        shutil.copy(source, folder / "config")
    for package in ("trainer", "schemas", "profiles"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text("raise RuntimeError('a package of the user, imported by confguard')\n")
    (folder / "docker-compose.yaml").write_text("services: {}\n")
    (folder / "chart.yaml").write_text("{{ if }}: [\n")
    git(folder, "init", "-q", ".")
    git(folder, "add", "-A")


def pre_commit(tool: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(tool.parent / "cache"), "GIT_CONFIG_PARAMETERS": "'protocol.file.allow=always'"},
    )


def run_hook(tool: Path, folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    """As a user's config has it; the hooks' environment is made once and kept."""
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tool, capture_output=True, text=True, check=True).stdout.strip()
    config = tool.parent / "pre-commit-config.yaml"
    hooks = "".join(f"  - id: {name}\n" for name in HOOKS)
    config.write_text(f"repos:\n- repo: {tool}\n  rev: {revision}\n  hooks:\n{hooks}", encoding="utf-8")
    return pre_commit(tool, folder, "run", hook, "--all-files", "--verbose", "--config", str(config))


def test_try_repo_runs_all_three(tool: Path, tmp_path: Path) -> None:
    user_repository(tmp_path, "reference")
    (tmp_path / "confguard.yaml").write_text('references: {reference: "profile:reference", current: config}\n', encoding="utf-8")
    git(tmp_path, "add", "-A")
    done = pre_commit(tool, tmp_path, "try-repo", str(tool), "--all-files", "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^confguard (\w+)\.+Passed$", done.stdout, re.MULTILINE) == ["check", "diff", "fix"]


@pytest.mark.parametrize(("state", "code"), [("after", 0), ("before", 1)])
def test_check(tool: Path, tmp_path: Path, state: str, code: int) -> None:
    user_repository(tmp_path, state)
    done = run_hook(tool, tmp_path, "confguard-check")
    assert done.returncode == code, done.stdout + done.stderr
    assert "2 files checked, 2 skipped" in done.stdout
    assert ("EXEC005" in done.stdout) == (code == 1)
    assert "RuntimeError" not in done.stdout


def test_fix(tool: Path, tmp_path: Path) -> None:
    user_repository(tmp_path, "after")
    training = tmp_path / "config" / "training.yaml"
    good = training.read_text(encoding="utf-8")
    training.write_text(good.replace("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 "), encoding="utf-8")
    git(tmp_path, "add", "-A")
    done = run_hook(tool, tmp_path, "confguard-fix")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout
    assert training.read_text(encoding="utf-8") == good
    listed = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert ".confguard" not in listed
    git(tmp_path, "add", "-A")
    assert run_hook(tool, tmp_path, "confguard-fix").returncode == 0


@pytest.mark.parametrize(
    ("state", "waived", "code"),
    [
        ("after", True, 0),  # batch 4 and the fixed temperature are wanted
        ("after", False, 1),
        ("before", True, 1),
        ("reference", False, 0),
    ],
)
def test_diff(tool: Path, tmp_path: Path, state: str, waived: bool, code: int) -> None:
    user_repository(tmp_path, state)
    waivers = (
        "waivers:\n"
        '  - {parameter: rollout_batch_size, value: 4, reason: "the user asks for 4", expires: never}\n'
        '  - {parameter: temperature, value: fixed 0.4, reason: "the user asks for a fixed 0.4", expires: never}\n'
    )
    named = 'references: {reference: "profile:reference", current: config}\n'
    (tmp_path / "confguard.yaml").write_text(named + waivers * waived, encoding="utf-8")
    git(tmp_path, "add", "-A")
    done = run_hook(tool, tmp_path, "confguard-diff")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("0 changed, 0 added, 0 removed" in done.stdout) == (code == 0)


def test_diff_says_what_it_lacks(tool: Path, tmp_path: Path) -> None:
    user_repository(tmp_path, "after")
    done = run_hook(tool, tmp_path, "confguard-diff")
    assert done.returncode == 1
    assert "no reference of that name" in done.stdout


# file name | whether the hooks are run for it
NAMES = """
config/training.yaml     | yes
config/training.yml      | yes
grpo/GRPO.YAML           | yes
.hidden.yaml             | yes
train.py                 | no
config.json              | no
pyproject.toml           | no
config/training.yaml.j2  | no
config/training.yaml.bak | no
yaml                     | no
"""


@pytest.mark.parametrize("row", NAMES.strip().splitlines())
def test_files_that_the_hooks_are_run_for(row: str, tmp_path: Path) -> None:
    name, wanted = (cell.strip() for cell in row.split("|"))
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("max_steps: 500\n")
    hooks = load_manifest(str(ROOT / ".pre-commit-hooks.yaml"))
    assert tuple(hook["id"] for hook in hooks) == HOOKS
    tags = tags_from_path(str(path))
    for hook in hooks:
        assert (bool(tags & set(hook["types_or"])) and tags >= set(hook["types"]) and not hook["exclude_types"]) == (wanted == "yes")
        assert hook["require_serial"]


def test_a_file_that_is_excluded_is_left_alone_although_it_is_named(tool: Path, tmp_path: Path) -> None:
    user_repository(tmp_path, "before")
    (tmp_path / "confguard.yaml").write_text('exclude: ["config/*"]\n', encoding="utf-8")
    git(tmp_path, "add", "-A")
    done = run_hook(tool, tmp_path, "confguard-check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 files checked" in done.stdout
