"""What the code of a project makes of the files that were checked: an audit, once for each project, as findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

from confguard.audit.audit import Audit, audit, config_of
from confguard.audit.config import Config
from confguard.audit.places import ABSENT, Site
from confguard.audit.verdict import ABSENT_KEY, CONFLICT, DEAD, HIDDEN, PHANTOM, SHADOWED, Default, Verdict
from confguard.checking.setting import Setting
from confguard.checking.waive import Ignore
from confguard.document.document import Document
from confguard.document.nodes import MAPPING
from confguard.document.nodes import Node as YamlNode
from confguard.project.project import Project
from confguard.words.finding import Finding
from confguard.words.rule import Rule
from confguard.words.secret import mask, without_secrets
from confguard.words.shape import Shape
from confguard.words.spelling import listed, show
from confguard.words.typing import NamedTuple
from confguard.words.waiver import Waiver

MOST_SITES = 3
"""Lines of the code that a message names; whoever looks at three finds the others."""


class Waiting(NamedTuple):
    """A checked file of which the code is still to be asked, with the waivers in force by key, and its ignores."""

    document: Document
    shape: Shape
    setting: Setting
    wanted: dict[str, Waiver]
    ignores: list[Ignore]


class Said(NamedTuple):
    """A finding in the making: its code, what is said, what to do, the key, and its offsets."""

    code: str
    message: str
    help: str
    key: str | None
    span: tuple[int, int]


def findings_by_file(waiting: Iterable[Waiting]) -> Iterator[tuple[Waiting, list[Finding]]]:
    """What the code of each file's project makes of its keys. Raises `Unreadable` for code that went away."""
    by_project: dict[str, list[Waiting]] = {}
    for item in waiting:
        if _is_of_reference(item):
            yield item, []
            continue
        by_project.setdefault(item.setting.project.root, []).append(item)
    for items in by_project.values():
        found = audit_of([item.document for item in items], items[0].setting.project, [item.shape for item in items])
        for item, config in zip(items, found.configs, strict=True):
            yield item, [_finding(said, config, item.setting.rules) for said in _said(found, config) if said.code in item.setting.rules]


def _is_of_reference(item: Waiting) -> bool:
    """Whether a file is what others are compared with: the code reads them, and need not read it."""
    project = item.setting.project
    named = project.references.get("reference", ":")
    inside = os.path.relpath(item.document.path, os.path.join(project.root, named))
    return ":" not in named and inside.split(os.sep)[0] != os.pardir


def unread_of(documents: Sequence[Document], project: Project, shapes: Sequence[Shape]) -> dict[str, frozenset[str]]:
    """The keys and whole sections, by file, that no code of a project reads; of a file that no code opens nothing is known."""
    found = audit_of(documents, project, shapes)
    return {config.path: frozenset(_unread(found, config)) if config in found.opened else frozenset() for config in found.configs}


def audit_of(documents: Sequence[Document], project: Project, shapes: Sequence[Shape]) -> Audit:
    """The audit of some documents by the code of their project; what a command line lays over them is no part of it."""
    configs = [config_of(document.path, document.encoded(document.text)) for document in documents]
    return audit(configs, [os.path.relpath(os.path.join(project.root, path)) for path in project.code], (), _meaning(shapes))


def _meaning(shapes: Iterable[Shape]) -> Callable[[str], str | None]:
    kinds = tuple({shape.kind: shape for shape in shapes}.values())

    @cache
    def meaning(name: str) -> str | None:
        return next((found for shape in kinds if (found := shape.parameter(name))), None)

    return meaning


def _unread(found: Audit, config: Config) -> Iterator[str]:
    of_config = [verdict for verdict in found.verdicts if verdict.config is config]
    yield from (verdict.leaf.key for verdict in of_config if verdict.kind == PHANTOM)
    alive = {section for verdict in of_config if verdict.kind != PHANTOM for section in _sections(verdict.leaf.key)}
    yield from {section for verdict in of_config for section in _sections(verdict.leaf.key)} - alive


def _sections(key: str) -> Iterator[str]:
    """The paths of the sections that a key lies in."""
    return (key[:index] for index, char in enumerate(key) if char in ".[")


# --- what is said ---


