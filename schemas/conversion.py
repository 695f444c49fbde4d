"""The mission's training file as TRL's own: the same run in the keys that `trl grpo --config` reads.

Source: the mapping of facts that was counted by running TRL 1.16.0 (docs/native.md): prompts x group = per-device batch x accumulation x
processes completions a step; `generation_batch_size` and `steps_per_generation` stay unset, `num_iterations` is 1.
"""

from __future__ import annotations

from collections.abc import Callable

from confguard.words.conversion import Conversion, Converted, Left
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.typing import Any

SAME = {
    "model_name_or_path": "base_model",
    "bf16": "bf16",
    "gradient_checkpointing": "gradient_checkpointing",
    "max_steps": "max_steps",
    "learning_rate": "learning_rate",
    "warmup_steps": "warmup_steps",
    "max_grad_norm": "max_grad_norm",
    "weight_decay": "weight_decay",
    "num_generations": "num_generations",
    "max_completion_length": "max_completion_length",
    "top_p": "top_p",
    "top_k": "top_k",
    "epsilon": "epsilon",
    "use_peft": "use_lora",
    "lora_r": "lora_r",
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "use_rslora": "use_rslora",
    "logging_steps": "logging_steps",
    "save_steps": "save_steps",
    "output_dir": "output_dir",
    "run_name": "run_name",
}
"""Keys of TRL's and the parameters that they take over as they are."""

