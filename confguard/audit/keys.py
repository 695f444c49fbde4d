"""Asking something for a key: a config, a container, an object of the code."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.config import Config
from confguard.audit.literals import literal
from confguard.audit.machine import BY_CHOICE, Arguments, Frame, Machine
from confguard.audit.places import ABSENT, Key, Site, holds_keys
from confguard.audit.values import (
    ANYTHING,
    CHOICE,
    NONE,
    UNKNOWN,
    Bound,
    Const,
    Fallback,
    Function,
    Instance,
    Items,
    Node,
    Table,
    Text,
    Value,
    Values,
    join,
    nodes,
    text_of,
)

CONTENT = "()"
"""The attribute under which an object of a class derived from `dict` keeps what is in it."""
_METHODS = (
    "get items keys values pop setdefault update copy to_dict toDict as_dict clear popitem merge_from_file merge_from_dict",
    "lock unlock unlocked copy_and_resolve_references update_from_flattened_dict set_default to_json to_yaml toYAML toJSON merge_with",
    "merge_update pretty pretty_text is_empty dump deepcopy box_options load_cfg is_frozen register_deprecated_key",
    "merge_from_list freeze defrost clone dict model_dump __getitem__ __contains__ __setitem__ __len__ __iter__",
)
MAPPING_METHODS = {name for names in _METHODS for name in names.split()}


# --- keys ---


def item(frame: Frame, value: Value, key: Values, site: Site, default: Values | None = None) -> Values:
    """What `value[key]` gives, or `value.get(key, default)`."""
    machine = frame.machine
    if UNKNOWN in key and len(key) > 1 and not isinstance(value, Items):
        key = ANYTHING  # an option of the command line has a default, and may be anything
    if isinstance(value, Node):
        return join(*[_of_node(machine, value, one, site, default) for one in key or ANYTHING if not isinstance(one, Fallback)])
    if isinstance(value, Table):
        return join(*[of_table(machine, value, one, site, default) for one in key or ANYTHING if not isinstance(one, Fallback)])
    if isinstance(value, Items):
        return _of_items(value, key)
    if isinstance(value, Instance):
        return _of_instance(frame, value, key, site, default)
    if isinstance(value, (Const, Text)):
        return ANYTHING if not isinstance(value, Const) or value.value is not None else ()
    return () if isinstance(value, Fallback) else ANYTHING


def items_of(frame: Frame, values: Values, key: Values, site: Site, default: Values | None = None) -> Values:
    """What any of several values gives for a key."""
    return of_each(frame, values, key, lambda value: item(frame, value, key, site, default))


def of_each(frame: Frame, values: Values, key: Values, get: Callable[[Value], Values]) -> Values:
    """Where several values are the same config on several ways, what one of them has the others do not lack."""
    if sum(isinstance(value, (Node, Table, Instance)) for value in values) < 2:
        return join(*[get(value) for value in values])
    machine = frame.machine
    names = [one.value for one in key if isinstance(one, Const)]
    having = {config for value in values for config in _owners(machine, value) if any(_has_key(value, name) for name in names)}
    found: list[Values] = []
    for value in values:
        is_lacking = bool(having & _owners(machine, value)) and not any(_has_key(value, name) for name in names)
        with machine.forgive(is_lacking):
            got = get(value)
        found.append(() if is_lacking else got)
    return join(*found)


def _owners(machine: Machine, value: Value) -> set[Config]:
    """The configs that something stands for."""
    if isinstance(value, Node):
        laid = [section for sections in machine.copies.laid.get(value.config, {}).values() for section in sections]
        return {value.config, *[section.config for section in laid]}
    if isinstance(value, (Table, Instance)):
        held = value.entries if isinstance(value, Table) else value.attributes
        return {node.config for node in value.stands_for} | {node.config for one in held.values() for node in nodes(one)}
    return set()


def _has_key(value: Value, name: Any) -> bool:
    if isinstance(value, Node):
        return isinstance(name, (str, int)) and value.child(name).data is not ABSENT
    if isinstance(value, Table):
        return is_hashable(name) and name in value.entries
    return isinstance(value, Instance) and name in value.attributes


def _of_node(machine: Machine, node: Node, key: Value, site: Site, default: Values | None) -> Values:
    data = node.data
    if data is not ABSENT and not holds_keys(data) and not isinstance(data, dict):
        machine.use((node,), site)
        return ANYTHING
    if isinstance(key, Const):
        return named(machine, node, key.value, site, default, is_listed=key.of is not None)
    if isinstance(key, Node):
        return _by_value_of(machine, node, key, site, default)
    fitting = [child for child in node.children() if not isinstance(key, Text) or _fits(child.path[-1], key)]
    for child in fitting:
        if not child.is_section:
            machine.unclear(child, site, BY_CHOICE)
    return join(ANYTHING, [Node(child.config, child.path, child.copy, CHOICE) for child in fitting if child.is_section])


def _fits(name: Key, key: Text) -> bool:
    text = str(name)
    return len(text) >= len(key.head) + len(key.tail) and text.startswith(key.head) and text.endswith(key.tail)


def _by_value_of(machine: Machine, node: Node, key: Node, site: Site, default: Values | None) -> Values:
    """A key that another value of a config names: today's, and any of its like tomorrow."""
    machine.use((key,), site)
    data = node.data
    name = key.data
    if key.is_item and isinstance(name, (str, int)):
        return named(machine, node, name, site, default)
    if not isinstance(data, dict) or not isinstance(name, (str, int)):
        return ANYTHING
    if name not in data:
        return named(machine, node, name, site, default)
    alike = [child for child in node.children() if child.path[-1] == name or (child.is_section and holds_keys(data[name]))]
    for child in alike:
        machine.see_named(child, site)
    return join(*[machine.at(child) for child in alike])


