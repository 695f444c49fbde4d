"""GRPO and RLOO with TRL: the batch arithmetic in completions, rewards, clipping, vLLM."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from confguard.schemas.kinds import GRPO, ONLINE, RLOO
from confguard.schemas.rules.structures import keys_of_others
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import listed, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any, NamedTuple

REWARDS = (
    ("think_format_reward", (0, 18)),
    ("get_soft_overlong_punishment", (0, 22)),
    ("accuracy_reward", (0, 24)),
    ("reasoning_accuracy_reward", (0, 26)),
)
"""The rewards that `trl grpo` and `trl rloo` know by name, and the minor release from which on."""

_OF_LOSSES = {
    "epsilon": ("grpo", "bnpo", "dr_grpo", "dapo", "luspo"),
    "epsilon_high": ("grpo", "bnpo", "dr_grpo", "dapo", "luspo", "cispo"),
    "delta": ("grpo", "bnpo", "dr_grpo", "dapo", "luspo"),
    "sapo_temperature_neg": ("sapo",),
    "sapo_temperature_pos": ("sapo",),
    "vespo_k_pos": ("vespo",),
    "vespo_k_neg": ("vespo",),
    "vespo_lambda_pos": ("vespo",),
    "vespo_lambda_neg": ("vespo",),
}
_OF_MODES = {
    "server": ("vllm_server_base_url", "vllm_server_host", "vllm_server_port", "vllm_server_timeout", "vllm_group_port"),
    "colocate": ("vllm_gpu_memory_utilization", "vllm_tensor_parallel_size", "vllm_max_model_length"),
}
_SAY_IT = "give the number with --world-size to have it checked"
_TOKEN_SUMS = ("bnpo", "dr_grpo", "dapo", "cispo")


class _Batch(NamedTuple):
    """The completions of one generation, which are split into groups."""

    of_process: int
    """What each process brings; 0 where the file gives the sum of all."""
    terms: str
    total: int
    """Of all processes; 0 where their number is not known."""


def _batch(recipe: Recipe, target: Target, world_size: int) -> _Batch | None:
    """The batch that TRL splits into groups; None where the release counts in prompts, or a term is missing or below 1."""
    release = minor(target.trl)
    if release < (0, 15) or (recipe.kind in RLOO and release < (0, 22)):
        return None
    whole = recipe.get("generation_batch_size")
    if whole is not None:
        return _Batch(0, f"`generation_batch_size` {whole}", whole) if whole >= 1 else None
    names = ["per_device_train_batch_size"]
    if release >= (0, 18) and recipe.get("steps_per_generation") is not None:
        names.append("steps_per_generation")
    elif release >= (0, 17):
        names.append("gradient_accumulation_steps")
    values = [recipe.get(name) for name in names]
    if any(type(value) is not int or value < 1 for value in values):
        return None
    of_process = values[0] * (values[1] if len(values) > 1 else 1)
    terms = " x ".join(f"`{name}` {value}" for name, value in zip(names, values, strict=True))
    if world_size:
        return _Batch(of_process, f"{terms} x {_processes(world_size)}", of_process * world_size)
    return _Batch(of_process, terms, 0)


def _processes(world_size: int) -> str:
    return f"{world_size} process{'es' if world_size != 1 else ''}"


def _divisors(total: int) -> str:
    return listed([str(size) for size in range(2, min(total, 64) + 1) if total % size == 0])


@rule(
    "GRPO001",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1132 and rloo_config.py: ValueError, run on 3,000 random files; at the trainer's start from 0.15 to 0.17, run",
    bad="num_generations: 7\ngeneration_batch_size: 32",
    good="num_generations: 8\ngeneration_batch_size: 32",
    zh="一次生成的样本数（每卡批大小 × 进程数 × steps_per_generation）必须能被组大小整除，否则 TRL 拒绝启动。",
    kinds=ONLINE,
)
def batch_not_whole_groups(num_generations: int, recipe: Recipe, target: Target, world_size: int = 0) -> Verdict:
    """The completions of one generation are whole groups.

    TRL counts `per_device_train_batch_size` in completions: batch per device x processes x `steps_per_generation`, which is
    `gradient_accumulation_steps` where it is not written, must be a multiple of `num_generations`.
    """
    batch = _batch(recipe, target, world_size)
    if batch is None or not batch.total or num_generations < 2 or batch.total % num_generations == 0:
        return None
    product = f" = {batch.total}" if batch.of_process else ""
    sizes = _divisors(batch.total)
    return Broken(
        f"`num_generations` is {num_generations}, and a generation of {batch.terms}{product} completions is not whole groups of {num_generations}",
        keys=("generation_batch_size",) if not batch.of_process else ("per_device_train_batch_size", "gradient_accumulation_steps"),
        help=f"make the batch a multiple of {num_generations}" + (f", or the group one of {sizes}" if sizes else ""),
    )


@rule(
    "GRPO002",
    INFO,
    NEVER,
    source="TRL 1.16.0, grpo_config.py:1104, 1124 and 1132, vllm_generation.py:314: arithmetic with the world size",
    bad="per_device_train_batch_size: 2\ngradient_accumulation_steps: 1",
    good="per_device_train_batch_size: 8\ngradient_accumulation_steps: 1",
    zh="进程数未知：该批大小只在某些进程数下成立；这里说明是哪些。",
    about=("num_generations", "per_device_train_batch_size", "gradient_accumulation_steps"),
    kinds=ONLINE,
)
def batch_depends_on_the_processes(num_generations: int, recipe: Recipe, target: Target, world_size: int = 0) -> Verdicts:
    """The batch is whole groups for any number of processes; otherwise the file is right on some machines only.

    Speaks where the number of processes is not known: it says for which the arithmetic holds.
    """
    if world_size or num_generations < 2:
        return
    batch = _batch(recipe, target, 0)
    if batch is None:
        return
    if batch.of_process:
        product = f" = {batch.of_process}" if " x " in batch.terms else ""
        yield from _multiple(
            "num_generations",
            num_generations,
            batch.of_process,
            f"a generation of {batch.terms}{product} completions a process",
        )
    else:
        per_device = recipe.get("per_device_train_batch_size")
        if type(per_device) is int and per_device >= 1 and batch.total % per_device == 0:
            yield Broken(
                f"`generation_batch_size` {batch.total} is divided by `per_device_train_batch_size` {per_device} x the processes: "
                f"their number, which is not known here, must divide {batch.total // per_device}",
                at="generation_batch_size",
                help=_SAY_IT,
            )
    evaluated = _evaluation(recipe, target)
    if evaluated:
        name, group, per_device = evaluated
        yield from _multiple(name, group, per_device, f"an evaluation batch of `per_device_eval_batch_size` {per_device} a process")
    parallel = recipe.get("vllm_tensor_parallel_size")
    if _colocates(recipe) and type(parallel) is int and parallel > 1:
        yield Broken(
            f"`vllm_tensor_parallel_size` {parallel} must divide the number of processes, which is not known here",
            at="vllm_tensor_parallel_size",
            help=_SAY_IT,
        )


def _multiple(name: str, group: int, of_process: int, what: str) -> Iterator[Broken]:
    factor = group // gcd(group, of_process)
    if factor > 1:
        yield Broken(
            f"`{name}` {group}: {what} is whole groups only with a multiple of {factor} processes; their number is not known here",
            at=name if name == "num_generations" else "per_device_eval_batch_size",
            keys=("per_device_train_batch_size",),
            help=_SAY_IT,
        )


def _evaluation(recipe: Recipe, target: Target) -> tuple[str, int, int] | None:
    """What the evaluation batch must be a multiple of: the name and size of the group, and the batch of one process."""
    release = minor(target.trl)
    if release < (0, 15) or (recipe.kind in RLOO and release < (0, 22)):
        return None
    strategy = recipe.get("eval_strategy")
    if not isinstance(strategy, str) or strategy.lower() == "no":
        return None
    name = "num_generations_eval" if recipe.get("num_generations_eval") else "num_generations"
    group, per_device = recipe.get(name), recipe.get("per_device_eval_batch_size")
    if type(group) is not int or type(per_device) is not int or group < 1 or per_device < 1:
        return None
    return name, group, per_device


def _colocates(recipe: Recipe) -> bool:
    return bool(recipe.get("use_vllm")) and recipe.get("vllm_mode") == "colocate"


@rule(
    "GRPO003",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1104: ValueError, run; since 0.18",
    bad="generation_batch_size: 44\nnum_generations: 4",
    good="generation_batch_size: 64\nnum_generations: 4",
    zh="generation_batch_size 必须是“每卡批大小 × 进程数”的整数倍。",
    kinds=ONLINE,
)
def generation_batch_not_whole_steps(generation_batch_size: int, per_device_train_batch_size: int, world_size: int = 0) -> Verdict:
    """A generation is cut into whole steps: it is a multiple of the batch of all processes."""
    step = per_device_train_batch_size * (world_size or 1)
    if generation_batch_size < 1 or step < 1 or generation_batch_size % step == 0:
        return None
    terms = f"`per_device_train_batch_size` {per_device_train_batch_size}" + (f" x {_processes(world_size)} = {step}" if world_size else "")
    return Broken(
        f"`generation_batch_size` {generation_batch_size} is no multiple of {terms}",
        keys=("per_device_train_batch_size",),
        help=f"write a multiple of {step}, or `steps_per_generation` in its place",
    )


@rule(
    "GRPO004",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1114: ValueError, run; since 0.18",
    bad="generation_batch_size: 32\nsteps_per_generation: 4",
    good="steps_per_generation: 4",
    zh="generation_batch_size 与 steps_per_generation 只能写一个：一个由另一个推出。",
    kinds=ONLINE,
)
def two_sizes_of_a_generation(generation_batch_size: int, steps_per_generation: int) -> Verdict:
    """The size of a generation is said once: `generation_batch_size` and `steps_per_generation` follow from each other."""
    return Broken(
        f"`generation_batch_size` {generation_batch_size} and `steps_per_generation` {steps_per_generation} say the same thing twice; TRL takes one",
        keys=("steps_per_generation",),
        help="remove one of them",
    )


@rule(
    "GRPO005",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1124: ValueError, run; read in 0.15 to 0.19 and since 0.22, between them the first evaluation fails",
    bad="eval_strategy: steps\neval_steps: 100\nper_device_eval_batch_size: 2",
    good="eval_strategy: steps\neval_steps: 100\nper_device_eval_batch_size: 4",
    flags="--world-size 2",
    zh="开启评估时，“每卡评估批大小 × 进程数”必须能被（评估用的）组大小整除。",
    about=("per_device_eval_batch_size", "num_generations"),
    kinds=ONLINE,
)
def evaluation_not_whole_groups(num_generations: int, recipe: Recipe, target: Target, world_size: int = 0) -> Verdict:
    """Where evaluation is on, its batch is whole groups too: batch per device x processes is a multiple of the group."""
    evaluated = _evaluation(recipe, target) if world_size else None
    if evaluated is None:
        return None
    name, group, per_device = evaluated
    total = per_device * world_size
    if total % group == 0:
        return None
    return Broken(
        f"an evaluation batch of `per_device_eval_batch_size` {per_device} x {_processes(world_size)} = {total} completions is not whole groups "
        f"of `{name}` {group}",
        at="per_device_eval_batch_size" if recipe.is_given("per_device_eval_batch_size") else name,
        keys=(name,),
        help=f"make it a multiple of {group}" + (", or write num_generations_eval" if minor(target.trl) >= (0, 26) else ""),
    )


@rule(
    "GRPO006",
    ERROR,
    FIRST_STEP,
    source="TRL 1.16.0: num_iterations 0 ends at step 0 without an error, the others 0 raise ValueError in the sampler, run",
    bad="num_iterations: 0",
    good="num_iterations: 1",
    zh="num_iterations、steps_per_generation、generation_batch_size 必须不小于 1；num_iterations 为 0 时训练在第 0 步静默结束。",
    about=("num_iterations", "steps_per_generation", "generation_batch_size"),
    kinds=ONLINE,
)
def generation_counts_below_one(recipe: Recipe) -> Verdicts:
    """What counts generations and their uses is at least 1. With `num_iterations` 0 the run ends at step 0, in silence."""
    for name in ("num_iterations", "steps_per_generation", "generation_batch_size"):
        value = recipe.values.get(name)
        if isinstance(value, int) and value < 1:
            silent = name == "num_iterations" and value == 0
            why = "no batch is used, and training ends at step 0" if silent else "it counts from 1"
            yield Broken(f"`{name}` is {value}: {why}", at=name, help="write 1 or more, or remove the key", fails=NEVER if silent else None)


@rule(
    "GRPO007",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:570 and rloo_trainer.py:497: ValueError, run; since 0.15",
    bad="reward_weights: [1.0, 0.5]",
    good="reward_weights: [1.0]",
    zh="reward_weights 的个数必须等于奖励函数的个数。",
    kinds=ONLINE,
)
def reward_weights_not_one_each(
    reward_weights: list[float], reward_funcs: list[str], reward_model_name_or_path: str | None = None
) -> Verdict:
    """Each reward has one weight: the functions of `reward_funcs`, and the reward model before them where one is named."""
    rewards = (1 if isinstance(reward_funcs, str) else len(reward_funcs)) + (1 if reward_model_name_or_path else 0)
    if len(reward_weights) == rewards:
        return None
    with_model = ", the reward model among them" if reward_model_name_or_path else ""
    return Broken(
        f"`reward_weights` has {len(reward_weights)} weights for {rewards} reward{'s' if rewards != 1 else ''}{with_model}",
        keys=("reward_funcs",),
        help=f"write {rewards} weight{'s' if rewards != 1 else ''}, in the rewards' order",
    )


@rule(
    "GRPO008",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:1191 and rloo_trainer.py:823: ValueError, run; since 0.28, before it nothing is synchronised and nothing is said, run with 0.24 and 0.17",
    bad="sync_ref_model: true\nbeta: 0.0\nuse_peft: false",
    good="sync_ref_model: true\nbeta: 0.04\nuse_peft: false",
    zh="beta 为 0 时没有参考模型，sync_ref_model 无从同步。",
    kinds=ONLINE,
)
def no_reference_to_sync(sync_ref_model: bool, beta: float) -> Verdict:
    """A reference model that is synchronised exists: with `beta` 0 none is loaded."""
    if sync_ref_model and beta == 0:
        return Broken(
            "`sync_ref_model` is true, but with `beta` 0 there is no reference model",
            keys=("beta",),
            help="write a beta above 0, or sync_ref_model: false",
        )
    return None


@rule(
    "GRPO009",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:1198 and rloo_trainer.py:830: NotImplementedError, run; since 0.28, before it nothing is synchronised and nothing is said, run with 0.24 and 0.17",
    bad="sync_ref_model: true",
    good="sync_ref_model: false",
    zh="使用 PEFT 时参考模型就是关闭适配器的基座模型，没有单独的参考模型可以同步。",
    kinds=ONLINE,
)
def adapters_have_no_reference_to_sync(sync_ref_model: bool, use_lora: bool, beta: float) -> Verdict:
    """With adapters the reference is the model without them; there is none that could be synchronised."""
    if sync_ref_model and use_lora and beta != 0:
        return Broken(
            "`sync_ref_model` is true, but with `use_lora` the reference is the base model itself",
            keys=("use_lora",),
            help="write sync_ref_model: false, or train all weights",
        )
    return None


@rule(
    "GRPO010",
    WARNING,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py:928: warns, run; the loss sums tokens in all releases since 0.20 (GSPO, arXiv 2507.18071)",
    bad="importance_sampling_level: sequence",
    good="importance_sampling_level: sequence\nloss_type: grpo",
    zh="序列级重要性采样配合按 token 求和的损失，会按长度给序列加权；GSPO 用的是 loss_type: grpo。",
    kinds=GRPO,
)
def sequence_weights_in_a_token_sum(importance_sampling_level: str, loss_type: str) -> Verdict:
    """Sequence-level importance weights go with a loss that averages each sequence first.

    Under a sum over tokens each sequence counts by its length; GSPO's setting is loss_type grpo.
    """
    if importance_sampling_level == "sequence" and loss_type in _TOKEN_SUMS:
        return Broken(
            f"`importance_sampling_level` is sequence, but `loss_type` {loss_type} sums over tokens: each sequence counts by its length",
            keys=("loss_type",),
            help="write loss_type: grpo, as GSPO does",
        )
    return None


@rule(
    "GRPO011",
    WARNING,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py:917 and 923: warns, run",
    bad="loss_type: luspo",
    good="loss_type: luspo\nimportance_sampling_level: sequence",
    zh="luspo 应配 sequence 级重要性采样，vespo 应配 token 级（它自己计算序列级权重）。",
    kinds=GRPO,
)
def level_of_another_loss(loss_type: str, importance_sampling_level: str) -> Verdict:
    """LUSPO has sequence-level importance weights; VESPO makes its own and has token-level ones."""
    level = {"luspo": "sequence", "vespo": "token"}.get(loss_type)
    if level and importance_sampling_level in ("token", "sequence") and importance_sampling_level != level:
        return Broken(
            f"`loss_type` {loss_type} is made for `importance_sampling_level` {level}; here it is {importance_sampling_level}",
            keys=("importance_sampling_level",),
            help=f"write importance_sampling_level: {level}",
        )
    return None


@rule(
    "GRPO012",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:938: ValueError, run; since 1.0",
    bad="loss_type: vespo\nuse_vllm: true",
    good="loss_type: vespo\nuse_vllm: true\nvllm_importance_sampling_mode: token_truncate",
    zh="vespo 与 vLLM 校正一起用时，vllm_importance_sampling_mode 必须是 token_truncate 或 token_mask。",
    kinds=GRPO,
)
def vespo_needs_token_correction(
    loss_type: str, use_vllm: bool, vllm_importance_sampling_correction: bool, vllm_importance_sampling_mode: str
) -> Verdict:
    """VESPO corrects vLLM's probabilities token by token; the default mode, sequence_mask, does not."""
    if (
        loss_type == "vespo"
        and use_vllm
        and vllm_importance_sampling_correction
        and vllm_importance_sampling_mode in ("sequence_mask", "sequence_truncate")
    ):
        return Broken(
            f"`loss_type` vespo needs a token-level `vllm_importance_sampling_mode`; here it is {vllm_importance_sampling_mode}",
            keys=("vllm_importance_sampling_mode",),
            help="write vllm_importance_sampling_mode: token_truncate or token_mask",
        )
    return None


