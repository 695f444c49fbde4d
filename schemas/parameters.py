"""The parameters: one entry each, with the meaning in English and Chinese, the unit, the range and the default.

Names are TRL's and PEFT's where they have one for the same thing. A range is what the rules hold at error level; a test holds this
table against the rules. `default` is what the file's own reader takes for an absent key, where that is known.
"""

from __future__ import annotations

from typing import NamedTuple

from confguard.words.language import Said

TRL = "TRL 1.16.0, GRPOConfig"
ARGS = "transformers 5.23.0, TrainingArguments"
PEFT = "PEFT 0.21.2, LoraConfig"
MISSION = "the mission's trainer"
SERVER = "OpenAI API reference, chat completions"


class Parameter(NamedTuple):
    """One entry of the recipe. A range is an interval such as `[1, inf)`, or empty for none."""

    name: str
    unit: str
    range: str
    en: str
    zh: str
    source: str
    default: str = ""


_ROWS = (
    Parameter(
        "base_model",
        "",
        "",
        "The model that is trained: a name on the hub, or a local folder.",
        "被训练的基础模型：模型名或本地目录。",
        TRL,
    ),
    Parameter(
        "device_mapping",
        "",
        "",
        "The GPUs of the run, by number. Names a machine, not a run: never drift.",
        "使用的 GPU 编号；属于机器而非训练，不算差异。",
        MISSION,
    ),
    Parameter("physical_gpus", "", "", "The GPUs as the machine numbers them. Never drift.", "机器上的物理 GPU 编号；不算差异。", MISSION),
    Parameter("bf16", "", "", "Train in bfloat16.", "以 bfloat16 精度训练。", ARGS),
    Parameter(
        "gradient_checkpointing",
        "",
        "",
        "Recompute activations in the backward pass: less memory, more time.",
        "反向传播时重新计算激活值：省显存，费时间。",
        ARGS,
    ),
    Parameter("max_steps", "steps", "[1, inf)", "Optimizer steps of the run.", "训练的总步数。", ARGS),
    Parameter(
        "rollout_batch_size",
        "prompts a step",
        "[1, inf)",
        "Prompts per step. Each is answered by a group, so a step trains on prompts x group completions.",
        "每步的提示数；每个提示对应一组样本。",
        MISSION,
    ),
    Parameter(
        "num_generations",
        "completions a prompt",
        "[2, inf)",
        "The GRPO group: completions of one prompt that are compared with each other.",
        "GRPO 组大小：同一提示的样本数，优势由组内比较得到。",
        TRL,
    ),
    Parameter(
        "forward_pass_microbatch_size",
        "completions",
        "[1, inf)",
        "Completions in one forward pass; changes memory, not the result.",
        "单次前向计算的样本数；只影响显存。",
        MISSION,
    ),
    Parameter(
        "learning_rate",
        "",
        "(0, inf)",
        "The peak learning rate, reached after warm-up. With LoRA the step also scales with alpha/rank.",
        "预热后达到的峰值学习率；使用 LoRA 时，有效步长还要乘以 alpha/rank。",
        ARGS,
    ),
    Parameter(
        "warmup_steps",
        "steps",
        "[0, inf)",
        "Steps over which the learning rate rises from 0 to its peak.",
        "学习率从 0 升到峰值所用的步数。",
        ARGS,
    ),
    Parameter(
        "gradient_accumulation_steps",
        "",
        "[1, inf)",
        "Forward and backward passes per optimizer step.",
        "每次参数更新累积的前向、反向次数。",
        ARGS,
    ),
    Parameter(
        "epsilon",
        "",
        "[0, inf)",
        "The clip range: probability ratios are clipped to 1 - range ... 1 + range.",
        "裁剪范围：概率比被限制在 1±ε 之内。",
        TRL,
    ),
    Parameter("max_grad_norm", "", "[0, inf)", "Gradients are scaled down to this norm.", "梯度裁剪的范数上限。", ARGS),
    Parameter("weight_decay", "", "[0, inf)", "AdamW's decoupled weight decay.", "AdamW 的权重衰减。", ARGS),
    Parameter(
        "use_kl_loss",
        "",
        "",
        "Add a KL term that keeps the policy near the reference model.",
        "加入 KL 损失，使策略不偏离参考模型。",
        MISSION,
    ),
    Parameter("beta", "", "[0, inf)", "The coefficient of the KL term.", "KL 损失的系数。", TRL),
    Parameter(
        "temperature_schedule_enabled",
        "",
        "",
        "Let the sampling temperature change over the run; the fixed one is then dead.",
        "启用温度调度；启用后固定温度不起作用。",
        MISSION,
    ),
    Parameter("temperature_initial", "", "(0, inf)", "The temperature at the first step of the schedule.", "调度开始时的温度。", MISSION),
    Parameter(
        "temperature_final",
        "",
        "(0, inf)",
        "The temperature at the end of the schedule, and from then on.",
        "调度结束及其后的温度。",
        MISSION,
    ),
    Parameter(
        "temperature_warmup_steps",
        "steps",
        "[0, inf)",
        "Steps over which the temperature goes from initial to final.",
        "温度从 initial 变到 final 所用的步数。",
        MISSION,
    ),
    Parameter(
        "temperature",
        "",
        "(0, inf)",
        "The sampling temperature while no schedule is on: higher draws more diverse completions.",
        "未启用调度时的采样温度：越高，样本越多样。",
        TRL,
    ),
    Parameter(
        "max_completion_length",
        "tokens",
        "[1, inf)",
        "The longest completion; a longer one is cut, and its reward is that of a cut answer.",
        "生成的最大长度；超出即被截断。",
        TRL,
    ),
    Parameter(
        "top_p",
        "",
        "(0, 1]",
        "Nucleus sampling: keep the likeliest tokens up to this probability mass; 1 is off.",
        "核采样：保留累计概率达到该值的词；1 表示关闭。",
        TRL,
    ),
    Parameter(
        "top_k", "tokens", "[-1, inf)", "Keep the k likeliest tokens; 0 and -1 are off.", "只保留概率最高的 k 个词；0 和 -1 表示关闭。", TRL
    ),
    Parameter("use_lora", "", "", "Train low-rank adapters instead of all weights.", "训练低秩适配器，而不是全部权重。", MISSION, "true"),
    Parameter(
        "lora_r",
        "",
        "[1, inf)",
        "The rank of LoRA's two matrices; the number of trained parameters is proportional to it.",
        "LoRA 矩阵的秩；可训练参数量与之成正比。",
        PEFT,
    ),
    Parameter(
        "lora_alpha",
        "",
        "(0, inf)",
        "LoRA's update is multiplied by alpha/rank (alpha/sqrt(rank) under rsLoRA).",
        "LoRA 的更新量乘以 alpha/rank（rsLoRA 为 alpha/√rank）。",
        PEFT,
    ),
    Parameter(
        "lora_dropout",
        "share",
        "[0, 1)",
        "The share of the adapters' inputs that is dropped while training.",
        "训练时丢弃适配器输入的比例。",
        PEFT,
    ),
    Parameter(
        "lora_target_modules",
        "",
        "",
        "The modules that get an adapter, by the ends of their names, separated by commas.",
        "加适配器的模块名，以逗号分隔。",
        PEFT,
    ),
    Parameter(
        "use_rslora",
        "",
        "",
        "Scale by alpha/sqrt(rank) instead of alpha/rank (rank-stabilised LoRA).",
        "使用 rsLoRA：缩放为 alpha/√rank。",
        PEFT,
        "false",
    ),
    Parameter("data_dir", "", "", "The folder of the data.", "数据目录。", MISSION),
    Parameter("train_dataset", "", "", "The training data.", "训练数据。", MISSION),
    Parameter("val_dataset", "", "", "The data for evaluation during training.", "训练中评估所用的数据。", MISSION),
    Parameter("test_dataset", "", "", "The data for the test after training.", "训练后测试所用的数据。", MISSION),
    Parameter("domain_ratios", "shares", "", "Each domain's share of the samples; they sum to 1.", "各领域的采样比例，总和为 1。", MISSION),
    Parameter(
        "reward_weights", "weights", "", "What each part of the reward counts; they sum to 1.", "奖励各部分的权重，总和为 1。", MISSION
    ),
    Parameter("eval_steps", "steps", "[0, inf)", "Evaluate every so many steps; 0 is off.", "每隔多少步评估一次；0 表示关闭。", MISSION),
    Parameter("val_samples", "samples", "[0, inf)", "Samples of an evaluation.", "每次评估的样本数。", MISSION),
    Parameter("logging_steps", "steps", "[0, inf)", "Log every so many steps.", "每隔多少步记录一次日志。", ARGS),
    Parameter("save_steps", "steps", "[0, inf)", "Save a checkpoint every so many steps.", "每隔多少步保存一次检查点。", ARGS),
    Parameter("output_dir", "", "", "Where checkpoints go. Names a run: never drift.", "检查点目录；只标识一次训练，不算差异。", ARGS),
    Parameter("save_dir", "", "", "Where checkpoints go, if not to the output folder.", "检查点目录（若与 output_dir 不同）。", MISSION),
    Parameter("aflow_config_path", "", "", "The executor's file.", "执行引擎的配置文件。", MISSION),
    Parameter(
        "aflow_executor_model", "", "", "The executor's model, by its name in that file.", "执行引擎使用的模型（该文件中的名字）。", MISSION
    ),
    Parameter(
        "aflow_operator_descriptions_path",
        "",
        "",
        "Descriptions of the operators a workflow may call.",
        "工作流可用算子的说明文件。",
        MISSION,
    ),
    Parameter("execution_timeout", "seconds", "(0, inf)", "How long one workflow may run.", "单个工作流的执行时限。", MISSION),
    Parameter("buffer_size", "completions", "[0, inf)", "How many good completions are kept.", "经验池保留的样本数。", MISSION),
    Parameter("reward_threshold", "reward, 0 to 10", "", "The reward from which a completion is kept.", "进入经验池所需的奖励。", MISSION),
    Parameter("buffer_dir", "", "", "Where kept completions are written.", "经验池的保存目录。", MISSION),
    Parameter("wandb_enabled", "", "", "Track the run with Weights & Biases.", "启用 wandb 记录。", MISSION),
    Parameter("wandb_project", "", "", "The W&B project.", "wandb 项目名。", "wandb.init"),
    Parameter("wandb_entity", "", "", "The W&B team.", "wandb 团队名。", "wandb.init"),
    Parameter("run_name", "", "", "The name a run is found by. Names a run: never drift.", "运行名；只标识一次训练，不算差异。", ARGS),
    Parameter("wandb_api_key", "", "", "A W&B key; it belongs in the environment.", "wandb 密钥；应放在环境变量中。", "wandb.login"),
    Parameter(
        "executor_api_type",
        "",
        "",
        "The protocol the executor's server speaks: openai, azure, anthropic or local.",
        "执行引擎的接口类型。",
        MISSION,
    ),
    Parameter("executor_base_url", "", "", "The address of the executor's server.", "执行引擎服务的地址。", SERVER),
    Parameter("executor_api_key", "", "", "The key for the executor's server, as `${VAR}`.", "执行引擎的密钥，写成 `${VAR}`。", SERVER),
    Parameter("executor_model_name", "", "", "The model's name at its server.", "模型在服务端的名字。", SERVER),
    Parameter(
        "executor_temperature",
        "",
        "[0, 2]",
        "The executor's temperature; 0 makes judging repeatable.",
        "执行引擎的温度；0 使评判可复现。",
        SERVER,
    ),
    Parameter("executor_top_p", "", "(0, 1]", "The executor's nucleus sampling.", "执行引擎的核采样。", SERVER),
    Parameter("executor_max_tokens", "tokens", "[1, inf)", "The longest answer of the executor.", "执行引擎回答的最大长度。", SERVER),
)

PARAMETERS = {row.name: row for row in _ROWS}

MEANINGS = {row.name: Said(row.en, row.zh) for row in _ROWS}
