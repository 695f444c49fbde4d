"""From operations to splices: where in the text each of them is made, and in which style."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Node, is_merge, nodes_of
from confguard.document.paths import Path
from confguard.document.scalars import YAML_11, YAML_12, BadScalar
from confguard.edit import block, flow
from confguard.edit.layout import (
    body_end,
    end_of_line,
    header_comment,
    is_empty,
    last_of,
    line_end_of,
    next_line,
    rest_of_line,
    start_of_line,
)
from confguard.edit.operations import Delete, Insert, InsertItem, Operation, Rename, Set, Source, operated
from confguard.edit.spell import Unwritable, as_yaml, block_text, in_its_style
from confguard.edit.splice import EditRefused, Overlap, Splice, alike, prove, spliced
from confguard.edit.spot import Spot, hold_place, hold_plain_key, hold_whole, holds, merged_names, node_at, place_in, refuse, spot_of
from confguard.edit.steps import beside_of, gathered, in_order, is_same, runs_of, steps_of
from confguard.edit.together import apart, joined
from confguard.words.recipe import dotted
from confguard.words.typing import Any, NamedTuple

_HEAD = re.compile(r"[ \t]*:((?:[ \t]+[&!]\S*)*)")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:[ \t]+|(?=[\r\n])|\Z))+")
_STEP = "  "


class Edited(NamedTuple):
    """A document with edits made: proved to hold what was intended, and to differ nowhere else."""

    before: Document
    after: Document
    splices: list[Splice]


def edited(document: Document, operations: Sequence[Operation]) -> Edited:
    """Make operations all at once; paths and places are those of the document as it is. Raises `EditRefused`."""
    try:
        steps = gathered(document, [step for operation in operations for step in steps_of(document, operation)])
        splices = splices_of(document, steps)
        text = spliced(document.text, splices)
        return Edited(document, prove(document, text, lambda found: operated(found, steps)), splices)
    except Overlap:
        refuse(document, document.root, "two edits touch the same characters")
    except RecursionError:
        refuse(document, document.root, "it is nested too deep, or its aliases are")


def splices_of(document: Document, steps: Sequence[Operation]) -> list[Splice]:
    """The splices of steps: of what is inserted at one place, the first stands first."""
    splices: list[Splice] = []
    runs = runs_of(document, steps)
    for step in in_order(document, steps):
        try:
            more = _delete(document, step, runs) if isinstance(step, Delete) else _SPLICES[type(step)](document, step)
        except Unwritable as error:
            refuse(document, document.root, f"`{dotted(*step.path)}`: {error}")
        splices = joined(splices, more)
    return apart(document.text, splices) if runs and len(steps) > 1 else splices


def lost_comments(document: Document, splices: Sequence[Splice]) -> list[str]:
    """The comments that splices would take out of a document and put in nowhere else."""
    text = document.text
    taken = [text[start:end] for start, end in document.comments() if any(one.start < end and start < one.end for one in splices)]
    put = "".join(splice.text for splice in splices) if taken else ""
    left = Counter({words: put.count(words) for words in set(taken)})
    lost = []
    for words in taken:
        left[words] -= 1
        if left[words] < 0:
            lost.append(words)
    return lost


# --- set ---


def _set(document: Document, step: Set) -> list[Splice]:
    spot = spot_of(document, step.path)
    node, text = spot.value, document.text
    if spot.key is not None and is_merge(spot.key):
        hold_plain_key(document, spot.key, step.path)
    hold_whole(document, node, step.path)
    kept = _kept_anchor(text, node)
    if node.kind != SCALAR and node.style in ("", "-"):
        return _instead_of_block(document, spot, as_yaml(step.value), step.path)
    if node.style in ("[", "{") and isinstance(step.value, (dict, list)) and (node.kind == MAPPING) is isinstance(step.value, dict):
        return [flow.written_anew(document, node, step.value, is_same)]
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
    is_unfinished = node.end == len(text) and text[-1] not in "\r\n"
    if isinstance(value, str) and found and content and not (is_unfinished and found.group() == "|"):
        indentation = content[: len(content) - len(content.lstrip(" "))]
        lines = block_text(value, found.group(), indentation, line_end_of(text))
        if lines is not None:
            return found.group() + comment + lines[len(found.group()) :]
    return as_yaml(value) + comment


def _instead_of_block(document: Document, spot: Spot, spelled: str, path: Path) -> list[Splice]:
    """A value in the line of its key instead of lines below it, which go with their comments."""
    if spot.key is not None:
        hold_plain_key(document, spot.key, path)
    text, node = document.text, spot.value
    end = body_end(text, node)
    end = rest_of_line(text, end) or end
    head = None if spot.key is None else _HEAD.match(text, spot.key.end)
    if head is None or end_of_line(text, head.end()) > last_of(node).start:
        return [Splice(node.start, end, _kept_anchor(text, node) + spelled)]
    value = Splice(head.start(1), head.end(1), f" {_kept_anchor(text, node)}{spelled}")
    return [value, Splice(end_of_line(text, head.end()), end, "")]


def _instead_of_nothing(document: Document, spot: Spot, spelled: str, path: Path) -> Splice:
    """A value where nothing is written: after a colon or a dash, or beside a key within braces that has no colon."""
    text, at = document.text, spot.value.start
    if spot.key is None:
        return Splice(at, at, spelled if text[at - 1] == " " else f" {spelled}")
    hold_plain_key(document, spot.key, path)
    colon = flow.COLON.match(text, spot.key.end)
    if colon is not None:
        return Splice(colon.end(), colon.end(), f" {spelled}")
    return Splice(spot.key.end, spot.key.end, f": {spelled}")


# --- insert, delete, rename ---


def _insert(document: Document, step: Insert) -> list[Splice]:
    lines = _lines(step.name, step.value, step.source)
    if not step.path and (document.root is None or is_empty(document.text, document.root)):
        return [_at_end(document, lines)]
    holder = node_at(document, step.path)
    if holder.kind == SCALAR and holder.value is None:
        return [_below_empty_key(document, step, lines)]
    if holder.kind != MAPPING:
        refuse(document, holder, f"`{dotted(*step.path)}` holds no keys")
    if holds(holder, step.name):
        refuse(document, holder, f"`{dotted(*step.path, step.name)}` is there already")
    beside = beside_of(step)
    place = len(holder.items) - 1 if beside is None else place_in(document, holder, (*step.path, beside))
    above = step.after is None and step.before is not None
    if holder.style == "{":
        item = f"{as_yaml(step.name)}: {as_yaml(step.value)}"
        place += not above
        if place == len(holder.items) or not holder.items:
            return flow.added_at_end(document, holder, item)
        return flow.added_above(document, holder, place, item)
    hold_plain_key(document, holder.items[place][0], (*step.path, beside or ""))
    if step.name not in merged_names(holder):
        hold_place(document, holder, beside, step.path)
    return [(block.inserted_above if above else block.inserted_below)(document, holder, place, lines)]


def _lines(name: str | None, value: Any, source: Source | None) -> str:
    r"""The lines of a new key, or of an item of a list: as they are written where they come from, as far as that means the same to all.

    >>> _lines("a", [1, "no"], None), _lines(None, 2, Source("- 2  # two")), _lines("rate", 2e-5, Source("# peak\nrate: 2e-5 # of 3"))
    ('a: [1, "no"]', '- 2  # two', '# peak\nrate: 2.0e-5 # of 3')
    """
    spelled = f"- {as_yaml(value)}" if name is None else f"{as_yaml(name)}: {as_yaml(value)}"
    if source is None:
        return spelled
    where = _without_anchors(Document("", source.text.encode()))
    if _all_find(where, name, value):
        return where.text
    try:
        text = edited(where, [Set((0 if name is None else name,), value)]).after.text
    except EditRefused:
        return spelled
    return text if _all_find(Document("", text.encode()), name, value) else spelled


def _without_anchors(document: Document) -> Document:
    """A document with no anchors: PyYAML takes none that is in a file already."""
    if "&" not in document.text or document.root is None:
        return document
    splices = []
    for node in nodes_of(document.root):
        anchor = getattr(node.event, "anchor", None)
        if anchor is not None and (found := re.compile(rf"[ \t]*&{re.escape(anchor)}").search(document.text, node.start - 1)):
            splices.append(Splice(found.start(), found.end(), ""))
    return Document(document.path, spliced(document.text, splices).encode())


def _all_find(document: Document, name: str | None, value: Any) -> bool:
    """Whether every reader finds nothing but a value, under its name, in a document."""
    root, wanted = document.root, [value] if name is None else {name: value}
    try:
        return root is not None and all(alike(data(root, reader), wanted) for reader in (YAML_11, YAML_12))
    except BadScalar:
        return False


def _at_end(document: Document, lines: str) -> Splice:
    """The first key of a file, below all comments, and below `---`."""
    text = document.text
    at = len(text) if document.root is None else next_line(text, document.root.end - 1)
    line_end = line_end_of(text)
    lines = lines.replace("\n", line_end)
    unfinished = at and text[at - 1] not in "\r\n"
    return Splice(at, at, line_end + lines if unfinished else lines + line_end)


def _below_empty_key(document: Document, step: Insert, lines: str) -> Splice:
    """The first key of a section in which nothing is written."""
    text, spot = document.text, spot_of(document, step.path)
    if not is_empty(text, spot.value) or spot.key is None or spot.holder.style == "{":
        return _set(document, Set(step.path, {step.name: step.value}))[0]
    hold_plain_key(document, spot.key, step.path)
    line_end = line_end_of(text, spot.value.end)
    indentation = " " * (spot.key.start - start_of_line(text, spot.key.start)) + _STEP
    at = end_of_line(text, spot.value.end)
    return Splice(at, at, "".join(f"{line_end}{indentation}{line}" if line else line_end for line in lines.split("\n")))


def _insert_item(document: Document, step: InsertItem) -> list[Splice]:
    holder = node_at(document, step.path)
    if holder.kind == SCALAR and holder.value is None:
        return _set(document, Set(step.path, [step.value]))
    if holder.kind != SEQUENCE:
        refuse(document, holder, f"`{dotted(*step.path)}` is no list")
    if not 0 <= step.place <= len(holder.items):
        refuse(document, holder, f"`{dotted(*step.path, step.place)}` is no place in the list")
    if holder.style == "[":
        if step.place == len(holder.items):
            return flow.added_at_end(document, holder, as_yaml(step.value))
        return flow.added_above(document, holder, step.place, as_yaml(step.value))
    lines = _lines(None, step.value, step.source)
    if step.place == 0:
        return [block.inserted_above(document, holder, 0, lines)]
    return [block.inserted_below(document, holder, step.place - 1, lines)]


def _delete(document: Document, step: Delete, runs: dict[Path, tuple[int, int]]) -> list[Splice]:
    holder, place, key, value = spot_of(document, step.path)
    if key is not None:
        hold_plain_key(document, key, step.path)
        hold_place(document, holder, key.text, step.path[:-1])
    hold_whole(document, value, step.path)
    if len(holder.items) == 1 and len(step.path) > 1 and holder.style in ("", "-"):
        return _instead_of_block(document, spot_of(document, step.path[:-1]), "[]" if key is None else "{}", step.path[:-1])
    first, last = runs[step.path]
    if holder.style in ("{", "["):
        return flow.deleted(document, holder, first, last) if place == first else []
    return [block.deleted(document, holder, place, first, last)]


def _rename(document: Document, step: Rename) -> list[Splice]:
    holder, _, key, _ = spot_of(document, step.path)
    if key is None:
        refuse(document, holder, f"`{dotted(*step.path)}` has no key")
    hold_plain_key(document, key, step.path)
    hold_place(document, holder, key.text, step.path[:-1])
    if step.name in {other.text or other.resolved().text for other, _ in holder.pairs()}:
        refuse(document, key, f"`{dotted(*step.path[:-1], step.name)}` is there already")
    return [Splice(key.start, key.end, in_its_style(step.name, document.text[key.start : key.end], key.style))]


_SPLICES: dict[type, Any] = {Set: _set, Insert: _insert, InsertItem: _insert_item, Rename: _rename}

__all__ = ["EditRefused", "Edited", "edited", "lost_comments", "splices_of", "steps_of"]
