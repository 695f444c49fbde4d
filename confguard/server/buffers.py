"""What is open in the editor, as it was at one moment; all other files are as they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping

from confguard.checking.setting import BadUsage, Options, setting_of
from confguard.document.document import Document
from confguard.document.source import MAX_BYTES, Reading, Unreadable, read_bytes
from confguard.project.discover import PROJECT_FILE
from confguard.project.find import find_project
from confguard.project.project import BadProject
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.texts import Lines
from confguard.words.typing import NamedTuple

MARK = "\ufeff"
NOT_USABLE = (BadProject, BadUsage, Unreadable)
"""What a check ends with where a project file, or what it names, cannot be used."""


class Buffer(NamedTuple):
    """One open file: its text and the editor's number for that."""

    text: str
    version: int


class Buffers:
    """The open files by their real paths. It never changes: what comes next is another one."""

    def __init__(self, open_files: Mapping[str, Buffer] = {}) -> None:
        self.open_files = dict(open_files)

    def read(self, path: str) -> bytes:
        """The bytes of a file: the editor's, or the disk's. Raises `Unreadable`."""
        buffer = self.open_files.get(os.path.realpath(path)) if self.open_files else None
        return read_bytes(path) if buffer is None else buffer.text.encode("utf-8", "surrogatepass")[: MAX_BYTES + 1]

    def lines(self, path: str) -> Lines:
        """The text of a file as the editor has it or would have it; empty where it is none."""
        buffer = self.open_files.get(path)
        if buffer is not None:
            return Lines(buffer.text)
        try:
            return Lines(Document(path, read_bytes(path)).text)
        except Unreadable:
            return Lines("")

    def is_same(self, path: str, other: Buffers) -> bool:
        """Whether a file, by its real path, was not edited between this moment and another one."""
        return self.open_files.get(path) is other.open_files.get(path)


def settled(buffers: Buffers) -> Buffers:
    """The same, but a project file that is half typed counts as it was saved."""
    usable = {}
    for path, buffer in buffers.open_files.items():
        if os.path.basename(path) == PROJECT_FILE:
            try:
                hold_project(path, buffers.read)
            except NOT_USABLE:
                continue
        usable[path] = buffer
    return Buffers(usable)


def hold_project(path: str, read: Reading) -> None:
    """Raise one of `NOT_USABLE` where a check would not take what stands in a project file."""
    setting_of(find_project(os.path.dirname(path), read), CATALOGUE, Options(), read)


def shown(path: str) -> str:
    """A path as a command line in the working folder would name it."""
    relative = os.path.relpath(path)
    return path if relative.startswith((os.pardir, "-")) else relative
