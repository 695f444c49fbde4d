"""What a project lets pass: its waivers, ignores, and everything else by which a finding is not told or does not count.

And what it asks for beyond the rules of everyone, which is let pass where it is gone. Two states of a project are compared by
these, so that a change that waives itself is seen.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

from confguard.checking.waive import Ignore, ignores
from confguard.document.document import Document
from confguard.project.find import find_project
from confguard.project.project import Project
from confguard.words.catalogue import Catalogue
from confguard.words.finding import SEVERITIES
from confguard.words.spelling import show
from confguard.words.typing import NamedTuple

_LONGEST_KEY = 60


class Permit(NamedTuple):
    """One thing that is let pass, or, a demand, that is asked for: where that is said, and in which words."""

    file: str
    said: str
    is_demand: bool = False


def permits_of(project: Project, catalogue: Catalogue) -> Iterator[Permit]:
    """What a project file lets pass, and what it asks for."""
    if project.document is None:
        return
    file, usual = project.document.path, _usual(project, catalogue) if project.severity else []
    yield from (Permit(file, said) for said in _lets_pass(project, usual))
    yield from (Permit(file, said, is_demand=True) for said in _asks_for(project, usual))


def _lets_pass(project: Project, usual: Collection[tuple[str, str]]) -> Iterator[str]:
    for waiver in project.waivers:
        by = f", by {waiver.by}" if waiver.by else ""
        value = "absent" if waiver.value is None else show(waiver.value)
        yield f"waiver: `{waiver.parameter}` is wanted {value}, until {waiver.expires or 'never'}{by}: {waiver.reason}"
    yield from (f"rules: {code} is ignored" for code in project.ignore)
    if project.select:
        yield f"rules: only {', '.join(project.select)} run"
    yield from (f"rules: {code} is told as {severity}" for code, severity in project.severity.items() if _is_milder(code, severity, usual))
    yield from (f"exclude: `{pattern}` is not checked" for pattern in project.exclude)
    yield from (f"extension_keys: `{pattern}` is no unknown key" for pattern in project.extension_keys)
    above = find_project(os.path.dirname(project.root)) if not os.path.lexists(os.path.join(project.root, ".git")) else project
    if above is not project and above.document is not None:
        yield "what the project file of a folder above says does not hold here"


def _asks_for(project: Project, usual: Collection[tuple[str, str]]) -> Iterator[str]:
    if "reference" in project.references:
        yield f"references: configs are compared with `{project.references['reference']}`"
    for rule in project.custom:
        yield f"rules: {rule.code} is of severity {rule.severity} where `{rule.when}`"
    for code, severity in project.severity.items():
        if not _is_milder(code, severity, usual):
            yield f"rules: {code} is told as {severity}"
    if project.target:
        yield f"target: {', '.join(f'{package} {version}' for package, version in sorted(project.target.items()))}"
    yield from (f"code: `{path}` is asked which keys it reads" for path in project.code)
    if project.run_name is not None:
        yield f"run_name: names of runs are `{project.run_name}`"


def _usual(project: Project, catalogue: Catalogue) -> list[tuple[str, str]]:
    """Each rule's code and severity, before the project file makes it another one."""
    return [(code, rule.severity) for code, rule in catalogue.rules.items()] + [(rule.code, rule.severity) for rule in project.custom]


def _is_milder(prefix: str, severity: str, usual: Iterable[tuple[str, str]]) -> bool:
    """Whether any rule that a code or topic means would be worse."""
    order = SEVERITIES.index
    return any(order(severity) < order(known) for code, known in usual if code.startswith(prefix))


def permits_in(documents: Iterable[Document]) -> Iterator[Permit]:
    """What comments of configs ignore, and at which key; one that stands twice is told twice."""
    for document in documents:
        for comment in ignores(document):
            if comment.codes and comment.reason:
                yield Permit(document.path, f"ignore of {', '.join(comment.codes)} at `{_key_at(document, comment)}`: {comment.reason}")


def _key_at(document: Document, comment: Ignore) -> str:
    """The key on the line that a comment speaks of, as it is written, so that one that moves to another key is another one."""
    return document.line(comment.lines[-1]).partition("#")[0].partition(":")[0].strip()[:_LONGEST_KEY]
