"""The flow of a check: bytes, document, kind, recipe, rules, waivers, findings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from confguard.check.fit import fit, kind_of
from confguard.check.judge import finding_of_broken, finding_of_fault
from confguard.check.links import Links
from confguard.check.project import BadProject, Project, find_project
from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes, read_stdin
from confguard.document.tree import MAPPING
from confguard.words.catalogue import Catalogue
from confguard.words.finding import SEVERITIES, Finding, at_least
from confguard.words.recipe import Comment, Recipe
from confguard.words.rule import Rule, judge
from confguard.words.shape import Fault, Shape, nearest

STDIN = "<stdin>"


class Options(NamedTuple):
    """What a command line asks for beyond the files."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    reference: str | None = None
    sets: tuple[tuple[str, str], ...] = ()


class Checked(NamedTuple):
    """One file after the check: its kind, or None where it was skipped; its document, for showing lines."""

    path: str
    kind: str | None
    why_skipped: str | None


class Report(NamedTuple):
    """Everything a check found. `problems` are what kept a file from being checked at all."""

    files: list[Checked]
    findings: list[Finding]
    problems: list[str]
    documents: dict[str, Document]

    def count(self, severity: str) -> int:
        """How many unwaived findings of a severity there are."""
        return sum(finding.severity == severity and finding.waiver is None for finding in self.findings)

    def fails(self, level: str) -> bool:
        """Whether any unwaived finding is as bad as `level`, or worse."""
        return any(finding.waiver is None and at_least(finding.severity, level) for finding in self.findings)


class BadUsage(Exception):
    """Something asked for that cannot be done; the message says what to do."""


def check(paths: Iterable[str], catalogue: Catalogue, options: Options = Options()) -> Report:
    """Check files, in the order given. Raises `BadProject`, `BadUsage`; a file that cannot be read becomes a problem."""
    return _Check(catalogue, options).run(paths)


class _Setting(NamedTuple):
    """What holds for all files of one project: its rules, severities, waivers, and reference recipes by kind."""

    project: Project
    rules: dict[str, Rule]
    judged: list[Rule]
    waivers: Any
    references: dict[str, Recipe]


