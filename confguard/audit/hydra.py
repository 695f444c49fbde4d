"""Hydra: the config that a decorated function gets, put together from a file and the groups beside it."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator

from confguard.audit.config import Config
from confguard.audit.fields import has_fields, last_name, made
from confguard.audit.keys import CONTENT
from confguard.audit.machine import Arguments, Frame, Machine
from confguard.audit.modules import Module
from confguard.audit.places import ABSENT, Key, Path, Site
from confguard.audit.values import ANYTHING, BY_NAME, Const, Function, Instance, Node, Table, Value, Values, join

_PACKAGE = re.compile(r"^#\s*@package\s+(\S+)", re.MULTILINE)
_REFERENCE = re.compile(r"\$\{([^${}:]+)\}")


def composed(frame: Frame, function: Function, arguments: Arguments) -> Arguments | None:
    """The arguments of a function that `hydra.main` decorates; None for any other, and where it was given some."""
    decorator = _decorator(function)
    if decorator is None or arguments.positional:
        return None
    site = frame.site(function.node)._replace(file=function.module.path)
    keywords = {keyword.arg: frame.eval(keyword.value) for keyword in decorator.keywords if keyword.arg}
    folder = _text(keywords.get("config_path", ())) or "."
    name = _text(keywords.get("config_name", ()))
    if folder.endswith((".yaml", ".yml")):  # as releases before 1.0 have it
        folder, name = os.path.split(folder)
        frame.machine.libraries.shared["hydra: no packages"] = ANYTHING
    values = compose(frame, os.path.join(function.module.folder, folder), name, function.module, site)
    return Arguments([values])


def is_main(function: Function) -> bool:
    """Whether Hydra calls a function."""
    return _decorator(function) is not None


def _decorator(function: Function) -> ast.Call | None:
    for node in getattr(function.node, "decorator_list", ()):
        if isinstance(node, ast.Call) and last_name(node.func) in ("main", "hydra_main"):
            names = {keyword.arg for keyword in node.keywords}
            if names & {"config_path", "config_name", "version_base"}:
                return node
    return None


def _text(values: Values) -> str | None:
    return next((value.value for value in values if isinstance(value, Const) and isinstance(value.value, str)), None)


def compose(frame: Frame, folder: str, name: str | None, module: Module, site: Site) -> Values:
    """What Hydra gives for a config folder and a name: the file that is named, and those that could be named instead."""
    machine = frame.machine
    found: list[Config] = []
    if name is not None:
        file = name if name.endswith((".yaml", ".yml")) else name + ".yaml"
        named = machine.configs.other(os.path.realpath(os.path.join(folder, file)))
        found += [named] if named is not None else []
    real = os.path.realpath(folder)
    groups = {config for one in found for config, _ in _parts(machine, one, real, ())}
    for config in machine.configs.asked:
        if (
            config not in found
            and config not in groups
            and _is_below(config.real, real)
            and (not found or os.path.dirname(config.real) == real)
        ):
            found.append(config)
    lone = [
        one
        for one in machine.configs.asked
        if one not in found and _is_below(one.real, real) and not _is_option(one, found, groups, real, machine)
    ]
    for config in (*found, *lone):
        machine.named_loads.add((config, machine.root))
    return join(*[_whole(frame, config, real, site) for config in found], *[_alone(frame, config, real, site) for config in lone])


def _is_option(config: Config, found: list[Config], groups: set[Config], folder: str, machine: Machine) -> bool:
    """Whether a config is one of a group that the named config takes something from."""
    folders = {os.path.dirname(one.real) for one in groups if one not in found}
    return config in groups or os.path.dirname(config.real) in folders


def _alone(frame: Frame, config: Config, folder: str, site: Site) -> Values:
    """A config that `--config-name folder/name` can choose: its keys stand under its folder, or, with older releases, at the top."""
    frame.machine.trace.opened.setdefault(config, site)
    below = Table(())
    here = below
    *outer, last = _group(config, folder)
    for key in outer:
        inner = Table(())
        here.entries[key] = (inner,)
        here = inner
    here.entries[last] = (Node(config, (), 0, BY_NAME),)
    refer(frame, config, (), None)
    return (below, Node(config, (), 0, BY_NAME))


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder + os.sep)


def _whole(frame: Frame, config: Config, folder: str, site: Site) -> Values:
    machine = frame.machine
    parts = list(_parts(machine, config, folder, ()))
    others = [(other, mount) for other in machine.configs.asked if (mount := _place_of_another(other, parts, config)) is not None]
    table = Table(())
    for part, mount in [*parts, *others]:
        machine.trace.opened.setdefault(part, site)
        machine.named_loads.add((part, machine.root))
        lay(frame, table, mount, Node(part), (part, mount) in others)
        for index, _ in enumerate(part.data.get("defaults", ()) if isinstance(part.data, dict) else ()):
            _read_all(frame, Node(part, ("defaults", index)), site)
        _read_all(frame, Node(part, ("defaults",)), site)
        if isinstance(part.data, dict) and "hydra" in part.data:
            machine.pass_on(Node(part, ("hydra",)), site, "Hydra")
    for part, mount in [*parts, *others]:
        refer(frame, part, mount, table)
    return (table,)


def _read_all(frame: Frame, node: Node, site: Site) -> None:
    frame.machine.use((node,), site, "Hydra")
    for child in node.children():
        _read_all(frame, child, site)


def _place_of_another(config: Config, parts: list[tuple[Config, Path]], primary: Config) -> Path | None:
    """Where the keys of a config go that is of a group of which another one is chosen; None where it is of no such group."""
    if any(config is part for part, _ in parts):
        return None
    folder = os.path.dirname(config.real)
    return next((mount for part, mount in parts if part is not primary and os.path.dirname(part.real) == folder), None)


def _mount(config: Config, folder: str) -> Path:
    package = _PACKAGE.search(config.document.text)
    if package is not None:
        named = package[1]
        return () if named == "_global_" else tuple(named.split(".")) if not named.startswith("_") else _group(config, folder)
    return _group(config, folder)


def _group(config: Config, folder: str) -> Path:
    return tuple(os.path.relpath(os.path.dirname(config.real), folder).split(os.sep))


def _parts(machine: Machine, config: Config, folder: str, mount: Path, depth: int = 0) -> Iterator[tuple[Config, Path]]:
    """A file and those that its defaults list names, in the order in which they are laid over each other."""
    listed = config.data.get("defaults") if isinstance(config.data, dict) else None
    own = False
    for entry in listed if isinstance(listed, list) and depth < 8 else ():
        if entry == "_self_":
            own = True
            yield config, mount
            continue
        found = _chosen(machine, config, entry, folder)
        if found is not None:
            other, at = found
            yield from _parts(machine, other, folder, at if at is not None else mount, depth + 1)
    if not own:
        yield config, mount


def _chosen(machine: Machine, config: Config, entry: object, folder: str) -> tuple[Config, Path | None] | None:
    """The file that an entry of a defaults list names, and where its keys go."""
    if isinstance(entry, str):
        entry = {"": entry}
    if not isinstance(entry, dict) or len(entry) != 1:
        return None
    (key, option), *_ = entry.items()
    group, _, package = str(key).removeprefix("override ").removeprefix("optional ").partition("@")
    if not isinstance(option, str):
        return None
    start = folder if group.startswith("/") else os.path.dirname(config.real)
    path = os.path.realpath(os.path.join(start, group.strip("/"), option.removesuffix(".yaml") + ".yaml"))
    if not os.path.isfile(path):
        return None
    other = machine.configs.other(path)
    if other is None:
        return None
    if "hydra: no packages" in machine.libraries.shared:
        return other, ()
    if package:
        return other, () if package == "_global_" else tuple(package.split("."))
    return other, _mount(other, folder) if group or "/" in option else None  # one of the same folder goes where its parent goes


def lay(frame: Frame, table: Table, mount: Path, node: Node, is_alternative: bool = False) -> None:
    """Lay a section over a table, at a place in it; what stood there stays as one of the values."""
    here = table
    for key in mount:
        inner = next((value for value in here.entries.get(key, ()) if isinstance(value, Table)), None)
        if inner is None:
            inner = Table(())
            here.entries[key] = (
                inner,
                *[value for value in here.entries.get(key, ()) if not isinstance(value, Node) or not value.is_section],
            )
        here = inner
    lay_over(frame, here, node, is_alternative)


def lay_over(frame: Frame, table: Table, value: Value, is_alternative: bool = False) -> None:
    """Merge a section, or another table, into a table, sections with sections; what is an alternative stands beside what is there."""
    if isinstance(value, Instance):
        for content in value.attributes.get(CONTENT, ()):
            lay_over(frame, table, content, is_alternative)
        return
    if isinstance(value, Node):
        entries = [(key.value, values) for key, values in frame.machine.children(value)]
        table.stands_for[value] = None
    elif isinstance(value, Table):
        entries = list(value.entries.items())
        table.stands_for.update(value.stands_for)
        table.rest = join(table.rest, value.rest)
    else:
        return
    for key, values in entries:
        _lay_entry(frame, table, key, values, is_alternative or (isinstance(value, Table) and key in value.maybe))


def _lay_entry(frame: Frame, table: Table, key: Key, values: Values, is_alternative: bool) -> None:
    sections = [one for one in values if isinstance(one, Table) or (isinstance(one, Node) and isinstance(one.data, dict))]
    old = table.entries.get(key, ())
    structured = [one for one in old if isinstance(one, Instance) and has_fields(one.class_)]
    if not sections:
        if not is_alternative:
            _overwrite(frame, old, values)
        table.entries[key] = join(old, values) if is_alternative else values
    elif structured:
        table.entries[key] = join(*[made(frame, one.class_, value, one.class_.node) for one in structured for value in sections])
    else:
        inner = next((one for value in old for one in _tables_of(value)), None)
        below = inner if inner is not None else Table(table.born)
        for one in old if inner is None else ():
            lay_over(frame, below, one)
        for one in sections:
            lay_over(frame, below, one, is_alternative or len(sections) > 1)
        table.entries[key] = old if inner is not None and inner not in old else (below,)


def _tables_of(value: Value) -> list[Table]:
    """A table, or what is in an object of a class that is derived from a mapping."""
    held = (value,) if isinstance(value, Table) else value.attributes.get(CONTENT, ()) if isinstance(value, Instance) else ()
    return [one for one in held if isinstance(one, Table)]


def _overwrite(frame: Frame, old: Values, new: Values) -> None:
    for value in old:
        if isinstance(value, Node) and value not in new and not value.is_section:
            config = next((one.config for one in new if isinstance(one, Node)), value.config)
            frame.machine.trace.see(frame.machine.trace.overwritten, value, Site(config.path, 1))


def refer(frame: Frame, config: Config, mount: Path, whole: Table | None) -> None:
    """Note what a config's own `${...}` read of it, or of the whole that it is part of."""
    for line, text, path in _texts(config):
        for found in _REFERENCE.finditer(text):
            name = found[1].strip()
            dots = len(name) - len(name.lstrip("."))
            keys: Path = tuple(part for part in re.split(r"[.\[\]]+", name.lstrip(".")) if part)
            start = (*mount, *path[: len(path) - dots]) if dots else ()
            for node in _at(whole, config, (*start, *keys)):
                _read_all(frame, node, Site(config.path, line))


def _texts(config: Config) -> Iterator[tuple[int, str, Path]]:
    if "${" not in config.document.text:
        return
    waiting: list[tuple[Path, object]] = [((), config.data)]
    while waiting:
        path, data = waiting.pop()
        if isinstance(data, dict):
            waiting += [((*path, key), value) for key, value in data.items()]
        elif isinstance(data, list):
            waiting += [((*path, index), value) for index, value in enumerate(data)]
        elif isinstance(data, str) and "${" in data:
            offset = config.document.text.find(data)
            yield config.document.span(max(offset, 0), max(offset, 0)).start.line, data, path


def _at(whole: Table | None, config: Config, path: Path) -> list[Node]:
    values: list[Value] = [whole] if whole is not None else [Node(config)]
    for key in path:
        below: list[Value] = []
        for value in values:
            if isinstance(value, Table):
                below += value.entries.get(key, ())
            elif isinstance(value, Node) and value.child(key).data is not ABSENT:
                below.append(value.child(key))
        values = below
    return [value for value in values if isinstance(value, Node)]
