"""The findings of two states held against each other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from confguard.checking.pipeline import Checked, Report
from confguard.document.document import Document
from confguard.document.source import Unreadable, read_bytes
from confguard.project.project import Project
from confguard.review.permits import Permit, permits_in, permits_of
from confguard.words.catalogue import Catalogue
from confguard.words.finding import Finding
from confguard.words.typing import NamedTuple

Rename = Callable[[str], str]


class State(NamedTuple):
    """What a check finds in one state of a repository, and what is let pass in it."""

    findings: list[Finding]
    permits: list[Permit]
    files: dict[str, Checked]
    project_files: dict[str, str | None]
    """The project file that each of them belongs to."""


class Review(NamedTuple):
    """What a change does to findings and to what is let pass. Findings are those that are not waived."""

    new: list[Finding]
    old: list[Finding]
    mended: list[Finding]
    waived: list[Finding]
    """Findings that are waived now, and by the change itself: the state before it has them unwaived, or not at all."""
    granted: list[Permit]
    """What is let pass, or no longer asked for, since the change."""
    withdrawn: list[Permit]
    gone: list[str]
    """Configs that were checked and are there no more."""


def state_of(report: Report, projects: Mapping[str, Project], catalogue: Catalogue, rename: Rename) -> State:
    """A state; `projects` are by folder, and `rename` gives the path that files are known by in both states."""
    by_root = {project.root: project for project in projects.values()}
    permits = [permit for project in by_root.values() for permit in permits_of(project, catalogue)]
    permits += permits_in(_with_ignores(report))
    return State(
        [finding._replace(file=rename(finding.file)) for finding in report.findings],
        [permit._replace(file=rename(permit.file)) for permit in permits],
        {rename(file.path): file for file in report.files},
        {rename(file.path): _project_file(projects[os.path.abspath(os.path.dirname(file.path))], rename) for file in report.files},
    )


def _project_file(project: Project, rename: Rename) -> str | None:
    return rename(project.document.path) if project.document else None


def _with_ignores(report: Report) -> Iterator[Document]:
    """The configs that may hold ignores; a report keeps only those in which something was found."""
    for file in report.files:
        try:
            data = read_bytes(file.path) if file.kind else b""
        except Unreadable:  # gone since
            continue
        if b"confguard:" in data:
            yield Document(file.path, data)


def reviewed(before: State, now: State) -> Review:
    """What has become of the findings, by rule, file and key; several alike are counted."""
    open_before = Counter(_identity(finding) for finding in before.findings if not finding.waiver)
    waived_before = Counter(_identity(finding) for finding in before.findings if finding.waiver)
    new, old = _parted([finding for finding in now.findings if not finding.waiver], open_before)
    waived, _ = _parted([finding for finding in now.findings if finding.waiver], waived_before)
    still = Counter(_identity(finding) for finding in now.findings)
    mended, _ = _parted([finding for finding in before.findings if not finding.waiver], still)
    more, less = Counter(now.permits), Counter(before.permits)
    came, went = list((more - less).elements()), list((less - more).elements())
    granted = [permit for permit in came if not permit.is_demand] + [permit for permit in went if permit.is_demand]
    withdrawn = [permit for permit in went if not permit.is_demand] + [permit for permit in came if permit.is_demand]
    checked = [path for path, file in before.files.items() if file.kind]
    granted += [Permit(path, said) for path in checked if os.path.exists(path) and (said := _left_alone(path, before, now))]
    granted += _deserted(before, now)
    return Review(new, old, mended, waived, granted, withdrawn, [path for path in checked if not os.path.exists(path)])


def _deserted(before: State, now: State) -> Iterator[Permit]:
    """Project files that do not hold any more for configs for which they held."""
    lost: dict[str, list[str]] = {}
    for path, file in before.project_files.items():
        if file and path in now.project_files and now.project_files[path] != file:
            lost.setdefault(file, []).append(path)
    for file, paths in lost.items():
        others = f" and {len(paths) - 1} more" if paths[1:] else ""
        yield Permit(file, f"what it said does not hold for `{paths[0]}`{others}")


def _left_alone(path: str, before: State, now: State) -> str | None:
    """What is not checked any more of a file that is there and was checked; None where all is as it was."""
    was, now_is = before.files[path].kind, now.files.get(path)
    if now_is is None:
        return f"was checked as {was}; is not among the files that are checked"
    return None if now_is.kind == was else f"was checked as {was}; {f'is {now_is.kind}' if now_is.kind else now_is.why_skipped}"


def _parted(findings: list[Finding], known: Counter[tuple[str, str, str | None]]) -> tuple[list[Finding], list[Finding]]:
    """The findings that are not among those known, and those that are."""
    left, news, olds = Counter(known), list[Finding](), list[Finding]()
    for finding in findings:
        identity = _identity(finding)
        (olds if left[identity] > 0 else news).append(finding)
        left[identity] -= 1
    return news, olds


def _identity(finding: Finding) -> tuple[str, str, str | None]:
    return finding.code, os.path.normpath(finding.file), finding.key
