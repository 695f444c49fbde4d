"""Logging, evaluation and checkpoints of native runs."""

from __future__ import annotations

from confguard.schemas.kinds import NATIVE
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import number, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any

ARGS = "transformers 5.23.0, training_args.py"
CALLBACK = "transformers 5.23.0, trainer_callback.py"
_WHAT = {"logging": "logged", "eval": "evaluated", "save": "saved"}


def _each(recipe: Recipe) -> list[tuple[str, str, float]]:
    """What is done every so many steps: the name of the number, what it does, and the number."""
    found = []
    for name, what in _WHAT.items():
        value = recipe.get(f"{name}_steps")
        if recipe.get(f"{name}_strategy") == "steps" and isinstance(value, (int, float)):
            found.append((f"{name}_steps", what, value))
    return found


def _evaluates(recipe: Recipe) -> bool:
    return recipe.get("eval_strategy") in ("steps", "epoch")


def _eval_steps(recipe: Recipe) -> Any:
    """How often a run evaluates that does so by steps: `eval_steps`, or else `logging_steps`."""
    return recipe.get("eval_steps") or recipe.get("logging_steps")


@rule(
    "EVAL001",
    ERROR,
    LOAD,
    source=f"{ARGS}:1580 and 1733: ValueError, run",
    bad="logging_steps: 0",
    good="logging_steps: 10",
    zh='logging_strategy 为 steps 时 logging_steps 不能为 0；不想记录请写 logging_strategy: "no"。',
    kinds=NATIVE,
)
def logging_steps_zero(logging_steps: float, logging_strategy: str, eval_strategy: str, eval_steps: float | None = None) -> Verdict:
    """A run that logs by steps does so every so many of them: 0 is refused.

    Evaluation without `eval_steps` goes by `logging_steps` too. `logging_strategy: "no"` switches logging off.
    """
    if logging_strategy == "steps" and logging_steps == 0:
        return Broken("`logging_steps` is 0, which is refused", help='write 1 or more, or logging_strategy: "no" to log nothing')
    if eval_strategy == "steps" and not eval_steps and logging_steps <= 0:
        return Broken(
            f"`eval_strategy` is steps, and neither `eval_steps` nor `logging_steps` ({show(logging_steps)}) says how many",
            at="eval_strategy",
            keys=("eval_steps", "logging_steps"),
            help="write eval_steps",
        )
    return None


@rule(
    "EVAL002",
    ERROR,
    LOAD,
    source=f"{ARGS}:1737, 1741 and 1745: ValueError, run",
    bad="save_steps: 2.5",
    good="save_steps: 0.1",
    zh="大于 1 的 logging_steps、eval_steps、save_steps 必须是整数；小于 1 表示总步数的比例。",
    about=("logging_steps", "eval_steps", "save_steps"),
    kinds=NATIVE,
)
def steps_with_fraction(recipe: Recipe) -> Verdicts:
    """Above 1 a number of steps is whole; below 1 it is a share of the run."""
    for name, _, value in _each(recipe):
        if value > 1 and value != int(value):
            yield Broken(
                f"`{name}` is {show(value)}; above 1 it is a whole number of steps",
                at=name,
                help="write a whole number, or a share below 1",
            )


@rule(
    "EVAL003",
    WARNING,
    NEVER,
    source=f"{CALLBACK}:156: below 1 it is a share of the run, a negative one too; save_steps -1 saves at the end alone, run",
    bad="save_steps: -1",
    good="save_steps: 100",
    zh="logging_steps、eval_steps、save_steps 为负时被当作总步数的比例：只在结束时（或按绝对值的比例）发生一次。",
    about=("logging_steps", "eval_steps", "save_steps"),
    kinds=NATIVE,
)
def steps_negative(recipe: Recipe) -> Verdicts:
    """Numbers of steps are positive.

    A negative one switches nothing off: below 1 it is a share of the run, so -1 is once, at its end.
    """
    for name, what, value in _each(recipe):
        if value < 0:
            kind = name.removesuffix("_steps")
            yield Broken(
                f"`{name}` {show(value)} is a share of the run, not off: it is {what} every {show(-value)} of it"
                if value > -1
                else f"`{name}` {show(value)} does not switch it off: it is {what} at the end of the run",
                at=name,
                help=f'write a positive number, or {kind}_strategy: "no"',
            )


