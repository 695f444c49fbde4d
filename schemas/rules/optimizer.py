"""Optimizer, schedule and length of native runs: what transformers and torch make of the arguments."""

from __future__ import annotations

from confguard.schemas.kinds import DPO, KTO, NATIVE, ONLINE, REWARD, SFT
from confguard.schemas.rules.schedule import WITHOUT_WARMUP
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import listed, nearest, number, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any, TypeGuard

ARGS = "transformers 5.23.0, training_args.py"
SCHEDULES = "transformers 5.23.0, optimization.py"
OPTIMIZERS = "transformers 5.23.0, trainer_optimizer.py"

_BY_EVALUATION = ("reduce_lr_on_plateau", "greedy")
_WITH_FLOOR = ("cosine_with_min_lr", "cosine_warmup_with_min_lr")
_FLOORED = ("num_cycles", "min_lr", "min_lr_rate", "last_epoch")
_TAKES = {
    "linear": ("last_epoch",),
    "cosine": ("num_cycles", "last_epoch"),
    "cosine_with_restarts": ("num_cycles", "last_epoch"),
    "polynomial": ("lr_end", "power", "last_epoch"),
    "inverse_sqrt": ("timescale", "last_epoch"),
    "cosine_with_min_lr": _FLOORED,
    "cosine_warmup_with_min_lr": (*_FLOORED, "warmup_lr_rate"),
    "warmup_stable_decay": (
        "num_decay_steps",
        "num_stable_steps",
        "warmup_type",
        "decay_type",
        "min_lr_ratio",
        "num_cycles",
        "last_epoch",
    ),
    "reduce_lr_on_plateau": ("mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"),
    "greedy": (
        "mode",
        "factor",
        "patience",
        "threshold",
        "threshold_mode",
        "cooldown",
        "warmup",
        "min_lr",
        "max_lr",
        "eps",
        "verbose",
        "smooth",
        "window_size",
        "reset_start",
    ),
}
"""What each schedule takes beside the numbers of steps."""
_IN_WORDS = ("mode", "threshold_mode", "warmup_type", "decay_type")
"""The options of schedules that are strings."""

_LOW_RANK = ("galore_", "apollo_")
_USES = {
    "adafactor": (),
    "sgd": (),
    "adagrad": (),
    "rmsprop": (),
    "rmsprop_bnb": (),
    "rmsprop_bnb_8bit": (),
    "rmsprop_bnb_32bit": (),
    "galore_adamw": (),
    "galore_adamw_8bit": (),
    "galore_adafactor": (),
    "galore_adamw_layerwise": (),
    "galore_adamw_8bit_layerwise": (),
    "galore_adafactor_layerwise": (),
    "lomo": (),
    "adalomo": (),
    "grokadamw": (),
    "schedule_free_sgd": (),
    "lion_8bit": ("adam_beta1", "adam_beta2"),
    "lion_32bit": ("adam_beta1", "adam_beta2"),
    "paged_lion_8bit": ("adam_beta1", "adam_beta2"),
    "paged_lion_32bit": ("adam_beta1", "adam_beta2"),
}
"""Optimizers that leave `adam_*` values unread, and those that they do read."""
_ADAM = ("adam_beta1", "adam_beta2", "adam_epsilon")


def scheduler_options(lr_scheduler_kwargs: Any) -> dict[str, Any] | None:
    """The options of the schedule; a string that begins with a brace is JSON, as transformers has it. None where they cannot be read."""
    if not isinstance(lr_scheduler_kwargs, str):
        return lr_scheduler_kwargs if isinstance(lr_scheduler_kwargs, dict) else None
    try:
        import json  # few files hold JSON

        found = json.loads(lr_scheduler_kwargs)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _reads_adam(optim: str | None) -> tuple[str, ...]:
    return _USES.get(optim, _ADAM) if optim else _ADAM


