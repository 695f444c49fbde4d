"""What a report is made from: the comparisons, the check, and the knowledge to tell them with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from confguard.check.pipeline import Report
from confguard.diff.comparison import Comparison
from confguard.project.side import Side
from confguard.words.catalogue import Catalogue
from confguard.words.change import DERIVED, SAME, Change
from confguard.words.recipe import Recipe
from confguard.words.story import Story


class Told(NamedTuple):
    """Everything that a report tells. Without `before` there is no history: the reference takes its place."""

    lang: str
    reference: Side
    current: Side
    before: Side | None
    against: Comparison
    """The reference and the current state."""
    history: Comparison
    """The state before and the current one; the same as `against` where there is none before."""
    deviation: Comparison
    """The reference and the state before; the same as `against` where there is none before."""
    now: Report
    """The check of the current state, against the reference."""
    earlier: Report
    """The check of the state before; the same as `now` where there is none."""
    story: Story
    catalogue: Catalogue
    train_command: str | None

    def folded(self, rows: Iterable[Change]) -> list[Change]:
        """Rows with what is spread over several keys in one row, where the first of them stood."""
        rows = list(rows)
        composites = {row.key: row for row in rows if row.kind == DERIVED and row.key in self.catalogue.composites}
        part_of = {
            member: name
            for name, composite in self.catalogue.composites.items()
            for member in (name, *composite.members)
            if name in composites
        }
        found: list[Change] = []
        for row in rows:
            name = part_of.get(row.parameter or "")
            if row.kind == DERIVED:
                continue
            shown = composites[name] if name else row
            if shown not in found:
                found.append(shown)
        return found

    def changed(self) -> list[Change]:
        """What became other in the history, folded; names of the run are left out."""
        return self.folded(row for row in self.history.rows if (row.status != SAME or row.kind == DERIVED) and not row.identity)

    def row_against(self, row: Change) -> Change | None:
        """The row of the same key, or derived value, in the comparison with the reference."""
        return next((other for other in self.against.rows if (other.file, other.key, other.kind == DERIVED) == _identity(row)), None)

    def parameters_of(self, row: Change) -> tuple[str, ...]:
        """The parameters that a row stands for: its own, or those of a composite."""
        if row.kind == DERIVED:
            return (row.key, *self.catalogue.composites[row.key].members)
        return (row.parameter,) if row.parameter else ()


def _identity(row: Change) -> tuple[str, str, bool]:
    return row.file, row.key, row.kind == DERIVED


def recipes(comparison: Comparison) -> Iterator[tuple[Recipe, Recipe]]:
    """The recipes of both sides of a comparison, and those of entries of one name."""
    for theirs, ours in comparison.pairs:
        if theirs.recipe is not None and ours.recipe is not None:
            yield theirs.recipe, ours.recipe
            for name, entry in ours.recipe.entries.items():
                if name in theirs.recipe.entries:
                    yield theirs.recipe.entries[name], entry