class _Check:
    def __init__(self, catalogue: Catalogue, options: Options) -> None:
        self.catalogue = catalogue
        self.options = options
        self.links = Links(catalogue.shapes, catalogue.profiles)
        self.settings: dict[str, _Setting] = {}
        self.by_root: dict[str, _Setting] = {}
        self.report = Report([], [], [], {})
        self.told: set[tuple[str, str, str | None, int]] = set()

    def run(self, paths: Iterable[str]) -> Report:
        for path in paths:
            try:
                data = read_stdin() if path == "-" else read_bytes(path)
            except Unreadable as error:
                self.report.problems.append(str(error))
                continue
            self.file(STDIN if path == "-" else path, data)
        for setting in self.by_root.values():
            if setting.waivers is not None:
                self.tell(setting, list(setting.waivers.findings()), None)
        self.report.findings.sort(key=_order)
        return self.report

    def file(self, path: str, data: bytes) -> None:
        """Check one file's bytes."""
        folder = os.path.dirname(path) if path != STDIN else ""
        setting = self.settings.get(folder)
        if setting is None:
            setting = self.settings[folder] = self.setting(folder)
        document = Document(path, data)
        shape, why = self.kind(document, setting.project)
        self.report.files.append(Checked(path, shape.kind if shape else None, why))
        if shape is None:
            return
        self.report.documents[path] = document
        for key, value in self.options.sets:
            document.override(self.path_of(key, shape), value)
        findings, recipe, ignores = self.judge_document(document, shape, setting)
        if setting.waivers is not None and recipe is not None:
            findings = setting.waivers.honour(findings, recipe, setting.references.get(shape.kind))
        self.tell(setting, findings, ignores, document)

    def judge_document(self, document: Document, shape: Shape, setting: _Setting) -> tuple[list[Finding], Recipe | None, Any]:
        """All findings of one document, before waivers."""
        rules = setting.rules
        faults = list(document.faults())
        recipe = None
        broken: list[Finding] = []
        if document.root is not None and document.root.kind == MAPPING:
            recipe, misfits = fit(document, shape, setting.project.extension_keys)
            faults += misfits
            context = self.context(document, recipe, shape, setting)
            broken = [finding_of_broken(document, rule, verdict, owner) for rule, verdict, owner in judge(recipe, setting.judged, context)]
        elif document.refused is None:
            faults.append(_no_mapping(document, shape))
        found = [finding_of_fault(document, rules[fault.code], fault) for fault in faults if fault.code in rules]
        return found + broken, recipe, _ignores(document)

    def context(self, document: Document, recipe: Recipe, shape: Shape, setting: _Setting) -> dict[str, Any]:
        """The inputs of rules that are no parameters."""
        context: dict[str, Any] = {"comments": comments(document, recipe), "secrets": document.secrets()}
        reference = setting.references.get(shape.kind)
        if reference is not None:
            context["reference"] = reference
        if setting.project.run_name is not None:
            context["run_name_template"] = setting.project.run_name
        for parameter, kind in shape.links.items():
            asked = recipe.values.get(parameter)
            if isinstance(asked, str) and asked and "${" not in asked:
                config = "." if document.path == STDIN else document.path
                context["executor"] = self.links.follow(asked, config, setting.project.root, kind)
        return context

    def tell(self, setting: _Setting, findings: list[Finding], ignores: Any, document: Document | None = None) -> None:
        """Add findings to the report: severities as the project sets them, ignores honoured, each said once."""
        if ignores:
            from confguard.check.waive import ignore_findings, ignored

            assert document is not None
            findings = [ignored(finding, ignores) if finding.file == document.path else finding for finding in findings]
            could_run = {rule.code for rule in setting.rules.values() if setting.references or "reference" not in rule.inputs}
            findings += list(ignore_findings(document, ignores, self.catalogue, could_run))
        severities = setting.project.severity
        for finding in findings:
            if finding.code not in setting.rules:
                continue
            if severities:
                finding = finding._replace(severity=_severity(finding, severities))
            identity = (finding.code, os.path.abspath(finding.file), finding.key, finding.span.start.offset)
            if identity not in self.told:
                self.told.add(identity)
                self.report.findings.append(finding)
                self.show_from(finding)

    def show_from(self, finding: Finding) -> None:
        """Keep the document that a finding lies in, if it is not one of those that were checked."""
        if finding.file not in self.report.documents and os.path.isfile(finding.file):
            self.report.documents[finding.file] = Document(finding.file, read_bytes(finding.file))

    def setting(self, folder: str) -> _Setting:
        """What holds for the files of a folder."""
        project = find_project(folder)
        if project.root in self.by_root:
            return self.by_root[project.root]
        rules = self.selected(project)
        waivers = None
        if project.waivers:
            import datetime

            from confguard.check.waive import Waivers

            self.known_waivers(project)
            waivers = Waivers(project, self.catalogue, datetime.date.today())
        setting = _Setting(
            project,
            rules,
            [rule for rule in rules.values() if rule.function is not None],
            waivers,
            self.references(project),
        )
        self.by_root[project.root] = setting
        return setting

    def known_waivers(self, project: Project) -> None:
        for waiver in project.waivers:
            if self.catalogue.parameter(waiver.parameter) is None:
                assert project.document is not None
                raise BadProject(f"{project.document.path}:{waiver.line}: there is no parameter `{waiver.parameter}` to waive")

    def selected(self, project: Project) -> dict[str, Rule]:
        """The rules that run: all, or those selected, less those ignored; the project's own among them."""
        rules = dict(self.catalogue.rules)
        if project.custom:
            from confguard.check.custom import custom_rules

            rules.update({rule.code: rule for rule in custom_rules(project, self.catalogue)})
        select = self.options.select or project.select
        ignore = self.options.ignore + project.ignore
        for code in (*select, *ignore, *project.severity):
            if not any(known.startswith(code) for known in rules):
                close = nearest(code, rules)
                raise BadUsage(f"there is no rule {code}" + (f"; did you mean {close}?" if close else ""))
        if select:
            rules = {code: rule for code, rule in rules.items() if code.startswith(select)}
        return {code: rule for code, rule in rules.items() if not code.startswith(ignore)} if ignore else rules

    def references(self, project: Project) -> dict[str, Recipe]:
        """The reference's recipes by kind; the command line's reference before the project file's."""
        asked = self.options.reference or ("reference" if "reference" in project.references else None)
        if asked is None:
            return {}
        from confguard.check.reference import documents_of

        recipes: dict[str, Recipe] = {}
        for document in documents_of(asked, project, self.catalogue):
            shape = kind_of(document, self.catalogue.shapes)
            if shape is not None and shape.kind not in recipes:
                recipes[shape.kind] = fit(document, shape)[0]
        if not recipes:
            raise BadUsage(f"the reference {asked} holds no config of a kind that confguard knows")
        return recipes

    def kind(self, document: Document, project: Project) -> tuple[Shape | None, str | None]:
        """The shape of a document; or None, and why it is skipped."""
        for pattern, kind in project.files.items():
            if _matches(document.path, pattern, project.root):
                shape = self.catalogue.shape(kind)
                if shape is None:
                    known = ", ".join(shape.kind for shape in self.catalogue.shapes)
                    raise BadUsage(f"{pattern} in the project file: there is no kind {kind} (there are: {known})")
                return shape, None
        if document.refused is None:
            shape = kind_of(document, self.catalogue.shapes)
            return shape, None if shape else "no kind of config that confguard knows"
        for shape in self.catalogue.shapes:
            if re.search(rf"^[ \t\ufeff]*[\"']?(?:{'|'.join(shape.telltales)})[\"']?[ \t]*:", document.text, re.MULTILINE):
                return shape, None
        return None, "not readable as YAML, and nothing in it looks like a config that confguard knows"

    def path_of(self, key: str, shape: Shape) -> str:
        """The dotted path that a `--set` key means in a kind of file."""
        parameter = shape.parameter(key)
        return shape.names[parameter] if parameter else key


