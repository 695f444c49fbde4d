"""What each key of a file is to be: the reference's value, unless someone wants another one; and why."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from confguard.diffing.difference import canonical
from confguard.migrate.plan import REFERENCE, SCALED, Kept
from confguard.migrate.wishes import AS_IT_IS, Wanted, Wishes, expired, is_left_out, wanted
from confguard.words.catalogue import Catalogue
from confguard.words.change import ADDED, SAME, Change, is_number
from confguard.words.secret import is_secret, mask
from confguard.words.spelling import number
from confguard.words.typing import Any, NamedTuple
from confguard.words.waiver import Waiver

ABSENT = object()
"""The value of a key that is to go."""


class Goal(NamedTuple):
    """What a row's key is to be, on whose word, and why."""

    row: Change
    value: Any
    by: str
    why: str


class Judging(NamedTuple):
    """What decides over the rows of one file."""

    reference: str
    wishes: Wishes
    waivers: Sequence[Waiver]
    catalogue: Catalogue
    today: datetime.date


def goals_of(rows: Sequence[Change], judging: Judging) -> tuple[list[Goal], list[Kept]]:
    """What is to be done about the rows of a file, and what is left as it is although it differs."""
    goals: list[Goal] = []
    kept: list[Kept] = []
    for row in rows:
        found = _goal(row, judging)
        if isinstance(found, Kept):
            kept.append(found)
        elif found is not None:
            goals.append(found)
    if judging.wishes.scale_warmup:
        goals = _scaled(goals, rows, judging)
    return [goal for goal in goals if not _is_reached(goal, judging.catalogue)], kept


def _goal(row: Change, judging: Judging) -> Goal | Kept | None:
    """The goal of one row, or why it is kept; None where it is what it is to be and nobody speaks of it."""
    wish = wanted(row, judging.wishes, judging.waivers, judging.catalogue, judging.today)
    if wish is None and row.status == SAME and row.parameter not in judging.catalogue.scaled:
        return None
    if (why := is_left_out(row, judging.wishes)) is not None:
        return _kept(row, _left_alone(row, judging.catalogue) or why) if row.status != SAME else None
    if wish is None and row.status == SAME:
        return Goal(row, row.current, REFERENCE, "")
    if wish is not None:
        return _wished(row, wish, judging)
    if (why := _left_alone(row, judging.catalogue)) is not None:
        return _kept(row, why)
    lapsed = expired(row, judging.waivers, judging.catalogue, judging.today)
    past = f" (the waiver ran out on {lapsed.expires})" if lapsed else ""
    return Goal(row, row.reference, REFERENCE, f"as in {judging.reference}{past}")


def _wished(row: Change, wish: Wanted, judging: Judging) -> Goal | Kept | None:
    """What somebody's wish makes of a row."""
    if wish.value is AS_IT_IS or (_means_same(row, row.current, wish.value, judging.catalogue) and row.kind != "removed"):
        return _kept(row, wish.why) if row.status != SAME else None
    if wish.value is None:
        return Goal(row, ABSENT, wish.by, wish.why) if row.current is not None else _kept(row, wish.why)
    return Goal(row, wish.value, wish.by, wish.why)


def _left_alone(row: Change, catalogue: Catalogue) -> str | None:
    """Why a row is not brought to the reference's value although nobody asked to keep it."""
    if row.identity:
        return "names a run or a machine"
    if row.kind == ADDED:
        return "only here"
    if not row.key:
        return "the file holds no keys"
    if _holds_secret(row.key, row.reference):
        return "the reference holds a secret there, which is not copied"
    return None


def _holds_secret(key: str, value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_secret(str(name), item) for name, item in value.items())
    if isinstance(value, list):
        return any(_holds_secret(key, item) for item in value)
    return isinstance(value, str) and (is_secret(key.rpartition(".")[2], value) or mask(value) != value)


def _scaled(goals: list[Goal], rows: Sequence[Change], judging: Judging) -> list[Goal]:
    """The goals, with those that are a share of a number of steps brought to the same share of the steps that there will be."""
    by_parameter = {row.parameter: row for row in rows}
    planned = {goal.row.parameter: goal.value for goal in goals}

    def scaled(goal: Goal) -> Goal:
        whole = by_parameter.get(judging.catalogue.scaled.get(goal.row.parameter or ""))
        if whole is None or goal.by != REFERENCE:
            return goal
        share, steps, of = goal.row.reference, planned.get(whole.parameter, whole.current), whole.reference
        if not all(is_number(item) and item > 0 for item in (share, steps, of)) or steps == of:
            return goal
        why = f"{number(share)} x {number(steps)}/{number(of)}: the reference's share of {whole.key}"
        return Goal(goal.row, max(1, round(share * steps / of)), SCALED, why)

    return [scaled(goal) for goal in goals]


def _is_reached(goal: Goal, catalogue: Catalogue) -> bool:
    """Whether a file has what it is to have, in so many words or by its default."""
    if goal.value is ABSENT or goal.row.kind == "removed":
        return False
    return goal.row.kind in ("changed", "unchanged", "added") and _means_same(goal.row, goal.row.current, goal.value, catalogue)


def _means_same(row: Change, one: Any, other: Any, catalogue: Catalogue) -> bool:
    if row.parameter in catalogue.sets:
        return bool(catalogue.means(row.parameter, one) == catalogue.means(row.parameter, other))
    return bool(canonical(one) == canonical(other))  # deep in a list, too, true is not 1


def _kept(row: Change, why: str) -> Kept:
    return Kept(row.key, row.current, row.reference, why, row.kind == ADDED)
