"""One mapping laid over another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confguard.audit.keys import CONTENT
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT, NOWHERE
from confguard.audit.values import ANYTHING, Const, Fallback, Instance, Node, Table, Value, Values, join, several
from confguard.audit.writing import overwritten


def merge_into(frame: Frame, table: Table, value: Value) -> None:
    """Lay another mapping over one that the code makes."""
    _MERGED.get(type(value), _merge_unknown)(frame, table, value)


def merge_one_of(frame: Frame, table: Table, values: Values) -> None:
    """Lay over it what is one of several mappings, or one that is known."""
    with frame.machine.branch(doubtful=several(values)):
        for value in values:
            merge_into(frame, table, value)


def _merge_node(frame: Frame, table: Table, node: Node) -> None:
    for key, values in frame.machine.children(node):
        _replace(frame, table, key.value, values)
    if node.is_section or node.data is ABSENT or node.data == {}:
        table.stands_for[node] = None


def _merge_table(frame: Frame, table: Table, other: Table) -> None:
    frame.machine.steps += 5 * len(other.entries)
    for name, values in list(other.entries.items()):
        with frame.machine.branch(doubtful=name in other.maybe):
            _replace(frame, table, name, values)
    table.rest = join(table.rest, other.rest)
    table.stands_for.update(other.stands_for)


def _merge_instance(frame: Frame, table: Table, instance: Instance) -> None:
    """Lay over what is in an object that is a mapping, else its attributes."""
    content = instance.attributes.get(CONTENT)
    if content:
        for value in content:
            merge_into(frame, table, value)
    else:
        merge_into(frame, table, Table((), dict(instance.attributes)))
        table.stands_for.update(instance.stands_for)


def _merge_nothing(frame: Frame, table: Table, value: Value) -> None:
    return None


def _merge_unknown(frame: Frame, table: Table, value: Value) -> None:
    table.rest = join(table.rest, ANYTHING)


_MERGED: dict[type[Value], Callable[[Frame, Table, Any], None]] = {
    Node: _merge_node,
    Table: _merge_table,
    Instance: _merge_instance,
    Fallback: _merge_nothing,
    Const: _merge_nothing,
}


def _replace(frame: Frame, table: Table, key: Any, values: Values) -> None:
    if not frame.machine.surely(table) and key not in table.entries:
        table.maybe.add(key)
    if frame.machine.surely(table) and not frame.machine.mode.impossible:
        overwritten(frame.machine, table.entries.get(key, ()), values, frame.machine.stack[-1] if frame.machine.stack else NOWHERE)
    frame.machine.store(table, table.entries, key, values)
