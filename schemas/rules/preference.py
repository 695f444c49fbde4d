"""Preferences with TRL: DPO, KTO and reward models."""

from __future__ import annotations

from confguard.schemas.kinds import DPO, KTO, REWARD
from confguard.words.finding import ERROR, FIRST_STEP, INFO, LOAD, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, Verdicts, rule
from confguard.words.spelling import listed, show
from confguard.words.target import Target, minor
from confguard.words.typing import Any

_F_DIVERGENCES = ("sigmoid", "sigmoid_norm", "hinge", "ipo", "exo_pair", "robust", "discopop", "sft")
_SMOOTHED = ("robust", "exo_pair", "aot", "aot_unpaired", "aot_pair")
_SMOOTHED_BEFORE = (*_SMOOTHED, "sigmoid")
"""Losses that read label_smoothing before the trainer was rewritten in 0.29."""
_SORTED = ("aot", "aot_unpaired")


def losses_of(loss_type: str | list[str]) -> list[str]:
    """The losses of a DPO file, which names one or several."""
    return [loss_type] if isinstance(loss_type, str) else [loss for loss in loss_type if isinstance(loss, str)]


@rule(
    "DPO001",
    ERROR,
    LOAD,
    source="TRL 1.16.0, dpo_config.py:361: ValueError, run; since 0.20",
    bad="loss_type: [sigmoid, sft]\nloss_weights: [1.0]",
    good="loss_type: [sigmoid, sft]\nloss_weights: [1.0, 0.1]",
    zh="loss_weights 的个数必须等于 loss_type 的个数。",
    kinds=DPO,
)
def loss_weights_not_one_each(loss_weights: list[float], loss_type: str | list[str]) -> Verdict:
    """Each loss has one weight."""
    losses = losses_of(loss_type)
    if len(loss_weights) == len(losses):
        return None
    return Broken(
        f"`loss_weights` has {len(loss_weights)} weights for {len(losses)} losses in `loss_type`",
        keys=("loss_type",),
        help=f"write {len(losses)} weight{'s' if len(losses) != 1 else ''}, in the order of loss_type",
    )


@rule(
    "DPO002",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:812: ValueError, run; since 1.10",
    bad="loss_type: [aot]\nf_divergence_type: js_divergence",
    good="loss_type: [sigmoid]\nf_divergence_type: js_divergence",
    zh="除默认的 reverse_kl 外，f_divergence_type 只支持部分损失。",
    kinds=DPO,
)
def divergence_without_its_loss(f_divergence_type: str, loss_type: str | list[str], target: Target) -> Verdict:
    """Another divergence than reverse_kl goes with losses that use the difference of both rewards; the others have no such form."""
    strange = [loss for loss in losses_of(loss_type) if loss not in _F_DIVERGENCES]
    if f_divergence_type != "reverse_kl" and strange and minor(target.trl) >= (1, 10):
        return Broken(
            f"`f_divergence_type` {show(f_divergence_type)} is not defined for `loss_type` {listed(strange)}",
            keys=("loss_type",),
            help="write reverse_kl, or a loss such as sigmoid",
        )
    return None


@rule(
    "DPO003",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:820: NotImplementedError, run; since 0.29",
    bad="loss_type: [aot]\nuse_weighting: true",
    good="loss_type: [sigmoid]\nuse_weighting: true",
    zh="aot 与 aot_unpaired 会对样本排序，不能与 use_weighting 一起用。",
    kinds=DPO,
)
def weights_of_sorted_pairs(use_weighting: bool, loss_type: str | list[str], target: Target) -> Verdict:
    """Pairs are weighted under losses that keep them; AOT sorts the samples, so the weights would meet other pairs."""
    found = [loss for loss in losses_of(loss_type) if loss in _SORTED]
    if use_weighting and found and minor(target.trl) >= (0, 29):
        return Broken(
            f"`use_weighting` is true, but `loss_type` {listed(found)} sorts the samples: weights and pairs would not match",
            keys=("loss_type",),
            help="write use_weighting: false, or another loss",
        )
    return None


