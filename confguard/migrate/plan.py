"""The plan of a migration: for each file its edits, what is kept, what follows, and the file as it would be."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from confguard.checking.pipeline import Report
from confguard.document.document import Document
from confguard.document.fit import Fitted
from confguard.words.change import Change
from confguard.words.finding import SAFE
from confguard.words.typing import Any, NamedTuple

REFERENCE, WAIVER, KEEP, SCALED, FOLLOWS = "reference", "waiver", "--keep", "scaled", "follows"
RELEASE, DROP, PIN, KIND = "release", "--drop", "--pin-defaults", "kind"
"""On whose word an edit is made."""
CHANGE, ADD, REMOVE, RENAME, MOVE, COMMENT, CREATE = "change", "add", "remove", "rename", "move", "comment", "create"


class Row(NamedTuple):
    """One edit: what becomes of a key, of a comment, or of a file that is not there yet; None where there is no value."""

    kind: str
    key: str
    before: Any
    after: Any
    by: str
    """On whose word."""
    why: str
    safety: str = SAFE
    parameter: str | None = None
    lost: tuple[str, ...] = ()
    """Comments that go with it."""
    refused: str | None = None
    """Why it cannot be made."""
    written: bool = False
    """Whether it is part of the file as it would be: it can be made, and is as safe as was asked for."""
    line: int | None = None
    unread: bool = False
    """Whether the project's code reads no such key, so that the edit has no effect."""


class Kept(NamedTuple):
    """A key that differs from the reference and stays as it is, and why."""

    key: str
    value: Any
    reference: Any
    why: str
    only_here: bool = False


class FilePlan(NamedTuple):
    """What is planned for one file."""

    path: str
    reference: str
    now: Fitted | None
    """The file as it is; None for one that is not there yet."""
    after: Document
    rows: list[Row]
    kept: list[Kept]
    moves: Sequence[Change] = ()
    """What comes to another value by the release alone, and is not written out."""

    @property
    def before(self) -> Document | None:
        """The text as it is."""
        return self.now.document if self.now else None

    @property
    def changes(self) -> bool:
        """Whether anything would be written."""
        return self.before is None or self.before.text != self.after.text


class Plan(NamedTuple):
    """What is planned for all files, the files that nothing is said of, and what a check would then find."""

    files: list[FilePlan]
    left_out: list[str]
    report: Report

    def counts(self) -> dict[str, int]:
        """How many edits would be written, how many are left to a person, how many cannot be made; how many keys are kept."""
        rows = [row for file in self.files for row in file.rows]
        return {
            "edits": sum(row.written for row in rows),
            "unsafe": sum(not row.written and row.refused is None for row in rows),
            "refused": sum(row.refused is not None for row in rows),
            "kept": sum(len(file.kept) for file in self.files),
            "files": sum(file.changes for file in self.files),
        }

    def marked(self, unread: Callable[[FilePlan], Container[str]]) -> Plan:
        """The same plan, with those edits marked whose keys the code does not read."""
        return self._replace(files=[_marked(file, unread(file)) for file in self.files])

    def is_open(self, wrote: bool) -> bool:
        """Whether something is still to be done: to be written, unless that is done, or by a person. What a comment says is not."""
        return any((not wrote) if row.written else row.kind != COMMENT for file in self.files for row in file.rows)


def _marked(file: FilePlan, unread: Container[str]) -> FilePlan:
    return file._replace(rows=[row._replace(unread=bool(row.key) and row.key in unread) for row in file.rows])