@rule(
    "OPT001",
    ERROR,
    FIRST_STEP,
    source="TRL 1.16.0 with torch 2.13.0: 0 and -1 pass the config and raise ValueError when the data loader is built, run",
    bad="per_device_train_batch_size: 0",
    good="per_device_train_batch_size: 8",
    zh="每设备批大小必须不小于 1：配置会被接受，但构建数据加载器时报错。",
    about=("per_device_train_batch_size", "per_device_eval_batch_size"),
    kinds=NATIVE,
)
def batch_size_below_one(recipe: Recipe) -> Verdicts:
    """A batch has at least one sample; that of evaluation only where there is any.

    The config is accepted. The data loader raises, after the model was loaded and the data prepared.
    """
    evaluates = recipe.get("eval_strategy") in ("steps", "epoch")
    for name in ("per_device_train_batch_size", "per_device_eval_batch_size"):
        value = recipe.values.get(name)
        if isinstance(value, int) and value < 1 and (evaluates or name == "per_device_train_batch_size"):
            yield Broken(f"`{name}` is {value}; a batch has at least 1 sample", at=name, help="write 1 or more")


@rule(
    "OPT002",
    ERROR,
    NEVER,
    source="transformers 5.23.0: max_steps 0 takes one step at learning rate 0 and ends, num_train_epochs 0 takes none, both in silence, run",
    bad="max_steps: 0",
    good="max_steps: 500",
    zh="max_steps 为 0 或 num_train_epochs 不大于 0：训练什么也学不到就结束，而且不报错。",
    kinds=NATIVE,
)
def run_without_steps(max_steps: int, num_train_epochs: float, recipe: Recipe, target: Target) -> Verdict:
    """The run has steps: `max_steps` above 0, or -1 and `num_train_epochs` above 0.

    A `max_steps` of 0 does not mean "no limit": since transformers 4.49 the run takes one step at a learning rate of 0 and ends. Nothing raises.
    """
    if max_steps == 0 and recipe.is_given("max_steps") and minor(target.transformers) >= (4, 49):
        return Broken(
            "`max_steps` is 0: the run takes one step at a learning rate of 0 and ends",
            help="write the number of steps, or leave it out (-1) where `num_train_epochs` counts",
        )
    if max_steps <= 0 and num_train_epochs <= 0:
        return Broken(
            f"`num_train_epochs` is {show(num_train_epochs)} and `max_steps` sets no length: the run takes no step",
            at="num_train_epochs",
            keys=("max_steps",),
            help="write a positive number of epochs",
        )
    return None


@rule(
    "OPT003",
    ERROR,
    LOAD,
    source=f"{ARGS}:1801: ValueError, run; 5.0 to 5.22 accept it and start in the middle of the decay, read",
    bad="warmup_steps: -1",
    good="warmup_steps: 0",
    zh="warmup_steps 不能为负。",
    kinds=NATIVE,
)
def warmup_negative(warmup_steps: float) -> Verdict:
    """The warm-up is 0 or more: a share of the run below 1, or a number of steps."""
    if warmup_steps < 0:
        return Broken(f"`warmup_steps` is {show(warmup_steps)}; it is 0 or more", help="write 0 for no warm-up")
    return None


@rule(
    "OPT004",
    WARNING,
    NEVER,
    source=f"{ARGS}:2154-2161: int(), 1.5 makes 1 step, run",
    bad="warmup_steps: 1.5",
    good="warmup_steps: 50",
    zh="warmup_steps 从 1 起按整数步数计，小数部分被截掉；小于 1 才是比例。",
    kinds=NATIVE,
)
def warmup_truncated(warmup_steps: float, target: Target) -> Verdict:
    """A warm-up of 1 or more is a whole number of steps, one below 1 a share of the run.

    From 1 on the fraction is cut off in silence: 1.5 is one step, not one and a half, and not 1.5 %.
    """
    if warmup_steps > 1 and warmup_steps != int(warmup_steps) and minor(target.transformers) >= (5, 0):
        return Broken(
            f"`warmup_steps` {show(warmup_steps)} becomes {int(warmup_steps)}: from 1 on it counts whole steps",
            help="write a whole number of steps, or a share of the run below 1 such as 0.1",
        )
    return None


