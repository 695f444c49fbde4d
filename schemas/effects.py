"""What follows from a change of parameters: arithmetic, or a sentence with a source; otherwise nothing.

Every sentence says what the second recipe is compared with the first, so the same ones tell what is wrong with a config (against its
reference) and what a change brings (before and after).
"""

from __future__ import annotations

from math import sqrt

from confguard.schemas import quantities
from confguard.schemas.architectures import GATED_MLP, LLAMA_LIKE
from confguard.schemas.quantities import above_zero
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.spelling import number, show
from confguard.words.story import Effect, effect

TRAINING, EXPRESSIVENESS, EXPLORATION, COMPLETENESS = "training", "expressiveness", "exploration", "completeness"
GROUPS = {
    TRAINING: Said("Training", "训练效率"),
    EXPRESSIVENESS: Said("What the model can express", "模型表达能力"),
    EXPLORATION: Said("Exploration", "模型探索"),
    COMPLETENESS: Said("Complete answers", "代码生成完整性"),
}
ARITHMETIC = Said("arithmetic", "算术")
SCALING = "PEFT 0.21.2, tuners/lora/layer.py: scaling = alpha/r"


@effect(TRAINING, ("rollout_batch_size", "max_steps", "num_generations"), ARITHMETIC)
def samples(before: Recipe, after: Recipe) -> Said | None:
    """How many completions the run trains on."""
    old, new = (quantities.samples(side) for side in (before, after))
    if old is None or new is None or old == new:
        return None
    return Said(
        f"The run trains on {new:,} samples instead of {old:,} (x{number(new / old, 3)}).",
        f"总样本数为 {new:,}，而非 {old:,}（×{number(new / old, 3)}）。",
    )


@effect(
    TRAINING,
    ("rollout_batch_size",),
    Said("the standard error of a mean of n independent draws is proportional to 1/sqrt(n)", "n 个独立样本均值的标准误与 1/√n 成正比"),
)
def noise(before: Recipe, after: Recipe) -> Said | None:
    """What a batch size does to the noise of the gradient."""
    old, new = before.get("rollout_batch_size"), after.get("rollout_batch_size")
    if not above_zero(old, new) or old == new:
        return None
    factor = number(sqrt(old / new), 3)
    return Said(
        f"A step averages {new} prompts instead of {old}: the noise of its gradient is x{factor}, for prompts drawn independently.",
        f"每步对 {new} 条提示取平均，而非 {old} 条：在提示独立抽样时，梯度噪声为 ×{factor}。",
    )


@effect(
    TRAINING,
    ("learning_rate",),
    Said("torch.optim.AdamW: a step is the learning rate times a normalised gradient", "torch.optim.AdamW：步长为学习率乘以归一化的梯度"),
)
def step_size(before: Recipe, after: Recipe) -> Said | None:
    """What a learning rate does to the size of a step."""
    old, new = before.get("learning_rate"), after.get("learning_rate")
    if not above_zero(old, new) or old == new:
        return None
    lower = new < old
    head = Said(
        f"The learning rate is {'lower' if lower else 'higher'}, x{number(new / old, 3)} ({number(old)} -> {number(new)})",
        f"学习率{'降低' if lower else '升高'}，×{number(new / old, 3)}（{number(old)} -> {number(new)}）",
    )
    tail = (
        Said("each step moves the weights less, and training is no faster for it", "每步更新的幅度更小，训练不会因此加快")
        if lower
        else Said("each step moves the weights further; the run takes as many steps as before", "每步更新的幅度更大，总步数不因此改变")
    )
    return Said(f"{head.en}: {tail.en}.", f"{head.zh}：{tail.zh}。")


@effect(
    TRAINING,
    ("learning_rate", "rollout_batch_size", "num_generations"),
    "Goyal et al. 2017, arXiv 1706.02677 (SGD); Malladi et al. 2022, arXiv 2205.10287 (Adam)",
)
def suggested_rate(before: Recipe, after: Recipe) -> Said | None:
    """The learning rate that a change of the batch would suggest, beside the actual one."""
    found = quantities.suggested_rates(after, before)
    if found is None or found.batch == found.reference_batch:
        return None
    factor, actual = number(found.batch / found.reference_batch, 3), number(after.get("learning_rate"))
    linear, root = number(found.linear, 3), number(found.root, 3)
    return Said(
        f"A batch x{factor} would suggest a learning rate of {linear} (linear rule) or {root} (square-root rule): the rate goes "
        f"with the batch, not against it. The file says {actual}.",
        f"批大小 ×{factor}，对应的学习率为 {linear}（线性规则）或 {root}（平方根规则）：学习率与批大小同向变化，而非反比。"
        f"文件中为 {actual}。",
    )


