"""Made-up pages with every kind of block: one as people will see it, in both languages, and one of hostile texts."""

from __future__ import annotations

import math

from confguard.report.blocks import Block, Bullets, Chart, Code, Heading, Paragraph, Series, Table, TableRow, inline
from confguard.report.paint import Line
from confguard.report.wording import STATUS_WORDS
from confguard.words.language import Said
from confguard.words.spelling import number

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;",
    "a|b||c \\| d \\",
    "`a` ``b`` ```c",
    "**bold** __bold__ *em* _em_ ~~gone~~ snake_case",
    "[x](https://example.com) ![i](https://example.com/i.png) [^1]",
    "https://example.com/a_b?c=d www.example.com ann@example.com",
    "@ann @org/team #123 org/repo#5 GH-7 :tada: $x^2$",
    "# heading",
    "- item\n- item",
    "1. one",
    "> quoted",
    "    indented",
    "---",
    "\x1b[31mred\x1b[0m \u202eleft\u2066 \x00\x07",
    "学习率\u3000过高，应为 2e-5",
    "x" * 300,
    "a/very/long/path/" * 12,
    "{style} {0} %s ${x}",
    "{shown} of {all}",
]


def hostile() -> list[Block]:
    """Every hostile text in every place that takes a text."""
    bullets = [("warning", index % 3, [("", text), ("code", text), ("strong", text)]) for index, text in enumerate(HOSTILE)]
    rows = [
        TableRow([[("code", text)], [("", text)], [("strong", text), ("dim", text), ("drift", text)]], status, ([("", text)],))
        for text, status in zip(HOSTILE, ["drift", "new", "gone", "waived", "same"] * 5, strict=True)
    ]
    return [
        *[Heading(index % 6 + 1, text) for index, text in enumerate(HOSTILE)],
        *[Paragraph([("", text), ("code", text), ("strong", text), ("dim", text), ("unheard-of", text)]) for text in HOSTILE],
        Bullets(bullets),
        Table(["key", HOSTILE[0], HOSTILE[7]], rows, (1,)),
        Chart(HOSTILE[0], HOSTILE[3], [Series(text, [(0, 1), (10, 2)]) for text in HOSTILE[:8]]),
        *[Code(text, text) for text in HOSTILE],
    ]


# key, reference, current, status, what explains it; the texts in both languages.
_ROWS = """
base_model | Qwen/Qwen2.5-7B-Instruct | Qwen/Qwen2.5-7B-Instruct | same
max_steps | 500 | 500 | same
rollout_batch_size | 5 | 8 | drift | x1.6 the prompts of a step; the learning rate should follow. | 每步的提示数为 1.6 倍，学习率应随之调整。
num_return_sequences_in_group | 6 | 6 | same
learning_rate | 2e-5 | 5e-5 | drift | x2.5 the reference's, while the batch is x1.6, which explains x1 to x1.6. | 为参考值的 2.5 倍，而批量仅为 1.6 倍，只能解释 1 至 1.6 倍。
warmup_step | | 100 | new | No known key; did you mean `warmup_steps`? | 未知的键；是否想写 `warmup_steps`？
warmup_steps | 100 | | gone | Without it the learning rate starts at its peak. | 没有它，学习率从峰值开始。
gradient_accumulation_steps | 1 | 1 | same
clip_range | 0.2 | 0.2 | same
max_grad_norm | 1 | 1 | same
weight_decay | 0.01 | 0.01 | same
kl_loss_coef | 0.1 | 0.1 | same
temperature_schedule.enabled | true | false | drift
temperature_schedule.initial | 0.5 | 0.2 | drift | Below every published GRPO temperature that was counted (0.6 to 1, 29 configs). | 低于统计到的所有已发表 GRPO 温度（29 份配置，0.6 至 1）。
temperature_schedule.final | 0.15 | 0.2 | drift
temperature_schedule.warmup_steps | 150 | 0 | drift
generation_config.max_tokens | 4096 | 2048 | drift
generation_config.top_p | 0.95 | 0.95 | same
generation_config.top_k | 50 | 40 | drift
lora_rank | 64 | 32 | waived | Waived by ann until 2027-01-31: the adapters have to fit our 24 GB cards. | 豁免（ann，至 2027-01-31）：适配器要放进 24 GB 显卡。
lora_alpha | 64 | 16 | drift | The scale alpha/rank falls from 1 to 0.5: the same learning rate takes half the step. | 缩放 alpha/rank 由 1 降为 0.5：同样的学习率步幅减半。
lora_dropout | 0.05 | 0.1 | drift
lora_target_modules | q_proj,k_proj,v_proj,o_proj | q_proj,v_proj,up_proj,down_proj | drift | Without k_proj, o_proj; with up_proj, down_proj. | 去掉 k_proj、o_proj；加上 up_proj、down_proj。
reward_weights.correctness | 0.65 | 0.7 | drift
output_dir | checkpoints/reference | checkpoints/2026-05/grpo_mixed_continued_after_the_cluster_moved/attempt-3 | same | Names a place, so that a difference is none. | 只是存放位置，不算差异。
"""


