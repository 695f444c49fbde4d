"""`confguard ci-comment`: what a change does to the configs, for the people who review it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from confguard.checking.pipeline import STDIN, Report, check
from confguard.checking.setting import BadUsage
from confguard.commands.comparing import Comparing
from confguard.commands.complain import complain
from confguard.commands.recovering import files_to_read
from confguard.document.source import Unreadable
from confguard.project.find import find_project
from confguard.project.git import GitFailed, repository_above
from confguard.project.project import IN_PYPROJECT, BadProject, Project
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
    asked = [_inside(path, began.repository) for path in paths or [os.curdir]]
    report = check(files_to_read(asked), CATALOGUE)
    try:
        told = _told(began, asked, report)
    except GitFailed as error:
        raise Unreadable(
            f"the state before cannot be read ({error}); ci-comment needs the files of the history, so no clone with --filter"
        ) from None
    print(review_text(told, markdown), end="")
    for problem in report.problems:
        complain(problem)
    if report.problems:
        return 2
    fails = any(at_least(finding.severity, fail_on) for finding in told.review.new)
    return int(fails or bool(told.review.granted))


def _inside(path: str, repository: str) -> str:
    """A path as seen from the working folder, however it was written; raises `BadUsage` for one that is in no state of the repository."""
    folder, name = os.path.split(os.path.abspath(path))
    real = os.path.join(os.path.realpath(folder), name)
    if os.path.commonpath([real, repository]) != repository:
        raise BadUsage(f"{path}: lies outside of the repository {os.path.relpath(repository)}")
    nearest = repository_above(real if os.path.isdir(real) and not os.path.islink(real) else os.path.dirname(real))
    if nearest != repository:
        raise BadUsage(f"{path}: lies in a repository of its own; run ci-comment there")
    return os.path.relpath(real, os.path.realpath(os.curdir))


def _told(base: Base, paths: Sequence[str], report: Report) -> Told:
    changed, here = base.changed(), os.path.realpath(os.curdir)

    def from_here(name: str) -> str:
        """A path from the repository's root as one from the working folder."""
        return os.path.relpath(os.path.join(base.repository, name), here)

    before_of = {from_here(name): from_here(before) for name, before in changed.items() if before}
    kinds = {os.path.normpath(file.path): file.kind for file in report.files}
    moved = {before: path for path, before in before_of.items() if before != path}
    former = [before for before, path in moved.items() if path in kinds]
    before, now, problem = _states(base, [*paths, *former], moved, report)
    rows = [_changed(path, before_of.get(path), base) for path in map(from_here, changed) if kinds.get(path)]
    return Told(base, reviewed(before, now), report, rows, problem)


def _states(base: Base, paths: Sequence[str], moved: dict[str, str], report: Report) -> tuple[State, State, str | None]:
    """The state of the base, by the paths that its files have today, and that of today; why the first is not known, where it is empty.

    The projects of both are those of the folders of both: a folder that is new, or gone, has its project file above it in either.
    """
    here = os.path.realpath(os.curdir)
    folders = _folders(report, here)
    with written_out(base, {os.path.relpath(os.path.join(here, path), base.repository) for path in paths}) as written:
        there = os.path.normpath(os.path.join(written, os.path.relpath(here, base.repository)))

        def today(path: str) -> str:
            before = os.path.relpath(path, there)
            name = before.removesuffix(IN_PYPROJECT)
            return moved.get(name, name) + before[len(name) :]

        problem, before = None, State([], [], {}, {})
        try:
            was = check([found for path in paths if os.path.lexists(found := os.path.normpath(os.path.join(there, path)))], CATALOGUE)
            folders |= _folders(was, there)
            before = state_of(was, _projects(os.path.join(there, folder) for folder in folders), CATALOGUE, today)
        except (BadProject, BadUsage, Unreadable) as error:
            problem = str(error).replace(os.path.join(os.path.relpath(written), ""), "").replace(os.path.join(written, ""), "")
        return before, state_of(report, _projects(folders), CATALOGUE, os.path.normpath), problem


def _folders(report: Report, root: str) -> set[str]:
    """The folders of the files of a report, as seen from another one."""
    return {os.path.relpath(os.path.dirname(file.path) or os.curdir, root) for file in report.files}


def _projects(folders: Iterable[str]) -> dict[str, Project]:
    """The projects that folders belong to."""
    return {os.path.abspath(folder): find_project(folder) for folder in folders}


def _changed(path: str, before: str | None, base: Base) -> Changed:
    """What differs in one file; by its content alone, for a waiver speaks of the reference and not of the state before."""
    if before is None:
        return Changed(path, None, [], None)
    if os.path.islink(path):
        return Changed(path, before, [], f"A symbolic link to `{os.readlink(path)}`.")
    comparing = Comparing()
    try:
        then, now = comparing.side(_in_base(before, base)), comparing.side(path)
        found = comparing.compared(then, now, waived=False)
    except (BadUsage, Unreadable) as error:
        return Changed(path, before, [], str(error))
    return Changed(path, before, [row for row in found.rows if row.status != "same"], None)


def _in_base(path: str, base: Base) -> str:
    return f"git:{base.revision}:{os.path.realpath(path)}"
