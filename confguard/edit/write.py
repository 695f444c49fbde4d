"""Bytes put in place of a file whole or not at all: whatever goes wrong on the way, the old file is as it was.

The new bytes go into a file beside the old one, to the disk, and then take its name in one step. What the name led to while they
were written is read once more before that, so that nothing that somebody else wrote meanwhile is lost.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_BLOCK = 1 << 20


class NotWritten(Exception):
    """A file that was not written, and is what it was before; the message says why and what to do."""


def replace(path: str, before: bytes, after: bytes) -> None:
    """Let a file that holds `before` hold `after`; of a link, the file that it leads to. Mode and owner are kept.

    Another hard link to the file keeps the old bytes. Raises `NotWritten`.
    """
    target = os.path.realpath(path)
    try:
        found = _look(target, path, before)
        if not _may_write(target) or not found.st_mode & 0o222:  # root may write what nobody should
            raise NotWritten(f"{path}: the file is read-only; make it writable (chmod u+w) and run again")
        beside = _filled(_name_beside(target), after, 0o600)
        try:
            _dress(beside, found, target)
            if _look(target, path, before).st_ino != found.st_ino:
                raise _changed(path)
            os.replace(beside, target)
        except BaseException:
            _remove(beside)
            raise
    except OSError as error:
        raise NotWritten(f"{path}: not written ({_reason(error)}); the file is as it was") from None
    _settle(target)


def create(path: str, data: bytes) -> None:
    """Make a file that is not there yet; raises `NotWritten`, also where there is something of its name by now."""
    try:
        beside = _filled(_name_beside(path), data, 0o666)
        try:
            os.link(beside, path)  # unlike a rename, it never takes the place of a file
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            _filled(path, data, 0o666)
        finally:
            _remove(beside)
    except FileExistsError:
        raise NotWritten(f"{path}: something of that name is there already; look at it and run again") from None
    except OSError as error:
        raise NotWritten(f"{path}: not written ({_reason(error)})") from None
    _settle(path)


def _look(target: str, path: str, expected: bytes) -> os.stat_result:
    """The status of a regular file that holds what is expected."""
    handle = os.open(target, _READ)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise NotWritten(f"{path}: no regular file")
        data = b""
        while len(data) <= len(expected) and (part := os.read(handle, _BLOCK)):
            data += part
    finally:
        os.close(handle)
    if data != expected:
        raise _changed(path)
    return status


def _changed(path: str) -> NotWritten:
    return NotWritten(f"{path}: somebody changed the file while it was worked on; run again")


def _reason(error: OSError) -> str:
    said = error.strerror or str(error)
    return f"{said}: a file beside it could not be made" if isinstance(error, PermissionError) else said


def _may_write(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _name_beside(path: str) -> str:
    """A free name in the same folder, which is on the same disk; short, since the name itself may be as long as names can be."""
    return os.path.join(os.path.dirname(path), f".confguard-{os.urandom(6).hex()}.tmp")


def _filled(path: str, data: bytes, mode: int) -> str:
    """A new file with these bytes, on the disk; where that fails there is no such file."""
    handle = os.open(path, _CREATE, mode)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    except BaseException:
        os.close(handle)
        _remove(path)
        raise
    os.close(handle)
    return path


def _dress(path: str, like: os.stat_result, source: str) -> None:
    """Give a file the owner, the mode and the extended attributes of another one, as far as the system lets us."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, like.st_uid, like.st_gid)
    os.chmod(path, stat.S_IMODE(like.st_mode))
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(source):
                os.setxattr(path, name, os.getxattr(source, name))


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _settle(path: str) -> None:
    """Let the new name reach the disk. Where a folder cannot be synced there is nothing to be done; the file is in place."""
    with suppress(OSError):
        handle = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