@rule(
    "GRPO013",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1157: ValueError also for equal bounds and without vLLM, run; since 1.6",
    bad="vllm_importance_sampling_clip_min: 4.0",
    good="vllm_importance_sampling_clip_min: 0.5",
    zh="vllm_importance_sampling_clip_min 必须小于 clip_max（默认 3.0）。",
    kinds=GRPO,
)
def correction_bounds_crossed(
    vllm_importance_sampling_clip_min: float,
    vllm_importance_sampling_clip_max: float | None = None,
    vllm_importance_sampling_cap: float | None = None,
) -> Verdict:
    """The lower bound of vLLM's correction is below the upper one, which is 3.0 where it is not written.

    The old name of the upper bound, `vllm_importance_sampling_cap`, is written over the new one before that is looked at.
    """
    old = vllm_importance_sampling_cap is not None
    upper = vllm_importance_sampling_cap if old else vllm_importance_sampling_clip_max
    name = "vllm_importance_sampling_cap" if old else "vllm_importance_sampling_clip_max"
    if upper is not None and vllm_importance_sampling_clip_min >= upper:
        return Broken(
            f"`vllm_importance_sampling_clip_min` {show(vllm_importance_sampling_clip_min)} is not below `{name}` {show(upper)}",
            keys=(name,),
            help="lower the one or raise the other",
        )
    return None


