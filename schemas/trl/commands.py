"""TRL's commands: which dataclasses each of them parses, and what tells their files apart.

The shape of a file is made when it is asked for, for one target (`schemas/trl/shapes.py`): a check of other files does without.
"""

from __future__ import annotations

from functools import partial

from confguard.words.shape import Family, Shape
from confguard.words.typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from confguard.words.target import Target

FAMILY = Family(
    common=(
        "model_name_or_path",
        "dataset_name",
        "dataset_mixture",
        "dataset_mixer",
        "reward_funcs",
        "output_dir",
        "learning_rate",
        "lr_scheduler_type",
        "num_train_epochs",
        "max_steps",
        "per_device_train_batch_size",
        "gradient_accumulation_steps",
        "gradient_checkpointing",
        "warmup_ratio",
        "num_generations",
        "max_completion_length",
        "max_seq_length",
        "bf16",
        "use_peft",
        "lora_r",
        "lora_target_modules",
        "logging_steps",
        "eval_strategy",
        "save_strategy",
    ),
    enough=4,
    never=(
        "stage",
        "finetuning_type",
        "cutoff_len",
        "base_model",
        "micro_batch_size",
        "sequence_len",
        "rlhf_type",
        "train_type",
        "tuner_type",
        "defaults",
        "actor_rollout_ref",
    ),
    other_words=("orpo", "cpo", "ppo", "gkd", "bco", "xpo", "nash", "online", "distillation", "prm"),
    why_unclear="looks like a config of TRL, but not of which command: name its kind under files in confguard.yaml, such as trl-sft",
)


SYNONYMS = (
    ("base_model_name_or_path", "model_name_or_path"),
    ("bnb_4bit_use_double_quant", "use_bnb_nested_quant"),
    ("dataset_id", "dataset_name"),
    ("dataset_id_or_path", "dataset_name"),
    ("dataset_name_or_path", "dataset_name"),
    ("epochs", "num_train_epochs"),
    ("lora_rank", "lora_r"),
    ("lr", "learning_rate"),
    ("lr_scheduler", "lr_scheduler_type"),
    ("max_new_tokens", "max_completion_length"),
    ("max_seq_len", "max_length"),
    ("model_id", "model_name_or_path"),
    ("model_name", "model_name_or_path"),
    ("num_epochs", "num_train_epochs"),
    ("num_return_sequences", "num_generations"),
    ("optimizer", "optim"),
    ("target_modules", "lora_target_modules"),
    ("use_4bit", "load_in_4bit"),
    ("use_8bit", "load_in_8bit"),
    ("use_bf16", "bf16"),
    ("use_fp16", "fp16"),
    ("use_lora", "use_peft"),
    ("use_nested_quant", "use_bnb_nested_quant"),
    ("wandb_run_name", "run_name"),
)
"""Names of the same settings in configs of PEFT, transformers and bitsandbytes, and of scripts around TRL: seen in published YAML."""


class Command(NamedTuple):
    """One command of TRL: what it is called, the dataclasses that it parses, and the keys that others do not have."""

    word: str
    title: str
    classes: tuple[str, ...]
    signature: tuple[str, ...]
    telltales: tuple[str, ...] = ()


_OF_MODEL = ("ModelConfig", "DatasetMixtureConfig")
_SCRIPT = "ScriptArguments"

