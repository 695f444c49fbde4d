"""The four kinds of rows: a key was renamed, was removed, has other values, or means something else.

One row is one fact, read in the published wheels. Version numbers inside deprecation warnings are not taken over: many of them are wrong.

A release is written as its minor, `0.15`; all patches of one minor have the same fields. A field that only moved to another class of the
same command, as `trust_remote_code` did in TRL 1.7, is no change for a flat file and has no row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from confguard.schemas.releases.table import package_of
from confguard.words.language import Said
from confguard.words.typing import Any, NamedTuple

GRPO, RLOO, SFT, DPO, KTO, REWARD = (f"{name}Config" for name in ("GRPO", "RLOO", "SFT", "DPO", "KTO", "Reward"))
MODEL, SCRIPT = "ModelConfig", "ScriptArguments"

Keys = dict[str, Any]
Config = Mapping[str, Any]
Turn = Callable[[Any, Config], Keys | None]
"""From the old key's value and the whole file, the keys that take its place: they are set, whether the file has them or not. An empty
mapping means that nothing has to take its place, None that a person must decide."""
When = Callable[[Any, Config], bool]


class Renamed(NamedTuple):
    """A key that has another name."""

    owners: tuple[str, ...]
    """The classes that have it as a field, all of one library."""
    old: str
    new: str
    new_since: str
    """The first minor in which the new name says what the old one said; the name itself may be older (`warmup_steps`)."""
    gone: str | None
    """The first minor without the old name; None while both are taken."""
    note: Said
    source: str
    turn: Turn | None = None
    """How the value is rewritten; without one it is taken over as it is."""
    kept: bool = True
    """Whether the new name can say the same: by the value as it is, or by what `turn` makes of it. Else a person must decide."""
    wins: bool = True
    """Whether, in a file that has both names, the old one was the one that counted."""

    @property
    def package(self) -> str:
        """The library of its classes."""
        return package_of(self.owners[0])

    def says_the_same(self, value: Any) -> bool:
        """Whether the new name says by the same value, and alone, what the old one said by it."""
        return self.kept and (self.turn is None or self.turn(value, {}) == {self.new: value})


class Removed(NamedTuple):
    """A key that has no successor of the same meaning."""

    owners: tuple[str, ...]
    old: str
    gone: str | None
    """The first minor without it; None while it is taken with a warning."""
    do: Said
    source: str
    harmless: bool = False
    """Whether dropping the key changes nothing about the run, whatever its value."""
    idle: tuple[Any, ...] = ()
    """Values that ask for what the newer releases do anyway: dropping the key then changes nothing."""
    dead: str | None = None
    """The first minor that still takes the key and does nothing with it: a file written for that one or a later one loses nothing."""
    warned: str | None = None
    """The first minor that warns of a key that is still taken by the newest one."""

    @property
    def package(self) -> str:
        """The library of its classes."""
        return package_of(self.owners[0])


class ValueRenamed(NamedTuple):
    """A value of a key that has another name."""

    owners: tuple[str, ...]
    key: str
    old: Any
    new: Any
    since: str
    """The first minor that takes the new value."""
    gone: str | None
    """The first minor that no longer takes the old value; None while both are taken."""
    source: str
    kept: bool = True
    """Whether the new value says the same. Else a person must decide."""

    @property
    def package(self) -> str:
        """The library of its classes."""
        return package_of(self.owners[0])


class MeaningChanged(NamedTuple):
    """A key whose name stayed and whose value says something else."""

    owners: tuple[str, ...]
    key: str
    since: str
    what: Said
    source: str
    when: When
    """The values that it matters for."""
    rewrite: Turn | None = None
    """What says in the newer releases what the value said in the older ones; None where a person must decide."""

    @property
    def package(self) -> str:
        """The library of its classes."""
        return package_of(self.owners[0])


Row = Renamed | Removed | ValueRenamed | MeaningChanged
