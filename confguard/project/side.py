"""One side of a comparison: the files that a reference stands for, each with its recipe."""

from __future__ import annotations

from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.document.source import Unreadable
from confguard.document.tree import Refused
from confguard.project.kind import kind_in
from confguard.project.project import Project
from confguard.project.reference import documents_of, resolved
from confguard.words.catalogue import Catalogue
from confguard.words.shape import Shape
from confguard.words.typing import NamedTuple


class Side(NamedTuple):
    """What was asked for, what that stands for, and its files."""

    asked: str
    means: str
    files: list[Fitted]

    @property
    def is_on_disk(self) -> bool:
        """Whether the files are the user's own, and not a profile, a past revision, or standard input."""
        return self.means != "-" and not self.means.startswith(("profile:", "git:"))


def side_of(asked: str, project: Project, catalogue: Catalogue, sets: tuple[tuple[str, str], ...] = ()) -> Side:
    """The files of a reference, with `sets` (key and value) laid over them; raises `Unreadable` and `BadProject`."""
    means = resolved(asked, project)
    files = []
    for document in documents_of(means, project, catalogue):
        if document.refused is not None:
            start = document.span(document.refused.offset, document.refused.offset).start
            raise Unreadable(f"{document.path}:{start.line}:{start.column}: {document.refused.message}")
        shape = kind_in(project, document, catalogue)
        lay_over(document, shape, sets, catalogue)
        files.append(fitted(document, shape))
    if not files:
        raise Unreadable(f"{asked}: there is no YAML file in it")
    return Side(asked, means, files)


def lay_over(document: Document, shape: Shape | None, sets: tuple[tuple[str, str], ...], catalogue: Catalogue) -> None:
    """Put the values of `--set` into a document; a key is a path, or a parameter's name. One of another kind is passed over.

    Raises `Unreadable` for a value that is no YAML.
    """
    for key, value in sets:
        parameter = shape.parameter(key) if shape else None
        if parameter is None and catalogue.parameter(key) is not None:
            continue
        try:
            document.override(shape.names[parameter] if shape and parameter else key, value)
        except Refused as refused:
            raise Unreadable(f"--set {key}={value}: {refused.message}") from None
