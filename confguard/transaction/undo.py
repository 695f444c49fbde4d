"""What takes transactions of the history back: the bytes that each file had before them, where it holds what they wrote to this day."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from confguard.transaction.commit import FileChange
from confguard.transaction.history import Kept
from confguard.transaction.manifest import Digest, Entry
from confguard.transaction.recovery import holds, shown
from confguard.transaction.write import READ, NotWritten, bytes_of


class Step(NamedTuple):
    """One file that is taken back: what it should hold now, what it held before the transaction `to`, and where that is kept."""

    path: str
    now: Digest | None
    then: Digest | None
    old: str
    to: Kept


def steps_of(root: str, transactions: Sequence[Kept]) -> list[Step]:
    """What becomes of each file when transactions are taken back, the newest of which comes first.

    Raises `NotWritten` where a file is not what they left; it names all of these.
    """
    steps: dict[str, Step] = {}
    changed: dict[str, None] = {}
    for transaction in transactions:
        for number, entry in enumerate(transaction.manifest.files):
            step = _step(root, transaction, number, entry)
            later = steps.get(step.path)
            if later is not None and later.then != step.now:
                changed[step.path] = None
            steps[step.path] = step._replace(now=later.now) if later else step
    changed.update(dict.fromkeys(step.path for step in steps.values() if not _is_as_left(step)))
    if changed:
        raise NotWritten(
            f"{', '.join(map(shown, changed))}: changed since, so nothing is taken back; what was there before is in "
            f"{shown(transactions[-1].folder)}"
        )
    return list(steps.values())


def changes_of(steps: Sequence[Step]) -> list[FileChange]:
    """The changes that take files back, and no others; raises `NotWritten` where an old copy is not what it was, and `OSError`."""
    return [
        FileChange(shown(step.path), _read(step.path, step.now), _read(step.old, step.then), step.old)
        for step in steps
        if step.now != step.then
    ]


def _step(root: str, transaction: Kept, number: int, entry: Entry) -> Step:
    path = os.path.join(root, transaction.manifest.home, entry.path)
    return Step(path, entry.after, entry.before, os.path.join(transaction.folder, f"{number}.old"), transaction)


def _is_as_left(step: Step) -> bool:
    folder = os.path.dirname(step.path)
    return os.path.realpath(folder) == folder and holds(step.path, step.now)


def _read(path: str, expected: Digest | None) -> bytes | None:
    if expected is None:
        return None
    if not holds(path, expected):
        raise NotWritten(f"{shown(path)}: not what it was when it was kept, so nothing is taken back")
    handle = os.open(path, READ)
    try:
        return bytes_of(handle, expected.size + 1)
    finally:
        os.close(handle)
