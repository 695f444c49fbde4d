"""The release tables, read: which fields a class has at a target, with type and default, and what a field was in each release.

Releases are told by their minor, such as `1.16`. A table is loaded when it is first asked for. Types are words: `int`, `float`, `str`,
`bool`, `dict`, `any`, `list[str]` and other lists, `one of a|b`, `enum a|b` where the constructor itself refuses any other value, and
unions of them with ` | `, of which `null` comes last. A history names the enum instead, whose values are those of `members`.
"""

from __future__ import annotations

from functools import cache

from confguard.words.target import PACKAGES, Target, minor
from confguard.words.typing import Any, NamedTuple


class Marker:
    """A word that stands where a default would stand."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN = Marker("UNKNOWN")
"""The default of a field where it is no literal: it depends on something else, such as the version of torch."""
REQUIRED = Marker("REQUIRED")
"""The default of a field that has none: the constructor wants a value."""

BASE = "TrainingArguments"
TRAINING = ("GRPOConfig", "RLOOConfig", "SFTConfig", "DPOConfig", "KTOConfig", "RewardConfig")
"""TRL's classes whose fields are laid over those of transformers' `TrainingArguments`."""
_HOMES = {BASE: "transformers", "LoraConfig": "peft"}


class Field(NamedTuple):
    """A field at a target: the class of the tables that owns it, that class's library, its type in words and its default.

    An enum is resolved: the type is `enum ...` with the values of that release. The default is None for null.
    """

    name: str
    owner: str
    package: str
    type: str
    default: Any


class Step(NamedTuple):
    """What a field is from one minor release on, until its next step. The type is None where it is gone.

    The first step of the oldest release in the tables means that release or an earlier one.
    """

    since: str
    type: str | None
    default: Any = None


class _Table:
    def __init__(self, found: Any) -> None:
        self.releases: tuple[str, ...] = tuple(found.RELEASES)
        self.dates: tuple[str, ...] = tuple(found.RELEASES.values())  # the day of each release, such as `2026-10-15`
        self.places = {_name(version): place for place, version in enumerate(self.releases)}  # of each minor in the order of releases
        self.enums: dict[str, dict[str, tuple[str, ...]]] = found.ENUMS
        self.classes: dict[str, dict[str, tuple[tuple[Any, ...], ...]]] = found.CLASSES


@cache
def _table(package: str) -> _Table:
    return _Table(__import__(f"confguard.schemas.releases.{package}", fromlist=["RELEASES"]))  # importlib alone takes 0.4 ms of a check


def _name(version: str) -> str:
    return ".".join(map(str, minor(version)))


def package_of(class_name: str) -> str:
    """The library of a class of the tables."""
    return _HOMES.get(class_name, "trl")


def releases(package: str) -> tuple[str, ...]:
    """The releases in the table of a library, oldest first: the newest patch of each minor."""
    return _table(package).releases


def newest() -> Target:
    """The newest release of each library that the tables know."""
    return Target(*(releases(package)[-1] for package in PACKAGES))


def oldest() -> Target:
    """The oldest release of each library that the tables know."""
    return Target(*(releases(package)[0] for package in PACKAGES))


def of_its_time(package: str, other: str, version: str) -> str:
    """The release of a library that was the newest when a release of another one came out; the oldest known where none is that old.

    >>> of_its_time("transformers", "trl", "0.15.2"), of_its_time("peft", "trl", "0.12.0")
    ('4.49.0', '0.14.0')
    """
    theirs = _table(other)
    day = theirs.dates[theirs.places[known(other, version) or _name(theirs.releases[0])]]
    table = _table(package)
    return next(
        (name for name, date in zip(reversed(table.releases), reversed(table.dates), strict=True) if date <= day), table.releases[0]
    )


def known(package: str, version: str) -> str | None:
    """The minor in the table that stands for a release: its own, else the next older one; None for what is older than the table.

    >>> known("trl", "1.16.3"), known("trl", "99.0"), known("transformers", "4.99"), known("trl", "0.11.4")
    ('1.16', '1.16', '4.57', None)
    """
    table = _table(package)
    if _name(version) in table.places:
        return _name(version)
    older = [release for release in table.releases if minor(release) <= minor(version)]
    return _name(older[-1]) if older else None


def fields(class_name: str, target: Target) -> dict[str, Field]:
    """The fields of a class at a target; empty where that release has no such class or is older than the tables.

    A configuration of a trainer has the fields of transformers' `TrainingArguments`, overlaid by its own. Where a target does not name
    the release of a library, it is the newest. Raises `KeyError` for a class that is in no table.
    """
    own = _own_fields(class_name, _place(package_of(class_name), target))
    if class_name not in TRAINING:
        return dict(own)
    inherited = _own_fields(BASE, _place("transformers", target))
    return {**inherited, **own} if own and inherited else {}


def _place(package: str, target: Target) -> int:
    """The place of a target's release in the order of a table; -1 where it is older than all."""
    version = target.version(package)
    found = known(package, version) if version else _name(releases(package)[-1])
    return _table(package).places[found] if found else -1


