"""Paths and texts of files, which say which config is loaded."""

from __future__ import annotations

import ast
import os
from typing import Any

from confguard.audit.machine import Arguments, Frame
from confguard.audit.texts import concatenated
from confguard.audit.values import (
    ANYTHING,
    Const,
    Dumped,
    File,
    Items,
    Node,
    Text,
    Values,
    text_of,
)


def path(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`Path(a, b)`, `os.path.join(a, b)`."""
    parts: list[Values] = []
    for values in arguments.positional:
        frame.machine.use(values, frame.site(node))
        parts += [values, (Const("/"),)]
    if len(arguments.positional) == 1 and not arguments.rest:
        return tuple(value for one in arguments.positional[0] for value in (one.path if isinstance(one, File) else (one,)))
    return concatenated(parts[:-1]) if parts and not arguments.rest else ANYTHING


def folder(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`os.path.dirname(path)`."""
    return tuple(Const(os.path.dirname(text)) if (text := _path_text(value)) else Text("", "") for value in arguments.get(0)) or ANYTHING


def _path_text(value: Any) -> str | None:
    return text_of(value.path[0]) if isinstance(value, File) and value.path else text_of(value)


def text_kept(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Functions over the text of a file, such as `os.path.expandvars`."""
    kept = [
        value for _, values in arguments.each() for value in values if isinstance(value, (File, Text, Dumped)) or text_of(value) is not None
    ]
    frame.machine.use(tuple(value for value in kept if isinstance(value, Node)), frame.site(node))
    files = [value for value in kept if isinstance(value, (File, Dumped))]
    return tuple(dict.fromkeys(files or kept)) or ANYTHING


def globbed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`glob.glob("configs/*.yaml")`: any file that ends so."""
    ends = arguments.get(0)
    tails = [(value.tail if isinstance(value, Text) else text_of(value) or "").rpartition("*")[2] for value in ends]
    return (Items((), rest=tuple(Text("", tail) for tail in tails) or ANYTHING),)
