"""Where a path leads in a document, and why it may not be edited there: what is shared or written twice is refused by name."""

from __future__ import annotations

from confguard.document.document import Document
from confguard.document.nodes import MAPPING, SEQUENCE, Node, is_merge, merged_mappings
from confguard.document.paths import Path
from confguard.document.scalars import YAML_12, BadScalar, read_plain
from confguard.edit.layout import start_of_line
from confguard.edit.splice import EditRefused
from confguard.words.recipe import dotted
from confguard.words.typing import Any, NamedTuple, NoReturn


class Spot(NamedTuple):
    """A value, its key (None in a list), what holds both, and its place there."""

    holder: Node
    place: int
    key: Node | None
    value: Node


def spot_of(document: Document, path: Path) -> Spot:
    """Where a path leads; raises `EditRefused` where there is nothing, or something that cannot be edited by itself."""
    if not path:
        refuse(document, document.root, "a file is edited key by key, not as a whole")
    holder = node_at(document, path[:-1])
    place = place_in(document, holder, path)
    key, value = holder.items[place] if holder.kind == MAPPING else (None, holder.items[place])
    return Spot(holder, place, key, value)


def node_at(document: Document, path: Path) -> Node:
    """The value that a path leads to, the root for an empty one; raises `EditRefused` where an alias shares it with other places."""
    node = document.root
    if node is None:
        refuse(document, None, "the file holds no keys")
    for depth in range(len(path)):
        place = place_in(document, node, path[: depth + 1])
        node = node.items[place][1] if node.kind == MAPPING else node.items[place]
        hold_alone(document, node, path[: depth + 1])
    return node


def place_in(document: Document, holder: Node, path: Path) -> int:
    """The place of the last name of a path in the mapping or list that holds it."""
    name = path[-1]
    if holder.kind == SEQUENCE and isinstance(name, int):
        if not 0 <= name < len(holder.items):
            refuse(document, holder, f"`{dotted(*path)}` is not there")
        return name
    if holder.kind != MAPPING:
        refuse(document, holder, f"`{dotted(*path[:-1])}` holds no keys")
    places = (place for place, (key, _) in enumerate(holder.items) if (key.text or key.resolved().text) == name)
    found = next(places, None)
    if document.tree.repeated and (again := next(places, None)) is not None:
        refuse(document, holder.items[again][0], f"`{dotted(*path)}` is written twice")
    if found is None:
        merged = any(key.resolved().text == name for key, _ in holder.pairs())
        refuse(document, holder, f"`{dotted(*path)}` " + ("comes from a merge key (<<)" if merged else "is not there"))
    _hold_one_key(document, holder, holder.items[found][0], path)
    return found


def _hold_one_key(document: Document, holder: Node, key: Node, path: Path) -> None:
    """Raise `EditRefused` for a key that a reader takes for the same as another one: `1` and `1.0`, `yes` and `on`."""
    if type(key.value) is str and (key.style or read_plain(key.text)[2]):
        return  # all take it for its text, and texts are told apart
    for other, _ in holder.items:
        if other is not key and any(read(other) == read(key) for read in (_read_11, _read_12)):
            refuse(document, key, f"`{dotted(*path)}` is the same key as `{other.resolved().text}` for some readers")


def _read_11(key: Node) -> Any:
    return key.resolved().value


def _read_12(key: Node) -> Any:
    try:
        return key.resolved().reading(YAML_12)
    except BadScalar:
        return key


def holds(holder: Node, name: str) -> bool:
    """Whether a mapping has a key of its own of a name."""
    return any(key.resolved().text == name for key, _ in holder.items)


def hold_alone(document: Document, node: Node, path: Path) -> None:
    """Raise `EditRefused` for a value that an alias shares with another place."""
    if not document.tree.aliases:
        return
    if node.resolved() is not node:
        refuse(document, node, f"`{dotted(*path)}` is an alias; what it stands for is written elsewhere")
    if any(alias.resolved() is node for alias in document.tree.aliases):
        refuse(document, node, f"`{dotted(*path)}` has an anchor, and an alias elsewhere shares it")


def hold_whole(document: Document, node: Node, path: Path) -> None:
    """Raise `EditRefused` for a value that cannot go as a whole: it is shared, or something in it is shared with what is outside."""
    if not document.tree.aliases or node.resolved() is not node:
        return
    hold_alone(document, node, path)
    start, end = node.start, node.end
    if any(start < alias.resolved().start < end and not start < alias.start < end for alias in document.tree.aliases):
        refuse(document, node, f"`{dotted(*path)}` holds an anchor, and an alias elsewhere shares it")


def hold_place(document: Document, holder: Node, name: str | None, path: Path) -> None:
    """Raise `EditRefused` for a key that overrides one of a merge key: that is where readers have it, and what they find without it."""
    if name in merged_names(holder):
        refuse(document, holder, f"`{dotted(*path, name)}` is in a merge key (<<) too, which decides where readers have it")


def merged_names(holder: Node) -> set[str]:
    """The keys that the merge keys of a mapping bring in."""
    if not holder.merges:
        return set()
    sources = [mapping for key, value in holder.items if is_merge(key) for mapping in merged_mappings(value)]
    return {key.resolved().text for mapping in sources for key, _ in mapping.pairs()}


def hold_plain_key(document: Document, key: Node, path: Path) -> None:
    """Raise `EditRefused` for a key that is more than a name: an alias, one with an anchor or a tag, a merge key, an explicit one."""
    text, name = document.text, f"the key `{dotted(*path)}`"
    if key.resolved() is not key or text[key.start : key.start + 1] in ("&", "!"):
        refuse(document, key, f"{name} is an alias, or has an anchor or a tag")
    if is_merge(key):
        refuse(document, key, f"{name} is a merge key")
    if text[start_of_line(text, key.start) : key.start].rstrip(" ").endswith("?"):
        refuse(document, key, f"{name} is written with a question mark")


def refuse(document: Document, node: Node | None, why: str) -> NoReturn:
    """Raise `EditRefused` with where it is."""
    start = document.span(node.start, node.end).start if node is not None else document.span(0, 0).start
    raise EditRefused(f"{document.path}:{start.line}:{start.column}: {why}")
