"""The report's checklist and its next steps: which rules decide a point, the figures it rests on, what to watch once the run is started."""

from __future__ import annotations

from confguard.schemas.quantities import above_zero, lora_scale, samples, suggested_rates, warmup_share
from confguard.words.language import Said, same
from confguard.words.recipe import Recipe
from confguard.words.spelling import number
from confguard.words.story import Point, Step

HEADLINE = ("lora_r", "learning_rate", "rollout_batch_size", "temperature", "max_completion_length", "warmup_steps")
"""Compared with the reference in every report, the same or not: what decides most about a run."""


def _alpha_rank(recipe: Recipe, reference: Recipe | None) -> Said | None:
    ours, theirs = lora_scale(recipe), lora_scale(reference) if reference else None
    if ours is None:
        return None
    figure = same(f"{number(recipe.get('lora_alpha'))} / {recipe.get('lora_r')} = {number(ours)}")
    return _beside(figure, number(theirs) if theirs is not None else None)


def _warmup(recipe: Recipe, reference: Recipe | None) -> Said | None:
    ours, theirs = _percent(recipe), _percent(reference)
    if ours is None:
        return None
    figure = same(f"{recipe.get('warmup_steps')} / {recipe.get('max_steps')} = {ours}")
    return _beside(figure, theirs)


def _rate_and_batch(recipe: Recipe, reference: Recipe | None) -> Said | None:
    rate, prompts = recipe.get("learning_rate"), recipe.get("rollout_batch_size")
    if not above_zero(rate, prompts):
        return None
    figure = Said(f"learning rate {number(rate)} at {prompts} prompts a step", f"学习率 {number(rate)}，每步 {prompts} 条提示")
    found = suggested_rates(recipe, reference) if reference else None
    if reference is None or found is None:
        return figure
    their_rate, their_prompts = number(reference.get("learning_rate")), reference.get("rollout_batch_size")
    linear, root = number(found.linear, 3), number(found.root, 3)
    return Said(
        f"{figure.en}; the reference: {their_rate} at {their_prompts}, for this batch {linear} (linear rule) or {root} (square root)",
        f"{figure.zh}；参考：{their_rate}，{their_prompts} 条；对应该批大小 {linear}（线性规则）或 {root}（平方根规则）",
    )


def _run_name(recipe: Recipe, reference: Recipe | None) -> Said | None:
    name = recipe.get("run_name")
    return same(f"`{name}`") if name else None


def _always(recipe: Recipe, reference: Recipe | None) -> Said | None:
    return same("")


def _training(recipe: Recipe, reference: Recipe | None) -> Said | None:
    return same("") if "max_steps" in recipe.names else None


