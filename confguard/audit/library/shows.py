"""Calls that only show a config, or write it down: no read."""

from __future__ import annotations

import ast
from typing import Any

from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    BY_NAME,
    UNKNOWN,
    Dumped,
    External,
    Instance,
    Items,
    Node,
    Table,
    Value,
    Values,
    join,
)


def shown(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`print(section)`: nothing is read."""
    with frame.machine.log():
        for _, values in arguments.each():
            frame.machine.use_all(values, frame.site(node))
    return ANYTHING


def saved(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Sections are written down; a value by itself says where or how."""
    site = frame.site(node)
    kept: list[Any] = []
    for _, values in arguments.each():
        for value in values:
            if isinstance(value, Node) and not value.is_section:
                frame.machine.use((value,), site)
            elif isinstance(value, (Node, Table, Instance, Items)):
                kept.append(value)
                with frame.machine.log():
                    frame.machine.use_all((value,), site)
    if kept and not frame.machine.mode.impossible and _comes_back(node):
        frame.machine.libraries.shared["saved"] = join(frame.machine.libraries.shared.get("saved", ()), tuple(kept))
    return (Dumped(tuple(kept)),) if kept else ANYTHING


def _comes_back(node: ast.AST) -> bool:
    """Whether what is saved can be loaded again as it was: a checkpoint, not a text."""
    base = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    return isinstance(base, ast.Name) and base.id in ("torch", "pickle", "joblib", "dill", "cloudpickle")


def restored(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`torch.load(...)`: what was saved anywhere may be in it."""
    for values in arguments.positional:
        frame.machine.use(values, frame.site(node))
    before = frame.machine.before.libraries.shared if frame.machine.before is not None else {}
    kept = join(before.get("saved", ()), frame.machine.libraries.shared.get("saved", ()))
    return join(ANYTHING, tuple(_as_loaded(frame, value) for value in kept))


def _as_loaded(frame: Frame, value: Value, depth: int = 0) -> Value:
    """What was saved, as it may be in what is loaded: a read of it counts, what it lacks does not."""
    if isinstance(value, Node):
        return Node(value.config, value.path, value.copy, BY_NAME)
    if isinstance(value, Table) and depth < 3:
        entries = {key: tuple(_as_loaded(frame, one, depth + 1) for one in values) for key, values in value.entries.items()}
        return Table(frame.machine.branches, entries, ANYTHING)
    return UNKNOWN


def hashed(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`hashlib.md5(text)`."""
    saved(frame, arguments, node)
    return (External("hash()"),)


def wandb_init(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """The config of a run is shown; what names the run is read."""
    site = frame.site(node)
    for name, values in arguments.each():
        if name in ("config", "hparams"):
            with frame.machine.log():
                frame.machine.use_all(values, site)
            frame.machine.libraries.shared["wandb.config"] = values
        else:
            frame.machine.use_all(values, site, f"wandb.init({name}=)")
    for section in arguments.spread:
        frame.machine.pass_on(section, site, "wandb.init(**)")
    return (External("wandb.init()"),)


def hyperparameters(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """Lightning's `self.save_hyperparameters()`: what the constructor got is in `self.hparams`."""
    first = next(iter(frame.scope.names.values()), ())
    given = [values for _, values in arguments.each() if any(isinstance(value, (Node, Table, Instance)) for value in values)]
    table = Table(frame.machine.branches, {name: values for name, values in frame.scope.names.items() if name != "self"})
    for instance in first:
        if isinstance(instance, Instance):
            frame.machine.store(instance, instance.attributes, "hparams", join(*given, () if given else (table,)))
    return ()
