"""What became of the keys of TRL's GRPOConfig, some of which RLOOConfig has, too."""

from __future__ import annotations

from confguard.schemas.migrations.row import GRPO, RLOO, Config, Keys, MeaningChanged, Removed, Renamed, Row, Turn, ValueRenamed
from confguard.schemas.migrations.turns import FREE_OF_PROMPTS, NULL_IS_NOTHING, is_given, on, unless_null
from confguard.words.language import Said
from confguard.words.typing import Any

_SERVER_ONLY = "trl-0.16.1 grpo_config.py: __post_init__ only warns; vLLM runs in a server"
_COMPLETIONS = Said(
    "It counts completions; up to 0.14 it counted prompts, each answered by a whole group. The same batch is the number times "
    "`num_generations`.",
    "现在计的是样本数；0.14 及之前计的是提示数，每个提示对应一整组样本。同样的批量等于原值乘以 `num_generations`。",
)


def _served(option: str) -> Said:
    return Said(f"Give it to the vLLM server: `trl vllm-serve {option}`.", f"改为传给 vLLM 服务器：`trl vllm-serve {option}`。")


def _whole_groups(key: str) -> Turn:
    """Prompts as completions: times the group, which was 8 where the file did not say."""

    def turn(value: Any, config: Config) -> Keys | None:
        group = config.get("num_generations", 8)
        return {key: value * group} if type(value) is int and type(group) is int else None

    return turn


def _is_on(value: Any, _: Config) -> bool:
    return value is True


def _caps_unsaid(value: Any, config: Config) -> bool:
    return value is not None and "vllm_importance_sampling_mode" not in config


def _capped_as_before(value: Any, config: Config) -> Keys:
    return {} if "vllm_importance_sampling_mode" in config else {"vllm_importance_sampling_mode": "token_truncate"}


