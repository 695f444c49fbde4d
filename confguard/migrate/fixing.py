"""Findings mended: round by round, since a key that is spelled right is judged for the first time."""

from __future__ import annotations

import os
from collections.abc import Iterable

from confguard.checking.links import reading_with
from confguard.checking.pipeline import Report, check
from confguard.checking.setting import Options
from confguard.document.document import Document
from confguard.document.source import Reading, Unreadable, read_bytes
from confguard.edit.mend import mended
from confguard.edit.splice import EditRefused, Splice
from confguard.words.catalogue import Catalogue
from confguard.words.finding import SAFE, Finding
from confguard.words.typing import NamedTuple

MOST_ROUNDS = 10
"""More than any file needs; two fixes that undo each other would go on for ever."""


class Fixing(NamedTuple):
    """What mending came to: the files with their old and new text, how many findings were mended, and what is found now."""

    files: list[tuple[str, Document, Document]]
    mended: int
    report: Report


def fixed(paths: Iterable[str], catalogue: Catalogue, options: Options, unsafe: bool, as_it_is: Reading = read_bytes) -> Fixing:
    """Mend what has a fix, in memory: safe ones, and the others where asked for. Raises what `check` raises."""
    paths = list(paths)
    first: dict[str, Document] = {}
    now: dict[str, Document] = {}
    held: dict[str, bytes] = {}
    read, count = reading_with(held, as_it_is), 0
    report = check(paths, catalogue, options, read)
    for _ in range(MOST_ROUNDS):
        done = 0
        for file, findings in _fixable(report, unsafe).items():
            real = os.path.realpath(file)
            if (document := _document(file, read)) is None:
                continue
            after, made = _all_that_can_be(document, findings)
            if made:
                first.setdefault(real, document)
                now[real], held[real] = after, after.encoded(after.text)
                done += made
        if not done:
            break
        count += done
        report = check(paths, catalogue, options, read)
    return Fixing([(first[real].path, first[real], now[real]) for real in first], count, report)


def _fixable(report: Report, unsafe: bool) -> dict[str, list[Finding]]:
    """The findings that can be mended, by the file to edit."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.fix is not None and finding.waiver is None and (unsafe or finding.fix.safety == SAFE):
            found.setdefault(finding.file, []).append(finding)
    return found


def _document(path: str, read: Reading) -> Document | None:
    try:
        document = Document(path, read(path))
    except Unreadable:
        return None
    return None if document.refused is not None else document


def _all_that_can_be(document: Document, findings: Iterable[Finding]) -> tuple[Document, int]:
    """The document with each fix made that does not stand in another one's way, and how many."""
    after, splices, count = document, list[Splice](), 0
    for finding in findings:
        more = splices_of(finding)
        try:
            after = mended(document, [*splices, *more]).after
        except EditRefused:
            continue
        splices += more
        count += 1
    return after, count


def splices_of(finding: Finding) -> list[Splice]:
    """The edits of a finding's fix."""
    edits = finding.fix.edits if finding.fix else ()
    return [Splice(edit.span.start.offset, edit.span.end.offset, edit.text) for edit in edits]
