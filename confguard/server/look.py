"""One open config with all that is asked of a key in it: its parameter, its project, and the reference's side."""

from __future__ import annotations

import os

from confguard.checking.waive import Waivers
from confguard.diffing.compare import compare
from confguard.document.document import Document
from confguard.document.fit import Fitted, fitted
from confguard.document.source import Reading
from confguard.project.find import find_project
from confguard.project.kind import is_excluded, kind_in
from confguard.project.project import Project
from confguard.project.reference import documents_of
from confguard.project.waivers import waivers_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.server.buffers import MARK, NOT_USABLE, Buffers, shown
from confguard.server.spots import Spot, spot_at
from confguard.server.texts import Lines, Place
from confguard.words.change import Change
from confguard.words.language import Said
from confguard.words.typing import Any, NamedTuple
from confguard.words.waiver import Waiver

REFERENCE_WORD = Said("the reference", "参考")
REFERENCE = "reference"
"""The name in a project file of what its configs are compared with."""


class Look(NamedTuple):
    """An open file at one moment. `mark` is 1 where the editor counts a byte order mark, which the document does not."""

    path: str
    document: Document
    lines: Lines
    mark: int
    project: Project
    ours: Fitted

    def offset(self, place: Place) -> int:
        """The offset in the document of a place in the editor."""
        return max(self.lines.offset(place) - self.mark, 0)

    def spot(self, place: Place) -> Spot | None:
        """The key that a place lies in."""
        return spot_at(self.document, self.offset(place))

    def parameter(self, spot: Spot) -> str | None:
        """The canonical parameter that a key stands for in this file."""
        recipe = self.ours.recipe
        owners = (recipe, *recipe.entries.values()) if recipe is not None else ()
        names = (name for owner in owners for name, (_, key, _) in owner.spots.items() if key is spot.key)
        return next((name for name in names if name != "entry"), None)


def look_at(path: str, buffers: Buffers) -> Look | None:
    """An open file of a known kind; None for any other, for one that its project excludes, and where its project file cannot be used."""
    try:
        document = Document(shown(path), buffers.read(path))
        project = find_project(os.path.dirname(path), buffers.read)
        waivers_of(project, CATALOGUE)
        shape = None if is_excluded(project, document.path) else kind_in(project, document, CATALOGUE)
    except NOT_USABLE:
        return None
    lines = buffers.lines(path)
    ours = fitted(document, shape)
    return Look(path, document, lines, int(lines.text.startswith(MARK)), project, ours) if ours.recipe is not None else None


def reference_of(look: Look, read: Reading) -> Fitted | None:
    """The file of the project's reference that a check would compare with; None where there is none."""
    if REFERENCE not in look.project.references:
        return None
    try:
        for document in documents_of(REFERENCE, look.project, CATALOGUE, read):
            shape = kind_in(look.project._replace(files={}), document, CATALOGUE)
            if shape is not None and shape.kind == look.ours.kind:
                return fitted(document, shape)
    except NOT_USABLE:
        pass
    return None


def row_of(look: Look, theirs: Fitted, spot: Spot) -> Change | None:
    """What a diff with the reference says of a key."""
    return next((row for row in compare(theirs, look.ours, CATALOGUE) if row.key == spot.path), None)


def waiver_of(look: Look, theirs: Fitted | None, spot: Spot) -> Waiver | None:
    """The waiver of the project that holds for a key."""
    recipe: Any = look.ours.recipe
    waivers = Waivers(look.project, CATALOGUE)
    return waivers.in_force(recipe, theirs.recipe if theirs is not None else None).get(spot.path)
