"""Sampling: temperature, nucleus, top-k and lengths."""

from __future__ import annotations

from confguard.schemas.architectures import model_named
from confguard.schemas.kinds import DPO, KTO, ONLINE, RLOO
from confguard.schemas.norms import SOURCE, norm
from confguard.words.finding import ERROR, FIRST_STEP, INFO, NEVER, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import show

_FIXED = "temperature"
_SCHEDULED = ("temperature_initial", "temperature_final")
_PUBLISHED = [norm("GRPO", kind, "temperature") for kind in ("LoRA", "full")]
_LOWEST, _HIGHEST = min(row.low for row in _PUBLISHED), max(row.high for row in _PUBLISHED)
_COUNTED = sum(row.files for row in _PUBLISHED)


def temperatures(recipe: Recipe) -> list[tuple[str, float]]:
    """The temperatures that are used: the schedule's two where it is on, else the fixed one."""
    if "temperature_schedule_enabled" not in recipe.values and recipe.is_given("temperature_schedule_enabled"):
        return []
    names = _SCHEDULED if recipe.values.get("temperature_schedule_enabled") else (_FIXED,)
    return [(name, recipe.values[name]) for name in names if name in recipe.values]


@rule(
    "SAMPLE001",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0, generate: ValueError 'strictly positive' for 0 and -1, run",
    bad="generation_config:\n  temperature: 0\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    good="generation_config:\n  temperature: 0.4\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    zh="温度必须大于 0：transformers 在第一步报错；若是贪心采样，组内样本完全相同，没有优势也没有梯度。",
    about=(_FIXED, *_SCHEDULED),
)
def temperature_not_positive(recipe: Recipe) -> Verdicts:
    """The sampling temperature is above 0.

    transformers raises at the first step. A hand-written sampler that turns greedy at 0 makes all completions of a group alike: no
    advantage, no gradient.
    """
    for name, value in temperatures(recipe):
        if value <= 0:
            yield Broken(
                f"`{name}` is {show(value)}: transformers refuses it at the first step, and greedy sampling makes a whole group identical",
                at=name,
                help="write a temperature above 0; published GRPO runs use 0.6 to 1.0",
            )


@rule(
    "SAMPLE002",
    WARNING,
    NEVER,
    source="no published GRPO config is above 1 (docs/norms.md); API servers refuse more than 2",
    bad="generation_config:\n  temperature: 2.5\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    good="generation_config:\n  temperature: 1.0\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    zh="温度高于 2：采样接近随机。",
    about=(_FIXED, *_SCHEDULED),
)
def temperature_above_two(recipe: Recipe) -> Verdicts:
    """The sampling temperature is at most 2; above, tokens are drawn almost at random."""
    for name, value in temperatures(recipe):
        if value > 2:
            yield Broken(
                f"`{name}` is {show(value)}, above 2: tokens are drawn almost at random",
                at=name,
                help="write at most 1, as published runs do",
            )


@rule(
    "SAMPLE003",
    INFO,
    NEVER,
    source=SOURCE,
    bad="generation_config:\n  temperature: 0.2\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    good="generation_config:\n  temperature: 0.9\n  max_tokens: 4096\ntemperature_schedule:\n  enabled: false",
    zh="采样温度在已公开的 GRPO 配置范围（0.6 到 1.0）之外。",
    about=(_FIXED, *_SCHEDULED),
)
def temperature_outside_published(recipe: Recipe) -> Verdicts:
    """The sampling temperature lies where published GRPO runs have it, 0.6 to 1.0; otherwise that is worth knowing."""
    for name, value in temperatures(recipe) if recipe.kind not in RLOO else ():
        if 0 < value <= 2 and not _LOWEST <= value <= _HIGHEST:
            side = "below" if value < _LOWEST else "above"
            yield Broken(
                f"`{name}` {show(value)} is {side} every published GRPO temperature that we counted ({show(_LOWEST)} to {show(_HIGHEST)}, {_COUNTED} configs)",
                at=name,
            )


