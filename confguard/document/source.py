"""Reading bytes that someone else chose: bounded, never blocking, never anything but a regular file."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable

from confguard.words.cannot import CannotRun

MAX_BYTES = 512 * 1024
"""Larger than any of 767 published training configs by far; an attack or a data file is larger."""


_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Unreadable(CannotRun):
    """A file that cannot be read at all; the message says why and what to do."""


Reading = Callable[[str], bytes]
"""Gives the bytes of a path; raises `Unreadable`."""


def read_bytes(path: str) -> bytes:
    """The first `MAX_BYTES` + 1 bytes of a regular file.

    Raises `Unreadable` for a path that is missing, forbidden, or no regular file. A FIFO or a device is recognised
    without waiting for it.
    """
    try:
        handle = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {_reason(error)}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(f"{path}: {_nature(status.st_mode)}, not a regular file")
        return _read_at_most(handle, MAX_BYTES + 1, status.st_size + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {_reason(error)}") from None
    finally:
        os.close(handle)


def read_stdin() -> bytes:
    """The first `MAX_BYTES` + 1 bytes of standard input; raises `Unreadable` where there is none."""
    if sys.stdin is None:
        raise Unreadable("standard input is closed")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"standard input: {_reason(error)}") from None


def _read_at_most(handle: int, count: int, expected: int) -> bytes:
    """Up to `count` bytes; one read where the file is as long as expected, since room is made for what is asked."""
    data = os.read(handle, min(count, expected))
    if len(data) < expected:
        return data
    parts = [data]
    left = count - len(data)
    while left > 0 and (data := os.read(handle, left)):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def _nature(mode: int) -> str:
    for test, words in (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if test(mode):
            return words
    return "a special file"


_REASONS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file (a part of the path is no folder)",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "a symbolic link that leads round in a circle",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EISDIR: "a folder, not a regular file",
    errno.ENXIO: "a socket or a device that nothing serves, not a regular file",
}


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ValueError):
        return "no valid path"
    return _REASONS.get(error.errno or 0) or error.strerror or "cannot be read"
