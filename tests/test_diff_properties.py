"""What holds for every diff: nothing differs from itself, and swapping the sides turns every row around."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laid_over import DROP, PROFILE, laid_over

from confguard.diff.comparison import Comparison, comparison
from confguard.document.document import Document
from confguard.document.fit import fitted, kind_of
from confguard.schemas.catalogue import CATALOGUE
from confguard.schemas.derived import CURVES, DERIVED
from confguard.words.change import SAME, Change

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(
    path for folder in ("examples", "profiles", "tests/mission", "tests/cases/good") for path in (ROOT / folder).rglob("*.yaml")
)
SWAPPED_KIND = {"added": "removed", "removed": "added"}
SWAPPED_STATUS = {"new": "gone", "gone": "new"}

REFERENCE = (PROFILE / "training.yaml").read_text(encoding="utf-8")
INTEGERS = ("max_steps", "rollout_batch_size", "num_return_sequences_in_group", "warmup_steps", "lora_rank", "save_every", "eval_every")
NUMBERS = ("learning_rate", "lora_alpha", "lora_dropout", "weight_decay", "kl_loss_coef", "execution_timeout")
NAMES = st.sampled_from(["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "lm_head", "nonsense"])
SCALARS = st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from(["a", "b c", "1e-5", "~", '"1"']), st.floats(0, 1, width=16))


@st.composite
def configs(draw: Any) -> str:
    """The reference profile with some keys changed, dropped and added, well-typed or not."""
    lines = [f"{key}: {draw(st.one_of(st.just(DROP), st.integers(-1, 1000)))}" for key in draw(st.sets(st.sampled_from(INTEGERS)))]
    spelled = st.one_of(st.just(DROP), st.floats(0, 10, width=32).map(str), st.sampled_from(["5e-5", "2.0e-5", "null", "0.1"]))
    lines += [f"{key}: {draw(spelled)}" for key in draw(st.sets(st.sampled_from(NUMBERS)))]
    if draw(st.booleans()):
        modules = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
        lines.append(f"lora_target_modules: {draw(st.sampled_from([str(modules), ','.join(modules)]))}")
    if draw(st.booleans()):
        lines.append(f"domain_ratios: {{math: {draw(st.sampled_from([0.2, 0.5, 2]))}, code: 0.5}}")
    if draw(st.booleans()):
        enabled, initial = draw(st.sampled_from(["true", "false"])), draw(st.sampled_from([0.5, 0.9]))
        lines.append(f"temperature_schedule: {{enabled: {enabled}, initial: {initial}, final: 0.1, warmup_steps: 10}}")
    own = draw(st.dictionaries(st.sampled_from(["my_a", "my_b", "my_section"]), SCALARS))
    lines += [f"{key}: {value}" if key != "my_section" else f"{key}: {{x: {value}, y: [{value}, 2]}}" for key, value in own.items()]
    return laid_over("\n".join(lines), REFERENCE)


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
