"""When open files are checked: shortly after the last keystroke, off the thread that listens, and never with an older text last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor

from confguard.server.buffers import Buffer, Buffers
from confguard.server.notes import Found, Note, found_in

DELAY = 0.05
"""Seconds from the last keystroke to the check: longer than a held key repeats, shorter than anyone waits for."""

Tell = Callable[[str, "int | None", list[Note]], None]
"""Is told what there is to say of a file now, and which version of its text that is about."""


class Checks:
    """The open files, and what the last check of each found.

    There are three workers: one checks what was typed, in milliseconds, one asks the code of a project, in seconds, and one answers what
    the editor asks in between. What comes from the first two counts only if nothing that it looked at was edited meanwhile; if something
    was, the next check is on its way.
    """

    def __init__(self, tell: Tell, failed: Callable[[Exception], None]) -> None:
        self.tell = tell
        self.failed = failed
        self.open_files: dict[str, Buffer] = {}
        self.found: dict[str, Found] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[str, tuple[int | None, list[Note]]] = {}
        self.stale: set[str] = set()
        self.wanting_code: set[str] = set()
        self.timer: asyncio.TimerHandle | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.busy = False
        self.asking = False
        self.quick, self.slow, self.answering = (ThreadPoolExecutor(max_workers=1) for _ in range(3))

    # --- what happens in the editor ---

    def opened(self, path: str, buffer: Buffer) -> None:
        """A file was opened."""
        self.open_files[path] = buffer
        self.found.pop(path, None)
        self._touch(path, with_code=True)

    def edited(self, path: str, buffer: Buffer) -> None:
        """The text of an open file changed."""
        self.open_files[path] = buffer
        self._touch(path, with_code=False)

    def closed(self, path: str) -> None:
        """A file was closed: what is open is checked with what the disk has instead."""
        self.open_files.pop(path, None)
        self.found.pop(path, None)
        self.stale.discard(path)
        self._touch(path, with_code=False)

    def changed_on_disk(self) -> None:
        """Something was saved, or changed by another program."""
        self.wanting_code.update(path for path, found in self.found.items() if found.names_code)
        self.stale |= self.open_files.keys() - self.wanting_code
        self._wake()

    def _touch(self, path: str, with_code: bool) -> None:
        """A file has another text: it is to be checked, and every open file whose check looked at it."""
        touched = {other for other, found in self.found.items() if path in found.reads} | ({path} & self.open_files.keys())
        self.stale |= touched
        if with_code:
            self.wanting_code |= touched
        self._wake()

    def _wake(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.timer = asyncio.get_running_loop().call_later(DELAY, self._start)

    # --- what is done about it ---

    def _start(self) -> None:
        self.timer = None
        if not self.busy:
            self.busy = True
            self._run(self._check())

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)  # else nobody holds it
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception):
            self.failed(error)

    async def _check(self) -> None:
        """Check what is stale, until nothing is that no timer runs for."""
        try:
            while self.stale and self.timer is None:
                paths, self.stale = sorted(self.stale), set()
                await self._check_all(paths, self.quick, with_code=False)
            self._publish()
        finally:
            self.busy = False
        if not self.stale and self.wanting_code and not self.asking:
            self.asking = True
            self._run(self._ask_the_code())

    async def _ask_the_code(self) -> None:
        """Check again, with the code of the project, what was opened or saved."""
        try:
            while self.wanting_code and not self.stale:
                paths, self.wanting_code = sorted(self.wanting_code & self.found.keys()), set()
                await self._check_all([path for path in paths if self.found[path].names_code], self.slow, with_code=True)
        finally:
            self.asking = False

    async def _check_all(self, paths: Iterable[str], worker: ThreadPoolExecutor, with_code: bool) -> None:
        """Check some files as they are now; one that fails is passed over, and an outdated result is dropped."""
        buffers = self.buffers()
        for path in paths:
            try:
                found = await asyncio.get_running_loop().run_in_executor(worker, found_in, path, buffers, with_code)
            except Exception as error:
                self.found.pop(path, None)  # it is of an older text
                self.failed(error)
                continue
            now = self.buffers()
            if path not in self.open_files:
                continue
            if all(buffers.is_same(read, now) for read in found.reads):
                self.found[path] = found
                self.versions[path] = buffers.open_files[path].version
            elif not with_code:  # the code is asked again when it is saved
                self.stale.add(path)
        self._publish()

    def buffers(self) -> Buffers:
        """What is open at this moment."""
        return Buffers(self.open_files)

    async def found_now(self, path: str, buffers: Buffers) -> Found:
        """What a check finds in a file as it is now: what was found last, unless it was edited since."""
        is_current = self.versions.get(path) == buffers.open_files[path].version
        if path in self.found and is_current and path not in self.stale and not self.busy and self.timer is None:
            return self.found[path]
        return await asyncio.get_running_loop().run_in_executor(self.quick, found_in, path, buffers, False)

    def _publish(self) -> None:
        """Tell what is new: each note once, in the file that it lies in, whichever file led to it."""
        by_file: dict[str, set[Note]] = {path: set() for path in (*self.told, *self.open_files)}
        for found in self.found.values():
            for note in found.notes:
                by_file.setdefault(note.file, set()).add(note)
        for file, notes in by_file.items():
            if file in self.open_files and file not in self.found:
                continue  # its own check is still to come
            now = (
                self.versions.get(file) if file in self.open_files else None,
                sorted(notes, key=lambda note: (note.at, note.code, note.message)),
            )
            if self.told.get(file) != now:
                self.told[file] = now
                self.tell(file, *now)
        self.told = {file: told for file, told in self.told.items() if told[1] or file in self.open_files}

    def stop(self) -> None:
        """Begin nothing more."""
        for worker in (self.quick, self.slow, self.answering):
            worker.shutdown(wait=False, cancel_futures=True)
