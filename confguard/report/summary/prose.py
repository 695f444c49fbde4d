"""The sentences of a report: each problem with its change and its source, what parameters mean, what is to be expected."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.diffing.comparison import Comparison
from confguard.report.blocks import Block, Bullets, Heading, Paragraph, inline
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.report.summary.tables import values
from confguard.report.summary.told import Told, recipes
from confguard.report.wording import COLON, change_word, no_effect, waiver_text
from confguard.words.change import ADDED, DERIVED, REMOVED, SAME, WAIVED, Change
from confguard.words.finding import Finding
from confguard.words.language import Said

Item = tuple[str, int, Line]

PROBLEMS = Said("Why it was changed", "修改原因说明")
DEVIATIONS = Said("Where it differs from the reference", "与 Reference 的差异")
PROBLEM, DIFFERENCE = Said("Problem", "问题"), Said("Difference", "差异")
SYMPTOM, EFFECT = Said("Symptom", "现象"), Said("Effect", "影响")
CHANGE, SOURCE = Said("Change", "修复"), Said("Source", "来源")
FOUND = Said("Found", "检查")
REQUESTED = Said("Requested", "用户要求")
MEANINGS = Said("What the parameters mean", "参数含义说明")
EFFECTS = Said("What is to be expected", "预期效果")
EFFECTS_TEXT = Said(
    "From arithmetic on both states, or from the source that is named; what cannot be known from the files is left out.",
    "以下均由两份配置计算得出或注明来源；无法从文件得知的不作判断。",
)
MATCHED = Said("before, it was as in the reference", "修改前与 Reference 一致")
UNASKED = Said("neither the reference nor a waiver asks for it", "Reference 与豁免均未要求此修改")
NOT_IN_REFERENCE = Said("the reference does not have it", "Reference 中没有")
MORE = Said("{} more are in the tables.", "其余 {} 项见上表。")
MOST_PROBLEMS = 60
"""Of more than these nobody reads the reasons one by one."""
MOST_FOUND = 10


def problems(told: Told) -> Iterator[Block]:
    """Each changed parameter: how the state before stood to the reference, the change, and who asks for it."""
    lang = told.lang
    rows = told.changes if told.sources.before else told.differing
    if not rows:
        return
    yield Heading(2, (PROBLEMS if told.sources.before else DEVIATIONS).to(lang))
    for number, row in enumerate(rows[:MOST_PROBLEMS], 1):
        yield Heading(3, f"{(PROBLEM if told.sources.before else DIFFERENCE).to(lang)} {number}{COLON.to(lang)}{_headline(row, told)}")
        yield Bullets([*_symptoms(row, told), *_no_effect(row, told), *_change(row, told), *_source(row, told)])
    if len(rows) > MOST_PROBLEMS:
        yield Paragraph([("", MORE.to(lang).format(len(rows) - MOST_PROBLEMS))])


def _headline(row: Change, told: Told) -> str:
    deviating = told.deviation_of(row)
    theirs, earlier = values(deviating, told) if deviating else ("-", values(row, told)[0])
    return clean(f"{row.key} {earlier} (Reference {theirs})")


def _symptoms(row: Change, told: Told) -> list[Item]:
    deviating = told.deviation_of(row)
    label = _label(SYMPTOM if told.sources.before else EFFECT, told)
    if deviating is None:
        return [("", 0, [*label, ("", NOT_IN_REFERENCE.to(told.lang))])]
    if deviating.status == SAME:
        return [("", 0, [*label, ("", MATCHED.to(told.lang))])]
    told_effects = sentences(told, told.sources.deviation, told.parameters_of(row)) or [_plain_deviation(deviating, told)]
    found = told.findings_about(row)[:MOST_FOUND]
    return [
        *[("", 0, [*label, *inline(sentence)]) for sentence in told_effects],
        *[("", 0, [*_label(FOUND, told), ("code", finding.code), *inline(f" {message(finding, told)}")]) for finding in found],
    ]


def _no_effect(row: Change, told: Told) -> list[Item]:
    return [("warning", 0, [("", no_effect(row, told.lang))])] if row.unread else []


def _plain_deviation(row: Change, told: Told) -> str:
    """How a value stands to the reference, where nothing is known to follow from it."""
    before, now = values(row, told)
    if row.kind == ADDED:
        return NOT_IN_REFERENCE.to(told.lang)
    if row.kind == REMOVED:
        return Said(f"it is not in the file; the reference has {before}", f"文件中没有；Reference 为 {before}").to(told.lang)
    factor = change_word(row, told.lang)
    return Said(f"{now} where the reference has {before}", f"{now}，而 Reference 为 {before}").to(told.lang) + (
        f" ({factor})" if factor else ""
    )


def message(finding: Finding, told: Told) -> str:
    """What a finding says: with its figures in English, the rule's sentence in Chinese."""
    if told.lang == "en" or finding.code not in told.story.rules:
        return clean(finding.message)
    key = f"`{finding.key}`：" if finding.key else ""
    return clean(f"{key}{told.story.rules[finding.code].zh}")


