"""`confguard migrate`: what brings a config to its reference, and bringing it there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from confguard.checking.pipeline import Report, check
from confguard.checking.setting import BadUsage, Options
from confguard.commands.comparing import Comparing
from confguard.commands.writing import Writing, undo_hint, write
from confguard.diffing.comparison import composites
from confguard.diffing.derive import derive
from confguard.document.document import data
from confguard.document.fit import Fitted, fitted
from confguard.document.paths import paths_of
from confguard.document.scalars import YAML_12, BadScalar
from confguard.document.tree import Refused, parse
from confguard.migrate.plan import FilePlan, Plan
from confguard.migrate.planning import Goals, plan
from confguard.migrate.wishes import AS_IT_IS, Keep, Wishes
from confguard.project.side import Side
from confguard.report.paint import Line, paint, width_of
from confguard.report.plan import plan_text, still_wrong
from confguard.schemas.catalogue import CATALOGUE
from confguard.words.change import CHANGED, DRIFT, SAME, Change
from confguard.words.spelling import nearest
from confguard.words.typing import Any, NamedTuple


class Asked(NamedTuple):
    """What was asked for, as it was written."""

    current: str
    to: str
    write: bool = False
    keep: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    scale_warmup: bool = False
    unsafe: bool = False
    format: str = "text"


class Planned(NamedTuple):
    """A plan, and what it was made with."""

    plan: Plan
    ours: Side
    options: Options
    comparing: Comparing


def planned(asked: Asked) -> Planned:
    """What brings a config to its reference; nothing is written. Raises `BadUsage`, `Unreadable`."""
    wishes = _wishes(asked)
    comparing = Comparing()
    theirs, ours = comparing.side(asked.to), comparing.side(asked.current)
    if asked.write and not ours.is_on_disk:
        raise BadUsage(f"--write: {asked.current} is no file on the disk that could be written")
    _hold_names(asked, wishes, theirs, ours)
    known = theirs.means != "-" and any(file.kind for file in theirs.files)
    options = Options(reference=asked.to if known else None)
    goals = Goals(asked.to, wishes, CATALOGUE, lambda file: comparing.project_of(file, ours).waivers, options)
    found = plan(theirs.files, ours.files, goals, ours.means if os.path.isdir(ours.means) else None)
    if not found.files:
        raise BadUsage(f"nothing in {asked.current} has a counterpart of its kind or name in {asked.to}")
    return Planned(comparing.marked(found, ours), ours, options, comparing)


def run(asked: Asked) -> int:
    """Print the plan, and carry it out if asked to; 0 when nothing is left to do, 1 otherwise. Raises `BadUsage`, `Unreadable`."""
    found, ours, options, comparing = planned(asked)
    writing = _write(found, asked, comparing) if asked.write else None
    report = _checked(found, options, asked.write) if ours.is_on_disk and found.counts()["edits"] else None
    if asked.format == "json":
        from confguard.report.plan_json import plan_json

        print(plan_json(found, derived, writing and writing.transaction, report and report.counts()))
    else:
        paint(plan_text(found, width_of(sys.stdout), derived, with_diff=not asked.write))
        paint(_ending(found, asked, writing, report))
    return 1 if found.is_open(asked.write) else 0


def derived(file: FilePlan) -> list[Change]:
    """What the values of a file come to, before and after, where that differs."""
    rows = [
        Change(CHANGED, DRIFT, file.path, row.key, row.before, row.after, row.parameter, unread=row.unread)
        for row in file.rows
        if row.written
    ]
    if file.now is None or not any(row.parameter for row in rows):
        return []
    from confguard.schemas.derived import DERIVED

    after = fitted(file.after, file.now.shape)
    items = tuple(item for item in DERIVED if "reference" not in item.inputs)
    found = [*composites(file.now, after, CATALOGUE, rows), *derive(file.now, after, items, rows)]
    return [row for row in found if row.status != SAME]


# --- what is asked for ---


def _wishes(asked: Asked) -> Wishes:
    if len(asked.because) > len(asked.keep):
        raise BadUsage("--because: there are more reasons than --keep; the n-th reason belongs to the n-th --keep")
    reasons = [*asked.because, *[None] * len(asked.keep)]
    keeps = tuple(_keep(text, reason) for text, reason in zip(asked.keep, reasons, strict=False))
    return Wishes(keeps, asked.only, asked.but, asked.scale_warmup, asked.unsafe)


def _keep(text: str, because: str | None) -> Keep:
    """A `--keep KEY[=VALUE]`; the value is YAML, in which 2e-5 is a number."""
    key, sign, written = text.partition("=")
    if not key.strip():
        raise BadUsage(f"--keep {text}: write KEY, or KEY=VALUE")
    return Keep(key.strip(), _value(text, written) if sign else AS_IT_IS, because)


def _value(text: str, written: str) -> Any:
    try:
        root = parse(written).root
        return None if root is None else data(root, YAML_12)
    except (Refused, BadScalar) as error:
        raise BadUsage(f"--keep {text}: {error}") from None


def _hold_names(asked: Asked, wishes: Wishes, theirs: Side, ours: Side) -> None:
    """Raise `BadUsage` for a name that neither side knows: a wish that is misspelt must not be passed over."""
    files = [*theirs.files, *ours.files]
    for keep in wishes.keeps:
        if CATALOGUE.parameter(keep.key) is None and not any(paths_of(file.document.root, keep.key) for file in files):
            raise BadUsage(f"--keep {keep.key}: neither side has such a key{_meant(keep.key, files)}")
    for option, patterns in (("--only", asked.only), ("--except", asked.but)):
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in _names(files)):
                raise BadUsage(f"{option} {pattern}: neither side has such a key{_meant(pattern, files)}")


def _names(files: Sequence[Fitted]) -> Iterator[str]:
    """Everything that a key of some files can be called."""
    for file in files:
        for path, name, _ in file.document.leaves():
            yield from (path, name)
            yield from (path[:end] for end, char in enumerate(path) if char in ".[")
    for shape in CATALOGUE.shapes:
        yield from shape.names


def _meant(name: str, files: Sequence[Fitted]) -> str:
    close = nearest(name, dict.fromkeys(_names(files)))
    return f"; did you mean {close}?" if close else ""


# --- what is done ---


def _write(found: Plan, asked: Asked, comparing: Comparing) -> Writing:
    changes = [(file.path, file.before, file.after) for file in found.files if file.changes]
    return write(changes, f"migrate {asked.current} --to {asked.to}", comparing.project)


def _checked(found: Plan, options: Options, wrote: bool) -> Report | None:
    """What a check finds in the files as they are to be; one that was not there can be found by others only once it is written."""
    if not any(file.now is None for file in found.files):
        return found.report
    return check([file.path for file in found.files if file.now or file.changes], CATALOGUE, options) if wrote else None


def _ending(found: Plan, asked: Asked, writing: Writing | None, report: Report | None) -> Iterator[Line]:
    if report is not None:
        head = f"confguard check --reference {asked.to} {'finds' if asked.write else 'would then find'}"
        yield from still_wrong(report, head, width_of(sys.stdout))
    if writing is not None:
        yield from undo_hint(writing)
    elif found.counts()["edits"]:
        yield [("dim", "Nothing was written; --write carries the plan out.")]
