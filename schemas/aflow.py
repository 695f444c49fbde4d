"""The two files of an AFlow training project: `training.yaml` (GRPO with LoRA of a workflow policy) and `aflow_llm.yaml` (the executor).

The mission's trainer reads both with `yaml.safe_load` and uses the values as they come.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from confguard.schemas.model import ConfigModel, Is, Section

_WITHOUT_LORA = ("use_lora", False)
_SCHEDULED = ("temperature_schedule_enabled", True)


class TemperatureSchedule(Section):
    """Sampling temperature that goes from `initial` to `final` over its warm-up."""

    enabled: Annotated[bool | None, Is("temperature_schedule_enabled")] = None
    initial: Annotated[float | None, Is("temperature_initial")] = None
    final: Annotated[float | None, Is("temperature_final")] = None
    warmup_steps: Annotated[int | None, Is("temperature_warmup_steps")] = None


class GenerationConfig(Section):
    """How the policy samples its completions."""

    temperature: Annotated[float | None, Is("temperature", unless=_SCHEDULED)] = None
    max_tokens: Annotated[int | None, Is("max_completion_length")] = None
    top_p: Annotated[float | None, Is("top_p")] = None
    top_k: Annotated[int | None, Is("top_k")] = None


class ExperienceBuffer(Section):
    """Good completions that are kept."""

    buffer_size: Annotated[int | None, Is("buffer_size")] = None
    reward_threshold: Annotated[float | None, Is("reward_threshold")] = None
    persistence_dir: Annotated[str | None, Is("buffer_dir")] = None


class RewardSystem(Section):
    """How answers are graded; its switches belong to the trainer's own reward code."""

    tier_system: Any = None
    auto_fix: Any = None
    strict_validation: Any = None
    fallback: Any = None


class Switch(Section):
    """A part of the trainer that is on or off."""

    enabled: bool | None = None


class Checkpointing(Section):
    """Where checkpoints go."""

    save_dir: Annotated[str | None, Is("save_dir")] = None


class Wandb(Section):
    """Tracking with Weights & Biases."""

    enabled: Annotated[bool | None, Is("wandb_enabled")] = None
    project: Annotated[str | None, Is("wandb_project")] = None
    entity: Annotated[str | None, Is("wandb_entity")] = None
    run_name: Annotated[str | None, Is("run_name")] = None
    tags: Any = None
    notes: str | None = None
    mode: str | None = None
    api_key: Annotated[str | None, Is("wandb_api_key")] = None


