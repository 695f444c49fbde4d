"""Writing under a key or an attribute: over a config, into a container or an object."""

from __future__ import annotations

import ast

from confguard.audit.keys import CONTENT, is_hashable
from confguard.audit.literals import literal
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.places import ABSENT, Site
from confguard.audit.values import (
    ANYTHING,
    Bound,
    Class,
    Const,
    Fallback,
    Instance,
    Items,
    ModuleValue,
    Node,
    Table,
    Value,
    Values,
    join,
    nodes,
    text_of,
)


def set_item(frame: Frame, value: Value, key: Values, values: Values, site: Site) -> None:
    """`value[key] = values`."""
    machine = frame.machine
    machine.use(key, site)
    if isinstance(value, Node):
        for one in (one for one in key if isinstance(one, Const) and isinstance(one.value, (str, int))):
            machine.write(value.child(one.value), values, site)
            if one.of is not None:
                machine.copies.laid.setdefault(value.config, {}).setdefault((value.path, value.copy), {})[one.of] = None
    elif isinstance(value, Table):
        _set_in_table(machine, value, key, values, site)
    elif isinstance(value, Items):
        machine.store(value, {0: value.rest}, 0, values)
        value.rest = join(value.rest, values)
    elif isinstance(value, Instance):
        _set_in_instance(frame, value, key, values, site)
    elif not machine.mode.impossible:
        machine.use_all(values, site)


def _set_in_instance(frame: Frame, value: Instance, key: Values, values: Values, site: Site) -> None:
    method = value.class_.lookup("__setitem__")
    if method is not None:
        frame.call(tuple(Bound(one, ((value,),)) for one in method), Arguments([key, values]), ast.Pass(lineno=site.line))
    for content in value.attributes.get(CONTENT, ()):
        set_item(frame, content, key, values, site)


def overwritten(machine: Machine, old: Values, new: Values, site: Site) -> None:
    """Values of a config that something else is put in the place of."""
    for node in nodes(old):
        if node not in new and not node.is_section:
            machine.trace.see(
                machine.trace.overwritten, node, site, next((one.config.path for one in nodes(new) if one.config is not node.config), "")
            )
    for node in nodes(new):
        if literal(old) is not ABSENT and not node.doubt and old:
            machine.trace.offer(node, site, literal(old))


def _set_in_table(machine: Machine, table: Table, key: Values, values: Values, site: Site) -> None:
    for node in nodes(values) if table.is_scope and any(isinstance(one, Const) for one in key) else ():
        machine.see_named(node, site)
    for one in key or ANYTHING:
        if isinstance(one, Const) and is_hashable(one.value):
            _set_known(machine, table, one, values, site)
        elif isinstance(one, Node) and (text := text_of(one)) is not None:
            machine.store(table, table.entries, text, join(table.entries.get(text, ()), values))
        elif not isinstance(one, Fallback):
            new = join(table.rest, values)
            machine.epoch += new != table.rest
            table.rest = new


def _set_known(machine: Machine, table: Table, key: Const, values: Values, site: Site) -> None:
    """Put values under a key that is known; one that came out of a loop over a section makes the table stand for that section."""
    if table.is_scope and key.of is not None and not table.own:
        table.own.update(name for name, held in table.entries.items() if not any(isinstance(value, Const) and value.of for value in held))
    if machine.surely(table) and not machine.mode.impossible:
        overwritten(machine, table.entries.get(key.value, ()), values, site)
    elif key.value not in table.entries:
        table.maybe.add(key.value)
    machine.store(table, table.entries, key.value, values)
    if key.of is not None:
        table.stands_for[key.of] = None
    elif table.stands_for:
        table.own.add(key.value)


_BY_ATTRIBUTE = {"CfgNode", "EasyDict", "Munch", "Box", "ConfigDict", "Dict", "AttrDict", "DotMap"}
"""Libraries' mappings whose keys are attributes."""


def set_attribute(frame: Frame, value: Value, name: str, values: Values, site: Site) -> None:
    """`value.name = values`."""
    machine = frame.machine
    if isinstance(value, Instance):
        own = value.class_.lookup(f"{name}.setter")
        if own is not None:
            frame.call(tuple(Bound(one, ((value,),)) for one in own), Arguments([values]), ast.Pass(lineno=site.line))
            return
        setter = value.class_.lookup("__setattr__")
        if value.attributes.get(CONTENT) and (
            setter is not None or any(base.rpartition(".")[2] in _BY_ATTRIBUTE for base in value.class_.foreign())
        ):
            set_item(frame, value, (Const(name),), values, site)
            return
        if machine.surely(value) and not machine.mode.impossible:
            overwritten(machine, value.attributes.get(name, ()), values, site)
        machine.store(value, value.attributes, name, values)
        machine.remember(name, values)
    elif isinstance(value, (Node, Table)):
        set_item(frame, value, (Const(name),), values, site)
    elif isinstance(value, ModuleValue):
        frame.machine.scope_of(value.module).names[name] = join(frame.machine.scope_of(value.module).names.get(name, ()), values)
    elif isinstance(value, Class):
        value.names[name] = join(value.names.get(name, ()), values)
    else:
        machine.use(values, site)
        machine.remember(name, values)