@rule(
    "DPO004",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:830: ValueError for 0, run; since 0.29, before it 0 meant 0.001, run with 0.24; 1 makes the loss NaN, run",
    bad="loss_type: [exo_pair]",
    good="loss_type: [exo_pair]\nlabel_smoothing: 0.001",
    zh="exo_pair 要求 label_smoothing 大于 0（论文建议 0.001）且小于 1。",
    kinds=DPO,
)
def exo_without_smoothing(loss_type: str | list[str], label_smoothing: float, target: Target) -> Verdict:
    """EXO's loss takes the logarithm of the smoothing and of 1 less it: both are above 0. The paper recommends 0.001."""
    if "exo_pair" not in losses_of(loss_type):
        return None
    if label_smoothing <= 0 and (label_smoothing < 0 or minor(target.trl) >= (0, 29)):
        what = "needs a `label_smoothing` above 0"
    elif label_smoothing >= 1:
        what = f"is not a number with `label_smoothing` {show(label_smoothing)}"
    else:
        return None
    return Broken(f"`loss_type` exo_pair {what}", keys=("label_smoothing",), help="write label_smoothing: 0.001")


@rule(
    "DPO005",
    WARNING,
    NEVER,
    source="TRL 1.16.0, dpo_trainer.py:824: warns, run; at 0.5 the loss divides by 0 and the gradient is NaN, run",
    bad="loss_type: [robust]\nlabel_smoothing: 0.5",
    good="loss_type: [robust]\nlabel_smoothing: 0.1",
    zh="robust 损失的 label_smoothing 是标签翻转的概率，应在 [0, 0.5) 内；为 0.5 时损失除以零。",
    kinds=DPO,
)
def robust_smoothing_out_of_range(loss_type: str | list[str], label_smoothing: float) -> Verdict:
    """Robust DPO takes `label_smoothing` as the chance that a label is wrong: at least 0, and below one half."""
    if "robust" in losses_of(loss_type) and not 0 <= label_smoothing < 0.5:
        why = ": the loss divides by 0" if label_smoothing == 0.5 else ""
        return Broken(
            f"`label_smoothing` {show(label_smoothing)} is outside [0, 0.5), where `loss_type` robust is defined{why}",
            at="label_smoothing",
            keys=("loss_type",),
            help="write the share of wrong labels, such as 0.1",
        )
    return None


@rule(
    "DPO006",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:994 and kto_trainer.py:1002: NotImplementedError, run; in DPO ValueError since 0.12, in KTO since 1.6",
    bad="sync_ref_model: true",
    good="sync_ref_model: true\nuse_peft: false",
    zh="使用 PEFT 时没有单独的参考模型，sync_ref_model 无从同步。",
    kinds=DPO + KTO,
)
def adapters_have_no_reference_model(sync_ref_model: bool, use_lora: bool) -> Verdict:
    """With adapters the reference is the model without them; there is none that could be synchronised."""
    if sync_ref_model and use_lora:
        return Broken(
            "`sync_ref_model` is true, but with `use_lora` the reference is the base model itself",
            keys=("use_lora",),
            help="write sync_ref_model: false, or train all weights",
        )
    return None


@rule(
    "DPO007",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:1003 and kto_trainer.py:1011: ValueError, run; in DPO since 0.12, in KTO since 1.6",
    bad="sync_ref_model: true\nuse_peft: false\nprecompute_ref_log_probs: true",
    good="sync_ref_model: true\nuse_peft: false\nprecompute_ref_log_probs: false",
    zh="预先计算的参考概率假定参考模型不变，不能与 sync_ref_model 一起用。",
    kinds=DPO + KTO,
)
def computed_before_it_changes(sync_ref_model: bool, precompute_ref_log_probs: bool, use_lora: bool) -> Verdict:
    """What the reference model says is computed beforehand only where that model stays as it is."""
    if sync_ref_model and precompute_ref_log_probs and not use_lora:
        return Broken(
            "`precompute_ref_log_probs` takes the reference model as fixed, and `sync_ref_model` changes it",
            at="precompute_ref_log_probs",
            keys=("sync_ref_model",),
            help="write false for one of them",
        )
    return None


