"""The isolator: bubblewrap with a control group where one can be made, otherwise with a single process, otherwise nothing.

What holds a run, from the outside in: the control group (memory of all its processes, their number), namespaces (no network, no other
process, no file but the interpreter's), an unprivileged user that nobody else is, limits of the process, the filter of system calls, and
the parent, which keeps the time and reads no more than it must.
"""

from __future__ import annotations

import functools
import os
import platform
import shutil
import signal
import struct
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from confguard.trainer.sandbox import cgroup, seccomp, uid
from confguard.trainer.sandbox.child import Child, held
from confguard.trainer.sandbox.outcome import (
    CODE_LIMIT,
    FILES_LIMIT,
    INODES_LIMIT,
    LEAST_MEMORY,
    MEMORY,
    MIB,
    OPEN_FILES,
    PROCESSES,
    PROMPT_LIMIT,
    NoIsolator,
    Outcome,
)
from confguard.trainer.sandbox.sight import SCRATCH, Sight, sight
from confguard.trainer.sandbox.talk import Ask, Pipes, Talk, Terms

_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox")
_BOUND = ("--die-with-parent", "--new-session")
_ORDINARY = ("--unshare-user", "--uid", "65534", "--gid", "65534")
_AS_ROOT = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")  # for inside.py, which gives them up
_ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"'
"""Goes through the doors of a control group, then becomes what follows. A shell does it, since a fork of a large trainer's own is slow."""
_KERNELS = 16 * MIB
"""Set aside, where no control group counts, for what the kernel keeps for pipes, sockets and tables."""
_LAST_BREATH = 2.0
"""Seconds for bubblewrap to end, once it has closed its pipes."""
_INSIDE = Path(__file__).with_name("inside.py")


class Isolator(NamedTuple):
    """A way to isolate runs. What `isolator()` gives has passed its self-test; it may be used from several threads at once."""

    bubblewrap: str
    sight: Sight
    machine: str
    inside: str
    uids: uid.Numbers | None
    gids: uid.Numbers | None
    home: cgroup.Home | None

    @property
    def name(self) -> str:
        """What it is, for a log."""
        counted = f"a control group of version {self.home.version}" if self.home else "one process a run"
        return f"bubblewrap with {counted}, {'started by root' if self.uids else 'started by an ordinary user'}"

    def run(
        self,
        code: str,
        *,
        seconds: float,
        memory: int = MEMORY,
        stdin: str = "",
        ask: Ask | None = None,
        ask_within: float | None = None,
    ) -> Outcome:
        """Runs Python source in a fresh interpreter; whatever it started is dead when this returns.

        `memory` is for all of it, its files among it. With `ask`, the code finds a function `llm(prompt) -> str`, which comes to
        `ask(prompt)` in a thread here; the time that takes is part of `seconds`, and an answer that takes longer than `ask_within` is
        given up, as a RuntimeError inside. Raises `NoIsolator` where the isolator itself fails.
        """
        if memory < LEAST_MEMORY:
            raise ValueError(f"memory: {memory} is less than {LEAST_MEMORY}")
        source = code.encode("utf-8", "surrogatepass")
        if len(source) > CODE_LIMIT:
            return Outcome(False, "", f"the code is longer than {CODE_LIMIT} bytes", 0.0, None)
        if self.home is None:
            return self._run(source, stdin, memory, Terms(seconds, ask, ask_within), None)
        try:
            group = cgroup.made(self.home, memory, PROCESSES)
        except OSError as error:
            raise NoIsolator(f"code is not run: no control group can be made any more ({error})") from error
        try:
            return self._run(source, stdin, memory, Terms(seconds, ask, ask_within), group)
        finally:
            if not cgroup.removed(group):
                raise NoIsolator(f"code is not run any more: something of a run is left in {group.folders[0]}")

    def _run(self, source: bytes, stdin: str, memory: int, terms: Terms, group: cgroup.Group | None) -> Outcome:
        ours, theirs = _pipes()
        try:
            child = self._started(theirs, memory, terms, group)
        except BaseException:
            for pipe in ours:
                os.close(pipe)
            raise
        excess = functools.partial(_excess, child, group, memory)
        talk = Talk(ours, terms._replace(is_over=child.is_over, watch=excess), source, stdin.encode("utf-8", "replace"))
        try:
            talk.hold()
        finally:
            code = child.ended(0.0 if talk.stopped or not talk.ended else _LAST_BREATH)
        return _outcome(talk, code, _too_much(memory) if group and cgroup.killed_for_memory(group) else "")

    def _started(self, theirs: Pipes, memory: int, terms: Terms, group: cgroup.Group | None) -> Child:
        """Bubblewrap, started; their ends of the pipes are closed here."""
        info, told = os.pipe()
        rules, written = os.pipe()
        with open(written, "wb") as file:
            file.write(seccomp.program(self.machine, is_alone=group is None))
        enter = ["/bin/sh", "-c", _ENTER, "sh", *group.doors, "--"] if group else []
        limits = self._limits(memory, terms)
        python = [self.sight.python, "-I", "-S", "-B", "-u", "-X", "utf8", "-c", self.inside]
        given = [theirs.answers, theirs.questions, *limits]
        try:
            process = subprocess.Popen(
                [*enter, *self._bubblewrap(memory, told, rules), "--", *python, *map(str, given)],
                stdin=theirs.stdin,
                stdout=theirs.output,
                stderr=theirs.complaints,
                env={},
                cwd="/",
                pass_fds=(told, rules, theirs.answers, theirs.questions),
                start_new_session=True,
            )
        except BaseException:
            os.close(info)
            raise
        finally:
            for pipe in (told, rules, *theirs):
                os.close(pipe)
        return held(process, info)

    def _bubblewrap(self, memory: int, told: int, rules: int) -> list[str]:
        scratch = ["--perms", "0777", "--size", str(_files(memory)), "--tmpfs", SCRATCH, "--chdir", SCRATCH, "--remount-ro", "/"]
        who = _AS_ROOT if self.uids else _ORDINARY
        said = [self.bubblewrap, *_NAMESPACES, *_BOUND, *who, *self.sight.arguments, *scratch]
        return [*said, "--info-fd", str(told), "--seccomp", str(rules)]

    def _limits(self, memory: int, terms: Terms) -> Sequence[int]:
        """In the order in which inside.py reads them."""
        room = memory if self.home else memory - _files(memory) - _KERNELS
        who = uid.of_a_run(self.uids, self.gids) if self.uids and self.gids else (0, 0)
        cpu = int(terms.seconds * (os.cpu_count() or 1)) + 2  # of all threads; the parent keeps the time
        return (*who, room, PROCESSES, cpu, _files(memory), OPEN_FILES, PROMPT_LIMIT if terms.ask else 0)