def _said(found: Audit, config: Config) -> Iterator[Said]:
    verdicts = [verdict for verdict in found.verdicts if verdict.config is config]
    if config not in found.opened and verdicts and all(verdict.kind == PHANTOM for verdict in verdicts):
        yield Said("AUDIT001", "no code opens this file", "remove it, or let the code open it; `code` may name too little", None, (0, 0))
        return
    defaults = [default for default in found.defaults if default.config is config]
    wanted = {default.path[-1]: default for default in defaults if default.path and default.kind in (HIDDEN, ABSENT_KEY)}
    for verdict in verdicts:
        if verdict.kind in _OF_KEYS and not (verdict.kind == SHADOWED and verdict.into):  # a config that lies over another is meant to
            yield _OF_KEYS[verdict.kind](verdict, wanted.get(verdict.leaf.path[-1]))
    for default in defaults:
        if default.kind in _OF_DEFAULTS and config.at(default.path) is ABSENT:  # a default of a key that is there does nothing
            yield _OF_DEFAULTS[default.kind](default)


def _phantom(verdict: Verdict, wanted: Default | None) -> Said:
    key = verdict.leaf.key
    message, help_ = f"`{key}` is read by no code", "remove it, or let the code read it"
    if verdict.twin is not None:
        message += f"; {_line(verdict.twin.site)} has {verdict.twin.text}"
        help_ = "change the value there, or let the code read the key"
    elif wanted is not None:
        message += f"; the code asks for `{wanted.key}` ({_lines(wanted.sites)})"
        help_ = "move it to where the code asks for it"
    return Said("AUDIT001", message, help_, key, verdict.leaf.span)


def _shadowed(verdict: Verdict, wanted: Default | None) -> Said:
    key = verdict.leaf.key
    message = f"`{key}` is overwritten before anything reads it ({_lines(verdict.reads)})"
    return Said("AUDIT004", message, "remove the key, or what overwrites it", key, verdict.leaf.span)


def _dead(verdict: Verdict, wanted: Default | None) -> Said:
    key = verdict.leaf.key
    message = f"`{key}` has no effect: it is {verdict.note} ({_lines(verdict.reads)})"
    return Said("AUDIT006", message, "remove it, or let the code use it", key, verdict.leaf.span)


def _hidden(default: Default) -> Said:
    message = f"`{default.key}` is not in the file; the code's own default rules: {_values(default)} ({_lines(default.sites)})"
    return Said("AUDIT002", message, "write the key, so that its value is seen", default.key, _place(default))


def _conflict(default: Default) -> Said:
    message = f"the code has different defaults for `{default.key}`: {_values(default)} ({_lines(default.sites)})"
    return Said("AUDIT003", message, "write the key, or give it one default in the code", default.key, _place(default))


def _needed(default: Default) -> Said:
    message = f"the code asks for `{default.key}` without a default ({_lines(default.sites)}), and the file does not have it"
    return Said("AUDIT005", message, "write the key", default.key, _place(default))


_OF_KEYS: dict[str, Callable[[Verdict, Default | None], Said]] = {PHANTOM: _phantom, SHADOWED: _shadowed, DEAD: _dead}
_OF_DEFAULTS: dict[str, Callable[[Default], Said]] = {HIDDEN: _hidden, CONFLICT: _conflict, ABSENT_KEY: _needed}


def _values(default: Default) -> str:
    name = str(default.path[-1]) if default.path else ""
    return listed([show(without_secrets(value, name)) for value in default.values])


def _line(site: Site) -> str:
    return f"{os.path.normpath(site.file)}:{site.line}"


def _lines(sites: Sequence[Site]) -> str:
    more = len(sites) - MOST_SITES
    return ", ".join(map(_line, sites[:MOST_SITES])) + (f" and {more} more" if more > 0 else "")


# --- where it stands ---


def _finding(said: Said, config: Config, rules: dict[str, Rule]) -> Finding:
    rule = rules[said.code]
    span = config.document.span(*said.span)
    keys = (said.key,) if said.key else ()
    return Finding(
        rule.code, rule.name, rule.severity, mask(said.message), said.key, keys, config.path, span, mask(said.help), None, rule.fails
    )


def _place(default: Default) -> tuple[int, int]:
    """The offsets of a key, of the nearest section above it where it is absent, or of the file's start."""
    found, node = (0, 0), default.config.document.root
    for part in default.path:
        if node is None or (below := _below(node, part)) is None:
            break
        key, node = below
        found = (key.start, key.end) if key is not None else found
    return found


def _below(node: YamlNode, part: str | int) -> tuple[YamlNode | None, YamlNode] | None:
    """The key and the value at one part of a path; an item of a list has no key."""
    node = node.resolved()
    if node.kind == MAPPING:
        return next(((key, value) for key, value in node.pairs() if key.resolved().text == str(part)), None)
    items = node.items
    return (None, items[part]) if isinstance(part, int) and -len(items) <= part < len(items) else None
