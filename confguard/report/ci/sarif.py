"""A report as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

GitHub refuses a whole upload for one result without a location, takes the first location only, and tracks a result over commits by
`primaryLocationLineHash`: https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import quote

from confguard.checking.pipeline import Report
from confguard.report.ci.placed import Paths, identified, placed
from confguard.report.explain import example_blocks, paragraphs
from confguard.report.json import to_text
from confguard.report.safe import shown_fix
from confguard.words.finding import ERROR, INFO, WARNING, Finding, Fix, Span, Waived
from confguard.words.rule import Rule
from confguard.words.secret import mask
from confguard.words.typing import Any
from confguard.words.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {ERROR: "error", WARNING: "warning", INFO: "note"}
_LONGEST = 1024
"""Characters of a rule's descriptions that GitHub takes."""


def to_sarif(report: Report, rules: Mapping[str, Rule]) -> str:
    """The whole report; waived findings are suppressed results."""
    paths = Paths()
    findings = placed(report)
    found = {finding.code: finding for finding in findings}
    codes = sorted(found)
    driver = {
        "name": "confguard",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(found[code], rules.get(code)) for code in codes],
    }
    results = [_result(finding, fingerprint, codes.index(finding.code), paths) for fingerprint, finding in identified(findings, paths)]
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "confguard/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not report.problems, "toolExecutionNotifications": [_problem(problem) for problem in report.problems]}
        ],
        "results": results,
    }
    return to_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    """What is known of a rule; of one that a project made itself, what its finding says."""
    texts = paragraphs(rule.text) if rule else [finding.message]
    help_ = [*texts, f"Source: {rule.source}." if rule else "A rule of the project file."]
    markdown = [*help_, *(example_blocks(rule) if rule else ())]
    return {
        "id": finding.code,
        **({"name": "".join(word.capitalize() for word in finding.name.split("-"))} if rule else {}),
        "shortDescription": {"text": texts[0][:_LONGEST]},
        "fullDescription": {"text": " ".join(texts)[:_LONGEST]},
        "help": {"text": "\n\n".join(help_), "markdown": "\n\n".join(markdown)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity if rule else finding.severity]},
        "properties": {"tags": ["configuration"], "precision": "high", "problem.severity": _problem_severity(finding)},
    }


def _problem_severity(finding: Finding) -> str:
    return "recommendation" if finding.severity == INFO else finding.severity


def _result(finding: Finding, fingerprint: str, index: int, paths: Paths) -> dict[str, Any]:
    uri = {"uri": _uri(paths.of(finding.file))}
    help_ = f"\n{finding.help}" if finding.help else ""
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": uri, "region": _region(finding.span)}}
    if finding.key:
        place["logicalLocations"] = [{"fullyQualifiedName": mask(finding.key), "kind": "member"}]
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message + help_},
        "locations": [place],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if fix := shown_fix(finding.fix):
        result["fixes"] = [_fix(fix, finding.help or finding.name, uri)]
    if finding.waiver:
        result["suppressions"] = [_suppression(finding.waiver)]
    return result


def _uri(path: str) -> str:
    return ("file://" if os.path.isabs(path) else "") + quote(os.fsencode(path.replace(os.sep, "/")))


def _region(span: Span) -> dict[str, int]:
    (line, column, _), (end_line, end_column, _) = span
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _fix(fix: Fix, help_: str, uri: dict[str, str]) -> dict[str, Any]:
    replacements = [{"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}} for edit in fix.edits]
    return {
        "description": {"text": f"{help_} ({fix.safety} fix)"},
        "artifactChanges": [{"artifactLocation": uri, "replacements": replacements}],
    }


def _suppression(waiver: Waived) -> dict[str, str]:
    """A waiver of the project file says until when it holds; an ignore in the config's own comments does not."""
    kind = "external" if waiver.expires else "inSource"
    return {"kind": kind, "status": "accepted", "justification": mask(waiver.reason)}


def _problem(problem: str) -> dict[str, Any]:
    return {"level": "error", "message": {"text": mask(problem)}}