@effect(TRAINING, ("learning_rate", "lora_alpha", "lora_r"), SCALING)
def effective_step(before: Recipe, after: Recipe) -> Said | None:
    """What learning rate and LoRA's scale come to together."""
    old, new = quantities.effective_step(before), quantities.effective_step(after)
    if old is None or new is None or old == new:
        return None
    return Said(
        f"The effective LoRA step, learning rate x alpha/rank, is {number(new)} instead of {number(old)} (x{number(new / old, 3)}).",
        f"LoRA 有效步长（学习率 × alpha/rank）为 {number(new)}，而非 {number(old)}（×{number(new / old, 3)}）。",
    )


@effect(TRAINING, ("warmup_steps", "max_steps"), ARITHMETIC)
def warmup(before: Recipe, after: Recipe) -> Said | None:
    """The share of the run that is warm-up."""
    shares = [quantities.warmup_share(side) for side in (before, after)]
    if shares[0] is None or shares[1] is None or shares[0] == shares[1]:
        return None
    old, new = (f"{number(share * 100)}%" for share in shares if share is not None)
    return Said(f"Warm-up takes {new} of the run instead of {old}.", f"预热占总步数的 {new}，而非 {old}。")


@effect(
    EXPRESSIVENESS,
    ("lora_r",),
    Said("PEFT 0.21.2: LoRA's matrices are rank x inputs and outputs x rank", "PEFT 0.21.2：LoRA 矩阵为 秩 × 输入 与 输出 × 秩"),
)
def rank(before: Recipe, after: Recipe) -> Said | None:
    """What a rank does to the number of trained parameters."""
    old, new = before.get("lora_r"), after.get("lora_r")
    if not above_zero(old, new) or old == new or not quantities.uses_lora(before, after):
        return None
    return Said(
        f"LoRA's rank is {new} instead of {old}: x{number(new / old, 3)} the trained parameters in each target module.",
        f"LoRA 的秩为 {new}，而非 {old}：每个目标模块的可训练参数为 ×{number(new / old, 3)}。",
    )


@effect(
    EXPRESSIVENESS,
    ("lora_target_modules",),
    Said("PEFT 0.21.2: a module that is no target gets no adapter", "PEFT 0.21.2：非目标模块没有适配器"),
)
def modules(before: Recipe, after: Recipe) -> Said | None:
    """Which modules are adapted."""
    old, new = quantities.target_modules(before), quantities.target_modules(after)
    if old is None or new is None or set(old) == set(new) or not quantities.uses_lora(before, after):
        return None
    gained, lost = [name for name in new if name not in old], [name for name in old if name not in new]
    if gained and lost:
        said = Said(f"{_names(gained)} get adapters instead of {_names(lost)}", f"{_names(gained)} 有适配器，{_names(lost)} 没有")
    elif gained:
        said = Said(f"{_names(gained)} get adapters, too", f"{_names(gained)} 也有适配器")
    else:
        said = Said(f"{_names(lost)} get no adapters", f"{_names(lost)} 没有适配器")
    only = set(new) <= set(LLAMA_LIKE) and not set(new) & set(GATED_MLP)
    tail = Said(": only attention is adapted", "：只适配注意力层") if only else Said("", "")
    return Said(f"Of the target modules, {said.en}{tail.en}.", f"目标模块：{said.zh}{tail.zh}。")


@effect(
    EXPRESSIVENESS,
    ("lora_target_modules", "lora_r"),
    Said("PEFT 0.21.2: rank x (inputs + outputs) a module", "PEFT 0.21.2：每个模块 秩 ×（输入 + 输出）"),
)
def added(before: Recipe, after: Recipe) -> Said | None:
    """How many parameters are trained."""
    old, new = quantities.trained_by_lora(before), quantities.trained_by_lora(after)
    if not old or not new or old == new:
        return None
    return Said(
        f"LoRA adds {new:,} trained parameters instead of {old:,} (x{number(new / old, 3)}).",
        f"LoRA 新增 {new:,} 个可训练参数，而非 {old:,}（×{number(new / old, 3)}）。",
    )


@effect(EXPRESSIVENESS, ("lora_alpha", "lora_r"), SCALING)
def lora_scale(before: Recipe, after: Recipe) -> Said | None:
    """What LoRA's update is multiplied with."""
    old, new = quantities.lora_scale(before), quantities.lora_scale(after)
    if old is None or new is None or old == new:
        return None
    return Said(
        f"LoRA's update is multiplied by alpha/rank = {number(new)} instead of {number(old)}.",
        f"LoRA 更新量乘以 alpha/rank = {number(new)}，而非 {number(old)}。",
    )


@effect(EXPRESSIVENESS, ("lora_dropout",), "PEFT 0.21.2: torch.nn.Dropout")
def dropout(before: Recipe, after: Recipe) -> Said | None:
    """How much of the adapters' inputs is dropped."""
    old, new = before.get("lora_dropout"), after.get("lora_dropout")
    if old is None or new is None or old == new or not quantities.uses_lora(before, after):
        return None
    return Said(
        f"While training, {number(new * 100)}% of the adapters' inputs are dropped instead of {number(old * 100)}%.",
        f"训练时丢弃适配器输入的 {number(new * 100)}%，而非 {number(old * 100)}%。",
    )


