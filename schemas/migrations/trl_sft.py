"""What became of the keys of TRL's SFTConfig."""

from __future__ import annotations

from confguard.schemas.migrations.row import SFT, Config, Keys, MeaningChanged, Removed, Renamed, Row, ValueRenamed
from confguard.schemas.migrations.turns import NULL_IS_NOTHING, unless_null
from confguard.words.language import Said
from confguard.words.typing import Any

_WARNED = "trl-0.15.2 sft_config.py: __post_init__ only warns"
_BUFFERED = "trl-0.14.0 sft_trainer.py gives it to ConstantLengthDataset; " + _WARNED
_BUFFER = Said(
    "Drop it: it sized the buffer of texts that packing drew from; `max_length` sets the length.",
    "删除即可：它决定打包缓冲区的大小；长度由 `max_length` 决定。",
)


def _length_in_tokens(value: Any, _: Config) -> Keys | None:
    """`max_seq_length: null` was 1,024 up to 0.14, no limit in 0.15, and not given from 0.16: only a number says the same everywhere."""
    return {"max_length": value} if type(value) is int else None


def _packs_unsaid(value: Any, config: Config) -> bool:
    return bool(value) and "packing_strategy" not in config


def _packed_as_before(value: Any, config: Config) -> Keys:
    return {"packing_strategy": "wrapped"} if _packs_unsaid(value, config) else {}


ROWS: tuple[Row, ...] = (
    # the length
    Renamed(
        (SFT,),
        "max_seq_length",
        "max_length",
        new_since="0.16",
        gone="0.20",
        note=Said("The value stays as it is; what null meant depends on the release.", "值不变；null 的含义因版本而异。"),
        source="trl-0.16.1 sft_config.py: __post_init__ writes it to the new name; trl-0.14.0 and trl-0.15.2 sft_trainer.py for null",
        turn=_length_in_tokens,
    ),
    ValueRenamed(
        (SFT,),
        "truncation_mode",
        "keep_end",
        "keep_start",
        since="1.0",
        gone=None,
        source="trl-1.1.0 sft_config.py: warns; other tokens are kept",
        kept=False,
    ),
    # how examples are tokenized and packed
    Removed(
        (SFT,),
        "dataset_batch_size",
        gone="0.18",
        do=Said("Drop it: it only set how many examples were tokenized at once.", "删除即可：它只决定一次分词的样本数。"),
        source=_WARNED,
        harmless=True,
        dead="0.15",
    ),
    Removed((SFT,), "num_of_sequences", gone="0.18", do=_BUFFER, source=_BUFFERED, idle=(None,), dead="0.15"),
    Removed((SFT,), "chars_per_token", gone="0.18", do=_BUFFER, source=_BUFFERED, idle=(None,), dead="0.15"),
    MeaningChanged(
        (SFT,),
        "packing",
        since="0.19",
        what=Said(
            "Examples are packed whole, and cut at `max_length`; up to 0.18 they were joined and cut into equal pieces. "
            "`packing_strategy: wrapped` does as before.",
            "样本整体打包，超出 `max_length` 的部分被截断；0.18 及之前是拼接后等长切分。`packing_strategy: wrapped` 与从前相同。",
        ),
        source="trl-0.18.2 and trl-0.19.1 data_utils.py: pack_dataset compared",
        when=_packs_unsaid,
        rewrite=_packed_as_before,
    ),
    ValueRenamed(
        (SFT,),
        "packing_strategy",
        "ffd",
        "bfd",
        since="0.20",
        gone="0.20",
        source="trl-0.19.1 and trl-0.20.0 data_utils.py: the same search",
    ),
    ValueRenamed(
        (SFT,),
        "packing_strategy",
        "bfd-requeue",
        "bfd_split",
        since="1.0",
        gone=None,
        source="trl-1.0.0 sft_config.py: __post_init__ rewrites it",
    ),
    # the loss and its kernels
    Renamed(
        (SFT,),
        "use_liger",
        "use_liger_kernel",
        new_since="0.12",
        gone="0.18",
        note=NULL_IS_NOTHING,
        source="trl-0.17.0 sft_config.py: __post_init__ writes it to the new name, which is transformers' own",
        turn=unless_null("use_liger_kernel"),
    ),
    ValueRenamed(
        (SFT,),
        "loss_type",
        "chunked_nll",
        "nll",
        since="1.15",
        gone=None,
        source="trl-1.15.0 sft_config.py: __post_init__ rewrites it",
    ),
)
