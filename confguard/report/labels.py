"""What Markdown and HTML write beside the blocks themselves: signs of statuses and states, and labels in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.report.blocks import Table
from confguard.report.wording import STATUS_WORDS
from confguard.words.change import DRIFT, GONE, NEW, SAME, WAIVED
from confguard.words.language import Said, same

STATUS_SIGNS = {DRIFT: "≠", NEW: "+", GONE: "−", WAIVED: "○", SAME: "="}
"""A sign for each status, so that none is told by its colour alone; in the order of their weight."""

STATES = {
    "good": Said("good", "良好"),
    "warning": Said("warning", "警告"),
    "error": Said("error", "错误"),
    "unknown": Said("unknown", "未知"),
}

LABELS = {
    "all": Said("all", "全部"),
    "auto": Said("auto", "自动"),
    "comma": Said(", ", "，"),
    "curve": Said("{name} from {first} to {last}", "{name} 由 {first} 变为 {last}"),
    "dark": Said("dark", "深色"),
    "details": Said("details", "详情"),
    "filter": Said("filter", "筛选"),
    "light": Said("light", "浅色"),
    "no match": Said("no rows match", "没有符合条件的行"),
    "no rows": Said("no rows", "没有内容"),
    "over": Said("over {label}: {curves}", "横轴 {label}：{curves}"),
    "search": Said("search", "搜索"),
    "shown": Said("{shown} of {all} rows", "{shown} / {all} 行"),
    "some points": Said("{shown} of {all} points", "{all} 个点中的 {shown} 个"),
    "status": Said("status", "状态"),
    "theme": Said("colours", "配色"),
}


def label(name: str, lang: str) -> str:
    """A label in a language."""
    return LABELS[name].to(lang)


def status_word(status: str, lang: str) -> str:
    """A status as people read it."""
    return STATUS_WORDS.get(status, same(status)).to(lang)


def lacks_statuses(table: Table) -> bool:
    """Whether rows of a table have statuses that none of its cells says."""
    said = any(style in STATUS_SIGNS for row in table.rows for cell in row.cells for style, _ in cell)
    return not said and any(row.status for row in table.rows)


def levels(depths: Iterable[int]) -> Iterator[int]:
    """How many items each item of a list lies within, whatever the depths are that its author counts in.

    >>> list(levels([0, 2, 2, 1, 3]))
    [0, 1, 1, 1, 2]
    """
    around: list[int] = []
    for depth in depths:
        while around and around[-1] >= depth:
            around.pop()
        yield len(around)
        around.append(depth)
