"""One difference of plain data, and what is the same: 1 is 1.0, but True is not 1 and "1" is not 1; NaN is NaN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from confguard.words.change import ADDED, is_number
from confguard.words.typing import Any, NamedTuple


class Difference(NamedTuple):
    """What became of one key. `reference` and `current` are None where the side has no such key."""

    kind: str
    key: str
    """The dotted path on the current side; of what was removed, on the reference's side."""
    reference_key: str | None
    """The path on the reference's side where it differs from `key`."""
    reference: Any
    current: Any


def one_sided(kind: str, key: str, value: Any) -> Difference:
    """What was added or removed, with its whole value."""
    return Difference(kind, key, None, None, value) if kind == ADDED else Difference(kind, key, None, value, None)


NOT_A_NUMBER = ("float", "nan")
_OWN_FORM = frozenset((str, int, float))
_STRINGS = frozenset((str,))
PLAIN = frozenset((str, int, float, bool, type(None)))
"""The types of scalars that are compared by `==` where both sides have the same one."""


def is_scalar(value: Any) -> bool:
    """Whether a value is neither a mapping nor a list."""
    return not isinstance(value, (dict, list))


def leaves(value: Any) -> int:
    """How many leaves a value has: scalars, what is empty, and lists of scalars as a whole.

    >>> leaves({"a": 1, "b": [1, 2], "c": {}, "d": [{"e": 1, "f": 2}]})
    5
    """
    if is_leaf(value):
        return 1
    return sum(map(leaves, value.values() if isinstance(value, dict) else value))


def is_leaf(value: Any) -> bool:
    """Whether a value is compared as a whole."""
    if isinstance(value, list):
        return not any(issubclass(kind, (dict, list)) for kind in {*map(type, value)})
    return not isinstance(value, dict) or not value


def are_records(items: Iterable[Any]) -> bool:
    """Whether all items are mappings."""
    return all(issubclass(kind, dict) for kind in {*map(type, items)})


def same(before: Any, now: Any) -> bool:
    """Whether two scalars are the same.

    >>> same(1, 1.0), same(1, True), same(1, "1"), same(float("nan"), float("nan"))
    (True, False, False, True)
    """
    if type(before) is type(now) or (is_number(before) and is_number(now)):
        return bool(before == now or (before != before and now != now))
    return False


def canonical(value: Any) -> Any:
    """A hashable form that two values share if they are the same, whatever the order of their keys.

    >>> canonical({"a": 1, "b": [True]}) == canonical({"b": [True], "a": 1.0}), canonical([True]) == canonical([1])
    (True, False)

    It names types instead of holding them: tuples of words and numbers alone are no work for the garbage collector.
    """
    if type(value) in _OWN_FORM and value == value:
        return value
    if isinstance(value, dict):
        mapping = keyed(value)
        keys = sorted(mapping, key=None if mapping is value else repr)
        return "dict", *keys, *map(canonical, map(mapping.__getitem__, keys))
    if isinstance(value, list):
        return "list", *map(canonical, value)
    if type(value) is float:
        return NOT_A_NUMBER
    return type(value).__name__, value if _is_hashable(value) else repr(value)


def keys_of(form: Any) -> Iterable[tuple[Any, Any]]:
    """The keys of a mapping's canonical form, each with the form of its value; none of any other form.

    >>> list(keys_of(canonical({"b": 2, "a": [1]}))), list(keys_of(canonical([1])))
    ([('a', ('list', 1)), ('b', 2)], [])
    """
    if type(form) is not tuple or form[0] != "dict":
        return ()
    middle = len(form) // 2 + 1
    return zip(form[1:middle], form[middle:], strict=True)


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def keyed(mapping: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A mapping whose keys tell types apart, which those of a dict do not: to it, 1 and True are one key."""
    if _STRINGS.issuperset(map(type, mapping)):
        return mapping
    return {key if type(key) is str else (type(key), str(key)): value for key, value in mapping.items()}


def name_of(key: Any) -> str:
    """The name that a key of `keyed` has in a path."""
    return key if type(key) is str else str(key[1])
