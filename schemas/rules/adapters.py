"""LoRA of native runs: how TRL and PEFT read a file's modules, and which task an adapter is made for."""

from __future__ import annotations

import re

from confguard.schemas.kinds import DPO, KTO, NATIVE, ONLINE, REWARD, SFT
from confguard.schemas.rules.lora import is_all_linear, is_no_name, single
from confguard.words.finding import ERROR, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, rule
from confguard.words.spelling import cut, listed, nearest, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any

TASKS = ("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION")
GENERATING = ONLINE + SFT + DPO + KTO
_PLAIN = r"[A-Za-z0-9_., -]*"


def _is_inner_name(text: str) -> bool:
    """Whether a text, read as a pattern for the whole path of a module, can be none of a layer within a model.

    Such a path begins with the model's own part and has the number of its block: `model.layers.0.self_attn.q_proj`.
    """
    parts = text.split(".")
    is_path = parts[0] in ("model", "transformer", "base_model", "gpt_neox") or any(part.isdigit() for part in parts)
    return re.fullmatch(_PLAIN, text) is not None and not is_path


@rule(
    "PEFT001",
    ERROR,
    START,
    source="TRL 1.16.0, model_config.py:178: [q_proj] becomes q_proj, which PEFT 0.21.2 matches as a pattern: NoMatchingPeftModuleError, run",
    bad="lora_target_modules: [q_proj]",
    good='lora_target_modules: [".*q_proj"]',
    zh="只有一个元素的列表会被 TRL 变成字符串，PEFT 把字符串当正则表达式匹配整个路径：q_proj 匹配不到任何模块。",
    kinds=NATIVE,
)
def single_target_module(lora_target_modules: Any, use_lora: bool) -> Verdict:
    """A single target module is written as a pattern, or there are two or more.

    TRL takes the only entry out of its list. A string PEFT reads as a regular expression for the whole path of a module, so `q_proj` matches
    none, although `[q_proj, v_proj]` matches two in each layer. A string with commas is read in the same way.
    """
    text = single(lora_target_modules)
    if not use_lora or not text or is_all_linear(text) or text == "lm_head" or not _is_inner_name(text):
        return None
    if "," in text:
        names = [name.strip() for name in text.split(",") if name.strip()]
        return Broken(
            f"`lora_target_modules` is one string, {show(text)}: PEFT reads it as a pattern, which matches no module",
            help=f"write a list: [{listed(names)}]",
        )
    means_all = text.lower().removesuffix("linear").rstrip("-_ ") in ("all", "")
    return Broken(
        f"`lora_target_modules` has one entry, {cut(text)}: TRL makes a string of it, and PEFT a pattern for the whole path, which matches no module",
        help="write all-linear" if means_all else f'write [".*{cut(text)}"], or name two modules or more',
    )


@rule(
    "PEFT002",
    ERROR,
    START,
    source="PEFT 0.21.2: re.error when the adapters are built, run",
    bad='lora_target_modules: ["(q_proj"]',
    good='lora_target_modules: [".*(q_proj|v_proj)"]',
    zh="lora_target_modules 只有一项时是正则表达式，这里的表达式无效。",
    kinds=NATIVE,
)
def target_pattern_invalid(lora_target_modules: Any, use_lora: bool) -> Verdict:
    """A single target module is a regular expression that can be read."""
    text = single(lora_target_modules)
    if not use_lora or not text or len(text) > 2000:
        return None
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        return Broken(
            f"`lora_target_modules` is the pattern {show(text)}, which cannot be read: {cut(str(error))}", help="mend the pattern"
        )
    return None


