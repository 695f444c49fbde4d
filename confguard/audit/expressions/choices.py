"""`a or b`, `a and b`, `a if c else b`: which of several it is, and which of them is a default."""

from __future__ import annotations

import ast
from contextlib import ExitStack
from typing import Any

from confguard.audit.asked import Asked
from confguard.audit.conditions.decide import decide
from confguard.audit.conditions.ways import guarded, ruled_out
from confguard.audit.literals import is_empty_table, literal
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT
from confguard.audit.values import Const, Fallback, Node, Values, join


def either(frame: Frame, node: ast.BoolOp) -> Values:
    """`a or b`, `a and b`: each part but the last is tested."""
    machine = frame.machine
    site = frame.site(node)
    found: list[Values] = []
    with ExitStack() as guards:
        for index, part in enumerate(node.values):
            with machine.branch(doubtful=index > 0):
                values = frame.eval(part)
            if index < len(node.values) - 1:
                machine.use(values, site)
                if isinstance(node.op, ast.And) and isinstance(part, (ast.Compare, ast.Call)):
                    guards.enter_context(guarded(machine, decide(frame, part)))
            found.append(values)
    return _or(frame, found) if isinstance(node.op, ast.Or) else join(*found)


def _or(frame: Frame, found: list[Values]) -> Values:
    """After `or`, an absent key has the default that comes last."""
    last = found[-1]
    if is_empty_table(last) and any(isinstance(value, Node) and value.is_section for values in found[:-1] for value in values):
        return join(*found[:-1])
    for values in found[:-1]:
        for tag in values:
            if isinstance(tag, Fallback) and not tag.asked.default:
                if is_empty_table(last):
                    frame.machine.trace.asked.pop(tag.asked, None)
                    tag.asked.is_section = True
                    return join(*found[:-1], (Node(*tag.asked.spot),))
                known = literal(last)
                if known is not ABSENT:
                    tag.asked.default = known
                    frame.machine.trace.offer(Node(*tag.asked.spot), tag.asked.site, known)
    return join(*[tuple(value for value in values if not (isinstance(value, Const) and not value.value)) for values in found[:-1]], last)


def conditional(frame: Frame, node: ast.IfExp) -> Values:
    """`body if test else otherwise`: one of the two where the keys decide, else either."""
    machine = frame.machine
    decision = decide(frame, node.test)
    if decision.is_certain and decision.holds is not None:
        return frame.eval(node.body if decision.holds else node.orelse)
    with machine.branch(doubtful=decision.holds is None):
        with guarded(machine, decision):
            body = _unless(frame, node, node.body, decision.holds is False)
        otherwise = _unless(frame, node, node.orelse, decision.holds is True)
    if decision.holds is not None:
        if decision.holds is False:
            _instead(frame, node, decision.guards, otherwise)
        return body if decision.holds else otherwise
    return _one_or_other(frame, node, body, otherwise)


def _unless(frame: Frame, node: ast.IfExp, part: ast.expr, is_impossible: bool) -> Values:
    """One of two ways, which may be one that is not taken."""
    if not is_impossible:
        return frame.eval(part)
    with ruled_out(frame, node.test):
        return frame.eval(part)


def _instead(frame: Frame, node: ast.IfExp, guards: tuple[Any, ...], otherwise: Values) -> None:
    """`cfg["k"] if "k" in cfg else 5`: 5 rules where it is not there."""
    known = literal(otherwise)
    if known is ABSENT:
        return
    for config, path in guards:
        place = Node(config, path)
        is_literal = path[-1] in _strings(node.test)
        if place.data is ABSENT and frame.machine.counts(place) and (not is_literal or path[-1] in _strings(node.body)):
            frame.machine.trace.asked[Asked(place.spot, frame.site(node), known)] = None


def _strings(node: ast.AST) -> set[Any]:
    names = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
    return names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}


def _one_or_other(frame: Frame, node: ast.IfExp, body: Values, otherwise: Values) -> Values:
    for first, last in ((body, otherwise), (otherwise, body)):
        for tag in first:
            known = literal(last)
            if isinstance(tag, Fallback) and not tag.asked.default and known is not ABSENT and known is not None:
                tag.asked.default = known
    return join(body, otherwise)
