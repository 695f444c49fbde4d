"""A diff for people at a terminal: by file and section, aligned, with what is to be said of a row below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from confguard.diffing.comparison import Comparison
from confguard.diffing.waive import LAPSED, UNUSED, Used
from confguard.report.paint import Line
from confguard.report.safe import clean, columns, visible
from confguard.report.wording import (
    cells,
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
    workings,
)
from confguard.words.change import ADDED, CHANGED, DERIVED, DRIFT, GONE, MOVED, NEW, REMOVED, RENAMED, SAME, UNCHANGED, WAIVED, Change
from confguard.words.language import Said
from confguard.words.secret import mask

SIGNS = {CHANGED: "~", ADDED: "+", REMOVED: "-", RENAMED: ">", MOVED: ">", UNCHANGED: " ", DERIVED: "="}
STYLES = {DRIFT: "warning", NEW: "info", GONE: "error", SAME: "dim", WAIVED: "good"}
AGAINST = Said("against", "对照")
DERIVED_TITLE = Said("derived", "推导值")
ALL_SAME = Said("Nothing differs.", "没有差异。")
_GAP = "  "


def diff_text(
    found: Comparison, width: int, lang: str, show_unchanged: bool = False, meanings: dict[str, Said] | None = None
) -> Iterator[Line]:
    """The diff as lines of styled text; `meanings` are the parameters' meanings, where they are to be told."""
    layout = Layout(width, lang, meanings or {})
    shown = [row for row in found.rows if row.status != SAME or show_unchanged]
    references = {ours.document.path: theirs.document.path for theirs, ours in found.pairs}
    for file in dict.fromkeys(row.file for row in shown):
        yield from _heading(file, references.get(file), width, lang)
        if (said := releases(found, file)) is not None:
            yield from ([("dim", f"  {line}")] for line in wrapped(said.to(lang), width - 2))
        rows = [row for row in shown if row.file == file]
        yield from layout.rows([row for row in rows if row.kind != DERIVED])
        yield from layout.rows([row for row in rows if row.kind == DERIVED])
        yield []
    told = {row.note for row in shown}
    for used in found.waivers:
        if used.why not in told or used.why is None:
            yield from _waiver(used, lang)
    if (said := left_out(found.left_out)) is not None:
        yield [("dim", said.to(lang))]
    yield from _untranslated(found, width, lang)
    if not shown:
        yield [("good", ALL_SAME.to(lang))]
    yield [("", summary(found.counts(), lang))]


def _untranslated(found: Comparison, width: int, lang: str) -> Iterator[Line]:
    """What only one of two kinds has a key for, and what takes its place."""
    for said, items in untranslated(found):
        yield [("dim", f"{said.to(lang)}:")]
        for key, instead in items:
            head = f"  {key}: "
            for index, line in enumerate(wrapped(instead.to(lang), width - columns(head))):
                yield [("", " " * columns(head) if index else head), ("dim", line)]
        yield []


def _heading(file: str, against: str | None, width: int, lang: str) -> Iterator[Line]:
    """What is compared with what; on two lines where it is too long for one."""
    name, other = visible(file), f"{AGAINST.to(lang)} {visible(against)}" if against else ""
    if columns(name) + columns(other) < width:
        yield [("strong", name), ("dim", f" {other}")]
    else:
        yield [("strong", name)]
        yield [("dim", f"  {other}")]


Standing = Callable[[Change, str], tuple[str, str]]
"""The style of a row in a language, and the word at its end."""


def by_status(row: Change, lang: str) -> tuple[str, str]:
    """What a diff says at the end of a row: its status, unless it only follows from others."""
    word = status_word(row, lang) if row.kind != DERIVED or row.status == WAIVED else ""
    return "dim" if row.identity else STYLES[row.status], word


