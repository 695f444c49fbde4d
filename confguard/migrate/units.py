"""What is done together or not at all: what of it is safe, what is possible, and the text that it makes."""

from __future__ import annotations

from confguard.document.document import Document
from confguard.edit.change import edited, lost_comments, splices_of
from confguard.edit.operations import Operation
from confguard.edit.splice import EditRefused
from confguard.edit.steps import steps_of
from confguard.migrate.plan import Row
from confguard.words.finding import SAFE, UNSAFE
from confguard.words.typing import NamedTuple


class Unit(NamedTuple):
    """Operations that are made together or not at all, and their rows: a section that is missing is one."""

    rows: list[Row]
    operations: list[Operation]


def made(document: Document, units: list[Unit], unsafe: bool) -> tuple[Document, list[Row]]:
    """The document with all units made that can be, and are as safe as was asked for; and every row, with what became of it."""
    told = [_told(document, unit) for unit in units]
    chosen = [unit for unit in told if _is_chosen(unit, unsafe)]
    after, chosen = _all_or_most(document, chosen)
    done = {id(unit) for unit in chosen}
    rows = []
    for unit in told:
        refused = None
        if _is_chosen(unit, unsafe) and id(unit) not in done:
            refused = _why_not(document, unit)
        rows += [row._replace(written=id(unit) in done, refused=row.refused or refused) for row in unit.rows]
    return after, rows


def _is_chosen(unit: Unit, unsafe: bool) -> bool:
    return unit.rows[0].refused is None and (unsafe or unit.rows[0].safety == SAFE)


def _told(document: Document, unit: Unit) -> Unit:
    """A unit that says which comments it would take out, or why it cannot be made."""
    try:
        steps = [step for operation in unit.operations for step in steps_of(document, operation)]
        lost = tuple(lost_comments(document, splices_of(document, steps)))
    except EditRefused as error:
        return unit._replace(rows=[row._replace(refused=str(error)) for row in unit.rows])
    if not lost:
        return unit
    return unit._replace(rows=[row._replace(lost=lost, safety=UNSAFE) for row in unit.rows])


def _all_or_most(document: Document, units: list[Unit]) -> tuple[Document, list[Unit]]:
    """The document with all units made; where that is refused, with each that can be made after those before it."""
    try:
        return _with(document, units), units
    except EditRefused:
        pass
    after, done = document, list[Unit]()
    for unit in units:
        try:
            after = _with(document, [*done, unit])
        except EditRefused:
            continue
        done.append(unit)
    return after, done


def _with(document: Document, units: list[Unit]) -> Document:
    if not units:
        return document
    return edited(document, [operation for unit in units for operation in unit.operations]).after


def _why_not(document: Document, unit: Unit) -> str:
    try:
        _with(document, [unit])
    except EditRefused as error:
        return str(error)
    return f"{document.path}: it cannot be made together with the other edits; run again when they are written"
