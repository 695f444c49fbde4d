"""Several files written as one: all of them hold what they are to hold, or all are as they were, whatever happens on the way.

What is about to be done is on the disk, in a journal, before anything is done. New bytes go into files beside the old ones, and old
copies into the journal; then each file is looked at once more, and replaced in one step. When all are, the journal becomes a part of
the history, from which `confguard undo` takes it back. Who is interrupted takes back what was begun; who is killed leaves that to the
next one that comes along (`recovery`).
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from confguard.transaction.history import is_within, nearest
from confguard.transaction.journal import DONE, INTENT, LIVE, Journal, is_held, let_go, made, turned, written
from confguard.transaction.leftover import journals
from confguard.transaction.manifest import BadManifest, Entry, Manifest, beside, digest, new_token
from confguard.transaction.recovery import WAIT, Ended, StillAtWork, ended, finished, settled, shown
from confguard.transaction.write import NotWritten, changed, filled, look, may_write, reason, settle, synced


class FileChange(NamedTuple):
    """One file: what was read from it, and what it is to hold. None: there is no such file yet, or it is to go."""

    path: str
    before: bytes | None
    after: bytes | None
    like: str | None = None
    """A file whose mode, owner and attributes one that is made has."""


class Committed(NamedTuple):
    """What was written: its name in the history, where it is kept, and what there is to say of it."""

    history: str | None
    notes: list[str]


_MOST_OF_COMMAND = 200


class _Target(NamedTuple):
    """A file that is to be changed: where it is without links, and its status; None where it is to be made."""

    change: FileChange
    folder: str
    name: str
    status: os.stat_result | None

    @property
    def path(self) -> str:
        return os.path.join(self.folder, self.name)


class _Stopped(Exception):
    """What stands in the way of a transaction: a file, and why."""


def commit(changes: Sequence[FileChange], root: str, command: str, undone: Sequence[str] = ()) -> Committed:
    """Write files as one transaction, and keep in the history of `root` how it is taken back; of a link, the file it leads to is written.

    Modes, owners and attributes are kept; another hard link to a file keeps the old bytes. `undone` names the transactions that this
    one takes back. Raises `NotWritten`; then every file is as it was.
    """
    until = time.monotonic() + WAIT
    notes: list[str] = []
    places = _places(changes)
    while True:
        for path in journals({place.folder for place in places}):  # what is cut short is ended before anything is looked at
            notes += ended(path, until)
        targets = _targets(places)
        if not targets:
            return Committed(None, notes)
        folders = sorted({target.folder for target in targets})
        journal = _begun(folders, targets)
        if journal is not None:
            try:
                done = _committed(journal, targets, root, command, undone)
            finally:
                let_go(journal)
            if done is not None:
                return done._replace(notes=[*notes, *done.notes])
        if time.monotonic() > until:
            raise StillAtWork(f"{folders[0]}: another confguard is at work there; try again when it is done")
        time.sleep(random.uniform(0.0, 0.02))  # so that two that make way for each other do not meet again


def _places(changes: Sequence[FileChange]) -> list[_Target]:
    """Where the files are, links followed, before they are looked at."""
    real: dict[str, str] = {}
    places = []
    for change in changes:
        folder, name = os.path.split(change.path)
        if folder not in real:
            real[folder] = os.path.realpath(folder)
        place = _Target(change, real[folder], name, None)
        if change.before is not None and (name in ("", os.curdir, os.pardir) or os.path.islink(place.path)):
            place = _Target(change, *os.path.split(os.path.realpath(change.path)), None)
        places.append(place)
    return places


def _targets(places: list[_Target]) -> list[_Target]:
    """The files that are to be changed, each once, and what they are like; raises `NotWritten` for one that cannot be."""
    found: dict[tuple[object, ...], _Target] = {}
    for place in places:
        change = place.change
        try:
            target = _looked_at(place)
        except OSError as error:
            raise NotWritten(f"{change.path}: not written ({reason(error)}); the file is as it was") from None
        if change.before == change.after:
            continue
        only_name = target.status and target.status.st_nlink == 1
        key = (target.status.st_dev, target.status.st_ino) if target.status and only_name else (target.path,)
        other = found.setdefault(key, target).change
        if other.after != change.after:
            raise NotWritten(f"{change.path}: the same file as {other.path}, and would be written in two ways; name one of them")
    return list(found.values())


def _looked_at(place: _Target) -> _Target:
    path = place.change.path
    if place.change.before is None:
        if os.path.lexists(place.path):
            raise _taken(path)
        os.stat(place.folder)
        return place
    status = look(place.path, path, place.change.before)
    if not may_write(place.path, status):
        raise NotWritten(f"{path}: the file is read-only; make it writable (chmod u+w) and run again")
    return place._replace(status=status)


def _taken(path: str) -> NotWritten:
    return NotWritten(f"{path}: something of that name is there already; look at it and run again")


def _begun(folders: list[str], targets: list[_Target]) -> Journal | None:
    """A journal in the folder that files have in common; None where somebody was quicker. Raises `NotWritten`."""
    home = os.path.commonpath(folders)
    if len(folders) == 1:
        try:
            return made(home)
        except OSError as error:
            raise _why(error, targets, []) from None
    why = "the root of the disk"
    if home != os.path.dirname(home):
        try:
            return made(home)
        except OSError as error:
            why = reason(error)
    raise NotWritten(
        f"{home}: not written, since this folder, which all files lie below, cannot hold what takes it back ({why}); name them one by one"
    )


def _manifest(journal: Journal, targets: list[_Target], root: str, command: str, undone: Sequence[str]) -> Manifest:
    """What is about to be done. A history that would not lie above all files is kept beside them."""
    real = os.path.realpath(root)
    home = os.path.relpath(journal.home, real) if is_within(journal.home, real) and journal.home != real else ""
    start = len(os.path.join(journal.home, ""))
    files = [Entry(target.path[start:], digest(target.change.before), digest(target.change.after)) for target in targets]
    return Manifest(home, command[:_MOST_OF_COMMAND], time.strftime("%Y-%m-%d %H:%M:%S %z"), new_token(), files, list(undone))


def _committed(journal: Journal, targets: list[_Target], root: str, command: str, undone: Sequence[str]) -> Committed | None:
    """Carry out a transaction whole or not at all; None where one that writes above or below was quicker. Raises `NotWritten`."""
    is_done = False
    try:
        if journals({target.folder for target in targets}) != [journal.path]:
            settled(journal)
            return None
        manifest = _manifest(journal, targets, root, command, undone)
        _carry_out(journal, targets, manifest)
        is_done = True
        end = finished(journal, manifest)
    except BaseException as error:
        end = _ended_after(error, journal, targets, is_done)
        if end.state != DONE:
            raise _why(error, targets, end.notes) from None
        if not isinstance(error, OSError):
            raise
    return Committed(end.kept, [*_further_names(targets), *end.notes, *_where_kept(end.kept, journal, root)])


def _where_kept(name: str | None, journal: Journal, root: str) -> list[str]:
    """What there is to say where `confguard undo` would look for the history somewhere else."""
    real = os.path.realpath(root)
    place = real if is_within(journal.home, real) else journal.home
    return [f"`confguard undo {shown(place)}` takes this back"] if name and nearest(os.curdir) != place else []


def _carry_out(journal: Journal, targets: list[_Target], manifest: Manifest) -> None:
    """Write down what is about to be done, lay everything beside, and only then replace one file after the other."""
    try:
        written(journal, manifest)
    except BadManifest as error:
        raise _Stopped(f"{targets[0].change.path}: not written ({error})") from None
    jobs = [(target, os.path.join(target.folder, beside(manifest, number)), journal.old(number)) for number, target in enumerate(targets)]
    _each(_prepare, jobs)
    _each(_sync, jobs)
    settle(journal.path)
    turned(journal, INTENT, LIVE)
    _each(_replace, jobs)
    for folder in {target.folder for target in targets}:
        settle(folder)
    turned(journal, LIVE, DONE)


def _each(step: Callable[[_Target, str, str], None], jobs: list[tuple[_Target, str, str]]) -> None:
    """Take a step with every file: it, the new one beside it, the old copy."""
    for target, new, old in jobs:
        try:
            step(target, new, old)
        except OSError as error:
            raise _Stopped(f"{target.change.path}: not written ({reason(error)})") from None


def _prepare(target: _Target, new: str, old: str) -> None:
    """Lay the new bytes beside a file, and its old copy into the journal."""
    change, status = target.change, target.status
    if change.after is not None:
        like = os.stat(change.like) if status is None and change.like else status
        filled(new, change.after, 0o600 if like else 0o666, like, change.like or target.path)
    if change.before is not None and status is not None:
        try:
            os.link(target.path, old)  # the old file itself, with all that it has
        except OSError:  # another disk, or one without hard links
            filled(old, change.before, 0o600, status, target.path)
            synced(old)


def _sync(target: _Target, new: str, old: str) -> None:
    """Let the new bytes reach the disk; files are synced several times as fast once all are made."""
    if target.change.after is not None:
        synced(new)


def _replace(target: _Target, new: str, old: str) -> None:
    """Put the new file in place, if what is there is still what was seen."""
    change = target.change
    if target.status is None or change.before is None:
        _put_where_nothing_is(new, target)
        return
    if not os.path.samestat(look(target.path, change.path, change.before), target.status):
        raise changed(change.path)
    if change.after is None:
        os.unlink(target.path)
    else:
        os.replace(new, target.path)


def _put_where_nothing_is(new: str, target: _Target) -> None:
    try:
        os.link(new, target.path)  # unlike a rename, it never takes the place of a file
    except FileExistsError:
        raise _taken(target.change.path) from None
    except OSError:  # a disk without hard links
        if os.path.lexists(target.path):
            raise _taken(target.change.path) from None
        os.rename(new, target.path)
    else:
        os.unlink(new)


def _ended_after(error: BaseException, journal: Journal, targets: list[_Target], is_done: bool) -> Ended:
    """Take back what was begun, or go on where all was done, after something went wrong; raises `NotWritten` where that goes wrong too."""
    for is_last in (False, True):  # what fails once may work the second time
        try:
            if is_held(journal):
                return settled(journal)
            break
        except OSError as why:
            if is_last:
                said = f"{_said(error, targets)}; what was begun could not be taken back ({reason(why)})"
                raise NotWritten(f"{said}; run confguard there again") from None
    if is_done:
        return Ended(DONE, None, [])
    raise NotWritten(f"{_said(error, targets)}; somebody removed {journal.path} meanwhile, so look at the files")


def _why(error: BaseException, targets: list[_Target], notes: list[str]) -> BaseException:
    """What is raised for an error once all is as it was."""
    if isinstance(error, (_Stopped, OSError)):
        count = len(targets)
        as_it_was = "the file is as it was" if count == 1 else f"all {count} files are as they were"
        return NotWritten("; ".join([_said(error, targets), as_it_was, *notes]))
    return NotWritten("; ".join([str(error), *notes])) if isinstance(error, NotWritten) else error


def _said(error: BaseException, targets: list[_Target]) -> str:
    if isinstance(error, OSError):
        return f"{targets[0].change.path}: not written ({reason(error)})"
    return str(error) or "interrupted"


def _further_names(targets: list[_Target]) -> list[str]:
    """What there is to say of files that have names besides those that were written."""
    written = Counter((target.status.st_dev, target.status.st_ino) for target in targets if target.status)
    return [
        f"{target.change.path}: the file has other names (hard links), which keep the old bytes"
        for target in targets
        if target.status and target.status.st_nlink > written[target.status.st_dev, target.status.st_ino]
    ]
