"""`confguard migrate CONFIG --to KIND`: a config as one of another kind, in a new file."""

from __future__ import annotations

import sys

from confguard.checking.pipeline import check_documents
from confguard.checking.setting import BadUsage, Options
from confguard.commands.comparing import Comparing
from confguard.commands.migrate import derived
from confguard.commands.writing import undo_hint, write
from confguard.migrate.converting import NotConvertible, converted
from confguard.migrate.plan import Plan
from confguard.report.paint import paint, width_of
from confguard.report.plan import plan_text, still_wrong
from confguard.schemas.catalogue import CATALOGUE


def names_a_kind(to: str) -> bool:
    """Whether a goal is the name of a kind."""
    return CATALOGUE.shape(to) is not None


def planned(current: str, kind: str, to_write: bool = False) -> tuple[Plan, Comparing]:
    """A config as one of another kind; nothing is written. Raises `BadUsage`, `Unreadable`."""
    comparing = Comparing()
    side = comparing.side(current)
    if to_write and not side.is_on_disk:
        raise BadUsage(f"--write: {current} is no file on the disk, so nothing can be written beside it")
    sources = {found.source for found in CATALOGUE.conversions() if found.target == kind}
    files = [file for file in side.files if file.kind in sources] or side.files
    try:
        plans = [converted(file, kind, CATALOGUE) for file in files]
    except NotConvertible as error:
        raise BadUsage(str(error)) from None
    return Plan(plans, [], check_documents([plan.after for plan in plans], CATALOGUE, Options())), comparing


def run(current: str, kind: str, to_write: bool, format: str) -> int:
    """Print the plan, and carry it out if asked to; 0 when nothing is left to do, 1 otherwise. Raises `BadUsage`, `Unreadable`."""
    found, comparing = planned(current, kind, to_write)
    made = [plan for plan in found.files if plan.rows]
    writing = None
    if to_write:
        writing = write([(plan.path, None, plan.after) for plan in made], f"migrate {current} --to {kind}", comparing.project)
    if format == "json":
        from confguard.report.plan_json import plan_json

        print(plan_json(found, derived, writing and writing.transaction, found.report.counts()))
    else:
        paint(plan_text(found, width_of(sys.stdout), derived, with_diff=not to_write))
        paint(still_wrong(found.report, f"confguard check {'finds' if to_write else 'would then find'}", width_of(sys.stdout)))
        paint(undo_hint(writing) if writing is not None else [[("dim", "Nothing was written; --write carries the plan out.")]] * bool(made))
    return 1 if found.is_open(to_write) else 0