@rule(
    "OPT025",
    ERROR,
    LOAD,
    source="transformers 4.46.3 to 4.57.6, training_args.py: ValueError 'warmup_steps must be of type int', read; a share since 5.0, run",
    bad="warmup_steps: 0.1",
    good="warmup_steps: 50",
    flags="--target transformers==4.57.6",
    zh="transformers 5.0 之前 warmup_steps 必须是整数步数，不能写比例：请写 warmup_ratio。",
    kinds=NATIVE,
)
def warmup_share_too_new(warmup_steps: float, target: Target) -> Verdict:
    """Before transformers 5.0 `warmup_steps` counts whole steps, and `warmup_ratio` is the share of the run: a share in `warmup_steps` is refused."""
    if minor(target.transformers) < (5, 0) and isinstance(warmup_steps, float) and warmup_steps >= 0:
        return Broken(
            f"`warmup_steps` {show(warmup_steps)} is no whole number of steps; a share is refused before transformers 5.0, and this is {target.transformers}",
            help=f"write warmup_ratio: {show(warmup_steps)}" if warmup_steps < 1 else f"write {int(warmup_steps)}",
        )
    return None


@rule(
    "OPT005",
    WARNING,
    NEVER,
    source="transformers 4.57.6, training_args.py:1906 and 2551: steps win; 5.14.1, training_args.py:1487: the ratio overwrites them; read",
    bad="warmup_steps: 50\nwarmup_ratio: 0.03",
    good="warmup_steps: 50",
    flags="--target transformers==5.14.1",
    zh="同时写了 warmup_ratio 和 warmup_steps：5.0 之前步数优先，5.0 到 5.14 比例优先，切换版本时结果会悄悄改变。",
    about=("warmup_steps",),
    kinds=NATIVE,
)
def two_warmups(recipe: Recipe, target: Target) -> Verdict:
    """The warm-up is written once.

    Which of `warmup_steps` and `warmup_ratio` counts changed between releases: before transformers 5.0 the steps, from then on the ratio.
    """
    warmup_steps, warmup_ratio = recipe.values.get("warmup_steps"), recipe.values.get("warmup_ratio")
    if not _is_number(warmup_steps) or not _is_number(warmup_ratio):
        return None
    is_old = minor(target.transformers) < (5, 0)
    if warmup_ratio == warmup_steps or (is_old and not (warmup_steps and warmup_ratio)):
        return None
    wins, loses = ("warmup_steps", "warmup_ratio") if is_old else ("warmup_ratio", "warmup_steps")
    return Broken(
        f"`{loses}` does nothing beside `{wins}` with transformers {target.transformers}; "
        f"{'from 5.0 on' if is_old else 'before 5.0'} it is the other way round",
        at=loses,
        keys=(wins,),
        help=f"take {recipe.name(loses)} out",
    )


@rule(
    "OPT006",
    WARNING,
    NEVER,
    source=f"{SCHEDULES}, get_scheduler: constant and reduce_lr_on_plateau with 3 warm-up steps start at the full rate, run",
    bad="lr_scheduler_type: constant\nwarmup_steps: 50",
    good="lr_scheduler_type: constant_with_warmup\nwarmup_steps: 50",
    zh="该学习率调度不使用预热：训练从完整学习率开始。要预热请用 constant_with_warmup。",
    kinds=NATIVE,
)
def warmup_without_effect(lr_scheduler_type: str, recipe: Recipe, optim: str | None = None) -> Verdict:
    """A warm-up stands beside a schedule that has one.

    `constant`, `reduce_lr_on_plateau` and `greedy` start at the full learning rate whatever is written; `constant_with_warmup` does not.
    """
    if lr_scheduler_type not in WITHOUT_WARMUP or (optim or "").startswith("schedule_free"):
        return None
    written = next((name for name in ("warmup_steps", "warmup_ratio") if recipe.values.get(name)), None)
    if written is None:
        return None
    return Broken(
        f"`{written}` does nothing with `lr_scheduler_type` {lr_scheduler_type}: the run starts at the full learning rate",
        at=written,
        keys=("lr_scheduler_type",),
        help="write constant_with_warmup" if lr_scheduler_type == "constant" else "take the warm-up out",
    )


