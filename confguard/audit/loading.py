"""Loads: which config a call that reads one gives."""

from __future__ import annotations

import ast

from confguard.audit.config import Config
from confguard.audit.machine import Frame, Machine
from confguard.audit.places import Site
from confguard.audit.values import ANYTHING, Dumped, File, Node, Values, join, text_of

YAML = (".yaml", ".yml", ".example", ".sample", ".template", ".dist")


def loaded(frame: Frame, given: Values, node: ast.AST, endings: tuple[str, ...] = YAML) -> Values:
    """The configs that a load gives, for what it gets: a path, an open file, a text; or what was dumped, again."""
    again = [value for value in given if isinstance(value, Dumped)]
    if again:
        return join(*[value.of for value in again])
    site = frame.site(node)
    path = join(*[value.path if isinstance(value, File) else (value,) for value in given])
    frame.machine.use(tuple(value for value in path if isinstance(value, Node) and text_of(value) is not None), site)
    place = (*frame.machine.stack[-3:], site)
    found = _meant(frame.machine, path, frame.module.folder, place, endings)
    frame.machine.trace.count += any(config.is_asked for config in found)
    return join(*[_root(frame.machine, config, place, site) for config in found]) or ANYTHING


def _root(machine: Machine, config: Config, place: tuple[Site, ...], site: Site) -> Values:
    machine.trace.opened.setdefault(config, site)
    number = machine.numbers.setdefault(("load", place, config), len(machine.numbers) + 1)
    machine.origins[number] = place
    machine.births.setdefault(number, machine.branches)
    return machine.at(Node(config, (), number))


def _meant(machine: Machine, path: Values, folder: str, place: tuple[Site, ...], endings: tuple[str, ...]) -> list[Config]:
    """The configs that a path names; where it can be any, those that no load names and that have the keys that are asked for."""
    named, is_open = machine.configs.named(path, folder)
    machine.named_loads.update((config, machine.root) for config in named if config.is_asked)
    if not is_open:
        return named
    before = machine.before.named_loads if machine.before is not None else set()
    elsewhere = {config for config, root in before if named or root is machine.root}
    others = [one for one in machine.configs.asked if one not in named and one not in elsewhere and one.path.endswith(endings)]
    return named + _fitting(machine, others, place)


def _fitting(machine: Machine, configs: list[Config], place: tuple[Site, ...]) -> list[Config]:
    """Of the configs that a load may give those that have what is asked of it, as the first pass saw it."""
    before = machine.before
    if before is None:
        return configs
    fits = {config: before.fit(place, config) for config in configs}
    best = max((met for met, _ in fits.values()), default=0)
    if best == 0:
        return [config for config in configs if config not in before.met]
    return [config for config in configs if fits[config][0] * 2 >= best and fits[config][0] >= fits[config][1]]
