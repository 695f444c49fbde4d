"""Which file is compared with which: two files with each other; in folders those of one kind, and of one name where there are several."""

from __future__ import annotations

import os

from confguard.document.fit import Fitted
from confguard.words.typing import NamedTuple


class Pairs(NamedTuple):
    """Files that are compared, and the files of known kinds that have no counterpart on the other side."""

    pairs: list[tuple[Fitted, Fitted]]
    only_reference: list[Fitted]
    only_current: list[Fitted]
    left_out: list[Fitted]
    """Files that nothing is said of: of no known kind, or beside a side that is one file, and without a counterpart."""


def paired(reference: list[Fitted], current: list[Fitted]) -> Pairs:
    """Pair the files of two sides. One of the reference can be the counterpart of several: many runs have one reference."""
    if len(reference) == 1 and len(current) == 1:
        return Pairs([(reference[0], current[0])], [], [], [])
    pairs = [(found, side) for side in current if (found := _counterpart(side, reference))]
    paired_files = {id(side) for pair in pairs for side in pair}
    whole = len(reference) > 1 and len(current) > 1  # a single file says nothing of the others beside it
    only = [[side for side in sides if id(side) not in paired_files] for sides in (reference, current)]
    told = [[side for side in sides if side.kind and whole] for sides in only]
    return Pairs(pairs, told[0], told[1], [side for sides in only for side in sides if not (side.kind and whole)])


def _counterpart(side: Fitted, reference: list[Fitted]) -> Fitted | None:
    name = os.path.basename(side.document.path)
    of_kind = [other for other in reference if other.kind == side.kind]
    of_name = [other for other in of_kind if os.path.basename(other.document.path) == name]
    if side.kind is None:
        return of_name[0] if of_name else None
    return next(iter(of_name or of_kind), None)