@effect(
    EXPLORATION,
    ("temperature", "temperature_schedule_enabled", "temperature_initial", "temperature_final"),
    Said("softmax: p to the power 1/T", "softmax：p 的 1/T 次方"),
)
def temperature(before: Recipe, after: Recipe) -> Said | None:
    """What a temperature does to how likely tokens are."""
    old, new = quantities.first_temperature(before), quantities.first_temperature(after)
    if not above_zero(old, new) or old == new:
        return None
    odds = [_odds(side) for side in (new, old)]
    where = Said("", "") if quantities.is_fixed(before) and quantities.is_fixed(after) else Said(" at the first step", "（第一步）")
    return Said(
        f"Sampling is {'more' if new > old else 'less'} diverse: a token that is twice as likely as another at temperature 1 is "
        f"{odds[0]} times as likely at {number(new)}, {odds[1]} times at {number(old)}{where.en}.",
        f"采样{'更多样' if new > old else '更集中'}：温度为 1 时概率为两倍的词，"
        f"在 {number(new)} 时为 {odds[0]} 倍，在 {number(old)} 时为 {odds[1]} 倍{where.zh}。",
    )


@effect(EXPLORATION, ("temperature_schedule_enabled", "temperature_final", "temperature_warmup_steps"), ARITHMETIC)
def schedule(before: Recipe, after: Recipe) -> Said | None:
    """Whether the temperature changes over the run."""
    if quantities.is_fixed(before) == quantities.is_fixed(after):
        return None
    if quantities.is_fixed(after):
        return Said(
            "The temperature stays the same over the run instead of changing by a schedule.", "温度在训练中保持不变，不再按调度变化。"
        )
    return Said("The temperature changes over the run instead of staying fixed.", "温度在训练中按调度变化，不再固定。")


@effect(EXPLORATION, ("top_k",), Said("top-k sampling keeps the k likeliest tokens", "top-k 采样保留概率最高的 k 个词"))
def top_k(before: Recipe, after: Recipe) -> Said | None:
    """How many tokens sampling may choose from."""
    old, new = before.get("top_k"), after.get("top_k")
    if not above_zero(old, new) or old == new:
        return None
    return Said(
        f"Each token is drawn from the {new} likeliest instead of the {old} likeliest.",
        f"每个词从概率最高的 {new} 个中抽取，而非 {old} 个。",
    )


@effect(EXPLORATION, ("top_p",), "nucleus sampling: Holtzman et al. 2020, arXiv 1904.09751")
def top_p(before: Recipe, after: Recipe) -> Said | None:
    """How much probability mass sampling keeps."""
    old, new = before.get("top_p"), after.get("top_p")
    if old is None or new is None or old == new:
        return None
    return Said(
        f"Each token is drawn from the likeliest that make up {show(new)} of the probability instead of {show(old)}.",
        f"每个词从累计概率 {show(new)} 的范围内抽取，而非 {show(old)}。",
    )


@effect(COMPLETENESS, ("max_completion_length",), "TRL 1.16.0, GRPOConfig: max_completion_length")
def length(before: Recipe, after: Recipe) -> Said | None:
    """How long a completion may be."""
    old, new = before.get("max_completion_length"), after.get("max_completion_length")
    if not above_zero(old, new) or old == new:
        return None
    factor = number(new / old, 3)
    cut = Said("fewer", "更多") if new > old else Said("more", "更少")
    return Said(
        f"A completion may have {new:,} tokens instead of {old:,} (x{factor}), so as many or {cut.en} are cut off; "
        "the run's log tells how many.",
        f"样本最长 {new:,} tokens，而非 {old:,}（×{factor}），被截断的不会{cut.zh}；实际数量见训练日志。",
    )


@effect(COMPLETENESS, ("executor_max_tokens",), "OpenAI API reference, chat completions: max_tokens")
def executor_length(before: Recipe, after: Recipe) -> Said | None:
    """How long an answer of the executor may be."""
    old, new = before.get("executor_max_tokens"), after.get("executor_max_tokens")
    if old == new:
        return None
    if new is None:
        return Said(
            "The executor's answers have no limit of their own: the client's or the server's default rules.",
            "执行引擎的回答没有设上限：由客户端或服务端默认值决定。",
        )
    instead = Said("where none was set", "之前未设置") if old is None else Said(f"instead of {old:,}", f"而非 {old:,}")
    return Said(f"An answer of the executor may have {new:,} tokens {instead.en}.", f"执行引擎的回答最长 {new:,} tokens，{instead.zh}。")


def _odds(at: float) -> str:
    return number(2 ** (1 / at), 3) if at > 0.01 else "over 10^30"


def _names(names: list[str]) -> str:
    return ", ".join(names[:8])


EFFECTS = tuple(item for item in tuple(vars().values()) if isinstance(item, Effect))
