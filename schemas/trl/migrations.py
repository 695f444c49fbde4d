"""What became of keys from release to release: what was renamed, removed, spelled otherwise, or means something else.

One row is one fact, read in the published wheels; `tests/test_migrations.py` holds each row against the tables of `schemas/releases`, and
asks for a row for every field that vanished. Version numbers inside deprecation warnings are not taken over: many of them are wrong.

A release is written as its minor, `0.15`; all patches of one minor have the same fields. A field that only moved to another class of the
same command, as `trust_remote_code` did in TRL 1.7, is no change for a flat file and has no row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from confguard.words.language import Said
from confguard.words.typing import Any, NamedTuple

Keys = dict[str, Any]
Config = Mapping[str, Any]
Turn = Callable[[Any, Config], Keys | None]
"""From the old key's value and the whole file, the keys that take its place: they are set, whether the file has them or not. An empty
mapping means that nothing has to take its place, None that a person must decide."""
When = Callable[[Any, Config], bool]

GRPO, RLOO, SFT, DPO, KTO, REWARD = (f"{name}Config" for name in ("GRPO", "RLOO", "SFT", "DPO", "KTO", "Reward"))
MODEL, SCRIPT, TRAINING = "ModelConfig", "ScriptArguments", "TrainingArguments"


class Renamed(NamedTuple):
    """A key that has another name."""

    package: str
    owners: tuple[str, ...]
    old: str
    new: str
    new_since: str
    """The first minor in which the new name says what the old one said; the name itself may be older (`warmup_steps`)."""
    gone: str | None
    """The first minor without the old name; None while both are taken."""
    kept: bool
    """Whether the new name can say the same: by the value as it is, or by what `turn` makes of it. Else a person must decide."""
    note: Said
    source: str
    turn: Turn | None = None
    """How the value is rewritten; without one it is taken over as it is."""
    wins: bool = True
    """Whether, in a file that has both names, the old one was the one that counted."""

    def says_the_same(self, value: Any) -> bool:
        """Whether the new name says by the same value, and alone, what the old one said by it."""
        return self.kept and (self.turn is None or self.turn(value, {}) == {self.new: value})


class Removed(NamedTuple):
    """A key that has no successor of the same meaning."""

    package: str
    owners: tuple[str, ...]
    old: str
    gone: str | None
    """The first minor without it; None while it is taken with a warning."""
    do: Said
    harmless: bool
    """Whether dropping the key changes nothing about the run, whatever its value."""
    source: str
    idle: tuple[Any, ...] = ()
    """Values that ask for what the newer releases do anyway: dropping the key then changes nothing."""
    dead: str | None = None
    """The first minor that still takes the key and does nothing with it: a file written for that one or a later one loses nothing."""
    warned: str | None = None
    """The first minor that warns of a key that is still taken by the newest one."""


class ValueRenamed(NamedTuple):
    """A value of a key that has another name."""

    package: str
    owners: tuple[str, ...]
    key: str
    old: Any
    new: Any
    since: str
    """The first minor that takes the new value."""
    gone: str | None
    """The first minor that no longer takes the old value; None while both are taken."""
    kept: bool
    source: str


class MeaningChanged(NamedTuple):
    """A key whose name stayed and whose value says something else."""

    package: str
    owners: tuple[str, ...]
    key: str
    since: str
    what: Said
    source: str
    when: When
    """The values that it matters for."""
    rewrite: Turn | None = None
    """What says in the newer releases what the value said in the older ones; None where a person must decide."""


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _anything(value: Any, _: Config) -> bool:
    return value is not None


def _switched_on(value: Any, _: Config) -> bool:
    return value is True


def _on(**keys: Any) -> Turn:
    """A switch that is spoken of by other keys where it is on, and by nothing where it is off."""

    def turn(value: Any, _: Config) -> Keys | None:
        return dict(keys) if value is True else {} if value in (False, None) else None

    return turn


def _unless_empty(new: str) -> Turn:
    """A key for which nothing, 0 or null stood for: not given."""

    def turn(value: Any, _: Config) -> Keys:
        return {new: value} if value else {}

    return turn


def _unless_null(new: str) -> Turn:
    """A key for which null stood for: not given."""

    def turn(value: Any, _: Config) -> Keys:
        return {} if value is None else {new: value}

    return turn


def _within(section: str, key: str, *, listed: bool = False) -> Turn:
    """A key that has become a key of a mapping. Where that is a file of its own, or has the key already, a person must decide."""

    def turn(value: Any, config: Config) -> Keys | None:
        if not value and value is not False:
            return {}
        held = config.get(section) or {}
        if not isinstance(held, Mapping) or not {key, f"fsdp_{key}"}.isdisjoint(held):
            return None
        return {section: {**held, key: [value] if listed else value}}

    return turn


def _length_in_tokens(value: Any, _: Config) -> Keys | None:
    """`max_seq_length: null` was 1,024 up to 0.14, no limit in 0.15, and not given from 0.16: only a number says the same everywhere."""
    return {"max_length": value} if type(value) is int else None


def _share_of_steps(value: Any, config: Config) -> Keys | None:
    """A ratio below 1. Beside steps it depends on the release which of the two counts; 1.0 would be one step."""
    if config.get("warmup_steps"):
        return None
    if value is None or value == 0:
        return {}
    return {"warmup_steps": value} if _is_number(value) and 0 < value < 1 else None


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


def _inputs_as_well(value: Any, config: Config) -> Keys:
    held = list(config.get("include_for_metrics") or [])
    return {"include_for_metrics": [*held, "inputs"]} if value and "inputs" not in held else {}


def _debug_of_tpu(value: Any, config: Config) -> Keys | None:
    if not value:
        return {}
    return None if config.get("debug") else {"debug": "tpu_metrics_debug"}


def _repository(value: Any, config: Config) -> Keys:
    """A repository's name, before it the organization; a name alone belongs to the user who is logged in."""
    owner = config.get("push_to_hub_organization")
    return {"hub_model_id": f"{owner}/{value}" if owner else value} if value else {}


def _repository_of_folder(value: Any, config: Config) -> Keys | None:
    """The organization of a repository that is called like the output folder, where no other name is given."""
    if not value or config.get("push_to_hub_model_id"):
        return {}
    folder = str(config.get("output_dir") or "").rstrip("/").rpartition("/")[2]
    return {"hub_model_id": f"{value}/{folder}"} if folder else None


