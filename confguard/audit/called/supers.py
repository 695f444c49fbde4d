"""`super().name(...)` where no class of the code has it: what it does is known of `object`, of `dict`, and of dataclasses."""

from __future__ import annotations

import ast

from confguard.audit.attributes import obtained
from confguard.audit.called.classes import fill_mapping, made_at
from confguard.audit.fields import fill, has_fields, is_dict
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import Class, Const, External, Instance, Method, Super, Values, join


def call(frame: Frame, callee: Super, name: str, arguments: Arguments, node: ast.AST) -> Values:
    """What such a method does, for the first object that tells."""
    for instance in callee.instance:
        if isinstance(instance, Class) and name == "__new__":
            return (made_at(frame, instance, Arguments(), node),)
        if not isinstance(instance, Instance):
            continue
        if is_dict(instance.class_):
            return _of_mapping(frame, instance, name, arguments, node)
        if name == "__init__" and has_fields(instance.class_):
            fill(frame, instance, arguments, node)
            return ()
        if name == "__setattr__":
            return _set(frame, instance, arguments)
        if name in ("__getattribute__", "__getattr__"):
            return _get(frame, instance, arguments, node)
    foreign = [one for instance in callee.instance if isinstance(instance, Instance) for one in instance.class_.foreign()]
    return frame.machine.call(frame, External(f"{foreign[0] if foreign else '?'}.{name}"), arguments, node)


def _of_mapping(frame: Frame, instance: Instance, name: str, arguments: Arguments, node: ast.AST) -> Values:
    if name == "__init__":
        fill_mapping(frame, instance, arguments)
        return ()
    content = instance.attributes.get(CONTENT, ())
    return join(*[frame.machine.call(frame, Method(value, name), arguments, node) for value in content])


def _set(frame: Frame, instance: Instance, arguments: Arguments) -> Values:
    for name in _names(arguments):
        frame.machine.store(instance, instance.attributes, name, arguments.get(1))
    return ()


def _get(frame: Frame, instance: Instance, arguments: Arguments, node: ast.AST) -> Values:
    site = frame.site(node)
    return join(*[obtained(frame.machine, instance, name, instance.attributes.get(name, ()), site) for name in _names(arguments)])


def _names(arguments: Arguments) -> list[str]:
    return [value.value for value in arguments.get(0) if isinstance(value, Const) and isinstance(value.value, str)]
