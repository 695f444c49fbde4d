"""What became of the keys of TRL's RLOOConfig, whose trainer was written anew in 0.22. What it shares with GRPO is in `trl_grpo.py`."""

from __future__ import annotations

from confguard.schemas.migrations.row import RLOO, Config, MeaningChanged, Removed, Renamed, Row
from confguard.schemas.migrations.turns import DROP, FREE_OF_PROMPTS, SAME, is_given, unless_null
from confguard.words.language import Said
from confguard.words.typing import Any

_WRITTEN = "trl-0.22.2 rloo_config.py: __post_init__ writes it to the new name; rloo_trainer.py of trl-0.21.0 and trl-0.22.2 compared"
_IGNORED = "trl-0.22.2 rloo_config.py: __post_init__ only warns (_REMOVED_PARAMS)"
_COUNTED = Said("Drop it: the trainer counted it itself and wrote over the value.", "删除即可：训练器会自行计算并覆盖该值。")


def _written(old: str, new: str, note: Said = SAME) -> Renamed:
    """A name that 0.22 to 0.24 wrote to the new one, with the same meaning."""
    return Renamed((RLOO,), old, new, "0.22", "0.25", note, _WRITTEN, unless_null(new))


def _written_otherwise(old: str, new: str, note: Said) -> Renamed:
    """A name that 0.22 to 0.24 wrote to the new one, though that means something else."""
    return Renamed((RLOO,), old, new, "0.22", "0.25", note, _WRITTEN, kept=False)


def _counted(old: str) -> Removed:
    return Removed((RLOO,), old, "0.22", _COUNTED, "trl-0.21.0 rloo_trainer.py: __init__ assigns it from the batch sizes", harmless=True)


def _ignored(old: str, do: Said, source: str = _IGNORED, *, harmless: bool = False, idle: tuple[Any, ...] = ()) -> Removed:
    """A name that 0.22 to 0.24 took and did nothing with."""
    return Removed((RLOO,), old, "0.25", do, source, harmless, idle, "0.22")


def _clips(value: Any, config: Config) -> bool:
    """Whether the old trainer came to clip: it did so only where rewards were normalized."""
    return value is not None and bool(config.get("normalize_reward"))


