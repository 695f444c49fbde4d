"""Whether a transaction is under way, or was cut short, near some files: every command looks, so this imports nothing but `os`."""

from __future__ import annotations

import os
from collections.abc import Iterable

JOURNAL = ".confguard-journal"


def journals(folders: Iterable[str]) -> list[str]:
    """The journals in folders and in all that lie above them, where a transaction that writes below keeps its own."""
    found: list[str] = []
    real: dict[str, str] = {}
    seen: set[str] = set()
    for folder in filter(os.path.isdir, dict.fromkeys(folder or os.curdir for folder in folders)):
        here = _real(folder, real)
        while here not in seen:
            seen.add(here)
            journal = os.path.join(here, JOURNAL)
            if os.path.lexists(journal) and not _is_a_strangers(journal, here):
                found.append(journal)
            here = os.path.dirname(here)
    return found


def folders_of(files: Iterable[str]) -> set[str]:
    """The folders that files lie in; of a symbolic link, that of the file it leads to."""
    return {os.path.dirname(os.path.realpath(file) if os.path.islink(file) else file) for file in files}


def _real(folder: str, known: dict[str, str]) -> str:
    """Where a folder is without links; of folders beside each other, the way to them is followed once."""
    above, name = os.path.split(folder)
    if name in ("", os.curdir, os.pardir) or os.path.islink(folder):
        return os.path.realpath(folder)
    if above not in known:
        known[above] = os.path.realpath(above)
    return os.path.join(known[above], name)


def _is_a_strangers(journal: str, folder: str) -> bool:
    """Whether it is somebody else's in a folder such as /tmp, where anybody can leave one that says nothing of our files."""
    try:
        owner, mode = os.lstat(journal).st_uid, os.stat(folder).st_mode
    except OSError:  # gone by now
        return True
    return hasattr(os, "geteuid") and owner != os.geteuid() and bool(mode & 0o002)