@rule(
    "GRPO014",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1168: ValueError also without vLLM, run; since 1.6",
    bad="vllm_importance_sampling_mode: token_truncate\nvllm_importance_sampling_clip_max: null",
    good="vllm_importance_sampling_mode: token_truncate\nvllm_importance_sampling_clip_max: 2.0",
    zh="*_truncate 模式至少需要一个界：clip_min 或 clip_max。",
    kinds=GRPO,
)
def truncation_without_bound(
    vllm_importance_sampling_mode: str,
    vllm_importance_sampling_correction: bool,
    target: Target,
    vllm_importance_sampling_clip_min: float | None = None,
    vllm_importance_sampling_clip_max: float | None = None,
    vllm_importance_sampling_cap: float | None = None,
) -> Verdict:
    """A correction that truncates has a bound to truncate to."""
    if (
        minor(target.trl) >= (1, 6)
        and vllm_importance_sampling_correction
        and vllm_importance_sampling_mode in ("token_truncate", "sequence_truncate")
        and vllm_importance_sampling_clip_min is None
        and vllm_importance_sampling_clip_max is None
        and vllm_importance_sampling_cap is None
    ):
        return Broken(
            f"`vllm_importance_sampling_mode` {vllm_importance_sampling_mode} has no bound: neither "
            "`vllm_importance_sampling_clip_min` nor `vllm_importance_sampling_clip_max` is set",
            keys=("vllm_importance_sampling_clip_max",),
            help="write vllm_importance_sampling_clip_max: 3.0, TRL's default",
        )
    return None


