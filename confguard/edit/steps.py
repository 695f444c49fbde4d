"""What operations come to, step by step: each touches no more than differs, and none of them stands in another one's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SEQUENCE, Node
from confguard.document.paths import Path
from confguard.document.scalars import YAML_11
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set
from confguard.edit.splice import alike
from confguard.edit.spot import node_at, refuse, spot_of
from confguard.words.recipe import dotted
from confguard.words.typing import Any


def steps_of(document: Document, operation: Operation) -> list[Operation]:
    """An operation as the steps that touch no more than differs: a new mapping is its keys that change, come and go."""
    if not isinstance(operation, Set) or not isinstance(operation.value, (dict, list)):
        return [operation]
    try:
        return list(_steps(document.text, _value_at(document, operation.path), operation))
    except RecursionError:
        refuse(document, document.root, "it is nested too deep, or its aliases are")


def _value_at(document: Document, path: Path) -> Node:
    return spot_of(document, path).value if path else node_at(document, path)


def _steps(text: str, node: Node, operation: Set) -> Iterator[Operation]:
    value = operation.value
    if is_same(node, value):
        return
    if node.kind == MAPPING and isinstance(value, dict) and _is_edited_by_item(text, node, value):
        yield from _mapping_steps(text, node, operation.path, value)
    elif node.kind == SEQUENCE and isinstance(value, list) and _is_edited_by_item(text, node, value):
        yield from _list_steps(text, node, operation.path, value)
    else:
        yield operation


def _is_edited_by_item(text: str, node: Node, value: dict[str, Any] | list[Any]) -> bool:
    """Whether a mapping or list is edited where it differs, not written anew.

    In brackets only if it has lines of its own, or keeps its keys or its length.
    """
    if not value or not node.items or node.style == "*":
        return False
    names = [key.resolved().text for key, _ in node.items] if isinstance(value, dict) else []
    if node.style in ("", "-") or "#" in text[node.start : node.end]:
        return [name for name in names if name in value] == [name for name in value if name in names] != [] or not names
    return len(value) == len(node.items) and names == list(value if isinstance(value, dict) else [])


def _mapping_steps(text: str, node: Node, path: Path, value: dict[str, Any]) -> Iterator[Operation]:
    old = {key.resolved().text: item for key, item in node.items}
    for name, item in value.items():
        if name in old:
            yield from _steps(text, old[name], Set((*path, name), item))
    above: str | None = None
    first = next(iter(old))
    for name, item in value.items():
        if name in old:
            above = name
        else:
            yield Insert(path, name, item, after=above, before=first if above is None else None)
    yield from (Delete((*path, name)) for name in old if name not in value)


def _list_steps(text: str, node: Node, path: Path, value: list[Any]) -> Iterator[Operation]:
    items = node.items
    head = len(list(takewhile(lambda pair: is_same(*pair), zip(items, value, strict=False))))
    rest, new = items[head:], value[head:]
    tail = len(list(takewhile(lambda pair: is_same(*pair), zip(reversed(rest), reversed(new), strict=False))))
    rest, new = rest[: len(rest) - tail], new[: len(new) - tail]
    for place, (item, wanted) in enumerate(zip(rest, new, strict=False), head):
        yield from _steps(text, item, Set((*path, place), wanted))
    end = head + len(rest)
    yield from (InsertItem(path, end, item) for item in new[len(rest) :])
    yield from (Delete((*path, place)) for place in range(head + len(new), end))


def is_same(node: Node, value: Any) -> bool:
    """Whether a reader of YAML 1.1 finds a value in a node."""
    return alike(data(node, YAML_11), value)


# --- steps that are made at once ---


def in_order(document: Document, steps: Sequence[Operation]) -> list[Operation]:
    """Steps in the order in which what they write stands where it is written at one offset, beside keys that stay.

    Raises `EditRefused` where two of them bring in the same key, or edit the same value.
    """
    if len(steps) < 2:
        return list(steps)
    _hold_apart(document, steps)
    gone = {step.path for step in steps if isinstance(step, Delete)}
    return [_beside_what_stays(document, step, gone) for step in sorted(steps, key=_layer)]


def _hold_apart(document: Document, steps: Sequence[Operation]) -> None:
    new = [(*_holder_of(step), step.name) for step in steps if isinstance(step, (Insert, Rename))]
    values = [step.path for step in steps if isinstance(step, (Set, Delete))]
    keys = [step.path for step in steps if isinstance(step, (Rename, Delete))]
    for paths, why in ((new, "would be there twice"), (values, "is edited twice at once"), (keys, "is edited twice at once")):
        if len(set(paths)) < len(paths):
            refuse(document, document.root, f"`{dotted(*Counter(paths).most_common(1)[0][0])}` {why}")
    whole = set(values)
    for step in steps:
        for depth in range(1, len(step.path) + isinstance(step, (Insert, InsertItem))):
            if step.path[:depth] in whole:
                refuse(document, document.root, f"`{dotted(*step.path[:depth])}` is edited as a whole, and in part")


def _holder_of(step: Insert | Rename) -> Path:
    return step.path if isinstance(step, Insert) else step.path[:-1]


def _layer(step: Operation) -> tuple[int, int]:
    """What stands first: a value before what is below it; of what holds it, what is below a key, above one, at the end; items by place."""
    if not isinstance(step, Insert):
        return -len(step.path), step.place if isinstance(step, InsertItem) else 0
    return -len(step.path), 1 if step.after is not None else 2 if step.before is not None else 3


def _beside_what_stays(document: Document, step: Operation, gone: set[Path]) -> Operation:
    """A step; a key or an item that is to stand beside what goes is put below the next one above that stays, or above them all."""
    if not gone or not isinstance(step, (Insert, InsertItem)):
        return step
    if isinstance(step, InsertItem):
        stays = (place for place in range(step.place - 1, -1, -1) if (*step.path, place) not in gone)
        return step._replace(place=next(stays, -1) + 1)
    holder = node_at(document, step.path)
    names = [key.resolved().text for key, _ in holder.items] if holder.kind == MAPPING else []
    beside = beside_of(step) if beside_of(step) is not None else names[-1] if names else None
    if beside not in names:
        return step
    place = names.index(beside) + (step.before is None)
    above = [name for name in names[:place] if (*step.path, name) not in gone]
    if above and (*step.path, beside) not in gone and holder.style == "":
        return step
    return step._replace(after=above[-1], before=None) if above else step._replace(after=None, before=names[0])


def beside_of(step: Insert) -> str | None:
    """The key that a new one is to stand beside; None for one at the end."""
    return step.after if step.after is not None else step.before


def runs_of(document: Document, steps: Sequence[Operation]) -> dict[Path, tuple[int, int]]:
    """For each path that goes, the places of the first and the last of the items in a row that go with it."""
    gone = {step.path for step in steps if isinstance(step, Delete) and step.path}
    runs: dict[Path, tuple[int, int]] = {}
    for path in {path[:-1] for path in gone}:
        holder = node_at(document, path)
        names = [key.resolved().text for key, _ in holder.items] if holder.kind == MAPPING else range(len(holder.items))
        paths = [(*path, name) for name in names]
        place = 0
        for goes, group in groupby(paths, gone.__contains__):
            row = list(group)
            runs.update((one, (place, place + len(row) - 1)) for one in row if goes)
            place += len(row)
    return runs


def gathered(document: Document, steps: list[Operation]) -> list[Operation]:
    """Steps; those that take all items out of a mapping or a list are one, and so are those that put the first ones in."""
    return _emptying(document, _filling(document, steps))


def _emptying(document: Document, steps: list[Operation]) -> list[Operation]:
    gone = [step.path for step in steps if isinstance(step, Delete) and step.path]
    for path, count in Counter(path[:-1] for path in gone).items() if len(gone) > 1 else ():
        if count > 1 and count == len((holder := node_at(document, path)).items) and not any(_fills(step, path) for step in steps):
            if not path:
                refuse(document, holder, "nothing would be left of the file")
            steps = [step for step in steps if not isinstance(step, Delete) or step.path[:-1] != path]
            steps.append(Set(path, {} if holder.kind == MAPPING else []))
    return steps


def _filling(document: Document, steps: list[Operation]) -> list[Operation]:
    added = [step for step in steps if isinstance(step, (Insert, InsertItem)) and step.path]
    for path, count in Counter(step.path for step in added).items() if len(added) > 1 else ():
        mine = [step for step in added if step.path == path]
        if count > 1 and len(set(map(type, mine))) == 1 and _is_written_empty(node_at(document, path)):
            names = [step.name for step in mine if isinstance(step, Insert)]
            values = [step.value for step in mine]
            steps = [*(step for step in steps if step not in mine), Set(path, dict(zip(names, values, strict=True)) if names else values)]
    return steps


def _is_written_empty(node: Node) -> bool:
    """Whether `{}`, `[]` or `null` is written there; below a bare key there is a line for each key."""
    return not node.items and node.value is None and node.start < node.end


def _fills(step: Operation, path: Path) -> bool:
    return isinstance(step, (Insert, InsertItem)) and step.path == path
