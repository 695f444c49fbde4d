"""One line a finding, for grep and for editors: `path:line:column: severity CODE [*] message`; `[*]` has a fix."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.pipeline import Report
from confguard.report.paint import Line
from confguard.report.safe import shown_fix


def concise(report: Report) -> Iterator[Line]:
    """The report, a line a finding; waived ones are left out."""
    for finding in report.findings:
        if finding.waiver is None:
            start = finding.span.start
            mark = "[*] " if shown_fix(finding.fix) else ""
            yield [
                ("strong", f"{finding.file}:{start.line}:{start.column}: "),
                (finding.severity, f"{finding.severity} {finding.code} "),
                ("", mark + finding.message),
            ]
