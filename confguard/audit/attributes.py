"""Asking something for an attribute, or for what a class has."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.contents import carries_data
from confguard.audit.keys import CONTENT, MAPPING_METHODS, item, last_of, named, of_each, of_table
from confguard.audit.literals import literal
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.places import ABSENT, Site
from confguard.audit.values import (
    ANYTHING,
    BY_NAME,
    NONE,
    UNKNOWN,
    Bound,
    Class,
    Const,
    Dumped,
    External,
    Fallback,
    File,
    Function,
    Instance,
    Items,
    Method,
    ModuleValue,
    Node,
    Parser,
    Super,
    Table,
    Text,
    Value,
    Values,
    join,
    nodes,
    text_of,
)


def attributes_of(frame: Frame, values: Values, name: str, site: Site, default: Values | None = None) -> Values:
    """What an attribute of any of several values is."""
    return of_each(frame, values, (Const(name),), lambda value: attribute(frame, value, name, site, default))


def attribute(frame: Frame, value: Value, name: str, site: Site, default: Values | None = None) -> Values:
    """What `value.name` gives, or `getattr(value, name, default)`."""
    handler = _ATTRIBUTES.get(type(value))
    return handler(frame, value, name, site, default) if handler else ANYTHING


def _node_attribute(frame: Frame, node: Node, name: str, site: Site, default: Values | None) -> Values:
    data = node.data
    if isinstance(data, dict) or data is ABSENT:
        if name in MAPPING_METHODS and (not isinstance(data, dict) or name not in data):
            return (Method(node, name),)
        if name == "__dict__":
            return (node,)
        return named(frame.machine, node, name, site, default)
    return (Method(node, name),)


def _table_attribute(frame: Frame, table: Table, name: str, site: Site, default: Values | None) -> Values:
    if name == "__dict__":
        return (table,)
    if name in MAPPING_METHODS and name not in table.entries:
        return (Method(table, name),)
    return of_table(frame.machine, table, Const(name), site, default)


def _method(frame: Frame, value: Value, name: str, site: Site, default: Values | None) -> Values:
    return (Method(value, name),)


def _const_attribute(frame: Frame, value: Const, name: str, site: Site, default: Values | None) -> Values:
    if value.value is None:
        return default or ()
    if name == "parent" and isinstance(value.value, str):
        return (Const(value.value.rpartition("/")[0]),)
    return (Method(value, name),)


def _file_attribute(frame: Frame, value: File, name: str, site: Site, default: Values | None) -> Values:
    if name == "parent":
        return tuple(Const(text.rpartition("/")[0]) if (text := text_of(one)) else UNKNOWN for one in value.path)
    return (Method(value, name),)


def _external_attribute(frame: Frame, value: External, name: str, site: Site, default: Values | None) -> Values:
    full = f"{value.name}.{name}"
    kept = frame.machine.libraries.shared.get(full)
    if kept is None and full.endswith(").config"):
        kept = frame.machine.libraries.shared.get("wandb.config") if value.name.startswith("wandb.") else None
    return kept if kept is not None else (External(full),)


def _bound_attribute(frame: Frame, value: Bound, name: str, site: Site, default: Values | None) -> Values:
    """Of a library's object that carries what it was made with."""
    if isinstance(value.function, External):
        return (Bound(External(f"{value.function.name}.{name}"), value.args, value.keywords),)
    return ANYTHING


def _module_attribute(frame: Frame, value: ModuleValue, name: str, site: Site, default: Values | None) -> Values:
    module = value.module
    found = frame.machine.scope_of(module).names.get(name)
    if found is not None:
        return found
    below = frame.machine.modules.relative(1, name, module) if module.is_package else None
    if below is not None:
        return (ModuleValue(below),)
    return default if default is not None else ANYTHING


def _unknown_attribute(frame: Frame, value: Value, name: str, site: Site, default: Values | None) -> Values:
    """Of something that is not known, any attribute of that name that holds a config may be meant."""
    meant = frame.machine.fields.get(name, ())
    if not meant:
        return ANYTHING
    for node in nodes(meant):
        frame.machine.see_named(Node(node.config, node.path, node.copy, BY_NAME), site)
    return (UNKNOWN, *[Node(node.config, node.path, node.copy, BY_NAME) for node in nodes(meant)])


def _instance_attribute(frame: Frame, instance: Instance, name: str, site: Site, default: Values | None) -> Values:
    machine = frame.machine
    found = instance.attributes.get(name)
    if found is not None:
        for node in nodes(found) if default is not None else ():
            machine.trace.offer(node, site, literal(default or ()))
        return obtained(machine, instance, name, found, site)
    if name == "__dict__":
        return (_view(instance),)
    if name == "__class__":
        return (instance.class_,)
    of_class = instance.class_.lookup(name)
    if of_class is not None:
        for node in last_of(instance.stands_for):
            if not any(isinstance(value, Function) for value in of_class) and node.child(name).data is ABSENT:
                machine.absent(node.child(name), of_class, site)
        return join(*[_bound(frame, value, instance, site) for value in of_class])
    return _not_on_instance(frame, instance, name, site, default)


def obtained(machine: Machine, instance: Instance, name: str, found: Values, site: Site) -> Values:
    """The values of an attribute that someone asks for: a default that rules is told now that it is used."""
    for value in found:
        if isinstance(value, Fallback) and value.asked not in machine.trace.asked and not machine.mode.impossible:
            machine.trace.asked[value.asked] = None
    for node in last_of(instance.stands_for):
        is_own = not any(isinstance(value, (Node, Fallback, Instance)) for value in found) and name in instance.class_.names
        if is_own and literal(found) is not ABSENT and node.child(name).data is ABSENT:
            machine.absent(node.child(name), found, site)
    return found