@rule(
    "GRPO015",
    ERROR,
    START,
    source="TRL 1.16.0, vllm_generation.py:314: ValueError, read (vLLM not installed); since 0.18",
    bad="use_vllm: true\nvllm_mode: colocate\nvllm_tensor_parallel_size: 4",
    good="use_vllm: true\nvllm_mode: colocate\nvllm_tensor_parallel_size: 2",
    flags="--world-size 2",
    zh="colocate 模式下进程数必须能被 vllm_tensor_parallel_size 整除。",
    kinds=ONLINE,
)
def tensor_parallel_not_in_the_processes(vllm_tensor_parallel_size: int, recipe: Recipe, world_size: int = 0) -> Verdict:
    """Beside the trainer, vLLM splits a model over processes of the run: their number is a multiple of it."""
    if world_size and _colocates(recipe) and vllm_tensor_parallel_size > 0 and world_size % vllm_tensor_parallel_size:
        return Broken(
            f"`vllm_tensor_parallel_size` {vllm_tensor_parallel_size} does not divide the run's {_processes(world_size)}",
            help="write a divisor of the number of processes, such as 1",
        )
    return None


@rule(
    "GRPO016",
    INFO,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py: read only under use_vllm; the modes of a file without it are taken, run",
    bad="vllm_gpu_memory_utilization: 0.5",
    good="use_vllm: true\nvllm_gpu_memory_utilization: 0.5",
    zh="use_vllm 为 false，vllm_* 各项不起作用。",
    about=("use_vllm",),
    kinds=ONLINE,
)
def vllm_keys_without_vllm(recipe: Recipe, use_vllm: bool) -> Verdict:
    """Settings of vLLM stand where vLLM is used; without `use_vllm: true` transformers generates, and they do nothing."""
    if use_vllm:
        return None
    dead = [name for name in recipe.values if name.startswith("vllm_")]
    return _dead(dead, "without `use_vllm: true`") if dead else None


