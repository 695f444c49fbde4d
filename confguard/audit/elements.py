"""What is in a value, one item after the other: for a loop, for names that share it, for a list."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.attributes import attribute
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, NOTHING, Bound, Const, Fallback, Function, Instance, Items, Node, Table, Value, Values, join

Elements = tuple[list[Values] | None, Values]
"""Each item in turn, None where they are not all known; and what any of them can be."""


def elements(frame: Frame, value: Value) -> Elements:
    """What a loop over a value gives."""
    handler = _ELEMENTS.get(type(value))
    return handler(frame, value) if handler else (None, ANYTHING)


def _of_node(frame: Frame, node: Node) -> Elements:
    """The keys of a section, the items of a list."""
    if isinstance(node.data, dict):
        found: list[Values] = [(key,) for key, _ in frame.machine.children(node)]
    elif isinstance(node.data, list):
        found = [values for _, values in frame.machine.children(node)]
    else:
        return None, ANYTHING
    return found, join(*found)


def _of_items(frame: Frame, items: Items) -> Elements:
    return (None if items.rest else items.items), items.any_item()


def _of_table(frame: Frame, table: Table) -> Elements:
    names: list[Values] = [(_key_of(table, name),) for name in table.entries]
    return (None if table.rest else names), join(*names, ANYTHING if table.rest else ())


def _of_instance(frame: Frame, instance: Instance) -> Elements:
    """What is in it, where it is a mapping; else what its methods give to a loop."""
    if instance.attributes.get(CONTENT):
        return elements(frame, instance.attributes[CONTENT][0])
    if (method := instance.class_.lookup("__iter__")) is not None:
        return None, _iterated(frame, instance, method)
    if (method := instance.class_.lookup("__getitem__")) is not None:
        return None, frame.call(tuple(Bound(one, ((instance,),)) for one in method), Arguments([ANYTHING]), method_node(method))
    return None, ANYTHING


def _of_fallback(frame: Frame, tag: Fallback) -> Elements:
    return None, ()


_ELEMENTS: dict[type[Value], Callable[[Frame, Any], Elements]] = {
    Node: _of_node,
    Items: _of_items,
    Table: _of_table,
    Instance: _of_instance,
    Fallback: _of_fallback,
}


def _iterated(frame: Frame, instance: Instance, method: Values) -> Values:
    """What the iterator of an object gives, which may be the object."""
    node = method_node(method)
    given = frame.call(attribute(frame, instance, "__iter__", frame.site(node)), Arguments(), node)
    others = [elements(frame, one)[1] for one in given if one is not instance]
    return join(*others, _next_of(frame, instance) if instance in given else ())


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


def listed(frame: Frame, written: list[ast.expr], unknown: Values = NOTHING) -> Items:
    """`first, *others`: items in order up to where a `*` is of unknown length, which adds what it may have besides."""
    made = Items(frame.machine.branches)
    for one in written:
        if isinstance(one, ast.Starred):
            spread(frame, made, frame.eval(one.value), unknown)
        elif made.rest:
            made.rest = join(made.rest, frame.eval(one))
        else:
            made.items.append(frame.eval(one))
    return made


def spread(frame: Frame, made: Items, values: Values, unknown: Values = NOTHING) -> None:
    """Put what values have into a list: `[*values]`, `first + second`."""
    found = [elements(frame, value) for value in values]
    if len(found) == 1 and found[0][0] is not None and not made.rest:
        made.items += found[0][0]
    else:
        made.rest = join(made.rest, *[any_item for _, any_item in found], unknown)
