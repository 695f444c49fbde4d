"""The project file: `confguard.yaml`, or `[tool.confguard]` in pyproject.toml; every part of it is optional."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes
from confguard.project.discover import PROJECT_FILE
from confguard.words.typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from confguard.words.waiver import Waiver


class BadProject(Exception):
    """A project file that cannot be used; the message says where and what to do."""


class CustomRule(NamedTuple):
    """A rule that a team adds: a condition over parameters, what to say when it holds, and how bad it is."""

    code: str
    when: str
    message: str
    severity: str
    help: str | None
    line: int


class Project(NamedTuple):
    """What the project file says, and the folder it stands in."""

    root: str
    document: Document | None = None
    references: Mapping[str, str] = MappingProxyType({})
    files: Mapping[str, str] = MappingProxyType({})
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = MappingProxyType({})
    custom: tuple[CustomRule, ...] = ()
    extension_keys: tuple[str, ...] = ()
    run_name: str | None = None
    train_command: str | None = None
    waivers: tuple[Waiver, ...] = ()
    target: Mapping[str, str] = MappingProxyType({})
    asked_target: Mapping[str, str] = MappingProxyType({})
    """What the command line asks for instead."""


def find_project(folder: str) -> Project:
    """The project that a folder belongs to: the nearest project file in it or above, up to the repository's root.

    Raises `BadProject`.
    """
    start = folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.exists(path):
            from confguard.project.reading import read_project  # most checks have no project file

            return read_project(path)
        pyproject = os.path.join(folder, "pyproject.toml")
        if os.path.exists(pyproject) and (project := _from_pyproject(pyproject)):
            return project
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Project(folder if parent != folder else start)
        folder = parent


def _from_pyproject(path: str) -> Project | None:
    """The project that a pyproject.toml has a table for."""
    try:
        data = read_bytes(path)
    except Unreadable:
        return None
    if b"[tool.confguard" not in data:
        return None
    from confguard.project.reading import read_pyproject

    return read_pyproject(path, data)
