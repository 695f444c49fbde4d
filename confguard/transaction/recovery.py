"""Bringing a transaction to an end that was cut short: one that was not done is taken back, one that was is kept in the history.

Every step can be cut short itself and begun again: what there is to do is read from the disk each time.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from confguard.transaction.history import is_within, keep
from confguard.transaction.journal import DONE, INTENT, LIVE, Journal, claimed, cleared, let_go, read, strange, turned
from confguard.transaction.leftover import journals
from confguard.transaction.manifest import BadManifest, Digest, Entry, Manifest, beside, digest
from confguard.transaction.write import READ, NotWritten, bytes_of, copied, remove, settle

WAIT = 10.0
"""Seconds to wait for another confguard that is at work."""
_STEP = 0.02


class StillAtWork(NotWritten):
    """Another confguard that would not come to an end."""


class Ended(NamedTuple):
    """How far a transaction was, None where nothing was begun; its name in the history; and what there is to say of it."""

    state: str | None
    kept: str | None
    notes: list[str]


def recover(folders: Iterable[str]) -> list[str]:
    """End what was cut short in folders, or above them, before their files are read; what there is to say of it.

    Another confguard that is at work is waited for, but not for ever: who only reads goes on then. Raises `NotWritten`.
    """
    until = time.monotonic() + WAIT
    notes = []
    for path in journals(folders):
        try:
            notes += ended(path, until)
        except StillAtWork as busy:
            notes.append(f"{busy}; what is read may be about to change")
    return notes


def ended(path: str, until: float) -> list[str]:
    """Wait for the owner of a journal, or end its work where it is dead; raises `NotWritten`, and `StillAtWork` after `until`."""
    while os.path.lexists(path):
        try:
            journal = claimed(path)
            if journal is not None:
                try:
                    return _ended(journal)
                finally:
                    let_go(journal)
        except OSError as error:
            raise NotWritten(
                f"{path}: what was cut short there could not be taken back ({error.strerror}); mend that and run again"
            ) from None
        if time.monotonic() > until:
            raise StillAtWork(f"{os.path.dirname(path)}: another confguard is at work there; try again when it is done")
        time.sleep(_STEP)
    return []


def _ended(journal: Journal) -> list[str]:
    found = _trusted(journal)
    end = settled(journal)
    if found is None or end.state not in (LIVE, DONE):
        return end.notes
    what = f"{shown(journal.home)}: `{found.command}` of {found.time} was cut short"
    if end.state == DONE:
        return [f"{what} when all was written, which stands", *end.notes]
    if end.notes:
        return [f"{what} and is taken back, as far as nobody has changed the files since", *end.notes]
    return [f"{what} and is taken back; its files are as they were before"]


def _trusted(journal: Journal) -> Manifest | None:
    """The manifest of a journal that another process has left; raises `NotWritten` where it leads anywhere else."""
    try:
        found = read(journal.path)
    except BadManifest:
        raise strange(journal.path) from None
    if found is None:
        return None
    manifest = found[1]
    folders = {os.path.dirname(os.path.join(journal.home, entry.path)) for entry in manifest.files}
    if not journal.home.endswith(manifest.home and os.sep + manifest.home) or any(os.path.realpath(folder) != folder for folder in folders):
        raise strange(journal.path)
    return manifest


def settled(journal: Journal) -> Ended:
    """End the work of a journal that is ours, whose manifest is to be trusted. Raises `OSError`, and can be asked again then."""
    try:
        state, manifest = read(journal.path) or (None, None)
    except BadManifest:
        raise strange(journal.path) from None
    notes = []
    if state == DONE and manifest is not None:
        return finished(journal, manifest)
    if state == LIVE and manifest is not None:
        notes = taken_back(journal, manifest)
        turned(journal, LIVE, INTENT)
    cleared(journal, state and INTENT, manifest)
    return Ended(state, None, notes)


def finished(journal: Journal, manifest: Manifest) -> Ended:
    """Keep a transaction that is done in the history; raises `OSError` where neither that nor clearing it away can be done."""
    why: str | None = None
    for _ in range(2):  # what fails once may work the second time
        try:
            return Ended(DONE, keep(journal, manifest), [])
        except (OSError, NotWritten) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
    cleared(journal, DONE)
    if manifest.undone:
        return Ended(DONE, None, [f"what was taken back could not be removed from the history: {why}"])
    return Ended(DONE, None, [f"`confguard undo` cannot take this back, since the history could not be kept: {why}"])


def taken_back(journal: Journal, manifest: Manifest) -> list[str]:
    """Put every file back that was replaced; what there is to say of those that somebody has changed since. Raises `OSError`."""
    notes = []
    for number, entry in enumerate(manifest.files):
        target = os.path.join(journal.home, entry.path)
        new = os.path.join(os.path.dirname(target), beside(manifest, number))
        is_back = _unmade(target, new, entry) if entry.before is None else _put_back(target, new, entry, journal.old(number))
        if not is_back:
            notes.append(_left_alone(target, journal, manifest, number))
    with suppress(OSError):
        for folder in {os.path.dirname(os.path.join(journal.home, entry.path)) for entry in manifest.files}:
            settle(folder)
    return notes


def _unmade(target: str, new: str, entry: Entry) -> bool:
    """Remove a file that the transaction has made; False where it holds something else by now."""
    now, beside_it = _status(target), _status(new)
    if now is None:
        return True
    if beside_it is not None:  # it has two names until the second one is removed; any other file is not of our making
        if os.path.samestat(now, beside_it):
            remove(target)
        return True
    if not holds(target, entry.after):
        return False
    remove(target)
    return True


def _put_back(target: str, new: str, entry: Entry, old: str) -> bool:
    """Put the old copy back in place of what the transaction has put there; False where there is something else by now."""
    if os.path.lexists(target if entry.after is None else new):  # it was not replaced yet, whatever it holds
        return True
    if holds(target, entry.before):
        return True
    if not holds(target, entry.after) or not holds(old, entry.before):
        return False
    move(old, target, f"{new[:-3]}back")
    return True


def _left_alone(target: str, journal: Journal, manifest: Manifest, number: int) -> str:
    """What is said of a file that somebody has changed since; its old copy is laid beside it."""
    said = f"{shown(target)}: somebody changed the file since, so it is left alone"
    folder = os.path.dirname(target)
    aside = os.path.join(folder, beside(manifest, number, "old"))
    old = _status(journal.old(number))
    if old is not None and stat.S_ISREG(old.st_mode) and os.path.isdir(folder):
        move(journal.old(number), aside, os.path.join(folder, beside(manifest, number, "back")))
    return f"{said}; what it was before is in {shown(aside)}" if os.path.lexists(aside) else said


def move(path: str, to: str, by_way_of: str) -> None:
    """Let a file take another name, and the place of what has it; on another disk by a copy. Raises `OSError`."""
    try:
        os.replace(path, to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        remove(by_way_of)
        copied(path, by_way_of)
        os.replace(by_way_of, to)


def holds(path: str, expected: Digest | None) -> bool:
    """Whether a path leads to a regular file with these bytes; to nothing, for None. Raises `OSError`."""
    if expected is None:
        return not os.path.lexists(path)
    status = _status(path)
    if status is None or not stat.S_ISREG(status.st_mode) or status.st_size != expected.size:
        return False
    handle = os.open(path, READ)
    try:
        return digest(bytes_of(handle, expected.size + 1)) == expected
    finally:
        os.close(handle)


def shown(path: str) -> str:
    """A path as it is seen from the working folder, where it lies below that."""
    here = os.path.realpath(os.curdir)
    return os.path.relpath(path, here) if is_within(path, here) else path


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
