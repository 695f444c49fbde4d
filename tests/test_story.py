"""What a report tells of the field: every sentence in both languages with the same numbers, every rule at one point of the checklist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from configs import configs
from hypothesis import given, settings

from confguard.document.document import Document
from confguard.document.fit import fitted, kind_of
from confguard.schemas.catalogue import CATALOGUE, RULES
from confguard.schemas.checklist import CHECKLIST, HEADLINE, STEPS
from confguard.schemas.derived import DERIVED
from confguard.schemas.effects import EFFECTS, GROUPS
from confguard.schemas.norms import published
from confguard.schemas.parameters import MEANINGS, PARAMETERS
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.story import Effect

MISSION = Path(__file__).parent / "mission"


def recipe_of(text: str) -> Recipe:
    document = Document("training.yaml", text.encode())
    recipe = fitted(document, kind_of(document, CATALOGUE.shapes)).recipe
    assert recipe is not None
    return recipe


def mission(state: str) -> Recipe:
    return recipe_of((MISSION / state / "config" / "training.yaml").read_text(encoding="utf-8"))


def agree(said: Said | None) -> None:
    """Both languages give the same numbers, and are two languages."""
    if said is None:
        return
    numbers = [Counter(re.findall(r"\d[\d,.]*(?:e-?\d+)?%?", text.replace("10^30", ""))) for text in said]
    assert {number.rstrip(".,") for number in numbers[0]} == {number.rstrip(".,") for number in numbers[1]}, said
    assert re.search(r"[\u4e00-\u9fff]", said.zh) or said.en == said.zh, said


@settings(max_examples=200, deadline=None)
@given(configs(), configs())
def test_both_languages_give_the_same_numbers(left: str, right: str) -> None:
    before, after = recipe_of(left), recipe_of(right)
    for effect in EFFECTS:
        agree(effect.tell(before, after))
    for point in CHECKLIST:
        agree(point.figures(after, before) if point.figures else None)
    for step in STEPS:
        agree(step.tell(after))
    for name in PARAMETERS:
        agree(published(name, after))


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.tell.__name__)
def test_nothing_follows_from_no_change(effect: Effect) -> None:
    for state in ("before", "after", "reference"):
        assert effect.tell(mission(state), mission(state)) is None


def test_effects_of_the_mission_are_told_both_ways() -> None:
    told = {effect.tell.__name__ for effect in EFFECTS if effect.tell(mission("before"), mission("after"))}
    back = {effect.tell.__name__ for effect in EFFECTS if effect.tell(mission("after"), mission("before"))}
    assert told == back
    assert {"samples", "step_size", "suggested_rate", "rank", "modules", "temperature", "length"} <= told


def test_every_rule_belongs_to_one_point_of_the_checklist() -> None:
    for code in RULES:
        assert sum(code.startswith(point.codes) for point in CHECKLIST if point.codes) == 1, code


def test_what_is_declared_names_what_there_is() -> None:
    names = set(PARAMETERS)
    assert set(HEADLINE) <= names
    assert {name for effect in EFFECTS for name in effect.parameters} <= names
    assert {effect.group for effect in EFFECTS} == set(GROUPS)
    assert {name for item in DERIVED for name in item.inputs} <= names | {"recipe", "reference"}


def test_every_title_source_and_meaning_is_in_both_languages() -> None:
    for said in (
        *(item.title for item in DERIVED),
        *(point.title for point in CHECKLIST),
        *(step.title for step in STEPS),
        *GROUPS.values(),
        *MEANINGS.values(),
    ):
        assert said.en
        assert re.search(r"[\u4e00-\u9fff]", said.zh), said