@rule(
    "SAMPLE004",
    ERROR,
    FIRST_STEP,
    source="TRL 1.16.0, grpo_config.py: top_p in (0, 1]; transformers' TopPLogitsWarper(1.5) raises ValueError, its generate takes 1.5 for off "
    "and 0 for greedy, run",
    bad="generation_config:\n  temperature: 0.5\n  max_tokens: 4096\n  top_p: 1.5",
    good="generation_config:\n  temperature: 0.5\n  max_tokens: 4096\n  top_p: 0.95",
    zh="top_p 必须在 (0, 1] 内。",
)
def top_p_out_of_range(top_p: float, recipe: Recipe) -> Verdict:
    """top_p, the probability mass that is kept, lies in (0, 1]; 1 switches it off."""
    if not 0 < top_p <= 1:
        silent = NEVER if recipe.kind in ONLINE else None
        return Broken(f"`top_p` is {show(top_p)}, outside (0, 1]", help="write a share such as 0.95, or 1 for off", fails=silent)
    return None


@rule(
    "SAMPLE005",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0, generate: ValueError for -2 and -1, run; 0 and -1 are off in vLLM",
    bad="generation_config:\n  temperature: 0.5\n  max_tokens: 4096\n  top_k: -2",
    good="generation_config:\n  temperature: 0.5\n  max_tokens: 4096\n  top_k: 50",
    zh="top_k 不能小于 -1（0 和 -1 表示关闭）。",
)
def top_k_below_minus_one(top_k: int, recipe: Recipe) -> Verdict:
    """top_k is a number of tokens; 0 and -1 switch it off, -1 only in vLLM."""
    if top_k == -1 and recipe.kind in ONLINE and not recipe.get("use_vllm"):
        return Broken("`top_k` is -1, which is off in vLLM; transformers, which generates here, refuses it", help="write 0 for off")
    if top_k < -1:
        return Broken(f"`top_k` is {top_k}; it is a number of tokens", help="write a positive number such as 50, or 0 for off")
    return None


@rule(
    "SAMPLE006",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0, generate: max_new_tokens 0 raises ValueError, run",
    bad="generation_config:\n  temperature: 0.5\n  max_tokens: 0",
    good="generation_config:\n  temperature: 0.5\n  max_tokens: 4096",
    zh="最大生成长度必须不小于 1。",
)
def no_tokens(max_completion_length: int, recipe: Recipe) -> Verdict:
    """A completion may have at least one token."""
    if max_completion_length < 1 and recipe.kind not in DPO + KTO:  # old releases cut a preference's answers to it, and -1 says nothing
        return Broken(f"`max_completion_length` is {max_completion_length}: nothing can be generated", help="write 1 or more")
    return None


@rule(
    "SAMPLE007",
    WARNING,
    NEVER,
    source="max_position_embeddings of the published config.json (schemas/architectures.py)",
    bad="generation_config:\n  temperature: 0.5\n  max_tokens: 65536",
    good="generation_config:\n  temperature: 0.5\n  max_tokens: 4096",
    zh="最大生成长度超过模型的上下文长度。",
)
def longer_than_context(max_completion_length: int, base_model: str, recipe: Recipe) -> Verdict:
    """A completion, with its prompt, fits the model's context.

    Beyond it positions were never trained; vLLM refuses such a length at start. Scaled rotary embeddings can lengthen a context.
    """
    model = model_named(base_model)
    if model and model.context and max_completion_length > model.context and recipe.kind not in DPO + KTO:
        return Broken(
            f"`max_completion_length` {max_completion_length} is more than the {model.context} tokens that {base_model} was made for",
            keys=("base_model",),
            help=f"write less than {model.context}, so that the prompt fits too",
        )
    return None


@rule(
    "SAMPLE008",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0, generate: ValueError for min_p 1.5 and -0.1, repetition_penalty 0 and -1, run",
    bad="min_p: 1.5",
    good="min_p: 0.05",
    zh="min_p 必须在 [0, 1] 内，repetition_penalty 必须大于 0。",
    about=("min_p", "repetition_penalty"),
    kinds=ONLINE,
)
def sampling_out_of_range(recipe: Recipe) -> Verdicts:
    """min_p is a share in [0, 1], and the repetition penalty is above 0; 1 switches it off."""
    min_p, penalty = recipe.values.get("min_p"), recipe.values.get("repetition_penalty")
    if min_p is not None and not 0 <= min_p <= 1:
        yield Broken(f"`min_p` is {show(min_p)}, outside [0, 1]", at="min_p", help="write a small share such as 0.05, or remove it")
    if penalty is not None and penalty <= 0:
        yield Broken(f"`repetition_penalty` is {show(penalty)}; it is above 0", at="repetition_penalty", help="write 1.0 for off")
