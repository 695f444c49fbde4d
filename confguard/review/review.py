"""The findings of two states held against each other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable

from confguard.checking.pipeline import Report
from confguard.project.project import Project
from confguard.review.permits import Permit, permits_in, permits_of
from confguard.words.finding import Finding
from confguard.words.typing import NamedTuple

Rename = Callable[[str], str]


class State(NamedTuple):
    """What a check finds in one state of a repository, and what is let pass in it."""

    findings: list[Finding]
    permits: list[Permit]


class Review(NamedTuple):
    """What a change does to findings and to what is let pass. Findings are those that are not waived."""

    new: list[Finding]
    old: list[Finding]
    mended: list[Finding]
    waived: list[Finding]
    """Findings that are waived now, and by the change itself: the state before it has them unwaived, or not at all."""
    granted: list[Permit]
    withdrawn: list[Permit]


def state_of(report: Report, projects: Iterable[Project], rename: Rename) -> State:
    """A state; `rename` gives the path that files are known by in both states."""
    permits = [permit for project in projects for permit in permits_of(project)]
    permits += permits_in(report.documents.values())
    findings = [finding._replace(file=rename(finding.file)) for finding in report.findings]
    return State(findings, [permit._replace(file=rename(permit.file)) for permit in permits])


def reviewed(before: State, now: State) -> Review:
    """What has become of the findings, by rule, file and key; several alike are counted."""
    open_before = Counter(_identity(finding) for finding in before.findings if not finding.waiver)
    waived_before = Counter(_identity(finding) for finding in before.findings if finding.waiver)
    new, old = _parted([finding for finding in now.findings if not finding.waiver], open_before)
    waived, _ = _parted([finding for finding in now.findings if finding.waiver], waived_before)
    still = Counter(_identity(finding) for finding in now.findings)
    mended, _ = _parted([finding for finding in before.findings if not finding.waiver], still)
    granted, withdrawn = Counter(now.permits), Counter(before.permits)
    return Review(new, old, mended, waived, list((granted - withdrawn).elements()), list((withdrawn - granted).elements()))


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
