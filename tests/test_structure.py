"""What differs between two pieces of plain data: single cases, and what holds for all."""

from __future__ import annotations

import copy
import datetime
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from deepdiff import DeepDiff
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from confguard.diffing.difference import canonical, leaves, same
from confguard.diffing.structure import Difference, differences
from confguard.words.change import ADDED, CHANGED, MOVED, REMOVED, RENAMED, UNCHANGED

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "structure.yaml").read_text(encoding="utf-8"))
TURNED = {ADDED: REMOVED, REMOVED: ADDED}
KINDS = (CHANGED, ADDED, REMOVED, RENAMED, MOVED)


def turned(row: Difference) -> Difference:
    """A row as it is when the sides are swapped."""
    kind, key, reference_key, reference, current = row
    key, reference_key = (key, None) if reference_key is None else (reference_key, key)
    return Difference(TURNED.get(kind, kind), key, reference_key, current, reference)


def counted(rows: list[Difference]) -> Counter[Any]:
    """Rows without their order."""
    return Counter((*row[:3], canonical(row.reference), canonical(row.current)) for row in rows)


def expected(row: dict[str, Any]) -> Difference:
    """A row as the table says it."""
    kind = next(kind for kind in KINDS if kind in row)
    assert row.keys() <= {kind, "was", "from", "to"}
    return Difference(kind, row[kind], row.get("was"), row.get("from"), row.get("to"))


