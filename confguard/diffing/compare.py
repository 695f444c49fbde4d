"""Two files compared by what they mean: 5e-5 is 0.00005, module names are a set, an explicit default is no difference.

Parameters are compared by their canonical names, so the two files may be of different kinds; all other keys by structure.
"""

from __future__ import annotations

from collections.abc import Iterator

from confguard.diffing.match import interleaved
from confguard.diffing.structure import Difference, differences
from confguard.document.document import data
from confguard.document.fit import Fitted
from confguard.document.nodes import MAPPING, Node
from confguard.document.scalars import YAML_12, plain_12
from confguard.words.catalogue import Catalogue
from confguard.words.change import ADDED, CHANGED, DRIFT, GONE, MOVED, NEW, REMOVED, RENAMED, SAME, UNCHANGED, WHOLE_FILE, Change
from confguard.words.language import Said
from confguard.words.recipe import Recipe, dotted
from confguard.words.typing import Any

_STATUS = {CHANGED: DRIFT, RENAMED: DRIFT, MOVED: DRIFT, ADDED: NEW, REMOVED: GONE, UNCHANGED: SAME}
_DEFAULT = Said("the default, written out on one side only", "默认值，仅一方显式写出")
_ABSENT = object()


def compare(reference: Fitted, current: Fitted, catalogue: Catalogue) -> list[Change]:
    """The rows of two files, in the order of the current one; what only the reference has follows its neighbour there."""
    if reference.recipe is None or current.recipe is None:
        found = differences(data_of(reference), data_of(current), keep_unchanged=True)[0]
        return [_structural(difference, current.document.path) for difference in found]
    comparing = _Comparing(reference, current, catalogue)
    comparing.parameters(reference.recipe, current.recipe)
    comparing.drift(reference.recipe, current.recipe)
    comparing.entries(reference.recipe, current.recipe)
    comparing.others()
    return comparing.rows


class _Comparing:
    def __init__(self, reference: Fitted, current: Fitted, catalogue: Catalogue) -> None:
        self.reference = reference
        self.current = current
        self.catalogue = catalogue
        self.file = current.document.path
        self.rows: list[Change] = []
        self.covered: tuple[set[str], set[str]] = (set(), set())  # paths, on either side, that have a row

    def parameters(self, theirs: Recipe, ours: Recipe) -> None:
        """A row for each parameter that one of two recipes has."""
        for side, recipe in zip(self.covered, (theirs, ours), strict=True):
            side.update(path for path, _, _ in recipe.spots.values())
        self.covered[0].update(_of_other_releases(self.reference, self.current))
        self.covered[1].update(_of_other_releases(self.current, self.reference))
        for parameter in interleaved(_given(theirs), _given(ours)):
            before, now = _value(theirs, parameter, self.reference), _value(ours, parameter, self.current)
            kind = self.kind(parameter, before, now)
            here, there = ours.name(parameter), theirs.name(parameter)
            only_there = now is _ABSENT and self.reference.shape is not self.current.shape
            self.rows.append(
                Change(
                    kind=RENAMED if kind == UNCHANGED and here != there else kind,
                    status=_STATUS[kind],
                    file=self.file,
                    key=there if only_there else here,
                    reference=None if before is _ABSENT else before,
                    current=None if now is _ABSENT else now,
                    parameter=parameter,
                    reference_key=there if here != there and not only_there and before is not _ABSENT else None,
                    identity=parameter in self.catalogue.identity,
                    note=self.note(parameter, kind, theirs, ours),
                )
            )

    def drift(self, theirs: Recipe, ours: Recipe) -> None:
        """A row for each parameter that neither side writes, and for which the releases of the two sides have other defaults."""
        shape, other = self.current.shape, self.reference.shape
        if shape is None or other is None or shape.history is None or shape.kind != other.kind or shape.target == other.target:
            return
        for parameter, before, now, note in shape.history().drift(theirs, ours, other):
            kind = ADDED if before is None else REMOVED if now is None else CHANGED
            key, there = (shape.names.get(parameter), other.names.get(parameter))
            self.rows.append(
                Change(
                    kind=kind,
                    status=_STATUS[kind],
                    file=self.file,
                    key=key or there or parameter,
                    reference=before,
                    current=now,
                    parameter=parameter,
                    reference_key=there if key and there and there != key else None,
                    note=note,
                )
            )

    def note(self, parameter: str, kind: str, theirs: Recipe, ours: Recipe) -> Said | None:
        """What is to be said of a row: that one side has the default, and at which release that moved."""
        given = theirs.is_given(parameter), ours.is_given(parameter)
        if all(given):
            return None
        return _DEFAULT if kind == UNCHANGED and any(given) else self.moved(parameter) if kind != UNCHANGED else None

    def moved(self, parameter: str) -> Said | None:
        """At which release the default of a parameter moved between the two sides' targets."""
        shape, other = self.current.shape, self.reference.shape
        if shape is None or other is None or shape.history is None or other.target in (None, shape.target):
            return None
        return shape.history().moved(parameter, other)

    def kind(self, parameter: str, before: Any, now: Any) -> str:
        """What became of a parameter."""
        if before is _ABSENT:
            return ADDED
        if now is _ABSENT:
            return REMOVED
        means = self.catalogue.means
        return UNCHANGED if means(parameter, before) == means(parameter, now) else CHANGED

    def entries(self, theirs: Recipe, ours: Recipe) -> None:
        """The entries of a keyed list, such as the models of an executor file: those of one name with each other."""
        for name, entry in ours.entries.items():
            if name in theirs.entries:
                self.parameters(theirs.entries[name], entry)

    def others(self) -> None:
        """The keys that are no parameters, known or not, by structure."""
        before, now = _others(self.reference, self.covered[0]), _others(self.current, self.covered[1])
        if before or now:
            found, _ = differences(before, now, keep_unchanged=True)
            self.rows += [_structural(difference, self.file) for difference in found]


