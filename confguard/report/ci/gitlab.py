"""A report for GitLab's Code Quality: https://docs.gitlab.com/ci/testing/code_quality/."""

from __future__ import annotations

from confguard.checking.pipeline import Report
from confguard.report.ci.placed import Paths, identified, placed
from confguard.report.json import to_text
from confguard.words.finding import ERROR, INFO, WARNING, Finding, Position
from confguard.words.typing import Any

_SEVERITIES = {ERROR: "critical", WARNING: "major", INFO: "info"}


def to_gitlab(report: Report) -> str:
    """The findings that are not waived. The widget compares fingerprints with those of the target branch."""
    paths = Paths()
    return to_text(
        [_issue(fingerprint, finding, paths) for fingerprint, finding in identified(placed(report), paths) if not finding.waiver]
    )


def _issue(fingerprint: str, finding: Finding, paths: Paths) -> dict[str, Any]:
    help_ = f" ({finding.help})" if finding.help else ""
    return {
        "description": f"{finding.code} {finding.message}{help_}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": paths.of(finding.file),
            "positions": {"begin": _position(finding.span.start), "end": _position(finding.span.end)},
        },
    }


def _position(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}
