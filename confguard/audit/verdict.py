"""What is said of each key in the end: read, or not, and what is there instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from confguard.audit.asked import MISSING, Asked, Spot
from confguard.audit.config import Config, Leaf
from confguard.audit.machine import Machine
from confguard.audit.places import ABSENT, Path, Site
from confguard.audit.trace import Sites
from confguard.audit.twins import Twin
from confguard.words.recipe import dotted

READ, DEAD, PHANTOM, PASSED_ON, SHADOWED, UNKNOWN = "read", "read-dead", "phantom", "passed-on", "shadowed", "unknown"
HIDDEN, CONFLICT, ABSENT_KEY = "hidden", "conflict", "missing"


class Verdict(NamedTuple):
    """One key: its class, where it is read, where its value goes, and a note."""

    config: Config
    leaf: Leaf
    kind: str
    reads: tuple[Site, ...]
    into: str
    note: str
    twin: Twin | None = None
    """Where the code has a value of its own for a key that it does not read."""


class Default(NamedTuple):
    """A key that the code has a default for: it rules, since the config has no such key, or several places disagree, or there is none."""

    config: Config
    path: Path
    key: str
    kind: str
    offers: tuple[tuple[Site, Any], ...]
    """Where the code says which."""

    @property
    def values(self) -> tuple[Any, ...]:
        """The defaults, each once."""
        return tuple(_distinct([value for _, value in self.offers if value is not MISSING]))

    @property
    def sites(self) -> tuple[Site, ...]:
        """The lines, each once."""
        return tuple(dict.fromkeys(site for site, _ in self.offers))


def verdicts(machine: Machine) -> Iterator[Verdict]:
    """One for each key of the configs that were asked about."""
    for config in machine.configs.asked:
        for leaf in config.leaves:
            yield _verdict(machine, config, leaf)


def _verdict(machine: Machine, config: Config, leaf: Leaf) -> Verdict:
    trace = machine.trace
    named = _at(trace.named, config, leaf.path)
    used = _at(trace.used, config, leaf.path)
    passed = _above(trace.passed, config, leaf.path)
    unclear = _above(trace.unclear, config, leaf.path)
    logged = _at(trace.logged, config, leaf.path)
    overwritten = _at(trace.overwritten, config, leaf.path)
    into = next((what for what in used.values() if what), "")
    if not used and not named and not logged:
        used = _at(trace.tested, config, leaf.path)
    filled = _at(trace.filled, config, leaf.path)
    if used or (passed and named):
        used = used or passed
        return Verdict(config, leaf, READ, tuple(named or used), into, "")
    if passed:
        return Verdict(config, leaf, PASSED_ON, tuple(passed), _first(passed), f"goes whole to {_first(passed)}")
    if unclear or machine.is_incomplete():
        return Verdict(config, leaf, UNKNOWN, tuple(unclear), "", _first(unclear) or "the code is too large to be followed to its end")
    if overwritten and not named:
        other = _first(overwritten)
        note = f"{other} says otherwise, and is laid over it" if other else "overwritten before anything reads it"
        return Verdict(config, leaf, SHADOWED, tuple(overwritten), other, note)
    if named or filled:
        named = named or filled
        note = "only shown or logged" if logged else "obtained, and nothing is done with it"
        return Verdict(config, leaf, DEAD, tuple(named), "", note)
    if config not in trace.opened:
        return _unopened(machine, config, leaf)
    return Verdict(config, leaf, PHANTOM, (), "", "")


def _unopened(machine: Machine, config: Config, leaf: Leaf) -> Verdict:
    """A key of a config that no code was seen to open."""
    given = machine.trace.given.get(config)
    if given:
        return Verdict(config, leaf, PASSED_ON, tuple(given), _first(given), f"goes whole to {_first(given)}")
    if (script := machine.modules.script_naming(config.path)) is not None:
        return Verdict(config, leaf, UNKNOWN, (), "", f"no Python opens this file, but {script} names it")
    if (library := machine.modules.loading_library()) is not None:
        return Verdict(config, leaf, UNKNOWN, (), "", f"no code that can be followed opens this file; {library} may")
    return Verdict(config, leaf, PHANTOM, (), "", "no code opens this file")


def _first(sites: Sites) -> str:
    return next((what for what in sites.values() if what), "")


def _at(seen: dict[Spot, Sites], config: Config, path: Path) -> Sites:
    """What was seen at a key, or at the items of the list that it holds."""
    found = dict(seen.get((config, path), {}))
    for (other, longer), sites in seen.items():
        if other is config and len(longer) > len(path) and longer[: len(path)] == path:
            found.update(sites)
    return found


def _above(seen: dict[Spot, Sites], config: Config, path: Path) -> Sites:
    """What was seen at a key or at a section that holds it."""
    found: Sites = {}
    for length in range(len(path), -1, -1):
        found.update(seen.get((config, path[:length]), {}))
    return found


def defaults(machine: Machine) -> Iterator[Default]:
    """The defaults of the code that rule, those that disagree, and the keys that it cannot do without."""
    asked: dict[Spot, list[Asked]] = {}
    for one in machine.trace.asked:
        if one.spot[0].is_asked:
            asked.setdefault(one.spot, []).append(one)
    for (config, path), ones in asked.items():
        if all(one.is_section for one in ones) and any(
            other is config and longer[: len(path)] == path and longer != path for other, longer in asked
        ):
            continue
        yield from _ruling(config, path, ones)
    for (config, path), offers in machine.trace.defaults.items():
        values = _distinct([value for _, value in offers])
        if config.is_asked and len(values) > 1:
            yield Default(config, path, key_of(path), CONFLICT, tuple(offers))


def _ruling(config: Config, path: Path, ones: list[Asked]) -> Iterator[Default]:
    hidden = [one for one in ones if one.default is not MISSING]
    missing = [one for one in ones if one.default is MISSING]
    if hidden:
        offers = [(one.site, None if one.default is ABSENT else one.default) for one in hidden]
        yield Default(config, path, key_of(path), HIDDEN, tuple(offers))
    if missing:
        yield Default(config, path, key_of(path), ABSENT_KEY, tuple((one.site, MISSING) for one in missing))


def _distinct(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(type(value) is type(other) and value == other for other in found):
            found.append(value)
    return found


def key_of(path: Path) -> str:
    """A path as the file would have it."""
    return dotted(*[str(part) if not isinstance(part, int) or index == 0 else part for index, part in enumerate(path)])
