"""The ranges of the parameter table are what the rules hold: probed at both ends."""

from __future__ import annotations

import re

import pytest

from confguard.schemas.catalogue import RULES
from confguard.schemas.parameters import PARAMETERS, Parameter
from confguard.words.finding import ERROR
from confguard.words.recipe import Recipe
from confguard.words.rule import judge

RANGED = [parameter for parameter in PARAMETERS.values() if parameter.range]
ERRORS = [rule for rule in RULES.values() if rule.severity == ERROR and "aflow-training" in (rule.kinds or ("aflow-training",))]
WHOLE = ("steps", "prompts a step", "completions a prompt", "completions", "tokens", "samples")


def error_codes(parameter: Parameter, value: float) -> list[str]:
    recipe = Recipe("aflow-training", {})
    recipe.defaults.update(use_lora=True, use_rslora=False)  # as the kind has them
    recipe.values[parameter.name] = value
    if parameter.name in ("temperature_initial", "temperature_final"):
        recipe.values["temperature_schedule_enabled"] = True
    return [rule.code for rule, _, _ in judge(recipe, ERRORS, {"secrets": []})]


def ends(parameter: Parameter) -> list[tuple[float, bool]]:
    """Values at the ends of a range, and whether each lies inside."""
    match = re.fullmatch(r"([\[(])(-?[\d.]+), (inf|[\d.]+)([\])])", parameter.range)
    assert match, f"{parameter.range} is no interval"
    step: float = 1 if parameter.unit in WHOLE or parameter.name in ("lora_r", "top_k", "gradient_accumulation_steps") else 1e-3
    low = int(match[2]) if step == 1 else float(match[2])
    found: list[tuple[float, bool]] = [(low, match[1] == "["), (low - step, False), (low + step, True)]
    if match[3] != "inf":
        high = float(match[3])
        found += [(high, match[4] == "]"), (high + step, False), (high - step, True)]
    return found


@pytest.mark.parametrize("parameter", RANGED, ids=lambda parameter: parameter.name)
def test_a_value_breaks_a_rule_exactly_when_it_is_out_of_range(parameter: Parameter) -> None:
    for value, inside in ends(parameter):
        assert (error_codes(parameter, value) == []) == inside, value
