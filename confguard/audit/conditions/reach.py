"""What a condition is about: a config, or names of the function alone."""

from __future__ import annotations

import ast

from confguard.audit.machine import Frame


def is_local(frame: Frame, test: ast.expr) -> bool:
    """Whether a condition is about names of the function alone, so that what they are there decides it."""
    if frame.scope is frame.machine.scope_of(frame.module):
        return False
    methods = {id(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    return all(
        (isinstance(node, ast.Name) and node.id in frame.scope.names)
        or isinstance(node, (ast.Constant, ast.Compare, ast.cmpop, ast.expr_context, ast.Call))
        or id(node) in methods
        for node in ast.walk(test)
    )
