"""What someone wants other than the reference has it: waivers of the project, and what is kept for this one migration."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from fnmatch import fnmatchcase

from confguard.migrate.plan import KEEP, WAIVER
from confguard.words.catalogue import Catalogue
from confguard.words.change import Change
from confguard.words.recipe import Recipe
from confguard.words.typing import Any, NamedTuple
from confguard.words.waiver import Waiver

NOT_ASKED_FOR = ("not among --only", "left out by --except")
_NOWHERE = Recipe("", {})
AS_IT_IS = object()
"""The value of something that is kept whatever it is."""


class Keep(NamedTuple):
    """A `--keep KEY[=VALUE]`, and the reason given for it."""

    key: str
    value: Any
    because: str | None


class Wishes(NamedTuple):
    """Everything that is asked for beyond the reference."""

    keeps: tuple[Keep, ...] = ()
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    """Patterns of what is left alone: `--except`."""
    scale_warmup: bool = False
    unsafe: bool = False


class Wanted(NamedTuple):
    """The value that someone wants a key to have, `AS_IT_IS`, or None for no such key; and why."""

    value: Any
    by: str
    why: str


def names_of(row: Change) -> list[str]:
    """What a row can be called: its key, the last part of it, its parameter, the sections that it stands in."""
    sections = [row.key[:end] for end, char in enumerate(row.key) if char in ".["]
    return [name for name in (row.key, row.key.rpartition(".")[2], row.parameter, row.reference_key, *sections) if name]


def is_left_out(row: Change, wishes: Wishes) -> str | None:
    """Why a row is left alone for this migration; None where it is not."""
    if wishes.only and not _matches(row, wishes.only):
        return NOT_ASKED_FOR[0]
    return NOT_ASKED_FOR[1] if _matches(row, wishes.but) else None


def _matches(row: Change, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in names_of(row))


def is_named_by(key: str | None, wishes: Wishes) -> bool:
    """Whether a key is to be left as it is: kept, or left out. Comments, which have no key, are left where only some keys are asked for."""
    if key is None:
        return bool(wishes.only)
    row = Change("changed", "drift", "", key, None, None)
    return is_left_out(row, wishes) is not None or any(keep.key in names_of(row) for keep in wishes.keeps)


def wanted(row: Change, wishes: Wishes, waivers: Iterable[Waiver], catalogue: Catalogue, today: datetime.date) -> Wanted | None:
    """What someone wants of a row; what is asked for now counts before the project's waivers."""
    for keep in wishes.keeps:
        asked = _asked(row, Waiver(keep.key, keep.value, "", None, None, 0, _NOWHERE), catalogue)
        if asked is not None:
            return Wanted(asked[0], KEEP, f"--keep: {keep.because}" if keep.because else "--keep")
    for waiver in waivers:
        if waiver.expires is not None and waiver.expires < today:
            continue
        asked = _asked(row, waiver, catalogue)
        if asked is not None:
            by = f" by {waiver.by}" if waiver.by else ""
            return Wanted(asked[0], WAIVER, f"waived{by}: {waiver.reason}")
    return None


def expired(row: Change, waivers: Iterable[Waiver], catalogue: Catalogue, today: datetime.date) -> Waiver | None:
    """The waiver of a row that has run out."""
    past = (waiver for waiver in waivers if waiver.expires is not None and waiver.expires < today)
    return next((waiver for waiver in past if _asked(row, waiver, catalogue) is not None), None)


def _asked(row: Change, waiver: Waiver, catalogue: Catalogue) -> tuple[Any] | None:
    """The value, in a tuple of its own, that a waiver asks of a row; None where it does not speak of it."""
    name, value = waiver.parameter, waiver.value
    parameter = catalogue.parameter(name)
    if parameter is None or row.parameter is None:
        return (value,) if name in (row.key, row.reference_key) else None
    composite = catalogue.composites.get(parameter)
    if composite is not None and row.parameter in (parameter, *composite.members):
        if value is AS_IT_IS and name == parameter:
            return (AS_IT_IS,)
        asks = composite.asks(value) if isinstance(value, str) else None
        if asks is not None:
            return (asks[row.parameter],)
    is_named = "." not in name or name in (row.key, row.reference_key)
    return (value,) if row.parameter == parameter and is_named else None
