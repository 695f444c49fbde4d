"""`try` and `with`: what may end early, and what is forgiven."""

from __future__ import annotations

import ast

from confguard.audit.asked import MISSING, Asked
from confguard.audit.attributes import attribute
from confguard.audit.literals import literal
from confguard.audit.machine import Arguments, Frame
from confguard.audit.places import ABSENT
from confguard.audit.statements.assignments import assign, assigned_in
from confguard.audit.statements.ways import meet, merged
from confguard.audit.values import ANYTHING, External, File, Instance, Items, Value, Values, join


def try_(frame: Frame, node: ast.Try) -> bool:
    """`try`: a handler may follow after any part of the body."""
    machine = frame.machine
    known = set(machine.trace.asked)
    before = dict(frame.scope.names)
    with machine.branch(doubtful=bool(node.handlers)):
        reached = frame.run(node.body) and frame.run(node.orelse)
    names = frame.scope.names
    if any(_catches(handler) for handler in node.handlers):
        _caught(frame, node, [asked for asked in machine.trace.asked if asked not in known and asked.default is MISSING])
    ends = [names] if reached else []
    with machine.branch():
        for handler in node.handlers:
            frame.scope.names = merged(before, names)
            if handler.name:
                frame.scope.names[handler.name] = ANYTHING
            if frame.run(handler.body):
                ends.append(frame.scope.names)
    frame.scope.names = names
    meet(frame, ends)
    return frame.run(node.finalbody) and bool(ends)


def _catches(handler: ast.ExceptHandler) -> bool:
    names = (
        {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in ast.walk(handler.type)}
        if handler.type
        else set()
    )
    return not names or bool(
        names & {"KeyError", "AttributeError", "Exception", "LookupError", "BaseException", "TypeError", "ConfigAttributeError"}
    )


def _caught(frame: Frame, node: ast.Try, asked: list[Asked]) -> None:
    """What a `try` asks for and does not get raises nothing; where the handler assigns the same name, that is the default."""
    targets = assigned_in(node.body)
    instead = {name: value for handler in node.handlers for name, value in assigned_in(handler.body).items() if name in targets}
    for one in asked:
        del frame.machine.trace.asked[one]
        for name, value in instead.items():
            known = literal(frame.eval(value))
            if one.site.line == targets[name].lineno and known is not ABSENT:
                one.default = known
                frame.machine.trace.asked[one] = None


def with_(frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    """`with`: what the block is entered with; some forgive what fails in it."""
    for part in node.items:
        values = frame.eval(part.context_expr)
        if part.optional_vars is not None:
            assign(frame, part.optional_vars, join(*[_entered(frame, value, node) for value in values]) or ANYTHING)
    forgives = any(_name_of_call(part.context_expr) in ("suppress", "raises") for part in node.items)
    with frame.machine.branch(doubtful=forgives), frame.machine.forgive(forgives):
        reached = frame.run(node.body)
    return reached or forgives


def _name_of_call(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _entered(frame: Frame, value: Value, node: ast.AST) -> Values:
    if isinstance(value, Instance):
        method = value.class_.lookup("__enter__")
        return frame.call(attribute(frame, value, "__enter__", frame.site(node)), Arguments(), node) if method else (value,)
    if isinstance(value, Items):
        return value.any_item()
    return (value,) if isinstance(value, (File, External)) else ANYTHING
