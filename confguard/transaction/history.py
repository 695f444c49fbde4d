"""What was written lately, each transaction with the old copies of its files, so that it can be taken back: `.confguard/history`.

A transaction is kept in a folder that all its files lie below, and is named by the way down from there. So one that somebody has
planted, in an archive for example, can reach nothing outside the folder that it came with.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from confguard.transaction.journal import DONE, Journal, cleared, is_ours, make_folder, read, strange
from confguard.transaction.manifest import ID, BadManifest, Manifest
from confguard.transaction.write import NotWritten, copied, filled, remove, settle

_FOLDER = ".confguard"
_HISTORY = os.path.join(_FOLDER, "history")
_OLD = re.compile(r"\d+\.old")
_MOST = 20


class Kept(NamedTuple):
    """A transaction of the history."""

    id: str
    folder: str
    manifest: Manifest


def history_root(paths: Sequence[str], project_root: str, marked: bool) -> str:
    """The folder to keep the history in: the root of a project that something marks, the working folder, or what the files have in common.

    It is the first of them that all files lie below.
    """
    common = os.path.commonpath([os.path.realpath(os.path.dirname(path)) for path in paths])
    for root in [project_root] * marked + [os.getcwd()]:
        if is_within(common, os.path.realpath(root)):
            return root
    return common


def is_within(folder: str, root: str) -> bool:
    """Whether a folder is another one, or lies in it; both without links."""
    return os.path.join(folder, "").startswith(os.path.join(root, ""))


def nearest(folder: str) -> str | None:
    """The folder whose history tells of a folder: it, or the nearest above it that has one."""
    here = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(here, _HISTORY)):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return here


def kept(root: str) -> list[Kept]:
    """The history of a folder, newest first; raises `NotWritten` where it is not as confguard keeps one, and `OSError`."""
    history = _checked(os.path.join(root, _HISTORY))
    found = []
    for name in sorted(_ids(history), reverse=True):
        folder = _checked(os.path.join(history, name))
        try:
            state = read(folder)
        except BadManifest:
            raise strange(folder) from None
        if state is None or state[0] != DONE or state[1].undone:
            raise strange(folder)
        found.append(Kept(name, folder, state[1]))
    return found


def keep(journal: Journal, manifest: Manifest) -> str | None:
    """Let the journal of a transaction that is done become a part of the history; its name there, or None where it took others back.

    Raises `NotWritten` and `OSError`; then the journal is where it was.
    """
    root = journal.home[: len(journal.home) - len(manifest.home)]
    if manifest.undone:
        drop(root, manifest.undone)
        cleared(journal, DONE)
        return None
    history = _ready(root)
    _cut_links(journal.path)
    name = _moved(journal, history, manifest)
    with suppress(OSError):  # it is kept, whatever becomes of the rest
        settle(history)
        settle(journal.home)
        remove(os.path.join(history, name, "lock"))
        _prune(history)
    return name


def drop(root: str, names: Iterable[str]) -> None:
    """Remove transactions from the history; raises `OSError`."""
    history = os.path.join(root, _HISTORY)
    for name in names:
        with suppress(FileNotFoundError):
            os.rename(os.path.join(history, name), os.path.join(history, f"{name}.gone"))
    settle(history)
    for name in [name for name in os.listdir(history) if name.endswith(".gone")]:
        _emptied(os.path.join(history, name))


def _prune(history: str) -> None:
    names = sorted(_ids(history), reverse=True)
    if len(names) > _MOST:
        drop(os.path.dirname(os.path.dirname(history)), names[_MOST:])


def _checked(folder: str) -> str:
    """A folder of ours; raises `NotWritten` where it is none."""
    if not is_ours(folder):
        raise strange(folder)
    return folder


def _ids(history: str) -> list[str]:
    return [name for name in os.listdir(history) if ID.fullmatch(name)]


def _ready(root: str) -> str:
    """The folder of the history, which git does not see; made where there is none."""
    folder = os.path.join(root, _FOLDER)
    with suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise strange(folder)
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise NotWritten(f"{folder}: belongs to another user")
    ignore = os.path.join(folder, ".gitignore")
    if not os.path.lexists(ignore):
        draft = f"{ignore}.new"
        remove(draft)
        filled(draft, b"*\n", 0o644)
        os.rename(draft, ignore)
    history = os.path.join(root, _HISTORY)
    with suppress(FileExistsError):
        make_folder(history)
    return _checked(history)


def _cut_links(folder: str) -> None:
    """Let old copies be files of their own where they had further names, since who writes to those would write to the history."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if _OLD.fullmatch(name) and os.lstat(path).st_nlink > 1:
            new = os.path.join(folder, name.replace("old", "new"))
            remove(new)
            copied(path, new)
            os.replace(new, path)


def _moved(journal: Journal, history: str, manifest: Manifest) -> str:
    """Give a journal a name in the history that sorts behind all that are there."""
    names = _ids(history)
    while True:
        name = _next(names)
        try:
            os.rename(journal.path, os.path.join(history, name))
        except OSError as error:
            if error.errno == errno.EXDEV:
                return _moved_to_other_disk(journal, history, manifest)
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            names.append(name)
        else:
            return name


def _moved_to_other_disk(journal: Journal, history: str, manifest: Manifest) -> str:
    """The same by copies, which can be begun again."""
    name = next((one.id for one in kept(os.path.dirname(os.path.dirname(history))) if one.manifest.token == manifest.token), None)
    if name is None:
        new = os.path.join(history, f"{manifest.token}.new")
        _emptied(new)
        make_folder(new)
        for file in os.listdir(journal.path):
            if file == DONE or _OLD.fullmatch(file):
                copied(os.path.join(journal.path, file), os.path.join(new, file))
        settle(new)
        name = _next(_ids(history))
        os.rename(new, os.path.join(history, name))
        settle(history)
    cleared(journal, DONE)
    return name


def _next(names: Iterable[str]) -> str:
    """A name made of the time, in UTC, behind all these; whatever the clock says."""
    now = time.time_ns()
    name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9)) + f"-{now % 10**9 * 0x10000 // 10**9:04x}"
    newest = max(names, default="")
    if name > newest:
        return name
    day, clock, part = newest.split("-")
    number = (int(day + clock) << 16) + int(part, 16) + 1
    return f"{number >> 16:014d}"[:8] + "-" + f"{number >> 16:014d}"[8:] + f"-{number & 0xFFFF:04x}"


def _emptied(folder: str) -> None:
    """Remove a folder and the files in it, as far as it is there."""
    with suppress(FileNotFoundError):
        for name in os.listdir(folder):
            remove(os.path.join(folder, name))
        os.rmdir(folder)
