"""A config as the lines of its YAML file, so that a value keeps the way in which it is written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

CASES = Path(__file__).parents[1] / "cases" / "native"


class Lines:
    """Keys and the YAML text of their values, in order. A key can be there twice, as in a file."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = list(pairs)
        self.frame = "", ""
        """What stands before and after the lines."""
        self.instead: str | None = None
        """What stands in the file instead of the lines."""

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.pairs]

    def get(self, key: str) -> str | None:
        """The text of a key's value."""
        return next((text for name, text in self.pairs if name == key), None)

    def put(self, key: str, text: str) -> None:
        """Write a value where the key stands, or at the end."""
        for index, (name, _) in enumerate(self.pairs):
            if name == key:
                self.pairs[index] = key, text
                return
        self.pairs.append((key, text))

    def drop(self, key: str) -> None:
        self.pairs = [pair for pair in self.pairs if pair[0] != key]

    def rename(self, old: str, new: str) -> None:
        self.pairs = [(new if key == old else key, text) for key, text in self.pairs]

    def yaml(self) -> str:
        if self.instead is not None:
            return self.instead
        return self.frame[0] + "".join(f"{key}: {text}\n" for key, text in self.pairs) + self.frame[1]


def lines_of(text: str) -> Lines:
    """The lines of a flat YAML text without comments, each value on its key's line."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    parts = [line.strip().partition(": ") for line in lines]
    return Lines([(key, value) for key, _, value in parts])


class Base(NamedTuple):
    """A valid config to start from."""

    kind: str
    text: str


MACHINE_INDEPENDENT = "use_cpu: true\n"
"""In every base: without it, `bf16` asks whether the machine has a GPU."""


def _case(word: str) -> Base:
    return Base(f"trl-{word}", (CASES / f"trl-{word}.yaml").read_text(encoding="utf-8"))


_GRPO = (
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B-Instruct
    dataset_name: trl-lib/DeepMath-103K
    reward_funcs: [accuracy_reward, think_format_reward]
    reward_weights: [1.0, 0.2]
    output_dir: runs/full
    learning_rate: 1.0e-6
    num_train_epochs: 1
    per_device_train_batch_size: 4
    gradient_accumulation_steps: 8
    num_generations: 16
    max_completion_length: 2048
    temperature: 0.9
    top_p: 0.95
    top_k: 50
    loss_type: dr_grpo
    scale_rewards: none
    epsilon: 0.2
    epsilon_high: 0.28
    lr_scheduler_type: cosine
    warmup_steps: 0.03
    logging_steps: 1
    save_strategy: "no"
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-7B-Instruct
    dataset_name: trl-lib/DeepMath-103K
    reward_funcs: [accuracy_reward]
    output_dir: runs/vllm
    learning_rate: 2.0e-6
    max_steps: 200
    per_device_train_batch_size: 8
    generation_batch_size: 32
    num_generations: 8
    num_iterations: 2
    beta: 0.01
    use_vllm: true
    vllm_mode: colocate
    vllm_gpu_memory_utilization: 0.3
    importance_sampling_level: sequence
    bf16: true
    eval_strategy: steps
    eval_steps: 50
    per_device_eval_batch_size: 8
    save_strategy: steps
    save_steps: 100
    load_best_model_at_end: true
    metric_for_best_model: reward
    report_to: none
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-1.5B-Instruct
    dataset_name: trl-lib/DeepMath-103K
    reward_funcs: [think_format_reward]
    output_dir: runs/steps
    per_device_train_batch_size: 2
    steps_per_generation: 4
    gradient_accumulation_steps: 4
    num_generations: 4
    log_completions: true
    mask_truncated_completions: true
    gradient_checkpointing: true
    gradient_checkpointing_kwargs: {use_reentrant: false}
    fp16: true
    use_peft: true
    lora_r: 8
    lora_alpha: 16
    lora_dropout: 0.0
    load_in_4bit: true
    seed: 7
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B
    dataset_name: trl-lib/DeepMath-103K
    reward_funcs: [accuracy_reward]
    """,
)
_SFT = (
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B
    dataset_name: trl-lib/Capybara
    output_dir: runs/sft-full
    learning_rate: 2.0e-5
    max_steps: 1000
    warmup_steps: 100
    per_device_train_batch_size: 8
    gradient_accumulation_steps: 2
    max_length: 1024
    assistant_only_loss: true
    loss_type: nll
    optim: adamw_torch_fused
    weight_decay: 0.01
    adam_beta2: 0.95
    max_grad_norm: 1.0
    bf16: true
    gradient_checkpointing: true
    logging_steps: 5
    save_strategy: epoch
    eval_strategy: epoch
    load_best_model_at_end: true
    metric_for_best_model: eval_loss
    greater_is_better: false
    dataset_num_proc: 4
    """,
    """
    model_name_or_path: meta-llama/Llama-3.1-8B
    dataset_name: trl-lib/Capybara
    output_dir: runs/qlora
    learning_rate: 1.0e-4
    num_train_epochs: 2
    lr_scheduler_type: cosine_with_min_lr
    lr_scheduler_kwargs: {min_lr_rate: 0.1}
    per_device_train_batch_size: 1
    gradient_accumulation_steps: 16
    dtype: bfloat16
    load_in_4bit: true
    bnb_4bit_quant_type: nf4
    use_bnb_nested_quant: true
    use_peft: true
    lora_r: 64
    lora_alpha: 16
    lora_dropout: 0.1
    lora_target_modules: [all-linear]
    completion_only_loss: false
    dataloader_num_workers: 2
    dataloader_prefetch_factor: 2
    report_to: [wandb]
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B
    datasets: [{path: trl-lib/Capybara, split: train}]
    output_dir: runs/short
    """,
)
_DPO = (
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B-Instruct
    dataset_name: trl-lib/ultrafeedback_binarized
    output_dir: runs/dpo-full
    learning_rate: 5.0e-7
    max_steps: 400
    warmup_steps: 40
    per_device_train_batch_size: 2
    gradient_accumulation_steps: 16
    beta: 0.05
    loss_type: [sigmoid, bco_pair, sft]
    loss_weights: [0.8, 0.2, 1.0]
    max_length: 2048
    truncation_mode: keep_start
    bf16: true
    eval_strategy: steps
    eval_steps: 20
    save_steps: 40
    load_best_model_at_end: true
    metric_for_best_model: eval_loss
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-3B-Instruct
    dataset_name: trl-lib/ultrafeedback_binarized
    output_dir: runs/dpo-lora
    learning_rate: 1.0e-5
    loss_type: ipo
    precompute_ref_log_probs: true
    use_peft: true
    lora_r: 16
    lora_alpha: 32
    use_rslora: true
    load_in_8bit: true
    """,
    """
    model_name_or_path: Qwen/Qwen2.5-0.5B-Instruct
    dataset_name: trl-lib/ultrafeedback_binarized
    output_dir: runs/robust
    loss_type: robust
    label_smoothing: 0.1
    f_divergence_type: reverse_kl
    fp16: true
    save_strategy: best
    eval_strategy: epoch
    metric_for_best_model: eval_loss
    """,
)
_LORA = (
    Base(
        "trl-sft",
        """
    model_name_or_path: Qwen/Qwen2.5-7B
    dataset_name: trl-lib/Capybara
    output_dir: runs/dora
    max_steps: 100
    use_peft: true
    use_dora: true
    lora_r: 8
    lora_alpha: 16
    lora_dropout: 0.05
    lora_target_modules: [q_proj, v_proj]
    lora_modules_to_save: [lm_head]
    lora_task_type: CAUSAL_LM
    """,
    ),
    Base(
        "trl-grpo",
        """
    model_name_or_path: Qwen/Qwen3-8B
    dataset_name: trl-lib/DeepMath-103K
    reward_funcs: [accuracy_reward]
    output_dir: runs/rslora
    use_peft: true
    use_rslora: true
    lora_r: 32
    lora_alpha: 64
    lora_target_modules: [q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]
    """,
    ),
)

SUBJECTS = ("grpo", "sft", "dpo", "lora", "rloo", "kto", "reward")
BASES: dict[str, tuple[Base, ...]] = {
    "grpo": (_case("grpo"), *(Base("trl-grpo", text) for text in _GRPO)),
    "sft": (_case("sft"), *(Base("trl-sft", text) for text in _SFT)),
    "dpo": (_case("dpo"), *(Base("trl-dpo", text) for text in _DPO)),
    "lora": (_case("grpo"), _case("sft"), _case("dpo"), *_LORA),
    **{word: (_case(word),) for word in ("rloo", "kto", "reward")},
}


def lines_of_base(base: Base) -> Lines:
    return lines_of(base.text + "\n" + MACHINE_INDEPENDENT)
