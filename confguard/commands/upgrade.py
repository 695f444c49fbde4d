"""`confguard migrate CONFIG --to trl==X`: what brings a native config to another release, and bringing it there."""

from __future__ import annotations

import sys
from typing import NamedTuple

from confguard.check.pipeline import check_documents
from confguard.check.setting import BadUsage, Options
from confguard.commands.aiming import parse_targets
from confguard.commands.comparing import Comparing
from confguard.commands.migrate import derived
from confguard.commands.writing import undo_hint, write
from confguard.document.fit import Fitted, fitted
from confguard.migrate.origin import NotThatOld, origin
from confguard.migrate.plan import FilePlan, Plan
from confguard.migrate.upgrading import Upgrade, upgraded
from confguard.project.project import Project
from confguard.project.side import Side
from confguard.project.target import aim_of
from confguard.report.paint import Line, paint, width_of
from confguard.report.plan import plan_text, still_wrong
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.shape import Shape
from confguard.words.target import PACKAGES

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


def run(asked: Asked) -> int:
    """Print the plan, and carry it out if asked to; 0 when nothing is left to do, 1 otherwise. Raises `BadUsage`, `Unreadable`."""
    to, old = parse_targets([asked.to]), parse_targets(asked.origin)
    comparing = Comparing()
    side = comparing.side(asked.current)
    if asked.write and not side.is_on_disk:
        raise BadUsage(f"--write: {asked.current} is no file on the disk that could be written")
    files = [file for file in side.files if file.shape is not None and file.shape.history is not None and file.recipe is not None]
    if not files:
        raise BadUsage(f"{asked.current}: no config of TRL's own commands in it, so no release changes it")
    told: list[Line] = []
    plans = [_plan(file, side, to, old, asked, comparing, told) for file in files]
    _hold_drops(asked, files)
    others = [file.document.path for file in side.files if file not in files]
    report = check_documents([plan.after for plan in plans], CATALOGUE, Options(target=to))
    planned = Plan(plans, others, report)
    writing = None
    if asked.write:
        changes = [(plan.path, plan.before, plan.after) for plan in plans if plan.changes]
        writing = write(changes, f"migrate {asked.current} --to {asked.to}", comparing.project)
    if asked.format == "json":
        from confguard.report.plan_json import plan_json

        print(plan_json(planned, derived, writing and writing.transaction, report.counts()))
    else:
        paint(told)
        paint(plan_text(planned, width_of(sys.stdout), derived, with_diff=not asked.write))
        paint(
            still_wrong(
                report, f"confguard check --target {asked.to} {'finds' if asked.write else 'would then find'}", width_of(sys.stdout)
            )
        )
        paint(undo_hint(writing) if writing is not None else _ending(planned))
    return 1 if planned.is_open(asked.write) else 0


def _ending(planned: Plan) -> list[Line]:
    return [[("dim", "Nothing was written; --write carries the plan out.")]] if planned.counts()["edits"] else []


def _plan(file: Fitted, side: Side, to: Targets, old: Targets, asked: Asked, comparing: Comparing, told: list[Line]) -> FilePlan:
    project = comparing.project_of(file, side)
    new = _shape_for(file, to, project)
    try:
        found = origin(file, old, new, project, CATALOGUE)
    except NotThatOld as error:
        raise BadUsage(str(error)) from None
    told.append([("dim", f"{file.document.path}: from {_named(found.shape)} ({found.why})")])
    upgrade = Upgrade(_named(new), asked.pin, asked.drops, asked.unsafe)
    return upgraded(fitted(file.document, found.shape), found.oldest, new, upgrade)


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