def _whole_groups(key: str) -> Turn:
    """Prompts as completions: times the group, which was 8 where the file did not say."""

    def turn(value: Any, config: Config) -> Keys | None:
        group = config.get("num_generations", 8)
        return {key: value * group} if type(value) is int and type(group) is int else None

    return turn


def _packed_as_before(value: Any, config: Config) -> Keys:
    return {"packing_strategy": "wrapped"} if value and "packing_strategy" not in config else {}


def _packs_unsaid(value: Any, config: Config) -> bool:
    return bool(value) and "packing_strategy" not in config


def _capped_as_before(value: Any, config: Config) -> Keys:
    return {} if "vllm_importance_sampling_mode" in config else {"vllm_importance_sampling_mode": "token_truncate"}


def _caps_unsaid(value: Any, config: Config) -> bool:
    return value is not None and "vllm_importance_sampling_mode" not in config


def _is_fraction(value: Any, _: Config) -> bool:
    return _is_number(value) and value % 1 > 0  # false for infinity and nan, too


def _beside_steps(value: Any, config: Config) -> bool:
    return value is not None and bool(config.get("warmup_steps"))


def _clips(value: Any, config: Config) -> bool:
    """Whether the old trainer came to clip: it did so only where rewards were normalized."""
    return value is not None and bool(config.get("normalize_reward"))


_SAME = Said("The value stays as it is.", "值不变。")
_NULL_IS_NOTHING = Said("The value stays as it is; null means that nothing was given.", "值不变；null 表示未给出。")
_ON_ONLY = Said("Where it is false, nothing takes its place.", "值为 false 时无需替代项。")
_LIGER = Said(
    "The value stays as it is. The new name also turns on Liger's kernels in the model's layers, with the same mathematics.",
    "值不变。新名称还会在模型各层启用 Liger 内核，数学上等价。",
)
_FREE_OF_PROMPTS = Said(
    "Drop prompts that are longer from the dataset before training. With vLLM, set `vllm_max_model_length` to the longest prompt plus "
    "`max_completion_length`.",
    "训练前从数据集中去掉过长的提示；使用 vLLM 时，把 `vllm_max_model_length` 设为最长提示加 `max_completion_length`。",
)
_PAIRS_CUT = Said(
    "Only `max_length` is left, for prompt and completion together. Drop longer prompts and completions from the dataset before training.",
    "只剩 `max_length`，作用于提示加回答的总长。训练前从数据集中去掉过长的提示和回答。",
)
_COUNTED_BY_TRAINER = Said("Drop it: the trainer counted it itself and wrote over the value.", "删除即可：训练器会自行计算并覆盖该值。")
_DROP = Said("Drop it: nothing read it.", "删除即可：没有代码读取它。")
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
_SERVED = Said("Give it to the vLLM server: `trl vllm-serve {}`.", "改为传给 vLLM 服务器：`trl vllm-serve {}`。")


def _served(option: str) -> Said:
    return Said(_SERVED.en.format(option), _SERVED.zh.format(option))


_RLOO_RENAMED = "trl-0.22.2 rloo_config.py: __post_init__ writes it to the new name; rloo_trainer.py of trl-0.21.0 and trl-0.22.2 compared"
_RLOO_IGNORED = "trl-0.22.2 rloo_config.py: __post_init__ only warns (_REMOVED_PARAMS)"
_RLOO_COUNTED = "trl-0.21.0 rloo_trainer.py: __init__ assigns it from the batch sizes"
_DPO_PRUNED = "trl-0.28.0 dpo_config.py: __post_init__ warns; trl-0.29.1 dpo_trainer.py does without"
_KTO_PRUNED = "trl-0.26.2 and trl-0.28.0 experimental/kto/kto_config.py and kto_trainer.py compared"
_SFT_WARNED = "trl-0.15.2 sft_config.py: __post_init__ only warns"
_VLLM_WARNED = "trl-0.16.1 grpo_config.py: __post_init__ only warns; vLLM runs in a server"
_ARGS = "transformers-4.57.6 training_args.py: __post_init__ writes it to the new name"
_ARGS_PRUNED = "transformers-4.57.6 and transformers-5.0.0: training_args.py and trainer.py compared"

