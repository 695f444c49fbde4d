"""Real runs with the tiny model that ships: what is counted, what arrives, what a kill leaves behind. Needs torch and TRL."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("trl")

from confguard.checking.setting import Options
from confguard.checking.validating import validated
from confguard.schemas.catalogue import CATALOGUE
from confguard.trainer.checkpoints import adapter_hash, is_whole
from confguard.trainer.plan import Refused, planned
from confguard.trainer.run import Asked, train
from confguard.words.training import Begun, Ended, Event, Note, Step
from confguard.words.validated import ValidatedRun

ROOT = Path(__file__).parents[1]
TINY = ROOT / "profiles" / "tiny"
SHORT = {"max_steps": 6, "rollout_batch_size": 4, "num_return_sequences_in_group": 6, "save_every": 2, "log_every": 2, "output_dir": "out"}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "")  # so that it is taken away again, where a run sets it
        monkeypatch.delenv(name)
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny profile's model and data beside the config."""
    shutil.copytree(TINY, tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def config(**changes: Any) -> str:
    """The tiny profile with some keys changed (None takes one out), written beside its files."""
    data = yaml.safe_load((TINY / "training.yaml").read_text(encoding="utf-8"))
    data.pop("test_dataset")
    data = {key: value for key, value in {**data, **SHORT, **changes}.items() if value is not None}
    Path("training.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return "training.yaml"


def run_of(path: str, **options: Any) -> ValidatedRun:
    report, found = validated(path, CATALOGUE, Options(**options))
    assert found is not None, [finding.message for finding in report.findings]
    return found


def trained(path: str, resume: bool = False, seed: int = 1, tell: Callable[[Event], None] | None = None) -> Ended:
    return train(run_of(path), Asked(seed, resume), tell or (lambda event: None))


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "confguard", "train", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", **environment},
    )


def seen(output: str = "out") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(output, "confguard-history.jsonl").read_text().splitlines()]


# --- counting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", [{}, {"gradient_accumulation_steps": 4}, {"forward_pass_microbatch_size": 4}], ids=["24x1", "6x4", "4x6"])
def test_samples_and_shares_are_exact(split: dict[str, int], folder: Path) -> None:
    """6 steps x 4 prompts x 6 completions are 144, and the domains have their shares of them, however a step is split."""
    path = config(domain_ratios={"math": 0.5, "qa": 0.5}, experience_buffer={"buffer_size": 1000, "reward_threshold": -1.0}, **split)
    trained(path)
    rows = [json.loads(line) for line in Path("out/experience_buffer.jsonl").read_text().splitlines()]
    assert Counter(row["domain"] for row in rows) == {"math": 72, "qa": 72}
    assert Counter(row["step"] for row in rows) == dict.fromkeys(range(1, 7), 24)
    assert set(Counter((row["step"], row["question"]) for row in rows).values()) <= {6, 12, 18, 24}


@pytest.mark.parametrize("split", [{}, {"gradient_accumulation_steps": 2}, {"forward_pass_microbatch_size": 4}], ids=["12x1", "6x2", "4x3"])
def test_two_processes_see_the_same_samples(split: dict[str, int], folder: Path) -> None:
    path = config(
        max_steps=2, domain_ratios={"math": 0.5, "qa": 0.5}, experience_buffer={"buffer_size": 1000, "reward_threshold": -1.0}, **split
    )
    done = command(path, "--launch", "torchrun", "--processes", "2", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in Path("out/experience_buffer.jsonl").read_text().splitlines()]
    assert Counter(row["domain"] for row in rows) == {"math": 24, "qa": 24}
    one_process = {row["question"] for row in rows}
    shutil.rmtree("out")
    trained(path)
    assert one_process == {json.loads(line)["question"] for line in Path("out/experience_buffer.jsonl").read_text().splitlines()}


