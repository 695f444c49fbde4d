"""One mapping laid over another."""

from __future__ import annotations

from typing import Any

from confguard.audit.keys import CONTENT
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT, NOWHERE
from confguard.audit.values import ANYTHING, Const, Fallback, Instance, Node, Table, Value, Values, join
from confguard.audit.writing import overwritten


def merge_into(frame: Frame, table: Table, value: Value) -> None:
    """Lay another mapping over one that the code makes."""
    if isinstance(value, Node):
        for key, values in frame.machine.children(value):
            _replace(frame, table, key.value, values)
        if value.is_section or value.data is ABSENT or value.data == {}:
            table.stands_for[value] = None
    elif isinstance(value, Table):
        frame.machine.steps += 5 * len(value.entries)
        for name, values in list(value.entries.items()):
            with frame.machine.branch(doubtful=name in value.maybe):
                _replace(frame, table, name, values)
        table.rest = join(table.rest, value.rest)
        table.stands_for.update(value.stands_for)
    elif isinstance(value, Instance) and value.attributes.get(CONTENT):
        for content in value.attributes[CONTENT]:
            merge_into(frame, table, content)
    elif isinstance(value, Instance):
        merge_into(frame, table, Table((), dict(value.attributes)))
        table.stands_for.update(value.stands_for)
    elif not isinstance(value, (Fallback, Const)):
        table.rest = join(table.rest, ANYTHING)


def _replace(frame: Frame, table: Table, key: Any, values: Values) -> None:
    if not frame.machine.surely(table) and key not in table.entries:
        table.maybe.add(key)
    if frame.machine.surely(table) and not frame.machine.impossible:
        overwritten(frame.machine, table.entries.get(key, ()), values, frame.machine.stack[-1] if frame.machine.stack else NOWHERE)
    frame.machine.store(table, table.entries, key, values)
