"""A fix mends its finding and touches nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from confguard.checking.pipeline import Report, check
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.finding import Edit

AFTER = Path(__file__).parent / "mission" / "after" / "config"

# what the file says instead of what; and what the fix makes of it
CASES = [
    ("learning_rate: 2.0e-5 ", "learning_rate: 2e-5 ", "learning_rate: 2.0e-5 "),
    ("learning_rate: 2.0e-5 ", 'learning_rate: "2e-5" ', "learning_rate: 2.0e-5 "),
    ("lora_rank: 64", "lora_rank: '64'", "lora_rank: 64"),
    ("max_steps: 500", "max_steps: 5e2", "max_steps: 500"),
    ("warmup_steps: 100 ", "warmup_st\u0435ps: 100 ", "warmup_steps: 100 "),
    ('"q_proj,k_proj,v_proj,o_proj"', '"q_proj, k_proj ,v_proj,,o_proj"', '"q_proj,k_proj,v_proj,o_proj"'),
    ('"q_proj,k_proj,v_proj,o_proj"', "q_proj, k_proj", "q_proj,k_proj"),
    ('"q_proj,k_proj,v_proj,o_proj"', "[q_proj, k_proj]", '"q_proj,k_proj"'),
    ('"q_proj,k_proj,v_proj,o_proj"', "\n  - q_proj\n  - k_proj", '"q_proj,k_proj"'),
    ('"q_proj,k_proj,v_proj,o_proj"', "\n- q_proj\n- k_proj", '"q_proj,k_proj"'),
    ("500steps-4batch-6workflows", "300steps-8batch-7workflows", "500steps-4batch-6workflows"),
    ("2.0e-5   # peak", "2e-5   # 学习率 peak", "2.0e-5   # 学习率 peak"),
]

# the same of keys that only may be meant, so that the fix is unsafe
GUESSES = [
    ("warmup_steps: 100 ", "warmup_step: 100 ", "warmup_steps: 100 "),
    ("max_grad_norm: 1.0", '"max_grad_nrm": 1.0', "max_grad_norm: 1.0"),
    ("  top_p: 0.95", "  topp: 0.95", "  top_p: 0.95"),
]


def applied(text: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.span.start.offset, reverse=True):
        text = text[: edit.span.start.offset] + edit.text + text[edit.span.end.offset :]
    return text


def run(text: str) -> Report:
    Path("config/training.yaml").write_text(text, encoding="utf-8")
    return check(["config/training.yaml"], CATALOGUE)


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aflow_llm.yaml").write_bytes((AFTER / "aflow_llm.yaml").read_bytes())
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("good", "bad", "fixed", "safety"),
    [*((*case, "safe") for case in CASES), *((*case, "unsafe") for case in GUESSES)],
    ids=lambda value: repr(value)[:30],
)
def test_fix(good: str, bad: str, fixed: str, safety: str) -> None:
    original = (AFTER / "training.yaml").read_text(encoding="utf-8")
    assert original.count(good) == 1
    broken = original.replace(good, bad)
    fixes = [finding.fix for finding in run(broken).findings if finding.fix]
    assert len(fixes) == 1
    assert fixes[0].safety == safety
    mended = applied(broken, fixes[0].edits)
    assert mended == original.replace(good, fixed)
    assert not any(finding.fix for finding in run(mended).findings)
    assert yaml.safe_load(mended)["max_steps"] == 500


def test_a_fix_that_would_drop_a_comment_is_unsafe() -> None:
    original = (AFTER / "training.yaml").read_text(encoding="utf-8")
    broken = original.replace('"q_proj,k_proj,v_proj,o_proj"', "\n  - q_proj  # query\n  - k_proj")
    (fix,) = [finding.fix for finding in run(broken).findings if finding.fix]
    assert fix.safety == "unsafe"