@rule(
    "PEFT003",
    WARNING,
    NEVER,
    source="PEFT 0.21.2: in a list all-linear and patterns are compared as they stand, ['.*q_proj', 'v_proj'] trains v_proj alone, run",
    bad='lora_target_modules: [".*q_proj", "v_proj"]',
    good='lora_target_modules: ["q_proj", "v_proj"]',
    zh="多个元素的列表按字面比较：其中的 all-linear、正则表达式和带空格的名字匹配不到任何模块，且不会报错。",
    kinds=NATIVE,
)
def target_is_no_name(lora_target_modules: Any, use_lora: bool) -> Verdict:
    """In a list of two or more, each target module is a name.

    PEFT compares the entries of a list with the ends of the module paths, character by character: `all-linear`, a pattern, or a name with
    blanks around it matches nothing, and nothing is said as long as another entry fits.
    """
    if not use_lora or not isinstance(lora_target_modules, list) or len(lora_target_modules) < 2:
        return None
    odd = [entry for entry in lora_target_modules if isinstance(entry, str) and is_no_name(entry)]
    if not odd:
        return None
    if any(is_all_linear(entry) for entry in odd):
        help_ = "write [all-linear] alone, or the names"
    else:
        help_ = "write the names alone" if any(entry != entry.strip() for entry in odd) else "write one pattern alone, or the names"
    return Broken(f"`lora_target_modules` has {show(odd[0])} in a list of several, where it is no name: it matches no module", help=help_)


@rule(
    "PEFT004",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:839, sft_trainer.py:1069, dpo_trainer.py:838: ValueError, run for SFT; since TRL 1.15, not the reward trainer",
    bad="lora_target_modules: [q_proj, lm_head]",
    good="lora_target_modules: [q_proj, v_proj]",
    zh="TRL 1.15 起 lm_head 不能作为 LoRA 目标：训练器直接用 lm_head.weight 计算对数概率，适配器不会被训练。",
    kinds=GENERATING,
)
def output_head_refused(lora_target_modules: Any, use_lora: bool, target: Target) -> Verdict:
    """`lm_head` is no target module of TRL from 1.15 on.

    The trainers compute log-probabilities from the head's own weight, so an adapter on it would never be trained; they refuse it.
    """
    if not use_lora or minor(target.trl) < (1, 15):
        return None
    names = [lora_target_modules] if isinstance(lora_target_modules, str) else lora_target_modules
    if any(name == "lm_head" or (isinstance(name, str) and name.endswith(".lm_head") and not is_no_name(name)) for name in names):
        return Broken(
            "`lora_target_modules` names lm_head, which TRL refuses since 1.15: its adapter would never be trained",
            help="take it out; lora_modules_to_save: [lm_head] trains the head itself",
        )
    return None


@rule(
    "PEFT005",
    ERROR,
    START,
    source="PEFT 0.21.2, tuners/lora/layer.py, ParamWrapper: ValueError, run; TRL's default of lora_dropout is 0.05",
    bad="lora_target_parameters: [mlp.experts.gate_up_proj]",
    good="lora_target_parameters: [mlp.experts.gate_up_proj]\nlora_dropout: 0.0",
    zh="lora_target_parameters 不支持 dropout：必须写 lora_dropout: 0（TRL 默认 0.05）。",
    kinds=NATIVE,
)
def target_parameters_with_dropout(lora_target_parameters: list[str], lora_dropout: float, use_lora: bool, recipe: Recipe) -> Verdict:
    """LoRA on parameters has no dropout.

    There is no input of theirs to drop from, and PEFT raises when it builds the adapters. TRL's default of 0.05 is enough for that.
    """
    if use_lora and lora_target_parameters and lora_dropout != 0:
        default = "" if recipe.is_given("lora_dropout") else " by default"
        return Broken(
            f"`lora_target_parameters` wants no dropout, and `lora_dropout` is {show(lora_dropout)}{default}: PEFT refuses it",
            keys=("lora_dropout",),
            help="write lora_dropout: 0.0",
        )
    return None


@rule(
    "PEFT006",
    ERROR,
    START,
    source="PEFT 0.21.2, config.py:98: ValueError, run",
    bad="lora_task_type: CAUSAL",
    good="lora_task_type: CAUSAL_LM",
    zh="lora_task_type 不是 PEFT 的任务类型。",
    kinds=NATIVE,
)
def task_unknown(lora_task_type: str, use_lora: bool) -> Verdict:
    """The task of the adapter is one that PEFT knows, in capitals."""
    if use_lora and lora_task_type not in TASKS:
        meant = next((task for task in TASKS if task == lora_task_type.upper()), None) or nearest(lora_task_type, TASKS)
        return Broken(
            f"`lora_task_type` {cut(lora_task_type)} is no task of PEFT",
            help=f"did you mean {meant}?" if meant else f"it is one of {listed(TASKS)}",
        )
    return None


