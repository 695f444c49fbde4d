"""Annotations of GitHub Actions: a workflow command a finding, which the log and the changed files show.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from confguard.checking.pipeline import Report
from confguard.report.ci.placed import Paths, placed
from confguard.report.safe import visible
from confguard.report.text import summary
from confguard.words.finding import ERROR, INFO, WARNING, Finding

_COMMANDS = {ERROR: "error", WARNING: "warning", INFO: "notice"}
_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


def to_github(report: Report) -> str:
    """The report: a command for each finding that is not waived, then the summary as plain lines of the log."""
    paths = Paths()
    commands = [_command(finding, paths) for finding in placed(report) if not finding.waiver]
    return "\n".join([*commands, *_summary(report)])


def _command(finding: Finding, paths: Paths) -> str:
    """One command. The log shows its text alone, so that says the place, too."""
    start, end, path = finding.span.start, finding.span.end, paths.of(finding.file)
    place = {"file": path, "line": start.line, "endLine": end.line}
    if start.line == end.line:  # GitHub takes columns of one line only
        place |= {"col": start.column, "endColumn": max(end.column, start.column + 1)}
    place["title"] = f"{finding.code} {finding.name}"
    properties = ",".join(f"{name}={_escaped(str(value), _IN_PROPERTY)}" for name, value in place.items())
    help_ = f"\nhelp: {visible(finding.help)}" if finding.help else ""
    text = f"{visible(path)}:{start.line}:{start.column}: {finding.code} {visible(finding.message)}{help_}"
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(text, _IN_TEXT)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)


def _summary(report: Report) -> Iterator[str]:
    yield from ("".join(visible(text) for _, text in line) for line in summary(report))
