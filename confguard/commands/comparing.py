"""What `diff` and `report` have in common: two sides and their comparison, with the waivers of the projects that files belong to."""

from __future__ import annotations

import os
from collections.abc import Iterable

from confguard.checking.setting import BadUsage
from confguard.commands.recovering import recovered
from confguard.diffing.comparison import Comparison, comparison
from confguard.document.document import Document
from confguard.document.fit import Fitted
from confguard.document.source import Unreadable
from confguard.project.discover import files_of
from confguard.project.find import find_project
from confguard.project.project import Project
from confguard.project.reference import resolved
from confguard.project.side import Side, side_of
from confguard.project.waivers import waivers_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.transaction.leftover import folders_of
from confguard.words.shape import Shape
from confguard.words.typing import TYPE_CHECKING
from confguard.words.waiver import Waiver

if TYPE_CHECKING:
    from confguard.migrate.plan import FilePlan, Plan

Sets = tuple[tuple[str, str], ...]
Targets = tuple[tuple[str, str], ...]
Unread = dict[str, frozenset[str]]
"""The keys that no code reads, by file."""


class Comparing:
    """One run: each folder's project is read once."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.stdin_is_read = False
        self.asked_of_code: dict[tuple[str, ...], Unread] = {}
        recovered([os.curdir])

    def side(self, asked: str, sets: Sets = (), targets: Targets = ()) -> Side:
        """What a reference stands for, as the working folder's project has it; raises `BadUsage` for a second `-`."""
        found = self.whole_side(asked, self.project("")._replace(asked_target=dict(targets)), sets)
        if found.means == "-" and self.stdin_is_read:
            raise BadUsage("only one side can be standard input; name a file for the other")
        self.stdin_is_read = self.stdin_is_read or found.means == "-"
        return found

    def whole_side(self, asked: str, project: Project, sets: Sets) -> Side:
        """A side none of whose files is half way between two states."""
        try:
            found = side_of(asked, project, CATALOGUE, sets)
            files = [file.document.path for file in found.files] if found.is_on_disk else []
            if not recovered(folders_of(files)):
                return found
        except Unreadable:
            path = resolved(asked, project)
            if not os.path.exists(path) or not recovered(folders_of(files_of([path]))):
                raise
        return side_of(asked, project, CATALOGUE, sets)

    def compared(self, reference: Side, current: Side, waived: bool = True) -> Comparison:
        """Everything that differs between two sides; raises `BadUsage` where no file of one has a counterpart on the other.

        Waivers speak of a reference: where the other side is none, they are not `waived`.
        """
        from confguard.schemas.derived import CURVES, DERIVED

        def waivers(file: Fitted) -> tuple[Waiver, ...]:
            return self.project_of(file, current).waivers if waived else ()

        found = comparison(reference.files, current.files, CATALOGUE, DERIVED, CURVES, waivers, self.unread(current))
        if not found.pairs:
            raise BadUsage(f"nothing in {current.asked} has a counterpart of its kind or name in {reference.asked}")
        return found

    def unread(self, side: Side) -> Unread:
        """The keys that nothing reads in the files of a side, where their project names its code; nothing of a side that is no file."""
        if not side.is_on_disk:
            return {}
        asked = tuple(file.document.path for file in side.files)
        if asked not in self.asked_of_code:
            self.asked_of_code[asked] = self.unread_in([(file, file.document) for file in side.files])
        return self.asked_of_code[asked]

    def unread_in(self, files: Iterable[tuple[Fitted, Document]]) -> Unread:
        """The keys that nothing reads in documents that are, or would be, what stands in files of known kinds."""
        by_project: dict[str, list[tuple[Shape, Document]]] = {}
        for file, document in files:
            project = self.project(os.path.dirname(document.path))
            if project.code and file.shape is not None and document.root is not None:
                by_project.setdefault(project.root, []).append((file.shape, document))
        found: Unread = {}
        for items in by_project.values():
            from confguard.checking.audited import unread_of  # it loads the parser of Python

            documents = [document for _, document in items]
            found.update(unread_of(documents, self.project(os.path.dirname(documents[0].path)), [shape for shape, _ in items]))
        return found

    def marked(self, plan: Plan, side: Side) -> Plan:
        """A plan that tells which of its edits have no effect: the code reads no such key, as the file is or as it would be."""
        if not side.is_on_disk or not any(self.project(os.path.dirname(file.path)).code for file in plan.files):
            return plan
        before = self.unread(side)
        after = self.unread_in([(file.now, file.after) for file in plan.files if file.now is not None])

        def unread(file: FilePlan) -> frozenset[str]:
            return before.get(file.path, frozenset()) | after.get(file.path, frozenset())

        return plan.marked(unread)

    def project_of(self, file: Fitted, side: Side) -> Project:
        """The project that a file belongs to; the working folder's for one that is not on disk."""
        return self.project(os.path.dirname(file.document.path) if side.is_on_disk else "")

    def project(self, folder: str) -> Project:
        """The project of a folder; a waiver that cannot be used is told before anything is compared."""
        if folder not in self.projects:
            self.projects[folder] = find_project(folder)
            waivers_of(self.projects[folder], CATALOGUE)
        return self.projects[folder]
