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
    number = machine.copies.number(("load", place, config))
    machine.copies.origins[number] = place
    machine.copies.births.setdefault(number, machine.branches)
    return machine.at(Node(config, (), number))


def _meant(machine: Machine, path: Values, folder: str, place: tuple[Site, ...], endings: tuple[str, ...]) -> list[Config]:
    """The configs that a path names; where it can be any, those that no load names and that have the keys that are asked for."""
    named, is_open = machine.configs.named(path, folder)
    machine.named_loads.update((config, machine.root) for config in named if config.is_asked)
    if not is_open:
        return named
    others = [one for one in machine.configs.asked if one not in named and one.path.endswith(endings)]
    return named + [one for one in others if _may_give(machine, one, place, any(config.is_asked for config in named))]


def _may_give(machine: Machine, config: Config, place: tuple[Site, ...], names_another: bool) -> bool:
    """Whether a load whose path can be any may give a config that it does not name, as the first pass saw it.

    Where another load gives it, this one has to have met some of its keys, and no fewer than it asked for in vain.
    """
    before = machine.before
    if before is None:
        return True
    met, lacked = before.fit(place, config)
    fits = met > 0 and met >= lacked
    if names_another or (config, machine.root) in before.named_loads:
        return fits
    elsewhere = max((before.fit(other, config)[0] for other in set(before.copies.origins.values()) if other != place), default=0)
    return fits or elsewhere <= met
