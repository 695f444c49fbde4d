"""Compare the estimate of memory that `confguard train` makes with what steps of the same runs take.

`python benchmarks/memory.py [--model FOLDER]`, where the `train` extra is installed: on the GPU where there is one, else on the CPU.
benchmarks/README.md says how to read it. Each run is a process of its own, which trains two steps; the second one is measured.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from confguard import profiles

PROFILE = Path(str(profiles.__file__)).with_name("tiny")
MOST_APART = 0.20


class Shape(NamedTuple):
    """A model with weights drawn at random: what it takes does not depend on them."""

    architecture: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int


SMALL = Shape("Qwen2", 256, 1024, 8, 8, 2, 8000)
WIDE = Shape("Llama", 512, 1408, 4, 8, 8, 32000)
SMOL = Shape("Llama", 576, 1536, 30, 9, 3, 49152)
"""That of SmolLM2-135M."""
HALF_BILLION = Shape("Qwen2", 896, 4864, 24, 14, 2, 151936)
"""That of Qwen2.5-0.5B."""


class Case(NamedTuple):
    """A run: a model, the completions of a step (prompts x group), the tokens of each, and keys of the config."""

    shape: Shape
    prompts: int
    group: int
    tokens: int
    keys: dict[str, Any]


ON_CPU = {
    "LoRA, bf16": Case(SMALL, 4, 4, 24, {"bf16": True}),
    "LoRA, 32 bits": Case(SMALL, 4, 4, 24, {}),
    "LoRA, bf16, checkpointing": Case(SMALL, 4, 4, 24, {"bf16": True, "use_gradient_checkpointing": True}),
    "LoRA, two passes a step": Case(WIDE, 4, 4, 24, {"forward_pass_microbatch_size": 8}),
    "whole model": Case(WIDE, 2, 4, 16, {"use_lora": False}),
    "whole model, bf16": Case(WIDE, 2, 4, 16, {"use_lora": False, "bf16": True}),
    "whole model, with a reference": Case(WIDE, 2, 4, 16, {"use_lora": False, "use_kl_loss": True, "kl_loss_coef": 0.01}),
    "sampling is more": Case(SMALL, 32, 8, 16, {"forward_pass_microbatch_size": 4, "use_gradient_checkpointing": True}),
}
ON_GPU = {
    "135M, LoRA, bf16": Case(SMOL, 8, 8, 256, {"bf16": True}),
    "135M, LoRA, bf16, checkpointing": Case(SMOL, 8, 8, 256, {"bf16": True, "use_gradient_checkpointing": True}),
    "135M, whole model, bf16": Case(SMOL, 8, 8, 128, {"bf16": True, "use_lora": False}),
    "0.5B, LoRA, bf16": Case(HALF_BILLION, 8, 8, 256, {"bf16": True}),
    "0.5B, whole model, bf16, checkpointing": Case(
        HALF_BILLION, 8, 8, 128, {"bf16": True, "use_lora": False, "use_gradient_checkpointing": True}
    ),
}


def write_model(shape: Shape, folder: Path) -> None:
    """A model of this shape, with the tokenizer of `profile:tiny`."""
    import transformers

    shutil.copytree(PROFILE / "model", folder)
    config = getattr(transformers, f"{shape.architecture}Config")(
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        vocab_size=shape.vocabulary,
        tie_word_embeddings=True,
        max_position_embeddings=2048,
    )
    getattr(transformers, f"{shape.architecture}ForCausalLM")(config).save_pretrained(folder)


def rows() -> list[dict[str, str]]:
    """Questions of nearly one length: there is padding, as there is in any real run, and the longest prompt is in every step."""
    questions = [f"What is {'0' * (place % 2)}{place:03} + {place:03}?" for place in range(64)]
    return [{"domain": "math", "question": question, "answer": "1"} for question in questions]


def write_config(case: Case, model: str | None) -> None:
    """The run as a config, in this folder."""
    import yaml

    Path("rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows()), encoding="utf-8")
    if model is None:
        write_model(case.shape, Path("model"))
    data = yaml.safe_load((PROFILE / "training.yaml").read_text(encoding="utf-8"))
    data = {key: value for key, value in data.items() if key not in ("test_dataset", "gradient_accumulation_steps")}
    step = {"max_steps": 2, "save_every": 2, "rollout_batch_size": case.prompts, "num_return_sequences_in_group": case.group}
    read = {"train_dataset": "rows.jsonl", "val_dataset": "rows.jsonl", "domain_ratios": {"math": 1.0}}
    data |= {"base_model": model or "model", "output_dir": "out", **read, **step, **case.keys}
    data["generation_config"]["max_tokens"] = case.tokens
    Path("training.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")


def measure(case: Case, model: str | None) -> dict[str, Any]:
    """The estimate of a run, and what its second step took at most, in bytes."""
    import torch

    from confguard.checking.setting import Options
    from confguard.checking.validating import validated
    from confguard.schemas.catalogue import CATALOGUE
    from confguard.trainer.grpo import build
    from confguard.trainer.run import Asked, prepared
    from confguard.words.training import Event, Step

    write_config(case, model)
    report, run = validated("training.yaml", CATALOGUE, Options())
    if run is None:
        raise SystemExit("\n".join(finding.message for finding in report.findings))
    ready = prepared(run, Asked(seed=1))
    meter = Gpu() if torch.cuda.is_available() else Cpu()

    def after(event: Event) -> None:
        if isinstance(event, Step):
            meter.start() if event.step == 1 else meter.stop()

    built = build(run, ready.plan, ready.found, ready.rows, ready.order, after)
    built.trainer.train()
    return {"estimate": built.found.memory, "measured": meter.peak}


class Gpu:
    """What CUDA's allocator handed out at most."""

    peak = 0

    def start(self) -> None:
        """Forget the first step."""
        import torch

        torch.cuda.reset_peak_memory_stats()

    def stop(self) -> None:
        """Take the peak."""
        import torch

        self.peak = torch.cuda.max_memory_allocated()


