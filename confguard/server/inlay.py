"""What an editor shows behind a value: the reference's, where that is another one."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from confguard.diffing.compare import compare
from confguard.diffing.waive import waive
from confguard.report.wording import STATUS_WORDS, cells
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.buffers import Buffers, settled
from confguard.server.look import REFERENCE_WORD, look_at, reference_of
from confguard.server.spots import Spot, spots_of
from confguard.server.texts import Place, Stretch
from confguard.words.change import CHANGED, WAIVED
from confguard.words.typing import NamedTuple


class Hint(NamedTuple):
    """A few words, and the place that they are shown at."""

    at: Place
    label: str


def hints(path: str, shown: Stretch, buffers: Buffers, lang: str) -> list[Hint]:
    """The reference's values in a stretch of a file."""
    buffers = settled(buffers)
    look = look_at(path, buffers)
    theirs = reference_of(look, buffers.read) if look is not None else None
    if look is None or theirs is None:
        return []
    rows, _ = waive(compare(theirs, look.ours, CATALOGUE), look.ours, look.project.waivers, CATALOGUE, datetime.date.today())
    changed = {row.key: row for row in rows if row.kind == CHANGED and not row.identity}

    def found() -> Iterator[Hint]:
        for spot in spots_of(look.document):
            row = changed.get(spot.path)
            if row is not None:
                waived = f" ({STATUS_WORDS[WAIVED].to(lang)})" if row.status == WAIVED else ""
                place = look.lines.place(_behind(spot, look.document.text) + look.mark)
                yield Hint(place, f"{REFERENCE_WORD.to(lang)}: {cells(row, lang)[0]}{waived}")

    return [hint for hint in found() if shown.start <= hint.at <= shown.end]


def _behind(spot: Spot, text: str) -> int:
    """Behind a value that stands on its key's line, else behind the key and its colon."""
    if "\n" not in text[spot.key.start : spot.value.end] and "\r" not in text[spot.key.start : spot.value.end]:
        return max(spot.value.end, spot.key.end)
    return text.index(":", spot.key.end) + 1 if ":" in text[spot.key.end :] else spot.key.end
