"""Edits within brackets and braces."""

from __future__ import annotations

import re

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, Node
from confguard.document.scalars import YAML_11
from confguard.edit.layout import line_end_of, next_line, start_of_line
from confguard.edit.spell import as_yaml
from confguard.edit.splice import Splice
from confguard.edit.spot import refuse
from confguard.words.typing import Any

_REST_OF_ITEM = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=[\r\n])")
_COMMA = re.compile(r"\s*,")
_PLAIN_GAP = re.compile(" *, *")
COLON = re.compile(r"[ \t]*:")
_COLON_ALONE = re.compile(r"[ \t]*: ?")  # a colon before a comma is none without a blank


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
        return [Splice(end, end, f"{_comma(text, end)} {item}")]
    comma = [] if rest[1] else [Splice(end, end, _comma(text, end))]
    return [*comma, Splice(rest.end(), rest.end(), f"{line_end_of(text, start)}{indentation}{item}{rest[1]}")]


def added_above(document: Document, collection: Node, place: int, item: str) -> list[Splice]:
    """One more item before another one: on a line of its own where that one has one, else beside it."""
    text = document.text
    if is_bare_pair(text, collection):
        refuse(document, collection, "a pair without braces takes no more keys")
    start, end = bounds(text, collection, place)
    line = start_of_line(text, start)
    if not (indentation := text[line:start]).strip(" ") and _REST_OF_ITEM.match(text, end, collection.end):
        return [Splice(line, line, f"{indentation}{item},{line_end_of(text, start)}")]
    if not place:
        return [Splice(start, start, f"{item}, ")]
    end = bounds(text, collection, place - 1)[1]
    gap = text[end:start]
    return [Splice(end, end, (gap if _PLAIN_GAP.fullmatch(gap) else f"{_comma(text, end)} ") + item)]


def _comma(text: str, end: int) -> str:
    """The comma behind an item that ends at an offset; a colon with nothing behind it has to be followed by a blank."""
    return " ," if text[end - 1] == ":" else ","


def deleted(document: Document, collection: Node, first: int, last: int) -> list[Splice]:
    """The items from one place to another taken out: with their lines where these are their own, else with the commas beside them."""
    text = document.text
    if is_bare_pair(text, collection):
        return [Splice(collection.start, collection.end, "{}")]
    is_end = last + 1 == len(collection.items)
    lines = [_own_line(text, collection, place) for place in range(first, last + 1)]
    if None not in lines:
        own = [line for line in lines if line is not None]
        rest = _REST_OF_ITEM.match(text, bounds(text, collection, last)[1])
        if not first or not is_end or (rest and rest[1]):
            return own
        comma = _COMMA.match(text, bounds(text, collection, first - 1)[1])
        return [Splice(comma.end() - 1, comma.end(), ""), *own] if comma else own
    start, end = bounds(text, collection, first)[0], bounds(text, collection, last)[1]
    if first:
        return [Splice(bounds(text, collection, first - 1)[1], end, "")]
    if not is_end:
        return [Splice(start, bounds(text, collection, last + 1)[0], "")]
    following = re.compile(r"\s*,?").match(text, end)
    return [Splice(start, following.end() if following else end, "")]


def _own_line(text: str, collection: Node, place: int) -> Splice | None:
    """A splice that takes out the line of an item; None where something else stands there."""
    start, end = bounds(text, collection, place)
    line = start_of_line(text, start)
    rest = _REST_OF_ITEM.match(text, end, collection.end)
    return None if rest is None or text[line:start].strip(" ") else Splice(line, next_line(text, rest.end()), "")


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
    if value.start < value.end:
        return start, value.end
    colon = _COLON_ALONE.match(text, key.end)
    return start, colon.end() if colon else key.end


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
    items = _mapping_items(text, collection, value, same) if isinstance(value, dict) else _list_items(text, collection, value)
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
        kept = text[start:end] + " " * (text[end - 1] == ":")
        items.append(kept if same(node, item) else f"{text[start : key.end]}: {as_yaml(item)}")
    return items


def _list_items(text: str, collection: Node, value: list[Any]) -> list[str]:
    written: dict[str, list[str]] = {}  # by what is found in it: a list may be long
    for node in reversed(collection.items):
        written.setdefault(repr(data(node, YAML_11)), []).append(text[node.start : node.end])
    return [kept.pop() if (kept := written.get(repr(item))) else as_yaml(item) for item in value]
