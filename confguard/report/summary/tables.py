"""The tables of a report: what changed, what stayed, what it comes to, and how it stands to the reference."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.report.blocks import Block, Heading, Paragraph, Table, TableRow, inline
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.report.summary.told import Told, recipes
from confguard.report.wording import (
    AFTER,
    BEFORE,
    CHANGE,
    CURRENT,
    NOTE,
    PARAMETER,
    REFERENCE,
    STATUS,
    STATUS_WORDS,
    cells,
    change_word,
    no_effect,
    notes,
    title,
    waiver_reason,
    workings,
)
from confguard.words.change import ADDED, DERIVED, REMOVED, SAME, UNCHANGED, WAIVED, Change, is_number
from confguard.words.language import EN, ZH, Said
from confguard.words.spelling import number
from confguard.words.typing import Any

VALUE = Said("Value", "值")
INDICATOR = Said("Figure", "指标")
ASPECT = Said("Aspect", "方面")
CHANGES = Said("What changed", "参数变更对比")
TARGETS = Said("What the run comes to", "训练目标")
KEPT, SHARED = Said("Kept as it was", "关键配置保持不变"), Said("As in the reference", "与 Reference 相同的配置")
KEPT_TEXT = Said("These keys are the same before and after:", "以下参数未改动，保持原值：")
SHARED_TEXT = Said("These keys are the same as in the reference:", "以下参数与 Reference 相同：")
SYNC = Said("In step with the reference", "同步说明")
EQUAL = Said("as in the reference", "与 Reference 一致")
NO_REFERENCE = Said("the reference has no such key", "Reference 中没有该参数")
DIFFERS = Said("differs from the reference", "与 Reference 不同")
NOTHING_CHANGED = Said("Nothing changed.", "没有变更。")
NONE = Said("none", "无")
MORE_KEPT = Said("{} more are not listed.", "另有 {} 项未列出。")
MOST_KEPT = 500
"""Keys of a file that are listed as kept; a config has not that many, a data file may."""
MOST_BESIDE = 12
"""A file with at most so many keys is shown whole; of a longer one the kept keys have a table of their own."""


def changes(told: Told) -> Iterator[Block]:
    """For each file what changed, with the reference beside it and the reason."""
    lang = told.lang
    yield Heading(2, CHANGES.to(lang))
    changed = told.changes
    if not changed:
        yield Paragraph([("", NOTHING_CHANGED.to(lang))])
    for file in dict.fromkeys(row.file for row in changed):
        yield Heading(3, clean(file))
        rows = [row for row in changed if row.file == file]
        whole = _keys(told, file)
        if len(whole) <= MOST_BESIDE:
            rows += [row for row in whole if row.status == SAME]
        columns = [said.to(lang) for said in (PARAMETER, BEFORE, AFTER, REFERENCE, CHANGE, NOTE)]
        yield Table(columns, [_changed(row, told) for row in rows], (1, 2, 3))


def _files(told: Told) -> set[str]:
    return {row.file for row in told.changes}


def _keys(told: Told, file: str) -> list[Change]:
    return [row for row in told.sources.history.rows if row.file == file and row.kind != DERIVED and not row.identity]


def _changed(row: Change, told: Told) -> TableRow:
    before, now = values(row, told)
    against = told.row_against(row)
    status, reason = why(against, told)
    return TableRow(
        [
            [("code", _name(row))],
            [("code", before)],
            [("code", now)],
            [("code", values(against, told)[0] if against else "-")],
            [("", change_word(row, told.lang) or ("" if row.status != SAME else Said("unchanged", "无变更").to(told.lang)))],
            [*reason, *_no_effect(row, told)],
        ],
        status,
        tuple(inline(text) for text in notes(row._replace(unread=False), told.lang)),
    )


def _no_effect(row: Change, told: Told) -> Line:
    """What is added to a note where no code reads the key."""
    return [("", Said("; ", "；").to(told.lang)), ("strong", no_effect(row, told.lang))] if row.unread else []


def _name(row: Change) -> str:
    return clean(row.key)


def values(row: Change, told: Told) -> tuple[str, str]:
    """The values of both sides as a report shows them: what is absent in words, shares in percent."""
    before, now = cells(row, told.lang)
    if row.kind == ADDED:
        before = NONE.to(told.lang)
    if row.kind == REMOVED:
        now = NONE.to(told.lang)
    if row.parameter in told.story.shares:
        return _percent(row.reference) or before, _percent(row.current) or now
    return before, now


def _percent(value: Any) -> str:
    if not isinstance(value, dict) or not all(is_number(share) for share in value.values()):
        return ""
    return clean(", ".join(f"{name}: {number(share * 100)}%" for name, share in value.items()))


def why(against: Change | None, told: Told) -> tuple[str, Line]:
    """How a value stands to the reference: a status, and the reason for it in words."""
    lang = told.lang
    if against is None:
        return "", [("", NO_REFERENCE.to(lang))]
    if against.status == SAME:
        return SAME, [(SAME, EQUAL.to(lang))]
    if against.status == WAIVED:
        return WAIVED, [(WAIVED, STATUS_WORDS[WAIVED].to(lang)), *inline(waiver_reason(against, lang))]
    return against.status, [(against.status, DIFFERS.to(lang))]


def targets(told: Told) -> Iterator[Block]:
    """What the parameters come to together, before and after and in the reference."""
    lang = told.lang
    kept = [row for row in told.sources.history.rows if row.parameter in told.story.targets and row.status == SAME]
    derived = [row for row in told.sources.history.rows if row.kind == DERIVED and row.key not in told.catalogue.composites]
    rows = [*derived[:1], *kept, *derived[1:]]
    if not rows:
        return
    yield Heading(2, TARGETS.to(lang))
    sides = (BEFORE, AFTER, REFERENCE) if told.sources.before else (REFERENCE, CURRENT)
    columns = [said.to(lang) for said in (INDICATOR, *sides, CHANGE, NOTE)]
    yield Table(columns, [_target(row, told, len(sides)) for row in rows], tuple(range(1, len(sides) + 1)))


def _target(row: Change, told: Told, sides: int) -> TableRow:
    against = told.row_against(row)
    if against is not None and values(against, told)[1] != values(row, told)[1]:
        against = None  # a value that rests on what it is compared with is another one there
    status = (against.status if against else "") if row.kind == DERIVED else row.status
    theirs = _worked(against, told)[0] if against else "-"
    return TableRow(
        [
            _indicator(row, told.lang),
            *[[("", cell)] for cell in (*_worked(row, told), theirs)[:sides]],
            [("", change_word(row, told.lang))],
            [*([(status, STATUS_WORDS[status].to(told.lang)), ("", " ")] if status else []), *_target_note(row, against, told, sides)],
        ],
        status,
    )


def _indicator(row: Change, lang: str) -> Line:
    """What a figure is called, with its unit where the name does not say it."""
    name = title(row, lang)
    unit = row.unit.to(lang) if row.unit else ""
    if row.kind != DERIVED:
        return [("code", name)]
    return [("", name), ("dim", f" ({unit})")] if unit and not name.startswith(unit) else [("", name)]


def _worked(row: Change, told: Told) -> tuple[str, str]:
    """The values of a derived row, each with how it comes about: `500 × 4 × 6 = 12,000`."""
    found = []
    for value, working in zip(values(row, told), workings(row), strict=True):
        found.append(f"{working.replace(' x ', ' × ')} = {value}" if working else value)
    return found[0], found[1]


def _target_note(row: Change, against: Change | None, told: Told, sides: int) -> Line:
    said = notes(row, told.lang)
    if against is not None and against.factor is not None and sides > 2:
        factor = Said(f"x{against.factor:.3g} of the reference's", f"为 Reference 的 ×{against.factor:.3g}").to(told.lang)
        said.append(factor)
    return inline("; ".join(said))


def kept(told: Told) -> Iterator[Block]:
    """The keys that stayed as they were, with their values and what they mean."""
    lang = told.lang
    whole = {file for file in _files(told) if told.sources.before and len(_keys(told, file)) <= MOST_BESIDE}
    rows = [row for row in told.sources.history.rows if row.kind == UNCHANGED and row.file not in whole]
    if not rows:
        return
    yield Heading(2, (KEPT if told.sources.before else SHARED).to(lang))
    yield Paragraph([("", (KEPT_TEXT if told.sources.before else SHARED_TEXT).to(lang))])
    for file in dict.fromkeys(row.file for row in rows):
        yield Heading(3, clean(file))
        columns = [said.to(lang) for said in (PARAMETER, VALUE, NOTE)]
        here = [row for row in rows if row.file == file]
        yield Table(columns, [_kept(row, told) for row in here[:MOST_KEPT]])
        if len(here) > MOST_KEPT:
            yield Paragraph([("", MORE_KEPT.to(lang).format(len(here) - MOST_KEPT))])


def _kept(row: Change, told: Told) -> TableRow:
    meaning = told.story.meanings.get(row.parameter or "")
    said = [meaning] if meaning else []
    if row.unread:
        said.append(Said(f"({no_effect(row, EN)})", f"（{no_effect(row, ZH)}）"))
    elif (tell := told.story.figures.get(row.parameter or "")) is not None:
        said += [figure for _, recipe in recipes(told.sources.history) if (figure := tell(recipe))]
    text = " ".join(item.to(told.lang) for item in said)
    return TableRow([[("code", title(row, told.lang))], [("code", values(row, told)[1])], inline(text)])


def sync(told: Told) -> Iterator[Block]:
    """How the project stands to its reference: what decides most, what changed, and all that differs."""
    lang = told.lang
    changed = {(row.file, row.key) for row in told.changes}
    rows = [row for row in told.folded(told.sources.against.rows) if not row.identity]
    headline = [row for name in told.story.headline for row in rows if name in (row.parameter, row.key)]
    others = [row for row in rows if row not in headline and (row.status != SAME or (row.file, row.key) in changed)]
    yield Heading(2, SYNC.to(lang))
    columns = [said.to(lang) for said in (ASPECT, REFERENCE, CURRENT, STATUS)]
    yield Table(columns, [_synced(row, told) for row in (*headline, *others)], (1, 2))


def _synced(row: Change, told: Told) -> TableRow:
    before, now = values(row, told)
    if row.status == SAME:
        status: Line = [(SAME, STATUS_WORDS[SAME].to(told.lang))]
    else:
        status = why(row, told)[1]
        if row.status != WAIVED and (word := change_word(row, told.lang)):
            status = [*status, ("", f" ({word})")]
    status = [*status, *_no_effect(row, told)]
    return TableRow([[("code", _name(row))], [("code", before)], [("code", now)], status], row.status)