def test_a_wrong_number_of_processes_is_refused_before_the_first_step(folder: Path) -> None:
    with pytest.raises(Refused, match="the config is for 2 processes: add --launch torchrun"):
        trained(config(device_mapping=[0, 1]))
    assert not Path("out").exists()


def test_data_may_be_a_dataset_that_was_saved(folder: Path) -> None:
    from datasets import Dataset, DatasetDict

    from confguard.trainer.data import read_rows

    rows = read_rows("tiny/data/train_mixed.jsonl")
    Dataset.from_list(rows).save_to_disk("one")
    DatasetDict({"train": Dataset.from_list(rows)}).save_to_disk("split")
    DatasetDict({"test": Dataset.from_list(rows)}).save_to_disk("other")
    assert read_rows("one") == read_rows("split") == rows
    with pytest.raises(Refused, match=r"there is no split train in it \(there are: test\)"):
        read_rows("other")
    with pytest.raises(Refused, match="a folder, but none that `datasets` saved"):
        read_rows("tiny")


# --- what is trained is what the file says ---------------------------------------------------------------------------------


def test_every_key_arrives(folder: Path) -> None:
    """The keys of the mission's restored file on the tiny model: what the trainer that was built holds, key by key."""
    from confguard.trainer.arrived import Built, arrivals
    from confguard.trainer.data import ordered, read_rows
    from confguard.trainer.grpo import build
    from confguard.trainer.preflight import look

    after = yaml.safe_load((ROOT / "tests/mission/after/config/training.yaml").read_text(encoding="utf-8"))
    for key in ("aflow_config_path", "aflow_executor_model", "test_dataset"):
        after.pop(key)
    sets = (
        *(("base_model", "tiny/model"), ("max_steps", "10"), ("warmup_steps", "2"), ("train_dataset", "tiny/data/train_mixed.jsonl")),
        *(
            ("generation_config.max_tokens", "40"),
            ("wandb.enabled", "false"),
            ("domain_ratios", "{math: 0.6, qa: 0.4}"),
            ("output_dir", "out"),
        ),
    )
    Path("training.yaml").write_text(yaml.safe_dump(after), encoding="utf-8")
    run = run_of("training.yaml", sets=sets)
    plan = planned(run, 1)
    rows = read_rows(plan.data)
    ready = build(run, plan, look(run, plan, rows), rows, ordered(rows, plan.domains, 40, 1), lambda event: None)
    found = arrivals(run.recipe, Built(ready.trainer, plan, plan.model, ready.scoring))
    assert [item for item in found if not item.holds] == []
    assert {item.key: item.found for item in found} == {
        "base_model": "tiny/model",
        "bf16": False,
        "max_steps": 10,
        "rollout_batch_size": 4,
        "num_return_sequences_in_group": 6,
        "learning_rate": 2e-5,
        "warmup_steps": 2,
        "clip_range": 0.2,
        "max_grad_norm": 1.0,
        "weight_decay": 0.01,
        "kl_loss_coef": 0.1,
        "generation_config.temperature": 0.4,
        "generation_config.max_tokens": 40,
        "generation_config.top_p": 0.95,
        "generation_config.top_k": 50,
        "use_lora": True,
        "lora_rank": 64,
        "lora_alpha": 64,
        "lora_dropout": 0.05,
        "lora_target_modules": ["k_proj", "o_proj", "q_proj", "v_proj"],
        "domain_ratios": {"math": 0.6, "qa": 0.4},
        "reward_weights": {"correctness": 0.7, "efficiency": 0.2, "code_quality": 0.1},
        "log_every": 5,
        "save_every": 25,
        "wandb.run_name": "grpo-500steps-4batch-6workflows-reference-restored",
        "execution_timeout": 180,
        "experience_buffer.buffer_size": 100,
        "experience_buffer.reward_threshold": 8.0,
    }
    assert set(run.recipe.values) - {item.parameter for item in found} == {
        *("device_mapping", "use_kl_loss", "gradient_accumulation_steps", "train_dataset", "val_samples", "eval_steps", "output_dir"),
        *(
            "temperature_schedule_enabled",
            "temperature_initial",
            "temperature_final",
            "temperature_warmup_steps",
            "wandb_enabled",
            "wandb_project",
        ),
    } - {item.parameter for item in found}


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_mission_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mission's restored folder as it is, with another model and fewer steps: code in the sandbox, workflows allowed, all its keys."""
    shutil.copytree(ROOT / "tests/mission", tmp_path / "mission")
    monkeypatch.chdir(tmp_path / "mission" / "after")
    shutil.copytree(TINY / "data", "data/mixed")
    shutil.copytree(TINY / "model", "model")
    shape = json.loads(Path("model/config.json").read_text())
    Path("model/config.json").write_text(json.dumps({**shape, "max_position_embeddings": 8192}))  # the file allows 4,096 tokens
    sets = ("--set", "base_model=model", "--set", "max_steps=3", "--set", "warmup_steps=1")
    done = command("config/training.yaml", *sets, OPENAI_API_KEY="nobody-asks", WANDB_MODE="offline")
    if not has_wandb():
        assert "wandb is not installed" in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 steps x 4 prompts x 6 = 72" in done.stdout
    output = "checkpoints/grpo_mixed"
    assert {name for step in seen(output) for name in step["domains"]} == {"math", "qa", "code"}
    assert {name for step in seen(output) for name in step["parts"]} == {"correctness", "efficiency", "code_quality"}
    assert is_whole(f"{output}/checkpoint-3")
    made = json.loads(Path(output, "confguard-run.json").read_text())
    assert made["waived"][0]["code"] == "SAMPLE003"
    assert made["executor"]["entry"]["api_key"] == "${OPENAI_API_KEY}"
    asked = {"base_model": "model", "max_steps": 3, "warmup_steps": 1}
    for item in made["arrived"]:
        assert item["found"] == item["asked"] == asked.get(item["key"], item["asked"])
    assert {"lora_rank", "clip_range", "kl_loss_coef", "generation_config.temperature", "reward_weights"} < {
        item["key"] for item in made["arrived"]
    }
    assert len(made["arrived"]) == 28