@rule(
    "GRPO017",
    INFO,
    NEVER,
    source="TRL 1.16.0, grpo_config.py:624 and 655: each group is for one mode",
    bad="use_vllm: true\nvllm_mode: colocate\nvllm_server_port: 8001",
    good="use_vllm: true\nvllm_mode: server\nvllm_server_port: 8001",
    zh="该项属于另一种 vllm_mode，在当前模式下不起作用；服务端的设置应写在 trl vllm-serve 的命令行上。",
    about=("vllm_mode",),
    kinds=ONLINE,
)
def vllm_keys_of_the_other_mode(recipe: Recipe, use_vllm: bool, vllm_mode: str) -> Verdict:
    """Settings of vLLM belong to the mode it runs in: a server's address, or the share of the trainer's own GPUs.

    With a server the length, the memory and the parallel size are given to the server when it is started.
    """
    other = {"server": "colocate", "colocate": "server"}.get(vllm_mode)
    dead = [name for name in _OF_MODES[other] if name in recipe.values] if use_vllm and other else []
    return _dead(dead, f"with `vllm_mode` {vllm_mode}") if dead else None


def _dead(names: list[str], where: str) -> Broken:
    what = ", ".join(f"`{name}`" for name in names)
    return Broken(f"{what} {'does' if len(names) == 1 else 'do'} nothing {where}", at=names[0], keys=tuple(names[1:]))