@rule(
    "DPO008",
    ERROR,
    START,
    source="TRL 1.16.0, dpo_trainer.py:1170 and kto_trainer.py: ValueError, run; in DPO since 0.29, in KTO since 1.3",
    bad="precompute_ref_log_probs: true\ndataset_streaming: true\nmax_steps: 100",
    good="precompute_ref_log_probs: true\ndataset_streaming: false\nmax_steps: 100",
    zh="流式数据集没有长度，不能预先计算参考概率。",
    kinds=DPO + KTO,
)
def stream_computed_beforehand(precompute_ref_log_probs: bool, dataset_streaming: bool, target: Target, recipe: Recipe) -> Verdict:
    """What the reference model says of a stream cannot be computed beforehand: it has no end."""
    if precompute_ref_log_probs and dataset_streaming and minor(target.trl) >= ((1, 3) if recipe.kind in KTO else (0, 29)):
        return Broken(
            "`precompute_ref_log_probs` is true, and `dataset_streaming` gives a stream, which cannot be gone through beforehand",
            keys=("dataset_streaming",),
            help="write false for one of them",
        )
    return None


@rule(
    "DPO009",
    WARNING,
    NEVER,
    source="TRL 1.16.0, dpo_trainer.py:734: warns and pads, run; since 0.29",
    bad="padding_free: true",
    good="padding_free: false",
    zh="TRL 0.29 起 DPO 的 padding_free 被停用：只警告，仍然填充。",
    kinds=DPO,
)
def padding_free_is_off(padding_free: bool, target: Target) -> Verdict:
    """DPO's padding-free batches are switched off since TRL 0.29: it warns, and pads."""
    if padding_free and minor(target.trl) >= (0, 29):
        return Broken("`padding_free` is true, but the DPO trainer has it switched off and pads", help="write padding_free: false")
    return None


@rule(
    "DPO010",
    ERROR,
    NEVER,
    source="TRL 1.16.0: with beta 0 sigmoid and hinge have gradient 0, ipo and sppo_hard raise ZeroDivisionError at the first loss; below 0 the rejected answer is preferred; run",
    bad="beta: 0.0",
    good="beta: 0.1",
    zh="DPO 的 beta 必须大于 0：为 0 时没有梯度或除以零，为负时偏好被拒绝的回答，TRL 均不报错。",
    kinds=DPO,
)
def preference_without_strength(beta: float, loss_type: str | list[str]) -> Verdict:
    """`beta` multiplies the difference that DPO learns from, so it is above 0.

    With 0 there is no gradient, or a division by 0; below 0 the model learns to prefer what was rejected. TRL says no word.
    """
    losses = [loss for loss in losses_of(loss_type) if loss != "sft"]
    if beta > 0 or not losses:
        return None
    divides = beta == 0 and not {"ipo", "sppo_hard", "bco_pair"}.isdisjoint(losses)
    what = "prefers the rejected answers" if beta < 0 else "divides by 0" if divides else "has no gradient"
    help_ = "write a positive number, usually 0.1"
    return Broken(f"`beta` is {show(beta)}: the loss {what}", help=help_, fails=FIRST_STEP if divides else None)


@rule(
    "DPO011",
    WARNING,
    NEVER,
    source="TRL 1.16.0, dpo_trainer.py:1388: sigmoid trains the same with 0.4 and with 0, run; before 0.29 sigmoid read it, run with 0.24",
    bad="label_smoothing: 0.1",
    good="label_smoothing: 0.1\nloss_type: [robust]",
    zh="当前 loss_type 不读取 label_smoothing（TRL 0.29 起 sigmoid 也不再读取）：它不起作用。",
    kinds=DPO,
)
def smoothing_unread(label_smoothing: float, loss_type: str | list[str], target: Target) -> Verdict:
    """Labels are smoothed under a loss that does it. Since TRL 0.29 the sigmoid loss, DPO's own, does not any more, and says no word."""
    reads = _SMOOTHED if minor(target.trl) >= (0, 29) else _SMOOTHED_BEFORE
    losses = losses_of(loss_type)
    if label_smoothing == 0 or any(loss in reads for loss in losses):
        return None
    return Broken(
        f"`label_smoothing` {show(label_smoothing)} does nothing: `loss_type` {listed(losses)} does not read it",
        keys=("loss_type",),
        help="write loss_type: robust for noisy labels, or remove it",
    )


