"""`confguard diff`: what differs between a reference and a current config. A first, plain form: key, reference, current, status."""

from __future__ import annotations

import os
from collections.abc import Iterator

from confguard.check.setting import BadUsage
from confguard.diff.compare import compare
from confguard.diff.row import Row
from confguard.document.document import Document
from confguard.document.fit import kind_of
from confguard.project.project import find_project
from confguard.project.reference import documents_of
from confguard.report.diff import diff_json, diff_table
from confguard.report.paint import paint
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.special import IDENTITY
from confguard.words.shape import Shape


def run(reference: str, current: str, format: str = "text", show_unchanged: bool = False, exit_zero: bool = False) -> int:
    """Print the rows of two configs, or of the files of two folders; 0 when all is the same, 1 otherwise."""
    project = find_project("")
    theirs = documents_of(reference, project, CATALOGUE)
    ours = documents_of(current, project, CATALOGUE)
    rows = [row for pair in _pairs(theirs, ours, reference, current) for row in _rows(*pair)]
    print(diff_json(rows)) if format == "json" else paint(diff_table(rows, show_unchanged))
    return 1 if any(row.counts for row in rows) and not exit_zero else 0


def _rows(reference: Document, current: Document, shape: Shape | None) -> list[Row]:
    if shape is not None:
        return compare(reference, current, shape, IDENTITY)
    from confguard.diff.structure import structural_rows  # deepdiff takes longer to import than a whole diff of known kinds

    return structural_rows(reference, current)


def _pairs(theirs: list[Document], ours: list[Document], reference: str, current: str) -> Iterator[tuple[Document, Document, Shape | None]]:
    """Files to compare: two files with each other; in folders those of one kind, else those of one name."""
    for document in (*theirs, *ours):
        if document.refused is not None:
            start = document.span(document.refused.offset, document.refused.offset).start
            raise BadUsage(f"{document.path}:{start.line}:{start.column}: {document.refused.message}")
    kinds = {id(document): kind_of(document, CATALOGUE.shapes) for document in (*theirs, *ours)}
    if len(theirs) == 1 and len(ours) == 1:
        left, right = kinds[id(theirs[0])], kinds[id(ours[0])]
        yield theirs[0], ours[0], right if left is right else None
        return
    found = False
    for document in ours:
        kind = kinds[id(document)]
        name = os.path.basename(document.path)
        same_kind = [other for other in theirs if kind is not None and kinds[id(other)] is kind]
        candidates = same_kind or [other for other in theirs if kind is None and os.path.basename(other.path) == name]
        named = [other for other in candidates if os.path.basename(other.path) == name]
        for other in (named or candidates)[:1]:
            found = True
            yield other, document, kind
    if not found:
        raise BadUsage(f"nothing in {current} has a counterpart of its kind or name in {reference}")
