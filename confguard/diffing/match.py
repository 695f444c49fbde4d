"""Which item of a list is which: by name; else equal items, then those that are like each other, then the others in order.

All of it makes the same pairs when the sides are swapped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import chain, product

from confguard.diffing.difference import are_records, canonical, is_scalar, keys_of
from confguard.words.typing import Any, NamedTuple

IDENTITIES = ("name", "id", "key", "path", "title", "model_name", "type")
"""The keys by which records are known: the first that tells all of them apart."""

FEW = 8
"""How many items of a list may be left on either side to be paired by likeness: each is compared with each."""

FAR = float("inf")
_DISTANCE: dict[str, Any] = {"get_deep_distance": True, "threshold_to_diff_deeper": 0}


class Match(NamedTuple):
    """Which items of two lists belong together.

    `reference` and `current` are positions, side by side, in the order of the current list; None where a side has no counterpart.
    `names` are what the items of either list are called: by their identity, or else by position.
    """

    reference: list[int | None]
    current: list[int | None]
    names: tuple[Sequence[Any], Sequence[Any]]

    def orders(self) -> tuple[list[Any], list[Any]] | None:
        """The paired items in both orders, where they differ: names, or else where each item of the other list stands in this one."""
        both = [(before, now) for before, now in zip(self.reference, self.current, strict=True) if before is not None and now is not None]
        back = sorted(both)
        if back == both:
            return None
        before, now = self.names
        if isinstance(before, range):
            return [there for there, _ in both], [here for _, here in back]
        return [before[there] for there, _ in back], [now[here] for _, here in both]


def match(reference: list[Any], current: list[Any], may_liken: Callable[[], bool]) -> Match:
    """Pair the items of two lists; `may_liken` is asked whether there is time for likeness."""
    for key in _possible_identities(reference, current):
        names = [item.get(key) for item in reference], [item.get(key) for item in current]
        places = _places(names[0]), _places(names[1])
        if places[0] is not None and places[1] is not None:
            here = places[1]
            known = {place: here[form] for form, place in places[0].items() if form in here}
            return Match(*_in_order(known, len(reference), len(current)), names)
    known = _unnamed(reference, current, may_liken)
    return Match(*_in_order(known, len(reference), len(current)), (range(len(reference)), range(len(current))))


def interleaved(reference: Iterable[Hashable], current: Iterable[Hashable]) -> list[Any]:
    """What the current side has, in its order; each that only the reference has follows what it follows there.

    >>> interleaved("xaybz", "cba")
    ['x', 'c', 'b', 'z', 'a', 'y']
    """
    ours = dict.fromkeys(current)
    first: list[Any] = []
    following: dict[Any, list[Any]] = {}
    here: list[Any] | None = first
    last = None
    for key in reference:
        if key in ours:
            last, here = key, None
        elif here is None:
            here = following[last] = [key]
        else:
            here.append(key)
    if not following:
        return [*first, *ours]
    return [*first, *chain.from_iterable((key, *following.get(key, ())) for key in ours)]


def _in_order(known: Mapping[int, int], there: int, here: int) -> tuple[list[int | None], list[int | None]]:
    """All positions of two lists of these lengths, side by side, in the order of the current one, from those that belong together."""
    back = {now: before for before, now in known.items()}
    places = interleaved([known.get(place, -1 - place) for place in range(there)], range(here))
    return [back.get(place) if place >= 0 else -1 - place for place in places], [place if place >= 0 else None for place in places]


def _possible_identities(reference: list[Any], current: list[Any]) -> list[str]:
    """The identities that the first record of either side has, if all items are records: most lists of records have none."""
    if not (are_records(reference) and are_records(current)):
        return []
    return [key for key in IDENTITIES if all(key in record for record in (*reference[:1], *current[:1]))]


def _places(names: list[Any]) -> dict[Hashable, int] | None:
    """Where each name stands; None where they do not tell all items apart."""
    if not all(name is not None and is_scalar(name) for name in names):
        return None
    places = {canonical(name): place for place, name in enumerate(names)}
    return places if len(places) == len(names) else None


def _unnamed(reference: list[Any], current: list[Any], may_liken: Callable[[], bool]) -> dict[int, int]:
    """Pairs of items without names: equal ones first, then those that are like each other, then the others in order."""
    forms, new_forms = list(map(canonical, reference)), list(map(canonical, current))
    known = _equal(forms, new_forms)
    there, here = _left(known, reference, current)
    if min(len(there), len(here)) == 0 or len(there) == len(here) == 1:
        return known | dict(zip(there, here, strict=False))
    if max(len(there), len(here)) <= FEW and may_liken():
        distances = {(before, now): _distance(reference[before], current[now]) for before, now in product(there, here)}
    else:
        distances = _by_marks({place: forms[place] for place in there}, {place: new_forms[place] for place in here})
    known |= _nearest_first(distances)
    return known | dict(zip(*_left(known, reference, current), strict=False))


def _left(known: Mapping[int, int], reference: list[Any], current: list[Any]) -> tuple[list[int], list[int]]:
    """The places in both lists that have no counterpart yet."""
    taken = set(known.values())
    return [place for place in range(len(reference)) if place not in known], [place for place in range(len(current)) if place not in taken]


def _equal(forms: list[Hashable], new_forms: list[Hashable]) -> dict[int, int]:
    """Pairs of items that are equal, the first with the first."""
    places: dict[Hashable, list[int]] = {}
    for place in reversed(range(len(new_forms))):
        places.setdefault(new_forms[place], []).append(place)
    return {place: left.pop() for place, form in enumerate(forms) if (left := places.get(form))}


def _nearest_first(distances: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """Pairs of items, the nearest first.

    Of two pairs as near as each other, the one counts whose places are nearer, then the one further up: that is the same from
    either side, since what still ties has no item in common.
    """
    known: dict[int, int] = {}
    taken = set()
    for there, here in sorted(distances, key=lambda pair: (distances[pair], abs(pair[0] - pair[1]), sum(pair))):
        if there not in known and here not in taken:
            known[there] = here
            taken.add(here)
    return known


def _by_marks(forms: Mapping[int, Hashable], new_forms: Mapping[int, Hashable]) -> dict[tuple[int, int], float]:
    """How near records are that share what no other one has, a key with its value, in a time that does not grow with their pairs."""
    theirs, ours = _marks(forms), _marks(new_forms)
    shared = Counter((there, ours[key].get(value, -1)) for key in theirs for value, there in theirs[key].items() if there >= 0)
    return {(there, here): -count for (there, here), count in shared.items() if here >= 0}


def _marks(forms: Mapping[int, Hashable]) -> defaultdict[Hashable, dict[Hashable, int]]:
    """Where each value of each key stands; -1 for one in more than one place."""
    found: defaultdict[Hashable, dict[Hashable, int]] = defaultdict(dict)
    for place, form in forms.items():
        for key, value in keys_of(form):
            places = found[key]
            if places.setdefault(value, place) != place:
                places[value] = -1
    return found


def _distance(before: Any, now: Any) -> float:
    """How much of two items differs, from either side; scalars that differ, and what is of two kinds, are as far apart as can be."""
    if is_scalar(now) or type(before) is not type(now):
        return FAR
    from deepdiff import DeepDiff  # its import takes longer than a whole diff

    both_ways = DeepDiff(before, now, **_DISTANCE), DeepDiff(now, before, **_DISTANCE)
    return float(sum(found.get("deep_distance", 0) for found in both_ways))
