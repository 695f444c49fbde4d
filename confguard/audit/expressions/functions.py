"""Functions without a name, and what a function gives on the way."""

from __future__ import annotations

import ast

from confguard.audit.elements import elements
from confguard.audit.machine import Frame
from confguard.audit.values import ANYTHING, Function, Values, join


def lambda_(frame: Frame, node: ast.Lambda) -> Values:
    """`lambda x: ...`."""
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            frame.machine.functions.defaults[default] = frame.eval(default)
    function = Function(node, frame.module, frame.enclosing if frame.scope is frame.enclosing else frame.scope, None)
    frame.machine.functions.defined.setdefault(function, None)
    return (function,)


def awaited(frame: Frame, node: ast.Await) -> Values:
    """`await value`."""
    return frame.eval(node.value)


def yielded(frame: Frame, node: ast.Yield) -> Values:
    """`yield value`."""
    frame.yields = join(frame.yields, frame.eval(node.value))
    return ANYTHING


def yielded_from(frame: Frame, node: ast.YieldFrom) -> Values:
    """`yield from values`."""
    frame.yields = join(frame.yields, *[elements(frame, value)[1] for value in frame.eval(node.value)])
    return ANYTHING
