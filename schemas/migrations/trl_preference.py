"""What became of the keys of TRL's DPOConfig and KTOConfig."""

from __future__ import annotations

from confguard.schemas.migrations.row import DPO, KTO, Config, Keys, Removed, Renamed, Row, ValueRenamed
from confguard.schemas.migrations.turns import NULL_IS_NOTHING, unless_null
from confguard.words.language import Said
from confguard.words.typing import Any

_DPO_PRUNED = "trl-0.28.0 dpo_config.py: __post_init__ warns; trl-0.29.1 dpo_trainer.py does without"
_KTO_PRUNED = "trl-0.26.2 and trl-0.28.0 experimental/kto/kto_config.py and kto_trainer.py compared"
_PAIRS_CUT = Said(
    "Only `max_length` is left, for prompt and completion together. Drop longer prompts and completions from the dataset before training.",
    "只剩 `max_length`，作用于提示加回答的总长。训练前从数据集中去掉过长的提示和回答。",
)
_GENERATION_AT_EVAL = Said(
    "Drop it, and let a callback generate at evaluation where the samples are wanted; training does not change.",
    "删除即可；如需在评估时生成样本，请使用回调；训练不变。",
)
_MASKED = Said("Drop it: labels outside the completion are masked by the trainer itself.", "删除即可：训练器自行屏蔽回答以外的标签。")
_HEADS = Said("Drop it: the model's decoder is now found with `get_decoder()`.", "删除即可：现在通过 `get_decoder()` 获取解码器。")
_REFERENCE_LOADED = Said(
    "Drop it: the reference model is loaded with `model_init_kwargs`, as the trained one. For other settings, load it in your own script "
    "and pass it as `ref_model`.",
    "删除即可：参考模型与被训练模型一样使用 `model_init_kwargs` 加载；如需不同设置，请在自己的脚本中加载并作为 `ref_model` 传入。",
)


def _dropped_in_0_29(old: str, do: Said, source: str = _DPO_PRUNED, *, harmless: bool = False, idle: tuple[Any, ...] = ()) -> Removed:
    return Removed((DPO,), old, "0.29", do, source, harmless, idle)


def _weight_of_sft(value: Any, config: Config) -> Keys | None:
    """RPO's weight as the weight of one more loss. `use_weighting` did not scale it where it does scale a loss."""
    if value is None:
        return {}
    named = config.get("loss_type") or "sigmoid"
    losses = [named] if isinstance(named, str) else list(named)
    weights = config.get("loss_weights") or [1.0] * len(losses)
    if config.get("use_weighting") or "sft" in losses or len(weights) != len(losses):
        return None
    return {"loss_type": [*losses, "sft"], "loss_weights": [*weights, value]}


