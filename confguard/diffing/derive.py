"""Derived rows: what the parameters of each side come to together, compared."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose

from confguard.document.fit import Fitted
from confguard.words.change import DERIVED, DRIFT, SAME, WAIVED, Change, Unknown, is_number, plain
from confguard.words.derived import Derived
from confguard.words.finding import Waived
from confguard.words.language import Said, same
from confguard.words.recipe import Recipe
from confguard.words.typing import Any

_CONTEXT = ("recipe", "reference")


def derive(reference: Fitted, current: Fitted, declared: tuple[Derived, ...], rows: list[Change]) -> Iterator[Change]:
    """The derived rows of two files of one kind. A row whose inputs differ only by what is waived is waived too."""
    if reference.kind != current.kind or current.recipe is None or reference.recipe is None or current.shape is None:
        return
    differing = {row.parameter: row for row in rows if row.parameter and row.status != SAME}
    for item in declared:
        inputs = [name for name in item.inputs if name not in _CONTEXT]
        if not all(name in current.shape.names for name in inputs):
            continue
        theirs, ours = _values(item, inputs, reference.recipe, reference.recipe), _values(item, inputs, current.recipe, reference.recipe)
        changed = [differing[name] for name in inputs if name in differing]
        idle = [row.key for row in rows if row.unread and row.parameter in inputs]
        for name in dict.fromkeys((*theirs, *ours)):
            yield _row(item, name, theirs.get(name), ours.get(name), current.document.path, changed, idle)


def _row(item: Derived, name: str, before: Any, now: Any, file: str, changed: list[Change], idle: list[str]) -> Change:
    alike = _alike(before, now) if changed or not isinstance(now, Unknown) else True
    status, waiver = (SAME, None) if alike else standing(changed)
    title = Said(f"{item.title.en}: {name}", f"{item.title.zh}：{name}") if name else item.title
    key = f"{item.name}.{name}" if name else item.name
    unread = is_unread(changed)
    note = _with_idle(getattr(now, "note", None), [] if unread else idle)
    return Change(DERIVED, status, file, key, before, now, unit=item.unit, title=title, note=note, waiver=waiver, unread=unread)


def _with_idle(note: Said | None, idle: list[str]) -> Said | None:
    """A note, and which keys that no code reads a value rests on."""
    if not idle:
        return note
    names = ", ".join(f"`{key}`" for key in idle)
    said = Said(f"it rests on {names}, which no code reads", f"依据 {names}，而代码不读取该键")
    return Said(f"{note.en}; {said.en}", f"{note.zh}；{said.zh}") if note else said


def standing(changed: list[Change]) -> tuple[str, Waived | None]:
    """The status of a value that follows from rows that differ; waived where all of them are, with the waiver if it is one."""
    if not changed or any(row.status != WAIVED for row in changed):
        return DRIFT, None
    waivers = {row.waiver for row in changed}
    return WAIVED, waivers.pop() if len(waivers) == 1 else None


def is_unread(changed: list[Change]) -> bool:
    """Whether all of the rows that a value follows from are of keys that the code does not read."""
    return bool(changed) and all(row.unread for row in changed)


def _alike(before: Any, now: Any) -> bool:
    if isinstance(before, Unknown) or isinstance(now, Unknown):
        return isinstance(before, Unknown) and before == now
    before, now = plain(before), plain(now)
    if is_number(before) and is_number(now):
        return isclose(before, now, rel_tol=1e-12)
    return bool(before == now)


def _values(item: Derived, inputs: list[str], recipe: Recipe, reference: Recipe) -> dict[str, Any]:
    """What a declared value is for a recipe, by name where it is several; empty where it has no meaning there."""
    known = {"recipe": recipe, "reference": reference, **{name: recipe.get(name) for name in inputs}}
    missing = [recipe.name(name) for name in inputs if known[name] is None and name not in item.optional]
    if missing:
        unusable = [recipe.name(name) for name in inputs if name in recipe.unusable()]
        return {"": Unknown(_unusable(unusable) if unusable else _missing(missing))}
    found = item.function(*[known[name] for name in item.inputs])
    if found is None:
        return {}
    return found if isinstance(found, dict) else {"": found}


def _missing(keys: list[str]) -> Said:
    names = same(", ".join(f"`{key}`" for key in keys))
    return Said(f"{names.en} {'is' if len(keys) == 1 else 'are'} not in the file", f"文件中没有 {names.zh}")


def _unusable(keys: list[str]) -> Said:
    names = same(", ".join(f"`{key}`" for key in keys))
    return Said(f"{names.en} cannot be used as written", f"{names.zh} 的写法无法使用")
