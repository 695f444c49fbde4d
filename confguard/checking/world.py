"""The world size of a run: how many processes it is launched with, as far as files tell."""

from __future__ import annotations

import os
import re

_MOST_FILES, _MOST_BYTES = 50, 64 * 1024
_PROCESSES = rb"^num_processes:[ \t]*(\d{1,6})[ \t]*(?:#.*)?$"


def world_size_in(folder: str) -> int | None:
    """The processes that accelerate's config in a folder asks for; None where there is none, or several do not agree."""
    try:
        names = sorted(
            entry.name for entry in os.scandir(folder or os.curdir) if entry.name.endswith((".yaml", ".yml")) and entry.is_file()
        )
    except OSError:
        return None
    found = {_processes(os.path.join(folder, name)) for name in names[:_MOST_FILES]} - {None}
    return found.pop() if len(found) == 1 else None


def _processes(path: str) -> int | None:
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        return None
    found = re.search(_PROCESSES, text, re.MULTILINE) if b"compute_environment:" in text or b"distributed_type:" in text else None
    return int(found[1]) or None if found else None
