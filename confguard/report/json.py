"""The report as JSON; the shape is tested and only ever grows. Lines and columns start at 1; every key is always there."""

from __future__ import annotations

import json
from typing import Any

from confguard.check.pipeline import Report
from confguard.words.finding import Finding, Position, Span


def to_json(report: Report) -> str:
    """The whole report."""
    waived = sum(1 for finding in report.findings if finding.waiver)
    data = {
        "version": 1,
        "findings": [_finding(finding) for finding in report.findings],
        "summary": {
            "files": sum(1 for file in report.files if file.kind),
            "skipped": sum(1 for file in report.files if not file.kind),
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "infos": report.count("info"),
            "waived": waived,
        },
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _finding(finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    edits = [{**_span(edit.span), "text": edit.text} for edit in fix.edits] if fix else []
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "key": finding.key,
        "keys": list(finding.keys),
        "file": finding.file,
        **_span(finding.span),
        "help": finding.help,
        "fix": {"safety": fix.safety, "edits": edits} if fix else None,
        "fails": finding.fails,
        "waiver": finding.waiver._asdict() if finding.waiver else None,
        "url": f"docs/rules.md#{finding.code.lower()}",
    }


def _span(span: Span) -> dict[str, Any]:
    return {"start": _position(span.start), "end": _position(span.end)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
