"""A text as an editor counts it: lines from 0, and characters of UTF-16, in which an emoji is two."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

from confguard.words.typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\n|\r")
_BEYOND = "\uffff"
"""The last character that UTF-16 has a single unit for."""


class Place(NamedTuple):
    """A line and a character in it, both from 0."""

    line: int
    character: int


class Stretch(NamedTuple):
    """From one place to another, which it does not hold."""

    start: Place
    end: Place


class Edit(NamedTuple):
    """A stretch of a text that gives way to another text."""

    at: Stretch
    text: str


class Lines:
    """A text in which places and offsets can be told from each other. Lines end as the protocol and YAML have it, not where Python's do."""

    __slots__ = ("starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *map(re.Match.end, _LINE_END.finditer(text))]

    def offset(self, place: Place) -> int:
        """The offset of a place; beyond the end of a line or of the text, that end; within a character, its start."""
        if place.line >= len(self.starts):
            return len(self.text)
        start = self.starts[max(place.line, 0)]
        line = self._line(max(place.line, 0))
        if line.isascii():
            return start + min(max(place.character, 0), len(line))
        units = 0
        for index, char in enumerate(line):
            units += _units(char)
            if units > place.character:
                return start + index
        return start + len(line)

    def place(self, offset: int) -> Place:
        """The place of an offset."""
        offset = min(offset, len(self.text))
        line = bisect_right(self.starts, offset) - 1
        before = self.text[self.starts[line] : offset]
        return Place(line, len(before) if before.isascii() else len(before.encode("utf-16-le", "surrogatepass")) // 2)

    def stretch(self, start: int, end: int) -> Stretch:
        """The stretch between two offsets."""
        return Stretch(self.place(start), self.place(end))

    def _line(self, number: int) -> str:
        """A line without what ends it."""
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[number] : end].rstrip("\r\n")


def _units(char: str) -> int:
    return 2 if char > _BEYOND else 1


def changed(text: str, changes: Iterable[tuple[Stretch | None, str]]) -> str:
    """A text after changes, each of what the one before it left; one without a stretch is the whole text anew."""
    for at, new in changes:
        if at is None:
            text = new
            continue
        lines = Lines(text)
        start, end = sorted((lines.offset(at.start), lines.offset(at.end)))
        text = text[:start] + new + text[end:]
    return text


MOST_COMPARED = 2_000
"""Lines in which the edits between two texts are looked for one by one: the time grows with the square of their number."""


def edits_between(before: str, after: str) -> list[Edit]:
    """The edits that make one text of another, each of as few characters as its lines allow."""
    from difflib import SequenceMatcher

    lines = Lines(before)
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(len(old), len(new)) > MOST_COMPARED:
        old, new = [before], [after]
    edits, offset = [], [0]
    for line in old:
        offset.append(offset[-1] + len(line))
    for kind, first, last, left, right in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            gone, come = "".join(old[first:last]), "".join(new[left:right])
            same, same_end = _alike(gone, come)
            stretch = lines.stretch(offset[first] + same, offset[last] - same_end)
            edits.append(Edit(stretch, come[same : len(come) - same_end]))
    return edits


def _alike(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts have in common at their start, and then at their end; neither a word nor a line end is cut in two."""
    most = min(len(one), len(other))
    start = next((index for index in range(most) if one[index] != other[index]), most)
    while start and one[start - 1] not in " \t\n":
        start -= 1
    most -= start
    end = next((index for index in range(most) if one[-1 - index] != other[-1 - index]), most)
    while end and one[len(one) - end] not in " \t\r\n":
        end -= 1
    cuts = any(text[len(text) - end - 1 : len(text) - end + 1] == "\r\n" for text in (one, other))
    return start, end - 1 if cuts else end
