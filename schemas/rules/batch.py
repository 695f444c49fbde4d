"""Batch, group and learning rate."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

from confguard.schemas.kinds import NATIVE, RLOO
from confguard.schemas.norms import SOURCE, Norm, norm
from confguard.schemas.quantities import effective_step
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import number, show

METHODS = {"aflow-training": "GRPO", "trl-grpo": "GRPO", "trl-sft": "SFT", "trl-dpo": "DPO"}
"""The method whose published configs a kind is compared with."""


@rule(
    "BATCH001",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1138 and rloo_config.py: ValueError for 1, ZeroDivisionError for 0, run",
    bad="num_return_sequences_in_group: 1",
    good="num_return_sequences_in_group: 6",
    zh="GRPO 的组大小至少为 2：优势是组内比较得到的，只有一个样本时恒为零。",
)
def group_below_two(num_generations: int, recipe: Recipe) -> Verdict:
    """A GRPO group has at least two completions.

    The advantage compares the completions of one prompt with each other; one alone is always average.
    """
    if num_generations < 2:
        return Broken(
            f"`num_generations` is {num_generations}; {'RLOO' if recipe.kind in RLOO else 'GRPO'} compares at least 2 completions of a prompt",
            help="write 2 or more, usually 4 to 16",
        )
    return None


@rule(
    "BATCH002",
    ERROR,
    FIRST_STEP,
    source="arithmetic; TRL 1.16.0 accepts per_device_train_batch_size 0, run",
    bad="rollout_batch_size: 0",
    good="rollout_batch_size: 5",
    zh="每步的提示数必须不小于 1。",
)
def no_prompts(rollout_batch_size: int) -> Verdict:
    """A step has at least one prompt."""
    if rollout_batch_size < 1:
        return Broken(f"`rollout_batch_size` is {rollout_batch_size}: a step has no prompt", help="write 1 or more")
    return None


@rule(
    "BATCH003",
    ERROR,
    FIRST_STEP,
    source="arithmetic; TRL 1.16.0 accepts gradient_accumulation_steps 0, run",
    bad="gradient_accumulation_steps: 0",
    good="gradient_accumulation_steps: 1",
    zh="梯度累积步数和微批大小必须不小于 1。",
    about=("gradient_accumulation_steps", "forward_pass_microbatch_size"),
)
def accumulation_below_one(recipe: Recipe) -> Verdicts:
    """Gradient accumulation and micro-batches count from 1: 0 divides by zero or never steps."""
    for name in ("gradient_accumulation_steps", "forward_pass_microbatch_size"):
        value = recipe.values.get(name)
        if isinstance(value, int) and value < 1:
            silent = value < 0 and recipe.kind in NATIVE  # transformers trains to the end with -4, run
            yield Broken(f"`{name}` is {value}; it counts from 1", at=name, help="write 1 or more", fails=NEVER if silent else None)


@rule(
    "BATCH004",
    ERROR,
    START,
    source="torch 2.13.0, AdamW: -1 raises ValueError, 0 is accepted, run",
    bad="learning_rate: 0",
    good="learning_rate: 2.0e-5",
    zh="学习率必须大于 0：为 0 时不训练，为负时 AdamW 报错。",
)
def learning_rate_not_positive(learning_rate: float) -> Verdict:
    """The learning rate is above 0. AdamW refuses a negative one; with 0 it trains nothing, in silence."""
    if learning_rate <= 0:
        silent = learning_rate == 0
        message = f"`learning_rate` is {show(learning_rate)}: {'nothing is trained' if silent else 'AdamW refuses it'}"
        return Broken(message, help="write a positive number such as 2.0e-5", fails=NEVER if silent else None)
    return None


@rule(
    "BATCH005",
    WARNING,
    NEVER,
    source="linear rule for SGD: Goyal et al. 2017; square-root rule for Adam: Malladi et al. 2022, arXiv 2205.10287",
    bad="rollout_batch_size: 8\nlearning_rate: 5.0e-5",
    good="rollout_batch_size: 8\nlearning_rate: 2.5e-5",
    flags="--reference profile:reference",
    zh="批大小变为参考的 k 倍时，学习率的变化应在不变与 k 倍之间（Adam 建议 √k 倍）；这里超出了该范围。",
)
def learning_rate_against_batch(
    learning_rate: float, rollout_batch_size: int, reference: Recipe, recipe: Recipe, num_generations: int | None = None
) -> Verdict:
    """When the batch is k times the reference's, the learning rate is between unchanged and k times the reference's.

    A larger batch averages more samples, so its gradient bears a larger step: k times under the linear rule, sqrt(k) times under
    Adam's. They move in the same direction. A rate outside 1 to k is explained by neither.
    """
    their_rate, their_prompts = reference.get("learning_rate"), reference.get("rollout_batch_size")
    if not their_rate or not their_prompts or learning_rate <= 0 or their_rate <= 0 or min(rollout_batch_size, their_prompts) < 1:
        return None
    ours, theirs, unit = rollout_batch_size, their_prompts, "prompts"
    their_group = reference.get("num_generations")
    if num_generations and their_group and num_generations != their_group:
        ours, theirs, unit = ours * num_generations, theirs * their_group, "completions"
    factor, k = learning_rate / their_rate, ours / theirs
    if k == 1 or min(1, k) * (1 - 1e-9) <= factor <= max(1, k) * (1 + 1e-9):
        return None
    return Broken(
        f"`learning_rate` is x{number(factor)} the reference's ({show(their_rate)} -> {show(learning_rate)}) while the batch is "
        f"x{number(k)} ({theirs} -> {ours} {unit} a step), which explains x{number(min(1, k))} to x{number(max(1, k))}"
        + _effective_steps(recipe, reference),
        keys=("rollout_batch_size",),
        help=f"for this batch the linear rule suggests {number(their_rate * k)}, the square-root rule (Adam) {number(their_rate * sqrt(k), 3)}",
    )


def _effective_steps(recipe: Recipe, reference: Recipe) -> str:
    ours, theirs = effective_step(recipe), effective_step(reference)
    if ours is None or theirs is None:
        return ""
    return f"; the effective step, learning rate x alpha/rank, is {number(ours)}, the reference's {number(theirs)}"


@rule(
    "BATCH006",
    INFO,
    NEVER,
    source=SOURCE,
    bad="learning_rate: 1.0e-4",
    good="learning_rate: 2.0e-5",
    zh="学习率在已公开的同类配置范围之外（相差不到 10 倍）。",
)
def learning_rate_outside_published(learning_rate: float, recipe: Recipe, use_lora: bool) -> Verdict:
    """The learning rate lies where published runs of its method have it; otherwise that is worth knowing."""
    known = _published(recipe.kind, use_lora)
    if (
        known
        and learning_rate > 0
        and _factor_outside(learning_rate, known) <= 10
        and not _full_tuning_rate(learning_rate, recipe, use_lora)
    ):
        return _outside(learning_rate, known)
    return None


@rule(
    "BATCH007",
    WARNING,
    NEVER,
    source=SOURCE,
    bad="learning_rate: 0.001",
    good="learning_rate: 2.0e-5",
    zh="学习率超出已公开的同类配置范围 10 倍以上。",
)
def learning_rate_far_outside_published(learning_rate: float, recipe: Recipe, use_lora: bool) -> Verdict:
    """The learning rate is within ten times what published runs of its method use.

    Beyond that a slipped exponent is likelier than a discovery.
    """
    known = _published(recipe.kind, use_lora)
    if known and learning_rate > 0 and _factor_outside(learning_rate, known) > 10:
        return _outside(learning_rate, known)
    return None


@rule(
    "BATCH008",
    INFO,
    NEVER,
    source=f"{SOURCE}; LoRA Without Regret (Thinking Machines 2025): LoRA's best rate is about 10 times full fine-tuning's",
    bad="learning_rate: 5.0e-7",
    good="learning_rate: 1.0e-5",
    zh="LoRA 训练用了全参数微调的学习率：LoRA 的最佳学习率约为全参数的 10 倍。",
)
def full_tuning_rate_for_lora(learning_rate: float, recipe: Recipe, use_lora: bool) -> Verdict:
    """A LoRA run has a LoRA learning rate, which is about ten times that of full fine-tuning.

    TRL's default of 1e-6 does not change with `use_peft`, so this happens by default.
    """
    if _full_tuning_rate(learning_rate, recipe, use_lora):
        known = _published(recipe.kind, use_lora)
        assert known is not None
        return Broken(
            f"`learning_rate` {show(learning_rate)} is a rate of full fine-tuning: published {known.method} runs with LoRA use {show(known.low)} to {show(known.high)}",
            help=f"the median with LoRA is {show(known.median)}",
        )
    return None


@lru_cache(maxsize=64)
def _published(kind: str, use_lora: bool) -> Norm | None:
    method = METHODS.get(kind)
    return norm(method, "LoRA" if use_lora else "full", "learning_rate") if method else None


def _factor_outside(value: float, known: Norm) -> float:
    return max(value / known.high, known.low / value)


def _full_tuning_rate(learning_rate: float, recipe: Recipe, use_lora: bool) -> bool:
    lora, full = _published(recipe.kind, True), _published(recipe.kind, False)
    if not use_lora or lora is None or full is None:
        return False
    return full.low <= learning_rate < lora.low


def _outside(value: float, known: Norm) -> Verdict:
    factor = _factor_outside(value, known)
    if factor > 1 + 1e-9:
        side = "above" if value > known.high else "below"
        return Broken(
            f"`learning_rate` {show(value)} is {side} every published {known.method} run with {'LoRA' if known.kind == 'LoRA' else 'full fine-tuning'} "
            f"that we counted ({show(known.low)} to {show(known.high)}, {known.files} configs), by x{number(factor)}",
            help=f"the median is {show(known.median)}",
        )
    return None
