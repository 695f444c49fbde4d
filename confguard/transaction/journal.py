"""The folder in which a transaction keeps what takes it back: whose it is, how far it is, and that its owner is alive.

Its manifest has a name that says how far it is, and goes from one to the next in one step. Its mode is one that no repository can
carry, since git knows nothing of the bit that keeps a folder's files for their owners.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import time
from contextlib import suppress
from typing import NamedTuple

from confguard.transaction.leftover import JOURNAL
from confguard.transaction.manifest import MAX_BYTES, BadManifest, Manifest, beside, new_token, of_json, to_json
from confguard.transaction.write import READ, NotWritten, bytes_of, filled, remove, settle, synced

INTENT = "intent"
"""Nothing is changed yet; files beside those that are to be changed may be there."""
LIVE = "live"
"""Files are being replaced."""
DONE = "done"
"""All are replaced; what is left to do is to keep the history."""

MODE = 0o1700
_DRAFT = "draft"
_LOCK = "lock"
_NAME = re.compile(r"intent|live|done|draft|lock|\d{1,5}\.(?:old|new)")
_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}
_TAKEN_UP = {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}
"""What is said of a folder that somebody else is about to remove."""
_LONG_AGO = 60.0
"""Seconds after which an owner that cannot be asked whether it is alive is taken for dead."""


class Journal(NamedTuple):
    """A journal that is ours until `let_go`, or until we end."""

    path: str
    lock: int | None

    @property
    def home(self) -> str:
        """The folder that it lies in, seen from which the files are named."""
        return os.path.dirname(self.path)

    def old(self, number: int) -> str:
        """Where the old copy of the file of that number is kept."""
        return os.path.join(self.path, f"{number}.old")


def made(home: str) -> Journal | None:
    """A new journal in a folder; None where there is one already, or somebody has removed it again. Raises `OSError`."""
    path = os.path.join(home, JOURNAL)
    try:
        make_folder(path)
    except FileExistsError:
        return None
    except FileNotFoundError:
        if os.path.isdir(home):
            return None
        raise
    try:
        return _locked(path, is_new=True)
    except BaseException:
        with suppress(OSError):
            journal = _locked(path, is_new=True)
            if journal is not None:
                cleared(journal, None)
                let_go(journal)
        raise


def claimed(path: str) -> Journal | None:
    """A journal that is there, ours from now on; None where its owner is at work, or it is gone by now.

    Raises `NotWritten` where it is not as confguard leaves one, or belongs to another user, and `OSError`.
    """
    try:
        return None if _is_anothers(path) else _locked(_not_strange(path))
    except FileNotFoundError:
        return None


def _locked(path: str, is_new: bool = False) -> Journal | None:
    """A journal with its lock; None where somebody else has that, or has just removed it."""
    lock = os.path.join(path, _LOCK)
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | READ, 0o600)
    except FileNotFoundError:
        return None
    keeps = False
    try:
        if not _lock(handle):
            return Journal(path, None) if is_new or _is_long_ago(path) else None
        keeps = _is_same(handle, lock)
        return Journal(path, handle) if keeps else None
    except BlockingIOError:
        return None
    finally:
        if not keeps:
            os.close(handle)


def let_go(journal: Journal) -> None:
    """Leave a journal to others, who take its owner for dead now."""
    with suppress(OSError):
        if journal.lock is not None:
            os.close(journal.lock)
    with suppress(OSError):  # network disks keep a folder for as long as a file in it is open; one that is not empty stays
        os.rmdir(journal.path)


def is_held(journal: Journal) -> bool:
    """Whether a journal is where it was, and not moved, removed, or another one by now."""
    return os.path.lexists(journal.path) if journal.lock is None else _is_same(journal.lock, os.path.join(journal.path, _LOCK))


def written(journal: Journal, manifest: Manifest) -> None:
    """Put the intent of a transaction on the disk, before anything else is made of it; raises `OSError`, `BadManifest`."""
    draft = os.path.join(journal.path, _DRAFT)
    filled(draft, to_json(manifest))
    synced(draft)
    os.rename(draft, os.path.join(journal.path, INTENT))
    settle(journal.path)
    settle(journal.home)


def turned(journal: Journal, old: str, new: str) -> None:
    """Let a transaction be one step further, or one back; raises `OSError`."""
    os.rename(os.path.join(journal.path, old), os.path.join(journal.path, new))
    settle(journal.path)


def read(folder: str) -> tuple[str, Manifest] | None:
    """How far a transaction is, and what it is about; None where nothing is begun. Raises `BadManifest` and `OSError`."""
    names = _names(folder)
    states = [name for name in names if name in (INTENT, LIVE, DONE)]
    if len(states) > 1 or not all(map(_NAME.fullmatch, names)) or not (states or {_DRAFT, _LOCK}.issuperset(names)):
        raise BadManifest
    return (states[0], _manifest(os.path.join(folder, states[0]))) if states else None


def cleared(journal: Journal, state: str | None, manifest: Manifest | None = None) -> None:
    """Remove a journal, and what the manifest has had made beside files; it goes last, so that this can be done again. Raises `OSError`."""
    if manifest is not None:
        for number, entry in enumerate(manifest.files):
            folder = os.path.join(journal.home, os.path.dirname(entry.path))
            for ending in ("tmp", "back"):
                remove(os.path.join(folder, beside(manifest, number, ending)))
    names = _names(journal.path)
    last = [_DRAFT, state or _DRAFT, _LOCK]
    for name in [*(name for name in names if name not in last), *last]:
        remove(os.path.join(journal.path, name))
    try:
        os.rmdir(journal.path)
    except OSError as error:
        if error.errno not in _TAKEN_UP:
            raise
    with suppress(OSError):
        settle(journal.home)


def strange(path: str) -> NotWritten:
    """What is said of a folder of ours that is not as we leave them."""
    return NotWritten(f"{path}: not made by confguard as it stands; look at it and remove it")


def make_folder(path: str) -> None:
    """Make a folder that `is_ours`; raises `OSError`."""
    os.mkdir(path, MODE)
    try:
        if _mode(os.lstat(path)) != MODE:  # not every system heeds the bit when a folder is made, or at all
            with suppress(OSError):
                os.chmod(path, MODE)
    except BaseException:
        with suppress(OSError):
            os.rmdir(path)
        raise


def is_ours(path: str) -> bool:
    """Whether a folder is one that confguard made for this user; raises `OSError`."""
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        return False
    return _mode(status) == MODE or _mode(status) == _mode_here(os.path.dirname(path))


def _mode(status: os.stat_result) -> int:
    """The mode of a folder, but for the bit that it has from the folder above it."""
    return status.st_mode & 0o7777 & ~stat.S_ISGID


def _mode_here(folder: str) -> int | None:
    """The mode that a folder of ours has on a disk that keeps none; None where it keeps them."""
    trial = os.path.join(folder, f".confguard-{new_token()}.tmp")
    try:
        make_folder(trial)
        mode = _mode(os.lstat(trial))
        os.rmdir(trial)
    except OSError:
        return None
    return None if mode == MODE else mode


def _is_anothers(path: str) -> bool:
    """Whether a journal is that of another user, who is at work; raises `NotWritten` where that was a while ago."""
    if not hasattr(os, "geteuid") or os.lstat(path).st_uid == os.geteuid():
        return False
    if _is_long_ago(path):
        raise NotWritten(f"{path}: left by another user; have them run confguard there, or look at it and remove it")
    return True


def _not_strange(path: str) -> str:
    """A journal whose owner may be at work in it; what could be none of ours is refused before anything in it is touched."""
    try:
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            raise BadManifest
        names = _names(path)
        if names and not (is_ours(path) and _LOCK in names and all(map(_NAME.fullmatch, names))):
            raise BadManifest
        for name in {INTENT, LIVE, DONE}.intersection(names):
            with suppress(FileNotFoundError):  # it is one step further by now
                _manifest(os.path.join(path, name))
    except BadManifest:
        raise strange(path) from None
    return path


def _names(folder: str) -> list[str]:
    """What lies in a folder, but for what a network disk keeps there of a file that is removed and still open."""
    return [name for name in os.listdir(folder) if not name.startswith(".nfs")]


def _manifest(path: str) -> Manifest:
    try:
        handle = os.open(path, READ)
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link
            raise BadManifest from None
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadManifest
        return of_json(bytes_of(handle, MAX_BYTES + 1))
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Take the lock on an open file, which ends with its owner; False where there are no locks. Raises `BlockingIOError`."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno in _HELD:
            raise BlockingIOError from None
        return False
    return True


def _is_same(handle: int, path: str) -> bool:
    """Whether an open file has its name still; who was quicker may have removed it."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False


def _is_long_ago(path: str) -> bool:
    return time.time() - os.lstat(path).st_mtime > _LONG_AGO
