"""Splices that someone else has made, such as the fixes of findings: told what they mean, so that they can be proved like all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from confguard.document.document import Document, data
from confguard.document.nodes import MAPPING, SCALAR, Node
from confguard.document.paths import Path
from confguard.document.scalars import YAML_11, YAML_12, BadScalar
from confguard.document.tree import Refused, parse
from confguard.edit.change import Edited
from confguard.edit.operations import Operation, Rename, Set, operated
from confguard.edit.splice import EditRefused, Splice, alike, prove, spliced
from confguard.edit.spot import refuse


def mended(document: Document, splices: Sequence[Splice]) -> Edited:
    """A document with splices made, each of which replaces one key, one value, or words of a comment. Raises `EditRefused`."""
    meant = [operation for splice in splices if (operation := _meaning(document, splice)) is not None]
    text = spliced(document.text, splices)
    return Edited(document, prove(document, text, lambda found: operated(found, meant)), list(splices))


def _meaning(document: Document, splice: Splice) -> Operation | None:
    """What a splice does to the data; None where it stands within a comment."""
    if any(start < splice.start and splice.end <= end for start, end in document.comments()):
        return None
    found = _touched(document.root, (), splice) if document.root is not None else None
    if found is None:
        raise EditRefused(f"{document.path}: an edit touches more than one key or value")
    path, node, is_key = found
    if node.resolved() is not node:
        refuse(document, node, "an alias stands there")
    value = _value_of(document, node, splice.text)
    return Rename(path, str(value)) if is_key else Set(path, value)


def _value_of(document: Document, node: Node, written: str) -> object:
    """What every reader finds in a text; raises `EditRefused` where they differ."""
    try:
        root = parse(written).root
        values = [None if root is None else data(root, reader) for reader in (YAML_11, YAML_12)]
    except (Refused, BadScalar) as error:
        refuse(document, node, f"the edit could not be read: {error}")
    if not alike(*values):
        refuse(document, node, f"readers differ on {written.strip()}")
    return values[0]


def _touched(node: Node, path: Path, splice: Splice) -> tuple[Path, Node, bool] | None:
    """The path of the key or value that a splice stands in place of, the node, and whether it is a key."""
    for name, key, value in _items(node):
        here = (*path, name)
        if key is not None and (key.start, key.end) == (splice.start, splice.end):
            return here, key, True
        if value.end == splice.end and _begins(key, value, splice):
            return here, value, False
        if value.kind != SCALAR and value.start <= splice.start and splice.end <= value.end and value.resolved() is value:
            return _touched(value, here, splice)
    return None


def _begins(key: Node | None, value: Node, splice: Splice) -> bool:
    """Whether a splice begins where a value does, or at the colon before it."""
    return splice.start == value.start or (key is not None and key.end < splice.start < value.start)


def _items(node: Node) -> Iterable[tuple[str | int, Node | None, Node]]:
    if node.kind == MAPPING:
        return ((key.resolved().text, key, value) for key, value in node.items)
    return ((place, None, item) for place, item in enumerate(node.items))
