"""`confguard undo`: take back what was written last, or all since a transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read, recovered
from confguard.report.paint import Line, paint
from confguard.transaction.commit import commit
from confguard.transaction.history import Kept, drop, kept, nearest
from confguard.transaction.recovery import shown
from confguard.transaction.undo import Step, changes_of, steps_of
from confguard.transaction.write import NotWritten, reason
from confguard.words import spelling
from confguard.words.secret import mask


def run(path: str | None = None, to: str | None = None, show_list: bool = False) -> int:
    """Put back the files of the last transaction, of all down to the one named `to`, or list them; 0. Raises `BadUsage`."""
    try:
        root, history = _history(path)
        if show_list:
            paint(line for transaction in history for line in _listed(transaction))
            return 0
        undone = _down_to(to, history)
        steps = steps_of(root, undone)
        notes = _take_back(root, undone, steps)
    except NotWritten as error:
        raise BadUsage(str(error)) from None
    except OSError as error:
        raise BadUsage(f"{error.filename or path or '.'}: nothing is taken back ({reason(error)})") from None
    paint(map(_told, steps))
    for note in notes:
        complain(note)
    return 0


def _history(path: str | None) -> tuple[str, list[Kept]]:
    """The folder whose history tells of a path, and that history, newest first; raises `BadUsage` where there is none."""
    folder = path or os.curdir
    if not os.path.isdir(folder):
        folder = os.path.dirname(os.path.realpath(folder) if os.path.islink(folder) else folder) or os.curdir
    if not os.path.isdir(folder):
        raise BadUsage(f"{path}: there is no such file, and no folder that it could have been in")
    folder = os.path.realpath(folder)
    recovered([folder])
    root = nearest(folder)
    if root is not None:
        files_to_read([root])  # what was cut short in a folder below may belong to the history
    history = kept(root) if root is not None else []
    if root is None or not history:
        raise BadUsage(f"there is nothing to undo: no transaction is kept in {shown(folder)} or above it")
    return root, history


def _down_to(to: str | None, history: list[Kept]) -> list[Kept]:
    if to is None:
        return history[:1]
    names = [transaction.id for transaction in history]
    if to not in names:
        close = spelling.nearest(to, names)
        meant = f"did you mean {close}?" if close else f"there are: {spelling.listed(names)}"
        raise BadUsage(f"--to {to}: there is no such transaction; {meant}")
    return history[: names.index(to) + 1]


def _take_back(root: str, undone: list[Kept], steps: Sequence[Step]) -> list[str]:
    """Write what the files held before; the transactions leave the history. What there is to say of it."""
    changes = changes_of(steps)
    names = [transaction.id for transaction in undone]
    if changes:
        return commit(changes, root, "undo", names).notes
    drop(root, names)  # they have taken each other back
    return []


def _listed(transaction: Kept) -> Iterator[Line]:
    manifest = transaction.manifest
    yield [("strong", transaction.id), ("", f"  {manifest.time[:19]}  {mask(manifest.command)}")]
    yield [("dim", f"  {spelling.listed([os.path.join(manifest.home, entry.path) for entry in manifest.files])}")]


def _told(step: Step) -> Line:
    then = "removed again, as before" if step.then is None else "as it was before"
    return [("strong", f"{shown(step.path)}: "), ("", f"{then} `{mask(step.to.manifest.command)}`"), ("dim", f" ({step.to.id})")]
