"""What commands that write configs have in common: one transaction, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from confguard.checking.setting import BadUsage
from confguard.commands.complain import complain
from confguard.document.document import Document
from confguard.project.project import Project
from confguard.report.paint import Line
from confguard.transaction.commit import FileChange, commit
from confguard.transaction.history import history_root
from confguard.transaction.write import NotWritten
from confguard.words.spelling import counted
from confguard.words.typing import NamedTuple


class Writing(NamedTuple):
    """What was written: how many files, and the transaction that takes it back, if it can be taken back."""

    files: int
    transaction: str | None


def write(changes: Sequence[tuple[str, Document | None, Document]], command: str, project: Callable[[str], Project]) -> Writing:
    """Write files as one transaction, each from the text that was read to a new one; raises `BadUsage` where nothing was written."""
    if not changes:
        return Writing(0, None)
    paths = [path for path, _, _ in changes]
    home = project(os.path.dirname(paths[0]))
    is_marked = home.document is not None or os.path.exists(os.path.join(home.root, ".git"))
    planned = [
        FileChange(path, before.encoded(before.text) if before is not None else None, after.encoded(after.text))
        for path, before, after in changes
    ]
    try:
        done = commit(planned, history_root(paths, home.root, is_marked), command)
    except NotWritten as error:
        raise BadUsage(str(error)) from None
    for note in done.notes:
        complain(note)
    return Writing(len(changes), done.history)


def undo_hint(writing: Writing) -> Iterator[Line]:
    """What was written, and how it is taken back."""
    if not writing.files:
        return
    line: Line = [("good", f"Written: {counted(writing.files, 'file')}.")]
    if writing.transaction is not None:
        line.append(("dim", " confguard undo takes it back."))
    yield line
