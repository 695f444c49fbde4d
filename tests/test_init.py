"""`confguard init`: what it proposes for projects of several layouts, and that it changes nothing unasked.

Each folder of `tests/init` has a project, `expected.txt` with what is printed, and for each project file that `--write` makes an `expected.yaml`
(`expected.NAME.yaml` for the one in the folder NAME). `python tests/test_init.py` writes them anew; look at the difference.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from confguard.check.pipeline import Report, check
from confguard.check.setting import Options
from confguard.project.reading import read_project
from confguard.schemas.catalogue import CATALOGUE, RULES

SAMPLES = Path(__file__).parent / "init"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
WRITES_NOTHING = {"no-config": 1, "in-pyproject": 1}
"""The samples for which there is nothing to write, and the exit code of `init --write`."""


def confguard(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "confguard", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False, timeout=100)


def tree(folder: Path) -> dict[str, str]:
    """A digest of every file, but for the history of what was written."""
    files = [path for path in folder.rglob("*") if path.is_file() and ".confguard" not in path.parts and ".git" not in path.parts]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def expected(name: str) -> dict[str, str]:
    """The project files that are to be made, by path."""
    files = sorted((SAMPLES / name).glob("expected*.yaml"))
    return {os.path.join(*path.name.split(".")[1:-1], "confguard.yaml"): path.read_text(encoding="utf-8") for path in files}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


def copied(name: str, project: Path) -> Path:
    shutil.copytree(SAMPLES / name / "project", project)
    return project


@pytest.mark.parametrize("name", NAMES)
def test_it_proposes_what_is_expected_and_changes_nothing(name: str, project: Path) -> None:
    before = tree(copied(name, project))
    done = confguard("init", cwd=project)
    assert done.stdout == (SAMPLES / name / "expected.txt").read_text(encoding="utf-8")
    assert (done.returncode, done.stderr) == (1, "")
    assert tree(project) == before
    assert not (project / ".confguard").exists()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_what_was_shown_and_goes_again(name: str, project: Path) -> None:
    before = tree(copied(name, project))
    shown = confguard("init", cwd=project).stdout
    done = confguard("init", "--write", cwd=project)
    assert done.returncode == WRITES_NOTHING.get(name, 0)
    made = {path: (project / path).read_text(encoding="utf-8") for path in tree(project).keys() - before.keys()}
    assert made == expected(name)
    for path, text in made.items():
        assert all(f"  {line}".rstrip() in shown.split("\n") for line in text.splitlines())
        read_project(str(project / path))
    if made:
        after = tree(project)
        again = confguard("init", "--write", cwd=project)
        assert again.returncode == 0
        assert again.stdout.endswith("There is nothing to write.\n")
        assert tree(project) == after
        confguard("undo", cwd=project)
    assert tree(project) == before


MEANT = ("AUDIT", "NAME005", *(rule.code for rule in RULES.values() if "reference" in rule.inputs))
"""What a project file is for: what the code makes of the keys, the template of run names, the reference."""


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(WRITES_NOTHING)))
def test_a_check_finds_no_more_than_the_project_file_is_for(name: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied(name, project))
    before = check(["."], CATALOGUE, Options())
    for path, text in expected(name).items():
        Path(path).write_text(text, encoding="utf-8")
    after = check(["."], CATALOGUE, Options())
    assert not after.problems
    known = {file.path for file in before.files if file.kind}
    new = findings(after) - findings(before)
    assert [one for one in new if not one[1].startswith(MEANT) and one[0] in known] == []
    assert {file.path for file in after.files if file.kind} >= known


def findings(report: Report) -> Counter[tuple[str, str, str | None]]:
    return Counter((finding.file, finding.code, finding.key) for finding in report.findings)


if __name__ == "__main__":
    import tempfile

    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            here = copied(name, Path(folder) / "project")
            there = tree(here)
            (SAMPLES / name / "expected.txt").write_text(confguard("init", cwd=here).stdout, encoding="utf-8")
            confguard("init", "--write", cwd=here)
            for path in tree(here).keys() - there.keys():
                ending = "".join(f"{part}." for part in Path(path).parts[:-1])
                shutil.copyfile(here / path, SAMPLES / name / f"expected.{ending}yaml")
