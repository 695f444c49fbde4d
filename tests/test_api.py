"""The Python API: it says what the commands say, and writes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import confguard

ROOT = Path(__file__).parents[1]
MISSION = ROOT / "tests" / "mission"


@pytest.fixture(autouse=True)
def _in_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(MISSION / "before" / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)


def told(*arguments: str) -> Any:
    command = [sys.executable, "-m", "confguard", *arguments, "--format", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({}, ()),
        ({"reference": "profile:reference"}, ("--reference", "profile:reference")),
        ({"select": "lora"}, ("--select", "LORA")),
        ({"select": ["LORA004", "EXEC"], "ignore": ("EXEC005",)}, ("--select", "LORA004,EXEC", "--ignore", "EXEC005")),
        ({"ignore": "LORA, EXEC,"}, ("--ignore", "LORA,EXEC,")),
        ({"ignore": "", "select": [" "]}, ()),
        ({"select": (code for code in ["LORA,EXEC"])}, ("--select", "LORA,EXEC")),
        ({"sets": {"lora_alpha": 0, "learning_rate": 2e-5}}, ("--set", "lora_alpha=0", "--set", "learning_rate=2.0e-5")),
        ({"sets": {"lora_alpha": "0"}}, ("--set", 'lora_alpha="0"')),
        ({"world_size": 3, "target": {"trl": "1.16.0"}}, ("--world-size", "3", "--target", "trl==1.16.0")),
    ],
)
def test_check_finds_what_the_command_finds(asked: dict[str, Any], arguments: tuple[str, ...]) -> None:
    report = confguard.check(Path("config"), **asked)
    found = told("check", "config", *arguments)
    assert [(finding.code, finding.key, finding.message) for finding in report.findings] == [
        (finding["code"], finding["key"], finding["message"]) for finding in found["findings"]
    ]
    assert report.counts() == found["summary"]


def test_check_takes_several_paths_and_by_default_the_folder() -> None:
    one, other = confguard.check("config/training.yaml"), confguard.check("config/aflow_llm.yaml")
    assert len(confguard.check("config/training.yaml", "config/aflow_llm.yaml").files) == 2
    assert len(confguard.check().files) == len(one.files) + len(other.files)
    assert one.fails("error") is False
    assert one.fails("warning") is True


def test_diff_has_the_rows_of_the_command() -> None:
    found = confguard.diff("profile:reference", "config", sets={"lora_rank": 8})
    rows = told("diff", "profile:reference", "config", "--set", "lora_rank=8", "--show-unchanged")["rows"]
    assert [(row.key, row.status) for row in found.rows] == [(row["key"], row["status"]) for row in rows]
    assert found.differs()
    assert not confguard.diff("config", "config").differs()


def test_plan_has_the_edits_of_the_command_and_writes_nothing() -> None:
    before = Path("config/training.yaml").read_bytes()
    found = confguard.plan("config", to="profile:reference", keep={"rollout_batch_size": 4})
    edits = told("migrate", "config", "--to", "profile:reference", "--keep", "rollout_batch_size=4")
    assert found.counts() == {key: edits["summary"][key] for key in found.counts()}
    training = next(file for file in found.files if file.path.endswith("training.yaml"))
    assert "rollout_batch_size: 4 " in training.after.text
    assert "lora_rank: 64\n" in training.after.text
    assert Path("config/training.yaml").read_bytes() == before


@pytest.mark.parametrize("keep", ["lora_rank", ["lora_rank"], {"lora_rank": 32}])
def test_plan_keeps_what_is_named(keep: Any) -> None:
    found = confguard.plan("config/training.yaml", to="profile:reference", keep=keep)
    assert "lora_rank: 32\n" in found.files[0].after.text


def test_one_pattern_is_as_good_as_a_list() -> None:
    for only in ("lora_*", ["lora_*"], iter(["lora_*"])):
        plan = confguard.plan("config/training.yaml", to="profile:reference", only=only)
        assert {row.parameter for row in plan.files[0].rows} == {"lora_r", "lora_alpha", "lora_target_modules", "lora_dropout"}


def test_plan_to_a_release_and_to_a_kind() -> None:
    shutil.copy(ROOT / "examples" / "grpo-2025" / "grpo.yaml", "grpo.yaml")
    upgraded = confguard.plan("grpo.yaml", to="trl==1.16.0", only=iter(()))
    assert "\ndtype: bfloat16" in upgraded.files[0].after.text
    converted = confguard.plan("config/training.yaml", to="trl-grpo")
    assert "num_generations: 6" in converted.files[0].after.text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: confguard.check("config", reference="nowhere"), "no such file"),
        (lambda: confguard.check("config", select="NOPE"), "there is no rule NOPE"),
        (lambda: confguard.check("config", sets={"a": object()}), "object"),
        (lambda: confguard.check("config", sets={1: 2}), "1 is no key"),
        (lambda: confguard.check("config", sets={"": 2}), "'' is no key"),
        (lambda: confguard.check("config", target={"torch": "2.0"}), "torch==2.0: write trl==X"),
        (lambda: confguard.check("config", target={"trl": "newest"}), "trl==newest: write trl==X"),
        (lambda: confguard.check("config", world_size=0), "world_size is 0"),
        (lambda: confguard.diff("gone", "config"), "gone"),
        (lambda: confguard.diff("config", "config", current_target={"trl": "x"}), "trl==x: write trl==X"),
        (lambda: confguard.plan("config", to="profile:refrence"), "did you mean reference"),
        (lambda: confguard.plan("grpo.yaml", to="trl==1.16.0", only=["x"]), "belong to a migration to a reference"),
    ],
)
def test_what_cannot_be_done_is_one_error(call: Any, said: str) -> None:
    with pytest.raises(confguard.CannotRun, match=said):
        call()


# which file beside a config changes | what it has first, and then | what a check makes of it then
BESIDE = [
    ("requirements.txt", "trl==0.14.0", "trl==1.16.0", lambda report: [aim.target.trl for aim in report.aims], (["0.14.0"], ["1.16.0"])),
    (
        "accelerate.yaml",
        "distributed_type: MULTI_GPU\nnum_processes: 2",
        "distributed_type: MULTI_GPU\nnum_processes: 3",
        lambda report: "GRPO001" in {finding.code for finding in report.findings},
        (False, True),
    ),
]


@pytest.mark.parametrize(("name", "first", "then", "of", "made"), BESIDE, ids=[row[0] for row in BESIDE])
def test_nothing_is_remembered_of_files_that_have_changed(name: str, first: str, then: str, of: Any, made: Any) -> None:
    grpo = (ROOT / "examples" / "grpo-2025" / "grpo.yaml").read_text(encoding="utf-8")
    Path("grpo.yaml").write_text(grpo.replace("num_generations: 16", "num_generations: 128"), encoding="utf-8")
    found = []
    for text in (first, then):
        Path(name).write_text(text)
        found.append(of(confguard.check("grpo.yaml")))
    assert tuple(found) == made


@pytest.mark.parametrize(
    "call", [lambda: confguard.check(), lambda: confguard.diff("a", "b"), lambda: confguard.plan("a", to="profile:reference")]
)
def test_a_working_folder_that_is_gone_is_one_error(call: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(confguard.CannotRun, match=r"No such file|no such file"):
        call()


def test_a_file_that_cannot_be_read_is_a_problem_of_the_report() -> None:
    report = confguard.check("gone.yaml", "config")
    assert report.problems == ["gone.yaml: no such file"]
    assert len(report.files) == 2


def test_what_is_exported_is_there_and_loads_when_asked_for() -> None:
    for name in confguard.__all__:
        assert getattr(confguard, name) is not None
    code = "import sys, confguard; print('confguard.api' in sys.modules); confguard.check; print('confguard.api' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "True"]
    with pytest.raises(AttributeError):
        _ = confguard.chekc


def test_names_stay_functions_whatever_is_imported_after() -> None:
    code = "import confguard, confguard.cli, confguard.commands.diff, confguard.commands.check; print(confguard.check.__name__, confguard.diff.__name__, confguard.plan.__name__)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == [
        "check",
        "diff",
        "plan",
    ]


def test_types_are_seen_by_a_type_checker(tmp_path: Path) -> None:
    script = tmp_path / "uses.py"
    script.write_text(
        "import confguard\n"
        "from confguard.schemas import AflowTraining\n"
        "reveal_type(confguard.check('x'))\n"
        "reveal_type(confguard.diff('x', 'y').rows[0])\n"
        "reveal_type(confguard.plan('x', to='y').files[0].after.text)\n"
        "reveal_type(AflowTraining.model_validate({}).max_steps)\n"
    )
    env = {**os.environ, "MYPYPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(script)], capture_output=True, text=True, check=False, env=env)
    for shown in ("fallback=confguard.checking.pipeline.Report]", "fallback=confguard.words.change.Change]", 'is "str"', 'is "int"'):
        assert shown in done.stdout, done.stdout
    assert "Success" in done.stdout