def comments(document: Document, recipe: Recipe) -> list[Comment]:
    """The comments of a document, each with the parameter whose value ends on the same line."""
    offsets = document.comments()
    if not offsets:
        return []
    text = document.text
    values = sorted((place.value[1], parameter) for parameter, place in recipe.places.items() if place.value)
    found = []
    index = 0
    for start, end in offsets:
        while index < len(values) and values[index][0] <= start:
            index += 1
        value_end, parameter = values[index - 1] if index else (0, None)
        same_line = parameter is not None and text.find("\n", value_end, start) < 0
        found.append(Comment(text[start + 1 : end].strip(), start, end, parameter if same_line else None))
    return found


def _ignores(document: Document) -> Any:
    if "confguard:" not in document.text:
        return []
    from confguard.check.waive import ignores

    return ignores(document)


def _no_mapping(document: Document, shape: Shape) -> Fault:
    root = document.root
    what = "empty" if root is None else f"a {root.kind}"
    place = document.place("", None, root)
    return Fault("YAML004", f"the file is {what}; {shape.kind} is a mapping of keys to values", place, "write key: value lines")


def _severity(finding: Finding, severities: Mapping[str, str]) -> str:
    best = max((code for code in severities if finding.code.startswith(code)), key=len, default=None)
    return severities[best] if best else finding.severity


def _matches(path: str, pattern: str, root: str) -> bool:
    from fnmatch import fnmatch

    relative = os.path.relpath(path, root).replace(os.sep, "/") if path != STDIN else path
    return fnmatch(relative, pattern)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.span.start.offset, -SEVERITIES.index(finding.severity), finding.code


def files(paths: Iterable[str]) -> Iterator[str]:
    """The files to check for the paths of a command line."""
    from confguard.check.discover import files_of

    return files_of(paths)


__all__ = ["STDIN", "BadUsage", "Checked", "Options", "Report", "check", "files"]
