"""Derived values: what several parameters come to together, and what changes over a run.

Each is arithmetic on the files; where a number of the file cannot be used (0 steps, say) the value is unknown, and that is said.
"""

from __future__ import annotations

from math import ceil

from confguard.schemas.architectures import is_local, lora_parameters
from confguard.schemas.kinds import NATIVE
from confguard.schemas.quantities import above_zero, suggested_rates
from confguard.schemas.rules.lora import module_names, scale
from confguard.words.change import Unknown, Worked
from confguard.words.derived import Curve, Derived, Points, derived
from confguard.words.language import Said, same
from confguard.words.recipe import Recipe
from confguard.words.spelling import number
from confguard.words.typing import Any

ARITHMETIC = "arithmetic"
COMPLETIONS = Said("completions", "个样本")
PROMPTS = Said("prompts", "条提示")
TOKENS = Said("tokens", "tokens")
SAMPLES = Said("samples", "个样本")
NONE = same("")
TRAINING_ARGUMENTS = "transformers 5.23.0, TrainingArguments: batch per device x accumulation x processes"
GENERATIONS = "TRL 1.16.0, grpo_trainer.py: ceil(steps x accumulation / (steps_per_generation x num_iterations)), counted by running"
GOYAL = "linear rule: Goyal et al. 2017, arXiv 1706.02677 (for SGD)"
MALLADI = "square-root rule: Malladi et al. 2022, arXiv 2205.10287 (for Adam)"


@derived(Said("samples", "总样本数"), COMPLETIONS, ARITHMETIC)
def samples(max_steps: int, rollout_batch_size: int, num_generations: int) -> Worked:
    """Completions that the run trains on."""
    return _product(max_steps, rollout_batch_size, num_generations)


@derived(Said("prompts", "提示数"), PROMPTS, ARITHMETIC)
def prompts(max_steps: int, rollout_batch_size: int) -> Worked:
    """Prompts that the run asks, repeated ones counted again."""
    return _product(max_steps, rollout_batch_size)


@derived(Said("completions per step", "每步样本数"), COMPLETIONS, ARITHMETIC)
def completions_per_step(rollout_batch_size: int, num_generations: int) -> Worked:
    """Completions whose gradient one step averages."""
    return _product(rollout_batch_size, num_generations)


@derived(Said("tokens at most", "最多生成的 token 数"), TOKENS, ARITHMETIC)
def tokens_at_most(max_steps: int, rollout_batch_size: int, num_generations: int, max_completion_length: int) -> Worked:
    """Tokens if every completion were as long as it may be."""
    return _product(max_steps, rollout_batch_size, num_generations, max_completion_length)


@derived(Said("samples", "样本数"), COMPLETIONS, ARITHMETIC)
def samples_per_domain(
    max_steps: int, rollout_batch_size: int, num_generations: int, domain_ratios: dict[str, float]
) -> dict[str, Worked | Unknown]:
    """Samples of each domain, as far as its ratio is kept exactly."""
    whole = max_steps * rollout_batch_size * num_generations
    return {
        domain: Worked(round(whole * ratio, 6), f"{whole:,} x {number(ratio)}") if 0 <= ratio <= 1 else _unusable("domain_ratios")
        for domain, ratio in domain_ratios.items()
    }


@derived(Said("LoRA scale (alpha/rank)", "LoRA 缩放（alpha/rank）"), NONE, "PEFT 0.21.2, tuners/lora/layer.py: scaling")
def lora_scale(lora_alpha: float, lora_r: int, use_rslora: bool, use_lora: bool) -> Worked | Unknown | None:
    """What LoRA's update is multiplied with."""
    if not use_lora:
        return None
    if lora_r < 1 or lora_alpha <= 0:
        return _unusable("lora_r" if lora_r < 1 else "lora_alpha")
    return Worked(scale(lora_alpha, lora_r, use_rslora), f"{number(lora_alpha)}/{'sqrt ' * use_rslora}{lora_r}")


@derived(
    Said("effective LoRA step", "LoRA 有效步长"),
    NONE,
    "PEFT 0.21.2, tuners/lora/layer.py: scaling; arithmetic",
)
def effective_step(learning_rate: float, lora_alpha: float, lora_r: int, use_rslora: bool, use_lora: bool) -> Worked | Unknown | None:
    """The learning rate times LoRA's scale, which is how far one step moves the adapted weights, all else equal."""
    if not use_lora:
        return None
    if lora_r < 1 or lora_alpha <= 0:
        return _unusable("lora_r" if lora_r < 1 else "lora_alpha")
    factor = scale(lora_alpha, lora_r, use_rslora)
    return Worked(learning_rate * factor, f"{number(learning_rate)} x {number(factor)}")


