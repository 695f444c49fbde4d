"""Bubblewrap as a child process, and the first process inside: when that one is gone, so are all the others of its namespace."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from contextlib import suppress

from confguard.trainer.sandbox.outcome import START_LIMIT, NoIsolator
from confguard.trainer.sandbox.sight import SCRATCH

_GONE_WITHIN = 10.0


class Child:
    """Bubblewrap, under way. `first` is open on the folder in /proc of the first process inside, so that no other is taken for it."""

    def __init__(self, process: subprocess.Popen[bytes], pid: int | None, first: int | None) -> None:
        self._process = process
        self._pid = pid
        self._first = first
        self._scratch: int | None = None

    def is_over(self) -> bool:
        """Whether bubblewrap has ended."""
        return self._process.poll() is not None

    def has_many_files(self, limit: int) -> bool:
        """Whether there are more files than that: empty ones take memory too, which the size of the place does not count."""
        if self._first is None:
            return False
        if self._scratch is None:
            try:
                self._scratch = os.open(f"root{SCRATCH}", os.O_PATH | os.O_DIRECTORY, dir_fd=self._first)
            except (FileNotFoundError, ProcessLookupError):  # it is ending
                return False
            except OSError as error:
                raise NoIsolator(f"code is not run: what it writes cannot be watched ({error})") from error
        seen = os.fstatvfs(self._scratch)
        return seen.f_files - seen.f_ffree > limit

    def ended(self, patience: float) -> int:
        """The exit status, once everything inside is dead; what has not ended by itself in some seconds is killed."""
        try:
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(patience)
            self._process.kill()
            return self._process.wait()
        finally:
            self._end_first()
            for folder in (self._first, self._scratch):
                if folder is not None:
                    os.close(folder)

    def _end_first(self) -> None:
        until = time.monotonic() + _GONE_WITHIN
        while self._pid is not None and self._state() not in ("", "Z", "X"):
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            if time.monotonic() > until:
                raise NoIsolator(f"code is not run any more: process {self._pid} of a run cannot be ended")
            time.sleep(0.001)
        if self._pid is not None:
            with suppress(ChildProcessError):  # it may have become ours, where we are the first process of a container
                os.waitpid(self._pid, os.WNOHANG)

    def _state(self) -> str:
        return "" if self._first is None else _stat(self._first)[0]


def held(process: subprocess.Popen[bytes], info: int) -> Child:
    """A child that was just started, and its first process inside, of which it tells through a pipe. Closes that.

    One that does not tell is ended: what cannot be watched may not run.
    """
    pid, first = _first(process, info)
    if first is None:
        process.kill()
    return Child(process, pid, first)


def _first(process: subprocess.Popen[bytes], info: int) -> tuple[int | None, int | None]:
    told = b""
    try:
        while b"}" not in told and (chunk := _read(info)):  # to its end: whoever writes to a closed pipe dies of it
            told += chunk
    finally:
        os.close(info)
    match = re.search(rb'"child-pid"\s*:\s*(\d+)', told)
    if match is None:
        return None, None
    pid = int(match[1])
    try:
        first = os.open(f"/proc/{pid}", os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return None, None
    if _stat(first)[1] == process.pid:
        return pid, first
    os.close(first)  # it has ended, and the number is somebody else's
    return None, None


def _read(pipe: int) -> bytes:
    poll = select.poll()  # not select(), which knows no descriptor above 1023
    poll.register(pipe, select.POLLIN)
    return os.read(pipe, 4096) if poll.poll(START_LIMIT * 1000) else b""


def _stat(folder: int) -> tuple[str, int]:
    """State and parent of a process; no state where it is gone."""
    try:
        with open(os.open("stat", os.O_RDONLY, dir_fd=folder), encoding="utf-8", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return "", 0
    return (words[0], int(words[1])) if len(words) > 1 else ("", 0)
