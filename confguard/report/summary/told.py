"""What a report is made from: the comparisons, the check, and the knowledge to tell them with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.checking.pipeline import Report
from confguard.diffing.comparison import Comparison
from confguard.project.side import Side
from confguard.words.catalogue import Catalogue
from confguard.words.change import DERIVED, SAME, Change
from confguard.words.finding import Finding
from confguard.words.recipe import Recipe
from confguard.words.story import Story
from confguard.words.typing import Any, NamedTuple


class Sources(NamedTuple):
    """What a report is made from. Without `before` there is no history: the reference takes its place."""

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
    train_command: str | None


class Told:
    """The sources, in a language, with what several parts of the report ask them for worked out once."""

    def __init__(self, sources: Sources, story: Story, catalogue: Catalogue, lang: str) -> None:
        self.sources = sources
        self.story = story
        self.catalogue = catalogue
        self.lang = lang
        rows = sources.history.rows
        self.changes = self.folded(row for row in rows if (row.status != SAME or row.kind == DERIVED) and not row.identity)
        """What became other in the history, folded; names of the run are left out."""
        self.differing = [row for row in self.folded(sources.against.rows) if row.status != SAME and not row.identity]
        """What differs from the reference today, folded; names of the run are left out."""
        self._against = {_identity(row): row for row in sources.against.rows}
        self._deviations = {(row.file, row.key): row for row in self.folded(sources.deviation.rows)}
        self._earlier_file = {ours.document.path: theirs.document.path for theirs, ours in sources.history.pairs}
        self.unread = _unread(rows)
        """The keys, by file, that no code reads; of a file as it was before, those of its successor."""
        self.unread |= {old: self.unread[new] for new, old in self._earlier_file.items() if new in self.unread and old not in self.unread}
        self._findings: dict[str | None, list[Finding]] = {}
        for finding in sources.earlier.findings:
            if finding.waiver is None:
                self._findings.setdefault(finding.key, []).append(finding)

    def folded(self, rows: Iterable[Change]) -> list[Change]:
        """Rows with what is spread over several keys in one row, where the first of them stood."""
        rows = list(rows)
        composites = {(row.file, row.key): row for row in rows if row.kind == DERIVED and row.key in self.catalogue.composites}
        part_of = {(file, member): (file, name) for file, name in composites for member in (name, *self.catalogue.composites[name].members)}
        found: dict[Any, Change] = {}
        for row in rows:
            if row.kind != DERIVED:
                key = part_of.get((row.file, row.parameter or ""))
                found.setdefault(key or _identity(row), composites[key] if key else row)
        return [row for row in found.values() if row.kind != DERIVED or row.status != SAME]

    def row_against(self, row: Change) -> Change | None:
        """The row of the same key, or derived value, in the comparison with the reference."""
        return self._against.get(_identity(row))

    def deviation_of(self, row: Change) -> Change | None:
        """How the state before stood to the reference."""
        file = self._earlier_file.get(row.file, row.file) if self.sources.before else row.file
        return self._deviations.get((file, row.key))

    def reference_file(self, file: str) -> str:
        """The reference's counterpart of a current file."""
        pairs = ((ours.document.path, theirs.document.path) for theirs, ours in self.sources.against.pairs)
        return next((theirs for ours, theirs in pairs if ours == file), self.sources.reference.asked)

    def findings_about(self, row: Change) -> list[Finding]:
        """What the check of the state before found at the keys that a row stands for."""
        keys = {row.key} if row.kind != DERIVED else {self.key_of(name) for name in self.parameters_of(row)}
        return [finding for key in keys for finding in self._findings.get(key, ())]

    def acting(self, comparison: Comparison) -> Iterator[tuple[Recipe, Recipe]]:
        """The recipes of both sides, and those of entries, without the keys that no code reads: nothing follows from those."""
        for theirs, ours in comparison.pairs:
            if theirs.recipe is not None and ours.recipe is not None:
                keys = self.unread.get(ours.document.path, frozenset())
                yield from _with_entries(without_unread(theirs.recipe, keys), without_unread(ours.recipe, keys))

    def key_of(self, parameter: str) -> str:
        """The key that a parameter has in the files of the history."""
        return next((recipe.name(parameter) for _, recipe in recipes(self.sources.history) if parameter in recipe.names), parameter)

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
            yield from _with_entries(theirs.recipe, ours.recipe)


def without_unread(recipe: Recipe, keys: frozenset[str]) -> Recipe:
    """A recipe without some keys; itself where there are none."""
    return recipe.without(keys) if keys else recipe


def _with_entries(theirs: Recipe, ours: Recipe) -> Iterator[tuple[Recipe, Recipe]]:
    yield theirs, ours
    for name, entry in ours.entries.items():
        if name in theirs.entries:
            yield theirs.entries[name], entry


def _unread(rows: Iterable[Change]) -> dict[str, frozenset[str]]:
    """The keys that no code reads, by file."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row.unread and row.kind != DERIVED:
            found.setdefault(row.file, set()).add(row.key)
    return {file: frozenset(keys) for file, keys in found.items()}
