"""Names, attributes, subscripts: what is asked for, and by which key."""

from __future__ import annotations

import ast
import builtins

from confguard.audit.attributes import attributes_of
from confguard.audit.keys import items_of, last_of
from confguard.audit.literals import literal
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import ANYTHING, Const, External, Instance, Items, Node, Table, Values, join

_BUILTINS = set(dir(builtins))


def constant(frame: Frame, node: ast.Constant) -> Values:
    """A literal."""
    return (Const(node.value),)


def name(frame: Frame, node: ast.Name) -> Values:
    """`name`, of the code or of Python itself."""
    found = frame.name(node.id)
    if found is not None:
        _instead_of_key(frame, node, found)
        return found
    return (External(node.id),) if node.id in _BUILTINS else ANYTHING


def _instead_of_key(frame: Frame, node: ast.Name, found: Values) -> None:
    """A name of the module that a config could have set, and does not: what the code says rules."""
    scope = frame.machine.scope_of(frame.module)
    if not scope.stands_for or found is not scope.names.get(node.id) or node.id not in scope.own:
        return
    literals = tuple(value for value in found if isinstance(value, Const))
    for section in last_of(scope.stands_for):
        if literal(literals) is not ABSENT and section.child(node.id).data is ABSENT:
            frame.machine.absent(section.child(node.id), literals, frame.site(node))


def walrus(frame: Frame, node: ast.NamedExpr) -> Values:
    """`name := value`."""
    values = frame.eval(node.value)
    frame.assign(node.target, values)
    return values


def attribute(frame: Frame, node: ast.Attribute) -> Values:
    """`value.name`."""
    site = frame.site(node)
    return attributes_of(frame, frame.eval(node.value), node.attr, site)


def subscript(frame: Frame, node: ast.Subscript) -> Values:
    """`value[key]`, `value[1:]`."""
    values = frame.eval(node.value)
    if isinstance(node.slice, ast.Slice):
        return _sliced(frame, node.slice, values, node)
    key = frame.eval(node.slice)
    site = frame.site(node)
    if not isinstance(node.slice, (ast.Constant, ast.UnaryOp)) and all(isinstance(value, Items) for value in values):
        frame.machine.use(key, site)
        return join(*[value.any_item() for value in values if isinstance(value, Items)])  # an index may be another one later
    if not any(isinstance(value, (Node, Table, Instance)) for value in values):
        frame.machine.use(key, site)
    return items_of(frame, values, key, frame.asked_at(node, node.slice))


def _sliced(frame: Frame, node: ast.Slice, values: Values, at: ast.AST) -> Values:
    for part in (node.lower, node.upper, node.step):
        frame.machine.use(frame.eval(part), frame.site(at))
    lists = tuple(value for value in values if isinstance(value, Items))
    if lists:
        return tuple(Items(frame.machine.branches, rest=value.any_item()) for value in lists)
    frame.machine.use(values, frame.site(at))
    return ANYTHING
