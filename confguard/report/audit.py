"""An audit for people at a terminal: what no code reads first, with what the code has instead beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confguard.audit.audit import Audit
from confguard.audit.places import Site
from confguard.audit.verdict import ABSENT_KEY, CONFLICT, DEAD, HIDDEN, PASSED_ON, PHANTOM, READ, SHADOWED, UNKNOWN, Default, Verdict
from confguard.report.audit_words import (
    CLASSES,
    DEFAULTS,
    config_place,
    counts,
    defaults_of,
    each_with_its_place,
    followed,
    instead,
    key_and_value,
    of_kind,
    place,
    places,
    shown_path,
    unopened,
    values,
)
from confguard.report.paint import Line
from confguard.report.safe import clean, columns, in_lines
from confguard.words.spelling import counted
from confguard.words.typing import NamedTuple

STYLES = {READ: "good", PHANTOM: "error", SHADOWED: "error", HIDDEN: "warning", CONFLICT: "warning", ABSENT_KEY: "error"}
LOGGED = "only shown or logged"
WITH_TWINS = "; with them, what it has instead"
ALL_READ = "The code reads every key"
TITLES = {
    PHANTOM: "no code reads these keys",
    SHADOWED: "overwritten before anything reads them",
    DEAD: "obtained by name, and nothing comes of them",
    UNKNOWN: "asked for in a way that cannot be followed",
    HIDDEN: "the config has no such key, and the code's own default rules",
    CONFLICT: "places of the code that have different defaults for one key",
    ABSENT_KEY: "asked for without a default, and the config has no such key",
    PASSED_ON: "in sections that go whole to what is not in the code",
    READ: "where, and what gets the value",
}
_INDENT = "  "
_GAP = "    "


class Row(NamedTuple):
    """A key: where it stands, what is said of it, and what the code has to do with it, each with its place."""

    place: str
    text: str
    beside: list[tuple[str, str]]


def audit_text(found: Audit, width: int = 100, show_read: bool = False) -> Iterator[Line]:
    """The audit as lines of styled text."""
    sections = list(_sections(found, width))
    yield from _summary(found, bool(sections), width)
    if show_read:
        sections += _section(READ, [_read(verdict) for verdict in of_kind(found, READ)], width)
    for section in sections:
        yield []
        yield from section


def _summary(found: Audit, is_mixed: bool, width: int) -> Iterator[Line]:
    """How many keys there are of each class, on two lines where one is too short; where all are well, that they are."""
    number = counts(found)
    line: Line = []
    for kind in (kind for kind in (*CLASSES, *DEFAULTS) if number[kind]):
        line += [("", ", " if line else ""), (STYLES.get(kind, ""), f"{number[kind]:,} {kind}")]
    if not line:
        yield [("", f"{followed(found)}.")]
    elif not is_mixed:
        yield [("good", ALL_READ), ("", f": {followed(found)}.")]
    elif len(followed(found)) + 2 + sum(len(text) for _, text in line) <= width:
        yield [("", f"{followed(found)}: "), *line]
    else:
        yield from ([("", f"{followed(found)}:")], [("", _INDENT), *line])


def _sections(found: Audit, width: int) -> Iterator[list[Line]]:
    """All that is not simply read, what matters most first."""
    yield from _phantoms(found, width)
    for kind in (SHADOWED, DEAD, UNKNOWN):
        yield from _section(kind, [_other(verdict) for verdict in of_kind(found, kind)], width)
    yield from _section(HIDDEN, [_hidden(default) for default in defaults_of(found, HIDDEN)], width)
    yield from _section(CONFLICT, [_conflict(default) for default in defaults_of(found, CONFLICT)], width)
    yield from _section(ABSENT_KEY, [_missing(default) for default in defaults_of(found, ABSENT_KEY)], width)
    if passed := of_kind(found, PASSED_ON):
        yield [_title(PASSED_ON), *_passed_on(passed, width)]
    if found.problems:
        yield [[("strong", "not followed")], *_problems(found, width)]


def _phantoms(found: Audit, width: int) -> Iterator[list[Line]]:
    """The phantoms one by one, and the files that no code opens, each of which is said once."""
    rows = [_phantom(verdict) for verdict in of_kind(found, PHANTOM)]
    closed: list[Line] = [
        [("", _INDENT), ("dim", clean(config.path)), ("", "  "), ("strong", f"no code opens this file: {counted(number, 'key')}")]
        for config, number in unopened(found).items()
    ]
    if rows or closed:
        title = [*_title(PHANTOM), ("", WITH_TWINS if any(row.beside for row in rows) else "")]
        yield [title, *_laid_out(rows, width), *closed]


def _section(kind: str, rows: list[Row], width: int) -> Iterator[list[Line]]:
    """A title and its rows; nothing where there are none."""
    if rows:
        yield [_title(kind), *_laid_out(rows, width)]


def _title(kind: str) -> Line:
    return [(STYLES.get(kind, "strong"), kind), ("", f": {TITLES[kind]}")]


# --- rows ---


def _phantom(verdict: Verdict) -> Row:
    twin = instead(verdict)
    return Row(config_place(verdict), key_and_value(verdict), [twin] if twin else [])


def _other(verdict: Verdict) -> Row:
    if verdict.kind == SHADOWED:
        return Row(config_place(verdict), key_and_value(verdict), _at(verdict.reads))
    note = "" if verdict.kind == DEAD and verdict.note != LOGGED else clean(verdict.note)  # the title says the usual one
    return Row(config_place(verdict), clean(verdict.leaf.key), _at(verdict.reads, note))


def _read(verdict: Verdict) -> Row:
    return Row(config_place(verdict), clean(verdict.leaf.key), _at(verdict.reads, f"into {clean(verdict.into)}" if verdict.into else ""))


def _at(sites: Sequence[Site], note: str = "") -> list[tuple[str, str]]:
    """The first of the places that have to do with a key, and beside it what is to be said, and the others."""
    where = place(sites[0]) if sites else ""
    said = "; ".join(filter(None, (note, f"also {places(sites[1:])}" if sites[1:] else "")))
    return [(where, said)] if where or said else []


def _hidden(default: Default) -> Row:
    return Row(clean(default.config.path), f"{clean(default.key)}: {values(default)}", _at(default.sites))


def _conflict(default: Default) -> Row:
    return Row(clean(default.config.path), clean(default.key), each_with_its_place(default))


def _missing(default: Default) -> Row:
    return Row(clean(default.config.path), clean(default.key), _at(default.sites))


# --- layout ---


def _laid_out(rows: Sequence[Row], width: int) -> Iterator[Line]:
    """Rows in columns: what is beside a key stands at the right of it where the width allows it for all, else below it."""
    first = max((columns(row.place) for row in rows), default=0)
    second = max((columns(row.text) for row in rows if row.beside), default=0)
    third = max((columns(where) for row in rows for where, _ in row.beside), default=0)
    last = max((columns(text) for row in rows for _, text in row.beside), default=0)
    left = len(_INDENT) + first + 2 + second
    side_by_side = left + len(_GAP) + third + (2 + last if last else 0) <= width
    for row in rows:
        head: Line = [("", _INDENT), ("dim", _padded(row.place, first)), ("", "  "), ("strong", row.text)]
        if side_by_side and row.beside:
            yield [*head, ("", " " * (second - columns(row.text)) + _GAP), *_beside(*row.beside[0], third)]
            yield from ([("", " " * (left + len(_GAP))), *_beside(where, text, third)] for where, text in row.beside[1:])
        else:
            yield head
            yield from _below(row, first, width)


def _beside(where: str, text: str, room: int) -> Line:
    return [("dim", _padded(where, room) if text else where), ("", f"  {text}" if text else "")]


def _below(row: Row, first: int, width: int) -> Iterator[Line]:
    """What is beside a key, below it, the places and the texts under one another where that is possible."""
    indent = _INDENT * 2
    room = max(first - len(_INDENT), *(columns(where) for where, text in row.beside if text), 0) if row.beside else 0
    for where, text in row.beside:
        lines = in_lines(text.replace("\t", " "), max(width - len(indent) - room - 2, 20))
        yield [("", indent), *_beside(where, lines[0], room)]
        yield from ([("", indent + " " * (room + 2) + line)] for line in lines[1:])


def _passed_on(verdicts: Sequence[Verdict], width: int) -> Iterator[Line]:
    """Who gets sections whole, and their keys."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for verdict in verdicts:
        key = clean(verdict.into or verdict.note), places(verdict.reads), clean(verdict.config.path)
        groups.setdefault(key, []).append(clean(verdict.leaf.key))
    for (who, where, file), keys in groups.items():
        yield [("", _INDENT), ("strong", who), ("dim", f"  {where}  from {file}")]
        yield from ([("", _INDENT * 3 + line)] for line in in_lines(", ".join(keys), max(width - 6, 20)))


def _problems(found: Audit, width: int) -> Iterator[Line]:
    for problem in found.problems:
        yield [("", _INDENT), ("strong", clean(shown_path(problem.path))), ("", f": {clean(problem.why)}")]


def _padded(text: str, room: int) -> str:
    return text + " " * (room - columns(text))
