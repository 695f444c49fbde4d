"""The schedule: steps, warm-up, saving, logging, and the temperature's own schedule."""

from __future__ import annotations

from confguard.schemas.kinds import AFLOW, NATIVE
from confguard.words.finding import ERROR, INFO, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import number, show
from confguard.words.target import Target, minor

USUAL_WARMUP = 0.2
_COUNTS = ("warmup_steps", "save_steps", "logging_steps", "eval_steps", "val_samples", "temperature_warmup_steps", "buffer_size")

WITHOUT_WARMUP = ("constant", "reduce_lr_on_plateau", "greedy")
"""Schedules that take no account of the warm-up."""


def _warmup_key(recipe: Recipe, target: Target | None) -> tuple[str, float]:
    """The key that the warm-up counts by, and its value: before transformers 5.0 steps win, up to 5.14 the ratio, then it is gone."""
    steps, ratio = recipe.get("warmup_steps"), recipe.get("warmup_ratio")
    is_old = target is not None and minor(target.transformers) < (5, 0)
    if ratio is not None and not (is_old and steps):
        return "warmup_ratio", ratio
    return "warmup_steps", steps if isinstance(steps, (int, float)) else 0


def warmup_share(recipe: Recipe, target: Target | None = None) -> float | None:
    """What share of the run its warm-up takes; None where the run's length is not known, or the schedule has no warm-up.

    Below 1 a native file's warm-up is a share by itself; from 1 on it counts steps.
    """
    if recipe.get("lr_scheduler_type") in WITHOUT_WARMUP or not isinstance(recipe.get("warmup_steps"), (int, float)):
        return None
    name, value = _warmup_key(recipe, target)
    max_steps = recipe.get("max_steps")
    if recipe.kind in NATIVE and (value < 1 or (name == "warmup_ratio" and target is not None and minor(target.transformers) < (5, 0))):
        return max(float(value), 0.0)
    return int(value) / max_steps if isinstance(max_steps, int) and max_steps >= 1 else None


@rule(
    "SCHED001",
    ERROR,
    NEVER,
    source="arithmetic; transformers 5.23.0 and TRL 1.16.0 accept warmup_steps 1000 with max_steps 10, run",
    bad="warmup_steps: 500",
    good="warmup_steps: 100",
    zh="预热步数不小于总步数：学习率永远达不到设定的峰值。",
)
def warmup_never_ends(warmup_steps: float, max_steps: int, recipe: Recipe, target: Target | None = None) -> Verdict:
    """Warm-up ends before the run does.

    The learning rate rises over `warmup_steps`; a run that is over by then never takes a step at the rate the file says. No library
    raises: three of 767 published configs have this mistake.
    """
    share = warmup_share(recipe, target)
    if share is not None and share >= 1:
        name, whole = _warmup_key(recipe, target)
        if name == "warmup_ratio" or max_steps < 1:
            return Broken(f"`{name}` is {show(whole)}, the whole run: the learning rate never reaches its peak", at=name, help="write 0.1")
        return Broken(
            f"`warmup_steps` {int(warmup_steps)} is not below `max_steps` {max_steps}: the learning rate never reaches its peak",
            keys=("max_steps",),
            help=f"write at most {int(max_steps * USUAL_WARMUP)}, a fifth of the run",
        )
    return None


@rule(
    "SCHED002",
    WARNING,
    NEVER,
    source="nine in ten published configs warm up for a tenth of the run or less (docs/norms.md)",
    bad="warmup_steps: 101",
    good="warmup_steps: 100",
    zh="预热步数超过总步数的 20%。",
)
def warmup_long(warmup_steps: float, max_steps: int, recipe: Recipe, target: Target | None = None) -> Verdict:
    """Warm-up takes at most a fifth of the run.

    A longer one spends much of the budget below the learning rate that was chosen.
    """
    share = warmup_share(recipe, target)
    if share is None or not USUAL_WARMUP < share < 1:
        return None
    name, whole = _warmup_key(recipe, target)
    if whole < 1:
        return Broken(
            f"`{name}` {show(whole)} is {number(100 * share)}% of the run, more than 20%", at=name, help=f"write at most {USUAL_WARMUP}"
        )
    return Broken(
        f"`warmup_steps` {int(warmup_steps)} is {number(100 * share)}% of `max_steps` {max_steps}, more than 20%",
        keys=("max_steps",),
        help=f"write at most {int(max_steps * USUAL_WARMUP)}",
    )


