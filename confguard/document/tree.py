"""From text to nodes: one pass over the parser's events, which counts, refuses what is hostile, and keeps every offset.

The parser is libyaml through PyYAML. Its composed nodes would lose where an alias stands and how it is spelled, and would build
a million-fold alias before anyone could refuse it; events do neither.
"""

from __future__ import annotations

from collections.abc import Callable

from confguard.document.libyaml import PARSER, error, events
from confguard.document.nodes import MAPPING, SCALAR, SEQUENCE, Alias, Collection, Node, is_merge, merged_mappings
from confguard.document.scalars import PREFIX, READ, BadScalar, construct, read_plain
from confguard.words.typing import Any, NamedTuple

MAX_LINES = 30_000
MAX_FLOW_DEPTH = 40
MAX_DEPTH = 60
MAX_NODES = 60_000
MAX_EXPANDED = 200_000
MAX_KEY = 1_024
"""Limits that reject 59 of 64 hostile files and none of 767 published training configs; an input past one is refused."""


class Refused(Exception):
    """A text that is no YAML, or more than a config would ever hold: the finding's code, message and offset."""

    def __init__(self, code: str, message: str, offset: int, help: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.help = help


def refuse_long_keys(mapping: Collection) -> None:
    """Raise `Refused` for a key that is longer than any that is written by hand."""
    for key, _ in mapping.items:
        if len(key.text) > MAX_KEY:
            raise Refused("YAML007", f"a key is longer than {MAX_KEY:,} characters", key.start)


class Repeated(NamedTuple):
    """A key that stands in its mapping once more, with its value, and the key and value that it comes after."""

    key: Node
    value: Node
    before: Node
    value_before: Node

    @property
    def is_same(self) -> bool:
        """Whether it is the same plain value both times."""
        one, other = self.value.resolved(), self.value_before.resolved()
        return one.kind == other.kind == SCALAR and type(one.value) is type(other.value) and bool(one.value == other.value)


class Tree(NamedTuple):
    """What a text holds: its root, its scalars in order, its repeated keys, its merge keys, its aliases."""

    root: Node | None
    scalars: list[Node]
    repeated: list[Repeated]
    merges: list[tuple[Node, Node]]
    readers_agree: bool
    """Whether YAML 1.1 and 1.2 readers make the same of every plain scalar but of dotless exponents."""
    aliases: list[Alias]
    is_read_alike: bool
    """Whether they make the same of dotless exponents too: there are none."""


def parse(text: str) -> Tree:
    """Read the one document in `text`; raises `Refused`."""
    try:
        return _built(text)
    except error.MarkedYAMLError as found:
        mark = found.problem_mark or found.context_mark
        offset = min(mark.index, len(text)) if mark else 0
        if "nesting depth" in str(found.problem):  # libyaml's own limit, met before ours where it looks ahead
            raise Refused("YAML007", f"nested more than {MAX_FLOW_DEPTH} levels deep", offset) from None
        raise Refused("YAML001", _syntax_message(found, text, offset), offset, _syntax_help(text, offset)) from None
    except (error.YAMLError, ValueError) as found:
        if hasattr(found, "position"):  # of a `ReaderError`
            raise _odd_character(text, found.position) from None
        raise Refused("YAML001", f"not readable as YAML: {str(found).splitlines()[0]}", 0) from None


def _built(text: str) -> Tree:
    builder = _Builder()
    keep, put = builder.scalars.append, builder.put
    next_event, scalar_event = PARSER(text).get_event, events.ScalarEvent
    while (event := next_event()) is not None:
        try:
            if type(event) is scalar_event and event.tag is None and event.anchor is None:
                # Five in six events: what `take_scalar` does for them, without the calls.
                written = value = event.value
                if not event.style:
                    value, agree, alike = READ.get(written) or read_plain(written)
                    if not alike:
                        builder.is_read_alike = False
                        builder.readers_agree &= agree
                node = Node(event, written, value)
                keep(node)
                put(node)
            elif (take := _TAKE.get(type(event))) is not None:
                take(builder, event)
                put = builder.put
        except BadScalar as bad:
            raise _unreadable(event, bad) from None
    root = builder.roots[0] if builder.roots else None
    return Tree(root, builder.scalars, builder.repeated, builder.merges, builder.readers_agree, builder.aliases, builder.is_read_alike)


class _Builder:
    """Takes parser events one by one and builds nodes, refusing as soon as a limit is passed."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.scalars: list[Node] = []
        self.repeated: list[Repeated] = []
        self.merges: list[tuple[Node, Node]] = []
        self.aliases: list[Alias] = []
        self.readers_agree = True
        self.is_read_alike = True
        self.flow_depth = 0
        self.open: list[Collection] = []
        self.put: Callable[[Node], None] = self.roots.append  # into the innermost open collection
        self.anchors: dict[str, Node] = {}
        self.documents = 0

    def take_document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            message = "a second YAML document starts here; a config file holds one"
            raise Refused("YAML003", message, event.start_mark.index, "split the file, or remove the --- or ... line")

    def take_scalar(self, event: Any) -> None:
        tag, text = event.tag, event.value
        value = text
        if tag == "!" or (tag is None and not event.style):  # "!" makes readers take even quotes for plain
            value, agree, alike = read_plain(text)
            self.readers_agree &= agree
            self.is_read_alike &= alike
        elif tag is not None:
            value = construct(tag, text)
        node = Node(event, text, value)
        self.scalars.append(node)
        if event.anchor:
            self.anchors[event.anchor] = node
        self.put(node)

    def take_start(self, event: Any) -> None:
        node = Collection(event, MAPPING if type(event) is events.MappingStartEvent else SEQUENCE)
        if event.tag is not None and event.tag not in _COLLECTION_TAGS[node.kind]:
            raise Refused("YAML008", f"the tag {event.tag} has no meaning to a safe YAML reader", node.start, "remove the tag")
        if event.anchor:
            self.anchors[event.anchor] = node
        self.open.append(node)
        self.put = node.items.append
        if event.flow_style:
            self.flow_depth += 1
        if self.flow_depth > MAX_FLOW_DEPTH or len(self.open) > MAX_DEPTH:
            levels = MAX_FLOW_DEPTH if self.flow_depth > MAX_FLOW_DEPTH else MAX_DEPTH
            raise Refused("YAML007", f"nested more than {levels} levels deep", node.start)

    def take_end(self, event: Any) -> None:
        node = self.open.pop()
        node.close(event)
        if node.event.flow_style:
            self.flow_depth -= 1
        if len(self.scalars) > MAX_NODES:
            raise Refused("YAML007", f"more than {MAX_NODES:,} values", node.start)
        if node.size > MAX_EXPANDED:
            raise Refused("YAML007", f"its aliases expand to more than {MAX_EXPANDED:,} values, long texts counted as many", node.start)
        if node.kind == MAPPING:
            names = {key.text for key, _ in node.items}  # that of an alias or a collection is empty
            if len("".join(names)) > MAX_KEY:
                refuse_long_keys(node)
            if len(names) < len(node.items) or "" in names or "<<" in names:
                self.look_at_keys(node)
        self.put_below(node)

    def look_at_keys(self, node: Collection) -> None:
        """Note what is unusual in the keys of a mapping: repeated ones, merge keys, and what is no name."""
        first: dict[str, tuple[Node, Node]] = {}
        for key, value in node.items:
            named = key.resolved()
            if named.kind != SCALAR:
                raise Refused("YAML001", "a list or a mapping stands where a key should", key.start, "write a plain name as the key")
            if named.text in first:
                self.repeated.append(Repeated(key, value, *first[named.text]))
            first[named.text] = key, value
            if is_merge(key):
                if any(source.kind != MAPPING for source in merged_mappings(value)):
                    raise Refused("YAML001", "a merge key (<<) takes a mapping or a list of mappings", value.start)
                node.merges = True
                self.merges.append((key, value))

    def take_alias(self, event: Any) -> None:
        start = event.start_mark.index
        target = self.anchors.get(event.anchor)
        if target is None:
            raise Refused("YAML001", f"*{event.anchor} refers to no anchor above it", start, f"define &{event.anchor} first")
        if target in self.open:
            raise Refused("YAML007", f"*{event.anchor} stands inside the value it refers to: a circle", start)
        alias = Alias(event, target)
        self.aliases.append(alias)
        self.put_below(alias)

    def put_below(self, node: Node) -> None:
        """Put a collection or an alias into the collection around it, which is the innermost open one again."""
        if self.open:
            parent = self.open[-1]
            parent.size += node.size - 1
            self.put = parent.items.append
        else:
            self.put = self.roots.append
        self.put(node)


# Functions of the class, not methods of a builder: those would make a circle, which nothing frees while the collector is off.
_TAKE = {
    events.ScalarEvent: _Builder.take_scalar,
    events.MappingStartEvent: _Builder.take_start,
    events.SequenceStartEvent: _Builder.take_start,
    events.MappingEndEvent: _Builder.take_end,
    events.SequenceEndEvent: _Builder.take_end,
    events.AliasEvent: _Builder.take_alias,
    events.DocumentStartEvent: _Builder.take_document,
}
_COLLECTION_TAGS = {
    MAPPING: ("!", PREFIX + "map", PREFIX + "set"),
    SEQUENCE: ("!", PREFIX + "seq", PREFIX + "omap", PREFIX + "pairs"),
}


def _unreadable(event: Any, bad: BadScalar) -> Refused:
    start, text = event.start_mark.index, event.value
    if text == "=" and event.tag is None:
        return Refused("YAML008", "an unquoted = has a meaning of its own in YAML 1.1, which PyYAML cannot construct", start, 'write "="')
    if (event.tag is not None and not event.tag.startswith(PREFIX)) or "no meaning" in str(bad):
        return Refused("YAML008", f"the tag {event.tag} has no meaning to a safe YAML reader", start, "remove the tag")
    shown = text if len(text) <= 40 else text[:37] + "..."
    return Refused("YAML001", f"the value {shown} cannot be read ({bad})", start, "correct it, or put it in quotes")


def _syntax_message(found: error.MarkedYAMLError, text: str, offset: int) -> str:
    if text[offset : offset + 1] == "\t" or "\\t" in str(found.problem):
        return "a tab stands where YAML wants spaces"
    problem = found.problem or "not readable as YAML"
    if not found.context:
        return f"not readable as YAML: {problem}"
    begun = f" that begins in line {found.context_mark.line + 1}" if found.context_mark else ""
    return f"not readable as YAML: {problem} ({found.context}{begun})"


def _syntax_help(text: str, offset: int) -> str | None:
    return "indent with spaces" if text[offset : offset + 1] == "\t" else None


def _odd_character(text: str, position: Any) -> Refused:
    # libyaml counts bytes; what stands before is whole characters, so they can be counted.
    position = position if isinstance(position, int) else 0
    offset = len(text.encode("utf-8", "surrogatepass")[:position].decode("utf-8", "ignore"))
    if offset < len(text):
        what = f"the character U+{ord(text[offset]):04X} may not stand in YAML"
    else:
        what = "a character that may not stand in YAML"
    return Refused("YAML001", what, offset, "remove it")
