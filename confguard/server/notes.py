"""Findings as an editor shows them: which file, which stretch of it, what is said, and what else it has to do with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from confguard.checking.pipeline import check_documents
from confguard.checking.setting import BY_ALL_FILES, Options
from confguard.document.document import Document
from confguard.document.fit import kind_of
from confguard.document.source import Reading, Unreadable
from confguard.project.discover import PROJECT_FILE
from confguard.project.find import find_project
from confguard.project.kind import is_excluded
from confguard.report.safe import clean, shown_fix
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.buffers import MARK, NOT_USABLE, Buffers, hold_project, settled, shown
from confguard.server.spots import spots_of
from confguard.server.texts import Lines, Stretch
from confguard.words.finding import ERROR, Finding
from confguard.words.typing import NamedTuple

WAIVED = "waived"
"""The severity of what someone wants as it is."""
DEPRECATED, UNNECESSARY = "deprecated", "unnecessary"
_TAGS = {"RELEASE001": DEPRECATED, **dict.fromkeys(("AUDIT001", "AUDIT004", "AUDIT006", "WAIVE003"), UNNECESSARY)}
_BY_THE_CODE = ("AUDIT",)
"""Rules that an audit of the project's code decides, which takes seconds."""
_IN_TABLE = " [tool.confguard]"
_LOCATED = re.compile(r"(?P<path>[^\n]+?):(?P<line>\d+):(?P<column>\d+): (?P<what>.+)", re.DOTALL)
"""How `confguard.project.reading.located` says where a project file is wrong."""
_MOST_SHOWN = 100
"""Characters of another key and its value that are shown beside a note."""


class Related(NamedTuple):
    """Another place that a note is about."""

    file: str
    at: Stretch
    message: str


class Note(NamedTuple):
    """What is said at a stretch of a file, which is named by its real path."""

    file: str
    at: Stretch
    severity: str
    code: str
    message: str
    tag: str | None = None
    related: tuple[Related, ...] = ()


class Found(NamedTuple):
    """What a check of one open file came to."""

    notes: tuple[Note, ...]
    findings: tuple[tuple[Finding, Note], ...]
    reads: frozenset[str]
    """The real paths of all files that it looked at: when one of them changes, it is to be made again."""
    names_code: bool
    """Whether the project names the code that reads the file."""


def options_of(with_code: bool) -> Options:
    """How open files are checked: like any other, but that some of their files alone cannot tell whether a waiver is needed."""
    return Options(ignore=BY_ALL_FILES if with_code else BY_ALL_FILES + _BY_THE_CODE)


def found_in(path: str, buffers: Buffers, with_code: bool) -> Found:
    """Check one open file, or say why a project file cannot be used."""
    reads: set[str] = set()
    is_project_file = os.path.basename(path) == PROJECT_FILE
    buffers = buffers if is_project_file else settled(buffers)

    def read(asked: str) -> bytes:
        reads.add(os.path.realpath(asked))
        return buffers.read(asked)

    try:
        if is_project_file:
            hold_project(path, read)
            return Found((), (), frozenset(reads), names_code=False)
        project = find_project(os.path.dirname(path), read)
        if is_excluded(project, path):
            return Found((), (), frozenset(reads), names_code=False)
        names_code = bool(project.code)
        pairs = tuple(_checked(path, buffers, read, with_code))
    except NOT_USABLE as error:
        return Found(tuple(_unchecked(path, str(error), buffers)), (), frozenset(reads), names_code=False)
    return Found(tuple(note for _, note in pairs), pairs, frozenset(reads), names_code)


def _checked(path: str, buffers: Buffers, read: Reading, with_code: bool) -> Iterator[tuple[Finding, Note]]:
    """The findings of one file, wherever they lie, each with what an editor shows of it."""
    document = Document(shown(path), read(path))
    report = check_documents([document], CATALOGUE, options_of(with_code), read)
    places = _Places(path, document, buffers)
    for finding in report.findings:
        yield finding, places.note(finding)


class _Places:
    """Turns offsets into places, with each file taken apart once."""

    def __init__(self, path: str, document: Document, buffers: Buffers) -> None:
        self.path = path
        self.document = document
        self.buffers = buffers
        self.known: dict[str, Lines] = {}
        self.spots = {spot.path: spot for spot in spots_of(document)}

    def note(self, finding: Finding) -> Note:
        """What an editor shows of a finding."""
        file = self.path if finding.file == self.document.path else os.path.realpath(finding.file.removesuffix(_IN_TABLE))
        in_table = finding.file.endswith(_IN_TABLE)  # its lines are not known
        start, end = (0, 0) if in_table else (finding.span.start.offset, finding.span.end.offset)
        tag = _TAGS.get(finding.code) if finding.waiver is None else None
        severity = WAIVED if finding.waiver else finding.severity
        return Note(file, self.at(file, start, end), severity, finding.code, said(finding), tag, tuple(self.related(finding)))

    def related(self, finding: Finding) -> Iterator[Related]:
        """The other keys that a finding is about, where they stand in the file that was checked."""
        for path in finding.keys:
            spot = self.spots.get(path) if path != finding.key or finding.file != self.document.path else None
            if spot is not None:
                value = self.document.text[spot.value.start : spot.value.end].partition("\n")[0].rstrip()
                message = clean(f"{path}: {value}") if value else clean(path)
                message = message if len(message) <= _MOST_SHOWN else f"{message[:_MOST_SHOWN]}..."
                yield Related(self.path, self.at(self.path, spot.key.start, spot.key.end), message)

    def at(self, file: str, start: int, end: int) -> Stretch:
        """The stretch between two offsets of a file, which do not count a byte order mark."""
        if file not in self.known:
            self.known[file] = self.buffers.lines(file)
        lines = self.known[file]
        mark = int(lines.text.startswith(MARK))
        return lines.stretch(start + mark, end + mark)


def said(finding: Finding) -> str:
    """The message of a finding, with what to do, or who wants it so."""
    if finding.waiver is not None:
        by = f", {finding.waiver.by}" if finding.waiver.by else ""
        return clean(f"{finding.message} (waived{by}: {finding.waiver.reason})")
    fix = shown_fix(finding.fix)
    help_ = f"\nhelp: {clean(finding.help)}" + (f" ({fix.safety} fix)" if fix else "") if finding.help else ""
    return clean(finding.message) + help_


def _unchecked(path: str, why: str, buffers: Buffers) -> Iterator[Note]:
    """Why a file could not be checked: at its start if it is a config, and where the project file is wrong."""
    located = _LOCATED.fullmatch(why)
    home = os.path.realpath(located["path"].removesuffix(_IN_TABLE)) if located else None
    if located is not None and home is not None and os.path.basename(home) == PROJECT_FILE:
        lines = buffers.lines(home)
        line = int(located["line"]) - 1
        start = lines.starts[line] + int(located["column"]) - 1 if line < len(lines.starts) else 0
        yield Note(home, lines.stretch(start, start), ERROR, "", clean(located["what"]))
    elif os.path.basename(path) == PROJECT_FILE:
        yield Note(path, buffers.lines(path).stretch(0, 0), ERROR, "", clean(why))
    if os.path.basename(path) != PROJECT_FILE and _is_config(path, buffers):
        yield Note(path, buffers.lines(path).stretch(0, 0), ERROR, "", clean(f"not checked: {why}"))


def _is_config(path: str, buffers: Buffers) -> bool:
    try:
        return kind_of(Document(shown(path), buffers.read(path)), CATALOGUE.shapes) is not None
    except Unreadable:
        return False
