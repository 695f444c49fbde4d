"""Operators, comparisons and texts that are put together."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from confguard.audit.conditions.decide import decide
from confguard.audit.elements import spread
from confguard.audit.machine import Frame
from confguard.audit.merging import merge_one_of
from confguard.audit.texts import concatenated
from confguard.audit.values import ANYTHING, Const, Instance, Items, Node, Table, Values


def binary(frame: Frame, node: ast.BinOp) -> Values:
    """`left + right`: mappings are merged, lists and texts joined, numbers worked out; all else is read."""
    if frame.machine.mode.logging and not _makes_a_text(node):
        with frame.machine.compute():
            return binary(frame, node)
    left, right = frame.eval(node.left), frame.eval(node.right)
    site = frame.site(node)
    tables = [value for value in (*left, *right) if isinstance(value, (Table, Node)) and (isinstance(value, Table) or value.is_section)]
    if isinstance(node.op, ast.BitOr) and tables:
        return _mappings_merged(frame, left, right)
    if isinstance(node.op, ast.Add) and any(isinstance(value, Items) for value in (*left, *right)):
        return _lists_joined(frame, left, right)
    frame.machine.use_all(tuple(value for value in (*left, *right) if not isinstance(value, Instance)), site)
    number = _computed(node.op, left, right)
    if number is not None:
        return (Const(number),)
    if isinstance(node.op, (ast.Add, ast.Div)):
        return concatenated([left, (Const("/"),), right] if isinstance(node.op, ast.Div) else [left, right])
    return ANYTHING


_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}


def _computed(op: ast.operator, left: Values, right: Values) -> float | None:
    """A number that the code works out of two literals, such as `5 * 8`."""
    numbers = [value.value for value in (*left, *right) if isinstance(value, Const) and type(value.value) in (int, float)]
    work_out = _ARITHMETIC.get(type(op))
    if work_out is None or len(numbers) != 2 or len(left) != 1 or len(right) != 1:
        return None
    try:
        result: float = work_out(*numbers)
    except (ArithmeticError, ValueError):
        return None
    return result if abs(result) < 1e15 else None


def _makes_a_text(node: ast.BinOp) -> bool:
    """`"lr " + str(lr)`, `"%s" % lr`: a value that is shown as it is."""
    return any(isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str)) for one in ast.walk(node))


def _mappings_merged(frame: Frame, left: Values, right: Values) -> Values:
    made = Table(frame.machine.branches)
    for side in (left, right):
        merge_one_of(frame, made, side)
    return (made,)


def _lists_joined(frame: Frame, left: Values, right: Values) -> Values:
    made = Items(frame.machine.branches)
    spread(frame, made, left)
    spread(frame, made, right)
    return (made,)


def comparison(frame: Frame, node: ast.Compare) -> Values:
    """`left < right`: read, whatever it comes to."""
    if len(node.ops) == 1:
        decide(frame, node)
        return ANYTHING
    for part in (node.left, *node.comparators):
        frame.machine.use(frame.eval(part), frame.site(node))
    return ANYTHING


def unary(frame: Frame, node: ast.UnaryOp) -> Values:
    """`-value`, `not value`."""
    values = frame.eval(node.operand)
    if isinstance(node.op, ast.USub) and len(values) == 1 and isinstance(values[0], Const) and isinstance(values[0].value, (int, float)):
        return (Const(-values[0].value),)
    frame.machine.use(values, frame.site(node))
    return ANYTHING


def formatted(frame: Frame, node: ast.JoinedStr) -> Values:
    """`f"{value}"`: read; its format is worked out even where the text is only shown."""
    parts: list[Values] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            values = frame.eval(part.value)
            with frame.machine.compute():
                frame.eval(part.format_spec)
            frame.machine.use(values, frame.site(node))
            parts.append(values)
        else:
            parts.append(frame.eval(part))
    return concatenated(parts)
