"""Copies: what is written into one does not change what it was copied from."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.machine import Frame
from confguard.audit.values import Items, Node, Table, Value, Values


def copied(frame: Frame, value: Value, node: ast.AST) -> Values:
    """A copy of something that is made at a place; what cannot change is itself."""
    copy = _COPIED.get(type(value))
    return (copy(frame, value, node) if copy else value,)


def _section(frame: Frame, of: Node, node: ast.AST) -> Node:
    """A section of another copy of its config, with all that was written or laid over it until now."""
    if not of.is_section:
        return of
    machine = frame.machine
    number = machine.copies.number(("copy", node, of.copy, tuple(machine.stack[-3:])))
    machine.copies.origins.setdefault(number, machine.copies.origins.get(of.copy, ()))
    machine.copies.births.setdefault(number, machine.branches)
    laid = machine.copies.laid.get(of.config, {})
    for (path, copy), over in list(laid.items()):
        if copy == of.copy:
            laid.setdefault((path, number), dict(over))
    for (config, path, copy), written in list(machine.overlay.items()):
        if config is of.config and copy == of.copy:
            machine.overlay.setdefault((config, path, number), written)
    return Node(of.config, of.path, number, of.doubt)


def _table(frame: Frame, of: Table, node: ast.AST) -> Table:
    made = Table(frame.machine.branches, dict(of.entries), of.rest)
    made.stands_for = dict(of.stands_for)
    return made


def _items(frame: Frame, of: Items, node: ast.AST) -> Items:
    return Items(frame.machine.branches, of.items, of.rest)


_COPIED: dict[type[Value], Callable[[Frame, Any, ast.AST], Value]] = {Node: _section, Table: _table, Items: _items}