COMMANDS = (
    Command(
        "grpo",
        "GRPO with TRL",
        (_SCRIPT, "GRPOScriptArguments", "GRPOConfig", *_OF_MODEL),
        (
            "reward_funcs",
            "reward_weights",
            "num_generations",
            "max_completion_length",
            "temperature",
            "top_p",
            "top_k",
            "epsilon",
            "epsilon_high",
            "delta",
            "scale_rewards",
            "loss_type",
            "beta",
            "num_iterations",
            "steps_per_generation",
            "generation_batch_size",
            "importance_sampling_level",
            "mask_truncated_completions",
            "use_vllm",
            "vllm_mode",
            "vllm_gpu_memory_utilization",
            "log_completions",
            "max_prompt_length",
            *(f"loss_type={loss}" for loss in ("grpo", "bnpo", "dr_grpo", "dapo", "cispo", "sapo", "luspo", "vespo")),
        ),
        ("num_generations", "reward_funcs", "max_completion_length", "per_device_train_batch_size", "model_name_or_path"),
    ),
    Command(
        "rloo",
        "RLOO with TRL",
        (_SCRIPT, "RLOOScriptArguments", "RLOOConfig", *_OF_MODEL),
        (
            "reward_funcs",
            "reward_weights",
            "num_generations",
            "max_completion_length",
            "temperature",
            "top_p",
            "top_k",
            "epsilon",
            "epsilon_high",
            "beta",
            "num_iterations",
            "steps_per_generation",
            "generation_batch_size",
            "mask_truncated_completions",
            "use_vllm",
            "vllm_mode",
            "log_completions",
            "rloo_k",
            "kl_coef",
            "cliprange",
            "normalize_reward",
            "normalize_advantages",
            "reward_clip_range",
            "token_level_kl",
            "num_ppo_epochs",
            "num_mini_batches",
            "total_episodes",
            "response_length",
            "max_prompt_length",
        ),
    ),
    Command(
        "sft",
        "supervised fine-tuning with TRL",
        (_SCRIPT, "SFTConfig", *_OF_MODEL),
        (
            "packing",
            "packing_strategy",
            "max_seq_length",
            "dataset_text_field",
            "dataset_kwargs",
            "completion_only_loss",
            "assistant_only_loss",
            "eval_packing",
            "eos_token",
            "neftune_noise_alpha",
            "padding_free",
            "max_length",
            "dataset_num_proc",
            *("loss_type=nll", "loss_type=dft"),
        ),
    ),
    Command(
        "dpo",
        "DPO with TRL",
        (_SCRIPT, "DPOConfig", *_OF_MODEL),
        (
            "beta",
            "loss_type",
            "loss_weights",
            "max_prompt_length",
            "max_length",
            "label_smoothing",
            "rpo_alpha",
            "reference_free",
            "precompute_ref_log_probs",
            "f_divergence_type",
            "use_weighting",
            "ld_alpha",
            "discopop_tau",
            "truncation_mode",
            "sync_ref_model",
            *(
                f"loss_type={loss}"
                for loss in ("sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair", "apo_zero", "apo_down")
            ),
        ),
    ),
    Command(
        "kto",
        "KTO with TRL",
        (_SCRIPT, "KTOConfig", *_OF_MODEL),
        (
            "beta",
            "loss_type",
            "max_prompt_length",
            "max_length",
            "precompute_ref_log_probs",
            "desirable_weight",
            "undesirable_weight",
            "truncation_mode",
            *("loss_type=kto", "loss_type=apo_zero_unpaired"),
        ),
    ),
    Command(
        "reward",
        "reward modelling with TRL",
        (_SCRIPT, "RewardConfig", *_OF_MODEL),
        ("center_rewards_coefficient", "max_length", "disable_dropout", "dataset_num_proc"),
    ),
)


def shape_at(command: Command, target: Target) -> Shape:
    """The shape of a command's file for a target."""
    from confguard.schemas.trl.shapes import shape_of

    return shape_of(command, target)


def light_shape(command: Command) -> Shape:
    """What tells a command's file by its content; its keys are made for a target."""
    return Shape(
        kind=f"trl-{command.word}",
        title=command.title,
        reader="1.1",
        fields={},
        signature=command.signature,
        enough=0,
        telltales=command.telltales,
        links={},
        names={},
        family=FAMILY,
        word=command.word,
        synonyms=SYNONYMS,
        at=partial(shape_at, command),
        converts=True,
    )


SHAPES = tuple(light_shape(command) for command in COMMANDS)
