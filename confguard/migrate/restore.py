"""A file brought to its reference: from goals to operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confguard.diffing.match import IDENTITIES
from confguard.document.document import Document, data
from confguard.document.fit import Fitted
from confguard.document.nodes import MAPPING, Node
from confguard.document.paths import Path, paths_of
from confguard.document.scalars import YAML_12
from confguard.edit.block import source_of
from confguard.edit.change import edited
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set, Source
from confguard.edit.splice import EditRefused
from confguard.migrate.goal import ABSENT, Goal
from confguard.migrate.plan import ADD, CHANGE, MOVE, REFERENCE, REMOVE, RENAME, Kept, Row
from confguard.migrate.units import Unit
from confguard.words.catalogue import Catalogue
from confguard.words.change import MOVED, RENAMED
from confguard.words.typing import Any


def units_of(goals: Sequence[Goal], reference: Fitted, current: Fitted, catalogue: Catalogue) -> tuple[list[Unit], list[Kept]]:
    """What is to be done for each goal; a goal that cannot be reached by an edit is kept, and says why."""
    restoring = _Restoring(reference, current, catalogue)
    for goal in goals:
        restoring.take(goal)
    return restoring.finished(), restoring.kept


class _Restoring:
    """Collects units: what is set where it stands, and the sections that are missing as a whole."""

    def __init__(self, reference: Fitted, current: Fitted, catalogue: Catalogue) -> None:
        self.theirs = reference
        self.ours = current
        self.catalogue = catalogue
        self.units: list[Unit] = []
        self.kept: list[Kept] = []
        self.missing: dict[Path, list[tuple[Path, Goal]]] = {}  # by the topmost path that is not there

    def take(self, goal: Goal) -> None:
        """Add what is to be done for a goal."""
        row = goal.row
        here = self.paths(self.ours, row.key)
        if len(here) > 1:
            self.refuse(goal, f"the path `{row.key}` can be read in more than one way")
        elif row.kind in (RENAMED, MOVED) and row.reference_key is not None and row.parameter is None:
            self.take_moved(goal, here)
        elif here:
            self.take_present(goal, here[0])
        elif goal.value is not ABSENT:
            self.take_missing(goal)

    def paths(self, side: Fitted, key: str) -> list[Path]:
        return paths_of(side.document.root, key, IDENTITIES)

    def take_present(self, goal: Goal, path: Path) -> None:
        """A key that is there."""
        row = goal.row
        if goal.value is ABSENT:
            self.add(Row(REMOVE, row.key, row.current, None, goal.by, goal.why, parameter=row.parameter), Delete(path))
            return
        if row.kind == MOVED and self.value_at(self.ours, path) != row.current:
            self.kept.append(Kept(row.key, row.current, row.reference, "only the order of its items differs"))
            return
        value = self.in_its_form(row.parameter, row.current, goal.value)
        told = Row(CHANGE, row.key, row.current, value, goal.by, goal.why, parameter=row.parameter)
        self.add(told, Set(path, value, self.spelled(goal)))

    def take_moved(self, goal: Goal, here: list[Path]) -> None:
        """A key that has another name or place in the reference."""
        row = goal.row
        there = self.paths(self.theirs, row.reference_key or "")
        if len(here) != 1 or len(there) != 1:
            self.refuse(goal, f"the path `{row.key}` can be read in more than one way")
            return
        (old,), (new,) = here, there
        kind = RENAME if old[:-1] == new[:-1] else MOVE
        told = Row(kind, row.key, row.key, row.reference_key, goal.by, goal.why)
        if kind == RENAME and isinstance(new[-1], str):
            self.add(told, Rename(old, new[-1]))
            return
        place, value = self.neighbour(new), self.value_at(self.ours, old)
        if place is None:
            self.refuse(goal, f"the section that `{row.reference_key}` belongs to is not there")
        else:
            source = self.source(self.ours, old, value)
            self.units.append(Unit([told], [place._replace(value=value, source=source), Delete(old)]))

    def take_missing(self, goal: Goal) -> None:
        """A key that is not there: inserted by itself, or with the section that is missing as a whole."""
        there = self.paths(self.theirs, goal.row.reference_key or goal.row.key)
        if len(there) != 1:
            there = [tuple(goal.row.key.split("."))]
        path = there[0]
        top = next((path[:depth] for depth in range(1, len(path)) if not self.is_there(path[:depth])), path)
        self.missing.setdefault(top, []).append((path, goal))

    def finished(self) -> list[Unit]:
        """All units; what is missing comes in the reference's order."""
        order = {path: place for place, path in enumerate(_walked(self.theirs.document.root, ()))}
        for top in sorted(self.missing, key=lambda path: order.get(path, len(order))):
            self.add_missing(top, self.missing[top])
        return self.units

    def add_missing(self, top: Path, goals: list[tuple[Path, Goal]]) -> None:
        """One insertion for all goals at a path or below it."""
        rows = [Row(ADD, goal.row.key, None, goal.value, goal.by, goal.why, parameter=goal.row.parameter) for _, goal in goals]
        value = _nested([(path[len(top) :], goal.value) for path, goal in goals])
        place = self.neighbour(top)
        if place is None:
            self.units.append(Unit([row._replace(refused=f"{self.ours.document.path}: `{top[0]}` is no section") for row in rows], []))
            return
        inserted = place._replace(value=value, source=self.source(self.theirs, top, value))
        self.units.append(Unit(rows, [inserted]))

    def neighbour(self, path: Path) -> Insert | InsertItem | None:
        """Where a key goes that is not there: below the one that it follows in the reference, or above the one that it precedes."""
        section, name = path[:-1], path[-1]
        holder, theirs = _node(self.ours.document.root, section), _node(self.theirs.document.root, section)
        if isinstance(name, int):
            return InsertItem(section, len(holder.items), None) if holder is not None else None
        if holder is not None and holder.kind != MAPPING and holder.items:
            return None
        names = [key.resolved().text for key, _ in theirs.items] if theirs is not None and theirs.kind == MAPPING else []
        own = {key.resolved().text for key, _ in holder.items} if holder is not None and holder.kind == MAPPING else set()
        at = names.index(name) if name in names else len(names)
        after = next((other for other in reversed(names[:at]) if other in own), None)
        before = next((other for other in names[at + 1 :] if other in own), None) if after is None else None
        return Insert(section, name, None, after, before)

    def source(self, side: Fitted, path: Path, value: Any) -> Source | None:
        """The lines of a key where it comes from, with another value put in where the goal is another one."""
        holder = _node(side.document.root, path[:-1])
        if holder is None or holder.kind != MAPPING:
            return None
        place = next((place for place, (key, _) in enumerate(holder.items) if key.resolved().text == path[-1]), None)
        found = source_of(side.document, path, holder, place) if place is not None else None
        if found is None:
            return None
        lines = Document(side.document.path, (found.text + "\n").encode())
        try:
            return Source(edited(lines, [Set((path[-1],), value)]).after.text[:-1])
        except EditRefused:
            return None

    def spelled(self, goal: Goal) -> str | None:
        """How the reference writes the value, if it is the reference's."""
        recipe = self.theirs.recipe
        if goal.by != REFERENCE:
            return None
        paths = self.paths(self.theirs, goal.row.reference_key or goal.row.key)
        if len(paths) != 1 or recipe is None:
            return None
        node = _node(self.theirs.document.root, paths[0])
        return self.theirs.document.text[node.start : node.end] if node is not None and not node.style else None

    def in_its_form(self, parameter: str | None, before: Any, value: Any) -> Any:
        """A set of names as a text with commas, or as a list, as it is here."""
        if parameter not in self.catalogue.sets:
            return value
        if isinstance(before, str) and isinstance(value, list) and all(isinstance(name, str) for name in value):
            return ",".join(value)
        if isinstance(before, list) and isinstance(value, str):
            return [name.strip() for name in value.split(",")]
        return value

    def is_there(self, path: Path) -> bool:
        return _node(self.ours.document.root, path) is not None

    def value_at(self, side: Fitted, path: Path) -> Any:
        node = _node(side.document.root, path)
        return None if node is None else data(node, side.shape.reader if side.shape else YAML_12)

    def add(self, row: Row, operation: Operation) -> None:
        self.units.append(Unit([row], [operation]))

    def refuse(self, goal: Goal, why: str) -> None:
        row = goal.row
        told = Row(CHANGE, row.key, row.current, goal.value, goal.by, goal.why, parameter=row.parameter, refused=why)
        self.units.append(Unit([told], []))


def _node(root: Node | None, path: Path) -> Node | None:
    """The value at a path; None where it does not lead anywhere."""
    node = root.resolved() if root is not None else None
    for name in path:
        if node is None:
            return None
        if node.kind == MAPPING:
            node = next((value for key, value in node.items if key.resolved().text == name), None)
        else:
            node = node.items[name] if isinstance(name, int) and name < len(node.items) else None
        node = node.resolved() if node is not None else None
    return node


def _walked(node: Node | None, path: Path) -> Iterator[Path]:
    """The paths of all keys of a document, in order."""
    if node is not None and node.resolved().kind == MAPPING:
        for key, value in node.resolved().items:
            here = (*path, key.resolved().text)
            yield here
            yield from _walked(value, here)


def _nested(values: list[tuple[Path, Any]]) -> Any:
    """Values by path as one value: `(("a",), 1), (("b", "c"), 2)` are `{a: 1, b: {c: 2}}`."""
    if values[0][0] == ():
        return values[0][1]
    whole: dict[Any, Any] = {}
    for path, value in values:
        section = whole
        for name in path[:-1]:
            section = section.setdefault(name, {})
        section[path[-1]] = value
    return whole
