"""Imports: a module of the code is followed where it is first imported."""

from __future__ import annotations

import ast

from confguard.audit.machine import Frame, Machine
from confguard.audit.modules import Module
from confguard.audit.statements.assignments import assign_name
from confguard.audit.values import ANYTHING, Const, External, File, ModuleValue, Table, Values


def import_(frame: Frame, node: ast.Import) -> bool:
    """`import a.b as c`."""
    for alias in node.names:
        module = frame.machine.modules.find(alias.name, frame.module)
        if module is not None:
            execute(frame.machine, module)
        top = alias.name.partition(".")[0]
        if alias.asname or module is None or "." not in alias.name:
            name = alias.asname or top
            assign_name(frame, name, (ModuleValue(module),) if module else (External(alias.name if alias.asname else top),))
        else:
            assign_name(frame, top, _package(frame, alias.name.split(".")[:-1], module, alias.name))
    return True


def import_from(frame: Frame, node: ast.ImportFrom) -> bool:
    """`from a import b as c`."""
    modules = frame.machine.modules
    name = node.module or ""
    module = modules.relative(node.level, name, frame.module) if node.level else modules.find(name, frame.module)
    if module is not None:
        execute(frame.machine, module)
    for alias in node.names:
        if alias.name != "*":
            assign_name(frame, alias.asname or alias.name, _imported(frame, node, module, name, alias.name))
        elif module is not None:
            _import_all(frame, module)
    return True


def _import_all(frame: Frame, module: Module) -> None:
    for name, values in frame.machine.scope_of(module).names.items():
        frame.scope.names.setdefault(name, values)


def _package(frame: Frame, parts: list[str], module: Module, name: str) -> Values:
    """The first package of `import a.b.c`, in which `b.c` can be found."""
    values: Values = (ModuleValue(module),)
    for index in range(len(parts), 0, -1):
        package = frame.machine.modules.find(".".join(parts[:index]), frame.module)
        if package is not None:
            execute(frame.machine, package)
            frame.machine.scope_of(package).names.setdefault(name.split(".")[index], values)
            values = (ModuleValue(package),)
        else:
            values = (Table((), {name.split(".")[index]: values}),)
    return values


def _imported(frame: Frame, node: ast.ImportFrom, module: Module | None, name: str, wanted: str) -> Values:
    modules = frame.machine.modules
    if module is not None and wanted in frame.machine.scope_of(module).names:
        return frame.machine.scope_of(module).names[wanted]
    dotted = f"{name}.{wanted}" if name else wanted
    below = modules.relative(node.level, dotted, frame.module) if node.level else modules.find(dotted, frame.module) if name else None
    if below is not None and (module is None or below.name.rpartition(".")[2] == wanted):
        execute(frame.machine, below)
        return (ModuleValue(below),)
    return (External(dotted),) if module is None else ANYTHING


def execute(machine: Machine, module: Module) -> None:
    """Follow the statements of a module, once."""
    if module in machine.executed:
        return
    machine.executed[module] = None
    machine.scope_of(module).names = {"__name__": ANYTHING, "__file__": (File((Const(module.real),)),)}
    frame = Frame(machine, module, machine.scope_of(module))
    frame.enclosing = machine.scope_of(module)
    branches, machine.branches = machine.branches, ()
    frame.run(machine.modules.tree(module).body)
    machine.branches = branches
