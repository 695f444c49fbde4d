"""Findings for people: where, what, the line itself with a caret, and what to write instead."""

from __future__ import annotations

import shlex
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from confguard.checking.pipeline import STDIN, Report
from confguard.document.document import Document
from confguard.report.paint import Line
from confguard.report.safe import columns, in_lines, shown_fix, visible
from confguard.words.finding import FIRST_STEP, LOAD, SEVERITIES, START, Finding, Span
from confguard.words.secret import hidden, mask, without
from confguard.words.spelling import counted

_FAILS = {
    LOAD: "unchecked, the run fails when the file is read",
    START: "unchecked, the run fails when the trainer starts, after the model is loaded",
    FIRST_STEP: "unchecked, the run fails at its first step",
}
_MAX_SHOWN = 120
_BEFORE = 20
"""Characters shown before a finding far to the right of a long line."""


def text(report: Report, width: int = 100, show_files: bool = False) -> Iterator[Line]:
    """The report as lines of styled text."""
    pages = {file: _Page(document) for file, document in report.documents.items()}
    for finding in report.findings:
        yield from _finding(finding, pages.get(finding.file), width)
        yield []
    if show_files:
        yield from _files(report)
    yield from summary(report)


class _Page:
    """The text of a document without what may not be shown of it."""

    def __init__(self, document: Document) -> None:
        self.text = document.text
        self.hidden = hidden(document.text, document.secret_spans, document.refused is None)
        self.starts = [start for start, _ in self.hidden]
        self.ends = [end for _, end in self.hidden]

    def part(self, start: int, end: int) -> str:
        """The text between two offsets, made visible."""
        within = self.hidden[bisect_right(self.ends, start) : bisect_left(self.starts, end)]
        spans = [(max(left, start) - start, min(right, end) - start) for left, right in within]
        return visible(without(self.text[start:end], spans).replace("\t", " "))

    def line_end(self, offset: int) -> int:
        """Where the line of an offset ends; no further than a report shows."""
        return offset + len(self.text[offset : offset + _MAX_SHOWN].replace("\r", "\n").partition("\n")[0])


def _finding(finding: Finding, page: _Page | None, width: int) -> Iterator[Line]:
    start = finding.span.start
    waiver = finding.waiver
    head: Line = [
        ("strong", f"{finding.file}:{start.line}:{start.column}: "),
        ("dim" if waiver else finding.severity, f"{finding.severity} {finding.code}"),
        ("dim", f" {finding.name}"),
    ]
    if waiver:
        by = f", {waiver.by}" if waiver.by else ""
        head.append(("dim", mask(f" (waived{by}: {waiver.reason})")))
    yield head
    yield from _wrapped("", "  ", finding.message, width)
    if page is not None and finding.span.end.offset > 0:
        yield from _snippet(finding.span, page)
    if waiver:
        return
    if finding.help:
        fix = shown_fix(finding.fix)
        mark = f" ({fix.safety} fix)" if fix else ""
        yield from _wrapped("help", "  help: ", finding.help + mark, width)
    if finding.fails in _FAILS:
        yield [("dim", f"  {_FAILS[finding.fails]}")]


def _wrapped(style: str, lead: str, message: str, width: int) -> Iterator[Line]:
    """A message in lines of at most `width`, the later ones indented as far as the first."""
    message = visible(message).replace("\t", " ")
    room = max(width - len(lead), 20)
    for index, line in enumerate(in_lines(message, room)):
        yield [(style, lead if index == 0 else " " * len(lead)), ("", line)]


def _snippet(span: Span, page: _Page) -> Iterator[Line]:
    """The line of a finding, cut where it is long, and carets below what is meant."""
    start, end = span.start.offset, span.end.offset
    line_start = start - (span.start.column - 1)
    line_end = page.line_end(start)
    left = max(line_start, min(start - _BEFORE, line_end - _MAX_SHOWN))
    right = min(line_end, left + _MAX_SHOWN)
    last = min(max(end, start + 1), right)
    before, marked, after = page.part(left, start), page.part(start, last), page.part(last, right)
    number = str(span.start.line)
    yield [("dim", f"  {number} | "), ("", before + marked + after)]
    carets = "^" * max(columns(marked.rstrip()), 1)
    yield [("dim", f"  {' ' * len(number)} | "), ("", " " * columns(before)), ("caret", carets)]


def _files(report: Report) -> Iterator[Line]:
    for file in report.files:
        if file.kind:
            yield [("", f"checked  {file.path}  "), ("dim", file.kind)]
        else:
            yield [("dim", f"skipped  {file.path}  {file.why_skipped}")]
    if report.files:
        yield []


def summary(report: Report) -> Iterator[Line]:
    """How many files were checked, what was found in them, for which releases, and how to learn more."""
    checked = sum(1 for file in report.files if file.kind)
    skipped = len(report.files) - checked
    line: Line = [("", f"{counted(checked, 'file')} checked")]
    if skipped:
        line.append(("dim", f", {skipped} skipped (--show-files says why)"))
    line.append(("", ": "))
    for severity in ("error", "warning", "info"):
        count = report.count(severity)
        line += [(severity if count else "dim", counted(count, severity)), ("", ", ")]
    line.pop()
    waived = sum(1 for finding in report.findings if finding.waiver)
    if waived:
        line.append(("dim", f", {waived} waived"))
    yield line
    missed = Counter(file.why_skipped for file in report.files if file.is_missed)
    for why, count in missed.items():
        yield [("warning", f"not checked, {counted(count, 'file')}: "), ("", why or "")]
    for aim in sorted(report.aims):
        yield [("dim", f"for {aim.told()}")]
    unwaived = [finding for finding in report.findings if not finding.waiver]
    if unwaived:
        worst = max(unwaived, key=lambda finding: SEVERITIES.index(finding.severity))
        yield [("dim", f"confguard explain {worst.code} tells why, with examples and the source.")]
    yield from _way_to_the_release(report, unwaived)


def _way_to_the_release(report: Report, findings: Sequence[Finding]) -> Iterator[Line]:
    """The command that brings a file with keys of another release to the one that it was checked for."""
    file = next((finding.file for finding in findings if finding.code == "RELEASE001" and finding.file != STDIN), None)
    if file is not None and len(report.aims) == 1:
        (aim,) = report.aims
        command = shlex.join(["confguard", "migrate", file, "--to", f"trl=={aim.target.trl}"])
        yield [("dim", f"{visible(command)} shows what becomes of its keys.")]
