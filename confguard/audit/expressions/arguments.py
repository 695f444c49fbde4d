"""A call as it is written: what is called, and its arguments with what `*` and `**` spread."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from confguard.audit.elements import listed
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import (
    ANYTHING,
    UNKNOWN,
    Const,
    Dumped,
    External,
    Fallback,
    Instance,
    Method,
    Node,
    Super,
    Table,
    Value,
    Values,
    join,
    without_tags,
)


def call(frame: Frame, node: ast.Call) -> Values:
    """`callee(...)`, which shows what it gets, gives it back in another form, or works something out of it."""
    if isinstance(node.func, ast.Name) and node.func.id == "super" and frame.static is not None:
        instance = next(iter(frame.scope.names.values()), ANYTHING)
        return (Super(frame.static, without_tags(instance)),)
    callee = frame.eval(node.func)
    if isinstance(node.func, ast.Attribute):
        callee = tuple(External(f"?.{node.func.attr}") if value is UNKNOWN else value for value in callee)
    if callee and all(isinstance(value, External) and frame.machine.only_shows(value.name) for value in callee):
        with frame.machine.log():
            return frame.call(callee, _arguments_of(frame, node), node)
    with frame.machine.compute() if not _keeps(callee) else nullcontext():
        return frame.call(callee, _arguments_of(frame, node), node)


def _keeps(callee: Values) -> bool:
    """Whether a call gives the same value in another form, so that it is only shown where the call is."""
    return all(
        isinstance(value, External) and value.name in ("str", "repr", "int", "float", "getattr", "dict", "list", "vars", "sorted")
        for value in callee
    ) or all(isinstance(value, Method) for value in callee)


def _arguments_of(frame: Frame, node: ast.Call) -> Arguments:
    """The arguments of a call, with what `*` and `**` spread."""
    arguments = Arguments()
    given = listed(frame, node.args, ANYTHING)
    arguments.positional, arguments.rest = given.items, given.rest
    for keyword in node.keywords:
        if keyword.arg is not None:
            arguments.keywords[keyword.arg] = frame.eval(keyword.value)
        else:
            for value in frame.eval(keyword.value):
                _spread_keywords(frame, arguments, value)
    return arguments


def _spread_keywords(frame: Frame, arguments: Arguments, value: Value) -> None:
    """`**value`."""
    _SPREAD.get(type(value), _spread_unknown)(frame, arguments, value)


def _spread_node(frame: Frame, arguments: Arguments, node: Node) -> None:
    if not (node.is_section or node.data is ABSENT or node.data == {}):
        arguments.open = True
        return
    arguments.spread.append(node)
    for key, values in frame.machine.children(node):
        if values != (node.child(key.value),):
            _give(arguments, str(key.value), values)


def _spread_table(frame: Frame, arguments: Arguments, table: Table) -> None:
    for name, values in table.entries.items():
        _give(arguments, str(name), values)
    arguments.stands_for.update(table.stands_for)
    arguments.open = arguments.open or bool(table.rest)


def _give(arguments: Arguments, name: str, values: Values) -> None:
    """Give a keyword; a second mapping that has it is another one that it may be from."""
    arguments.keywords[name] = join(arguments.keywords[name], values) if name in arguments.listed else values
    arguments.listed.add(name)


def _spread_instance(frame: Frame, arguments: Arguments, instance: Instance) -> None:
    content = instance.attributes.get(CONTENT)
    if not content:
        _spread_whole(frame, arguments, instance)
    for value in content or ():
        _spread_keywords(frame, arguments, value)


def _spread_whole(frame: Frame, arguments: Arguments, value: Value) -> None:
    """What has keys that are not known one by one: all of it is given."""
    frame.machine.use_all((value,), frame.site(ast.Pass(lineno=1)))
    arguments.open = True


def _spread_nothing(frame: Frame, arguments: Arguments, value: Value) -> None:
    return None


def _spread_unknown(frame: Frame, arguments: Arguments, value: Value) -> None:
    arguments.open = True


_SPREAD: dict[type[Value], Callable[[Frame, Arguments, Any], None]] = {
    Node: _spread_node,
    Table: _spread_table,
    Instance: _spread_instance,
    Dumped: _spread_whole,
    Fallback: _spread_nothing,
    Const: _spread_nothing,
}
