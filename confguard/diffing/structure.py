"""What differs between two pieces of plain data: mappings, lists and scalars as a YAML reader makes them.

Mappings are compared by key, records of a list by their name where they have one, a list of scalars as one value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from confguard.diffing.difference import PLAIN, Difference, canonical, is_leaf, keyed, leaves, name_of, one_sided, same
from confguard.diffing.match import interleaved, match
from confguard.diffing.moved import renames, with_moves
from confguard.words.change import ADDED, CHANGED, MOVED, REMOVED, RENAMED, UNCHANGED
from confguard.words.recipe import dotted
from confguard.words.typing import Any

__all__ = ["Difference", "differences"]

MOST_LIKENED = 1_000
"""How many leaves the two sides may have in all for items of lists to be paired by likeness, which takes its time."""

_ABSENT = object()


def differences(reference: Any, current: Any, path: str = "", keep_unchanged: bool = False) -> tuple[list[Difference], int]:
    """The differences in the order of the current side, and how many leaves are the same.

    What only the reference has follows what it follows there. A list whose items stand in another order has a row of its own:
    with their names, or where they have none, with the places that the other side's items have in it. With `keep_unchanged`
    each leaf that is the same has a row as well. If the sides are swapped, so are the rows.
    """
    walk = _Walk(reference, current, keep_unchanged)
    walk.values(reference, current, path, path)
    return with_moves(walk.rows, walk.names), walk.same


class _Walk:
    """One pass over both sides. Of two values the reference's is `before`; `there` is its path, `here` is the current one's."""

    def __init__(self, reference: Any, current: Any, keep_unchanged: bool) -> None:
        self.sides = reference, current
        self.keep_unchanged = keep_unchanged
        self.rows: list[Difference] = []
        self.names: dict[int, str] = {}  # of keys that were added or removed, by the place of their row
        self.same = 0
        self.likens: bool | None = None

    def values(self, before: Any, now: Any, there: str, here: str) -> None:
        """Compare two values."""
        if isinstance(before, dict) and isinstance(now, dict) and (before or now):
            self.mappings(keyed(before), keyed(now), there, here)
        elif isinstance(before, list) and isinstance(now, list) and _are_items(before, now):
            self.items(before, now, there, here)
        else:
            self.tell(_became(before, now), before, now, there, here)

    def mappings(self, before: Mapping[Any, Any], now: Mapping[Any, Any], there: str, here: str) -> None:
        """Compare two mappings, key by key."""
        if before.keys() != now.keys():
            self.unlike_mappings(before, now, there, here)
            return
        unchanged, counts = 0, not self.keep_unchanged
        old_section, section = _section(there), _section(here)
        for key, value in now.items():
            other = before[key]
            kind = type(value)
            if kind is type(other) and kind in PLAIN and value == other and counts:  # as nearly all leaves are
                unchanged += 1
            else:
                name = name_of(key)
                self.values(other, value, old_section + name, section + name)
        self.same += unchanged

    def unlike_mappings(self, before: Mapping[Any, Any], now: Mapping[Any, Any], there: str, here: str) -> None:
        """Compare two mappings that do not have the same keys."""
        removed = {key: value for key, value in before.items() if key not in now}
        added = {key: value for key, value in now.items() if key not in before}
        old_keys = renames(removed, added)
        renamed = set(old_keys.values())
        for key in interleaved(before, now):
            name = name_of(key)
            if key in old_keys:
                old = dotted(there, name_of(old_keys[key]))
                self.rows.append(Difference(RENAMED, dotted(here, name), old, before[old_keys[key]], now[key]))
            elif key in added:
                self.tell_key(ADDED, name, now[key], here)
            elif key not in removed:
                self.values(before[key], now[key], dotted(there, name), dotted(here, name))
            elif key not in renamed:
                self.tell_key(REMOVED, name, before[key], there)

    def items(self, before: list[Any], now: list[Any], there: str, here: str) -> None:
        """Compare two lists, item by item."""
        found = match(before, now, self.may_liken)
        old_names, names = found.names
        if orders := found.orders():
            self.tell(MOVED, *orders, there, here)
        for old, new in zip(found.reference, found.current, strict=True):
            if old is not None and new is not None:
                self.values(before[old], now[new], f"{there}[{old_names[old]}]", f"{here}[{names[new]}]")
            elif new is not None:
                self.rows.append(one_sided(ADDED, f"{here}[{names[new]}]", now[new]))
            elif old is not None:
                self.rows.append(one_sided(REMOVED, f"{there}[{old_names[old]}]", before[old]))

    def may_liken(self) -> bool:
        """Whether the sides are small enough for likeness."""
        if self.likens is None:
            self.likens = sum(map(leaves, self.sides)) <= MOST_LIKENED
        return self.likens

    def tell(self, kind: str, before: Any, now: Any, there: str, here: str) -> None:
        """Add a row about something that both sides have; what is the same may only be counted."""
        if kind == UNCHANGED:
            self.same += 1
        if kind != UNCHANGED or self.keep_unchanged:
            self.rows.append(Difference(kind, here, there if there != here else None, before, now))

    def tell_key(self, kind: str, name: str, value: Any, path: str) -> None:
        """Add a row about a key of a mapping that one side lacks."""
        self.names[len(self.rows)] = name
        self.rows.append(one_sided(kind, dotted(path, name), value))


def _section(path: str) -> str:
    """What paths in a section begin with: `dotted` for many names."""
    return f"{path}." if path else ""


def _are_items(before: list[Any], now: list[Any]) -> bool:
    """Whether two lists are compared item by item: neither is a list of scalars, nor are both empty."""
    return bool(before or now) and not any(side and is_leaf(side) for side in (before, now))


def _became(before: Any, now: Any) -> str:
    """What became of a value that is compared as a whole."""
    if not (isinstance(before, list) and isinstance(now, list)):
        return UNCHANGED if same(before, now) else CHANGED
    forms, new_forms = [canonical(item) for item in before], [canonical(item) for item in now]
    if forms == new_forms:
        return UNCHANGED
    return MOVED if Counter(forms) == Counter(new_forms) else CHANGED
