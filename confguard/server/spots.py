"""The keys of a document: where each stands, and which of them a place lies in."""

from __future__ import annotations

from collections.abc import Iterator

from confguard.document.document import Document
from confguard.document.nodes import MAPPING, SCALAR, Node
from confguard.words.recipe import dotted
from confguard.words.typing import NamedTuple


class Spot(NamedTuple):
    """A key with its dotted path and its value."""

    path: str
    key: Node
    value: Node


def spots_of(document: Document) -> Iterator[Spot]:
    """Every key of a document, a section before what is in it; an alias is not opened."""
    if document.root is not None:
        yield from _below(document.root, "")


def spot_at(document: Document, offset: int) -> Spot | None:
    """The innermost key that an offset lies on, or on whose value it does."""
    found = None
    for spot in spots_of(document):
        if spot.key.start <= offset <= max(spot.key.end, spot.value.end):
            found = spot
    return found


def spot_of(document: Document, path: str) -> Spot | None:
    """The key that has a dotted path; the last one, where it is written twice."""
    found = None
    for spot in spots_of(document):
        if spot.path == path:
            found = spot
    return found


def _below(node: Node, path: str) -> Iterator[Spot]:
    if node.style == "*" or node.kind == SCALAR:
        return
    if node.kind == MAPPING:
        for key, value in node.items:
            here = dotted(path, key.resolved().text) if path else key.resolved().text
            yield Spot(here, key, value)
            yield from _below(value, here)
    else:
        for place, item in enumerate(node.items):
            yield from _below(item, f"{path}[{place}]")
