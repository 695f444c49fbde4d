"""The hook under the real pre-commit, in a repository that has packages called `trainer` and `schemas` of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
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


def run_hook(tool: Path, folder: Path, hook: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(tool), hook, "--all-files", "--verbose"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PRE_COMMIT_HOME": str(tool.parent / "cache"), "GIT_CONFIG_PARAMETERS": "'protocol.file.allow=always'"},
    )


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
