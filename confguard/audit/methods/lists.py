"""Methods of lists, sets and queues."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import Items, Values, join

MOST_ITEMS = 40
"""Items of which the order is kept."""


def append(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    """`items.append(value)`: in its place, where it surely happens and the order is known so far."""
    machine = frame.machine
    if machine.mode.impossible:
        return ()
    values = arguments.get(0)
    if machine.surely(of) and not of.rest and len(of.items) < MOST_ITEMS:
        of.items.append(values)
        machine.epoch += 1
    elif join(of.rest, values) != of.rest:
        of.rest = join(of.rest, values)
        machine.epoch += 1
    return ()


def extend(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    """`items.extend(others)`."""
    added = join(*[elements(frame, value)[1] for value in arguments.get(0)])
    of.rest = join(of.rest, added)
    frame.machine.epoch += 1
    return ()


def take(frame: Frame, of: Items, arguments: Arguments, node: ast.AST) -> Values:
    """`items.pop()`: any of them."""
    return of.any_item()