@rule(
    "GRPO018",
    ERROR,
    LOAD,
    source="TRL 1.16.0, grpo_config.py:1081: ValueError, run; since 0.28",
    bad="log_completions_hub_repo: me/completions",
    good="log_completions_hub_repo: me/completions\nlog_completions: true",
    zh="log_completions_hub_repo 需要 log_completions: true。",
    kinds=GRPO,
)
def completions_sent_but_not_logged(log_completions_hub_repo: str, log_completions: bool) -> Verdict:
    """Completions that are sent to the hub are logged: `log_completions_hub_repo` needs `log_completions: true`."""
    if not log_completions:
        return Broken(
            f"`log_completions_hub_repo` {show(log_completions_hub_repo)} needs `log_completions: true`",
            keys=("log_completions",),
            help="write log_completions: true, or remove the key",
        )
    return None


@rule(
    "GRPO019",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:797: ImportError, read; since 1.7",
    bad={"requirements.txt": "trl==1.16.0\ntransformers==5.5.0"},
    good={"requirements.txt": "trl==1.16.0\ntransformers==5.8.0"},
    beside={"grpo.yaml": "use_transformers_continuous_batching: true"},
    zh="use_transformers_continuous_batching 需要 transformers 5.8 或更高版本。",
    kinds=ONLINE,
)
def continuous_batching_too_new(use_transformers_continuous_batching: bool, target: Target) -> Verdict:
    """Continuous batching is used with a transformers that has it: 5.8 or newer."""
    if use_transformers_continuous_batching and minor(target.trl) >= (1, 7) and (0, 0) < minor(target.transformers) < (5, 8):
        return Broken(
            f"`use_transformers_continuous_batching` needs transformers 5.8 or newer; the target is {target.transformers}",
            help="use a newer transformers, or remove the key",
        )
    return None


@rule(
    "GRPO020",
    WARNING,
    NEVER,
    source="DAPO, arXiv 2503.14476: the upper range is the larger one (0.2 and 0.28); TRL 1.16.0 accepts 0.1 over 0.2, run",
    bad="epsilon: 0.2\nepsilon_high: 0.1",
    good="epsilon: 0.2\nepsilon_high: 0.28",
    zh="epsilon_high 小于 epsilon：DAPO 的 clip-higher 是放宽上界，这里正相反。",
    kinds=ONLINE,
)
def upper_clip_below_lower(epsilon: float, epsilon_high: float, recipe: Recipe) -> Verdict:
    """The upper clip range, where one is written, is not below the lower one: it is there to let rare tokens rise."""
    if 0 <= epsilon_high < epsilon and recipe.get("loss_type") not in ("cispo", "sapo", "vespo"):
        return Broken(
            f"`epsilon_high` {show(epsilon_high)} is below `epsilon` {show(epsilon)}: what gets likelier is clipped earlier than what gets rarer",
            at="epsilon_high",
            keys=("epsilon",),
            help="write an upper range of at least the lower one, such as 0.28, or remove it",
        )
    return None


