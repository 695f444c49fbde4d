"""Calls that read a config, and those that open the file it is in."""

from __future__ import annotations

import ast
import os

from confguard.audit import hydra
from confguard.audit.loading import loaded
from confguard.audit.machine import Arguments, Frame
from confguard.audit.values import (
    ANYTHING,
    File,
    Items,
    Node,
    Values,
    text_of,
)


def load(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`yaml.safe_load(file)`."""
    given = arguments.get(0) or next(iter(arguments.keywords.values()), ())
    return loaded(frame, given, node)


def load_json(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """JSON that is read: a config only where it is a file of that ending, or was dumped before; else it is data."""
    return loaded(frame, arguments.get(0) or next(iter(arguments.keywords.values()), ()), node, endings=(".json",))


def load_omega(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`OmegaConf.load(path)`: what its `${...}` refer to is read."""
    values = load(frame, arguments, node)
    for value in values:
        if isinstance(value, Node):
            hydra.refer(frame, value.config, (), None)
    return values


def load_all(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`yaml.safe_load_all(file)`: several documents."""
    return (Items(frame.machine.branches, rest=load(frame, arguments, node)),)


def open_(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`open(path)`."""
    path = arguments.get(0, "file")
    frame.machine.use(path, frame.site(node))
    return (File(tuple(value for one in path for value in (one.path if isinstance(one, File) else (one,)))),)


def compose(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`hydra.compose(name)`, from the folder that was named before."""
    name = next((text_of(value) for value in arguments.get(0, "config_name")), None)
    folder = frame.machine.libraries.shared.get("hydra", ())
    start = next((text_of(value) for value in folder), None) or "."
    return hydra.compose(frame, os.path.join(frame.module.folder, start), name, frame.module, frame.site(node))


def hydra_folder(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """`hydra.initialize(folder)`."""
    frame.machine.libraries.shared["hydra"] = arguments.get(0, "config_path") or arguments.keywords.get("config_dir", ())
    return ANYTHING