def named(machine: Machine, node: Node, key: Any, site: Site, default: Values | None, is_listed: bool = False) -> Values:
    """What stands under a key that is known; one that is listed came out of a loop over some config, so nobody asks for it by its name."""
    child = node.child(_as_key(node.data, key))
    if not node.doubt and not is_listed:
        machine.trace.offer(child, site, stated(default))
    if child.data is not ABSENT:
        values = machine.at(child)
    elif isinstance(node.data, list) or is_listed:
        return default if default is not None else ANYTHING
    else:
        values = machine.absent(child, default, site)
    for place in nodes(values) if node.doubt != CHOICE and not is_listed else ():
        if place.data is not ABSENT and (place == child or place.path[-1:] == (key,)):
            machine.see_named(place, site)
    return values


def _as_key(data: Any, key: Any) -> Any:
    """A key as the data has it."""
    if isinstance(data, list) and isinstance(key, int) and key < 0:
        return key + len(data)
    if isinstance(data, dict) and (not isinstance(key, (str, int)) or (key not in data and str(key) in data)):
        return str(key).lower() if isinstance(key, bool) else str(key)
    return key


def stated(default: Values | None) -> Any:
    """The literal that a default is; `ABSENT` where there is none, or only the None that goes without saying."""
    return ABSENT if default is None or any(one is NONE for one in default) else literal(default)


def of_table(machine: Machine, table: Table, key: Value, site: Site, default: Values | None) -> Values:
    """What stands under a key of a mapping that the code made."""
    if not isinstance(key, Const):
        machine.use((key,), site)
        machine.steps += len(table.entries)
        today = text_of(key) if isinstance(key, Node) and (table.is_scope or key.is_item) else None
        return table.entries.get(today) or join(*table.entries.values(), table.rest, default or ()) or ANYTHING
    return _of_known_table(machine, table, key, site, default)


def _of_known_table(machine: Machine, table: Table, key: Const, site: Site, default: Values | None) -> Values:
    for value in nodes(table.rest):
        if value.path and value.path[-1] == key.value and key.of is None:
            machine.see_named(value, site)
    found = table.entries.get(key.value) if is_hashable(key.value) else None
    if found is None and key.of is not None:
        return join(default or (), table.rest)
    if found is None:
        return _not_in_table(machine, table, key.value, site, default)
    for node in last_of(table.stands_for) if key.value not in table.own else ():
        if literal(found) is not ABSENT and node.child(key.value).data is ABSENT:
            machine.absent(node.child(key.value), found, site)
    for value in nodes(found) if key.of is None else ():
        machine.see_named(value, site)
        machine.trace.offer(value, site, stated(default))
    return join(found, table.rest)


def _not_in_table(machine: Machine, table: Table, key: Any, site: Site, default: Values | None) -> Values:
    found = join(*[machine.absent(node.child(key), default, site) for node in last_of(table.stands_for)])
    if table.rest:
        return join(found, table.rest, default or ())
    return join(found, default or ()) if default is not None or found else (ANYTHING if table.stands_for else ())


def last_of(sections: dict[Node, None]) -> list[Node]:
    """Of sections that were laid over each other the last, which is the one to have what none of them has."""
    return list(sections)[-1:]


def is_hashable(key: Any) -> bool:
    """Whether something can be a key."""
    return isinstance(key, (str, int, float, bool, type(None), tuple))


def _of_items(items: Items, key: Values) -> Values:
    if len(key) == 1 and isinstance(key[0], Const) and isinstance(key[0].value, int) and not items.rest:
        index = key[0].value
        return items.items[index] if -len(items.items) <= index < len(items.items) else ()
    return items.any_item()


def _of_instance(frame: Frame, instance: Instance, key: Values, site: Site, default: Values | None) -> Values:
    method = instance.class_.lookup("__getitem__" if default is None else "get")
    if method is not None and any(isinstance(value, Function) for value in method):
        arguments = Arguments([key] if default is None else [key, default])
        return join(*[frame.machine.call(frame, Bound(one, ((instance,),)), arguments, _NOWHERE) for one in method])
    content = instance.attributes.get(CONTENT, ())
    return join(*[item(frame, value, key, site, default) for value in content]) if content else ANYTHING


_NOWHERE = ast.Pass(lineno=1)
