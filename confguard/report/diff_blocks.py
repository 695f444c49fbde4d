"""A diff as blocks, for Markdown and HTML: a table for each file, the derived values, the curves, what became of the waivers."""

from __future__ import annotations

from confguard.diffing.comparison import Comparison, Drawn
from confguard.diffing.waive import LAPSED, UNUSED
from confguard.report.blocks import Block, Bullets, Chart, Heading, Paragraph, Series, Table, TableRow, inline
from confguard.report.paint import Line
from confguard.report.safe import clean, visible
from confguard.report.wording import (
    BEFORE,
    CHANGE,
    CURRENT,
    NOTE,
    PARAMETER,
    REFERENCE,
    STATUS,
    change_word,
    left_out,
    notes,
    releases,
    status_word,
    summary,
    title,
    untranslated,
    unused_waiver,
    waiver_text,
    with_unit,
    workings,
)
from confguard.words.change import DERIVED, SAME, WAIVED, Change
from confguard.words.language import Said

TITLE = Said("Reference against current", "参考与当前配置对比")
AGAINST = Said("compared with", "对照")
VALUE = Said("Derived value", "推导值")
DERIVED_VALUES = Said("Derived values", "推导值")
CURVES = Said("Over the run", "随步数的变化")
STEPS = Said("steps", "步")
WAIVERS = Said("Waivers", "豁免")


def diff_blocks(found: Comparison, lang: str, show_unchanged: bool, meanings: dict[str, Said]) -> list[Block]:
    """The page of a diff."""
    shown = [row for row in found.rows if row.status != SAME or show_unchanged]
    blocks: list[Block] = [Heading(1, TITLE.to(lang)), Paragraph([("strong", summary(found.counts(), lang))])]
    against = {ours.document.path: theirs.document.path for theirs, ours in found.pairs}
    for file in dict.fromkeys(row.file for row in shown):
        blocks.append(Heading(2, visible(file)))
        if file in against:
            blocks.append(Paragraph([("", f"{AGAINST.to(lang)} "), ("code", visible(against[file]))]))
        if (said := releases(found, file)) is not None:
            blocks.append(Paragraph([("dim", said.to(lang))]))
        rows = [row for row in shown if row.file == file]
        blocks += _tables(rows, lang, meanings)
    blocks += charts(found.curves, lang)
    if (said := left_out(found.left_out)) is not None:
        blocks.append(Paragraph([("dim", said.to(lang))]))
    for said, items in untranslated(found):
        blocks.append(Paragraph([("dim", f"{said.to(lang)}:")]))
        blocks.append(Bullets([("", 0, [("code", key), ("", ": "), *inline(instead.to(lang))]) for key, instead in items]))
    if remarks := waiver_remarks(found, lang):
        blocks += [Heading(2, WAIVERS.to(lang)), Bullets(remarks)]
    return blocks


def _tables(rows: list[Change], lang: str, meanings: dict[str, Said]) -> list[Block]:
    found: list[Block] = []
    for head, part in ((PARAMETER, [row for row in rows if row.kind != DERIVED]), (VALUE, [row for row in rows if row.kind == DERIVED])):
        if part:
            if head is VALUE:
                found.append(Heading(3, DERIVED_VALUES.to(lang)))
            columns = [said.to(lang) for said in (head, REFERENCE, CURRENT, CHANGE, STATUS, NOTE)]
            found.append(Table(columns, [_table_row(row, lang, meanings) for row in part], (1, 2)))
    return found


def _table_row(row: Change, lang: str, meanings: dict[str, Said]) -> TableRow:
    before, now = with_unit(row, lang)
    style = "" if row.kind == DERIVED else "code"
    meaning = meanings.get(row.parameter or "")
    # What follows from a difference, or only names a run, is no difference to be counted.
    counted = row.status if row.counts or row.status in (SAME, WAIVED) else ""
    return TableRow(
        [
            [("" if row.kind == DERIVED else "code", title(row, lang))],
            [(style, before)],
            [(style, now)],
            [("", change_word(row, lang))],
            [(counted or "dim", status_word(row, lang) if counted or row.identity else "")],
            remark(row, lang),
        ],
        counted,
        (inline(meaning.to(lang)),) if meaning else (),
    )


def remark(row: Change, lang: str) -> Line:
    """All that is to be said of a row, in one cell."""
    before, now = workings(row)
    said = [waiver_text(row, lang) if row.unit is None else "", *notes(row, lang)]  # the reason stands at the row that it is for
    if before or now:
        said.insert(0, " -> ".join(dict.fromkeys(filter(None, (before, now)))))
    return inline("; ".join(filter(None, said)))


def charts(curves: list[Drawn], lang: str, earlier: list[Drawn] | None = None) -> list[Block]:
    """The curves of both sides, and of the state before where there is one."""
    past = {(item.file, item.curve.name): item.reference for item in earlier or ()}
    drawn: list[Block] = []
    for item in curves:
        sides = ((REFERENCE, item.reference), (BEFORE, past.get((item.file, item.curve.name))), (CURRENT, item.current))
        drawn.append(Chart(item.curve.title.to(lang), STEPS.to(lang), [Series(name.to(lang), points) for name, points in sides if points]))
    return [Heading(2, CURVES.to(lang)), *drawn] if drawn else []


def waiver_remarks(found: Comparison, lang: str) -> list[tuple[str, int, Line]]:
    """Waivers that have lapsed or that nothing needs."""
    remarks: list[tuple[str, int, Line]] = []
    for used in found.waivers:
        if used.state == UNUSED:
            remarks.append(("warning", 0, inline(unused_waiver(used.waiver.parameter).to(lang))))
        elif used.state == LAPSED and used.why is not None:
            remarks.append(("warning", 0, inline(clean(used.why.to(lang)))))
    return remarks