@rule(
    "EVAL004",
    INFO,
    NEVER,
    source=f"{CALLBACK}:582-604: save_steps 0 and 100 with 6 steps each save checkpoint-6 alone, run",
    bad="save_steps: 600",
    good="save_steps: 100",
    zh="save_steps 为 0 或大于总步数：只在训练结束时保存一次，中途崩溃会丢失全部进度。",
    kinds=NATIVE,
)
def saved_at_end_alone(save_steps: float, save_strategy: str, max_steps: int, recipe: Recipe) -> Verdict:
    """The run saves on its way; otherwise the checkpoint at its end is the only one, and a crash loses all."""
    if save_strategy != "steps" or not recipe.is_given("save_steps"):
        return None
    if save_steps == 0 or save_steps > max_steps >= 1:
        how = "is 0" if save_steps == 0 else f"{show(save_steps)} is more than `max_steps` {max_steps}"
        return Broken(
            f"`save_steps` {how}: the checkpoint at the end is the only one",
            keys=("max_steps",) if save_steps else (),
            help="write a number of steps below that of the run",
        )
    return None


@rule(
    "EVAL005",
    WARNING,
    NEVER,
    source=f"{CALLBACK}:572: logging_steps 100 with 6 steps logs no loss, run",
    bad="logging_steps: 600",
    good="logging_steps: 10",
    zh="logging_steps 大于总步数：不会记录任何 loss。",
    kinds=NATIVE,
)
def loss_never_logged(logging_steps: float, logging_strategy: str, max_steps: int, recipe: Recipe) -> Verdict:
    """The loss is logged at least once; the summary at the end has its mean alone."""
    if logging_strategy == "steps" and logging_steps > max_steps >= 1 and recipe.is_given("logging_steps"):
        return Broken(
            f"`logging_steps` {show(logging_steps)} is more than `max_steps` {max_steps}: no loss is logged",
            keys=("max_steps",),
            help="write 10, or another number below max_steps",
        )
    return None


@rule(
    "EVAL006",
    INFO,
    NEVER,
    source=f"{ARGS}:1578: eval_steps becomes logging_steps, 10 in TRL, run",
    bad='eval_strategy: "steps"',
    good='eval_strategy: "steps"\neval_steps: 100',
    zh="eval_strategy 为 steps 但没有写 eval_steps：按 logging_steps 评估，TRL 默认每 10 步一次。",
    kinds=NATIVE,
)
def evaluated_as_often_as_logged(eval_strategy: str, logging_steps: float, recipe: Recipe) -> Verdict:
    """How often a run evaluates is written: without `eval_steps` it does so as often as it logs, each 10 steps by TRL's default."""
    if eval_strategy == "steps" and not recipe.get("eval_steps") and logging_steps > 0:
        how_often = f"every {show(logging_steps)} steps" if logging_steps >= 1 else f"every {show(logging_steps)} of the run"
        return Broken(
            f"`eval_strategy` is steps without `eval_steps`: the run evaluates as often as it logs, {how_often}",
            keys=("eval_steps", "logging_steps"),
            help="write eval_steps",
        )
    return None


