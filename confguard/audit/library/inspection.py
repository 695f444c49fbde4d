"""Calls that look into objects, classes, modules and scopes."""

from __future__ import annotations

import ast

from confguard.audit import signatures
from confguard.audit.attributes import attribute, field_names
from confguard.audit.fields import fields_of
from confguard.audit.keys import item
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    UNKNOWN,
    Bound,
    Class,
    Const,
    Function,
    Instance,
    Items,
    ModuleValue,
    Node,
    Table,
    Value,
    Values,
    join,
    text_of,
)
from confguard.audit.writing import set_attribute


def getattr_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`getattr(object, name, default)`."""
    site = frame.asked_at(node, node.args[1] if isinstance(node, ast.Call) and len(node.args) > 1 else None)
    default = arguments.get(2) or None
    found: list[Values] = []
    names = arguments.get(1)
    for value in arguments.get(0):
        for name in ANYTHING if UNKNOWN in names else names:
            text = text_of(name)
            if isinstance(name, Node):
                frame.machine.use((name,), site)
            if text is not None:
                found.append(attribute(frame, value, text, site, default))
            elif isinstance(value, Node):
                found.append(item(frame, value, (name,), site, default))
            elif isinstance(value, (Instance, Table)):
                found.append(_any_attribute(frame, value, node))
            else:
                found.append(ANYTHING)
    return join(*found)


def _any_attribute(frame: Frame, value: Instance | Table, node: ast.AST) -> Values:
    """An attribute of which the name is not known: each that holds a config may be read."""
    held = value.attributes if isinstance(value, Instance) else value.entries
    for values in held.values():
        for one in values:
            if isinstance(one, Node) and not one.is_section:
                frame.machine.unclear(one, frame.site(node), "asked for by a name that is not known")
    return ANYTHING


def setattr_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`setattr(object, name, value)`."""
    site = frame.site(node)
    for value in arguments.get(0):
        for name in arguments.get(1):
            text = text_of(name)
            if text is None:
                frame.machine.use_all(arguments.get(2), site)
                if isinstance(value, Instance):
                    value.is_open = True
                continue
            set_attribute(frame, value, text, arguments.get(2), site)
            if isinstance(value, (Instance, Table)) and isinstance(name, Const) and name.of is not None:
                value.stands_for[name.of] = None
    return ()


def asked(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`isinstance(object, C)`: reads nothing; what it comes to, `conditions/` says."""
    return ANYTHING


def type_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`type(object)`."""
    return tuple(value.class_ for value in arguments.get(0) if isinstance(value, Instance)) or ANYTHING


def globals_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`globals()`: what is written into it are names of the module."""
    table = Table((), frame.machine.scope_of(frame.module).names, is_scope=True)
    table.stands_for, table.own = frame.machine.scope_of(frame.module).stands_for, frame.machine.scope_of(frame.module).own
    return (table,)


def locals_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`locals()`."""
    return (Table((), dict(frame.scope.names)),)


def fields(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`dataclasses.fields(C)`: each with its name."""
    made: list[Values] = []
    for value in arguments.get(0):
        class_ = value.class_ if isinstance(value, Instance) else value
        if not isinstance(class_, Class):
            return (Items((), rest=ANYTHING),)
        for field in fields_of(class_):
            made.append((Table((), {"name": (Const(field.name),), "type": ANYTHING, "default": ANYTHING, "default_factory": ANYTHING}),))
    return (Items(frame.machine.branches, made),)


def hints(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`typing.get_type_hints(C)`: the names that it annotates."""
    names = [name for value in arguments.get(0) if isinstance(value, Class) for name in field_names(value)]
    return (Table((), dict.fromkeys(names, ANYTHING)),) if names else ANYTHING


def signature(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`inspect.signature(f)`: its parameters by name."""
    for value in arguments.get(0):
        inner = value.function if isinstance(value, Bound) else value
        if isinstance(inner, Class):
            own = next((one for one in inner.lookup("__init__") or () if isinstance(one, Function)), None)
            if own is None:
                return (Table((), {"parameters": (Table((), dict.fromkeys([field.name for field in fields_of(inner)], ANYTHING)),)}),)
            inner = own
        if isinstance(inner, Function):
            return (Table((), {"parameters": (Table((), dict.fromkeys(signatures.names(inner.node.args), ANYTHING)),)}),)
    return ANYTHING


def import_module(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`importlib.import_module(name)`: a module of the code is followed."""
    for value in arguments.get(0):
        name = text_of(value)
        frame.machine.use((value,), frame.site(node))
        module = frame.machine.modules.find(name.lstrip("."), frame.module) if name else None
        if module is not None:
            frame.machine.execute(module)
            return (ModuleValue(module),)
    return ANYTHING


def _of_objects(frame: Frame, values: Values) -> list[Value]:
    """What the objects among values hold, and the objects that those hold."""
    held = [one for value in values if isinstance(value, Instance) for given in value.attributes.values() for one in given]
    inner = [one for value in held if isinstance(value, Instance) for given in value.attributes.values() for one in given]
    return list(frame.machine.inner((*held, *inner)))


def evaluated(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`eval`, `exec`: may read any config that is in reach."""
    site = frame.site(node)
    scope = frame.scope
    for values in (
        *scope.names.values(),
        *frame.machine.scope_of(frame.module).names.values(),
        *[values for _, values in arguments.each()],
    ):
        for value in (*frame.machine.inner(values), *_of_objects(frame, values)):
            if isinstance(value, Node):
                frame.machine.unclear(value, site, "the code evaluates a text here")
    return ANYTHING
