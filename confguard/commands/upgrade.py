"""`confguard migrate CONFIG --to trl==X`: what brings a native config to another release, and bringing it there."""

from __future__ import annotations

import sys

from confguard.checking.pipeline import check_documents
from confguard.checking.setting import BadUsage, Options
from confguard.commands.aiming import parse_targets
from confguard.commands.comparing import Comparing
from confguard.commands.migrate import derived
from confguard.commands.writing import Writing, undo_hint, write
from confguard.document.fit import Fitted, fitted
from confguard.migrate.origin import NotThatOld, origin
from confguard.migrate.plan import FilePlan, Plan
from confguard.migrate.upgrading import Upgrade, upgraded
from confguard.project.project import Project
from confguard.project.target import aim_of
from confguard.report.paint import paint, width_of
from confguard.report.plan import plan_text, still_wrong
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.shape import Shape
from confguard.words.target import PACKAGES, minor
from confguard.words.typing import NamedTuple

Targets = tuple[tuple[str, str], ...]


class Asked(NamedTuple):
    """What was asked for, as it was written."""

    current: str
    to: str
    origin: tuple[str, ...] = ()
    write: bool = False
    pin: bool = False
    drops: tuple[str, ...] = ()
    unsafe: bool = False
    format: str = "text"


def names_a_release(to: str) -> bool:
    """Whether a goal is a release such as `trl==1.16.0`, or several with commas."""
    return "==" in to and to.partition("==")[0].strip() in PACKAGES


class PlannedFile(NamedTuple):
    """The plan of a file, and what is said of where it comes from."""

    plan: FilePlan
    origin: str


class Planned(NamedTuple):
    """A plan, where each of its files comes from, and what it was made with."""

    plan: Plan
    origins: list[str]
    comparing: Comparing


def planned(asked: Asked) -> Planned:
    """What brings native configs to another release; nothing is written. Raises `BadUsage`, `Unreadable`."""
    to, old = parse_targets([asked.to]), parse_targets(asked.origin)
    comparing = Comparing()
    side = comparing.side(asked.current, targets=to)  # whatever the project pins, which may be older than all that is known
    if asked.write and not side.is_on_disk:
        raise BadUsage(f"--write: {asked.current} is no file on the disk that could be written")
    files = [file for file in side.files if file.shape is not None and file.shape.history is not None and file.recipe is not None]
    if not files:
        raise BadUsage(f"{asked.current}: no config of TRL's own commands in it, so no release changes it")
    _hold_drops(asked, files)
    found = [_plan(file, comparing.project_of(file, side), to, old, asked) for file in files]
    plans = [item.plan for item in found]
    others = [file.document.path for file in side.files if file not in files]
    plan = Plan(plans, others, check_documents([plan.after for plan in plans], CATALOGUE, Options(target=to)))
    return Planned(comparing.marked(plan, side), [item.origin for item in found], comparing)


def run(asked: Asked) -> int:
    """Print the plan, and carry it out if asked to; 0 when nothing is left to do, 1 otherwise. Raises `BadUsage`, `Unreadable`."""
    found, origins, comparing = planned(asked)
    writing = None
    if asked.write:
        changes = [(plan.path, plan.before, plan.after) for plan in found.files if plan.changes]
        writing = write(changes, f"migrate {asked.current} --to {asked.to}", comparing.project)
    _show(found, origins, writing, asked)
    return 1 if found.is_open(asked.write) else 0


def _show(found: Plan, origins: list[str], writing: Writing | None, asked: Asked) -> None:
    if asked.format == "json":
        from confguard.report.plan_json import plan_json

        print(plan_json(found, derived, writing and writing.transaction, found.report.counts()))
        return
    width = width_of(sys.stdout)
    head = f"confguard check --target {asked.to} {'finds' if asked.write else 'would then find'}"
    paint([("dim", origin)] for origin in origins)
    paint(plan_text(found, width, derived, with_diff=not asked.write))
    paint(still_wrong(found.report, head, width))
    if writing is not None:
        paint(undo_hint(writing))
    elif found.counts()["edits"]:
        paint([[("dim", "Nothing was written; --write carries the plan out.")]])


def _plan(file: Fitted, project: Project, to: Targets, old: Targets, asked: Asked) -> PlannedFile:
    new = _shape_for(file, to, project)
    try:
        found = origin(file, old, new, project, CATALOGUE)
    except NotThatOld as error:
        raise BadUsage(str(error)) from None
    assert found.shape.target is not None
    assert new.target is not None
    if minor(found.shape.target.trl) > minor(new.target.trl):
        message = (
            f"{file.document.path}: it is of trl {found.shape.target.trl} ({found.why}); an upgrade does not go back to {new.target.trl}"
        )
        raise BadUsage(message)
    upgrade = Upgrade(_named(new), asked.pin, asked.drops, asked.unsafe)
    plan = upgraded(fitted(file.document, found.shape), found.oldest, new, upgrade)
    return PlannedFile(plan, f"{file.document.path}: from {_named(found.shape)} ({found.why})")


def _shape_for(file: Fitted, to: Targets, project: Project) -> Shape:
    light = CATALOGUE.shape(file.kind or "")
    assert light is not None
    assert light.at is not None
    return light.at(aim_of(project._replace(asked_target=dict(to)), CATALOGUE).target)


def _named(shape: Shape) -> str:
    assert shape.target is not None
    return ", ".join(f"{package} {shape.target.version(package)}" for package in PACKAGES)


def _hold_drops(asked: Asked, files: list[Fitted]) -> None:
    """Raise `BadUsage` for a key to drop that no file has: a wish that is misspelt must not be passed over."""
    there = {key.resolved().text for file in files if file.document.root for key, _ in file.document.root.pairs()}
    for key in asked.drops:
        if key not in there:
            raise BadUsage(f"--drop {key}: no such key in {asked.current}")