@rule(
    "OPT007",
    INFO,
    NEVER,
    source="transformers 5.23.0, trainer.py:726: `max_steps` overrides `num_train_epochs`, run",
    bad="max_steps: 500\nnum_train_epochs: 3",
    good="max_steps: 500",
    zh="写了 max_steps，num_train_epochs 就不起作用。",
    kinds=NATIVE,
)
def epochs_without_effect(num_train_epochs: float, max_steps: int, recipe: Recipe) -> Verdict:
    """The length of the run is written once: where `max_steps` is above 0, `num_train_epochs` does nothing."""
    if max_steps > 0 and recipe.is_given("num_train_epochs") and recipe.is_given("max_steps"):
        return Broken(
            f"`num_train_epochs` {show(num_train_epochs)} does nothing: `max_steps` {max_steps} is the length of the run",
            keys=("max_steps",),
            help="take one of the two out",
        )
    return None


@rule(
    "OPT008",
    ERROR,
    START,
    source="transformers 5.23.0, trainer.py:729: ValueError, run",
    bad="dataset_streaming: true\nmax_steps: -1",
    good="dataset_streaming: true\nmax_steps: 500",
    zh="流式数据集没有长度，必须写 max_steps。",
    kinds=NATIVE,
)
def streaming_without_length(max_steps: int, dataset_streaming: bool, recipe: Recipe) -> Verdict:
    """A run on a streamed dataset has `max_steps`: such a dataset has no length that epochs could be counted by."""
    name = "streaming" if recipe.values.get("datasets") else "dataset_streaming"
    streams = recipe.get("streaming") if name == "streaming" else dataset_streaming
    if streams and max_steps <= 0:
        return Broken(
            f"`{name}` is true and `max_steps` sets no length: a streamed dataset has none",
            at=name,
            keys=("max_steps",),
            help="write max_steps",
        )
    return None


@rule(
    "OPT009",
    ERROR,
    FIRST_STEP,
    source=f"{SCHEDULES}: linear with min_lr_rate, cosine with min_lr and so on raise TypeError when training starts, run",
    bad="lr_scheduler_type: cosine\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    zh="lr_scheduler_kwargs 中有该调度不接受的参数：训练开始时报 TypeError。",
    kinds=NATIVE,
)
def schedule_option_unknown(lr_scheduler_kwargs: Any, lr_scheduler_type: str, target: Target) -> Verdict:
    """The options of the schedule are ones that it takes.

    The config object accepts any. The schedule is built when training starts, after the model was loaded and the data prepared.
    """
    options = scheduler_options(lr_scheduler_kwargs)
    takes = _takes(lr_scheduler_type, target)
    unknown = [str(name) for name in options or () if takes is not None and name not in takes]
    if not unknown or takes is None:
        return None
    meant = nearest(unknown[0], takes)
    if not meant and unknown[0] in ("min_lr", "min_lr_rate") and lr_scheduler_type == "cosine":
        help_ = "with lr_scheduler_type: cosine_with_min_lr it has an effect"
    else:
        help_ = f"did you mean {meant}?" if meant else f"it takes {listed([name for name in takes if name != 'last_epoch']) or 'none'}"
    return Broken(
        f"`lr_scheduler_kwargs` has {listed(unknown)}, which the schedule {lr_scheduler_type} does not take",
        keys=("lr_scheduler_type",),
        help=help_,
    )


def _takes(lr_scheduler_type: str, target: Target) -> tuple[str, ...] | None:
    if lr_scheduler_type == "inverse_sqrt" and minor(target.transformers) < (5, 4):
        return None  # it was given none of them
    return _TAKES.get(lr_scheduler_type)


@rule(
    "OPT010",
    WARNING,
    NEVER,
    source=f"{SCHEDULES}, get_scheduler: constant and constant_with_warmup are given no options, run",
    bad="lr_scheduler_type: constant_with_warmup\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    zh="constant 和 constant_with_warmup 会悄悄忽略 lr_scheduler_kwargs。",
    kinds=NATIVE,
)
def schedule_options_without_effect(lr_scheduler_kwargs: Any, lr_scheduler_type: str, target: Target) -> Verdict:
    """A schedule that takes no options is given none: `constant` and `constant_with_warmup` leave them unread, in silence."""
    unread = ("constant", "constant_with_warmup", *(("inverse_sqrt",) if minor(target.transformers) < (5, 4) else ()))
    if scheduler_options(lr_scheduler_kwargs) and lr_scheduler_type in unread:
        return Broken(
            f"`lr_scheduler_kwargs` does nothing with `lr_scheduler_type` {lr_scheduler_type}",
            keys=("lr_scheduler_type",),
            help="take it out, or choose another schedule",
        )
    return None