ROWS: tuple[Row, ...] = (
    # names that became GRPO's
    _written("rloo_k", "num_generations"),
    _written("cliprange", "epsilon"),
    _written("kl_coef", "beta"),
    _written("exp_name", "run_name", Said("Up to 0.21 the seed and the time were appended.", "0.21 及之前会附加种子和时间。")),
    _written("num_ppo_epochs", "num_iterations"),
    _written("response_length", "max_completion_length"),
    Renamed(
        (RLOO,),
        "normalize_advantage",
        "normalize_advantages",
        new_since="0.22",
        gone="0.22",
        note=SAME,
        source="trl-0.21.0 and trl-0.22.2 rloo_trainer.py compared: the same formula, 1e-8 became 1e-4 in the denominator",
    ),
    _written_otherwise(
        "normalize_reward",
        "normalize_advantages",
        Said(
            "Not the same: up to 0.21 rewards were normalized, and clipped by `reward_clip_range`, before the KL term; 0.22 to 0.24 take "
            "it as `normalize_advantages`.",
            "含义不同：0.21 及之前是在 KL 项之前归一化奖励并按 `reward_clip_range` 裁剪；0.22 至 0.24 当作 `normalize_advantages`。",
        ),
    ),
    _written_otherwise(
        "num_mini_batches",
        "steps_per_generation",
        Said(
            "Up to 0.21 it counted optimizer steps per generation: `steps_per_generation` = `num_mini_batches` x "
            "`gradient_accumulation_steps`. 0.22 to 0.24 take the number as it is.",
            "0.21 及之前计的是每次生成的优化步数：`steps_per_generation` = `num_mini_batches` x "
            "`gradient_accumulation_steps`；0.22 至 0.24 直接取原值。",
        ),
    ),
    _written_otherwise(
        "total_episodes",
        "max_steps",
        Said(
            "Up to 0.21 it counted completions: `max_steps` = ceil(`total_episodes` / completions a batch) x `num_mini_batches` x "
            "`num_ppo_epochs`, which needs the number of GPUs. 0.22 to 0.24 took `total_episodes` // `gradient_accumulation_steps`.",
            "0.21 及之前计的是样本数：`max_steps` = ceil(`total_episodes` / 每批样本数) x `num_mini_batches` x "
            "`num_ppo_epochs`，需要 GPU 数；0.22 至 0.24 取 `total_episodes` // `gradient_accumulation_steps`。",
        ),
    ),
    # what the trainer counted itself
    _counted("batch_size"),
    _counted("local_batch_size"),
    _counted("local_mini_batch_size"),
    _counted("micro_batch_size"),
    _counted("mini_batch_size"),
    _counted("num_total_batches"),
    _counted("world_size"),
    # what the trainer never read
    Removed((RLOO,), "whiten_rewards", "0.22", DROP, "trl-0.12.2 to trl-0.21.0 rloo_trainer.py never read it", harmless=True),
    Removed(
        (RLOO,),
        "reward_model_path",
        gone="0.22",
        do=Said(
            "Name the reward with `reward_model_name_or_path` of `trl rloo`.", "用 `trl rloo` 的 `reward_model_name_or_path` 指定奖励模型。"
        ),
        source="trl-0.21.0 rloo_trainer.py never reads it, example scripts do; trl-0.22.2 scripts/rloo.py has the other name",
    ),
    Removed(
        (RLOO,),
        "sft_model_path",
        gone="0.22",
        do=Said("Name the policy with `model_name_or_path`.", "用 `model_name_or_path` 指定策略模型。"),
        source="trl-0.21.0 rloo_trainer.py never reads it, example scripts do",
    ),
    # what the new trainer does without
    _ignored(
        "token_level_kl",
        Said(
            "Drop it: summed over the completion, both ways gave the same reward.", "删除即可：对整个回答求和后，两种方式得到相同的奖励。"
        ),
        "trl-0.21.0 rloo_trainer.py: either way the reward is summed over the sequence before the baseline; " + _IGNORED,
        harmless=True,
    ),
    _ignored(
        "dataset_num_proc",
        Said("Drop it: it only set how many processes prepared the dataset.", "删除即可：它只决定准备数据的进程数。"),
        harmless=True,
    ),
    _ignored(
        "local_rollout_forward_batch_size",
        Said("Drop it: it only set how many completions went through one forward pass.", "删除即可：它只决定一次前向计算的样本数。"),
        harmless=True,
    ),
    _ignored(
        "num_sample_generations",
        Said(
            "Set `log_completions: true` to see completions; training does not change.", "用 `log_completions: true` 查看样本；训练不变。"
        ),
        idle=(0, None),
    ),
    _ignored(
        "stop_token",
        Said("Drop it: completions end at the tokenizer's end-of-sequence token.", "删除即可：样本在分词器的结束词元处结束。"),
        idle=("eos",),
    ),
    _ignored(
        "stop_token_id",
        Said(
            "Completions end at the tokenizer's end-of-sequence token: to end them at another one, set the tokenizer's `eos_token`.",
            "样本在分词器的结束词元处结束；如需其他词元，请设置分词器的 `eos_token`。",
        ),
        idle=(None,),
    ),
    _ignored(
        "missing_eos_penalty",
        Said(
            "Take the penalty off in a reward function, or leave cut completions out of the loss with `mask_truncated_completions: true`.",
            "在奖励函数中扣分，或用 `mask_truncated_completions: true` 把被截断的样本排除在损失之外。",
        ),
        idle=(None,),
    ),
    # what counts otherwise since 0.22
    MeaningChanged(
        (RLOO,),
        "reward_clip_range",
        since="0.22",
        what=Said(
            "It is a pair, the least and the greatest reward, and always clips; up to 0.21 it was one number for both sides, used only "
            "with `normalize_reward`.",
            "现在是一对数（最小与最大奖励），总会裁剪；0.21 及之前是一个对称的数，只在 `normalize_reward` 时使用。",
        ),
        source="trl-0.21.0 and trl-0.22.2 rloo_trainer.py compared",
        when=_clips,
    ),
    MeaningChanged(
        (RLOO,),
        "num_train_epochs",
        since="0.22",
        what=Said(
            "It counts passes over the prompts, each answered `num_generations` times; up to 0.21 epochs times dataset size was the number "
            "of completions, so fewer prompts were seen.",
            "现在计的是遍历提示的次数，每个提示采样 `num_generations` 次；0.21 及之前，轮数乘数据集大小等于样本总数，因此见到的提示更少。",
        ),
        source="trl-0.21.0 rloo_trainer.py: total_episodes = num_train_epochs * len(dataset); trl-0.22.2 rloo_trainer.py",
        when=is_given,
    ),
    MeaningChanged(
        (RLOO,),
        "max_steps",
        since="0.22",
        what=Said(
            "It sets the length of the run; up to 0.21 only `total_episodes` did.",
            "现在决定训练长度；0.21 及之前只由 `total_episodes` 决定。",
        ),
        source="trl-0.21.0 rloo_trainer.py never reads it from the arguments",
        when=is_given,
    ),
    # since 0.29
    Removed(
        (RLOO,),
        "max_prompt_length",
        gone="0.29",
        do=FREE_OF_PROMPTS,
        source="trl-0.26.2 rloo_trainer.py cuts prompts on the left; trl-0.27.2 only warns in rloo_config.py",
        idle=(None,),
        dead="0.27",
    ),
)
