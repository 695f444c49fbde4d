"""A training file of the mission's as a native TRL config: the same run, in a new file; a diff across the two kinds finds them equal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from laid_over import laid_over

from confguard.cli import run_app

REFERENCE = Path(__file__).parents[1] / "profiles" / "reference" / "training.yaml"


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(lines: str) -> dict[str, Any]:
    Path("training.yaml").write_text(laid_over(lines), encoding="utf-8")
    run_app(["migrate", "training.yaml", "--to", "trl-grpo", "--write"])
    found: dict[str, Any] = yaml.safe_load(Path("training.trl-grpo.yaml").read_text(encoding="utf-8"))
    return found


# The lines of the file, and what must be in the new one; a null for a key that must not.
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("", {"model_name_or_path": "Qwen/Qwen2.5-7B-Instruct", "per_device_train_batch_size": 30, "gradient_accumulation_steps": 1}),
    ("gradient_accumulation_steps: 5", {"per_device_train_batch_size": 6, "gradient_accumulation_steps": 5}),
    ("gradient_accumulation_steps: 7", {"per_device_train_batch_size": 30, "gradient_accumulation_steps": 1}),
    ("device_mapping: [0, 1, 2]", {"per_device_train_batch_size": 10, "num_processes": 3}),
    ("device_mapping: [0, 1, 2, 3]", {"per_device_train_batch_size": None}),  # 30 completions are no four equal parts
    ("use_kl_loss: false", {"beta": 0.0}),
    ("", {"beta": 0.1, "temperature": 0.15, "lr_scheduler_type": "constant_with_warmup", "bf16": False}),
    ("temperature_schedule:\n  enabled: false", {"temperature": 0.5}),
    ("use_lora: false\nlora_rank: ~drop", {"use_peft": False, "lora_r": None}),
    ('lora_target_modules: "q_proj,v_proj"', {"lora_target_modules": ["q_proj", "v_proj"]}),
    ("wandb:\n  enabled: false", {"report_to": "none", "env": None}),
    ("", {"report_to": "wandb", "env": {"WANDB_PROJECT": "aflow-roll-integration"}}),
    ("learning_rate: 2e-5", {"learning_rate": None}),  # a string to the file's reader: nothing that could be taken over
]


@pytest.mark.parametrize(("lines", "wanted"), ROWS)
def test_row(lines: str, wanted: dict[str, Any]) -> None:
    found = made(lines)
    assert {key: found.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("lines", [lines for lines, _ in ROWS])
def test_the_two_are_equal_and_the_new_one_is_clean(lines: str, capsys: pytest.CaptureFixture[str]) -> None:
    made(lines)
    capsys.readouterr()
    for sides in (("training.yaml", "training.trl-grpo.yaml"), ("training.trl-grpo.yaml", "training.yaml")):
        assert run_app(["diff", *sides, "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["rows"] == []
        assert {item["key"] for item in found["untranslated"]} >= {"domain_ratios", "execution_timeout"}
    uneven = "rollout_batch_size" in {item["key"] for item in found["untranslated"]}
    run_app(["check", "training.trl-grpo.yaml", "--format", "json"])
    assert bool(json.loads(capsys.readouterr().out)["summary"]["errors"]) == uneven


def test_a_change_of_one_is_a_row_of_the_diff(capsys: pytest.CaptureFixture[str]) -> None:
    made("")
    path = Path("training.trl-grpo.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("lora_r: 64", "lora_r: 32"), encoding="utf-8")
    capsys.readouterr()
    assert run_app(["diff", "training.yaml", str(path), "--format", "json"]) == 1
    assert [row["key"] for row in json.loads(capsys.readouterr().out)["rows"] if row["kind"] != "derived"] == ["lora_r"]


def test_the_old_file_stays_and_a_second_run_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    made("")
    before = Path("training.yaml").read_bytes()
    assert run_app(["migrate", "training.yaml", "--to", "trl-grpo", "--write"]) == 0
    assert "Nothing to migrate" in capsys.readouterr().out
    assert Path("training.yaml").read_bytes() == before
    run_app(["undo"])
    assert not Path("training.trl-grpo.yaml").exists()


def test_a_file_that_says_something_else_is_not_written_over(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from confguard.__main__ import main

    Path("training.yaml").write_text(laid_over(""), encoding="utf-8")
    Path("training.trl-grpo.yaml").write_text("seed: 1\n")
    monkeypatch.setattr("sys.argv", ["confguard", "migrate", "training.yaml", "--to", "trl-grpo", "--write"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "says something else" in capsys.readouterr().err
    assert Path("training.trl-grpo.yaml").read_text() == "seed: 1\n"


def test_what_cannot_be_converted_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from confguard.__main__ import main

    Path("training.yaml").write_text(laid_over(""), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["confguard", "migrate", "training.yaml", "--to", "trl-sft"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "trl-sft can be made from: none" in capsys.readouterr().err


@pytest.mark.parametrize("lines", ["", "gradient_accumulation_steps: 5", "use_lora: false\nlora_rank: ~drop"])
def test_the_real_constructors_take_it(lines: str) -> None:
    pytest.importorskip("trl")
    from agreement.real import Libraries

    made(lines)
    assert Libraries().verdict("trl-grpo", "training.trl-grpo.yaml").accepts