@rule(
    "GRPO021",
    WARNING,
    NEVER,
    source="TRL 1.16.0, grpo_config.py:181 and grpo_trainer.py:3116: delta should be above 1 + epsilon (INTELLECT-2, arXiv 2505.07291); 1.1 is accepted, run",
    bad="delta: 1.1",
    good="delta: 4.0",
    zh="delta 应大于 1 + epsilon（上侧），否则它先于裁剪区间起作用。",
    kinds=GRPO,
)
def delta_within_the_clip_range(delta: float, epsilon: float, recipe: Recipe, epsilon_high: float | None = None) -> Verdict:
    """The second clipping bound, `delta`, is above the first, 1 + epsilon; below it every ratio that may rise is cut."""
    above = 1 + (epsilon if epsilon_high is None else epsilon_high)
    if delta <= above and recipe.get("loss_type") in _OF_LOSSES["delta"]:
        return Broken(
            f"`delta` {show(delta)} is not above 1 + {'`epsilon`' if epsilon_high is None else '`epsilon_high`'} = {show(round(above, 6))}",
            keys=("epsilon",) if epsilon_high is None else ("epsilon_high",),
            help="write more, such as 4.0, or remove it",
        )
    return None


@rule(
    "GRPO022",
    INFO,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py:3109-3136: what each loss reads",
    bad="loss_type: sapo\nepsilon: 0.2",
    good="loss_type: dapo\nepsilon: 0.2",
    zh="该项属于另一种损失，在当前 loss_type 下不起作用。",
    about=("loss_type",),
    kinds=GRPO,
)
def keys_of_another_loss(recipe: Recipe, loss_type: str) -> Verdict:
    """Settings of a loss stand where that loss is used."""
    if not any(loss_type in losses for losses in _OF_LOSSES.values()):
        return None
    dead = [name for name, losses in _OF_LOSSES.items() if name in recipe.values and loss_type not in losses]
    return _dead(dead, f"with `loss_type` {loss_type}") if dead else None


@rule(
    "GRPO023",
    WARNING,
    NEVER,
    source="TRL issues 3569 and 4358, open-r1 issue 672: vLLM refuses or cuts what is longer than its context",
    bad="use_vllm: true\nvllm_mode: colocate\nvllm_max_model_length: 1024\nmax_completion_length: 1024",
    good="use_vllm: true\nvllm_mode: colocate\nvllm_max_model_length: 2048\nmax_completion_length: 1024",
    zh="vLLM 的上下文长度要容得下提示加生成；这里没有给提示留位置。",
    kinds=ONLINE,
)
def no_room_for_the_prompt(vllm_max_model_length: int, max_completion_length: int, recipe: Recipe) -> Verdict:
    """The context of vLLM holds a prompt and the longest completion."""
    if _colocates(recipe) and vllm_max_model_length <= max_completion_length:
        return Broken(
            f"`vllm_max_model_length` {vllm_max_model_length} leaves no room for a prompt beside `max_completion_length` {max_completion_length}",
            keys=("max_completion_length",),
            help="write at least the longest prompt plus the longest completion",
        )
    return None


@rule(
    "GRPO024",
    ERROR,
    START,
    source="TRL 0.17 to 1.8, grpo_trainer.py: NotImplementedError 'Iterable datasets are not yet supported', run with 0.17; works since 1.9",
    bad="dataset_streaming: true",
    good="dataset_streaming: false",
    flags="--target trl==1.8.0",
    zh="TRL 1.9 之前，GRPO 与 RLOO 不支持流式数据集。",
    kinds=ONLINE,
)
def streaming_too_new(dataset_streaming: bool, target: Target) -> Verdict:
    """GRPO and RLOO read a dataset as a stream from TRL 1.9 on; before, the trainer raises."""
    if dataset_streaming and (0, 17) <= minor(target.trl) < (1, 9):
        return Broken(
            f"`dataset_streaming` is true, and TRL {target.trl} does not train GRPO or RLOO on a stream",
            help="write dataset_streaming: false, or use TRL 1.9 or newer",
        )
    return None


@rule(
    "GRPO025",
    ERROR,
    START,
    source="TRL 1.16.0, vllm_generation.py:344: ValueError, read (vLLM not installed); since 0.26",
    bad="use_vllm: true\nvllm_mode: colocate\nload_in_8bit: true",
    good="use_vllm: true\nvllm_mode: colocate\nload_in_4bit: true",
    zh="colocate 模式的 vLLM 不支持 8 位量化加载的模型。",
    kinds=ONLINE,
)
def eight_bits_beside_vllm(load_in_8bit: bool, recipe: Recipe, target: Target) -> Verdict:
    """Beside the trainer, vLLM takes no model of 8 bits."""
    if load_in_8bit and _colocates(recipe) and minor(target.trl) >= (0, 26):
        return Broken(
            "`load_in_8bit` is true, and vLLM in `vllm_mode` colocate takes no 8-bit model",
            keys=("vllm_mode",),
            help="write load_in_4bit: true in its place, or load the model unquantized",
        )
    return None


