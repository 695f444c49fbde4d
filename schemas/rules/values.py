"""The values that a key of a native file may have, where only the trainer's code knows them.

TRL annotates these fields as plain strings: the config object takes any, and the trainer refuses it at its start, after the first
generation, or never. Each row was read off the newest patch of every minor release from 0.12 to 1.16; those of 1.16 were run. Values that a
field itself lists, in all releases that have it, are the release tables' and stand not here.
"""

from __future__ import annotations

from collections.abc import Callable

from confguard.schemas.kinds import DPO, GRPO, KTO, NATIVE, SFT
from confguard.words.finding import ERROR, FIRST_STEP, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdicts, rule
from confguard.words.spelling import nearest, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any, NamedTuple


def _always(recipe: Recipe) -> bool:
    return True


def _packs(recipe: Recipe) -> bool:
    return bool(recipe.get("packing") or recipe.get("eval_packing"))


def _truncates(recipe: Recipe) -> bool:
    return recipe.get("max_length") is not None and not recipe.get("packing")


def _uses_vllm(recipe: Recipe) -> bool:
    return bool(recipe.get("use_vllm"))


def _corrects(recipe: Recipe) -> bool:
    return bool(recipe.get("use_vllm") and recipe.get("vllm_importance_sampling_correction"))


def _scales(recipe: Recipe) -> bool:
    return recipe.get("multi_objective_aggregation") in (None, "sum_then_normalize")


class Allowed(NamedTuple):
    """What a key may say from one minor release of TRL on, until the next row of the same key."""

    kinds: tuple[str, ...]
    key: str
    since: tuple[int, int]
    values: tuple[str, ...]
    source: str
    is_read: Callable[[Recipe], bool] = _always
    """Whether the trainer looks at the value in this recipe."""
    fails: str = FIRST_STEP
    """When the trainer refuses another value."""

    @property
    def is_always_read(self) -> bool:
        """Whether the trainer looks at the value in every recipe."""
        return self.is_read is _always


_GRPO_017 = ("grpo", "bnpo", "dr_grpo")
_GRPO_026 = (*_GRPO_017, "dapo", "cispo", "sapo")
_DPO_020 = (
    "sigmoid",
    "hinge",
    "ipo",
    "exo_pair",
    "nca_pair",
    "robust",
    "bco_pair",
    "sppo_hard",
    "aot",
    "apo_zero",
    "apo_down",
    "discopop",
    "sft",
)
_CLIPPED = ("token_truncate", "token_mask", "sequence_truncate", "sequence_mask")

ALLOWED = (
    Allowed(GRPO, "loss_type", (0, 17), _GRPO_017, "TRL 0.17.0, grpo_trainer.py:1219"),
    Allowed(GRPO, "loss_type", (0, 22), (*_GRPO_017, "dapo"), "TRL 0.22.2, grpo_trainer.py:1611"),
    Allowed(GRPO, "loss_type", (0, 26), _GRPO_026, "TRL 0.26.2, grpo_trainer.py"),
    Allowed(GRPO, "loss_type", (0, 28), (*_GRPO_026, "luspo"), "TRL 0.28.0, grpo_trainer.py"),
    Allowed(
        GRPO,
        "loss_type",
        (1, 0),
        (*_GRPO_026, "luspo", "vespo"),
        "TRL 1.16.0, grpo_trainer.py:3138: ValueError at the first loss, run",
    ),
    Allowed(
        GRPO,
        "importance_sampling_level",
        (0, 20),
        ("token", "sequence"),
        "TRL 1.16.0, grpo_trainer.py:3090: ValueError at the first loss, run",
    ),
    Allowed(
        GRPO,
        "scale_rewards",
        (0, 22),
        ("group", "batch", "none"),
        "TRL 1.16.0, grpo_trainer.py:2781: ValueError after the first generation, run; nothing with normalize_then_sum, run",
        _scales,
    ),
    Allowed(
        GRPO,
        "multi_objective_aggregation",
        (0, 27),
        ("sum_then_normalize", "normalize_then_sum"),
        "TRL 1.16.0, grpo_trainer.py:2803: ValueError after the first generation, run",
    ),
    Allowed(
        GRPO,
        "vllm_importance_sampling_mode",
        (0, 26),
        _CLIPPED,
        "TRL 1.16.0, grpo_trainer.py:2705, read; nothing without vLLM, run",
        _corrects,
    ),
    Allowed(
        GRPO, "vllm_mode", (0, 18), ("server", "colocate"), "TRL 1.16.0, vllm_generation.py:370, read (vLLM not installed)", _uses_vllm
    ),
    Allowed(("trl-rloo",), "vllm_mode", (0, 22), ("server", "colocate"), "TRL 1.16.0, vllm_generation.py:370, read", _uses_vllm),
    Allowed(SFT, "packing_strategy", (0, 19), ("ffd", "wrapped"), "TRL 0.19.1, data_utils.py:659", _packs, START),
    Allowed(SFT, "packing_strategy", (0, 20), ("bfd", "wrapped"), "TRL 0.20.0, data_utils.py:620", _packs, START),
    Allowed(SFT, "packing_strategy", (0, 29), ("bfd", "bfd-requeue", "wrapped"), "TRL 0.29.1, data_utils.py:876", _packs, START),
    Allowed(
        SFT,
        "packing_strategy",
        (1, 0),
        ("bfd", "bfd_split", "wrapped", "bfd-requeue"),
        "TRL 1.16.0, data_utils.py:898: ValueError at the trainer's start, run; bfd-requeue is renamed, run",
        _packs,
        START,
    ),
    Allowed(SFT, "loss_type", (0, 23), ("nll", "dft"), "TRL 0.23.1, sft_trainer.py:857", fails=START),
    Allowed(
        SFT,
        "loss_type",
        (1, 4),
        ("nll", "dft", "chunked_nll"),
        "TRL 1.16.0, sft_trainer.py:1043: ValueError at the trainer's start, run; chunked_nll is renamed, run",
        fails=START,
    ),
    Allowed(
        SFT, "truncation_mode", (1, 0), ("keep_start", "keep_end"), "TRL 1.16.0, sft_trainer.py:1445: ValueError, run", _truncates, START
    ),
    Allowed(
        KTO, "loss_type", (0, 12), ("kto", "apo_zero_unpaired"), "TRL 1.16.0, kto_trainer.py: UnboundLocalError at the first loss, run"
    ),
    Allowed(DPO + KTO, "truncation_mode", (0, 12), ("keep_end", "keep_start"), "TRL 1.16.0, dpo_trainer.py, run", _truncates),
    Allowed(DPO, "loss_type", (0, 20), (*_DPO_020, "aot_pair"), "TRL 0.20.0, dpo_trainer.py:1183"),
    Allowed(DPO, "loss_type", (0, 28), (*_DPO_020, "aot_unpaired", "aot_pair"), "TRL 0.28.0, dpo_config.py:763: aot_pair is renamed"),
    Allowed(DPO, "loss_type", (0, 29), (*_DPO_020, "aot_unpaired"), "TRL 0.29.1, dpo_trainer.py"),
    Allowed(
        DPO,
        "loss_type",
        (1, 4),
        (*_DPO_020, "aot_unpaired", "sigmoid_norm"),
        "TRL 1.16.0, dpo_trainer.py:1512: ValueError at the first loss, run",
    ),
    Allowed(DPO, "f_divergence_type", (0, 12), ("reverse_kl", "js_divergence", "alpha_divergence"), "TRL 0.12.2, dpo_config.py:22"),
    Allowed(
        DPO,
        "f_divergence_type",
        (0, 29),
        ("reverse_kl", "forward_kl", "js_divergence", "alpha_divergence"),
        "TRL 1.16.0, dpo_trainer.py:1381: ValueError at the first loss, run",
    ),
)

