"""Control groups: the one thing that counts the memory of all processes of a run together. Version 2 of them, or 1, where one can be made.

A group is made for each run and removed after it. What a process that was killed has left behind is removed by the next one.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import time
from contextlib import suppress
from typing import NamedTuple

_NAME = "confguard-{}-{}"
_OURS = re.compile(r"confguard-(\d+)-\d+")
_RUNS = itertools.count()
_PATIENCE = 5.0


class Home(NamedTuple):
    """Where groups can be made: a folder in each hierarchy that counts something."""

    version: int
    folders: tuple[str, ...]


class Group(NamedTuple):
    """The group of one run: a folder in each hierarchy."""

    version: int
    folders: tuple[str, ...]

    @property
    def doors(self) -> tuple[str, ...]:
        """The files that a process writes its number to in order to be in the group."""
        return tuple(os.path.join(folder, "cgroup.procs") for folder in self.folders)


class Mount(NamedTuple):
    """A hierarchy: where it is mounted, which part of it, and what it counts."""

    kind: str
    root: str
    place: str
    controllers: frozenset[str]


def homes() -> list[Home]:
    """Where groups may be had, the best first. Whether they hold is for the self-test to say."""
    mounts, own = _mounts(), _own()
    found = [Home(2, (folder,)) for mount in mounts if mount.kind == "cgroup2" for folder in _delegating(mount, own.get("", "/"))]
    folders = [_folder(mount, own[name]) for name in ("memory", "pids") for mount in mounts if name in mount.controllers and name in own]
    if len(folders) == 2:
        found.append(Home(1, tuple(dict.fromkeys(folders))))
    return [home for home in found if all(os.access(folder, os.W_OK) for folder in home.folders)]


def made(home: Home, memory: int, processes: int) -> Group:
    """A new group with its limits. Raises `OSError`, and leaves nothing behind then."""
    name = _NAME.format(os.getpid(), next(_RUNS))
    group = Group(home.version, tuple(os.path.join(folder, name) for folder in home.folders))
    try:
        for folder in group.folders:
            os.mkdir(folder)
        for file, value, is_needed in _limits(home.version, memory, processes):
            _set(group, file, value, is_needed)
    except BaseException:
        removed(group)
        raise
    return group


def killed_for_memory(group: Group) -> bool:
    """Whether the kernel has killed something in the group since it took too much memory."""
    file = "memory.events" if group.version == 2 else "memory.oom_control"
    found = (re.search(r"^oom_kill (\d+)", _read(os.path.join(folder, file)), re.MULTILINE) for folder in group.folders)
    return any(match is not None and int(match[1]) > 0 for match in found)


def removed(group: Group) -> bool:
    """Kills what is left in a group, and takes it away. Whether that was done."""
    until = time.monotonic() + _PATIENCE
    while not (gone := _is_removed(group)) and time.monotonic() < until:
        _kill(group)
        time.sleep(0.002)
    return gone


def swept(home: Home) -> None:
    """Removes what processes have left that are no more."""
    for folder in home.folders:
        with suppress(OSError):
            for name in os.listdir(folder):
                match = _OURS.fullmatch(name)
                if match and not os.path.exists(f"/proc/{match[1]}"):
                    os.rmdir(os.path.join(folder, name))


def _limits(version: int, memory: int, processes: int) -> list[tuple[str, int, bool]]:
    """File, value, and whether there is no doing without. Swap is memory too, where the kernel counts it."""
    if version == 2:
        return [("memory.max", memory, True), ("memory.swap.max", 0, False), ("memory.oom.group", 1, False), ("pids.max", processes, True)]
    return [
        ("memory.limit_in_bytes", memory, True),
        ("memory.memsw.limit_in_bytes", memory, False),
        ("memory.swappiness", 0, False),
        ("pids.max", processes, True),
    ]


def _set(group: Group, file: str, value: int, is_needed: bool) -> None:
    paths = [path for folder in group.folders if os.path.exists(path := os.path.join(folder, file))]
    if is_needed and not paths:
        raise FileNotFoundError(f"no {file} in {', '.join(group.folders)}")
    for path in paths:
        try:
            with open(path, "w", encoding="ascii") as opened:
                opened.write(str(value))
        except OSError:
            if is_needed:
                raise


def _is_removed(group: Group) -> bool:
    for folder in group.folders:
        with suppress(OSError):
            os.rmdir(folder)
    return not any(map(os.path.isdir, group.folders))


def _kill(group: Group) -> None:
    for folder in group.folders:
        with suppress(OSError), open(os.path.join(folder, "cgroup.kill"), "w", encoding="ascii") as file:
            file.write("1")
        for number in _read(os.path.join(folder, "cgroup.procs")).split():
            with suppress(OSError):
                os.kill(int(number), signal.SIGKILL)


def _mounts() -> list[Mount]:
    found = []
    for line in _read("/proc/self/mountinfo").splitlines():
        words = line.split()
        kind, _, options = words[words.index("-") + 1 :][:3]
        if kind in ("cgroup", "cgroup2"):
            found.append(Mount(kind, words[3], words[4], frozenset(options.split(",")) if kind == "cgroup" else frozenset()))
    return found


def _own() -> dict[str, str]:
    """Which group we are in, by controller; that of version 2 has no name."""
    found: dict[str, str] = {}
    for line in _read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _folder(mount: Mount, path: str) -> str:
    """The folder of a group. Where only a part of the hierarchy is mounted, as in a container, paths may be told from elsewhere."""
    within = os.path.relpath(path, mount.root)
    folder = os.path.normpath(os.path.join(mount.place, within))
    return folder if not within.startswith("..") and os.path.isdir(folder) else mount.place


def _delegating(mount: Mount, path: str) -> list[str]:
    """Our own group and those above it, as far as they hand memory and processes down to groups made in them.

    Our own rarely does: a group with processes in it cannot.
    """
    folder, found = _folder(mount, path), []
    while True:
        if {"memory", "pids"} <= set(_read(os.path.join(folder, "cgroup.subtree_control")).split()):
            found.append(folder)
        if folder == mount.place or len(folder) <= 1:
            return found
        folder = os.path.dirname(folder)


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
