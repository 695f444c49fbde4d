"""The flow of a diff: two sides, pairs of files, rows, derived rows, waivers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from confguard.diffing.compare import compare
from confguard.diffing.derive import derive, is_unread, standing
from confguard.diffing.pair import paired
from confguard.diffing.waive import Used, waive
from confguard.document.fit import Fitted
from confguard.words.catalogue import Catalogue
from confguard.words.change import ADDED, DERIVED, GONE, KINDS, NEW, REMOVED, SAME, WAIVED, WHOLE_FILE, Change
from confguard.words.derived import Curve, Derived, Points
from confguard.words.language import Said
from confguard.words.typing import NamedTuple
from confguard.words.waiver import Waiver

_NONE = frozenset[str]()


class Drawn(NamedTuple):
    """A curve of both sides; a side whose curve is not known has no points."""

    curve: Curve
    file: str
    reference: Points | None
    current: Points | None


class Untranslated(NamedTuple):
    """A key of one side that the other side's kind has none for, that kind, and what takes its place there."""

    key: str
    kind: str
    instead: Said


class Comparison(NamedTuple):
    """Everything a diff found."""

    pairs: list[tuple[Fitted, Fitted]]
    rows: list[Change]
    curves: list[Drawn]
    waivers: list[Used]
    left_out: list[str]
    """Files that have no counterpart and are not compared."""
    untranslated: list[Untranslated]
    """What only one of two kinds has a key for."""

    def counts(self) -> dict[str, int]:
        """How many rows there are: by kind; waived and identity rows, and derived rows that are the same, are counted apart."""
        counts = dict.fromkeys((*KINDS[:5], WAIVED, "identity", *KINDS[5:]), 0)
        for row in self.rows:
            if row.status == SAME:
                counts["unchanged"] += row.kind != DERIVED
            elif row.kind == DERIVED:
                counts[DERIVED] += 1
            else:
                counts[WAIVED if row.status == WAIVED else "identity" if row.identity else row.kind] += 1
        return counts

    def differs(self) -> bool:
        """Whether anything differs that is neither waived nor a name of a run."""
        return any(row.counts for row in self.rows)


def comparison(
    reference: list[Fitted],
    current: list[Fitted],
    catalogue: Catalogue,
    derived: tuple[Derived, ...] = (),
    curves: tuple[Curve, ...] = (),
    waivers_of: Callable[[Fitted], Iterable[Waiver]] = lambda side: (),
    unread: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Comparison:
    """Compare the files of two sides. `waivers_of` tells the waivers of the project that a current file belongs to.

    `unread` has the keys, by current file, that the project's code does not read, where it is known.
    """
    pairs, only_reference, only_current, left_out = paired(reference, current)
    today = datetime.date.today()
    found = Comparison([], [], [], [], [side.document.path for side in left_out], [])
    for theirs, ours in (_of_one_kind(pair, catalogue, found.untranslated) for pair in pairs):
        found.pairs.append((theirs, ours))
        rows = marked(compare(theirs, ours, catalogue), unread.get(ours.document.path, _NONE))
        rows, used = waive(rows, ours, waivers_of(ours), catalogue, today)
        found.rows.extend(rows)
        found.waivers.extend(used)
        found.rows.extend(composites(theirs, ours, catalogue, rows))
        found.rows.extend(derive(theirs, ours, derived, rows))
        found.curves.extend(_curves(theirs, ours, curves, unread.get(ours.document.path, _NONE)))
    found.rows.extend(_file_row(side, REMOVED, GONE) for side in only_reference)
    found.rows.extend(_file_row(side, ADDED, NEW) for side in only_current)
    return found


def marked(rows: list[Change], unread: frozenset[str]) -> list[Change]:
    """The rows of one file, with those marked whose key on the current side the code does not read."""
    return [row._replace(unread=True) if row.kind != REMOVED and row.key in unread else row for row in rows] if unread else rows


def _of_one_kind(pair: tuple[Fitted, Fitted], catalogue: Catalogue, untranslated: list[Untranslated]) -> tuple[Fitted, Fitted]:
    """Two files as two of one kind, where one can be converted to the other's; what has no place there is noted."""
    theirs, ours = pair
    if theirs.kind == ours.kind or theirs.shape is None or ours.shape is None:
        return pair
    from confguard.diffing.convert import as_kind

    for one, other in ((theirs, ours), (ours, theirs)):
        assert other.shape is not None
        if (found := as_kind(one, other.shape, catalogue)) is not None and one.recipe is not None:
            untranslated += [Untranslated(one.recipe.name(left.parameter), other.shape.kind, left.instead) for left in found[1]]
            return (found[0], other) if one is theirs else (other, found[0])
    return pair


def composites(theirs: Fitted, ours: Fitted, catalogue: Catalogue, rows: list[Change]) -> Iterable[Change]:
    """What is spread over several keys, in one row each."""
    if theirs.recipe is None or ours.recipe is None or ours.shape is None or theirs.shape is not ours.shape:
        return
    differing = {row.parameter: row for row in rows if row.status != SAME}
    for parameter, composite in catalogue.composites.items():
        if parameter not in ours.shape.names:
            continue
        before, now = composite.says(theirs.recipe), composite.says(ours.recipe)
        changed = [differing[name] for name in (parameter, *composite.members) if name in differing]
        status, waiver = (SAME, None) if before == now else standing(changed)
        yield Change(
            DERIVED,
            status,
            ours.document.path,
            parameter,
            before,
            now,
            title=composite.title,
            waiver=waiver,
            unread=is_unread(changed),
        )


def _curves(theirs: Fitted, ours: Fitted, curves: tuple[Curve, ...], unread: frozenset[str]) -> Iterable[Drawn]:
    """The curves of both sides; one that rests on a key that no code reads would show what nobody does."""
    if theirs.recipe is None or ours.recipe is None:
        return
    for curve in curves:
        before, now = curve.points(theirs.recipe), curve.points(ours.recipe)
        is_idle = bool(unread) and now != curve.points(ours.recipe.without(unread))
        if (before or now) and not is_idle:
            yield Drawn(curve, ours.document.path, before, now)


def _file_row(side: Fitted, kind: str, status: str) -> Change:
    before, now = (None, side.kind) if kind == ADDED else (side.kind, None)
    return Change(kind, status, side.document.path, "", before, now, title=WHOLE_FILE)