@rule(
    "EVAL007",
    WARNING,
    NEVER,
    source="transformers 5.23.0: eval_strategy is no by default, and eval_steps is not looked at, run",
    bad="eval_steps: 100",
    good='eval_strategy: "steps"\neval_steps: 100',
    zh="写了 eval_steps 却没有写 eval_strategy：默认 no，不会评估。",
    kinds=NATIVE,
)
def evaluation_never_on(eval_steps: float, eval_strategy: str, recipe: Recipe) -> Verdict:
    """A run that is to evaluate has an `eval_strategy`: the default is `no`, whatever `eval_steps` says."""
    if eval_strategy == "no" and eval_steps > 0 and recipe.is_given("eval_steps") and not recipe.is_given("eval_strategy"):
        return Broken(
            f"`eval_steps` {show(eval_steps)} does nothing: `eval_strategy` is not written, and no by default",
            keys=("eval_strategy",),
            help="write eval_strategy: steps",
        )
    return None


@rule(
    "EVAL008",
    INFO,
    NEVER,
    source=f"{CALLBACK}:572-610: each number is looked at under the strategy steps alone, read",
    bad='save_strategy: "epoch"\nsave_steps: 100',
    good='save_strategy: "steps"\nsave_steps: 100',
    zh="策略不是 steps 时，对应的 *_steps 不起作用。",
    about=("save_steps", "save_strategy", "eval_steps", "eval_strategy", "logging_steps", "logging_strategy"),
    kinds=NATIVE,
)
def steps_without_effect(recipe: Recipe) -> Verdicts:
    """A number of steps stands beside the strategy `steps`; beside another it does nothing."""
    for name in _WHAT:
        steps, strategy = f"{name}_steps", recipe.values.get(f"{name}_strategy")
        if strategy in ("epoch", "best") and steps in recipe.values:
            yield Broken(
                f"`{steps}` does nothing: `{name}_strategy` is {strategy}",
                at=steps,
                keys=(f"{name}_strategy",),
                help="take it out, or write steps",
            )


@rule(
    "EVAL009",
    ERROR,
    START,
    source="TRL 1.16.0, scripts/utils.py:466 and sft.py: a mixture has the split train alone, KeyError 'test', run",
    bad='datasets: [{path: trl-lib/DeepMath-103K}]\neval_strategy: "steps"\neval_steps: 100',
    good='datasets: [{path: trl-lib/DeepMath-103K}]\ntest_split_size: 0.01\neval_strategy: "steps"\neval_steps: 100',
    zh="datasets 混合数据集没有测试集：要评估需写 test_split_size。",
    kinds=NATIVE,
)
def mixture_without_test_split(datasets: Any, eval_strategy: str, dataset_test_split: str, test_split_size: float | None = None) -> Verdict:
    """A mixture of datasets that is to be evaluated on is split: it has the split `train`, and `test` only with `test_split_size`."""
    if datasets and eval_strategy in ("steps", "epoch") and test_split_size is None and dataset_test_split != "train":
        return Broken(
            f"`eval_strategy` is {eval_strategy}, and the mixture of `datasets` has no split {dataset_test_split}",
            at="eval_strategy",
            keys=("datasets", "test_split_size"),
            help="write test_split_size: 0.01",
        )
    return None


@rule(
    "EVAL010",
    ERROR,
    LOAD,
    source=f"{ARGS}:1751: ValueError, run",
    bad="load_best_model_at_end: true",
    good='load_best_model_at_end: true\neval_strategy: "steps"\neval_steps: 100\nsave_strategy: "steps"\nsave_steps: 100',
    zh="load_best_model_at_end 要求 eval_strategy 与 save_strategy 一致（save_strategy 为 best 时除外）。",
    kinds=NATIVE,
)
def best_of_what_is_not_saved(load_best_model_at_end: bool, eval_strategy: str, save_strategy: str) -> Verdict:
    """The best model can be loaded at the end where each evaluation is saved: the strategies are the same, or `save_strategy` is best."""
    if load_best_model_at_end and save_strategy not in ("best", eval_strategy):
        return Broken(
            f"`load_best_model_at_end` wants `eval_strategy` and `save_strategy` to be the same; they are {eval_strategy} and {save_strategy}",
            keys=("eval_strategy", "save_strategy"),
            help=f"write eval_strategy: {save_strategy}" if eval_strategy == "no" else f"write save_strategy: {eval_strategy}",
        )
    return None


