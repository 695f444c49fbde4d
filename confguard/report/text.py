"""Findings for people: where, what, the line itself with a caret, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.check.pipeline import Report
from confguard.document.document import Document
from confguard.report.paint import Line, visible
from confguard.words.finding import FIRST_STEP, LOAD, SEVERITIES, START, Finding
from confguard.words.secret import mask

_FAILS = {
    LOAD: "unchecked, the run fails when the file is read",
    START: "unchecked, the run fails when the trainer starts, after the model is loaded",
    FIRST_STEP: "unchecked, the run fails at its first step",
}
_MAX_SHOWN = 120


def text(report: Report, width: int = 100, show_files: bool = False) -> Iterator[Line]:
    """The report as lines of styled text."""
    for finding in report.findings:
        yield from _finding(finding, report.documents.get(finding.file), width)
        yield []
    if show_files:
        yield from _files(report)
    yield from _summary(report)


def _finding(finding: Finding, document: Document | None, width: int) -> Iterator[Line]:
    start = finding.span.start
    level = "dim" if finding.waiver else finding.severity
    head: Line = [
        ("strong", f"{visible(finding.file)}:{start.line}:{start.column}: "),
        (level, f"{finding.severity} {finding.code}"),
        ("dim", f" {finding.name}"),
    ]
    if finding.waiver:
        by = f", {finding.waiver.by}" if finding.waiver.by else ""
        head.append(("dim", f" (waived{by}: {visible(finding.waiver.reason)})"))
    yield head
    yield from _wrapped("", "  ", finding.message, width)
    if document is not None and not (start.offset == 0 and finding.span.end.offset == 0):
        yield from _snippet(finding, document)
    if finding.waiver:
        return
    if finding.help:
        mark = f" ({finding.fix.safety} fix)" if finding.fix else ""
        yield from _wrapped("help", "  help: ", finding.help + mark, width)
    if finding.fails in _FAILS:
        yield [("dim", f"  {_FAILS[finding.fails]}")]


def _wrapped(style: str, lead: str, message: str, width: int) -> Iterator[Line]:
    """A message in lines of at most `width`, the later ones indented as far as the first."""
    from textwrap import wrap

    lines = wrap(visible(message), max(width - len(lead), 20), break_long_words=False, break_on_hyphens=False)
    for index, line in enumerate(lines or [""]):
        yield [(style, lead if index == 0 else " " * len(lead)), ("", line)]


def _snippet(finding: Finding, document: Document) -> Iterator[Line]:
    start, end = finding.span
    line = mask(document.line(start.line))
    first = start.column - 1
    last = end.column - 1 if end.line == start.line else len(line)
    cut = max(0, min(first - 20, len(line) - _MAX_SHOWN)) if len(line) > _MAX_SHOWN else 0
    shown = line[cut : cut + _MAX_SHOWN]
    before, marked = shown[: first - cut], shown[first - cut : max(last - cut, first - cut + 1)]
    number = str(start.line)
    gutter = " " * len(number)
    yield [("dim", f"  {number} | "), ("", visible(shown.replace("\t", " ")))]
    carets = "^" * max(_columns(visible(marked.rstrip())), 1)
    yield [("dim", f"  {gutter} | "), ("", " " * _columns(visible(before.replace("\t", " ")))), ("caret", carets)]


def _columns(text: str) -> int:
    """The columns a text takes in a terminal: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _files(report: Report) -> Iterator[Line]:
    for file in report.files:
        if file.kind:
            yield [("", f"checked  {visible(file.path)}  "), ("dim", file.kind)]
        else:
            yield [("dim", f"skipped  {visible(file.path)}  {file.why_skipped}")]
    if report.files:
        yield []


def _summary(report: Report) -> Iterator[Line]:
    checked = sum(1 for file in report.files if file.kind)
    skipped = len(report.files) - checked
    line: Line = [("", f"{_count(checked, 'file')} checked")]
    if skipped:
        line.append(("dim", f", {skipped} skipped (no kind that confguard knows; --show-files lists them)"))
    line.append(("", ": "))
    for severity in ("error", "warning", "info"):
        count = report.count(severity)
        line += [(severity if count else "dim", _count(count, severity)), ("", ", ")]
    line.pop()
    waived = sum(1 for finding in report.findings if finding.waiver)
    if waived:
        line.append(("dim", f", {waived} waived"))
    yield line
    unwaived = [finding for finding in report.findings if not finding.waiver]
    if unwaived:
        worst = max(unwaived, key=lambda finding: SEVERITIES.index(finding.severity))
        yield [("dim", f"confguard explain {worst.code} tells why, with examples and the source.")]


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
