"""What published training configs use, counted over 767 YAML files of 38 public repositories on 2026-11-23.

Biased to maintained examples. A value outside a range is no error; it is worth a sentence.
"""

from __future__ import annotations

from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.spelling import number
from confguard.words.typing import NamedTuple

SOURCE = "767 training configs of 38 public repositories, counted 2026-11-23 (docs/norms.md)"


class Norm(NamedTuple):
    """The published values of one parameter for one method and kind of training, and how many files they come from."""

    method: str
    kind: str
    parameter: str
    files: int
    low: float
    median: float
    high: float


NORMS = (
    Norm("SFT", "LoRA", "learning_rate", 390, 2e-7, 2e-4, 3e-3),
    Norm("SFT", "LoRA", "lora_r", 378, 8, 16, 256),
    Norm("SFT", "LoRA", "lora_scale", 354, 0.25, 2, 4),
    Norm("SFT", "LoRA", "lora_dropout", 294, 0, 0, 0.2),
    Norm("SFT", "LoRA", "warmup_ratio", 240, 0.002, 0.1, 0.4),
    Norm("SFT", "full", "learning_rate", 248, 2e-7, 2e-5, 2e-2),
    Norm("SFT", "full", "warmup_ratio", 175, 0, 0.1, 0.2),
    Norm("DPO", "LoRA", "learning_rate", 19, 5e-6, 2e-4, 5e-4),
    Norm("DPO", "LoRA", "lora_r", 21, 8, 16, 128),
    Norm("DPO", "LoRA", "lora_scale", 18, 0.5, 2, 2),
    Norm("DPO", "LoRA", "lora_dropout", 15, 0, 0.05, 0.2),
    Norm("DPO", "LoRA", "warmup_ratio", 14, 0.025, 0.1, 0.1),
    Norm("DPO", "full", "learning_rate", 26, 5e-7, 1e-6, 2e-4),
    Norm("DPO", "full", "warmup_ratio", 18, 0.03, 0.1, 0.1),
    Norm("DPO", "full", "beta", 20, 0.01, 0.1, 0.5),
    Norm("GRPO", "LoRA", "learning_rate", 12, 1e-6, 1e-5, 5e-5),
    Norm("GRPO", "LoRA", "lora_r", 12, 8, 16, 16),
    Norm("GRPO", "LoRA", "lora_scale", 12, 1, 2, 4),
    Norm("GRPO", "LoRA", "num_generations", 11, 1, 4, 8),
    Norm("GRPO", "LoRA", "temperature", 10, 0.7, 1, 1),
    Norm("GRPO", "full", "learning_rate", 26, 2e-7, 5e-6, 5e-5),
    Norm("GRPO", "full", "warmup_ratio", 12, 0, 0.05, 0.1),
    Norm("GRPO", "full", "num_generations", 16, 1, 14, 16),
    Norm("GRPO", "full", "temperature", 19, 0.6, 0.9, 1),
    Norm("GRPO", "full", "beta", 8, 0, 0.01, 0.5),
)


def norm(method: str, kind: str, parameter: str) -> Norm:
    """The published range of a parameter; raises KeyError where none was counted."""
    return _BY_KEY[method, kind, parameter]


_BY_KEY = {row[:3]: row for row in NORMS}


def published(parameter: str, recipe: Recipe) -> Said | None:
    """What published configs of GRPO use for a parameter, in a sentence; None where none were counted."""
    name = {"lora_alpha": "lora_scale"}.get(parameter, parameter)
    lora = bool(recipe.get("use_lora"))
    row = _BY_KEY.get(("GRPO", "LoRA" if lora else "full", name))
    if row is None or recipe.kind != "aflow-training":
        return None
    kind = Said("LoRA", "LoRA") if lora else Said("full fine-tuning", "全参数")
    what = Said(" alpha/rank", " alpha/rank") if name == "lora_scale" else Said("", "")
    low, median, high = number(row.low), number(row.median), number(row.high)
    return Said(
        f"Published GRPO configs ({kind.en}, {row.files} counted) use{what.en} {low} to {high}, median {median}.",
        f"已公开的 GRPO 配置（{kind.zh}，共 {row.files} 个）：{what.zh} {low} 至 {high}，中位数 {median}。",
    )
