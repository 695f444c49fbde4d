"""What an edit of a config can be: set, insert, delete, rename; and what a reader finds once it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from confguard.document.paths import Path
from confguard.document.scalars import plain_11, plain_12
from confguard.words.typing import Any, NamedTuple


class Source(NamedTuple):
    """How something was written where it comes from: lines of YAML, the first one at the column where its key or dash stands.

    Its comments come along with it.
    """

    text: str


class Set(NamedTuple):
    """Another value for a key, or for an item of a list. A mapping or a list is edited where it differs, and nowhere else."""

    path: Path
    value: Any
    spelled: str | None = None
    """How a plain number is written where it comes from: `2.0e-5`."""


class Insert(NamedTuple):
    """A new key in a mapping: below the key `after`, else above the key `before`, else at the end.

    Both are keys that are there already; of several new keys at one place, the first one stands first.
    """

    path: Path
    """Of the mapping."""
    name: str
    value: Any
    after: str | None = None
    before: str | None = None
    source: Source | None = None


class InsertItem(NamedTuple):
    """A new item of a list, at the place that it will have."""

    path: Path
    """Of the list."""
    place: int
    value: Any
    source: Source | None = None


class Delete(NamedTuple):
    """A key or an item that goes, with its value."""

    path: Path


class Rename(NamedTuple):
    """Another name for a key, which stays where it is."""

    path: Path
    name: str


Operation = Set | Insert | InsertItem | Delete | Rename


def operated(found: Any, operations: Iterable[Operation]) -> Any:
    """The data that a reader should find after operations, from what it found before; nothing that is found is changed.

    All paths and places are those of before. Raises `LookupError` where a reader has no such key.
    """
    own: dict[int, Any] = {}
    for _, operation in sorted(enumerate(operations), key=_turn):
        found = _within(found, _held(operation), operation, own)
    return found


def _turn(numbered: tuple[int, Operation]) -> tuple[int, ...]:
    """What comes first when paths are to mean what they meant before: values, then keys, then what moves others, the deepest first.

    In a list the last places come first; of items that are to have one place, the last.
    """
    number, operation = numbered
    kind = type(operation)
    if kind is Set:
        return (0, number)
    if isinstance(operation, Insert):
        return (1, number if operation.after is None else -number)
    last = operation.place if isinstance(operation, InsertItem) else operation.path[-1]
    if isinstance(last, str):
        return (2, number) if kind is Delete else (3, -len(operation.path) + 1)
    return (3, -len(_held(operation)), -2 * last - (kind is Delete), -number)


def _held(operation: Operation) -> Path:
    """The path of what an operation changes: the value itself, or what holds it."""
    return operation.path[:-1] if isinstance(operation, (Delete, Rename)) else operation.path


def _within(found: Any, path: Path, operation: Operation, own: dict[int, Any]) -> Any:
    """A value with an operation made at a path: what is changed is `own`, a copy that was made for that, once for all operations."""
    if isinstance(found, (dict, list)) and id(found) not in own:
        found = found.copy()
        own[id(found)] = found
    if not path:
        return _CHANGES[type(operation)](found, operation)
    name = path[0] if isinstance(found, list) else key_of(found, path[0])
    found[name] = _within(found[name], path[1:], operation, own)
    return found


def key_of(mapping: dict[Any, Any], name: str | int) -> Any:
    """The key that has a name in the text, of which a reader may have made something else than a string; raises `LookupError`."""
    return name if name in mapping or not isinstance(name, str) else _as_read(mapping, name)


def _as_read(mapping: dict[Any, Any], name: str) -> Any:
    for read in (plain_12, plain_11):
        key = read(name)
        if key in mapping:
            return key
    raise LookupError(name)


def _set(found: Any, operation: Set) -> Any:
    return operation.value


def _insert(found: Any, operation: Insert) -> Any:
    found = found or {}
    if operation.name in found:  # a merge key brings it in: it is written out, and stays where readers have it
        return {**found, operation.name: operation.value}
    names = list(found)
    beside = operation.after if operation.after is not None else operation.before
    at = len(names) if beside is None else names.index(key_of(found, beside)) + (operation.after is not None)
    names.insert(at, operation.name)
    return {name: operation.value if name == operation.name else found[name] for name in names}


def _insert_item(found: Any, operation: InsertItem) -> Any:
    found = [] if found is None else found
    found.insert(operation.place, operation.value)
    return found


def _delete(found: Any, operation: Delete) -> Any:
    last = operation.path[-1]
    del found[last if isinstance(found, list) else key_of(found, last)]
    return found


def _rename(found: Any, operation: Rename) -> Any:
    old = key_of(found, operation.path[-1])
    return {operation.name if name == old else name: value for name, value in found.items()}


_CHANGES: dict[type, Callable[[Any, Any], Any]] = {
    Set: _set,
    Insert: _insert,
    InsertItem: _insert_item,
    Delete: _delete,
    Rename: _rename,
}
