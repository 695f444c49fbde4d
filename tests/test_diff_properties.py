"""What holds for every diff: nothing differs from itself, and swapping the sides turns every row around."""

from __future__ import annotations

from pathlib import Path

import pytest
from configs import configs
from hypothesis import example, given, settings

from confguard.diffing.comparison import Comparison, comparison
from confguard.document.document import Document
from confguard.document.fit import fitted, kind_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.derived import CURVES, DERIVED
from confguard.words.change import SAME, Change

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(
    path for folder in ("examples", "profiles", "tests/mission", "tests/cases/good") for path in (ROOT / folder).rglob("*.yaml")
)
REFERENCE = (ROOT / "profiles/reference/training.yaml").read_text(encoding="utf-8")
SWAPPED_KIND = {"added": "removed", "removed": "added"}
SWAPPED_STATUS = {"new": "gone", "gone": "new"}


def diff(reference: str, current: str) -> Comparison:
    sides = [Document(name, text.encode()) for name, text in (("a.yaml", reference), ("a.yaml", current))]
    theirs, ours = ([fitted(document, kind_of(document, CATALOGUE.shapes))] for document in sides)
    return comparison(theirs, ours, CATALOGUE, DERIVED, CURVES)


def differing(found: Comparison) -> list[Change]:
    return [row for row in found.rows if row.status != SAME]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_example_differs_from_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not differing(diff(text, text))


@settings(max_examples=500, deadline=None)
@given(configs())
def test_nothing_differs_from_itself(text: str) -> None:
    assert not differing(diff(text, text))


@settings(max_examples=500, deadline=None)
@given(configs(), configs())
@example(REFERENCE, REFERENCE.replace("learning_rate: 2.0e-5", "learning_rate: 0.0"))
def test_swapping_the_sides_turns_every_row_around(left: str, right: str) -> None:
    there = {key_of(row, row.key): row for row in differing(diff(left, right))}
    back = {key_of(row, row.reference_key or row.key): row for row in differing(diff(right, left))}
    assert there.keys() == back.keys()
    for key, row in there.items():
        other = back[key]
        assert SWAPPED_KIND.get(row.kind, row.kind) == other.kind
        assert SWAPPED_STATUS.get(row.status, row.status) == other.status
        assert (row.direction, other.direction) in ((None, None), ("higher", "lower"), ("lower", "higher"))
        assert (row.factor is None) == (other.factor is None)
        if row.factor is not None and other.factor is not None:
            assert row.factor * other.factor == pytest.approx(1)
        if row.kind != "derived":
            assert (row.reference, row.current) == (other.current, other.reference) or row.reference != row.reference


def key_of(row: Change, key: str) -> tuple[bool, str]:
    return row.kind == "derived", key


@settings(max_examples=100, deadline=None)
@given(configs(), configs())
def test_every_key_is_told_once(left: str, right: str) -> None:
    rows = [row for row in diff(left, right).rows if row.kind != "derived"]
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys))
