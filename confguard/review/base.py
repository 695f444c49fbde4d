"""The state that a change is made to: a revision of the repository, found, and written out where it can be checked."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from confguard.document.source import Unreadable
from confguard.project.git import GitFailed, git, repository_above
from confguard.words.typing import NamedTuple

_ENDINGS = (".yaml", ".yml", ".toml", ".py", ".cfg", ".lock", ".txt")
"""What a check reads: configs, project files, the code that reads configs, and what names releases."""
_USUAL = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class Base(NamedTuple):
    """A repository, and the revision that a change to it began at."""

    repository: str
    asked: str
    revision: str

    def changed(self) -> dict[str, str | None]:
        """The files that differ from the revision, by path from the repository's root, each with its path there; None for a new one."""
        told = git(self.repository, "diff", "--name-status", "-z", "-M", self.revision).split(b"\0")
        words = iter([os.fsdecode(word) for word in told if word])
        found: dict[str, str | None] = {}
        for status in words:
            path = next(words)
            if status[0] in "RC":
                found[next(words)] = path
            else:
                found[path] = None if status[0] == "A" else path
        return found


def base_of(folder: str, asked: str | None, environment: Mapping[str, str]) -> Base:
    """Where a change began: at the last state it has in common with a branch. Raises `Unreadable` with what to do."""
    repository = repository_above(folder)
    if repository is None:
        raise Unreadable(f"{os.path.relpath(folder)}: lies in no git repository, so there is no base to compare with")
    named = asked or _said_by_ci(environment)
    for name in [named] if named else _USUAL:
        if (revision := _common(repository, name)) is not None:
            return Base(repository, name, revision)
    wanted = named or f"any of {', '.join(_USUAL)}"
    raise Unreadable(
        f"{wanted}: no such revision, or none in common with HEAD; fetch it (actions/checkout: fetch-depth: 0), or name one with --base"
    )


def _said_by_ci(environment: Mapping[str, str]) -> str | None:
    """The base of a pull request on GitHub, or of a merge request on GitLab."""
    branch = environment.get("GITHUB_BASE_REF") or environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    return environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or (f"origin/{branch}" if branch else None)


def _common(repository: str, name: str) -> str | None:
    try:
        return os.fsdecode(git(repository, "merge-base", "--end-of-options", name, "HEAD")).strip()
    except GitFailed:
        return None


@contextmanager
def written_out(base: Base) -> Iterator[str]:
    """A temporary folder with the files of the base that a check reads. Git works in it as in the repository."""
    with tempfile.TemporaryDirectory(prefix="confguard-base-") as folder:
        folder = os.path.realpath(folder)
        for name, data in _files(base):
            path = os.path.join(folder, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)
        where = os.fsdecode(git(base.repository, "rev-parse", "--absolute-git-dir")).strip()
        with open(os.path.join(folder, ".git"), "w", encoding="utf-8") as file:
            file.write(f"gitdir: {where}\n")
        yield folder


def _files(base: Base) -> Iterator[tuple[str, bytes]]:
    names = git(base.repository, "ls-tree", "-r", "-z", "--full-tree", "--name-only", base.revision).decode(errors="replace").split("\0")
    there = [f":(top,glob)**/*{ending}" for ending in _ENDINGS if any(name.endswith(ending) for name in names)]
    if not there:
        return
    with tarfile.open(fileobj=io.BytesIO(git(base.repository, "archive", "--format=tar", base.revision, "--", *there))) as archive:
        for member in archive:
            if (file := archive.extractfile(member) if member.isfile() else None) is not None:
                yield member.name, file.read()
