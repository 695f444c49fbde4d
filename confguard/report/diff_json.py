"""A diff as JSON; the shape is tested and only ever grows. Every key is always there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from confguard.diffing.comparison import Comparison
from confguard.diffing.waive import Used
from confguard.report.json import to_text
from confguard.report.wording import masked, notes, workings
from confguard.words.change import SAME, Change, Unknown, plain
from confguard.words.language import Said
from confguard.words.secret import mask
from confguard.words.typing import Any


def diff_json(found: Comparison, lang: str, show_unchanged: bool, meanings: dict[str, Said]) -> str:
    """The rows, the waivers, the summary."""
    shown = [row for row in found.rows if row.status != SAME or show_unchanged]
    data = {
        "version": 1,
        "rows": [row_json(row, lang, meanings) for row in shown],
        "waivers": [_used(used, lang) for used in found.waivers],
        "left_out": [mask(file) for file in found.left_out],
        "untranslated": [{"key": mask(key), "kind": kind, "instead": instead.to(lang)} for key, kind, instead in found.untranslated],
        "summary": found.counts(),
    }
    return to_text(data)


def row_json(row: Change, lang: str, meanings: Mapping[str, Said] = MappingProxyType({})) -> dict[str, Any]:
    """One row."""
    before, now = workings(row)
    meaning = meanings.get(row.parameter or "")
    return {
        "file": row.file,
        "key": mask(row.key),
        "reference_key": row.reference_key and mask(row.reference_key),
        "parameter": row.parameter,
        "kind": row.kind,
        "title": row.title.to(lang) if row.title else None,
        "reference": _value(row.reference_key or row.key, row.reference, lang),
        "current": _value(row.key, row.current, lang),
        "unit": row.unit.to(lang) or None if row.unit else None,
        "working": {"reference": before or None, "current": now or None} if before or now else None,
        "status": row.status,
        "identity": row.identity,
        "direction": row.direction,
        "factor": row.factor,
        "note": "; ".join(notes(row, lang)) or None,
        "meaning": meaning.to(lang) if meaning else None,
        "waiver": {name: value and mask(value) for name, value in row.waiver._asdict().items()} if row.waiver else None,
    }


def _value(key: str, value: Any, lang: str) -> Any:
    if isinstance(value, Unknown):
        return None
    return value.to(lang) if isinstance(value, Said) else masked(key, plain(value))


def _used(used: Used, lang: str) -> dict[str, Any]:
    waiver = used.waiver
    return {
        "parameter": mask(waiver.parameter),
        "value": masked(waiver.parameter, waiver.value),
        "reason": mask(waiver.reason),
        "by": waiver.by and mask(waiver.by),
        "expires": str(waiver.expires) if waiver.expires else "never",
        "state": used.state,
        "why": mask(used.why.to(lang)) if used.why else None,
    }