CHECKLIST = (
    Point(
        Said("The YAML is valid, and every reader understands the same", "YAML 语法正确，各读取器理解一致"), ("YAML",), _always, strict=True
    ),
    Point(Said("Every key is known, and no needed one is missing", "键名正确，没有缺失的必需项"), ("SCHEMA", "RELEASE", "AUDIT"), _always),
    Point(
        Said("Every value is in its range", "所有参数值合理（在有效范围内）"),
        (
            *("LORA001", "LORA002", "LORA003", "LORA010", "LORA012", "LORA013"),
            *("SCHED004", "SCHED005", "SCHED006", "SCHED007", "SCHED008", "SCHED009"),
            *("BATCH001", "BATCH002", "BATCH003", "BATCH004", "BATCH006", "BATCH007", "BATCH008"),
            *("SAMPLE", "LOSS", "DATA", "REWARD"),
            *("OPT", "PREC", "EVAL", "PEFT", "GRPO", "SFT", "DPO", "KTO", "RM", "ARG", "VALUE"),
        ),
        _training,
    ),
    Point(Said("Parameters that depend on each other fit", "参数之间的依赖关系正确"), (), _training),
    Point(
        Said("lora_alpha against lora_rank", "lora_alpha 与 lora_rank 的比例"), ("LORA004", "LORA005", "LORA006", "LORA007"), _alpha_rank, 1
    ),
    Point(Said("warmup_steps against max_steps", "warmup_steps 与 max_steps 的比例"), ("SCHED001", "SCHED002", "SCHED003"), _warmup, 1),
    Point(Said("learning_rate against batch size", "learning_rate 与 batch_size 的关系"), ("BATCH005",), _rate_and_batch, 1),
    Point(
        Said("Target modules against the base model", "目标模块与基础模型"),
        ("LORA008", "LORA009", "LORA011", "LORA014"),
        lambda recipe, reference: same(f"`{recipe.get('base_model')}`") if recipe.get("use_lora") and recipe.get("base_model") else None,
        1,
    ),
    Point(Said("Temperature schedule against the run", "温度调度与训练步数"), ("SCHED010", "SCHED011", "SCHED012"), _training, 1),
    Point(Said("The executor answers at the length the policy may write", "执行引擎的配置与策略模型匹配"), ("EXEC",), _training, 1),
    Point(Said("The run name is up to date", "wandb run_name 已更新以反映配置变更"), ("NAME001", "NAME005"), _run_name),
    Point(Said("Comments say what the values say", "注释与数值一致"), ("NAME002", "NAME003", "NAME004"), _always, strict=True),
    Point(Said("No secret stands in the files", "文件中没有密钥"), ("SEC",), _always),
    Point(Said("Every waiver is in force and needed", "豁免均有效且有必要"), ("WAIVE",), _always),
)


def _cut_answers(recipe: Recipe) -> Said | None:
    most, count = recipe.get("max_completion_length"), samples(recipe)
    if not isinstance(most, int) or most < 1 or count is None:
        return None
    more = most + (most // 4 or 1)
    name = recipe.name("max_completion_length")
    cost = f"{count * (more - most):,}"
    return Said(
        f"If answers are still cut at {most:,} tokens (TRL logs the share as `completions/clipped_ratio`), raise `{name}`, "
        f"to {more:,} say: at most {cost} tokens more over the run.",
        f"如果回答仍在 {most:,} tokens 处被截断（TRL 记录为 `completions/clipped_ratio`），"
        f"可增加 `{name}`，例如 {more:,}：整个训练最多多生成 {cost} tokens。",
    )


def _watched(recipe: Recipe) -> Said | None:
    name, project = recipe.get("run_name"), recipe.get("wandb_project")
    if not name or recipe.get("wandb_enabled") is False:
        return None
    where = Said(f" of the W&B project `{project}`", f"（wandb 项目 `{project}`）") if project else Said("", "")
    return Said(f"Watch the run `{name}`{where.en}.", f"在 wandb 查看 `{name}` 运行{where.zh}。")


def _warming_up(recipe: Recipe) -> Said | None:
    warm, steps, rate = (recipe.get(name) for name in ("warmup_steps", "max_steps", "learning_rate"))
    if not warm or not steps or not rate or not 0 < warm < steps:
        return None
    share = f"{number(100 * warm / steps)}%"
    return Said(
        f"Over the first {warm} steps ({share}) the learning rate rises from 0 to {number(rate)}: the first steps move the weights least.",
        f"前 {warm} 步（{share}）学习率从 0 升到 {number(rate)}，最初的步更新幅度最小。",
    )


def share_of_run(recipe: Recipe) -> Said | None:
    """The share of the run that is warm-up, in words."""
    share = _percent(recipe)
    return Said(f"{share} of the run.", f"占总步数的 {share}。") if share else None


STEPS = (
    Step(Said("What to watch", "监控指标"), _watched),
    Step(Said("Cut answers", "截断检查"), _cut_answers),
    Step(Said("Warm-up", "学习进度"), _warming_up),
)


def _percent(recipe: Recipe | None) -> str | None:
    share = warmup_share(recipe) if recipe else None
    return f"{number(100 * share)}%" if share is not None else None


def _beside(figure: Said, theirs: str | None) -> Said:
    return Said(f"{figure.en}; the reference: {theirs}", f"{figure.zh}；参考：{theirs}") if theirs else figure
