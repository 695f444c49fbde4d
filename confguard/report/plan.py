"""A plan for people at a terminal: by file what is edited, from what to what and on whose word; what is kept, what follows, the diff."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from confguard.checking.pipeline import Report
from confguard.document.document import Document
from confguard.migrate.plan import ADD, CHANGE, COMMENT, CREATE, MOVE, REFERENCE, RELEASE, REMOVE, RENAME, FilePlan, Kept, Plan, Row
from confguard.migrate.wishes import NOT_ASKED_FOR
from confguard.report.diff import Layout, wrapped
from confguard.report.paint import Line
from confguard.report.safe import clean, columns, visible
from confguard.report.wording import NO_EFFECT, left_out, masked
from confguard.words.change import ADDED, CHANGED, DRIFT, MOVED, REMOVED, RENAMED, Change
from confguard.words.finding import ERROR, UNSAFE, WARNING, at_least
from confguard.words.language import EN, same
from confguard.words.secret import hidden, mask, without
from confguard.words.spelling import MOST_SHOWN, counted, show

_KINDS = {CHANGE: CHANGED, ADD: ADDED, REMOVE: REMOVED, RENAME: RENAMED, MOVE: MOVED, COMMENT: CHANGED, CREATE: ADDED}
_STYLES = {"+": "good", "-": "error", "@": "caret"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")
Derive = Callable[[FilePlan], list[Change]]
"""What the values of a file come to before and after."""


def plan_text(plan: Plan, width: int, derive: Derive, with_diff: bool = True) -> Iterator[Line]:
    """The plan as lines of styled text."""
    for file in plan.files:
        if file.rows or file.kept or file.moves:
            yield from _file(file, width, derive(file))
            if with_diff:
                yield from coloured_diff(file.path, file.before, file.after, "  ")
            yield []
    if (said := left_out(plan.left_out)) is not None:
        yield [("dim", said.to(EN))]
    yield from _summary(plan)


def _file(file: FilePlan, width: int, derived: Sequence[Change]) -> Iterator[Line]:
    name, to = visible(file.path), f"to {visible(file.reference)}"
    if columns(name) + columns(to) + 2 > width:
        yield [("strong", name)]
        yield [("dim", f"  {to}")]
    else:
        yield [("strong", name), ("dim", f"  {to}")]
    said: set[str] = set()
    changes = [_change(row, file, said) for row in file.rows]
    rows = {id(change): row for change, row in zip(changes, file.rows, strict=True)}
    layout = Layout(width, EN, {}, lambda change, lang: _standing(rows[id(change)]) if id(change) in rows else ("dim", ""))
    yield from layout.rows(changes)
    if file.kept:
        yield [("dim", "  kept")]
        yield from _kept(file.kept, width, said)
    yield from layout.rows(list(derived))
    if file.moves:
        yield [("dim", "  not written, and another value by the release alone (--pin-defaults keeps the old one)")]
        yield from Layout(width, EN, {}).rows(list(file.moves))


def _change(row: Row, file: FilePlan, said: set[str]) -> Change:
    """A row of the plan for the columns of a diff. A reason that was `said` once, or that the heading says, is not said again."""
    title, before, after = None, row.before, row.after
    if row.kind == CREATE:
        title = same("the whole file")
    elif row.kind == COMMENT:
        title, before, after = same(f"comment in line {row.line}"), same(mask(row.before)), same(mask(row.after))
    why = "" if row.why in said or (row.by == REFERENCE and row.kind != CREATE and "waiver" not in row.why) else row.why
    said.add(row.why)
    note = "; ".join(filter(None, [why, *_remarks(row)]))
    return Change(_KINDS[row.kind], DRIFT, file.path, row.key, before, after, note=same(note) if note else None, title=title)


def _remarks(row: Row) -> list[str]:
    remarks = [NO_EFFECT.to(EN)] if row.unread else []
    if row.refused is not None and row.refused != row.why:
        remarks.append(f"not possible: {row.refused}")
    if row.lost:
        remarks.append(f"would take {'a comment' if len(row.lost) == 1 else 'comments'} along: {' '.join(row.lost)}")
    return remarks


def _standing(row: Row) -> tuple[str, str]:
    """The words at the end of a row: on whose word it is made, and what keeps it from being made."""
    if row.refused is not None:
        return "error", f"{row.by}, {'asks you' if row.by == RELEASE and row.refused == row.why else 'not possible'}"
    if row.safety == UNSAFE:
        return "warning", f"{row.by}, unsafe"
    return "good", row.by


def _kept(kept: Sequence[Kept], width: int, said: set[str]) -> Iterator[Line]:
    """What stays as it is although the reference has it otherwise; what was not asked for in one line."""
    told = [item for item in kept if item.why not in NOT_ASKED_FOR]
    names = max([columns(clean(item.key)) for item in told], default=0)
    for item in told:
        value = show(masked(item.key, item.value)) if item.value is not None else "-"
        there = "" if item.only_here else f" (reference: {show(masked(item.key, item.reference)) if item.reference is not None else '-'})"
        key, values = clean(item.key), f"{visible(value)}{visible(there)}"
        head = f"      {key}{' ' * (names - columns(key))}  {values}"
        why = clean(item.why.partition(":")[0] if item.why in said else item.why)
        said.add(item.why)
        if columns(head) + columns(why) + 2 <= width:
            yield [("", head), ("dim", f"  {why}")]
            continue
        if columns(head) <= width:
            yield [("", head)]
        else:
            yield [("", f"      {key}")]
            yield from ([("", f"        {line}")] for line in wrapped(values, width - 8))
        yield from ([("dim", f"        {line}")] for line in wrapped(why, width - 8))
    for why in NOT_ASKED_FOR:
        if keys := [clean(item.key) for item in kept if item.why == why]:
            for index, line in enumerate(wrapped(f"{why}: {', '.join(keys)}", width - 8)):
                yield [("dim", ("  " if index else "") + f"      {line}")]


def coloured_diff(path: str, before: Document | None, after: Document, lead: str = "") -> Iterator[Line]:
    """The unified diff of a text, as lines of styled text."""
    for line in unified(path, before, after):
        yield [(_STYLES.get(line[:1], "dim"), lead + line)]


def unified(path: str, before: Document | None, after: Document) -> Iterator[str]:
    """The lines of a unified diff, without their secrets."""
    import difflib

    old, new = (_lines(document) for document in (before, after))
    names = path if before is not None else "/dev/null", path
    for line in difflib.unified_diff(old, new, *names, n=1):
        yield line.rstrip("\r\n")
        if not line.endswith(("\n", "\r")) and not line.startswith(("---", "+++", "@@")):
            yield "\\ No newline at end of file"


def _lines(document: Document | None) -> list[str]:
    """The lines of a text as they may be shown, each with its end."""
    if document is None:
        return []
    document.secrets()
    shown = without(document.text, hidden(document.text, document.secret_spans, document.refused is None))
    return [line for line in _LINE.findall(shown) if line]


def _summary(plan: Plan) -> Iterator[Line]:
    counts = plan.counts()
    if not counts["edits"] and not counts["unsafe"] and not counts["refused"]:
        kept = f"; {counts['kept']} kept as they are" if counts["kept"] else ""
        yield [("good", f"Nothing to migrate{kept}.")]
        return
    parts = [f"{counted(counts['edits'], 'edit')} in {counted(counts['files'], 'file')}"]
    if counts["unsafe"]:
        them = "it" if counts["unsafe"] == 1 else "them"
        parts.append(f"{counted(counts['unsafe'], 'unsafe edit')} left to you (--unsafe-fixes writes {them} too)")
    if counts["refused"]:
        asks = sum(row.by == RELEASE and row.refused == row.why for file in plan.files for row in file.rows if row.refused)
        parts += [f"{asks} left to you"] * bool(asks) + [f"{counts['refused'] - asks} not possible"] * (counts["refused"] > asks)
    parts.append(f"{counted(counts['kept'], 'key')} kept")
    yield [("strong", "Plan: "), ("", ", ".join(parts) + ".")]


def still_wrong(report: Report, head: str, width: int) -> Iterator[Line]:
    """What a check finds that fails it, a few lines; what is only worth knowing is left to the check itself."""
    wrong = [finding for finding in report.findings if finding.waiver is None and at_least(finding.severity, WARNING)]
    counts = [counted(report.count(severity), severity) for severity in (ERROR, WARNING) if report.count(severity)]
    yield [("", f"{head} "), ("warning" if wrong else "good", " and ".join(counts) or "nothing wrong"), ("", ":" if wrong else ".")]
    for finding in wrong[:MOST_SHOWN]:
        where = f"{visible(finding.file)}:{finding.span.start.line}"
        yield [("", f"  {where} "), (finding.severity, finding.code)]
        yield from ([("dim", f"    {line}")] for line in wrapped(visible(finding.message), width - 4))
