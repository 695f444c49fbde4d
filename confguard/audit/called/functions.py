"""A function of the code: its body is followed, with the arguments that it gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from confguard.audit import hydra
from confguard.audit.called.parameters import bind
from confguard.audit.called.repeats import may_follow, signature
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.places import Site
from confguard.audit.values import ANYTHING, Function, Items, Node, Scope, Values, join


def call(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> Values:
    """What it gives: followed anew, unless the same call was followed and nothing that it may rest on has changed."""
    machine, functions = frame.machine, frame.machine.functions
    given = hydra.composed(frame, callee, arguments)
    arguments = given if given is not None else arguments
    key, rounds = signature(machine, callee, arguments, node)
    known = functions.results.get(key)
    if known is not None and (known[0] >= rounds or known[1] == machine.epoch):
        return known[2]
    if not may_follow(machine, callee):
        _give_up(frame, callee, arguments, node)
        return known[2] if known is not None else ANYTHING
    seen = machine.trace.count
    result = _followed(frame, callee, arguments, node)
    for other in functions.registered.get(callee.node, ()):
        if may_follow(machine, other):
            result = join(result, _followed(frame, other, arguments, node))
    if machine.trace.count > seen or machine.is_followed(result):
        functions.telling.add(callee.node)
    functions.results[key] = ((known[0] if known is not None else 0) + 1, machine.epoch, result)
    return result


def _give_up(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> None:
    """What goes into a call that is not followed may be read there."""
    if frame.machine.mode.impossible and frame.machine.functions.active[callee.node]:
        return
    for _, values in arguments.each():
        for value in frame.machine.inner(values):
            if isinstance(value, Node):
                frame.machine.unclear(value, frame.site(node), f"{callee.name}() calls itself too often to be followed")


def _followed(frame: Frame, callee: Function, arguments: Arguments, node: ast.AST) -> Values:
    machine = frame.machine
    inner = Frame(machine, callee.module, Scope(callee.scope), callee)
    inner.scope.names.update(bind(frame, callee, arguments, node))
    with _entered(machine, callee, frame.site(node)), machine.compute():
        if isinstance(callee.node, ast.Lambda):
            return inner.eval(callee.node.body)
        inner.run(callee.node.body)
    if inner.yields:
        return (Items(machine.branches, rest=inner.yields),)
    return inner.returns


@contextmanager
def _entered(machine: Machine, callee: Function, site: Site) -> Iterator[None]:
    """Within it, a function is being followed."""
    functions = machine.functions
    functions.called.add(callee.node)
    if not functions.active[callee.node]:
        functions.entered[callee.node] = len(machine.branches)
    functions.active[callee.node] += 1
    functions.runs[callee.node] += 1
    machine.stack.append(site)
    try:
        yield
    finally:
        machine.stack.pop()
        functions.active[callee.node] -= 1
