"""The flow of a check: bytes, document, kind, recipe, rules, waivers, findings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from confguard.checking.judge import finding_of_broken, finding_of_fault
from confguard.checking.setting import Options, Setting, setting_of
from confguard.document.document import Document
from confguard.document.fit import family_of, fit, recipe_of
from confguard.document.nodes import MAPPING
from confguard.document.source import Reading, Unreadable, read_bytes, read_stdin
from confguard.project.discover import files_of
from confguard.project.find import find_project
from confguard.project.kind import is_excluded, kind_in
from confguard.project.project import Project
from confguard.words.catalogue import Catalogue
from confguard.words.finding import SEVERITIES, Finding, at_least
from confguard.words.recipe import Comment, Recipe
from confguard.words.rule import judge
from confguard.words.shape import Fault, Shape
from confguard.words.typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from confguard.checking.audited import Waiting
    from confguard.checking.links import Links
    from confguard.checking.waive import Ignore
    from confguard.project.target import Aim

STDIN = "<stdin>"
_EXCLUDED = "excluded by the project file"
_NO_KIND = "no kind of config that confguard knows"
_NO_YAML = "not readable as YAML, and nothing in it looks like a config that confguard knows"
_DIGIT = re.compile(r"\d")
MAX_BROKEN = 200
"""Broken rules that are told of one file; each can be broken by every executor of a file."""
MAX_COMMENT = 400
"""Characters of a comment that rules read; what a person wrote to be read is shorter."""


class Checked(NamedTuple):
    """One file after the check: its kind, or None and why it was skipped."""

    path: str
    kind: str | None
    why_skipped: str | None

    @property
    def is_missed(self) -> bool:
        """Whether it looks like a config of a kind that is known, and was not checked all the same."""
        return self.kind is None and self.why_skipped not in (_EXCLUDED, _NO_KIND, _NO_YAML)


class Report(NamedTuple):
    """Everything a check found. `problems` are what kept a file from being checked at all; `documents` show the lines."""

    files: list[Checked]
    findings: list[Finding]
    problems: list[str]
    documents: dict[str, Document]
    aims: set[Aim]
    """The releases that files were checked for whose keys differ from release to release."""

    def count(self, severity: str) -> int:
        """How many unwaived findings of a severity there are."""
        return sum(finding.severity == severity and finding.waiver is None for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """How many files were checked and skipped, how many findings there are by severity, how many are waived."""
        return {
            "files": sum(1 for file in self.files if file.kind),
            "skipped": sum(1 for file in self.files if not file.kind),
            **{f"{severity}s": self.count(severity) for severity in reversed(SEVERITIES)},
            "waived": sum(1 for finding in self.findings if finding.waiver),
        }

    def fails(self, level: str) -> bool:
        """Whether any unwaived finding is as bad as `level`, or worse."""
        return any(finding.waiver is None and at_least(finding.severity, level) for finding in self.findings)


def check(paths: Iterable[str], catalogue: Catalogue, options: Options = Options(), read: Reading = read_bytes) -> Report:
    """Check files and folders. Raises `BadProject` and `BadUsage`; a file that cannot be read becomes a problem.

    `read` gives the bytes of a path: others than those on the disk where it is asked what would be found in them.
    """
    return _Check(catalogue, options, read).run(files_of(paths))


def check_documents(
    documents: Iterable[Document], catalogue: Catalogue, options: Options = Options(), read: Reading = read_bytes
) -> Report:
    """Check documents that were read already, wherever they are from; their nodes stay."""
    checking = _Check(catalogue, options, read)
    for document in documents:
        checking.check_document(document)
    return checking.finished()


class _Check:
    """One run: what was read once is kept, and each finding is told once."""

    def __init__(self, catalogue: Catalogue, options: Options, read: Reading) -> None:
        self.catalogue = catalogue
        self.options = options
        self.read = read
        self.links: Links | None = None
        self.settings: dict[str, Setting] = {}  # by folder
        self.by_root: dict[str, Setting] = {}
        self.world_sizes: dict[str, int | None] = {}  # by folder
        self.report = Report([], [], [], {}, set())
        self.told: set[tuple[str, str, str | None, int]] = set()
        self.waiting: dict[str, Waiting] = {}
        """Files whose project names its code, by path: that is asked once, when all files are known."""

    def run(self, files: Iterator[str]) -> Report:
        for path in files:
            if path != "-" and is_excluded(self.setting(os.path.dirname(path)).project, path):
                self.report.files.append(Checked(path, None, _EXCLUDED))
                continue
            try:
                data = read_stdin() if path == "-" else self.read(path)
            except Unreadable as error:
                self.report.problems.append(str(error))
                continue
            self.check_file(STDIN if path == "-" else path, data)
        return self.finished()

    def finished(self) -> Report:
        """The report, once every file was checked: the code is asked now, and what became of the waivers is known."""
        if self.waiting:
            self.ask_the_code()
        for setting in self.by_root.values():
            if setting.waivers is not None:
                self.tell(setting, setting.waivers.findings())
        self.report.findings.sort(key=_order)
        return self.report

    def check_file(self, path: str, data: bytes) -> None:
        """Check one file's bytes."""
        document = Document(path, data)
        self.check_document(document)
        document.forget_nodes()

    def check_document(self, document: Document) -> None:
        """Check one file that is read already."""
        path = document.path
        setting = self.setting("" if path == STDIN else os.path.dirname(path))
        shape, why = self.kind(document, setting.project)
        self.report.files.append(Checked(path, shape.kind if shape else None, why))
        if shape is None:
            return
        if self.options.sets:
            from confguard.project.side import lay_over

            lay_over(document, shape, self.options.sets, self.catalogue)
        findings = [
            finding_of_fault(document, setting.rules[fault.code], fault) for fault in document.faults() if fault.code in setting.rules
        ]
        if document.root is not None and document.root.kind == MAPPING:
            findings += self.judge_mapping(document, shape, setting)
        elif document.refused is None and "YAML004" in setting.rules:
            findings.append(finding_of_fault(document, setting.rules["YAML004"], _no_mapping(document, shape)))
        self.tell(setting, self.honour_ignores(document, findings, setting), document)

    def judge_mapping(self, document: Document, shape: Shape, setting: Setting) -> list[Finding]:
        """What its keys, its values and the rules say of a document whose root is a mapping; waivers are honoured."""
        extension_keys = setting.project.extension_keys
        recipe, faults = fit(document, shape, extension_keys) if setting.has_faults else (recipe_of(document, shape), [])
        findings = [finding_of_fault(document, setting.rules[fault.code], fault) for fault in faults if fault.code in setting.rules]
        for rule, broken, owner in islice(
            judge(recipe, setting.judging(shape), self.context(document, recipe, shape, setting)), MAX_BROKEN
        ):
            findings.append(finding_of_broken(document, rule, broken, owner))
        wanted = setting.waivers.in_force(recipe, setting.references.get(shape.kind)) if setting.waivers is not None else {}
        if setting.audits and not document.path.startswith(("<", "git:", "profile:")):
            from confguard.checking.audited import Waiting

            self.waiting[document.path] = Waiting(document, shape, setting, wanted, [])
        return setting.waivers.honour(findings, wanted) if setting.waivers is not None else findings

    def ask_the_code(self) -> None:
        """Add what an audit finds in the files that wait for it, and what their ignores have come to."""
        from confguard.checking.audited import findings_by_file
        from confguard.checking.waive import ignored

        for (document, _, setting, wanted, comments), found in findings_by_file(self.waiting.values()):
            findings = setting.waivers.honour(found, wanted) if setting.waivers is not None else found
            findings = [ignored(finding, comments) for finding in findings[:MAX_BROKEN]]
            self.tell(setting, [*findings, *self.of_ignores(document, comments, setting)], document)

    def context(self, document: Document, recipe: Recipe, shape: Shape, setting: Setting) -> dict[str, Any]:
        """The inputs of rules that are no parameters."""
        context: dict[str, Any] = {"comments": _comments(document, recipe), "secrets": document.secrets()}
        if shape.kind in setting.references:
            context["reference"] = setting.references[shape.kind]
        if setting.project.run_name is not None:
            context["run_name_template"] = setting.project.run_name
        if shape.target is not None:
            from confguard.project.target import aim_of

            self.report.aims.add(aim_of(setting.project, self.catalogue))
            context["target"] = shape.target
            world_size = self.options.world_size or recipe.values.get("num_processes") or self.world_size(document.path)
            if world_size is not None:
                context["world_size"] = world_size
        for parameter, kind in shape.links.items():
            asked = recipe.values.get(parameter)
            if isinstance(asked, str) and asked and "${" not in asked:
                config = "." if document.path == STDIN else document.path
                context["executor"] = self.following().follow(asked, config, setting.project.root, kind)
        return context

    def world_size(self, path: str) -> int | None:
        """The processes that accelerate's config beside a file asks for; a folder is asked once a run, for others may change it."""
        if path.startswith(("<", "git:", "profile:")):
            return None
        folder = os.path.dirname(path)
        if folder not in self.world_sizes:
            from confguard.checking.world import world_size_in

            self.world_sizes[folder] = world_size_in(folder)
        return self.world_sizes[folder]

    def following(self) -> Links:
        """What follows the paths that files name."""
        if self.links is None:
            from confguard.checking.links import Links

            self.links = Links(self.catalogue.shapes, self.catalogue.profiles, self.read)
        return self.links

    def honour_ignores(self, document: Document, findings: list[Finding], setting: Setting) -> list[Finding]:
        """The findings, waived where a comment of the document says so, and what is wrong with those comments."""
        if "confguard:" not in document.text:
            return findings
        from confguard.checking.waive import ignored, ignores

        comments = ignores(document)
        findings = [ignored(finding, comments) if finding.file == document.path else finding for finding in findings]
        if document.path in self.waiting:
            self.waiting[document.path].ignores.extend(comments)
            return findings
        return [*findings, *self.of_ignores(document, comments, setting)]

    def of_ignores(self, document: Document, comments: list[Ignore], setting: Setting) -> Iterable[Finding]:
        """What is wrong with the ignores of a document, once every rule has spoken."""
        if not comments:
            return ()
        from confguard.checking.waive import ignore_findings

        return islice(ignore_findings(document, comments, self.catalogue, setting.could_run()), MAX_BROKEN)

    def tell(self, setting: Setting, findings: Iterable[Finding], document: Document | None = None) -> None:
        """Add findings to the report, with the project's severities, each once: two files can lead to a third one's fault."""
        for finding in findings:
            identity = (finding.code, os.path.abspath(finding.file), finding.key, finding.span.start.offset)
            if finding.code not in setting.rules or identity in self.told:
                continue
            if document is not None and finding.file != document.path and is_excluded(setting.project, finding.file):
                continue  # it lies in a file that another one names
            self.told.add(identity)
            self.report.findings.append(finding._replace(severity=setting.severity(finding.code, finding.severity)))
            if document is not None and finding.file == document.path:
                self.report.documents[finding.file] = document
            elif finding.file not in self.report.documents:
                self.keep_for_showing(finding.file)

    def keep_for_showing(self, file: str) -> None:
        """Keep the lines of a file that a finding lies in although it was not among those to check."""
        try:
            document = Document(file, self.read(file))
        except Unreadable:  # gone since, or no file at all: the finding is shown without its line
            return
        document.forget_nodes()
        self.report.documents[file] = document

    def setting(self, folder: str) -> Setting:
        """What holds for the files of a folder."""
        if folder not in self.settings:
            project = find_project(folder, self.read)._replace(asked_target=dict(self.options.target))
            if project.root not in self.by_root:
                self.by_root[project.root] = setting_of(project, self.catalogue, self.options, self.read)
            self.settings[folder] = self.by_root[project.root]
        return self.settings[folder]

    def kind(self, document: Document, project: Project) -> tuple[Shape | None, str | None]:
        """The shape of a document; or None, and why it is skipped."""
        if is_excluded(project, document.path):
            return None, _EXCLUDED
        shape = kind_in(project, document, self.catalogue)
        if shape is not None or document.refused is None:
            return shape, None if shape else self.why_none(document, project)
        for shape in self.catalogue.shapes:
            names = "|".join(shape.telltales)
            if names and re.search(rf"(?:^|[{{,])[ \t\ufeff]*[\"']?(?:{names})[\"']?[ \t]*:", document.text, re.MULTILINE):
                return shape, None
        return None, _NO_YAML

    def why_none(self, document: Document, project: Project) -> str:
        """Why a document that can be read is of no kind."""
        family = family_of(document, self.catalogue.shapes)
        if family is None:
            return _NO_KIND
        from confguard.project.target import aim_of, too_old

        return too_old(aim_of(project, self.catalogue), self.catalogue) or family.why_unclear


def _comments(document: Document, recipe: Recipe) -> list[Comment]:
    """The comments of a document that hold a number; the others say nothing that can be checked."""

    def value_before(offset: int) -> str | None:
        scalar = document.scalar_before(offset)
        return next((parameter for parameter, (_, _, value) in recipe.spots.items() if value is scalar), None) if scalar else None

    found = []
    has_digit = _DIGIT.search
    for start, end in document.comments():
        if has_digit(document.text, start, end):
            words = document.text[start + 1 : min(end, start + MAX_COMMENT)]
            if start + MAX_COMMENT < end:
                words = words[: max(words.rfind(" "), 0)]  # no number is taken for its beginning
            found.append(Comment(words.strip(), start, end, value_before))
    return found


def _no_mapping(document: Document, shape: Shape) -> Fault:
    root = document.root
    what = "empty" if root is None else f"a {root.kind}"
    place = document.place("", None, root)
    return Fault("YAML004", f"the file is {what}; {shape.kind} is a mapping of keys to values", place, "write key: value lines")


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.file, finding.span.start.offset, -SEVERITIES.index(finding.severity), finding.code