class AflowTraining(ConfigModel):
    """A GRPO training run with LoRA, as the mission's trainer reads it."""

    kind: ClassVar[str] = "aflow-training"
    title: ClassVar[str] = "GRPO + LoRA training of an AFlow workflow policy"
    reader: ClassVar[str] = "1.1"
    signature: ClassVar[tuple[str, ...]] = (
        "rollout_batch_size",
        "num_return_sequences_in_group",
        "domain_ratios",
        "clip_range",
        "generation_config",
        "temperature_schedule",
        "reward_weights",
        "experience_buffer",
        "aflow_config_path",
        "aflow_executor_model",
        "execution_timeout",
        "device_mapping",
    )
    enough: ClassVar[int] = 4
    telltales: ClassVar[tuple[str, ...]] = (
        "base_model",
        "max_steps",
        "rollout_batch_size",
        "num_return_sequences_in_group",
        "learning_rate",
        "warmup_steps",
        "gradient_accumulation_steps",
        "clip_range",
        "use_kl_loss",
        "kl_loss_coef",
        "temperature_schedule",
        "generation_config",
        "use_lora",
        "lora_rank",
        "lora_alpha",
        "lora_dropout",
        "lora_target_modules",
        "domain_ratios",
        "reward_weights",
        "aflow_config_path",
        "aflow_executor_model",
        "experience_buffer",
    )
    links: ClassVar[dict[str, str]] = {"aflow_config_path": "aflow-llm"}
    synonyms: ClassVar[tuple[tuple[str, str], ...]] = (
        ("generation_config.max_new_tokens", "generation_config.max_tokens"),
        ("gradient_checkpointing", "use_gradient_checkpointing"),
    )

    base_model: Annotated[str, Is("base_model")]
    device_mapping: Annotated[list[int] | None, Is("device_mapping")] = None
    physical_gpus: Annotated[list[int] | None, Is("physical_gpus")] = None
    bf16: Annotated[bool | None, Is("bf16")] = None
    use_gradient_checkpointing: Annotated[bool | None, Is("gradient_checkpointing")] = None

    max_steps: Annotated[int, Is("max_steps")]
    rollout_batch_size: Annotated[int, Is("rollout_batch_size")]
    num_return_sequences_in_group: Annotated[int, Is("num_generations")]
    forward_pass_microbatch_size: Annotated[int | None, Is("forward_pass_microbatch_size")] = None
    learning_rate: Annotated[float, Is("learning_rate")]
    warmup_steps: Annotated[int | None, Is("warmup_steps")] = None
    gradient_accumulation_steps: Annotated[int | None, Is("gradient_accumulation_steps")] = None
    clip_range: Annotated[float, Is("epsilon")]
    max_grad_norm: Annotated[float | None, Is("max_grad_norm")] = None
    weight_decay: Annotated[float | None, Is("weight_decay")] = None
    use_kl_loss: Annotated[bool | None, Is("use_kl_loss")] = None
    kl_loss_coef: Annotated[float | None, Is("beta")] = None

    temperature_schedule: TemperatureSchedule | None = None
    generation_config: GenerationConfig | None = None

    use_lora: Annotated[bool, Is("use_lora")] = True
    lora_rank: Annotated[int | None, Is("lora_r", unless=_WITHOUT_LORA)] = None
    lora_alpha: Annotated[float | None, Is("lora_alpha", unless=_WITHOUT_LORA)] = None
    lora_dropout: Annotated[float | None, Is("lora_dropout", unless=_WITHOUT_LORA)] = None
    lora_target_modules: Annotated[str | list[str] | None, Is("lora_target_modules", unless=_WITHOUT_LORA)] = None
    use_rslora: Annotated[bool, Is("use_rslora")] = False

    data_dir: Annotated[str | None, Is("data_dir")] = None
    train_dataset: Annotated[str | None, Is("train_dataset")] = None
    val_dataset: Annotated[str | None, Is("val_dataset")] = None
    test_dataset: Annotated[str | None, Is("test_dataset")] = None
    domain_ratios: Annotated[dict[str, float], Is("domain_ratios")]

    reward_weights: Annotated[dict[str, float] | None, Is("reward_weights")] = None
    reward_system: RewardSystem | None = None
    eval_every: Annotated[int | None, Is("eval_steps")] = None
    val_samples: Annotated[int | None, Is("val_samples")] = None
    log_every: Annotated[int | None, Is("logging_steps")] = None
    save_every: Annotated[int | None, Is("save_steps")] = None
    output_dir: Annotated[str, Is("output_dir")]
    checkpointing: Checkpointing | None = None

    aflow_config_path: Annotated[str | None, Is("aflow_config_path")] = None
    aflow_executor_model: Annotated[str | None, Is("aflow_executor_model")] = None
    aflow_operator_descriptions_path: Annotated[str | None, Is("aflow_operator_descriptions_path")] = None
    execution_timeout: Annotated[float | None, Is("execution_timeout")] = None
    prompt_optimizer: Switch | None = None
    operator_prompt_enhancer: Switch | None = None
    experience_buffer: ExperienceBuffer | None = None
    wandb: Wandb | None = None


class Executor(Section):
    """One LLM that workflows call and that judges answers."""

    api_type: Annotated[Literal["openai", "azure", "anthropic", "local"] | None, Is("executor_api_type")] = None
    base_url: Annotated[str | None, Is("executor_base_url")] = None
    api_key: Annotated[str | None, Is("executor_api_key")] = None
    model_name: Annotated[str | None, Is("executor_model_name")] = None
    temperature: Annotated[float | None, Is("executor_temperature")] = None
    top_p: Annotated[float | None, Is("executor_top_p")] = None
    max_tokens: Annotated[int | None, Is("executor_max_tokens")] = None
    no_proxy: Any = None
    timeout: Any = None


class AflowLlm(ConfigModel):
    """The executor file: the LLMs that a policy's workflows may call, by name."""

    kind: ClassVar[str] = "aflow-llm"
    title: ClassVar[str] = "LLMs that execute and judge workflows"
    reader: ClassVar[str] = "1.1"
    signature: ClassVar[tuple[str, ...]] = ("models.*.api_type", "models.*.base_url", "models.*.api_key", "models.*.model_name")
    enough: ClassVar[int] = 2
    telltales: ClassVar[tuple[str, ...]] = ("api_type",)

    models: dict[str, Executor]


MODELS: tuple[type[ConfigModel], ...] = (AflowTraining, AflowLlm)