RENAMED = (
    # GRPO and RLOO
    Renamed(
        "trl",
        (GRPO, DPO, KTO),
        "use_liger_loss",
        "use_liger_kernel",
        "0.25",
        "0.28",
        True,
        _LIGER,
        "trl-0.25.1 grpo_config.py, dpo_config.py, kto_config.py: __post_init__ writes it to the new name",
        _unless_null("use_liger_kernel"),
    ),
    Renamed(
        "trl",
        (GRPO, RLOO),
        "wandb_log_unique_prompts",
        "log_unique_prompts",
        "0.26",
        "0.27",
        True,
        _NULL_IS_NOTHING,
        "trl-0.26.2 grpo_config.py: __post_init__ writes it to the new name",
        _unless_null("log_unique_prompts"),
    ),
    Renamed(
        "trl",
        (GRPO, RLOO),
        "vllm_guided_decoding_regex",
        "vllm_structured_outputs_regex",
        "0.27",
        "0.28",
        True,
        _NULL_IS_NOTHING,
        "trl-0.27.2 grpo_config.py: __post_init__ writes it to the new name",
        _unless_null("vllm_structured_outputs_regex"),
    ),
    Renamed(
        "trl",
        (GRPO,),
        "vllm_importance_sampling_cap",
        "vllm_importance_sampling_clip_max",
        "1.6",
        None,
        True,
        _NULL_IS_NOTHING,
        "trl-1.6.0 grpo_config.py: __post_init__ writes it to the new name; still taken in trl-1.16.0",
        _unless_null("vllm_importance_sampling_clip_max"),
    ),
    Renamed(
        "trl",
        (GRPO, RLOO),
        "use_transformers_paged",
        "use_transformers_continuous_batching",
        "1.7",
        None,
        True,
        Said("Where it is true, transformers 5.8 or newer is needed.", "值为 true 时需要 transformers 5.8 或更新版本。"),
        "trl-1.7.1 grpo_config.py: __post_init__ turns the new name on; grpo_trainer.py asks for transformers 5.8",
        _on(use_transformers_continuous_batching=True),
    ),
    Renamed("trl", (RLOO,), "rloo_k", "num_generations", "0.22", "0.25", True, _SAME, _RLOO_RENAMED, _unless_null("num_generations")),
    Renamed("trl", (RLOO,), "cliprange", "epsilon", "0.22", "0.25", True, _SAME, _RLOO_RENAMED, _unless_null("epsilon")),
    Renamed("trl", (RLOO,), "kl_coef", "beta", "0.22", "0.25", True, _SAME, _RLOO_RENAMED, _unless_null("beta")),
    Renamed(
        "trl",
        (RLOO,),
        "exp_name",
        "run_name",
        "0.22",
        "0.25",
        True,
        Said("Up to 0.21 the seed and the time were appended.", "0.21 及之前会附加种子和时间。"),
        _RLOO_RENAMED,
        _unless_null("run_name"),
    ),
    Renamed("trl", (RLOO,), "num_ppo_epochs", "num_iterations", "0.22", "0.25", True, _SAME, _RLOO_RENAMED, _unless_null("num_iterations")),
    Renamed(
        "trl",
        (RLOO,),
        "response_length",
        "max_completion_length",
        "0.22",
        "0.25",
        True,
        _SAME,
        _RLOO_RENAMED,
        _unless_null("max_completion_length"),
    ),
    Renamed(
        "trl",
        (RLOO,),
        "normalize_advantage",
        "normalize_advantages",
        "0.22",
        "0.22",
        True,
        _SAME,
        "trl-0.21.0 and trl-0.22.2 rloo_trainer.py compared: the same formula, 1e-8 became 1e-4 in the denominator",
    ),
    Renamed(
        "trl",
        (RLOO,),
        "normalize_reward",
        "normalize_advantages",
        "0.22",
        "0.25",
        False,
        Said(
            "Not the same: up to 0.21 rewards were normalized, and clipped by `reward_clip_range`, before the KL term; 0.22 to 0.24 take "
            "it as `normalize_advantages`.",
            "含义不同：0.21 及之前是在 KL 项之前归一化奖励并按 `reward_clip_range` 裁剪；0.22 至 0.24 当作 `normalize_advantages`。",
        ),
        _RLOO_RENAMED,
    ),
    Renamed(
        "trl",
        (RLOO,),
        "num_mini_batches",
        "steps_per_generation",
        "0.22",
        "0.25",
        False,
        Said(
            "Up to 0.21 it counted optimizer steps per generation: `steps_per_generation` = `num_mini_batches` x "
            "`gradient_accumulation_steps`. 0.22 to 0.24 take the number as it is.",
            "0.21 及之前计的是每次生成的优化步数：`steps_per_generation` = `num_mini_batches` x "
            "`gradient_accumulation_steps`；0.22 至 0.24 直接取原值。",
        ),
        _RLOO_RENAMED,
    ),
    Renamed(
        "trl",
        (RLOO,),
        "total_episodes",
        "max_steps",
        "0.22",
        "0.25",
        False,
        Said(
            "Up to 0.21 it counted completions: `max_steps` = ceil(`total_episodes` / completions a batch) x `num_mini_batches` x "
            "`num_ppo_epochs`, which needs the number of GPUs. 0.22 to 0.24 took `total_episodes` // `gradient_accumulation_steps`.",
            "0.21 及之前计的是样本数：`max_steps` = ceil(`total_episodes` / 每批样本数) x `num_mini_batches` x "
            "`num_ppo_epochs`，需要 GPU 数；0.22 至 0.24 取 `total_episodes` // `gradient_accumulation_steps`。",
        ),
        _RLOO_RENAMED,
    ),
    # SFT
    Renamed(
        "trl",
        (SFT,),
        "max_seq_length",
        "max_length",
        "0.16",
        "0.20",
        True,
        Said("The value stays as it is; what null meant depends on the release.", "值不变；null 的含义因版本而异。"),
        "trl-0.16.1 sft_config.py: __post_init__ writes it to the new name; trl-0.14.0 and trl-0.15.2 sft_trainer.py for null",
        _length_in_tokens,
    ),
    Renamed(
        "trl",
        (SFT,),
        "use_liger",
        "use_liger_kernel",
        "0.12",
        "0.18",
        True,
        _NULL_IS_NOTHING,
        "trl-0.17.0 sft_config.py: __post_init__ writes it to the new name, which is transformers' own",
        _unless_null("use_liger_kernel"),
    ),
    # DPO and KTO
    Renamed(
        "trl",
        (DPO,),
        "max_target_length",
        "max_completion_length",
        "0.12",
        "0.14",
        True,
        _NULL_IS_NOTHING,
        "trl-0.13.0 dpo_config.py: __post_init__ writes it to the new name where that is not given",
        _unless_null("max_completion_length"),
        wins=False,
    ),
    Renamed(
        "trl",
        (DPO,),
        "use_num_logits_to_keep",
        "use_logits_to_keep",
        "0.15",
        "0.17",
        True,
        _NULL_IS_NOTHING,
        "trl-0.16.1 dpo_config.py: __post_init__ writes it to the new name",
        _unless_null("use_logits_to_keep"),
    ),
    Renamed(
        "trl",
        (DPO,),
        "padding_value",
        "pad_token",
        "0.24",
        "0.26",
        False,
        Said("Name the token, not its number.", "请写词元本身，而不是编号。"),
        "trl-0.25.1 dpo_trainer.py: __init__ takes the one as an id, the other as a token",
    ),
    Renamed(
        "trl",
        (DPO,),
        "rpo_alpha",
        "loss_weights",
        "0.20",
        "0.29",
        True,
        Said(
            "Add `sft` to `loss_type`, and its weight to `loss_weights`: the same loss on the chosen completions.",
            "在 `loss_type` 中加入 `sft`，并把权重写入 `loss_weights`：对 chosen 回答的损失相同。",
        ),
        "trl-0.28.0 dpo_trainer.py: losses + rpo_alpha * nll_loss; trl-0.29.1 dpo_trainer.py: the loss `sft` times its weight",
        _weight_of_sft,
    ),
    # The model
    Renamed(
        "trl",
        (MODEL,),
        "torch_dtype",
        "dtype",
        "0.23",
        "0.27",
        True,
        _NULL_IS_NOTHING,
        "trl-0.26.2 model_config.py: __post_init__ writes it to the new name where that is not given",
        _unless_null("dtype"),
        wins=False,
    ),
    # transformers
    Renamed(
        "transformers",
        (TRAINING,),
        "evaluation_strategy",
        "eval_strategy",
        "4.46",
        "4.51",
        True,
        _NULL_IS_NOTHING,
        "transformers-4.50.3 training_args.py: __post_init__ writes it to the new name",
        _unless_null("eval_strategy"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "dispatch_batches",
        "accelerator_config",
        "4.46",
        "4.51",
        True,
        Said("It is a key of `accelerator_config`.", "成为 `accelerator_config` 中的一个键。"),
        "transformers-4.50.3 training_args.py: __post_init__ writes it to accelerator_config.dispatch_batches",
        _within("accelerator_config", "dispatch_batches"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "split_batches",
        "accelerator_config",
        "4.46",
        "4.51",
        True,
        Said("It is a key of `accelerator_config`.", "成为 `accelerator_config` 中的一个键。"),
        "transformers-4.50.3 training_args.py: __post_init__ writes it to accelerator_config.split_batches",
        _within("accelerator_config", "split_batches"),
    ),
    Renamed("transformers", (TRAINING,), "no_cuda", "use_cpu", "4.46", "5.0", True, _ON_ONLY, _ARGS, _on(use_cpu=True)),
    Renamed("transformers", (TRAINING,), "adafactor", "optim", "4.46", "5.0", True, _ON_ONLY, _ARGS, _on(optim="adafactor")),
    Renamed(
        "transformers",
        (TRAINING,),
        "per_gpu_train_batch_size",
        "per_device_train_batch_size",
        "4.46",
        "5.0",
        True,
        _NULL_IS_NOTHING,
        "transformers-4.57.6 training_args.py: train_batch_size takes it before the new name",
        _unless_empty("per_device_train_batch_size"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "per_gpu_eval_batch_size",
        "per_device_eval_batch_size",
        "4.46",
        "5.0",
        True,
        _NULL_IS_NOTHING,
        "transformers-4.57.6 training_args.py: eval_batch_size takes it before the new name",
        _unless_empty("per_device_eval_batch_size"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "push_to_hub_token",
        "hub_token",
        "4.46",
        "5.0",
        True,
        Said(
            "A token does not belong in a file: `huggingface-cli login` keeps it.", "令牌不应写在文件里：请使用 `huggingface-cli login`。"
        ),
        _ARGS,
        _unless_null("hub_token"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "push_to_hub_model_id",
        "hub_model_id",
        "4.46",
        "5.0",
        True,
        Said(
            "`push_to_hub_organization`, where it is given, comes before it and a slash.",
            "若给出 `push_to_hub_organization`，写成“组织/名称”。",
        ),
        _ARGS,
        _repository,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "push_to_hub_organization",
        "hub_model_id",
        "4.46",
        "5.0",
        True,
        Said("The repository is called like the last folder of `output_dir`.", "仓库名取 `output_dir` 的最后一级目录。"),
        _ARGS,
        _repository_of_folder,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "torchdynamo",
        "torch_compile_backend",
        "4.46",
        "5.0",
        True,
        _NULL_IS_NOTHING,
        _ARGS,
        _unless_null("torch_compile_backend"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "include_inputs_for_metrics",
        "include_for_metrics",
        "4.46",
        "5.0",
        True,
        Said("`inputs` is an item of `include_for_metrics`.", "`inputs` 是 `include_for_metrics` 中的一项。"),
        _ARGS,
        _inputs_as_well,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "fsdp_min_num_params",
        "fsdp_config",
        "4.46",
        "5.0",
        True,
        Said("It is the key `min_num_params` of `fsdp_config`.", "成为 `fsdp_config` 中的 `min_num_params`。"),
        _ARGS,
        _within("fsdp_config", "min_num_params"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "fsdp_transformer_layer_cls_to_wrap",
        "fsdp_config",
        "4.46",
        "5.0",
        True,
        Said(
            "It is an item of `transformer_layer_cls_to_wrap` of `fsdp_config`.",
            "成为 `fsdp_config` 中 `transformer_layer_cls_to_wrap` 的一项。",
        ),
        _ARGS,
        _within("fsdp_config", "transformer_layer_cls_to_wrap", listed=True),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "tpu_metrics_debug",
        "debug",
        "4.46",
        "5.0",
        True,
        _ON_ONLY,
        _ARGS,
        _debug_of_tpu,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "group_by_length",
        "train_sampling_strategy",
        "5.2",
        "5.2",
        True,
        _ON_ONLY,
        "transformers-5.1.0 and transformers-5.2.0 trainer.py compared: the same LengthGroupedSampler",
        _on(train_sampling_strategy="group_by_length"),
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "warmup_ratio",
        "warmup_steps",
        "5.0",
        "5.15",
        True,
        Said(
            "Since 5.0 a `warmup_steps` below 1 is the share of all steps. Before 5.0 it is not: there the ratio must stay.",
            "自 5.0 起，小于 1 的 `warmup_steps` 表示占总步数的比例；5.0 之前不是，须保留比例写法。",
        ),
        "transformers-4.57.6 and transformers-5.0.0 training_args.py: get_warmup_steps compared; taken up to transformers-5.14.1",
        _share_of_steps,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "gradient_checkpointing",
        "activation_checkpointing",
        "5.23",
        None,
        True,
        _SAME,
        "transformers-5.23.0 training_args.py: __post_init__ writes it to the new name where that is not given",
        wins=False,
    ),
    Renamed(
        "transformers",
        (TRAINING,),
        "gradient_checkpointing_kwargs",
        "activation_checkpointing_kwargs",
        "5.23",
        None,
        True,
        _SAME,
        "transformers-5.23.0 training_args.py: __post_init__ writes it to the new name where that is not given",
        wins=False,
    ),
)

REMOVED = (
    # GRPO
    Removed(
        "trl",
        (GRPO,),
        "max_prompt_length",
        "0.28",
        _FREE_OF_PROMPTS,
        False,
        "trl-0.25.1 grpo_trainer.py cuts prompts on the left; trl-0.26.2 only warns in grpo_config.py",
        (None,),
        "0.26",
    ),
    Removed(
        "trl",
        (RLOO,),
        "max_prompt_length",
        "0.29",
        _FREE_OF_PROMPTS,
        False,
        "trl-0.26.2 rloo_trainer.py cuts prompts on the left; trl-0.27.2 only warns in rloo_config.py",
        (None,),
        "0.27",
    ),
    Removed(
        "trl",
        (GRPO,),
        "vllm_device",
        "0.18",
        Said(
            "Since 0.18 `vllm_mode: colocate` generates on the training GPUs. A server on GPUs of its own is started with "
            "`trl vllm-serve` and used with `vllm_mode: server`.",
            "自 0.18 起，`vllm_mode: colocate` 在训练 GPU 上生成；如需独立 GPU，用 `trl vllm-serve` 启动服务器并设 `vllm_mode: server`。",
        ),
        False,
        _VLLM_WARNED,
        (None,),
        "0.16",
    ),
    Removed("trl", (GRPO,), "vllm_dtype", "0.18", _served("--dtype"), False, _VLLM_WARNED, (None, "auto"), "0.16"),
    Removed(
        "trl",
        (GRPO,),
        "vllm_max_model_len",
        "0.18",
        Said(
            "Give it to the vLLM server, `trl vllm-serve --max_model_len`; since 0.26 `vllm_max_model_length` says it for "
            "`vllm_mode: colocate`.",
            "改为传给 vLLM 服务器 `trl vllm-serve --max_model_len`；自 0.26 起，`vllm_mode: colocate` 用 `vllm_max_model_length`。",
        ),
        False,
        _VLLM_WARNED,
        (None,),
        "0.16",
    ),
    Removed("trl", (GRPO,), "vllm_enable_prefix_caching", "0.18", _served("--enable_prefix_caching"), True, _VLLM_WARNED, dead="0.16"),
    # RLOO, written anew in 0.22
    Removed("trl", (RLOO,), "batch_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "local_batch_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "local_mini_batch_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "micro_batch_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "mini_batch_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "num_total_batches", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "world_size", "0.22", _COUNTED_BY_TRAINER, True, _RLOO_COUNTED),
    Removed("trl", (RLOO,), "whiten_rewards", "0.22", _DROP, True, "trl-0.12.2 to trl-0.21.0 rloo_trainer.py never read it"),
    Removed(
        "trl",
        (RLOO,),
        "reward_model_path",
        "0.22",
        Said(
            "Name the reward with `reward_model_name_or_path` of `trl rloo`.", "用 `trl rloo` 的 `reward_model_name_or_path` 指定奖励模型。"
        ),
        False,
        "trl-0.21.0 rloo_trainer.py never reads it, example scripts do; trl-0.22.2 scripts/rloo.py has the other name",
    ),
    Removed(
        "trl",
        (RLOO,),
        "sft_model_path",
        "0.22",
        Said("Name the policy with `model_name_or_path`.", "用 `model_name_or_path` 指定策略模型。"),
        False,
        "trl-0.21.0 rloo_trainer.py never reads it, example scripts do",
    ),
    Removed(
        "trl",
        (RLOO,),
        "token_level_kl",
        "0.25",
        Said(
            "Drop it: summed over the completion, both ways gave the same reward.", "删除即可：对整个回答求和后，两种方式得到相同的奖励。"
        ),
        True,
        "trl-0.21.0 rloo_trainer.py: either way the reward is summed over the sequence before the baseline; " + _RLOO_IGNORED,
        dead="0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "dataset_num_proc",
        "0.25",
        Said("Drop it: it only set how many processes prepared the dataset.", "删除即可：它只决定准备数据的进程数。"),
        True,
        _RLOO_IGNORED,
        dead="0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "local_rollout_forward_batch_size",
        "0.25",
        Said("Drop it: it only set how many completions went through one forward pass.", "删除即可：它只决定一次前向计算的样本数。"),
        True,
        _RLOO_IGNORED,
        dead="0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "num_sample_generations",
        "0.25",
        Said(
            "Set `log_completions: true` to see completions; training does not change.", "用 `log_completions: true` 查看样本；训练不变。"
        ),
        False,
        _RLOO_IGNORED,
        (0, None),
        "0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "stop_token",
        "0.25",
        Said("Drop it: completions end at the tokenizer's end-of-sequence token.", "删除即可：样本在分词器的结束词元处结束。"),
        False,
        _RLOO_IGNORED,
        ("eos",),
        "0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "stop_token_id",
        "0.25",
        Said(
            "Completions end at the tokenizer's end-of-sequence token: to end them at another one, set the tokenizer's `eos_token`.",
            "样本在分词器的结束词元处结束；如需其他词元，请设置分词器的 `eos_token`。",
        ),
        False,
        _RLOO_IGNORED,
        (None,),
        "0.22",
    ),
    Removed(
        "trl",
        (RLOO,),
        "missing_eos_penalty",
        "0.25",
        Said(
            "Take the penalty off in a reward function, or leave cut completions out of the loss with `mask_truncated_completions: true`.",
            "在奖励函数中扣分，或用 `mask_truncated_completions: true` 把被截断的样本排除在损失之外。",
        ),
        False,
        _RLOO_IGNORED,
        (None,),
        "0.22",
    ),
    # SFT
    Removed(
        "trl",
        (SFT,),
        "dataset_batch_size",
        "0.18",
        Said("Drop it: it only set how many examples were tokenized at once.", "删除即可：它只决定一次分词的样本数。"),
        True,
        _SFT_WARNED,
        dead="0.15",
    ),
    Removed(
        "trl",
        (SFT,),
        "num_of_sequences",
        "0.18",
        Said(
            "Drop it: it sized the buffer of texts that packing drew from; `max_length` sets the length.",
            "删除即可：它决定打包缓冲区的大小；长度由 `max_length` 决定。",
        ),
        False,
        "trl-0.14.0 sft_trainer.py gives it to ConstantLengthDataset; " + _SFT_WARNED,
        (None,),
        "0.15",
    ),
    Removed(
        "trl",
        (SFT,),
        "chars_per_token",
        "0.18",
        Said(
            "Drop it: it sized the buffer of texts that packing drew from; `max_length` sets the length.",
            "删除即可：它决定打包缓冲区的大小；长度由 `max_length` 决定。",
        ),
        False,
        "trl-0.14.0 sft_trainer.py gives it to ConstantLengthDataset; " + _SFT_WARNED,
        (None,),
        "0.15",
    ),
    Removed(
        "trl",
        (SFT, DPO, REWARD),
        "pad_token",
        None,
        Said(
            "Set the tokenizer's `pad_token` in the model's folder, or in a script of your own.",
            "在模型目录的分词器配置或自己的脚本中设置分词器的 `pad_token`。",
        ),
        False,
        "trl-1.1.0 sft_config.py, dpo_config.py, reward_config.py: __post_init__ warns; still obeyed in trl-1.16.0",
        (None,),
        warned="1.1",
    ),
    Removed(
        "trl",
        (GRPO, RLOO, SFT, DPO, KTO),
        "use_liger_kernel",
        None,
        Said(
            "Ask for kernels of the Hub instead, with `model_init_kwargs: {use_kernels: true}`.",
            "改用 Hub 上的内核：`model_init_kwargs: {use_kernels: true}`。",
        ),
        False,
        "trl-1.15.0 grpo_trainer.py, rloo_trainer.py, sft_trainer.py, dpo_trainer.py, kto_trainer.py warn; still obeyed in trl-1.16.0",
        (None, False),
        warned="1.15",
    ),
    # DPO
    Removed(
        "trl",
        (DPO,),
        "is_encoder_decoder",
        "0.15",
        Said("Drop it: the model's own config says it.", "删除即可：以模型自身的配置为准。"),
        True,
        "trl-0.13.0 dpo_trainer.py reads it only where no model is given; trl-0.14.0 only warns",
        dead="0.14",
    ),
    Removed("trl", (DPO,), "base_model_attribute_name", "0.29", _HEADS, False, _DPO_PRUNED, (None, "model")),
    Removed(
        "trl",
        (DPO,),
        "force_use_ref_model",
        "0.29",
        Said("Drop it: a reference model that is given is used.", "删除即可：给出的参考模型一定会被使用。"),
        True,
        _DPO_PRUNED + "; `trl dpo` never gives a reference model together with an adapter",
    ),
    Removed("trl", (DPO,), "generate_during_eval", "0.29", _GENERATION_AT_EVAL, False, _DPO_PRUNED, (None, False)),
    Removed("trl", (DPO,), "label_pad_token_id", "0.29", _MASKED, False, _DPO_PRUNED, (None, -100)),
    Removed("trl", (DPO,), "max_completion_length", "0.29", _PAIRS_CUT, False, _DPO_PRUNED, (None,)),
    Removed("trl", (DPO,), "max_prompt_length", "0.29", _PAIRS_CUT, False, _DPO_PRUNED, (None,)),
    Removed(
        "trl",
        (DPO,),
        "model_adapter_name",
        "0.29",
        Said("Only the adapter `default` is trained: give the adapter that name.", "只训练名为 `default` 的适配器：请用该名称。"),
        False,
        _DPO_PRUNED,
        (None, "default"),
    ),
    Removed(
        "trl",
        (DPO,),
        "ref_adapter_name",
        "0.29",
        Said(
            "Drop it: of a model that comes with an adapter, the trainer keeps a copy as the reference.",
            "删除即可：对自带适配器的模型，训练器会保留一份副本作为参考。",
        ),
        False,
        _DPO_PRUNED,
        (None,),
    ),
    Removed("trl", (DPO,), "ref_model_init_kwargs", "0.29", _REFERENCE_LOADED, False, _DPO_PRUNED, (None, {})),
    Removed(
        "trl",
        (DPO,),
        "reference_free",
        "0.29",
        Said(
            "Train without a reference with `CPOTrainer` of trl.experimental.",
            "如需无参考模型的训练，请用 trl.experimental 的 `CPOTrainer`。",
        ),
        False,
        _DPO_PRUNED,
        (None, False),
    ),
    Removed(
        "trl",
        (DPO,),
        "tools",
        "0.29",
        Said("Give the tools as the column `tools` of the dataset.", "把工具写入数据集的 `tools` 列。"),
        False,
        _DPO_PRUNED,
        (None, []),
    ),
    Removed(
        "trl",
        (DPO,),
        "use_logits_to_keep",
        "0.29",
        Said("Drop it: it only saved memory.", "删除即可：它只影响显存。"),
        True,
        _DPO_PRUNED,
    ),
    # KTO
    Removed("trl", (KTO,), "max_prompt_length", "0.27", _PAIRS_CUT, False, _KTO_PRUNED, (None,)),
    Removed("trl", (KTO,), "max_completion_length", "0.27", _PAIRS_CUT, False, _KTO_PRUNED, (None,)),
    Removed(
        "trl",
        (KTO,),
        "truncation_mode",
        "0.27",
        Said(
            "Completions are cut at their end to fit into `max_length`; drop longer prompts from the dataset before training.",
            "回答从末尾截断以符合 `max_length`；训练前从数据集中去掉过长的提示。",
        ),
        False,
        _KTO_PRUNED,
    ),
    Removed(
        "trl",
        (KTO,),
        "is_encoder_decoder",
        "0.27",
        Said(
            "Drop it: the model's own config says it; encoder-decoder models are refused.",
            "删除即可：以模型自身的配置为准；不再支持编码器-解码器模型。",
        ),
        True,
        "trl-0.26.2 experimental/kto/kto_trainer.py reads it only where no model is given",
    ),
    Removed("trl", (KTO,), "base_model_attribute_name", "0.28", _HEADS, False, _KTO_PRUNED, (None, "model")),
    Removed("trl", (KTO,), "label_pad_token_id", "0.28", _MASKED, False, _KTO_PRUNED, (None, -100)),
    Removed(
        "trl",
        (KTO,),
        "padding_value",
        "0.28",
        Said("Drop it: the tokenizer's padding token is used.", "删除即可：使用分词器的填充词元。"),
        False,
        _KTO_PRUNED,
        (None,),
    ),
    Removed("trl", (KTO,), "ref_model_init_kwargs", "0.28", _REFERENCE_LOADED, False, _KTO_PRUNED, (None, {})),
    Removed(
        "trl",
        (KTO,),
        "generate_during_eval",
        "1.2",
        _GENERATION_AT_EVAL,
        False,
        "trl-1.1.0 and trl-1.2.0 experimental/kto/kto_config.py compared",
        (None, False),
    ),
    # The script and the model
    Removed(
        "trl",
        (SCRIPT,),
        "config",
        "0.13",
        Said("Drop it: `--config` on the command line names the file.", "删除即可：文件由命令行的 `--config` 指定。"),
        True,
        "trl-0.12.2 utils.py: the path of the file itself; trl-0.13.0 scripts/utils.py keeps the name for itself",
    ),
    Removed(
        "trl",
        (SCRIPT,),
        "gradient_checkpointing_use_reentrant",
        "0.27",
        Said(
            "Say it as `gradient_checkpointing_kwargs: {use_reentrant: ...}` where it is meant; since 0.13 nothing read it.",
            "如确有需要，写 `gradient_checkpointing_kwargs: {use_reentrant: ...}`；自 0.13 起没有代码读取它。",
        ),
        False,
        "trl-0.12.2 commands/cli_utils.py reads it; no file of trl-0.13.0 to trl-0.26.2 does",
        dead="0.13",
    ),
    # transformers
    Removed(
        "transformers",
        (TRAINING,),
        "tp_size",
        "4.52",
        Said(
            "Shard the model when it is loaded, `model_init_kwargs: {tp_plan: auto}`; the trainer reads the size from the model.",
            "在加载模型时切分：`model_init_kwargs: {tp_plan: auto}`；训练器从模型读取大小。",
        ),
        False,
        "transformers-4.51.3 and transformers-4.52.4 trainer.py compared",
        (None, 0, 1),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "use_ipex",
        "4.57",
        Said(
            "Drop it: Intel's extension is no longer called; the speed on a CPU can change.",
            "删除即可：不再调用 Intel 扩展；CPU 上的速度可能变化。",
        ),
        False,
        "transformers-4.56.2 training_args.py: it only sets ACCELERATE_USE_IPEX",
        (None, False),
    ),
    Removed(
        "transformers", (TRAINING,), "overwrite_output_dir", "5.0", _DROP, True, _ARGS_PRUNED + "; no trainer.py from 4.46 on reads it"
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "save_safetensors",
        "5.0",
        Said("Weights are always saved as safetensors.", "权重总以 safetensors 保存。"),
        False,
        _ARGS_PRUNED,
        (True,),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "use_mps_device",
        "5.0",
        Said("Drop it: an Apple GPU is used where there is one.", "删除即可：有 Apple GPU 时会自动使用。"),
        True,
        "transformers-4.57.6 training_args.py: `no action from user is required`",
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "fp16_backend",
        "5.0",
        Said(
            "Drop it: mixed precision is PyTorch's own; Apex is no longer called.",
            "删除即可：混合精度使用 PyTorch 自带实现，不再调用 Apex。",
        ),
        False,
        _ARGS_PRUNED,
        (None, "auto", "cuda_amp", "cpu_amp"),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "half_precision_backend",
        "5.0",
        Said(
            "Drop it: mixed precision is PyTorch's own; Apex is no longer called.",
            "删除即可：混合精度使用 PyTorch 自带实现，不再调用 Apex。",
        ),
        False,
        _ARGS_PRUNED,
        (None, "auto", "cuda_amp", "cpu_amp"),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "fp16_opt_level",
        "5.0",
        Said("Drop it: only Apex read it, which is no longer called.", "删除即可：只有 Apex 读取它，而 Apex 已不再调用。"),
        False,
        _ARGS_PRUNED,
        (None, "O1"),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "include_tokens_per_second",
        "5.0",
        Said(
            "Set `include_num_input_tokens_seen: all` to have tokens a second logged.",
            "用 `include_num_input_tokens_seen: all` 记录每秒词元数。",
        ),
        False,
        "transformers-4.57.6 and transformers-5.0.0 trainer.py compared: speed_metrics of the tokens seen",
        (None, False),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "jit_mode_eval",
        "5.0",
        Said("Drop it: evaluation runs the model as it is.", "删除即可：评估直接运行模型。"),
        False,
        _ARGS_PRUNED,
        (None, False),
    ),
    Removed("transformers", (TRAINING,), "mp_parameters", "5.0", _DROP, True, "transformers-4.57.6 training_args.py: `Ignored in Trainer`"),
    Removed(
        "transformers",
        (TRAINING,),
        "past_index",
        "5.0",
        Said("Past states are no longer handed from batch to batch.", "不再在批次之间传递过去的状态。"),
        False,
        _ARGS_PRUNED,
        (-1,),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "ray_scope",
        "5.0",
        Said("Drop it: only a hyperparameter search with Ray read it.", "删除即可：只有 Ray 超参搜索读取它。"),
        True,
        "transformers-4.57.6 integrations/integration_utils.py: run_hp_search_ray alone reads it",
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "tpu_num_cores",
        "5.0",
        _DROP,
        True,
        "transformers-4.57.6: training_args.py declares it, nothing reads it",
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "use_legacy_prediction_loop",
        "5.0",
        Said("Drop it: evaluation has one loop.", "删除即可：评估只有一种循环。"),
        False,
        _ARGS_PRUNED,
        (None, False),
    ),
    Removed(
        "transformers",
        (TRAINING,),
        "logging_dir",
        "5.15",
        Said(
            "Set the environment variable `TENSORBOARD_LOGGING_DIR`; only TensorBoard reads it, and the key itself has done nothing "
            "since 5.0.",
            "改为设置环境变量 `TENSORBOARD_LOGGING_DIR`；只有 TensorBoard 读取它，而该键自 5.0 起已不起作用。",
        ),
        False,
        "transformers-5.0.0 training_args.py only warns; integrations/integration_utils.py reads the environment",
        (None,),
        "5.0",
    ),
)

VALUES = (
    ValueRenamed(
        "trl", (SFT,), "packing_strategy", "ffd", "bfd", "0.20", "0.20", True, "trl-0.19.1 and trl-0.20.0 data_utils.py: the same search"
    ),
    ValueRenamed(
        "trl",
        (SFT,),
        "packing_strategy",
        "bfd-requeue",
        "bfd_split",
        "1.0",
        None,
        True,
        "trl-1.0.0 sft_config.py: __post_init__ rewrites it",
    ),
    ValueRenamed(
        "trl", (SFT,), "loss_type", "chunked_nll", "nll", "1.15", None, True, "trl-1.15.0 sft_config.py: __post_init__ rewrites it"
    ),
    ValueRenamed(
        "trl",
        (SFT,),
        "truncation_mode",
        "keep_end",
        "keep_start",
        "1.0",
        None,
        False,
        "trl-1.1.0 sft_config.py: warns; other tokens are kept",
    ),
    ValueRenamed(
        "trl",
        (DPO,),
        "truncation_mode",
        "keep_end",
        "keep_start",
        "0.14",
        None,
        False,
        "trl-1.1.0 dpo_config.py: warns; other tokens are kept",
    ),
    ValueRenamed(
        "trl", (DPO,), "loss_type", "aot_pair", "aot_unpaired", "0.28", "0.29", True, "trl-0.28.0 dpo_config.py: __post_init__ rewrites it"
    ),
    ValueRenamed(
        "trl", (GRPO, RLOO), "top_k", None, 0, "0.27", "0.28", True, "trl-0.27.2 grpo_config.py, rloo_config.py: __post_init__ rewrites it"
    ),
    ValueRenamed(
        "transformers",
        (TRAINING,),
        "optim",
        "adamw_hf",
        "adamw_torch",
        "4.46",
        "4.50",
        False,
        "transformers-4.49.0 and transformers-4.50.3 training_args.py: OptimizerNames compared; another implementation of AdamW",
    ),
    ValueRenamed(
        "transformers",
        (TRAINING,),
        "optim",
        "adamw_apex_fused",
        "adamw_torch_fused",
        "4.46",
        "5.8",
        False,
        "transformers-5.7.0 and transformers-5.8.1 training_args.py: OptimizerNames compared; another implementation of AdamW",
    ),
)

_COMPLETIONS = Said(
    "It counts completions; up to 0.14 it counted prompts, each answered by a whole group. The same batch is the number times "
    "`num_generations`.",
    "现在计的是样本数；0.14 及之前计的是提示数，每个提示对应一整组样本。同样的批量等于原值乘以 `num_generations`。",
)

MEANINGS = (
    MeaningChanged(
        "trl",
        (GRPO,),
        "per_device_train_batch_size",
        "0.15",
        _COMPLETIONS,
        "trl-0.14.0 and trl-0.15.2 grpo_trainer.py compared: prompts are repeated in the trainer, then by RepeatRandomSampler",
        _anything,
        _whole_groups("per_device_train_batch_size"),
    ),
    MeaningChanged(
        "trl",
        (GRPO,),
        "per_device_eval_batch_size",
        "0.15",
        _COMPLETIONS,
        "trl-0.14.0 and trl-0.15.2 grpo_trainer.py compared",
        _anything,
        _whole_groups("per_device_eval_batch_size"),
    ),
    MeaningChanged(
        "trl",
        (GRPO,),
        "use_vllm",
        "0.16",
        Said(
            "It asks for a vLLM server, to be started beforehand with `trl vllm-serve`; up to 0.15 the trainer started vLLM on a GPU of "
            "its own. Since 0.18 `vllm_mode: colocate` does without a server, and since 1.0 that is the default.",
            "现在需要预先用 `trl vllm-serve` 启动 vLLM 服务器；0.15 及之前由训练器在独立 GPU 上启动。"
            "自 0.18 起 `vllm_mode: colocate` 无需服务器，自 1.0 起为默认。",
        ),
        "trl-0.15.2, trl-0.16.1, trl-0.18.2 and trl-1.0.0 grpo_trainer.py compared",
        _switched_on,
    ),
    MeaningChanged(
        "trl",
        (GRPO,),
        "vllm_gpu_memory_utilization",
        "0.18",
        Said(
            "It is vLLM's share of the training GPUs with `vllm_mode: colocate`, and nothing else. Up to 0.15 it was vLLM's share of a GPU "
            "of its own; 0.16 and 0.17 ignored it.",
            "现在仅表示 `vllm_mode: colocate` 时 vLLM 占用训练 GPU 的比例；0.15 及之前是独立 GPU 上的占比；0.16 和 0.17 忽略它。",
        ),
        "trl-0.15.2, trl-0.17.0 and trl-0.18.2 grpo_config.py and grpo_trainer.py compared",
        _anything,
    ),
    MeaningChanged(
        "trl",
        (GRPO,),
        "vllm_importance_sampling_cap",
        "0.26",
        Said(
            "By default sequences above the cap are left out; up to 0.25 each token's ratio was cut at it. "
            "`vllm_importance_sampling_mode: token_truncate` does as before.",
            "默认丢弃超过上限的序列；0.25 及之前是逐词元截断。`vllm_importance_sampling_mode: token_truncate` 与从前相同。",
        ),
        "trl-0.25.1 and trl-0.26.2 grpo_trainer.py compared",
        _caps_unsaid,
        _capped_as_before,
    ),
    MeaningChanged(
        "trl",
        (RLOO,),
        "reward_clip_range",
        "0.22",
        Said(
            "It is a pair, the least and the greatest reward, and always clips; up to 0.21 it was one number for both sides, used only "
            "with `normalize_reward`.",
            "现在是一对数（最小与最大奖励），总会裁剪；0.21 及之前是一个对称的数，只在 `normalize_reward` 时使用。",
        ),
        "trl-0.21.0 and trl-0.22.2 rloo_trainer.py compared",
        _clips,
    ),
    MeaningChanged(
        "trl",
        (RLOO,),
        "num_train_epochs",
        "0.22",
        Said(
            "It counts passes over the prompts, each answered `num_generations` times; up to 0.21 epochs times dataset size was the number "
            "of completions, so fewer prompts were seen.",
            "现在计的是遍历提示的次数，每个提示采样 `num_generations` 次；0.21 及之前，轮数乘数据集大小等于样本总数，因此见到的提示更少。",
        ),
        "trl-0.21.0 rloo_trainer.py: total_episodes = num_train_epochs * len(dataset); trl-0.22.2 rloo_trainer.py",
        _anything,
    ),
    MeaningChanged(
        "trl",
        (RLOO,),
        "max_steps",
        "0.22",
        Said(
            "It sets the length of the run; up to 0.21 only `total_episodes` did.",
            "现在决定训练长度；0.21 及之前只由 `total_episodes` 决定。",
        ),
        "trl-0.21.0 rloo_trainer.py never reads it from the arguments",
        _anything,
    ),
    MeaningChanged(
        "trl",
        (SFT,),
        "packing",
        "0.19",
        Said(
            "Examples are packed whole, and cut at `max_length`; up to 0.18 they were joined and cut into equal pieces. "
            "`packing_strategy: wrapped` does as before.",
            "样本整体打包，超出 `max_length` 的部分被截断；0.18 及之前是拼接后等长切分。`packing_strategy: wrapped` 与从前相同。",
        ),
        "trl-0.18.2 and trl-0.19.1 data_utils.py: pack_dataset compared",
        _packs_unsaid,
        _packed_as_before,
    ),
    MeaningChanged(
        "transformers",
        (TRAINING,),
        "warmup_steps",
        "5.0",
        Said(
            "A number below 1 is the share of all steps, and a fraction above it is cut off; up to 4.57 it was taken as a number of steps.",
            "小于 1 的数表示占总步数的比例，大于 1 的小数部分被舍去；4.57 及之前一律按步数处理。",
        ),
        "transformers-4.57.6 and transformers-5.0.0 training_args.py: get_warmup_steps compared",
        _is_fraction,
    ),
    MeaningChanged(
        "transformers",
        (TRAINING,),
        "warmup_ratio",
        "5.0",
        Said(
            "Beside `warmup_steps` the ratio counts; up to 4.57 the steps did.",
            "与 `warmup_steps` 同时给出时以比例为准；4.57 及之前以步数为准。",
        ),
        "transformers-4.57.6 get_warmup_steps, and transformers-5.0.0 __post_init__: warmup_steps = warmup_ratio",
        _beside_steps,
    ),
)

Row = Renamed | Removed | ValueRenamed | MeaningChanged