def _view(instance: Instance) -> Table:
    """`instance.__dict__`: what is put into it is an attribute."""
    table = Table(instance.born, instance.attributes)
    table.stands_for = instance.stands_for
    return table


def _bound(frame: Frame, value: Value, instance: Value, site: Site) -> Values:
    if not isinstance(value, Function):
        return (value,)
    kinds = decorators(value)
    if "staticmethod" in kinds:
        return (value,)
    if "classmethod" in kinds:
        return (Bound(value, ((instance.class_ if isinstance(instance, Instance) else instance,),)),)
    if kinds & _PROPERTIES:
        return frame.machine.call(frame, Bound(value, ((instance,),)), Arguments(), value.node)
    return (Bound(value, ((instance,),)),) if isinstance(instance, Instance) else (value,)


_PROPERTIES = {"property", "cached_property", "lazy_property"}


def decorators(function: Function) -> set[str]:
    """The last names of the decorators of a function."""
    found = set()
    for node in getattr(function.node, "decorator_list", ()):
        target = node.func if isinstance(node, ast.Call) else node
        found.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return found


def _not_on_instance(frame: Frame, instance: Instance, name: str, site: Site, default: Values | None) -> Values:
    content = instance.attributes.get(CONTENT, ())
    if content and name in MAPPING_METHODS:
        return tuple(Method(value, name) for value in content)
    method = instance.class_.lookup("__getattr__")
    if method is not None and not name.startswith("__"):
        return _by_getattr(frame, instance, method, name, site, default)
    if content:
        return join(*[attribute(frame, value, name, site, default) for value in content])
    if default is not None:
        for node in instance.stands_for:
            frame.machine.absent(node.child(name), default, site)
        return default
    if name in DUMPS and carries_data(instance.class_):
        return (Method(instance, name),)
    if name in FLUENT and instance.class_.foreign():
        return (Method(instance, name),)
    if instance.stands_for and not instance.is_open and not instance.class_.foreign():
        return join(*[frame.machine.absent(node.child(name), None, site) for node in instance.stands_for])
    return ANYTHING


def _by_getattr(frame: Frame, instance: Instance, method: Values, name: str, site: Site, default: Values | None) -> Values:
    found: list[Values] = []
    for value in method:
        if isinstance(value, Function):
            with frame.machine.branch(doubtful=False):
                found.append(frame.machine.call(frame, Bound(value, ((instance,),)), Arguments([(Const(name),)]), value.node))
        elif isinstance(value, External):
            given = NONE if value.name.endswith("get") else None
            content = instance.attributes.get(CONTENT, ())
            rules = default if default is not None else ((given,) if given else None)
            found += [item(frame, one, (Const(name),), site, rules) for one in content]
    return join(*found)


def _class_attribute(frame: Frame, class_: Class, name: str, site: Site, default: Values | None) -> Values:
    found = class_.lookup(name)
    if found is not None:
        return join(*[_bound(frame, value, class_, site) for value in found])
    if name in FIELD_TABLES:
        return (Table((), dict.fromkeys(field_names(class_), ANYTHING)),)
    if name == "__name__":
        return (Const(class_.node.name),)
    if name in MAKERS and class_.foreign():
        return (Bound(External("model.make"), ((class_,),)),)
    return (External(f"{'|'.join(class_.foreign())}.{name}"),) if class_.foreign() else (default if default is not None else ANYTHING)


DUMPS = {"model_dump", "dict", "to_dict", "asdict", "_asdict", "model_copy"}
"""Methods of models and dataclasses that give their fields."""
FLUENT = {
    "to",
    "cuda",
    "cpu",
    "eval",
    "train",
    "half",
    "float",
    "double",
    "bfloat16",
    "requires_grad_",
    "share_memory",
    "to_empty",
    "apply",
}
"""Methods of libraries' classes that give the object itself."""
MAKERS = ("model_validate", "parse_obj", "from_dict", "validate", "structure", "fromDict", "model_construct")
FIELD_TABLES = ("__dataclass_fields__", "__annotations__", "model_fields", "__fields__", "__attrs_attrs__")


def field_names(class_: Class) -> list[str]:
    """The names that a class annotates, those it is derived from first."""
    names: dict[str, None] = {}
    for one in reversed(list(class_.lineage())):
        for statement in one.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                names[statement.target.id] = None
    return list(names)


def _super_attribute(frame: Frame, value: Super, name: str, site: Site, default: Values | None) -> Values:
    found: list[Values] = []
    for instance in value.instance:
        class_ = instance.class_ if isinstance(instance, Instance) else instance
        if not isinstance(class_, Class):
            continue
        members = class_.lookup(name, after=value.class_)
        if members is None:
            found.append((Method(Super(value.class_, (instance,)), name),))
        else:
            found += [_bound(frame, member, instance, site) for member in members]
    return join(*found) or ANYTHING


_ATTRIBUTES: dict[type[Value], Any] = {
    Node: _node_attribute,
    Table: _table_attribute,
    Items: _method,
    Const: _const_attribute,
    Text: _method,
    File: _file_attribute,
    Dumped: _method,
    Parser: _method,
    External: _external_attribute,
    Bound: _bound_attribute,
    ModuleValue: _module_attribute,
    Instance: _instance_attribute,
    Class: _class_attribute,
    Super: _super_attribute,
    type(UNKNOWN): _unknown_attribute,
}