@rule(
    "SCHED003",
    WARNING,
    NEVER,
    source="the reference given by --reference or by the project file",
    bad="max_steps: 1000\nwarmup_steps: 100",
    good="max_steps: 1000\nwarmup_steps: 200",
    flags="--reference profile:reference",
    zh="预热比例与参考配置不同。",
)
def warmup_ratio_differs(warmup_steps: float, max_steps: int, reference: Recipe, recipe: Recipe, target: Target | None = None) -> Verdict:
    """Warm-up takes the same share of the run as the reference's.

    Changing `max_steps` alone changes the share.
    """
    ours, theirs = warmup_share(recipe, target), warmup_share(reference, target)
    if ours is None or theirs is None or abs(ours - theirs) <= 1e-9:
        return None
    name, whole = _warmup_key(recipe, target)
    if max_steps < 1 or name == "warmup_ratio" or (recipe.kind in NATIVE and 0 < whole < 1):
        return Broken(f"`{name}` is {number(100 * ours)}% of the run, the reference's is {number(100 * theirs)}%", at=name)
    return Broken(
        f"`warmup_steps` is {number(100 * ours)}% of `max_steps`, the reference's is {number(100 * theirs)}%",
        keys=("max_steps",),
        help=f"the reference's share of {max_steps} steps is {round(theirs * max_steps)}",
    )


@rule(
    "SCHED004",
    WARNING,
    NEVER,
    source="arithmetic; TRL 1.16.0 accepts save_steps 0, run",
    bad="save_every: 501",
    good="save_every: 100",
    zh="save_every 为 0 或大于总步数：一个检查点也不会保存。",
    kinds=AFLOW,
)
def nothing_saved(save_steps: int, max_steps: int) -> Verdict:
    """The run saves at least one checkpoint.

    A crash, or the end of the run, otherwise leaves nothing behind, unless the trainer saves at its end on its own.
    """
    if save_steps == 0 or (max_steps >= 1 and save_steps > max_steps):
        how = "is 0" if save_steps == 0 else f"{save_steps} is more than `max_steps` {max_steps}"
        return Broken(
            f"`save_steps` {how}: no checkpoint is saved on the way", keys=("max_steps",), help="write a number of steps below max_steps"
        )
    return None


@rule(
    "SCHED005",
    INFO,
    NEVER,
    source="arithmetic",
    bad="save_every: 30",
    good="save_every: 25",
    zh="总步数不是 save_every 的整数倍：最后几步不会保存。",
    kinds=AFLOW,
)
def last_step_not_saved(save_steps: int, max_steps: int) -> Verdict:
    """The last step is one at which a checkpoint is saved.

    The steps after the last checkpoint are trained and lost, unless the trainer saves at its end on its own.
    """
    if 0 < save_steps <= max_steps and (left := max_steps % save_steps):
        return Broken(
            f"`save_steps` {save_steps} does not divide `max_steps` {max_steps}: the last {left} steps are after the last checkpoint",
            keys=("max_steps",),
            help="choose a divisor of max_steps",
        )
    return None


@rule(
    "SCHED006",
    WARNING,
    START,
    source="transformers 5.23.0, training_args.py:1733: logging_steps 0 raises ValueError, run; arithmetic",
    bad="log_every: 0",
    good="log_every: 5",
    zh="log_every 为 0 或大于总步数：没有任何日志；transformers 在 logging_steps 为 0 时会报错。",
    kinds=AFLOW,
)
def nothing_logged(logging_steps: int, max_steps: int) -> Verdict:
    """The run logs at least once.

    0 is refused by transformers, and divides by zero in a loop that asks `step % log_every`.
    """
    if logging_steps == 0:
        return Broken("`logging_steps` is 0: transformers refuses it, and a loop that asks step % 0 fails", help="write 1 or more")
    if logging_steps > max_steps >= 1:
        return Broken(
            f"`logging_steps` {logging_steps} is more than `max_steps` {max_steps}: nothing is logged",
            keys=("max_steps",),
            help="write 1 or more, below max_steps",
        )
    return None


@rule(
    "SCHED007",
    ERROR,
    NEVER,
    source="arithmetic; TRL 1.16.0 accepts max_steps 0, run",
    bad="max_steps: 0",
    good="max_steps: 500",
    zh="max_steps 必须不小于 1。",
    kinds=AFLOW,
)
def no_steps(max_steps: int) -> Verdict:
    """The run has at least one step."""
    if max_steps < 1:
        return Broken(f"`max_steps` is {max_steps}: the run takes no step", help="write 1 or more")
    return None