def _of_other_releases(side: Fitted, other: Fitted) -> Iterator[str]:
    """The keys of a side that its release does not have and the other side's has: there they have a row."""
    if side.shape is None or other.shape is None or side.shape.history is None or side.shape.target == other.shape.target:
        return
    assert side.document.root is not None
    for key, _ in side.document.root.pairs():
        name = key.resolved().text
        if name not in side.shape.fields and name in other.shape.fields and side.shape.kind == other.shape.kind:
            yield name


def _structural(difference: Difference, file: str) -> Change:
    kind, key, reference_key, before, now = difference
    title = None if key else WHOLE_FILE
    return Change(kind, _STATUS[kind], file, key, before, now, reference_key=reference_key, title=title)


def _given(recipe: Recipe) -> list[str]:
    return [parameter for parameter in recipe.spots if parameter not in recipe.empty and parameter not in ("entry", "")]


def _value(recipe: Recipe, parameter: str, side: Fitted) -> Any:
    """The value of a parameter: what fits, else the default, else what is written although it does not fit."""
    value = recipe.get(parameter)
    if value is not None:
        return value
    if not recipe.is_given(parameter):
        return _ABSENT
    assert side.shape is not None
    return _meant(data(recipe.spots[parameter][2], side.shape.reader))


def _meant(value: Any) -> Any:
    """A number that a reader took for a string (`2e-5` under YAML 1.1) as the number that was meant."""
    if isinstance(value, str) and value[:1] in "+-.0123456789" and "e" in value.lower():
        meant = plain_12(value)
        return meant if isinstance(meant, float) else value
    return value


def data_of(side: Fitted) -> Any:
    """All that a file holds, whatever its kind."""
    return data(side.document.root, YAML_12) if side.document.root is not None else None


def _others(side: Fitted, covered: set[str]) -> Any:
    """The data of a file without what has rows already; sections that are empty without it are left out."""
    assert side.document.root is not None
    assert side.shape is not None
    sections = {path[:dot] for path in covered for dot in _dots(path)}
    return _without(side.document.root, "", covered - sections, sections, side.shape.reader)


def _without(node: Node, path: str, covered: set[str], sections: set[str], reader: str) -> dict[str, Any]:
    left = {}
    for key, value in node.pairs():
        name = key.resolved().text
        here = dotted(path, name) if path else name
        if here in covered:
            continue
        below = value.resolved()
        if below.kind == MAPPING and here in sections:
            if rest := _without(below, here, covered, sections, reader):
                left[name] = rest
        else:
            left[name] = _meant(data(value, reader))
    return left


def _dots(path: str) -> list[int]:
    return [index for index, char in enumerate(path) if char == "."]