@rule(
    "GRPO026",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:902 and rloo_trainer.py:595: ValueError, read; since 1.9",
    bad="dataset_streaming: true\naccelerator_config:\n  dispatch_batches: true",
    good="dataset_streaming: true\naccelerator_config:\n  dispatch_batches: false",
    zh="流式数据集要求 accelerator_config 中 dispatch_batches 为 false，否则组会被拆散。",
    kinds=ONLINE,
)
def stream_dispatched(dataset_streaming: bool, accelerator_config: dict[str, Any], target: Target) -> Verdict:
    """Each process reads a stream itself; batches dispatched from the first one would split the groups."""
    if (
        dataset_streaming
        and minor(target.trl) >= (1, 9)
        and isinstance(accelerator_config, dict)
        and accelerator_config.get("dispatch_batches")
    ):
        return Broken(
            "`accelerator_config` dispatches batches, which a stream of prompts does not allow",
            at="accelerator_config",
            keys=("dataset_streaming",),
            help="write dispatch_batches: false",
        )
    return None


@rule(
    "GRPO027",
    INFO,
    NEVER,
    source="TRL 1.16.0, scripts/grpo.py: ValueError 'Could not load reward function' for a name without a dot that it does not know, read",
    bad="reward_funcs: [accuracy]",
    good="reward_funcs: [accuracy_reward, my_rewards.length]",
    zh="`trl grpo` 不认识这个奖励名；已知名之外须写成可导入的路径。自己的脚本可能有自己的名字。",
    kinds=ONLINE,
)
def reward_by_an_unknown_name(reward_funcs: list[str], target: Target, recipe: Recipe) -> Verdict:
    """A reward is one that the command knows, or a path that Python can import; a script of one's own may know others.

    Of a file with keys of another project's script (ARG005) nothing is said: that script has names of its own.
    """
    release = minor(target.trl)
    known = [name for name, since in REWARDS if since <= release]
    names = [reward_funcs] if isinstance(reward_funcs, str) else reward_funcs
    strange = [name for name in names if isinstance(name, str) and name not in known and "." not in name]
    if not strange or not known or any(keys_of_others(recipe, target)):
        return None
    return Broken(
        f"`reward_funcs` has {listed(strange)}, which TRL's own command does not know; a script of your own may",
        help=f"for the command write one of {', '.join(known)}, or a path such as my_rewards.length",
    )


@rule(
    "GRPO028",
    INFO,
    NEVER,
    source="TRL 1.16.0, grpo_trainer.py:2636-2643 and 3066: the ratio is 1; epsilon 10, epsilon_high 0.1 and delta 1.1 train the same, run",
    bad="epsilon: 0.05",
    good="epsilon: 0.05\nnum_iterations: 2",
    zh="每批样本只用于一次更新，概率比恒为 1：裁剪范围不起作用；要让它起作用，增大 num_iterations，或令 steps_per_generation 大于梯度累积步数。",
    about=("epsilon", "epsilon_high", "delta"),
    kinds=ONLINE,
)
def clipping_of_a_ratio_of_one(recipe: Recipe, num_iterations: int, gradient_accumulation_steps: int, target: Target) -> Verdict:
    """Ratios are clipped where a batch serves more than one update; otherwise policy and sampler are the same, and each ratio is 1.

    That is so with `num_iterations` 1 while `steps_per_generation` divides `gradient_accumulation_steps`, as it does by default.
    """
    tuned = [
        name
        for name in ("epsilon", "epsilon_high", "delta")
        if isinstance(recipe.values.get(name), (int, float)) and recipe.values[name] != recipe.defaults.get(name)
    ]
    batch = recipe.get("generation_batch_size")
    steps = recipe.get("steps_per_generation") or gradient_accumulation_steps
    if (
        not tuned
        or batch is not None
        or num_iterations != 1
        or steps < 1
        or gradient_accumulation_steps % steps
        or minor(target.trl) < (0, 16)
    ):
        return None
    what = ", ".join(f"`{name}` {show(recipe.values[name])}" for name in tuned)
    return Broken(
        f"{what} {'has' if len(tuned) == 1 else 'have'} no effect: each batch serves one update, so every ratio is 1",
        at=tuned[0],
        keys=tuple(tuned[1:]),
        help="to reuse a batch, raise `num_iterations`, or `steps_per_generation` above `gradient_accumulation_steps`",
    )
