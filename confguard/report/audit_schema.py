"""A JSON Schema of a config as the code reads it: a proposal for a project whose kind confguard does not know."""

from __future__ import annotations

from collections.abc import Iterable

from confguard.audit.audit import Audit
from confguard.audit.verdict import ABSENT_KEY, HIDDEN, PASSED_ON, PHANTOM, READ, SHADOWED, Verdict
from confguard.report.audit_words import place, safe
from confguard.report.json import to_text
from confguard.words.secret import mask
from confguard.words.typing import Any

_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
    type(None): "null",
}
_Path = tuple[Any, ...]


def audit_schema(found: Audit) -> str:
    """The keys that the code asks for, with the types of their values and defaults; what no code reads is left out."""
    (config,) = found.configs
    root: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": mask(config.path), "type": "object"}
    optional = {_pattern(default.path) for default in found.defaults if default.kind == HIDDEN}
    for verdict in found.verdicts:
        if verdict.kind not in (PHANTOM, SHADOWED):
            defaults = [value for _, value in found.offers.get((config, verdict.leaf.path), ())]
            is_needed = verdict.kind == READ and not defaults and _pattern(verdict.leaf.path) not in optional
            _put(root, verdict.leaf.path, _leaf(verdict, defaults), is_needed)
    for default in found.defaults:
        if default.kind in (HIDDEN, ABSENT_KEY):
            where = ", ".join(place(site) for site in default.sites)
            told = {**_typed(default.values), "description": f"not in the file; asked for at {where}"}
            _put(root, default.path, _with_default(told, default.path, default.values), default.kind == ABSENT_KEY)
    return to_text(root)


def _pattern(path: _Path) -> _Path:
    """A path in any item of a list."""
    return tuple("[]" if isinstance(key, int) else key for key in path)


def _leaf(verdict: Verdict, defaults: list[Any]) -> dict[str, Any]:
    where = ", ".join(place(site) for site in verdict.reads)
    verb = "goes whole to what is not in the code at" if verdict.kind == PASSED_ON else "read at"
    goes = f", for {mask(verdict.into)}" if verdict.into and verdict.kind == READ else ""
    leaf = {**_typed([verdict.leaf.data, *defaults]), "description": f"{verb} {where}{goes}"}
    return _with_default(leaf, verdict.leaf.path, defaults)


def _with_default(leaf: dict[str, Any], path: _Path, defaults: Iterable[Any]) -> dict[str, Any]:
    first = list(defaults)[:1]
    return {**leaf, "default": safe(path, first[0])} if first else leaf


def _typed(values: Iterable[Any]) -> dict[str, Any]:
    """The types of values; a whole number is a number, too."""
    types = list(dict.fromkeys(_TYPES.get(type(value), "string") for value in values))
    if "number" in types and "integer" in types:
        types.remove("integer")
    if not types:
        return {}
    return {"type": types[0] if len(types) == 1 else types}


def _put(root: dict[str, Any], path: _Path, leaf: dict[str, Any], is_needed: bool) -> None:
    """Put a leaf where its path says; the items of a list share one schema."""
    here = root
    for index, key in enumerate(path):
        is_last = index == len(path) - 1
        if isinstance(key, int):
            below = here.setdefault("items", {}) if not is_last else here.setdefault("items", leaf)
        else:
            properties = here.setdefault("properties", {})
            below = properties.setdefault(str(key), leaf if is_last else {})
            if is_last and is_needed and str(key) not in here.setdefault("required", []):
                here["required"].append(str(key))
        if not is_last:
            below.setdefault("type", "array" if isinstance(path[index + 1], int) else "object")
        here = below
