"""Methods that do the same for whatever has them."""

from __future__ import annotations

import ast

from confguard.audit.copying import copied
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, Value, Values


def itself(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """Gives what it is asked of."""
    return (of,)


def itself_reading(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """Gives what it is asked of, and reads what it gets."""
    reading(frame, of, arguments, node)
    return (of,)


def reading(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """Reads what it gets."""
    for _, values in arguments.each():
        frame.machine.use(values, frame.site(node))
    return ANYTHING


def copy(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """A copy of what it is asked of."""
    return copied(frame, of, node)
