"""What a validated run comes to in TRL's terms, before TRL is loaded: its arguments, and what confguard does beside TRL.

The mapping of keys is that of `schemas/conversion.py`; here it becomes complete. A key that cannot be honoured is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.conversion import to_trl_grpo
from confguard.words.recipe import Recipe
from confguard.words.shape import Key
from confguard.words.validated import ValidatedRun

LORA = {
    "lora_r": "r",
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "lora_target_modules": "target_modules",
    "use_rslora": "use_rslora",
}
"""Keys of `trl` that are fields of PEFT's `LoraConfig`, and their names there."""
_ELSEWHERE = ("model_name_or_path", "datasets", "num_processes", "use_peft", "env")


class Refused(Exception):
    """A run that does not start: what is in the way and what to do, one entry for each reason."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class Schedule(NamedTuple):
    """The sampling temperature over the run: from `initial` to `final` in so many steps, then `final`."""

    initial: float
    final: float
    steps: int

    def at(self, step: int) -> float:
        """The temperature while a step is made; the first step is 0.

        >>> Schedule(1.0, 0.6, 4).at(0), Schedule(1.0, 0.6, 4).at(2), Schedule(1.0, 0.6, 4).at(9)
        (1.0, 0.8, 0.6)
        """
        if step >= self.steps:
            return self.final
        return self.initial + (self.final - self.initial) * step / self.steps


class Buffer(NamedTuple):
    """Good completions that are kept: how many, from which reward on, and in which folder."""

    size: int
    threshold: float
    folder: str


class Evaluation(NamedTuple):
    """Evaluation during the run: every so many steps, on a file, on so many of its rows (all where it is 0)."""

    every: int
    path: str
    rows: int


class Plan(NamedTuple):
    """All that is asked of a GRPO run of the kind `aflow-training`."""

    model: str
    arguments: dict[str, Any]
    """Of TRL's `GRPOConfig`."""
    lora: dict[str, Any] | None
    """Of PEFT's `LoraConfig`; None where the whole model is trained."""
    prompts: int
    group: int
    steps: int
    processes: int
    schedule: Schedule | None
    data: str
    domains: dict[str, float]
    weights: dict[str, float]
    execution_timeout: float
    buffer: Buffer | None
    evaluation: Evaluation | None
    test: str | None
    environment: dict[str, str]
    """Variables that are set before anything is loaded."""
    operators: str | None
    """The file that describes the operators which a workflow may call."""


