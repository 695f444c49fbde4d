"""A migration: what it makes of a file, what it keeps and says, and that a second one has nothing to do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from configs import configs
from hypothesis import given, settings
from hypothesis import strategies as st
from laid_over import PROFILE, laid_over

from confguard.commands.migrate import Asked, _wishes
from confguard.diffing.comparison import comparison
from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted, kind_of
from confguard.migrate.plan import FilePlan
from confguard.migrate.planning import Goals, plan
from confguard.schemas.catalogue import CATALOGUE

ROOT = Path(__file__).parent
MISSION = ROOT / "mission"
CASES = yaml.safe_load((ROOT / "cases" / "migrate.yaml").read_text(encoding="utf-8"))
REFERENCE = (PROFILE / "training.yaml").read_text(encoding="utf-8")
PROJECT = """\
run_name: "grpo-{max_steps}steps-{rollout_batch_size}batch-{num_return_sequences_in_group}workflows-reference-restored"
waivers:
  - {parameter: rollout_batch_size, value: 4, reason: "the user asks for 4", by: user, expires: never}
  - {parameter: temperature, value: fixed 0.4, reason: "the user asks for a fixed 0.4", by: user, expires: never}
"""


def side(name: str, text: str) -> Fitted:
    document = Document(name, text.encode())
    assert document.refused is None
    return fitted(document, kind_of(document, CATALOGUE.shapes))


def planned(current: str, reference: str, options: dict[str, Any] | None = None) -> FilePlan:
    options = options or {}
    asked = Asked(
        "", "", keep=tuple(options.pop("keep", ())), only=tuple(options.pop("only", ())), but=tuple(options.pop("but", ())), **options
    )
    goals = Goals("the reference", _wishes(asked), CATALOGUE, lambda file: ())
    (file,) = plan([side("reference.yaml", reference)], [side("current.yaml", current)], goals, None).files
    return file


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    current = case.get("current") if "current" in case else laid_over(case["lines"], REFERENCE)
    reference, options = case.get("reference", REFERENCE), case.get("options", {})
    file = planned(current, reference, dict(options))
    text = file.after.encoded(file.after.text).decode()
    for words in case.get("after", ()):
        assert words in text
    if "exact" in case:
        assert text == case["exact"]
    counted = {
        "edits": sum(row.written for row in file.rows),
        "unsafe": sum(not row.written and row.refused is None for row in file.rows),
        "refused": sum(row.refused is not None for row in file.rows),
        "kept": len(file.kept),
    }
    wanted = {name: case.get(name, 0) for name in ("edits", "unsafe", "refused")} | {"kept": case.get("kept", counted["kept"])}
    assert counted == wanted, file.rows
    again = planned(text, reference, dict(options))
    assert again.after.text == file.after.text
    assert not any(row.written for row in again.rows)


@settings(max_examples=150, deadline=None)
@given(configs(), configs(), st.booleans())
def test_a_second_migration_has_nothing_to_do(current: str, reference: str, unsafe: bool) -> None:
    file = planned(current, reference, {"unsafe": unsafe})
    assert not [row for row in file.rows if row.refused], file.rows
    again = planned(file.after.text, reference, {"unsafe": unsafe})
    assert not any(row.written for row in again.rows)
    assert again.after.text == file.after.text
    found = comparison([side("reference.yaml", reference)], [side("current.yaml", file.after.text)], CATALOGUE)
    kept = {item.key for item in file.kept} | {row.key for row in file.rows if not row.written}
    assert {row.key for row in found.rows if row.counts} <= kept
    if not unsafe:
        comments = [current[slice(*span)] for span in side("current.yaml", current).document.comments()]
        left = [file.after.text[slice(*span)] for span in file.after.comments()]
        assert all(left.count(words) >= comments.count(words) for words in comments)


@settings(max_examples=60, deadline=None)
@given(configs())
def test_to_itself_there_is_nothing_to_do(config: str) -> None:
    file = planned(config, config)
    assert not [row for row in file.rows if row.by != "follows"]
    assert not file.kept


# --- the mission ---


def confguard(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "confguard", *words], capture_output=True, text=True, check=False, cwd=folder)


@pytest.fixture
def mission(tmp_path: Path) -> Path:
    shutil.copytree(MISSION / "before" / "config", tmp_path / "config")
    (tmp_path / "confguard.yaml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "config").iterdir()}


def comments(text: str) -> list[str]:
    return re.findall(r"#.*", text)


def test_the_mission(mission: Path) -> None:
    before, wanted = files(mission), files(MISSION / "after")
    shown = confguard("migrate", "config", "--to", "profile:reference")
    assert shown.returncode == 1
    assert files(mission) == before

    assert confguard("migrate", "config", "--to", "profile:reference", "--write").returncode == 0
    now = files(mission)
    for name, data in wanted.items():
        text, old = now[name].decode(), before[name].decode()
        assert yaml.safe_load(text) == yaml.safe_load(data)
        assert set(comments(old)) <= set(comments(text))
        # But for the comment that is left to a person, it is the file that people made by hand, byte by byte.
        assert text.replace("8 prompts x 6 workflows = 24000", "4 prompts x 6 workflows = 12000") == data.decode()

    again = confguard("migrate", "config", "--to", "profile:reference", "--write")
    assert again.returncode == 0
    assert files(mission) == now

    assert confguard("check").returncode == 0
    assert confguard("undo").returncode == 0
    assert files(mission) == before


def test_the_mission_with_unsafe_fixes_is_what_people_wrote_by_hand(mission: Path) -> None:
    before = files(mission)
    assert confguard("migrate", "config", "--to", "profile:reference", "--write", "--unsafe-fixes").returncode == 0
    assert files(mission) == files(MISSION / "after")
    again = confguard("migrate", "config", "--to", "profile:reference", "--unsafe-fixes")
    assert again.returncode == 0
    assert "Nothing to migrate" in again.stdout
    assert confguard("check").returncode == 0
    assert confguard("undo").returncode == 0
    assert files(mission) == before


def test_what_the_plan_says_of_the_mission(mission: Path) -> None:
    shown = confguard("migrate", "config", "--to", "profile:reference").stdout
    for words in (
        "~ rollout_batch_size      8 -> 4     lower, x0.5    waiver",
        "waived by user: the user asks for 4",
        "~ learning_rate        5e-5 -> 2e-5  lower, x0.4    reference",
        "+ max_tokens  - -> 4096    reference",
        "temperature_schedule.enabled       false (reference: true)",
        "completions: 500 x 8 x 6 -> 500 x 4 x 6",
        "+rollout_batch_size: 4                 # prompts per step",
        "+ # Target: 500 steps x 4 prompts x 6 workflows = 12000 workflows",
        "Plan: 13 edits in 2 files, 1 unsafe edit left to you (--unsafe-fixes writes it too), 2 keys kept.",
        "Nothing was written; --write carries the plan out.",
    ):
        assert words in shown


def test_json(mission: Path) -> None:
    shown = json.loads(confguard("migrate", "config", "--to", "profile:reference", "--format", "json").stdout)
    assert list(shown) == ["version", "written", "transaction", "files", "left_out", "check", "summary"]
    assert shown["written"] is False
    assert shown["summary"] == {"edits": 13, "unsafe": 1, "refused": 0, "kept": 2, "files": 2}
    training = shown["files"][1]
    assert list(training) == ["file", "reference", "edits", "kept", "moves", "derived", "diff"]
    assert training["edits"][0] == {
        "kind": "change", "key": "rollout_batch_size", "parameter": "rollout_batch_size", "line": None, "before": 8, "after": 4, "by": "waiver",
        "reason": "waived by user: the user asks for 4", "safety": "safe", "comments_lost": [], "refused": None, "planned": True, "note": None,
    }  # fmt: skip
    written = json.loads(confguard("migrate", "config", "--to", "profile:reference", "--format", "json", "--write").stdout)
    assert written["written"] is True
    assert written["transaction"] in confguard("undo", "--list").stdout


def test_a_small_config_keeps_its_own_steps(mission: Path) -> None:
    small = mission / "config" / "training_test.yaml"
    small.write_text(laid_over("max_steps: 10\nwarmup_steps: 5\nsave_every: 5\nlora_rank: 8\nlora_alpha: 8", REFERENCE), encoding="utf-8")
    (mission / "confguard.yaml").unlink()
    words = ("--keep", "max_steps", "--because", "a smoke test", "--keep", "save_every", "--scale-warmup", "--write")
    done = confguard("migrate", "config/training_test.yaml", "--to", str(PROFILE / "training.yaml"), *words)
    assert done.returncode == 0
    assert "--keep: a smoke test" in done.stdout
    values = yaml.safe_load(small.read_text(encoding="utf-8"))
    assert (values["max_steps"], values["save_every"], values["warmup_steps"], values["lora_rank"]) == (10, 5, 2, 64)


def test_a_file_that_is_missing_is_made_beside_its_neighbour(mission: Path) -> None:
    (mission / "config" / "aflow_llm.yaml").unlink()
    done = confguard("migrate", "config", "--to", "profile:reference", "--write")
    assert done.returncode == 0
    assert (mission / "config" / "aflow_llm.yaml").read_bytes() == (PROFILE / "aflow_llm.yaml").read_bytes()
    assert confguard("undo").returncode == 0
    assert not (mission / "config" / "aflow_llm.yaml").exists()


@pytest.mark.parametrize(
    ("waiver", "batch", "said"),
    [
        ('{parameter: rollout_batch_size, value: 4, reason: "small", expires: 2000-01-01}', 5, "(the waiver ran out on 2000-01-01)"),
        ('{parameter: rollout_batch_size, value: 4, reason: "small", by: ann}', 4, "waived by ann: small"),
        ('{parameter: rollout_batch_size, value: 8, reason: "large"}', 8, "8 (reference: 5)  waived: large"),
    ],
)
def test_a_waiver_is_a_goal_until_its_date(mission: Path, waiver: str, batch: int, said: str) -> None:
    (mission / "confguard.yaml").write_text(f"waivers:\n  - {waiver}\n", encoding="utf-8")
    done = confguard("migrate", "config", "--to", "profile:reference", "--write")
    assert said in done.stdout
    assert yaml.safe_load(files(mission)["training.yaml"])["rollout_batch_size"] == batch


def test_what_is_asked_for_now_counts_before_a_waiver(mission: Path) -> None:
    done = confguard("migrate", "config", "--to", "profile:reference", "--write", "--keep", "rollout_batch_size=6")
    assert done.returncode == 0
    assert yaml.safe_load(files(mission)["training.yaml"])["rollout_batch_size"] == 6


def test_a_waiver_for_one_entry_is_for_that_one(mission: Path) -> None:
    waiver = '{parameter: models.gpt-4o-mini.max_tokens, value: 1024, reason: "short answers"}'
    (mission / "confguard.yaml").write_text(f"waivers:\n  - {waiver}\n", encoding="utf-8")
    assert confguard("migrate", "config", "--to", "profile:reference", "--write").returncode == 0
    assert "max_tokens: 1024 " in files(mission)["aflow_llm.yaml"].decode()
    assert yaml.safe_load(files(mission)["training.yaml"])["generation_config"]["max_tokens"] == 4096


# --- what cannot be done ---

REFUSED = [
    (["--keep", "rollout_batch_sise=4"], "--keep rollout_batch_sise: neither side has such a key; did you mean rollout_batch_size?"),
    (["--keep", "=4"], "--keep =4: write KEY, or KEY=VALUE"),
    (["--keep", "max_steps=[1"], "--keep max_steps=[1: not readable as YAML"),
    (["--because", "why"], "--because: there are more reasons than --keep"),
    (["--only", "lora*rankk"], "--only lora*rankk: neither side has such a key"),
    (["--except", "nonsense"], "--except nonsense: neither side has such a key"),
    (["--format", "html"], "--format"),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_bad_usage_is_one_line(mission: Path, words: list[str], said: str) -> None:
    before = files(mission)
    done = confguard("migrate", "config", "--to", "profile:reference", "--write", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert files(mission) == before


@pytest.mark.parametrize(
    ("current", "to", "said"),
    [
        ("profile:reference", "config", "--write: profile:reference is no file on the disk that could be written"),
        ("config", "nowhere", "nowhere: no such file, and no reference of that name"),
        ("config", "profile:referense", "did you mean reference?"),
        ("config/aflow_llm.yaml", "broken.yaml", "broken.yaml:1:5"),
        ("broken.yaml", "config", "broken.yaml:1:5"),
    ],
)
def test_what_is_no_side(mission: Path, current: str, to: str, said: str) -> None:
    (mission / "broken.yaml").write_text("a: [", encoding="utf-8")
    done = confguard("migrate", current, "--to", to, "--write")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