@rule(
    "SCHED008",
    ERROR,
    START,
    source="transformers 5.23.0, training_args.py:1801 for warmup_steps: ValueError, run; arithmetic for the others",
    bad="warmup_steps: -1",
    good="warmup_steps: 0",
    zh="步数或数量为负。",
    about=_COUNTS,
    kinds=AFLOW,
)
def negative_count(recipe: Recipe) -> Verdicts:
    """Numbers of steps and of samples are not negative; 0 switches a thing off where it can be."""
    for name in _COUNTS:
        value = recipe.values.get(name)
        if isinstance(value, int) and value < 0:
            yield Broken(f"`{name}` is {value}; a count is 0 or more", at=name, help="write 0 or more")


@rule(
    "SCHED009",
    INFO,
    NEVER,
    source="arithmetic",
    bad="eval_every: 600",
    good="eval_every: 0",
    zh="eval_every 大于总步数：不会进行评估（0 表示关闭，属正常）。",
    kinds=AFLOW,
)
def never_evaluated(eval_steps: int, max_steps: int) -> Verdict:
    """Evaluation comes at least once, or is switched off with 0."""
    if eval_steps > max_steps >= 1:
        return Broken(
            f"`eval_steps` {eval_steps} is more than `max_steps` {max_steps}: nothing is evaluated",
            keys=("max_steps",),
            help="write 0 to say so, or a number below max_steps",
        )
    return None


@rule(
    "SCHED010",
    WARNING,
    NEVER,
    source="arithmetic",
    bad="temperature_schedule:\n  enabled: true\n  initial: 0.5\n  final: 0.15\n  warmup_steps: 600",
    good="temperature_schedule:\n  enabled: true\n  initial: 0.5\n  final: 0.15\n  warmup_steps: 150",
    zh="温度调度比训练还长：永远到不了 final。",
)
def temperature_schedule_longer_than_run(temperature_warmup_steps: int, max_steps: int, temperature_schedule_enabled: bool) -> Verdict:
    """The temperature reaches `final` before the run ends."""
    if temperature_schedule_enabled and temperature_warmup_steps > max_steps >= 1:
        return Broken(
            f"`temperature_warmup_steps` {temperature_warmup_steps} is more than `max_steps` {max_steps}: the temperature never reaches `temperature_final`",
            keys=("max_steps", "temperature_final"),
            help=f"write at most {max_steps}",
        )
    return None


@rule(
    "SCHED011",
    INFO,
    NEVER,
    source="the mission's trainer uses the schedule only where it is enabled",
    bad="temperature_schedule:\n  enabled: false\n  initial: 0.9\n  final: 0.4\n  warmup_steps: 0\n"
    "generation_config:\n  temperature: 0.4\n  max_tokens: 4096",
    good="temperature_schedule:\n  enabled: false\n  initial: 0.4\n  final: 0.4\n  warmup_steps: 0\n"
    "generation_config:\n  temperature: 0.4\n  max_tokens: 4096",
    zh="温度调度已关闭，但 initial/final 与固定温度不同：它们不起作用。",
)
def schedule_off_but_different(
    temperature_schedule_enabled: bool, temperature: float, temperature_initial: float | None = None, temperature_final: float | None = None
) -> Verdicts:
    """A schedule that is off says the same temperature as the fixed one, so that nobody reads the wrong one."""
    if temperature_schedule_enabled:
        return
    for name, value in (("temperature_initial", temperature_initial), ("temperature_final", temperature_final)):
        if value is not None and value != temperature:
            yield Broken(
                f"`{name}` {show(value)} does nothing while the schedule is off; `temperature` {show(temperature)} is used",
                at=name,
                keys=("temperature",),
                help=f"write {show(temperature)}, or switch the schedule on",
            )


@rule(
    "SCHED012",
    INFO,
    NEVER,
    source="the mission's trainer uses the fixed temperature only while the schedule is off",
    bad="temperature_schedule:\n  enabled: true\n  initial: 0.5\n  final: 0.15\n  warmup_steps: 150\ngeneration_config:\n  temperature: 0.9\n  max_tokens: 4096",
    good="temperature_schedule:\n  enabled: true\n  initial: 0.5\n  final: 0.15\n  warmup_steps: 150\ngeneration_config:\n  temperature: 0.5\n  max_tokens: 4096",
    zh="温度调度已开启，固定温度不起作用，且与 initial 不同。",
)
def fixed_temperature_dead(temperature: float, temperature_schedule_enabled: bool, temperature_initial: float) -> Verdict:
    """While the schedule is on, the fixed temperature is dead; it says the same as `initial`, so that nobody is misled."""
    if temperature_schedule_enabled and temperature != temperature_initial:
        return Broken(
            f"`temperature` {show(temperature)} does nothing while the schedule is on; sampling starts at `temperature_initial` {show(temperature_initial)}",
            keys=("temperature_initial",),
            help=f"write {show(temperature_initial)}, or switch the schedule off",
        )
    return None
