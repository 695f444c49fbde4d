"""A JSON Schema of a config as the code reads it: a proposal for a project whose kind confguard does not know."""

from __future__ import annotations

from collections.abc import Iterable

from confguard.audit.audit import Audit
from confguard.audit.verdict import ABSENT_KEY, HIDDEN, PASSED_ON, PHANTOM, READ, SHADOWED, Verdict
from confguard.report.audit_words import place, safe
from confguard.report.json import to_text
from confguard.words.json_schema import DRAFT, JSON_TYPES, Schema, need, put
from confguard.words.secret import mask
from confguard.words.typing import Any

_Path = tuple[Any, ...]


def audit_schema(found: Audit) -> str:
    """The keys that the code asks for, with the types of their values and defaults; what no code reads is left out."""
    (config,) = found.configs
    root: Schema = {"$schema": DRAFT, "title": mask(config.path), "type": "object"}
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


def _leaf(verdict: Verdict, defaults: list[Any]) -> Schema:
    where = ", ".join(place(site) for site in verdict.reads)
    verb = "goes whole to what is not in the code at" if verdict.kind == PASSED_ON else "read at"
    goes = f", for {mask(verdict.into)}" if verdict.into and verdict.kind == READ else ""
    leaf = {**_typed([verdict.leaf.data, *defaults]), "description": f"{verb} {where}{goes}"}
    return _with_default(leaf, verdict.leaf.path, defaults)


def _with_default(leaf: Schema, path: _Path, defaults: Iterable[Any]) -> Schema:
    first = list(defaults)[:1]
    return {**leaf, "default": safe(path, first[0])} if first else leaf


def _typed(values: Iterable[Any]) -> Schema:
    """The types of values; a whole number is a number, too."""
    names = ("null" if value is None else type(value).__name__ for value in values)
    types = list(dict.fromkeys(JSON_TYPES.get(name, "string") for name in names))
    if "number" in types and "integer" in types:
        types.remove("integer")
    if not types:
        return {}
    return {"type": types[0] if len(types) == 1 else types}


def _put(root: Schema, path: _Path, leaf: Schema, is_needed: bool) -> None:
    """Put a leaf where its path says, and say whether what holds it needs it."""
    holder = put(root, path, leaf)
    if is_needed and not isinstance(path[-1], int):
        need(holder, str(path[-1]))