@rule(
    "EVAL011",
    ERROR,
    LOAD,
    source=f"{ARGS}:1758-1771: ValueError, run",
    bad='load_best_model_at_end: true\neval_strategy: "steps"\neval_steps: 30\nsave_steps: 100',
    good='load_best_model_at_end: true\neval_strategy: "steps"\neval_steps: 50\nsave_steps: 100',
    zh="load_best_model_at_end 要求 save_steps 是 eval_steps 的整数倍，且不能一个是比例、一个是步数。",
    kinds=NATIVE,
)
def best_between_evaluations(load_best_model_at_end: bool, save_steps: float, recipe: Recipe) -> Verdict:
    """Where the best model is loaded at the end, each checkpoint was evaluated: `save_steps` is a multiple of `eval_steps`."""
    steps = _eval_steps(recipe)
    if not load_best_model_at_end or recipe.get("eval_strategy") != "steps" or recipe.get("save_strategy") != "steps" or not steps:
        return None
    if (save_steps < 1) != (steps < 1):
        wrong = save_steps % steps != 0
        how = "one is a share of the run, the other a number of steps"
    elif save_steps < 1:
        wrong = save_steps % steps != 0 and (save_steps * 1_000_000) % (steps * 1_000_000) != 0
        how = f"{show(save_steps)} is no multiple of {show(steps)}"
    else:
        wrong, how = save_steps % steps != 0, f"{show(save_steps)} is no multiple of {show(steps)}"
    if not wrong:
        return None
    by = "eval_steps" if recipe.get("eval_steps") else "logging_steps"
    return Broken(
        f"`load_best_model_at_end` wants `save_steps` to be a multiple of `eval_steps`"
        f"{'' if by == 'eval_steps' else ', which is `logging_steps` where it is not written'}; {how}",
        keys=("save_steps", by),
        help=f"write a multiple of {number(steps)}",
    )


@rule(
    "EVAL012",
    ERROR,
    START,
    source="transformers 5.23.0, trainer.py:688: ValueError, run",
    bad='save_strategy: "best"\neval_strategy: "steps"\neval_steps: 100',
    good='save_strategy: "best"\nmetric_for_best_model: loss\neval_strategy: "steps"\neval_steps: 100',
    zh="save_strategy 为 best 时必须写 metric_for_best_model。",
    kinds=NATIVE,
)
def best_by_no_metric(
    save_strategy: str, load_best_model_at_end: bool, lr_scheduler_type: str, metric_for_best_model: str | None = None
) -> Verdict:
    """`save_strategy` best says by which metric. Loading the best model at the end takes the loss by itself, saving it does not."""
    takes_loss = load_best_model_at_end or lr_scheduler_type in ("reduce_lr_on_plateau", "greedy")
    if save_strategy == "best" and metric_for_best_model is None and not takes_loss:
        return Broken(
            "`save_strategy` is best, and `metric_for_best_model` does not say by what",
            keys=("metric_for_best_model",),
            help="write metric_for_best_model: loss",
        )
    return None


@rule(
    "EVAL013",
    WARNING,
    NEVER,
    source="transformers 5.23.0: nothing is saved, or loaded, and nothing is said, run",
    bad='save_strategy: "best"\nmetric_for_best_model: loss',
    good='save_strategy: "best"\nmetric_for_best_model: loss\neval_strategy: "steps"\neval_steps: 100',
    zh="没有评估就没有“最好”的模型：不会保存检查点，也不会加载。",
    kinds=NATIVE,
)
def best_without_evaluation(save_strategy: str, load_best_model_at_end: bool, recipe: Recipe) -> Verdict:
    """The best model is found by evaluating: with `eval_strategy` no, `save_strategy` best saves no checkpoint, and none is loaded at the end."""
    if _evaluates(recipe) or recipe.get("eval_strategy") is None:
        return None
    if save_strategy == "best":
        return Broken(
            "`save_strategy` is best, and without `eval_strategy` no checkpoint is ever saved",
            keys=("eval_strategy",),
            help="write eval_strategy: steps",
        )
    if load_best_model_at_end and save_strategy == "no":
        return Broken(
            "`load_best_model_at_end` loads nothing: the run neither evaluates nor saves",
            at="load_best_model_at_end",
            keys=("eval_strategy", "save_strategy"),
            help="write eval_strategy: steps and save_strategy: steps",
        )
    return None


