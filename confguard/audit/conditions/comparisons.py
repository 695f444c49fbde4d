"""`left == right`, `key in section`: what a comparison reads, and what it comes to."""

from __future__ import annotations

import ast

from confguard.audit.conditions.decision import Decision
from confguard.audit.conditions.membership import membership
from confguard.audit.conditions.reach import is_local
from confguard.audit.machine import Frame
from confguard.audit.values import Const, Fallback, Node, Values


def compare(frame: Frame, test: ast.Compare) -> Decision:
    """A comparison of two sides."""
    if isinstance(test.left, ast.Name) and test.left.id == "__name__":
        return Decision(True, True)
    left, right = frame.eval(test.left), frame.eval(test.comparators[0])
    op, site = test.ops[0], frame.site(test)
    if isinstance(op, ast.In):
        return membership(frame, left, right, site)
    if isinstance(op, ast.NotIn):
        return membership(frame, left, right, site).inverted()
    frame.machine.use((*left, *right), site)
    if isinstance(op, (ast.Eq, ast.NotEq)):
        frame.machine.use_all(tuple(value for value in (*left, *right) if isinstance(value, Node)), site, "a comparison")
    return _of_literals(frame, test, left, right)


_WHERE_SAME: dict[type[ast.cmpop], bool] = {ast.Eq: True, ast.Is: True, ast.NotEq: False, ast.IsNot: False}
"""Whether a comparison holds where both sides are the same; what is not listed depends on more than that."""


def _of_literals(frame: Frame, test: ast.Compare, left: Values, right: Values) -> Decision:
    """Two literals are the same or not, where one is the name of a key, or both are the function's own."""
    tags = tuple(value.asked.spot for value in (*left, *right) if isinstance(value, Fallback))
    where_same = _WHERE_SAME.get(type(test.ops[0]))
    literals = [value for value in (*left, *right) if isinstance(value, Const)]
    if tags or where_same is None or not len(left) == len(right) == 1 or len(literals) != 2:
        return Decision(None, False, tags)
    one, other = literals
    is_listed = one.of is not None or other.of is not None
    if not is_listed and not is_local(frame, test):
        return Decision(None, False)
    return Decision((one.value == other.value) is where_same, is_listed)
