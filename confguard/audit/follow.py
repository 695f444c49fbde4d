"""Following the code from beginning to end: twice, since what the first pass finds out is what the second one needs."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from confguard.audit import hydra, signatures
from confguard.audit.called.unreached import call_unreached
from confguard.audit.calls import call, only_shows
from confguard.audit.config import Config
from confguard.audit.grammar import EXPRESSIONS, STATEMENTS
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.modules import Module, Modules
from confguard.audit.naming import Configs
from confguard.audit.places import Site
from confguard.audit.statements.assignments import assign
from confguard.audit.statements.imports import execute
from confguard.audit.values import Class, Function, Instance, Node, Values


class Entry:
    """A function that gets the config, as the user names it: `train.py:main`, or `train.py:main:cfg` for another one than the first."""

    def __init__(self, text: str) -> None:
        self.file, _, rest = text.partition(":")
        self.function, _, self.parameter = rest.partition(":")

    def is_in(self, module: Module) -> bool:
        """Whether the function is one of a module."""
        return module.real.endswith(os.sep + os.path.normpath(self.file)) or module.real == os.path.realpath(self.file)


def follow(modules: Modules, asked: list[Config], entries: Sequence[Entry] = ()) -> Machine:
    """What is seen of the configs in the code."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))
    try:
        configs = Configs(asked, modules.roots)
        machine: Machine | None = None
        for _ in range(2):
            machine = _pass(modules, configs, entries, machine)
        assert machine is not None
        return machine
    finally:
        sys.setrecursionlimit(limit)


def _pass(modules: Modules, configs: Configs, entries: Sequence[Entry], before: Machine | None) -> Machine:
    machine = Machine(modules, configs, before)
    machine.expressions, machine.statements = EXPRESSIONS, STATEMENTS
    machine.call, machine.assign, machine.only_shows = call, assign, only_shows
    machine.execute = lambda module: execute(machine, module)
    roots = modules.roots_of_runs()
    roots += [module for module in modules.all if module not in roots and any(entry.is_in(module) for entry in entries)]
    worth = modules.with_importers(before.fruitful) if before is not None else set(roots)
    if machine.built_on_less:
        worth = worth.union(roots)
    with suppress(RecursionError):
        _follow_all(machine, roots, worth, entries)
        return machine
    machine.gave_up = True
    return machine


def _follow_all(machine: Machine, roots: list[Module], worth: set[Module], entries: Sequence[Entry]) -> None:
    for module in [*roots, *sorted(worth.difference(roots), key=lambda one: one.path)]:
        if module not in worth:
            continue
        machine.overlay.clear()
        machine.root = module
        seen = machine.trace.count
        execute(machine, module)
        _enter(machine, module, entries)
        if machine.trace.count > seen:
            machine.fruitful.add(module)
    _call_the_rest(machine)


def _enter(machine: Machine, module: Module, entries: Sequence[Entry]) -> None:
    """Call the functions of a module that the user names, with the configs."""
    for entry in entries:
        if not entry.is_in(module):
            continue
        frame = Frame(machine, module, machine.scope_of(module))
        for function in machine.scope_of(module).names.get(entry.function, ()):
            takes = isinstance(function, Function) and _takes_a_config(function)
            values: Values = tuple(Node(config) for config in machine.configs.asked) if takes else ()
            for config in machine.configs.asked if takes else ():
                machine.trace.opened.setdefault(config, Site(module.path, 1))
            arguments = Arguments([], {entry.parameter: values}) if entry.parameter else Arguments([values] if takes else [])
            call(frame, function, arguments, getattr(function, "node", ast.Pass(lineno=1)))


def _takes_a_config(function: Function) -> bool:
    return bool(signatures.names(function.node.args)) and not hydra.is_main(function)


def _call_the_rest(machine: Machine) -> None:
    """Follow what nothing was seen to call. What the code mentions by name a library may call, or the command line; the rest is dead."""
    machine.root = None
    mentioned = _mentioned(machine)
    dead: list[tuple[Frame, Function, list[Instance]]] = []
    for frame, function, instances, is_dead in list(_unreached(machine, mentioned)):
        if is_dead:
            dead.append((frame, function, instances))
        elif function.node not in machine.functions.called:
            _call_one(frame, function, instances)
    for function in list(machine.functions.defined):
        if function.node not in machine.functions.called:
            _call_one(Frame(machine, function.module, function.scope), function, [])
    with machine.under(unreached=True):
        for frame, function, instances in dead:
            if function.node not in machine.functions.called:
                _call_one(frame, function, instances)


def _call_one(frame: Frame, function: Function, instances: list[Instance]) -> None:
    seen = frame.machine.trace.count
    call_unreached(frame, function, instances)
    if frame.machine.trace.count > seen:
        frame.machine.fruitful.add(function.module)


def _mentioned(machine: Machine) -> set[str]:
    """The names that stand somewhere else than where they are defined."""
    words: Counter[str] = Counter()
    for module in machine.modules.all:
        words.update(_WORD.findall(module.text))
        words.subtract(_DEFINED.findall(module.text))
    return {word for word, count in words.items() if count > 0}


def _unreached(machine: Machine, mentioned: set[str]) -> Iterator[tuple[Frame, Function, list[Instance], bool]]:
    """Functions that nothing was seen to call: each with the objects it is a method of, and whether it is dead."""
    instances: dict[ast.ClassDef, list[Instance]] = {}
    for instance in list(machine.instances.values()):
        for class_ in instance.class_.lineage():
            instances.setdefault(class_.node, []).append(instance)
    for module in list(machine.executed):
        frame = Frame(machine, module, machine.scope_of(module))
        for value in [value for values in list(machine.scope_of(module).names.values()) for value in values]:
            if isinstance(value, Function) and value.module is module and value.node not in machine.functions.called:
                is_entry = bool(getattr(value.node, "decorator_list", ())) or value.name == "main"
                yield frame, value, [], not is_entry and value.name not in mentioned
            elif isinstance(value, Class) and value.module is module:
                yield from _methods(machine, frame, value, instances.get(value.node, []), mentioned)


def _methods(
    machine: Machine, frame: Frame, class_: Class, instances: list[Instance], mentioned: set[str]
) -> Iterator[tuple[Frame, Function, list[Instance], bool]]:
    for value in [value for values in list(class_.names.values()) for value in values]:
        if isinstance(value, Function) and value.node not in machine.functions.called:
            owners = [one for one in instances if value in (one.class_.lookup(value.name) or ())]
            is_hidden = bool(instances) and not owners
            is_idle = value.name not in mentioned and not _is_hook(value.name, [class_, *[one.class_ for one in instances]])
            is_unused = not instances and class_.node.name not in mentioned
            yield frame, value, owners[:6] or instances[:3], is_hidden or is_idle or is_unused


def _is_hook(name: str, classes: list[Class]) -> bool:
    """Whether a library may call a method of this name: where the class is derived from one of its own, it may."""
    if name.startswith("__") or name in ("forward", "run"):
        return True
    return any(base.rpartition(".")[2] not in _QUIET for class_ in classes for base in class_.foreign())


_QUIET = {
    "object",
    "ABC",
    "Generic",
    "Protocol",
    "Module",
    "Thread",
    "Process",
    "Dataset",
    "IterableDataset",
    "dict",
    "NamedTuple",
    "BaseModel",
    "Sampler",
}
"""Libraries' classes that call nothing of their own accord but `run`, `forward` and what has underscores."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINED = re.compile(r"\b(?:def|class)\s+([A-Za-z_]\w*)")
