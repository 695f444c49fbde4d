"""The world size of a run: how many processes it is launched with, as far as files tell."""

from __future__ import annotations

import os
import re
from functools import lru_cache

from confguard.project.target import stamp_of

_MOST_FILES, _MOST_BYTES = 50, 64 * 1024
_PROCESSES = rb"^num_processes:[ \t]*(\d{1,6})[ \t]*(?:#.*)?$"


def world_size_beside(path: str) -> int | None:
    """The processes that accelerate's config beside a config asks for; None where there is none, or several do not agree."""
    if path.startswith(("<", "git:", "profile:")):
        return None
    folder = os.path.dirname(os.path.abspath(path))
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith((".yaml", ".yml")) and entry.is_file())
    except OSError:
        return None
    files = [os.path.join(folder, name) for name in names[:_MOST_FILES]]
    found = {_processes(file, stamp_of(file)) for file in files} - {None}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1024)
def _processes(path: str, _: tuple[int, int, int] | None) -> int | None:
    """The processes that a file asks for, as it was when it had that stamp."""
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return None
    found = re.search(_PROCESSES, text, re.MULTILINE) if b"compute_environment:" in text or b"distributed_type:" in text else None
    return int(found[1]) or None if found else None