@cache
def _own_fields(class_name: str, place: int) -> dict[str, Field]:
    package = package_of(class_name)
    table = _table(package)
    places = table.places
    found = {}
    for name, steps in table.classes[class_name].items():
        step = steps[-1]
        if places[step[0]] > place:
            step = next((step for step in reversed(steps) if places[step[0]] <= place), ())
        if len(step) > 1:
            type_ = _resolved(table, step[1], place) if step[1].startswith("enum ") else step[1]
            found[name] = Field(name, class_name, package, type_, _marked(step[2]))
    return found


def _marked(default: Any) -> Any:
    """A default of the table, with a marker for what is no value."""
    if type(default) is dict and "expr" in default:
        return UNKNOWN if default["expr"] else REQUIRED
    return default


def _resolved(table: _Table, type_: str, place: int) -> str:
    name, null, _ = type_.removeprefix("enum ").partition(" | null")
    return "enum " + "|".join(_members(table, name, place)) + null


def _members(table: _Table, enum: str, place: int) -> list[str]:
    steps = table.enums.get(enum, {})
    return [value for value, turns in steps.items() if sum(table.places[turn] <= place for turn in turns) % 2]


def members(package: str, enum: str, version: str = "") -> tuple[str, ...]:
    """The values of an enum in a release, or in the newest one; empty where the release does not convert into such an enum."""
    return tuple(_members(_table(package), enum, _place(package, Target(**{package: version}))))


def names(class_name: str) -> tuple[str, ...]:
    """The names of all fields that a class has or once had as its own, sorted."""
    return tuple(_table(package_of(class_name)).classes[class_name])


def history(class_name: str, name: str) -> list[Step]:
    """The steps of a field that is the class's own, oldest first; empty where it never was. See `histories` for inherited ones."""
    found: list[Step] = []
    for since, *what in _table(package_of(class_name)).classes[class_name].get(name, []):
        step = Step(since, what[0], _marked(what[1])) if what else Step(since, None)
        if not found or repr(found[-1][1:]) != repr(step[1:]):  # two expressions that differ are both unknown
            found.append(step)
    return found


def histories(class_name: str, name: str) -> list[tuple[str, list[Step]]]:
    """The library and the steps of each history that a field of a class has: the class's own first, then that of `TrainingArguments`.

    While the class has a field of its own, the inherited one of the same name is hidden; where its own is not yet there or gone again,
    the inherited one shows.
    """
    owners = (class_name, BASE) if class_name in TRAINING else (class_name,)
    return [(package_of(owner), steps) for owner in owners if (steps := history(owner, name))]


def owner_of(class_name: str, name: str, target: Target) -> str | None:
    """The class of the tables whose field it is at a target: the class itself or `TrainingArguments`; None where there is none."""
    field = fields(class_name, target).get(name)
    return field.owner if field else None


def lifetime(class_name: str, name: str) -> tuple[str, str | None] | None:
    """The first minor release that has a field as the class's own, and the first that has it no longer; None where it never was.

    A field that came back counts as there: what ends its life is the last step.
    """
    steps = history(class_name, name)
    if not steps:
        return None
    return steps[0].since, steps[-1].since if steps[-1].type is None else None
