"""Which files to check: what is named, and in folders every YAML file that git does not ignore."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from confguard.document.source import Unreadable
from confguard.project.git import GitFailed, git, repository_above

ENDINGS = (".yaml", ".yml")
PROJECT_FILE = "confguard.yaml"
RUN_CONFIG = "confguard-config.yaml"
"""The config of a run as it was trained, which `confguard train` writes beside the checkpoints: a record, which nobody edits."""
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
    return sorted(file for file in all_below(folder) if is_candidate(file))


def all_below(folder: str) -> set[str]:
    """Every file below a folder that git does not ignore; raises `Unreadable`."""
    folder = os.path.normpath(folder)
    prefix = "" if folder == "." else os.path.join(folder, "")
    try:
        if not _may_be_in_a_repository(folder):
            raise GitFailed("no repository")
        listed = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
        return {prefix + os.fsdecode(name) for name in listed if name}
    except GitFailed:  # no work tree, or no git
        return {file.removeprefix("./") for file in _walked(folder)}


def _may_be_in_a_repository(folder: str) -> bool:
    """Whether there is a `.git` in a folder or above it, or an environment that names one."""
    return any(name in os.environ for name in ("GIT_DIR", "GIT_WORK_TREE")) or repository_above(folder) is not None


def is_candidate(file: str) -> bool:
    """Whether a file below a folder is one to check, by its name."""
    return file.endswith(ENDINGS) and os.path.basename(file) not in (PROJECT_FILE, RUN_CONFIG) and os.path.isfile(file)


def _walked(folder: str) -> Iterator[str]:
    """Every file below a folder, links to folders not followed; folders may be nested deeper than Python recurses."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            raise Unreadable(f"{here}: cannot be listed ({error.strerror})") from None
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry.path
            elif entry.name not in _NEVER:
                waiting.append(entry.path)
