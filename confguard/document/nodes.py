"""The nodes of a document: scalars, collections and aliases, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from confguard.document.scalars import YAML_11, plain_12
from confguard.words.typing import Any

SCALAR, MAPPING, SEQUENCE = "scalar", "mapping", "sequence"


class Node:
    """A value or a key of a document. This is a scalar; `Collection` and `Alias` are the others.

    `text` is what stands there without quotes, `value` what a YAML 1.1 reader makes of it. `event` is the parser's, with the marks from
    which offsets are read when someone asks, which is for findings only.
    """

    __slots__ = ("event", "text", "value")

    kind = SCALAR
    size = 1
    merges = False
    items: Any = ()

    def __init__(self, event: Any, text: str, value: Any) -> None:
        self.event = event
        self.text = text
        self.value = value

    @property
    def start(self) -> int:
        """The offset of its first character."""
        offset: int = self.event.start_mark.index
        return offset

    @property
    def end(self) -> int:
        """The offset after its last character."""
        offset: int = self.event.end_mark.index
        return offset

    @property
    def tag(self) -> str | None:
        """The tag that is written, such as `!!int`; None for most."""
        tag: str | None = self.event.tag
        return tag

    @property
    def style(self) -> str:
        """The quote or block sign; empty for a plain scalar."""
        return self.event.style or ""

    def resolved(self) -> Node:
        """The node itself, or the one that an alias stands for."""
        return self

    def reading(self, reader: str) -> Any:
        """The value of a scalar as `reader` constructs it; raises `BadScalar`."""
        if reader != YAML_11 and ((self.tag is None and not self.style) or self.tag == "!"):
            return plain_12(self.text)
        return self.value

    def pairs(self) -> Iterable[tuple[Node, Node]]:
        """The keys and values of a mapping as readers see it: merge keys opened, the last of two equal keys kept."""
        if not self.merges:
            items: Iterable[tuple[Node, Node]] = self.items
            return items
        found: dict[str, tuple[Node, Node]] = {}
        for key, value in self.items:
            if is_merge(key):
                for source in merged_mappings(value):
                    for pair in source.pairs():
                        found.setdefault(pair[0].resolved().text, pair)
        for key, value in self.items:
            if not is_merge(key):
                found[key.resolved().text] = (key, value)
        return found.values()


class Collection(Node):
    """A mapping, whose `items` are (key, value) pairs, or a sequence, whose `items` are nodes.

    `style` is `[` or `{` for flow, `-` for a block sequence, empty for a block mapping. `size` counts the values in it, aliases opened.
    """

    __slots__ = ("closing", "items", "kind", "merges", "size")

    def __init__(self, event: Any, kind: str) -> None:
        self.event = event
        self.text = ""
        self.value = None
        self.kind = kind
        self.items: list[Any] = []
        self.size = 1
        self.merges = False
        self.closing: Any = event

    @property
    def style(self) -> str:
        """How it is written."""
        if self.event.flow_style:
            return "{" if self.kind == MAPPING else "["
        return "" if self.kind == MAPPING else "-"

    @property
    def end(self) -> int:
        """Where it closes; a block, and a pair in brackets without braces, ends where its last item does, not at the next token."""
        if self.event.flow_style and (end := int(self.closing.end_mark.index)) > self.closing.start_mark.index:
            return end
        if not self.items:
            return self.start
        last: Node = self.items[-1][1] if self.kind == MAPPING else self.items[-1]
        return last.end

    def close(self, event: Any) -> None:
        """Note the end, when all nodes were put into `items`; those of a mapping came as key, value, key, value."""
        self.closing = event
        self.size += len(self.items)
        if self.kind == MAPPING:
            self.items = list(zip(self.items[::2], self.items[1::2], strict=True))


class Alias(Node):
    """`*name`: it stands where it is written, and is what it refers to."""

    __slots__ = ("kind", "size", "target")

    tag = None
    style = "*"

    def __init__(self, event: Any, target: Node) -> None:
        self.event = event
        self.text = ""
        self.value = target.value
        self.kind = target.kind
        self.size = target.size + (target.end - target.start) // 50  # a long text counts as many values: it is shown, and joined
        self.target = target

    def resolved(self) -> Node:
        """The node that it refers to."""
        return self.target


class _Mark:
    def __init__(self, index: int) -> None:
        self.index = index


class _Written:
    """The event of a node that no parser read."""

    tag = None
    style = ""
    flow_style = False

    def __init__(self, start: int, end: int) -> None:
        self.start_mark = _Mark(start)
        self.end_mark = _Mark(end)


def scalar_at(text: str, start: int = 0, end: int = 0) -> Node:
    """A plain string that is not in the text; it stands at these offsets as far as anyone asks."""
    return Node(_Written(start, end), text, text)


def mapping_at(start: int = 0, end: int = 0) -> Collection:
    """An empty mapping that is not in the text."""
    return Collection(_Written(start, end), MAPPING)


def nodes_of(node: Node) -> Iterator[Node]:
    """A node and all that is written in it, keys included."""
    yield node
    for item in node.items if node.style != "*" else ():
        for below in item if isinstance(item, tuple) else (item,):
            yield from nodes_of(below)


def is_merge(key: Node) -> bool:
    """Whether a key is YAML 1.1's `<<`."""
    return key.text == "<<" and not key.style and key.kind == SCALAR


def merged_mappings(value: Node) -> list[Node]:
    """The mappings that a merge key brings in."""
    target = value.resolved()
    return [item.resolved() for item in target.items] if target.kind == SEQUENCE else [target]
