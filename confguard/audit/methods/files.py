"""Methods of files and of paths of which only a part is known."""

from __future__ import annotations

import ast

from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import ANYTHING, File, Value, Values


def opened(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`path.open()`, `path.read_text()`: the file, or its text."""
    return (File((of,)),)


def written(frame: Frame, of: Value, arguments: Arguments, node: ast.AST) -> Values:
    """`file.write(text)`: what is written down is only shown."""
    with frame.machine.log():
        for _, values in arguments.each():
            frame.machine.use_all(values, frame.site(node))
    return ANYTHING
