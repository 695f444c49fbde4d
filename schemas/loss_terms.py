"""What a parameter does to the loss, method by method, as TRL's trainers compute it.

A log-ratio is the log-probability that the policy gives a completion, less the reference model's. A ratio is the probability of the
policy over that of the policy which sampled the completion. Line numbers are those of the release that the source names.
"""

from __future__ import annotations

from confguard.schemas.kinds import DPO, GRPO, KTO, ONLINE, REWARD, RLOO, SFT
from confguard.words.language import Said
from confguard.words.typing import NamedTuple

TRL = "TRL 1.16.0"


class LossTerm(NamedTuple):
    """What one parameter does to the loss of some kinds. A parameter has several where its values differ in what they do."""

    parameter: str
    kinds: tuple[str, ...]
    said: Said
    source: str


_SAMPLED = Said(
    "Shapes the completions only: the policy's log-probabilities in the loss are over all tokens, and know of `temperature` alone.",
    "只影响采样：损失中策略的对数概率在全部词元上计算，只考虑 `temperature`。",
)

_ONLINE = (
    LossTerm(
        "beta",
        GRPO,
        Said(
            "Adds beta * KL(policy || reference) to the loss of every token. At 0 no reference model is loaded, and there is no such term.",
            "在每个词元的损失上加 beta * KL(策略 || 参考模型)；为 0 时不加载参考模型，也没有该项。",
        ),
        f"{TRL}, grpo_trainer.py:984-986, 3098-3105, 3149-3150",
    ),
    LossTerm(
        "beta",
        RLOO,
        Said(
            "Takes beta * (log-ratio of the whole completion) off its reward, before rewards are compared; the loss has no KL term. "
            "At 0 no reference model is loaded.",
            "在比较奖励之前，从每个样本的奖励中减去 beta * (整个样本的对数比)；损失中没有 KL 项。为 0 时不加载参考模型。",
        ),
        f"{TRL}, rloo_trainer.py:670-672, 1663-1673",
    ),
    LossTerm(
        "use_bias_correction_kl",
        GRPO,
        Said(
            "Multiplies the KL term by the ratio, which changes its gradient even where the ratio is 1. Without `beta` it does nothing.",
            "将 KL 项乘以概率比；即使概率比为 1，梯度也会改变。没有 `beta` 时不起作用。",
        ),
        f"{TRL}, grpo_trainer.py:3098-3105",
    ),
    LossTerm(
        "epsilon",
        GRPO,
        Said(
            "The lower clip: where the advantage is negative, a token whose ratio fell below 1 - epsilon gives no policy gradient. While "
            "sampling is in step with the updates, as by default, ratios are 1 and nothing is clipped. `cispo`, `sapo` and `vespo` have "
            "no lower clip.",
            "下侧裁剪：优势为负时，概率比低于 1 - epsilon 的词元没有策略梯度。采样与更新同步时（默认如此），概率比为 1，不会裁剪。"
            "`cispo`、`sapo` 和 `vespo` 没有下侧裁剪。",
        ),
        f"{TRL}, grpo_trainer.py:2642-2657, 3066, 3109-3136",
    ),
    LossTerm(
        "epsilon",
        RLOO,
        Said(
            "Clips the ratio of the whole completion, not of a token: where the advantage is negative, a completion whose ratio fell below "
            "1 - epsilon gives no gradient.",
            "裁剪整个样本（而非词元）的概率比：优势为负时，概率比低于 1 - epsilon 的样本没有梯度。",
        ),
        f"{TRL}, rloo_trainer.py:1822-1833",
    ),
    LossTerm(
        "epsilon_high",
        GRPO,
        Said(
            "The upper clip: where the advantage is positive, a token whose ratio rose above 1 + epsilon_high gives no policy gradient. "
            "Unset, it is `epsilon`. `sapo` and `vespo` do not read it.",
            "上侧裁剪：优势为正时，概率比高于 1 + epsilon_high 的词元没有策略梯度。未设置时等于 `epsilon`。`sapo` 和 `vespo` 不使用它。",
        ),
        f"{TRL}, grpo_trainer.py:946, 3112-3120",
    ),
    LossTerm(
        "epsilon_high",
        GRPO,
        Said(
            "With `loss_type: cispo`, the cap on the weight of a token, and not added to 1. Unset, that cap is `epsilon`, below 1.",
            "`loss_type: cispo` 时它就是词元权重的上限，不与 1 相加。未设置时上限为 `epsilon`，小于 1。",
        ),
        f"{TRL}, grpo_trainer.py:946, 3109-3111",
    ),
    LossTerm(
        "epsilon_high",
        RLOO,
        Said(
            "The upper clip: where the advantage is positive, a completion whose ratio rose above 1 + epsilon_high gives no gradient. "
            "Unset, it is `epsilon`.",
            "上侧裁剪：优势为正时，概率比高于 1 + epsilon_high 的样本没有梯度。未设置时等于 `epsilon`。",
        ),
        f"{TRL}, rloo_trainer.py:612, 1829-1832",
    ),
    LossTerm(
        "delta",
        GRPO,
        Said(
            "Caps the unclipped ratio: where the advantage is negative, a token whose ratio rose above delta gives no policy gradient, "
            "which otherwise grows with the ratio. `cispo`, `sapo` and `vespo` do not read it.",
            "对未裁剪的概率比设上限：优势为负时，概率比高于 delta 的词元没有策略梯度（否则梯度随概率比增大）。`cispo`、"
            "`sapo` 和 `vespo` 不使用它。",
        ),
        f"{TRL}, grpo_trainer.py:3114-3120",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`grpo`: token losses are averaged within each completion, then over completions, so a token of a long completion counts less.",
            "`grpo`：先在每个样本内对词元损失取平均，再对样本取平均，因此长样本中的词元权重更小。",
        ),
        f"{TRL}, grpo_trainer.py:3153-3157",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`bnpo`: token losses are averaged over the tokens of one forward pass on one device, so what a token counts depends on how "
            "the batch is split.",
            "`bnpo`：对单个设备一次前向计算中的全部词元取平均，因此词元的权重取决于批次如何切分。",
        ),
        f"{TRL}, grpo_trainer.py:3158-3162",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`dr_grpo`: token losses are summed and divided by completions * max_completion_length, a constant: every token counts the "
            "same, and `max_completion_length` scales the loss.",
            "`dr_grpo`：词元损失求和后除以常数（样本数 * max_completion_length）：每个词元权重相同，"
            "`max_completion_length` 决定损失的大小。",
        ),
        f"{TRL}, grpo_trainer.py:3163-3167",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`dapo`: token losses are summed and divided by the mean number of tokens that an optimizer step has over all devices, so "
            "every token of a generation batch counts the same.",
            "`dapo`：词元损失求和后除以每次参数更新在所有设备上的平均词元数，因此同一生成批次中每个词元权重相同。",
        ),
        f"{TRL}, grpo_trainer.py:2497-2498, 3168-3174",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`cispo`: the log-probability times the advantage, weighted by the ratio, which is capped at `epsilon_high` and held constant: "
            "a capped token keeps its gradient. Averaged as in `dapo`.",
            "`cispo`：对数概率乘以优势，再以概率比加权；概率比以 `epsilon_high` 为上限并视为常数，因此被截断的词元仍有梯度。"
            "平均方式同 `dapo`。",
        ),
        f"{TRL}, grpo_trainer.py:3109-3111, 3168-3174",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`sapo`: a sigmoid of the ratio, with a temperature for either sign of the advantage, stands in for the clip. Averaged as in "
            "`grpo`.",
            "`sapo`：用概率比的 sigmoid 代替裁剪，优势的正负各有一个温度。平均方式同 `grpo`。",
        ),
        f"{TRL}, grpo_trainer.py:3121-3124, 3153-3157",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`luspo`: the clipped loss, summed over the tokens of each completion and averaged over completions, so a long completion "
            "counts more. Meant for `importance_sampling_level: sequence`.",
            "`luspo`：裁剪后的损失在每个样本内求和，再对样本取平均，因此长样本权重更大。应配合 `importance_sampling_level: sequence`。",
        ),
        f"{TRL}, grpo_trainer.py:916-920, 3112-3120, 3175-3182",
    ),
    LossTerm(
        "loss_type",
        GRPO,
        Said(
            "`vespo`: the log-probability times the advantage, with a smooth weight from the ratio of the whole completion, held constant, "
            "in place of the clip. Averaged as in `dapo`.",
            "`vespo`：对数概率乘以优势，以整个样本概率比的平滑函数（视为常数）加权，代替裁剪。平均方式同 `dapo`。",
        ),
        f"{TRL}, grpo_trainer.py:2994-3018, 3125-3136, 3168-3174",
    ),
    LossTerm(
        "scale_rewards",
        GRPO,
        Said(
            "An advantage is the reward less the mean of its group. `group` divides it by the standard deviation of the group, so groups "
            "of nearly equal rewards count as much as others; `batch` divides by that of the whole batch; `none` leaves it. Not read with "
            "`multi_objective_aggregation: normalize_then_sum`.",
            "优势等于奖励减去组内均值。`group` 再除以组内标准差，因此奖励几乎相同的组与其他组同样重要；`batch` 除以整批的标准差；"
            "`none` 不除。`multi_objective_aggregation: normalize_then_sum` 时不使用它。",
        ),
        f"{TRL}, grpo_trainer.py:2761-2787",
    ),
    LossTerm(
        "num_generations",
        GRPO,
        Said(
            "The baseline of an advantage is the mean reward of this many completions. Where all have the same reward, advantages are 0, "
            "and so is the policy loss.",
            "优势的基线是这么多个样本的平均奖励；若奖励全部相同，优势与策略损失均为 0。",
        ),
        f"{TRL}, grpo_trainer.py:2765-2766, 2785",
    ),
    LossTerm(
        "num_generations",
        RLOO,
        Said(
            "The baseline of an advantage is the mean reward of the other completions of the prompt, its own left out.",
            "优势的基线是同一提示其余样本的平均奖励，不含自身。",
        ),
        f"{TRL}, rloo_trainer.py:1682-1690",
    ),
    LossTerm(
        "reward_weights",
        ONLINE,
        Said(
            "The rewards of the functions are multiplied by these and summed; the advantage comes from the sum. Unset, each counts 1.",
            "各函数的奖励乘以该权重后求和，优势由总和得到；未设置时均为 1。",
        ),
        f"{TRL}, grpo_trainer.py:2763, 2796; rloo_trainer.py:1656",
    ),
    LossTerm(
        "importance_sampling_level",
        GRPO,
        Said(
            "`token`: each token has its own ratio, clipped by itself. `sequence`: all tokens of a completion share one, the exponential "
            "of the mean of their log-probability differences, and are clipped together.",
            "`token`：每个词元有自己的概率比，单独裁剪。`sequence`：同一样本的词元共用一个概率比（对数概率差均值的指数），一起裁剪。",
        ),
        f"{TRL}, grpo_trainer.py:3083-3095",
    ),
    LossTerm(
        "num_iterations",
        ONLINE,
        Said(
            "The completions are trained on this often. After the first update the policy is no longer the one that sampled them: ratios "
            "leave 1, and the clip begins to matter.",
            "同一批样本训练这么多次。首次更新之后，策略不再是采样时的策略：概率比偏离 1，裁剪开始起作用。",
        ),
        f"{TRL}, grpo_trainer.py:1538-1546, 2642-2657; rloo_trainer.py:1107",
    ),
    LossTerm(
        "steps_per_generation",
        ONLINE,
        Said(
            "Above `gradient_accumulation_steps`, the later updates train on completions of an older policy: ratios leave 1, and the clip "
            "begins to matter.",
            "大于 `gradient_accumulation_steps` 时，后面的更新使用旧策略的样本：概率比偏离 1，裁剪开始起作用。",
        ),
        f"{TRL}, grpo_trainer.py:1538-1546, 2642-2657; rloo_trainer.py:1107",
    ),
    LossTerm(
        "mask_truncated_completions",
        GRPO,
        Said(
            "The tokens of a cut completion give no loss, and do not count in an average over tokens. Its reward stays in the mean of its "
            "group.",
            "被截断样本的词元不产生损失，也不计入按词元的平均；其奖励仍计入组内均值。",
        ),
        f"{TRL}, grpo_trainer.py:2487-2498, 2753-2785",
    ),
    LossTerm(
        "mask_truncated_completions",
        RLOO,
        Said(
            "A cut completion gives no gradient: its ratio is 1 whatever the policy. Its reward stays in the baseline of the others.",
            "被截断的样本没有梯度：无论策略如何，其概率比恒为 1；其奖励仍计入其他样本的基线。",
        ),
        f"{TRL}, rloo_trainer.py:1518-1523, 1610, 1682-1690, 1822-1833",
    ),
    LossTerm(
        "max_completion_length",
        GRPO,
        Said(
            "A completion that reaches it is cut, rewarded as it is, and trained on unless `mask_truncated_completions`. "
            "`loss_type: dr_grpo` divides the loss by it.",
            "达到该长度的样本被截断，按截断后的内容计奖励，并参与训练（除非设置 `mask_truncated_completions`）。"
            "`loss_type: dr_grpo` 将损失除以它。",
        ),
        f"{TRL}, grpo_trainer.py:1156, 2487-2495, 3164",
    ),
    LossTerm(
        "temperature",
        ONLINE,
        Said(
            "Logits are divided by it in the loss as in sampling, for the policy and the reference alike: ratios and KL are those of the "
            "distribution that was sampled.",
            "损失与采样一样，都将 logits 除以温度，策略和参考模型均如此：概率比和 KL 针对的是实际采样的分布。",
        ),
        f"{TRL}, grpo_trainer.py:1066-1077, 1161; rloo_trainer.py:716-722, 793",
    ),
    *(
        LossTerm(name, ONLINE, _SAMPLED, f"{TRL}, grpo_trainer.py:1066-1077, 1154-1167; rloo_trainer.py:716-722")
        for name in ("top_p", "top_k", "min_p", "repetition_penalty")
    ),
    LossTerm(
        "top_entropy_quantile",
        GRPO,
        Said(
            "Sets the policy loss of all tokens to 0 but this share, those of highest entropy. The KL term still takes all, and an average "
            "still divides by all.",
            "只保留熵最高的这一比例词元的策略损失，其余置 0；KL 项仍作用于全部词元，平均时也仍除以全部词元数。",
        ),
        f"{TRL}, grpo_trainer.py:1413-1416, 3049-3050, 3143-3150",
    ),
    LossTerm(
        "use_vllm",
        GRPO,
        Said(
            "The policy loss is multiplied by the trainer's probability over vLLM's, unless `vllm_importance_sampling_correction` is off. "
            "By default that ratio is one per completion, and completions where it is above 3.0 are left out. `vespo` has it in its "
            "weight.",
            "策略损失乘以训练器与 vLLM 的概率之比，除非关闭 `vllm_importance_sampling_correction`。默认每个样本一个比值，"
            "超过 3.0 的样本被剔除。`vespo` 已将其计入权重。",
        ),
        f"{TRL}, grpo_trainer.py:2659-2703, 3146-3147; grpo_config.py:925-955",
    ),
    LossTerm(
        "sync_ref_model",
        ONLINE,
        Said(
            "The reference model of the KL term follows the policy every `ref_model_sync_steps` steps, so the penalty is for recent change "
            "rather than for distance from the start.",
            "KL 项的参考模型每隔 `ref_model_sync_steps` 步跟随策略，因此惩罚的是近期的变化，而不是与起点的距离。",
        ),
        f"{TRL}, callbacks.py:148-154; grpo_trainer.py:1190-1206; rloo_trainer.py:822-838",
    ),
)

