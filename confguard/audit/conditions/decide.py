"""Who decides each kind of condition."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.conditions.attributes import has_attribute
from confguard.audit.conditions.comparisons import compare
from confguard.audit.conditions.decision import OPEN, Decision, guards_of
from confguard.audit.conditions.reach import is_local
from confguard.audit.conditions.types import is_instance
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import Const, Fallback, Items, Node, Value


def decide(frame: Frame, test: ast.expr) -> Decision:
    """Look at a condition: note what it reads, and say what is known of it."""
    return _TESTS.get(type(test), _value)(frame, test)


def _value(frame: Frame, test: ast.expr) -> Decision:
    """Any expression is read; names of keys, and names of the function alone, are what they are."""
    values = frame.eval(test)
    frame.machine.use(values, frame.site(test))
    listed = [value for value in values if isinstance(value, Const) and value.of is not None]
    if values and len(listed) == len(values):
        known = {bool(value.value) for value in listed}
        return Decision(known.pop(), True) if len(known) == 1 else OPEN
    guards = tuple(value.asked.spot for value in values if isinstance(value, Fallback))
    guards += tuple(value.spot for value in values if isinstance(value, Node) and value.data is ABSENT)
    if guards or not is_local(frame, test):
        return Decision(None, False, guards)
    truths = {_truth(value) for value in values}
    return Decision(truths.pop()) if len(truths) == 1 else OPEN


def _truth(value: Value) -> bool | None:
    if isinstance(value, Const):
        return bool(value.value)
    return bool(value.items) if isinstance(value, Items) and not value.rest else None


def _not(frame: Frame, test: ast.UnaryOp) -> Decision:
    """`not test`."""
    return decide(frame, test.operand).inverted() if isinstance(test.op, ast.Not) else _value(frame, test)


def _several(frame: Frame, test: ast.BoolOp) -> Decision:
    """`and` and `or`: one part can decide, all parts can."""
    parts = [decide(frame, value) for value in test.values]
    deciding = isinstance(test.op, ast.Or)
    guards = guards_of(parts)
    for part in parts:
        if part.holds is deciding:
            return Decision(deciding, part.is_certain, guards)
    if all(part.holds is not None for part in parts):
        return Decision(not deciding, all(part.is_certain for part in parts), guards)
    return Decision(None, False, guards)


def _comparison(frame: Frame, test: ast.Compare) -> Decision:
    """`left == right`; a chain of them is only read."""
    return compare(frame, test) if len(test.ops) == 1 else _value(frame, test)


def _call(frame: Frame, test: ast.Call) -> Decision:
    """`hasattr(value, name)`, `isinstance(value, type)`, where these are Python's own."""
    name = test.func.id if isinstance(test.func, ast.Name) else ""
    asked = _ASKED.get(name)
    if asked is None or len(test.args) != 2 or test.keywords or frame.name(name) is not None:
        return _value(frame, test)
    return asked(frame, test)


_TESTS: dict[type[ast.expr], Callable[[Frame, Any], Decision]] = {
    ast.UnaryOp: _not,
    ast.BoolOp: _several,
    ast.Compare: _comparison,
    ast.Call: _call,
}
_ASKED: dict[str, Callable[[Frame, ast.Call], Decision]] = {"hasattr": has_attribute, "isinstance": is_instance}
