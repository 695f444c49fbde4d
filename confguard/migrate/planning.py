"""The whole plan: pairs of files, their goals, the edits that reach them, what follows, and files that are missing altogether."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Sequence

from confguard.checking.links import reading_with
from confguard.checking.pipeline import Report, check_documents
from confguard.checking.setting import Options
from confguard.diffing.compare import compare, data_of
from confguard.diffing.pair import Pairs, paired
from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.migrate.follow import followed, following
from confguard.migrate.goal import Judging, goals_of
from confguard.migrate.plan import CREATE, REFERENCE, FilePlan, Plan, Row
from confguard.migrate.restore import units_of
from confguard.migrate.units import made
from confguard.migrate.wishes import Wishes, is_named_by
from confguard.words.catalogue import Catalogue
from confguard.words.change import GONE, REMOVED, Change
from confguard.words.finding import Finding
from confguard.words.typing import NamedTuple
from confguard.words.waiver import Waiver


class Goals(NamedTuple):
    """What every file is brought to, and by whose word."""

    reference: str
    """What people call it."""
    wishes: Wishes
    catalogue: Catalogue
    waivers_of: Callable[[Fitted], Sequence[Waiver]]
    check: Options = Options()
    """How the files are checked as they would be."""


def plan(reference: Sequence[Fitted], current: Sequence[Fitted], goals: Goals, folder: str | None) -> Plan:
    """What brings the current files to the reference; `folder` is where files that are missing would be made, None for nowhere."""
    pairs = paired(list(reference), list(current))
    files = [_restored(theirs, ours, goals) for theirs, ours in pairs.pairs]
    missing = _missing(reference, pairs) if folder is not None else []
    files += [_made_anew(theirs, _beside(theirs, pairs.pairs, reference, folder or ""), goals) for theirs in missing]
    alone = [*pairs.only_reference, *pairs.only_current, *pairs.left_out]
    report = _checked(files, goals)
    if found := following(report, goals.catalogue):
        files = [_with(file, found.get(file.path, []), goals) for file in files]
        report = _checked(files, goals)
    return Plan(files, [side.document.path for side in alone if side not in missing], report)


def _missing(reference: Sequence[Fitted], pairs: Pairs) -> list[Fitted]:
    """The files of known kinds that a folder lacks."""
    here = {id(theirs) for theirs, _ in pairs.pairs}
    return [theirs for theirs in reference if theirs.kind is not None and id(theirs) not in here]


def _restored(theirs: Fitted, ours: Fitted, goals: Goals) -> FilePlan:
    """One file and its counterpart."""
    judging = Judging(goals.reference, goals.wishes, goals.waivers_of(ours), goals.catalogue, datetime.date.today())
    reached, kept = goals_of(_rows(theirs, ours, goals.catalogue), judging)
    units, more = units_of(reached, theirs, ours, goals.catalogue)
    after, rows = made(ours.document, units, goals.wishes.unsafe)
    return FilePlan(ours.document.path, theirs.document.path, ours, after, rows, [*kept, *more])


def _rows(theirs: Fitted, ours: Fitted, catalogue: Catalogue) -> list[Change]:
    """The rows of two files; a file in which nothing is written lacks every key."""
    if ours.document.root is not None or not isinstance(whole := data_of(theirs), dict):
        return compare(theirs, ours, catalogue)
    return [Change(REMOVED, GONE, ours.document.path, name, value, None) for name, value in whole.items()]


def _made_anew(theirs: Fitted, path: str, goals: Goals) -> FilePlan:
    """A file that only the reference has, with the values that someone wants otherwise."""
    copy = Document(path, theirs.document.text.encode())
    told = Row(CREATE, "", None, theirs.kind, REFERENCE, f"only {goals.reference} has this file", written=True)
    if copy.secrets():
        told = told._replace(written=False, refused="the reference's file holds a secret, which is not copied")
        return FilePlan(path, theirs.document.path, None, Document(path, b""), [told], [])
    found = _restored(theirs, fitted(copy, theirs.shape), goals)
    return found._replace(now=None, rows=[told, *found.rows])


def _beside(theirs: Fitted, pairs: Iterable[tuple[Fitted, Fitted]], reference: Sequence[Fitted], folder: str) -> str:
    """Where a missing file goes: beside the counterpart of a file that it stands beside in the reference, else in the folder."""
    home = os.path.dirname(theirs.document.path)
    for other, ours in pairs:
        if os.path.dirname(other.document.path) == home:
            return os.path.join(os.path.dirname(ours.document.path), os.path.basename(theirs.document.path))
    common = os.path.commonpath([os.path.dirname(side.document.path) or "." for side in reference])
    return os.path.normpath(os.path.join(folder, os.path.relpath(theirs.document.path, common)))


def _checked(files: Sequence[FilePlan], goals: Goals) -> Report:
    """What a check finds in the files as they would be."""
    there = [file.after for file in files if file.after.root is not None]
    held = {os.path.realpath(document.path): document.encoded(document.text) for document in there}
    return check_documents(there, goals.catalogue, goals.check, reading_with(held))


def _with(file: FilePlan, findings: list[Finding], goals: Goals) -> FilePlan:
    findings = [finding for finding in findings if not is_named_by(finding.key, goals.wishes)]
    if not findings:
        return file
    after, rows = followed(file.after, findings, goals.wishes.unsafe, goals.catalogue)
    keys = {row.key for row in rows if row.key}
    kept = [item for item in file.kept if item.key not in keys]
    return file._replace(after=after, rows=[*file.rows, *rows], kept=kept)
