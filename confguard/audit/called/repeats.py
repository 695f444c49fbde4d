"""Which calls of a function are the same one, and how often it is followed."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.machine import MOST_RUNS, Arguments, Machine
from confguard.audit.values import UNKNOWN, Bound, Class, Const, File, Function, Held, Instance, Node, Value, Values, text_of

DEEPEST = 60
"""Calls within calls that are followed."""
MOST_RECURSION = 12
MOST_VARIANTS = 3
"""Different arguments, with nothing of a config among them, for which a function is followed that has not come upon one so far."""
MOST_IN_DOUBT = 2
"""Calls of a function within itself that are followed where it is not known whether they take place."""


def signature(machine: Machine, callee: Function, arguments: Arguments, node: ast.AST) -> tuple[Any, int]:
    """What makes two calls the same one, and how often such a call is followed: once, where nothing of a config is in it."""
    place = (node, tuple(machine.stack[-2:])) if callee.module.loads else ()
    state = (callee.node, place, machine.mode.impossible, machine.mode.unreached)
    given = tuple((name, told_apart(machine, values)) for name, values in arguments.each())
    if arguments.spread or arguments.stands_for or any(machine.is_followed(values) for _, values in arguments.each()):
        return (state, callee.scope, given, tuple(arguments.spread), arguments.open, machine.mode.guarded), 2
    key: Any = (state, given, arguments.open)
    functions = machine.functions
    if key not in functions.results:
        functions.variants[callee.node] += 1
        if functions.variants[callee.node] > MOST_VARIANTS and callee.node not in functions.telling:
            key = (callee.node, "any more")
    return key, 1


def told_apart(machine: Machine, values: Values) -> Any:
    """Arguments as they are told apart: what is followed, objects and texts by themselves; of functions the definition."""
    return tuple(_plain(machine, value) for value in values)


def _plain(machine: Machine, value: Value) -> Any:
    if isinstance(value, Instance) or (isinstance(value, (Held, Bound)) and machine.is_followed((value,))) or isinstance(value, Node):
        return value
    if isinstance(value, Function):
        return value.node
    if isinstance(value, (Class, File, Const)):
        return value if not isinstance(value, Const) or text_of(value) is not None or value.value is None else UNKNOWN
    return UNKNOWN


def may_follow(machine: Machine, callee: Function) -> bool:
    """Whether a function is followed once more: not without end within itself, nor more often than tells anything."""
    functions = machine.functions
    active = functions.active[callee.node]
    if active and (machine.mode.impossible or active > MOST_RECURSION):
        return False
    if active >= MOST_IN_DOUBT and len(machine.branches) >= functions.entered[callee.node] + MOST_IN_DOUBT:
        return False
    if functions.runs[callee.node] >= MOST_RUNS:
        machine.gave_up = machine.gave_up or callee.node in functions.telling
        return False
    return len(machine.stack) < DEEPEST and not machine.gave_up
