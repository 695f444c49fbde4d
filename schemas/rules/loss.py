"""The loss: clipping, KL, gradient norm, weight decay."""

from __future__ import annotations

from confguard.schemas.architectures import model_named
from confguard.schemas.kinds import AFLOW, DPO, KTO, ONLINE, SFT
from confguard.words.finding import ERROR, INFO, NEVER, START, WARNING
from confguard.words.recipe import Recipe
from confguard.words.rule import Broken, Verdict, rule
from confguard.words.spelling import show
from confguard.words.target import Target, minor
from confguard.words.typing import Any

_UNCLIPPED = ("cispo", "sapo", "vespo")
"""GRPO losses that do not read epsilon."""


@rule(
    "LOSS001",
    ERROR,
    NEVER,
    source="arithmetic: the interval [1 - range, 1 + range] is empty; TRL 1.16.0 accepts epsilon -0.1, run",
    bad="clip_range: -0.1",
    good="clip_range: 0.2",
    zh="裁剪范围不能为负。",
)
def clip_range_negative(epsilon: float) -> Verdict:
    """The clip range is not negative: the ratio is clipped to between 1 - range and 1 + range."""
    if epsilon < 0:
        return Broken(
            f"`epsilon` is {show(epsilon)}: the interval that ratios are clipped to is empty", help="write a positive number such as 0.2"
        )
    return None


@rule(
    "LOSS002",
    WARNING,
    NEVER,
    source="arithmetic on the clipped objective of PPO (arXiv 1707.06347)",
    bad="clip_range: 0",
    good="clip_range: 0.2",
    zh="裁剪范围为 0：策略一旦偏离采样时的策略，梯度即被裁掉。",
)
def clip_range_zero(epsilon: float, recipe: Recipe) -> Verdict:
    """The clip range leaves room: at 0 every ratio but 1 is clipped where it would help."""
    if epsilon == 0 and recipe.get("loss_type") not in _UNCLIPPED:
        return Broken("`epsilon` is 0: every ratio is clipped to 1", help="write a positive number such as 0.2")
    return None


@rule(
    "LOSS003",
    ERROR,
    NEVER,
    source="arithmetic; TRL 1.16.0 accepts beta -1, run",
    bad="kl_loss_coef: -0.1",
    good="kl_loss_coef: 0.1",
    zh="KL 系数为负会奖励偏离参考模型。",
)
def kl_coefficient_negative(beta: float, recipe: Recipe) -> Verdict:
    """The KL coefficient is not negative: it would reward every step away from the reference model."""
    if beta < 0 and recipe.kind not in DPO + KTO:  # there it is the strength of the preference
        return Broken(f"`beta` is {show(beta)}: the loss would reward distance from the reference model", help="write 0 or more")
    return None


@rule(
    "LOSS004",
    INFO,
    NEVER,
    source="arithmetic; in TRL 1.16.0 beta 0 loads no reference model",
    bad="use_kl_loss: true\nkl_loss_coef: 0",
    good="use_kl_loss: true\nkl_loss_coef: 0.1",
    zh="开启了 KL 损失，但系数为 0：不起作用。",
)
def kl_coefficient_zero(beta: float, use_kl_loss: bool) -> Verdict:
    """A KL loss that is on has a coefficient above 0."""
    if use_kl_loss and beta == 0:
        return Broken(
            "`beta` is 0, so `use_kl_loss: true` does nothing", keys=("use_kl_loss",), help="write a coefficient, or use_kl_loss: false"
        )
    return None


@rule(
    "LOSS005",
    INFO,
    NEVER,
    source="the mission's trainer uses the coefficient only where use_kl_loss is true",
    bad="use_kl_loss: false\nkl_loss_coef: 0.1",
    good="use_kl_loss: false\nkl_loss_coef: 0",
    zh="KL 损失已关闭，系数不起作用。",
)
def kl_coefficient_dead(beta: float, use_kl_loss: bool) -> Verdict:
    """A KL coefficient stands only where the KL loss is on; otherwise it does nothing."""
    if not use_kl_loss and beta > 0:
        return Broken(
            f"`beta` {show(beta)} does nothing while `use_kl_loss` is false", keys=("use_kl_loss",), help="write 0, or use_kl_loss: true"
        )
    return None