def has_wandb() -> bool:
    return find_spec("wandb") is not None


def test_a_key_that_does_not_arrive_keeps_the_run_from_starting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from confguard.trainer import grpo

    monkeypatch.setattr(
        grpo.GRPOConfig,
        "__post_init__",
        lambda self, real=grpo.GRPOConfig.__post_init__: (real(self), setattr(self, "learning_rate", 1e-6))[0],
    )
    with pytest.raises(Refused, match=r"learning_rate: 0\.0\d+ was validated, and 1e-06 arrived in trainer\.args\.learning_rate"):
        trained(config())


def test_the_temperature_moves_everywhere(folder: Path) -> None:
    """Also in the closure of the fused LM head: a run whose temperature changes there alone would learn at another one than it samples at."""
    from confguard.trainer import temperature

    places: list[tuple[float, ...]] = []
    real = temperature.Temperature.set

    def noted(self: Any, step: int) -> None:
        real(self, step)
        trainer = self.trainer
        places.append(
            (
                trainer.temperature,
                trainer.generation_config.temperature,
                trainer.generation_kwargs["temperature"],
                *(cell.cell_contents for cell in self.cells),
            )
        )

    pytest.MonkeyPatch().setattr(temperature.Temperature, "set", noted)
    schedule = {"enabled": True, "initial": 1.0, "final": 0.8, "warmup_steps": 4}
    steps: list[Step] = []
    trained(config(temperature_schedule=schedule), tell=lambda event: steps.append(event) if isinstance(event, Step) else None)
    assert all(len(place) >= 4 and len(set(place)) == 1 for place in places)
    assert [round(step.temperature or 0, 3) for step in steps] == [1.0, 0.95, 0.9, 0.85, 0.8, 0.8]


