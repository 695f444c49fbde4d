"""From a dotted path to the names and places that lead through a document, whatever the names look like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from confguard.document.nodes import MAPPING, SEQUENCE, Node

Path = tuple[str | int, ...]
"""The names and places that lead to a value, from the root: `("models", "gpt-4o-mini", "temperature")`, `("device_mapping", 0)`."""

_PLACE = re.compile(r"\[([^\[\]]*)\]")


def paths_of(root: Node | None, dotted: str, identities: tuple[str, ...] = ()) -> list[Path]:
    """All ways to read a dotted path in a document: `models.gpt-4.1.top_p` is one where there is a model of that name.

    In brackets stands the place of an item in its list, or its name: the value of one of the keys `identities`.
    """
    return [] if root is None else list(_read(root, dotted, identities))


def _read(node: Node, rest: str, identities: tuple[str, ...]) -> Iterator[Path]:
    if not rest:
        yield ()
        return
    target = node.resolved()
    if target.kind == MAPPING:
        for key, value in target.items:
            name = key.resolved().text
            if rest.startswith(name) and rest[len(name) : len(name) + 1] in ("", ".", "["):
                below = rest[len(name) :]
                yield from ((name, *path) for path in _read(value, below[below.startswith(".") :], identities))
    elif target.kind == SEQUENCE and (found := _PLACE.match(rest)):
        below = rest[found.end() :]
        for place, item in enumerate(target.items):
            if found[1] == str(place) or (item.kind == MAPPING and found[1] in _names(item, identities)):
                yield from ((place, *path) for path in _read(item, below[below.startswith(".") :], identities))


def _names(item: Node, identities: tuple[str, ...]) -> list[str]:
    return [value.resolved().text for key, value in item.pairs() if key.resolved().text in identities]