def _change(row: Change, told: Told) -> list[Item]:
    if not told.sources.before:
        return []
    before, now = values(row, told)
    word = change_word(row, told.lang)
    return [("", 0, [*_label(CHANGE, told), ("code", before), ("", " -> "), ("code", now), ("", f" ({word})" if word else "")])]


def _source(row: Change, told: Told) -> list[Item]:
    against = told.row_against(row)
    if against is not None and against.status == SAME and told.sources.before:
        file = told.reference_file(row.file)
        return [("", 0, [*_label(SOURCE, told), ("", "Reference "), ("code", clean(file))])]
    if against is not None and against.status == WAIVED:
        return [("", 0, [*_label(REQUESTED, told), *inline(waiver_text(against, told.lang))])]
    return [("", 0, [*_label(SOURCE, told), ("", UNASKED.to(told.lang))])] if told.sources.before else []


def _label(said: Said, told: Told) -> Line:
    return [("strong", said.to(told.lang)), ("", COLON.to(told.lang))]


def meanings(told: Told) -> Iterator[Block]:
    """What the parameters involved mean, and what published configs use."""
    lang = told.lang
    rows = told.changes
    if not rows:
        return
    yield Heading(2, MEANINGS.to(lang))
    items: list[Item] = []
    for row in rows[:MOST_PROBLEMS]:
        for name in told.parameters_of(row):
            if name not in told.story.meanings:
                continue
            recipe = next(recipe for _, recipe in recipes(told.sources.history) if name in recipe.names)
            key = told.key_of(name) if row.kind == DERIVED else row.key
            items.append(("", 0, [("code", clean(key)), *inline(COLON.to(lang) + told.story.meanings[name].to(lang))]))
            if published := told.story.norms(name, recipe):
                items.append(("", 1, [("", published.to(lang))]))
    yield Bullets(items)


def effects(told: Told) -> Iterator[Block]:
    """What is to be expected of the change, in groups."""
    if told.sources.before is None:
        return
    lang = told.lang
    yield Heading(2, EFFECTS.to(lang))
    yield Paragraph([("", EFFECTS_TEXT.to(lang))])
    for group, title in told.story.groups.items():
        items = [
            ("", 0, [*inline(said.to(lang)), ("dim", f" ({effect.source.to(lang)})")])
            for effect in told.story.effects
            if effect.group == group
            for old, new in told.acting(told.sources.history)
            if (said := effect.tell(old, new))
        ]
        if items:
            yield Heading(3, title.to(lang))
            yield Bullets(items)


def sentences(told: Told, comparison: Comparison, parameters: tuple[str, ...]) -> list[str]:
    """What follows from the difference of a comparison for some parameters."""
    return [
        said.to(told.lang)
        for effect in told.story.effects
        if effect.parameters[0] in parameters
        for theirs, ours in told.acting(comparison)
        if (said := effect.tell(theirs, ours))
    ]
