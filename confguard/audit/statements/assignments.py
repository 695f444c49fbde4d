"""Assignments: what each target becomes, and in which scope."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.attributes import attribute
from confguard.audit.elements import elements, unpacked
from confguard.audit.machine import Arguments, Frame
from confguard.audit.merging import merge_into
from confguard.audit.values import ANYTHING, UNKNOWN, Items, Node, Scope, Table, Values, join
from confguard.audit.writing import set_attribute, set_item


def plain(frame: Frame, node: ast.Assign) -> bool:
    """`a = b = value`."""
    values = frame.eval(node.value)
    for target in node.targets:
        assign(frame, target, values)
    return True


def annotated(frame: Frame, node: ast.AnnAssign) -> bool:
    """`a: int = value`."""
    if node.value is not None:
        assign(frame, node.target, frame.eval(node.value))
    return True


def augmented(frame: Frame, node: ast.AugAssign) -> bool:
    """`a += value`: a list grows, a mapping is merged, all else is worked out anew."""
    old, added = frame.eval(_as_loaded(node.target)), frame.eval(node.value)
    site = frame.site(node)
    frame.machine.use(old, site)
    frame.machine.use(added, site)
    _change(frame, node, old, added)
    sections = [value for value in old if isinstance(value, Node) and value.is_section]
    if sections and isinstance(node.op, ast.BitOr):
        made = Table(frame.machine.branches)
        for value in (*sections, *added):
            merge_into(frame, made, value)
        assign(frame, node.target, (made,))
    elif not any(isinstance(value, (Items, Table)) for value in old):
        assign(frame, node.target, ANYTHING)
    return True


def _change(frame: Frame, node: ast.AugAssign, old: Values, added: Values) -> None:
    """What a list or a mapping becomes that is added to."""
    for value in old:
        if isinstance(value, Items):
            value.rest = join(value.rest, *[elements(frame, one)[1] for one in added])
            frame.machine.epoch += 1
        elif isinstance(value, Table) and isinstance(node.op, ast.BitOr):
            frame.call(attribute(frame, value, "update", frame.site(node)), Arguments([added]), node)


def _as_loaded(target: ast.expr) -> ast.expr:
    """The target of `x += 1`, to be read."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    if isinstance(target, ast.Attribute):
        return ast.copy_location(ast.Attribute(target.value, target.attr, ast.Load()), target)
    if isinstance(target, ast.Subscript):
        return ast.copy_location(ast.Subscript(target.value, target.slice, ast.Load()), target)
    return target


def global_(frame: Frame, node: ast.Global) -> bool:
    """`global a`."""
    frame.outer.update(dict.fromkeys(node.names, frame.machine.scope_of(frame.module)))
    return True


def nonlocal_(frame: Frame, node: ast.Nonlocal) -> bool:
    """`nonlocal a`."""
    for name in node.names:
        scope = frame.scope.outer
        while scope is not None and name not in scope.names:
            scope = scope.outer
        if scope is not None:
            frame.outer[name] = scope
    return True


def assign(frame: Frame, target: ast.expr, values: Values) -> None:
    """Give a target its values."""
    handler = _TARGETS.get(type(target))
    if handler is not None:
        handler(frame, target, values)


def assign_name(frame: Frame, name: str, values: Values) -> None:
    """Give a name its values, in the scope that it belongs to."""
    scope = _declared(frame, name)
    if scope is frame.scope:
        scope.names[name] = values
    else:
        scope.names[name] = join(scope.names.get(name, ()), values)


def _declared(frame: Frame, name: str) -> Scope:
    """The scope of a name: the function's own, unless `global` or `nonlocal` says otherwise."""
    outer = frame.outer.get(name)
    return outer if outer is not None else frame.scope


def _to_name(frame: Frame, target: ast.Name, values: Values) -> None:
    assign_name(frame, target.id, values)


def _to_each(frame: Frame, target: ast.Tuple | ast.List, values: Values) -> None:
    for index, one in enumerate(target.elts):
        if isinstance(one, ast.Starred):
            assign(frame, one.value, (Items(frame.machine.branches, rest=join(*[unpacked(frame, value, None) for value in values])),))
        else:
            assign(frame, one, join(*[unpacked(frame, value, index) for value in values]))


def _to_attribute(frame: Frame, target: ast.Attribute, values: Values) -> None:
    for value in frame.eval(target.value):
        set_attribute(frame, value, target.attr, values, frame.site(target))


def _to_subscript(frame: Frame, target: ast.Subscript, values: Values) -> None:
    key, containers = frame.eval(target.slice), frame.eval(target.value)
    known = tuple(value for value in containers if value is not UNKNOWN)
    for value in known or containers:
        set_item(frame, value, key, values, frame.site(target))


def _to_starred(frame: Frame, target: ast.Starred, values: Values) -> None:
    assign(frame, target.value, values)


_TARGETS: dict[type[ast.expr], Callable[[Frame, Any, Values], None]] = {
    ast.Name: _to_name,
    ast.Tuple: _to_each,
    ast.List: _to_each,
    ast.Attribute: _to_attribute,
    ast.Subscript: _to_subscript,
    ast.Starred: _to_starred,
}


def assigned_in(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """What is assigned in a few statements, by how the target is written."""
    return {ast.unparse(one.targets[0]): one.value for one in body if isinstance(one, ast.Assign)}
