"""A plan as JSON; the shape is tested and only ever grows. Keys are always there, null where there is nothing."""

from __future__ import annotations

from confguard.migrate.plan import FilePlan, Kept, Plan, Row
from confguard.report.diff_json import row_json
from confguard.report.json import to_text
from confguard.report.plan import Derive, unified
from confguard.report.wording import NO_EFFECT, masked
from confguard.words.language import EN
from confguard.words.secret import mask
from confguard.words.typing import Any


def plan_json(plan: Plan, derive: Derive, written: str | None, check: dict[str, int] | None) -> str:
    """The whole plan; `written` is the transaction that made it, `check` what a check then finds, or would find."""
    files = [_file(file, derive) for file in plan.files]
    data = {"version": 1, "written": written is not None, "transaction": written, "files": files, "left_out": plan.left_out}
    return to_text({**data, "check": check, "summary": plan.counts()})


def _file(file: FilePlan, derive: Derive) -> dict[str, Any]:
    return {
        "file": file.path,
        "reference": file.reference,
        "edits": [_row(row) for row in file.rows],
        "kept": [_kept(item) for item in file.kept],
        "moves": [row_json(change, EN) for change in file.moves],
        "derived": [row_json(change, EN) for change in derive(file)],
        "diff": "".join(f"{line}\n" for line in unified(file.path, file.before, file.after)),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": mask(row.key) or None,
        "parameter": row.parameter,
        "line": row.line,
        "before": masked(row.key, row.before),
        "after": masked(row.key, row.after),
        "by": row.by,
        "reason": mask(row.why),
        "safety": row.safety,
        "comments_lost": [mask(words) for words in row.lost],
        "refused": row.refused and mask(row.refused),
        "planned": row.written,
        "note": NO_EFFECT.to(EN) if row.unread else None,
    }


def _kept(item: Kept) -> dict[str, Any]:
    return {
        "key": mask(item.key),
        "value": masked(item.key, item.value),
        "reference": masked(item.key, item.reference),
        "reason": mask(item.why),
    }
