"""What is in a value, one item after the other: for a loop, for names that share it, for a list."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.attributes import attribute
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, Bound, Const, Fallback, Function, Instance, Items, Node, Table, Value, Values, join


def elements(frame: Frame, value: Value) -> tuple[list[Values] | None, Values]:
    """What a loop over a value gives: each item in turn where they are known, and what any of them can be."""
    machine = frame.machine
    if isinstance(value, Node):
        if isinstance(value.data, dict):
            keys: list[Values] = [(key,) for key, _ in machine.children(value)]
            return keys, join(*keys)
        items: list[Values] = [values for _, values in machine.children(value)] if isinstance(value.data, list) else []
        return (items, join(*items)) if isinstance(value.data, list) else (None, ANYTHING)
    if isinstance(value, Items):
        return (None if value.rest else value.items), value.any_item()
    if isinstance(value, Table):
        names: list[Values] = [(_key_of(value, name),) for name in value.entries]
        return (None if value.rest else names), join(*names, ANYTHING if value.rest else ())
    if isinstance(value, Instance) and value.attributes.get(CONTENT):
        return elements(frame, value.attributes[CONTENT][0])
    if isinstance(value, Instance) and (method := value.class_.lookup("__iter__")) is not None:
        given = frame.call(attribute(frame, value, "__iter__", frame.site(method_node(method))), Arguments(), method_node(method))
        others = [elements(frame, one)[1] for one in given if one is not value]
        return None, join(*others, _next_of(frame, value) if value in given else ())
    if isinstance(value, Instance) and (method := value.class_.lookup("__getitem__")) is not None:
        return None, frame.call(tuple(Bound(one, ((value,),)) for one in method), Arguments([ANYTHING]), method_node(method))
    return None, ANYTHING if not isinstance(value, Fallback) else ()


def _next_of(frame: Frame, value: Instance) -> Values:
    """What an iterator gives that is its own."""
    method = value.class_.lookup("__next__") or ()
    return frame.call(tuple(Bound(one, ((value,),)) for one in method), Arguments(), method_node(method)) or ANYTHING


def method_node(method: Values) -> ast.AST:
    """The definition of a method, as a place."""
    return next((value.node for value in method if isinstance(value, Function)), ast.Pass(lineno=1))


def _key_of(table: Table, name: Any) -> Const:
    """A key of a mapping that stands for a section is one of the section's."""
    return Const(name, next(iter(table.stands_for), None))


def unpacked(frame: Frame, value: Value, index: int | None) -> Values:
    """What `a, b = value` gives the name at an index; None for one with a star."""
    items, any_item = elements(frame, value)
    if isinstance(value, Node) and index is not None:
        frame.machine.use((value,), frame.site(ast.Pass(lineno=1)))
    if items is None or index is None:
        return any_item or ANYTHING
    return items[index] if index < len(items) else ()


def spread(frame: Frame, made: Items, values: Values) -> None:
    """Put what values have into a list: `[*values]`, `first + second`."""
    found = [elements(frame, value) for value in values]
    if len(found) == 1 and found[0][0] is not None and not made.rest:
        made.items += found[0][0]
    else:
        made.rest = join(made.rest, *[any_item for _, any_item in found])
