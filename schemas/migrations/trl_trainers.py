"""What became of the keys of TRL that several trainers have."""

from __future__ import annotations

from confguard.schemas.migrations.row import DPO, GRPO, KTO, REWARD, RLOO, SFT, Removed, Renamed, Row
from confguard.schemas.migrations.turns import unless_null
from confguard.words.language import Said

ROWS: tuple[Row, ...] = (
    Renamed(
        (GRPO, DPO, KTO),
        "use_liger_loss",
        "use_liger_kernel",
        new_since="0.25",
        gone="0.28",
        note=Said(
            "The value stays as it is. The new name also turns on Liger's kernels in the model's layers, with the same mathematics.",
            "值不变。新名称还会在模型各层启用 Liger 内核，数学上等价。",
        ),
        source="trl-0.25.1 grpo_config.py, dpo_config.py, kto_config.py: __post_init__ writes it to the new name",
        turn=unless_null("use_liger_kernel"),
    ),
    Removed(
        (GRPO, RLOO, SFT, DPO, KTO),
        "use_liger_kernel",
        gone=None,
        do=Said(
            "Ask for kernels of the Hub instead, with `model_init_kwargs: {use_kernels: true}`.",
            "改用 Hub 上的内核：`model_init_kwargs: {use_kernels: true}`。",
        ),
        source="trl-1.15.0 grpo_trainer.py, rloo_trainer.py, sft_trainer.py, dpo_trainer.py, kto_trainer.py warn; "
        "still obeyed in trl-1.16.0",
        idle=(None, False),
        warned="1.15",
    ),
    Removed(
        (SFT, DPO, REWARD),
        "pad_token",
        gone=None,
        do=Said(
            "Set the tokenizer's `pad_token` in the model's folder, or in a script of your own.",
            "在模型目录的分词器配置或自己的脚本中设置分词器的 `pad_token`。",
        ),
        source="trl-1.1.0 sft_config.py, dpo_config.py, reward_config.py: __post_init__ warns; still obeyed in trl-1.16.0",
        idle=(None,),
        warned="1.1",
    ),
)
