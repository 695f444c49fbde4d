"""Silent drift: what a native file means otherwise under another release although nobody changed it, and at which release that came."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.schemas.releases.table import Marker, Step, histories
from confguard.schemas.trl.changes import removed_of
from confguard.schemas.trl.commands import Command
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.shape import Drift, Shape
from confguard.words.spelling import show
from confguard.words.target import PACKAGES, Target, minor
from confguard.words.typing import Any, NamedTuple


class Reader(NamedTuple):
    """Parameters that only count where another one has a value: the start of their names, that other one, and its value."""

    start: str
    parameter: str
    value: Any


READERS = (
    Reader("vllm_", "use_vllm", True),
    Reader("sapo_", "loss_type", "sapo"),
    Reader("vespo_", "loss_type", "vespo"),
    Reader("ref_model_", "sync_ref_model", True),
    Reader("entropy_", "entropy_coef", None),
    Reader("ds3_gather", "deepspeed", None),
    Reader("router_aux_loss_coef", "router_aux_loss_coef", None),
    Reader("fsdp", "fsdp", None),
    Reader("lora_", "use_lora", True),
    Reader("bnb_4bit_", "load_in_4bit", True),
    Reader("chars_per_token", "packing", True),
)
"""Source: TRL 1.16.0, the help texts of GRPOConfig and the trainer's reads of these fields; None: any value that is not off."""


NEUTRAL = {
    "dataloader_in_order": True,
    "importance_sampling_level": "token",
    "log_multimodal": True,
    "multi_objective_aggregation": "sum_then_normalize",
    "num_iterations": 1,
    "project": "huggingface",
    "repetition_penalty": 1.0,
    "shuffle_dataset": True,
    "top_entropy_quantile": 1.0,
    "top_p": 1.0,
    "train_sampling_strategy": "random",
    "vllm_group_port": 51216,
    "vllm_model_impl": "vllm",
}
"""Defaults with which a new field asks for what the releases before it did without being asked."""

SAME = {"scale_rewards": (True, "group"), "top_k": (None, 0), "include_num_input_tokens_seen": (False, "no")}
"""Defaults that are spelled otherwise and say the same. Source: TRL 1.16.0, grpo_config.py; transformers 5.23.0, training_args.py."""


class Effective(NamedTuple):
    """What a default that says nothing comes to in a range of releases of one library, and where the code is that decides it."""

    parameter: str
    package: str
    since: str
    until: str | None
    value: Any
    unless: str
    """A parameter that is on in the files it does not hold for; empty for none."""
    note: Said
    source: str


EFFECTIVE = (
    Effective(
        "bf16",
        "trl",
        "0.19",
        None,
        True,
        "fp16",
        Said("unless fp16 is set, bf16 is on", "除非设置 fp16，否则启用 bf16"),
        "TRL 1.16.0, base_config.py: __post_init__, run",
    ),
    Effective(
        "dtype",
        "trl",
        "0.26",
        "0.27",
        "auto",
        "",
        Said("the dtype of the checkpoint", "使用检查点的 dtype"),
        "trl-0.26.2 trainer/utils.py: create_model_from_path",
    ),
    Effective(
        "optim",
        "transformers",
        "4.54",
        None,
        "adamw_torch_fused",
        "",
        Said("with torch 2.8 or newer, else adamw_torch", "torch 2.8 及以上；否则为 adamw_torch"),
        "transformers 5.23.0, training_args.py:806-811",
    ),
)


def drift(command: Command, theirs: Recipe, ours: Recipe, other: Shape, shape: Shape) -> Iterator[Drift]:
    """Parameters that neither recipe writes and whose values differ by their releases; what changed stands before what came or went."""
    rows = [row for name in {**other.names, **shape.names} if (row := _row(command, name, theirs, ours, other, shape))]
    yield from sorted(rows, key=lambda row: (row.reference is None or row.current is None, row.reference is None, row.parameter))


def _row(command: Command, name: str, theirs: Recipe, ours: Recipe, other: Shape, shape: Shape) -> Drift | None:
    if name in theirs.spots or name in ours.spots or not (is_read(name, theirs) or is_read(name, ours)):
        return None
    before, now = effective(name, theirs, other), effective(name, ours, shape)
    if before == now and type(before) is type(now):
        return None
    if _is_off(before) and _is_off(now):
        return None
    if name not in shape.names and _went_quietly(command, other.names[name], before):
        return None
    if (name not in other.names and NEUTRAL.get(name, ...) == now) or (before in (said := SAME.get(name, ())) and now in said):
        return None
    return Drift(name, before, now, moved(command, name, other, shape))


