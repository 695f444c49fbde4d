"""Loops: round by round where the rounds are known, else until another round changes nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from confguard.audit.conditions.decide import decide
from confguard.audit.elements import elements
from confguard.audit.machine import Frame
from confguard.audit.statements.assignments import assign
from confguard.audit.statements.ways import Names, meet
from confguard.audit.values import ANYTHING, Values, join


def for_(frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    """`for target in values`."""
    values = frame.eval(node.iter)
    frame.machine.use(values, frame.site(node))
    found = [elements(frame, value) for value in values]
    if found and all(items is not None for items, _ in found):
        with frame.machine.branch(doubtful=len(found) > 1):
            return _unrolled(frame, node, [item for items, _ in found for item in items or ()])
    any_item = join(*[every for _, every in found]) or ANYTHING
    _again(frame, node.body, lambda: assign(frame, node.target, any_item))
    frame.run(node.orelse)
    return True


def while_(frame: Frame, node: ast.While) -> bool:
    """`while test`."""

    def look() -> None:
        decide(frame, node.test)

    look()
    _again(frame, node.body, look)
    frame.run(node.orelse)
    return True


def leave(frame: Frame, node: ast.Break | ast.Continue) -> bool:
    """`break`, `continue`."""
    if frame.exits:
        frame.exits[-1][isinstance(node, ast.Break)].append(frame.scope.names)
    return False


def _unrolled(frame: Frame, node: ast.For | ast.AsyncFor, items: list[Values]) -> bool:
    """A loop of which each round is known; whether its end is reached."""
    left: list[Names] = []
    reached = True
    for values in items:
        reached, breaks = _once(frame, node.body, partial(assign, frame, node.target, values))
        left += breaks
        if not reached:
            break
    if reached:
        reached = frame.run(node.orelse)
    ends = ([frame.scope.names] if reached else []) + left
    meet(frame, ends)
    return bool(ends)


def _once(frame: Frame, body: list[ast.stmt], begin: Callable[[], None]) -> tuple[bool, list[Names]]:
    """One round of a loop: whether there is a next one, which has the names of each way to it, and the names where it is left."""
    frame.exits.append(([], []))
    begin()
    reached = frame.run(body)
    goes_on, breaks = frame.exits.pop()
    ends = ([frame.scope.names] if reached else []) + goes_on
    meet(frame, ends)
    return bool(ends), breaks


def _again(frame: Frame, body: list[ast.stmt], begin: Callable[[], None]) -> None:
    """A loop of which the rounds are not known: what one round leaves is there in the next."""
    with frame.machine.branch():
        for _ in range(3):
            before, epoch = frame.scope.names, frame.machine.epoch
            frame.scope.names = dict(before)
            reached, breaks = _once(frame, body, begin)
            meet(frame, [before, *([frame.scope.names] if reached else []), *breaks])
            if frame.scope.names == before and frame.machine.epoch == epoch:
                break
