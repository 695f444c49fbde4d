"""A change: one row of a diff."""

from __future__ import annotations

from confguard.words.finding import Waived
from confguard.words.language import Said
from confguard.words.types import HUGE
from confguard.words.typing import Any, NamedTuple

CHANGED, ADDED, REMOVED, RENAMED, MOVED, UNCHANGED, DERIVED = "changed", "added", "removed", "renamed", "moved", "unchanged", "derived"
KINDS = (CHANGED, ADDED, REMOVED, RENAMED, MOVED, UNCHANGED, DERIVED)
SAME, DRIFT, WAIVED, NEW, GONE = "same", "drift", "waived", "new", "gone"


WHOLE_FILE = Said("the whole file", "整个文件")


class Unknown(NamedTuple):
    """The value of a derived row that cannot be known, and what would make it known."""

    why: Said


class Worked(NamedTuple):
    """A derived value, how it comes about (`500 x 4 x 6`), and what is to be said beside it."""

    value: Any
    working: str = ""
    note: Said | None = None


class Change(NamedTuple):
    """One row: a key of a file, or a value derived from several. `reference` and `current` are None where the side has no such key."""

    kind: str
    status: str
    file: str
    key: str
    reference: Any
    current: Any
    parameter: str | None = None
    reference_key: str | None = None
    """The key on the reference's side, where it has another name or place there."""
    identity: bool = False
    """Whether it names a run or a machine, so that a difference is none."""
    note: Said | None = None
    waiver: Waived | None = None
    unit: Said | None = None
    title: Said | None = None
    """What a derived value is called, or a row that has no key."""
    unread: bool = False
    """Whether the project's code reads no such key of the current side, so that the difference has no effect."""

    @property
    def counts(self) -> bool:
        """Whether an exit code counts the row."""
        return self.status in (DRIFT, NEW, GONE) and not self.identity and self.kind != DERIVED

    @property
    def direction(self) -> str | None:
        """`higher` or `lower` for a number that changed."""
        before, now = plain(self.reference), plain(self.current)
        if not (is_number(before) and is_number(now)) or before == now:
            return None
        return "higher" if now > before else "lower"

    @property
    def factor(self) -> float | None:
        """How many times the reference's number the current one is; None where one of them is not above 0, or beyond all use."""
        before, now = plain(self.reference), plain(self.current)
        if self.direction is None or not (0 < before < HUGE and 0 < now < HUGE):
            return None
        return float(now / before)


def plain(value: Any) -> Any:
    """A derived value without how it came about."""
    return value.value if isinstance(value, Worked) else value


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return type(value) in (int, float)
