"""Past runs as references of a diff: what `confguard train` leaves beside its checkpoints, and plain checkpoints of PEFT and TRL."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confguard.__main__ import _run

CONFIG = Path(__file__).parent / "mission" / "after" / "config" / "training.yaml"
ARGUMENTS = {"learning_rate": 2e-5, "max_steps": 100, "num_generations": 8, "beta": 0.0, "logging_dir": object, "seed": 42}
NATIVE = "model_name_or_path: m\nuse_peft: true\nlora_r: 16\nlora_alpha: 32\nlearning_rate: 3.0e-5\nmax_steps: 100\nnum_generations: 8\nreward_funcs: [a.b]\n"


class GRPOConfig:
    """Stands for TRL's: what is read knows only the name of the class."""


def saved(folder: Path, payload: bytes | None = None) -> None:
    """A checkpoint's files, as PEFT and torch write them."""
    folder.mkdir(exist_ok=True)
    if payload is None:
        arguments = GRPOConfig()
        vars(arguments).update(ARGUMENTS)
        payload = pickle.dumps(arguments)
    with zipfile.ZipFile(folder / "training_args.bin", "w") as archive:
        archive.writestr("training_args/data.pkl", payload)
    adapter = {"r": 16, "lora_alpha": 32, "base_model_name_or_path": "m", "target_modules": None}
    (folder / "adapter_config.json").write_text(json.dumps(adapter))


def test_the_folder_of_a_run_is_compared_by_its_own_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out/checkpoint-5").mkdir(parents=True)
    Path("out/confguard-config.yaml").write_bytes(CONFIG.read_bytes())
    Path("out/other.yaml").write_text("a: 1\n")
    Path("training.yaml").write_text(CONFIG.read_text().replace("max_steps: 500", "max_steps: 400"))
    assert _run(["diff", "out", "training.yaml"]) == 1
    told = capsys.readouterr().out
    assert "~ max_steps" in told
    assert "1 changed, 0 added, 0 removed" in told


def test_a_record_of_a_run_is_not_checked_as_a_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    Path("out/confguard-config.yaml").write_text("max_steps: [")
    Path("training.yaml").write_bytes(CONFIG.read_bytes())
    _run(["check", "--show-files", "."])
    assert "confguard-config" not in capsys.readouterr().out
    assert _run(["check", "out/confguard-config.yaml"]) == 1


def test_a_plain_checkpoint_is_compared_by_its_saved_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(Path("checkpoint-5"))
    Path("grpo.yaml").write_text(NATIVE)
    assert _run(["diff", "checkpoint-5", "grpo.yaml"]) == 1
    told = capsys.readouterr().out
    assert "~ learning_rate  2e-5 -> 3e-5" in told
    assert "1 changed, 1 added, 0 removed" in told, told


class Attack:
    def __reduce__(self) -> Any:
        return (eval, ("open('attacked', 'w')",))


def test_nothing_of_a_pickle_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    saved(Path("checkpoint-5"), pickle.dumps(Attack()))
    Path("grpo.yaml").write_text(NATIVE)
    assert _run(["diff", "checkpoint-5", "grpo.yaml"]) == 2
    assert "which is no trainer that confguard knows" in capsys.readouterr().err
    assert not Path("attacked").exists()


@given(st.binary(max_size=200))
def test_whatever_is_in_it_there_is_one_clear_error(tmp_path_factory: pytest.TempPathFactory, payload: bytes) -> None:
    folder = tmp_path_factory.mktemp("past")
    saved(folder / "checkpoint-5", payload)
    (folder / "grpo.yaml").write_text(NATIVE)
    assert _run(["diff", str(folder / "checkpoint-5"), str(folder / "grpo.yaml")]) == 2