def sides(case: dict[str, Any]) -> tuple[Any, Any]:
    return yaml.safe_load(case["reference"]), yaml.safe_load(case["current"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case(case: dict[str, Any]) -> None:
    rows, unchanged = differences(*sides(case))
    wanted = [expected(row) for row in case["rows"]]
    assert list(map(repr, rows)) == list(map(repr, wanted))  # by their words, which tell true from 1
    assert unchanged == case["same"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_case_the_other_way_round(case: dict[str, Any]) -> None:
    reference, current = sides(case)
    rows, unchanged = differences(current, reference)
    assert counted(rows) == counted([turned(expected(row)) for row in case["rows"]])
    assert unchanged == case["same"]


def test_paths_begin_where_they_are_told_to() -> None:
    rows, _ = differences({"a": 1, "b": [{"name": "x", "c": 2}]}, {"a": 2, "b": [{"name": "x", "c": 3}]}, "model.config")
    assert [row.key for row in rows] == ["model.config.a", "model.config.b[x].c"]


def test_leaves_that_are_the_same_have_rows_when_asked() -> None:
    reference = {"a": 1, "b": {"c": [1, 2], "d": {}}, "e": [{"x": 1}, {"x": 2}]}
    rows, unchanged = differences(reference, {**reference, "e": [{"x": 2}]}, keep_unchanged=True)
    assert unchanged == 4
    assert rows == [
        Difference(UNCHANGED, "a", None, 1, 1),
        Difference(UNCHANGED, "b.c", None, [1, 2], [1, 2]),
        Difference(UNCHANGED, "b.d", None, {}, {}),
        Difference(REMOVED, "e[0]", None, {"x": 1}, None),
        Difference(UNCHANGED, "e[0].x", "e[1].x", 2, 2),
    ]


def test_sixty_levels() -> None:
    low: Any = 1
    high: Any = 2
    for level in range(60):
        low, high = ({"k": low}, {"k": high}) if level % 2 else ([low, {}], [high, {}])
    rows, _ = differences(low, high)
    assert [(row.reference, row.current) for row in rows] == [(1, 2)]


def test_many_items_that_are_left_are_paired_by_what_only_two_of_them_share() -> None:
    before = [{"source": f"file-{place}", "weight": place} for place in range(20)]
    now = [{"source": f"file-{place}", "weight": place + 100} for place in reversed(range(20))]
    rows, unchanged = differences(before, now)
    assert unchanged == 20
    assert [row.kind for row in rows] == [MOVED] + [CHANGED] * 20
    assert rows[1] == Difference(CHANGED, "[0].weight", "[19].weight", 19, 119)


def test_many_items_that_share_nothing_are_paired_in_order() -> None:
    rows, _ = differences([{"x": place} for place in range(20)], [{"x": place + 100} for place in range(20)])
    assert [row.key for row in rows] == [f"[{place}].x" for place in range(20)]


def test_many_keys_of_one_value_are_not_compared_each_with_each() -> None:
    rows, _ = differences({f"old_key_{n}": 0.5 for n in range(2000)}, {f"new_key_{n}": 0.5 for n in range(2000)})
    assert Counter(row.kind for row in rows) == {ADDED: 2000, REMOVED: 2000}


# --- what holds for all data --------------------------------------------------------------------------------------------

FEW_NUMBERS = st.sampled_from([0, 1, 2, 0.0, 1.0, 2.5, float("nan"), float("inf")])
SCALARS = st.one_of(st.none(), st.booleans(), FEW_NUMBERS, st.integers(), st.floats(), st.sampled_from(["", "1", "a", "b"]), st.dates())
NAMES = st.sampled_from(["name", "id", "lora_rank", "lora-rank", "loraRank", "seed", "x"])
KEYS = st.one_of(NAMES, NAMES, NAMES, st.just("a.b"), st.integers(0, 2), st.booleans(), st.none(), st.floats(0, 2))


def trees(keys: st.SearchStrategy[Any], scalars: st.SearchStrategy[Any], lists: bool = True) -> st.SearchStrategy[Any]:
    """Data that is often alike: few names, few values."""

    def nested(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        mappings = st.dictionaries(keys, below, max_size=4)
        return mappings | st.lists(below, max_size=4) | st.lists(mappings, max_size=5) if lists else mappings

    return st.recursive(scalars, nested, max_leaves=20)


DATA = trees(KEYS, SCALARS)
BELOW = trees(NAMES, SCALARS, lists=False)
WITHOUT_LISTS = st.dictionaries(NAMES, BELOW, max_size=5)
FLAT_RECORD = trees(NAMES, st.sampled_from(["a", "b", 2, 3]), lists=False)


@st.composite
def edited(draw: Any, data: st.SearchStrategy[Any] = DATA, new: st.SearchStrategy[Any] = DATA) -> tuple[Any, Any]:
    """Two sides, the second made from the first by a few edits."""
    before = draw(data)
    now = copy.deepcopy(before)
    for _ in range(draw(st.integers(0, 4))):
        holders = [holder for holder in containers(now) if holder]
        if not holders:
            break
        edit(draw, draw(st.sampled_from(holders)), draw(st.sampled_from(holders)), new)
    return before, now


def edit(draw: Any, holder: Any, other: Any, new: st.SearchStrategy[Any]) -> None:
    """Drop or replace something in a mapping or list, put it into another mapping, or change the order."""
    spots = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    spot = draw(st.sampled_from(spots))
    what = draw(st.sampled_from(["drop", "replace", "move", "reorder"]))
    if what == "replace":
        holder[spot] = draw(new)
    elif what == "reorder":
        items = draw(st.permutations(list(holder.items()) if isinstance(holder, dict) else holder))
        holder.clear()
        holder.update(items) if isinstance(holder, dict) else holder.extend(items)
    else:
        value = holder.pop(spot)
        if what == "move" and isinstance(other, dict) and not any(inside is other for inside in containers(value)):
            other[draw(NAMES) if isinstance(holder, list) or draw(st.booleans()) else spot] = value


def containers(value: Any) -> list[Any]:
    if not isinstance(value, (dict, list)):
        return []
    below = value.values() if isinstance(value, dict) else value
    return [value, *(found for item in below for found in containers(item))]


PAIRS = edited() | edited(WITHOUT_LISTS, BELOW) | st.tuples(DATA, DATA)
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(DATA)
def test_nothing_differs_from_itself(data: Any) -> None:
    for other in (data, copy.deepcopy(data)):
        assert differences(data, other) == ([], leaves(data))


@MANY
@given(DATA)
def test_each_leaf_that_is_the_same_can_have_a_row(data: Any) -> None:
    rows, unchanged = differences(data, copy.deepcopy(data), keep_unchanged=True)
    assert {row.kind for row in rows} <= {UNCHANGED}
    assert len(rows) == unchanged == leaves(data)


@MANY
@given(PAIRS)
@example(([{"x": 1, "y": [1, 2]}, {"x": 2}], [{"x": 3, "y": [1]}, {"z": 2}, {"x": 1.0}]))
def test_swapping_the_sides_turns_every_row_around(pair: tuple[Any, Any]) -> None:
    (there, same_there), (back, same_back) = differences(*pair), differences(*reversed(pair))
    assert counted(there) == counted(list(map(turned, back)))
    assert same_there == same_back


RECORDS = st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 8), min_size=1), min_size=7, max_size=16)


@MANY
@given(RECORDS, RECORDS)
def test_swapping_long_lists_turns_every_row_around(before: list[Any], now: list[Any]) -> None:
    (there, same_there), (back, same_back) = differences(before, now), differences(now, before)
    assert counted(there) == counted(list(map(turned, back)))
    assert same_there == same_back


@MANY
@given(PAIRS)
def test_no_row_is_told_where_nothing_differs(pair: tuple[Any, Any]) -> None:
    assert bool(differences(*pair)[0]) == (canonical(pair[0]) != canonical(pair[1]))


@MANY
@given(PAIRS)
def test_the_sides_are_not_touched(pair: tuple[Any, Any]) -> None:
    before = copy.deepcopy(pair)
    differences(*pair)
    assert repr(pair) == repr(before)


@MANY
@given(edited(WITHOUT_LISTS, BELOW) | st.tuples(WITHOUT_LISTS, WITHOUT_LISTS))
def test_deepdiff_sees_a_difference_where_we_do(pair: tuple[Any, Any]) -> None:
    before, now = map(spelled, pair)
    oracle = DeepDiff(before, now, ignore_numeric_type_changes=True, ignore_nan_inequality=True)
    assert bool(differences(*pair)[0]) == bool(oracle)


@MANY
@given(edited(st.lists(FLAT_RECORD, max_size=5), FLAT_RECORD))
def test_deepdiff_without_order_sees_what_is_more_than_an_order(pair: tuple[Any, Any]) -> None:
    more = [row for row in differences(*pair)[0] if row.kind != MOVED or row.key]
    before, now = map(spelled, pair)
    assert bool(more) == bool(DeepDiff(before, now, ignore_order=True, report_repetition=True, ignore_numeric_type_changes=True))


def spelled(value: Any) -> Any:
    """Data with its keys, flags and dates as words: where numeric types do not matter, DeepDiff takes true for 1 and dies on a date."""
    if isinstance(value, dict):
        return {f"{type(key).__name__} {key}": spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [spelled(item) for item in value]
    return f"{type(value).__name__} {value}" if isinstance(value, (bool, datetime.date)) else value


@MANY
@given(edited(WITHOUT_LISTS, BELOW) | st.tuples(WITHOUT_LISTS, WITHOUT_LISTS))
def test_the_rows_are_those_of_two_flat_lists(pair: tuple[Any, Any]) -> None:
    """What a naive comparison of all leaves finds, and no more: rows that are about whole sections are spread out."""
    before, now = map(flat, pair)
    naive = {path for path in before.keys() | now.keys() if not (path in before and path in now and same(before[path], now[path]))}
    told: set[str] = set()
    for row in differences(*pair)[0]:
        if row.kind != ADDED:
            told |= flat(row.reference, row.reference_key or row.key).keys()
        if row.kind != REMOVED:
            told |= flat(row.current, row.key).keys()
    # what comes into a section that was empty is told, not that the section is empty no more
    emptied = {path for path in naive if {} in (before.get(path), now.get(path))}
    assert naive - emptied <= told <= naive


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """The leaves of mappings by their paths."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {below: leaf for key, item in value.items() for below, leaf in flat(item, f"{path}.{key}" if path else key).items()}
