"""A class of the code: a call makes an object of it."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.called.repeats import told_apart
from confguard.audit.fields import fill, has_fields, is_dict
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, Bound, Class, External, Function, Instance, Node, Table, Values, join

_WITHOUT_PARTS = {"Enum", "IntEnum", "StrEnum", "Exception", "ValueError", "RuntimeError"}
"""What a class is derived from whose objects hold nothing that is asked for later."""


def make(frame: Frame, callee: Class, arguments: Arguments, node: ast.AST) -> Values:
    """The object, after its constructor, or that of a dataclass, a mapping or a library's class, got what the call gives."""
    if any(name.rpartition(".")[2] in _WITHOUT_PARTS for name in callee.foreign()):
        return ANYTHING
    instance = made_at(frame, callee, arguments, node)
    constructor, initialise = callee.lookup("__new__"), callee.lookup("__init__")
    if initialise is not None:
        frame.call(_of(initialise, instance), arguments, node)
    elif constructor is not None:
        return frame.call(_of(constructor, callee), arguments, node) or (instance,)
    elif has_fields(callee):
        fill(frame, instance, arguments, node)
    elif is_dict(callee):
        fill_mapping(frame, instance, arguments)
    elif callee.foreign():
        frame.machine.call(frame, External(callee.foreign()[0]), arguments, node)
    return (instance,)


def _of(method: Values, first: Class | Instance) -> Values:
    return tuple(Bound(one, ((first,),)) for one in method if isinstance(one, Function))


def made_at(frame: Frame, class_: Class, arguments: Arguments, node: ast.AST) -> Instance:
    """The object of a class that is made at a place, from where it was reached: the same whenever it is made there."""
    machine = frame.machine
    key: Any = (class_.node, node)
    if arguments.spread or any(machine.is_followed(values) for _, values in arguments.each()):
        given = (tuple(arguments.positional), tuple(arguments.keywords.items()), tuple(arguments.spread))
        key = (class_.node, node, tuple(machine.stack[-3:]), given)
    elif class_.module.loads:
        key = (class_.node, node, tuple(machine.stack[-3:]), tuple(told_apart(machine, values) for _, values in arguments.each()))
    instance = machine.instances.get(key)
    if instance is None:
        instance = machine.instances[key] = Instance(class_, machine.branches)
    return instance


def fill_mapping(frame: Frame, instance: Instance, arguments: Arguments) -> None:
    """`dict.__init__`: what it is made of is what is in it."""
    content: list[Values] = []
    for values in arguments.positional[:1]:
        content += [(value,) for value in values if isinstance(value, (Node, Table))]
        content += [one.attributes.get(CONTENT, ()) for one in values if isinstance(one, Instance)]
    content += [(section,) for section in arguments.spread]
    if arguments.keywords or not content:
        content.append((Table(instance.born, dict(arguments.keywords), ANYTHING if arguments.open else ()),))
    frame.machine.store(instance, instance.attributes, CONTENT, join(*content))
