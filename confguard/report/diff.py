"""How a diff is shown: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from confguard.diff.row import DRIFT, GONE, NEW, SAME, Row
from confguard.report.json import to_text
from confguard.report.paint import Line
from confguard.report.safe import visible
from confguard.words.secret import is_secret, mask
from confguard.words.spelling import show

WIDEST = 34
"""Characters of a column; a longer cell, such as a path, makes only its own row longer."""

_STYLES = {DRIFT: "warning", NEW: "info", GONE: "error", SAME: "dim"}


def diff_table(rows: list[Row], show_unchanged: bool) -> Iterator[Line]:
    """The rows as a table: key, reference, current, status; then a line of counts."""
    shown = [row for row in rows if row.status != SAME or show_unchanged]
    cells = [(visible(mask(row.key)), _cell(row, row.reference), _cell(row, row.current)) for row in shown]
    widths = [max((len(cell[column]) for cell in cells if len(cell[column]) <= WIDEST), default=0) for column in range(3)]
    file = None
    for row, (key, before, now) in zip(shown, cells, strict=True):
        if row.file != file:
            file = row.file
            yield [("strong", file)]
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
    return visible(show(_masked(row.key, value)))


def _masked(key: str, value: Any) -> Any:
    """A value without its secrets, however deep they lie in it."""
    if isinstance(value, dict):
        return {mask(str(name)): _masked(str(name), below) for name, below in value.items()}
    if isinstance(value, list):
        return [_masked(key, item) for item in value]
    if isinstance(value, str):
        return f"{value[:4]}..." if is_secret(_name(key), value) else mask(value)
    return value


def _name(key: str) -> str:
    return key.rpartition(".")[2].partition("[")[0]


def diff_json(rows: list[Row]) -> str:
    """The rows as JSON; every key is always there."""
    data = {
        "version": 1,
        "rows": [
            {
                "file": row.file,
                "key": mask(row.key),
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
    return to_text(data)


def _change(row: Row) -> dict[str, Any]:
    before, now = row.reference, row.current
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (before, now))
    if row.status != DRIFT or not numbers:
        return {"direction": None, "factor": None}
    return {"direction": "higher" if now > before else "lower", "factor": now / before if before else None}