@rule(
    "EVAL014",
    WARNING,
    NEVER,
    source="transformers 5.23.0: 0 and -1 keep every checkpoint, run",
    bad="save_total_limit: 0",
    good="save_total_limit: 1",
    zh="save_total_limit 为 0 或负数表示不限制：所有检查点都会保留，可能占满磁盘。",
    kinds=NATIVE,
)
def no_limit_of_checkpoints(save_total_limit: int) -> Verdict:
    """A limit of checkpoints is 1 or more. 0 keeps all of them, not none."""
    if save_total_limit < 1:
        return Broken(
            f"`save_total_limit` {save_total_limit} sets no limit: every checkpoint is kept",
            help='write 1 or more, or save_strategy: "no" to keep none',
        )
    return None


@rule(
    "EVAL015",
    INFO,
    NEVER,
    source=f"{CALLBACK}:596: evaluated at the end alone since transformers 5.4, run; never before, read",
    bad='eval_strategy: "steps"\neval_steps: 600',
    good='eval_strategy: "steps"\neval_steps: 100',
    zh="eval_steps 大于总步数：5.4 起只在结束时评估一次，更早的版本完全不评估。",
    kinds=NATIVE,
)
def evaluated_at_end_alone(eval_steps: float, eval_strategy: str, max_steps: int, target: Target) -> Verdict:
    """A run that evaluates does so on its way."""
    if eval_strategy == "steps" and eval_steps > max_steps >= 1:
        what = "it is evaluated at the end alone" if minor(target.transformers) >= (5, 4) else "it is never evaluated"
        return Broken(
            f"`eval_steps` {show(eval_steps)} is more than `max_steps` {max_steps}: {what}",
            keys=("max_steps",),
            help="write a number below max_steps",
        )
    return None


@rule(
    "EVAL016",
    WARNING,
    NEVER,
    source=f"{CALLBACK}:579: eval_delay 100 with 6 steps evaluates never, run",
    bad='eval_strategy: "steps"\neval_steps: 100\neval_delay: 600',
    good='eval_strategy: "steps"\neval_steps: 100\neval_delay: 100',
    zh="eval_delay 大于总步数（或总轮数）：永远不会评估。",
    kinds=NATIVE,
)
def evaluation_delayed_past_end(eval_delay: float, eval_strategy: str, max_steps: int, num_train_epochs: float) -> Verdict:
    """The first evaluation is not put off past the end of the run. `eval_delay` counts steps or epochs, as `eval_strategy` says."""
    by_steps = eval_strategy == "steps" and eval_delay > max_steps >= 1
    if by_steps or (eval_strategy == "epoch" and max_steps < 1 and eval_delay > num_train_epochs > 0):
        unit, name, end = ("steps", "max_steps", max_steps) if by_steps else ("epochs", "num_train_epochs", num_train_epochs)
        return Broken(
            f"`eval_delay` {show(eval_delay)} {unit} is past the end of the run, `{name}` {show(end)}: it is never evaluated", keys=(name,)
        )
    return None