@derived(Said("LoRA parameters added", "LoRA 新增参数量"), Said("parameters", "个参数"), "PEFT 0.21.2: r x (inputs + outputs) a layer, run")
def lora_parameters_added(
    base_model: str, use_lora: bool, lora_r: int | None = None, lora_target_modules: Any = None
) -> Worked | Unknown | None:
    """Trained parameters that LoRA adds to the model."""
    if not use_lora or lora_target_modules == "all-linear":
        return None
    for name, value in (("lora_r", lora_r), ("lora_target_modules", lora_target_modules)):
        if value is None:
            return Unknown(Said(f"`{name}` is not in the file", f"文件中没有 `{name}`"))
    assert lora_r is not None
    count = lora_parameters(base_model, max(lora_r, 0), frozenset(module_names(lora_target_modules)))
    if count is not None:
        return Worked(count)
    if is_local(base_model):
        return Unknown(
            Said(
                f"the layers of {base_model} are on disk; confguard knows models by name",
                f"{base_model} 是本地目录，confguard 只按名称识别模型",
            )
        )
    return Unknown(
        Said(
            f"the widths of {base_model}, or of one of its target modules, are not known to confguard (schemas/architectures.py)",
            f"confguard 不知道 {base_model} 或某个目标模块的维度（schemas/architectures.py）",
        )
    )


@derived(Said("warm-up ratio", "预热占总步数的比例"), NONE, ARITHMETIC)
def warmup_ratio(recipe: Recipe, warmup_steps: float, max_steps: int) -> Worked | Unknown | None:
    """The share of all steps over which the learning rate rises; TRL's own files may give it as such."""
    if recipe.kind in NATIVE:
        if 0 < warmup_steps < 1:
            return Worked(warmup_steps)
        if not warmup_steps and (ratio := recipe.get("warmup_ratio")):  # a key of its own before transformers 5.15; steps win over it
            return Worked(ratio)
        if max_steps < 1:  # the run is as long as its epochs
            return None
    return Worked(warmup_steps / max_steps, f"{warmup_steps} / {max_steps}") if max_steps > 0 else _unusable("max_steps")


