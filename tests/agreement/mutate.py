"""Random configs: bases with one to three changes of named families, the same for the same seed.

Which values a field gets follows from its type in the release tables, so that every field of every dataclass is changed in each family;
fields are taken in turn, from a shuffled list.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from agreement.clashes import FRAMES, INSTEAD, clashes_of, groups_of
from agreement.lines import BASES, SUBJECTS, Lines, lines_of, lines_of_base
from agreement.spellings import BOUNDS, GOOD, WELL, WRONG
from confguard.schemas.migrations.table import REMOVED, RENAMED, VALUES
from confguard.schemas.releases.table import Field, Marker, fields, history, names
from confguard.schemas.rules.values import allowed_at
from confguard.schemas.trl.commands import COMMANDS, Command
from confguard.schemas.trl.extensions import EXTENSIONS
from confguard.schemas.trl.shapes import owners_of
from confguard.words.target import Target

TRIO = Target("1.16.0", "5.23.0", "0.21.2")
MODEL = "ModelConfig"
CHOICES = ("one of ", "enum ")
"""How a type that is a choice begins."""
Item = TypeVar("Item")


class Made(NamedTuple):
    """One config: its kind, what it was made for, its text, and the changes by family."""

    kind: str
    subject: str
    text: str
    changes: tuple[tuple[str, str], ...]

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(family for family, _ in self.changes)


class Subject(NamedTuple):
    """What a config is made for: its command, and the fields to change."""

    name: str
    command: Command
    fields: tuple[Field, ...]

    @property
    def kind(self) -> str:
        return f"trl-{self.command.word}"


@cache
def subject_of(name: str, word: str) -> Subject:
    """The fields of a command, or for LoRA those of the model's dataclass alone."""
    command = next(command for command in COMMANDS if command.word == word)
    found: dict[str, Field] = {}
    for owner in (MODEL,) if name == "lora" else command.classes:
        found = {**fields(owner, TRIO), **found}
    return Subject(name, command, tuple(found.values()))


def fields_of(name: str) -> tuple[Field, ...]:
    """The fields that are changed in what is made for a subject."""
    return subject_of(name, "sft" if name == "lora" else name).fields


class Source:
    """Random choices; the items of a list are taken in turn, so that none is left out."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._piles: dict[tuple[str, ...], list[int]] = {}

    def turn(self, items: Sequence[Item], *pile: str) -> Item:
        """The next item of a shuffled list, which is known by a name."""
        left = self._piles.setdefault((*pile, str(len(items))), [])
        if not left:
            left.extend(self.random.sample(range(len(items)), len(items)))
        return items[left.pop()]


Mutator = Callable[[Source, Subject, Lines], str | None]
"""Changes the lines, and says what it did; None where it found nothing to change."""


def parts_of(type_: str) -> list[str]:
    """The words of a union; a choice is `choice`."""
    return ["choice" if part.startswith(CHOICES) else part for part in type_.split(" | ")]


def choices_of(subject: Subject, field: Field) -> tuple[str, ...]:
    """The values that a field may have, by its type or by the trainer's code."""
    row = allowed_at(subject.kind, TRIO).get(field.name)
    listed = next((part for part in field.type.split(" | ") if part.startswith(CHOICES)), "")
    for word in CHOICES:
        listed = listed.removeprefix(word)
    return tuple(listed.split("|")) if listed else row.values if row else ()


def _spelled(field: Field, table: dict[str, tuple[str, ...]]) -> list[str]:
    return [text for part in parts_of(field.type) for text in table.get(part, ())]


def _set(subject: Subject, lines: Lines, field: Field, text: str) -> str:
    lines.put(field.name, text)
    return f"{field.name}: {text}"


# --- the families ---


