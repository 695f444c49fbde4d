"""From text to nodes: one pass over the parser's events, which counts, refuses what is hostile, and keeps every offset.

The parser is libyaml through PyYAML. Its composed nodes would lose where an alias stands and how it is spelled, and would build
a million-fold alias before anyone could refuse it; events do neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from confguard.document.scalars import PREFIX, YAML_11, BadScalar, construct, plain_11, plain_12

MAX_LINES = 30_000
MAX_FLOW_DEPTH = 40
MAX_DEPTH = 60
MAX_NODES = 60_000
MAX_EXPANDED = 200_000
"""Limits that reject 59 of 64 hostile files and none of 767 published training configs; an input past one is refused."""

SCALAR, MAPPING, SEQUENCE = "scalar", "mapping", "sequence"


class Refused(Exception):
    """A text that is no YAML, or more than a config would ever hold: the finding's code, message and offset."""

    def __init__(self, code: str, message: str, offset: int, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.help = help


class Node:
    """A value or a key: its kind, its offsets, and its text or its items.

    `items` holds (key, value) pairs for a mapping and nodes for a sequence. `style` is the quote or block sign of a scalar,
    `[`, `{` or `-` of a collection, empty for a plain scalar or a block mapping. `value` is what a YAML 1.1 reader makes of
    a scalar; `reading` gives the other reader's view.
    """

    __slots__ = ("alias_of", "end", "items", "kind", "merges", "size", "start", "style", "tag", "text", "value")

    def __init__(self, kind: str, start: int, end: int, style: str, tag: str | None, text: str = "") -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.style = style
        self.tag = tag
        self.text = text
        self.items: list[Any] = []
        self.size = 1
        self.alias_of: Node | None = None
        self.merges = False
        self.value: Any = None

    def resolved(self) -> Node:
        """The node itself, or the one that an alias stands for."""
        return self.alias_of or self

    def reading(self, reader: str) -> Any:
        """The value of a scalar as `reader` constructs it; raises `BadScalar`."""
        if self.tag is None and not self.style and reader != YAML_11:
            return plain_12(self.text)
        return self.value

    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """The keys and values of a mapping as both readers see it: merge keys opened, the last of two equal keys kept."""
        if not self.merges:
            yield from self.items
            return
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in self.items:
            if is_merge(key):
                for source in merged_mappings(value):
                    for pair in source.pairs():
                        found.setdefault(pair[0].resolved().text, pair)
        for key, value in self.items:
            if not is_merge(key):
                found[key.resolved().text] = (key, value)
        yield from found.values()


def is_merge(key: Node) -> bool:
    """Whether a key is YAML 1.1's `<<`."""
    return key.text == "<<" and not key.style and key.kind == SCALAR


def merged_mappings(value: Node) -> list[Node]:
    """The mappings that a merge key brings in."""
    target = value.resolved()
    return [item.resolved() for item in target.items] if target.kind == SEQUENCE else [target]


class Tree(NamedTuple):
    """What a text holds: its root, its scalars in order, its repeated keys (each with the first one), its merge keys."""

    root: Node | None
    scalars: list[Node]
    repeated: list[tuple[Node, Node]]
    merges: list[tuple[Node, Node]]


def parse(text: str) -> Tree:
    """Read the one document in `text`; raises `Refused`."""
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = min(mark.index, len(text)) if mark else 0
        raise Refused("YAML001", _syntax_message(error, text, offset), offset, _syntax_help(text, offset)) from None
    except yaml.reader.ReaderError as error:
        raise _odd_character(text, error) from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused("YAML001", f"not readable as YAML: {str(error).splitlines()[0]}", 0) from None
    except RecursionError:
        raise Refused("YAML007", "nested too deeply", 0) from None
    return Tree(builder.root, builder.scalars, builder.repeated, builder.merges)


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    """Takes parser events one by one and builds nodes, refusing as soon as a limit is passed."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.scalars: list[Node] = []
        self.repeated: list[tuple[Node, Node]] = []
        self.merges: list[tuple[Node, Node]] = []
        self.documents = 0
        self.nodes = 0
        self.flow_depth = 0
        self.open: list[Node] = []
        self.keys: list[Node | None] = []  # per open mapping: the key that waits for its value
        self.anchors: dict[str, Node] = {}
        self.take_by_type = {
            yaml.ScalarEvent: self.take_scalar,
            yaml.MappingStartEvent: self.take_start,
            yaml.SequenceStartEvent: self.take_start,
            yaml.MappingEndEvent: self.take_end,
            yaml.SequenceEndEvent: self.take_end,
            yaml.AliasEvent: self.take_alias,
            yaml.DocumentStartEvent: self.take_document,
        }

    def take(self, event: Any) -> None:
        take = self.take_by_type.get(type(event))
        if take is not None:
            take(event)

    def take_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise Refused(
                "YAML003",
                "a second YAML document starts here; a config file holds one",
                event.start_mark.index,
                "split the file, or remove the --- or ... line",
            )

    def take_scalar(self, event: Any) -> None:
        style, tag, text = event.style or "", event.tag, event.value
        node = Node(SCALAR, event.start_mark.index, event.end_mark.index, style, tag, text)
        try:
            node.value = _value(style, tag, text)
        except BadScalar as error:
            raise _unreadable(node, error) from None
        self.scalars.append(node)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.place(node)

    def take_start(self, event: Any) -> None:
        mapping = type(event) is yaml.MappingStartEvent
        flow = event.flow_style
        style = ("{" if mapping else "[") if flow else ("" if mapping else "-")
        node = Node(MAPPING if mapping else SEQUENCE, event.start_mark.index, event.end_mark.index, style, event.tag)
        if event.tag is not None and event.tag not in _COLLECTION_TAGS:
            raise Refused("YAML008", f"the tag {event.tag} has no meaning to a safe YAML reader", node.start, "remove the tag")
        if event.anchor:
            self.anchors[event.anchor] = node
        self.open.append(node)
        self.keys.append(None)
        self.flow_depth += bool(flow)
        if self.flow_depth > MAX_FLOW_DEPTH or len(self.open) > MAX_DEPTH:
            raise Refused("YAML007", f"nested more than {MAX_FLOW_DEPTH} levels deep", node.start)

    def take_end(self, event: Any) -> None:
        node = self.open.pop()
        self.keys.pop()
        node.end = event.end_mark.index
        if node.style in ("{", "["):
            self.flow_depth -= 1
        else:  # a block collection ends where its last item does, not at the next token
            last = node.items[-1] if node.items else None
            node.end = (last[1] if node.kind == MAPPING else last).end if last else node.start
        if node.kind == MAPPING and node.items:
            self.look_at_keys(node)
        self.place(node)

    def look_at_keys(self, node: Node) -> None:
        first: dict[str, Node] = {}
        for key, value in node.items:
            named = key.resolved()
            if named.kind != SCALAR:
                raise Refused("YAML001", "a list or a mapping stands where a key should", key.start, "write a plain name as the key")
            text = named.text
            if text in first:
                self.repeated.append((key, first[text]))
            first[text] = key
            if text == "<<" and is_merge(key):
                if any(source.kind != MAPPING for source in merged_mappings(value)):
                    raise Refused("YAML001", "a merge key (<<) takes a mapping or a list of mappings", value.start)
                node.merges = True
                self.merges.append((key, value))

    def take_alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        target = self.anchors.get(event.anchor)
        if target is None:
            raise Refused("YAML001", f"*{event.anchor} refers to no anchor above it", start, f"define &{event.anchor} first")
        if target in self.open:
            raise Refused("YAML007", f"*{event.anchor} stands inside the value it refers to: a circle", start)
        node = Node(target.kind, start, end, "*", None)
        node.alias_of = target
        node.size = target.size
        self.place(node)

    def place(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Refused("YAML007", f"more than {MAX_NODES:,} values", node.start)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.size += node.size
        if parent.size > MAX_EXPANDED:
            raise Refused("YAML007", f"its aliases expand to more than {MAX_EXPANDED:,} values", node.start)
        if parent.kind == SEQUENCE:
            parent.items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = node
        else:
            parent.items.append((key, node))
            self.keys[-1] = None


_COLLECTION_TAGS = (None, "!", PREFIX + "map", PREFIX + "seq", PREFIX + "omap", PREFIX + "pairs", PREFIX + "set")


def _value(style: str, tag: str | None, text: str) -> Any:
    if tag is None:
        return text if style else plain_11(text)
    return text if tag == "!" else construct(tag, text)


def _unreadable(node: Node, error: BadScalar) -> Refused:
    if (node.tag is not None and not node.tag.startswith(PREFIX)) or "no meaning" in str(error):
        return Refused("YAML008", f"the tag {node.tag} has no meaning to a safe YAML reader", node.start, "remove the tag")
    shown = node.text if len(node.text) <= 40 else node.text[:37] + "..."
    return Refused("YAML001", f"the value {shown} cannot be read ({error})", node.start, "correct it, or put it in quotes")


def _syntax_message(error: yaml.MarkedYAMLError, text: str, offset: int) -> str:
    if text[offset : offset + 1] == "\t" or "\\t" in str(error.problem):
        return "a tab stands where YAML wants spaces"
    problem = error.problem or "not readable as YAML"
    context = error.context or ""
    return f"not readable as YAML: {problem}" + (f" ({context})" if context else "")


def _syntax_help(text: str, offset: int) -> str | None:
    return "indent with spaces" if text[offset : offset + 1] == "\t" else None


def _odd_character(text: str, error: Any) -> Refused:
    offset = error.position if isinstance(error.position, int) else 0
    if offset < len(text):
        what = f"the character U+{ord(text[offset]):04X} may not stand in YAML"
    else:
        what = "a character that may not stand in YAML"
    return Refused("YAML001", what, offset, "remove it")
