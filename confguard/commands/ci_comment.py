"""`confguard ci-comment`: what a change does to the configs, for the people who review it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from confguard.checking.pipeline import STDIN, Report, check
from confguard.checking.setting import BadUsage
from confguard.commands.comparing import Comparing
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.document.source import Unreadable
from confguard.project.discover import ENDINGS
from confguard.project.find import find_project
from confguard.project.git import GitFailed
from confguard.project.project import BadProject, Project
from confguard.report.markdown import markdown
from confguard.report.review_blocks import Changed, Told, review_text
from confguard.review.base import Base, base_of, written_out
from confguard.review.review import State, reviewed, state_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.finding import at_least


def run(paths: Sequence[str], base: str | None, fail_on: str) -> int:
    """Print the comment; 1 where the change brings what fails a check or lets something pass, 2 where a file could not be read, else 0.

    Raises `BadUsage`, `BadProject`, and `Unreadable` where there is no base.
    """
    if STDIN in paths or "-" in paths:
        raise BadUsage("ci-comment reads a repository; name files or folders of it")
    began = base_of(os.curdir, base, os.environ)
    report = check(files_to_read(paths or ["."]), CATALOGUE)
    try:
        told = _told(began, paths or ["."], report)
    except GitFailed as error:
        raise Unreadable(str(error)) from None
    print(review_text(told, markdown), end="")
    for problem in report.problems:
        complain(problem)
    if report.problems:
        return 2
    fails = any(at_least(finding.severity, fail_on) for finding in told.review.new)
    return int(fails or bool(told.review.granted))


def _told(base: Base, paths: Sequence[str], report: Report) -> Told:
    changed, here = base.changed(), os.path.realpath(os.curdir)

    def from_here(name: str) -> str:
        """A path from the repository's root as one from the working folder."""
        return os.path.relpath(os.path.join(base.repository, name), here)

    before_of = {from_here(name): from_here(before) for name, before in changed.items() if before}
    now = state_of(report, _projects(report), os.path.normpath)
    before, problem = _before(base, paths, {before: name for name, before in before_of.items()})
    kinds = {os.path.normpath(file.path): file.kind for file in report.files}
    configs = [path for path in map(from_here, changed) if kinds.get(path)]
    rows = [_changed(path, before_of.get(path), base) for path in configs]
    gone = [path for path in map(from_here, changed) if path.endswith(ENDINGS) and not os.path.exists(path) and _was_config(path, base)]
    return Told(base, reviewed(before or State([], []), now), report, rows, gone, problem)


def _before(base: Base, paths: Sequence[str], renamed: dict[str, str]) -> tuple[State | None, str | None]:
    """The state of the base, by the paths that its files have today; or None, and why it cannot be known."""
    here = os.path.relpath(os.path.realpath(os.curdir), base.repository)
    with written_out(base) as folder:
        there = os.path.join(folder, here)

        def today(path: str) -> str:
            before = os.path.relpath(os.path.realpath(path), there)
            return renamed.get(before, before)

        asked = [found for path in paths if os.path.lexists(found := os.path.join(there, os.path.relpath(path)))]
        try:
            report = check(asked, CATALOGUE)
            return state_of(report, _projects(report), today), None
        except (BadProject, BadUsage, Unreadable) as error:
            return None, str(error).replace(os.path.join(folder, ""), "")


def _projects(report: Report) -> Iterator[Project]:
    """The projects that the files of a report belong to, each once."""
    roots = set[str]()
    for folder in dict.fromkeys(os.path.dirname(file.path) for file in report.files):
        project = find_project(folder)
        if project.root not in roots:
            roots.add(project.root)
            yield project


def _changed(path: str, before: str | None, base: Base) -> Changed:
    """What differs in one file; by its content alone, for a waiver speaks of the reference and not of the state before."""
    if before is None:
        return Changed(path, None, [], None)
    comparing = Comparing()
    try:
        then, now = comparing.side(_in_base(before, base)), comparing.side(path)
        found = comparing.compared(then, now, waived=False)
    except (BadUsage, Unreadable) as error:
        return Changed(path, before, [], str(error))
    return Changed(path, before, [row for row in found.rows if row.status != "same"], None)


def _in_base(path: str, base: Base) -> str:
    return f"git:{base.revision}:{os.path.realpath(path)}"


def _was_config(path: str, base: Base) -> bool:
    try:
        return any(file.kind for file in Comparing().side(_in_base(path, base)).files)
    except (BadUsage, Unreadable):
        return False