_PREFERENCE = (
    LossTerm(
        "beta",
        DPO,
        Said(
            "Multiplies the log-ratios in the loss. The larger it is, the smaller the move away from the reference at which a pair counts "
            "as learned: the policy stays nearer to it.",
            "损失中对数比的系数。越大，偏离参考模型很少时该对样本就算学会，策略越接近参考模型。",
        ),
        f"{TRL}, dpo_trainer.py:1349-1388",
    ),
    LossTerm(
        "beta",
        KTO,
        Said(
            "Multiplies the log-ratios in the loss. The larger it is, the smaller the move away from the reference at which an example "
            "counts as learned: the policy stays nearer to it.",
            "损失中对数比的系数。越大，偏离参考模型很少时该样本就算学会，策略越接近参考模型。",
        ),
        f"{TRL}, kto_trainer.py:1447-1472",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`sigmoid`: -log sigmoid(beta * margin), the DPO loss. The margin is the log-ratio of the chosen completion less that of the "
            "rejected one, each summed over tokens.",
            "`sigmoid`：-log sigmoid(beta * 间隔)，即 DPO 损失。间隔是被选回答与被拒回答的对数比之差，均按词元求和。",
        ),
        f"{TRL}, dpo_trainer.py:1349-1351, 1383-1388",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`hinge`: 1 - beta * margin, and 0 once the margin is above 1 / beta, so learned pairs give no gradient.",
            "`hinge`：1 - beta * 间隔，间隔超过 1 / beta 后为 0，已学会的样本对没有梯度。",
        ),
        f"{TRL}, dpo_trainer.py:1390-1391",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`ipo`: the square of the margin per token less 1 / (2 * beta): a target that is not to be passed either.",
            "`ipo`：(每词元间隔 - 1 / (2 * beta)) 的平方：间隔有目标值，超过它也会受罚。",
        ),
        f"{TRL}, dpo_trainer.py:1393-1404",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`sigmoid_norm`: the loss of `sigmoid`, on log-ratios divided by the number of tokens.",
            "`sigmoid_norm`：与 `sigmoid` 相同，但对数比先除以词元数。",
        ),
        f"{TRL}, dpo_trainer.py:1504-1509",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`exo_pair`: the KL divergence from the policy's preference, sigmoid(beta * margin), to the label smoothed by "
            "`label_smoothing`, which must be above 0.",
            "`exo_pair`：策略偏好 sigmoid(beta * 间隔) 与经 `label_smoothing` 平滑的标签之间的 KL 散度；`label_smoothing` 必须大于 0。",
        ),
        f"{TRL}, dpo_trainer.py:829-833, 1406-1417",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`robust`: the loss of `sigmoid`, corrected for the share `label_smoothing` of pairs being labelled the wrong way round.",
            "`robust`：`sigmoid` 损失，并按 `label_smoothing` 比例的标签颠倒进行校正。",
        ),
        f"{TRL}, dpo_trainer.py:1428-1431",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`nca_pair`: -log sigmoid of the chosen reward, plus half of it for the negative of either reward: the chosen one rises, but "
            "not without end, and the rejected one falls. A reward is beta * log-ratio.",
            "`nca_pair`：被选奖励的 -log sigmoid，再加两个奖励取负后各一半的 -log sigmoid：被选回答上升但有限度，被拒回答下降。"
            "奖励即 beta * 对数比。",
        ),
        f"{TRL}, dpo_trainer.py:1419-1426",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`bco_pair`: -log sigmoid of the chosen reward and of the negative rejected reward, each by itself; a reward is beta * "
            "log-ratio.",
            "`bco_pair`：被选回答的奖励与被拒回答的负奖励各自取 -log sigmoid；奖励即 beta * 对数比。",
        ),
        f"{TRL}, dpo_trainer.py:1433-1436",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`sppo_hard`: squares, with 0.5 / beta as the target of the chosen log-ratio and -0.5 / beta as that of the rejected one.",
            "`sppo_hard`：平方损失，被选回答的对数比以 0.5 / beta 为目标，被拒回答以 -0.5 / beta 为目标。",
        ),
        f"{TRL}, dpo_trainer.py:1438-1445",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`aot`, `aot_unpaired`: the loss of `sigmoid` on values that are sorted in the batch first, so distributions are compared "
            "rather than pairs: differences of chosen and rejected in `aot`, chosen and rejected log-ratios in `aot_unpaired`.",
            "`aot`、`aot_unpaired`：先在批内排序再用 `sigmoid` 损失，比较的是分布而非样本对：`aot` 排序被选与被拒之差，"
            "`aot_unpaired` 分别排序被选与被拒的对数比。",
        ),
        f"{TRL}, dpo_trainer.py:1447-1465",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`apo_zero`: raises the probability of the chosen completion and lowers that of the rejected one, each by itself.",
            "`apo_zero`：分别提高被选回答、降低被拒回答的概率。",
        ),
        f"{TRL}, dpo_trainer.py:1467-1473",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`apo_down`: lowers the probability of the chosen completion, and that of the rejected one more.",
            "`apo_down`：降低被选回答的概率，并更多地降低被拒回答的概率。",
        ),
        f"{TRL}, dpo_trainer.py:1475-1481",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`discopop`: a blend of -log sigmoid(beta * margin) and exp(-beta * margin); the second has the more weight the larger the "
            "margin, and `discopop_tau` says how suddenly.",
            "`discopop`：-log sigmoid(beta * 间隔) 与 exp(-beta * 间隔) 的混合；间隔越大，后者权重越大，`discopop_tau` 决定过渡的快慢。",
        ),
        f"{TRL}, dpo_trainer.py:1483-1493",
    ),
    LossTerm(
        "loss_type",
        DPO,
        Said(
            "`sft`: the mean negative log-probability of the tokens of the chosen completions; no reference, no `beta`. Meant to be listed "
            "beside another loss.",
            "`sft`：被选回答各词元负对数概率的平均值；不用参考模型，也不用 `beta`。应与其他损失一起列出。",
        ),
        f"{TRL}, dpo_trainer.py:1495-1502",
    ),
    LossTerm(
        "loss_weights",
        DPO,
        Said(
            "Each loss of `loss_type` is averaged over the pairs and multiplied by its weight, and they are summed. Unset, each counts 1.",
            "`loss_type` 中的每个损失对样本对取平均，乘以各自权重后相加；未设置时均为 1。",
        ),
        f"{TRL}, dpo_trainer.py:804, 1385-1386, 1528",
    ),
    LossTerm(
        "label_smoothing",
        DPO,
        Said(
            "Takes this share of the labels to be wrong: a pair is also pulled, with this weight, the other way. In `robust` that part is "
            "subtracted instead. Losses other than `robust`, `exo_pair`, `aot` and `aot_unpaired` do not read it.",
            "假定该比例的标签有误：样本对以此权重也被拉向相反方向；`robust` 中则减去这一部分。"
            "除 `robust`、`exo_pair`、`aot` 和 `aot_unpaired` 外的损失不使用它。",
        ),
        f"{TRL}, dpo_trainer.py:1410-1417, 1429-1431, 1453-1465",
    ),
    LossTerm(
        "f_divergence_type",
        DPO,
        Said(
            "The function that log-ratios go through before they are compared: none for `reverse_kl`; `forward_kl` and `js_divergence` are "
            "bounded above, so a chosen completion far above the reference gains no more. `nca_pair`, `bco_pair`, "
            "`sppo_hard`, `aot`, `aot_unpaired`, `apo_zero` and `apo_down` refuse all but `reverse_kl`.",
            "对数比在比较之前经过的函数：`reverse_kl` 不变；`forward_kl` 和 `js_divergence` 有上界，远高于参考模型的被选回答不再得益。"
            "`nca_pair`、`bco_pair`、`sppo_hard`、`aot`、`aot_unpaired`、`apo_zero` 和 `apo_down` 只接受 `reverse_kl`。",
        ),
        f"{TRL}, dpo_trainer.py:808-816, 1353-1381",
    ),
    LossTerm(
        "loss_type",
        KTO,
        Said(
            "`kto`: 1 - sigmoid(beta * (log-ratio - KL)) for desirable examples, and the mirror of it for undesirable ones; the KL is an "
            "estimate from mismatched completions of the batch, and has no gradient.",
            "`kto`：好样本为 1 - sigmoid(beta * (对数比 - KL))，坏样本与之对称；KL 由批内错配的回答估计，没有梯度。",
        ),
        f"{TRL}, kto_trainer.py:1442-1453, 1469-1470",
    ),
    LossTerm(
        "loss_type",
        KTO,
        Said(
            "`apo_zero_unpaired`: the same without the KL: log-ratios are compared with 0.",
            "`apo_zero_unpaired`：相同，但没有 KL：对数比与 0 比较。",
        ),
        f"{TRL}, kto_trainer.py:815, 1454-1457, 1471-1472",
    ),
    LossTerm(
        "desirable_weight",
        KTO,
        Said(
            "The loss of desirable examples is multiplied by it; the sum is divided by the number of examples, not by the weights.",
            "好样本的损失乘以它；总和除以样本数，而不是权重之和。",
        ),
        f"{TRL}, kto_trainer.py:1479-1482, 1548",
    ),
    LossTerm(
        "undesirable_weight",
        KTO,
        Said(
            "The loss of undesirable examples is multiplied by it; the sum is divided by the number of examples, not by the weights.",
            "坏样本的损失乘以它；总和除以样本数，而不是权重之和。",
        ),
        f"{TRL}, kto_trainer.py:1479-1482, 1548",
    ),
    LossTerm(
        "precompute_ref_log_probs",
        DPO + KTO,
        Said(
            "The reference's log-probabilities come from a pass before training; the formula of the loss is the same.",
            "参考模型的对数概率取自训练前的一次计算；损失公式不变。",
        ),
        f"{TRL}, dpo_trainer.py:1318-1319; kto_trainer.py:1417-1423",
    ),
    LossTerm(
        "sync_ref_model",
        DPO + KTO,
        Said(
            "The reference model follows the policy every `ref_model_sync_steps` steps, so log-ratios measure recent change rather than "
            "distance from the start.",
            "参考模型每隔 `ref_model_sync_steps` 步跟随策略，因此对数比衡量的是近期的变化，而不是与起点的距离。",
        ),
        f"{TRL}, callbacks.py:148-154; dpo_trainer.py:992-1009; kto_trainer.py:1000-1017",
    ),
    LossTerm(
        "ref_model_mixup_alpha",
        ONLINE + DPO + KTO,
        Said(
            "At each synchronisation the reference becomes alpha * policy + (1 - alpha) * reference; at 1 it is a copy of the policy.",
            "每次同步时，参考模型变为 alpha * 策略 + (1 - alpha) * 参考模型；为 1 时即策略的副本。",
        ),
        f"{TRL}, callbacks.py:129-154",
    ),
    LossTerm(
        "center_rewards_coefficient",
        REWARD,
        Said(
            "Adds this times the mean square of (chosen reward + rejected reward). The loss is otherwise blind to what is added to both.",
            "加上该系数乘以 (被选奖励 + 被拒奖励) 平方的均值；否则损失对两者同加一个数没有感觉。",
        ),
        f"{TRL}, reward_trainer.py:788-795",
    ),
)