@rule(
    "LOSS006",
    ERROR,
    NEVER,
    source="torch 2.13.0, clip_grad_norm_ with -1: the gradient is turned around, run",
    bad="max_grad_norm: -1.0",
    good="max_grad_norm: 1.0",
    zh="max_grad_norm 为负会使梯度反向。",
    kinds=AFLOW,
)
def gradient_norm_negative(max_grad_norm: float) -> Verdict:
    """The gradient norm is not negative: torch scales the gradient by it, so a negative one turns every step around."""
    if max_grad_norm < 0:
        return Broken(
            f"`max_grad_norm` is {show(max_grad_norm)}: torch turns the gradient around", help="write a positive number such as 1.0"
        )
    return None


@rule(
    "LOSS007",
    WARNING,
    NEVER,
    source="torch 2.13.0, clip_grad_norm_ with 0: all gradients become 0, run; transformers' Trainer takes 0 for off",
    bad="max_grad_norm: 0",
    good="max_grad_norm: 1.0",
    zh="max_grad_norm 为 0：torch 会把所有梯度清零；transformers 的 Trainer 则视为关闭。",
    kinds=AFLOW,
)
def gradient_norm_zero(max_grad_norm: float) -> Verdict:
    """The gradient norm is above 0.

    transformers' Trainer takes 0 for off; a hand-written loop that calls torch's clip_grad_norm_ with it sets every gradient to 0.
    """
    if max_grad_norm == 0:
        return Broken(
            "`max_grad_norm` is 0: off for transformers' Trainer, but torch's clip_grad_norm_ makes every gradient 0",
            help="write a positive number such as 1.0, or remove the key",
        )
    return None


@rule(
    "LOSS008",
    ERROR,
    START,
    source="torch 2.13.0, AdamW: ValueError for -1, run",
    bad="weight_decay: -0.01",
    good="weight_decay: 0.01",
    zh="weight_decay 为负时 AdamW 报错。",
    kinds=AFLOW,
)
def weight_decay_negative(weight_decay: float) -> Verdict:
    """Weight decay is not negative; AdamW refuses it."""
    if weight_decay < 0:
        return Broken(f"`weight_decay` is {show(weight_decay)}; AdamW refuses it", help="write 0 or more")
    return None


@rule(
    "LOSS009",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:828, sft_trainer.py:1201, dpo_trainer.py:901: ValueError, run; since 1.14",
    bad="router_aux_loss_coef: 0.01",
    good="router_aux_loss_coef: 0.0",
    zh="router_aux_loss_coef 只适用于 MoE 模型；该模型不是 MoE，TRL 1.14 起会报错。",
    kinds=ONLINE + SFT + DPO + KTO,
)
def router_of_a_dense_model(router_aux_loss_coef: float, base_model: str, recipe: Recipe, target: Target) -> Verdict:
    """The loss of a router stands where the model has one, a mixture of experts. Speaks of models that are known by their names."""
    if router_aux_loss_coef and recipe.is_given("router_aux_loss_coef") and minor(target.trl) >= (1, 14) and model_named(base_model):
        return Broken(
            f"`router_aux_loss_coef` is {show(router_aux_loss_coef)}, and {base_model} has no router: TRL refuses it",
            keys=("base_model",),
            help="remove it",
        )
    return None


@rule(
    "LOSS010",
    ERROR,
    START,
    source="TRL 1.16.0, grpo_trainer.py:1060, sft_trainer.py:1135, dpo_trainer.py:947: ValueError, run with GRPO; since 1.15",
    bad="use_liger_kernel: true\nliger_kernel_config:\n  fused_linear_cross_entropy: true",
    good="use_liger_kernel: true\nliger_kernel_config:\n  rope: true",
    zh="TRL 1.15 起自带融合的输出层，不能再打开 Liger 的 fused_linear_cross_entropy。",
    kinds=ONLINE + SFT + DPO + KTO,
)
def two_fused_heads(use_liger_kernel: bool, liger_kernel_config: dict[str, Any], target: Target) -> Verdict:
    """Liger's fused cross-entropy replaces the model's forward, which TRL has fused itself since 1.15."""
    if (
        use_liger_kernel
        and minor(target.trl) >= (1, 15)
        and isinstance(liger_kernel_config, dict)
        and liger_kernel_config.get("fused_linear_cross_entropy")
    ):
        return Broken(
            "`liger_kernel_config` has fused_linear_cross_entropy, which TRL refuses beside its own fused head",
            at="liger_kernel_config",
            keys=("use_liger_kernel",),
            help="write fused_linear_cross_entropy: false",
        )
    return None