def planned(run: ValidatedRun, seed: int) -> Plan:
    """The plan of a run. Raises `Refused` with every reason at once."""
    recipe = run.recipe
    if reasons := list(_refusals(run)):
        raise Refused(*reasons)
    converted = to_trl_grpo(recipe).keys
    processes = run.world_size or len(recipe.get("device_mapping") or [0])
    prompts, group, steps = recipe.values["rollout_batch_size"], recipe.values["num_generations"], recipe.values["max_steps"]
    per_device, accumulation = _split(recipe, prompts * group, processes)
    evaluation = _evaluation(run)
    output = os.path.expanduser(recipe.get("save_dir") or recipe.values["output_dir"])
    arguments = {
        **{key: value for key, value in converted.items() if key not in (*LORA, *_ELSEWHERE)},
        "output_dir": output,
        "per_device_train_batch_size": per_device,
        "gradient_accumulation_steps": accumulation,
        "bf16": bool(recipe.get("bf16")),
        "gradient_checkpointing": bool(recipe.get("gradient_checkpointing")),
        "num_iterations": 1,
        "shuffle_dataset": False,
        "seed": seed,
        "save_strategy": "steps" if recipe.get("save_steps") else "no",
        "eval_strategy": "steps" if evaluation else "no",
        "per_device_eval_batch_size": group * max(per_device // group, 1),  # whole groups, during the run and after it
        "disable_tqdm": True,
        "remove_unused_columns": False,
    }
    if evaluation:
        arguments["eval_steps"] = evaluation.every
    if not recipe.get("save_steps"):
        arguments.pop("save_steps", None)
    lora = {LORA[key]: value for key, value in converted.items() if key in LORA} if recipe.get("use_lora") is not False else None
    return Plan(
        str(recipe.values["base_model"]),
        arguments,
        {**lora, "task_type": "CAUSAL_LM", **_all_linear(lora)} if lora is not None else None,
        prompts,
        group,
        steps,
        processes,
        _schedule(recipe),
        str(run.find(str(recipe.values["train_dataset"])) or _below(run, recipe.values["train_dataset"])),
        {name: float(share) for name, share in recipe.values["domain_ratios"].items()},
        dict(recipe.get("reward_weights") or {"correctness": 1.0}),
        float(recipe.get("execution_timeout") or 60.0),
        _buffer(recipe, output),
        evaluation,
        _below(run, recipe.get("test_dataset")) if recipe.get("test_dataset") else None,
        dict(_environment(run)),
        _below(run, recipe.get("aflow_operator_descriptions_path")) if recipe.get("aflow_operator_descriptions_path") else None,
    )


ALL_LINEAR = "all-linear"


def _all_linear(lora: Mapping[str, Any]) -> dict[str, str]:
    """PEFT's word for all layers, which it takes alone and in no list."""
    return {"target_modules": ALL_LINEAR} if lora.get("target_modules") == [ALL_LINEAR] else {}


def _split(recipe: Recipe, total: int, processes: int) -> tuple[int, int]:
    """The completions of a forward pass on one device, and how many passes make a step. Raises `Refused`."""
    names = f"{recipe.name('rollout_batch_size')} x {recipe.name('num_generations')} = {total}"
    if total % processes:
        raise Refused(f"{names} completions a step are no {processes} equal parts for as many processes")
    share = total // processes
    micro, asked = recipe.get("forward_pass_microbatch_size"), recipe.get("gradient_accumulation_steps") or 1
    if micro is not None:
        if share % micro:
            raise Refused(f"{recipe.name('forward_pass_microbatch_size')} {micro} does not divide the {share} completions of a process")
        if asked not in (1, share // micro):
            raise Refused(
                f"{recipe.name('gradient_accumulation_steps')} {asked} x {recipe.name('forward_pass_microbatch_size')} {micro} "
                f"are not the {share} completions that a process has in a step ({names})"
            )
        return micro, share // micro
    if share % asked:
        raise Refused(
            f"{recipe.name('gradient_accumulation_steps')} {asked} does not divide the {share} completions of a process ({names})"
        )
    return share // asked, asked


def _schedule(recipe: Recipe) -> Schedule | None:
    if not recipe.get("temperature_schedule_enabled"):
        return None
    return Schedule(*(recipe.values[name] for name in ("temperature_initial", "temperature_final", "temperature_warmup_steps")))


def _buffer(recipe: Recipe, output: str) -> Buffer | None:
    size = recipe.get("buffer_size")
    if not size:
        return None
    threshold = recipe.get("reward_threshold")
    return Buffer(size, float("-inf") if threshold is None else float(threshold), os.path.expanduser(recipe.get("buffer_dir") or output))


def _evaluation(run: ValidatedRun) -> Evaluation | None:
    every = run.recipe.get("eval_steps")
    if not every:
        return None
    return Evaluation(every, str(_below(run, run.recipe.get("val_dataset"))), run.recipe.get("val_samples") or 0)


def _below(run: ValidatedRun, path: Any) -> str | None:
    """Where data lies: as other paths of the config do, or below its `data_dir`."""
    if not isinstance(path, str):
        return None
    folder = run.recipe.get("data_dir")
    return run.find(path) or (run.find(os.path.join(folder, path)) if isinstance(folder, str) else None)


def _environment(run: ValidatedRun) -> Iterator[tuple[str, str]]:
    recipe = run.recipe
    gpus, chosen = recipe.get("physical_gpus"), recipe.get("device_mapping")
    outer = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    there = gpus or outer  # a machine that is shared hands out devices: those are the ones that are counted
    devices = [there[index] for index in chosen] if there and chosen else there or chosen
    if devices:
        yield "CUDA_VISIBLE_DEVICES", ",".join(map(str, devices))
    if recipe.get("wandb_enabled"):
        for parameter, name in _WANDB.items():
            if (value := recipe.get(parameter)) is not None:
                yield name, str(value)
        for key, name in _OF_WANDB.items():
            if (value := run.data["wandb"].get(key)) is not None:
                yield name, ",".join(map(str, value)) if isinstance(value, list) else str(value)


_WANDB = {"wandb_project": "WANDB_PROJECT", "wandb_entity": "WANDB_ENTITY", "wandb_api_key": "WANDB_API_KEY"}
_OF_WANDB = {"tags": "WANDB_TAGS", "notes": "WANDB_NOTES", "mode": "WANDB_MODE"}
"""Keys of the section `wandb` that no parameter stands for, and the variables in which wandb reads them."""

Reason = str | None


NEEDED = ("base_model", "max_steps", "rollout_batch_size", "num_generations", "learning_rate", "epsilon", "domain_ratios", "output_dir")
"""What no run of this kind can do without; a project may have switched off the rules that say so."""


def _unusable(run: ValidatedRun) -> Reason:
    names = sorted(run.recipe.unusable())
    return f"{run.recipe.name(names[0])} is written in a way that cannot be used, and nothing is put in its place" if names else None


def _missing(run: ValidatedRun) -> Reason:
    names = [name for name in NEEDED if name not in run.recipe.values]
    return f"{run.recipe.name(names[0])} is missing" if names else None


def _negative_top_k(run: ValidatedRun) -> Reason:
    value = run.recipe.get("top_k")
    return f"{run.recipe.name('top_k')} is {value}; 0 switches it off here" if isinstance(value, int) and value < 0 else None


def _no_such_device(run: ValidatedRun) -> Reason:
    recipe = run.recipe
    outer = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    there, chosen = recipe.get("physical_gpus") or outer, recipe.get("device_mapping") or []
    wrong = [index for index in chosen if index < 0 or (there and index >= len(there))]
    if not wrong:
        return None
    return f"{recipe.name('device_mapping')}: there is no device {wrong[0]} among {', '.join(map(str, there)) or 'those of a machine'}"


def _nowhere_to_write(run: ValidatedRun) -> Reason:
    """An output folder that is none, or that a run would write over what it is made from."""
    recipe = run.recipe
    for parameter in ("output_dir", "save_dir", "buffer_dir"):
        asked = recipe.get(parameter)
        if asked is None:
            continue
        path = os.path.expanduser(str(asked))
        if not path or (os.path.exists(path) and not os.path.isdir(path)):
            return f"{recipe.name(parameter)}: {path or 'an empty path'} is no folder"
        model = run.find(str(recipe.values.get("base_model", "")))
        if model is not None and os.path.realpath(model) == os.path.realpath(path):
            return f"{recipe.name(parameter)}: {path} is the folder of the model, which would be written over"
    return None


def _own_reward_code(run: ValidatedRun) -> Reason:
    on = [name for name, value in (run.data.get("reward_system") or {}).items() if value not in (None, False)]
    return f"reward_system.{on[0]} switches code of your own trainer, which this one does not have: take it out" if on else None


def _switch(name: str) -> Callable[[ValidatedRun], Reason]:
    def refusal(run: ValidatedRun) -> Reason:
        on = (run.data.get(name) or {}).get("enabled")
        return f"{name}.enabled is true, and this trainer has no such part: set it to false" if on else None

    return refusal


def _unknown_keys(run: ValidatedRun) -> Reason:
    shape = CATALOGUE.shape(run.kind)
    unknown = next(_unknown(run.data, shape.fields), None) if shape is not None else None
    return f"{unknown} is a key that this trainer does not read: take it out" if unknown else None


def _unknown(data: Mapping[str, Any], fields: Mapping[str, Key], path: str = "") -> Iterator[str]:
    for name, value in data.items():
        if name not in fields:
            yield path + name
        elif (below := fields[name].fields) and isinstance(value, dict):
            yield from _unknown(value, below, f"{path}{name}.")


def _no_data(run: ValidatedRun) -> Reason:
    asked = run.recipe.get("train_dataset")
    return None if isinstance(asked, str) and asked else "train_dataset is missing: name a JSONL file, or a dataset saved by `datasets`"


def _absent(parameter: str, wanted: Callable[[Recipe], Any] = lambda recipe: True) -> Callable[[ValidatedRun], Reason]:
    def refusal(run: ValidatedRun) -> Reason:
        asked = run.recipe.get(parameter)
        if not isinstance(asked, str) or not wanted(run.recipe) or _below(run, asked) is not None:
            return None
        return f"{run.recipe.name(parameter)}: there is no {asked} in {', '.join(run.folders[:3])} or above"

    return refusal


def _evaluated_on_nothing(run: ValidatedRun) -> Reason:
    if run.recipe.get("eval_steps") and not run.recipe.get("val_dataset"):
        return f"{run.recipe.name('eval_steps')} asks for evaluation, and there is no val_dataset: name one, or set it to 0"
    return None


def _unfinished_schedule(run: ValidatedRun) -> Reason:
    recipe = run.recipe
    if not recipe.get("temperature_schedule_enabled"):
        return None
    missing = [name for name in ("temperature_initial", "temperature_final", "temperature_warmup_steps") if recipe.get(name) is None]
    return f"{recipe.name(missing[0])} is missing, and the schedule is enabled" if missing else None


REFUSALS: tuple[Callable[[ValidatedRun], Reason], ...] = (
    _unusable,
    _missing,
    _negative_top_k,
    _no_such_device,
    _nowhere_to_write,
    _own_reward_code,
    _switch("prompt_optimizer"),
    _switch("operator_prompt_enhancer"),
    _unknown_keys,
    _no_data,
    _absent("train_dataset"),
    _absent("val_dataset", lambda recipe: recipe.get("eval_steps")),
    _absent("test_dataset"),
    _absent("aflow_operator_descriptions_path"),
    _evaluated_on_nothing,
    _unfinished_schedule,
)
"""What keeps a run from starting because the trainer could not do what the file says."""


def _refusals(run: ValidatedRun) -> Iterator[str]:
    return (reason for refusal in REFUSALS if (reason := refusal(run)) is not None)