ROWS: tuple[Row, ...] = (
    # the batch and its prompts
    MeaningChanged(
        (GRPO,),
        "per_device_train_batch_size",
        since="0.15",
        what=_COMPLETIONS,
        source="trl-0.14.0 and trl-0.15.2 grpo_trainer.py compared: prompts are repeated in the trainer, then by RepeatRandomSampler",
        when=is_given,
        rewrite=_whole_groups("per_device_train_batch_size"),
    ),
    MeaningChanged(
        (GRPO,),
        "per_device_eval_batch_size",
        since="0.15",
        what=_COMPLETIONS,
        source="trl-0.14.0 and trl-0.15.2 grpo_trainer.py compared",
        when=is_given,
        rewrite=_whole_groups("per_device_eval_batch_size"),
    ),
    Renamed(
        (GRPO, RLOO),
        "wandb_log_unique_prompts",
        "log_unique_prompts",
        new_since="0.26",
        gone="0.27",
        note=NULL_IS_NOTHING,
        source="trl-0.26.2 grpo_config.py: __post_init__ writes it to the new name",
        turn=unless_null("log_unique_prompts"),
    ),
    Removed(
        (GRPO,),
        "max_prompt_length",
        gone="0.28",
        do=FREE_OF_PROMPTS,
        source="trl-0.25.1 grpo_trainer.py cuts prompts on the left; trl-0.26.2 only warns in grpo_config.py",
        idle=(None,),
        dead="0.26",
    ),
    # how completions are sampled
    ValueRenamed(
        (GRPO, RLOO),
        "top_k",
        None,
        0,
        since="0.27",
        gone="0.28",
        source="trl-0.27.2 grpo_config.py, rloo_config.py: __post_init__ rewrites it",
    ),
    Renamed(
        (GRPO, RLOO),
        "use_transformers_paged",
        "use_transformers_continuous_batching",
        new_since="1.7",
        gone=None,
        note=Said("Where it is true, transformers 5.8 or newer is needed.", "值为 true 时需要 transformers 5.8 或更新版本。"),
        source="trl-1.7.1 grpo_config.py: __post_init__ turns the new name on; grpo_trainer.py asks for transformers 5.8",
        turn=on(use_transformers_continuous_batching=True),
    ),
    # vLLM
    MeaningChanged(
        (GRPO,),
        "use_vllm",
        since="0.16",
        what=Said(
            "It asks for a vLLM server, to be started beforehand with `trl vllm-serve`; up to 0.15 the trainer started vLLM on a GPU of "
            "its own. Since 0.18 `vllm_mode: colocate` does without a server, and since 1.0 that is the default.",
            "现在需要预先用 `trl vllm-serve` 启动 vLLM 服务器；0.15 及之前由训练器在独立 GPU 上启动。"
            "自 0.18 起 `vllm_mode: colocate` 无需服务器，自 1.0 起为默认。",
        ),
        source="trl-0.15.2, trl-0.16.1, trl-0.18.2 and trl-1.0.0 grpo_trainer.py compared",
        when=_is_on,
    ),
    Removed(
        (GRPO,),
        "vllm_device",
        gone="0.18",
        do=Said(
            "Since 0.18 `vllm_mode: colocate` generates on the training GPUs. A server on GPUs of its own is started with "
            "`trl vllm-serve` and used with `vllm_mode: server`.",
            "自 0.18 起，`vllm_mode: colocate` 在训练 GPU 上生成；如需独立 GPU，用 `trl vllm-serve` 启动服务器并设 `vllm_mode: server`。",
        ),
        source=_SERVER_ONLY,
        idle=(None,),
        dead="0.16",
    ),
    Removed((GRPO,), "vllm_dtype", gone="0.18", do=_served("--dtype"), source=_SERVER_ONLY, idle=(None, "auto"), dead="0.16"),
    Removed(
        (GRPO,),
        "vllm_max_model_len",
        gone="0.18",
        do=Said(
            "Give it to the vLLM server, `trl vllm-serve --max_model_len`; since 0.26 `vllm_max_model_length` says it for "
            "`vllm_mode: colocate`.",
            "改为传给 vLLM 服务器 `trl vllm-serve --max_model_len`；自 0.26 起，`vllm_mode: colocate` 用 `vllm_max_model_length`。",
        ),
        source=_SERVER_ONLY,
        idle=(None,),
        dead="0.16",
    ),
    Removed(
        (GRPO,),
        "vllm_enable_prefix_caching",
        gone="0.18",
        do=_served("--enable_prefix_caching"),
        source=_SERVER_ONLY,
        harmless=True,
        dead="0.16",
    ),
    MeaningChanged(
        (GRPO,),
        "vllm_gpu_memory_utilization",
        since="0.18",
        what=Said(
            "It is vLLM's share of the training GPUs with `vllm_mode: colocate`, and nothing else. Up to 0.15 it was vLLM's share of a GPU "
            "of its own; 0.16 and 0.17 ignored it.",
            "现在仅表示 `vllm_mode: colocate` 时 vLLM 占用训练 GPU 的比例；0.15 及之前是独立 GPU 上的占比；0.16 和 0.17 忽略它。",
        ),
        source="trl-0.15.2, trl-0.17.0 and trl-0.18.2 grpo_config.py and grpo_trainer.py compared",
        when=is_given,
    ),
    MeaningChanged(
        (GRPO,),
        "vllm_importance_sampling_cap",
        since="0.26",
        what=Said(
            "By default sequences above the cap are left out; up to 0.25 each token's ratio was cut at it. "
            "`vllm_importance_sampling_mode: token_truncate` does as before.",
            "默认丢弃超过上限的序列；0.25 及之前是逐词元截断。`vllm_importance_sampling_mode: token_truncate` 与从前相同。",
        ),
        source="trl-0.25.1 and trl-0.26.2 grpo_trainer.py compared",
        when=_caps_unsaid,
        rewrite=_capped_as_before,
    ),
    Renamed(
        (GRPO, RLOO),
        "vllm_guided_decoding_regex",
        "vllm_structured_outputs_regex",
        new_since="0.27",
        gone="0.28",
        note=NULL_IS_NOTHING,
        source="trl-0.27.2 grpo_config.py: __post_init__ writes it to the new name",
        turn=unless_null("vllm_structured_outputs_regex"),
    ),
    Renamed(
        (GRPO,),
        "vllm_importance_sampling_cap",
        "vllm_importance_sampling_clip_max",
        new_since="1.6",
        gone=None,
        note=NULL_IS_NOTHING,
        source="trl-1.6.0 grpo_config.py: __post_init__ writes it to the new name; still taken in trl-1.16.0",
        turn=unless_null("vllm_importance_sampling_clip_max"),
    ),
)
