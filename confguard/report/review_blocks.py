"""What a change does to the configs, as a comment on it: first what is new and what is let pass, then what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, takewhile

from confguard.checking.pipeline import Report
from confguard.report.blocks import Block, Bullets, Folded, Heading, Paragraph, Table, TableRow, inline
from confguard.report.check_blocks import findings_table
from confguard.report.paint import Line
from confguard.report.safe import clean
from confguard.report.wording import change_word, notes, title, with_unit
from confguard.review.base import Base
from confguard.review.permits import Permit
from confguard.review.review import Review
from confguard.words.change import DERIVED, Change
from confguard.words.finding import SEVERITIES, Finding
from confguard.words.spelling import counted
from confguard.words.typing import NamedTuple

MARK = "<!-- confguard ci-comment -->"
"""The first line of a comment, by which the next run finds it."""
MOST = 60_000
"""Characters of a comment; GitHub takes 65,536."""
_MOST_ROWS = 60
_MOST_PERMITS = 40
_LONGEST_SAID = 400


class Changed(NamedTuple):
    """One config that the change touches: its path before, None for a new one; its rows, or why there are none."""

    path: str
    before: str | None
    rows: list[Change]
    problem: str | None


class Told(NamedTuple):
    """Everything a comment tells. `problem` is why the findings of the base are not known."""

    base: Base
    review: Review
    report: Report
    changed: list[Changed]
    problem: str | None


def review_text(told: Told, draw: Callable[[Iterable[Block]], str]) -> str:
    """The comment, cut between two blocks where it would be longer than one may be."""
    drawn = [draw([block]) for block in _blocks(told)]
    lengths = accumulate(len(text) + 1 for text in drawn)
    fitting = sum(1 for _ in takewhile(lambda length: length < MOST, lengths))
    cut = [draw([Paragraph([("", "The rest is longer than a comment may be; run confguard check and confguard diff to see it.")])])]
    return "\n".join([f"{MARK}\n", *drawn[:fitting], *(cut if fitting < len(drawn) else [])])


def _blocks(told: Told) -> Iterator[Block]:
    review = told.review
    yield Heading(2, "confguard")
    yield Paragraph(_verdict(told))
    if told.problem:
        yield Paragraph(inline(f"The state before could not be checked, so all that stands here is told as new: {clean(told.problem)}"))
    yield from _permits(review)
    if review.new:
        yield from _part("New findings", _findings(review.new))
    if review.waived:
        yield from _part("New, and waived", _findings(review.waived))
    if review.mended:
        yield Folded(f"Gone: {counted(len(review.mended), 'finding')}", (_findings(review.mended),))
    for changed in told.changed:
        yield from _file(changed)
    yield from (Paragraph([("", "Removed: "), ("code", clean(path))]) for path in review.gone)
    if review.old:
        yield Folded(f"There before: {counted(len(review.old), 'finding')}", (_findings(review.old),))
    for problem in told.report.problems:
        yield Paragraph(inline(f"Not checked: {clean(problem)}"))


def _verdict(told: Told) -> Line:
    review = told.review
    counts = [(severity, sum(1 for finding in review.new if finding.severity == severity)) for severity in reversed(SEVERITIES)]
    new = ", ".join(counted(count, severity) for severity, count in counts if count)
    said = f"{new} that the state before does not have" if new else "Nothing new is wrong"
    said += f"; lets {counted(len(review.granted), 'thing')} more pass" if review.granted else ""
    base = f"; compared with {told.base.asked} at {told.base.revision[:12]}."
    return [("strong", said), ("", base)]


def _permits(review: Review) -> Iterator[Block]:
    """A change that lets something pass says so before anything else: nobody waives themselves unnoticed."""
    granted = [_permit("warning", "no longer asks for" if permit.is_demand else "lets pass", permit) for permit in review.granted]
    withdrawn = [_permit("good", "asks for" if permit.is_demand else "no longer", permit) for permit in review.withdrawn]
    if granted or withdrawn:
        yield Heading(3, "What this change lets pass")
        yield Bullets([*_some(granted), *_some(withdrawn)])


def _permit(state: str, what: str, permit: Permit) -> tuple[str, int, Line]:
    said = clean(permit.said)
    shown = said if len(said) <= _LONGEST_SAID else f"{said[:_LONGEST_SAID]} ..."
    return state, 0, [("", f"{what}, in "), ("code", clean(permit.file)), ("", ": "), *inline(shown)]


def _some(items: list[tuple[str, int, Line]]) -> list[tuple[str, int, Line]]:
    more: tuple[str, int, Line] = ("", 0, [("", f"and {len(items) - _MOST_PERMITS} more")])
    return items if len(items) <= _MOST_PERMITS else [*items[:_MOST_PERMITS], more]


def _part(name: str, *blocks: Block) -> Iterator[Block]:
    yield Heading(3, name)
    yield from blocks


def _findings(findings: list[Finding]) -> Table:
    table = findings_table(findings)
    return table._replace(rows=_cut(table.rows, len(table.columns)))


def _file(changed: Changed) -> Iterator[Block]:
    yield Heading(3, changed.path)
    if changed.problem:
        yield Paragraph(inline(clean(changed.problem)))
    elif changed.before is None:
        yield Paragraph([("", "A new config.")])
    elif not changed.rows:
        yield Paragraph([("", "No value differs.")])
    if changed.before not in (None, changed.path):
        yield Paragraph([("", "It was "), ("code", clean(changed.before or "")), ("", ".")])
    if changed.rows:
        rows = [TableRow(_cells(row)) for row in changed.rows]
        yield Table(["", "before", "now", "change", "note"], _cut(rows, 5), (1, 2))


def _cells(row: Change) -> list[Line]:
    before, now = with_unit(row, "en")
    style = "" if row.kind == DERIVED else "code"
    was = [f"was {clean(row.reference_key)}"] if row.reference_key else []
    said = notes(row._replace(reference_key=None), "en")
    return [
        [(style, title(row, "en"))],
        [(style, before)],
        [(style, now)],
        [("", change_word(row, "en"))],
        inline("; ".join([*was, *said])),
    ]


def _cut(rows: list[TableRow], width: int) -> list[TableRow]:
    if len(rows) <= _MOST_ROWS:
        return rows
    more: list[Line] = [[("", f"and {len(rows) - _MOST_ROWS} more")], *([[]] * (width - 1))]
    return [*rows[:_MOST_ROWS], TableRow(more)]
