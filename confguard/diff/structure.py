"""Documents of no known kind, compared by structure with deepdiff."""

from __future__ import annotations

from typing import Any

from deepdiff import DeepDiff

from confguard.diff.row import DRIFT, GONE, NEW, Row
from confguard.document.document import Document, data
from confguard.document.scalars import YAML_12
from confguard.words.recipe import dotted

_STATUS = {
    "values_changed": DRIFT,
    "type_changes": DRIFT,
    "dictionary_item_added": NEW,
    "iterable_item_added": NEW,
    "dictionary_item_removed": GONE,
    "iterable_item_removed": GONE,
}


def structural_rows(reference: Document, current: Document) -> list[Row]:
    """The differences of two documents as YAML 1.2 reads them; what is the same has no row."""
    tree = DeepDiff(_data(reference), _data(current), view="tree")
    rows = []
    for kind, changes in tree.items():
        for change in changes:
            key = dotted(*change.path(output_format="list"))
            before = None if _STATUS[kind] == NEW else change.t1
            now = None if _STATUS[kind] == GONE else change.t2
            rows.append(Row(current.path, key, None, before, now, _STATUS[kind], False))
    return sorted(rows, key=lambda row: row.key)


def _data(document: Document) -> Any:
    return data(document.root, YAML_12) if document.root is not None else None