def test_the_learning_rate_warms_up_and_stays(folder: Path) -> None:
    from confguard.words.training import Logged

    rates: list[float] = []
    trained(
        config(warmup_steps=3, log_every=1, learning_rate=3e-4),
        tell=lambda event: (
            rates.append(event.values["learning_rate"]) if isinstance(event, Logged) and "learning_rate" in event.values else None
        ),
    )
    assert [round(rate, 7) for rate in rates] == [0.0, 1e-4, 2e-4, 3e-4, 3e-4, 3e-4]


def test_the_tiny_model_learns(folder: Path) -> None:
    """A third of the profile's run; benchmarks/train.py has the whole, with controls."""
    rewards = [
        step.reward or 0
        for step in trained(config(max_steps=25, rollout_batch_size=16, num_return_sequences_in_group=8, save_every=25)).history
    ]
    assert sum(rewards[-5:]) / 5 > sum(rewards[:5]) / 5 + 1.0


def test_good_completions_are_kept(folder: Path) -> None:
    trained(config(experience_buffer={"buffer_size": 5, "reward_threshold": 8.0, "persistence_dir": "kept"}))
    rows = [json.loads(line) for line in Path("kept/experience_buffer.jsonl").read_text().splitlines()]
    assert 0 < len(rows) <= 5
    assert all(row["reward"] >= 8.0 for row in rows)


def test_evaluation_is_told(folder: Path) -> None:
    events: list[Event] = []
    trained(config(eval_every=3, val_samples=4, test_dataset="tiny/data/test_mixed.jsonl"), tell=events.append)
    evaluated = [(event.what, event.step) for event in events if type(event).__name__ == "Evaluated"]
    assert evaluated == [("validation", 3), ("validation", 6), ("test", 6)]


# --- faults ---------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_weights(folder: Path) -> None:
    hashes = {trained(config(output_dir=name), seed=seed).adapter for name, seed in (("a", 1), ("b", 1))}
    assert len(hashes) == 1
    assert trained(config(output_dir="c"), seed=2).adapter not in hashes


SCHEDULED = {"temperature_schedule": {"enabled": True, "initial": 1.0, "final": 0.8, "warmup_steps": 4}}


def killed_and_resumed(path: str, after: float, *more: str) -> str | None:
    """The weights of a run that is killed so many seconds after its first step, and then resumed until it is done."""
    shutil.rmtree("out", ignore_errors=True)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    arguments = [sys.executable, "-m", "confguard", "train", path, "--seed", "1", *more]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, start_new_session=True)
    while not Path("out/confguard-history.jsonl").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for checkpoint in Path("out").glob("checkpoint-*"):
        assert is_whole(str(checkpoint))
    done = command(path, "--seed", "1", "--resume", *more)
    assert done.returncode == 0, done.stdout + done.stderr
    return adapter_hash("out/checkpoint-12")


@pytest.mark.parametrize("more", [(), ("--launch", "torchrun", "--processes", "2")], ids=["one process", "two processes"])
def test_killed_at_any_moment_a_run_ends_the_same(more: Sequence[str], folder: Path) -> None:
    """Two moments here; `tests/real_kills.py` takes ten for each."""
    path = config(max_steps=12, save_every=1, **SCHEDULED)
    assert command(path, "--seed", "1", "--set", "output_dir=whole", *more).returncode == 0
    whole = adapter_hash("whole/checkpoint-12")
    assert whole is not None
    draw = random.Random(len(more))
    assert [killed_and_resumed(path, draw.uniform(0, 1.5), *more) for _ in range(2)] == [whole] * 2


