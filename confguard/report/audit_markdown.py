"""An audit as blocks, for Markdown: what a pull request is to be told."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.audit.audit import Audit
from confguard.audit.verdict import ABSENT_KEY, CONFLICT, HIDDEN, PHANTOM, READ, SHADOWED, Default, Verdict
from confguard.report.audit_words import (
    CLASSES,
    DEFAULTS,
    config_place,
    counts,
    defaults_of,
    each_with_its_place,
    followed,
    has_findings,
    instead,
    of_kind,
    places,
    shown_path,
    unopened,
    value,
    values,
)
from confguard.report.blocks import Block, Bullets, Heading, Paragraph, Table, TableRow
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.words.spelling import counted

TITLE = "What the code reads of the configs"
NOTHING_FOUND = "Nothing found"


def audit_blocks(found: Audit, show_read: bool = False) -> list[Block]:
    """The page of an audit."""
    blocks: list[Block] = [Heading(1, TITLE), Paragraph(_summary(found))]
    blocks += _phantoms(found)
    if shadowed := of_kind(found, SHADOWED):
        rows = [_key_row(verdict, [("code", places(verdict.reads))]) for verdict in shadowed]
        blocks += _table("Overwritten before anything reads them", ["Key", "Value", "Line", "By"], rows)
    blocks += _defaults(found)
    if show_read:
        rows = [
            TableRow([_code(clean(one.leaf.key)), _code(config_place(one)), _code(places(one.reads)), _code(clean(one.into))])
            for one in of_kind(found, READ)
        ]
        blocks += _table("Read", ["Key", "Line", "By", "Into"], rows)
    if found.problems:
        items: list[tuple[str, int, Line]] = [
            ("warning", 0, [("code", clean(shown_path(problem.path))), ("", f": {clean(problem.why)}")]) for problem in found.problems
        ]
        blocks += [Heading(2, "Not followed"), Bullets(items)]
    return blocks


def _summary(found: Audit) -> Line:
    number = counts(found)
    rest = ", ".join(f"{number[kind]:,} {kind}" for kind in (*CLASSES, *DEFAULTS) if number[kind])
    head = "" if has_findings(found) else f"{NOTHING_FOUND}. "
    return [("strong", head), ("", f"{followed(found)}" + (f": {rest}" if rest else "") + ".")]


def _phantoms(found: Audit) -> Iterator[Block]:
    rows = [_phantom(verdict) for verdict in of_kind(found, PHANTOM)]
    closed = unopened(found)
    yield from _table("No code reads these keys", ["Key", "Value", "Line", "Instead"], rows)
    if closed:
        yield Heading(2, "No code opens these files")
        yield Bullets(
            [("error", 0, [("code", clean(config.path)), ("", f": {counted(number, 'key')}")]) for config, number in closed.items()]
        )


def _phantom(verdict: Verdict) -> TableRow:
    twin = instead(verdict)
    return _key_row(verdict, [("code", twin[1]), ("", " in "), ("code", twin[0])] if twin else [])


def _key_row(verdict: Verdict, last: Line) -> TableRow:
    leaf = verdict.leaf
    return TableRow([_code(clean(leaf.key)), _code(value(leaf.path, leaf.data)), _code(config_place(verdict)), last])


def _read(verdict: Verdict) -> TableRow:
    cells = (clean(verdict.leaf.key), config_place(verdict), places(verdict.reads), clean(verdict.into))
    return TableRow([_code(cell) for cell in cells])


def _defaults(found: Audit) -> Iterator[Block]:
    columns = ["Key", "Config", "Value", "Where"]
    hidden = [_default(default, [("code", values(default))], [("code", places(default.sites))]) for default in defaults_of(found, HIDDEN)]
    yield from _table("Defaults of the code that rule", columns, hidden)
    rows = [_conflict(default) for default in defaults_of(found, CONFLICT)]
    rows += [_default(default, [("", "none: missing")], [("code", places(default.sites))]) for default in defaults_of(found, ABSENT_KEY)]
    yield from _table("Conflicts and missing keys", columns, rows)


def _conflict(default: Default) -> TableRow:
    where: Line = []
    for at, what in each_with_its_place(default):
        where += [("", ", " if where else ""), ("code", at), ("", f": {what}" if what else "")]
    return _default(default, [("code", values(default))], where)


def _default(default: Default, what: Line, where: Line) -> TableRow:
    return TableRow([_code(clean(default.key)), _code(clean(default.config.path)), what, where])


def _table(title: str, columns: list[str], rows: list[TableRow]) -> Iterator[Block]:
    if rows:
        yield Heading(2, title)
        yield Table(columns, rows)


def _code(text: str) -> Line:
    return [("code", text)]
