"""Waivers over a diff: which rows somebody wants as they are, and which waivers have lapsed or were not needed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from confguard.document.fit import Fitted
from confguard.words.catalogue import Catalogue
from confguard.words.change import DERIVED, SAME, WAIVED, Change
from confguard.words.language import Said
from confguard.words.typing import NamedTuple
from confguard.words.waiver import Waiver

HELD, LAPSED, UNUSED = "held", "lapsed", "unused"


class Used(NamedTuple):
    """What became of a waiver: it held for some rows, has lapsed, or nothing that it speaks of differs."""

    waiver: Waiver
    state: str
    why: Said | None = None


def waive(
    rows: list[Change], current: Fitted, waivers: Iterable[Waiver], catalogue: Catalogue, today: datetime.date
) -> tuple[list[Change], list[Used]]:
    """The rows of one file with the waivers that hold for them, and what became of each waiver that speaks of the file."""
    used = []
    by_key = {row.key: index for index, row in enumerate(rows) if row.kind != DERIVED}
    rows = list(rows)
    for waiver in waivers:
        for keys, why in _spoken_of(waiver, current, rows, catalogue, today):
            differing = [index for key in keys if (index := by_key.get(key)) is not None and rows[index].status != SAME]
            for index in differing:
                row = rows[index]
                rows[index] = row._replace(note=why) if why else row._replace(status=WAIVED, waiver=waiver.waived())
            used.append(Used(waiver, LAPSED if why else HELD if differing else UNUSED, why))
    return rows, used


def _spoken_of(
    waiver: Waiver, current: Fitted, rows: list[Change], catalogue: Catalogue, today: datetime.date
) -> list[tuple[list[str], Said | None]]:
    """The keys that a waiver speaks of in a file, and why it does not hold for them, where it does not."""
    if current.recipe is not None and catalogue.parameter(waiver.parameter) is not None:
        owners = waiver.owners(current.recipe, catalogue)
        parameters = waiver.covers(catalogue)
        return [([owner.name(name) for name in parameters], waiver.lapse(owner, catalogue, today)) for owner in owners]
    row = next((row for row in rows if row.key == waiver.parameter), None)  # an extension key: it is what the file says
    return [([row.key], waiver.lapse_of(row.current, catalogue, today))] if row else []
