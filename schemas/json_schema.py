"""A JSON Schema of a kind of file, for editors: its keys, types, choices and bounds, and what is known of each key.

It refuses what `confguard check` calls an error of one key by itself, and unknown keys; never a file that check accepts without either.
What several keys say together only check knows. Both are tested against each other (`tests/test_json_schema.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from confguard.schemas.bounds import Bounds, Condition, bounds_of, conditions_of, interval
from confguard.schemas.catalogue import CATALOGUE, RULES, newest
from confguard.schemas.described import About, about, about_former, about_native, described, refusal
from confguard.schemas.json_types import json_type
from confguard.schemas.norms import NORMS
from confguard.schemas.own_keys import own_keys
from confguard.schemas.releases.table import BASE, Field, names
from confguard.schemas.rules.batch import METHODS
from confguard.schemas.rules.values import Allowed, allowed_at
from confguard.schemas.trl.changes import outdated
from confguard.schemas.trl.commands import COMMANDS, Command
from confguard.schemas.trl.shapes import fields_of
from confguard.words.json_schema import DRAFT, Schema, need, put
from confguard.words.language import EN, Said
from confguard.words.shape import Key, Shape, fits
from confguard.words.target import PACKAGES, Target
from confguard.words.types import choices_of, wanted
from confguard.words.typing import Any

_LIMITED = Said(
    "Refuses what `confguard check` calls an error of one key by itself, and unknown keys. What keys say together only check knows.",
    "它拒绝 `confguard check` 判为错误的单个键和值，以及未知的键；多个键之间的关系只有 check 知道。",
)


def json_schema(kind: str, target: Target | None = None, lang: str = EN, extension_keys: Sequence[str] = ()) -> Schema:
    """The schema of a kind, for the newest releases that are known or for others; raises KeyError for an unknown kind.

    `extension_keys` are the project's own, which it lets pass.
    """
    shape = CATALOGUE.shape(kind)
    if shape is None:
        raise KeyError(kind)
    if shape.at is not None:
        shape = shape.at(target or newest())
    return _Making(shape, lang, extension_keys).schema()


class _Making:
    """One schema in the making."""

    def __init__(self, shape: Shape, lang: str, extension_keys: Sequence[str]) -> None:
        self.shape = shape
        self.lang = lang
        self.extension_keys = extension_keys
        self.bounds: Bounds = bounds_of(shape, RULES.of(shape.kind))
        self.command: Command | None = next((command for command in COMMANDS if shape.kind == f"trl-{command.word}"), None)
        self.fields: dict[str, Field] = {}
        self.allowed: dict[str, Allowed] = {}
        if self.command is not None and shape.target is not None:
            self.fields = fields_of(self.command, shape.target)
            self.allowed = allowed_at(shape.kind, shape.target)

    def schema(self) -> Schema:
        """The whole schema."""
        target = self.shape.target
        releases = [f"{package} {target.version(package)}" for package in PACKAGES] if target else []
        title = f"{self.shape.title} ({self.shape.kind})" + (f", {', '.join(releases)}" if releases else "")
        identity = ":".join(["urn:confguard", self.shape.kind, *(release.replace(" ", "-") for release in releases)])
        root: Schema = {"$schema": DRAFT, "$id": identity, "title": title, "description": _LIMITED.to(self.lang)}
        root |= {"type": "object", **self.section(self.shape.fields, "")}
        root["properties"] |= dict(self.former())
        if conditions := [self.condition(condition) for condition in conditions_of(self.shape.fields)]:
            root["allOf"] = conditions
        return root

    def section(self, fields: dict[str, Key], prefix: str) -> Schema:
        """The keys of a mapping."""
        found: Schema = {"properties": {name: self.property(name, key, prefix + name) for name, key in fields.items()}}
        if needed := [name for name, key in fields.items() if key.needed is True]:
            found["required"] = needed
        if own := own_keys(self.extension_keys, prefix):
            found["patternProperties"] = own
        return {**found, "additionalProperties": False}

    def property(self, name: str, key: Key, path: str) -> Schema:
        """One key: its type and bounds, and what is said of it."""
        limits = self.bounds.always.get(key.parameter or "", {})
        said: Schema = {"title": self.title(name, key, path), **described(self.about(name, key, path), self.lang)}
        if key.default is not None and fits(key, key.default):
            said["default"] = key.default
        if examples := self.examples(name, key):
            said["examples"] = examples
        if self.is_outdated(name):
            said["deprecated"] = True
        return {**said, **self.type(name, key, path), **limits}

    def title(self, name: str, key: Key, path: str) -> str:
        """What an editor writes above: the key, and its type in words; choices it lists by itself."""
        row = self.allowed.get(name)
        has_choices = choices_of(key.type) or (row is not None and row.is_always_read)
        return f"{path}: {'a choice' if has_choices else wanted(key.type)}"

    def type(self, name: str, key: Key, path: str) -> Schema:
        """The values that a key may have."""
        can_be_null = not self.shape.converts and not key.needed
        mapping = {"type": ["object", "null"] if can_be_null else "object"}
        if key.type == "section":
            return {**mapping, **self.section(key.fields or {}, path + ".")}
        if key.type == "each":
            entry = f"{path}.*"
            said = {"title": self.title(name, Key("section"), entry), **described(about(Key("section"), entry, ""), self.lang)}
            return {**mapping, "additionalProperties": {**said, "type": "object", **self.section(key.fields or {}, f"{entry}.")}}
        if key.type.startswith("map["):
            return {**mapping, "additionalProperties": {**json_type(key.type[4:-1], self.shape.converts), **_message(path, key.type[4:-1])}}
        row = self.allowed.get(name)
        if row is not None and row.is_always_read:
            return _one_of(row.values, key.type)
        found = json_type(key.type, self.shape.converts, with_null=can_be_null)
        return {**found, **_message(path, key.type)} if "type" in found else found

    def about(self, name: str, key: Key, path: str) -> About:
        """What is known of a key."""
        range_ = interval(self.bounds.of(key.parameter or ""))
        if self.command is None or self.shape.target is None:
            return about(key, path, range_)
        return about_native(key, name, range_, self.command, self.fields.get(name), self.shape.target)

    def examples(self, name: str, key: Key) -> list[Any]:
        """What published configs use, or the names that a key has where it is read."""
        if (row := self.allowed.get(name)) is not None and not row.is_always_read:
            return list(row.values)
        method = METHODS.get(self.shape.kind)
        medians = [row.median for row in NORMS if row.method == method and row.parameter == key.parameter]
        return sorted({int(median) if float(median).is_integer() else median for median in medians})

    def is_outdated(self, name: str) -> bool:
        """Whether a key is still taken, but under another name as well or with a warning."""
        target = self.shape.target
        return self.command is not None and target is not None and outdated(self.command, name, target) is not None

    def former(self) -> Iterator[tuple[str, Schema]]:
        """Keys of other releases: each is refused, with what to do."""
        if self.command is None or self.shape.known is None:
            return
        ever = dict.fromkeys(name for owner in (*self.command.classes, BASE) for name in names(owner))
        own = own_keys(self.extension_keys, "")
        for name in ever:
            is_free = name not in self.shape.fields and not any(re.search(pattern, name) for pattern in own)
            known = self.shape.known(name) if is_free else None
            if known is not None and known.code.startswith("RELEASE"):
                said = described(about_former(self.command, name, known), self.lang)
                yield name, {**said, "deprecated": True, "doNotSuggest": True, "enum": [], "errorMessage": refusal(known)}

    def condition(self, condition: Condition) -> Schema:
        """What holds only while a parameter has a value, and what only while it has not."""
        found: Schema = {"if": {}, "then": {}, "else": {}}
        parameter, value = condition
        self.require(found["if"], self.shape.names[parameter], {"const": value})
        for branch, is_met in (("then", True), ("else", False)):
            for limited, limits in self.bounds.sometimes[condition, is_met].items():
                put(found[branch], self.shape.names[limited].split("."), dict(limits))
        for path, key in _leaves(self.shape.fields):
            if key.needed == condition:
                self.require(found["else"], path, {})
        return {word: branch for word, branch in found.items() if branch}

    def require(self, root: Schema, path: str, leaf: Schema) -> None:
        """Let a key be there, with all that leads to it."""
        names = path.split(".")
        for end in range(1, len(names) + 1):
            need(put(root, names[:end], leaf if end == len(names) else {"type": "object"}), names[end - 1])


def _leaves(fields: dict[str, Key], prefix: str = "") -> Iterator[tuple[str, Key]]:
    for name, key in fields.items():
        yield prefix + name, key
        if key.type == "section":
            yield from _leaves(key.fields or {}, f"{prefix}{name}.")


def _one_of(values: tuple[str, ...], type_: str) -> Schema:
    """Names, where only the trainer's code knows them; a list of such where the key takes one."""
    names: list[Any] = [*values, None] if "null" in type_.split(" | ") else [*values]
    if "list[" not in type_:
        return {"enum": names}
    return {"anyOf": [{"enum": names}, {"type": "array", "items": {"enum": list(values)}}]}


def _message(path: str, type_: str) -> Schema:
    """What an editor says of a value of another type."""
    return {"errorMessage": f"`{path}` should be {wanted(type_)}"} if type_ != "any" else {}
