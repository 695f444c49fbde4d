"""Which files to check: what is named, and in folders every YAML file that git does not ignore."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from confguard.document.source import Unreadable

ENDINGS = (".yaml", ".yml")
PROJECT_FILE = "confguard.yaml"
_NEVER = {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".confguard"}


def files_of(paths: Iterable[str]) -> Iterator[str]:
    """The files that paths stand for, each once, in order; raises `Unreadable` for a path that is not there."""
    seen = set()
    for path in paths:
        found = _below(path) if path != "-" and os.path.isdir(path) else [path]
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def _below(folder: str) -> list[str]:
    """The YAML files below a folder, sorted."""
    listed = _listed_by_git(folder)
    if listed is None:
        listed = []
        for here, folders, names in os.walk(folder, onerror=_unreadable):
            folders[:] = sorted(name for name in folders if name not in _NEVER)
            listed += [os.path.join(here, name) for name in names]
    return sorted(os.path.normpath(file) for file in listed if _is_candidate(file))


def _is_candidate(file: str) -> bool:
    return file.endswith(ENDINGS) and os.path.basename(file) != PROJECT_FILE and os.path.isfile(file)


def _listed_by_git(folder: str) -> list[str] | None:
    """What git tracks or would track below a folder; None where it is no work tree, or where there is no git."""
    import subprocess

    command = ["git", "-C", folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode != 0:
        return None
    names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    return [os.path.join(folder, name) for name in names]


def _unreadable(error: OSError) -> None:
    raise Unreadable(f"{error.filename}: cannot be listed ({error.strerror})")
