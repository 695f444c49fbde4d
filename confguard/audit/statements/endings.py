"""Statements that can end the way: an expression that ends the run, `return`, `raise`."""

from __future__ import annotations

import ast

from confguard.audit.machine import Frame
from confguard.audit.values import join


def expression(frame: Frame, node: ast.Expr) -> bool:
    """An expression by itself, which may be `sys.exit()`."""
    frame.eval(node.value)
    return not _ends_the_run(node.value)


def _ends_the_run(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in ("exit", "quit", "_exit")


def return_(frame: Frame, node: ast.Return) -> bool:
    """`return value`."""
    frame.returns = join(frame.returns, frame.eval(node.value))
    return False


def raise_(frame: Frame, node: ast.Raise) -> bool:
    """`raise error`: what is in it is only shown."""
    with frame.machine.log():
        frame.eval(node.exc)
    return False
