"""What became of the keys of TRL's ModelConfig and ScriptArguments, which every command takes."""

from __future__ import annotations

from confguard.schemas.migrations.row import MODEL, SCRIPT, Removed, Renamed, Row
from confguard.schemas.migrations.turns import NULL_IS_NOTHING, unless_null
from confguard.words.language import Said

ROWS: tuple[Row, ...] = (
    Renamed(
        (MODEL,),
        "torch_dtype",
        "dtype",
        new_since="0.23",
        gone="0.27",
        note=NULL_IS_NOTHING,
        source="trl-0.26.2 model_config.py: __post_init__ writes it to the new name where that is not given",
        turn=unless_null("dtype"),
        wins=False,
    ),
    Removed(
        (SCRIPT,),
        "config",
        gone="0.13",
        do=Said("Drop it: `--config` on the command line names the file.", "删除即可：文件由命令行的 `--config` 指定。"),
        source="trl-0.12.2 utils.py: the path of the file itself; trl-0.13.0 scripts/utils.py keeps the name for itself",
        harmless=True,
    ),
    Removed(
        (SCRIPT,),
        "gradient_checkpointing_use_reentrant",
        gone="0.27",
        do=Said(
            "Say it as `gradient_checkpointing_kwargs: {use_reentrant: ...}` where it is meant; since 0.13 nothing read it.",
            "如确有需要，写 `gradient_checkpointing_kwargs: {use_reentrant: ...}`；自 0.13 起没有代码读取它。",
        ),
        source="trl-0.12.2 commands/cli_utils.py reads it; no file of trl-0.13.0 to trl-0.26.2 does",
        dead="0.13",
    ),
)
