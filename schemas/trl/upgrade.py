"""The steps that bring a native file from one target to another, and what can be told of the target that it was written for."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.schemas.migrations.row import MeaningChanged, Removed, Renamed, Row, ValueRenamed
from confguard.schemas.migrations.table import ROWS
from confguard.schemas.releases.table import of_its_time, releases
from confguard.schemas.trl.commands import Command
from confguard.schemas.trl.shapes import owners_of, shape_of
from confguard.words.language import Said
from confguard.words.target import Target, minor
from confguard.words.typing import Any, NamedTuple
from confguard.words.upgrade import Step, took

Config = dict[str, Any]

_TAKEN_OVER = Said("the same under another name", "含义相同，仅改名")
_NOT_READ = Said("nothing is lost", "没有影响")


class Way(NamedTuple):
    """From which target to which; and the oldest that the file may have been written for, where that is only told by its keys."""

    oldest: Target
    old: Target
    new: Target


def steps(command: Command, config: Config, way: Way) -> Iterator[Step]:
    """What has to become of a file's keys, oldest release first, each step after the ones before it."""
    new = way.new
    owners = owners_of(command)
    rows = [row for row in ROWS if not owners.isdisjoint(row.owners) and _is_reached(row, new)]
    for row in sorted(rows, key=lambda row: (row.package, minor(_since(row) or ""))):
        step = _step(row, config, way)
        if step is not None:
            yield step
            config = took(step, config)


def _since(row: Row) -> str | None:
    return row.since if isinstance(row, MeaningChanged) else row.gone


def _is_reached(row: Row, new: Target) -> bool:
    """Whether a row has happened by the release of a target; what is only deprecated has not."""
    since = _since(row)
    return since is not None and minor(since) <= minor(new.version(row.package))


def _step(row: Row, config: Config, way: Way) -> Step | None:
    key = row.key if isinstance(row, (ValueRenamed, MeaningChanged)) else row.old
    if key not in config:
        return None
    since = f"{row.package} {_since(row)}"
    value = config[key]
    if isinstance(row, MeaningChanged):
        if minor(way.old.version(row.package)) >= minor(row.since) or not row.when(value, config):
            return None
        return Step(key, _kept_beside(key, value, row.rewrite(value, config) if row.rewrite else None), since, row.what, row.source)
    if isinstance(row, ValueRenamed):
        if type(value) is not type(row.old) or value != row.old:
            return None
        return Step(key, {key: row.new} if row.kept else None, since, _value_gone(row), row.source)
    if isinstance(row, Removed):
        lost = not (
            row.harmless or _is_idle(value, row) or (row.dead is not None and minor(row.dead) <= minor(way.oldest.version(row.package)))
        )
        return Step(key, None if lost else {}, since, row.do if lost else _NOT_READ, row.source)
    return Step(key, _renamed(row, value, config), since, row.note if row.turn or not row.kept else _TAKEN_OVER, row.source)


def _renamed(row: Renamed, value: Any, config: Config) -> Config | None:
    if not row.kept:
        return None
    if row.new in config and not row.wins:
        return {}
    return {row.new: value} if row.turn is None else row.turn(value, config)


def _kept_beside(key: str, value: Any, rewritten: Config | None) -> Config | None:
    """What another meaning makes of a key: the key stays, unless the rewrite speaks of it."""
    return rewritten if rewritten is None else {key: value, **rewritten}


def _is_idle(value: Any, row: Removed) -> bool:
    return any(type(value) is type(idle) and value == idle for idle in row.idle)


def _value_gone(row: ValueRenamed) -> Said:
    if row.kept:
        return Said(f"{row.old} is called {row.new}", f"{row.old} 改名为 {row.new}")
    return Said(f"{row.old} is gone; {row.new} is not the same", f"{row.old} 已移除；{row.new} 与之不同")


class Fitting(NamedTuple):
    """The TRL releases that have all keys of a file, oldest first; or the one that has the most of them, and which it lacks."""

    releases: tuple[str, ...]
    lacks: tuple[str, ...] = ()


def fitting(command: Command, keys: set[str]) -> Fitting:
    """Which releases of TRL a file can have been written for, each with transformers and PEFT of its time."""
    lacking = {version: keys - set(shape_of(command, target_of_time(version)).fields) for version in releases("trl")}
    fewest = min(len(lacks) for lacks in lacking.values())
    found = tuple(version for version, lacks in lacking.items() if len(lacks) == fewest)
    return Fitting(found, tuple(sorted(lacking[found[-1]])))


def target_of_time(trl: str) -> Target:
    """A release of TRL, with the others as they were when it came out; with the newest of all where it is the newest."""
    if minor(trl) >= minor(releases("trl")[-1]):
        return Target(trl, releases("transformers")[-1], releases("peft")[-1])
    return Target(trl, of_its_time("transformers", "trl", trl), of_its_time("peft", "trl", trl))
