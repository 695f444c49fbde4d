"""What writing a file whole takes: a look without waiting, new bytes in a file beside the old one, dressed alike, and on the disk."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_BLOCK = 1 << 20
_NEVER_SYNCED = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF}
"""What is said of what cannot be synced at all, in contrast to what failed to be."""


class NotWritten(Exception):
    """Files that were not written, and are what they were before; the message says why and what to do."""


def look(target: str, path: str, expected: bytes) -> os.stat_result:
    """The status of a regular file that holds what is expected; raises `NotWritten`, and `OSError` where it cannot be read."""
    handle = os.open(target, READ)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotWritten(f"{path}: no regular file")
        if status.st_size != len(expected) or bytes_of(handle, len(expected) + 1) != expected:
            raise changed(path)
    finally:
        os.close(handle)
    return status


def bytes_of(handle: int, count: int) -> bytes:
    """Up to `count` bytes of an open file."""
    data = os.read(handle, min(count, _BLOCK))
    while len(data) < count and (part := os.read(handle, min(count - len(data), _BLOCK))):
        data += part
    return data


def changed(path: str) -> NotWritten:
    """What is said of a file that somebody else has written."""
    return NotWritten(f"{path}: somebody changed the file while it was worked on; run again")


def reason(error: OSError) -> str:
    """Why the system did not do what it was asked for."""
    said = error.strerror or str(error)
    return f"{said}: a file beside it could not be made" if isinstance(error, PermissionError) else said


def may_write(path: str, status: os.stat_result) -> bool:
    """Whether a file may be written; root may write what nobody should."""
    return bool(status.st_mode & 0o222) and os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def filled(path: str, data: bytes, mode: int = 0o600, like: os.stat_result | None = None, source: str = "") -> None:
    """Make a new file with these bytes, in the dress of the file `source` where its status is given; raises `OSError`.

    It is on the disk only once it is `synced`.
    """
    handle = os.open(path, _CREATE, mode)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        if like is not None:
            _dress(handle, path, like, source)
    finally:
        os.close(handle)


def synced(path: str) -> None:
    """Let the bytes of a file reach the disk; raises `OSError`."""
    _sync(os.open(path, READ))


def copied(path: str, to: str) -> None:
    """Make a new file with the bytes of another one, in its dress, on the disk; raises `OSError`."""
    handle = os.open(path, READ)
    try:
        status = os.fstat(handle)
        data = bytes_of(handle, status.st_size + 1)
    finally:
        os.close(handle)
    filled(to, data, like=status, source=path)
    synced(to)


def _dress(handle: int, path: str, like: os.stat_result, source: str) -> None:
    """Give a new file the owner, the mode and the extended attributes of another one, as far as the system lets us."""
    if hasattr(os, "fchown"):
        made = os.fstat(handle)
        if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
            with suppress(OSError):
                os.fchown(handle, like.st_uid, like.st_gid)
    os.chmod(path, stat.S_IMODE(like.st_mode))
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(source):
                os.setxattr(handle, name, os.getxattr(source, name))


def remove(path: str) -> None:
    """Remove a file; one that is gone already is as good."""
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(path)


def settle(folder: str) -> None:
    """Let the names in a folder reach the disk; raises `OSError`, but not where a folder cannot be opened for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    _sync(handle)


def _sync(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NEVER_SYNCED:
            raise
    finally:
        os.close(handle)
