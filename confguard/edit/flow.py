"""Edits within brackets and braces."""

from __future__ import annotations

import re
from typing import Any

from confguard.document.document import Document
from confguard.document.nodes import MAPPING, Node
from confguard.edit.layout import line_end_of, next_line, start_of_line
from confguard.edit.spell import as_yaml
from confguard.edit.splice import Splice
from confguard.edit.spot import refuse

_REST_OF_ITEM = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=[\r\n])")
_COMMA = re.compile(r"\s*,")
_PLAIN_GAP = re.compile(" *, *")
_COLON = re.compile(r"[ \t]*:(?=[ \t\r\n,}\]]|\Z)[ \t]*")


def added_at_end(document: Document, collection: Node, item: str) -> list[Splice]:
    """One more item within brackets or braces: on a line of its own where the last one has one, else beside it."""
    text = document.text
    if is_bare_pair(text, collection):
        refuse(document, collection, "a pair without braces takes no more keys")
    if not collection.items:
        return [Splice(collection.end - 1, collection.end - 1, item)]
    start, end = bounds(text, collection, len(collection.items) - 1)
    indentation = text[start_of_line(text, start) : start]
    rest = _REST_OF_ITEM.match(text, end, collection.end)
    if rest is None or indentation.strip(" "):
        return [Splice(end, end, f", {item}")]
    comma = [] if rest[1] else [Splice(end, end, ",")]
    return [*comma, Splice(rest.end(), rest.end(), f"{line_end_of(text, start)}{indentation}{item}{rest[1]}")]


def added_above(document: Document, collection: Node, place: int, item: str) -> list[Splice]:
    """One more item before another one: on a line of its own where that one has one, else beside it."""
    text = document.text
    if is_bare_pair(text, collection):
        refuse(document, collection, "a pair without braces takes no more keys")
    start, _ = bounds(text, collection, place)
    line = start_of_line(text, start)
    if not (indentation := text[line:start]).strip(" "):
        return [Splice(line, line, f"{indentation}{item},{line_end_of(text, start)}")]
    if not place:
        return [Splice(start, start, f"{item}, ")]
    end = bounds(text, collection, place - 1)[1]
    gap = text[end:start]
    return [Splice(end, end, (gap if _PLAIN_GAP.fullmatch(gap) else ", ") + item)]


def deleted(document: Document, collection: Node, place: int, leads: bool) -> list[Splice]:
    """An item taken out, with its line where that is its own, else with the comma before it.

    One that leads, since those before it go as well, goes with the comma after it.
    """
    text = document.text
    if is_bare_pair(text, collection):
        return [Splice(collection.start, collection.end, "{}")]
    start, end = bounds(text, collection, place)
    line = start_of_line(text, start)
    rest = _REST_OF_ITEM.match(text, end, collection.end)
    if rest is not None and not text[line:start].strip(" "):
        lines = Splice(line, next_line(text, rest.end()), "")
        is_last = place + 1 == len(collection.items) > 1 and not rest[1]
        comma = _COMMA.match(text, bounds(text, collection, place - 1)[1]) if is_last else None
        return [Splice(comma.end() - 1, comma.end(), ""), lines] if comma else [lines]
    if not leads:
        return [Splice(bounds(text, collection, place - 1)[1], end, "")]
    if place + 1 < len(collection.items):
        return [Splice(start, bounds(text, collection, place + 1)[0], "")]
    following = re.compile(r"\s*,?").match(text, end)
    return [Splice(start, following.end() if following else end, "")]


def is_bare_pair(text: str, collection: Node) -> bool:
    """Whether a mapping is a pair within brackets that has no braces: `[a: 1]`."""
    return text[collection.start] not in "[{&!"


def bounds(text: str, collection: Node, place: int) -> tuple[int, int]:
    """Where an item begins and ends, with its key and value, its colon included where nothing follows that."""
    item = collection.items[place]
    if collection.kind != MAPPING:
        return item.start, item.end
    key, value = item
    start = key.start
    while text[start - 1] in " \t":
        start -= 1
    start = start - 1 if text[start - 1] == "?" and text[start - 2] in " \t\r\n,{[" else key.start
    end = max(key.end, value.end)
    if value.start == value.end and (colon := _COLON.match(text, key.end)):
        end = max(end, colon.end() - len(text[colon.start() : colon.end()]) + len(text[colon.start() : colon.end()].rstrip()))
    return start, end


def written_anew(document: Document, collection: Node, value: Any, same: Any) -> Splice:
    """The inside of brackets or braces for another list or mapping; items that stay are written as they were.

    `same(node, value)` tells whether an item stays.
    """
    text = document.text
    if not collection.items or not value or is_bare_pair(text, collection):
        return Splice(collection.start, collection.end, as_yaml(value))
    first, last = bounds(text, collection, 0), bounds(text, collection, len(collection.items) - 1)
    separator = ", "
    if len(collection.items) > 1:
        separator = text[first[1] : bounds(text, collection, 1)[0]]
    items = _mapping_items(text, collection, value, same) if isinstance(value, dict) else _list_items(text, collection, value, same)
    return Splice(first[0], last[1], separator.join(items))


def _mapping_items(text: str, collection: Node, value: dict[str, Any], same: Any) -> list[str]:
    known = {key.resolved().text: place for place, (key, _) in enumerate(collection.items)}
    items = []
    for name, item in value.items():
        place = known.get(name)
        if place is None:
            items.append(f"{as_yaml(name)}: {as_yaml(item)}")
            continue
        key, node = collection.items[place]
        start, end = bounds(text, collection, place)
        items.append(text[start:end] if same(node, item) else f"{text[start : key.end]}: {as_yaml(item)}")
    return items


def _list_items(text: str, collection: Node, value: list[Any], same: Any) -> list[str]:
    nodes = list(collection.items)
    items = []
    for item in value:
        node = next((node for node in nodes if same(node, item)), None)
        if node is not None:
            nodes.remove(node)
        items.append(as_yaml(item) if node is None else text[node.start : node.end])
    return items
