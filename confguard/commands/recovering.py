"""What every command does before it reads configs: a transaction that was cut short near them is brought to an end."""

from __future__ import annotations

from collections.abc import Collection

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.project.discover import files_of
from confguard.transaction.leftover import folders_of, journals


def files_to_read(paths: Collection[str]) -> list[str]:
    """The files that paths stand for, none of them half way between two states; raises `Unreadable` and `BadUsage`."""
    files = list(files_of(paths))
    return list(files_of(paths)) if recovered(folders_of(files)) else files


def recovered(folders: Collection[str]) -> bool:
    """Whether there was anything to be ended in folders or above them; says what. Raises `BadUsage` where it could not be."""
    if not journals(folders):
        return False
    from confguard.transaction.recovery import recover
    from confguard.transaction.write import NotWritten

    try:
        for note in recover(folders):
            complain(note)
    except NotWritten as error:
        raise BadUsage(str(error)) from None
    return True
