"""What holds for the files of one project: its rules and severities, its waivers, its reference."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from confguard.document.fit import recipe_of
from confguard.document.source import Reading, read_bytes
from confguard.project.kind import kind_in
from confguard.project.project import Project
from confguard.words.cannot import CannotRun
from confguard.words.catalogue import Catalogue
from confguard.words.recipe import Recipe
from confguard.words.rule import CONTEXT, Rule
from confguard.words.shape import Shape
from confguard.words.spelling import nearest
from confguard.words.typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from confguard.checking.waive import Waivers
    from confguard.words.target import Target


_AUDIT = "AUDIT"
"""The letters of the rules that an audit of the project's code decides."""
BY_ALL_FILES = ("WAIVE002",)
"""Rules that only a check of all files of a project can decide."""


class BadUsage(CannotRun):
    """Something asked for that cannot be done; the message says what to do."""


class Options(NamedTuple):
    """What a command line asks for beyond the files."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    reference: str | None = None
    sets: tuple[tuple[str, str], ...] = ()
    target: tuple[tuple[str, str], ...] = ()
    """Releases by library, instead of those that the project has."""
    world_size: int | None = None

    def for_paths(self, paths: Iterable[str]) -> Options:
        """The same, for what was named: of single files, which a hook names, nothing is said that the others have a say in."""
        return self if any(map(os.path.isdir, paths)) else self._replace(ignore=self.ignore + BY_ALL_FILES)


class Setting(NamedTuple):
    """What holds for all files of one project."""

    project: Project
    rules: dict[str, Rule]
    """The rules that run, by code: the catalogue's and the project's own."""
    judged: dict[tuple[str, Target | None], list[Rule]]
    """Those of them that can speak of a recipe, by its kind and target: it has their inputs, and so has this run."""
    waivers: Waivers | None
    references: dict[str, Recipe]
    """The reference's recipes, by kind."""
    of_kind: Callable[[str], dict[str, Rule]]
    """The rules that run for a kind; loaded when there is such a file."""
    has_faults: bool
    """Whether any of the rules is one that a key or a value breaks by itself, which takes its time to be told."""
    audits: bool
    """Whether the project names its code, and any of the rules is about what that makes of the keys."""

    def severity(self, code: str, usual: str) -> str:
        """The severity of a rule: as the project sets it for its code, or for its topic."""
        severities = self.project.severity
        if not severities:
            return usual
        best = max((prefix for prefix in severities if code.startswith(prefix)), key=len, default=None)
        return severities[best] if best else usual

    def judging(self, shape: Shape) -> list[Rule]:
        """The rules that can speak of a file of a shape."""
        key = (shape.kind, shape.target)
        if key not in self.judged:
            self.rules.update(self.of_kind(shape.kind))
            there = (("reference", self.references), ("run_name_template", self.project.run_name), ("target", shape.target))
            absent = {name for name, given in there if not given}
            self.judged[key] = [rule for rule in self.rules.values() if rule.is_judged and _can_speak(rule, shape, absent)]
        return self.judged[key]

    def could_run(self) -> set[str]:
        """The codes of the rules that had what they need; without a reference, those that compare with one did not."""
        return {rule.code for rule in self.rules.values() if self.references or "reference" not in rule.inputs}


def setting_of(project: Project, catalogue: Catalogue, options: Options, read: Reading = read_bytes) -> Setting:
    """The setting of a project under the options of a run; raises `BadProject`, `BadUsage`, `Unreadable`."""
    of_code = catalogue.rules.of_code(_AUDIT) if project.code else {}
    rules = _selected({**catalogue.rules.common, **of_code}, project, catalogue, options)
    references = _references(project, catalogue, options, read)
    audits = not rules.keys().isdisjoint(of_code)
    has_faults = any(not rule.is_judged and code not in of_code for code, rule in rules.items())

    def of_kind(kind: str) -> dict[str, Rule]:
        return _selected(catalogue.rules.of(kind), project, catalogue, options)

    return Setting(project, rules, {}, _waivers(project, catalogue), references, of_kind, has_faults, audits)


def _can_speak(rule: Rule, shape: Shape, absent: set[str]) -> bool:
    if rule.kinds and shape.kind not in rule.kinds:
        return False
    return not absent.intersection(rule.inputs) and all(name in shape.names or name in CONTEXT for name in rule.inputs)


def _selected(known: Mapping[str, Rule], project: Project, catalogue: Catalogue, options: Options) -> dict[str, Rule]:
    """All known rules, or those selected, less those ignored; the project's own among them."""
    rules = dict(known)
    if project.custom:
        from confguard.checking.custom import custom_rules

        rules.update({rule.code: rule for rule in custom_rules(project, catalogue)})
    select = options.select or project.select
    ignore = options.ignore + project.ignore
    for code in (*select, *ignore, *project.severity):
        if not any(known.startswith(code) for known in rules) and not catalogue.rules.has(code):
            close = nearest(code, [*rules, *catalogue.rules])
            raise BadUsage(f"there is no rule {code}" + (f"; did you mean {close}?" if close else ""))
    if select:
        rules = {code: rule for code, rule in rules.items() if code.startswith(select)}
    return {code: rule for code, rule in rules.items() if not code.startswith(ignore)} if ignore else rules


def _waivers(project: Project, catalogue: Catalogue) -> Waivers | None:
    if not project.waivers:
        return None
    from confguard.checking.waive import Waivers
    from confguard.project.waivers import waivers_of

    waivers_of(project, catalogue)
    return Waivers(project, catalogue)


def _references(project: Project, catalogue: Catalogue, options: Options, read: Reading) -> dict[str, Recipe]:
    """The command line's reference before the one that the project file calls `reference`."""
    asked = options.reference or ("reference" if "reference" in project.references else None)
    if asked is None:
        return {}
    from confguard.project.reference import documents_of

    recipes: dict[str, Recipe] = {}
    for document in documents_of(asked, project, catalogue, read):
        shape = kind_in(project._replace(files={}), document, catalogue)
        if shape is not None and shape.kind not in recipes:
            recipes[shape.kind] = recipe_of(document, shape)
    if not recipes:
        raise BadUsage(f"the reference {asked} holds no config of a kind that confguard knows")
    return recipes
