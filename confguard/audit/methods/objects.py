"""Methods of the code's objects that no class of the code has: those of dataclasses, of models, of libraries' classes."""

from __future__ import annotations

import ast

from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import Instance, Table, Values


def fields(frame: Frame, of: Instance, arguments: Arguments, node: ast.AST) -> Values:
    """`model.model_dump()`: the attributes of an object as a mapping."""
    return (as_table(frame, of),)


def as_table(frame: Frame, instance: Instance) -> Table:
    """A mapping with the attributes that an object has now."""
    table = Table(frame.machine.branches, dict(instance.attributes))
    table.stands_for = dict(instance.stands_for)
    return table
