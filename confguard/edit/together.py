"""Splices of several steps that are made together: what goes with more that goes, and what is added where something goes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from confguard.edit.layout import end_above, line_end_of
from confguard.edit.splice import Splice


def joined(splices: Sequence[Splice], more: Sequence[Splice]) -> list[Splice]:
    """Splices with those of one more step: an item that is added where others are has its comma before it, since theirs is there."""
    if len(more) == 2 and more[0].text.strip() == "," and more[0] in splices:
        return [*splices, more[1]._replace(text="," + more[1].text)]
    return [*splices, *more]


def apart(text: str, splices: Sequence[Splice]) -> list[Splice]:
    """Splices some of which take something out, so that no two of them touch the same characters."""
    gone = _largest(text, splices)
    if any(splice.start == splice.end and splice.text.rstrip().endswith(",") for splice in splices):
        gone = [splice for splice in gone if text[splice.start : splice.end] != ","]  # it is needed again
    starts = [splice.start for splice in gone]
    added = []
    for splice in splices:
        place = bisect_left(starts, splice.start) - 1
        if splice.text and place >= 0 and splice.start == splice.end < gone[place].end:
            splice, gone[place] = _apart(text, splice, gone[place])
        if splice.text:
            added.append(splice)
    return [*added, *gone]


def _apart(text: str, added: Splice, gone: Splice) -> tuple[Splice, Splice]:
    """What is added within lines that go: below them, or beside the dash on whose line they begin."""
    if added.text.startswith(("\n", "\r")) and text[gone.end - 1] in "\r\n":
        line_end = line_end_of(added.text)
        return Splice(gone.end, gone.end, added.text[len(line_end) :] + line_end), gone
    if added.text.endswith(" ") and not text[gone.start : added.start].strip(" "):
        return added._replace(text=added.text.rstrip(" \r\n")), gone._replace(start=added.start)
    return added, gone


def _largest(text: str, splices: Sequence[Splice]) -> list[Splice]:
    """The splices that take something out, and not merely what another one takes out as well."""
    found: list[Splice] = []
    for splice in sorted((splice for splice in splices if not splice.text), key=_largest_first):
        if not found or splice.start >= found[-1].end:
            found.append(splice)
        elif splice.end > found[-1].end:  # the last lines of a file without a final line end, which stays one
            found[-1] = Splice(end_above(text, found[-1].start) if splice.end == len(text) else found[-1].start, splice.end, "")
    return found


def _largest_first(splice: Splice) -> tuple[int, int]:
    return splice.start, -splice.end