@rule(
    "OPT011",
    ERROR,
    FIRST_STEP,
    source=f"{SCHEDULES}: cosine_with_min_lr without a floor raises ValueError, warmup_stable_decay without num_decay_steps TypeError, run",
    bad="lr_scheduler_type: cosine_with_min_lr",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr_rate: 0.1}",
    zh="该调度缺少必需的参数（cosine_with_min_lr 需要 min_lr 或 min_lr_rate，warmup_stable_decay 需要 num_decay_steps）：训练开始时报错。",
    kinds=NATIVE,
)
def schedule_option_missing(lr_scheduler_type: str, lr_scheduler_kwargs: Any = None) -> Verdict:
    """A schedule has the options that it cannot do without.

    `cosine_with_min_lr` needs either `min_lr` or `min_lr_rate`, `warmup_stable_decay` needs `num_decay_steps`. The config object does not
    ask: the run ends when the schedule is built, after the model was loaded and the data prepared.
    """
    options = scheduler_options(lr_scheduler_kwargs)
    if lr_scheduler_kwargs and options is None:
        return Broken(
            "`lr_scheduler_kwargs` is no mapping, and no JSON of one", at="lr_scheduler_kwargs", help="write {min_lr_rate: 0.1} or the like"
        )
    options = options or {}
    at = "lr_scheduler_kwargs" if lr_scheduler_kwargs else "lr_scheduler_type"
    if lr_scheduler_type in _WITH_FLOOR:
        given = [name for name in ("min_lr", "min_lr_rate") if options.get(name) is not None]
        if len(given) != 1:
            has = "neither" if not given else "both"
            return Broken(
                f"`lr_scheduler_type` {lr_scheduler_type} needs one of min_lr and min_lr_rate; `lr_scheduler_kwargs` has {has}",
                at=at,
                keys=("lr_scheduler_type", "lr_scheduler_kwargs"),
                help="write lr_scheduler_kwargs: {min_lr_rate: 0.1}" if not given else "take one of them out",
            )
    if lr_scheduler_type == "warmup_stable_decay" and options.get("num_decay_steps") is None:
        return Broken(
            "`lr_scheduler_type` warmup_stable_decay needs num_decay_steps in `lr_scheduler_kwargs`",
            at=at,
            keys=("lr_scheduler_type", "lr_scheduler_kwargs"),
            help="write lr_scheduler_kwargs: {num_decay_steps: 100}, the steps of the last part",
        )
    return None


@rule(
    "OPT012",
    ERROR,
    NEVER,
    source=f"{SCHEDULES}: cosine_with_min_lr with min_lr 0.01 climbs from 0.001 to 0.0094 in silence; polynomial raises ValueError, run",
    bad="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1.0e-4}\nlearning_rate: 1.0e-5",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1.0e-6}\nlearning_rate: 1.0e-5",
    zh="调度的最低学习率高于 learning_rate：学习率会一路上升而不是下降。",
    kinds=NATIVE,
)
def floor_above_learning_rate(lr_scheduler_kwargs: Any, lr_scheduler_type: str, learning_rate: float) -> Verdict:
    """The floor of a decay lies below the learning rate, a floor that is a share of it below 1.

    Under `cosine_with_min_lr` a higher floor turns the decay into a climb, in silence; `polynomial` raises.
    """
    options = scheduler_options(lr_scheduler_kwargs) or {}
    names = ("min_lr", "min_lr_rate") if lr_scheduler_type in _WITH_FLOOR else ("lr_end",) if lr_scheduler_type == "polynomial" else ()
    for name in names:
        floor = options.get(name)
        peak = 1 if name == "min_lr_rate" else learning_rate
        if _is_number(floor) and peak > 0 and floor > peak:
            then = "the schedule refuses it" if name == "lr_end" else "the learning rate climbs instead of falling"
            what = "1" if name == "min_lr_rate" else f"`learning_rate` {show(learning_rate)}"
            return Broken(
                f"`lr_scheduler_kwargs` has {name} {show(floor)}, above {what}: {then}",
                keys=("learning_rate",),
                help=f"a tenth of the learning rate is {name}: {number(peak / 10)}",
            )
    return None


