"""The blocks of a report, in order."""

from __future__ import annotations

import datetime

from confguard.report.blocks import Block, Bullets, Heading
from confguard.report.diff_blocks import charts, waiver_remarks
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.report.summary.checks import checklist, next_steps
from confguard.report.summary.prose import effects, meanings, problems
from confguard.report.summary.tables import changes, kept, sync, targets
from confguard.report.summary.told import Told
from confguard.report.wording import COLON, summary
from confguard.words.language import Said

TITLES = {
    True: Said("What was changed in the config", "配置参数变更总结"),
    False: Said("The config and its reference", "配置与 Reference 对照"),
}
DATE, GOAL, STATE = Said("Date", "日期"), Said("Goal", "目标"), Said("State", "状态")
LEVEL = Said("the level of", "恢复到以下参考的配置水平")
FILES = Said("Files", "修改文件")
IN_STEP = Said("in step with the reference", "与 Reference 一致")
WANTED = Said("in step with the reference but for what is wanted otherwise", "除用户要求的项外，与 Reference 一致")
DRIFTED = Said("differs from the reference", "与 Reference 有差异")


def summary_page(told: Told) -> list[Block]:
    """The whole report, in its language."""
    parts = (changes if told.sources.before else None, targets, kept, problems, meanings, checklist, effects, sync)
    blocks: list[Block] = [*_head(told), *_files(told)]
    for part in parts:
        if part is not None:
            blocks += part(told)
    if remarks := waiver_remarks(told.sources.against, told.lang):
        blocks.append(Bullets(remarks))
    blocks += charts(told.sources.against.curves, told.lang, told.sources.history.curves if told.sources.before else None)
    return [*blocks, *next_steps(told)]


def _head(told: Told) -> list[Block]:
    lang = told.lang
    counts = told.sources.against.counts()
    state = DRIFTED if told.sources.against.differs() else WANTED if counts["waived"] else IN_STEP
    colon = COLON.to(lang)
    rows: list[tuple[str, int, Line]] = [
        ("", 0, [("strong", DATE.to(lang)), ("", f"{colon}{datetime.date.today()}")]),
        ("", 0, [("strong", GOAL.to(lang)), ("", f"{colon}{LEVEL.to(lang)} "), ("code", clean(told.sources.reference.asked))]),
        (
            "error" if told.sources.against.differs() else "good",
            0,
            [("strong", STATE.to(lang)), ("", f"{colon}{state.to(lang)} ({summary(counts, lang)})")],
        ),
    ]
    return [Heading(1, TITLES[told.sources.before is not None].to(lang)), Bullets(rows)]


def _files(told: Told) -> list[Block]:
    changed = dict.fromkeys(row.file for row in told.changes)
    if not told.sources.before or not changed:
        return []
    return [Heading(2, FILES.to(told.lang)), Bullets([("", 0, [("code", clean(file))]) for file in changed])]
