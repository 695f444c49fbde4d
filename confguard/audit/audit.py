"""An audit: configs and code in, what becomes of each key out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from confguard.audit.asked import Spot
from confguard.audit.config import Config
from confguard.audit.follow import Entry, follow
from confguard.audit.modules import Modules, Problem
from confguard.audit.places import Site
from confguard.audit.twins import Twin, twins_of
from confguard.audit.verdict import PHANTOM, UNKNOWN, Default, Verdict, defaults, verdicts
from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes


class Audit(NamedTuple):
    """What was found. `problems` are files of the code that could not be followed; `opened` is where each config is loaded."""

    configs: list[Config]
    verdicts: list[Verdict]
    defaults: list[Default]
    problems: list[Problem]
    opened: dict[Config, Site]
    offers: dict[Spot, list[tuple[Site, Any]]]
    """The literal defaults that the code has, by key, whether or not the config has it."""
    files: int
    """How many Python files the code has."""
    lines: Callable[[Site], str]
    """The text of a line of the code."""

    def counts(self) -> dict[str, int]:
        """How many keys there are of each class."""
        found: dict[str, int] = {}
        for verdict in self.verdicts:
            found[verdict.kind] = found.get(verdict.kind, 0) + 1
        return found


def config_of(path: str, data: bytes | None = None) -> Config:
    """A config to ask about; raises `Unreadable` for one that cannot be read as YAML."""
    document = Document(path, read_bytes(path) if data is None else data)
    config = Config(path, document, is_asked=True)
    if document.refused is not None and not config.leaves:
        raise Unreadable(f"{path}: {document.refused.message}")
    return config


def audit(configs: Sequence[Config], code: Sequence[str], entries: Sequence[Entry], meaning: Callable[[str], str | None]) -> Audit:
    """Follow configs through the code. Raises `Unreadable` for code that is not there."""
    for path in code:
        if not os.path.exists(path):
            raise Unreadable(f"{path}: no such file or folder")
    modules = Modules(code)
    machine = follow(modules, list(configs), entries)
    found = [_in_doubt(verdict, modules.problems) for verdict in verdicts(machine)]
    phantoms = [verdict for verdict in found if verdict.kind == PHANTOM]
    near = {site.file for sites in (*machine.trace.used.values(), *machine.trace.named.values()) for site in sites}
    names = {str(verdict.leaf.path[-1]) for verdict in phantoms}
    telling = [
        module for module in modules.all if module.tree is not None and (module.path in near or any(name in module.text for name in names))
    ]
    twins = twins_of([verdict.leaf.path for verdict in phantoms], telling, modules.tree, meaning)
    found = [_with_twin(verdict, twins.get(verdict.leaf.path)) for verdict in found]
    problems = modules.problems
    if machine.is_incomplete():
        problems = [*problems, Problem(", ".join(code), "too much to be followed to its end: defaults may be missing here", "")]
    by_path = {module.path: module for module in modules.all}

    def line(site: Site) -> str:
        module = by_path.get(site.file)
        return module.line(site.line) if module is not None else _line_of(configs, site)

    return Audit(
        list(configs),
        found,
        list(defaults(machine)),
        problems,
        machine.trace.opened,
        machine.trace.defaults,
        len(modules.all),
        line,
    )


def _line_of(configs: Sequence[Config], site: Site) -> str:
    return next((config.document.line(site.line) for config in configs if config.path == site.file), "")


def _with_twin(verdict: Verdict, twin: Twin | None) -> Verdict:
    return verdict._replace(twin=twin) if verdict.kind == PHANTOM and twin is not None else verdict


def _in_doubt(verdict: Verdict, problems: Sequence[Problem]) -> Verdict:
    """A key that nothing reads, but whose name stands in a file that could not be read, is not called a phantom."""
    if verdict.kind == PHANTOM:
        name = str(verdict.leaf.path[-1])
        for problem in problems:
            if re.search(rf"\b{re.escape(name)}\b", problem.text):
                return verdict._replace(kind=UNKNOWN, note=f"{problem.path} could not be followed ({problem.why}), and has its name")
    return verdict