@derived(Said("checkpoints written", "写出的检查点数"), Said("checkpoints", "个检查点"), "arithmetic: steps that save_steps divides")
def checkpoints(recipe: Recipe, max_steps: int, save_steps: float) -> Worked | Unknown | None:
    """Checkpoints at multiples of `save_steps`; one that a trainer writes at its end may come on top."""
    if recipe.kind in NATIVE and (max_steps < 1 or save_steps < 1 or recipe.get("save_strategy") != "steps"):
        return None
    return Worked(int(max_steps // save_steps), f"{max_steps} / {save_steps}") if save_steps > 0 else _unusable("save_steps")


@derived(Said("rate suggested (linear)", "建议学习率（线性规则）"), NONE, GOYAL)
def learning_rate_linear(
    recipe: Recipe, reference: Recipe, learning_rate: float, rollout_batch_size: int, num_generations: int
) -> Worked | Unknown:
    """The reference's learning rate times the factor of the batch."""
    return _suggested(recipe, reference, "linear", "")


@derived(Said("rate suggested (sqrt)", "建议学习率（平方根规则）"), NONE, MALLADI)
def learning_rate_sqrt(
    recipe: Recipe, reference: Recipe, learning_rate: float, rollout_batch_size: int, num_generations: int
) -> Worked | Unknown:
    """The reference's learning rate times the square root of the factor of the batch."""
    return _suggested(recipe, reference, "root", "sqrt ")


@derived(Said("samples per step and process", "每步每进程样本数"), SAMPLES, TRAINING_ARGUMENTS)
def samples_per_process(per_device_train_batch_size: int, gradient_accumulation_steps: int) -> Worked:
    """Samples of one process whose gradient a step averages; completions where the policy samples them (TRL 0.15 and newer)."""
    return _product(per_device_train_batch_size, gradient_accumulation_steps)


@derived(Said("samples per step", "每步样本数"), SAMPLES, TRAINING_ARGUMENTS)
def samples_per_step(recipe: Recipe, per_device_train_batch_size: int, gradient_accumulation_steps: int) -> Worked | Unknown:
    """Samples whose gradient a step averages, over all processes."""
    processes = recipe.get("num_processes")
    return _product(per_device_train_batch_size, gradient_accumulation_steps, processes) if processes else _PROCESSES_UNKNOWN


@derived(Said("samples trained on", "训练样本总数"), SAMPLES, TRAINING_ARGUMENTS)
def samples_trained_on(recipe: Recipe, max_steps: int, per_device_train_batch_size: int, gradient_accumulation_steps: int) -> Worked | None:
    """Samples of the whole run, over all processes, where its length is given in steps."""
    processes = recipe.get("num_processes")
    if max_steps < 1 or not processes:
        return None
    return _product(max_steps, per_device_train_batch_size, gradient_accumulation_steps, processes)


@derived(Said("completions generated", "生成样本总数"), COMPLETIONS, GENERATIONS)
def completions_generated(
    recipe: Recipe, max_steps: int, per_device_train_batch_size: int, gradient_accumulation_steps: int, num_iterations: int
) -> Worked | None:
    """Completions that the policy writes: a generation serves `steps_per_generation` x `num_iterations` passes."""
    found = generations(recipe)
    if max_steps < 1 or found is None:
        return None
    return Worked(found[0] * found[1], f"{found[0]:,} generations x {found[1]:,}")


@derived(Said("prompts asked", "提示总数"), PROMPTS, GENERATIONS)
def prompts_asked(
    recipe: Recipe, max_steps: int, per_device_train_batch_size: int, gradient_accumulation_steps: int, num_generations: int
) -> Worked | None:
    """Prompts that are answered, repeated ones counted again: completions over the group."""
    found = generations(recipe)
    if max_steps < 1 or num_generations < 1 or found is None:
        return None
    completions = found[0] * found[1]
    return Worked(completions // num_generations, f"{completions:,} / {num_generations}")


def generations(recipe: Recipe) -> tuple[int, int] | None:
    """How often a native run generates, and how many completions each time; None where that is not known."""
    names = ("num_processes", "max_steps", "per_device_train_batch_size", "gradient_accumulation_steps")
    processes, steps, batch, accumulation = (recipe.get(name) for name in names)
    if not above_zero(processes, steps, batch, accumulation):
        return None
    size, passes = recipe.get("generation_batch_size"), recipe.get("steps_per_generation")
    if size is None:
        passes = passes or accumulation
        size = batch * processes * passes
    elif above_zero(size):
        passes = size // (batch * processes)
    used = (passes or 0) * (recipe.get("num_iterations") or 1)
    return (ceil(steps * accumulation / used), size) if used > 0 and above_zero(size) else None


_PROCESSES_UNKNOWN = Unknown(Said("the number of processes is not in the file (num_processes)", "文件中没有进程数（num_processes）"))


def _suggested(recipe: Recipe, reference: Recipe, rule: str, sign: str) -> Worked | Unknown:
    if recipe is reference:
        return Worked(recipe.get("learning_rate"))
    found = suggested_rates(recipe, reference)
    if found is None:
        return Unknown(Said("one side has no learning rate, batch or group that can be used", "某一方没有可用的学习率、批大小或组大小"))
    actual, theirs = number(recipe.get("learning_rate")), number(reference.get("learning_rate"))
    note = Said(f"the file says {actual}", f"文件中为 {actual}")
    return Worked(getattr(found, rule), f"{theirs} x {sign}{found.batch}/{found.reference_batch}", note)


def _product(*factors: int) -> Worked:
    result = 1
    for factor in factors:
        result *= factor
    return Worked(result, " x ".join(f"{factor:,}" for factor in factors))


def _unusable(parameter: str) -> Unknown:
    return Unknown(Said(f"`{parameter}` has a value that cannot be used", f"`{parameter}` 的取值无法使用"))


def _learning_rate(recipe: Recipe) -> Points | None:
    if recipe.kind in NATIVE:  # any of a dozen schedules
        return None
    rate, warmup, steps = (recipe.get(name) for name in ("learning_rate", "warmup_steps", "max_steps"))
    if rate is None or not steps or steps < 1 or rate < 0 or not (warmup or 0) >= 0:
        return None
    if not warmup:
        return [(0, rate), (steps, rate)]
    if warmup >= steps:
        return [(0, 0), (steps, rate * steps / warmup)]
    return [(0, 0), (warmup, rate), (steps, rate)]


def _temperature(recipe: Recipe) -> Points | None:
    steps = recipe.get("max_steps")
    if not steps or steps < 1:
        return None
    if not recipe.get("temperature_schedule_enabled"):
        fixed = recipe.get("temperature")
        return None if fixed is None else [(0, fixed), (steps, fixed)]
    initial, final, over = (recipe.get(f"temperature_{name}") for name in ("initial", "final", "warmup_steps"))
    if initial is None or final is None or over is None or over < 0:
        return None
    if over >= steps:
        return [(0, initial), (steps, initial + (final - initial) * steps / over)]
    return [(0, initial), (over, final), (steps, final)]


CURVES = (
    Curve("learning_rate", Said("learning rate over the run", "学习率随步数的变化"), _learning_rate),
    Curve("temperature", Said("sampling temperature over the run", "采样温度随步数的变化"), _temperature),
)
"""Linear over the warm-up, then constant: what the mission's trainer does with these keys."""

DERIVED = tuple(item for item in tuple(vars().values()) if isinstance(item, Derived))
