"""The report as JSON; the shape is tested and only ever grows. Lines and columns start at 1; every key is always there."""

from __future__ import annotations

import json

from confguard.checking.pipeline import Report
from confguard.project.target import Aim
from confguard.report.safe import escaped, shown_fix
from confguard.words.finding import Finding, Position, Span, Waived
from confguard.words.secret import mask
from confguard.words.target import PACKAGES
from confguard.words.typing import Any


def to_json(report: Report) -> str:
    """The whole report."""
    findings, targets = [_finding(finding) for finding in report.findings], [target_json(aim) for aim in sorted(report.aims)]
    return to_text({"version": 1, "findings": findings, "summary": report.counts(), "targets": targets})


def target_json(aim: Aim) -> dict[str, dict[str, str]]:
    """The releases that files were checked for, each with where it is from."""
    return {package: {"version": aim.target.version(package), "from": whence} for package, whence in zip(PACKAGES, aim.whence, strict=True)}


def to_text(data: Any) -> str:
    """Data as JSON that can be read as it stands: Chinese as it is written, what does not show as an escape."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    return "\n".join([escaped(line, lambda char: json.dumps(char)[1:-1]) for line in text.split("\n")])


def _finding(finding: Finding) -> dict[str, Any]:
    fix = shown_fix(finding.fix)
    edits = [{**_span(edit.span), "text": edit.text} for edit in fix.edits] if fix else []
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "key": finding.key and mask(finding.key),
        "keys": [mask(key) for key in finding.keys],
        "file": finding.file,
        **_span(finding.span),
        "help": finding.help,
        "fix": {"safety": fix.safety, "edits": edits} if fix else None,
        "fails": finding.fails,
        "waiver": _waiver(finding.waiver) if finding.waiver else None,
        "url": f"docs/rules.md#{finding.code.lower()}",
    }


def _waiver(waiver: Waived) -> dict[str, Any]:
    return {name: value and mask(value) for name, value in waiver._asdict().items()}


def _span(span: Span) -> dict[str, Any]:
    return {"start": _position(span.start), "end": _position(span.end)}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
