"""What is special about some parameters: those that are spread over several keys, those that are sets, those that only name a run.

Read by every check, so it is kept apart from the long table of parameters.
"""

from __future__ import annotations

from confguard.words.catalogue import FIXED, Composite
from confguard.words.language import Said
from confguard.words.recipe import Recipe
from confguard.words.spelling import number
from confguard.words.typing import Any

NOT_GIVEN = Said("not given", "未给出")


def _temperature(recipe: Recipe) -> Said:
    if not recipe.get("temperature_schedule_enabled"):
        fixed = recipe.get("temperature")
        return NOT_GIVEN if fixed is None else Said(f"{number(fixed)} (fixed)", f"{number(fixed)}（固定）")
    initial, final, steps = (recipe.get(f"temperature_{name}") for name in ("initial", "final", "warmup_steps"))
    if initial is None or final is None:
        return NOT_GIVEN
    over = Said(f" over {steps} steps", f"，{steps} 步") if steps else Said("", "")
    return Said(f"{number(initial)} to {number(final)}{over.en}", f"{number(initial)}-{number(final)}（动态{over.zh}）")


def _fixed_temperature(recipe: Recipe) -> str | None:
    fixed = recipe.get("temperature")
    return None if recipe.get("temperature_schedule_enabled") or fixed is None else f"{FIXED}{number(fixed, 15)}"


def _asks_of_temperature(value: str) -> dict[str, Any] | None:
    """A fixed temperature: no schedule, and what the schedule would run between is that temperature too."""
    try:
        fixed = float(value.removeprefix(FIXED))
    except ValueError:
        return None
    return {
        "temperature": fixed,
        "temperature_schedule_enabled": False,
        "temperature_initial": fixed,
        "temperature_final": fixed,
        "temperature_warmup_steps": 0,
    }


COMPOSITES = {
    "temperature": Composite(
        Said("sampling temperature", "采样温度"),
        ("temperature_schedule_enabled", "temperature_initial", "temperature_final", "temperature_warmup_steps"),
        _temperature,
        _fixed_temperature,
        _asks_of_temperature,
    )
}

SETS = frozenset({"lora_target_modules"})
"""Parameters whose value is a set of names: their order is nothing, nor whether a list or commas hold them."""

IDENTITY = frozenset({"run_name", "output_dir", "device_mapping", "physical_gpus", "save_dir"})
"""Parameters that name a run or a machine; they never count as drift."""

SCALED = {"warmup_steps": "max_steps", "temperature_warmup_steps": "max_steps"}
"""Parameters that are a share of another one's steps, and that other one: a shorter run can keep the share."""
