"""Runs one command in a box, and says what it took: `python box.py REPORT START COMMAND...`

The box: 2 s of processor time, 1 GiB of address space, 64 MiB of output, 30 s in all. REPORT becomes a JSON file. START is how the
command finds its world: a key of `STARTS`, empty for nothing special. This is a process of its own because the largest memory of
a child is never less than that of the process that forked it, and pytest is large.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

CPU_SECONDS = 2
WALL_SECONDS = 30
ADDRESS_SPACE = 1 << 30
OUTPUT_BYTES = 64 << 20
CANNOT = 77
"""The exit code of the box where this machine cannot make a start, such as giving up the rights of root."""


class Start(NamedTuple):
    """What differs at the start of a command: files in place of streams, what is done just before, variables."""

    stdin: str = os.devnull
    stdout: str | None = None
    before: Callable[[], object] | None = None
    variables: tuple[tuple[str, str], ...] = ()


def _lose_rights() -> None:
    """Take from root what lets it read what it may not: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
    if os.geteuid() == 0:
        import ctypes  # here, since no other start needs it

        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # PR_CAPBSET_READ, then PR_CAPBSET_DROP
            if libc.prctl(23, capability, 0, 0, 0) == 1 and libc.prctl(24, capability, 0, 0, 0) != 0:
                os._exit(CANNOT)


def _remove_folder() -> None:
    os.mkdir("gone")
    os.chdir("gone")
    os.rmdir("../gone")


STARTS = {
    "": Start(),
    "stdin is training.yaml": Start(stdin="training.yaml"),
    "stdin never ends": Start(stdin="/dev/zero"),
    "stdin closed": Start(before=lambda: os.close(0)),
    "stdout closed": Start(before=lambda: os.close(1)),
    "stderr closed": Start(before=lambda: os.close(2)),
    "stdout full": Start(stdout="/dev/full"),
    "no rights": Start(before=_lose_rights),
    "folder gone": Start(before=_remove_folder),
    "ASCII only": Start(variables=(("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONIOENCODING", "ascii"))),
    "terminal": Start(variables=(("TERM", "xterm-256color"), ("COLUMNS", "100"))),
}


def main() -> int:
    """Run the command and write the report."""
    report, start, *command = sys.argv[1:]
    taken = _run(command, STARTS[start], start == "terminal")
    Path(report).write_text(json.dumps(taken), encoding="utf-8")
    return CANNOT if taken["code"] == CANNOT else 0


def _run(command: list[str], start: Start, terminal: bool) -> dict[str, Any]:
    leader, follower = os.openpty() if terminal else (-1, -1)
    began = time.monotonic()
    with open(start.stdin, "rb") as stdin, open(start.stdout or os.devnull, "wb") as stdout:
        child = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=follower if terminal else stdout if start.stdout else None,
            preexec_fn=lambda: _limit(start),
            env={**os.environ, **dict(start.variables)},
        )
    reader = threading.Thread(target=_copy, args=(leader,), daemon=True)
    if terminal:
        os.close(follower)
        reader.start()
    timer = threading.Timer(WALL_SECONDS, child.kill)
    timer.start()
    _, status, used = os.wait4(child.pid, 0)
    timer.cancel()
    if terminal:
        reader.join(WALL_SECONDS)
    megabytes = used.ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))
    return {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": round(used.ru_utime + used.ru_stime, 3),
        "wall": round(time.monotonic() - began, 3),
        "megabytes": round(megabytes, 1),
    }


def _limit(start: Start) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if start.before is not None:
        start.before()


def _copy(terminal: int) -> None:
    """Pass on what a terminal shows, until nothing writes to it any more."""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            return
        if not data:
            return
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