@pytest.mark.parametrize("more", [(), ("--launch", "torchrun", "--processes", "2")], ids=["one process", "two processes"])
def test_asked_to_end_a_run_saves_and_says_how_to_go_on(more: Sequence[str], folder: Path) -> None:
    path = config(max_steps=400, save_every=300)
    process = subprocess.Popen(
        [sys.executable, "-m", "confguard", "train", path, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    while not Path("out/confguard-history.jsonl").exists() or not seen():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate()
    assert process.returncode == 130, told
    assert "go on with the same command and --resume" in told
    steps = len(seen())
    assert is_whole(f"out/checkpoint-{steps}")
    assert command(path, "--resume", "--set", f"max_steps={steps + 2}").returncode == 1  # fewer steps than before are another run


def test_a_folder_that_holds_a_run_is_not_written_over(folder: Path) -> None:
    path = config(max_steps=2)
    trained(path)
    with pytest.raises(Refused, match="already holds a run, up to step 2: add --resume"):
        trained(path)
    with pytest.raises(Refused, match=r"learning_rate was .* and is .*, which would be another run"):
        trained(config(max_steps=2, learning_rate=1e-5), resume=True)
    events: list[Event] = []
    assert trained(config(max_steps=4), resume=True, tell=events.append).step == 4
    assert next(event for event in events if isinstance(event, Begun)).done == 2
    before = adapter_hash("out")
    again = trained(config(max_steps=4), resume=True)
    assert (again.how, again.step, len(again.history)) == ("nothing left to do", 4, 4)
    assert adapter_hash("out") == before == again.adapter


def test_two_runs_do_not_share_a_folder(folder: Path) -> None:
    from confguard.trainer import manifest

    path = config(max_steps=1)
    with manifest.held("out", is_first=True), pytest.raises(Refused, match="out is in use by another run"):
        trained(path)
    trained(path)


def test_a_home_folder_is_one_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder / "home"))
    path = config(
        max_steps=1, output_dir="~/run", experience_buffer={"buffer_size": 2, "reward_threshold": 0.0, "persistence_dir": "~/kept"}
    )
    trained(path)
    assert not Path("~").exists()
    assert {"checkpoint-1", "confguard-run.json", "confguard-history.jsonl", "adapter_model.safetensors"} <= {
        item.name for item in (folder / "home/run").iterdir()
    }
    assert (folder / "home/kept/experience_buffer.jsonl").exists()
    with pytest.raises(Refused, match="already holds a run"):
        trained(path)


