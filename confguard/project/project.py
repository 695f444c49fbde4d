"""The project file: `confguard.yaml`, or `[tool.confguard]` in pyproject.toml; every part of it is optional."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from confguard.document.document import Document
from confguard.words.cannot import CannotRun
from confguard.words.typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from confguard.words.waiver import Waiver


IN_PYPROJECT = " [tool.confguard]"
"""What follows the path of a pyproject.toml where its table is the project file."""


class BadProject(CannotRun):
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
    exclude: tuple[str, ...] = ()
    """Globs and folders of files that are not checked, also where they are named, as hooks name them."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = MappingProxyType({})
    custom: tuple[CustomRule, ...] = ()
    extension_keys: tuple[str, ...] = ()
    run_name: str | None = None
    train_command: str | None = None
    waivers: tuple[Waiver, ...] = ()
    code: tuple[str, ...] = ()
    """Files and folders, below the root, of the Python code that reads the configs."""
    target: Mapping[str, str] = MappingProxyType({})
    asked_target: Mapping[str, str] = MappingProxyType({})
    """What the command line asks for instead."""