def old_names(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A name that an older release had."""
    old, new = source.turn(_old_of(subject.command), "old", subject.name, subject.kind)
    text = lines.get(new) if new else None
    if new and text is not None:
        lines.rename(new, old)
    else:
        lines.put(old, _any_value(source, subject, old))
    return old


@cache
def _old_of(command: Command) -> tuple[tuple[str, str | None], ...]:
    """Old names and, where there is one, what it is called today."""
    owners = owners_of(command)
    today = {name for owner in owners for name in fields(owner, TRIO)}
    renamed = [(row.old, row.new) for row in RENAMED if not owners.isdisjoint(row.owners)]
    gone: set[str] = {row.old for row in REMOVED if not owners.isdisjoint(row.owners)}
    for owner in sorted(owners):
        gone |= {name for name in names(owner) if name not in today}
    return (*renamed, *((name, None) for name in sorted(gone - {old for old, _ in renamed})))


def _any_value(source: Source, subject: Subject, name: str) -> str:
    for owner in (*subject.command.classes, "TrainingArguments"):
        steps = [step for step in history(owner, name) if step.type] if name in names(owner) else []
        if steps:
            field = Field(name, owner, "", steps[-1].type or "str", None)
            return source.random.choice(_spelled(field, WELL) or ["a"])
    return source.random.choice(["1", "true", "a"])


def old_values(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A value that an older release had."""
    owners = owners_of(subject.command)
    rows = [row for row in VALUES if not owners.isdisjoint(row.owners)]
    if not rows:
        return None
    row = source.turn(rows, "old value", subject.name, subject.kind)
    lines.put(row.key, str(row.old))
    return f"{row.key}: {row.old}"


def typos(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A key with letters swapped, lost, doubled or changed; in the file already, or any other."""
    rng = source.random
    if rng.random() < 0.4:
        old = rng.choice([key for key in lines.keys if key != "use_cpu"])
        new = misspelt(rng, old)
        lines.rename(old, new)
    else:
        field = source.turn(subject.fields, "typo", subject.name, subject.kind)
        new = misspelt(rng, field.name)
        lines.put(new, _well(source, subject, field))
    return new


def misspelt(rng: random.Random, name: str) -> str:
    """A name with one slip of the finger."""
    at = rng.randrange(1, max(2, len(name) - 1))
    slips = (
        name[: at - 1] + name[at : at + 1] + name[at - 1] + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at - 1] + name[at:],
        name[:at] + rng.choice("aeinrst_") + name[at + 1 :],
        name + "s",
        name.upper(),
        name.replace("_", "", 1),
    )
    return rng.choice([slip for slip in slips if slip != name])


def dashes(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A key as it is written on the command line, or in a section."""
    rng = source.random
    field = source.turn(subject.fields, "dash", subject.name, subject.kind)
    value = lines.get(field.name) or _well(source, subject, field)
    lines.drop(field.name)
    key = rng.choice([field.name.replace("_", "-"), "--" + field.name, "no_" + field.name, field.name.title().replace("_", ""), "training"])
    text = f"{{{field.name}: {value}}}" if key == "training" else value
    lines.put(key, text)
    return f"{key}: {text}"


def foreign(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A key of another command, of PEFT's own dataclass, or of another tool."""
    name, text = source.turn(_foreign_of(subject.command), "foreign", subject.name, subject.kind)
    lines.put(name, text)
    return f"{name}: {text}"


OF_OTHER_TOOLS = (
    *(
        ("lora_rank", "8"),
        ("micro_batch_size", "4"),
        ("sequence_len", "2048"),
        ("cutoff_len", "2048"),
        ("stage", "sft"),
        ("load_in_fp8", "true"),
    ),
    *(
        ("num_epochs", "3"),
        ("batch_size", "8"),
        ("lr", "1.0e-5"),
        ("tokenizer", "x"),
        ("model", "x"),
        ("config", "x.yaml"),
        ("peft_config", "{r: 8}"),
    ),
    *(
        ("bf16_training", "true"),
        ("wandb", "{project: x}"),
        ("1", "x"),
        ("trainer", "grpo"),
        ("lora", "{r: 8}"),
        ("target_modules", "[q_proj]"),
    ),
)
OF_ACCELERATE = (
    *(
        ("num_processes", "4"),
        ("mixed_precision", "bf16"),
        ("accelerate_config", "zero3"),
        ("accelerate_config", "bogus"),
        ("num_machines", "1"),
    ),
    *(
        ("main_process_port", "29501"),
        ("mixed_precision", "bf8"),
        ("num_processes", "four"),
        ("use_deepspeed", "true"),
        ("deepspeed_config_file", "a.json"),
    ),
    *(("gpu_ids", "'0,1'"), ("dynamo_backend", "inductor"), ("config_file", "fsdp.yaml"), ("zero_stage", "3")),
)
"""Keys that `trl` hands to `accelerate launch`."""


@cache
def _foreign_of(command: Command) -> tuple[tuple[str, str], ...]:
    own = {name for owner in command.classes for name in fields(owner, TRIO)}
    found = {}
    for owner in (*(owner for other in COMMANDS for owner in other.classes), "LoraConfig"):
        for field in fields(owner, TRIO).values():
            if field.name not in own:
                found[field.name] = (_spelled(field, WELL) or ["a"])[0]
    return (*found.items(), *OF_OTHER_TOOLS, *OF_ACCELERATE)


def extensions(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A key that another project's script adds to TRL's."""
    found = [(name, type_) for extension in EXTENSIONS for name, type_ in extension.keys_of(subject.kind).items()]
    own = {name for owner in subject.command.classes for name in fields(owner, TRIO)}
    found = [pair for pair in found if pair[0] not in own]
    if not found:
        return None
    name, type_ = source.turn(found, "extension", subject.kind)
    field = Field(name, "", "", type_, None)
    return _set(subject, lines, field, source.random.choice(_spelled(field, WELL) or ["a"]))


def bounds(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A value at the bounds of the field's type."""
    field = source.turn(subject.fields, "bounds", subject.name, subject.kind)
    return _set(subject, lines, field, source.turn(_spelled(field, BOUNDS) or ["1"], "bound", field.type))


def wrong_types(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A value of another type, or one that only looks like the field's."""
    field = source.turn(subject.fields, "wrong", subject.name, subject.kind)
    return _set(subject, lines, field, source.turn(_spelled(field, WRONG) or ["[1]"], "wrong", field.type))


def outside(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A value of a choice that is none, or is one of another release or in other letters."""
    found = tuple(field for field in subject.fields if choices_of(subject, field))
    field = source.turn(found, "outside", subject.name, subject.kind)
    choice = source.random.choice(choices_of(subject, field))
    odd = (
        "bogus",
        choice.upper(),
        choice.replace("_", "-"),
        choice + "s",
        f"[{choice}]",
        f"' {choice}'",
        choice[:-1],
        "true",
        "1",
        f"{{{choice}: 1}}",
    )
    return _set(subject, lines, field, source.random.choice(odd))


def clash(source: Source, subject: Subject, lines: Lines) -> str | None:
    """Settings that fight each other."""
    rows = clashes_of(subject.name, subject.command.word)
    row = source.turn(rows, "clash", subject.name, subject.kind)
    for key, text in lines_of(row).pairs:
        lines.put(key, text)
    return row.replace("\n", "; ")


def together(source: Source, subject: Subject, lines: Lines) -> str | None:
    """Random values of keys that are looked at together."""
    rng = source.random
    own = {name for owner in subject.command.classes for name in fields(owner, TRIO)}
    group = source.turn(groups_of(subject.name, subject.command.word), "group", subject.name, subject.kind)
    some = [key for key in group if key in own and rng.random() < 0.7]
    for key in some:
        lines.put(key, rng.choice(group[key]))
    return "; ".join(f"{key}: {lines.get(key)}" for key in some) or None


def around(source: Source, subject: Subject, lines: Lines) -> str | None:
    """Another form of the whole file, or something in it that is YAML's own."""
    if source.random.random() < 0.15:
        lines.instead = source.turn(INSTEAD, "instead")
        return f"the whole file: {lines.instead!r}"
    lines.frame = source.turn(FRAMES, "frame")
    for key in lines_of(lines.frame[1]).keys:
        lines.drop(key.strip("\"'"))
    return "around it: " + " ... ".join(map(repr, lines.frame))


def benign(source: Source, subject: Subject, lines: Lines) -> str | None:
    """A value that is well."""
    field = source.turn(subject.fields, "benign", subject.name, subject.kind)
    return _set(subject, lines, field, _well(source, subject, field))


def _well(source: Source, subject: Subject, field: Field) -> str:
    choices = choices_of(subject, field)
    if field.name in GOOD:
        return source.turn(GOOD[field.name], "good", field.name)
    if choices:
        return f"'{source.random.choice(choices)}'"
    plain = _spelled(field, WELL) or [_default(field)]
    if field.default is None or isinstance(field.default, Marker):
        return source.random.choice([_default(field)] if "str" in parts_of(field.type) else plain)
    choices = (_default(field), *(plain if "bool" in parts_of(field.type) else ()))
    return source.random.choice(choices)


def _default(field: Field) -> str:
    if isinstance(field.default, Marker) or field.default is None:
        return "a" if field.default is not None or "null" not in parts_of(field.type) else "null"
    if isinstance(field.default, bool):
        return str(field.default).lower()
    return f"'{field.default}'" if isinstance(field.default, str) else str(field.default)


def respelled(source: Source, subject: Subject, lines: Lines) -> str | None:
    """The same value in other letters: quotes, an exponent without a dot, a comment; or the lines in another order."""
    rng = source.random
    key, text = rng.choice(lines.pairs)
    way = rng.choice(("quoted", "comment", "order", "exponent", "twice"))
    if way == "order":
        rng.shuffle(lines.pairs)
        return "order"
    if way == "exponent":
        lines.put("learning_rate", rng.choice(["1e-5", "2E-6", "'3.0e-6'", "5.e-6", "1e-06", ".00001"]))
        return "exponent"
    if way == "twice":
        lines.pairs.append((key, text))
        return f"{key} twice"
    if text[:1] in "'\"[{":
        return None
    lines.put(key, f"'{text}'" if way == "quoted" else f"{text}  # as it was")
    return f"{key} {way}"


FAMILIES: dict[str, tuple[Mutator, int]] = {
    "old names": (old_names, 10),
    "old values": (old_values, 2),
    "typos": (typos, 9),
    "dashes and sections": (dashes, 4),
    "foreign keys": (foreign, 8),
    "extension keys": (extensions, 1),
    "bounds": (bounds, 20),
    "wrong types": (wrong_types, 20),
    "outside the choices": (outside, 8),
    "clashes": (clash, 14),
    "keys together": (together, 14),
    "whole files": (around, 5),
    "benign values": (benign, 14),
    "other spellings": (respelled, 6),
}
"""Each family with how often it is drawn."""
HOW_MANY = (1, 1, 1, 1, 1, 1, 2, 2, 3)
"""Changes of a config."""


def configs(seed: int, count: int) -> Iterator[Made]:
    """So many configs; the same for the same seed."""
    source = Source(seed)
    for number in range(count):
        yield _config(source, SUBJECTS[number % len(SUBJECTS)])


def _config(source: Source, name: str) -> Made:
    rng = source.random
    base = source.turn(BASES[name], "base", name)
    subject = subject_of(name, base.kind.removeprefix("trl-"))
    lines = lines_of_base(base)
    changes: list[tuple[str, str]] = []
    wanted = rng.choice(HOW_MANY)
    while len(changes) < wanted:
        family = rng.choices(list(FAMILIES), [weight for _, weight in FAMILIES.values()])[0]
        what = FAMILIES[family][0](source, subject, lines)
        if what is not None:
            changes.append((family, what))
    return Made(base.kind, name, lines.yaml(), tuple(changes))
