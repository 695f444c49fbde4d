"""`match`: what its patterns read, and what they give names to."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from confguard.audit.keys import item
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT
from confguard.audit.statements.ways import Names, meet
from confguard.audit.values import ANYTHING, Instance, Node, Table, Value, Values, constants, join


def match_(frame: Frame, node: ast.Match) -> bool:
    """`match subject`: any case may be the one, or none."""
    subject = frame.eval(node.subject)
    frame.machine.use(subject, frame.site(node))
    before = frame.scope.names
    ends: list[Names] = [before]
    with frame.machine.branch():
        for case in node.cases:
            frame.scope.names = dict(before)
            _matched(frame, case.pattern, subject)
            frame.eval(case.guard)
            if frame.run(case.body):
                ends.append(frame.scope.names)
    meet(frame, ends)
    return True


def _matched(frame: Frame, pattern: ast.pattern, values: Values) -> None:
    """Give the names of a pattern what they capture."""
    _PATTERNS.get(type(pattern), _other)(frame, pattern, values)


def _mapping(frame: Frame, pattern: ast.MatchMapping, values: Values) -> None:
    """`{"key": below, **rest}`: the keys are read."""
    for key, below in zip(pattern.keys, pattern.patterns, strict=True):
        site = frame.site(key)
        known = [value for value in values if _may_have(value, frame.eval(key))]
        _matched(frame, below, join(*[item(frame, value, frame.eval(key), site, ()) for value in known]) or ANYTHING)
    if pattern.rest:
        frame.scope.names[pattern.rest] = values


def _named(frame: Frame, pattern: ast.MatchAs, values: Values) -> None:
    if pattern.pattern is not None:
        _matched(frame, pattern.pattern, values)
    if pattern.name:
        frame.scope.names[pattern.name] = values


def _starred(frame: Frame, pattern: ast.MatchStar, values: Values) -> None:
    if pattern.name:
        frame.scope.names[pattern.name] = ANYTHING


def _other(frame: Frame, pattern: ast.pattern, values: Values) -> None:
    frame.machine.use(values, frame.site(pattern))
    for below in getattr(pattern, "patterns", ()) or ():
        _matched(frame, below, values if isinstance(pattern, ast.MatchOr) else ANYTHING)


_PATTERNS: dict[type[ast.pattern], Callable[[Frame, Any, Values], None]] = {
    ast.MatchMapping: _mapping,
    ast.MatchAs: _named,
    ast.MatchStar: _starred,
}


def _may_have(value: Value, key: Values) -> bool:
    """Whether a mapping can match a pattern that has a key: one that has no such key does not, and nothing asks it."""
    if isinstance(value, Node):
        return all(value.child(name).data is not ABSENT for name in constants(key))
    return isinstance(value, (Table, Instance))
