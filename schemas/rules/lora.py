"""LoRA: rank, scale, dropout and target modules."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import isclose, sqrt

from confguard.schemas.architectures import BESIDES, LAYERS, is_local, model_named
from confguard.schemas.kinds import AFLOW, NATIVE, REWARD
from confguard.words.finding import ERROR, INFO, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Rewrite, Verdict, rule
from confguard.words.spelling import cut, listed, number, show
from confguard.words.typing import Any

_VALUES = ("lora_r", "lora_alpha", "lora_dropout", "lora_target_modules")
_NATIVE_VALUES = ("lora_target_parameters", "lora_modules_to_save", "use_rslora", "use_dora")

PEFT_LAYER = "PEFT 0.21.2, tuners/lora/layer.py:240 and 279-281"
_USUAL_SCALES = (1 / 8, 8)


def scale(lora_alpha: float, lora_r: int, use_rslora: bool) -> float:
    """What LoRA multiplies its update with: alpha/rank, alpha/sqrt(rank) under rsLoRA (PEFT's `scaling`)."""
    return lora_alpha / (sqrt(lora_r) if use_rslora else lora_r)


def single(lora_target_modules: Any) -> str | None:
    """The string that PEFT is given: one that stands alone, or the only entry of a list, which TRL takes out of it. None for a longer list."""
    if isinstance(lora_target_modules, str):
        return lora_target_modules
    if isinstance(lora_target_modules, list) and len(lora_target_modules) == 1 and isinstance(lora_target_modules[0], str):
        return lora_target_modules[0]
    return None


def is_all_linear(name: str) -> bool:
    """Whether a name is PEFT's word for all linear layers."""
    return name.lower() == "all-linear"


def is_no_name(entry: str) -> bool:
    """Whether an entry of a list can be no module's name: it is `all-linear`, a pattern, or has blanks around it."""
    return is_all_linear(entry) or entry != entry.strip() or any(char in entry for char in "\\*+?^$|()[]{}")


def module_names(lora_target_modules: str | list[str]) -> tuple[str, ...]:
    """The names of the target modules, blanks around them taken off, empty ones left out."""
    return _split(lora_target_modules) if isinstance(lora_target_modules, str) else _stripped(lora_target_modules)


def literal_names(lora_target_modules: str | list[str], kind: str) -> tuple[str, ...]:
    """The names that PEFT compares literally. In a native file a single one is a pattern for whole paths, and nothing is stripped."""
    if kind not in NATIVE:
        return module_names(lora_target_modules)
    return () if single(lora_target_modules) is not None else tuple(lora_target_modules)


@lru_cache(maxsize=256)
def _split(text: str) -> tuple[str, ...]:
    return _stripped(text.split(","))


def _stripped(names: list[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in names if name.strip())


def _usable(lora_r: int, lora_alpha: float) -> bool:
    return lora_r >= 1 and lora_alpha > 0


@rule(
    "LORA001",
    ERROR,
    START,
    source=f"{PEFT_LAYER}: ValueError, run",
    bad="lora_rank: 0",
    good="lora_rank: 64",
    zh="LoRA 的秩必须是不小于 1 的整数；PEFT 在构建适配器时会报错。",
)
def lora_rank_below_one(lora_r: int, use_lora: bool) -> Verdict:
    """The rank of LoRA's two matrices is a positive integer.

    PEFT raises when it builds the adapters, which is after the model was loaded.
    """
    if use_lora and lora_r < 1:
        return Broken(f"`lora_r` is {lora_r}; LoRA's matrices need a rank of at least 1", help="write 8 or more, as published runs do")
    return None


@rule(
    "LORA002",
    ERROR,
    NEVER,
    source=f"{PEFT_LAYER}: scaling = alpha/r; 0 and -4 are accepted, run",
    bad="lora_alpha: 0",
    good="lora_alpha: 64",
    zh="lora_alpha 必须大于 0：为 0 时适配器的输出恒为零，为负时更新方向相反，而 PEFT 不会报错。",
)
def lora_alpha_not_positive(lora_alpha: float, use_lora: bool) -> Verdict:
    """LoRA's update is multiplied by alpha/rank, so alpha is positive.

    With 0 the adapters change nothing, and the run trains nothing; PEFT says no word.
    """
    if use_lora and lora_alpha <= 0:
        what = "multiplies every LoRA update by 0: nothing is trained" if lora_alpha == 0 else "turns every LoRA update around"
        return Broken(f"`lora_alpha` is {show(lora_alpha)}, which {what}", help="write a positive number, usually 1 or 2 times the rank")
    return None


@rule(
    "LORA003",
    ERROR,
    START,
    source="PEFT 0.21.2: 1.5 raises ValueError, 1.0 and -0.1 are accepted, run; torch.nn.Dropout",
    bad="lora_dropout: 1.0",
    good="lora_dropout: 0.05",
    zh="lora_dropout 必须在 [0, 1) 内：等于 1 时适配器的输入全部被丢弃，没有梯度。",
)
def lora_dropout_out_of_range(lora_dropout: float, use_lora: bool) -> Verdict:
    """The share of inputs that LoRA drops lies in [0, 1).

    Above 1 torch raises when the adapters are built. At 1 every input is dropped, so no gradient reaches the adapters, in silence.
    """
    if use_lora and not 0 <= lora_dropout < 1:
        what = ": every input is dropped, nothing is trained" if lora_dropout == 1 else ""
        help_ = "write a share such as 0.05, or 0"
        return Broken(f"`lora_dropout` is {show(lora_dropout)}, outside [0, 1){what}", help=help_, fails=NEVER if what else None)
    return None


@rule(
    "LORA004",
    WARNING,
    NEVER,
    source=f"{PEFT_LAYER}; published alpha/rank lies between 0.25 and 4 in 384 configs (docs/norms.md)",
    bad="lora_rank: 64\nlora_alpha: 4",
    good="lora_rank: 64\nlora_alpha: 32",
    zh="LoRA 缩放 alpha/rank（rsLoRA 为 alpha/√rank）超出 1/8 到 8：有效步长随之放大或缩小。",
)
def lora_scale_unusual(lora_alpha: float, lora_r: int, use_rslora: bool, use_lora: bool) -> Verdict:
    """LoRA's scale, alpha/rank (alpha/sqrt(rank) under rsLoRA), lies between 1/8 and 8.

    The scale multiplies the update as the learning rate does, so a rank raised without alpha, or rsLoRA switched on with alpha
    kept, changes the effective step by as much. Ranks up to 4 are left to LORA005: rank 1 with alpha 32 is published.
    """
    if use_lora and lora_r > 4 and _usable(lora_r, lora_alpha):
        return _unusual_scale(lora_alpha, lora_r, use_rslora)
    return None


@rule(
    "LORA005",
    INFO,
    NEVER,
    source="LoRA Without Regret (Schulman and Thinking Machines 2025), in TRL's guide: rank 1, alpha 32",
    bad="lora_rank: 1\nlora_alpha: 32",
    good="lora_rank: 4\nlora_alpha: 32",
    zh="小秩（不超过 4）下的缩放超出 1/8 到 8：已有公开配置这样用（r=1, alpha=32），仅作提示。",
)
def lora_scale_of_small_rank(lora_alpha: float, lora_r: int, use_rslora: bool, use_lora: bool) -> Verdict:
    """A scale outside 1/8 to 8 at a rank of 4 or less is worth knowing, no more.

    Small ranks are published with a fixed alpha of 32, on purpose.
    """
    if use_lora and lora_r <= 4 and _usable(lora_r, lora_alpha):
        return _unusual_scale(lora_alpha, lora_r, use_rslora)
    return None


def _unusual_scale(lora_alpha: float, lora_r: int, use_rslora: bool) -> Verdict:
    value = scale(lora_alpha, lora_r, use_rslora)
    low, high = _USUAL_SCALES
    if not low <= value <= high:
        formula = f"{show(lora_alpha)}/{'sqrt(' * use_rslora}{lora_r}{')' * use_rslora}"
        return Broken(
            f"`lora_alpha`/`lora_r` scales the update by {formula} = {number(value)}, outside {low} to {high}",
            keys=("lora_r",),
            help=f"with rank {lora_r} a scale of 1 is alpha {number(sqrt(lora_r) if use_rslora else lora_r)}",
        )
    return None


@rule(
    "LORA006",
    WARNING,
    NEVER,
    source=f"{PEFT_LAYER}; prime-rl#1567 (a fourfold drop of the effective step, found in review)",
    bad="lora_rank: 64\nlora_alpha: 16",
    good="lora_rank: 64\nlora_alpha: 64",
    flags="--reference profile:reference",
    zh="LoRA 缩放与参考配置不同：同样的学习率下，有效步长按同样的倍数变化。",
)
def lora_scale_differs(lora_alpha: float, lora_r: int, reference: Recipe, use_rslora: bool, use_lora: bool) -> Verdict:
    """LoRA's scale is the reference's.

    The effective step is learning rate x scale, so a learning rate taken over from the reference means something else under
    another scale.
    """
    theirs_r, theirs_alpha = reference.get("lora_r"), reference.get("lora_alpha")
    if (
        not use_lora
        or not _has_lora(reference)
        or theirs_r is None
        or theirs_alpha is None
        or not _usable(lora_r, lora_alpha)
        or not _usable(theirs_r, theirs_alpha)
    ):
        return None
    ours, theirs = scale(lora_alpha, lora_r, use_rslora), scale(theirs_alpha, theirs_r, bool(reference.get("use_rslora")))
    if ours and theirs and not isclose(ours, theirs):
        return Broken(
            f"`lora_alpha`/`lora_r` is {number(ours)}, the reference's is {number(theirs)}: the same learning rate takes a step x{number(ours / theirs)}",
            keys=("lora_r",),
            help=f"with rank {lora_r} the reference's scale is alpha {number(lora_alpha * theirs / ours)}",
        )
    return None


@rule(
    "LORA007",
    WARNING,
    NEVER,
    source="the reference given by --reference or by the project file",
    bad="lora_rank: 32\nlora_alpha: 32",
    good="lora_rank: 64\nlora_alpha: 64",
    flags="--reference profile:reference",
    zh="LoRA 的秩与参考配置不同：可训练参数的数量随之变化。",
)
def lora_rank_differs(lora_r: int, reference: Recipe, use_lora: bool) -> Verdict:
    """LoRA's rank is the reference's.

    The number of trained parameters is proportional to the rank, and an adapter of one rank cannot be loaded into another.
    """
    theirs = reference.get("lora_r")
    if use_lora and _has_lora(reference) and isinstance(theirs, int) and theirs >= 1 and lora_r >= 1 and theirs != lora_r:
        return Broken(
            f"`lora_r` is {lora_r}, the reference's is {theirs}: x{number(lora_r / theirs)} the trained parameters per target module",
            help=f"write {theirs}, or waive the difference in confguard.yaml",
        )
    return None


@rule(
    "LORA008",
    ERROR,
    START,
    source="PEFT 0.21.2, tuners_utils.py:1054-1086: NoMatchingPeftModuleError, run",
    bad='lora_target_modules: ""',
    good='lora_target_modules: "q_proj,v_proj"',
    zh="没有任何目标模块与模型匹配：PEFT 在加载模型之后才会报错。",
)
def no_target_module_matches(lora_target_modules: Any, use_lora: bool, recipe: Recipe, base_model: str = "") -> Verdict:
    """At least one target module is a module of the model.

    PEFT compares each name with the ends of the module paths, character by character, and raises when none fits: after the model
    was loaded.
    """
    if not use_lora:
        return None
    is_native = recipe.kind in NATIVE
    names = literal_names(lora_target_modules, recipe.kind)
    if not names and not (is_native and lora_target_modules):
        some = "[q_proj, k_proj, v_proj, o_proj]" if is_native else '"q_proj,k_proj,v_proj,o_proj"'
        return Broken("`lora_target_modules` names no module, so LoRA has nothing to train", help=f"write for instance {some}")
    known = _modules_of(base_model, recipe.kind)
    if known and names and not any(_last(name) in known for name in names):
        return Broken(
            f"`lora_target_modules` names no module of {base_model}: {listed(names)}",
            keys=("base_model",),
            help=f"its linear layers are {', '.join(_layers_of(base_model))}",
        )
    return None


@rule(
    "LORA009",
    WARNING,
    NEVER,
    source="PEFT 0.21.2: ['q_proj', 'nope_proj'] raises nothing and warns of nothing, run; SimpleTuner#766",
    bad='lora_target_modules: "q_proj,query"',
    good='lora_target_modules: "q_proj,up_proj"',
    zh="部分目标模块在该模型中不存在：PEFT 只要有一个匹配就不会报错，其余的被忽略。",
)
def some_target_modules_unknown(lora_target_modules: Any, base_model: str, use_lora: bool, recipe: Recipe) -> Verdict:
    """Every target module is a module of the model.

    PEFT is content with one match: a misspelt name beside it is never trained, in silence.
    """
    known = _modules_of(base_model, recipe.kind)
    names = literal_names(lora_target_modules, recipe.kind)
    unknown = [name for name in names if _last(name) not in known]
    if recipe.kind in NATIVE:  # what is no name at all is PEFT003's
        names = tuple(name for name in names if not is_no_name(name) or _last(name) in known)
        unknown = [name for name in unknown if not is_no_name(name)]
    if use_lora and known and unknown and len(unknown) < len(names):
        return Broken(
            f"`lora_target_modules` names {listed(unknown)}, which {base_model} does not have: never trained, in silence",
            keys=("base_model",),
            help=f"its linear layers are {', '.join(_layers_of(base_model))}",
        )
    return None


@rule(
    "LORA010",
    INFO,
    NEVER,
    source="PEFT 0.21.2, LoraConfig: target_modules becomes a set",
    bad='lora_target_modules: "q_proj,v_proj,q_proj"',
    good='lora_target_modules: "q_proj,v_proj"',
    zh="目标模块重复；PEFT 把它们放进集合，重复无效。",
)
def target_module_twice(lora_target_modules: Any, use_lora: bool, recipe: Recipe) -> Verdict:
    """A target module is named once.

    PEFT keeps them as a set, so a second mention does nothing; often another name was meant.
    """
    names = literal_names(lora_target_modules, recipe.kind)
    if use_lora and len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
        return Broken(f"`lora_target_modules` names {listed(twice)} more than once", help="name each module once")
    return None


@rule(
    "LORA011",
    WARNING,
    START,
    source="TRL 1.16.0, grpo_trainer.py:839 raises: lm_head 'would never be trained'; PEFT 0.21.2 accepts it, run",
    bad='lora_target_modules: "q_proj,lm_head"',
    good='lora_target_modules: "q_proj,o_proj"',
    zh="lm_head 不应作为 LoRA 目标：TRL 的训练器会报错，因为它永远不会被训练。",
    kinds=AFLOW,
)
def output_head_targeted(lora_target_modules: Any, use_lora: bool) -> Verdict:
    """`lm_head` is no target module.

    TRL's trainers refuse it: they compute log-probabilities past the head's adapter, which so would never be trained.
    """
    if use_lora and any(_last(name) == "lm_head" for name in module_names(lora_target_modules)):
        return Broken(
            "`lora_target_modules` names lm_head, which TRL's trainers refuse: it would never be trained", help="take lm_head out"
        )
    return None


@rule(
    "LORA012",
    WARNING,
    NEVER,
    source="TRL 1.16.0, get_peft_config: without use_peft the LoRA values are ignored, run",
    bad="use_lora: false",
    good="use_lora: true",
    zh="use_lora 为 false，但写了 LoRA 参数：这些参数不起作用，训练的是全部权重。",
    about=("use_lora", "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules"),
)
def lora_keys_without_lora(use_lora: bool, recipe: Recipe) -> Verdict:
    """LoRA's values stand only where LoRA is used.

    With `use_lora: false` they are read by nothing, and all weights are trained, which wants about a tenth of LoRA's learning rate.
    """
    if use_lora:
        return None
    idle = [name for name in (*_VALUES, *(_NATIVE_VALUES if recipe.kind in NATIVE else ())) if name in recipe.values]
    if idle:
        names, do = ", ".join(f"`{name}`" for name in idle), "do" if len(idle) > 1 else "does"
        default = "" if recipe.is_given("use_lora") else " by default"
        return Broken(
            f"`use_lora` is false{default}, so {names} {do} nothing: all weights are trained",
            at="use_lora" if recipe.is_given("use_lora") else idle[0],
            keys=tuple(idle),
            help="set it to true, or remove the LoRA values",
        )
    return None


@rule(
    "LORA013",
    WARNING,
    START,
    source="the mission's trainer splits one string at commas and strips nothing; PEFT compares literally, run",
    bad='lora_target_modules: "q_proj, v_proj"',
    good='lora_target_modules: "q_proj,v_proj"',
    zh="lora_target_modules 应是一个用逗号分隔、不含空格的字符串：列表无法拆分，带空格的名字匹配不到任何模块。",
    kinds=AFLOW,
)
def target_modules_malformed(lora_target_modules: Any, use_lora: bool) -> Verdict:
    """The target modules are one string, split at commas without stripping.

    A list has no `split`; after a comma and a space the name is ` v_proj`, which is no module's, and PEFT says nothing as long as
    another name fits.
    """
    names = module_names(lora_target_modules)
    if not use_lora or not names:
        return None
    proposal = Rewrite("lora_target_modules", ",".join(names))
    if isinstance(lora_target_modules, list):
        return Broken(
            "`lora_target_modules` is a list; this trainer splits one string at commas",
            help=f'write "{cut(proposal.value)}"',
            rewrite=proposal,
        )
    if lora_target_modules != proposal.value:
        spaced = any(name != name.strip() for name in lora_target_modules.split(","))
        what = "has spaces around its commas, and names are not stripped" if spaced else "has an empty name between its commas"
        return Broken(f"`lora_target_modules` {what}", help=f'write "{cut(proposal.value)}"', rewrite=proposal)
    return None


@rule(
    "LORA014",
    INFO,
    NEVER,
    source="schemas/architectures.py",
    bad="base_model: acme/house-model-7b",
    good="base_model: Qwen/Qwen2.5-7B-Instruct",
    zh="不认识该基础模型的结构，因此没有核对目标模块的名称。",
)
def architecture_unknown(base_model: str, lora_target_modules: Any, use_lora: bool, recipe: Recipe) -> Verdict:
    """The model is one whose layers are known, else the target modules go unchecked, and that is said.

    Local folders are passed over: `confguard train` opens them.
    """
    if recipe.kind in NATIVE and not literal_names(lora_target_modules, recipe.kind):
        return None
    if use_lora and not is_local(base_model) and model_named(base_model) is None and "${" not in base_model:
        return Broken(
            f"the layers of {base_model} are not known, so `lora_target_modules` was not compared with them", keys=("lora_target_modules",)
        )
    return None


def _has_lora(reference: Recipe) -> bool:
    """Whether a reference trains LoRA; a native file has values of LoRA by default, whether it does or not."""
    return reference.kind not in NATIVE or bool(reference.get("use_lora"))


@lru_cache(maxsize=256)
def _modules_of(base_model: str, kind: str) -> tuple[str, ...]:
    layers = _layers_of(base_model)
    besides = (*(name for name in BESIDES if name != "lm_head"), "score") if kind in REWARD else BESIDES
    return (*layers, *besides) if layers else ()


def _layers_of(base_model: str) -> tuple[str, ...]:
    model = model_named(base_model)
    return LAYERS[model.architecture] if model else ()


def _last(name: str) -> str:
    return name.rpartition(".")[2]
