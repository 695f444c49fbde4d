"""What `diff` and `report` have in common: two sides and their comparison, with the waivers of the projects that files belong to."""

from __future__ import annotations

import os

from confguard.check.setting import BadUsage
from confguard.commands.recovering import recovered
from confguard.diff.comparison import Comparison, comparison
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
from confguard.words.waiver import Waiver

Sets = tuple[tuple[str, str], ...]
Targets = tuple[tuple[str, str], ...]


class Comparing:
    """One run: each folder's project is read once."""

    def __init__(self) -> None:
        self.projects: dict[str, Project] = {}
        self.stdin_is_read = False
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

    def compared(self, reference: Side, current: Side) -> Comparison:
        """Everything that differs between two sides; raises `BadUsage` where no file of one has a counterpart on the other."""
        from confguard.schemas.derived import CURVES, DERIVED

        def waivers(file: Fitted) -> tuple[Waiver, ...]:
            return self.project_of(file, current).waivers

        found = comparison(reference.files, current.files, CATALOGUE, DERIVED, CURVES, waivers)
        if not found.pairs:
            raise BadUsage(f"nothing in {current.asked} has a counterpart of its kind or name in {reference.asked}")
        return found

    def project_of(self, file: Fitted, side: Side) -> Project:
        """The project that a file belongs to; the working folder's for one that is not on disk."""
        return self.project(os.path.dirname(file.document.path) if side.is_on_disk else "")

    def project(self, folder: str) -> Project:
        """The project of a folder; a waiver that cannot be used is told before anything is compared."""
        if folder not in self.projects:
            self.projects[folder] = find_project(folder)
            waivers_of(self.projects[folder], CATALOGUE)
        return self.projects[folder]
