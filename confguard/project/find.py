"""The project that a folder belongs to: looked for in it and above."""

from __future__ import annotations

import os

from confguard.document.source import Reading, Unreadable, read_bytes
from confguard.project.discover import PROJECT_FILE
from confguard.project.project import Project

_LONGEST = 4_096
"""Characters of the longest path that Linux opens: in what is below nothing can be found."""


def find_project(folder: str, read: Reading = read_bytes) -> Project:
    """The project that a folder belongs to: the nearest project file in it or above, up to the repository's root.

    Raises `BadProject`.
    """
    start = folder = os.path.abspath(folder)
    if len(folder) > _LONGEST:
        folder = os.path.dirname(folder[:_LONGEST])
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.lexists(path):  # a link to nowhere too: what it was to say is not to be missed in silence
            from confguard.project.reading import read_project  # most checks have no project file

            return read_project(path, read)
        pyproject = os.path.join(folder, "pyproject.toml")
        if os.path.exists(pyproject) and (project := _from_pyproject(pyproject, read)):
            return project
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Project(folder if parent != folder else start)
        folder = parent


def _from_pyproject(path: str, read: Reading) -> Project | None:
    """The project that a pyproject.toml has a table for."""
    try:
        data = read(path)
    except Unreadable:
        return None
    if b"[tool.confguard" not in data:
        return None
    from confguard.project.reading import read_pyproject

    return read_pyproject(path, data)
