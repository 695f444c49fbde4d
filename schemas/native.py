"""The native kinds: the flat YAML that `trl grpo --config`, `trl sft --config` and so on read, for any release of the libraries.

A file's keys are the fields of the dataclasses that the command parses, so a kind's shape is made from the release tables when it is
asked for, for one target. Keys that recipes of other projects add to TRL's are in `schemas/extensions.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from confguard.schemas.launch import LAUNCH
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.shape import Drift, Family, History, Key, Known, Shape
from confguard.words.target import Target
from confguard.words.upgrade import Step

if TYPE_CHECKING:
    from confguard.schemas.releases.table import Field

WORLD_SIZE = "num_processes"
"""The key that tells accelerate how many processes a run has."""

ALIASES = {"model_name_or_path": "base_model", "use_peft": "use_lora"}
"""Keys whose canonical parameter has the name that other kinds gave it."""

_LOG_LEVELS = "one of detail|debug|info|warning|error|critical|passive"  # transformers 5.23.0, trainer.py: KeyError at its start, run
TYPES = {
    "debug": "enum underflow_overflow|tpu_metrics_debug | list",  # argparse reads a string as one option, run
    "fsdp": "bool | str | list | null",  # transformers 5.23.0, training_args.py:2781: true is taken
    "include_num_input_tokens_seen": "bool",  # argparse has it as a boolean: "all" is refused, run
    "log_level": _LOG_LEVELS,
    "log_level_replica": _LOG_LEVELS,
    "lora_target_modules": "str | list[str] | null",  # PEFT 0.21.2: "all-linear", or a pattern
    "DPOConfig.loss_type": "str | list[str]",  # TRL 1.16.0, dpo_config.py:358 makes a list of a string
    "num_generations": "int",  # annotated with null, which the constructor divides by, run
    "pad_to_multiple_of": "int | enum auto | null",  # TRL 1.16.0, grpo_config.py:1051: int() of any other string, run
    "parallelism_config": "null",  # an object, which no file can hold; a mapping raises AttributeError, run
    "scale_rewards": "bool | str",  # TRL 1.16.0, grpo_config.py: true and false are taken for group and none
    "torch_empty_cache_steps": "whole | null",  # transformers 5.23.0, training_args.py:1726: isinstance of int, run
    "use_peft": "switch",  # TRL 1.16.0, trainer/utils.py: asked with `is False`, so that 0 and null turn it on, run
    "warmup_steps": "float",  # transformers 4.57.6 takes a fraction, and counts it as steps
}
"""Types of keys that take more, or less, than their fields are annotated with; what they may say besides is held by rules."""

FAMILY = Family(
    common=(
        "model_name_or_path",
        "dataset_name",
        "dataset_mixture",
        "dataset_mixer",
        "reward_funcs",
        "output_dir",
        "learning_rate",
        "lr_scheduler_type",
        "num_train_epochs",
        "max_steps",
        "per_device_train_batch_size",
        "gradient_accumulation_steps",
        "gradient_checkpointing",
        "warmup_ratio",
        "num_generations",
        "max_completion_length",
        "max_seq_length",
        "bf16",
        "use_peft",
        "lora_r",
        "lora_target_modules",
        "logging_steps",
        "eval_strategy",
        "save_strategy",
    ),
    enough=4,
    never=(
        "stage",
        "finetuning_type",
        "cutoff_len",
        "base_model",
        "micro_batch_size",
        "sequence_len",
        "rlhf_type",
        "train_type",
        "tuner_type",
        "defaults",
        "actor_rollout_ref",
    ),
    other_words=("orpo", "cpo", "ppo", "gkd", "bco", "xpo", "nash", "online", "distillation", "prm"),
    why_unclear="looks like a config of TRL, but not of which command: name its kind under files in confguard.yaml, such as trl-sft",
)


class Command(NamedTuple):
    """One command of TRL: what it is called, the dataclasses that it parses, and the keys that others do not have."""

    word: str
    title: str
    classes: tuple[str, ...]
    signature: tuple[str, ...]
    telltales: tuple[str, ...] = ()


_OF_MODEL = ("ModelConfig", "DatasetMixtureConfig")
_SCRIPT = "ScriptArguments"

COMMANDS = (
    Command(
        "grpo",
        "GRPO with TRL",
        (_SCRIPT, "GRPOScriptArguments", "GRPOConfig", *_OF_MODEL),
        (
            "reward_funcs",
            "reward_weights",
            "num_generations",
            "max_completion_length",
            "temperature",
            "top_p",
            "top_k",
            "epsilon",
            "epsilon_high",
            "delta",
            "scale_rewards",
            "loss_type",
            "beta",
            "num_iterations",
            "steps_per_generation",
            "generation_batch_size",
            "importance_sampling_level",
            "mask_truncated_completions",
            "use_vllm",
            "vllm_mode",
            "vllm_gpu_memory_utilization",
            "log_completions",
            "max_prompt_length",
            *(f"loss_type={loss}" for loss in ("grpo", "bnpo", "dr_grpo", "dapo", "cispo", "sapo", "luspo", "vespo")),
        ),
        ("num_generations", "reward_funcs", "max_completion_length", "per_device_train_batch_size", "model_name_or_path"),
    ),
    Command(
        "rloo",
        "RLOO with TRL",
        (_SCRIPT, "RLOOScriptArguments", "RLOOConfig", *_OF_MODEL),
        (
            "reward_funcs",
            "reward_weights",
            "num_generations",
            "max_completion_length",
            "temperature",
            "top_p",
            "top_k",
            "epsilon",
            "epsilon_high",
            "beta",
            "num_iterations",
            "steps_per_generation",
            "generation_batch_size",
            "mask_truncated_completions",
            "use_vllm",
            "vllm_mode",
            "log_completions",
            "rloo_k",
            "kl_coef",
            "cliprange",
            "normalize_reward",
            "normalize_advantages",
            "reward_clip_range",
            "token_level_kl",
            "num_ppo_epochs",
            "num_mini_batches",
            "total_episodes",
            "response_length",
            "max_prompt_length",
        ),
    ),
    Command(
        "sft",
        "supervised fine-tuning with TRL",
        (_SCRIPT, "SFTConfig", *_OF_MODEL),
        (
            "packing",
            "packing_strategy",
            "max_seq_length",
            "dataset_text_field",
            "dataset_kwargs",
            "completion_only_loss",
            "assistant_only_loss",
            "eval_packing",
            "eos_token",
            "neftune_noise_alpha",
            "padding_free",
            "max_length",
            "dataset_num_proc",
            *("loss_type=nll", "loss_type=dft"),
        ),
    ),
    Command(
        "dpo",
        "DPO with TRL",
        (_SCRIPT, "DPOConfig", *_OF_MODEL),
        (
            "beta",
            "loss_type",
            "loss_weights",
            "max_prompt_length",
            "max_length",
            "label_smoothing",
            "rpo_alpha",
            "reference_free",
            "precompute_ref_log_probs",
            "f_divergence_type",
            "use_weighting",
            "ld_alpha",
            "discopop_tau",
            "truncation_mode",
            "sync_ref_model",
            *(
                f"loss_type={loss}"
                for loss in ("sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair", "apo_zero", "apo_down")
            ),
        ),
    ),
    Command(
        "kto",
        "KTO with TRL",
        (_SCRIPT, "KTOConfig", *_OF_MODEL),
        (
            "beta",
            "loss_type",
            "max_prompt_length",
            "max_length",
            "precompute_ref_log_probs",
            "desirable_weight",
            "undesirable_weight",
            "truncation_mode",
            *("loss_type=kto", "loss_type=apo_zero_unpaired"),
        ),
    ),
    Command(
        "reward",
        "reward modelling with TRL",
        (_SCRIPT, "RewardConfig", *_OF_MODEL),
        ("center_rewards_coefficient", "max_length", "disable_dropout", "dataset_num_proc"),
    ),
)


@lru_cache(maxsize=32)
def shape_at(command: Command, target: Target) -> Shape:
    """The shape of a command's file for a target."""
    from confguard.schemas.releases.table import Marker, newest
    from confguard.schemas.values import allowed_at

    found = _fields(command, target)
    by_rule = allowed_at(f"trl-{command.word}", target)
    names = dict(_parameters(command, set(found), target, newest()))
    fields = {
        name: Key(_type(field, name in by_rule), names[name], default=None if isinstance(field.default, Marker) else field.default)
        for name, field in found.items()
    }
    fields["env"] = Key("dict", "env")
    for name, type_ in _extensions(command):
        if name not in fields:
            fields[name] = Key(type_, name)
            names[name] = name
    for name, type_ in LAUNCH.items():
        fields.setdefault(name, Key(type_, name if name == WORLD_SIZE else None))
    light = light_shape(command)
    paths = {key.parameter: name for name, key in fields.items() if key.parameter}
    shape = light._replace(fields=fields, names=paths, at=None, target=target)
    return shape._replace(history=_history(command, shape, target))