@rule(
    "EVAL017",
    ERROR,
    FIRST_STEP,
    source="transformers 5.23.0: ZeroDivisionError at the first evaluation, run",
    bad='eval_strategy: "steps"\neval_steps: 100\neval_accumulation_steps: 0',
    good='eval_strategy: "steps"\neval_steps: 100\neval_accumulation_steps: 4',
    zh="eval_accumulation_steps 不能为 0：第一次评估时除以零。",
    kinds=NATIVE,
)
def evaluation_accumulates_zero(eval_accumulation_steps: int, eval_strategy: str) -> Verdict:
    """Outputs of an evaluation are moved to the CPU after a positive number of steps; left out, at its end."""
    if eval_accumulation_steps == 0 and eval_strategy in ("steps", "epoch"):
        return Broken("`eval_accumulation_steps` is 0: the first evaluation divides by it", help="take it out, or write 1 or more")
    return None


@rule(
    "EVAL018",
    ERROR,
    NEVER,
    source="transformers 5.23.0, trainer.py, _determine_best_metric: greater_is_better is used as written; arithmetic",
    bad='load_best_model_at_end: true\neval_strategy: "steps"\neval_steps: 100\nmetric_for_best_model: eval_loss\ngreater_is_better: true',
    good='load_best_model_at_end: true\neval_strategy: "steps"\neval_steps: 100\nmetric_for_best_model: eval_loss',
    zh="以 loss 为指标却写 greater_is_better: true：会把最差的模型当作最好的。",
    kinds=NATIVE,
)
def worst_taken_for_best(greater_is_better: bool, recipe: Recipe, metric_for_best_model: str | None = None) -> Verdict:
    """The best model by a loss is the one with the smallest. `greater_is_better: true` beside a loss keeps the worst."""
    used = recipe.get("load_best_model_at_end") or recipe.get("save_strategy") == "best"
    if used and greater_is_better and (metric_for_best_model or "loss") in ("loss", "eval_loss"):
        return Broken(
            "`greater_is_better` is true, and `metric_for_best_model` is the loss: the worst model counts as the best",
            keys=("metric_for_best_model",),
            help="take greater_is_better out",
        )
    return None


@rule(
    "EVAL019",
    INFO,
    NEVER,
    source="transformers 5.0: report_to is none by default, before it was every tracker installed; trl#4341",
    bad="run_name: grpo-1",
    good="run_name: grpo-1\nreport_to: wandb",
    zh="transformers 5.0 起 report_to 默认为 none：写了 run_name 也不会上报到任何平台。",
    about=("run_name", "trackio_space_id", "report_to"),
    kinds=NATIVE,
)
def reported_to_nobody(recipe: Recipe, target: Target) -> Verdict:
    """A run with a name for a tracker says which: since transformers 5.0 `report_to` is none where it is not written."""
    named = next((name for name in ("run_name", "trackio_space_id") if recipe.values.get(name)), None)
    if named and minor(target.transformers) >= (5, 0) and not recipe.is_given("report_to"):
        return Broken(
            f"`{named}` is told to nobody: `report_to` is not written, and none by default since transformers 5.0",
            at=named,
            keys=("report_to",),
            help="write report_to: wandb, or whichever tracker the run has",
        )
    return None


@rule(
    "EVAL020",
    INFO,
    NEVER,
    source="TRL 1.16.0, scripts: the model is pushed only with push_to_hub, read",
    bad="hub_model_id: me/model",
    good="hub_model_id: me/model\npush_to_hub: true",
    zh="push_to_hub 为 false，hub_* 参数不起作用：模型不会上传。",
    about=("hub_model_id", "hub_strategy", "hub_revision", "push_to_hub"),
    kinds=NATIVE,
)
def pushed_nowhere(push_to_hub: bool, recipe: Recipe) -> Verdict:
    """The settings of the hub stand beside `push_to_hub: true`; without it nothing is pushed."""
    idle = next((name for name in ("hub_model_id", "hub_strategy", "hub_revision") if recipe.values.get(name)), None)
    if idle and not push_to_hub and not recipe.is_given("push_to_hub"):
        return Broken(
            f"`{idle}` does nothing: `push_to_hub` is not written, and false by default",
            at=idle,
            keys=("push_to_hub",),
            help="write push_to_hub: true",
        )
    return None
