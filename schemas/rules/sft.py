"""Supervised fine-tuning with TRL: packing, padding-free batches, lengths."""

from __future__ import annotations

from confguard.schemas.kinds import SFT
from confguard.words.finding import ERROR, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.target import Target, minor

_BY_BOUNDARY = ("bfd", "bfd_split", "bfd-requeue", "ffd")
"""Packing strategies that keep the samples of a sequence apart, by turning padding-free on."""
_PACKED = """\
model_name_or_path: Qwen/Qwen2.5-1.5B
dataset_name: trl-lib/Capybara
output_dir: runs/sft
learning_rate: 2.0e-4
packing: true
"""


@rule(
    "SFT001",
    ERROR,
    START,
    source="TRL 1.16.0, sft_trainer.py:1468: ValueError after the data was tokenized, run; since 0.15",
    bad="packing: true\nmax_length: null",
    good="packing: true\nmax_length: 2048",
    zh="packing 需要 max_length：它就是打包后每条序列的长度。",
    about=("max_length", "packing"),
    kinds=SFT,
)
def packed_to_no_length(packing: bool, target: Target, recipe: Recipe, max_length: int | None = None) -> Verdicts:
    """Packing has a length to pack to: `max_length` is not null.

    TRL raises only after it has loaded the model and tokenized the data.
    """
    if max_length is not None or minor(target.trl) < (0, 15) or "max_length" not in recipe.names:
        return
    for name, is_on in (("packing", packing), ("eval_packing", _evaluates(recipe) and recipe.get("eval_packing"))):
        if is_on:
            yield Broken(
                f"`{name}` is true, and `max_length` is null: there is no length to pack to",
                at="max_length" if "max_length" in recipe.spots else name,
                keys=(name,),
                help="write max_length, such as 2048, or switch packing off",
            )
            return


def _evaluates(recipe: Recipe) -> bool:
    strategy = recipe.get("eval_strategy")
    return isinstance(strategy, str) and strategy.lower() != "no"


@rule(
    "SFT002",
    ERROR,
    START,
    source="TRL 1.16.0, sft_trainer.py:1000: ValueError, also with the default of 1024, run; since 1.0",
    bad="padding_free: true\npacking: false",
    good="padding_free: true\npacking: false\nmax_length: null",
    zh="不打包而使用 padding_free 时不会截断，因此 max_length 必须为 null。",
    kinds=SFT,
)
def padding_free_does_not_cut(padding_free: bool, packing: bool, max_length: int, target: Target) -> Verdict:
    """Without packing, padding-free batches are not cut: `max_length` is null, and the data is cut beforehand.

    The default of `max_length` is 1024, so `padding_free: true` alone does not start.
    """
    if padding_free and not packing and minor(target.trl) >= (1, 0):
        return Broken(
            f"`padding_free` is true without `packing`, so `max_length` {max_length} would not be enforced; TRL refuses to start",
            keys=("max_length", "packing"),
            help="write packing: true, or max_length: null with data that is cut already",
        )
    return None


@rule(
    "SFT003",
    WARNING,
    NEVER,
    source="TRL 1.16.0, sft_trainer.py:921: warns, run; since 0.19",
    bad="padding_free: true\npacking: true\npacking_strategy: wrapped",
    good="padding_free: true\npacking: true\npacking_strategy: bfd",
    zh="wrapped 打包会切断样本并忽略边界，与 padding_free 一起使用不被推荐。",
    kinds=SFT,
)
def wrapped_without_padding(padding_free: bool, packing: bool, packing_strategy: str) -> Verdict:
    """Wrapped packing fills every sequence: there is no padding that padding-free batches could save, and no boundary to keep."""
    if padding_free and packing and packing_strategy == "wrapped":
        return Broken(
            "`padding_free` does not go with `packing_strategy` wrapped, which has no padding and keeps no boundaries",
            keys=("packing_strategy",),
            help="write packing_strategy: bfd, or padding_free: false",
        )
    return None


@rule(
    "SFT004",
    WARNING,
    NEVER,
    source="TRL 1.16.0, sft_trainer.py:927: warns, run; arithmetic: one sequence has no padding",
    bad="padding_free: true\npacking: false\nmax_length: null\nper_device_train_batch_size: 1",
    good="padding_free: true\npacking: false\nmax_length: null\nper_device_train_batch_size: 4",
    zh="每卡批大小为 1 时没有填充，padding_free 没有好处。",
    kinds=SFT,
)
def padding_free_of_one(padding_free: bool, packing: bool, per_device_train_batch_size: int) -> Verdict:
    """Padding-free batches have more than one sequence: one alone has no padding to save."""
    if padding_free and not packing and per_device_train_batch_size == 1:
        return Broken(
            "`padding_free` saves nothing with `per_device_train_batch_size` 1: one sequence has no padding",
            keys=("per_device_train_batch_size",),
            help="write a batch of 2 or more, or padding_free: false",
        )
    return None


@rule(
    "SFT005",
    WARNING,
    NEVER,
    source="TRL 0.19 to 1.15, sft_trainer.py: warns, read; 0.03 to 0.15 of final loss in TRL issue 3910; transformers keeps them apart since "
    "4.53 (find_packed_sequence_indices): packed and separate logits are the same with 4.57.6 and 5.23.0, not with 4.51.3, run",
    bad={"train.yaml": _PACKED + "attn_implementation: sdpa"},
    good={"train.yaml": _PACKED + "attn_implementation: flash_attention_2"},
    flags="--target trl==0.19.1",
    zh="打包或 padding_free 需要能识别样本边界的注意力实现；transformers 4.53 之前只有 flash attention 能做到，否则样本之间互相可见。",
    about=("attn_implementation", "packing", "padding_free"),
    kinds=SFT,
)
def samples_see_each_other(
    packing: bool,
    recipe: Recipe,
    target: Target,
    padding_free: bool = False,
    packing_strategy: str | None = None,
    attn_implementation: str | None = None,
) -> Verdict:
    """Samples in one sequence are kept apart by an attention that knows their boundaries.

    Before transformers 4.53 that is a flash attention alone; any other lets each sample see those before it.
    """
    release = minor(target.trl)
    if not (0, 0) < minor(target.transformers) < (4, 53):
        return None
    packs = packing and packing_strategy in _BY_BOUNDARY and release >= (0, 19)
    if release < (0, 16) or not (packs or (padding_free and not packing)):
        return None
    given = recipe.get("model_init_kwargs")
    attention = attn_implementation or (given.get("attn_implementation") if isinstance(given, dict) else None)
    if attention is not None and "flash" in str(attention):
        return None
    name = "packing" if packs else "padding_free"
    what = f"`attn_implementation` is {attention}" if attention else "`attn_implementation` is not written"
    return Broken(
        f"`{name}` puts several samples into one sequence, and {what}: with transformers {target.transformers} only a flash attention keeps them apart",
        at="attn_implementation" if attn_implementation else name,
        keys=(name,),
        help="write attn_implementation: flash_attention_2 where it is installed, or switch it off",
    )