@functools.lru_cache(maxsize=1)
def isolator() -> Isolator:
    """The best isolator of this machine that passes its self-test now. Raises `NoIsolator`, which says what is missing."""
    from confguard.trainer.sandbox.selftest import failed

    reasons = []
    for candidate in candidates():
        probe = failed(candidate)
        if probe is None:
            return candidate
        reasons.append(f"{candidate.name}: {probe}")
    raise NoIsolator(f"code written by the policy is not run: nothing here isolates it. {'; '.join(reasons)}")


def candidates() -> Iterator[Isolator]:
    """The ways that may be open on this machine, the best first, untried."""
    machine = platform.machine()
    if os.name != "posix" or platform.system() != "Linux" or machine not in seccomp.MACHINES or struct.calcsize("P") != 8:
        raise NoIsolator(f"code written by the policy is not run: that needs Linux on {' or '.join(seccomp.MACHINES)}, 64 bits")
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        raise NoIsolator(
            "code written by the policy is not run: bubblewrap is missing (no bwrap on PATH). "
            "Install the package bubblewrap, 0.7 or newer, or use rewards that run no code"
        )
    try:
        seen = sight()
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NoIsolator(f"code written by the policy is not run: {error}") from error
    uids, gids = uid.numbers("uid_map"), uid.numbers("gid_map")
    if not (uids and gids):
        uids = gids = None
    plain = Isolator(bubblewrap, seen, machine, _INSIDE.read_text(encoding="utf-8"), uids, gids, None)
    for home in cgroup.homes():
        cgroup.swept(home)
        yield plain._replace(home=home)
    yield plain


def _files(memory: int) -> int:
    return min(FILES_LIMIT, memory // 8)


def _pipes() -> tuple[Pipes, Pipes]:
    """Our ends and theirs."""
    output, complaints, questions, stdin, answers = (os.pipe() for _ in Pipes._fields)
    ours = Pipes(output[0], complaints[0], questions[0], stdin[1], answers[1])
    return ours, Pipes(output[1], complaints[1], questions[1], stdin[0], answers[0])


def _excess(child: Child, group: cgroup.Group | None, memory: int) -> str:
    """What a run has taken too much of by now, as far as only looking tells; nothing otherwise."""
    if group is None:
        return f"made more than {INODES_LIMIT} files" if child.has_many_files(INODES_LIMIT) else ""
    return _too_much(memory) if cgroup.killed_for_memory(group) else ""


def _too_much(memory: int) -> str:
    return f"took more memory than {memory // MIB} MiB"


def _outcome(talk: Talk, code: int, excess: str) -> Outcome:
    complaint = (bytes(talk.complaints).decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    if talk.began is None:
        raise NoIsolator(f"code is not run: the isolator failed: {complaint or talk.error or _told(code)}")
    stopped, error = talk.stopped, talk.error
    if stopped is None and excess:
        stopped, error = "memory", excess
    elif stopped is None and code:
        if complaint.startswith("MemoryError"):
            stopped, error = "memory", complaint
        elif code < 0 or code > 128:
            stopped, error = "crashed", _told(code)
        else:
            error = complaint or _told(code)
    output = bytes(talk.output).decode("utf-8", "replace")
    return Outcome(not error, output, error, talk.ended - talk.began, stopped)


def _told(code: int) -> str:
    """An exit status in words: bubblewrap adds 128 to the signal that ended the code."""
    number = -code if code < 0 else code - 128
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"exit status {code}"