_SEQUENCES = (
    LossTerm(
        "loss_type",
        SFT,
        Said(
            "`nll`: the negative log-probability of each token, summed and divided by the number of tokens that have a label in the whole "
            "optimizer step.",
            "`nll`：每个词元的负对数概率，求和后除以整个参数更新中有标签的词元数。",
        ),
        f"{TRL}, sft_trainer.py:1611-1624",
    ),
    LossTerm(
        "loss_type",
        SFT,
        Said(
            "`dft`: the same, with each token weighted by its probability, which is held constant: unlikely tokens count less.",
            "`dft`：相同，但每个词元以其概率（视为常数）加权：概率低的词元权重更小。",
        ),
        f"{TRL}, sft_trainer.py:1613-1618",
    ),
    LossTerm(
        "assistant_only_loss",
        SFT,
        Said(
            "Only tokens that the chat template marks as the assistant's have a label; all others give no loss, and do not count in the "
            "average.",
            "只有对话模板标为助手的词元有标签；其余词元不产生损失，也不计入平均。",
        ),
        f"{TRL}, sft_trainer.py:939-944, 1407-1427",
    ),
    LossTerm(
        "completion_only_loss",
        SFT,
        Said(
            "Tokens of the prompt have no label: they give no loss, and do not count in the average. With `assistant_only_loss` a token "
            "must pass both.",
            "提示中的词元没有标签：不产生损失，也不计入平均。与 `assistant_only_loss` 同用时，词元须同时满足两者。",
        ),
        f"{TRL}, sft_trainer.py:959-964, 1407-1427",
    ),
    LossTerm(
        "packing",
        SFT,
        Said(
            "Does not change what a token counts, but a step has more examples, and so more tokens, for the same batch size.",
            "不改变每个词元的权重，但批量相同时，每步包含更多样本，因而更多词元。",
        ),
        f"{TRL}, sft_trainer.py:1466-1480, 1616-1618; data_utils.py:735-834",
    ),
    LossTerm(
        "packing_strategy",
        SFT,
        Said(
            "`bfd`: tokens beyond `max_length` are dropped, and give no loss. `bfd_split`: they form a further example, without what came "
            "before. `wrapped`: nothing is dropped, and tokens also attend to the example before theirs in the block.",
            "`bfd`：超出 `max_length` 的词元被丢弃，不产生损失。`bfd_split`：它们成为另一个样本，看不到前文。"
            "`wrapped`：不丢弃，但词元还会注意到同一块中前一个样本。",
        ),
        f"{TRL}, data_utils.py:745-766, 820-834; sft_trainer.py:168-231, 914-916",
    ),
    LossTerm(
        "padding_free",
        SFT,
        Said(
            "Leaves the loss as it is: padding has no label either way.",
            "损失不变：填充本来就没有标签。",
        ),
        f"{TRL}, sft_trainer.py:187-208",
    ),
    LossTerm(
        "max_length",
        SFT,
        Said(
            "Without `packing`, tokens beyond it are cut and give no loss. An example without a labelled token left is dropped.",
            "不使用 `packing` 时，超出的词元被截断，不产生损失；截断后没有任何带标签词元的样本被丢弃。",
        ),
        f"{TRL}, sft_trainer.py:1436-1463",
    ),
    LossTerm(
        "max_length",
        DPO + KTO,
        Said(
            "Tokens of prompt and completion beyond it are cut, and missing from the log-ratios. An example whose prompt alone fills it is "
            "dropped.",
            "提示加回答超出的词元被截断，不计入对数比；提示本身就占满的样本被丢弃。",
        ),
        f"{TRL}, dpo_trainer.py:152-165, 1134-1140; kto_trainer.py:172-177, 1133-1139",
    ),
    LossTerm(
        "max_length",
        REWARD,
        Said(
            "A pair is dropped where either side is longer; nothing is cut.",
            "任一侧超过该长度的样本对被丢弃；不做截断。",
        ),
        f"{TRL}, reward_trainer.py:730-740",
    ),
    LossTerm(
        "truncation_mode",
        SFT + DPO,
        Said(
            "`keep_start` loses the end of a too long answer, and with it the token that ends it; `keep_end` loses the start of the "
            "prompt.",
            "`keep_start` 丢掉过长回答的结尾，包括结束符；`keep_end` 丢掉提示的开头。",
        ),
        f"{TRL}, sft_trainer.py:1439-1452; dpo_trainer.py:152-165",
    ),
)

LOSS_TERMS = _ONLINE + _PREFERENCE + _SEQUENCES