ROWS: tuple[Row, ...] = (
    # DPO
    Renamed(
        (DPO,),
        "max_target_length",
        "max_completion_length",
        new_since="0.12",
        gone="0.14",
        note=NULL_IS_NOTHING,
        source="trl-0.13.0 dpo_config.py: __post_init__ writes it to the new name where that is not given",
        turn=unless_null("max_completion_length"),
        wins=False,
    ),
    ValueRenamed(
        (DPO,),
        "truncation_mode",
        "keep_end",
        "keep_start",
        since="0.14",
        gone=None,
        source="trl-1.1.0 dpo_config.py: warns; other tokens are kept",
        kept=False,
    ),
    Removed(
        (DPO,),
        "is_encoder_decoder",
        gone="0.15",
        do=Said("Drop it: the model's own config says it.", "删除即可：以模型自身的配置为准。"),
        source="trl-0.13.0 dpo_trainer.py reads it only where no model is given; trl-0.14.0 only warns",
        harmless=True,
        dead="0.14",
    ),
    Renamed(
        (DPO,),
        "use_num_logits_to_keep",
        "use_logits_to_keep",
        new_since="0.15",
        gone="0.17",
        note=NULL_IS_NOTHING,
        source="trl-0.16.1 dpo_config.py: __post_init__ writes it to the new name",
        turn=unless_null("use_logits_to_keep"),
    ),
    Renamed(
        (DPO,),
        "padding_value",
        "pad_token",
        new_since="0.24",
        gone="0.26",
        note=Said("Name the token, not its number.", "请写词元本身，而不是编号。"),
        source="trl-0.25.1 dpo_trainer.py: __init__ takes the one as an id, the other as a token",
        kept=False,
    ),
    ValueRenamed(
        (DPO,),
        "loss_type",
        "aot_pair",
        "aot_unpaired",
        since="0.28",
        gone="0.29",
        source="trl-0.28.0 dpo_config.py: __post_init__ rewrites it",
    ),
    # DPO 0.29
    Renamed(
        (DPO,),
        "rpo_alpha",
        "loss_weights",
        new_since="0.20",
        gone="0.29",
        note=Said(
            "Add `sft` to `loss_type`, and its weight to `loss_weights`: the same loss on the chosen completions.",
            "在 `loss_type` 中加入 `sft`，并把权重写入 `loss_weights`：对 chosen 回答的损失相同。",
        ),
        source="trl-0.28.0 dpo_trainer.py: losses + rpo_alpha * nll_loss; trl-0.29.1 dpo_trainer.py: the loss `sft` times its weight",
        turn=_weight_of_sft,
    ),
    _dropped_in_0_29("base_model_attribute_name", _HEADS, idle=(None, "model")),
    _dropped_in_0_29(
        "force_use_ref_model",
        Said("Drop it: a reference model that is given is used.", "删除即可：给出的参考模型一定会被使用。"),
        _DPO_PRUNED + "; `trl dpo` never gives a reference model together with an adapter",
        harmless=True,
    ),
    _dropped_in_0_29("generate_during_eval", _GENERATION_AT_EVAL, idle=(None, False)),
    _dropped_in_0_29("label_pad_token_id", _MASKED, idle=(None, -100)),
    _dropped_in_0_29("max_completion_length", _PAIRS_CUT, idle=(None,)),
    _dropped_in_0_29("max_prompt_length", _PAIRS_CUT, idle=(None,)),
    _dropped_in_0_29(
        "model_adapter_name",
        Said("Only the adapter `default` is trained: give the adapter that name.", "只训练名为 `default` 的适配器：请用该名称。"),
        idle=(None, "default"),
    ),
    _dropped_in_0_29(
        "ref_adapter_name",
        Said(
            "Drop it: of a model that comes with an adapter, the trainer keeps a copy as the reference.",
            "删除即可：对自带适配器的模型，训练器会保留一份副本作为参考。",
        ),
        idle=(None,),
    ),
    _dropped_in_0_29("ref_model_init_kwargs", _REFERENCE_LOADED, idle=(None, {})),
    _dropped_in_0_29(
        "reference_free",
        Said(
            "Train without a reference with `CPOTrainer` of trl.experimental.",
            "如需无参考模型的训练，请用 trl.experimental 的 `CPOTrainer`。",
        ),
        idle=(None, False),
    ),
    _dropped_in_0_29(
        "tools",
        Said("Give the tools as the column `tools` of the dataset.", "把工具写入数据集的 `tools` 列。"),
        idle=(None, []),
    ),
    _dropped_in_0_29("use_logits_to_keep", Said("Drop it: it only saved memory.", "删除即可：它只影响显存。"), harmless=True),
    # KTO
    Removed((KTO,), "max_prompt_length", gone="0.27", do=_PAIRS_CUT, source=_KTO_PRUNED, idle=(None,)),
    Removed((KTO,), "max_completion_length", gone="0.27", do=_PAIRS_CUT, source=_KTO_PRUNED, idle=(None,)),
    Removed(
        (KTO,),
        "truncation_mode",
        gone="0.27",
        do=Said(
            "Completions are cut at their end to fit into `max_length`; drop longer prompts from the dataset before training.",
            "回答从末尾截断以符合 `max_length`；训练前从数据集中去掉过长的提示。",
        ),
        source=_KTO_PRUNED,
    ),
    Removed(
        (KTO,),
        "is_encoder_decoder",
        gone="0.27",
        do=Said(
            "Drop it: the model's own config says it; encoder-decoder models are refused.",
            "删除即可：以模型自身的配置为准；不再支持编码器-解码器模型。",
        ),
        source="trl-0.26.2 experimental/kto/kto_trainer.py reads it only where no model is given",
        harmless=True,
    ),
    Removed((KTO,), "base_model_attribute_name", gone="0.28", do=_HEADS, source=_KTO_PRUNED, idle=(None, "model")),
    Removed((KTO,), "label_pad_token_id", gone="0.28", do=_MASKED, source=_KTO_PRUNED, idle=(None, -100)),
    Removed(
        (KTO,),
        "padding_value",
        gone="0.28",
        do=Said("Drop it: the tokenizer's padding token is used.", "删除即可：使用分词器的填充词元。"),
        source=_KTO_PRUNED,
        idle=(None,),
    ),
    Removed((KTO,), "ref_model_init_kwargs", gone="0.28", do=_REFERENCE_LOADED, source=_KTO_PRUNED, idle=(None, {})),
    Removed(
        (KTO,),
        "generate_during_eval",
        gone="1.2",
        do=_GENERATION_AT_EVAL,
        source="trl-1.1.0 and trl-1.2.0 experimental/kto/kto_config.py compared",
        idle=(None, False),
    ),
)