def test_what_makes_a_run_another_one(folder: Path) -> None:
    Path("own.py").write_text("def some(attempt):\n    return len(attempt.completion) % 2\n")
    weights = {"correctness": 0.5, "own.py:some": 0.5}
    trained(config(max_steps=2, reward_weights=weights))
    Path("own.py").write_text("def some(attempt):\n    return len(attempt.completion) % 2 * 0.5\n")
    with pytest.raises(Refused, match=r"the content of .*own\.py has changed, which would be another run"):
        trained(config(max_steps=4, reward_weights=weights), resume=True)


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({"lora_target_modules": "all-linear"}, None),
        ({"temperature_schedule": {"enabled": True, "initial": 1.0, "final": 0.5, "warmup_steps": 0}}, 0.5),
        ({"lora_target_modules": ["v_proj", "q_proj"], "use_rslora": True, "lora_alpha": 12.5}, None),
        ({"use_lora": False, "learning_rate": 1e-5}, None),
        ({"save_every": 0}, None),
        ({"use_gradient_checkpointing": True}, None),
        ({"use_kl_loss": True, "kl_loss_coef": 0.1}, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_whatever_is_valid_trains(changes: dict[str, Any], rate: float | None, folder: Path) -> None:
    steps: list[Step] = []
    ended = trained(config(max_steps=1, **changes), tell=lambda event: steps.append(event) if isinstance(event, Step) else None)
    assert ended.how == "done"
    assert rate is None or steps[0].temperature == rate


def test_the_test_file_is_read_before_the_first_step(folder: Path) -> None:
    Path("bad.jsonl").write_text("{")
    with pytest.raises(Refused, match=r"bad\.jsonl:1: not JSON"):
        trained(config(test_dataset="bad.jsonl"))
    assert not list(Path("out").glob("checkpoint-*"))


def test_a_reward_that_leaves_is_a_failure(folder: Path) -> None:
    """A program that ends with 0 would be taken for a run that is done."""
    Path("own.py").write_text("def leave(attempt):\n    raise SystemExit(0)\n")
    with pytest.raises(Exception, match=r"own\.py:leave"):
        trained(config(max_steps=1, reward_weights={"own.py:leave": 1.0}))


def test_rewards_from_which_nothing_is_learnt_are_told(folder: Path) -> None:
    Path("own.py").write_text("def always(attempt):\n    return 0.5\n")
    events: list[Event] = []
    trained(config(max_steps=11, reward_weights={"own.py:always": 1.0}), tell=events.append)
    assert [event.severity for event in events if isinstance(event, Note) and "all rewards of each group were equal" in event.text] == [
        "warning"
    ]


def test_a_loss_that_is_no_number_ends_the_run_before_the_weights_take_it_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from confguard.trainer.finite import Lost
    from confguard.trainer.grpo import Trainer

    path = config(max_steps=4, save_every=1)
    whole = trained(path).adapter
    real = Trainer._compute_loss
    shutil.rmtree("out")
    with monkeypatch.context() as patched:
        patched.setattr(
            Trainer,
            "_compute_loss",
            lambda self, model, inputs: real(self, model, inputs) * (float("nan") if self.state.global_step == 2 else 1),
        )
        with pytest.raises(Lost, match="the loss of step 3 is nan"):
            trained(path)
    assert trained(path, resume=True).adapter == whole


def test_an_executor_that_is_not_there_ends_the_run_and_loses_nothing(folder: Path) -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    entry = {"api_type": "openai", "base_url": "http://127.0.0.1:9/v1", "api_key": "none-needed", "model_name": "m", "max_tokens": 64}
    Path("llm.yaml").write_text(yaml.safe_dump({"models": {"m": entry}}))
    weights = {"correctness": 0.5, "judge": 0.5}
    done = command(
        config(aflow_config_path="llm.yaml", aflow_executor_model="m", execution_timeout=2, reward_weights=weights, rollout_batch_size=1)
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the run failed" in done.stderr
    assert "--resume goes on from the last whole checkpoint" in done.stderr
    assert "Traceback" not in done.stderr


# --- what is told -----------------------------------------------------------------------------------------------------------


def test_the_readme_shows_what_the_embedded_run_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the number: but for figures, which another processor may round otherwise."""
    monkeypatch.chdir(tmp_path)
    shown = re.search(
        r"```text\n\$ confguard train profile:tiny \| tail -8\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    done = command("profile:tiny")
    assert done.returncode == 0, done.stderr
    assert shown is not None
    assert without_figures(done.stdout.splitlines()[-8:]) == without_figures(shown[1].splitlines())
    page = Path("checkpoints/tiny/confguard-summary.html").read_text(encoding="utf-8")
    assert "What was learnt" in page
    assert "<svg" in page


def without_figures(lines: Sequence[str]) -> list[str]:
    return [re.sub(r"[▁▂▃▄▅▆▇█]+", "~", re.sub(r"\d+\.\d+", "0.0", line)) for line in lines]


def test_wandb_without_a_network(folder: Path) -> None:
    pytest.importorskip("wandb")
    done = command(config(max_steps=2, wandb={"enabled": True, "project": "p", "mode": "offline", "run_name": "tiny"}))
    assert done.returncode == 0, done.stderr
    assert list(Path("wandb").glob("offline-run-*"))


def test_tensorboard(folder: Path) -> None:
    pytest.importorskip("tensorboard")
    train(run_of(native("grpo", report_to="tensorboard")), Asked(), lambda event: None)
    assert list(Path("out/runs").rglob("events.out.tfevents.*"))


# --- what is looked at before the first step ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"base_model": "no/such/folder/here"}, "there is no folder"),
        ({"base_model": "tiny/data"}, "holds no readable config.json"),
        ({"lora_target_modules": ["q_proj", "qkv_proj"]}, "the model has no layer qkv_proj"),
        ({"generation_config": {"temperature": 1.0, "max_tokens": 100_000}}, "leaves no room for a prompt"),
        ({"domain_ratios": {"math": 0.5, "law": 0.5}}, "no row is of that domain"),
        ({"reward_weights": {"beauty": 1.0}}, "there is no part beauty"),
        ({"reward_weights": {"own.py:nothing": 1.0}}, "own.py"),
        ({"reward_weights": {"judge": 1.0}, "aflow_config_path": None, "aflow_executor_model": None}, "give an executor"),
        ({"wandb": {"enabled": True, "run_name": "x"}}, "wandb is not installed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_fail_later_is_refused(changes: dict[str, Any], says: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "wandb" in changes and has_wandb():
        pytest.skip("wandb is installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Refused) as refused:
        trained(config(**changes))
    assert says in str(refused.value)
    assert not list(Path(".").glob("out/checkpoint-*"))


# --- memory -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["LoRA, bf16", "whole model"])
def test_the_estimate_is_what_the_allocator_hands_out(run: str) -> None:
    """Within a fifth, on real runs: benchmarks/memory.py has more of them, and those for a GPU."""
    script = str(ROOT / "benchmarks" / "memory.py")
    measured = subprocess.run([sys.executable, script, "--only", run], capture_output=True, text=True)
    assert measured.returncode == 0, measured.stdout + measured.stderr


def test_a_mixture_of_experts_trains_without_an_estimate(folder: Path) -> None:
    """Which expert is next is written in the contents, and a dry run has none."""
    from transformers import MixtralConfig, MixtralForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2}
    shutil.copytree("tiny/model", "experts")
    MixtralForCausalLM(MixtralConfig(vocab_size=261, num_local_experts=2, **sizes)).save_pretrained("experts")
    events: list[Event] = []
    trained(config(base_model="experts", max_steps=2, lora_target_modules="q_proj"), tell=events.append)
    begun = next(event for event in events if isinstance(event, Begun))
    assert begun.facts["memory"].startswith("at least ")


# --- native files ---------------------------------------------------------------------------------------------------------


def native(kind: str, **changes: Any) -> str:
    question, answer = [{"role": "user", "content": "1+1"}], [{"role": "assistant", "content": "2"}]
    rows = {
        "sft": {"messages": [*question, *answer]},
        "dpo": {"prompt": question, "chosen": answer, "rejected": [{"role": "assistant", "content": "no"}]},
        "grpo": {"prompt": question},
    }
    Path("rows").mkdir()
    Path("rows/train.jsonl").write_text((json.dumps(rows[kind]) + "\n") * 12)
    Path("rewards_of_mine.py").write_text("def length(completions, **_):\n    return [float(len(str(one)) % 7) for one in completions]\n")
    data = {
        "model_name_or_path": "tiny/model",
        "dataset_name": "rows",
        "output_dir": "out",
        "max_steps": 4,
        "per_device_train_batch_size": 6,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_steps": 2,
        "use_peft": True,
        "lora_r": 8,
        "lora_alpha": 16,
        "lora_target_modules": ["q_proj", "v_proj"],
        "bf16": False,
        "use_cpu": True,
        "seed": 7,
        **(
            {"reward_funcs": ["rewards_of_mine.length"], "num_generations": 6, "max_completion_length": 6}
            if kind == "grpo"
            else {"max_length": 64}
        ),
        **({"beta": 0.2, "loss_type": "sigmoid"} if kind == "dpo" else {}),
        **changes,
    }
    Path(f"{kind}.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return f"{kind}.yaml"


@pytest.mark.parametrize("kind", ["sft", "dpo", "grpo"])
def test_native_files_train_and_go_on(kind: str, folder: Path) -> None:
    path = native(kind)
    ended = train(run_of(path), Asked(), lambda event: None)
    assert (ended.how, ended.step, len(ended.history)) == ("done", 4, 4)
    whole = ended.adapter
    shutil.rmtree("out/checkpoint-4")
    with pytest.raises(Refused, match="already holds a run, up to step 2"):
        train(run_of(path), Asked(), lambda event: None)
    assert train(run_of(path), Asked(resume=True), lambda event: None).adapter == whole


def test_the_best_checkpoint_is_found_where_it_lies(folder: Path) -> None:
    """transformers looks for it in the folder that it saves into, which is not where a checkpoint stays."""
    shape = {"eval_strategy": "steps", "eval_steps": 1, "save_steps": 1, "load_best_model_at_end": True, "save_total_limit": 1}
    path = native("sft", **shape, dataset_test_split="train", max_steps=3, num_train_epochs=1)
    events: list[Event] = []
    ended = train(run_of(path), Asked(), events.append)
    assert ended.checkpoint is not None
    state = json.loads(Path(ended.checkpoint, "trainer_state.json").read_text())
    assert state["best_model_checkpoint"] == f"out/checkpoint-{state['best_global_step']}"
    assert is_whole(state["best_model_checkpoint"])
    assert not list(Path("out/.unfinished").glob("*"))


def test_a_run_in_epochs_knows_its_steps(folder: Path) -> None:
    events: list[Event] = []
    train(run_of(native("sft", max_steps=-1, num_train_epochs=2, save_strategy="epoch")), Asked(), events.append)
    assert [event.steps for event in events if isinstance(event, Begun)] == [4]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("grpo", {"scale_rewards": True}),
        ("grpo", {"scale_rewards": False}),
        ("sft", {"model_init_kwargs": {"attn_implementation": "eager"}}),
        ("sft", {"accelerator_config": {"split_batches": False}}),
        ("sft", {"lora_target_modules": "all-linear"}),
        ("sft", {"report_to": "none", "optim": "adamw_torch", "warmup_steps": 1, "max_steps": 2, "lr_scheduler_type": "cosine"}),
    ],
    ids=str,
)
def test_native_keys_arrive_in_other_words(kind: str, changes: dict[str, Any], folder: Path) -> None:
    assert train(run_of(native(kind, **{"max_steps": 1, **changes})), Asked(), lambda event: None).how == "done"


def test_native_data_that_has_changed_is_another_run(folder: Path) -> None:
    path = native("sft", max_steps=2)
    train(run_of(path), Asked(), lambda event: None)
    shutil.rmtree("rows")
    Path("rows").mkdir()
    Path("rows/train.jsonl").write_text(
        json.dumps({"messages": [{"role": "user", "content": "2"}, {"role": "assistant", "content": "3"}]}) + "\n"
    )
    with pytest.raises(Refused, match="the content of rows has changed"):
        train(run_of(path), Asked(resume=True), lambda event: None)


def test_a_native_key_that_does_not_arrive_is_told(folder: Path) -> None:
    from confguard.trainer.native import not_arrived

    class Trainer:
        model = None
        args = type("GRPOConfig", (), {"learning_rate": 1e-3, "seed": 42, "lr_scheduler_type": "linear"})()

    run = run_of(native("sft"))
    assert list(not_arrived(run, Trainer())) == ["seed: 7 was validated, and 42 arrived in GRPOConfig.seed"]
    assert list(not_arrived(run, Trainer(), {"seed"})) == []


def test_what_was_checked_for_another_release_is_not_trained(folder: Path) -> None:
    run = run_of(native("sft"), target=(("trl", "1.10.0"),))
    with pytest.raises(Refused, match=r"the check was for trl 1\.10"):
        train(run, Asked(), lambda event: None)