@rule(
    "OPT013",
    ERROR,
    FIRST_STEP,
    source="TRL 1.16.0 reads {min_lr: 1e-6} as the string '1e-6' and converts nothing inside a mapping; the schedule raises TypeError, run",
    bad="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1e-6}",
    good="lr_scheduler_type: cosine_with_min_lr\nlr_scheduler_kwargs: {min_lr: 1.0e-6}",
    zh="映射里的 1e-6 被 YAML 1.1 读成字符串，TRL 不会转换映射内部的值：训练开始时报 TypeError。请写 1.0e-6。",
    kinds=NATIVE,
)
def schedule_option_is_text(lr_scheduler_kwargs: Any) -> Verdict:
    """The numbers among the options of the schedule are numbers.

    To YAML 1.1 `1e-6` is a string. At the top of a file TRL makes a number of it; inside a mapping nobody does, and the schedule divides a
    string by a number when training starts.
    """
    for name, value in (scheduler_options(lr_scheduler_kwargs) or {}).items():
        if isinstance(value, str) and name not in _IN_WORDS and not _converted(value, lr_scheduler_kwargs):
            return Broken(
                f"`lr_scheduler_kwargs` has {name} {show(value)}, a string; nothing converts it",
                help="write the number with a point and without quotes: 1.0e-6 instead of 1e-6",
            )
    return None


def _converted(text: str, lr_scheduler_kwargs: Any) -> bool:
    """Whether transformers makes a number of a string: it does so in JSON, and only of digits with at most one point."""
    return isinstance(lr_scheduler_kwargs, str) and text.replace(".", "", 1).isdigit()


@rule(
    "OPT014",
    ERROR,
    LOAD,
    source=f"{ARGS}:1792 and 1798: ValueError, run",
    bad="lr_scheduler_type: reduce_lr_on_plateau",
    good='lr_scheduler_type: reduce_lr_on_plateau\neval_strategy: "steps"',
    zh="reduce_lr_on_plateau 和 greedy 需要评估结果，eval_strategy 不能为 no。",
    kinds=NATIVE,
)
def schedule_needs_evaluation(lr_scheduler_type: str, eval_strategy: str) -> Verdict:
    """A schedule that follows the evaluation has one to follow: `reduce_lr_on_plateau` and `greedy` want `eval_strategy` steps or epoch."""
    if lr_scheduler_type in _BY_EVALUATION and eval_strategy == "no":
        return Broken(
            f"`lr_scheduler_type` {lr_scheduler_type} follows the evaluation, and `eval_strategy` is no",
            keys=("eval_strategy",),
            help="write eval_strategy: steps, or another schedule",
        )
    return None


@rule(
    "OPT015",
    ERROR,
    FIRST_STEP,
    source="torch 2.13.0, AdamW: betas of 1.0, 1.5 and -0.1 and an epsilon of -1 raise ValueError; an epsilon of 0 trains to nan, run",
    bad="adam_beta2: 1.0",
    good="adam_beta2: 0.95",
    zh="adam_beta1、adam_beta2 必须在 [0, 1) 内，adam_epsilon 必须大于 0（为 0 时没有梯度的参数变成 nan）。",
    about=_ADAM,
    kinds=NATIVE,
)
def adam_out_of_range(recipe: Recipe, optim: str | None = None) -> Verdicts:
    """Adam's two betas lie in [0, 1), and its epsilon is above 0.

    AdamW raises when training starts. An epsilon of 0 it accepts, and divides 0 by 0 wherever a gradient is 0, as those of LoRA's first
    matrices are in the first step: the model is nan from then on.
    """
    for name in _reads_adam(optim):
        value = recipe.values.get(name)
        if not _is_number(value):
            continue
        if name == "adam_epsilon" and value <= 0:
            what = "0 by 0 is divided where a gradient is 0, and the model is nan" if value == 0 else "AdamW refuses it"
            yield Broken(f"`{name}` is {show(value)}: {what}", at=name, help="write 1.0e-8")
        elif name != "adam_epsilon" and not 0 <= value < 1:
            yield Broken(f"`{name}` is {show(value)}, outside [0, 1)", at=name, help="write a number such as 0.9 or 0.999")


