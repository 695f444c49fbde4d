"""The shape of a native file, for one target: a file's keys are the fields of the dataclasses that its command parses.

Keys that recipes of other projects add to TRL's are in `extensions.py`, what TRL hands on to accelerate in `launch.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from confguard.schemas.trl.commands import COMMANDS, Command, light_shape
from confguard.schemas.trl.launch import LAUNCH
from confguard.words.shape import Key, Shape
from confguard.words.target import Target
from confguard.words.typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confguard.schemas.releases.table import Field
    from confguard.words.shape import History, Known

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
    "model_revision": "str | null",  # transformers 5.24.0, utils/hub.py: null is the main branch, run
    "num_generations": "int",  # annotated with null, which the constructor divides by, run
    "pad_to_multiple_of": "int | enum auto | null",  # TRL 1.16.0, grpo_config.py:1051: int() of any other string, run
    "parallelism_config": "null",  # an object, which no file can hold; a mapping raises AttributeError, run
    "resume_from_checkpoint": "bool | str | null",  # TRL 1.16.0, scripts/sft.py hands it to train(): false is null, true the last, run
    "scale_rewards": "bool | str",  # TRL 1.16.0, grpo_config.py: true and false are taken for group and none
    "torch_empty_cache_steps": "whole | null",  # transformers 5.23.0, training_args.py:1726: isinstance of int, run
    "use_peft": "switch",  # TRL 1.16.0, trainer/utils.py: asked with `is False`, so that 0 and null turn it on, run
    "warmup_steps": "float",  # transformers 4.57.6 takes a fraction, and counts it as steps
}
"""Types of keys that take more, or less, than their fields are annotated with; what they may say besides is held by rules."""


@lru_cache(maxsize=32)
def shape_of(command: Command, target: Target) -> Shape:
    """The shape of a command's file for a target."""
    from confguard.schemas.releases.table import Marker, newest
    from confguard.schemas.rules.values import allowed_at

    found = fields_of(command, target)
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
    return shape._replace(
        history=partial(_history, command, shape), known=partial(_known, command, target), today=partial(_name_today, command, shape)
    )


def _known(command: Command, target: Target, key: str) -> Known | None:
    from confguard.schemas.trl.changes import known_of

    return known_of(command, target, key)


def _name_today(command: Command, shape: Shape, key: str, value: Any) -> str | None:
    from confguard.schemas.trl.changes import name_today

    today = name_today(command, key, value)
    return today if today in shape.fields else None


def _history(command: Command, shape: Shape) -> History:
    """What is known of a shape's keys over the releases; a check of a file without faults does not ask."""
    from confguard.schemas.trl.history import history_of

    return history_of(command, shape)


def _type(field: Field, by_rule: bool) -> str:
    """The type of a key; what names it takes is left to the rule that knows when they are read, where there is one."""
    if by_rule and field.type.startswith("one of "):
        return "str | null" if field.type.endswith("| null") else "str"
    said = TYPES.get(f"{field.owner}.{field.name}", TYPES.get(field.name))
    return said if said and not field.type.startswith("one of ") else field.type


def fields_of(command: Command, target: Target) -> dict[str, Field]:
    """All fields of a command's dataclasses; of two of one name the trainer's counts, as argparse has one option of a name."""
    from confguard.schemas.releases.table import fields

    found: dict[str, Field] = {}
    for name in command.classes:
        found = {**fields(name, target), **found}
    return found


def is_field(kind: str, key: str, target: Target) -> bool:
    """Whether a key of a kind's file is a field of TRL's own at a target, and not one that another project's script adds."""
    command = next(command for command in COMMANDS if kind == f"trl-{command.word}")
    return key in fields_of(command, target)


def _parameters(command: Command, names: set[str], target: Target, newest: Target) -> Iterator[tuple[str, str]]:
    """The canonical parameter of each key: its own name, or the one that it has today where its meaning was kept."""
    old = names - set(fields_of(command, newest)) if target != newest else set()
    today = _today(command, names) if old else {}
    for name in names:
        parameter = today.get(name, name) if name in old else name
        yield name, ALIASES.get(parameter, parameter)


def _today(command: Command, names: set[str]) -> dict[str, str]:
    """What old keys are called today; a key whose new name is there beside it stays itself."""
    from confguard.schemas.migrations.table import RENAMED

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
    from confguard.schemas.trl.extensions import EXTENSIONS

    for extension in EXTENSIONS:
        yield from extension.keys_of(f"trl-{command.word}").items()
