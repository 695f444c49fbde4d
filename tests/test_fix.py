"""`check --fix`: what it mends, what it leaves, what it says; and that mending twice is mending once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_fixes import AFTER, CASES

from confguard.checking.setting import Options
from confguard.migrate.fixing import fixed
from confguard.schemas.catalogue import CATALOGUE

TRAINING = Path("config/training.yaml")
ORIGINAL = (AFTER / "training.yaml").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aflow_llm.yaml").write_bytes((AFTER / "aflow_llm.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)


def confguard(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "confguard", *words], capture_output=True, text=True, check=False)


def wrote(*faults: tuple[str, str]) -> str:
    text = ORIGINAL
    for good, bad in faults:
        text = text.replace(good, bad)
    TRAINING.write_bytes(text.encode())
    return text


def now() -> str:
    return TRAINING.read_bytes().decode()


@pytest.mark.parametrize(("good", "bad", "mended"), CASES, ids=lambda value: repr(value)[:30])
def test_each_fix_is_made_and_taken_back(good: str, bad: str, mended: str) -> None:
    broken = wrote((good, bad))
    done = confguard("check", "--fix", "config")
    assert done.returncode == 0, done.stdout
    assert now() == ORIGINAL.replace(good, mended)
    assert done.stderr == "confguard: mended 1 finding in 1 file; confguard undo takes it back\n"
    assert confguard("undo").returncode == 0
    assert now() == broken


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(CASES), unique_by=lambda case: case[0]), st.booleans(), st.booleans())
def test_what_is_mended_has_nothing_left_to_mend(cases: list[tuple[str, str, str]], unsafe: bool, crlf: bool) -> None:
    text, faults = ORIGINAL, 0
    for good, bad, _ in cases:
        faults += good in text  # two of them are about the same words
        text = text.replace(good, bad)
    TRAINING.write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())
    found = fixed(["config"], CATALOGUE, Options(), unsafe)
    assert len(found.files) == bool(cases)
    assert found.mended >= faults  # a run name is mended again when a number in it can be read at last
    assert not [finding for finding in found.report.findings if finding.fix]
    for path, _, after in found.files:
        Path(path).write_bytes(after.encoded(after.text))
    again = fixed(["config"], CATALOGUE, Options(), unsafe)
    assert again.files == []


def test_a_key_that_is_spelled_right_is_judged_in_the_same_run() -> None:
    wrote(("warmup_steps: 100 ", "warmup_st\u0435ps: 1e2 "))
    assert confguard("check", "--fix", "config").returncode == 0
    assert now() == ORIGINAL


def test_a_fix_lies_in_the_file_that_the_finding_lies_in() -> None:
    wrote()
    llm = Path("config/aflow_llm.yaml")
    llm.write_text(llm.read_text(encoding="utf-8").replace("temperature: 0 ", "temperature: '0' "), encoding="utf-8")
    assert confguard("check", "--fix", str(TRAINING), str(llm)).returncode == 0
    assert llm.read_bytes() == (AFTER / "aflow_llm.yaml").read_bytes()


def test_an_unsafe_fix_is_made_on_demand_only() -> None:
    stale = wrote(("4 prompts", "8 prompts"))
    assert confguard("check", "--fix", "config").returncode == 0
    assert now() == stale
    done = confguard("check", "--fix", "--unsafe-fixes", "config")
    assert done.returncode == 0
    assert now() == ORIGINAL


def test_a_comment_in_a_list_is_left_to_a_person() -> None:
    broken = wrote(('"q_proj,k_proj,v_proj,o_proj"', "\n  - q_proj  # query\n  - k_proj"))
    assert confguard("check", "--fix", "config").returncode == 1
    assert now() == broken


def test_the_diff_changes_nothing() -> None:
    broken = wrote(("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 "), ("4 prompts", "8 prompts"))
    shown = confguard("check", "--diff", "config")
    assert shown.returncode == 1
    assert "-learning_rate: 2e-5   # peak" in shown.stdout
    assert "+learning_rate: 2.0e-5   # peak" in shown.stdout
    assert "4 prompts" not in shown.stdout
    assert "+# Target: 500 steps x 4 prompts" in confguard("check", "--diff", "--unsafe-fixes", "config").stdout
    assert now() == broken
    patched = subprocess.run(["git", "apply", "-p0"], input=shown.stdout, text=True, capture_output=True, check=False)
    assert patched.returncode == 0, patched.stderr
    assert confguard("check", "--diff", "config").stdout == ""


def test_json_says_what_is_left() -> None:
    wrote(("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 "))
    done = confguard("check", "--fix", "--format", "json", "config")
    assert json.loads(done.stdout)["summary"]["errors"] == 0


def test_nothing_is_written_where_nothing_is_wrong() -> None:
    wrote()
    before = TRAINING.stat()
    assert confguard("check", "--fix", "config").returncode == 0
    assert (TRAINING.stat().st_ino, TRAINING.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not Path(".confguard").exists()


def test_a_waived_finding_is_not_mended() -> None:
    ignored = wrote(("learning_rate: 2.0e-5   #", "learning_rate: 2e-5   # confguard: ignore[YAML010] our loader reads YAML 1.2"))
    assert confguard("check", "--fix", "config").returncode == 0
    assert now() == ignored


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fix", "-"], "--fix: standard input cannot be edited; name a file"),
        (["--fix", "--set", "max_steps=1", "config"], "--fix: what --set says stands in no file"),
        (["--unsafe-fixes", "config"], "--unsafe-fixes says which fixes are meant; add --fix to make them, or --diff to see them"),
    ],
)
def test_bad_usage(words: list[str], said: str) -> None:
    broken = wrote(("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 "))
    done = confguard("check", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert now() == broken


def test_a_file_that_may_not_be_written_stays_as_it_is() -> None:
    broken = wrote(("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 "))
    os.chmod(TRAINING, 0o444)
    done = confguard("check", "--fix", "config")
    assert done.returncode == 2
    assert "config/training.yaml: the file is read-only; make it writable (chmod u+w) and run again" in done.stderr
    assert now() == broken
    assert stat.S_IMODE(TRAINING.stat().st_mode) == 0o444
