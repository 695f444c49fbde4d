"""What the tests of transactions share: a run that is stopped at a call of the system, by an error, an interrupt, or `kill -9`.

`Trials(run, start)` kills a run again and again: after each time the next `start` has to leave all files as they were, or all new.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confguard.transaction.leftover import JOURNAL

CALLS = (
    "access", "chmod", "close", "fchown", "fstat", "fsync", "link", "listdir", "listxattr", "lstat", "mkdir", "open", "read", "rename",
    "replace", "rmdir", "stat", "unlink", "write",
)  # fmt: skip

Run = Callable[[], object]
Act = Callable[[int, str, bool], None]
"""What is done at a call: its number from 0, its name, and whether it has returned."""


@contextmanager
def at_calls(act: Act) -> Iterator[list[str]]:
    """Do something before and after each call of the system; yields the names of those that were made."""
    made: list[str] = []
    whole = {name: getattr(os, name) for name in CALLS if hasattr(os, name)}

    def watched(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            number = len(made)
            made.append(name)
            act(number, name, False)
            result = whole[name](*arguments, **options)
            act(number, name, True)
            return result

        return call

    for name in whole:
        setattr(os, name, watched(name))
    try:
        yield made
    finally:
        for name, function in whole.items():
            setattr(os, name, function)


def calls_of(run: Run) -> list[str]:
    """The calls of the system that a run makes."""
    with at_calls(lambda number, name, returned: None) as made:
        run()
    return made


@contextmanager
def failing(which: int, error: BaseException) -> Iterator[None]:
    """One call of the system does nothing but raise an error."""

    def act(number: int, name: str, returned: bool) -> None:
        if number == which and not returned:
            raise error

    with at_calls(act):
        yield


def killed_at(run: Run, which: int, returned: bool = False) -> bool:
    """Run in a process that kills itself just before or just after a call; whether it came to that."""

    def act(number: int, name: str, has_returned: bool) -> None:
        if number == which and has_returned == returned:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched() -> None:
        with at_calls(act):
            run()

    return _was_killed(_started(watched))


def killed_after(run: Run, seconds: float) -> bool:
    """Run in a process that is killed after a while; whether it came to that."""
    process = _started(run)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return _was_killed(process)


def _started(run: Run) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        run()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
    os._exit(code)


def _was_killed(process: int) -> bool:
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the run failed of itself"
    return False


State = dict[str, tuple[int, bytes]]
"""The mode and the bytes of everything below the working folder, but for the history."""


def state() -> State:
    found: State = {}
    for folder, folders, names in os.walk("."):
        if folder == ".":
            folders[:] = [name for name in folders if name != ".confguard"]
        for path in (os.path.relpath(os.path.join(folder, name)) for name in [*folders, *names]):
            is_file = os.path.isfile(path)
            found[path] = stat.S_IMODE(os.lstat(path).st_mode), Path(path).read_bytes() if is_file else b""
    return found


class Trials:
    """A run that changes files below the working folder, what is started after it was killed, and what came of it each time."""

    def __init__(self, run: Run, start: Run) -> None:
        self.run, self.start = run, start
        self.old = state()
        kept_aside = Path(os.path.realpath(".") + ".history")
        if os.path.exists(".confguard"):
            shutil.copytree(".confguard", kept_aside)
        began = time.perf_counter()
        assert not _was_killed(_started(run))
        self.seconds = time.perf_counter() - began
        self.new = state()
        self.history = kept_aside
        self.outcomes: Counter[str] = Counter()

    def trial(self, kill: Callable[[Run], bool], restart: Run | None = None) -> None:
        """Kill one run, start again, and look at what is there."""
        self.reset()
        was_killed = kill(self.run)
        is_left = os.path.lexists(JOURNAL)
        (restart or self.start)()
        now = state()
        assert now in (self.old, self.new), sorted(path for path in {*now, *self.old} if now.get(path) != self.old.get(path))
        assert was_killed or now == self.new
        self.outcomes.update(killed=was_killed, old=now == self.old, new=was_killed and now == self.new, recovered=is_left)

    def reset(self) -> None:
        """Let the files and the history be as they were at first."""
        shutil.rmtree(".confguard", ignore_errors=True)
        if self.history.exists():
            shutil.copytree(self.history, ".confguard")
        for path in state().keys() - self.old.keys():
            os.remove(path)
        for path, (mode, data) in self.old.items():
            if not os.path.isdir(path):
                Path(path).write_bytes(data)
                os.chmod(path, mode)

    def told(self) -> str:
        return "\n  " + ", ".join(f"{count} {name}" for name, count in self.outcomes.items())
