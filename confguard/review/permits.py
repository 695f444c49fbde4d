"""What a project lets pass: its waivers, ignores, and everything else by which a finding is not told or does not count.

Two states of a project are compared by these, so that a change that waives itself is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.checking.waive import ignores
from confguard.document.document import Document
from confguard.project.project import Project
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple


class Permit(NamedTuple):
    """One thing that is let pass: where that is said, and in which words."""

    file: str
    said: str


def permits_of(project: Project) -> Iterator[Permit]:
    """What a project file lets pass."""
    if project.document is None:
        return
    file = project.document.path
    for waiver in project.waivers:
        by = f", by {waiver.by}" if waiver.by else ""
        value = "absent" if waiver.value is None else show(waiver.value)
        yield Permit(file, f"waiver: `{waiver.parameter}` is wanted {value}, until {waiver.expires or 'never'}{by}: {waiver.reason}")
    yield from (Permit(file, f"rules: {code} is ignored") for code in project.ignore)
    if project.select:
        yield Permit(file, f"rules: only {', '.join(project.select)} run")
    yield from (Permit(file, f"rules: {code} is told as {severity}") for code, severity in project.severity.items())
    yield from (Permit(file, f"exclude: `{pattern}` is not checked") for pattern in project.exclude)
    yield from (Permit(file, f"extension_keys: `{pattern}` is no unknown key") for pattern in project.extension_keys)


def permits_in(documents: Iterable[Document]) -> Iterator[Permit]:
    """What comments of configs ignore; one that stands twice is told twice."""
    for document in documents:
        for comment in ignores(document):
            if comment.codes and comment.reason:
                yield Permit(document.path, f"ignore of {', '.join(comment.codes)}: {comment.reason}")