@rule(
    "DPO012",
    INFO,
    NEVER,
    source="TRL 1.16.0, dpo_trainer.py:1364 and 1486: read in that divergence and that loss only; f_alpha_divergence_coef 3 with sigmoid changes nothing, run",
    bad="f_alpha_divergence_coef: 0.7",
    good="f_alpha_divergence_coef: 0.7\nf_divergence_type: alpha_divergence",
    zh="该项属于另一种损失或散度，在当前配置下不起作用。",
    about=("f_alpha_divergence_coef", "discopop_tau"),
    kinds=DPO,
)
def keys_of_another_preference_loss(recipe: Recipe, loss_type: str | list[str], f_divergence_type: str) -> Verdicts:
    """Settings of a loss or of a divergence stand where it is used."""
    if "f_alpha_divergence_coef" in recipe.values and f_divergence_type != "alpha_divergence":
        yield Broken(
            f"`f_alpha_divergence_coef` does nothing with `f_divergence_type` {show(f_divergence_type)}",
            at="f_alpha_divergence_coef",
            keys=("f_divergence_type",),
        )
    losses = losses_of(loss_type)
    if "discopop_tau" in recipe.values and "discopop" not in losses:
        yield Broken(f"`discopop_tau` does nothing with `loss_type` {listed(losses)}", at="discopop_tau", keys=("loss_type",))


@rule(
    "DPO013",
    ERROR,
    NEVER,
    source="TRL 1.16.0, dpo_trainer.py:1487: the loss divides by it; with 0 the gradient is NaN, run",
    bad="loss_type: [discopop]\ndiscopop_tau: 0.0",
    good="loss_type: [discopop]\ndiscopop_tau: 0.05",
    zh="discopop_tau 为 0 时损失除以零，梯度为 NaN。",
    kinds=DPO,
)
def discopop_divides_by_zero(discopop_tau: float, loss_type: str | list[str]) -> Verdict:
    """DiscoPOP's temperature is not 0: the loss divides by it."""
    if discopop_tau == 0 and "discopop" in losses_of(loss_type):
        return Broken("`discopop_tau` is 0, and the loss divides by it: the gradient is NaN", help="write 0.05, TRL's default")
    return None


@rule(
    "KTO001",
    ERROR,
    START,
    source="TRL 1.16.0, kto_trainer.py:845: ValueError, run; in all releases since 0.12",
    bad="desirable_weight: 1.0\nper_device_train_batch_size: 1",
    good="desirable_weight: 1.0\nper_device_train_batch_size: 2",
    zh="KTO 的 KL 项用同一批中别的样本估计，每卡批大小必须大于 1（apo_zero_unpaired 除外）。",
    kinds=KTO,
)
def kl_of_one_sample(per_device_train_batch_size: int, loss_type: str) -> Verdict:
    """KTO estimates its KL term from the other samples of a device's batch: there are at least two. Accumulation does not count."""
    if per_device_train_batch_size <= 1 and loss_type != "apo_zero_unpaired":
        return Broken(
            f"`per_device_train_batch_size` is {per_device_train_batch_size}; KTO's KL term needs at least 2 samples in a device's batch",
            keys=("loss_type",),
            help="write 2 or more, and less gradient_accumulation_steps",
        )
    return None


@rule(
    "KTO002",
    ERROR,
    START,
    source="TRL 1.16.0, kto_trainer.py:838: ValueError, run; since 1.6",
    bad="desirable_weight: 1.0\ntrain_sampling_strategy: random",
    good="desirable_weight: 1.0\ntrain_sampling_strategy: sequential",
    zh="KTO 的 KL 项与固定顺序的批配对，train_sampling_strategy 必须是 sequential（apo_zero_unpaired 除外）。",
    kinds=KTO,
)
def kl_of_other_neighbours(train_sampling_strategy: str, loss_type: str, target: Target) -> Verdict:
    """KTO pairs each sample with its neighbour beforehand, so the order is sequential."""
    if train_sampling_strategy != "sequential" and loss_type != "apo_zero_unpaired" and minor(target.trl) >= (1, 6):
        return Broken(
            f"`train_sampling_strategy` is {train_sampling_strategy}; `loss_type` {loss_type} pairs each sample with its neighbour, so it must be sequential",
            keys=("loss_type",),
            help="remove it: sequential is TRL's default here",
        )
    return None