def _is_off(value: Any) -> bool:
    """Whether a value stands for not being used; a field that came or went with one of them changes no run."""
    return value is None or value == 0 or value in ("", "no", [], {})


def _went_quietly(command: Command, key: str, default: Any) -> bool:
    """Whether a key that is gone did nothing, or asked by its default for what is done anyway."""
    removed = removed_of(command, key)
    return removed is not None and (removed.harmless or default in removed.idle)


def is_read(name: str, recipe: Recipe) -> bool:
    """Whether a parameter counts under a recipe's other values."""
    for reader in READERS:
        if name.startswith(reader.start) and name != reader.parameter:
            value = recipe.get(reader.parameter)
            return not _is_off(value) if reader.value is None else bool(value == reader.value)
    return True


def effective(name: str, recipe: Recipe, shape: Shape) -> Any:
    """The default of a parameter, or what it comes to where it says nothing."""
    default = recipe.defaults.get(name)
    found = _effective(name, recipe, shape) if default is None and name in shape.names else None
    return found.value if found else default


def _effective(name: str, recipe: Recipe, shape: Shape) -> Effective | None:
    found = next((row for row in EFFECTIVE if row.parameter == name and _holds(row, shape)), None)
    return None if found is None or (found.unless and recipe.get(found.unless)) else found


def _holds(row: Effective, shape: Shape) -> bool:
    version = minor((shape.target or Target()).version(row.package))
    return minor(row.since) <= version and (row.until is None or version < minor(row.until))


def moved(command: Command, parameter: str, other: Shape, shape: Shape) -> Said | None:
    """At which releases the default of a parameter moved on the way from one shape's target to another's; None where it did not."""
    keys = {name for name in (other.names.get(parameter), shape.names.get(parameter)) if name}
    steps = _steps(command, keys, other.target or Target(), shape.target or Target())
    rows = [row for row in EFFECTIVE if row.parameter == parameter and any(_holds(row, side) for side in (other, shape))]
    effects = [row.note for row in rows]
    if not steps:
        steps = [_Moved(row.package, row.since, show(row.value)) for row in rows if _holds(row, shape)]
    told = [_told(step) for step in steps]
    if not told:
        return None
    said = Said(", ".join(item.en for item in told), "，".join(item.zh for item in told))
    if any(step.value is not None for step in steps):
        said = Said(f"default: {said.en}", f"默认值：{said.zh}")
    return Said(f"{said.en} ({effects[0].en})", f"{said.zh}（{effects[0].zh}）") if effects else said


class _Moved(NamedTuple):
    package: str
    since: str
    value: str | None
    """The default as it is shown; None where the field is gone."""


def _steps(command: Command, keys: set[str], old: Target, new: Target) -> list[_Moved]:
    """The steps of a field's default between two targets, by library, oldest first; a rename is none."""
    found = dict.fromkeys(
        _Moved(package, step.since, _shown(step))
        for owner in command.classes
        for key in sorted(keys)
        for package, steps in _that_count(histories(owner, key), new)
        for step in _where_the_default_moved(steps)
        if _is_between(step.since, old.version(package), new.version(package))
    )
    ordered = sorted(found, key=lambda step: (PACKAGES.index(step.package), minor(step.since)))
    alive = [step for step in ordered if step.value is not None]
    return alive if len(keys) > 1 and alive else ordered


def _that_count(found: list[tuple[str, list[Step]]], new: Target) -> list[tuple[str, list[Step]]]:
    """The histories of a field that count at a target: while TRL has a field of its own, that of transformers is hidden."""
    if len(found) < 2:
        return found
    package, steps = found[0]
    own = [step for step in steps if minor(step.since) <= minor(new.version(package))]
    return found[:1] if own and own[-1].type is not None else found


def _told(step: _Moved) -> Said:
    where = f"{step.package} {step.since}"
    if step.value is None:
        return Said(f"gone since {where}", f"{where} 起移除")
    return Said(f"{step.value} since {where}", f"{where} 起为 {step.value}")


def _shown(step: Step) -> str | None:
    if step.type is None:
        return None
    return "by torch's version" if isinstance(step.default, Marker) else show(step.default)


def _where_the_default_moved(steps: list[Step]) -> list[Step]:
    """The steps at which the default became another one, not the type alone."""
    return [step for last, step in zip([None, *steps], steps, strict=False) if last is None or _shown(last) != _shown(step)]


def _is_between(since: str, one: str, other: str) -> bool:
    low, high = sorted((minor(one), minor(other)))
    return low < minor(since) <= high
