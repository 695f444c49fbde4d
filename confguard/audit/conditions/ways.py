"""What holds on the way that a condition opens, and on the one that it rules out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from confguard.audit.conditions.decision import Decision
from confguard.audit.machine import Frame, Machine
from confguard.audit.values import ANYTHING, Values


def guarded(machine: Machine, decision: Decision) -> AbstractContextManager[None]:
    """Within it, a condition holds that makes sure of some places."""
    return machine.under(guarded=machine.mode.guarded + decision.guards) if decision.guards else nullcontext()


@contextmanager
def ruled_out(frame: Frame, test: ast.expr) -> Iterator[None]:
    """Within it, the way is looked at that a condition rules out; after it, the names are what they were."""
    before = frame.scope.names
    frame.scope.names = {**before, **_forgotten(test)}
    try:
        with frame.machine.under(impossible=True):
            yield
    finally:
        frame.scope.names = before


def _forgotten(test: ast.expr) -> dict[str, Values]:
    """Names whose type a condition asks for: where it does not hold, they are something else."""
    names: dict[str, Values] = {}
    for node in ast.walk(test):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name):
                names[first.id] = ANYTHING
    return names
