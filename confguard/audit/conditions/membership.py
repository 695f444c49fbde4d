"""`key in container`: of a config, it reads the key where it is there."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.conditions.decision import OPEN, Decision, agreed
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.places import ABSENT, Site
from confguard.audit.values import Bound, Const, Instance, Items, Node, Table, Value, Values, without_tags


def membership(frame: Frame, key: Values, container: Values, site: Site) -> Decision:
    """Whether any of some keys is in any of some containers."""
    return agreed([_MEMBERS.get(type(value), _read)(frame, name, value, site) for name in without_tags(key) for value in container])


def in_section(frame: Frame, section: Node, name: Const, site: Site) -> Decision:
    """Whether a section has a key that is known."""
    child = section.child(name.value)
    if section.data is not ABSENT and not isinstance(section.data, dict):
        frame.machine.use((section,), site)
        return OPEN
    if child.data is ABSENT:
        written = (child.config, child.path, child.copy) in frame.machine.overlay
        return Decision(None if written else False, name.of is not None, ((child.config, child.path),))
    if name.of is None:
        frame.machine.trace.see(frame.machine.trace.tested, child, site)
    return Decision(True, name.of is not None, ((child.config, child.path),))


def _in_node(frame: Frame, name: Value, node: Node, site: Site) -> Decision:
    if isinstance(name, Const) and isinstance(name.value, (str, int)):
        return in_section(frame, node, name, site)
    return _read(frame, name, node, site)


def _in_table(frame: Frame, name: Value, table: Table, site: Site) -> Decision:
    if isinstance(name, Const) and name.of is not None and not table.rest:
        return Decision(name.value in table.entries, True)
    return _read(frame, name, table, site)


def _in_items(frame: Frame, name: Value, items: Items, site: Site) -> Decision:
    """A list of the code's own names decides which keys of a config are meant."""
    if isinstance(name, Const) and name.of is not None and (known := _literals(items)) is not None:
        if name.value in known:
            frame.machine.see_named(name.of.child(name.value), site)
        return Decision(name.value in known, True)
    frame.machine.use((name, items, *items.any_item()), site)
    return OPEN


def _literals(items: Items) -> set[object] | None:
    """The literals of a list; None where it has anything else, or may have."""
    values = [value for values in items.items for value in values]
    literals = [value.value for value in values if isinstance(value, Const)]
    return set(literals) if not items.rest and len(literals) == len(values) else None


def _in_object(frame: Frame, name: Value, instance: Instance, site: Site) -> Decision:
    """An object of the code says so itself, or has what it holds."""
    method = instance.class_.lookup("__contains__")
    if method is not None:
        frame.call(tuple(Bound(one, ((instance,),)) for one in method), Arguments([(name,)]), ast.Pass(lineno=site.line))
        return OPEN
    content = instance.attributes.get(CONTENT)
    return membership(frame, (name,), content, site) if content else _read(frame, name, instance, site)


def _read(frame: Frame, name: Value, container: Value, site: Site) -> Decision:
    frame.machine.use((name, container), site)
    return OPEN


_MEMBERS: dict[type[Value], Callable[[Frame, Value, Any, Site], Decision]] = {
    Node: _in_node,
    Table: _in_table,
    Items: _in_items,
    Instance: _in_object,
}
