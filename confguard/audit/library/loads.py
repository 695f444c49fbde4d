"""Calls that read a config, and those that open the file it is in."""

from __future__ import annotations

import ast
import os

from confguard.audit import hydra
from confguard.audit.library.names import Handler, named
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


def _load(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    given = arguments.get(0) or next(iter(arguments.keywords.values()), ())
    return loaded(frame, given, node)


def _load_json(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    """JSON that is read: a config only where it is a file of that ending, or was dumped before; else it is data."""
    return loaded(frame, arguments.get(0) or next(iter(arguments.keywords.values()), ()), node, endings=(".json",))


def _load_omega(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    values = _load(frame, arguments, node)
    for value in values:
        if isinstance(value, Node):
            hydra.refer(frame, value.config, (), None)
    return values


def _load_all(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    return (Items(frame.machine.branches, rest=_load(frame, arguments, node)),)


def _open(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    path = arguments.get(0, "file")
    frame.machine.use(path, frame.site(node))
    return (File(tuple(value for one in path for value in (one.path if isinstance(one, File) else (one,)))),)


def _compose(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    name = next((text_of(value) for value in arguments.get(0, "config_name")), None)
    folder = frame.machine.libraries.shared.get("hydra", ())
    start = next((text_of(value) for value in folder), None) or "."
    return hydra.compose(frame, os.path.join(frame.module.folder, start), name, frame.module, frame.site(node))


def _hydra_folder(frame: Frame, arguments: Arguments, node: ast.AST) -> Values:
    frame.machine.libraries.shared["hydra"] = arguments.get(0, "config_path") or arguments.keywords.get("config_dir", ())
    return ANYTHING


CALLS: dict[str, Handler] = {
    **named(
        _load,
        "yaml.safe_load yaml.load yaml.full_load yaml.unsafe_load yaml.round_trip_load oyaml.load oyaml.safe_load ruamel_yaml.load",
        "YAML().load yaml.YAML().load round_trip_load toml.load tomli.load tomllib.load tomllib.loads hjson.load json5.load pyjson5.load",
        "anyconfig.load srsly.read_yaml yamlargparse.load munch.fromYAML Box.from_yaml",
    ),
    **named(_load_json, "json.load json.loads orjson.loads ujson.load"),
    **named(_load_omega, "OmegaConf.load mmcv.Config.fromfile Config.fromfile"),
    **named(_load_all, "yaml.safe_load_all yaml.load_all yaml.full_load_all YAML().load_all"),
    **named(_compose, "hydra.compose compose"),
    **named(_hydra_folder, "hydra.initialize hydra.initialize_config_dir initialize initialize_config_dir"),
    **named(_open, "open io.open codecs.open gzip.open fsspec.open gfile.GFile gfile.Open"),
}
