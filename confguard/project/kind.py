"""What kind a file is: as the project file says, else as its content tells."""

from __future__ import annotations

import os

from confguard.document.document import Document
from confguard.document.fit import kind_of
from confguard.project.discover import PROJECT_FILE
from confguard.project.project import BadProject, Project
from confguard.words.catalogue import Catalogue
from confguard.words.shape import Shape


def kind_in(project: Project, document: Document, catalogue: Catalogue) -> Shape | None:
    """The shape of a document, for the project's target; None where it is of no known kind, or cannot be read. Raises `BadProject`."""
    shape = _kind(project, document, catalogue)
    if shape is None or shape.at is None:
        return shape
    from confguard.project.target import aim_of, too_old

    aim = aim_of(project, catalogue)
    if (why := too_old(aim, catalogue)) is not None:
        if PROJECT_FILE in aim.whence:
            raise BadProject(why)
        return None
    return shape.at(aim.target)


def _kind(project: Project, document: Document, catalogue: Catalogue) -> Shape | None:
    for pattern, kind in project.files.items():
        if matches(document.path, pattern, project.root):
            shape = catalogue.shape(kind)
            if shape is None:
                known = ", ".join(shape.kind for shape in catalogue.shapes)
                raise BadProject(f"{pattern} in the project file: there is no kind {kind} (there are: {known})")
            return shape
    return kind_of(document, catalogue.shapes) if document.refused is None else None


def is_excluded(project: Project, path: str) -> bool:
    """Whether the project file says that a file is not checked; the name of a folder means all that lies in it."""
    globs = (glob for pattern in project.exclude for glob in (pattern, f"{pattern.rstrip('/')}/*"))
    return any(matches(path, glob, project.root) for glob in globs)


def matches(path: str, pattern: str, root: str) -> bool:
    """Whether a file matches a glob of the project file, which is relative to the root."""
    from fnmatch import fnmatch

    relative = path if path.startswith("<") else os.path.relpath(path, root).replace(os.sep, "/")
    return fnmatch(relative, pattern.removeprefix("./"))
