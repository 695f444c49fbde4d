"""A file brought from one target to another: what is renamed, what is gone, and the defaults that move in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confguard.diffing.difference import canonical
from confguard.document.document import data
from confguard.document.fit import Fitted, fitted
from confguard.edit.operations import Delete, Insert, Operation, Rename, Set
from confguard.migrate.plan import ADD, CHANGE, DROP, PIN, RELEASE, REMOVE, RENAME, FilePlan, Row
from confguard.migrate.units import Unit, made
from confguard.words.change import ADDED, CHANGED, DRIFT, GONE, NEW, REMOVED, Change
from confguard.words.shape import Drift, Shape, fits
from confguard.words.target import Target
from confguard.words.typing import Any, NamedTuple
from confguard.words.upgrade import Step, took


class Upgrade(NamedTuple):
    """What is asked for."""

    reference: str
    """The target as people call it."""
    pin: bool = False
    """Whether defaults that move are written out as they were."""
    drops: tuple[str, ...] = ()
    """Keys that a person has decided to do without."""
    unsafe: bool = False


def upgraded(file: Fitted, oldest: Target, new: Shape, upgrade: Upgrade) -> FilePlan:
    """The plan of a file, whose shape is that of the old target; `oldest` is the oldest one that it may have been written for."""
    assert file.shape is not None
    assert new.history is not None
    assert file.shape.target is not None
    document, rows = file.document, list[Row]()
    config = _config(file)
    for step in new.history().steps(config, file.shape.target, oldest):
        step = _decided(step, upgrade)
        document, told = made(document, [_unit(step, config, new, upgrade)], upgrade.unsafe)
        rows += told
        if all(row.written for row in told):
            config = took(step, config)
    drifts = _drifts(file, fitted(document, new), new)
    moves = [_move(drift, file, new) for drift in drifts]
    if upgrade.pin:
        document, told = made(document, [unit for drift in drifts if (unit := _pin(drift, new))], upgrade.unsafe)
        rows += told
        pinned = {row.parameter for row in told if row.written}
        moves = [move for move in moves if move.parameter not in pinned]
    return FilePlan(file.document.path, upgrade.reference, file, document, rows, [], moves)


def _config(file: Fitted) -> dict[str, Any]:
    """What the libraries get of a file: strings that their reader converts are converted."""
    assert file.recipe is not None
    assert file.shape is not None
    assert file.document.root is not None
    found: dict[str, Any] = data(file.document.root, file.shape.reader)
    read = {path: file.recipe.values[parameter] for parameter, (path, _, _) in file.recipe.spots.items() if parameter in file.recipe.values}
    return {key: read.get(key, value) for key, value in found.items()}


def _decided(step: Step, upgrade: Upgrade) -> Step:
    return step._replace(becomes={}) if step.becomes is None and step.key in upgrade.drops else step


def _unit(step: Step, config: dict[str, Any], new: Shape, upgrade: Upgrade) -> Unit:
    why = f"{step.since}: {step.why.en}"
    value = config[step.key]
    if step.becomes is None:
        kind = CHANGE if step.key in new.fields else REMOVE
        return Unit([Row(kind, step.key, value, None, RELEASE, why, refused=why)], [])
    if not step.becomes:
        by, said = (DROP, f"{DROP}; {step.since} has no such key") if step.key in upgrade.drops else (RELEASE, why)
        return Unit([Row(REMOVE, step.key, value, None, by, said)], [Delete((step.key,))])
    rows, operations = list[Row](), list[Operation]()
    for row, operation in _edits(step, step.becomes, config, why):
        operations.append(operation)
        rows += [row] if row else []
    return Unit(rows, operations)


def _edits(step: Step, becomes: dict[str, Any], config: dict[str, Any], why: str) -> Iterator[tuple[Row | None, Operation]]:
    """The edits of a step: the key gets its new name where it stands, other keys are set, or come below it."""
    key = step.key
    renamed = None if key in becomes else next((name for name in becomes if name not in config), None)
    if renamed is not None:
        yield Row(RENAME, key, key, renamed, RELEASE, why), Rename((key,), renamed)
    elif key not in becomes:
        yield Row(REMOVE, key, config[key], None, RELEASE, why), Delete((key,))
    for name, value in becomes.items():
        if name in (key, renamed):
            if canonical(value) != canonical(config[key]):
                yield Row(CHANGE, name, config[key], value, RELEASE, why), Set((key,), value)
        elif name not in config:
            yield Row(ADD, name, None, value, RELEASE, why), Insert((), name, value, after=key)
        elif canonical(value) != canonical(config[name]):
            yield Row(CHANGE, name, config[name], value, RELEASE, why), Set((name,), value)


def _drifts(before: Fitted, after: Fitted, new: Shape) -> Sequence[Drift]:
    if before.recipe is None or after.recipe is None or before.shape is None or new.history is None:
        return []
    return list(new.history().drift(before.recipe, after.recipe, before.shape))


def _move(drift: Drift, file: Fitted, new: Shape) -> Change:
    kind, status = (ADDED, NEW) if drift.reference is None else (REMOVED, GONE) if drift.current is None else (CHANGED, DRIFT)
    key = new.names.get(drift.parameter) or (file.shape.names.get(drift.parameter) if file.shape else None) or drift.parameter
    return Change(kind, status, file.document.path, key, drift.reference, drift.current, drift.parameter, note=drift.note)


def _pin(drift: Drift, new: Shape) -> Unit | None:
    """The old default, written out; None where the new release cannot be told it."""
    key = new.names.get(drift.parameter)
    if key is None or drift.reference is None or drift.current is None or not fits(new.fields[key], drift.reference):
        return None
    why = drift.note.en if drift.note else "the default moved"
    return Unit([Row(ADD, key, None, drift.reference, PIN, why, parameter=drift.parameter)], [Insert((), key, drift.reference)])