def _history(command: Command, shape: Shape, target: Target) -> History:
    """What the tables know; each is imported when it is asked for, which a check of a good file does not do."""

    def known(path: str) -> Known | None:
        from confguard.schemas.changes import known_of

        return known_of(command, target, path)

    def moved(parameter: str, other: Shape) -> Said | None:
        from confguard.schemas.drift import moved

        return moved(command, parameter, other, shape)

    def drift(theirs: Recipe, ours: Recipe, other: Shape) -> Iterable[Drift]:
        from confguard.schemas.drift import drift

        return drift(command, theirs, ours, other, shape)

    def steps(config: dict[str, Any], old: Target, oldest: Target) -> Iterable[Step]:
        from confguard.schemas.upgrade import Way, steps

        return steps(command, config, Way(oldest, old, target))

    def fitting(keys: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        from confguard.schemas.upgrade import fitting

        return fitting(command, keys)

    def of_its_time(trl: str) -> Target:
        from confguard.schemas.upgrade import target_of_time

        return target_of_time(trl)

    return History(known, moved, drift, steps, fitting, of_its_time)


def light_shape(command: Command) -> Shape:
    """What tells a command's file by its content; its keys are made for a target."""
    return Shape(
        kind=f"trl-{command.word}",
        title=command.title,
        reader="1.1",
        fields={},
        signature=command.signature,
        enough=0,
        telltales=command.telltales,
        links={},
        names={},
        family=FAMILY,
        word=command.word,
        at=partial(shape_at, command),
        converts=True,
    )


SHAPES = tuple(light_shape(command) for command in COMMANDS)


def _type(field: Field, by_rule: bool) -> str:
    """The type of a key; what names it takes is left to the rule that knows when they are read, where there is one."""
    if by_rule and field.type.startswith("one of "):
        return "str | null" if field.type.endswith("| null") else "str"
    said = TYPES.get(f"{field.owner}.{field.name}", TYPES.get(field.name))
    return said if said and not field.type.startswith("one of ") else field.type


def _fields(command: Command, target: Target) -> dict[str, Field]:
    """All fields of a command's dataclasses; of two of one name the trainer's counts, as argparse has one option of a name."""
    from confguard.schemas.releases.table import fields

    found: dict[str, Field] = {}
    for name in command.classes:
        found = {**fields(name, target), **found}
    return found


def is_field(kind: str, key: str, target: Target) -> bool:
    """Whether a key of a kind's file is a field of TRL's own at a target, and not one that another project's script adds."""
    command = next(command for command in COMMANDS if kind == f"trl-{command.word}")
    return key in _fields(command, target)


def _parameters(command: Command, names: set[str], target: Target, newest: Target) -> Iterator[tuple[str, str]]:
    """The canonical parameter of each key: its own name, or the one that it has today where its meaning was kept."""
    old = names - set(_fields(command, newest)) if target != newest else set()
    today = _today(command, names) if old else {}
    for name in names:
        parameter = today.get(name, name) if name in old else name
        yield name, ALIASES.get(parameter, parameter)


def _today(command: Command, names: set[str]) -> dict[str, str]:
    """What old keys are called today; a key whose new name is there beside it stays itself."""
    from confguard.schemas.migrations import RENAMED

    renamed = {row.old: row.new for row in RENAMED if row.kept and row.turn is None and not owners_of(command).isdisjoint(row.owners)}
    found = {}
    for name in names:
        last = name
        while last in renamed:
            last = renamed[last]
        if last not in names:
            found[name] = last
    return found


def owners_of(command: Command) -> set[str]:
    """The classes that a command's keys are fields of."""
    return {*command.classes, "TrainingArguments"}


def _extensions(command: Command) -> Iterator[tuple[str, str]]:
    from confguard.schemas.extensions import EXTENSIONS

    for extension in EXTENSIONS:
        yield from extension.keys_of(f"trl-{command.word}").items()