class Layout:
    """Rows of changes in columns, in a width and a language; what is told once is not told again."""

    def __init__(self, width: int, lang: str, meanings: dict[str, Said], standing: Standing = by_status) -> None:
        self.width = width
        self.lang = lang
        self.meanings = meanings
        self.standing = standing
        self.told: set[object] = set()  # waivers whose reason stands above already

    def rows(self, rows: list[Change]) -> Iterator[Line]:
        """Rows of one file, by section, all with the same columns."""
        tables = [_section(row, self.lang) for row in rows]
        values = [cells(row, self.lang) for row in rows]
        changes = max([columns(change_word(row, self.lang)) for row in rows], default=0)
        statuses = max([columns(self.standing(row, self.lang)[1]) for row in rows if not row.identity], default=0)
        most = max(self.width * 9 // 20, 24)
        names = max([taken for section, name in tables if (taken := _columns(name, 4 if section else 2)) <= most], default=0)
        room = min(max((self.width - names - changes - statuses - 3 * len(_GAP) - 4) // 2, 8), 44)
        widths = [max([columns(cell[side]) for cell in values if columns(cell[side]) <= room], default=1) for side in (0, 1)]
        last = ""
        for section in dict.fromkeys(section for section, _ in tables):
            for row, (of, name), value in zip(rows, tables, values, strict=True):
                if of != section:
                    continue
                if section and section != last:
                    last = section
                    yield [("dim", f"  {section}")]
                yield from self.row(row, name, value, 4 if section else 2, names, widths, changes)

    def row(
        self, row: Change, name: str, value: tuple[str, str], indent: int, names: int, widths: list[int], changes: int
    ) -> Iterator[Line]:
        """One row; where its values are too long for the columns, they stand below it."""
        style, word = self.standing(row, self.lang)
        head: Line = [(style, f"{' ' * indent}{SIGNS[row.kind]} "), ("", _padded(name, names - indent - 2))]
        ending: Line = [("", _GAP + _padded(change_word(row, self.lang), changes))]
        if word:  # what follows from a difference is none of its own
            ending.append((style, _GAP + word))
        before, now = value
        if columns(before) <= widths[0] and columns(now) <= widths[1] and columns(name) <= names - indent - 2:
            gap = " " * (widths[0] - columns(before))
            yield [*head, ("", _GAP + gap), ("dim", before), ("dim", " -> "), ("strong", _padded(now, widths[1])), *ending]
        else:
            blank = " " * (widths[0] + 4 + widths[1] + len(_GAP))
            yield [*head, ("", blank), *ending]
            yield from self.below(row, [before] if row.kind != ADDED else [], indent, "- ", "dim")
            yield from self.below(row, [now] if row.kind != REMOVED else [], indent, "+ ", "strong")
        yield from self.remarks(row, indent)

    def remarks(self, row: Change, indent: int) -> Iterator[Line]:
        """What is to be said of a row, each on a line of its own."""
        said = notes(row, self.lang)
        before, now = workings(row)
        if before or now:
            unit = f"{row.unit.to(self.lang)}: " if row.unit and row.unit.to(self.lang) else ""
            said.insert(0, unit + " -> ".join(dict.fromkeys(filter(None, (before, now)))))
        elif row.unit and row.unit.to(self.lang):
            said.insert(0, row.unit.to(self.lang))
        if row.waiver is not None and row.kind != DERIVED and row.waiver not in self.told:
            self.told.add(row.waiver)
            said.append(waiver_text(row, self.lang))
        if row.parameter in self.meanings:
            said.append(self.meanings[row.parameter].to(self.lang))
        yield from self.below(row, said, indent, "", "dim")

    def below(self, row: Change, texts: list[str], indent: int, mark: str, style: str) -> Iterator[Line]:
        """Texts below a row, wrapped where they are too long for the width."""
        lead = " " * (indent + 4)
        for text in texts:
            for index, line in enumerate(wrapped(text, self.width - len(lead) - len(mark))):
                yield [("", lead), (style, (mark if index == 0 else " " * len(mark)) + line)]


def _section(row: Change, lang: str) -> tuple[str, str]:
    """The section that a row stands in, and its name there."""
    if row.kind == DERIVED:
        return DERIVED_TITLE.to(lang), title(row, lang)
    if not row.key:
        return "", title(row, lang)
    section, dot, name = mask(row.key).rpartition(".")
    return (visible(section), visible(name)) if dot and "[" not in name else ("", clean(row.key))


def _waiver(used: Used, lang: str) -> Iterator[Line]:
    """A waiver that has lapsed or that nothing needs; those that hold stand at their rows."""
    if used.state == UNUSED:
        yield [("warning", "! "), ("", unused_waiver(used.waiver.parameter).to(lang))]
    elif used.state == LAPSED and used.why is not None:
        yield [("warning", "! "), ("", clean(used.why.to(lang)))]


def _columns(name: str, indent: int) -> int:
    return columns(name) + indent + 2


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def wrapped(text: str, room: int) -> list[str]:
    """A text in lines of at most so many columns."""
    if columns(text) <= room:
        return [text]
    from textwrap import wrap

    narrow = room if text.isascii() else room // 2
    return wrap(text, max(narrow, 20), break_on_hyphens=False)
