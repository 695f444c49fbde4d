"""A check as blocks, for a comment in a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.checking.pipeline import Report
from confguard.report.blocks import Block, Heading, Paragraph, Table, TableRow, inline
from confguard.report.paint import Line
from confguard.report.text import summary
from confguard.words.finding import SEVERITIES, Finding
from confguard.words.secret import mask


def check_blocks(report: Report) -> Iterator[Block]:
    """The whole report under a heading of its own."""
    yield Heading(2, "confguard check")
    if report.findings:
        yield findings_table(report.findings)
    for line in summary(report):
        yield Paragraph(line)
    for problem in report.problems:
        yield Paragraph(inline(f"Not checked: {mask(problem)}"))


def findings_table(findings: Iterable[Finding]) -> Table:
    """Findings as a table, the worst first and the waived ones last; those of one severity as they stand in the files."""
    ordered = sorted(findings, key=lambda finding: (finding.waiver is not None, -SEVERITIES.index(finding.severity)))
    return Table(["", "where", "rule", "what", "what to do"], [TableRow(_cells(finding)) for finding in ordered])


def _cells(finding: Finding) -> list[Line]:
    waiver = finding.waiver
    if waiver:
        by, until = (f", {waiver.by}" if waiver.by else ""), (f", until {waiver.expires}" if waiver.expires else "")
        todo = inline(mask(f"waived{by}{until}: {waiver.reason}"))
    else:
        todo = inline(finding.help or "")
    return [
        [("", "waived" if waiver else finding.severity)],
        [("code", f"{finding.file}:{finding.span.start.line}")],
        [("", f"{finding.code} {finding.name}")],
        inline(finding.message),
        todo,
    ]
