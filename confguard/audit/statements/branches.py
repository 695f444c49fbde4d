"""`if` and `assert`: which of two ways is taken, and which defaults the choice between them gives."""

from __future__ import annotations

import ast

from confguard.audit.asked import Asked
from confguard.audit.conditions.decide import decide
from confguard.audit.conditions.decision import Decision
from confguard.audit.conditions.ways import guarded, ruled_out
from confguard.audit.literals import literal
from confguard.audit.machine import Frame
from confguard.audit.places import ABSENT, Site
from confguard.audit.statements.assignments import assigned_in
from confguard.audit.statements.ways import Names, meet
from confguard.audit.values import Fallback, Node


def if_(frame: Frame, node: ast.If) -> bool:
    """`if`: one way where the keys decide, else both, which meet."""
    decision = decide(frame, node.test)
    if decision.is_certain and decision.holds is not None:
        return frame.run(node.body if decision.holds else node.orelse)
    if decision.holds is not None:
        _tell_default(frame, node, decision)
        return _decided(frame, node, decision)
    before = frame.scope.names
    frame.scope.names = dict(before)
    with frame.machine.branch():
        with guarded(frame.machine, decision):
            reached = frame.run(node.body)
        after = frame.scope.names
        _name_default(frame, node, before, after)
        frame.scope.names = dict(before)
        otherwise = frame.run(node.orelse)
    frame.may_have_left = reached != otherwise and any(_leaves(one) for one in (node.orelse if reached else node.body))
    meet(frame, [after] * reached + [frame.scope.names] * otherwise)
    return reached or otherwise


def assert_(frame: Frame, node: ast.Assert) -> bool:
    """`assert test`."""
    decide(frame, node.test)
    return True


def _leaves(statement: ast.stmt) -> bool:
    return any(isinstance(node, (ast.Return, ast.Continue, ast.Break)) for node in ast.walk(statement))


def _decided(frame: Frame, node: ast.If, decision: Decision) -> bool:
    """One way is the one; the other is looked at for what it would read."""
    taken, other = (node.body, node.orelse) if decision.holds else (node.orelse, node.body)
    before, returns, yields = frame.scope.names, frame.returns, frame.yields
    frame.exits.append(([], []))
    with ruled_out(frame, node.test):
        frame.run(other)
    frame.exits.pop()
    frame.returns, frame.yields = returns, yields
    if frame.run(taken):
        return True
    if not isinstance(taken[-1], ast.Raise):
        return False
    frame.scope.names = before  # another config gets past it
    return True


def _tell_default(frame: Frame, node: ast.If, decision: Decision) -> None:
    """`if "k" in cfg: x = cfg["k"]`, `else: x = 5`: the code's own value rules where the key is not there."""
    if not decision.guards or frame.machine.mode.impossible:
        return
    guards = [Node(config, path) for config, path in decision.guards]
    absent = [place for place in guards if place.data is ABSENT]
    there = [place for place in guards if place.data is not ABSENT]
    targets = assigned_in(node.body)
    instead = [value for target, value in assigned_in(node.orelse).items() if target in targets]
    instead += [one.value for one in (node.body if _is_negated(node.test) else node.orelse) if isinstance(one, ast.Return) and one.value]
    for value in instead:
        known = literal(frame.eval(value))
        for place in absent if known is not ABSENT else ():
            frame.machine.trace.asked[Asked(place.spot, _asking(frame, value), known)] = None
        for place in there:
            frame.machine.trace.offer(place, _asking(frame, value), known)


def _asking(frame: Frame, value: ast.expr) -> Site:
    """Where a default is given: in the call, where it is a parameter."""
    return frame.machine.stack[-1] if isinstance(value, ast.Name) and frame.machine.stack else frame.site(value)


def _is_negated(test: ast.expr) -> bool:
    return any(isinstance(node, ast.NotIn) for node in ast.walk(test))


def _name_default(frame: Frame, node: ast.If, before: Names, after: Names) -> None:
    """`if x is None: x = 5` after `x = cfg.get("k")`: the default is 5."""
    for name, old in before.items():
        tags = [value for value in old if isinstance(value, Fallback) and not value.asked.default]
        if tags and after.get(name) is not old and any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node.test)):
            known = literal(after[name])
            for tag in tags:
                if known is not ABSENT:
                    tag.asked.default = known