_BY_KIND: dict[str, tuple[Allowed, ...]] = {kind: tuple(row for row in ALLOWED if kind in row.kinds) for kind in NATIVE}
KEYS = tuple(dict.fromkeys(row.key for row in ALLOWED))


def allowed_at(kind: str, target: Target) -> dict[str, Allowed]:
    """The row of each key that holds at a target."""
    release = minor(target.trl)
    return {row.key: row for row in _BY_KIND.get(kind, ()) if row.since <= release}  # rows of a key are in order


def _written(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _strangers(recipe: Recipe, target: Target) -> list[tuple[Allowed, Any]]:
    found: list[tuple[Allowed, Any]] = []
    for key, row in allowed_at(recipe.kind, target).items():
        if key in recipe.values:
            found += [(row, value) for value in _written(recipe.values[key]) if isinstance(value, str) and value not in row.values]
    return found


def _which(row: Allowed, value: Any, target: Target, more: str) -> Broken:
    others = [other for other in _BY_KIND[row.kinds[0]] if other.key == row.key and value in other.values]
    help_ = f"write {', '.join(row.values)}"
    if others and others[0].since > minor(target.trl):
        help_ = f"it came with TRL {'.'.join(map(str, others[0].since))}; here, {help_}"
    elif others:
        help_ = f"it was a value of older releases; {help_}"
    elif close := nearest(value, row.values):
        help_ = f"did you mean {close}?"
    message = f"`{row.key}` {show(value)} is none of the values that TRL {target.trl} knows{more}"
    return Broken(message, at=row.key, help=help_, fails=None if more else row.fails)


@rule(
    "VALUE001",
    ERROR,
    FIRST_STEP,
    source="TRL 0.12 to 1.16, the trainers' code, row by row in schemas/rules/values.py; those of 1.16 run",
    bad="loss_type: dr-grpo",
    good="loss_type: dr_grpo",
    zh="该取值不在训练器认识的值之中：配置对象接受任何字符串，训练器在启动时或第一步才报错。",
    about=KEYS,
    kinds=NATIVE,
)
def value_unknown(recipe: Recipe, target: Target) -> Verdicts:
    """A key whose values are names has one that the trainer knows.

    The config object takes any string; the trainer raises at its start or, for most of them, only after the first generation.
    """
    for row, value in _strangers(recipe, target):
        if row.is_read(recipe):
            yield _which(row, value, target, "")


@rule(
    "VALUE002",
    WARNING,
    NEVER,
    source="TRL 1.16.0: scale_rewards std with normalize_then_sum and vLLM's modes without vLLM are taken, run",
    bad="use_vllm: false\nvllm_mode: colocated",
    good="use_vllm: false\nvllm_mode: colocate",
    zh="该取值不存在；当前配置不读取它，所以暂时不报错。",
    about=KEYS,
    kinds=NATIVE,
)
def value_unknown_and_unread(recipe: Recipe, target: Target) -> Verdicts:
    """A key whose values are names has one that exists, even where nothing reads it now.

    It fails on the day on which the switch beside it is turned on.
    """
    for row, value in _strangers(recipe, target):
        if not row.is_read(recipe):
            yield _which(row, value, target, "; nothing reads it as the file stands")