@rule(
    "OPT016",
    WARNING,
    NEVER,
    source="transformers 5.23.0 with torch 2.13.0: -1 trains in silence, since it reaches AdamW by way of its groups, run",
    bad="weight_decay: -0.1",
    good="weight_decay: 0.1",
    zh="weight_decay 为负：权重每步被放大而不是衰减，且不会报错。",
    kinds=NATIVE,
)
def weights_grow_by_decay(weight_decay: float) -> Verdict:
    """Weight decay is 0 or more. A negative one makes the weights grow at each step, and nothing raises."""
    if weight_decay < 0:
        return Broken(f"`weight_decay` is {show(weight_decay)}: the weights grow at each step", help="write 0 or more, usually 0 to 0.1")
    return None


@rule(
    "OPT017",
    INFO,
    NEVER,
    source="transformers 5.23.0, trainer.py:1930: clips only above 0; -1 trains as 0 does, run",
    bad="max_grad_norm: -1.0",
    good="max_grad_norm: 1.0",
    zh="max_grad_norm 为负等同于 0：不裁剪梯度。",
    kinds=NATIVE,
)
def clipping_off_by_sign(max_grad_norm: float) -> Verdict:
    """Gradient clipping is switched off with 0; a negative number does the same and looks like a slip."""
    if max_grad_norm < 0:
        return Broken(f"`max_grad_norm` is {show(max_grad_norm)}: gradients are not clipped", help="write 0 to say so")
    return None


@rule(
    "OPT018",
    INFO,
    NEVER,
    source=f"{OPTIMIZERS}: these optimizers are built without Adam's values, read",
    bad="optim: adafactor\nadam_beta2: 0.95",
    good="optim: adamw_torch\nadam_beta2: 0.95",
    zh="该优化器不使用这些 adam_* 参数。",
    about=("adam_beta1", "adam_beta2", "adam_epsilon", "optim"),
    kinds=NATIVE,
)
def adam_values_unread(optim: str, recipe: Recipe) -> Verdict:
    """Adam's values stand beside an optimizer that reads them: adafactor, SGD, GaLore and others leave them unread, in silence."""
    idle = [name for name in _ADAM if name in recipe.values and name not in _reads_adam(optim)]
    if idle:
        names = ", ".join(f"`{name}`" for name in idle)
        return Broken(f"{names} {'does' if len(idle) == 1 else 'do'} nothing with `optim` {optim}", at=idle[0], keys=(*idle, "optim"))
    return None


@rule(
    "OPT019",
    WARNING,
    NEVER,
    source="TRL 1.16.0, sft_trainer.py:1058-1065: FutureWarning, run; since TRL 1.15",
    bad="label_smoothing_factor: 0.1",
    good="label_smoothing_factor: 0",
    zh="SFT 中的 label_smoothing_factor 已弃用，且每步多做一次前向计算。",
    kinds=SFT,
)
def label_smoothing_slow(label_smoothing_factor: float, target: Target, loss_type: str | None = None) -> Verdict:
    """SFT smooths no labels: TRL takes it out in 2.0, and pays an extra forward pass a step for it until then."""
    if label_smoothing_factor > 0 and loss_type in ("nll", None) and minor(target.trl) >= (1, 15):
        return Broken(
            f"`label_smoothing_factor` {show(label_smoothing_factor)} costs an extra forward pass in each step, and is gone in TRL 2.0",
            help="take it out",
        )
    return None


@rule(
    "OPT020",
    ERROR,
    NEVER,
    source="transformers 5.23.0: 1.5 and -0.1 train in silence, run",
    bad="label_smoothing_factor: 1.5",
    good="label_smoothing_factor: 0",
    zh="label_smoothing_factor 必须在 [0, 1) 内：超过 1 会让模型远离正确答案，而且不报错。",
    kinds=SFT,
)
def label_smoothing_out_of_range(label_smoothing_factor: float) -> Verdict:
    """Label smoothing is a share in [0, 1): from 1 on nothing of the right token is left in the target, above 1 the model is pushed away from it."""
    if not 0 <= label_smoothing_factor < 1:
        return Broken(
            f"`label_smoothing_factor` is {show(label_smoothing_factor)}, outside [0, 1)", help="write 0, or a small share such as 0.1"
        )
    return None


