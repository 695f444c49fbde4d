"""`hasattr(value, name)`: of a config, it reads the key where it is there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from confguard.audit.attributes import field_names
from confguard.audit.conditions.decision import OPEN, Decision, agreed
from confguard.audit.conditions.membership import in_section
from confguard.audit.config import Config
from confguard.audit.machine import Frame
from confguard.audit.places import Path, Site
from confguard.audit.values import Class, Const, Instance, Node, Table, Value, without_tags


def has_attribute(frame: Frame, test: ast.Call) -> Decision:
    """Whether something has an attribute."""
    values, names = frame.eval(test.args[0]), without_tags(frame.eval(test.args[1]))
    if len(names) != 1 or not isinstance(names[0], Const):
        return OPEN
    site = frame.site(test)
    return agreed([_HAS.get(type(one), _unknown)(frame, one, names[0], site) for one in values])


def _table_has(frame: Frame, table: Table, name: Const, site: Site) -> Decision:
    if table.rest:
        return OPEN
    found = table.entries.get(name.value)
    for one in found or () if name.of is None else ():
        if isinstance(one, Node):
            frame.machine.trace.see(frame.machine.trace.tested, one, site)
    is_there = found is not None
    return Decision(is_there if table.stands_for else None, name.of is not None, _below(table.stands_for, name))


def _instance_has(frame: Frame, instance: Instance, name: Const, site: Site) -> Decision:
    guards = _below(instance.stands_for, name)
    is_there = _declares(instance.class_, name) or name.value in instance.attributes
    return Decision(is_there if name.of is not None or guards else None, name.of is not None, guards)


def _class_has(frame: Frame, class_: Class, name: Const, site: Site) -> Decision:
    return Decision(_declares(class_, name), True) if name.of is not None else OPEN


def _unknown(frame: Frame, value: Value, name: Const, site: Site) -> Decision:
    return OPEN


_HAS: dict[type[Value], Callable[[Frame, Any, Const, Site], Decision]] = {
    Node: in_section,
    Table: _table_has,
    Instance: _instance_has,
    Class: _class_has,
}


def _declares(class_: Class, name: Const) -> bool:
    return class_.lookup(name.value) is not None or name.value in field_names(class_)


def _below(sections: Iterable[Node], name: Const) -> tuple[tuple[Config, Path], ...]:
    """The places of a name in sections."""
    return tuple((node.config, (*node.path, name.value)) for node in sections)
