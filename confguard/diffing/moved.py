"""Keys that only have another name or another place: what was removed and what was added with the same value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from itertools import product

from confguard.diffing.difference import Difference, canonical, is_scalar, keyed, name_of, one_sided
from confguard.diffing.match import FEW
from confguard.words.change import ADDED, MOVED, REMOVED
from confguard.words.recipe import dotted
from confguard.words.spelling import nearest
from confguard.words.typing import Any, NamedTuple


def renames(removed: Mapping[Any, Any], added: Mapping[Any, Any]) -> dict[Any, Any]:
    """The old key for each key of a mapping that is new in name only: the values are equal, and no other key comes into question.

    Scalars can be equal by chance, so their names have to be near, too.

    >>> renames({"lr": 2e-5, "lora-rank": 64}, {"lora_rank": 64, "seed": 2e-5})
    {'lora_rank': 'lora-rank'}
    """
    alike: dict[Hashable, tuple[list[Any], list[Any]]] = {}
    for side, keys in enumerate((removed, added)):
        for key, value in keys.items():
            if is_telling(value):
                alike.setdefault(canonical(value), ([], []))[side].append(key)
    found = {}
    for old, new in alike.values():
        if max(len(old), len(new)) <= FEW:
            possible = [(was, now) for was, now in product(old, new) if not is_scalar(added[now]) or _are_near(was, now)]
            counts = Counter(was for was, _ in possible), Counter(now for _, now in possible)
            found.update({now: was for was, now in possible if counts[0][was] == counts[1][now] == 1})
    return found


def is_telling(value: Any) -> bool:
    """Whether keys of this value may be the same key: null, true, 0, 1 and what is empty stand everywhere."""
    return bool(value) and value != 1


def _are_near(was: Any, now: Any) -> bool:
    first, second = sorted((name_of(was), name_of(now)))  # `nearest` may see them differently the other way round
    return nearest(first, [second]) is not None


class _Key(NamedTuple):
    """A key in what was added or removed: the place of its row, the names that lead to it from there, its path and its value."""

    row: int
    names: tuple[str, ...]
    path: str
    value: Any


def with_moves(rows: list[Difference], names: Mapping[int, str]) -> list[Difference]:
    """The rows, with one row for each key that was removed at one path and added at another, if no other has its name and value.

    `names` are the last names of the keys that were added or removed, by the place of their row. A key may also have moved into
    a section that is new as a whole, or out of one that is gone: then that section is told key by key. From a section that is
    gone to one that is new no key moves, for then the two are better told as wholes.
    """
    if len({rows[place].kind for place in names}) < 2:
        return rows
    was_in, is_in = (_unique(rows, names, kind) for kind in (REMOVED, ADDED))
    moved: dict[int, dict[tuple[str, ...], _Key]] = {}
    for form in was_in.keys() & is_in.keys():
        was, now = was_in[form], is_in[form]
        if was.path != now.path and not (was.names and now.names):
            moved.setdefault(was.row, {})[was.names] = now
            moved.setdefault(now.row, {})[now.names] = was
    return [piece for place, row in enumerate(rows) for piece in (_pieces(row, moved[place]) if place in moved else [row])]


def _unique(rows: list[Difference], names: Mapping[int, str], kind: str) -> dict[Hashable, _Key]:
    """The keys that were added, or those that were removed, by name and value, where there is only one of these."""
    wanted = frozenset(names.values())
    found: dict[Hashable, list[_Key]] = {}
    for place, name in names.items():
        row = rows[place]
        if row.kind == kind:
            for key in _keys(_Key(place, (), row.key, _value(row))):
                last = key.names[-1] if key.names else name
                if last in wanted and is_telling(key.value):
                    found.setdefault((last, canonical(key.value)), []).append(key)
    return {form: keys[0] for form, keys in found.items() if len(keys) == 1}


def _keys(key: _Key) -> Iterator[_Key]:
    """A key and all keys of the mappings below it."""
    yield key
    if isinstance(key.value, dict):
        for part, value in keyed(key.value).items():
            name = name_of(part)
            yield from _keys(_Key(key.row, (*key.names, name), dotted(key.path, name), value))


def _pieces(row: Difference, moved: Mapping[tuple[str, ...], _Key], names: tuple[str, ...] = ()) -> Iterator[Difference]:
    """The row of something that was added or removed, in as many rows as it takes to tell what has moved; `names` lead to it."""
    if names in moved:
        if row.kind == ADDED:  # there is one row for both sides
            yield row._replace(kind=MOVED, reference_key=moved[names].path, reference=moved[names].value)
    elif any(path[: len(names)] == names for path in moved):
        for part, value in keyed(_value(row)).items():
            name = name_of(part)
            yield from _pieces(one_sided(row.kind, dotted(row.key, name), value), moved, (*names, name))
    else:
        yield row


def _value(row: Difference) -> Any:
    return row.current if row.kind == ADDED else row.reference
