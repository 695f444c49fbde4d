"""`confguard diff`: what differs between a reference and a current config. A first, plain form: key, reference, current, status."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from confguard.check.fit import kind_of
from confguard.check.pipeline import BadUsage
from confguard.check.project import find_project
from confguard.check.reference import documents_of
from confguard.diff.compare import DRIFT, GONE, NEW, SAME, Row, compare
from confguard.document.document import Document
from confguard.report.paint import Line, paint, visible
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.parameters import IDENTITY
from confguard.words.secret import is_secret, mask
from confguard.words.shape import Shape, show

_STYLES = {DRIFT: "warning", NEW: "info", GONE: "error", SAME: "dim"}


def run(reference: str, current: str, format: str = "text", show_unchanged: bool = False, exit_zero: bool = False) -> int:
    """Print the rows of two configs, or of the files of two folders; 0 when all is the same, 1 otherwise."""
    project = find_project("")
    theirs = documents_of(reference, project, CATALOGUE)
    ours = documents_of(current, project, CATALOGUE)
    rows = [row for pair in _pairs(theirs, ours, reference, current) for row in compare(*pair, IDENTITY)]
    paint(_json(rows) if format == "json" else _table(rows, show_unchanged))
    return 1 if any(_counts(row) for row in rows) and not exit_zero else 0


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


def _counts(row: Row) -> bool:
    return row.status != SAME and not row.identity


def _table(rows: list[Row], show_unchanged: bool) -> Iterator[Line]:
    shown = [row for row in rows if row.status != SAME or show_unchanged]
    cells = [(row.key, _cell(row, row.reference), _cell(row, row.current)) for row in shown]
    widths = [max((len(cell[column]) for cell in cells), default=0) for column in range(3)]
    file = None
    for row, (key, before, now) in zip(shown, cells, strict=True):
        if row.file != file:
            file = row.file
            yield [("strong", visible(file))]
        status = f"{row.status} (identity)" if row.identity and row.status != SAME else row.status
        yield [
            ("", f"  {key:<{widths[0]}}  "),
            ("dim", f"{before:>{widths[1]}}"),
            ("", "  ->  "),
            ("strong", f"{now:<{widths[2]}}  "),
            ("dim" if row.identity else _STYLES[row.status], status),
        ]
    if shown:
        yield []
    counts = ", ".join(f"{sum(row.kind == kind for row in rows)} {kind}" for kind in ("changed", "added", "removed", "unchanged"))
    yield [("", counts)]


def _cell(row: Row, value: Any) -> str:
    if value is None:
        return "-"
    return visible(mask(show(_masked(row.key, value))))


def _masked(key: str, value: Any) -> Any:
    return f"{str(value)[:4]}..." if is_secret(key.rpartition(".")[2], value) else value


def _json(rows: list[Row]) -> Iterator[Line]:
    data = {
        "version": 1,
        "rows": [
            {
                "file": row.file,
                "key": row.key,
                "parameter": row.parameter,
                "kind": row.kind,
                "reference": _masked(row.key, row.reference),
                "current": _masked(row.key, row.current),
                "status": row.status,
                **_change(row),
                "note": "identity: names a run or a machine" if row.identity else None,
                "waiver": None,
            }
            for row in rows
        ],
        "summary": {kind: sum(row.kind == kind for row in rows) for kind in ("changed", "added", "removed", "unchanged")},
    }
    yield [("", json.dumps(data, ensure_ascii=False, indent=2, default=str))]


def _change(row: Row) -> dict[str, Any]:
    before, now = row.reference, row.current
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (before, now))
    if row.status != DRIFT or not numbers:
        return {"direction": None, "factor": None}
    return {"direction": "higher" if now > before else "lower", "factor": now / before if before else None}