@rule(
    "PEFT007",
    ERROR,
    START,
    source="PEFT 0.21.2 with transformers 5.23.0: CAUSAL_LM raises AttributeError in RewardTrainer, with lora_modules_to_save [score] too, run",
    bad="lora_task_type: CAUSAL_LM",
    good="lora_task_type: SEQ_CLS",
    zh="奖励模型是序列分类模型：LoRA 需要 lora_task_type: SEQ_CLS；默认的 CAUSAL_LM 会报错（旧版本中打分头不会被训练）。",
    kinds=REWARD,
)
def reward_adapter_of_another_task(lora_task_type: str, use_lora: bool, recipe: Recipe) -> Verdict:
    """The adapter of a reward model is one of sequence classification.

    A reward model has a head that gives one number. PEFT trains and saves it under `SEQ_CLS`. Under `CAUSAL_LM`, TRL's default, it asks the
    model for a way to generate text, which it does not have; older releases left the head random and frozen, in silence.
    """
    if use_lora and lora_task_type in TASKS and lora_task_type != "SEQ_CLS":
        default = "" if recipe.is_given("lora_task_type") else " by default"
        return Broken(
            f"`lora_task_type` is {lora_task_type}{default}, and a reward model is one of sequence classification",
            at="lora_task_type" if recipe.is_given("lora_task_type") else "use_lora",
            keys=("use_lora",),
            help="write lora_task_type: SEQ_CLS",
        )
    return None


@rule(
    "PEFT008",
    WARNING,
    NEVER,
    source="TRL 1.16.0 with PEFT 0.21.2: SFT trains under SEQ_CLS and FEATURE_EXTRACTION, run; adapter_config.json then names that task",
    bad="lora_task_type: SEQ_CLS",
    good="lora_task_type: CAUSAL_LM",
    zh="训练的是生成模型，lora_task_type 却不是 CAUSAL_LM：保存的适配器会被当作另一类模型加载。",
    kinds=GENERATING,
)
def adapter_of_another_task(lora_task_type: str, use_lora: bool) -> Verdict:
    """The adapter of a model that generates text is one of `CAUSAL_LM`. Another trains, and is saved as that of another kind of model."""
    if use_lora and lora_task_type in TASKS and lora_task_type not in ("CAUSAL_LM", "SEQ_2_SEQ_LM"):
        return Broken(
            f"`lora_task_type` is {lora_task_type}, and the model generates text: the adapter is saved as another kind of model's",
            help="write lora_task_type: CAUSAL_LM",
        )
    return None


@rule(
    "PEFT009",
    WARNING,
    NEVER,
    source="PEFT 0.21.2: with q_proj in both, its own weights are trained and no adapter, run",
    bad="lora_target_modules: [q_proj, v_proj]\nlora_modules_to_save: [q_proj]",
    good="lora_target_modules: [q_proj, v_proj]\nlora_modules_to_save: [lm_head]",
    zh="同一模块既是 LoRA 目标又在 lora_modules_to_save 中：它会被整体训练，没有适配器。",
    kinds=NATIVE,
)
def module_trained_whole(lora_target_modules: Any, lora_modules_to_save: list[str], use_lora: bool) -> Verdict:
    """A module has an adapter or is trained whole: what stands in both lists is trained whole, with no adapter."""
    both = sorted({name for name in lora_modules_to_save if isinstance(lora_target_modules, list) and name in lora_target_modules})
    if use_lora and both:
        return Broken(
            f"`lora_target_modules` and `lora_modules_to_save` both name {listed(both)}: trained whole, without an adapter",
            keys=("lora_modules_to_save",),
            help="take it out of one of them",
        )
    return None
