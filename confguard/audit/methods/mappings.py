"""Methods of mappings: sections of a config, and those that the code makes."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit import hydra
from confguard.audit.elements import elements
from confguard.audit.keys import item
from confguard.audit.literals import is_empty_table
from confguard.audit.loading import loaded
from confguard.audit.machine import Arguments, Frame
from confguard.audit.merging import merge_into, merge_one_of
from confguard.audit.values import ANYTHING, CHOICE, NONE, Const, Items, Node, Table, Value, Values, join, several
from confguard.audit.writing import set_item


def get(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.get(key, default)`."""
    default = arguments.get(1, "default") or (NONE,)
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return item(frame, of, arguments.get(0, "key"), frame.asked_at(node, first), default)


def pop(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.pop(key, default)`: it is gone, where that surely happens."""
    default = arguments.get(1, "default") or None
    found = item(frame, of, arguments.get(0), frame.site(node), default)
    if isinstance(of, Table) and frame.machine.surely(of) and not frame.machine.mode.impossible:
        for key in arguments.get(0):
            if isinstance(key, Const) and isinstance(key.value, str) and of.entries.pop(key.value, None) is not None:
                frame.machine.epoch += 1
    return found


def getitem(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section[key]`."""
    return item(frame, of, arguments.get(0), frame.site(node))


def setitem(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section[key] = value`."""
    set_item(frame, of, arguments.get(0), arguments.get(1), frame.site(node))
    return ()


def setdefault(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.setdefault(key, default)`: read, and written where it is not there."""
    key, default = arguments.get(0), arguments.get(1) or (NONE,)
    if is_empty_table(default) and isinstance(of, Node) and any(not isinstance(one, (Const, Node)) for one in key):
        below = [Node(child.config, child.path, child.copy, CHOICE) for child in of.children() if child.is_section]
        return (*below, Table(frame.machine.branches))  # a way down to where something is written
    found = item(frame, of, key, frame.site(node), default)
    for one in key:
        if not _has(of, one.value) if isinstance(one, Const) else isinstance(of, Table):
            set_item(frame, of, (one,), found or default, frame.site(node))
    return found


def _has(of: Value, name: Any) -> bool:
    if isinstance(of, Node):
        return isinstance(of.data, dict) and name in of.data
    return isinstance(of, Table) and name in of.entries


def items(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.items()`."""
    born = frame.machine.branches
    found = _pairs(frame, of)
    if found is None:
        every = join(*of.entries.values(), of.rest) if isinstance(of, Table) else ANYTHING
        return (Items(born, rest=(Items(born, [ANYTHING, every]),)),)
    return (Items(born, [(Items(born, [key, values]),) for key, values in found]),)


def values(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.values()`."""
    found = _pairs(frame, of)
    if found is None:
        return (Items(frame.machine.branches, rest=join(*of.entries.values(), of.rest) if isinstance(of, Table) else ANYTHING),)
    return (Items(frame.machine.branches, [values for _, values in found]),)


def keys(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.keys()`."""
    known, any_item = elements(frame, of)
    return (Items(frame.machine.branches, known or (), any_item if known is None else ()),)


def _pairs(frame: Frame, of: Value) -> list[tuple[Values, Values]] | None:
    """The keys and values of a mapping; None where they are not all known."""
    if isinstance(of, Node):
        return [((key,), values) for key, values in frame.machine.children(of)]
    if isinstance(of, Table) and not of.rest:
        section = next(iter(of.stands_for), None)
        return [((Const(name, section),), values) for name, values in list(of.entries.items())]
    return None


def update(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`section.update(other, key=value)`."""
    given = Table(frame.machine.branches)
    for values in arguments.positional:
        merge_one_of(frame, given, values)
    more = Table(frame.machine.branches, dict(arguments.keywords))
    for section in arguments.spread:
        merge_into(frame, more, section)
    merge_into(frame, given, more)
    with frame.machine.branch(doubtful=any(several(values) for values in arguments.positional)):
        _lay(frame, of, given, node)
    return ()


def _lay(frame: Frame, of: Value, given: Table, node: ast.AST) -> None:
    if isinstance(of, Table):
        merge_into(frame, of, given)
    elif isinstance(of, Node):
        for name, values in given.entries.items():
            with frame.machine.branch(doubtful=name in given.maybe):
                set_item(frame, of, (Const(name),), values, frame.site(node))


def merge_from_file(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """yacs: a file is laid over the defaults of the code."""
    for section in loaded(frame, arguments.get(0), node):
        if isinstance(of, Table):
            hydra.lay_over(frame, of, section, is_alternative=True)
    return ()
