"""The state that a change is made to: a revision of the repository, found, and written out where it can be checked."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from confguard.document.source import Unreadable
from confguard.project.git import GitFailed, git, repository_above
from confguard.words.typing import NamedTuple

_ENDINGS = (".yaml", ".yml", ".toml", ".py", ".cfg", ".lock", ".txt")
"""What a check reads: configs, project files, the code that reads configs, and what names releases."""
_MOST_READ = 8 * 1024 * 1024
"""More than a check reads of any file."""
_USUAL = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


class Base(NamedTuple):
    """A repository, and the revision that a change to it began at."""

    repository: str
    asked: str
    revision: str

    def changed(self) -> dict[str, str | None]:
        """The files that differ from the revision, by path from the repository's root, each with its path there; None for a new one.

        Of all that git is asked here, this alone may run what the repository's settings name: a clean filter, for a file that was edited.
        """
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
    try:
        git(repository, "rev-parse", "--git-dir")
    except GitFailed as error:
        raise Unreadable(f"{os.path.relpath(repository)}: {error}") from None
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
def written_out(base: Base, named: Collection[str]) -> Iterator[str]:
    """A temporary folder with the files of the base that a check reads, those `named` among them whatever they are called.

    It is a work tree of the repository that stands at the base. `git archive` would leave out what is `export-ignore`, and run filters.
    """
    with tempfile.TemporaryDirectory(prefix="confguard-base-") as folder:
        folder = os.path.realpath(folder)
        common = os.fsdecode(git(base.repository, "rev-parse", "--git-common-dir")).rstrip("\r\n")
        own = os.path.join(folder, ".git")
        os.mkdir(own)
        for what, said in (("HEAD", base.revision), ("commondir", os.path.join(base.repository, common))):
            with open(os.path.join(own, what), "wb") as file:
                file.write(os.fsencode(f"{said}\n"))
        git(folder, "read-tree", base.revision)  # refuses names that lead out of the folder
        for name, is_link, data in _files(base, named):
            path = os.path.join(folder, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if is_link:
                os.symlink(_from_there(base, name, os.fsdecode(data)), path)
                continue
            with open(path, "wb") as file:
                file.write(data)
        yield folder


def _files(base: Base, named: Collection[str]) -> Iterator[tuple[str, bool, bytes]]:
    """The path of each file that is written out, whether it is a symbolic link, and what is in it."""
    entries = sorted(_listed(base), key=lambda entry: entry.is_link)  # links last, so that nothing is written through one
    wanted = [entry for entry in entries if entry.name.endswith(_ENDINGS) or entry.is_link or entry.name in named]
    told = git(base.repository, "cat-file", "--batch", given="".join(f"{entry.object}\n" for entry in wanted).encode()) if wanted else b""
    at = 0
    for entry in wanted:
        start = told.index(b"\n", at) + 1
        size = int(told[at:start].split()[2])
        yield entry.name, entry.is_link, told[start : start + size]
        at = start + size + 1


class _Entry(NamedTuple):
    name: str
    is_link: bool
    object: str


def _listed(base: Base) -> Iterator[_Entry]:
    """The files and links of the base, but for what is too large for a check to read, and what a sparse checkout leaves out today."""
    tagged = git(base.repository, "ls-files", "-t", "-z").split(b"\0")
    left_out = {entry.removeprefix(b"S ") for entry in tagged if entry.startswith(b"S ")}
    for line in git(base.repository, "ls-tree", "-r", "-l", "-z", "--full-tree", base.revision).split(b"\0"):
        told, _, name = line.partition(b"\t")
        mode, kind, object_, size = told.decode().split() if told else ("", "", "", "")
        if kind == "blob" and name not in left_out and int(size) <= _MOST_READ:
            yield _Entry(os.fsdecode(name), mode == "120000", object_)


def _from_there(base: Base, name: str, target: str) -> str:
    """Where a link leads: one that leaves the repository goes on to where it leads today."""
    inside = os.path.normpath(os.path.join(os.path.dirname(name), target))
    leaves = inside == os.pardir or inside.startswith(os.path.join(os.pardir, ""))
    return os.path.join(base.repository, inside) if leaves else target