@rule(
    "KTO003",
    ERROR,
    NEVER,
    source="TRL 1.16.0, kto_trainer.py:1451-1472: with beta 0 the gradient is 0, -0.1 is accepted, run",
    bad="desirable_weight: 1.0\nbeta: 0.0",
    good="desirable_weight: 1.0\nbeta: 0.1",
    zh="KTO 的 beta 必须大于 0：为 0 时没有梯度，为负时偏好不良回答。",
    kinds=KTO,
)
def desirability_without_strength(beta: float) -> Verdict:
    """`beta` multiplies what KTO learns from, so it is above 0. With 0 there is no gradient, and TRL says no word."""
    if beta <= 0:
        what = "has no gradient" if beta == 0 else "prefers the undesirable answers"
        return Broken(f"`beta` is {show(beta)}: the loss {what}", help="write a positive number, usually 0.1")
    return None


@rule(
    "KTO004",
    ERROR,
    NEVER,
    source="TRL 1.16.0, kto_trainer.py: the weights multiply the losses; both 0 gives gradient 0, -1 is accepted, run",
    bad="desirable_weight: -1.0",
    good="desirable_weight: 1.33",
    zh="desirable_weight 与 undesirable_weight 不能为负，也不能同时为 0。",
    kinds=KTO,
)
def answers_weighted_wrongly(desirable_weight: float, undesirable_weight: float) -> Verdicts:
    """The weights of good and of bad answers are not negative, and one of them counts."""
    for name, weight in (("desirable_weight", desirable_weight), ("undesirable_weight", undesirable_weight)):
        if weight < 0:
            yield Broken(f"`{name}` is {show(weight)}: the loss rewards the opposite", at=name, help="write 0 or more, usually 1.0")
    if desirable_weight == undesirable_weight == 0:
        yield Broken(
            "`desirable_weight` and `undesirable_weight` are both 0: nothing is learnt",
            keys=("undesirable_weight",),
            help="give one of them a weight",
        )


@rule(
    "RM001",
    ERROR,
    NEVER,
    source="arXiv 2312.09244: the mean reward is pulled to 0; TRL 1.16.0 accepts -100, and the loss falls without end, run",
    bad="center_rewards_coefficient: -0.01",
    good="center_rewards_coefficient: 0.01",
    zh="center_rewards_coefficient 为负会把奖励推离 0，损失可以无限下降。",
    kinds=REWARD,
)
def rewards_pushed_from_the_centre(center_rewards_coefficient: float) -> Verdict:
    """Rewards are pulled to 0, so the coefficient is not negative; with less than 0 the loss falls without end."""
    if center_rewards_coefficient < 0:
        return Broken(
            f"`center_rewards_coefficient` is {show(center_rewards_coefficient)}: it pushes rewards away from 0 without end",
            help="write 0.01, or remove it",
        )
    return None


@rule(
    "RM002",
    INFO,
    NEVER,
    source="TRL 1.16.0, reward_trainer.py:396: num_labels 2 is overwritten by 1, run; since 0.29",
    bad="model_init_kwargs:\n  num_labels: 2",
    good="model_init_kwargs:\n  num_labels: 1",
    zh="奖励模型只有一个输出，TRL 会把 num_labels 改写为 1。",
    kinds=REWARD,
)
def reward_of_several_labels(model_init_kwargs: dict[str, Any], target: Target) -> Verdict:
    """A reward model has one output; TRL overwrites any other number of labels with 1."""
    labels = model_init_kwargs.get("num_labels", 1) if isinstance(model_init_kwargs, dict) else 1
    if labels != 1 and minor(target.trl) >= (0, 29):
        return Broken(
            f"`model_init_kwargs` has num_labels {show(labels)}; a reward model has one output, and TRL writes 1", help="remove num_labels"
        )
    return None