@rule(
    "OPT021",
    WARNING,
    NEVER,
    source="TRL 1.16.0: only SFTTrainer reads it, the others compute their own loss; read, and run for the reward trainer",
    bad="label_smoothing_factor: 0.1",
    good="label_smoothing: 0.1",
    zh="这些训练器自己计算损失，label_smoothing_factor 不起作用；DPO 的参数叫 label_smoothing。",
    kinds=DPO + KTO + REWARD + ONLINE,
)
def label_smoothing_unread(label_smoothing_factor: float, recipe: Recipe) -> Verdict:
    """A trainer with a loss of its own does not smooth labels. DPO has `label_smoothing`, which is another thing."""
    if label_smoothing_factor != 0:
        return Broken(
            f"`label_smoothing_factor` {show(label_smoothing_factor)} does nothing: this trainer computes its own loss",
            help="DPO's is label_smoothing" if recipe.kind in DPO else "take it out",
        )
    return None


@rule(
    "OPT022",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0, integrations/neftune.py: -5 raises RuntimeError at the first step, run",
    bad="neftune_noise_alpha: -5",
    good="neftune_noise_alpha: 5",
    zh="neftune_noise_alpha 不能为负：第一步就会报错。",
    kinds=NATIVE,
)
def noise_negative(neftune_noise_alpha: float) -> Verdict:
    """The noise of NEFTune is 0 or more; a negative one raises at the first step."""
    if neftune_noise_alpha < 0:
        return Broken(f"`neftune_noise_alpha` is {show(neftune_noise_alpha)}; noise is 0 or more", help="write 5, as the paper does")
    return None


@rule(
    "OPT023",
    ERROR,
    FIRST_STEP,
    source=f"{OPTIMIZERS}, _setup_low_rank_optimizer: ValueError and NotImplementedError, read (galore_torch is no dependency)",
    bad="optim: galore_adamw",
    good='optim: galore_adamw\noptim_target_modules: ["attn", "mlp"]',
    zh="GaLore/APOLLO 优化器需要 optim_target_modules；layerwise 版本不支持梯度累积，也不支持多进程。",
    kinds=NATIVE,
)
def low_rank_optimizer_incomplete(
    optim: str, gradient_accumulation_steps: int, world_size: int = 0, optim_target_modules: Any = None
) -> Verdict:
    """GaLore and APOLLO are told which layers they project; layer by layer they neither accumulate gradients nor run on several processes."""
    if not optim.startswith(_LOW_RANK):
        return None
    if optim_target_modules is None:
        return Broken(
            f"`optim` {optim} needs `optim_target_modules`",
            keys=("optim_target_modules",),
            help='write optim_target_modules: ["attn", "mlp"], or all-linear',
        )
    if optim.endswith("layerwise") and gradient_accumulation_steps != 1:
        return Broken(
            f"`optim` {optim} steps layer by layer and cannot accumulate gradients; `gradient_accumulation_steps` is {gradient_accumulation_steps}",
            keys=("gradient_accumulation_steps",),
            help="write gradient_accumulation_steps: 1",
        )
    if optim.endswith("layerwise") and world_size > 1:
        return Broken(
            f"`optim` {optim} runs in one process only; the run has {world_size}", help="take the optimizer that is not layerwise"
        )
    return None


@rule(
    "OPT024",
    ERROR,
    FIRST_STEP,
    source=f"{OPTIMIZERS}, _parse_optim_args: `foo` raises ValueError when training starts, run",
    bad="optim_args: rank 64",
    good='optim_args: "rank=64,scale=0.5"',
    zh="optim_args 必须是用逗号分隔的 名称=值。",
    kinds=NATIVE,
)
def optimizer_arguments_malformed(optim_args: str) -> Verdict:
    """The arguments of the optimizer are `name=value`, with commas between them and none at the end."""
    if optim_args and any(part.count("=") != 1 for part in optim_args.replace(" ", "").split(",")):
        return Broken(
            f"`optim_args` {show(optim_args)} is no list of name=value with commas between them", help='write "rank=64,scale=0.5"'
        )
    return None