def _row(text: str, lang: str) -> TableRow:
    key, before, now, status, en, zh = (*[part.strip() for part in text.split(" | ")], "", "")[:6]
    told = Said(en, zh).to(lang)
    cells: list[Line] = [[("code", key)], [("dim", before)], [("strong" if status != "same" else "", now)], [_change(before, now, lang)]]
    return TableRow([*cells, [(status, STATUS_WORDS[status].to(lang))]], status, (inline(told),) if told else ())


def _change(before: str, now: str, lang: str) -> tuple[str, str]:
    """What became of a number."""
    try:
        factor = float(now) / float(before)
    except (ValueError, ZeroDivisionError):
        return "", ""
    return "dim", "" if factor == 1 else (Said("higher", "升高") if factor > 1 else Said("lower", "降低")).to(
        lang
    ) + f", x{number(factor, 3)}"


def example(lang: str = "en") -> list[Block]:
    """A diff of two GRPO configs, as a report tells it."""

    def said(en: str, zh: str) -> str:
        return Said(en, zh).to(lang)

    reference, current = said("reference", "参考"), said("current", "当前")
    rows = [_row(line, lang) for line in _ROWS.replace(" | | ", " |  | ").strip().split("\n")]
    cosine = [(float(step), 5e-5 * (1 + math.cos(math.pi * step / 500)) / 2) for step in range(0, 501, 10)]
    return [
        Heading(1, said("What changed in the GRPO run", "GRPO 训练配置的变化")),
        Paragraph(
            [
                ("", said("Compared with ", "对照 ")),
                ("code", "profiles/reference/training.yaml"),
                (
                    "",
                    said(
                        " the run takes larger steps, samples more coldly and trains fewer adapters. ",
                        "，本次训练步幅更大、采样更冷、适配器更小。",
                    ),
                ),
                ("dim", said("Two files, 17 differences.", "两个文件，17 处差异。")),
            ]
        ),
        Heading(2, said("At a glance", "概览")),
        Bullets(
            [
                ("error", 0, [("code", "weight_decay"), ("", said(" is read as the string ", " 被读作字符串 ")), ("code", '"1e-2"')]),
                ("warning", 0, [("", said("The learning rate outgrew the batch", "学习率的增长超过批量"))]),
                ("", 1, [("", said("linear rule: ", "线性规则：")), ("strong", "3.2e-5")]),
                ("", 1, [("", said("square-root rule (Adam): ", "平方根规则（Adam）：")), ("strong", "2.53e-5")]),
                ("good", 0, [("", said("Every group of six samples has a reward that varies", "每组六个样本的奖励都有差别"))]),
                ("unknown", 0, [("", said("Memory: the layers of this model are not known", "显存：该模型的层数未知"))]),
            ]
        ),
        Heading(2, "config/training.yaml"),
        Table([said("key", "键"), reference, current, said("change", "变化"), said("status", "状态")], rows, (1, 2)),
        Heading(2, said("Over the run", "训练过程")),
        Chart(
            said("Learning rate", "学习率"),
            said("step", "步"),
            [Series(reference, [(0, 0), (100, 2e-5), (500, 0)]), Series(current, cosine)],
        ),
        Chart(
            said("Sampling temperature", "采样温度"),
            said("step", "步"),
            [Series(reference, [(0, 0.5), (150, 0.5), (500, 0.15)]), Series(current, [(0, 0.2), (500, 0.2)])],
        ),
        Heading(2, said("Derived values", "推导值")),
        Table(
            [said("value", "数值"), reference, current],
            [
                TableRow(
                    [[("", said("completions of the run", "训练的回答总数"))], [("", "15,000")], [("", "24,000")]],
                    "drift",
                    ([("", "500 x 8 x 6")],),
                ),
                TableRow([[("", said("prompts of the run", "训练的提示总数"))], [("", "2,500")], [("", "4,000")]], "drift"),
                TableRow([[("", said("group size", "组大小"))], [("", "6")], [("", "6")]], "same"),
            ],
            (1, 2),
        ),
        Heading(2, said("To restore it", "恢复方法")),
        Paragraph([("", said("These lines bring the reference's values back:", "以下几行恢复参考值："))]),
        Code("yaml", "learning_rate: 2.0e-5   # peak\nwarmup_steps: 100\nlora_alpha: 32\n"),
        Code("sh", "confguard diff profile:reference config/training.yaml --format html > diff.html"),
    ]