class Cpu:
    """What torch's allocator handed out at most: the tensors that are there, and each piece that its profiler sees come and go."""

    peak = 0

    def start(self) -> None:
        """Count what is there, and listen."""
        import torch

        gc.collect()
        tensors = [thing for thing in gc.get_objects() if issubclass(type(thing), torch.Tensor)]
        self.there = sum({one.untyped_storage().data_ptr(): one.untyped_storage().nbytes() for one in tensors}.values())
        self.profiler = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True)
        self.profiler.start()

    def stop(self) -> None:
        """Add up what was told."""
        self.profiler.stop()
        told = [event for event in self.profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
        now = most = 0
        for event in sorted(told, key=lambda event: event.start_ns()):
            now += event.nbytes()
            most = max(most, now)
        self.peak = self.there + most


def main(arguments: list[str]) -> int:
    """Measure and print the table; 1 where the limit is missed."""
    parser = argparse.ArgumentParser(description="Compare the estimate of memory with what runs take.")
    parser.add_argument("--model", help="the folder of a real model, instead of shapes (which have to fit the device)")
    parser.add_argument("--only", action="append", help="a run, by the words of its name; may be repeated")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    cases = {**ON_CPU, **ON_GPU}
    if options.case:
        print(json.dumps(measure(cases[options.case], options.model)))
        return 0
    names = options.only or (ON_GPU if _has_gpu() else ON_CPU)
    print("| run | told MiB | taken MiB | told / taken | verdict |\n|---|---|---|---|---|")
    hold = [_compared(name, options.model) for name in names]
    return 0 if all(hold) else 1


def _compared(name: str, model: str | None) -> bool:
    again = [sys.executable, str(Path(__file__).resolve()), "--case", name, *(["--model", str(Path(model).resolve())] if model else [])]
    with tempfile.TemporaryDirectory(prefix="confguard-memory-") as folder:
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
        ran = subprocess.run(again, cwd=folder, env=environment, capture_output=True, text=True)
    if ran.returncode:
        raise SystemExit(f"{name} failed:\n{ran.stdout[-1000:]}{ran.stderr[-2000:]}")
    found = json.loads(ran.stdout.splitlines()[-1])
    told, taken = found["estimate"] / 2**20, found["measured"] / 2**20
    holds: bool = abs(told / taken - 1) <= MOST_APART
    verdict = "ok" if holds else "MISSED"
    print(f"| {name} | {told:,.0f} | {taken:,.0f} | {told / taken:.2f} | {verdict} |", flush=True)
    return holds


def _has_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
