"""The projects below a folder, and what lies in each: its configs by kind, and its other files by name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from confguard.document.document import Document
from confguard.document.fit import Fitted, family_of, fitted
from confguard.document.source import Unreadable, read_bytes
from confguard.project.discover import all_below, is_candidate
from confguard.project.find import find_project
from confguard.project.kind import is_excluded, kind_in
from confguard.project.project import Project
from confguard.project.target import aim_of, pins_of, too_old
from confguard.words.catalogue import Catalogue
from confguard.words.typing import NamedTuple

MOST_CONFIG = 128 * 1024
MOST_YAML = 8 * 1024 * 1024
"""Bytes of YAML that are looked at, in one file and in all: a training config has some 2 KiB, and a project a hundred of them."""
REFERENCE_WORDS = ("reference", "references", "baseline", "baselines", "golden")
"""What people call the folder that others are compared with."""

_TEST_WORDS = ("test", "tests", "testing", "fixtures")
"""Folders of files that are there to be tested with, and need not be right."""


class Home(NamedTuple):
    """One project: its root as seen from the working folder, what its project file says, and its files."""

    root: str
    project: Project
    files: tuple[str, ...]
    """Every file of it that git does not ignore."""
    configs: tuple[Fitted, ...]
    """Those of a known kind that are no reference."""
    references: dict[str, list[Fitted]]
    """The others, by the folder that is called a reference."""
    unclear: tuple[Document, ...]
    """Those of a family of which it is not clear which kind they are."""
    notes: tuple[str, ...]

    def inside(self, path: str) -> str:
        """A path as the project file has it."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    @property
    def every(self) -> list[Fitted]:
        """The configs of a known kind, the reference's too."""
        return [*self.configs, *(file for files in self.references.values() for file in files)]


def homes_of(path: str, catalogue: Catalogue) -> list[Home]:
    """The projects of a folder: it, or the one whose project file holds for it, and those below it that stand on their own.

    Raises `Unreadable` and `BadProject`.
    """
    if not os.path.isdir(path):
        raise Unreadable(f"{path}: {'a file; name the folder of the project' if os.path.exists(path) else 'no such folder'}")
    project = find_project(path)
    top = os.path.normpath(path if project.document is None else os.path.relpath(project.root))
    owner = _owners(top, splits=project.document is None)
    by_root: dict[str, list[str]] = {top: []}
    for file in sorted(all_below(top)):
        by_root.setdefault(owner(os.path.dirname(file) or os.curdir), []).append(file)
    homes = [home_of(root, tuple(files), _project_at(root), catalogue) for root, files in by_root.items()]
    return [home for home in homes if home.root == top or home.configs or home.unclear or home.project.document is not None]


def _owners(top: str, splits: bool) -> Callable[[str], str]:
    """What tells the root of the project that a folder below `top` belongs to.

    A project file makes one. So do releases that are pinned in a folder, since a check reads them at the root, unless a project file
    above holds for all (then `splits` is false).
    """

    @cache
    def is_root(folder: str) -> bool:
        if in_tests(os.path.relpath(folder, top)):
            return False
        found = find_project(folder)
        if os.path.abspath(found.root) == os.path.abspath(folder) and (found.document is not None or _has_git(folder)):
            return True
        return splits and not reference_folder(os.path.relpath(folder, top)) and bool(pins_of(folder))

    owners = {top: top}

    def owner(folder: str) -> str:
        waiting = []
        while folder not in owners:  # a loop: folders may be nested deeper than Python recurses
            waiting.append(folder)
            folder = os.path.dirname(folder) or os.curdir
        root = owners[folder]
        for below in reversed(waiting):
            root = owners[below] = below if is_root(below) else root
        return root

    return owner


def _has_git(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def in_tests(path: str) -> bool:
    """Whether a path below the root lies in a folder of tests."""
    return any(part.lower() in _TEST_WORDS for part in path.split(os.sep))


def reference_folder(path: str) -> str | None:
    """The folder on the way to a path that is called a reference, if any."""
    parts = path.split(os.sep)
    found = next((index for index, part in enumerate(parts) if part.lower() in REFERENCE_WORDS), None)
    return None if found is None else os.path.join(*parts[: found + 1])


def _project_at(root: str) -> Project:
    """What holds at the root of a project; one without a project file is asked as if it had an empty one."""
    found = find_project(root)
    return found if found.document is not None else Project(os.path.abspath(root))


def home_of(root: str, files: tuple[str, ...], project: Project, catalogue: Catalogue) -> Home:
    """A project, its YAML files read as its project file would have it."""
    configs, references = list[Fitted](), dict[str, list[Fitted]]()
    unclear, notes = list[Document](), list[str]()
    candidates = [file for file in files if is_candidate(file) and not is_excluded(project, file)]
    tests = {file for file in candidates if in_tests(os.path.relpath(os.path.dirname(file) or os.curdir, root))}
    if tests:
        notes.append(f"YAML in folders of tests is left out ({len(tests)} {'files' if len(tests) > 1 else 'file'})")
    for document in _documents([file for file in candidates if file not in tests], notes):
        shape = kind_in(project, document, catalogue)
        folder = reference_folder(os.path.relpath(os.path.dirname(document.path) or os.curdir, root))
        if shape is not None:
            known = configs if folder is None else references.setdefault(os.path.normpath(os.path.join(root, folder)), [])
            known.append(fitted(document, shape))
        elif family_of(document, catalogue.shapes) is not None:
            why = too_old(aim_of(project, catalogue), catalogue)
            if why is None:
                unclear.append(document)
            elif why not in notes:
                notes.append(why)
    return Home(root, project, files, tuple(configs), references, tuple(unclear), tuple(notes))


def _documents(files: Iterable[str], notes: list[str]) -> Iterator[Document]:
    """The files that can be read as YAML, as many as there is time for; adds what is to be said of the others."""
    left = MOST_YAML
    for file in files:
        if left <= 0:
            notes.append(f"only the YAML files before {file} were looked at: there are more than {MOST_YAML // 1024 // 1024} MiB of them")
            return
        try:
            data = read_bytes(file)
        except Unreadable as error:
            notes.append(str(error))
            continue
        if len(data) <= MOST_CONFIG:
            left -= len(data)
            document = Document(file, data)
            if document.refused is None:
                yield document
