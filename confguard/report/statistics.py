"""How often each rule is broken: the first look at a repository that was never checked."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.pipeline import Report
from confguard.report.json import to_text
from confguard.report.paint import Line
from confguard.report.safe import shown_fix
from confguard.report.text import summary
from confguard.words.finding import SEVERITIES
from confguard.words.typing import NamedTuple


class Row(NamedTuple):
    """One rule: how many unwaived findings it has, and how many of them have a fix."""

    code: str
    name: str
    severity: str
    findings: int
    fixable: int
    waived: int


def rows(report: Report) -> list[Row]:
    """A row for each rule that was broken, the most frequent first."""
    found: dict[str, Row] = {}
    for finding in report.findings:
        row = found.get(finding.code) or Row(finding.code, finding.name, finding.severity, 0, 0, 0)
        worse = max(row.severity, finding.severity, key=SEVERITIES.index)
        if finding.waiver:
            found[finding.code] = row._replace(waived=row.waived + 1)
        else:
            found[finding.code] = row._replace(
                severity=worse, findings=row.findings + 1, fixable=row.fixable + bool(shown_fix(finding.fix))
            )
    return sorted(found.values(), key=lambda row: (-row.findings, -row.waived, row.code))


def statistics_text(report: Report) -> Iterator[Line]:
    """The rows as lines, then the summary; `[*]` has a fix."""
    told = rows(report)
    width = max((len(row.code) for row in told), default=0)
    for row in told:
        waived = f"  ({row.waived} waived)" if row.waived else ""
        mark = "[*]" if row.fixable else "   "
        yield [
            ("", f"{row.findings:5}  "),
            (row.severity, f"{row.severity:7}"),
            ("", f"  {row.code:{width}} {mark} {row.name}"),
            ("dim", waived),
        ]
    yield from summary(report)


def statistics_json(report: Report) -> str:
    """The rows as a JSON list."""
    return to_text([row._asdict() for row in rows(report)])
