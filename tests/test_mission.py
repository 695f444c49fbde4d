"""The report on the mission's restoration says everything that the hand-written summary said, and nothing that was wrong in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

MISSION = Path(__file__).parent / "mission"
LANGUAGES = ("en", "zh")


@lru_cache(maxsize=4)
def report(lang: str) -> str:
    """The report as a user of the restored project gets it."""
    command = [sys.executable, "-m", "confguard", "report", "reference", "current", "--before", "before", "--lang", lang]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=MISSION / "after", env={**os.environ, "PYTHONUTF8": "1"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables(markdown: str) -> dict[str, list[list[str]]]:
    """The rows of all tables by the heading they stand under, the latter shortened to its last word; cells without code marks."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in markdown.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ").rpartition("/")[2]
        elif line.startswith("|") and not set(line) <= set("|-: "):
            cells = [cell.strip().strip("`").strip('"') for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            found.setdefault(heading, []).append([cell.replace("\\", "") for cell in cells])
    return {heading: rows[1:] for heading, rows in found.items()}


HAND = tables((MISSION / "summary.zh.md").read_text(encoding="utf-8"))
OURS = {
    "training.yaml": ("参数变更对比", "training.yaml"),
    "训练目标": ("训练目标",),
    "aflow_llm.yaml": ("参数变更对比", "aflow_llm.yaml"),
    "未改动": ("关键配置保持不变", "training.yaml"),
    "同步": ("同步说明",),
}
"""In which of the report's tables the rows of a hand-written one are: the headings above it."""


def section(markdown: str, *headings: str) -> list[list[str]]:
    """The rows of the table below headings that follow each other."""
    for heading in headings:
        markdown = re.split(rf"(?m)^#+ (?:.*/)?{re.escape(heading)}$", markdown, maxsplit=1)[1]
    return next(iter(tables(f"# x\n{markdown}").values()))


def agree(ours: str, theirs: str) -> bool:
    """Whether two cells give the same value: numbers by value, lists and shares item by item, words if one begins with the other."""
    ours, theirs = (re.sub(r"[{}\s]", "", cell.replace("（动态，150步）", "（动态）")) for cell in (ours, theirs))
    try:
        return float(ours.replace("（固定）", "")) == float(theirs.replace("（固定）", ""))
    except ValueError:
        return ours.replace("，150步", "") == theirs


@pytest.mark.parametrize("heading", OURS)
def test_every_row_of_the_summary_is_in_the_report(heading: str) -> None:
    rows = section(report("zh"), *OURS[heading])
    for name, *cells in HAND[heading]:
        candidates = [row for row in rows if row[0].partition(" (")[0].rpartition(".")[2] == name.rpartition(".")[2]]
        assert candidates, f"{name}: not in the report"
        values = cells[:2] if heading != "未改动" else cells[:1]
        assert any(all(agree(ours, theirs) for ours, theirs in zip(row[1:], values, strict=False)) for row in candidates), (
            name,
            candidates,
        )


def test_the_remarks_of_the_summary_are_there() -> None:
    rows = {row[0]: row for row in section(report("zh"), *OURS["同步"])}
    for name, _, _, status in HAND["同步"]:
        row = next(row for key, row in rows.items() if key.rpartition(".")[2] == name)
        assert status in row[-1]
    kept = {row[0]: row for row in section(report("zh"), *OURS["未改动"])}
    assert "20%" in kept["warmup_steps"][-1]


def test_the_checklist_has_every_point_with_its_verdict() -> None:
    for point, verdict in HAND["清单"]:
        assert re.search(rf"- {verdict} .*{re.escape(point)}", report("zh").replace("\\", "")), point


TRUE = {
    "en": (
        "lower, x0.4 (5e-5 -> 2e-5)",
        "training is no faster for it",
        "is 2e-5 instead of 2.5e-5 (x0.8)",
        "would suggest a learning rate of 2.5e-5 (linear rule) or 3.54e-5 (square-root rule)",
        "the rate goes with the batch, not against it",
        "500 × 5 × 6 = 15,000",
        "x0.8 of the reference's",
        "This validates the config and starts nothing",
        "This starts the training",
    ),
    "zh": (
        "学习率降低，×0.4（5e-5 -> 2e-5）",
        "训练不会因此加快",
        "为 2e-5，而非 2.5e-5（×0.8）",
        "对应的学习率为 2.5e-5（线性规则）或 3.54e-5（平方根规则）",
        "学习率与批大小同向变化，而非反比",
        "500 × 5 × 6 = 15,000",
        "为 Reference 的 ×0.8",
        "只做验证、不启动训练",
        "启动训练",
    ),
}
FALSE = {
    "en": ("too low", "raised", "faster training", "speeds up", "inversely", "standard scale", "characters"),
    "zh": ("过低", "提高学习率", "加快训练", "训练稍微加快", "呈反比", "标准规模", "字符", "略高"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_where_the_summary_is_wrong_the_report_is_right(lang: str) -> None:
    text = report(lang).replace("\\", "")
    for line in TRUE[lang]:
        assert line in text, line
    for words in FALSE[lang]:
        assert words not in text, words


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_that_validates_is_not_the_one_that_trains(lang: str) -> None:
    commands = re.findall(r"```sh\n(.*?)\n```", report(lang))
    assert commands == ["confguard check config --reference reference", "python train.py --config config/training.yaml"]


def test_no_english_sentence_is_left_in_the_chinese_report() -> None:
    """Names, citations and what the user wrote apart: three English words in a row are a sentence."""
    text = re.sub(r"`[^`]*`|```.*?```", "", report("zh"), flags=re.DOTALL)
    citations = r"\((?:PEFT|TRL|Goyal|OpenAI|torch)[^\n]*\)|\| (?:models|generation_config)[^|]*"
    left = re.findall(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", re.sub(citations, "", text))
    assert not left