ORDER = (
    *("model_name_or_path", "datasets", "output_dir", "run_name", "report_to", "env"),
    *("max_steps", "learning_rate", "lr_scheduler_type", "warmup_steps", "max_grad_norm", "weight_decay"),
    *("per_device_train_batch_size", "gradient_accumulation_steps", "num_processes", "num_generations"),
    *("max_completion_length", "temperature", "top_p", "top_k", "beta", "epsilon"),
    *("use_peft", "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "use_rslora"),
    *("bf16", "gradient_checkpointing", "logging_steps", "save_steps"),
)
"""The order in which the keys are written."""

_LAUNCHER = Said("`confguard train` does it", "由 `confguard train` 实现")
_REWARDS = Said(
    "name your reward functions by their import paths under reward_funcs, and their weights in that order, as a list, under reward_weights",
    "在 reward_funcs 中按导入路径列出奖励函数，并按相同顺序在 reward_weights 中给出权重列表",
)
_EVAL = Said(
    "evaluate on a split: eval_strategy, eval_steps and test_split_size", "使用评估划分：eval_strategy、eval_steps 与 test_split_size"
)

LEFT = {
    "physical_gpus": Said("set CUDA_VISIBLE_DEVICES", "设置 CUDA_VISIBLE_DEVICES"),
    "forward_pass_microbatch_size": Said(
        "per_device_train_batch_size is the size of a forward pass", "前向批大小即 per_device_train_batch_size"
    ),
    "temperature_initial": Said("a callback that changes the temperature; the file has the final one", "用回调改变温度；文件中为最终温度"),
    "temperature_warmup_steps": Said("the same callback", "同一回调"),
    "domain_ratios": Said("mix the data in that order, and set shuffle_dataset: false", "按该比例混合数据，并设置 shuffle_dataset: false"),
    "reward_weights": _REWARDS,
    "val_dataset": _EVAL,
    "test_dataset": Said("test after the run", "训练后再测试"),
    "eval_steps": _EVAL,
    "val_samples": Said("the size of the split", "由评估划分的大小决定"),
    "save_dir": Said("output_dir is where checkpoints go", "检查点保存在 output_dir"),
    "data_dir": Said("the paths of the data are written out", "数据路径已写全"),
    "aflow_config_path": _LAUNCHER,
    "aflow_executor_model": _LAUNCHER,
    "aflow_operator_descriptions_path": _LAUNCHER,
    "execution_timeout": Said("a time limit within your reward function", "在奖励函数内部设置时限"),
    "buffer_size": Said("log_completions, or a callback", "log_completions 或回调"),
    "reward_threshold": Said("the same callback", "同一回调"),
    "buffer_dir": Said("the same callback", "同一回调"),
    "wandb_api_key": Said("the environment variable WANDB_API_KEY", "环境变量 WANDB_API_KEY"),
}
"""What TRL has no key for, and what takes its place. Some do nothing in some files: see `_is_idle`."""


def to_trl_grpo(recipe: Recipe) -> Converted:
    """The keys of TRL's for a training file of the mission's; values that cannot be used are left out of both."""
    made = {key: value for key, parameter in SAME.items() if (value := recipe.get(parameter)) is not None}
    for key, make in _MADE.items():
        value = make(recipe)
        if value is not None:
            made[key] = value
    left = [Left(name, instead) for name, instead in LEFT.items() if name in recipe.values and not _is_idle(name, recipe)]
    if (said := _uneven(recipe)) is not None:
        left.insert(0, Left("rollout_batch_size", said))
    return Converted({key: made[key] for key in ORDER if key in made}, left)


def _is_idle(name: str, recipe: Recipe) -> bool:
    """Whether a parameter does nothing in this file, so that nothing has to take its place."""
    if name in ("temperature_initial", "temperature_warmup_steps"):
        return not recipe.get("temperature_schedule_enabled")
    return name in ("eval_steps", "val_samples", "val_dataset") and not recipe.get("eval_steps")


def _processes(recipe: Recipe) -> int:
    return len(recipe.get("device_mapping") or [0])


def _completions(recipe: Recipe) -> int | None:
    prompts, group = recipe.get("rollout_batch_size"), recipe.get("num_generations")
    return prompts * group if isinstance(prompts, int) and isinstance(group, int) and prompts > 0 and group > 0 else None


def _uneven(recipe: Recipe) -> Said | None:
    """What is to be said of a step whose completions are no equal parts for the processes."""
    total, processes = _completions(recipe), _processes(recipe)
    if total is None or total % processes == 0:
        return None
    return Said(
        f"{total} completions a step are no {processes} equal parts; choose per_device_train_batch_size and num_processes",
        f"每步 {total} 个样本不能平均分给 {processes} 个进程；请自行选择 per_device_train_batch_size 与 num_processes",
    )


def _accumulation(recipe: Recipe) -> int | None:
    """The file's own accumulation where it divides the step's completions, else the least that makes whole forward passes."""
    total, processes = _completions(recipe), _processes(recipe)
    if total is None or total % processes:
        return None
    own = recipe.get("gradient_accumulation_steps") or 1
    return own if own >= 1 and total // processes % own == 0 else 1


def _per_device(recipe: Recipe) -> int | None:
    total, steps = _completions(recipe), _accumulation(recipe)
    return total // _processes(recipe) // steps if total is not None and steps is not None else None


def _temperature(recipe: Recipe) -> float | None:
    found: float | None = recipe.get("temperature_final" if recipe.get("temperature_schedule_enabled") else "temperature")
    return found


def _beta(recipe: Recipe) -> float | None:
    found: float | None = 0.0 if recipe.get("use_kl_loss") is False else recipe.get("beta")
    return found


def _modules(recipe: Recipe) -> list[str] | None:
    found = recipe.get("lora_target_modules")
    names = found.split(",") if isinstance(found, str) else found
    return [name.strip() for name in names if name.strip()] if names else None


def _report_to(recipe: Recipe) -> str | None:
    enabled = recipe.get("wandb_enabled")
    return None if enabled is None else "wandb" if enabled else "none"


def _environment(recipe: Recipe) -> dict[str, str] | None:
    named = {"WANDB_PROJECT": recipe.get("wandb_project"), "WANDB_ENTITY": recipe.get("wandb_entity")}
    return {name: value for name, value in named.items() if value} or None


def _datasets(recipe: Recipe) -> list[dict[str, str]] | None:
    path = recipe.get("train_dataset")
    return [{"path": "json", "data_files": path}] if path else None


_MADE: dict[str, Callable[[Recipe], Any]] = {
    "datasets": _datasets,
    "report_to": _report_to,
    "env": _environment,
    "lr_scheduler_type": lambda recipe: "constant_with_warmup",
    "per_device_train_batch_size": _per_device,
    "gradient_accumulation_steps": _accumulation,
    "num_processes": lambda recipe: _processes(recipe) if _processes(recipe) > 1 else None,
    "temperature": _temperature,
    "beta": _beta,
    "lora_target_modules": _modules,
}

CONVERSIONS = (Conversion("aflow-training", "trl-grpo", to_trl_grpo),)
