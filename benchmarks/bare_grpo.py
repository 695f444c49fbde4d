"""The run of `profile:tiny` as somebody would write it by hand with TRL alone: what `benchmarks/train.py` compares confguard with.

`python benchmarks/bare_grpo.py MODEL ROWS STEPS OUT same|plain`: with confguard's reward, or with one comparison of two texts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoTokenizer
from trl import GRPOConfig, GRPOTrainer


def correct(completions: list[Any], answer: list[str], **_: Any) -> list[float]:
    """10 where the answer is right, 0 where it is not."""
    return [
        10.0 * (completion[0]["content"].strip().lower() == wanted.lower()) for completion, wanted in zip(completions, answer, strict=True)
    ]


def rewarded() -> Callable[..., list[float]]:
    """Confguard's reward and nothing else of it: the reward belongs to a run, whoever trains it."""
    from confguard.trainer.rewards import Attempt, Rewards, Row

    rewards = Rewards({"correctness": 1.0}, execution_timeout=5.0, domains=["math", "qa"])

    def reward(completions: list[Any], answer: list[str], domain: list[str], question: list[str], **_: Any) -> list[float]:
        rows = [Row(*row) for row in zip(domain, question, answer, strict=True)]
        attempts = [Attempt(row, completion[0]["content"], 6, 6) for row, completion in zip(rows, completions, strict=True)]
        return [score.total for score in rewards.score_all(attempts)]

    return reward


def main(model: str, rows: str, steps: int, out: str, reward: str) -> None:
    """Train so many steps."""
    torch.set_num_threads(1)
    data = [json.loads(line) for line in Path(rows).read_text(encoding="utf-8").splitlines()]
    data = [{"prompt": [{"role": "user", "content": row["question"]}], **row} for row in data if row["domain"] != "code"]
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=rewarded() if reward == "same" else correct,
        args=GRPOConfig(
            output_dir=out,
            max_steps=steps,
            per_device_train_batch_size=128,
            num_generations=8,
            learning_rate=5e-4,
            lr_scheduler_type="constant_with_warmup",
            max_completion_length=6,
            temperature=1.0,
            top_p=1.0,
            top_k=0,
            epsilon=0.2,
            max_grad_norm=1.0,
            weight_decay=0.0,
            beta=0.0,
            logging_steps=1,
            save_steps=40,
            gradient_checkpointing=False,
            bf16=False,
            use_cpu=True,
            report_to="none",
            disable_tqdm=True,
            seed=1,
        ),
        train_dataset=Dataset.from_list(data),
        processing_class=AutoTokenizer.from_pretrained(model, padding_side="left"),
        peft_config=LoraConfig(
            r=16,
            lora_alpha=32,
            lora_dropout=0.0,
            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            task_type="CAUSAL_LM",
        ),
    )
    trainer.train()
    trainer.save_model(out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
