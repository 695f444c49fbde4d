"""From operations to splices: where in the text each of them is made, and in which style."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Node
from confguard.document.scalars import YAML_11
from confguard.edit import block, flow
from confguard.edit.layout import body_end, end_of_line, header_comment, is_empty, line_end_of, start_of_line
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Path, Rename, Set, operated
from confguard.edit.spell import as_yaml, block_text, in_its_style
from confguard.edit.splice import EditRefused, Splice, alike, prove, spliced
from confguard.edit.spot import Spot, hold_alone, hold_plain_key, holds, node_at, place_in, refuse, spot_of
from confguard.words.recipe import dotted

_COLON = re.compile(r"[ \t]*:")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:[ \t]+|(?=[\r\n])|\Z))+")
_STEP = "  "


class Edited(NamedTuple):
    """A document with edits made: proved to hold what was intended, and to differ nowhere else."""

    before: Document
    after: Document
    splices: list[Splice]


def edited(document: Document, operations: Sequence[Operation]) -> Edited:
    """Make operations all at once; paths and places are those of the document as it is. Raises `EditRefused`."""
    steps = [step for operation in operations for step in steps_of(document, operation)]
    splices = splices_of(document, steps)
    text = spliced(document.text, splices)
    return Edited(document, prove(document, text, lambda found: operated(found, steps)), splices)


def splices_of(document: Document, steps: Sequence[Operation]) -> list[Splice]:
    """The splices of steps; a key that is inserted beside one that an earlier step inserts follows it."""
    inserted: dict[tuple[Path, str | None], Insert] = {}
    splices: list[Splice] = []
    for step in steps:
        if isinstance(step, Insert):
            first = inserted.get((step.path, step.after))
            inserted[step.path, step.name] = where = step._replace(after=first.after, before=first.before) if first else step
            splices += _insert(document, where)
        else:
            splices += _SPLICES[type(step)](document, step)
    return splices


def lost_comments(document: Document, splices: Sequence[Splice]) -> list[str]:
    """The comments that splices would take out of a document."""
    lost = []
    for start, end in document.comments():
        words = document.text[start:end]
        if any(splice.start < end and start < splice.end and words not in splice.text for splice in splices):
            lost.append(words)
    return lost


# --- what a new value for a mapping or a list comes to ---


def steps_of(document: Document, operation: Operation) -> list[Operation]:
    """An operation as the steps that touch no more than differs: a new mapping is its keys that change, come and go."""
    if not isinstance(operation, Set) or not isinstance(operation.value, (dict, list)):
        return [operation]
    return list(_steps(spot_of(document, operation.path).value, operation))


def _steps(node: Node, operation: Set) -> Iterator[Operation]:
    value = operation.value
    if _same(node, value):
        return
    if node.kind == MAPPING and isinstance(value, dict) and _is_edited_by_item(node, value):
        yield from _mapping_steps(node, operation.path, value)
    elif node.kind == SEQUENCE and isinstance(value, list) and _is_edited_by_item(node, value):
        yield from _list_steps(node, operation.path, value)
    else:
        yield operation


def _is_edited_by_item(node: Node, value: dict[str, Any] | list[Any]) -> bool:
    """Whether a mapping or list is edited where it differs, not written anew: in brackets, only if it keeps its keys or length."""
    if not value or not node.items or node.style == "*":
        return False
    if node.style in ("", "-"):
        return True
    names = [key.resolved().text for key, _ in node.items] if isinstance(value, dict) else None
    return len(value) == len(node.items) and (names is None or names == list(value))


def _mapping_steps(node: Node, path: Path, value: dict[str, Any]) -> Iterator[Operation]:
    old = {key.resolved().text: item for key, item in node.items}
    for name, item in value.items():
        if name in old:
            yield from _steps(old[name], Set((*path, name), item))
    before: str | None = None
    first = next((name for name in old if name in value), None)
    for name, item in value.items():
        if name not in old:
            yield Insert(path, name, item, after=before, before=None if before is not None else first)
        before = name
    yield from (Delete((*path, name)) for name in old if name not in value)


def _list_steps(node: Node, path: Path, value: list[Any]) -> Iterator[Operation]:
    items = node.items
    head = len(list(takewhile(lambda pair: _same(*pair), zip(items, value, strict=False))))
    rest, new = items[head:], value[head:]
    tail = len(list(takewhile(lambda pair: _same(*pair), zip(reversed(rest), reversed(new), strict=False))))
    rest, new = rest[: len(rest) - tail], new[: len(new) - tail]
    for place, (item, wanted) in enumerate(zip(rest, new, strict=False), head):
        yield from _steps(item, Set((*path, place), wanted))
    end = head + len(rest)
    yield from (InsertItem(path, end, item) for item in new[len(rest) :])
    yield from (Delete((*path, place)) for place in range(head + len(new), end))


def _same(node: Node, value: Any) -> bool:
    return alike(data(node, YAML_11), value)


# --- set ---


def _set(document: Document, step: Set) -> list[Splice]:
    spot = spot_of(document, step.path)
    node, text = spot.value, document.text
    if node.resolved() is node:
        hold_alone(document, node, step.path)
    kept = _kept_anchor(text, node)
    if node.kind != SCALAR and node.style in ("", "-"):
        return _instead_of_block(document, spot, as_yaml(step.value), step.path)
    if node.style in ("[", "{") and isinstance(step.value, (dict, list)) and (node.kind == MAPPING) is isinstance(step.value, dict):
        return [flow.written_anew(document, node, step.value, _same)]
    if is_empty(text, node):
        return [_instead_of_nothing(document, spot, as_yaml(step.value), step.path)]
    if node.style in ("|", ">"):
        return [Splice(node.start, body_end(text, node), kept + _instead_of_text(text, node, step.value))]
    if isinstance(step.value, (dict, list)) or node.kind != SCALAR or node.style == "*":
        return [Splice(node.start, node.end, kept + as_yaml(step.value))]
    written = text[node.start : node.end]
    return [Splice(node.start, node.end, kept + in_its_style(step.value, written, node.style, step.spelled))]


def _kept_anchor(text: str, node: Node) -> str:
    """The anchor of a value, which nobody refers to; a tag goes, since it was for the old value."""
    found = _PROPERTIES.match(text, node.start, node.end) if text[node.start : node.start + 1] in ("&", "!") else None
    anchors = [word for word in found.group().split() if word.startswith("&")] if found else []
    return "".join(f"{anchor} " for anchor in anchors)


def _instead_of_text(text: str, node: Node, value: Any) -> str:
    """What stands in place of a block text: another one if it is a text of several lines; the comment beside its sign stays."""
    comment = header_comment(text, node)
    found = re.compile(r"[|>][-+0-9]*").match(text, node.start)
    content = next((line for line in re.split(r"\r\n|\n|\r", text[node.start : node.end])[1:] if line.strip()), "")
    if isinstance(value, str) and found and content:
        indentation = content[: len(content) - len(content.lstrip(" "))]
        lines = block_text(value, found.group(), indentation, line_end_of(text))
        if lines is not None:
            return found.group() + comment + lines[len(found.group()) :]
    return as_yaml(value) + comment


def _instead_of_block(document: Document, spot: Spot, spelled: str, path: Path) -> list[Splice]:
    """A value in the line of its key instead of lines below it."""
    text, node = document.text, spot.value
    end = body_end(text, node)
    if spot.key is None or end_of_line(text, spot.key.start) > node.start:
        return [Splice(node.start, end, spelled)]
    colon = _COLON.match(text, spot.key.end)
    if colon is None:
        refuse(document, spot.key, f"`{dotted(*path)}` is not written in a way that can be edited")
    return [Splice(colon.end(), colon.end(), f" {spelled}"), Splice(end_of_line(text, colon.end()), end, "")]


def _instead_of_nothing(document: Document, spot: Spot, spelled: str, path: Path) -> Splice:
    """A value where nothing is written: after a colon or a dash, or beside a key that has no colon."""
    text, at = document.text, spot.value.start
    beside_key = spot.key is not None and spot.holder.style == "{" and at == spot.key.end
    lead = ": " if beside_key else {":": " ", "-": " ", " ": ""}.get(text[at - 1 : at])
    if lead is None:
        refuse(document, spot.value, f"`{dotted(*path)}` is not written in a way that can be edited")
    return Splice(at, at, lead + spelled)


# --- insert, delete, rename ---


def _insert(document: Document, step: Insert) -> list[Splice]:
    lines = block.lines_of(step.name, step.value, step.source)
    if document.root is None and not step.path:
        return [_at_end(document.text, lines)]
    holder = node_at(document, step.path)
    if holder.kind == SCALAR and holder.value is None:
        return [_below_empty_key(document, step, lines)]
    if holder.kind != MAPPING:
        refuse(document, holder, f"`{dotted(*step.path)}` holds no keys")
    if holds(holder, step.name):
        refuse(document, holder, f"`{dotted(*step.path, step.name)}` is there already")
    beside = step.after if step.after is not None else step.before
    place = len(holder.items) - 1 if beside is None else place_in(document, holder, (*step.path, beside))
    above = step.after is None and step.before is not None
    if holder.style == "{":
        item = f"{as_yaml(step.name)}: {as_yaml(step.value)}"
        place += not above
        if place == len(holder.items) or not holder.items:
            return flow.added_at_end(document, holder, item)
        return flow.added_above(document, holder, place, item)
    hold_plain_key(document, holder.items[place][0], (*step.path, beside or ""))
    return [(block.inserted_above if above else block.inserted_below)(document, holder, place, lines)]


def _at_end(text: str, lines: str) -> Splice:
    line_end = line_end_of(text)
    lines = lines.replace("\n", line_end)
    unfinished = text and text[-1] not in "\r\n"
    return Splice(len(text), len(text), line_end + lines if unfinished else lines + line_end)


def _below_empty_key(document: Document, step: Insert, lines: str) -> Splice:
    """The first key of a section in which nothing is written."""
    text, spot = document.text, spot_of(document, step.path)
    if not is_empty(text, spot.value) or spot.key is None or spot.holder.style == "{":
        return _set(document, Set(step.path, {step.name: step.value}))[0]
    line_end = line_end_of(text)
    indentation = " " * (spot.key.start - start_of_line(text, spot.key.start)) + _STEP
    at = end_of_line(text, spot.value.end)
    return Splice(at, at, "".join(f"{line_end}{indentation}{line}" if line else line_end for line in lines.split("\n")))


def _insert_item(document: Document, step: InsertItem) -> list[Splice]:
    holder = node_at(document, step.path)
    if holder.kind == SCALAR and holder.value is None:
        return _set(document, Set(step.path, [step.value]))
    if holder.kind != SEQUENCE:
        refuse(document, holder, f"`{dotted(*step.path)}` is no list")
    if holder.style == "[":
        if step.place >= len(holder.items):
            return flow.added_at_end(document, holder, as_yaml(step.value))
        return flow.added_above(document, holder, step.place, as_yaml(step.value))
    lines = block.lines_of(None, step.value, step.source)
    if step.place == 0:
        return [block.inserted_above(document, holder, 0, lines)]
    return [block.inserted_below(document, holder, min(step.place, len(holder.items)) - 1, lines)]


def _delete(document: Document, step: Delete) -> list[Splice]:
    holder, place, key, value = spot_of(document, step.path)
    if key is not None:
        hold_plain_key(document, key, step.path)
    if value.resolved() is value:
        hold_alone(document, value, step.path)
    return [(flow.deleted if holder.style in ("{", "[") else block.deleted)(document, holder, place)]


def _rename(document: Document, step: Rename) -> list[Splice]:
    holder, _, key, _ = spot_of(document, step.path)
    if key is None:
        refuse(document, holder, f"`{dotted(*step.path)}` has no key")
    hold_plain_key(document, key, step.path)
    if any(other.resolved().text == step.name for other, _ in holder.pairs()):
        refuse(document, key, f"`{dotted(*step.path[:-1], step.name)}` is there already")
    return [Splice(key.start, key.end, in_its_style(step.name, document.text[key.start : key.end], key.style))]


_SPLICES: dict[type, Any] = {Set: _set, InsertItem: _insert_item, Delete: _delete, Rename: _rename}

__all__ = ["EditRefused", "Edited", "edited", "lost_comments", "splices_of", "steps_of"]
