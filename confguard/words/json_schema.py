"""What JSON Schemas are made of here, whoever makes one: of a kind that is known, or of a config as its code reads it."""

from __future__ import annotations

from collections.abc import Sequence

from confguard.words.typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"

JSON_TYPES = {
    "bool": "boolean",
    "dict": "object",
    "float": "number",
    "int": "integer",
    "list": "array",
    "null": "null",
    "str": "string",
    "switch": "boolean",
    "tuple": "array",
    "whole": "integer",
}
"""JSON's name of each type, by the words of `ACCEPTS`, which for most are Python's own names."""

Schema = dict[str, Any]


def put(root: Schema, path: Sequence[Any], leaf: Schema) -> Schema:
    """Put a leaf where its path says; the items of a list share one schema. The schema of what holds it."""
    here = root
    for index, key in enumerate(path):
        is_last = index == len(path) - 1
        holder = here
        if isinstance(key, int):
            here = holder.setdefault("items", leaf if is_last else {})
        else:
            here = holder.setdefault("properties", {}).setdefault(str(key), leaf if is_last else {})
        if not is_last:
            here.setdefault("type", "array" if isinstance(path[index + 1], int) else "object")
    return holder


def need(holder: Schema, key: str) -> None:
    """Let a mapping need a key."""
    if key not in holder.setdefault("required", []):
        holder["required"].append(key)
